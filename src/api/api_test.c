/* The public calls end to end, on the samples that tasks write. */
#include "check.h"

#include "api.h"

static const char *const no_options[] = {NULL}, *const quick[] = {"effort", "memory", NULL};

static bool is_inspect(const char *folder)
{
    const struct fet_task *task = NULL;
    return fet_task_recognise(folder, &task) == FET_OK && strcmp(task->name, "inspect") == 0;
}

static fet_status train(const char *folder, uint64_t seed, int n_threads,
                        const struct fet_observer *observer, fet_model **m)
{
    const struct fet_train_order order = {.path = folder,
                                          .options = is_inspect(folder) ? quick : no_options,
                                          .seed = seed,
                                          .n_threads = n_threads,
                                          .observer = observer};
    return fet_model_train(&order, m);
}

static void read_file(const char *path, uint8_t **bytes, size_t *n)
{
    assert_ok(fet_file_read(path, 1 << 28, bytes, n));
}

static void the_same_seed_gives_the_same_file_with_any_threads(void **state)
{
    (void)state;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        char folder[64];
        fet_model *a = NULL, *b = NULL;
        uint8_t *first = NULL, *second = NULL;
        size_t n_first = 0, n_second = 0;
        check_folder_make(folder, "api_same");
        assert_ok(fet_tasks[i]->write_sample(folder, 1));
        assert_ok(train(folder, 1, 1, NULL, &a));
        assert_ok(train(folder, 1, 3, NULL, &b));
        assert_ok(fet_model_save(a, "same_a.fettle"));
        assert_ok(fet_model_save(b, "same_b.fettle"));
        read_file("same_a.fettle", &first, &n_first);
        read_file("same_b.fettle", &second, &n_second);
        assert_int_equal(n_first, n_second);
        assert_memory_equal(first, second, n_first);
        fet_free(first);
        fet_free(second);
        fet_model_close(a);
        fet_model_close(b);
        assert_ok(fet_folder_remove(folder));
    }
    (void)unlink("same_a.fettle");
    (void)unlink("same_b.fettle");
}

static void collect(void *self, const char *json)
{
    fet_text_add((struct fet_text *)self, "%s\n", json);
}

/* Answers without their times, one a line. */
static char *predict(const fet_model *m, const char *path, int64_t *n_failed)
{
    struct fet_text lines = {0}, bare = {0};
    const char *const paths[] = {path};
    const struct fet_predict_order order = {
        .paths = paths, .n_paths = 1, .answer = collect, .self = &lines};
    assert_ok(fet_model_predict(m, &order, n_failed));
    for (const char *s = fet_text_get(&lines); *s;) {
        const char *end = strchr(s, '\n'), *ms = strstr(s, ",\"ms\":");
        const char *stop = ms != NULL && ms < end ? ms : end;
        fet_text_add_bytes(&bare, s, (size_t)(stop - s));
        fet_text_add_string(&bare, "\n");
        s = end + 1;
    }
    fet_text_deinit(&lines);
    return fet_text_take(&bare);
}

static void an_opened_model_answers_as_the_trained_one(void **state)
{
    (void)state;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        char folder[64];
        fet_model *trained = NULL, *opened = NULL;
        int64_t n_failed = 0;
        check_folder_make(folder, "api_open");
        assert_ok(fet_tasks[i]->write_sample(folder, 1));
        assert_ok(train(folder, 1, 2, NULL, &trained));
        assert_ok(fet_model_save(trained, "open.fettle"));
        assert_ok(fet_model_open("open.fettle", 1, &opened));
        char *a = predict(trained, folder, &n_failed);
        char *b = predict(opened, folder, &n_failed);
        assert_int_equal(n_failed, 0);
        assert_true(strlen(a) > 0);
        assert_string_equal(a, b);
        fet_free(a);
        fet_free(b);
        fet_model_close(trained);
        fet_model_close(opened);
        assert_ok(fet_folder_remove(folder));
    }
    (void)unlink("open.fettle");
}

static void a_test_leaves_out_what_was_trained_on(void **state)
{
    (void)state;
    char folder[64], good[80];
    fet_model *m = NULL;
    char *json = NULL;
    check_folder_make(folder, "api_test");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    assert_ok(train(folder, 1, 2, NULL, &m));
    fet_text_format(good, sizeof good, "%s/train/good", folder);
    const struct fet_test_order only_seen = {.path = good}, all = {.path = folder};
    assert_fails(fet_model_test(m, &only_seen, &json), FET_DATA, "besides those used in training");
    assert_ok(fet_model_test(m, &all, &json));
    json_t *figures = NULL;
    int64_t n = 0;
    double auroc = 0;
    assert_ok(fet_json_parse(json, strlen(json), "figures", &figures));
    assert_ok(fet_json_get_int(figures, "images", &n));
    assert_ok(fet_json_get_real(figures, "auroc", &auroc));
    assert_int_equal(n, 14);
    assert_true(auroc > 0.95);
    json_decref(figures);
    fet_string_free(json);
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

static void report_and_overlays_are_written(void **state)
{
    (void)state;
    char folder[64], overlays[80], report[80];
    fet_model *m = NULL;
    char *json = NULL;
    struct fet_arena arena = {0};
    struct fet_file_list list;
    check_folder_make(folder, "api_report");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    assert_ok(train(folder, 1, 2, NULL, &m));
    fet_text_format(overlays, sizeof overlays, "%s/out/seen", folder);
    fet_text_format(report, sizeof report, "%s/report.html", folder);
    const struct fet_test_order order = {
        .path = folder, .overlay_folder = overlays, .report_path = report};
    assert_ok(fet_model_test(m, &order, &json));
    assert_int_equal(fet_file_kind_of(report), FET_FILE_REGULAR);
    assert_ok(fet_folder_list(overlays, &arena, &list));
    assert_int_equal(list.n, 14);
    fet_arena_deinit(&arena);
    fet_string_free(json);
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

struct countdown {
    int left;
};

static bool has_run_out(void *self)
{
    struct countdown *c = self;
    return c->left-- <= 0;
}

static void training_can_be_cancelled_at_every_step(void **state)
{
    (void)state;
    char folder[64];
    check_folder_make(folder, "api_cancel");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    int n_cancelled = 0;
    for (int left = 0; left < 100000; left = 2 * left + 1) {
        struct countdown c = {.left = left};
        const struct fet_observer observer = {.self = &c, .is_cancelled = has_run_out};
        fet_model *m = NULL;
        const fet_status st = train(folder, 1, 2, &observer, &m);
        fet_model_close(m);
        if (st == FET_OK) break;
        assert_int_equal(st, FET_CANCELLED);
        assert_null(m);
        n_cancelled++;
    }
    assert_true(n_cancelled > 2);
    assert_ok(fet_folder_remove(folder));
}

static void a_broken_picture_does_not_stop_the_others(void **state)
{
    (void)state;
    char folder[64], broken[96];
    fet_model *m = NULL;
    int64_t n_failed = 0;
    check_folder_make(folder, "api_broken");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    assert_ok(train(folder, 1, 2, NULL, &m));
    fet_text_format(broken, sizeof broken, "%s/test/good/001.png", folder);
    uint8_t *bytes = NULL;
    size_t n = 0;
    read_file(broken, &bytes, &n);
    assert_ok(fet_file_write(broken, bytes, n / 2));
    fet_text_format(broken, sizeof broken, "%s/test/good", folder);
    char *lines = predict(m, broken, &n_failed);
    assert_int_equal(n_failed, 1);
    assert_non_null(strstr(lines, "\"error\":{\"code\":\"format\""));
    assert_non_null(strstr(lines, "007.png"));
    fet_free(lines);
    fet_free(bytes);
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

static void bytes_are_answered_as_files_are(void **state)
{
    (void)state;
    char folder[64], path[96];
    fet_model *m = NULL;
    uint8_t *bytes = NULL;
    size_t n = 0;
    char *json = NULL;
    int64_t n_failed = 0;
    check_folder_make(folder, "api_bytes");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    assert_ok(train(folder, 1, 2, NULL, &m));
    fet_text_format(path, sizeof path, "%s/test/spot/000.png", folder);
    read_file(path, &bytes, &n);
    assert_ok(fet_model_predict_bytes(m, bytes, n, path, &json));
    char *line = predict(m, path, &n_failed);
    line[strcspn(line, "\n")] = '\0';
    assert_memory_equal(json, line, strlen(line));
    fet_free(line);
    fet_string_free(json);
    fet_free(bytes);
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

static fet_status update(fet_model *m, const char *folder, const struct fet_observer *observer)
{
    const struct fet_update_order order = {.path = folder, .seed = 1, .observer = observer};
    return fet_model_update(m, &order);
}

/* Old parts, and eight good ones of another seed: looking for near-duplicates takes the time. */
static void old_and_new_write(char folder[64], char old[80], char new[80])
{
    check_folder_make(folder, "api_update");
    fet_text_format(old, 80, "%s/old", folder);
    fet_text_format(new, 80, "%s/new", folder);
    assert_ok(fet_folder_make(old));
    assert_ok(fet_folder_make(new));
    assert_ok(fet_tasks[0]->write_sample(old, 1));
    assert_ok(fet_tasks[0]->write_sample(new, 2));
    char path[128];
    fet_text_format(path, sizeof path, "%s/test", new);
    assert_ok(fet_folder_remove(path));
    for (int i = 8; i < 24; i++) {
        fet_text_format(path, sizeof path, "%s/train/good/%03d.png", new, i);
        assert_int_equal(unlink(path), 0);
    }
}

static void an_update_gives_the_same_file_with_any_threads(void **state)
{
    (void)state;
    char folder[64], old[80], new[80];
    fet_model *m = NULL, *again = NULL;
    uint8_t *bytes[2] = {0};
    size_t n[2] = {0};
    old_and_new_write(folder, old, new);
    assert_ok(train(old, 1, 2, NULL, &m));
    assert_ok(fet_model_save(m, "update_old.fettle"));
    for (int i = 0; i < 2; i++) { /* in the process that trained, and from the file */
        if (i == 1) assert_ok(fet_model_open("update_old.fettle", 1, &again));
        fet_model *const one = i == 0 ? m : again;
        assert_ok(update(one, new, NULL));
        assert_true(one->seconds > 0);
        assert_int_equal(one->loaded.package.n_goldens, 2);
        assert_ok(fet_model_save(one, "update_new.fettle"));
        read_file("update_new.fettle", &bytes[i], &n[i]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    fet_model_close(again);
    again = NULL;
    assert_ok(fet_model_open("update_new.fettle", 1, &again)); /* it verifies itself */
    for (int i = 0; i < 2; i++) fet_free(bytes[i]);
    fet_model_close(m);
    fet_model_close(again);
    (void)unlink("update_old.fettle");
    (void)unlink("update_new.fettle");
    assert_ok(fet_folder_remove(folder));
}

static void the_history_of_a_model_goes_on(void **state)
{
    (void)state;
    char folder[64], old[80], new[80];
    fet_model *m = NULL;
    char *json = NULL;
    json_t *shown = NULL, *training = NULL, *updates = NULL, *images = NULL;
    int64_t n_fit = 0, n_remembered = 0, n_calibrate = 0;
    old_and_new_write(folder, old, new);
    assert_ok(train(old, 1, 2, NULL, &m));
    assert_ok(update(m, new, NULL));
    assert_ok(fet_model_show(m, &json));
    assert_ok(fet_json_parse(json, strlen(json), "shown", &shown));
    assert_ok(fet_json_get_object(shown, "training", &training));
    assert_ok(fet_json_get_object(training, "images", &images));
    assert_ok(fet_json_get_int(images, "fit", &n_fit));
    assert_int_equal(n_fit, 18);
    assert_ok(fet_json_get_array(training, "updates", &updates));
    assert_int_equal(json_array_size(updates), 1);
    assert_ok(fet_json_get_object(json_array_get(updates, 0), "images", &images));
    assert_ok(fet_json_get_int(images, "remembered", &n_remembered));
    assert_ok(fet_json_get_int(images, "calibrate", &n_calibrate));
    assert_int_equal(n_remembered, 6);
    assert_int_equal(n_calibrate, 2);
    assert_non_null(strstr(m->loaded.package.card, "remembered later"));
    json_decref(shown);
    fet_string_free(json);
    /* What it learned from is not learned from twice, nor scored. */
    assert_fails(update(m, new, NULL), FET_DATA, "has learned from all of these images already");
    const struct fet_test_order seen = {.path = new};
    assert_fails(fet_model_test(m, &seen, &json), FET_DATA, "besides those used in training");
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

/* Whatever stops an update, the model is as it was. */
static void a_failed_update_changes_nothing(void **state)
{
    (void)state;
    char folder[64], old[80], new[80];
    fet_model *m = NULL;
    uint8_t *before = NULL, *after = NULL;
    size_t n_before = 0, n_after = 0;
    int n_cancelled = 0;
    old_and_new_write(folder, old, new);
    assert_ok(train(old, 1, 2, NULL, &m));
    assert_ok(fet_model_save(m, "update_before.fettle"));
    read_file("update_before.fettle", &before, &n_before);
    assert_fails(update(m, "no/such", NULL), FET_NOT_FOUND, "no/such");
    for (int left = 0; left < 100000; left = 2 * left + 1) {
        struct countdown c = {.left = left};
        const struct fet_observer observer = {.self = &c, .is_cancelled = has_run_out};
        const fet_status st = update(m, new, &observer);
        if (st == FET_OK) break;
        assert_int_equal(st, FET_CANCELLED);
        assert_ok(fet_model_save(m, "update_after.fettle"));
        read_file("update_after.fettle", &after, &n_after);
        assert_int_equal(n_before, n_after);
        assert_memory_equal(before, after, n_before);
        fet_free(after);
        n_cancelled++;
    }
    assert_true(n_cancelled > 2);
    fet_free(before);
    fet_model_close(m);
    (void)unlink("update_before.fettle");
    (void)unlink("update_after.fettle");
    assert_ok(fet_folder_remove(folder));
}

/* Frames of one part, some of which the model knows: the others may be learned from, but do not
 * calibrate. */
static void another_view_of_a_known_part_does_not_calibrate(void **state)
{
    (void)state;
    char folder[64], path[96];
    fet_model *m = NULL;
    struct fet_text list = {0};
    check_folder_make(folder, "api_views");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    fet_text_add(&list, "path,label,group\n");
    for (int i = 0; i < 6; i++) fet_text_add(&list, "train/good/%03d.png,good,part%d\n", i, i);
    fet_text_format(path, sizeof path, "%s/list.csv", folder);
    assert_ok(fet_file_write(path, list.s, list.n));
    assert_ok(train(path, 1, 2, NULL, &m));
    for (int i = 0; i < 6; i++) fet_text_add(&list, "train/good/%03d.png,good,part%d\n", 10 + i, i);
    assert_ok(fet_file_write(path, list.s, list.n));
    assert_ok(update(m, path, NULL));
    const json_t *updates = json_object_get(m->loaded.package.training, "updates");
    const json_t *images = json_object_get(json_array_get(updates, 0), "images");
    assert_int_equal(json_integer_value(json_object_get(images, "remembered")), 6);
    assert_int_equal(json_integer_value(json_object_get(images, "calibrate")), 0);
    fet_text_deinit(&list);
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

static void a_model_of_a_table_is_trained_anew(void **state)
{
    (void)state;
    char folder[64];
    fet_model *m = NULL;
    const struct fet_task *task = NULL;
    check_folder_make(folder, "api_table");
    assert_ok(fet_task_find("estimate", &task));
    assert_ok(task->write_sample(folder, 1));
    assert_ok(train(folder, 1, 2, NULL, &m));
    assert_fails(update(m, folder, NULL), FET_UNSUPPORTED,
                 "a model of the task estimate cannot be updated; train it anew with all rows");
    fet_model_close(m);
    assert_ok(fet_folder_remove(folder));
}

static void bad_orders_are_refused_with_a_sentence(void **state)
{
    (void)state;
    fet_model *m = NULL;
    const char *const wrong[] = {"false-rejects", "150%", NULL};
    char folder[64];
    check_folder_make(folder, "api_orders");
    assert_fails(train(folder, 1, 1, NULL, &m), FET_DATA, "nothing here fits");
    assert_fails(train("no/such", 1, 1, NULL, &m), FET_NOT_FOUND, "no/such");
    assert_ok(fet_tasks[0]->write_sample(folder, 1));
    struct fet_train_order order = {.path = folder, .task = "juggle"};
    assert_fails(fet_model_train(&order, &m), FET_NOT_FOUND, "juggle");
    order = (struct fet_train_order){.path = folder, .options = wrong};
    assert_fails(fet_model_train(&order, &m), FET_ARGUMENT, "--false-rejects");
    assert_fails(fet_model_open("no.fettle", 1, &m), FET_NOT_FOUND, "no.fettle");
    assert_null(m);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_file_with_any_threads),
        cmocka_unit_test(an_opened_model_answers_as_the_trained_one),
        cmocka_unit_test(a_test_leaves_out_what_was_trained_on),
        cmocka_unit_test(report_and_overlays_are_written),
        cmocka_unit_test(training_can_be_cancelled_at_every_step),
        cmocka_unit_test(a_broken_picture_does_not_stop_the_others),
        cmocka_unit_test(bytes_are_answered_as_files_are),
        cmocka_unit_test(an_update_gives_the_same_file_with_any_threads),
        cmocka_unit_test(the_history_of_a_model_goes_on),
        cmocka_unit_test(a_failed_update_changes_nothing),
        cmocka_unit_test(another_view_of_a_known_part_does_not_calibrate),
        cmocka_unit_test(a_model_of_a_table_is_trained_anew),
        cmocka_unit_test(bad_orders_are_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
