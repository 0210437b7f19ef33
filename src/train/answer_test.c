#include "check.h"

#include "answer.h"

static const char *const all_members[] = {"verdict",       "score", "p_value",  "regions", "label",
                                          "probabilities", "value", "interval", NULL};

static fet_status print_full(char **text)
{
    static const char *const classes[] = {"a", "b"};
    double p[2] = {0.25, 0.75};
    struct fet_region regions[1] = {{.x = 1, .y = 2, .w = 3, .h = 4, .score = 0.5}};
    struct fet_answer a;
    fet_answer_init(&a);
    a.path = "x.png";
    a.verdict = FET_VERDICT_REJECT;
    a.score = 2.5;
    a.p_value = 0.125;
    a.regions = regions;
    a.n_regions = 1;
    a.label = "b";
    a.classes = classes;
    a.probabilities = p;
    a.n_classes = 2;
    a.value = 7;
    a.low = 6;
    a.high = 8;
    a.ms = 1.23456;
    json_t *json = NULL;
    FET_TRY(fet_answer_to_json(&a, all_members, true, &json));
    const fet_status st = fet_json_print(json, false, text);
    json_decref(json);
    return st;
}

static void every_member_is_printed_in_the_declared_order(void **state)
{
    (void)state;
    char *text = NULL;
    assert_ok(print_full(&text));
    json_t *json = NULL;
    assert_ok(fet_json_parse(text, strlen(text), "answer", &json));
    const char *verdict = NULL;
    double ms = 0;
    assert_ok(fet_json_get_string(json, "verdict", &verdict));
    assert_string_equal(verdict, "reject");
    assert_ok(fet_json_get_real(json, "ms", &ms));
    assert_close(ms, 1.235, 0, 1e-12);
    assert_non_null(strstr(text, "\"regions\":[{\"x\":1,\"y\":2,\"w\":3,\"h\":4,\"score\":0.5}]"));
    assert_non_null(strstr(text, "\"probabilities\":{\"a\":0.25,\"b\":0.75}"));
    json_decref(json);
    fet_free(text);
}

static fet_status print_and_drop(void)
{
    char *text = NULL;
    FET_TRY(print_full(&text));
    fet_free(text);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, print_and_drop());
}

static void absent_members_are_null_and_odd_file_names_are_safe(void **state)
{
    (void)state;
    struct fet_answer a;
    char *text = NULL;
    json_t *json = NULL;
    fet_answer_init(&a);
    a.path = "a\xff.png";
    assert_ok(fet_answer_to_json(&a, all_members, false, &json));
    assert_ok(fet_json_print(json, false, &text));
    assert_non_null(strstr(text, "\"path\":\"a?.png\""));
    assert_non_null(strstr(text, "\"score\":null"));
    assert_null(strstr(text, "\"ms\""));
    json_decref(json);
    fet_free(text);
}

static fet_status compare_texts(const char *wanted, const char *found)
{
    json_t *a = NULL, *b = NULL;
    fet_status st = fet_json_parse(wanted, strlen(wanted), "wanted", &a);
    if (st == FET_OK) st = fet_json_parse(found, strlen(found), "found", &b);
    if (st == FET_OK) st = fet_answer_compare(a, b, 1e-3);
    json_decref(a);
    json_decref(b);
    return st;
}

static void comparing_names_the_member_that_differs(void **state)
{
    (void)state;
    assert_ok(
        compare_texts("{\"score\":1.0,\"v\":[1,\"x\"]}", "{\"score\":1.0005,\"v\":[1,\"x\"]}"));
    assert_ok(compare_texts("{\"regions\":[{\"x\":1}]}", "{\"regions\":[{\"x\":2}]}"));
    assert_fails(compare_texts("{\"score\":1.0}", "{\"score\":1.1}"), FET_DATA, "score");
    assert_fails(compare_texts("{\"v\":[1,2]}", "{\"v\":[1]}"), FET_DATA, "v: wanted 2 items");
    assert_fails(compare_texts("{\"v\":\"a\"}", "{\"v\":\"b\"}"), FET_DATA, "v");
    assert_fails(compare_texts("{\"v\":1}", "{\"w\":1}"), FET_DATA, "v");
    assert_fails(compare_texts("{\"v\":null}", "{}"), FET_DATA, "members");
}

static void a_map_is_drawn_bilinearly_over_the_whole_picture(void **state)
{
    (void)state;
    float map[4] = {0, 1, 2, 3}, out[36];
    struct fet_answer a;
    fet_answer_init(&a);
    a.path = "x";
    assert_fails(fet_answer_draw_map(&a, 6, 6, out), FET_ARGUMENT, "no anomaly map");
    a.map = map;
    a.map_w = a.map_h = 2;
    assert_ok(fet_answer_draw_map(&a, 2, 2, out));
    assert_memory_equal(out, map, sizeof map);
    assert_ok(fet_answer_draw_map(&a, 6, 6, out));
    assert_close(out[0], 0, 0, 1e-6);
    assert_close(out[35], 3, 0, 1e-6);
    assert_close(out[2], 1.0 / 3, 0, 1e-6); /* (2.5 / 3 - 0.5) of the way from cell 0 to cell 1 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_printed_in_the_declared_order),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(absent_members_are_null_and_odd_file_names_are_safe),
        cmocka_unit_test(comparing_names_the_member_that_differs),
        cmocka_unit_test(a_map_is_drawn_bilinearly_over_the_whole_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
