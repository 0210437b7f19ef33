#include "check.h"

#include "nearest.h"

enum { N = 700, NUMBERS = 40 };

/* Rows whose variance falls from number to number, as along principal axes, or not at all. */
static void rows_fill(float *rows, int n, bool is_falling, uint64_t seed)
{
    struct fet_rng rng;
    fet_rng_init(&rng, seed, 0);
    for (int i = 0; i < n; i++) {
        float *const row = rows + i * (NUMBERS + 1);
        row[NUMBERS] = 0;
        for (int k = 0; k < NUMBERS; k++) {
            row[k] = (float)(fet_rng_normal(&rng) * (is_falling ? 5 * pow(0.8, k) : 1));
            row[NUMBERS] += row[k] * row[k];
        }
    }
}

static double square_between(const float *a, const float *b)
{
    double sum = 0;
    for (int k = 0; k < NUMBERS; k++) sum += pow((double)a[k] - (double)b[k], 2);
    return sum;
}

static void leading_numbers_hold_most_of_what_varies(void **state)
{
    (void)state;
    static float rows[N * (NUMBERS + 1)];
    rows_fill(rows, N, true, 1);
    /* 1 - 0.64^k of the variance is in the first k. */
    assert_int_equal(fet_leading_numbers(rows, N, NUMBERS, NUMBERS + 1), 8);
    rows_fill(rows, N, false, 1);
    assert_int_equal(fet_leading_numbers(rows, N, NUMBERS, NUMBERS + 1), NUMBERS);
    for (int i = 0; i < N * (NUMBERS + 1); i++) rows[i] = 3;
    assert_int_equal(fet_leading_numbers(rows, N, NUMBERS, NUMBERS + 1), NUMBERS);
    assert_int_equal(fet_leading_numbers(rows, 1, 1, 2), 1);
}

/* Against the plain search in doubles, with some rows left out. */
static void search_check(bool is_falling)
{
    enum { N_ASKED = 64 };
    static float rows[N * (NUMBERS + 1)], z[N_ASKED * (NUMBERS + 1)], brackets[N_ASKED * N];
    struct fet_nearest x;
    rows_fill(rows, N, is_falling, 2);
    rows_fill(z, N_ASKED, is_falling, 3);
    assert_ok(fet_nearest_init(rows, N, NUMBERS, &x));
    assert_int_equal(x.leading != NULL, is_falling);
    float *const scratch = fet_alloc(fet_nearest_scratch(&x, N_ASKED), sizeof *scratch);
    assert_ok(fet_nearest_brackets(&x, z, N_ASKED, scratch, brackets));
    for (int i = 0; i < N_ASKED; i++) {
        double least = INFINITY;
        float square = 0;
        int64_t nearest = 0;
        for (int e = 0; e < N; e++) {
            const double d = square_between(z + i * (NUMBERS + 1), rows + e * (NUMBERS + 1));
            if ((e + i) % 3 == 0) {
                brackets[i * N + e] = INFINITY;
            } else if (d < least) {
                least = d;
                nearest = e;
            }
        }
        assert_int_equal(fet_nearest_pick(&x, z + i * (NUMBERS + 1), brackets + i * N, &square),
                         nearest);
        assert_close(square, least, 1e-4, 0); /* the bracket cancels */
    }
    fet_free(scratch);
    fet_nearest_deinit(&x);
}

static void few_numbers_find_the_nearest_of_all(void **state)
{
    (void)state;
    search_check(true);
}

static void all_numbers_are_looked_at_where_none_leads(void **state)
{
    (void)state;
    search_check(false);
}

static void the_first_of_equal_rows_is_the_nearest(void **state)
{
    (void)state;
    static float rows[N * (NUMBERS + 1)], brackets[N];
    struct fet_nearest x;
    float z[NUMBERS + 1], square = 1;
    rows_fill(rows, N, true, 4);
    memcpy(z, rows + 5 * (NUMBERS + 1), sizeof z);
    memcpy(rows + 600 * (NUMBERS + 1), z, sizeof z);
    assert_ok(fet_nearest_init(rows, N, NUMBERS, &x));
    float *const scratch = fet_alloc(fet_nearest_scratch(&x, 1), sizeof *scratch);
    assert_ok(fet_nearest_brackets(&x, z, 1, scratch, brackets));
    assert_int_equal(fet_nearest_pick(&x, z, brackets, &square), 5);
    assert_close(square, 0, 0, 0);
    for (int e = 0; e < N; e++) brackets[e] = INFINITY;
    (void)fet_nearest_pick(&x, z, brackets, &square);
    assert_true(square == INFINITY);
    fet_free(scratch);
    fet_nearest_deinit(&x);
}

/* Against the plain walk: each row that is nearer than all before it. */
static void closer_check(bool is_falling)
{
    enum { N_ASKED = 32 };
    static float rows[N * (NUMBERS + 1)], z[N_ASKED * (NUMBERS + 1)], brackets[N_ASKED * N];
    struct fet_nearest x;
    rows_fill(rows, N, is_falling, 6);
    rows_fill(z, N_ASKED, is_falling, 7);
    assert_ok(fet_nearest_init(rows, N, NUMBERS, &x));
    float *const scratch = fet_alloc(fet_nearest_scratch(&x, N_ASKED), sizeof *scratch);
    assert_ok(fet_nearest_brackets(&x, z, N_ASKED, scratch, brackets));
    for (int i = 0; i < N_ASKED; i++) {
        const float *const one = z + i * (NUMBERS + 1), *const b = brackets + i * N;
        double least = square_between(one, rows + 3 * (NUMBERS + 1));
        float square = (float)least;
        int64_t next = fet_nearest_closer(&x, one, b, 4, &square);
        for (int64_t e = 4; e < N; e++) {
            const double d = square_between(one, rows + e * (NUMBERS + 1));
            if (!(d < least)) continue;
            least = d;
            assert_int_equal(next, e);
            assert_close(square, d, 1e-5, 0);
            next = fet_nearest_closer(&x, one, b, e + 1, &square);
        }
        assert_int_equal(next, N);
        assert_close(square, least, 1e-5, 0);
    }
    fet_free(scratch);
    fet_nearest_deinit(&x);
}

static void rows_that_are_nearer_than_all_before_are_found_in_order(void **state)
{
    (void)state;
    closer_check(true);
    closer_check(false);
}

static fet_status init(const float *rows)
{
    struct fet_nearest x = {0};
    FET_TRY(fet_nearest_init(rows, 20, NUMBERS, &x));
    fet_nearest_deinit(&x);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static float rows[20 * (NUMBERS + 1)];
    rows_fill(rows, 20, true, 5);
    check_fault_sweep(FET_FAULT_ALLOC, init(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leading_numbers_hold_most_of_what_varies),
        cmocka_unit_test(few_numbers_find_the_nearest_of_all),
        cmocka_unit_test(all_numbers_are_looked_at_where_none_leads),
        cmocka_unit_test(the_first_of_equal_rows_is_the_nearest),
        cmocka_unit_test(rows_that_are_nearer_than_all_before_are_found_in_order),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
