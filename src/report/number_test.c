#include "number.h"

#include "check.h"

#define NARROW "\xe2\x80\xaf"
#define MINUS "\xe2\x88\x92"

static void assert_real(double v, const char *text)
{
    char out[FET_NUMBER_BYTES];
    assert_string_equal(fet_number_real(v, out), text);
}

static void assert_share(double v, const char *text)
{
    char out[FET_NUMBER_BYTES];
    assert_string_equal(fet_number_share(v, out), text);
}

static void assert_count(int64_t v, const char *text)
{
    char out[FET_NUMBER_BYTES];
    assert_string_equal(fet_number_count(v, out), text);
}

static void assert_tick(double v, double step, const char *text)
{
    char out[FET_NUMBER_BYTES];
    assert_string_equal(fet_number_tick(v, step, out), text);
}

static void reals_have_about_three_digits(void **state)
{
    (void)state;
    assert_real(0, "0");
    assert_real(0.98314, "0.983");
    assert_real(1, "1.000");
    assert_real(-0.25, MINUS "0.250");
    assert_real(0.05, "0.0500");
    assert_real(0.00123, "0.00123");
    assert_real(3.14159, "3.14");
    assert_real(12.345, "12.3");
    assert_real(123.45, "123");
    assert_real(4520, "4520");
    assert_real(1234567.2, "1" NARROW "234" NARROW "567");
    assert_real(1.5e-7, "1.5e-07");
    assert_real(2e18, "2e+18");
}

static void nothing_is_rounded_to_one_or_whole(void **state)
{
    (void)state;
    assert_real(0.99963, "0.9996");
    assert_real(0.999963, "0.999963");
    assert_share(0.99963, "99.96" NARROW "%");
    assert_share(0.0002, "0.02" NARROW "%");
    assert_share(0, "0" NARROW "%");
    assert_share(1, "100" NARROW "%");
    assert_share(0.975, "97.5" NARROW "%");
}

static void what_is_no_number_is_a_dash(void **state)
{
    (void)state;
    assert_real((double)NAN, "\xe2\x80\x93");
    assert_share((double)NAN, "\xe2\x80\x93");
    assert_real((double)INFINITY, "infinite");
    assert_real(-(double)INFINITY, MINUS "infinite");
    assert_tick((double)NAN, 1, "\xe2\x80\x93");
}

static void counts_are_set_in_threes(void **state)
{
    (void)state;
    assert_count(0, "0");
    assert_count(-7, MINUS "7");
    assert_count(4520, "4520");
    assert_count(12345, "12" NARROW "345");
    assert_count(INT64_MAX,
                 "9" NARROW "223" NARROW "372" NARROW "036" NARROW "854" NARROW "775" NARROW "807");
    assert_count(INT64_MIN, MINUS "9" NARROW "223" NARROW "372" NARROW "036" NARROW "854" NARROW
                                  "775" NARROW "808");
}

static void ticks_have_the_decimals_of_their_step(void **state)
{
    (void)state;
    assert_tick(0.30000000000000004, 0.1, "0.3");
    assert_tick(0, 0.05, "0.00");
    assert_tick(-1e-17, 0.5, "0.0");
    assert_tick(-20, 10, MINUS "20");
    assert_tick(25000, 5000, "25" NARROW "000");
    assert_tick(2e-9, 1e-9, "2e-09");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_have_about_three_digits),
        cmocka_unit_test(nothing_is_rounded_to_one_or_whole),
        cmocka_unit_test(what_is_no_number_is_a_dash),
        cmocka_unit_test(counts_are_set_in_threes),
        cmocka_unit_test(ticks_have_the_decimals_of_their_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
