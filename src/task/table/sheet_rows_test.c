/* Files to rows as the whole task sees them: splits, groups, what is left out, one row as bytes. */
#include "test_estimate.h"

static void inputs_need_the_columns_but_no_target(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_examples e = {0};
    struct fet_answer a;
    char *text = make_text(price_header, 300, 6, add_price);
    const char *const words[] = {"trees", "5", NULL};
    assert_ok(learn(text, words, &l));
    const char *path = test_folder_add(&l.folder, "new.csv",
                                       "weight,code,material,extra\n3,c01,brass,1\n?,,marble,2\n");
    assert_ok(task->read_inputs(l.state, &path, 1, NULL, &e));
    assert_int_equal(e.n, 2);
    assert_non_null(strstr(e.items[1].path, "new.csv:3"));
    for (int64_t i = 0; i < e.n; i++) {
        assert_ok(answer_row(&l, &e, i, &a));
        assert_true(isfinite(a.value));
        fet_answer_deinit(&a);
    }
    struct fet_task_score s = {0};
    const struct fet_example *x = &e.items[0];
    assert_fails(task->score(l.state, &e, &x, &a, 1, NULL, &s), FET_DATA, "no column 'price'");
    assert_fails(task->score(l.state, &e, &x, &a, 0, NULL, &s), FET_DATA, "no rows");
    fet_examples_deinit(&e);
    path = test_folder_add(&l.folder, "poor.csv", "weight,extra\n3,1\n");
    assert_fails(task->read_inputs(l.state, &path, 1, NULL, &e), FET_DATA,
                 "poor.csv: lacks the columns 'material', 'code'");
    assert_fails(task->read_test(l.state, l.folder.file[1], NULL, &e), FET_DATA,
                 "lacks the column 'price'");
    drop(&l);
    fet_free(text);
}

static void rows_without_a_target_are_told_and_left_out(void **state)
{
    (void)state;
    struct learnt l;
    char *text = make_text(price_header, 100, 7, add_price);
    struct fet_text more = {0};
    fet_text_add(&more, "%sbrass,1,c01,\nbrass,2,c02,NA\n", text);
    const char *const words[] = {"trees", "5", NULL};
    assert_ok(learn(fet_text_get(&more), words, &l));
    assert_int_equal(l.examples.n, 100);
    assert_int_equal(l.examples.n_ignored, 2);
    assert_non_null(strstr(fet_text_get(&l.examples.ignored), "2 rows without a value in 'price'"));
    drop(&l);
    fet_text_deinit(&more);
    fet_free(text);
}

static void equal_rows_stay_together(void **state)
{
    (void)state;
    struct learnt l;
    char *text = make_text(price_header, 200, 8, add_price);
    struct fet_text twice = {0};
    fet_text_add_string(&twice, text);
    /* the first fifty rows again */
    const char *first = strchr(text, '\n') + 1, *end = first;
    for (int i = 0; i < 50; i++) end = strchr(end, '\n') + 1;
    fet_text_add_bytes(&twice, first, (size_t)(end - first));
    const char *const words[] = {"trees", "5", NULL};
    assert_ok(learn(fet_text_get(&twice), words, &l));
    assert_int_equal(l.examples.n, 250);
    for (int i = 0; i < 50; i++) {
        const struct fet_example *x = &l.examples.items[i], *y = &l.examples.items[200 + i];
        assert_int_equal(x->split, y->split);
        assert_string_equal(x->group, y->group);
        assert_true(x->key != y->key); /* a key names one row */
    }
    assert_null(l.examples.items[60].group);
    assert_non_null(strstr(fet_text_get(&l.notes), "50 of 250 rows equal an earlier one"));
    drop(&l);
    fet_text_deinit(&twice);
    fet_free(text);
}

/* A survey with three questions has few different rows; they are different people. */
static void a_coarse_table_is_split_all_the_same(void **state)
{
    (void)state;
    struct learnt l;
    struct fet_text t = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, 9, 0);
    fet_text_add_string(&t, "sex,smokes,ill\n");
    for (int i = 0; i < 400; i++) {
        const int smokes = fet_rng_chance(&rng, 0.4);
        fet_text_add(&t, "%s,%d,%d\n", fet_rng_chance(&rng, 0.5) ? "m" : "f", smokes,
                     fet_rng_chance(&rng, smokes ? 0.7 : 0.2));
    }
    assert_ok(learn(fet_text_get(&t), NULL, &l));
    assert_int_equal(fet_examples_count(&l.examples, FET_SPLIT_TEST), 80);
    assert_int_equal(fet_examples_count(&l.examples, FET_SPLIT_CALIBRATE), 40);
    assert_non_null(strstr(fet_text_get(&l.notes), "the table is coarse"));
    drop(&l);
    fet_text_deinit(&t);
}

static void files_for_training_and_testing_are_a_split(void **state)
{
    (void)state;
    struct learnt l = {0};
    char *text = make_text(price_header, 150, 10, add_price);
    char *other = make_text(price_header, 50, 11, add_price);
    test_folder_open(&l.folder);
    (void)test_folder_add(&l.folder, "Train_2024.csv", text);
    (void)test_folder_add(&l.folder, "test.csv", other);
    (void)test_folder_add(&l.folder, "tests of old.csv", "material,weight,code,price\n");
    assert_ok(learn_at(l.folder.path, NULL, &l));
    assert_int_equal(fet_examples_count(&l.examples, FET_SPLIT_TEST), 50);
    assert_int_equal(fet_examples_count(&l.examples, FET_SPLIT_CALIBRATE), 15);
    assert_string_equal(l.examples.layout, "CSV files for training and testing");
    struct fet_examples e = {0};
    assert_ok(task->read_test(l.state, l.folder.path, NULL, &e));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 50);
    const struct fet_rows *rows = e.payload;
    for (int64_t i = 0; i < e.n; i++) {
        double label = 0;
        assert_true(e.items[i].key == l.examples.items[i].key);
        assert_null(
            l.examples.items[i].label); /* numbers are labels only where nobody counts them */
        assert_true(fet_text_to_real(e.items[i].label, &label));
        assert_true(label == rows->truths.numbers[e.items[i].i_row]);
    }
    fet_examples_deinit(&e);
    drop(&l);
    fet_free(text);
    fet_free(other);
}

static void a_row_of_strange_texts_survives_encoding(void **state)
{
    (void)state;
    struct learnt l;
    char *text = make_text("\"the \"\"material\"\", or so\",weight,code,kind", 300, 14, add_heavy);
    const char *const words[] = {"trees", "5", NULL};
    assert_ok(learn(text, words, &l));
    for (int64_t i = 0; i < 40; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        char name[32];
        struct fet_examples one = {0};
        const struct fet_rows *rows = l.examples.payload;
        assert_ok(task->encode(l.state, &l.examples, &l.examples.items[i], &bytes, &n, name));
        assert_ok(task->parse(l.state, bytes, n, name, &one));
        const struct fet_rows *copy = one.payload;
        for (int k = 0; k < 3; k++) {
            const struct fet_column *a = &rows->sheet->columns[k], *b = &copy->sheet->columns[k];
            assert_int_equal(a->type, b->type);
            assert_int_equal(fet_sheet_is_missing(a, i), fet_sheet_is_missing(b, 0));
            if (fet_sheet_is_missing(a, i)) continue;
            if (a->type == FET_COLUMN_NUMBER)
                assert_true(a->numbers[i] == b->numbers[0]);
            else
                assert_string_equal(a->levels[a->codes[i]], b->levels[b->codes[0]]);
        }
        fet_examples_deinit(&one);
        fet_free(bytes);
    }
    struct fet_examples two = {0};
    static const char rows[] = "\"the \"\"material\"\", or so\",weight,code\na,1,b\na,2,b\n";
    assert_fails(task->parse(l.state, rows, sizeof rows - 1, "r.csv", &two), FET_DATA,
                 "wanted one row below the names, found 2");
    drop(&l);
    fet_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_need_the_columns_but_no_target),
        cmocka_unit_test(rows_without_a_target_are_told_and_left_out),
        cmocka_unit_test(equal_rows_stay_together),
        cmocka_unit_test(a_coarse_table_is_split_all_the_same),
        cmocka_unit_test(files_for_training_and_testing_are_a_split),
        cmocka_unit_test(a_row_of_strange_texts_survives_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
