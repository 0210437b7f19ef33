#include "choice.h"

#include "made.h"

static enum fet_group group_of(const char *truth, enum fet_verdict verdict)
{
    const bool is_good = truth != NULL && strcmp(truth, "good") == 0;
    struct fet_answer a;
    fet_answer_init(&a);
    a.verdict = verdict;
    const struct fet_example x = {.truth = truth == NULL ? FET_TRUTH_UNKNOWN
                                           : is_good     ? FET_TRUTH_GOOD
                                                         : FET_TRUTH_DEFECT};
    return fet_group_of(&x, &a);
}

static void verdicts_are_grouped_by_what_they_cost(void **state)
{
    (void)state;
    assert_int_equal(group_of("dent", FET_VERDICT_ACCEPT), FET_GROUP_MISSED);
    assert_int_equal(group_of("dent", FET_VERDICT_REVIEW), FET_GROUP_REVIEW);
    assert_int_equal(group_of("dent", FET_VERDICT_REJECT), FET_GROUP_RIGHT);
    assert_int_equal(group_of("good", FET_VERDICT_ACCEPT), FET_GROUP_RIGHT);
    assert_int_equal(group_of("good", FET_VERDICT_REVIEW), FET_GROUP_REVIEW);
    assert_int_equal(group_of("good", FET_VERDICT_REJECT), FET_GROUP_FALSE_REJECT);
    assert_int_equal(group_of(NULL, FET_VERDICT_REJECT), FET_GROUP_UNKNOWN);
    assert_int_equal(group_of("dent", FET_VERDICT_NONE), FET_GROUP_UNKNOWN);
}

static void classes_and_numbers_are_grouped_by_truth(void **state)
{
    (void)state;
    const char *const classes[] = {"cat", "dog"};
    double p[] = {0.3, 0.7};
    struct fet_example x = {.label = "cat"};
    struct fet_answer a;
    fet_answer_init(&a);
    a.classes = classes, a.probabilities = p, a.n_classes = 2, a.label = "dog";
    assert_int_equal(fet_group_of(&x, &a), FET_GROUP_WRONG_LABEL);
    assert_close(fet_answer_confidence(&a), 0.7, 0, 0);
    a.label = "cat";
    assert_int_equal(fet_group_of(&x, &a), FET_GROUP_RIGHT);

    fet_answer_init(&a);
    assert_true(isnan(fet_answer_confidence(&a)));
    x.label = "12.5";
    a.value = 10, a.low = 9, a.high = 12;
    assert_int_equal(fet_group_of(&x, &a), FET_GROUP_OUTSIDE);
    assert_close(fet_truth_error(&x, &a), -2.5, 0, 0);
    a.high = 12.5; /* the end belongs to the interval */
    assert_int_equal(fet_group_of(&x, &a), FET_GROUP_RIGHT);
    x.label = "unclear";
    assert_true(isnan(fet_truth_error(&x, &a)));
    assert_int_equal(fet_group_of(&x, &a), FET_GROUP_UNKNOWN);
}

static void the_truth_has_a_word(void **state)
{
    (void)state;
    assert_string_equal(fet_truth_label(&(struct fet_example){.label = "dent"}), "dent");
    assert_string_equal(fet_truth_label(&(struct fet_example){.truth = FET_TRUTH_GOOD}), "good");
    assert_string_equal(fet_truth_label(&(struct fet_example){.truth = FET_TRUTH_DEFECT}),
                        "defect");
    assert_string_equal(fet_truth_label(&(struct fet_example){.path = "x"}), "");
}

static void wrong_answers_come_first_and_the_worst_of_them(void **state)
{
    (void)state;
    static struct made m;
    struct fet_choice c;
    made_init(&m);
    made_add(&m, "0", "good", 0.2);
    made_add(&m, "1", "good", 0.6);
    made_add(&m, "2", "dent", 0.3);
    made_add(&m, "3", "good", 0.45);
    made_add(&m, "4", "dent", 0.1);
    made_add(&m, "5", "good", 0.9);
    made_add(&m, "6", "dent", 0.8);
    assert_ok(fet_choice_make(&m.report, 60, &c));
    const int64_t wanted[] = {4, 2, 5, 1, 3, 6, 0};
    assert_int_equal(c.n, 7);
    assert_memory_equal(c.items, wanted, sizeof wanted);
    assert_int_equal(c.n_shown[FET_GROUP_MISSED], 2);
    assert_int_equal(c.n_total[FET_GROUP_FALSE_REJECT], 2);
    assert_int_equal(c.n_total[FET_GROUP_RIGHT], 2);
    fet_choice_deinit(&c);
    made_deinit(&m);
}

static int64_t count_label(const struct made *m, const struct fet_choice *c, const char *label)
{
    int64_t n = 0;
    for (int64_t i = 0; i < c->n; i++) n += strcmp(m->examples[c->items[i]].label, label) == 0;
    return n;
}

static void right_answers_are_a_sample_even_over_labels(void **state)
{
    (void)state;
    static struct made m;
    struct fet_choice c;
    made_init(&m);
    for (int i = 0; i < 300; i++) made_add(&m, "g", "good", 0.001 * i);
    for (int i = 0; i < 60; i++) made_add(&m, "d", "dent", 0.6 + 0.001 * i);
    for (int i = 0; i < 3; i++) made_add(&m, "s", "scratch", 0.6 + 0.1 * i);
    assert_ok(fet_choice_make(&m.report, 60, &c));
    assert_int_equal(c.n, 24);
    assert_int_equal(count_label(&m, &c, "scratch"), 3);
    assert_in_range(count_label(&m, &c, "dent"), 10, 11);
    assert_in_range(count_label(&m, &c, "good"), 10, 11);
    /* Labels stand together, from the highest score to the lowest, over the whole range. */
    double highest = 0, lowest = 1;
    for (int64_t i = 0; i < c.n; i++) {
        const int64_t at = c.items[i];
        if (i > 0 && m.examples[at].label == m.examples[c.items[i - 1]].label)
            assert_true(m.answers[at].score < m.answers[c.items[i - 1]].score);
        if (strcmp(m.examples[at].label, "good") != 0) continue;
        highest = fmax(highest, m.answers[at].score);
        lowest = fmin(lowest, m.answers[at].score);
    }
    assert_true(highest > 0.29 && lowest < 0.05);
    fet_choice_deinit(&c);
    made_deinit(&m);
}

static void groups_share_the_places_and_none_is_shown_twice(void **state)
{
    (void)state;
    static struct made m;
    struct fet_choice c;
    bool is_seen[MADE_MOST] = {false};
    made_init(&m);
    for (int i = 0; i < 100; i++) made_add(&m, "m", i % 2 ? "dent" : "scratch", 0.001 * i);
    for (int i = 0; i < 100; i++) made_add(&m, "f", "good", 0.6 + 0.001 * i);
    for (int i = 0; i < 5; i++) made_add(&m, "r", "good", 0.45);
    for (int i = 0; i < 100; i++) made_add(&m, "g", "good", 0.1);
    assert_ok(fet_choice_make(&m.report, 60, &c));
    assert_int_equal(c.n, 60);
    assert_int_equal(c.n_shown[FET_GROUP_REVIEW], 5);
    assert_in_range(c.n_shown[FET_GROUP_MISSED], 18, 19);
    assert_in_range(c.n_shown[FET_GROUP_FALSE_REJECT], 18, 19);
    assert_in_range(c.n_shown[FET_GROUP_RIGHT], 18, 19);
    /* Both kinds of missed defects get the same number of places. */
    assert_in_range(count_label(&m, &c, "dent"), 9, 10);
    assert_in_range(count_label(&m, &c, "scratch"), 9, 10);
    for (int64_t i = 0; i < c.n; i++) {
        assert_false(is_seen[c.items[i]]);
        is_seen[c.items[i]] = true;
    }
    fet_choice_deinit(&c);
    made_deinit(&m);
}

static void of_numbers_the_furthest_off_are_shown(void **state)
{
    (void)state;
    static struct made m;
    static char labels[100][8];
    struct fet_choice c;
    made_init(&m);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(labels[i], sizeof labels[i], "%d", 500 - i);
        made_add(&m, "r", labels[i], (double)NAN);
        m.examples[i].truth = FET_TRUTH_UNKNOWN;
        m.answers[i].verdict = FET_VERDICT_NONE;
        m.answers[i].value = 500 + i % 10;
        m.answers[i].low = m.answers[i].value - 1, m.answers[i].high = m.answers[i].value + 1;
    }
    assert_ok(fet_choice_make(&m.report, 10, &c));
    assert_int_equal(c.n_shown[FET_GROUP_OUTSIDE], 9); /* one place goes to a right one */
    assert_int_equal(c.items[0], 99);
    for (int64_t i = 0; i < 9; i++)
        assert_true(fabs(fet_truth_error(m.pointers[c.items[i]], &m.answers[c.items[i]])) > 95);
    fet_choice_deinit(&c);
    made_deinit(&m);
}

static void nothing_and_missing_scores_are_fine(void **state)
{
    (void)state;
    static struct made m;
    struct fet_choice c;
    made_init(&m);
    assert_ok(fet_choice_make(&m.report, 60, &c));
    assert_int_equal(c.n, 0);
    fet_choice_deinit(&c);
    for (int i = 0; i < 5; i++) made_add(&m, "u", NULL, (double)NAN);
    assert_ok(fet_choice_make(&m.report, 3, &c));
    assert_int_equal(c.n, 3);
    assert_int_equal(c.n_shown[FET_GROUP_UNKNOWN], 3);
    fet_choice_deinit(&c);
    assert_ok(fet_choice_make(&m.report, 0, &c));
    assert_int_equal(c.n, 0);
    fet_choice_deinit(&c);
    fet_choice_deinit(NULL);
    made_deinit(&m);
}

static fet_status make_and_drop(const struct fet_report *r)
{
    struct fet_choice c;
    FET_TRY(fet_choice_make(r, 60, &c));
    fet_choice_deinit(&c);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static struct made m;
    made_init(&m);
    made_add(&m, "0", "good", 0.2);
    check_fault_sweep(FET_FAULT_ALLOC, make_and_drop(&m.report));
    made_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_grouped_by_what_they_cost),
        cmocka_unit_test(classes_and_numbers_are_grouped_by_truth),
        cmocka_unit_test(the_truth_has_a_word),
        cmocka_unit_test(wrong_answers_come_first_and_the_worst_of_them),
        cmocka_unit_test(right_answers_are_a_sample_even_over_labels),
        cmocka_unit_test(groups_share_the_places_and_none_is_shown_twice),
        cmocka_unit_test(of_numbers_the_furthest_off_are_shown),
        cmocka_unit_test(nothing_and_missing_scores_are_fine),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
