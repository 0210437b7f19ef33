#include "check.h"

#include "odd.h"

enum { PARTS = 20, EACH = 50, NUMBERS = 6, N = PARTS * EACH };

/* Parts alike but for noise; part 3 has a place that no other has, part 4 one that is nearly so. */
static void fill(float *z, int32_t *parts)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 9, 0);
    for (int i = 0; i < N; i++) {
        parts[i] = i / EACH;
        for (int k = 0; k < NUMBERS; k++)
            z[i * NUMBERS + k] = (float)(10 * (i % 5) + fet_rng_normal(&rng));
    }
    z[(3 * EACH + 7) * NUMBERS] += 40;
    z[(4 * EACH + 7) * NUMBERS] += 1;
}

static int64_t count(const bool *is_odd, int64_t n)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) sum += is_odd[i];
    return sum;
}

static void a_place_like_no_other_is_odd_and_its_part_is_not(void **state)
{
    (void)state;
    static float z[N * NUMBERS];
    static int32_t parts[N];
    bool is_odd[N];
    float limit = 0;
    fill(z, parts);
    const struct fet_memory_sample s = {.z = z, .parts = parts, .n = N, .n_numbers = NUMBERS};
    assert_ok(fet_odd_find(&s, NULL, is_odd, &limit));
    assert_true(is_odd[3 * EACH + 7]);
    assert_false(is_odd[4 * EACH + 7]);
    assert_true(count(is_odd, N) <= 2);
    assert_true(limit > 1 && limit < 30);
}

static void few_parts_do_not_tell_what_is_odd(void **state)
{
    (void)state;
    static float z[N * NUMBERS];
    static int32_t parts[N];
    bool is_odd[N];
    float limit = 0;
    fill(z, parts);
    const struct fet_memory_sample s = {
        .z = z, .parts = parts, .n = (FET_ODD_PARTS - 1) * EACH, .n_numbers = NUMBERS};
    assert_ok(fet_odd_find(&s, NULL, is_odd, &limit));
    assert_int_equal(count(is_odd, s.n), 0);
    assert_true(limit == INFINITY);
}

static void equal_parts_have_nothing_odd(void **state)
{
    (void)state;
    static const float z[N * NUMBERS];
    static int32_t parts[N];
    bool is_odd[N];
    float limit = 1;
    for (int i = 0; i < N; i++) parts[i] = i / EACH;
    const struct fet_memory_sample s = {.z = z, .parts = parts, .n = N, .n_numbers = NUMBERS};
    assert_ok(fet_odd_find(&s, NULL, is_odd, &limit));
    assert_int_equal(count(is_odd, N), 0);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    static float z[N * NUMBERS];
    static int32_t parts[N];
    bool one[N], many[N];
    float limit_one = 0, limit_many = 0;
    struct fet_pool *pool = NULL;
    fill(z, parts);
    const struct fet_memory_sample s = {.z = z, .parts = parts, .n = N, .n_numbers = NUMBERS};
    assert_ok(fet_pool_new(3, &pool));
    assert_ok(fet_odd_find(&s, NULL, one, &limit_one));
    assert_ok(fet_odd_find(&s, pool, many, &limit_many));
    assert_memory_equal(one, many, sizeof one);
    assert_close(limit_one, limit_many, 0, 0);
    fet_pool_free(pool);
}

static fet_status find(const struct fet_memory_sample *s)
{
    bool is_odd[N];
    float limit = 0;
    return fet_odd_find(s, NULL, is_odd, &limit);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static float z[N * NUMBERS];
    static int32_t parts[N];
    fill(z, parts);
    const struct fet_memory_sample s = {.z = z, .parts = parts, .n = N, .n_numbers = NUMBERS};
    check_fault_sweep(FET_FAULT_ALLOC, find(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_like_no_other_is_odd_and_its_part_is_not),
        cmocka_unit_test(few_parts_do_not_tell_what_is_odd),
        cmocka_unit_test(equal_parts_have_nothing_odd),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
