/* Learns a model from a folder and measures it: the whole job in two calls.
 *
 *     example_train_folder FOLDER MODEL.fettle
 *
 * Build outside the tree: cc train_folder.c $(pkg-config --cflags --libs fettle) */
#include <fettle/fettle.h>

#include <stdio.h>

static void on_progress(void *self, const char *stage, int64_t done, int64_t total)
{
    (void)self;
    if (total > 0 && done == total) (void)fprintf(stderr, "%s: done\n", stage);
}

static void on_note(void *self, const char *sentence)
{
    (void)self;
    (void)fprintf(stderr, "%s\n", sentence);
}

static fet_status run(const char *folder, const char *path)
{
    static const char *const options[] = {"false-rejects", "1%", NULL};
    const struct fet_observer observer = {.progress = on_progress, .note = on_note};
    const struct fet_train_order train = {
        .path = folder, .task = "inspect", .options = options, .seed = 1, .observer = &observer};
    const struct fet_test_order test = {.path = folder, .report_path = "report.html"};
    fet_model *model = NULL;
    char *figures = NULL;
    fet_status st = fet_model_train(&train, &model);
    if (st == FET_OK) st = fet_model_save(model, path);
    if (st == FET_OK) st = fet_model_test(model, &test, &figures);
    if (st == FET_OK) printf("%s\n", figures);
    fet_string_free(figures);
    fet_model_close(model);
    return st;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: example_train_folder FOLDER MODEL.fettle\n");
        return 2;
    }
    if (run(argv[1], argv[2]) == FET_OK) return 0;
    (void)fprintf(stderr, "%s\n", fet_status_message());
    return 1;
}
