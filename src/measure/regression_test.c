#include "check.h"

#include "golden.h"
#include "measure.h"

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    json_t *golden = golden_load("regression.json");
    int64_t n = 0;
    double *truth = golden_reals(golden, "truth", &n), *answer = golden_reals(golden, "answer", &n);
    struct fet_regression_figures f = {0}, again = {0};
    assert_ok(fet_regression(truth, answer, n, 0.95, &f));
    assert_close(f.rmse, golden_real(golden, "rmse"), 1e-13, 0);
    assert_close(f.mae, golden_real(golden, "mae"), 1e-13, 0);
    assert_close(f.r2, golden_real(golden, "r2"), 1e-13, 0);
    /* Another generator's 20,000 draws: the ends of 1,000 draws wander by about one part in fifty.
     */
    assert_close(f.rmse_interval.low, golden_at(json_object_get(golden, "interval"), 0), 0.03, 0);
    assert_close(f.rmse_interval.high, golden_at(json_object_get(golden, "interval"), 1), 0.03, 0);
    assert_ok(fet_regression(truth, answer, n, 0.95, &again));
    assert_memory_equal(&f, &again, sizeof f);
    const json_t *rows = json_object_get(golden, "quantiles");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        assert_close(fet_quantile(truth, n, golden_at(row, 0)), golden_at(row, 1), 1e-14, 0);
    }
    fet_free(truth);
    fet_free(answer);
    json_decref(golden);
}

/* Over 20,000 examples neighbours are drawn together; the interval must stay that of the mean. */
static void many_examples_give_the_interval_of_the_normal_theory(void **state)
{
    (void)state;
    enum { N = 50001 };
    double *truth = fet_alloc(N, sizeof *truth), *answer = fet_alloc(N, sizeof *answer);
    assert_true(truth != NULL && answer != NULL);
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 0);
    for (int i = 0; i < N; i++) answer[i] = fet_rng_normal(&rng);
    struct fet_regression_figures f = {0};
    assert_ok(fet_regression(truth, answer, N, 0.95, &f));
    assert_true(isnan(f.r2)); /* the truth is constant */
    /* sd(rmse) = 1 / sqrt(2 N) */
    const double width = 2 * 1.96 / sqrt(2.0 * N);
    assert_close(f.rmse_interval.high - f.rmse_interval.low, width, 0.1, 0);
    assert_true(f.rmse_interval.low < f.rmse && f.rmse < f.rmse_interval.high);
    fet_free(truth);
    fet_free(answer);
}

static void small_terms_are_not_lost_beside_large_ones(void **state)
{
    (void)state;
    const double truth[] = {1e8, 1e8 + 1, 1e8 + 2}, answer[] = {1e8, 1e8 + 1, 1e8 + 5};
    struct fet_regression_figures f = {0};
    assert_ok(fet_regression(truth, answer, 3, 0.95, &f));
    assert_close(f.r2, 1 - 9. / 2, 1e-12, 0);
    assert_close(f.mae, 1, 1e-15, 0);
}

static void limits(void **state)
{
    (void)state;
    const double truth[] = {3, (double)NAN}, answer[] = {5, 1};
    struct fet_regression_figures f = {0};
    assert_ok(fet_regression(truth, answer, 1, 0.95, &f));
    assert_true(f.rmse == 2 && f.mae == 2 && isnan(f.r2));
    assert_true(f.rmse_interval.low == 2 && f.rmse_interval.high == 2);
    assert_ok(fet_regression(NULL, NULL, 0, 0.95, &f));
    assert_true(isnan(f.rmse) && isnan(f.mae) && isnan(f.r2) && isnan(f.rmse_interval.low));
    assert_fails(fet_regression(truth, answer, 2, 0.95, &f), FET_ARGUMENT, "pair 1");
    assert_fails(fet_regression(truth, answer, 1, 0, &f), FET_ARGUMENT, "confidence 0");
    assert_fails(fet_regression(truth, answer, -1, 0.9, &f), FET_ARGUMENT, "-1 numbers");
}

static void limits_of_quantiles(void **state)
{
    (void)state;
    double one[] = {4}, ends[] = {(double)INFINITY, 1, -(double)INFINITY}, bad[] = {(double)NAN, 1};
    assert_true(isnan(fet_quantile(one, 0, 0.5)) && isnan(fet_quantile(one, 1, 1.1)));
    assert_true(fet_quantile(one, 1, 0) == 4 && fet_quantile(one, 1, 1) == 4);
    assert_true(fet_quantile(ends, 3, 0.5) == 1 && isinf(fet_quantile(ends, 3, 1)));
    assert_true(isnan(fet_quantile(bad, 2, 0.5)));
}

static fet_status measure_two(void)
{
    const double truth[] = {1, 2}, answer[] = {2, 2};
    struct fet_regression_figures f;
    return fet_regression(truth, answer, 2, 0.9, &f);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, measure_two());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(many_examples_give_the_interval_of_the_normal_theory),
        cmocka_unit_test(small_terms_are_not_lost_beside_large_ones),
        cmocka_unit_test(limits),
        cmocka_unit_test(limits_of_quantiles),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
