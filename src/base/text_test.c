#include "check.h"

static void additions_follow_each_other(void **state)
{
    (void)state;
    struct fet_text t = {0};
    assert_string_equal(fet_text_get(&t), "");
    fet_text_add(&t, "%d apples", 3);
    fet_text_add_string(&t, " and 100%");
    fet_text_add_bytes(&t, "\0x", 2);
    assert_int_equal(t.n, 19);
    assert_string_equal(fet_text_get(&t), "3 apples and 100%");
    assert_ok(fet_text_status(&t, "shopping"));
    fet_text_deinit(&t);
    assert_string_equal(fet_text_get(&t), "");
}

static void a_text_grows_through_every_size(void **state)
{
    (void)state;
    struct fet_text t = {0};
    for (size_t i = 0; i < 3000; i++) {
        fet_text_add(&t, "%c", (int)('a' + i % 26));
        assert_int_equal(t.n, i + 1);
        assert_int_equal(t.s[t.n], 0);
    }
    for (size_t i = 0; i < 3000; i++) assert_int_equal(t.s[i], 'a' + i % 26);
    fet_text_deinit(&t);
}

static void taking_moves_the_string_out(void **state)
{
    (void)state;
    struct fet_text t = {0};
    char *empty = fet_text_take(&t);
    assert_string_equal(empty, "");
    fet_text_add_string(&t, "x");
    char *s = fet_text_take(&t);
    assert_string_equal(s, "x");
    assert_null(t.s);
    fet_free(empty);
    fet_free(s);
}

static void failure_is_kept_until_asked(void **state)
{
    (void)state;
    struct fet_text t = {0};
    fet_text_add_string(&t, "kept");
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    for (int i = 0; i < 300; i++) fet_text_add_string(&t, "0123456789");
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    fet_text_add_string(&t, "later");
    assert_true(t.has_failed);
    assert_null(strstr(fet_text_get(&t), "later"));
    assert_fails(fet_text_status(&t, "page"), FET_MEMORY, "page: out of memory");
    assert_null(fet_text_take(&t));
    assert_false(t.has_failed);
}

static void html_is_escaped_and_bad_bytes_are_replaced(void **state)
{
    (void)state;
    struct fet_text t = {0};
    fet_text_add_html(&t, "<a href=\"x\">Tom & 'J\xc3\xa4ger'\xff\xc3</a>");
    assert_string_equal(fet_text_get(&t),
                        "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;J\xc3\xa4ger&#39;"
                        "\xef\xbf\xbd\xef\xbf\xbd&lt;/a&gt;");
    fet_text_deinit(&t);
    fet_text_add_utf8(&t, "a\x80\xe2\x82\xac<");
    assert_string_equal(fet_text_get(&t), "a\xef\xbf\xbd\xe2\x82\xac<");
    fet_text_deinit(&t);
}

/* The table of well-formed sequences in the Unicode standard, at its edges. */
static void utf8_is_what_the_standard_says(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "abc",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x7f",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x90\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!fet_text_is_utf8(good[i], strlen(good[i]))) fail_msg("good sequence %d", (int)i);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (fet_text_is_utf8(bad[i], strlen(bad[i]))) fail_msg("bad sequence %d", (int)i);
    }
}

static void labels_are_cut_between_characters(void **state)
{
    (void)state;
    char out[8];
    fet_text_format(out, sizeof out, "%d", 42);
    assert_string_equal(out, "42");
    fet_text_format(out, sizeof out, "%s", "1234567890");
    assert_string_equal(out, "1234567");
    fet_text_format(out, sizeof out, "12345%s", "\xe2\x82\xac"); /* two of its three bytes fit */
    assert_string_equal(out, "12345");
    fet_text_format(out, sizeof out, "1234%s!", "\xe2\x82\xac");
    assert_string_equal(out, "1234\xe2\x82\xac");
    fet_text_format(out, sizeof out, "123%s!", "\xf0\x9f\x98\x80"); /* just fits */
    assert_string_equal(out, "123\xf0\x9f\x98\x80");
    fet_text_format(out, 1, "%s", "\xe2\x82\xac");
    assert_string_equal(out, "");
    fet_text_format(out, 0, "nothing is touched");
    assert_string_equal(out, "");
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   " 1", "1 ", "1,5", "0x10",  "inf",   "nan",   "1e",
                                      "e5", ".",  "+",  "--1", "1.2.3", "1e5.5", "1e999", "1_0"};
    double x = 0;
    long long n = 0;
    assert_true(fet_text_to_real("1.5", &x) && x == 1.5);
    assert_true(fet_text_to_real("-.5e-1", &x) && x == -0.05);
    assert_true(fet_text_to_real("+7.", &x) && x == 7.0);
    assert_true(fet_text_to_real("1.7976931348623157e308", &x) && x == 1.7976931348623157e308);
    assert_true(fet_text_to_real("1e-999", &x) && x == 0.0);
    x = 3;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (fet_text_to_real(bad[i], &x)) fail_msg("'%s' was taken for a number", bad[i]);
    }
    assert_true(x == 3);

    assert_true(fet_text_to_int("-42", &n) && n == -42);
    assert_true(fet_text_to_int("9223372036854775807", &n) && n == INT64_MAX);
    n = 3;
    assert_false(fet_text_to_int("9223372036854775808", &n));
    assert_false(fet_text_to_int("1.0", &n));
    assert_false(fet_text_to_int("", &n));
    assert_false(fet_text_to_int("-", &n));
    assert_false(fet_text_to_int(" 1", &n));
    assert_int_equal(n, 3);
}

static void shares_are_numbers_or_percents(void **state)
{
    (void)state;
    double x = 7;
    assert_true(fet_text_to_share("0.25", &x) && x == 0.25);
    assert_true(fet_text_to_share("25%", &x) && x == 0.25);
    assert_true(fet_text_to_share("0.5%", &x) && x == 0.005);
    x = 7;
    assert_false(fet_text_to_share("%", &x));
    assert_false(fet_text_to_share("", &x));
    assert_false(fet_text_to_share("1 %", &x));
    assert_false(fet_text_to_share("1%%", &x));
    assert_false(fet_text_to_share(
        "000000000000000000000000000000000000000000000000000000000000000001%", &x));
    assert_true(x == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_follow_each_other),
        cmocka_unit_test(a_text_grows_through_every_size),
        cmocka_unit_test(taking_moves_the_string_out),
        cmocka_unit_test(failure_is_kept_until_asked),
        cmocka_unit_test(html_is_escaped_and_bad_bytes_are_replaced),
        cmocka_unit_test(utf8_is_what_the_standard_says),
        cmocka_unit_test(labels_are_cut_between_characters),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(shares_are_numbers_or_percents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
