#include "check.h"

#include "data.h"

enum { N_MAX = 400 };

/* n good examples with scattered keys that do not depend on n. */
static struct fet_examples make(struct fet_example items[N_MAX], int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        struct fet_rng rng;
        fet_rng_init(&rng, 9, (uint64_t)i);
        items[i] = (struct fet_example){
            .path = "p", .label = "good", .truth = FET_TRUTH_GOOD, .key = fet_rng_u64(&rng)};
    }
    return (struct fet_examples){.items = items, .n = n};
}

static const struct fet_split_shares quarter = {.calibrate = 0.25};
static const struct fet_split_shares both = {.calibrate = 0.2, .test = 0.3};

static void counts_are_exact_without_groups(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    for (int64_t n = 2; n < 60; n++) {
        struct fet_examples e = make(items, n);
        assert_ok(fet_split_assign(&e, both, 1));
        const int64_t n_calibrate = fet_examples_count(&e, FET_SPLIT_CALIBRATE);
        const int64_t n_test = fet_examples_count(&e, FET_SPLIT_TEST);
        const int64_t wanted = llround(0.2 * (double)n);
        assert_int_equal(n_calibrate, wanted > 0 ? wanted : 1);
        const int64_t most = n - 1 - n_calibrate, test = llround(0.3 * (double)n);
        assert_int_equal(n_test, test < most ? test : most);
        assert_int_equal(fet_examples_count(&e, FET_SPLIT_NONE), 0);
        assert_true(fet_examples_count(&e, FET_SPLIT_FIT) >= 1);
    }
}

static void limits_are_none_one_and_everything(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_examples e = {0};
    assert_ok(fet_split_assign(&e, both, 1));
    e = make(items, 1);
    assert_ok(fet_split_assign(&e, quarter, 1));
    assert_int_equal(items[0].split, FET_SPLIT_FIT);
    e = make(items, 10);
    assert_ok(fet_split_assign(&e, (struct fet_split_shares){.calibrate = 1}, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 9);
    e = make(items, 10);
    assert_ok(fet_split_assign(&e, (struct fet_split_shares){.test = 1}, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 9);
    e = make(items, 10);
    assert_ok(fet_split_assign(&e, (struct fet_split_shares){0}, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_FIT), 10);
    assert_fails(fet_split_assign(&e, (struct fet_split_shares){.calibrate = 0.7, .test = 0.4}, 1),
                 FET_ARGUMENT, "0.7");
    assert_fails(fet_split_assign(&e, (struct fet_split_shares){.calibrate = -0.1}, 1),
                 FET_ARGUMENT, "-0.1");
    assert_fails(fet_split_assign(&e, (struct fet_split_shares){.calibrate = (double)NAN}, 1),
                 FET_ARGUMENT, "nan");
}

static void names_and_order_do_not_matter(void **state)
{
    (void)state;
    struct fet_example items[N_MAX], shuffled[N_MAX];
    struct fet_examples e = make(items, 100), other = make(shuffled, 100);
    struct fet_rng rng;
    fet_rng_init(&rng, 4, 0);
    for (int64_t i = 99; i > 0; i--) {
        const int64_t j = fet_rng_below(&rng, (uint32_t)i + 1);
        const struct fet_example swap = shuffled[i];
        shuffled[i] = shuffled[j];
        shuffled[j] = swap;
        shuffled[i].path = "renamed";
    }
    assert_ok(fet_split_assign(&e, both, 7));
    assert_ok(fet_split_assign(&other, both, 7));
    for (int64_t i = 0; i < 100; i++)
        for (int64_t j = 0; j < 100; j++)
            if (items[i].key == shuffled[j].key)
                assert_int_equal(items[i].split, shuffled[j].split);
}

static void another_seed_is_another_split(void **state)
{
    (void)state;
    struct fet_example a[N_MAX], b[N_MAX];
    struct fet_examples x = make(a, 100), y = make(b, 100);
    assert_ok(fet_split_assign(&x, quarter, 1));
    assert_ok(fet_split_assign(&y, quarter, 2));
    int n_moved = 0;
    for (int i = 0; i < 100; i++) n_moved += a[i].split != b[i].split;
    assert_true(n_moved > 15 && n_moved < 60); /* 2 * 25 * 0.75 expected */
}

static void one_more_example_moves_others_only_at_the_cuts(void **state)
{
    (void)state;
    struct fet_example before[N_MAX], after[N_MAX];
    for (int64_t n = 10; n < 200; n += 7) {
        struct fet_examples x = make(before, n), y = make(after, n + 1);
        assert_ok(fet_split_assign(&x, both, 3));
        assert_ok(fet_split_assign(&y, both, 3));
        int n_moved = 0;
        for (int64_t i = 0; i < n; i++) n_moved += before[i].split != after[i].split;
        assert_true(n_moved <= 2); /* at most one at each cut */
    }
}

static void groups_are_never_cut(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    char names[40][8];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct fet_examples e = make(items, 300);
        for (int64_t i = 0; i < 300; i += 1 + i % 3) {
            (void)snprintf(names[i % 40], sizeof names[0], "g%d", (int)(i % 40));
            items[i].group = names[i % 40];
        }
        assert_ok(fet_split_assign(&e, both, seed));
        for (int64_t i = 0; i < 300; i++)
            for (int64_t j = 0; j < 300 && items[i].group != NULL; j++)
                if (items[j].group != NULL && strcmp(items[i].group, items[j].group) == 0)
                    assert_int_equal(items[i].split, items[j].split);
        /* There are enough examples alone to make the counts exact. */
        assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 60);
        assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 90);
    }
}

static void the_smallest_of_two_large_groups_is_for_calibrating(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_examples e = make(items, 20);
    for (int i = 0; i < 20; i++) items[i].group = i < 9 ? "small" : "large";
    assert_ok(fet_split_assign(&e, quarter, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 9);
    for (int i = 0; i < 20; i++) items[i].group = "one";
    for (int i = 0; i < 20; i++) items[i].split = FET_SPLIT_NONE;
    assert_ok(fet_split_assign(&e, quarter, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_FIT), 20);
}

static void what_the_layout_says_stays(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_examples e = make(items, 50);
    for (int i = 0; i < 10; i++) items[i].split = FET_SPLIT_TEST;
    assert_ok(fet_split_assign(&e, both, 1));
    for (int i = 0; i < 10; i++) assert_int_equal(items[i].split, FET_SPLIT_TEST);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 10); /* its share is taken as 0 */
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 8);
    e = make(items, 50);
    for (int i = 0; i < 5; i++) items[i].split = FET_SPLIT_CALIBRATE;
    assert_ok(fet_split_assign(&e, both, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 5);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 14);
}

static void a_group_follows_its_decided_member(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_examples e = make(items, 30);
    items[0].split = FET_SPLIT_TEST;
    items[0].group = items[1].group = items[2].group = "t";
    items[3].split = FET_SPLIT_CALIBRATE;
    items[3].group = items[4].group = "c";
    items[1].split = FET_SPLIT_FIT;
    assert_ok(fet_split_assign(&e, both, 1));
    assert_int_equal(items[1].split, FET_SPLIT_TEST);
    assert_int_equal(items[2].split, FET_SPLIT_TEST);
    assert_int_equal(items[4].split, FET_SPLIT_CALIBRATE);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_FIT), 25);
}

static void defects_are_for_testing_where_good_parts_are(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_examples e = make(items, 40);
    for (int i = 0; i < 10; i++) items[i].truth = FET_TRUTH_DEFECT;
    items[9].group = items[10].group = "one part, before and after";
    assert_ok(fet_split_assign(&e, both, 1));
    for (int i = 0; i < 11; i++) assert_int_equal(items[i].split, FET_SPLIT_TEST);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 6); /* of the 29 good ones */
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 11 + 9);
    e = make(items, 40);
    for (int i = 0; i < 40; i++) items[i].truth = FET_TRUTH_DEFECT;
    assert_ok(fet_split_assign(&e, both, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 12);
}

/* ---- folds ---- */

static const struct fet_split_shares folded = {.calibrate = 0.25, .few = 50, .n_folds = 4};

static void few_are_dealt_into_folds_and_many_are_not(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    for (int64_t n = 2; n < 60; n++) {
        struct fet_examples e = make(items, n);
        int64_t sizes[5] = {0};
        assert_ok(fet_split_assign(&e, folded, 1));
        assert_int_equal(fet_examples_folds(&e), n >= 50 ? 0 : n < 4 ? n : 4);
        for (int64_t i = 0; i < n; i++) sizes[items[i].fold]++;
        if (n >= 50) {
            assert_int_equal(sizes[0], n);
            assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE),
                             llround(0.25 * (double)n));
            continue;
        }
        assert_int_equal(sizes[0], 0);
        assert_int_equal(fet_examples_count(&e, FET_SPLIT_FIT), n);
        for (int k = 1; k <= fet_examples_folds(&e); k++)
            assert_true(sizes[k] == n / fet_examples_folds(&e) ||
                        sizes[k] == n / fet_examples_folds(&e) + 1);
    }
}

static void folds_are_dealt_by_content_and_cut_no_group(void **state)
{
    (void)state;
    struct fet_example items[N_MAX], reversed[N_MAX];
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct fet_examples e = make(items, 40), other = make(reversed, 40);
    for (int i = 0; i < 40; i++) {
        if (i % 8 != 7) items[i].group = names[i % 8];
        reversed[39 - i] = items[i];
    }
    assert_ok(fet_split_assign(&e, folded, 1));
    assert_ok(fet_split_assign(&other, folded, 1));
    assert_int_equal(fet_examples_folds(&e), 4);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(items[i].fold, reversed[39 - i].fold);
        if (i >= 8 && items[i].group != NULL) assert_int_equal(items[i].fold, items[i - 8].fold);
    }
}

static void folds_leave_what_is_decided(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_split_shares shares = folded;
    struct fet_examples e = make(items, 30);
    items[3].split = FET_SPLIT_TEST;
    items[4].truth = FET_TRUTH_DEFECT;
    assert_ok(fet_split_assign(&e, folded, 1));
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 2);
    assert_true(items[3].fold == 0 && items[4].fold == 0);
    assert_int_equal(fet_examples_folds(&e), 4);
    assert_ok(fet_split_assign(&e, quarter, 1)); /* the folds are gone */
    assert_int_equal(fet_examples_folds(&e), 0);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_CALIBRATE), 7);
    assert_ok(fet_split_assign(&e, folded, 1)); /* some calibrate already */
    assert_int_equal(fet_examples_folds(&e), 0);
    e = make(items, 1);
    assert_ok(fet_split_assign(&e, folded, 1)); /* there is nothing to judge it by */
    assert_int_equal(fet_examples_folds(&e), 0);
    assert_int_equal(items[0].split, FET_SPLIT_FIT);
    e = make(items, 60);
    shares.test = 0.3;
    assert_ok(fet_split_assign(&e, shares, 1)); /* 42 are left beside the test */
    assert_int_equal(fet_examples_folds(&e), 4);
    assert_int_equal(fet_examples_count(&e, FET_SPLIT_TEST), 18);
    shares.n_folds = 33;
    assert_fails(fet_split_assign(&e, shares, 1), FET_ARGUMENT, "33 folds");
    shares.n_folds = -1;
    assert_fails(fet_split_assign(&e, shares, 1), FET_ARGUMENT, "-1 folds");
}

static fet_status split_some(struct fet_examples *e)
{
    return fet_split_assign(e, both, 1);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_example items[N_MAX];
    struct fet_examples e = make(items, 5);
    check_fault_sweep(FET_FAULT_ALLOC, split_some(&e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_exact_without_groups),
        cmocka_unit_test(limits_are_none_one_and_everything),
        cmocka_unit_test(names_and_order_do_not_matter),
        cmocka_unit_test(another_seed_is_another_split),
        cmocka_unit_test(one_more_example_moves_others_only_at_the_cuts),
        cmocka_unit_test(groups_are_never_cut),
        cmocka_unit_test(the_smallest_of_two_large_groups_is_for_calibrating),
        cmocka_unit_test(what_the_layout_says_stays),
        cmocka_unit_test(a_group_follows_its_decided_member),
        cmocka_unit_test(defects_are_for_testing_where_good_parts_are),
        cmocka_unit_test(few_are_dealt_into_folds_and_many_are_not),
        cmocka_unit_test(folds_are_dealt_by_content_and_cut_no_group),
        cmocka_unit_test(folds_leave_what_is_decided),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
