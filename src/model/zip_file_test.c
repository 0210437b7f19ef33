#include "check.h"

#include "zip_file.h"

static void plain_names_are_told_from_others(void **state)
{
    (void)state;
    char longest[FET_ZIP_MAX_NAME + 2];
    memset(longest, 'a', sizeof longest);
    longest[FET_ZIP_MAX_NAME + 1] = '\0';
    assert_false(fet_zip_name_is_plain(longest));
    longest[FET_ZIP_MAX_NAME] = '\0';
    assert_true(fet_zip_name_is_plain(longest));

    static const char *const good[] = {"a", "a/b", "A-1_b.json", ".hidden", "a..b", "golden/0.png"};
    static const char *const bad[] = {"",   "/",    "/a",   "a/",      "a//b", ".",
                                      "..", "a/..", "../a", "a/./b",   "...",  "a\\b",
                                      "c:", "a b",  "a\nb", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!fet_zip_name_is_plain(good[i])) fail_msg("'%s' is plain", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (fet_zip_name_is_plain(bad[i])) fail_msg("'%s' is not plain", bad[i]);
    }
}

/* Names of every length, so that the alignment field takes every size, and members of every length,
 * the empty one included. */
static void members_of_any_size_come_back(void **state)
{
    (void)state;
    enum { N = FET_ZIP_MAX_NAME };
    static char names[N][N + 1];
    static uint8_t content[N];
    struct fet_zip_member members[N];
    struct fet_zip z = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    char folder[64];
    struct fet_arena a = {0};
    check_folder_make(folder, "zip");
    const char *path = fet_path_join(&a, folder, "x.zip");
    for (int i = 0; i < N; i++) {
        memset(names[i], 'n', (size_t)i + 1);
        content[i] = (uint8_t)(i * 7);
        members[i] = (struct fet_zip_member){.name = names[i], .bytes = content, .n = (size_t)i};
    }
    assert_ok(fet_zip_write(members, N, path));
    assert_ok(fet_file_read(path, 1 << 20, &bytes, &n));
    assert_ok(fet_zip_parse(bytes, n, &z));
    assert_int_equal(z.n_members, N);
    for (int i = 0; i < N; i++) {
        const struct fet_zip_member *m = fet_zip_find(&z, names[i]);
        assert_non_null(m);
        assert_int_equal(m->n, i);
        assert_int_equal((m->bytes - bytes) % FET_ZIP_ALIGNMENT, 0);
        assert_memory_equal(m->bytes, content, (size_t)i);
    }
    assert_null(fet_zip_find(&z, "absent"));
    fet_zip_deinit(&z);
    fet_free(bytes);

    assert_ok(fet_zip_write(NULL, 0, path)); /* an empty archive can be written, but is no model */
    assert_ok(fet_file_read(path, 1 << 20, &bytes, &n));
    assert_int_equal(n, FET_ZIP_END);
    assert_fails(fet_zip_parse(bytes, n, &z), FET_FORMAT, "does not begin like a ZIP");
    fet_free(bytes);
    assert_ok(fet_folder_remove(folder));
    fet_arena_deinit(&a);
}

static void limits_are_kept(void **state)
{
    (void)state;
    static struct fet_zip_member members[FET_ZIP_MAX_MEMBERS + 1];
    const uint8_t byte = 0;
    const struct fet_zip_member odd = {.name = "a b", .bytes = &byte, .n = 1};
    assert_fails(fet_zip_write(members, FET_ZIP_MAX_MEMBERS + 1, "unused"), FET_LIMIT,
                 "1025 are wanted");
    assert_fails(fet_zip_write(&odd, 1, "unused"), FET_ARGUMENT, "'a b' cannot name");
    const struct fet_zip_member huge = {.name = "huge", .bytes = &byte, .n = (size_t)UINT32_MAX};
    assert_fails(fet_zip_write(&huge, 1, "unused"), FET_LIMIT, "huge does not fit");
    assert_int_equal(fet_file_kind_of("unused"), FET_FILE_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_names_are_told_from_others),
        cmocka_unit_test(members_of_any_size_come_back),
        cmocka_unit_test(limits_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
