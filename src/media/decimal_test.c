#include "check.h"

#include "decimal.h"

static bool is_number(const char *s)
{
    return fet_decimal_is_finite((const uint8_t *)s, (int64_t)strlen(s));
}

static double value_of(const char *s)
{
    return fet_decimal_value((const uint8_t *)s, (int64_t)strlen(s));
}

static void numbers_as_files_write_them_are_read(void **state)
{
    (void)state;
    assert_true(value_of("0") == 0 && !signbit(value_of("0")));
    assert_true(signbit(value_of("-0.0")));
    assert_true(value_of("+7") == 7);
    assert_true(value_of(".5") == 0.5);
    assert_true(value_of("5.") == 5);
    assert_true(value_of("-12.25e2") == -1225);
    assert_true(value_of("1E-2") == 0.01);
    assert_true(value_of("1e+3") == 1000);
    assert_true(value_of("007") == 7);
    assert_true(value_of("0.000000000000000000000000001") == 1e-27);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    const char *const texts[] = {"",     "-",    "+",   ".",     "e5",    "1e",  "1e+",  "1.2.3",
                                 "0x10", "inf",  "nan", "1,000", "1 2",   "--1", "1e5x", "1_000",
                                 "-inf", "1e5.", " 1",  "1 ",    "1e--2", "٣",   "1d3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (is_number(texts[i])) fail_msg("'%s' was taken for a number", texts[i]);
        assert_true(isnan(value_of(texts[i])));
    }
}

static void numbers_that_no_double_holds_are_refused(void **state)
{
    (void)state;
    assert_true(is_number("1.7976931348623157e308"));
    assert_false(is_number("1.8e308"));
    assert_false(is_number("-1e309"));
    assert_false(is_number("1e99999999999999999999"));
    assert_true(is_number("1e-99999999999999999999"));
    assert_true(value_of("1e-99999999999999999999") == 0);
    assert_true(value_of("5e-324") > 0);
    char digits[700];
    memset(digits, '9', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    assert_false(is_number(digits));
    assert_true(isnan(value_of(digits)));
    digits[290] = '\0';
    assert_true(is_number(digits));
    assert_close(value_of(digits), 1e290, 1e-15, 0);
}

/* The C library is the reference: equal to the last bit over all lengths and exponents. */
static void values_are_correctly_rounded(void **state)
{
    (void)state;
    struct fet_rng rng;
    fet_rng_init(&rng, 20240229, 0);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        const int n_whole = fet_rng_int(&rng, 1, 20), n_part = fet_rng_int(&rng, 0, 20);
        int n = 0;
        if (fet_rng_chance(&rng, 0.5)) text[n++] = '-';
        for (int k = 0; k < n_whole; k++) text[n++] = (char)('0' + fet_rng_int(&rng, 0, 9));
        if (n_part > 0) text[n++] = '.';
        for (int k = 0; k < n_part; k++) text[n++] = (char)('0' + fet_rng_int(&rng, 0, 9));
        text[n] = '\0';
        if (fet_rng_chance(&rng, 0.3))
            fet_text_format(text + n, sizeof text - (size_t)n, "e%d", fet_rng_int(&rng, -330, 280));
        assert_true(is_number(text));
        const double wanted = strtod(text, NULL), found = value_of(text);
        if (memcmp(&wanted, &found, sizeof wanted) != 0)
            fail_msg("%s: wanted %.17g, got %.17g", text, wanted, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_files_write_them_are_read),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(numbers_that_no_double_holds_are_refused),
        cmocka_unit_test(values_are_correctly_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
