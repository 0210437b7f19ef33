#include "check.h"

#include "data.h"

static void names_of_splits(void **state)
{
    (void)state;
    assert_string_equal(fet_split_name(FET_SPLIT_NONE), "none");
    assert_string_equal(fet_split_name(FET_SPLIT_FIT), "fit");
    assert_string_equal(fet_split_name(FET_SPLIT_CALIBRATE), "calibrate");
    assert_string_equal(fet_split_name(FET_SPLIT_TEST), "test");
}

static void selects_by_split_in_key_order(void **state)
{
    (void)state;
    struct fet_example items[] = {
        {.path = "d", .key = 9, .split = FET_SPLIT_FIT},
        {.path = "b", .key = 5, .split = FET_SPLIT_TEST},
        {.path = "c", .key = 7, .split = FET_SPLIT_FIT, .label = "x", .i_row = 2},
        {.path = "c", .key = 7, .split = FET_SPLIT_FIT, .label = "x", .i_row = 1},
        {.path = "b", .key = 7, .split = FET_SPLIT_FIT, .label = "x", .i_row = 1},
        {.path = "a", .key = 7, .split = FET_SPLIT_FIT, .label = "y"},
        {.path = "a", .key = 7, .split = FET_SPLIT_FIT, .truth = FET_TRUTH_DEFECT, .label = "a"},
    };
    const int wanted[] = {4, 3, 2, 5, 6, 0};
    struct fet_examples e = {.items = items, .n = 7};
    const struct fet_example **chosen = NULL;
    int64_t n = 0;
    assert_ok(fet_examples_select(&e, FET_SPLIT_FIT, &chosen, &n));
    assert_int_equal(n, 6);
    for (int i = 0; i < 6; i++) assert_ptr_equal(chosen[i], &items[wanted[i]]);
    assert_ok(fet_examples_select(&e, FET_SPLIT_NONE, &chosen, &n));
    assert_int_equal(n, 7);
    assert_ptr_equal(chosen[0], &items[1]);
    assert_ok(fet_examples_select(&e, FET_SPLIT_CALIBRATE, &chosen, &n));
    assert_int_equal(n, 0);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 1);
    fet_examples_deinit(&e);
    fet_examples_deinit(NULL);
}

static void check_description(const struct fet_examples *e, const char *wanted)
{
    struct fet_text t = {0};
    assert_ok(fet_examples_describe(e, &t));
    assert_string_equal(fet_text_get(&t), wanted);
    fet_text_deinit(&t);
}

static void a_split_set_is_a_narrow_table(void **state)
{
    (void)state;
    struct fet_example items[200];
    struct fet_examples e = {.items = items, .layout = "MVTec folders"};
    for (int i = 0; i < 120; i++)
        items[e.n++] = (struct fet_example){.label = "good",
                                            .truth = FET_TRUTH_GOOD,
                                            .split = i < 90    ? FET_SPLIT_FIT
                                                     : i < 110 ? FET_SPLIT_CALIBRATE
                                                               : FET_SPLIT_TEST};
    for (int i = 0; i < 3; i++)
        items[e.n++] = (struct fet_example){.label = i < 2 ? "scratch"
                                                           : "\xC3\xA9"
                                                             "clat",
                                            .truth = FET_TRUTH_DEFECT,
                                            .split = FET_SPLIT_TEST,
                                            .mask_path = i < 2 ? "m" : NULL};
    items[e.n++] = (struct fet_example){.split = FET_SPLIT_TEST};
    fet_text_add_string(&e.ignored, "train/good/x.png: the file is empty\n");
    e.n_ignored = 1;
    check_description(&e, "MVTec folders\n"
                          "  label       fit  calibrate  test  total\n"
                          "  good         90         20    10    120\n"
                          "  scratch       -          -     2      2\n"
                          "  \xC3\xA9"
                          "clat         -          -     1      1\n"
                          "  unlabelled    -          -     1      1\n"
                          "  total        90         20    14    124\n"
                          "  2 with a mask of the defect\n"
                          "  1 ignored:\n"
                          "    train/good/x.png: the file is empty");
    fet_text_deinit(&e.ignored);
}

static void what_is_not_split_has_one_column(void **state)
{
    (void)state;
    struct fet_example items[] = {{.label = "good", .truth = FET_TRUTH_GOOD}, {.label = "dent"}};
    struct fet_examples e = {.items = items, .n = 2};
    check_description(&e, "  label  not split\n"
                          "  good           1\n"
                          "  dent           1\n"
                          "  total          2");
    e.n = 1;
    e.layout = "one flat folder";
    check_description(&e, "one flat folder\n"
                          "  label  not split\n"
                          "  good           1");
    e.n = 0;
    check_description(&e, "one flat folder");
}

/* No line is wider than 80 columns, whatever the names are. */
static void long_and_many_names_stay_narrow(void **state)
{
    (void)state;
    struct fet_example items[400];
    struct fet_examples e = {.items = items, .n = 400, .layout = "folders"};
    char labels[40][120];
    for (int i = 0; i < 40; i++) {
        memset(labels[i], 'a' + i % 26, sizeof labels[i]);
        labels[i][0] = '\n';
        labels[i][5 + i * 2] = '\0';
    }
    for (int i = 0; i < 400; i++)
        items[i] = (struct fet_example){.label = labels[i % (1 + i % 40)],
                                        .truth = FET_TRUTH_DEFECT,
                                        .split = (enum fet_split)(i % 4)};
    for (int i = 0; i < 9; i++) fet_text_add(&e.ignored, "%0200d: too long\n", i);
    e.n_ignored = 9;
    struct fet_text t = {0};
    assert_ok(fet_examples_describe(&e, &t));
    int width = 0, n_lines = 1;
    for (const char *c = fet_text_get(&t); *c != '\0'; c++) {
        width = *c == '\n' ? 0 : width + (((unsigned char)*c & 0xC0) != 0x80);
        n_lines += *c == '\n';
        assert_true(width <= 80);
    }
    assert_true(n_lines <= 26);
    assert_non_null(strstr(fet_text_get(&t), " others"));
    assert_non_null(strstr(fet_text_get(&t), "\xE2\x80\xA6")); /* an ellipsis */
    assert_non_null(strstr(fet_text_get(&t), "and 5 more"));
    assert_true(t.n < 2000); /* fits into a note */
    fet_text_deinit(&t);
    fet_text_deinit(&e.ignored);
}

static fet_status describe_and_forget(void)
{
    struct fet_example items[] = {{.label = "good"}, {.label = "dent"}};
    const struct fet_examples e = {.items = items, .n = 2};
    struct fet_text t = {0};
    const fet_status st = fet_examples_describe(&e, &t);
    fet_text_deinit(&t);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, describe_and_forget());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_splits),
        cmocka_unit_test(selects_by_split_in_key_order),
        cmocka_unit_test(a_split_set_is_a_narrow_table),
        cmocka_unit_test(what_is_not_split_has_one_column),
        cmocka_unit_test(long_and_many_names_stay_narrow),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
