#include "check.h"

#include <locale.h>

static void assert_printed(const char *text, bool is_indented, const char *wanted)
{
    json_t *json = NULL;
    char *printed = NULL;
    assert_ok(fet_json_parse(text, strlen(text), "test", &json));
    assert_ok(fet_json_print(json, is_indented, &printed));
    assert_string_equal(printed, wanted);
    fet_free(printed);
    json_decref(json);
}

static void compact_and_indented_keep_the_order_of_keys(void **state)
{
    (void)state;
    const char *text = "{\"z\":[1,[],{}],\"a\":{\"k\":null},\"m\":[true,false]}";
    assert_printed(text, false, text);
    assert_printed(text, true,
                   "{\n  \"z\": [\n    1,\n    [],\n    {}\n  ],\n  \"a\": {\n    \"k\": null\n  "
                   "},\n  \"m\": [\n    true,\n    false\n  ]\n}");
    assert_printed("[]", true, "[]");
}

static void strings_are_escaped_where_json_asks_for_it(void **state)
{
    (void)state;
    assert_printed("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\u007f\xc3\xa4\\u00e4\\ud83d\\ude00\"]",
                   false,
                   "[\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u001f\\u007f\xc3\xa4\xc3\xa4"
                   "\xf0\x9f\x98\x80\"]");
    assert_printed("{\"a\\n\":1}", false, "{\"a\\n\":1}");
}

static void numbers_are_as_short_as_they_can_be(void **state)
{
    (void)state;
    assert_printed("[0.1,0.30000000000000004,1.0,-0.0,1e22,1e23,5e-324,1.7976931348623157e308]",
                   false,
                   "[0.1,0.30000000000000004,1.0,-0.0,1e+22,1e+23,4.94065645841247e-324,"
                   "1.7976931348623157e+308]");
    assert_printed("[0,-1,9223372036854775807,-9223372036854775808]", false,
                   "[0,-1,9223372036854775807,-9223372036854775808]");
}

/* Any bits that are a finite number come back as the same bits. */
static void every_number_comes_back(void **state)
{
    (void)state;
    struct fet_rng r;
    fet_rng_init(&r, 11, 0);
    for (int i = 0; i < 20000; i++) {
        const uint64_t bits = fet_rng_u64(&r);
        double x = 0, again = 0;
        char *printed = NULL;
        json_t *parsed = NULL, *array = json_array();
        memcpy(&x, &bits, sizeof x);
        if (i % 2 == 0) x = fet_rng_normal(&r); /* ordinary sizes too */
        if (!isfinite(x)) x = 0;
        assert_ok(fet_json_push(array, fet_json_real(x)));
        assert_ok(fet_json_print(array, false, &printed));
        assert_ok(fet_json_parse(printed, strlen(printed), "x", &parsed));
        again = json_real_value(json_array_get(parsed, 0));
        if (memcmp(&x, &again, sizeof x) != 0) fail_msg("%a came back as %a", x, again);
        json_decref(array);
        json_decref(parsed);
        fet_free(printed);
    }
}

/* A program that embeds us may have set a locale whose decimal point is a comma. */
static void a_comma_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    bool is_set = false;
    for (int i = 0; i < 4 && !is_set; i++) is_set = setlocale(LC_NUMERIC, locales[i]) != NULL;
    if (!is_set) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    double x = 0;
    assert_printed("[0.5,1.0,1e300]", false, "[0.5,1.0,1e+300]");
    assert_true(fet_text_to_real("0.5", &x) && x == 0.5);
    (void)setlocale(LC_NUMERIC, "C");
}

static void what_is_built_too_deep_is_refused(void **state)
{
    (void)state;
    json_t *root = json_array(), *last = root;
    char *printed = NULL;
    for (int depth = 1; depth <= FET_JSON_MAX_DEPTH; depth++) {
        assert_ok(fet_json_print(root, false, &printed));
        fet_free(printed);
        json_t *inner = json_array();
        assert_ok(fet_json_push(last, inner));
        last = inner;
    }
    printed = NULL;
    assert_fails(fet_json_print(root, false, &printed), FET_LIMIT, "deeper than 64");
    assert_null(printed);
    json_decref(root);
}

static void a_single_value_is_printed(void **state)
{
    (void)state;
    char *printed = NULL;
    json_t *s = json_string("x");
    assert_ok(fet_json_print(s, true, &printed));
    assert_string_equal(printed, "\"x\"");
    fet_free(printed);
    json_decref(s);
    assert_ok(fet_json_print(json_null(), false, &printed));
    assert_string_equal(printed, "null");
    fet_free(printed);
    assert_fails(fet_json_print(NULL, false, &printed), FET_MEMORY, "out of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_and_indented_keep_the_order_of_keys),
        cmocka_unit_test(strings_are_escaped_where_json_asks_for_it),
        cmocka_unit_test(numbers_are_as_short_as_they_can_be),
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(a_comma_locale_changes_nothing),
        cmocka_unit_test(what_is_built_too_deep_is_refused),
        cmocka_unit_test(a_single_value_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
