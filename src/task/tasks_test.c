/* The generic test of tasks: what is promised of every entry in the table, whatever it learns. */
#include "check.h"

#include "tasks.h"

/* A task's sample, read, split, fitted and calibrated. */
struct learnt {
    char folder[64];
    struct fet_settings *settings;
    struct fet_examples examples;
    void *state;
};

/* The least work that still does everything, where the task lets one choose. */
static fet_status choose_least_effort(const struct fet_task *task, struct fet_settings *settings)
{
    for (const struct fet_option *o = task->options; o->name != NULL; o++)
        if (strcmp(o->name, "effort") == 0) return fet_settings_set(settings, "effort", "fast");
    return FET_OK;
}

static fet_status learn(const struct fet_task *task, struct fet_pool *pool, struct learnt *l)
{
    const struct fet_context context = {.pool = pool};
    FET_TRY(task->write_sample(l->folder, 1));
    FET_TRY(fet_settings_new(task->options, &l->settings));
    FET_TRY(choose_least_effort(task, l->settings));
    const struct fet_task_job job = {.settings = l->settings, .context = &context, .seed = 1};
    FET_TRY(task->read(l->folder, &job, &l->examples));
    FET_TRY(fet_task_split(task, &l->examples, &job));
    FET_TRY(task->fit(&l->examples, &job, &l->state));
    return task->calibrate(l->state, &l->examples, &job);
}

static void forget(const struct fet_task *task, struct learnt *l)
{
    task->close(l->state);
    fet_examples_deinit(&l->examples);
    fet_settings_free(l->settings);
    assert_ok(fet_folder_remove(l->folder));
}

static char *print_answer(const struct fet_task *task, const void *state,
                          const struct fet_examples *e, const struct fet_example *x,
                          struct fet_pool *pool)
{
    struct fet_answer a;
    json_t *json = NULL;
    char *text = NULL;
    fet_answer_init(&a);
    assert_ok(task->answer(state, e, x, pool, &a));
    assert_ok(fet_answer_to_json(&a, task->answer_members, false, &json));
    assert_ok(fet_json_print(json, false, &text));
    json_decref(json);
    fet_answer_deinit(&a);
    return text;
}

static void every_task_declares_all_of_itself(void **unused)
{
    (void)unused;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        const struct fet_task *t = fet_tasks[i];
        assert_non_null(t->name);
        assert_non_null(t->summary);
        assert_non_null(t->examples_name);
        assert_non_null(t->options);
        assert_non_null(t->metrics);
        assert_non_null(t->answer_members);
        assert_true(t->recognise && t->read && t->read_inputs && t->read_test && t->fit);
        assert_true(t->calibrate && t->answer && t->score && t->describe && t->explain);
        assert_true(t->encode && t->parse && t->write_sample && t->save && t->load && t->close);
        const struct fet_task *found = NULL;
        assert_ok(fet_task_find(t->name, &found));
        assert_ptr_equal(found, t);
        t->close(NULL);
    }
    const struct fet_task *none = NULL;
    assert_fails(fet_task_find("juggle", &none), FET_NOT_FOUND, fet_tasks[0]->name);
}

static void options_round_trip_through_json(void **unused)
{
    (void)unused;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        struct fet_settings *a = NULL, *b = NULL;
        json_t *first = NULL, *second = NULL;
        assert_ok(fet_settings_new(fet_tasks[i]->options, &a));
        assert_ok(fet_settings_to_json(a, &first));
        assert_ok(fet_settings_new(fet_tasks[i]->options, &b));
        assert_ok(fet_settings_from_json(b, first));
        assert_ok(fet_settings_to_json(b, &second));
        assert_true(json_equal(first, second));
        json_decref(first);
        json_decref(second);
        fet_settings_free(a);
        fet_settings_free(b);
    }
}

static void a_sample_is_recognised_as_its_own_task(void **unused)
{
    (void)unused;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        char folder[64];
        const struct fet_task *found = NULL;
        check_folder_make(folder, "recognise");
        assert_ok(fet_tasks[i]->write_sample(folder, 1));
        assert_ok(fet_task_recognise(folder, &found));
        assert_string_equal(found->name, fet_tasks[i]->name);
        assert_ok(fet_folder_remove(folder));
    }
    const struct fet_task *found = NULL;
    char empty[64];
    check_folder_make(empty, "empty");
    assert_fails(fet_task_recognise(empty, &found), FET_DATA, "nothing here fits");
    assert_fails(fet_task_recognise("no/such/place", &found), FET_NOT_FOUND, "no/such/place");
    assert_ok(fet_folder_remove(empty));
}

static void answers_are_the_same_after_saving_and_with_any_threads(void **unused)
{
    (void)unused;
    struct fet_pool *pool = NULL;
    assert_ok(fet_pool_new(3, &pool));
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        const struct fet_task *task = fet_tasks[i];
        struct learnt l = {0}, other = {0};
        struct fet_package p = {0};
        void *loaded = NULL;
        check_folder_make(l.folder, "learn");
        check_folder_make(other.folder, "learn");
        assert_ok(learn(task, pool, &l));
        assert_ok(learn(task, NULL, &other));
        assert_ok(task->save(l.state, &p));
        assert_ok(task->load(&p, l.settings, &loaded));
        for (int64_t k = 0; k < l.examples.n; k += 7) {
            const struct fet_example *x = &l.examples.items[k];
            char *a = print_answer(task, l.state, &l.examples, x, pool);
            char *b = print_answer(task, loaded, &l.examples, x, NULL);
            char *c = print_answer(task, other.state, &l.examples, x, NULL);
            assert_string_equal(a, b);
            assert_string_equal(a, c);
            fet_free(a);
            fet_free(b);
            fet_free(c);
        }
        task->close(loaded);
        fet_package_deinit(&p);
        forget(task, &l);
        forget(task, &other);
    }
    fet_pool_free(pool);
}

static void an_example_survives_encoding(void **unused)
{
    (void)unused;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        const struct fet_task *task = fet_tasks[i];
        struct learnt l = {0};
        struct fet_examples one = {0};
        uint8_t *bytes = NULL;
        size_t n = 0;
        char name[32] = "";
        check_folder_make(l.folder, "encode");
        assert_ok(learn(task, NULL, &l));
        assert_ok(task->encode(l.state, &l.examples, &l.examples.items[0], &bytes, &n, name));
        assert_true(strchr(name, '.') != NULL);
        assert_ok(task->parse(l.state, bytes, n, l.examples.items[0].path, &one));
        assert_int_equal(one.n, 1);
        char *a = print_answer(task, l.state, &l.examples, &l.examples.items[0], NULL);
        char *b = print_answer(task, l.state, &one, &one.items[0], NULL);
        json_t *wanted = NULL, *found = NULL;
        assert_ok(fet_json_parse(a, strlen(a), "a", &wanted));
        assert_ok(fet_json_parse(b, strlen(b), "b", &found));
        assert_int_equal(json_object_del(wanted, "path"), 0);
        assert_int_equal(json_object_del(found, "path"), 0);
        assert_true(json_equal(wanted, found));
        json_decref(wanted);
        json_decref(found);
        fet_free(a);
        fet_free(b);
        fet_free(bytes);
        fet_examples_deinit(&one);
        forget(task, &l);
    }
}

/* Every byte string that is not an example is refused with a sentence. */
static void a_damaged_input_is_refused(void **unused)
{
    (void)unused;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        const struct fet_task *task = fet_tasks[i];
        struct learnt l = {0};
        check_folder_make(l.folder, "damage");
        assert_ok(learn(task, NULL, &l));
        const uint8_t nonsense[5] = {0, 255, 1, 254, 2};
        struct fet_examples e = {0};
        struct fet_answer a;
        fet_answer_init(&a);
        fet_status st = task->parse(l.state, nonsense, sizeof nonsense, "broken.bin", &e);
        if (st == FET_OK) st = task->answer(l.state, &e, &e.items[0], NULL, &a);
        assert_int_not_equal(st, FET_OK);
        assert_true(strlen(fet_status_message()) > 0);
        fet_answer_deinit(&a);
        fet_examples_deinit(&e);
        forget(task, &l);
    }
}

static void scores_hold_every_declared_metric_that_applies(void **unused)
{
    (void)unused;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        const struct fet_task *task = fet_tasks[i];
        struct learnt l = {0};
        struct fet_examples e = {0};
        struct fet_task_score score = {0};
        const struct fet_example **x = NULL;
        int64_t n = 0;
        check_folder_make(l.folder, "score");
        assert_ok(learn(task, NULL, &l));
        assert_ok(task->read_test(l.state, l.folder, NULL, &e));
        const bool has_test = fet_examples_count(&e, FET_SPLIT_TEST) > 0;
        assert_ok(fet_examples_select(&e, has_test ? FET_SPLIT_TEST : FET_SPLIT_NONE, &x, &n));
        struct fet_answer *answers = fet_alloc(n, sizeof *answers);
        assert_non_null(answers);
        for (int64_t k = 0; k < n; k++) {
            fet_answer_init(&answers[k]);
            assert_ok(task->answer(l.state, &e, x[k], NULL, &answers[k]));
        }
        assert_ok(task->score(l.state, &e, x, answers, n, NULL, &score));
        assert_non_null(score.sentence);
        assert_true(score.charts.n > 0);
        int n_found = 0;
        for (const struct fet_metric *m = task->metrics; m->name != NULL; m++)
            n_found += json_is_number(json_object_get(score.figures, m->name));
        assert_true(n_found > 0);
        for (int64_t k = 0; k < n; k++) fet_answer_deinit(&answers[k]);
        fet_free(answers);
        fet_task_score_deinit(&score);
        fet_examples_deinit(&e);
        forget(task, &l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_declares_all_of_itself),
        cmocka_unit_test(options_round_trip_through_json),
        cmocka_unit_test(a_sample_is_recognised_as_its_own_task),
        cmocka_unit_test(answers_are_the_same_after_saving_and_with_any_threads),
        cmocka_unit_test(an_example_survives_encoding),
        cmocka_unit_test(a_damaged_input_is_refused),
        cmocka_unit_test(scores_hold_every_declared_metric_that_applies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
