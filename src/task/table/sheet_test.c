#include "test_tables.h"

static const char *text_at(const struct fet_sheet *s, int column, int64_t row)
{
    const int32_t code = s->columns[column].codes[row];
    return code < 0 ? "-" : s->columns[column].levels[code];
}

static void files_of_a_folder_are_put_end_to_end(void **state)
{
    (void)state;
    struct test_folder f;
    struct fet_sheet *s = NULL;
    test_folder_open(&f);
    (void)test_folder_add(&f, "b.csv", "k,x,m\n7,3,\nz,4,\n");
    (void)test_folder_add(&f, "a.csv", "x;k;m\n1;b;q\n2;?;r\n\n;a;q\n");
    (void)test_folder_add(&f, "c.tsv", "x\tk\tm\n");
    (void)test_folder_add(&f, "notes.txt", "no table\n");
    (void)test_folder_add(&f, ".hidden.csv", "other\n1\n");
    const char *const path = f.path;
    assert_ok(fet_sheet_read(&path, 1, NULL, NULL, &s));
    assert_int_equal(s->n_files, 3);
    assert_int_equal(s->n_rows, 5);
    assert_int_equal(s->n_columns, 3); /* in the order of the first file, a.csv */
    assert_int_equal(fet_sheet_find(s, "x"), 0);
    assert_int_equal(fet_sheet_find(s, "k"), 1);
    assert_int_equal(fet_sheet_find(s, "y"), -1);
    assert_true(s->columns[0].numbers[1] == 2 && isnan(s->columns[0].numbers[2]));
    assert_true(s->columns[0].numbers[3] == 3);
    assert_int_equal(s->columns[0].n_missing, 1);
    /* 7 is a text, because the column holds texts elsewhere. */
    assert_int_equal(s->columns[1].n_levels, 4);
    assert_string_equal(text_at(s, 1, 0), "b");
    assert_string_equal(text_at(s, 1, 1), "-");
    assert_string_equal(text_at(s, 1, 3), "7");
    assert_string_equal(text_at(s, 1, 4), "z");
    /* nothing but missing cells in one file */
    assert_int_equal(s->columns[2].type, FET_COLUMN_TEXT);
    assert_string_equal(text_at(s, 2, 4), "-");
    assert_string_equal(text_at(s, 2, 2), "q");
    assert_true(fet_sheet_is_missing(&s->columns[2], 4) &&
                !fet_sheet_is_missing(&s->columns[2], 2));
    assert_int_equal(fet_sheet_line_of(s, 2), 5);
    assert_int_equal(fet_sheet_line_of(s, 3), 2);
    assert_non_null(strstr(fet_sheet_file_of(s, 2)->path, "a.csv"));
    assert_non_null(strstr(fet_sheet_file_of(s, 3)->path, "b.csv"));
    fet_sheet_free(s);
    fet_sheet_free(NULL);
    test_folder_close(&f);
}

static void a_number_file_is_read_again_as_text(void **state)
{
    (void)state;
    struct test_folder f;
    struct fet_sheet *s = NULL;
    test_folder_open(&f);
    (void)test_folder_add(&f, "1.csv", "code,x\n007,1\n8,1\n");
    (void)test_folder_add(&f, "2.csv", "code,x\n9,1\n7,1\n");
    (void)test_folder_add(&f, "3.csv", "code,x\nA,1\n007,1\n");
    const char *const paths[] = {f.file[0], f.file[1], f.file[2]};
    assert_ok(fet_sheet_read(paths, 3, NULL, NULL, &s));
    assert_int_equal(s->columns[0].n_levels, 5);
    assert_string_equal(text_at(s, 0, 0), "007");
    assert_string_equal(text_at(s, 0, 3), "7");
    assert_int_equal(s->columns[0].codes[0], s->columns[0].codes[5]);
    fet_sheet_free(s);
    test_folder_close(&f);
}

static void a_wish_chooses_orders_and_types(void **state)
{
    (void)state;
    static const char *const names[] = {"x", "k", "y"};
    static const enum fet_sheet_type types[] = {FET_SHEET_NUMBER, FET_SHEET_TEXT, FET_SHEET_ANY};
    const struct fet_sheet_wish wish = {.names = names, .types = types, .n = 3};
    static const char text[] = "y,extra,k,x\n1,q,5,2\n";
    struct fet_sheet *s = NULL;
    assert_ok(fet_sheet_parse(text, sizeof text - 1, "row.csv", &wish, &s));
    assert_int_equal(s->n_columns, 3);
    assert_true(s->columns[0].numbers[0] == 2);
    assert_string_equal(text_at(s, 1, 0), "5");
    assert_true(s->columns[2].numbers[0] == 1);
    static const char *const two[] = {"y", "x"};
    assert_ok(fet_sheet_arrange(s, two, 2));
    assert_int_equal(s->n_columns, 2);
    assert_string_equal(s->columns[0].name, "y");
    assert_fails(fet_sheet_arrange(s, names, 2), FET_NOT_FOUND, "row.csv: no column 'k'");
    fet_sheet_free(s);

    static const char lacks[] = "x,z\n1,2\n";
    assert_fails(fet_sheet_parse(lacks, sizeof lacks - 1, "row.csv", &wish, &s), FET_DATA,
                 "row.csv: lacks the columns 'k', 'y', which the model needs");
    static const char wrong[] = "x,k,y\n1,a,b\n2.5,a,b\nlong,a,b\n";
    assert_fails(fet_sheet_parse(wrong, sizeof wrong - 1, "row.csv", &wish, &s), FET_DATA,
                 "row.csv line 4: column 'x' wants a number, found 'long'");
}

static void notes_tell_of_unused_columns(void **state)
{
    (void)state;
    struct test_folder f;
    struct fet_sheet *s = NULL;
    struct fet_text notes = {0};
    const struct fet_observer observer = {.self = &notes, .note = test_note};
    const struct fet_context c = {.observer = &observer};
    static const char *const names[] = {"x"};
    static const enum fet_sheet_type types[] = {FET_SHEET_NUMBER};
    const struct fet_sheet_wish wish = {.names = names, .types = types, .n = 1};
    test_folder_open(&f);
    const char *const path = test_folder_add(&f, "a.csv", "p,x,q\n1,2,3\n");
    assert_ok(fet_sheet_read(&path, 1, &wish, &c, &s));
    assert_non_null(strstr(fet_text_get(&notes), "does not use 2 of the columns: p, q."));
    fet_sheet_free(s);
    fet_text_deinit(&notes);
    test_folder_close(&f);
}

static void files_that_do_not_fit_are_named(void **state)
{
    (void)state;
    struct test_folder f;
    struct fet_sheet *s = NULL;
    test_folder_open(&f);
    const char *path = f.path;
    assert_fails(fet_sheet_read(&path, 1, NULL, NULL, &s), FET_DATA, "wanted CSV files");
    (void)test_folder_add(&f, "a.csv", "x,y\n1,2\n");
    (void)test_folder_add(&f, "b.csv", "x\n1\n");
    assert_fails(fet_sheet_read(&path, 1, NULL, NULL, &s), FET_DATA, "b.csv: lacks the column 'y'");
    assert_ok(fet_file_write(f.file[1], "x,y,z\n1,2,3\n", 12));
    assert_fails(fet_sheet_read(&path, 1, NULL, NULL, &s), FET_DATA, "b.csv: has a column 'z'");
    assert_ok(fet_file_write(f.file[1], "x,y\n1\n", 6));
    assert_fails(fet_sheet_read(&path, 1, NULL, NULL, &s), FET_FORMAT, "b.csv line 2");
    path = "no/such.csv";
    assert_fails(fet_sheet_read(&path, 1, NULL, NULL, &s), FET_NOT_FOUND, "no/such.csv");
    test_folder_close(&f);
}

static fet_status read_and_drop(const char *path)
{
    struct fet_sheet *s = NULL;
    FET_TRY(fet_sheet_read(&path, 1, NULL, NULL, &s));
    fet_sheet_free(s);
    return FET_OK;
}

static fet_status parse_and_drop(void)
{
    static const char *const names[] = {"x", "k"};
    static const enum fet_sheet_type types[] = {FET_SHEET_NUMBER, FET_SHEET_TEXT};
    const struct fet_sheet_wish wish = {.names = names, .types = types, .n = 2};
    struct fet_sheet *s = NULL;
    FET_TRY(fet_sheet_parse("k,x\n1,2\n", 8, "t.csv", &wish, &s));
    fet_sheet_free(s);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct test_folder f;
    test_folder_open(&f);
    (void)test_folder_add(&f, "1.csv", "code,x\n007,1\n8,1\n");
    (void)test_folder_add(&f, "2.csv", "code,x\nA,1\nB,1\n");
    check_fault_sweep(FET_FAULT_ALLOC, read_and_drop(f.path));
    check_fault_sweep(FET_FAULT_ALLOC, parse_and_drop());
    test_folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_a_folder_are_put_end_to_end),
        cmocka_unit_test(a_number_file_is_read_again_as_text),
        cmocka_unit_test(a_wish_chooses_orders_and_types),
        cmocka_unit_test(notes_tell_of_unused_columns),
        cmocka_unit_test(files_that_do_not_fit_are_named),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
