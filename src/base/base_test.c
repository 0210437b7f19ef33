#include "check.h"
static void everything_links(void **state)
{
    (void)state;
    struct fet_pool *pool = NULL;
    assert_ok(fet_pool_new(3, &pool));
    fet_pool_free(pool);
    json_t *j = NULL;
    assert_ok(fet_json_parse("{\"a\":[1,2.5,{}],\"b\":0.1,\"c\":\"x\\n\"}", 34, "x", &j));
    char *s = NULL;
    assert_ok(fet_json_print(j, false, &s));
    assert_string_equal(s, "{\"a\":[1,2.5,{}],\"b\":0.1,\"c\":\"x\\n\"}");
    fet_free(s);
    assert_ok(fet_json_print(j, true, &s));
    printf("%s\n", s);
    fet_free(s);
    json_decref(j);
    char f[64];
    check_folder_make(f, "base");
    struct fet_arena a = {0};
    check_fault_sweep(FET_FAULT_WRITE, fet_file_write(fet_path_join(&a, f, "x"), "hello", 5));
    struct fet_file_list l;
    assert_ok(fet_folder_list(f, &a, &l));
    assert_int_equal(l.n, 1);
    assert_ok(fet_folder_remove(f));
    fet_arena_deinit(&a);
}
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything_links)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
