/* Replays a corpus through a fuzz target without libFuzzer: every file in the folders given. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) return 1;
    uint8_t *bytes = malloc(1 << 24);
    const size_t n = bytes ? fread(bytes, 1, 1 << 24, f) : 0;
    (void)fclose(f);
    uint8_t *exact = malloc(n ? n : 1); /* so that ASan sees a read behind the end */
    for (size_t i = 0; exact && i < n; i++) exact[i] = bytes[i];
    if (exact) (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    int n_files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            printf("%s: no such corpus\n", argv[i]);
            return 1;
        }
        for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
            char path[4096];
            if (e->d_name[0] == '.') continue;
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
            if (replay_file(path) != 0) return 1;
            n_files++;
        }
        (void)closedir(folder);
    }
    printf("%d inputs replayed\n", n_files);
    return n_files > 0 ? 0 : 1;
}
