#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[64];
static struct fet_arena arena; /* for paths; freed with the folder */

static int folder_open(void **state)
{
    (void)state;
    check_folder_make(folder, "file");
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

static void assert_content(const char *path, const char *wanted)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    assert_ok(fet_file_read(path, 1 << 20, &bytes, &n));
    assert_int_equal(n, strlen(wanted));
    assert_string_equal((const char *)bytes, wanted);
    fet_free(bytes);
}

/* Only these names, so no temporary is left. */
static void assert_n_names(int64_t n)
{
    struct fet_file_list list = {0};
    assert_ok(fet_folder_list(folder, &arena, &list));
    assert_int_equal(list.n, n);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 65536, 65537, 300000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const size_t n = sizes[k];
        uint8_t *bytes = fet_alloc((int64_t)n, 1), *found = NULL;
        size_t n_found = 0;
        assert_non_null(bytes);
        for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(i * 31 + k);
        assert_ok(fet_file_write(path_of("x"), bytes, n));
        assert_ok(fet_file_read(path_of("x"), (int64_t)n, &found, &n_found));
        assert_int_equal(n_found, n);
        if (n > 0) assert_memory_equal(found, bytes, n);
        assert_int_equal(found[n], 0); /* the NUL behind it */
        fet_free(bytes);
        fet_free(found);
    }
    assert_n_names(1);
}

static void pieces_come_in_order(void **state)
{
    (void)state;
    struct fet_file_writer *w = NULL;
    struct fet_text wanted = {0};
    assert_ok(fet_file_writer_open(path_of("pieces"), &w));
    for (int i = 0; i < 2000; i++) {
        char piece[64];
        fet_text_format(piece, sizeof piece, "piece %d of many, with some more letters\n", i);
        fet_text_add_string(&wanted, piece);
        assert_ok(fet_file_writer_write(w, piece, strlen(piece)));
        if (i == 1000) { /* one that is larger than the buffer */
            char *large = fet_alloc(70001, 1);
            assert_non_null(large);
            memset(large, 'y', 70000);
            fet_text_add_string(&wanted, large);
            assert_ok(fet_file_writer_write(w, large, 70000));
            fet_free(large);
        }
    }
    assert_int_equal(fet_file_kind_of(path_of("pieces")), FET_FILE_ABSENT); /* until the end */
    assert_ok(fet_file_writer_commit(w));
    assert_content(path_of("pieces"), fet_text_get(&wanted));
    fet_text_deinit(&wanted);
}

static void a_cancelled_file_never_was(void **state)
{
    (void)state;
    struct fet_file_writer *w = NULL;
    assert_ok(fet_file_write(path_of("kept"), "old", 3));
    assert_ok(fet_file_writer_open(path_of("kept"), &w));
    assert_ok(fet_file_writer_write(w, "new", 3));
    fet_file_writer_cancel(w);
    fet_file_writer_cancel(NULL);
    assert_content(path_of("kept"), "old");
    assert_n_names(1);
}

static void a_failing_disk_leaves_the_old_file(void **state)
{
    (void)state;
    static char large[200000];
    memset(large, 'z', sizeof large);
    assert_ok(fet_file_write(path_of("kept"), "old", 3));
    for (int64_t n = 1;; n++) {
        fet_fault_arm(FET_FAULT_WRITE, n);
        const fet_status st = fet_file_write(path_of("kept"), large, sizeof large);
        const bool has_fired = fet_fault_has_fired(FET_FAULT_WRITE);
        fet_fault_arm(FET_FAULT_WRITE, 0);
        if (!has_fired) {
            assert_ok(st);
            assert_int_equal(n, 5); /* create, write, fsync, rename were refused in turn */
            break;
        }
        assert_int_equal(st, FET_IO);
        const char *wanted = "/kept: cannot write: No space left on device";
        assert_non_null(strstr(fet_status_message(), wanted));
        assert_content(path_of("kept"), "old");
        assert_n_names(1);
    }
}

/* A true failure of write and not one of ours: the limit on the size of files. */
static void a_file_above_the_systems_limit_is_refused(void **state)
{
    (void)state;
    static char large[200000];
    struct rlimit old, low;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = old;
    low.rlim_cur = 100000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    const fet_status st = fet_file_write(path_of("large"), large, sizeof large);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, handler);
    assert_fails(st, FET_IO, "large: cannot write: File too large");
    assert_n_names(0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const char *path = path_of("x");
    check_fault_sweep(FET_FAULT_ALLOC, fet_file_write(path, "new", 3));
    uint8_t *bytes = NULL;
    size_t n = 0;
    check_fault_sweep(FET_FAULT_ALLOC, fet_file_read(path, 10, &bytes, &n));
    fet_free(bytes);
    assert_n_names(1);
}

static void reading_keeps_to_its_limit(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 77;
    assert_ok(fet_file_write(path_of("ten"), "0123456789", 10));
    assert_fails(fet_file_read(path_of("ten"), 9, &bytes, &n), FET_LIMIT, "limit of 9 bytes");
    /* A file that tells size 0 and holds more. */
    assert_fails(fet_file_read("/proc/self/status", 9, &bytes, &n), FET_LIMIT, "limit of 9 bytes");
    assert_null(bytes);
    assert_int_equal(n, 77);
    assert_ok(fet_file_read("/proc/self/status", 1 << 20, &bytes, &n));
    assert_int_equal(strlen((const char *)bytes), n);
    fet_free(bytes);
}

/* The map of this process: it tells size 0 and is much longer than the first buffer. */
static void a_file_of_unknown_size_is_read_to_its_end(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    check_fault_sweep(FET_FAULT_ALLOC, fet_file_read("/proc/self/smaps", 1 << 24, &bytes, &n));
    assert_true(n > 10000);
    assert_int_equal(strlen((const char *)bytes), n);
    assert_int_equal(bytes[n - 1], '\n');
    fet_free(bytes);
}

static void what_cannot_be_read_or_written_is_told(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    assert_fails(fet_file_read(path_of("no"), 9, &bytes, &n), FET_NOT_FOUND,
                 "/no: cannot read: No such file or directory");
    assert_fails(fet_file_read(folder, 9, &bytes, &n), FET_IO, "cannot read: Is a directory");
    assert_fails(fet_file_write(path_of("no/x"), "", 0), FET_NOT_FOUND, "no/x: cannot write: No");
    assert_fails(fet_file_write(folder, "", 0), FET_IO, "cannot write: Is a directory");
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    assert_fails(fet_file_write(path_of("pipe"), "", 0), FET_IO, "not a regular file");
}

static void links_stay_links_and_rights_stay_rights(void **state)
{
    (void)state;
    struct stat info;
    assert_ok(fet_file_write(path_of("target"), "old", 3));
    assert_int_equal(chmod(path_of("target"), 0640), 0);
    assert_int_equal(symlink("target", path_of("link")), 0);
    assert_ok(fet_file_write(path_of("link"), "new", 3));
    assert_int_equal(lstat(path_of("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_content(path_of("target"), "new");
    assert_int_equal(stat(path_of("target"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void two_writers_of_one_name_do_not_meet(void **state)
{
    (void)state;
    struct fet_file_writer *a = NULL, *b = NULL;
    assert_ok(fet_file_writer_open(path_of("x"), &a));
    assert_ok(fet_file_writer_open(path_of("x"), &b));
    assert_ok(fet_file_writer_write(a, "first", 5));
    assert_ok(fet_file_writer_write(b, "second", 6));
    assert_ok(fet_file_writer_commit(b));
    assert_ok(fet_file_writer_commit(a));
    assert_content(path_of("x"), "first"); /* the last one to finish */
    assert_n_names(1);
}

/* A relative name without a folder in it lies in the working folder. */
static void a_bare_name_is_written_here(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    const fet_status st = fet_file_write("bare", "x", 1);
    assert_int_equal(chdir(before), 0);
    assert_ok(st);
    assert_content(path_of("bare"), "x");
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_open, folder_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(what_is_written_is_read),
        in_folder(pieces_come_in_order),
        in_folder(a_cancelled_file_never_was),
        in_folder(a_failing_disk_leaves_the_old_file),
        in_folder(a_file_above_the_systems_limit_is_refused),
        in_folder(every_allocation_may_fail),
        in_folder(reading_keeps_to_its_limit),
        in_folder(a_file_of_unknown_size_is_read_to_its_end),
        in_folder(what_cannot_be_read_or_written_is_told),
        in_folder(links_stay_links_and_rights_stay_rights),
        in_folder(two_writers_of_one_name_do_not_meet),
        in_folder(a_bare_name_is_written_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
