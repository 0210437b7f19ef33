#include "check.h"

#include "measure.h"

static void the_p_value_counts_scores_that_are_as_high(void **state)
{
    (void)state;
    const double sorted[] = {1, 2, 2, 2, 5};
    assert_close(fet_conformal_p_value(sorted, 5, 0), 1, 0, 0);
    assert_close(fet_conformal_p_value(sorted, 5, 2), 5. / 6, 1e-15, 0);
    assert_close(fet_conformal_p_value(sorted, 5, 2.5), 2. / 6, 1e-15, 0);
    assert_close(fet_conformal_p_value(sorted, 5, 5), 2. / 6, 1e-15, 0);
    assert_close(fet_conformal_p_value(sorted, 5, 6), 1. / 6, 1e-15, 0);
    assert_close(fet_conformal_p_value(NULL, 0, 6), 1, 0, 0);
    assert_true(isnan(fet_conformal_p_value(sorted, 5, (double)NAN)));
}

static void the_threshold_is_the_smallest_that_keeps_the_rate(void **state)
{
    (void)state;
    double sorted[199];
    for (int i = 0; i < 199; i++) sorted[i] = i + 1;
    struct fet_conformal_threshold t = {0};
    assert_ok(fet_conformal_threshold(sorted, 199, 0.05, 0.95, &t));
    assert_true(t.threshold == 190 && t.expected == 0.05); /* 10 of 200 above */
    assert_close(fet_beta_cdf(t.bound, 10, 190), 0.95, 1e-12, 0);
    assert_int_equal(t.n, 199);
    assert_true(t.confidence == 0.95);
    /* 0.29 * 100 is 28.999999999999996 in doubles and must not cost an order statistic. */
    assert_ok(fet_conformal_threshold(sorted, 99, 0.29, 0.95, &t));
    assert_true(t.threshold == 71 && t.expected == 0.29);
    assert_ok(fet_conformal_threshold(sorted, 99, 0.999, 0.95, &t));
    assert_true(t.threshold == 1);
}

static void too_few_examples_get_the_largest_score_and_the_truth(void **state)
{
    (void)state;
    const double sorted[] = {1, 2, 3};
    struct fet_conformal_threshold t = {0};
    assert_ok(fet_conformal_threshold(sorted, 3, 0.01, 0.95, &t));
    assert_true(t.threshold == 3 && t.expected == 0.25);
    assert_close(t.bound, 1 - pow(0.05, 1.0 / 3), 1e-13, 0);
    assert_int_equal(t.n_needed, 299); /* 0.99^299 = 0.0495 */
    assert_ok(fet_conformal_threshold(sorted, 1, 0.5, 0.5, &t));
    assert_true(t.threshold == 1 && t.expected == 0.5 && t.n_needed == 1);
    assert_close(t.bound, 0.5, 1e-13, 0);
    assert_ok(fet_conformal_threshold(sorted, 3, 1e-300, 0.95, &t));
    assert_true(t.n_needed == INT64_MAX);
}

static void n_needed_is_where_the_bound_reaches_the_wish(void **state)
{
    (void)state;
    for (double wished = 0.002; wished < 0.6; wished *= 1.7) {
        double sorted[2000];
        for (int i = 0; i < 2000; i++) sorted[i] = i;
        struct fet_conformal_threshold t = {0};
        assert_ok(fet_conformal_threshold(sorted, 1, wished, 0.9, &t));
        const double n = (double)t.n_needed;
        assert_true(fet_beta_quantile(0.9, 1, n) <= wished * (1 + 1e-9));
        assert_true(n < 2 || fet_beta_quantile(0.9, 1, n - 1) > wished);
    }
}

/* Draws scores, sets a threshold, knows the true rate of the distribution: digits 0 = uniform and
 * continuous, else rounded up to that many steps so that there are many ties. */
static void simulate(int64_t n, double wished, double steps, double *mean, double *share_held,
                     double *expected)
{
    enum { N_DRAWS = 4000 };
    struct fet_rng rng;
    fet_rng_init(&rng, 3, (uint64_t)n);
    double sorted[300], sum = 0;
    int n_held = 0;
    assert_true(n <= 300);
    for (int i = 0; i < N_DRAWS; i++) {
        for (int64_t j = 0; j < n; j++) {
            const double u = fet_rng_real(&rng);
            sorted[j] = steps > 0 ? ceil(u * steps) / steps : u;
        }
        qsort(sorted, (size_t)n, sizeof *sorted, fet_compare_reals);
        struct fet_conformal_threshold t = {0};
        assert_ok(fet_conformal_threshold(sorted, n, wished, 0.9, &t));
        const double rate = 1 - t.threshold; /* P(score > threshold) in both worlds */
        sum += rate;
        n_held += rate <= t.bound;
        *expected = t.expected;
    }
    *mean = sum / N_DRAWS;
    *share_held = (double)n_held / N_DRAWS;
}

static void promises_hold_exactly_for_distinct_scores(void **state)
{
    (void)state;
    const struct {
        int64_t n;
        double wished;
    } cases[] = {{5, 0.05}, {60, 0.05}, {99, 0.1}, {299, 0.01}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double mean = 0, share_held = 0, expected = 0;
        simulate(cases[i].n, cases[i].wished, 0, &mean, &share_held, &expected);
        /* Three standard deviations: 0.9 +- 0.0142; the mean of a beta within 5 % here. */
        assert_close(share_held, 0.9, 0, 0.0145);
        assert_close(mean, expected, 0.05, 0);
    }
}

static void promises_hold_with_ties(void **state)
{
    (void)state;
    for (double steps = 2; steps < 50; steps *= 2.3) {
        double mean = 0, share_held = 0, expected = 0;
        simulate(60, 0.1, floor(steps), &mean, &share_held, &expected);
        assert_true(share_held >= 0.9 - 0.0145);
        assert_true(mean <= expected * 1.05);
    }
}

static void refuses_what_makes_no_sense(void **state)
{
    (void)state;
    const double sorted[] = {1, 2}, unsorted[] = {2, 1}, bad[] = {1, (double)NAN};
    struct fet_conformal_threshold t = {.n = 77};
    assert_fails(fet_conformal_threshold(sorted, 0, 0.1, 0.9, &t), FET_ARGUMENT, "no calibration");
    assert_fails(fet_conformal_threshold(sorted, 2, 0, 0.9, &t), FET_ARGUMENT, "wished rate 0");
    assert_fails(fet_conformal_threshold(sorted, 2, (double)NAN, 0.9, &t), FET_ARGUMENT,
                 "wished rate");
    assert_fails(fet_conformal_threshold(sorted, 2, 0.1, 1, &t), FET_ARGUMENT, "confidence 1");
    assert_fails(fet_conformal_threshold(unsorted, 2, 0.1, 0.9, &t), FET_ARGUMENT, "below the one");
    assert_fails(fet_conformal_threshold(bad, 2, 0.1, 0.9, &t), FET_ARGUMENT, "not a number");
    assert_int_equal(t.n, 77);
    double radius = 5, negative[] = {-1};
    assert_fails(fet_conformal_radius(negative, 1, 0.1, &radius), FET_ARGUMENT, "residual 0");
    assert_fails(fet_conformal_radius(negative, 1, 1, &radius), FET_ARGUMENT, "alpha 1");
    assert_true(radius == 5);
}

static void the_radius_is_an_order_statistic(void **state)
{
    (void)state;
    double residuals[19], radius = 0;
    for (int i = 0; i < 19; i++) residuals[i] = (i * 7) % 19; /* 0..18 shuffled */
    assert_ok(fet_conformal_radius(residuals, 19, 0.1, &radius));
    assert_true(radius == 17); /* the 18th of 19 */
    assert_ok(fet_conformal_radius(residuals, 19, 0.05, &radius));
    assert_true(radius == 18);
    assert_ok(fet_conformal_radius(residuals, 19, 0.04, &radius));
    assert_true(isinf(radius)); /* nineteen cannot promise 96 % */
    assert_ok(fet_conformal_radius(residuals, 19, 0.999, &radius));
    assert_true(radius == 0);
    assert_ok(fet_conformal_radius(NULL, 0, 0.1, &radius));
    assert_true(isinf(radius));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_p_value_counts_scores_that_are_as_high),
        cmocka_unit_test(the_threshold_is_the_smallest_that_keeps_the_rate),
        cmocka_unit_test(too_few_examples_get_the_largest_score_and_the_truth),
        cmocka_unit_test(n_needed_is_where_the_bound_reaches_the_wish),
        cmocka_unit_test(promises_hold_exactly_for_distinct_scores),
        cmocka_unit_test(promises_hold_with_ties),
        cmocka_unit_test(refuses_what_makes_no_sense),
        cmocka_unit_test(the_radius_is_an_order_statistic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
