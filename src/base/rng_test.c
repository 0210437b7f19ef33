#include "check.h"

/* The demonstration program of the PCG paper: seed 42, sequence 54. */
static void the_generator_is_pcg32(void **state)
{
    (void)state;
    static const uint32_t wanted[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                      0x83d2f293, 0xbfa4784b, 0xcbed606e};
    struct fet_rng r = {.state = 0, .stream = 54u << 1 | 1u};
    (void)fet_rng_u32(&r);
    r.state += 42;
    (void)fet_rng_u32(&r);
    for (int i = 0; i < 6; i++) assert_int_equal(fet_rng_u32(&r), wanted[i]);
}

/* Recorded once; they may never change, or a seed would no longer mean the same model. */
static void a_seed_means_the_same_numbers_everywhere(void **state)
{
    (void)state;
    struct fet_rng r;
    fet_rng_init(&r, 1, 0);
    assert_int_equal(fet_rng_u64(&r), 0x3bf15200ee52e0f8);
    assert_true(fet_rng_real(&r) == 0x1.2fdfc02388b6ap-1);
    assert_true(fet_rng_between(&r, -3, 5) == 0x1.7be9c956e6bbp-1);
    assert_int_equal(fet_rng_int(&r, -100, 100), -88);
    assert_true(fet_rng_normal(&r) == -0x1.df67d36b253c6p-3);
    double sum = 0;
    for (int i = 0; i < 1000; i++) sum += fet_rng_normal(&r);
    assert_true(sum == 0x1.983c770cef52p+5);
}

static void streams_and_seeds_differ(void **state)
{
    (void)state;
    uint64_t first[64];
    int n = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        for (uint64_t stream = 0; stream < 8; stream++) {
            struct fet_rng r;
            fet_rng_init(&r, seed, stream);
            first[n] = fet_rng_u64(&r);
            for (int i = 0; i < n; i++) assert_true(first[i] != first[n]);
            n++;
        }
    }
}

/* Neighbouring seeds: the correlation of 100,000 pairs has deviation 0.003; 5 deviations allowed.
 */
static void neighbouring_seeds_are_not_correlated(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct fet_rng a, b;
    double product = 0;
    fet_rng_init(&a, 1, 0);
    fet_rng_init(&b, 2, 0);
    for (int i = 0; i < N; i++) product += fet_rng_normal(&a) * fet_rng_normal(&b);
    assert_close(product / N, 0, 0, 5 / sqrt(N));
}

static void reals_are_even_and_below_one(void **state)
{
    (void)state;
    enum { N = 200000, BINS = 20 };
    int counts[BINS] = {0};
    struct fet_rng r;
    double chi = 0;
    fet_rng_init(&r, 3, 1);
    for (int i = 0; i < N; i++) {
        const double x = fet_rng_real(&r);
        assert_true(x >= 0 && x < 1);
        counts[(int)(x * BINS)]++;
    }
    for (int i = 0; i < BINS; i++) {
        const double off = counts[i] - (double)N / BINS;
        chi += off * off / ((double)N / BINS);
    }
    assert_true(chi < 43.8); /* 19 degrees of freedom: 99.9 % lie below */
}

/* Mean, deviation, tail and the fourth moment of N(0,1), each within 5 deviations of its estimate.
 */
static void normals_are_normal(void **state)
{
    (void)state;
    enum { N = 200000 };
    struct fet_rng r;
    double sum = 0, squares = 0, fourth = 0;
    int n_tail = 0;
    fet_rng_init(&r, 4, 1);
    for (int i = 0; i < N; i++) {
        const double x = fet_rng_normal(&r);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        n_tail += x > 1.959963984540054;
    }
    assert_close(sum / N, 0, 0, 5 / sqrt(N));
    assert_close(squares / N, 1, 0, 5 * sqrt(2.0 / N));
    assert_close(fourth / N, 3, 0, 5 * sqrt(96.0 / N));
    assert_close((double)n_tail / N, 0.025, 0, 5 * sqrt(0.025 / N));
}

static void whole_numbers_have_no_bias_and_reach_both_ends(void **state)
{
    (void)state;
    struct fet_rng r;
    int counts[7] = {0};
    fet_rng_init(&r, 5, 0);
    for (int i = 0; i < 70000; i++) counts[fet_rng_int(&r, -3, 3) + 3]++;
    for (int i = 0; i < 7; i++) assert_close(counts[i], 10000, 0, 500);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(fet_rng_below(&r, 1), 0);
        assert_int_equal(fet_rng_int(&r, 9, 9), 9);
        assert_true(fet_rng_below(&r, 0x80000001u) <= 0x80000000u);
        (void)fet_rng_int(&r, INT32_MIN, INT32_MAX);
    }
    assert_true(fet_rng_between(&r, 1, 1) == 1);
}

static void chances_are_kept(void **state)
{
    (void)state;
    struct fet_rng r;
    int n = 0;
    fet_rng_init(&r, 6, 0);
    for (int i = 0; i < 10000; i++) {
        n += fet_rng_chance(&r, 0.3);
        assert_int_equal(fet_rng_chance(&r, 0), 0);
        assert_int_equal(fet_rng_chance(&r, 1), 1);
    }
    assert_close(n, 3000, 0, 5 * sqrt(10000 * 0.21));
}

static void a_shuffle_keeps_the_items_and_reaches_every_order(void **state)
{
    (void)state;
    struct fet_rng r;
    int counts[6] = {0};
    fet_rng_init(&r, 7, 0);
    for (int i = 0; i < 6000; i++) {
        int64_t x[3] = {0, 1, 2};
        fet_rng_shuffle(&r, x, 3);
        assert_int_equal(x[0] + x[1] + x[2], 3);
        assert_int_equal(x[0] * x[0] + x[1] * x[1] + x[2] * x[2], 5);
        counts[x[0] * 2 + (x[1] > x[2])]++;
    }
    for (int i = 0; i < 6; i++) assert_close(counts[i], 1000, 0, 150);
    fet_rng_shuffle(&r, NULL, 0);
    int64_t one = 9;
    fet_rng_shuffle(&r, &one, 1);
    assert_int_equal(one, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_pcg32),
        cmocka_unit_test(a_seed_means_the_same_numbers_everywhere),
        cmocka_unit_test(streams_and_seeds_differ),
        cmocka_unit_test(neighbouring_seeds_are_not_correlated),
        cmocka_unit_test(reals_are_even_and_below_one),
        cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(whole_numbers_have_no_bias_and_reach_both_ends),
        cmocka_unit_test(chances_are_kept),
        cmocka_unit_test(a_shuffle_keeps_the_items_and_reaches_every_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
