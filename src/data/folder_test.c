#include "check.h"

#include "data_tree.h"

#include <sys/stat.h>

/* Made before and removed after each test. */
static int set_up(void **state)
{
    char *root = fet_alloc(64, 1);
    check_folder_make(root, "folder");
    *state = root;
    return 0;
}

static int tear_down(void **state)
{
    assert_ok(fet_folder_remove(*state));
    fet_free(*state);
    return 0;
}

static void mvtec_folders_give_split_truth_and_masks(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){
                        "train/good/000.png", "train/good/001.png", "test/good/000.png",
                        "test/dent/000.png", "test/dent/001.png", "test/scratch/10.png",
                        "ground_truth/dent/000_mask.png", "ground_truth/scratch/10.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_int_equal(e.n, 6);
    assert_int_equal(e.n_ignored, 0);
    assert_string_equal(e.layout, "MVTec folders");
    assert_string_equal(e.root, root);
    assert_example(&e, "train/good/000.png", FET_TRUTH_GOOD, FET_SPLIT_FIT, "good");
    assert_example(&e, "test/good/000.png", FET_TRUTH_GOOD, FET_SPLIT_TEST, "good");
    assert_example(&e, "test/dent/000.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "dent");
    assert_example(&e, "test/scratch/10.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "scratch");
    assert_non_null(strstr(tree_find(&e, "test/dent/000.png")->mask_path, "dent/000_mask.png"));
    assert_non_null(strstr(tree_find(&e, "test/scratch/10.png")->mask_path, "scratch/10.png"));
    assert_null(tree_find(&e, "test/dent/001.png")->mask_path);
    assert_null(tree_find(&e, "test/good/000.png")->mask_path);
    fet_examples_deinit(&e);
}

static void train_and_test_may_call_good_parts_otherwise(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"Train/OK/a.png", "val/0_normal/b.png", "TEST/pass/c.png",
                                          "TEST/ng/d.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_FIT, "good");
    assert_example(&e, "b.png", FET_TRUTH_GOOD, FET_SPLIT_CALIBRATE, "good");
    assert_example(&e, "c.png", FET_TRUTH_GOOD, FET_SPLIT_TEST, "good");
    assert_example(&e, "d.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "ng");
    fet_examples_deinit(&e);
}

static void loose_pictures_in_train_are_good_and_in_test_unknown(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"train/a.png", "test/b.png", "test/dent/c.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_FIT, "good");
    assert_example(&e, "b.png", FET_TRUTH_UNKNOWN, FET_SPLIT_TEST, NULL);
    assert_example(&e, "c.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "dent");
    fet_examples_deinit(&e);
}

static void good_beside_defect_folders(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"good/a.png", "good/day2/line1/b.png", "dent/c.png",
                                          "ground_truth/dent/c_MASK.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_string_equal(e.layout, "good parts beside defect folders");
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_NONE, "good");
    assert_example(&e, "b.png", FET_TRUTH_GOOD, FET_SPLIT_NONE, "good");
    assert_example(&e, "dent/c.png", FET_TRUTH_DEFECT, FET_SPLIT_NONE, "dent");
    assert_non_null(tree_find(&e, "dent/c.png")->mask_path);
    fet_examples_deinit(&e);
}

static void one_flat_folder_is_good(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"a.png", "b.jpg", "2024-05-01/c.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_string_equal(e.layout, "one flat folder");
    assert_int_equal(e.n, 3);
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_NONE, "good");
    assert_example(&e, "c.png", FET_TRUTH_GOOD, FET_SPLIT_NONE, "good");
    fet_examples_deinit(&e);
}

static void named_folders_beside_loose_pictures_are_defects(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"a.png", "scratch/b.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_NONE, "good");
    assert_example(&e, "b.png", FET_TRUTH_DEFECT, FET_SPLIT_NONE, "scratch");
    fet_examples_deinit(&e);
}

static void folders_of_which_none_is_good_are_classes(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"train/oak/a.png", "train/elm/b.png", "test/oak/c.png",
                                          "test/ash/d.png", NULL});
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_example(&e, "a.png", FET_TRUTH_UNKNOWN, FET_SPLIT_FIT, "oak");
    assert_example(&e, "c.png", FET_TRUTH_UNKNOWN, FET_SPLIT_TEST, "oak");
    assert_example(&e, "d.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "ash");
    fet_examples_deinit(&e);
    tree_make(root, (const char *const[]){"plain/0/a.png", "plain/1/b.png", NULL});
    char plain[128];
    (void)snprintf(plain, sizeof plain, "%s/plain", root);
    assert_ok(fet_folder_read(plain, NULL, &e));
    assert_string_equal(e.layout, "folders by class, none named good");
    assert_example(&e, "a.png", FET_TRUTH_UNKNOWN, FET_SPLIT_NONE, "0");
    fet_examples_deinit(&e);
}

static void an_unpacked_archive_is_looked_through(void **state)
{
    const char *root = *state;
    tree_make(root,
              (const char *const[]){"caps-v2/data/train/good/a.png", "caps-v2/data/test/dent/b.png",
                                    "caps-v2/data/ground_truth/dent/b.png", NULL});
    tree_text(root, "readme.txt", "hello");
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_string_equal(e.layout, "MVTec folders");
    assert_example(&e, "test/dent/b.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "dent");
    assert_non_null(tree_find(&e, "test/dent/b.png")->mask_path);
    assert_int_equal(e.n_ignored, 1);
    assert_string_equal(fet_text_get(&e.ignored),
                        "readme.txt: its name is not that of a picture\n");
    fet_examples_deinit(&e);
}

static void a_test_folder_alone_is_all_test_with_the_masks_beside_it(void **state)
{
    const char *root = *state;
    char test[128];
    tree_make(root, (const char *const[]){"test/dent/a.png", "ground_truth/dent/a_mask.png", NULL});
    (void)snprintf(test, sizeof test, "%s/test/", root);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(test, NULL, &e));
    assert_int_equal(e.n, 1);
    assert_example(&e, "a.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "dent");
    assert_non_null(tree_find(&e, "a.png")->mask_path);
    fet_examples_deinit(&e);
    /* The same from above, where only test/ lies. */
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_example(&e, "a.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "dent");
    assert_non_null(tree_find(&e, "a.png")->mask_path);
    fet_examples_deinit(&e);
}

static void the_key_depends_on_the_bytes_and_not_on_the_name(void **state)
{
    const char *root = *state;
    tree_picture(root, "a.png", 8, 8, 5);
    tree_picture(root, "sub1234/b.png", 8, 8, 5);
    tree_picture(root, "c.png", 8, 8, 6);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_true(tree_find(&e, "a.png")->key == tree_find(&e, "b.png")->key);
    assert_true(tree_find(&e, "a.png")->key != tree_find(&e, "c.png")->key);
    uint8_t *bytes = NULL;
    size_t n = 0;
    assert_ok(fet_file_read(tree_find(&e, "c.png")->path, 1 << 20, &bytes, &n));
    const struct fet_digest digest = fet_digest_of(bytes, n);
    assert_true(tree_find(&e, "c.png")->key == fet_digest_u64(&digest));
    fet_free(bytes);
    fet_examples_deinit(&e);
}

/* A copy of a picture without its last 20 bytes: the header is sound. */
static void cut_short(const char *root, const char *from, const char *to)
{
    char path[128];
    uint8_t *bytes = NULL;
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/%s", root, from);
    assert_ok(fet_file_read(path, 1 << 20, &bytes, &n));
    (void)snprintf(path, sizeof path, "%s/%s", root, to);
    assert_ok(fet_file_write(path, bytes, n - 20));
    fet_free(bytes);
}

static void what_cannot_be_used_is_ignored_with_the_reason(void **state)
{
    const char *root = *state;
    tree_picture(root, "good/fine.png", 8, 8, 1);
    tree_text(root, "good/letter.jpg", "Dear Sir or Madam");
    tree_text(root, "good/empty.png", "");
    tree_text(root, "good/.hidden.png", "x");
    cut_short(root, "good/fine.png", "good/cut.png");
    tree_text(root, "good/Thumbs.db", "x");
    tree_text(root, ".git/good/a.png", "x");
    tree_text(root, "good/latin\xE9.png", "x");
    char path[128], link[128];
    (void)snprintf(path, sizeof path, "%s/good/folder.png/", root);
    assert_ok(fet_folder_make(path));
    (void)snprintf(path, sizeof path, "%s/good/pipe.png", root);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)snprintf(link, sizeof link, "%s/good/gone.png", root);
    assert_int_equal(symlink("nowhere", link), 0);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_int_equal(e.n, 1);
    const char *wanted[] = {"good/letter.jpg: not a picture",
                            "good/empty.png: the file is empty",
                            "good/.hidden.png: hidden",
                            "good/Thumbs.db: its name",
                            ".git: hidden",
                            "not UTF-8",
                            "good/pipe.png: not a file",
                            "good/gone.png: a link to nothing"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(fet_text_get(&e.ignored), wanted[i]) == NULL)
            fail_msg("'%s' is missing in:\n%s", wanted[i], fet_text_get(&e.ignored));
    assert_true(fet_text_is_utf8(e.ignored.s, e.ignored.n));
    assert_int_equal(e.n_ignored, 9);
    fet_examples_deinit(&e);
}

static void a_mask_that_does_not_fit_is_ignored_and_the_picture_stays(void **state)
{
    const char *root = *state;
    tree_make(root, (const char *const[]){"good/a.png", "dent/b.png", "dent/c.png",
                                          "ground_truth/dent/gone.png", NULL});
    tree_picture(root, "ground_truth/dent/b.png", 8, 9, 0);
    tree_text(root, "ground_truth/dent/c.png", "no mask");
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_int_equal(e.n, 3);
    assert_null(tree_find(&e, "dent/b.png")->mask_path);
    assert_null(tree_find(&e, "dent/c.png")->mask_path);
    const char *ignored = fet_text_get(&e.ignored);
    assert_non_null(strstr(ignored, "b.png: the mask has 8 x 9 pixels, its picture 8 x 8"));
    assert_non_null(strstr(ignored, "c.png: not a picture"));
    assert_non_null(strstr(ignored, "ground_truth/dent/gone.png: a mask of no picture"));
    fet_examples_deinit(&e);
}

static void links_in_a_circle_end(void **state)
{
    const char *root = *state;
    char link[128];
    tree_make(root, (const char *const[]){"good/a.png", "good/sub/b.png", NULL});
    (void)snprintf(link, sizeof link, "%s/good/sub/up", root);
    assert_int_equal(symlink("../..", link), 0);
    (void)snprintf(link, sizeof link, "%s/good/self", root);
    assert_int_equal(symlink("self", link), 0);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_int_equal(e.n, 2);
    assert_non_null(strstr(fet_text_get(&e.ignored), "good/sub/up: a link to a folder that is"));
    fet_examples_deinit(&e);
}

static void folders_end_at_a_depth(void **state)
{
    const char *root = *state;
    struct fet_text name = {0};
    struct fet_examples e = {0};
    fet_text_add_string(&name, "good/");
    for (int i = 0; i < 70; i++) fet_text_add_string(&name, "d/");
    fet_text_add_string(&name, "a.png");
    tree_picture(root, "good/b.png", 8, 8, 1);
    tree_picture(root, fet_text_get(&name), 8, 8, 2);
    assert_ok(fet_folder_read(root, NULL, &e));
    assert_int_equal(e.n, 1);
    assert_non_null(strstr(fet_text_get(&e.ignored), "d/d: more than 64 folders deep"));
    fet_examples_deinit(&e);
    fet_text_deinit(&name);
}

static void nothing_found_is_a_helpful_sentence(void **state)
{
    const char *root = *state;
    struct fet_examples e = {0};
    assert_fails(fet_folder_read(root, NULL, &e), FET_DATA,
                 "no pictures found; looked for .jpg .jpeg .png .tif .tiff .bmp .pgm .ppm in 1");
    tree_text(root, "sub/a.png", "x");
    assert_fails(fet_folder_read(root, NULL, &e), FET_DATA,
                 "in 2 folders; 1 ignored, the first: sub/a.png: not a picture");
    assert_fails(fet_folder_read("no/such", NULL, &e), FET_NOT_FOUND, "no/such");
    assert_int_equal(e.n, 0);
    assert_null(e.items);
}

static void a_single_picture_is_a_set_of_one(void **state)
{
    const char *root = *state;
    char path[128];
    tree_picture(root, "a.png", 8, 8, 1);
    (void)snprintf(path, sizeof path, "%s/a.png", root);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(path, NULL, &e));
    assert_int_equal(e.n, 1);
    assert_string_equal(e.items[0].path, path);
    assert_int_equal(e.items[0].truth, FET_TRUTH_GOOD);
    fet_examples_deinit(&e);
}

static void a_manifest_says_what_is_what(void **state)
{
    const char *root = *state;
    char path[128];
    tree_make(root, (const char *const[]){"pics/a.png", "pics/b, c.png", "pics/d.png", "m/d.png",
                                          "pics/e.png", NULL});
    tree_text(root, "list.csv",
              "Path;Label;mask;Split;group;operator\r\n"
              "pics/a.png;OK;;train;g1;Ann\r\n"
              "\"pics/b, c.png\";ok;;calibrate;g1;Bob\r\n"
              "\r\n"
              "pics/d.png;dent;m/d.png;test;;\r\n"
              "pics/e.png;;;;;\r\n"
              "pics/gone.png;ok;;train;;\r\n"
              "pics/a.png;ok;;train;;\r\n");
    (void)snprintf(path, sizeof path, "%s/list.csv", root);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(path, NULL, &e));
    assert_int_equal(e.n, 4);
    assert_string_equal(e.layout, "a manifest");
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_FIT, "good");
    assert_example(&e, "b, c.png", FET_TRUTH_GOOD, FET_SPLIT_CALIBRATE, "good");
    assert_example(&e, "pics/d.png", FET_TRUTH_DEFECT, FET_SPLIT_TEST, "dent");
    assert_example(&e, "e.png", FET_TRUTH_UNKNOWN, FET_SPLIT_NONE, NULL);
    assert_string_equal(tree_find(&e, "a.png")->group, "g1");
    assert_null(tree_find(&e, "pics/d.png")->group);
    assert_non_null(strstr(tree_find(&e, "pics/d.png")->mask_path, "m/d.png"));
    assert_int_equal(e.n_ignored, 2);
    assert_non_null(strstr(fet_text_get(&e.ignored), "gone.png: "));
    assert_non_null(strstr(fet_text_get(&e.ignored), "list.csv:8: pics/a.png is listed on line 2"));
    fet_examples_deinit(&e);
}

static void a_manifest_of_paths_alone_is_good_but_for_its_tests(void **state)
{
    const char *root = *state;
    char path[128], full[256], here[128];
    tree_make(root, (const char *const[]){"a.png", "b.png", NULL});
    assert_non_null(getcwd(here, sizeof here));
    (void)snprintf(full, sizeof full,
                   "{\"image\":\"%s/%s/a.png\"}\n{\"file\":\"b.png\",\"split\":\"test\"}", here,
                   root);
    tree_text(root, "list.jsonl", full);
    (void)snprintf(path, sizeof path, "%s/list.jsonl", root);
    struct fet_examples e = {0};
    assert_ok(fet_folder_read(path, NULL, &e));
    assert_example(&e, "a.png", FET_TRUTH_GOOD, FET_SPLIT_NONE, "good");
    assert_example(&e, "b.png", FET_TRUTH_UNKNOWN, FET_SPLIT_TEST, NULL);
    fet_examples_deinit(&e);
    tree_text(root, "list.jsonl", "{\"path\":\"a.png\",\"split\":\"tset\"}");
    assert_fails(fet_folder_read(path, NULL, &e), FET_FORMAT, "list.jsonl:1: split 'tset' is none");
}

static void the_result_does_not_depend_on_threads(void **state)
{
    const char *root = *state;
    char name[32];
    for (int i = 0; i < 150; i++) {
        (void)snprintf(name, sizeof name, "%03d.png", i);
        tree_picture(root, name, 4, 4, (uint64_t)i);
    }
    tree_text(root, "077.png", "broken");
    struct fet_pool *pool = NULL;
    assert_ok(fet_pool_new(4, &pool));
    const struct fet_context c = {.pool = pool};
    struct fet_examples alone = {0}, together = {0};
    assert_ok(fet_folder_read(root, NULL, &alone));
    assert_ok(fet_folder_read(root, &c, &together));
    assert_int_equal(alone.n, 149);
    assert_int_equal(together.n, 149);
    for (int64_t i = 0; i < alone.n; i++) {
        assert_string_equal(alone.items[i].path, together.items[i].path);
        assert_true(alone.items[i].key == together.items[i].key);
    }
    assert_string_equal(fet_text_get(&alone.ignored), fet_text_get(&together.ignored));
    fet_examples_deinit(&alone);
    fet_examples_deinit(&together);
    fet_pool_free(pool);
}

static bool stop_at_once(void *self)
{
    (void)self;
    return true;
}

static void stops_on_request(void **state)
{
    const char *root = *state;
    tree_picture(root, "a.png", 8, 8, 1);
    const struct fet_observer observer = {.is_cancelled = stop_at_once};
    const struct fet_context c = {.observer = &observer};
    struct fet_examples e = {0};
    const char *const paths[] = {root};
    assert_fails(fet_folder_read(root, &c, &e), FET_CANCELLED, "reading pictures");
    assert_fails(fet_files_read(paths, 1, &c, &e), FET_CANCELLED, "finding pictures");
}

static void files_are_taken_as_they_are_given(void **state)
{
    const char *root = *state;
    char a[128], sub[128];
    tree_make(root, (const char *const[]){"a.png", "sub/good/b.png", "sub/c.png", NULL});
    tree_text(root, "sub/notes.txt", "x");
    (void)snprintf(a, sizeof a, "%s/a.png", root);
    (void)snprintf(sub, sizeof sub, "%s/sub", root);
    const char *const paths[] = {a, sub}, *const gone[] = {a, "gone.png"}, *const bad[] = {"\xE9"};
    struct fet_examples e = {0};
    assert_ok(fet_files_read(paths, 2, NULL, &e));
    assert_int_equal(e.n, 3);
    assert_string_equal(e.items[0].path, a);
    assert_example(&e, "sub/good/b.png", FET_TRUTH_UNKNOWN, FET_SPLIT_NONE, NULL);
    assert_string_equal(fet_text_get(&e.ignored), "notes.txt: its name is not that of a picture\n");
    fet_examples_deinit(&e);
    assert_fails(fet_files_read(gone, 2, NULL, &e), FET_NOT_FOUND, "gone.png");
    assert_fails(fet_files_read(bad, 1, NULL, &e), FET_NOT_FOUND, "no such");
    assert_fails(fet_files_read(paths, 0, NULL, &e), FET_DATA, "no pictures found");
}

static void recognises_pictures_and_nothing_else(void **state)
{
    const char *root = *state;
    char path[128];
    assert_int_equal(fet_folder_recognise(root), 0);
    assert_int_equal(fet_folder_recognise("no/such"), 0);
    tree_text(root, "table.csv", "file,size,class\nreport.pdf,3,x\n");
    tree_text(root, "list.csv", "file,set,class\na.png,tset,x\nb.png\n"); /* not without mistakes */
    tree_text(root, "rows.csv", "size,weight\n1,2\n");
    assert_int_equal(fet_folder_recognise(root), 0);
    tree_make(root, (const char *const[]){"pics/oak/a.png", "pics/elm/b.png", NULL});
    (void)snprintf(path, sizeof path, "%s/pics", root);
    assert_int_equal(fet_folder_recognise(path), 70);
    tree_make(root, (const char *const[]){"pics/good/b.png", NULL});
    assert_int_equal(fet_folder_recognise(path), 95);
    (void)snprintf(path, sizeof path, "%s/table.csv", root);
    assert_int_equal(fet_folder_recognise(path), 0);
    (void)snprintf(path, sizeof path, "%s/rows.csv", root);
    assert_int_equal(fet_folder_recognise(path), 0);
    (void)snprintf(path, sizeof path, "%s/list.csv", root);
    assert_int_equal(fet_folder_recognise(path), 95);
    (void)snprintf(path, sizeof path, "%s/pics/good/b.png", root);
    assert_int_equal(fet_folder_recognise(path), 60);
}

static fet_status read_and_forget(const char *path)
{
    struct fet_examples e = {0};
    FET_TRY(fet_folder_read(path, NULL, &e));
    const struct fet_example **items = NULL;
    int64_t n = 0;
    struct fet_text text = {0};
    fet_status st = fet_examples_select(&e, FET_SPLIT_NONE, &items, &n);
    if (st == FET_OK) st = fet_examples_describe(&e, &text);
    fet_text_deinit(&text);
    fet_examples_deinit(&e);
    return st;
}

static fet_status list_and_forget(const char *path)
{
    struct fet_examples e = {0};
    FET_TRY(fet_files_read(&path, 1, NULL, &e));
    fet_examples_deinit(&e);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    const char *root = *state;
    char list[128];
    tree_make(root, (const char *const[]){"train/good/a.png", "test/dent/b.png",
                                          "ground_truth/dent/b.png", NULL});
    tree_text(root, "train/good/broken.png", "x");
    tree_text(root, "list.csv", "path,label\ntrain/good/a.png,good\ntrain/good/a.png,good\n");
    (void)snprintf(list, sizeof list, "%s/list.csv", root);
    check_fault_sweep(FET_FAULT_ALLOC, read_and_forget(root));
    check_fault_sweep(FET_FAULT_ALLOC, read_and_forget(list));
    check_fault_sweep(FET_FAULT_ALLOC, list_and_forget(root));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mvtec_folders_give_split_truth_and_masks),
        TEST(train_and_test_may_call_good_parts_otherwise),
        TEST(loose_pictures_in_train_are_good_and_in_test_unknown),
        TEST(good_beside_defect_folders),
        TEST(one_flat_folder_is_good),
        TEST(named_folders_beside_loose_pictures_are_defects),
        TEST(folders_of_which_none_is_good_are_classes),
        TEST(an_unpacked_archive_is_looked_through),
        TEST(a_test_folder_alone_is_all_test_with_the_masks_beside_it),
        TEST(the_key_depends_on_the_bytes_and_not_on_the_name),
        TEST(what_cannot_be_used_is_ignored_with_the_reason),
        TEST(a_mask_that_does_not_fit_is_ignored_and_the_picture_stays),
        TEST(links_in_a_circle_end),
        TEST(folders_end_at_a_depth),
        TEST(nothing_found_is_a_helpful_sentence),
        TEST(a_single_picture_is_a_set_of_one),
        TEST(a_manifest_says_what_is_what),
        TEST(a_manifest_of_paths_alone_is_good_but_for_its_tests),
        TEST(the_result_does_not_depend_on_threads),
        TEST(stops_on_request),
        TEST(files_are_taken_as_they_are_given),
        TEST(recognises_pictures_and_nothing_else),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
