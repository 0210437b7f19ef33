#include "check.h"

#include "settings.h"

static const char *const colours[] = {"red", "green", NULL};
static const char *const words[] = {"auto", "none", NULL};
static const struct fet_option options[] = {
    {"loud", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL, "h"},
    {"count", FET_OPTION_INT, "3", 1, 10, NULL, "px", "h"},
    {"weight", FET_OPTION_REAL, "0.5", 0, 1, NULL, NULL, "h"},
    {"side", FET_OPTION_INT, "auto", 0, 9, words, "px", "h"},
    {"share", FET_OPTION_SHARE, "1%", 0, 0.5, NULL, NULL, "h"},
    {"title", FET_OPTION_TEXT, "", 0, 0, NULL, NULL, "h"},
    {"colour", FET_OPTION_CHOICE, "red", 0, 0, colours, NULL, "h"},
    {"names", FET_OPTION_LIST, "", 0, 0, NULL, NULL, "h"},
    {NULL, FET_OPTION_FLAG, NULL, 0, 0, NULL, NULL, NULL}};

static void defaults_are_read_without_being_given(void **state)
{
    (void)state;
    struct fet_settings *s = NULL;
    assert_ok(fet_settings_new(options, &s));
    assert_false(fet_settings_flag(s, "loud"));
    assert_int_equal(fet_settings_int(s, "count"), 3);
    assert_close(fet_settings_real(s, "share"), 0.01, 0, 1e-15);
    assert_string_equal(fet_settings_text(s, "colour"), "red");
    assert_string_equal(fet_settings_text(s, "title"), "");
    assert_false(fet_settings_is_set(s, "count"));
    fet_settings_free(s);
}

static void a_list_is_cut_at_commas_and_trimmed(void **state)
{
    (void)state;
    struct fet_settings *s = NULL;
    const char *const *items = NULL;
    assert_ok(fet_settings_new(options, &s));
    assert_int_equal(fet_settings_list(s, "names", &items), 0);
    assert_ok(fet_settings_set(s, "names", " a b ,,c,"));
    assert_int_equal(fet_settings_list(s, "names", &items), 2);
    assert_string_equal(items[0], "a b");
    assert_string_equal(items[1], "c");
    fet_settings_free(s);
}

static void a_refusal_names_the_option_and_what_was_wanted(void **state)
{
    (void)state;
    struct fet_settings *s = NULL;
    assert_ok(fet_settings_new(options, &s));
    assert_fails(fet_settings_set(s, "count", "11"), FET_ARGUMENT, "wanted 1 to 10 px");
    assert_fails(fet_settings_set(s, "count", "two"), FET_ARGUMENT,
                 "--count: wanted a whole number");
    assert_fails(fet_settings_set(s, "weight", "nan"), FET_ARGUMENT, "--weight");
    assert_fails(fet_settings_set(s, "share", "60%"), FET_ARGUMENT, "--share");
    assert_fails(fet_settings_set(s, "colour", "blue"), FET_ARGUMENT, "one of red, green");
    assert_fails(fet_settings_set(s, "loud", "maybe"), FET_ARGUMENT, "true or false");
    assert_fails(fet_settings_set(s, "size", "1"), FET_ARGUMENT, "--count");
    assert_int_equal(fet_settings_int(s, "count"), 3);
    fet_settings_free(s);
}

static void a_word_may_stand_in_place_of_a_number(void **state)
{
    (void)state;
    struct fet_settings *s = NULL;
    assert_ok(fet_settings_new(options, &s));
    assert_true(fet_settings_is_word(s, "side"));
    assert_string_equal(fet_settings_text(s, "side"), "auto");
    assert_false(fet_settings_is_set(s, "side"));
    assert_ok(fet_settings_set(s, "side", "0"));
    assert_false(fet_settings_is_word(s, "side"));
    assert_int_equal(fet_settings_int(s, "side"), 0);
    assert_ok(fet_settings_set(s, "side", "none"));
    assert_true(fet_settings_is_word(s, "side"));
    assert_false(fet_settings_is_word(s, "count"));
    assert_fails(fet_settings_set(s, "side", "10"), FET_ARGUMENT, "wanted 0 to 9 px");
    assert_fails(fet_settings_set(s, "side", "wide"), FET_ARGUMENT,
                 "--side: wanted a whole number or auto or none, got 'wide'");
    fet_settings_free(s);
}

static fet_status round_trip(void)
{
    struct fet_settings *s = NULL, *back = NULL;
    json_t *json = NULL;
    fet_status st = fet_settings_new(options, &s);
    if (st == FET_OK) st = fet_settings_set(s, "names", "x,y");
    if (st == FET_OK) st = fet_settings_set(s, "share", "12.5%");
    if (st == FET_OK) st = fet_settings_to_json(s, &json);
    if (st == FET_OK) st = fet_settings_new(options, &back);
    if (st == FET_OK) st = fet_settings_from_json(back, json);
    if (st == FET_OK && (fet_settings_real(back, "share") != 0.125 ||
                         strcmp(fet_settings_text(back, "names"), "x,y") != 0 ||
                         !fet_settings_is_word(back, "side")))
        st = FET_FAIL(FET_INTERNAL, "the values changed");
    json_decref(json);
    fet_settings_free(s);
    fet_settings_free(back);
    return st;
}

static void settings_survive_json_and_every_allocation_may_fail(void **state)
{
    (void)state;
    assert_ok(round_trip());
    check_fault_sweep(FET_FAULT_ALLOC, round_trip());
}

static void unknown_keys_and_odd_types_are_refused(void **state)
{
    (void)state;
    struct fet_settings *s = NULL;
    assert_ok(fet_settings_new(options, &s));
    json_t *unknown = json_pack("{s:i}", "size", 3), *odd = json_pack("{s:[]}", "count");
    assert_fails(fet_settings_from_json(s, unknown), FET_ARGUMENT, "no option --size");
    assert_fails(fet_settings_from_json(s, odd), FET_FORMAT, "count");
    json_decref(unknown);
    json_decref(odd);
    fet_settings_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_read_without_being_given),
        cmocka_unit_test(a_list_is_cut_at_commas_and_trimmed),
        cmocka_unit_test(a_word_may_stand_in_place_of_a_number),
        cmocka_unit_test(a_refusal_names_the_option_and_what_was_wanted),
        cmocka_unit_test(settings_survive_json_and_every_allocation_may_fail),
        cmocka_unit_test(unknown_keys_and_odd_types_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
