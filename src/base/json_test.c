#include "check.h"

static json_t *parsed(const char *text)
{
    json_t *json = NULL;
    assert_ok(fet_json_parse(text, strlen(text), "test", &json));
    return json;
}

static void an_object_is_read_by_type(void **state)
{
    (void)state;
    json_t *o = parsed("{\"s\":\"x\",\"r\":2.5,\"i\":-7,\"b\":true,\"a\":[1,2],\"o\":{\"k\":1}}");
    const char *s = NULL;
    double r = 0;
    int64_t i = 0;
    bool b = false;
    json_t *a = NULL, *inner = NULL;
    assert_ok(fet_json_get_string(o, "s", &s));
    assert_string_equal(s, "x");
    assert_ok(fet_json_get_real(o, "r", &r));
    assert_true(r == 2.5);
    assert_ok(fet_json_get_real(o, "i", &r)); /* integers are numbers */
    assert_true(r == -7);
    assert_ok(fet_json_get_int(o, "i", &i));
    assert_int_equal(i, -7);
    assert_ok(fet_json_get_bool(o, "b", &b));
    assert_true(b);
    assert_ok(fet_json_get_array(o, "a", &a));
    assert_int_equal(json_array_size(a), 2);
    assert_ok(fet_json_get_object(o, "o", &inner));
    assert_ok(fet_json_get_int(inner, "k", &i));
    json_decref(o);
}

static void a_wrong_type_names_the_key_and_both_types(void **state)
{
    (void)state;
    json_t *o = parsed("{\"s\":\"x\",\"r\":2.5,\"n\":null,\"a\":[],\"o\":{},\"b\":false,\"i\":1}");
    const char *s = "kept";
    double r = 3;
    int64_t i = 3;
    bool b = true;
    json_t *j = NULL;
    assert_fails(fet_json_get_string(o, "r", &s), FET_FORMAT, "'r': wanted a string, found a num");
    assert_fails(fet_json_get_real(o, "s", &r), FET_FORMAT, "'s': wanted a number, found a string");
    assert_fails(fet_json_get_int(o, "r", &i), FET_FORMAT, "wanted an integer, found a number");
    assert_fails(fet_json_get_bool(o, "n", &b), FET_FORMAT, "wanted true or false, found null");
    assert_fails(fet_json_get_array(o, "o", &j), FET_FORMAT, "wanted an array, found an object");
    assert_fails(fet_json_get_object(o, "a", &j), FET_FORMAT, "wanted an object, found an array");
    assert_fails(fet_json_get_object(o, "b", &j), FET_FORMAT, "found true or false");
    assert_fails(fet_json_get_object(o, "i", &j), FET_FORMAT, "found an integer");
    assert_fails(fet_json_get_string(o, "zz", &s), FET_FORMAT, "'zz' is missing");
    assert_fails(fet_json_get_real(NULL, "k", &r), FET_FORMAT, "'k': wanted in an object");
    assert_fails(fet_json_get_real(json_object_get(o, "a"), "k", &r), FET_FORMAT, "an array");
    assert_string_equal(s, "kept");
    assert_true(r == 3 && i == 3 && b && j == NULL);
    json_decref(o);
}

static void what_is_not_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\" 1}",
        "{'a':1}",
        "[1] x",
        "nul",
        "7",
        "[01]",
        "[1.]",
        "[\"\xff\"]",
        "[\"\x01\"]",
        "[\"\\u0000\"]",
        "[\"\\ud800\"]",
        "[1e999]",
        "[99999999999999999999]",
    };
    json_t *json = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const fet_status st = fet_json_parse(bad[i], strlen(bad[i]), "f.json", &json);
        if (st != FET_FORMAT) fail_msg("'%s' gave %s", bad[i], fet_status_name(st));
        assert_non_null(strstr(fet_status_message(), "f.json: not valid JSON at line "));
    }
    assert_fails(fet_json_parse("{\n \"a\":1,\n \"a\":2}", 17, "f", &json), FET_FORMAT,
                 "line 3, column 4: duplicate");
    assert_null(json);
    assert_fails(fet_json_parse(NULL, 0, "f", &json), FET_FORMAT, "not valid JSON");
}

static void the_end_is_where_the_length_says(void **state)
{
    (void)state;
    json_t *json = NULL;
    assert_ok(fet_json_parse("[1]]]]", 3, "x", &json));
    json_decref(json);
    char *exact = malloc(2); /* ASan sees a read behind it */
    assert_non_null(exact);
    memcpy(exact, "[\\", 2);
    assert_fails(fet_json_parse(exact, 2, "x", &json), FET_FORMAT, "not valid");
    memcpy(exact, "\"\\", 2);
    assert_fails(fet_json_parse(exact, 2, "x", &json), FET_FORMAT, "not valid");
    free(exact);
}

static void depth_is_limited(void **state)
{
    (void)state;
    char text[200000];
    json_t *json = NULL;
    for (int depth = 63; depth <= 65; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        const fet_status st = fet_json_parse(text, 2 * (size_t)depth, "x", &json);
        if (depth <= FET_JSON_MAX_DEPTH) {
            assert_ok(st);
            char *printed = NULL;
            assert_ok(fet_json_print(json, false, &printed));
            fet_free(printed);
            json_decref(json);
        } else {
            assert_fails(st, FET_FORMAT, "deeper than 64");
        }
    }
    memset(text, '[', sizeof text);
    assert_fails(fet_json_parse(text, sizeof text, "x", &json), FET_FORMAT, "deeper than 64");
    memset(text + 2, '[', 197);
    memcpy(text, "[\"", 2); /* brackets in a string are letters */
    memcpy(text + 199, "\\\"[\"]", 6);
    assert_ok(fet_json_parse(text, 204, "x", &json));
    json_decref(json);
}

static void nested_calls_build_and_null_is_out_of_memory(void **state)
{
    (void)state;
    json_t *o = json_object(), *a = json_array();
    assert_ok(fet_json_push(a, json_integer(1)));
    assert_ok(fet_json_push(a, fet_json_real(0.5)));
    assert_ok(fet_json_set(o, "a", a));
    assert_ok(fet_json_set(o, "name", fet_json_string("x")));
    assert_ok(fet_json_set(o, "name", fet_json_string(NULL))); /* replaces */
    assert_true(json_is_null(json_object_get(o, "name")));
    assert_fails(fet_json_set(o, "k", NULL), FET_MEMORY, "'k'");
    assert_fails(fet_json_set(NULL, "k", json_integer(1)), FET_MEMORY, "'k'");
    assert_fails(fet_json_push(NULL, json_integer(1)), FET_MEMORY, "item");
    assert_fails(fet_json_push(a, NULL), FET_MEMORY, "item");
    assert_fails(fet_json_set(o, "\xff", json_integer(1)), FET_ARGUMENT, "UTF-8");
    assert_int_equal(json_object_size(o), 2);
    json_decref(o);
}

static void what_json_cannot_say_becomes_null_or_a_replacement(void **state)
{
    (void)state;
    assert_true(json_is_null(fet_json_real(NAN)));
    assert_true(json_is_null(fet_json_real(INFINITY)));
    assert_true(json_is_null(fet_json_real(-INFINITY)));
    json_t *r = fet_json_real(1), *s = fet_json_string("a\xff");
    assert_true(json_is_real(r));
    assert_string_equal(json_string_value(s), "a\xef\xbf\xbd");
    json_decref(r);
    json_decref(s);
}

static fet_status parse_print_and_build(void)
{
    static const char text[] = "{\"list\":[1,2.5,\"a longer string than fits anywhere small\","
                               "{\"deep\":[null,true]}],\"text\":\"\\u00e4\\n\"}";
    fet_status st = FET_OK;
    char *printed = NULL;
    json_t *parsed_json = NULL, *o = json_object();
    FET_TRY_OUT(fet_json_parse(text, strlen(text), "x", &parsed_json));
    FET_TRY_OUT(fet_json_print(parsed_json, true, &printed));
    for (int i = 0; i < 20; i++) { /* the table of keys grows */
        char key[16];
        fet_text_format(key, sizeof key, "key %d", i);
        FET_TRY_OUT(fet_json_set(o, key, fet_json_string("bad \xff")));
    }
    FET_TRY_OUT(fet_json_set(o, "r", fet_json_real(0.1)));
out:
    fet_free(printed);
    json_decref(parsed_json);
    json_decref(o);
    return st;
}

/* Keys longer than jansson's first buffer: when that cannot grow, jansson alone reads on behind it.
 */
static fet_status parse_long_keys(void)
{
    static const char text[] = "{\"a_key_that_is_longer_than_sixteen_bytes\":[1,2.5,false],"
                               "\"another_one_that_is_longer_than_that\":\"and a long text, too\"}";
    json_t *json = NULL;
    FET_TRY(fet_json_parse(text, sizeof text - 1, "long", &json));
    json_decref(json);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_ok(parse_print_and_build()); /* jansson has our allocators from here on */
    check_fault_sweep(FET_FAULT_ALLOC, parse_print_and_build());
    check_fault_sweep(FET_FAULT_ALLOC, parse_long_keys());
    /* And the reason is said, not guessed as bad syntax. */
    json_t *json = NULL;
    for (int n = 1;; n++) {
        fet_fault_arm(FET_FAULT_ALLOC, n);
        const fet_status st = fet_json_parse("{\"a\":\"b\"}", 9, "x", &json);
        const bool has_fired = fet_fault_has_fired(FET_FAULT_ALLOC);
        fet_fault_arm(FET_FAULT_ALLOC, 0);
        if (!has_fired) break;
        assert_fails(st, FET_MEMORY, "out of memory");
    }
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_read_by_type),
        cmocka_unit_test(a_wrong_type_names_the_key_and_both_types),
        cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
        cmocka_unit_test(the_end_is_where_the_length_says),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(nested_calls_build_and_null_is_out_of_memory),
        cmocka_unit_test(what_json_cannot_say_becomes_null_or_a_replacement),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
