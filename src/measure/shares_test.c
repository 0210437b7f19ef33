#include "check.h"

#include "golden.h"
#include "measure.h"

#include <float.h>

/* 50-digit references. Most agree to 1e-14; the fraction loses three digits to cancellation at a =
 * 2e5, b = 3, x near 1. The quantile must be as good as the spacing of doubles allows, give or take
 * four. */
static void the_beta_distribution_agrees_with_fifty_digits(void **state)
{
    (void)state;
    json_t *golden = golden_load("shares.json");
    const json_t *rows = json_object_get(golden, "beta_cdf");
    assert_true(json_array_size(rows) > 40);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const double a = golden_at(row, 0), b = golden_at(row, 1), x = golden_at(row, 2);
        const double p = golden_at(row, 3);
        assert_close(fet_beta_cdf(x, a, b), p, 1e-11, 0);
        const double back = fet_beta_quantile(p, a, b);
        assert_true(fet_beta_cdf(back * (1 - 4 * DBL_EPSILON), a, b) <= p * (1 + 1e-11));
        assert_true(fet_beta_cdf(back * (1 + 4 * DBL_EPSILON), a, b) >= p * (1 - 1e-11));
        if (p < 0.9) assert_close(back, x, 1e-12, 0);
    }
    json_decref(golden);
}

static void normal_quantiles_agree_with_fifty_digits(void **state)
{
    (void)state;
    json_t *golden = golden_load("shares.json");
    const json_t *rows = json_object_get(golden, "normal_quantile");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        assert_close(fet_normal_quantile(golden_at(row, 0)), golden_at(row, 1), 1e-13, 0);
    }
    json_decref(golden);
    assert_true(fet_normal_quantile(0.5) == 0);
    assert_true(isinf(fet_normal_quantile(0)) && fet_normal_quantile(0) < 0);
    assert_true(isinf(fet_normal_quantile(1)) && fet_normal_quantile(1) > 0);
    assert_true(isnan(fet_normal_quantile(-0.1)) && isnan(fet_normal_quantile((double)NAN)));
}

static void share_intervals_agree_with_scipy(void **state)
{
    (void)state;
    json_t *golden = golden_load("shares.json");
    const json_t *rows = json_object_get(golden, "intervals");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const struct fet_interval interval = fet_share_interval(
            (int64_t)golden_at(row, 0), (int64_t)golden_at(row, 1), golden_at(row, 2));
        assert_close(interval.low, golden_at(row, 3), 1e-10, 0);
        assert_close(interval.high, golden_at(row, 4), 1e-10, 0);
    }
    json_decref(golden);
}

/* Property: never covers less than promised, whatever the share. */
static void share_intervals_cover_at_least_as_promised(void **state)
{
    (void)state;
    enum { N = 30 };
    for (double p = 0.01; p < 1; p += 0.0373) {
        double covered = 0, term = pow(1 - p, N); /* P(k hits), k = 0, 1, ... */
        for (int k = 0; k <= N; k++) {
            const struct fet_interval interval = fet_share_interval(k, N, 0.9);
            if (interval.low <= p && p <= interval.high) covered += term;
            term *= p / (1 - p) * (N - k) / (k + 1);
        }
        assert_true(covered >= 0.9 - 1e-12);
    }
}

static void limits_of_shares(void **state)
{
    (void)state;
    const struct fet_interval none = fet_share_interval(0, 0, 0.95);
    assert_true(none.low == 0 && none.high == 1);
    assert_true(isnan(fet_share_interval(2, 1, 0.95).low));
    assert_true(isnan(fet_share_interval(-1, 1, 0.95).high));
    assert_true(isnan(fet_share_interval(1, 2, 1).low));
    /* The rule of three and its exact form. */
    assert_close(fet_share_interval(0, 100, 0.9).high, 1 - pow(0.05, 0.01), 1e-13, 0);
}

static void limits_of_the_beta_distribution(void **state)
{
    (void)state;
    assert_true(fet_beta_cdf(-1, 2, 2) == 0 && fet_beta_cdf(0, 2, 2) == 0);
    assert_true(fet_beta_cdf(1, 2, 2) == 1 && fet_beta_cdf(2, 2, 2) == 1);
    assert_true(isnan(fet_beta_cdf(0.5, 0, 2)) && isnan(fet_beta_cdf((double)NAN, 2, 2)));
    assert_true(fet_beta_quantile(0, 2, 2) == 0 && fet_beta_quantile(1, 2, 2) == 1);
    assert_true(isnan(fet_beta_quantile(0.5, 2, -1)) && isnan(fet_beta_quantile(1.5, 2, 2)));
    assert_true(isnan(fet_beta_quantile((double)NAN, 2, 2)));
    /* x^a = p for b = 1. */
    assert_close(fet_beta_quantile(1e-200, 2, 1), 1e-100, 1e-13, 0);
    assert_close(fet_beta_quantile(1e-300, 1, 1e6), 1e-306, 1e-12, 0);
    assert_close(fet_beta_cdf(1e-60, 4, 1), 1e-240, 1e-13, 0);
    assert_true(fet_beta_quantile(1e-12, 0.001, 1) <= 1e-300); /* below the smallest double */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_beta_distribution_agrees_with_fifty_digits),
        cmocka_unit_test(normal_quantiles_agree_with_fifty_digits),
        cmocka_unit_test(share_intervals_agree_with_scipy),
        cmocka_unit_test(share_intervals_cover_at_least_as_promised),
        cmocka_unit_test(limits_of_shares),
        cmocka_unit_test(limits_of_the_beta_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
