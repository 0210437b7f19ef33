/* Folders of parts and contact sheets. */
#include "check.h"

#include "synth.h"

static struct fet_synth_set set_small(void)
{
    return (struct fet_synth_set){.family = "ring",
                                  .product = 2,
                                  .seed = 4,
                                  .n_train = 3,
                                  .n_test_good = 2,
                                  .n_per_defect = 1,
                                  .size_px = 64,
                                  .variation = 0.5};
}

static int defects_of(const char *family)
{
    int n = 0;
    for (int i = 0; fet_synth_defect_name(i) != NULL; i++)
        n += fet_synth_has_defect(family, fet_synth_defect_name(i));
    return n;
}

/* A digest of all files of a tree with their names, folders in order. */
static uint64_t tree_hash(const char *path, int *n_files)
{
    struct fet_arena a = {0};
    struct fet_file_list list;
    assert_ok(fet_folder_list(path, &a, &list));
    uint64_t hash = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < list.n; i++) {
        char *const full = fet_path_join(&a, path, list.names[i]);
        assert_non_null(full);
        for (const char *p = list.names[i]; *p != '\0'; p++)
            hash = (hash ^ (uint8_t)*p) * 0x100000001b3u;
        if (list.kinds[i] == FET_FILE_FOLDER) {
            hash = (hash ^ tree_hash(full, n_files)) * 0x100000001b3u;
            continue;
        }
        uint8_t *bytes;
        size_t n;
        assert_ok(fet_file_read(full, 1 << 20, &bytes, &n));
        for (size_t k = 0; k < n; k++) hash = (hash ^ bytes[k]) * 0x100000001b3u;
        fet_free(bytes);
        (*n_files)++;
    }
    fet_arena_deinit(&a);
    return hash;
}

static void a_set_has_the_mvtec_layout(void **state)
{
    (void)state;
    char folder[64];
    check_folder_make(folder, "synth_set");
    const struct fet_synth_set set = set_small();
    assert_ok(fet_synth_write_set(&set, folder, NULL));
    struct fet_arena a = {0};
    struct fet_file_list list;
    assert_ok(fet_folder_list(fet_path_join(&a, folder, "train/good"), &a, &list));
    assert_int_equal(list.n, 3);
    assert_string_equal(list.names[2], "002.png");
    assert_ok(fet_folder_list(fet_path_join(&a, folder, "test"), &a, &list));
    assert_int_equal(list.n, 1 + defects_of("ring"));
    assert_ok(fet_folder_list(fet_path_join(&a, folder, "ground_truth/scratch"), &a, &list));
    assert_string_equal(list.names[0], "000_mask.png");
    struct fet_image mask;
    assert_ok(fet_image_read(fet_path_join(&a, folder, "ground_truth/scratch/000_mask.png"), NULL,
                             &mask));
    assert_int_equal(mask.channels, 1);
    assert_int_equal(mask.width, 64);
    fet_image_deinit(&mask);
    fet_arena_deinit(&a);
    assert_ok(fet_folder_remove(folder));
}

static void threads_do_not_change_a_byte(void **state)
{
    (void)state;
    const int threads[3] = {1, 2, 3};
    uint64_t hashes[3];
    for (int k = 0; k < 3; k++) {
        char folder[64];
        check_folder_make(folder, "synth_threads");
        struct fet_pool *pool;
        assert_ok(fet_pool_new(threads[k], &pool));
        const struct fet_context context = {.pool = pool};
        struct fet_synth_set set = set_small();
        set.is_jpeg = true;
        assert_ok(fet_synth_write_set(&set, folder, &context));
        int n_files = 0;
        hashes[k] = tree_hash(folder, &n_files);
        assert_int_equal(n_files, 3 + 2 + 2 * defects_of("ring"));
        fet_pool_free(pool);
        assert_ok(fet_folder_remove(folder));
    }
    assert_true(hashes[0] == hashes[1] && hashes[1] == hashes[2]);
}

static void a_folder_with_something_in_it_is_refused(void **state)
{
    (void)state;
    char folder[64], file[80];
    check_folder_make(folder, "synth_full");
    (void)snprintf(file, sizeof file, "%s/mine.txt", folder);
    assert_ok(fet_file_write(file, "keep", 4));
    const struct fet_synth_set set = set_small();
    assert_fails(fet_synth_write_set(&set, folder, NULL), FET_ARGUMENT, "not empty");
    assert_fails(fet_synth_write_set(&set, file, NULL), FET_ARGUMENT, "not a folder");
    assert_int_equal(fet_file_kind_of(file), FET_FILE_REGULAR);
    assert_ok(fet_folder_remove(folder));
}

static bool is_cancelled_at_once(void *self)
{
    (void)self;
    return true;
}

static void cancelling_leaves_nothing(void **state)
{
    (void)state;
    const struct fet_observer observer = {.is_cancelled = is_cancelled_at_once};
    const struct fet_context context = {.observer = &observer};
    const struct fet_synth_set set = set_small();
    char folder[64];
    check_folder_make(folder, "synth_cancel");
    assert_int_equal(fet_synth_write_set(&set, folder, &context), FET_CANCELLED);
    assert_int_equal(fet_file_kind_of(folder), FET_FILE_ABSENT);
}

static void impossible_sets_are_refused(void **state)
{
    (void)state;
    struct fet_synth_set set = set_small();
    set.n_train = -1;
    assert_fails(fet_synth_write_set(&set, "synth_none", NULL), FET_ARGUMENT, "-1");
    set = set_small();
    set.family = "nothing";
    assert_fails(fet_synth_write_set(&set, "synth_none", NULL), FET_NOT_FOUND, "ring");
    set = set_small();
    set.size_px = 10;
    struct fet_image sheet;
    assert_fails(fet_synth_contact_sheet(&set, 2, 2, &sheet), FET_ARGUMENT, "10");
    set = set_small();
    assert_fails(fet_synth_contact_sheet(&set, 0, 2, &sheet), FET_ARGUMENT, "0 x 2");
    assert_int_equal(fet_file_kind_of("synth_none"), FET_FILE_ABSENT);
}

static fet_status write_and_remove(const struct fet_synth_set *set)
{
    const fet_status st = fet_synth_write_set(set, "synth_sweep", NULL);
    /* a failure left nothing behind */
    if (st != FET_OK) {
        assert_int_equal(fet_file_kind_of("synth_sweep"), FET_FILE_ABSENT);
        return st;
    }
    return fet_folder_remove("synth_sweep");
}

static void every_write_may_fail(void **state)
{
    (void)state;
    struct fet_synth_set set = set_small();
    set.n_train = 1;
    set.n_test_good = 0;
    set.n_per_defect = 0;
    check_fault_sweep(FET_FAULT_WRITE, write_and_remove(&set));
}

static void a_contact_sheet_outlines_its_defects(void **state)
{
    (void)state;
    const struct fet_synth_set set = set_small();
    struct fet_image sheet;
    assert_ok(fet_synth_contact_sheet(&set, 3, 2, &sheet));
    assert_int_equal(sheet.width, 3 * 64);
    assert_int_equal(sheet.height, 2 * 64);
    int n_red[2] = {0, 0};
    for (int y = 0; y < sheet.height; y++) {
        const uint8_t *const row = fet_image_row8(&sheet, y);
        for (int x = 0; x < sheet.width; x++)
            n_red[y / 64] += row[3 * x] == 230 && row[3 * x + 1] == 30 && row[3 * x + 2] == 40;
    }
    assert_int_equal(n_red[0], 0);
    assert_true(n_red[1] > 10);
    fet_image_deinit(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_has_the_mvtec_layout),
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(a_folder_with_something_in_it_is_refused),
        cmocka_unit_test(cancelling_leaves_nothing),
        cmocka_unit_test(impossible_sets_are_refused),
        cmocka_unit_test(every_write_may_fail),
        cmocka_unit_test(a_contact_sheet_outlines_its_defects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
