#include "check.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    for (int64_t n = 0; n < 300; n += 7) {
        uint8_t *p = fet_alloc(n, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        for (int64_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
        if (n > 0) memset(p, 255, (size_t)n); /* the next one may get the same place */
        fet_free(p);
    }
    fet_free(NULL);
}

static void impossible_sizes_give_null(void **state)
{
    (void)state;
    assert_null(fet_alloc(-1, 1));
    assert_null(fet_alloc(INT64_MAX, 2));
    assert_null(fet_alloc(INT64_MAX, 1));
    assert_null(fet_alloc(1, SIZE_MAX));
    assert_null(fet_alloc(3, (size_t)INT64_MAX));
}

static void realloc_keeps_zeroes_and_aligns(void **state)
{
    (void)state;
    uint32_t *p = fet_realloc(NULL, 0, 3, sizeof *p);
    assert_non_null(p);
    p[0] = 1;
    p[2] = 3;
    p = fet_realloc(p, 3, 100, sizeof *p);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 64, 0);
    assert_true(p[0] == 1 && p[1] == 0 && p[2] == 3);
    for (int i = 3; i < 100; i++) assert_int_equal(p[i], 0);
    p = fet_realloc(p, 100, 1, sizeof *p);
    assert_non_null(p);
    assert_int_equal(p[0], 1);

    /* A failure leaves the old block alone. */
    assert_null(fet_realloc(p, 1, INT64_MAX, sizeof *p));
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    assert_null(fet_realloc(p, 1, 2, sizeof *p));
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_int_equal(p[0], 1);
    fet_free(p);
}

static void strings_are_copied(void **state)
{
    (void)state;
    char *a = fet_strdup("word"), *b = fet_strndup("word", 2), *c = fet_strndup("word", 99);
    char *d = fet_strdup("");
    assert_string_equal(a, "word");
    assert_string_equal(b, "wo");
    assert_string_equal(c, "word");
    assert_string_equal(d, "");
    fet_free(a);
    fet_free(b);
    fet_free(c);
    fet_free(d);
}

static void products_are_checked(void **state)
{
    (void)state;
    int64_t p = -5;
    assert_true(fet_mul_size(0, INT64_MAX, &p) && p == 0);
    assert_true(fet_mul_size(INT64_MAX, 1, &p) && p == INT64_MAX);
    assert_true(fet_mul_size(1 << 20, 1 << 20, &p) && p == (int64_t)1 << 40);
    p = 7;
    assert_false(fet_mul_size(INT64_MAX, 2, &p));
    assert_false(fet_mul_size((int64_t)1 << 32, (int64_t)1 << 31, &p));
    assert_false(fet_mul_size(-1, 1, &p));
    assert_false(fet_mul_size(1, -1, &p));
    assert_int_equal(p, 7);
}

static void the_armed_call_fails_once(void **state)
{
    (void)state;
    assert_false(fet_fault_is_due(FET_FAULT_ALLOC)); /* off at first */
    fet_fault_arm(FET_FAULT_ALLOC, 3);
    assert_false(fet_fault_is_due(FET_FAULT_ALLOC));
    assert_false(fet_fault_is_due(FET_FAULT_WRITE)); /* another kind does not count */
    assert_false(fet_fault_is_due(FET_FAULT_ALLOC));
    assert_false(fet_fault_has_fired(FET_FAULT_ALLOC));
    assert_null(fet_alloc(1, 1));
    assert_true(fet_fault_has_fired(FET_FAULT_ALLOC));
    assert_false(fet_fault_is_due(FET_FAULT_ALLOC));
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_false(fet_fault_is_due(FET_FAULT_ALLOC));
    assert_false(fet_fault_has_fired(FET_FAULT_ALLOC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(impossible_sizes_give_null),
        cmocka_unit_test(realloc_keeps_zeroes_and_aligns),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(products_are_checked),
        cmocka_unit_test(the_armed_call_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
