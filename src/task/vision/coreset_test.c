#include "check.h"

#include "coreset.h"

enum { N = 400, NUMBERS = 20, CHOSEN = 60 };

static void rows_fill(float *z, bool is_falling)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 7, 0);
    for (int i = 0; i < N * NUMBERS; i++)
        z[i] = (float)(fet_rng_normal(&rng) * (is_falling ? 9 * pow(0.7, i % NUMBERS) : 1));
}

/* Gonzalez' algorithm as it is written down, in doubles. */
static void choose_plainly(const float *z, int64_t *rows)
{
    double distance[N];
    int farthest = 0;
    for (int i = 0; i < N; i++) distance[i] = INFINITY;
    for (int c = 0; c < CHOSEN; c++) {
        rows[c] = farthest;
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int k = 0; k < NUMBERS; k++)
                sum += pow((double)z[i * NUMBERS + k] - (double)z[rows[c] * NUMBERS + k], 2);
            distance[i] = fmin(distance[i], sum);
        }
        for (int i = 0; i < N; i++)
            if (distance[i] > distance[farthest]) farthest = i;
    }
}

static void rows_are_chosen_as_by_the_plain_algorithm(void **state)
{
    (void)state;
    for (int is_falling = 0; is_falling < 2; is_falling++) {
        static float z[N * NUMBERS];
        int64_t rows[CHOSEN], wanted[CHOSEN], n = 0;
        rows_fill(z, is_falling);
        const struct fet_memory_sample s = {.z = z, .n = N, .n_numbers = NUMBERS};
        assert_ok(fet_coreset_choose(&s, 1, CHOSEN, rows, &n));
        choose_plainly(z, wanted);
        assert_int_equal(n, CHOSEN);
        for (int c = 0; c < CHOSEN; c++) assert_int_equal(rows[c], wanted[c]);
    }
}

static void equal_rows_are_chosen_once(void **state)
{
    (void)state;
    const float z[8] = {1, 1, 2, 2, 2, 1, 5, 5};
    int64_t rows[8], n = 0;
    const struct fet_memory_sample s = {.z = z, .n = 8, .n_numbers = 1};
    assert_ok(fet_coreset_choose(&s, 1, 8, rows, &n));
    assert_int_equal(n, 3);
    assert_int_equal(rows[0], 0);
    assert_int_equal(rows[1], 6); /* the first of those that are farthest */
    assert_int_equal(rows[2], 2);
    assert_ok(fet_coreset_choose(&s, 1, 1, rows, &n));
    assert_int_equal(n, 1);
}

static void given_rows_stay_and_the_rest_is_covered(void **state)
{
    (void)state;
    const float z[8] = {1, 1, 2, 9, 2, 1, 5, 9};
    int64_t rows[8], n = 0;
    const struct fet_memory_sample s = {.z = z, .n = 8, .n_numbers = 1};
    assert_ok(fet_coreset_choose(&s, 3, 8, rows, &n)); /* 1, 1 and 2 */
    assert_int_equal(n, 5);
    for (int i = 0; i < 3; i++) assert_int_equal(rows[i], i);
    assert_int_equal(rows[3], 3);
    assert_int_equal(rows[4], 6);
}

static fet_status choose(const float *z)
{
    int64_t rows[4], n = 0;
    const struct fet_memory_sample s = {.z = z, .n = 20, .n_numbers = NUMBERS};
    return fet_coreset_choose(&s, 1, 4, rows, &n);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static float z[N * NUMBERS];
    rows_fill(z, true);
    check_fault_sweep(FET_FAULT_ALLOC, choose(z));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_chosen_as_by_the_plain_algorithm),
        cmocka_unit_test(equal_rows_are_chosen_once),
        cmocka_unit_test(given_rows_stay_and_the_rest_is_covered),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
