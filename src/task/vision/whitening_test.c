#include "check.h"

#include "whitening.h"

enum { N = 4000, N_IN = 6 };

/* Rows of known covariance: two loud numbers that go together, the rest quiet and free. */
static void fill(float *x, uint64_t seed)
{
    struct fet_rng rng;
    fet_rng_init(&rng, seed, 0);
    for (int i = 0; i < N; i++) {
        const double common = 10 * fet_rng_normal(&rng);
        for (int k = 0; k < N_IN; k++)
            x[i * N_IN + k] =
                (float)(5 * k + (k < 2 ? common + fet_rng_normal(&rng) : fet_rng_normal(&rng)));
    }
}

static void whitened_numbers_are_centred_and_uncorrelated(void **state)
{
    (void)state;
    float *x = fet_alloc((int64_t)N * N_IN, sizeof *x),
          *z = fet_alloc((int64_t)N * N_IN, sizeof *z);
    float *scratch = fet_alloc((int64_t)N * N_IN, sizeof *scratch);
    struct fet_whitening w = {0};
    fill(x, 1);
    assert_ok(fet_whitening_learn(x, N, N_IN, 32, &w));
    assert_int_equal(w.n_out, N_IN);
    assert_ok(fet_whitening_apply(&w, x, N_IN, N, z, N_IN, scratch));
    for (int a = 0; a < N_IN; a++) {
        double mean = 0;
        for (int i = 0; i < N; i++) mean += (double)z[i * N_IN + a];
        assert_close(mean / N, 0, 0, 1e-4); /* sums of 4,000 floats */
        for (int b = a; b < N_IN; b++) {
            double covariance = 0;
            for (int i = 0; i < N; i++)
                covariance += (double)z[i * N_IN + a] * (double)z[i * N_IN + b];
            covariance /= N;
            if (a != b) assert_close(covariance, 0, 0, 1e-3);
        }
    }
    fet_free(x);
    fet_free(z);
    fet_free(scratch);
    fet_whitening_deinit(&w);
}

static void only_the_strongest_axes_are_kept(void **state)
{
    (void)state;
    float *x = fet_alloc((int64_t)N * N_IN, sizeof *x);
    struct fet_whitening w = {0};
    fill(x, 2);
    assert_ok(fet_whitening_learn(x, N, N_IN, 1, &w));
    assert_int_equal(w.n_out, 1);
    /* The strongest axis of the correlations is what numbers 0 and 1 have in common. */
    for (int k = 2; k < N_IN; k++) assert_true(fabsf(w.matrix[k]) < 0.1f);
    assert_true(w.matrix[0] * w.matrix[1] > 0);
    fet_free(x);
    fet_whitening_deinit(&w);
}

/* After refining, axes on which good parts differ much count less. */
static void refining_makes_differences_alike(void **state)
{
    (void)state;
    float *x = fet_alloc((int64_t)N * N_IN, sizeof *x),
          *d = fet_alloc((int64_t)N * N_IN, sizeof *d);
    struct fet_whitening w = {0};
    struct fet_rng rng;
    fill(x, 3);
    assert_ok(fet_whitening_learn(x, N, N_IN, N_IN, &w));
    fet_rng_init(&rng, 4, 0);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N_IN; k++)
            d[i * N_IN + k] = (float)((k == 3 ? 10 : 0.5) * fet_rng_normal(&rng));
    double before = 0, after = 0;
    for (int k = 0; k < N_IN; k++) before += pow((double)w.matrix[k * N_IN + 3], 2);
    assert_ok(fet_whitening_refine(&w, d, N));
    /* The axis of the loud differences comes first now, divided by their deviation. */
    for (int k = 0; k < N_IN; k++) after += pow((double)w.matrix[k * N_IN], 2);
    assert_true(sqrt(after) < 0.2 * sqrt(before));
    assert_ok(fet_whitening_refine(&w, d, 0));
    fet_free(x);
    fet_free(d);
    fet_whitening_deinit(&w);
}

static void equal_rows_give_zeros_and_no_nan(void **state)
{
    (void)state;
    float x[3 * 4], z[3 * 4], scratch[3 * 4], d[3 * 4] = {0};
    for (int i = 0; i < 12; i++) x[i] = 0.25f;
    struct fet_whitening w = {0};
    assert_ok(fet_whitening_learn(x, 3, 4, 4, &w));
    assert_ok(fet_whitening_refine(&w, d, 3));
    assert_ok(fet_whitening_apply(&w, x, 4, 3, z, 4, scratch));
    for (int i = 0; i < 12; i++) assert_close(z[i], 0, 0, 0);
    fet_whitening_deinit(&w);
}

/* Rows of 12 numbers that vary in three directions: three numbers hold all distances. */
static void a_projection_keeps_distances(void **state)
{
    (void)state;
    enum { ROWS = 40, IN = 12, OUT = 3 };
    float x[ROWS * IN] = {0}, z[ROWS * OUT], scratch[ROWS * IN];
    struct fet_whitening w = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, 2, 0);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < OUT; j++) {
            const double share = (j + 1) * fet_rng_normal(&rng);
            for (int k = 0; k < IN; k++) x[i * IN + k] += (float)(share * ((k + j) % 4 - 1.5) + 1);
        }
    assert_ok(fet_whitening_project(x, ROWS, IN, OUT, &w));
    assert_int_equal(w.n_out, OUT);
    assert_ok(fet_whitening_apply(&w, x, IN, ROWS, z, OUT, scratch));
    for (int i = 1; i < ROWS; i++) {
        double before = 0, after = 0;
        for (int k = 0; k < IN; k++) before += pow((double)(x[i * IN + k] - x[k]), 2);
        for (int k = 0; k < OUT; k++) after += pow((double)(z[i * OUT + k] - z[k]), 2);
        assert_close(after, before, 1e-5, 1e-5);
    }
    fet_whitening_deinit(&w);
    assert_ok(fet_whitening_project(x, 1, IN, OUT, &w)); /* one row varies in no direction */
    assert_ok(fet_whitening_apply(&w, x + IN, IN, 1, z, OUT, scratch));
    for (int k = 0; k < OUT; k++) assert_close(z[k], 0, 0, 0);
    fet_whitening_deinit(&w);
}

static fet_status project(const float *x)
{
    struct fet_whitening w = {0};
    FET_TRY(fet_whitening_project(x, 8, 3, 2, &w));
    fet_whitening_deinit(&w);
    return FET_OK;
}

static fet_status learn_and_refine(const float *x, const float *d)
{
    struct fet_whitening w = {0};
    fet_status st = fet_whitening_learn(x, 8, 3, 2, &w);
    if (st == FET_OK) st = fet_whitening_refine(&w, d, 8);
    fet_whitening_deinit(&w);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    float x[24], d[16];
    for (int i = 0; i < 24; i++) x[i] = (float)(i * i % 7);
    for (int i = 0; i < 16; i++) d[i] = (float)(i % 5 - 2);
    check_fault_sweep(FET_FAULT_ALLOC, learn_and_refine(x, d));
    check_fault_sweep(FET_FAULT_ALLOC, project(x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whitened_numbers_are_centred_and_uncorrelated),
        cmocka_unit_test(only_the_strongest_axes_are_kept),
        cmocka_unit_test(refining_makes_differences_alike),
        cmocka_unit_test(equal_rows_give_zeros_and_no_nan),
        cmocka_unit_test(a_projection_keeps_distances),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
