/* Does the promise hold? Trains on good parts drawn from many made ones and measures the share of
 * the others that is rejected, against the bound that the model states.
 *
 *     bench_guarantee [FAMILY [N_SPLITS [N_TRAIN]]]         default: cap 20 120
 *
 * Ends with 0 when the bound held in at least 95 % of the splits. */
#include "api.h"
#include "synth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_PARTS = 300 };

/* A manifest in which n_train random parts are for training and the others for testing. */
static fet_status write_manifest(uint64_t seed, int n_train, const char *path)
{
    int64_t order[N_PARTS];
    struct fet_rng rng;
    struct fet_text t = {0};
    for (int i = 0; i < N_PARTS; i++) order[i] = i;
    fet_rng_init(&rng, seed, 7);
    fet_rng_shuffle(&rng, order, N_PARTS);
    fet_text_add_string(&t, "path,label,split\n");
    for (int i = 0; i < N_PARTS; i++)
        fet_text_add(&t, "train/good/%03d.png,good,%s\n", (int)order[i],
                     i < n_train ? "train" : "test");
    fet_status st = fet_text_status(&t, path);
    if (st == FET_OK) st = fet_file_write(path, t.s, t.n);
    fet_text_deinit(&t);
    return st;
}

static fet_status read_figures(const char *shown, const char *tested, double *bound, double *rate)
{
    json_t *model = NULL, *figures = NULL, *promise = NULL;
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_json_parse(shown, strlen(shown), "model", &model));
    FET_TRY_OUT(fet_json_parse(tested, strlen(tested), "figures", &figures));
    FET_TRY_OUT(fet_json_get_object(model, "false_rejects", &promise));
    FET_TRY_OUT(fet_json_get_real(promise, "bound", bound));
    st = fet_json_get_real(figures, "false_reject_rate", rate);
out:
    json_decref(model);
    json_decref(figures);
    return st;
}

static fet_status try_split(const char *folder, uint64_t seed, int n_train, double *bound,
                            double *rate)
{
    char manifest[4096];
    fet_model *m = NULL;
    char *shown = NULL, *tested = NULL;
    fet_status st = FET_OK;
    fet_text_format(manifest, sizeof manifest, "%s/split.csv", folder);
    FET_TRY_OUT(write_manifest(seed, n_train, manifest));
    const struct fet_train_order train = {.path = manifest, .task = "inspect", .seed = seed};
    const struct fet_test_order test = {.path = manifest};
    FET_TRY_OUT(fet_model_train(&train, &m));
    FET_TRY_OUT(fet_model_show(m, &shown));
    FET_TRY_OUT(fet_model_test(m, &test, &tested));
    st = read_figures(shown, tested, bound, rate);
out:
    fet_string_free(shown);
    fet_string_free(tested);
    fet_model_close(m);
    return st;
}

static fet_status run(const char *family, int n_splits, int n_train, const char *folder,
                      int *n_held)
{
    struct fet_pool *pool = NULL;
    const struct fet_synth_set set = {.family = family,
                                      .product = 5,
                                      .seed = 11,
                                      .n_train = N_PARTS,
                                      .size_px = 128,
                                      .variation = 0.5};
    FET_TRY(fet_pool_new(0, &pool));
    const struct fet_context context = {.pool = pool};
    const fet_status st = fet_synth_write_set(&set, folder, &context);
    fet_pool_free(pool);
    FET_TRY(st);
    printf("%s, %d good parts to train on, %d unseen ones to test on\n", family, n_train,
           N_PARTS - n_train);
    for (int i = 0; i < n_splits; i++) {
        double bound = 0, rate = 0;
        FET_TRY(try_split(folder, (uint64_t)i + 1, n_train, &bound, &rate));
        *n_held += rate <= bound;
        printf("split %2d: rejected %5.2f %%, bound %5.2f %%%s\n", i + 1, 100 * rate, 100 * bound,
               rate <= bound ? "" : "  BROKEN");
        (void)fflush(stdout);
    }
    return FET_OK;
}

int main(int argc, char **argv)
{
    const char *family = argc > 1 ? argv[1] : "cap";
    const int n_splits = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 20;
    const int n_train = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 120;
    char folder[] = "bench_guarantee_XXXXXX";
    int n_held = 0;
    if (n_splits < 1 || n_train < 1 || n_train >= N_PARTS) {
        (void)fprintf(stderr,
                      "usage: bench_guarantee [FAMILY [N_SPLITS [N_TRAIN]]]; at least one "
                      "split, 1 to %d parts to train on\n",
                      N_PARTS - 1);
        return 2;
    }
    if (mkdtemp(folder) == NULL) return 1;
    fet_status st = run(family, n_splits, n_train, folder, &n_held);
    if (st != FET_OK)
        (void)fprintf(stderr, "%s\n", fet_status_message());
    else
        printf("the bound held in %d of %d splits\n", n_held, n_splits);
    if (fet_folder_remove(folder) != FET_OK && st == FET_OK) st = FET_IO;
    return st == FET_OK && n_held * 20 >= n_splits * 19 ? 0 : 1;
}
