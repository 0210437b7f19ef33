#include "check.h"

#include <sys/stat.h>

static char folder[64];
static struct fet_arena arena; /* for paths; freed with the folder */

static int folder_open(void **state)
{
    (void)state;
    check_folder_make(folder, "folder");
    return 0;
}

static int folder_close(void **state)
{
    (void)state;
    assert_ok(fet_folder_remove(folder));
    fet_arena_deinit(&arena);
    return 0;
}

static const char *path_of(const char *name)
{
    const char *path = fet_path_join(&arena, folder, name);
    assert_non_null(path);
    return path;
}

static void a_list_is_sorted_and_knows_kinds(void **state)
{
    (void)state;
    static const char *const wanted[] = {".hidden", "B",    "a",         "dangling", "folder",
                                         "link",    "pipe", "to_folder", "\xc3\xa4"};
    static const enum fet_file_kind kinds[] = {
        FET_FILE_REGULAR, FET_FILE_REGULAR, FET_FILE_REGULAR, FET_FILE_ABSENT, FET_FILE_FOLDER,
        FET_FILE_REGULAR, FET_FILE_OTHER,   FET_FILE_FOLDER,  FET_FILE_REGULAR};
    struct fet_file_list list = {0};
    assert_ok(fet_file_write(path_of("a"), "", 0));
    assert_ok(fet_file_write(path_of("B"), "", 0));
    assert_ok(fet_file_write(path_of("\xc3\xa4"), "", 0));
    assert_ok(fet_file_write(path_of(".hidden"), "", 0));
    assert_ok(fet_folder_make(path_of("folder")));
    assert_int_equal(symlink("a", path_of("link")), 0);
    assert_int_equal(symlink("folder", path_of("to_folder")), 0);
    assert_int_equal(symlink("nowhere", path_of("dangling")), 0);
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    assert_ok(fet_folder_list(folder, &arena, &list));
    assert_int_equal(list.n, 9);
    for (int i = 0; i < 9; i++) {
        assert_string_equal(list.names[i], wanted[i]);
        assert_int_equal(list.kinds[i], kinds[i]);
        assert_int_equal(fet_file_kind_of(path_of(wanted[i])), kinds[i]);
    }
}

static void many_names_and_none_are_listed(void **state)
{
    (void)state;
    struct fet_file_list list = {0};
    assert_ok(fet_folder_list(folder, &arena, &list));
    assert_int_equal(list.n, 0);
    for (int i = 0; i < 200; i++) {
        char name[16];
        fet_text_format(name, sizeof name, "%d", i);
        assert_int_equal(mkdir(path_of(name), 0700), 0);
    }
    assert_ok(fet_folder_list(folder, &arena, &list));
    assert_int_equal(list.n, 200);
    for (int i = 1; i < 200; i++) assert_true(strcmp(list.names[i - 1], list.names[i]) < 0);
}

static void a_folder_that_cannot_be_listed_is_told(void **state)
{
    (void)state;
    struct fet_file_list list = {.n = 5};
    assert_ok(fet_file_write(path_of("file"), "", 0));
    assert_fails(fet_folder_list(path_of("no"), &arena, &list), FET_NOT_FOUND, "no: cannot read");
    assert_fails(fet_folder_list(path_of("file"), &arena, &list), FET_NOT_FOUND, "Not a directory");
    assert_int_equal(list.n, 5);
}

static void folders_are_made_with_their_parents(void **state)
{
    (void)state;
    assert_ok(fet_folder_make(path_of("a/b//c/")));
    assert_int_equal(fet_file_kind_of(path_of("a/b/c")), FET_FILE_FOLDER);
    assert_ok(fet_folder_make(path_of("a/b/c")));
    assert_ok(fet_folder_make("/"));
    assert_ok(fet_folder_make("."));
    assert_ok(fet_file_write(path_of("file"), "", 0));
    assert_fails(fet_folder_make(path_of("file")), FET_IO, "file: cannot make the folder");
    assert_fails(fet_folder_make(path_of("file/below")), FET_IO, "below: cannot make the folder");
}

static void a_folder_is_removed_with_all_in_it_and_nothing_else(void **state)
{
    (void)state;
    assert_ok(fet_folder_make(path_of("outside")));
    assert_ok(fet_file_write(path_of("outside/kept"), "x", 1));
    assert_ok(fet_folder_make(path_of("tree/a/b")));
    assert_ok(fet_file_write(path_of("tree/a/b/file"), "x", 1));
    assert_int_equal(symlink("../outside", path_of("tree/link")), 0);
    assert_ok(fet_folder_remove(path_of("tree")));
    assert_int_equal(fet_file_kind_of(path_of("tree")), FET_FILE_ABSENT);
    assert_int_equal(fet_file_kind_of(path_of("outside/kept")), FET_FILE_REGULAR);
    assert_ok(fet_folder_remove(path_of("tree"))); /* absent is fine */
    /* A link is removed, not what it points to. */
    assert_int_equal(symlink("outside", path_of("link")), 0);
    assert_ok(fet_folder_remove(path_of("link")));
    assert_int_equal(fet_file_kind_of(path_of("link")), FET_FILE_ABSENT);
    assert_int_equal(fet_file_kind_of(path_of("outside/kept")), FET_FILE_REGULAR);
}

static fet_status make_list_and_remove(const char *path)
{
    struct fet_arena a = {0};
    struct fet_file_list list = {0};
    fet_status st = fet_folder_make(path);
    if (st == FET_OK) st = fet_folder_list(folder, &a, &list);
    if (st == FET_OK) st = fet_folder_remove(path);
    fet_arena_deinit(&a);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const char *path = path_of("x");
    check_fault_sweep(FET_FAULT_ALLOC, make_list_and_remove(path));
}

static void paths_are_joined_and_cut(void **state)
{
    (void)state;
    assert_string_equal(fet_path_join(&arena, "a", "b"), "a/b");
    assert_string_equal(fet_path_join(&arena, "a/", "b"), "a/b");
    assert_string_equal(fet_path_join(&arena, "", "b"), "b");
    assert_string_equal(fet_path_join(&arena, "/", "b"), "/b");
    assert_string_equal(fet_path_base("a/b.png"), "b.png");
    assert_string_equal(fet_path_base("b.png"), "b.png");
    assert_string_equal(fet_path_base("a/"), "");
    assert_true(fet_path_has_extension("a/b.PNG", "png"));
    assert_true(fet_path_has_extension("b.tar.gz", "gz"));
    assert_false(fet_path_has_extension("b.png.txt", "png"));
    assert_false(fet_path_has_extension("a.png/b", "png"));
    assert_false(fet_path_has_extension(".png", "png")); /* a hidden file without extension */
    assert_false(fet_path_has_extension("png", "png"));
    assert_false(fet_path_has_extension("", "png"));
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_open, folder_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_list_is_sorted_and_knows_kinds),
        in_folder(many_names_and_none_are_listed),
        in_folder(a_folder_that_cannot_be_listed_is_told),
        in_folder(folders_are_made_with_their_parents),
        in_folder(a_folder_is_removed_with_all_in_it_and_nothing_else),
        in_folder(every_allocation_may_fail),
        in_folder(paths_are_joined_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
