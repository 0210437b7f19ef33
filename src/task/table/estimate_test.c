/* The whole task on small tables. What holds for every task is tested in tasks_test.c. */
#include "test_estimate.h"

/* Scores the test split of what was learnt. */
static json_t *score(struct learnt *l, struct fet_task_score *s)
{
    const struct fet_example **x = NULL;
    int64_t n = 0;
    assert_ok(fet_examples_select(&l->examples, FET_SPLIT_TEST, &x, &n));
    struct fet_answer *answers = fet_alloc(n, sizeof *answers);
    assert_non_null(answers);
    for (int64_t i = 0; i < n; i++) {
        fet_answer_init(&answers[i]);
        assert_ok(task->answer(l->state, &l->examples, x[i], NULL, &answers[i]));
    }
    assert_ok(task->score(l->state, &l->examples, x, answers, n, NULL, s));
    for (int64_t i = 0; i < n; i++) fet_answer_deinit(&answers[i]);
    fet_free(answers);
    return s->figures;
}

static double figure(const json_t *figures, const char *key)
{
    double value = NAN;
    assert_ok(fet_json_get_real(figures, key, &value));
    return value;
}

static void numbers_are_learnt_with_an_interval(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_task_score s = {0};
    char *text = make_text(price_header, 1500, 1, add_price);
    assert_ok(learn(text, NULL, &l));
    const json_t *f = score(&l, &s);
    assert_true(figure(f, "rmse") < 4); /* of about 13; some rows do not say their material */
    assert_true(figure(f, "r2") > 0.9 && figure(f, "mae") < 1.5);
    assert_true(figure(f, "interval_coverage") > 0.83 && figure(f, "interval_coverage") < 0.97);
    assert_int_equal(json_array_size(json_object_get(f, "rmse_ci")), 2);
    assert_null(json_object_get(f, "accuracy"));
    assert_int_equal(s.charts.n, 2);
    assert_int_equal(s.charts.items[0].kind, FET_CHART_SCATTER);
    assert_int_equal(s.charts.items[1].kind, FET_CHART_BARS);
    assert_string_equal(s.charts.items[1].labels[0], "material");
    assert_non_null(strstr(s.sentence, "never seen, the typical error is"));
    struct fet_answer a;
    assert_ok(answer_row(&l, &l.examples, 0, &a));
    assert_true(a.low < a.value && a.value < a.high && a.label == NULL);
    assert_int_equal(a.verdict, FET_VERDICT_NONE);
    fet_answer_deinit(&a);
    fet_task_score_deinit(&s);
    drop(&l);
    fet_free(text);
}

static void two_classes_are_learnt_with_probabilities(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_task_score s = {0};
    char *text = make_text("material,weight,code,kind", 1500, 2, add_heavy);
    assert_ok(learn(text, NULL, &l));
    const json_t *f = score(&l, &s);
    assert_true(figure(f, "accuracy") > 0.8 && figure(f, "auroc") > 0.88);
    assert_true(figure(f, "log_loss") < 0.5 && figure(f, "ece") < 0.1);
    assert_true(figure(f, "f1_macro") > 0.78);
    assert_int_equal(json_array_size(json_object_get(f, "auroc_ci")), 2);
    assert_null(json_object_get(f, "rmse"));
    assert_int_equal(s.charts.n, 4); /* ROC, confusion, reliability, importance */
    assert_non_null(strstr(s.sentence, "always answering '"));
    struct fet_answer a;
    assert_ok(answer_row(&l, &l.examples, 3, &a));
    assert_int_equal(a.n_classes, 2);
    assert_close(a.probabilities[0] + a.probabilities[1], 1, 0, 1e-12);
    assert_string_equal(a.label, a.classes[a.probabilities[1] > a.probabilities[0]]);
    assert_true(isnan(a.value));
    fet_answer_deinit(&a);
    fet_task_score_deinit(&s);
    drop(&l);
    fet_free(text);
}

static void many_classes_are_learnt(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_task_score s = {0};
    char *text = make_text("material,weight,code,size", 1200, 3, add_size);
    const char *const words[] = {"trees", "60", NULL};
    assert_ok(learn(text, words, &l));
    const json_t *f = score(&l, &s);
    assert_true(figure(f, "accuracy") > 0.8 && figure(f, "auroc") > 0.9);
    assert_null(json_object_get(f, "auroc_ci"));
    const struct fet_chart *confusion = &s.charts.items[0];
    assert_int_equal(confusion->kind, FET_CHART_MATRIX);
    assert_int_equal(confusion->n, 3);
    double total = 0;
    for (int i = 0; i < 9; i++) total += confusion->values[i];
    assert_true(total == (double)fet_examples_count(&l.examples, FET_SPLIT_TEST));
    fet_task_score_deinit(&s);
    drop(&l);
    fet_free(text);
}

struct answering {
    const struct learnt *l;
    double values[300];
};

static fet_status answer_chunk(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    struct answering *w = self;
    for (int64_t i = 0; i < w->l->examples.n; i++) {
        struct fet_answer a;
        FET_TRY(answer_row(w->l, &w->l->examples, i, &a));
        if (i % 4 == i_chunk) w->values[i] = a.value;
        fet_answer_deinit(&a);
    }
    return FET_OK;
}

static void one_model_answers_on_many_threads(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_pool *pool = NULL;
    char *text = make_text(price_header, 300, 18, add_price);
    const char *const words[] = {"trees", "10", NULL};
    assert_ok(learn(text, words, &l));
    struct answering w = {.l = &l};
    assert_ok(fet_pool_new(4, &pool));
    assert_ok(fet_pool_run(pool, 4, answer_chunk, &w));
    for (int64_t i = 0; i < l.examples.n; i++) {
        struct fet_answer a;
        assert_ok(answer_row(&l, &l.examples, i, &a));
        assert_true(a.value == w.values[i]);
        fet_answer_deinit(&a);
    }
    fet_pool_free(pool);
    drop(&l);
    fet_free(text);
}

/* XGBoost sees rows in the order of their content. */
static void the_order_of_rows_changes_nothing(void **state)
{
    (void)state;
    struct learnt a, b;
    char *text = make_text(price_header, 300, 4, add_price);
    struct fet_text turned = {0};
    fet_text_add(&turned, "%s\n", price_header);
    for (size_t end = strlen(text), i = end - 1; i-- > sizeof price_header;)
        if (text[i - 1] == '\n') {
            fet_text_add_bytes(&turned, text + i, end - i);
            end = i;
        }
    const char *const words[] = {"trees", "20", NULL};
    assert_ok(learn(text, words, &a));
    assert_ok(learn(fet_text_get(&turned), words, &b));
    assert_int_equal(a.examples.n, b.examples.n);
    const struct fet_estimate *x = a.state, *y = b.state;
    assert_true(x->radius == y->radius);
    for (int i = 0; i < 5; i++) {
        const size_t n = fet_tensor_bytes(&x->forest.tensors[i]);
        assert_int_equal(n, fet_tensor_bytes(&y->forest.tensors[i]));
        assert_memory_equal(x->forest.tensors[i].data, y->forest.tensors[i].data, n);
    }
    drop(&a);
    drop(&b);
    fet_text_deinit(&turned);
    fet_free(text);
}

static void texts_become_inputs(void **state)
{
    (void)state;
    struct learnt l;
    char *text = make_text(price_header, 400, 5, add_price);
    const char *const words[] = {"trees", "5", NULL};
    assert_ok(learn(text, words, &l));
    const struct fet_estimate *m = l.state;
    assert_int_equal(m->n_inputs, 4 + 1 + 1); /* four levels spread, a weight, a rank of twenty */
    struct fet_sheet *s = NULL;
    struct fet_arena arena = {0};
    struct fet_sheet_wish wish;
    float x[6];
    static const char rows[] = "code,weight,material\nc01,2.5,007\nnew,,\"steel, \"\"hard\"\"\"\n"
                               "c19,1e300,marble\n,-1e300,\n";
    assert_ok(fet_sheet_plan_wish(&m->plan, false, &arena, &wish));
    assert_ok(fet_sheet_parse(rows, sizeof rows - 1, "r.csv", &wish, &s));
    fet_estimate_encode(m, s, 0, x);
    assert_true(x[0] == 0 && x[1] == 1 && x[2] == 0 && x[3] == 0 && x[4] == 2.5F && x[5] == 1);
    fet_estimate_encode(m, s, 1, x);
    assert_true(x[0] == 0 && x[3] == 1 && isnan(x[4]) && isnan(x[5])); /* unknown is missing */
    fet_estimate_encode(m, s, 2, x);
    assert_true(isnan(x[0]) && isnan(x[3]) && isfinite(x[4]) && x[4] > 1e38F && x[5] == 19);
    fet_estimate_encode(m, s, 3, x);
    assert_true(isnan(x[0]) && x[4] < -1e38F && isnan(x[5]));
    fet_sheet_free(s);
    fet_arena_deinit(&arena);
    drop(&l);
    fet_free(text);
}

static void too_few_rows_promise_nothing(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_answer a;
    struct fet_text words = {0};
    char *text = make_text(price_header, 40, 12, add_price);
    assert_ok(learn(text, NULL, &l)); /* four rows to calibrate: no 90 % from those */
    assert_ok(answer_row(&l, &l.examples, 0, &a));
    assert_true(isfinite(a.value) && isnan(a.low) && isnan(a.high));
    fet_answer_deinit(&a);
    assert_ok(task->explain(l.state, &words));
    assert_non_null(strstr(fet_text_get(&words), "4 held-back rows are too few for an interval"));
    fet_text_deinit(&words);
    struct fet_task_score s = {0};
    const json_t *coverage = json_object_get(score(&l, &s), "interval_coverage");
    assert_true(json_is_null(coverage));
    fet_task_score_deinit(&s);
    struct fet_package p = {0};
    void *loaded = NULL;
    assert_ok(task->save(l.state, &p));
    assert_ok(task->load(&p, l.settings, &loaded));
    assert_true(isinf(((struct fet_estimate *)loaded)->radius));
    task->close(loaded);
    fet_package_deinit(&p);
    drop(&l);
    fet_free(text);

    /* A class with a single row that fit may miss; calibrate keeps its hands off with few rows. */
    text = make_text("material,weight,code,kind", 60, 13, add_heavy);
    assert_ok(learn(text, NULL, &l));
    assert_true(((struct fet_estimate *)l.state)->temperature == 1);
    drop(&l);
    fet_free(text);
}

static void tables_are_recognised(void **state)
{
    (void)state;
    struct test_folder f;
    test_folder_open(&f);
    assert_int_equal(task->recognise(f.path), 0);
    assert_int_equal(task->recognise("no/such"), 0);
    assert_true(task->recognise(test_folder_add(&f, "a.csv", "x,y\n1,2\n")) > 50);
    assert_true(task->recognise(test_folder_add(&f, "a.tsv", "x\ty")) > 50);
    assert_int_equal(task->recognise(test_folder_add(&f, "a.txt", "x,y\n1,2\n")), 0);
    assert_int_equal(task->recognise(test_folder_add(&f, "b.csv", "just one word\n")), 0);
    assert_int_equal(task->recognise(test_folder_add(&f, "empty.csv", "")), 0);
    assert_ok(fet_file_write(f.file[0], "a,\0b\n", 5));
    assert_int_equal(task->recognise(f.file[0]), 0);
    assert_true(task->recognise(f.path) > 0);
    test_folder_close(&f);
}

static void add_same_and_heavy(struct fet_text *t, int material, double weight, double noise)
{
    fet_text_add_string(t, "same,");
    add_heavy(t, material, weight, noise);
}

static void models_describe_themselves_after_loading_too(void **state)
{
    (void)state;
    struct learnt l;
    json_t *first = NULL, *second = NULL;
    struct fet_text words = {0};
    struct fet_package p = {0};
    void *loaded = NULL;
    char *text = make_text("material,weight,code,place,kind", 300, 15, add_same_and_heavy);
    const char *const options[] = {"trees", "7", "ignore", "code", NULL};
    assert_ok(learn(text, options, &l));
    assert_ok(task->describe(l.state, &first));
    assert_string_equal(json_string_value(json_object_get(first, "kind")), "class");
    assert_int_equal(json_array_size(json_object_get(first, "classes")), 2);
    assert_int_equal(json_object_size(json_object_get(first, "columns")), 2);
    assert_int_equal(json_object_size(json_object_get(first, "left_out")), 1);
    assert_int_equal(json_integer_value(json_object_get(first, "trees")), 7);
    assert_ok(task->explain(l.state, &words));
    assert_non_null(strstr(fet_text_get(&words), "Estimates 'kind' from 2 columns"));
    assert_non_null(strstr(fet_text_get(&words), "Left out: 'place'."));
    assert_ok(task->save(l.state, &p));
    assert_ok(task->load(&p, l.settings, &loaded));
    assert_ok(task->describe(loaded, &second));
    assert_true(json_equal(first, second));
    json_decref(first);
    json_decref(second);
    task->close(loaded);
    loaded = NULL;
    json_t *outs = json_object_get(p.state, "left_out");
    assert_int_equal(json_object_set_new(outs, "place", json_true()), 0);
    assert_fails(task->load(&p, l.settings, &loaded), FET_FORMAT, "no reason why 'place'");
    fet_package_deinit(&p);
    fet_text_deinit(&words);
    drop(&l);
    fet_free(text);
}

/* Each key of the state gone or of another type: a sentence, never a crash. */
static void damaged_states_are_refused(void **state)
{
    (void)state;
    void (*const adds[])(struct fet_text *, int, double, double) = {add_price, add_size};
    for (int kind = 0; kind < 2; kind++) {
        struct learnt l;
        char *text = make_text(price_header, 200, 16, adds[kind]);
        const char *const words[] = {"trees", "3", NULL};
        assert_ok(learn(text, words, &l));
        static const char *const keys[] = {"target", "columns", "left_out",    "classes",
                                           "offset", "scale",   "temperature", "typical",
                                           "n_fit",  "radius",  "n_calibrate"};
        static const char *const values[] = {"null",
                                             "3",
                                             "\"x\"",
                                             "[]",
                                             "{}",
                                             "[3]",
                                             "-1e300",
                                             "[\"b\",\"a\"]",
                                             "[{\"name\":\"a\"}]"};
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
                struct fet_package p = {0};
                void *loaded = NULL;
                assert_ok(task->save(l.state, &p));
                if (json_object_get(p.state, keys[i]) != NULL) {
                    json_t *value = json_loads(values[k], JSON_DECODE_ANY, NULL);
                    assert_int_equal(json_object_set_new(p.state, keys[i], value), 0);
                    if (task->load(&p, l.settings, &loaded) != FET_OK)
                        assert_true(strlen(fet_status_message()) > 10);
                    task->close(loaded);
                }
                fet_package_deinit(&p);
            }
        struct fet_package p = {0};
        void *loaded = NULL;
        assert_ok(task->save(l.state, &p));
        assert_int_equal(json_object_del(p.state, "columns"), 0);
        assert_fails(task->load(&p, l.settings, &loaded), FET_FORMAT, "columns");
        fet_package_deinit(&p);
        drop(&l);
        fet_free(text);
    }
}

static void a_target_without_variety_in_the_fit_split_is_refused(void **state)
{
    (void)state;
    struct learnt l = {0};
    struct fet_text all = {0};
    test_folder_open(&l.folder);
    fet_text_add_string(&all, "x,y\n");
    for (int i = 0; i < 40; i++) fet_text_add(&all, "%d.5,a\n", i * i);
    (void)test_folder_add(&l.folder, "train.csv", fet_text_get(&all));
    (void)test_folder_add(&l.folder, "test.csv", "x,y\n1,b\n2,b\n3,b\n");
    assert_fails(learn_at(l.folder.path, NULL, &l), FET_DATA, "is 'a' in all 36 rows");
    assert_null(l.state);
    drop(&l);
    fet_text_deinit(&all);
}

/* From the file to a loaded model that answers and is scored. */
static fet_status walk(const char *path, struct fet_settings *settings)
{
    fet_status st = FET_OK;
    struct fet_examples e = {0}, one = {0};
    struct fet_package p = {0};
    struct fet_task_score s = {0};
    struct fet_answer answers[64];
    const struct fet_example **x = NULL;
    struct fet_text words = {0};
    json_t *o = NULL;
    uint8_t *bytes = NULL;
    void *made = NULL, *loaded = NULL;
    size_t n_bytes = 0;
    char name[32];
    int64_t n = 0, n_done = 0;
    const struct fet_task_job job = {.settings = settings, .seed = 1};
    FET_TRY_OUT(task->read(path, &job, &e));
    FET_TRY_OUT(fet_split_assign(&e, task->shares, 1));
    FET_TRY_OUT(task->fit(&e, &job, &made));
    FET_TRY_OUT(task->calibrate(made, &e, &job));
    FET_TRY_OUT(task->save(made, &p));
    FET_TRY_OUT(task->load(&p, settings, &loaded));
    FET_TRY_OUT(fet_examples_select(&e, FET_SPLIT_TEST, &x, &n));
    for (; n_done < n; n_done++) {
        fet_answer_init(&answers[n_done]);
        st = task->answer(loaded, &e, x[n_done], NULL, &answers[n_done]);
        if (st != FET_OK) {
            n_done++;
            goto out;
        }
    }
    FET_TRY_OUT(task->score(loaded, &e, x, answers, n, NULL, &s));
    FET_TRY_OUT(task->describe(loaded, &o));
    FET_TRY_OUT(task->explain(loaded, &words));
    FET_TRY_OUT(task->encode(loaded, &e, x[0], &bytes, &n_bytes, name));
    FET_TRY_OUT(task->parse(loaded, bytes, n_bytes, name, &one));
out:
    for (int64_t i = 0; i < n_done; i++) fet_answer_deinit(&answers[i]);
    fet_free(bytes);
    json_decref(o);
    fet_text_deinit(&words);
    fet_task_score_deinit(&s);
    task->close(made);
    task->close(loaded);
    fet_package_deinit(&p);
    fet_examples_deinit(&one);
    fet_examples_deinit(&e);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    void (*const adds[])(struct fet_text *, int, double, double) = {add_price, add_same_and_heavy};
    static const char *const headers[] = {price_header, "material,weight,code,place,kind"};
    for (int kind = 0; kind < 2; kind++) {
        struct test_folder f;
        struct fet_settings *settings = NULL;
        char *text = make_text(headers[kind], 30, 17, adds[kind]);
        test_folder_open(&f);
        const char *path = test_folder_add(&f, "t.csv", text);
        assert_ok(fet_settings_new(task->options, &settings));
        assert_ok(fet_settings_set(settings, "trees", "1"));
        assert_ok(fet_settings_set(settings, "depth", "2"));
        check_fault_sweep(FET_FAULT_ALLOC, walk(path, settings));
        fet_settings_free(settings);
        test_folder_close(&f);
        fet_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_learnt_with_an_interval),
        cmocka_unit_test(two_classes_are_learnt_with_probabilities),
        cmocka_unit_test(many_classes_are_learnt),
        cmocka_unit_test(one_model_answers_on_many_threads),
        cmocka_unit_test(the_order_of_rows_changes_nothing),
        cmocka_unit_test(texts_become_inputs),
        cmocka_unit_test(too_few_rows_promise_nothing),
        cmocka_unit_test(tables_are_recognised),
        cmocka_unit_test(models_describe_themselves_after_loading_too),
        cmocka_unit_test(damaged_states_are_refused),
        cmocka_unit_test(a_target_without_variety_in_the_fit_split_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
