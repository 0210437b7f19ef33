#include "check.h"

static void memory_is_zeroed_and_aligned_also_after_a_reset(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    for (int round = 0; round < 3; round++) {
        for (int64_t n = 0; n < 2000; n += 13) {
            uint8_t *p = fet_arena_alloc(&a, n, 1);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 64, 0);
            for (int64_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
            if (n > 0) memset(p, 255, (size_t)n);
        }
        assert_true(a.used_bytes > 150000);
        fet_arena_reset(&a);
        assert_int_equal(a.used_bytes, 0);
    }
    fet_arena_deinit(&a);
    fet_arena_deinit(&a); /* {0} again */
    fet_arena_deinit(NULL);
    fet_arena_reset(&a);
}

static void pieces_do_not_overlap(void **state)
{
    (void)state;
    enum { N = 500 };
    struct fet_arena a = {0};
    struct fet_rng r;
    uint8_t *pieces[N];
    int sizes[N];
    fet_rng_init(&r, 1, 0);
    for (int i = 0; i < N; i++) {
        sizes[i] = fet_rng_int(&r, 0, i % 50 == 0 ? 200000 : 900); /* some larger than a block */
        pieces[i] = fet_arena_alloc(&a, sizes[i], 1);
        assert_non_null(pieces[i]);
        if (sizes[i] > 0) memset(pieces[i], i % 251, (size_t)sizes[i]);
    }
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < sizes[i]; k++) assert_int_equal(pieces[i][k], i % 251);
    }
    fet_arena_deinit(&a);
}

static void a_reset_asks_the_heap_for_nothing(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    for (int i = 0; i < 300; i++) assert_non_null(fet_arena_alloc(&a, 1000, 1));
    assert_non_null(fet_arena_alloc(&a, 500000, 1));
    fet_arena_reset(&a);
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    for (int i = 0; i < 300; i++) assert_non_null(fet_arena_alloc(&a, 1000, 1));
    assert_non_null(fet_arena_alloc(&a, 500000, 1));
    assert_false(fet_fault_has_fired(FET_FAULT_ALLOC));
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    fet_arena_deinit(&a);
}

static void a_large_piece_does_not_waste_the_block_in_use(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    const char *first = fet_arena_alloc(&a, 64, 1);
    assert_non_null(fet_arena_alloc(&a, 1 << 20, 1));
    const char *second = fet_arena_alloc(&a, 64, 1);
    assert_ptr_equal(second, first + 64);
    fet_arena_deinit(&a);
}

static void strings_are_copied_side_by_side(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    const char *first = fet_arena_strdup(&a, "abc"), *second = fet_arena_strdup(&a, "");
    assert_ptr_equal(second, first + 4);
    assert_int_equal((uintptr_t)fet_arena_alloc(&a, 3, 1) % 64, 0);
    for (int i = 0; i < 30000; i++) { /* over the ends of blocks, with odd sizes */
        char word[16];
        fet_text_format(word, sizeof word, "word %d", i);
        assert_string_equal(fet_arena_strdup(&a, word), word);
    }
    assert_string_equal(fet_arena_strdup(&a, "word"), "word");
    assert_string_equal(fet_arena_strndup(&a, "word", 2), "wo");
    assert_string_equal(fet_arena_strndup(&a, "word", 9), "word");
    fet_arena_deinit(&a);
}

static void failure_is_null_and_the_arena_stays_usable(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    assert_null(fet_arena_alloc(&a, -1, 1));
    assert_null(fet_arena_alloc(&a, INT64_MAX, 1));
    assert_null(fet_arena_alloc(&a, INT64_MAX, 8));
    assert_null(fet_arena_alloc(&a, 1, SIZE_MAX));
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    assert_null(fet_arena_strdup(&a, "x"));
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_int_equal(a.used_bytes, 0);
    assert_string_equal(fet_arena_strdup(&a, "x"), "x");
    fet_arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_also_after_a_reset),
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(a_reset_asks_the_heap_for_nothing),
        cmocka_unit_test(a_large_piece_does_not_waste_the_block_in_use),
        cmocka_unit_test(strings_are_copied_side_by_side),
        cmocka_unit_test(failure_is_null_and_the_arena_stays_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
