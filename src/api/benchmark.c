/* A benchmark: a model trained, written, opened and tested on each of many data sets, with one set
 * of options. The figures are those of the model that was opened from its file, so what is measured
 * is what would be delivered. */
#include "benchmark.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIGURE_SECONDS, FIGURE_MS, FIGURE_BYTES, N_OWN_FIGURES }; /* behind the task's metrics */

/* ---- where models go ---- */

static fet_status temporary_folder_make(char *out, size_t out_bytes)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0') parent = "/tmp";
    fet_text_format(out, out_bytes, "%s/fettle-XXXXXX", parent);
    if (mkdtemp(out) != NULL) return FET_OK;
    return fet_file_fail(parent, "make a folder there", errno);
}

/* A folder that cannot be written is found before anything is trained. */
static fet_status folder_check(const char *keep_folder)
{
    char folder[PATH_MAX / 2];
    if (keep_folder != NULL) return fet_folder_make(keep_folder);
    FET_TRY(temporary_folder_make(folder, sizeof folder));
    return fet_folder_remove(folder);
}

/* ---- made and freed ---- */

static fet_status names_make(struct fet_benchmark *b)
{
    static const char *const own[N_OWN_FIGURES] = {"seconds", "ms", "bytes"};
    int n = 0;
    while (b->task->metrics[n].name != NULL) n++;
    b->n_figures = n + N_OWN_FIGURES;
    b->names = fet_arena_alloc(&b->arena, b->n_figures, sizeof *b->names);
    if (b->names == NULL) return FET_FAIL_MEMORY("benchmark", b->n_figures);
    for (int i = 0; i < n; i++) b->names[i] = b->task->metrics[i].name;
    for (int i = 0; i < N_OWN_FIGURES; i++) b->names[n + i] = own[i];
    return FET_OK;
}

fet_status fet_benchmark_new(const struct fet_benchmark_order *order, struct fet_benchmark **b)
{
    fet_status st = FET_OK;
    struct fet_benchmark *made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("benchmark", sizeof *made);
    made->order = *order;
    if (order->n_seeds < 1)
        FET_TRY_OUT(FET_FAIL(FET_ARGUMENT, "benchmark: %d runs of a data set", order->n_seeds));
    FET_TRY_OUT(fet_task_find(order->train.task, &made->task));
    FET_TRY_OUT(names_make(made));
    FET_TRY_OUT(fet_benchmark_find_sets(made));
    FET_TRY_OUT(folder_check(order->keep_folder));
    *b = made;
    made = NULL;
out:
    fet_benchmark_free(made);
    return st;
}

void fet_benchmark_free(struct fet_benchmark *b)
{
    if (b == NULL) return;
    fet_free(b->sets);
    fet_arena_deinit(&b->arena);
    fet_free(b);
}

int64_t fet_benchmark_done(const struct fet_benchmark *b)
{
    int64_t n = 0;
    for (int64_t i = 0; i < b->n_sets; i++) n += b->sets[i].is_done;
    return n;
}

int64_t fet_benchmark_failed(const struct fet_benchmark *b)
{
    return b->n_failed;
}

/* ---- the model's file ---- */

/* Writes a model, opens the file and takes its size. */
static fet_status model_pass_through(fet_model **m, const char *path, int n_threads, double *bytes)
{
    struct stat info;
    FET_TRY(fet_model_save(*m, path));
    if (stat(path, &info) != 0) return fet_file_fail(path, "be read", errno);
    *bytes = (double)info.st_size;
    fet_model_close(*m);
    *m = NULL;
    return fet_model_open(path, n_threads, m);
}

/* Replaces the trained model by what is opened from its file. A file that does not stay goes at
 * once: an opened model keeps its bytes mapped, so nothing is left behind even by a kill while
 * testing. */
static fet_status model_reopen(const struct fet_benchmark *b, const struct fet_benchmark_set *set,
                               int i_seed, fet_model **m, double *bytes)
{
    char folder[PATH_MAX / 2], path[PATH_MAX];
    const char *const keep = b->order.keep_folder;
    const uint64_t seed = b->order.train.seed + (uint64_t)i_seed;
    const int n_threads = b->order.train.n_threads;
    if (keep != NULL && b->order.n_seeds == 1)
        fet_text_format(path, sizeof path, "%s/%s.fettle", keep, set->name);
    else if (keep != NULL)
        fet_text_format(path, sizeof path, "%s/%s-seed%llu.fettle", keep, set->name,
                        (unsigned long long)seed);
    if (keep != NULL) return model_pass_through(m, path, n_threads, bytes);
    FET_TRY(temporary_folder_make(folder, sizeof folder));
    fet_text_format(path, sizeof path, "%s/model.fettle", folder);
    const fet_status st = model_pass_through(m, path, n_threads, bytes);
    /* The sentence to keep is that of the first failure. */
    if (st == FET_OK) return fet_folder_remove(folder);
    (void)unlink(path);
    (void)rmdir(folder);
    return st;
}

/* ---- one run ---- */

static double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void figures_read(const struct fet_benchmark *b, const json_t *test,
                         struct fet_benchmark_figure *run)
{
    const int n = b->n_figures - N_OWN_FIGURES;
    for (int i = 0; i < n; i++) {
        char key[128];
        fet_text_format(key, sizeof key, "%s_ci", b->names[i]);
        const json_t *pair = json_object_get(test, key);
        run[i].value = number_of(json_object_get(test, b->names[i]));
        run[i].low = number_of(json_array_get(pair, 0));
        run[i].high = number_of(json_array_get(pair, 1));
    }
    run[n + FIGURE_MS].value = number_of(json_object_get(json_object_get(test, "ms"), "p50"));
}

static fet_status run_once(const struct fet_benchmark *b, struct fet_benchmark_set *set, int i_seed)
{
    struct fet_benchmark_figure *run = set->runs + (int64_t)i_seed * b->n_figures;
    struct fet_benchmark_figure *own = run + b->n_figures - N_OWN_FIGURES;
    struct fet_train_order train = b->order.train;
    const struct fet_test_order test = {.path = set->path, .observer = train.observer};
    fet_status st = FET_OK;
    fet_model *m = NULL;
    char *text = NULL;
    json_t *json = NULL;
    train.path = set->path;
    train.seed += (uint64_t)i_seed;
    for (int i = 0; i < b->n_figures; i++)
        run[i] = (struct fet_benchmark_figure){(double)NAN, (double)NAN, (double)NAN};
    FET_TRY_OUT(fet_model_train(&train, &m));
    own[FIGURE_SECONDS].value = m->seconds;
    FET_TRY_OUT(model_reopen(b, set, i_seed, &m, &own[FIGURE_BYTES].value));
    FET_TRY_OUT(fet_model_test(m, &test, &text));
    FET_TRY_OUT(fet_json_parse(text, strlen(text), "figures", &json));
    FET_TRY_OUT(fet_json_get_int(json, b->task->examples_name, &set->n_examples));
    figures_read(b, json, run);
out:
    json_decref(json);
    fet_string_free(text);
    fet_model_close(m);
    return st;
}

/* ---- all runs ---- */

static fet_status set_run(const struct fet_benchmark *b, struct fet_benchmark_set *set)
{
    const struct fet_context c = {.observer = b->order.train.observer};
    const int n_seeds = b->order.n_seeds;
    for (int i = 0; i < n_seeds; i++) {
        char which[64] = "";
        if (n_seeds > 1) fet_text_format(which, sizeof which, ", run %d of %d", i + 1, n_seeds);
        fet_context_note(&c, "Data set %lld of %lld%s: %s", (long long)(set - b->sets) + 1,
                         (long long)b->n_sets, which, set->path);
        FET_TRY(run_once(b, set, i));
    }
    set->is_done = true;
    return FET_OK;
}

/* Does a failure tell of this data set, and not of the order or the machine? */
static bool is_about_data(fet_status st)
{
    return st == FET_DATA || st == FET_FORMAT || st == FET_SHAPE || st == FET_UNSUPPORTED;
}

fet_status fet_benchmark_run(struct fet_benchmark *b)
{
    fet_status last = FET_OK;
    for (int64_t i = 0; i < b->n_sets; i++) {
        const fet_status st = set_run(b, &b->sets[i]);
        if (st == FET_OK) continue;
        if (!is_about_data(st)) return st;
        last = st;
        b->n_failed++;
        FET_TRY(fet_benchmark_skip(b, b->sets[i].path, "%s", fet_status_message()));
    }
    if (b->n_failed < b->n_sets) return FET_OK;
    return FET_FAIL(last, "no data set could be measured; the last one: %s", b->last_skip->message);
}
