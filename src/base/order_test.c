#include "check.h"

static void numbers_are_sorted_ascending(void **state)
{
    (void)state;
    double reals[] = {3, -INFINITY, 0x1p-1074, -2, 0, INFINITY, 3};
    const double wanted[] = {-INFINITY, -2, 0, 0x1p-1074, 3, 3, INFINITY};
    float floats[7];
    for (int i = 0; i < 7; i++) floats[i] = i == 2 ? 0x1p-149f : (float)reals[i];
    qsort(reals, 7, sizeof *reals, fet_compare_reals);
    qsort(floats, 7, sizeof *floats, fet_compare_floats);
    for (int i = 0; i < 7; i++) {
        assert_true(reals[i] == wanted[i]);
        assert_true(floats[i] == (i == 3 ? 0x1p-149f : (float)wanted[i]));
    }
}

static void equal_numbers_are_equal(void **state)
{
    (void)state;
    const double zero = 0, minus_zero = -0.0;
    const float one = 1, also_one = 1;
    assert_int_equal(fet_compare_reals(&zero, &minus_zero), 0);
    assert_int_equal(fet_compare_floats(&one, &also_one), 0);
}

static void texts_are_sorted_by_their_bytes(void **state)
{
    (void)state;
    const char *texts[] = {"b", "a\xc3\xa4", "", "ab", "b", "B"};
    static const char *const wanted[] = {"", "B", "ab", "a\xc3\xa4", "b", "b"};
    qsort(texts, 6, sizeof *texts, fet_compare_texts);
    for (int i = 0; i < 6; i++) assert_string_equal(texts[i], wanted[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_sorted_ascending),
        cmocka_unit_test(equal_numbers_are_equal),
        cmocka_unit_test(texts_are_sorted_by_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
