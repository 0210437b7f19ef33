/* Benchmarks end to end, on the samples that the task `inspect` writes; each trains as
 * fet_model_train does. */
#include "check.h"

#include "benchmark.h"

#include <sys/stat.h>

/* A memory has room for all that the sample shows: seeds differ in made defects alone. */
static const char *const quick[] = {"effort", "memory", NULL}, *const drawn[] = {"effort", "fast",
                                                                                 NULL};

static void sample_write(const char *parent, const char *name, uint64_t seed)
{
    char folder[128];
    const struct fet_task *task = NULL;
    fet_text_format(folder, sizeof folder, "%s/%s", parent, name);
    assert_ok(fet_task_find("inspect", &task));
    assert_ok(task->write_sample(folder, seed));
}

static fet_status benchmark_new(const char *path, int n_seeds, const char *keep,
                                const struct fet_observer *observer, struct fet_benchmark **b)
{
    const struct fet_benchmark_order order = {.paths = (const char *[]){path},
                                              .n_paths = 1,
                                              .train = {.task = "inspect",
                                                        .options = n_seeds > 1 ? drawn : quick,
                                                        .seed = 1,
                                                        .n_threads = 2,
                                                        .observer = observer},
                                              .n_seeds = n_seeds,
                                              .keep_folder = keep};
    struct fet_benchmark *made = NULL;
    FET_TRY(fet_benchmark_new(&order, &made));
    made->order.paths = NULL; /* the array ends here, and only fet_benchmark_new looks at it */
    *b = made;
    return FET_OK;
}

static double real_at(const json_t *o, const char *key)
{
    double x = 0;
    assert_ok(fet_json_get_real(o, key, &x));
    return x;
}

static int64_t count_names(const char *folder)
{
    struct fet_arena arena = {0};
    struct fet_file_list list;
    assert_ok(fet_folder_list(folder, &arena, &list));
    const int64_t n = list.n;
    fet_arena_deinit(&arena);
    return n;
}

/* ---- what is noted ---- */

struct notes {
    struct fet_text text;
    const char *stop_at; /* asks to stop once a note begins so; NULL = never */
    bool has_stopped;
};

static void notes_add(void *self, const char *sentence)
{
    struct notes *n = self;
    fet_text_add(&n->text, "%s\n", sentence);
    if (n->stop_at != NULL && strncmp(sentence, n->stop_at, strlen(n->stop_at)) == 0)
        n->has_stopped = true;
}

static bool notes_is_cancelled(void *self)
{
    return ((struct notes *)self)->has_stopped;
}

static struct fet_observer notes_observer(struct notes *n)
{
    return (struct fet_observer){.self = n, .note = notes_add, .is_cancelled = notes_is_cancelled};
}

/* ---- tests ---- */

static void the_figures_are_those_of_train_and_test(void **state)
{
    (void)state;
    char folder[64];
    struct fet_benchmark *b = NULL;
    fet_model *m = NULL;
    char *text = NULL;
    json_t *json = NULL, *tested = NULL;
    check_folder_make(folder, "benchmark_same");
    sample_write(folder, "one", 1);
    sample_write(folder, "two", 2);
    assert_ok(benchmark_new(folder, 1, NULL, NULL, &b));
    assert_ok(fet_benchmark_run(b));
    assert_ok(fet_benchmark_describe(b, &json));
    const json_t *sets = json_object_get(json, "sets");
    assert_int_equal(json_array_size(sets), 2);
    assert_null(json_object_get(json, "spread"));
    const json_t *two = json_array_get(sets, 1);
    assert_string_equal(json_string_value(json_object_get(two, "set")), "two");
    assert_null(json_object_get(two, "seeds"));

    char path[96], file[96];
    fet_text_format(path, sizeof path, "%s/two", folder);
    fet_text_format(file, sizeof file, "%s/two.fettle", folder);
    const struct fet_train_order train = {
        .path = path, .task = "inspect", .options = quick, .seed = 1, .n_threads = 1};
    const struct fet_test_order test = {.path = path};
    struct stat info;
    assert_ok(fet_model_train(&train, &m));
    assert_ok(fet_model_save(m, file));
    assert_int_equal(stat(file, &info), 0);
    assert_ok(fet_model_test(m, &test, &text));
    assert_ok(fet_json_parse(text, strlen(text), "figures", &tested));
    static const char *const keys[] = {"auroc",  "average_precision", "catch_rate", "pixel_auroc",
                                       "au_pro", "false_reject_rate", "images"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(real_at(two, keys[i]) == real_at(tested, keys[i]));
    assert_true(json_equal(json_object_get(two, "auroc_ci"), json_object_get(tested, "auroc_ci")));
    assert_true(real_at(two, "bytes") == (double)info.st_size);
    assert_true(real_at(two, "seconds") > 0 && real_at(two, "ms") > 0);

    const json_t *mean = json_object_get(json, "mean"), *one = json_array_get(sets, 0);
    assert_close(real_at(mean, "pixel_auroc"),
                 (real_at(one, "pixel_auroc") + real_at(two, "pixel_auroc")) / 2, 1e-15, 0);
    assert_null(json_object_get(mean, "auroc_ci"));
    json_decref(json);
    json_decref(tested);
    fet_string_free(text);
    fet_model_close(m);
    fet_benchmark_free(b);
    assert_ok(fet_folder_remove(folder));
}

static void several_seeds_give_means_and_spreads_and_files(void **state)
{
    (void)state;
    char folder[64], keep[96], file[128];
    struct fet_benchmark *b = NULL;
    json_t *json = NULL;
    check_folder_make(folder, "benchmark_seeds");
    sample_write(folder, "parts", 1);
    fet_text_format(keep, sizeof keep, "%s/models/kept", folder);
    fet_text_format(file, sizeof file, "%s/parts", folder);
    assert_ok(benchmark_new(file, 2, keep, NULL, &b));
    assert_ok(fet_benchmark_run(b));
    assert_ok(fet_benchmark_describe(b, &json));
    const json_t *set = json_array_get(json_object_get(json, "sets"), 0);
    const json_t *runs = json_object_get(set, "seeds");
    const json_t *first = json_array_get(runs, 0), *second = json_array_get(runs, 1);
    assert_int_equal(json_array_size(runs), 2);
    assert_true(real_at(first, "seed") == 1 && real_at(second, "seed") == 2);
    const double x = real_at(first, "au_pro"), y = real_at(second, "au_pro");
    assert_true(x != y); /* another seed, other made defects: else nothing is tested here */
    assert_close(real_at(set, "au_pro"), (x + y) / 2, 1e-15, 0);
    assert_close(real_at(json_object_get(set, "spread"), "au_pro"), fabs(x - y), 1e-15, 0);
    assert_close(real_at(json_object_get(json, "spread"), "au_pro"), fabs(x - y), 1e-15, 0);
    assert_int_equal(count_names(keep), 2);
    fet_text_format(file, sizeof file, "%s/parts-seed2.fettle", keep);
    fet_model *m = NULL;
    assert_ok(fet_model_open(file, 1, &m));
    fet_model_close(m);
    json_decref(json);
    fet_benchmark_free(b);
    assert_ok(fet_folder_remove(folder));
}

/* Two runs of three sets with made-up figures; the second set lacks the last figure. */
static void the_largest_spread_is_that_between_runs_not_between_sets(void **state)
{
    (void)state;
    static const double values[3][2][2] = {
        {{0.9, 0.5}, {0.8, 0.5}}, {{0.1, NAN}, {0.3, NAN}}, {{0.6, 0.2}, {0.6, 0.4}}};
    const char *names[] = {"auroc", "au_pro"};
    const struct fet_task *task = NULL;
    struct fet_benchmark_figure figures[3][2][2];
    struct fet_benchmark_set sets[3] = {{.name = "a", .path = "a", .is_done = true},
                                        {.name = "b", .path = "b", .is_done = true},
                                        {.name = "c", .path = "c", .is_done = true}};
    json_t *json = NULL;
    assert_ok(fet_task_find("inspect", &task));
    for (int s = 0; s < 3; s++) {
        for (int i = 0; i < 4; i++)
            figures[s][i / 2][i % 2] =
                (struct fet_benchmark_figure){values[s][i / 2][i % 2], NAN, NAN};
        sets[s].runs = figures[s][0];
    }
    struct fet_benchmark b = {.order = {.train = {.seed = 7}, .n_seeds = 2},
                              .task = task,
                              .names = names,
                              .n_figures = 2,
                              .sets = sets,
                              .n_sets = 3};
    assert_ok(fet_benchmark_describe(&b, &json));
    const json_t *mean = json_object_get(json, "mean"), *spread = json_object_get(json, "spread");
    assert_close(real_at(mean, "auroc"), (0.85 + 0.2 + 0.6) / 3, 1e-15, 0);
    assert_close(real_at(mean, "au_pro"), (0.5 + 0.3) / 2, 1e-15, 0);
    assert_close(real_at(spread, "auroc"), 0.2, 1e-14, 0);
    assert_close(real_at(spread, "au_pro"), 0.2, 1e-14, 0);
    const json_t *second = json_array_get(json_object_get(json, "sets"), 1);
    assert_null(json_object_get(second, "au_pro"));
    assert_null(json_object_get(json_object_get(second, "spread"), "au_pro"));
    json_decref(json);

    sets[0].is_done = sets[1].is_done = sets[2].is_done = false;
    assert_ok(fet_benchmark_describe(&b, &json));
    assert_int_equal(json_array_size(json_object_get(json, "sets")), 0);
    assert_int_equal(json_object_size(json_object_get(json, "mean")), 0);
    json_decref(json);
}

static void what_is_no_data_set_is_named_and_passed_over(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct notes notes = {{0}, NULL, false};
    const struct fet_observer observer = notes_observer(&notes);
    struct fet_benchmark *b = NULL;
    json_t *json = NULL;
    check_folder_make(folder, "benchmark_skip");
    sample_write(folder, "nuts", 1);
    sample_write(folder, "parts", 1);
    fet_text_format(path, sizeof path, "%s/papers", folder);
    assert_ok(fet_folder_make(path));
    assert_fails(benchmark_new(path, 1, NULL, NULL, &b), FET_DATA, "papers is no data set");
    assert_ok(benchmark_new(folder, 1, NULL, &observer, &b));
    assert_int_equal(b->n_sets, 2);
    assert_string_equal(b->sets[1].name, "parts");
    assert_non_null(
        strstr(fet_text_get(&notes.text), "papers is no data set for the task inspect"));
    assert_ok(fet_benchmark_describe(b, &json));
    const json_t *skip = json_array_get(json_object_get(json, "skipped"), 0);
    assert_string_equal(json_string_value(json_object_get(skip, "path")), path);
    json_decref(json);
    fet_benchmark_free(b);
    fet_text_deinit(&notes.text);
    assert_ok(fet_folder_remove(folder));
}

static void a_set_that_is_given_twice_counts_once_and_names_are_unique(void **state)
{
    (void)state;
    char folder[64], paths[4][96];
    struct fet_benchmark *b = NULL;
    check_folder_make(folder, "benchmark_names");
    sample_write(folder, "x/nuts", 1);
    sample_write(folder, "x/parts", 1);
    sample_write(folder, "y/parts", 1);
    static const char *const below[4] = {"x", "x/parts/", "y/parts/.", "y/../x"};
    for (int i = 0; i < 4; i++)
        fet_text_format(paths[i], sizeof paths[i], "%s/%s", folder, below[i]);
    const char *const borrowed[] = {paths[0], paths[1], paths[2], paths[3]};
    const struct fet_benchmark_order order = {
        .paths = borrowed, .n_paths = 4, .train = {.task = "inspect"}, .n_seeds = 1};
    assert_ok(fet_benchmark_new(&order, &b));
    assert_int_equal(b->n_sets, 3);
    assert_string_equal(b->sets[0].name, "nuts");
    assert_string_equal(b->sets[1].name, "parts");
    assert_string_equal(b->sets[2].name, "parts-2");
    fet_benchmark_free(b);
    assert_ok(fet_folder_remove(folder));
}

static void a_stop_keeps_what_is_finished_and_leaves_no_file(void **state)
{
    (void)state;
    char folder[64], temporary[64];
    struct notes notes = {{0}, "Data set 2 of 2", false};
    const struct fet_observer observer = notes_observer(&notes);
    struct fet_benchmark *b = NULL;
    json_t *json = NULL;
    check_folder_make(folder, "benchmark_stop");
    check_folder_make(temporary, "benchmark_tmp");
    assert_int_equal(setenv("TMPDIR", temporary, 1), 0);
    sample_write(folder, "one", 1);
    sample_write(folder, "two", 2);
    assert_ok(benchmark_new(folder, 1, NULL, &observer, &b));
    assert_int_equal(fet_benchmark_run(b), FET_CANCELLED);
    assert_int_equal(fet_benchmark_done(b), 1);
    assert_int_equal(fet_benchmark_failed(b), 0);
    assert_ok(fet_benchmark_describe(b, &json));
    const json_t *sets = json_object_get(json, "sets");
    assert_int_equal(json_array_size(sets), 1);
    assert_true(real_at(json_object_get(json, "mean"), "auroc") ==
                real_at(json_array_get(sets, 0), "auroc"));
    assert_int_equal(count_names(temporary), 0);
    json_decref(json);
    fet_benchmark_free(b);
    fet_text_deinit(&notes.text);

    fet_fault_arm(FET_FAULT_WRITE, 1); /* the model's file cannot be written */
    assert_ok(benchmark_new(folder, 1, NULL, NULL, &b));
    assert_int_equal(fet_benchmark_run(b), FET_IO);
    fet_fault_arm(FET_FAULT_WRITE, 0);
    assert_int_equal(fet_benchmark_done(b), 0);
    assert_int_equal(count_names(temporary), 0);
    fet_benchmark_free(b);
    assert_int_equal(setenv("TMPDIR", "/no/such/place", 1), 0);
    assert_fails(benchmark_new(folder, 1, NULL, NULL, &b), FET_NOT_FOUND, "/no/such/place");
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_ok(fet_folder_remove(temporary));
    assert_ok(fet_folder_remove(folder));
}

/* Cuts every picture of a data set's training folder, so that none can be read. */
static void spoil(const char *folder, const char *set)
{
    char good[128], path[192];
    struct fet_arena arena = {0};
    struct fet_file_list list;
    fet_text_format(good, sizeof good, "%s/%s/train/good", folder, set);
    assert_ok(fet_folder_list(good, &arena, &list));
    for (int64_t i = 0; i < list.n; i++) {
        fet_text_format(path, sizeof path, "%s/%s", good, list.names[i]);
        assert_ok(fet_file_write(path, "cut", 3));
    }
    fet_arena_deinit(&arena);
}

static void data_that_cannot_be_used_do_not_stop_the_others(void **state)
{
    (void)state;
    char folder[64], path[96];
    struct fet_benchmark *b = NULL;
    json_t *json = NULL;
    check_folder_make(folder, "benchmark_bad");
    sample_write(folder, "cut", 1);
    sample_write(folder, "whole", 1);
    spoil(folder, "cut");
    assert_ok(benchmark_new(folder, 1, NULL, NULL, &b));
    assert_ok(fet_benchmark_run(b));
    assert_int_equal(fet_benchmark_done(b), 1);
    assert_int_equal(fet_benchmark_failed(b), 1);
    assert_ok(fet_benchmark_describe(b, &json));
    const json_t *skip = json_array_get(json_object_get(json, "skipped"), 0);
    fet_text_format(path, sizeof path, "%s/cut", folder);
    assert_string_equal(json_string_value(json_object_get(skip, "path")), path);
    json_decref(json);
    fet_benchmark_free(b);
    assert_ok(benchmark_new(path, 1, NULL, NULL, &b));
    assert_fails(fet_benchmark_run(b), FET_DATA, "no data set could be measured");
    fet_benchmark_free(b);
    assert_ok(fet_folder_remove(folder));
}

static fet_status find_and_describe(const char *path)
{
    struct fet_benchmark *b = NULL;
    json_t *json = NULL;
    FET_TRY(benchmark_new(path, 2, NULL, NULL, &b));
    for (int64_t i = 0; i < b->n_sets; i++) b->sets[i].is_done = true;
    const fet_status st = fet_benchmark_describe(b, &json);
    json_decref(json);
    fet_benchmark_free(b);
    return st;
}

static void bad_orders_and_every_failing_allocation_are_told(void **state)
{
    (void)state;
    char folder[64], path[96];
    struct fet_benchmark *b = NULL;
    check_folder_make(folder, "benchmark_order");
    sample_write(folder, "parts", 1);
    fet_text_format(path, sizeof path, "%s/parts", folder);
    assert_fails(benchmark_new("no/such", 1, NULL, NULL, &b), FET_NOT_FOUND, "no/such");
    assert_fails(benchmark_new(path, 0, NULL, NULL, &b), FET_ARGUMENT, "0 runs");
    const struct fet_benchmark_order order = {.train = {.task = "juggle"}, .n_seeds = 1};
    assert_fails(fet_benchmark_new(&order, &b), FET_NOT_FOUND, "juggle");
    assert_null(b);
    /* A manifest is a data set too; a folder that memory fails to recognise would be opened as a
     * folder of data sets. */
    static const char manifest[] = "path,label\nparts/train/good/000.png,good\n";
    fet_text_format(path, sizeof path, "%s/parts.csv", folder);
    assert_ok(fet_file_write(path, manifest, sizeof manifest - 1));
    check_fault_sweep(FET_FAULT_ALLOC, find_and_describe(path));
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_are_those_of_train_and_test),
        cmocka_unit_test(several_seeds_give_means_and_spreads_and_files),
        cmocka_unit_test(the_largest_spread_is_that_between_runs_not_between_sets),
        cmocka_unit_test(what_is_no_data_set_is_named_and_passed_over),
        cmocka_unit_test(a_set_that_is_given_twice_counts_once_and_names_are_unique),
        cmocka_unit_test(a_stop_keeps_what_is_finished_and_leaves_no_file),
        cmocka_unit_test(data_that_cannot_be_used_do_not_stop_the_others),
        cmocka_unit_test(bad_orders_and_every_failing_allocation_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
