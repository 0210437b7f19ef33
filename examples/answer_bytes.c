/* Answers pictures that are already in memory, as a camera driver would hand them over.
 *
 *     example_answer_bytes MODEL.fettle PICTURE...
 *
 * Build outside the tree: cc answer_bytes.c $(pkg-config --cflags --libs fettle) */
#include <fettle/fettle.h>

#include <stdio.h>
#include <stdlib.h>

/* Stands for the camera: the bytes of one encoded picture. */
static void *grab(const char *path, size_t *n)
{
    enum { MOST = 64 << 20 };
    FILE *f = fopen(path, "rb");
    void *bytes = f != NULL ? malloc(MOST) : NULL;
    *n = bytes != NULL ? fread(bytes, 1, MOST, f) : 0;
    if (f != NULL) (void)fclose(f);
    return bytes;
}

static int answer(const fet_model *model, const char *path)
{
    size_t n = 0;
    char *json = NULL;
    void *bytes = grab(path, &n);
    const fet_status st = fet_model_predict_bytes(model, bytes, n, path, &json);
    if (st == FET_OK)
        printf("%s\n", json);
    else
        (void)fprintf(stderr, "%s\n", fet_status_message());
    fet_string_free(json);
    free(bytes);
    return st == FET_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    fet_model *model = NULL;
    int n_failed = 0;
    if (argc < 3) {
        (void)fprintf(stderr, "usage: example_answer_bytes MODEL.fettle PICTURE...\n");
        return 2;
    }
    if (fet_model_open(argv[1], 0, &model) != FET_OK) {
        (void)fprintf(stderr, "%s\n", fet_status_message());
        return 1;
    }
    for (int i = 2; i < argc; i++) n_failed += answer(model, argv[i]);
    fet_model_close(model);
    return n_failed == 0 ? 0 : 1;
}
