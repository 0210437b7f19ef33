#include "check.h"

#include "table.h"

#include <locale.h>

static fet_status parse(const char *text, struct fet_table *t)
{
    return fet_table_parse(text, strlen(text), "t.csv", NULL, t);
}

static const char *text_at(const struct fet_table *t, int column, int64_t row)
{
    const int32_t code = t->columns[column].codes[row];
    return code < 0 ? NULL : t->columns[column].levels[code];
}

static void numbers_and_texts_get_their_types(void **state)
{
    (void)state;
    struct fet_table t;
    assert_ok(parse("length,kind,note\n1.5,b,x\n-2e3,a,1\n,b,?\n", &t));
    assert_int_equal(t.n_rows, 3);
    assert_int_equal(t.n_columns, 3);
    assert_string_equal(t.columns[0].name, "length");
    assert_int_equal(t.columns[0].type, FET_COLUMN_NUMBER);
    assert_null(t.columns[0].codes);
    assert_true(t.columns[0].numbers[0] == 1.5 && t.columns[0].numbers[1] == -2000);
    assert_true(isnan(t.columns[0].numbers[2]));
    assert_int_equal(t.columns[0].n_missing, 1);

    assert_int_equal(t.columns[1].type, FET_COLUMN_TEXT);
    assert_null(t.columns[1].numbers);
    assert_int_equal(t.columns[1].n_levels, 2);
    assert_string_equal(t.columns[1].levels[0], "a");
    assert_string_equal(t.columns[1].levels[1], "b");
    assert_string_equal(text_at(&t, 1, 0), "b");
    assert_int_equal(t.columns[1].n_missing, 0);

    assert_string_equal(text_at(&t, 2, 1), "1");
    assert_null(text_at(&t, 2, 2));
    assert_int_equal(fet_table_find(&t, "note"), 2);
    assert_int_equal(fet_table_find(&t, "Note"), -1);
    fet_table_deinit(&t);
    fet_table_deinit(NULL);
}

static void missing_marks_do_not_make_a_column_text(void **state)
{
    (void)state;
    struct fet_table t;
    assert_ok(parse("a,b\n1,x\n,x\nNA,x\nn/a,x\nNaN,x\nNULL,x\nnone,x\n?,x\n \"\" ,x\n-,x\n", &t));
    assert_int_equal(t.columns[0].type, FET_COLUMN_TEXT); /* "-" is no mark */
    assert_int_equal(t.columns[0].n_missing, 8);
    assert_int_equal(t.columns[0].n_levels, 2);
    fet_table_deinit(&t);
    assert_ok(parse("a,b\n1,x\n,x\nNA,x\nn/a,x\nNaN,x\nNULL,x\nnone,x\n?,x\n \"\" ,x\n", &t));
    assert_int_equal(t.columns[0].type, FET_COLUMN_NUMBER);
    assert_int_equal(t.columns[0].n_missing, 8);
    fet_table_deinit(&t);
    assert_ok(parse("a,b\nNA,1\n,2\n", &t)); /* nothing but missing */
    assert_int_equal(t.columns[0].type, FET_COLUMN_NUMBER);
    assert_int_equal(t.columns[0].n_missing, 2);
    fet_table_deinit(&t);
}

static void quotes_hold_separators_newlines_and_quotes(void **state)
{
    (void)state;
    struct fet_table t;
    assert_ok(parse("a,\"b \"\"c\"\"\"\r\n\"x,y\",\"line 1\r\nline 2\"\r\n 5\" pipe ,  \" z \" \r\n"
                    "\"say \"\"hi\"\"\",\"\"\"\"\r\n",
                    &t));
    assert_int_equal(t.n_rows, 3);
    assert_string_equal(t.columns[1].name, "b \"c\"");
    assert_string_equal(text_at(&t, 0, 0), "x,y");
    assert_string_equal(text_at(&t, 1, 0), "line 1\r\nline 2");
    assert_string_equal(text_at(&t, 0, 1), "5\" pipe");
    assert_string_equal(text_at(&t, 1, 1), " z ");
    assert_string_equal(text_at(&t, 0, 2), "say \"hi\"");
    assert_string_equal(text_at(&t, 1, 2), "\"");
    assert_int_equal(t.lines[0], 2);
    assert_int_equal(t.lines[1], 4); /* the row before it took two lines */
    assert_int_equal(t.lines[2], 5);
    fet_table_deinit(&t);
    assert_ok(parse("a\n\"12\"\n\"3.5\"\n", &t)); /* quotes do not make a number a text */
    assert_int_equal(t.columns[0].type, FET_COLUMN_NUMBER);
    fet_table_deinit(&t);
}

static void every_separator_and_line_end_is_found(void **state)
{
    (void)state;
    const char *const texts[] = {
        "a,b,c\n1,x;y,3\n4,5;z,6\n",        "a;b;c\n1;x,y;3\n4;5,z;6\n",
        "a\tb\tc\n1\tx, y\t3\n4\t \t6\n",   "a|b|c\r\n1|x;y|3\r\n4|5;z|6",
        "a,b,c\r1,x;y,3\r4,5;z,6\r",        "\xef\xbb\xbf\x61,b,c\n\n1,x;y,3\n\r\n4,5;z,6\n\n",
        "\"a\";\"b, b\";c\n1;2;3\n4;5;6\n", " a , b , c \n 1 , x , 3 \n4, y,6 \n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct fet_table t;
        assert_ok(parse(texts[i], &t));
        assert_int_equal(t.n_columns, 3);
        assert_int_equal(t.n_rows, 2);
        assert_string_equal(t.columns[0].name, "a");
        assert_true(t.columns[0].numbers[0] == 1 && t.columns[0].numbers[1] == 4);
        assert_true(t.columns[2].numbers[0] == 3 && t.columns[2].numbers[1] == 6);
        fet_table_deinit(&t);
    }
}

static void one_column_and_no_rows_are_tables_too(void **state)
{
    (void)state;
    struct fet_table t;
    assert_ok(parse("only\n3\n\n4", &t));
    assert_int_equal(t.n_columns, 1);
    assert_int_equal(t.n_rows, 2);
    fet_table_deinit(&t);
    assert_ok(parse("a,b", &t));
    assert_int_equal(t.n_columns, 2);
    assert_int_equal(t.n_rows, 0);
    fet_table_deinit(&t);
    assert_ok(parse(",b\n1,2\n", &t));
    assert_string_equal(t.columns[0].name, "column 1");
    fet_table_deinit(&t);
}

static void each_damage_is_named_with_its_line(void **state)
{
    (void)state;
    struct fet_table t = {.n_rows = 7};
    assert_fails(parse("", &t), FET_FORMAT, "t.csv: is empty");
    assert_fails(parse("\xef\xbb\xbf", &t), FET_FORMAT, "is empty");
    assert_fails(parse("\n\r\n", &t), FET_FORMAT, "is empty");
    assert_fails(parse("a,b\n1,2\n3\n", &t), FET_FORMAT,
                 "t.csv line 3: wanted 2 cells as in the first row, found 1");
    assert_fails(parse("a,b\n1,2\n\n1,2,3,4\n", &t), FET_FORMAT, "line 4: wanted 2 cells");
    assert_fails(parse("a,b\n1,2\n1,2,3,4\n", &t), FET_FORMAT, "found 4");
    assert_fails(parse("a,b\n1,\"2\n3,4\n", &t), FET_FORMAT, "line 2: the quote that opens here");
    assert_fails(parse("a,b\n1,\"2\"x\n", &t), FET_FORMAT, "line 2: wanted the end of the cell");
    assert_fails(parse("a,\"b", &t), FET_FORMAT, "line 1: the quote");
    assert_fails(parse("a,b,a\n1,2,3\n", &t), FET_FORMAT, "two columns are named 'a'");
    assert_fails(parse("a,b\n1,2\n\xc3\x28,2\n", &t), FET_FORMAT, "line 3: wanted UTF-8");
    assert_fails(parse("a,b\n1,\xff", &t), FET_FORMAT, "line 2: wanted UTF-8");
    assert_fails(fet_table_parse("a\nb\0\n", 5, "t.csv", NULL, &t), FET_FORMAT,
                 "line 2: holds a zero byte");
    assert_fails(fet_table_parse("\xff\xfe\x61\0", 4, "t.csv", NULL, &t), FET_FORMAT, "UTF-16");
    assert_int_equal(t.n_rows, 7); /* untouched */
}

static void limits_speak_first(void **state)
{
    (void)state;
    static const char text[] = "a,b,c\n1,2,3\n4,5,6\n";
    const size_t n = sizeof text - 1;
    struct fet_table t;
    struct fet_table_limits exact = {.max_bytes = (int64_t)n, .max_rows = 2, .max_columns = 3};
    assert_ok(fet_table_parse(text, n, "t.csv", &exact, &t));
    fet_table_deinit(&t);
    struct fet_table_limits l = exact;
    l.max_bytes--;
    assert_fails(fet_table_parse(text, n, "t.csv", &l, &t), FET_LIMIT,
                 "bytes, more than the limit");
    l = exact;
    l.max_rows--;
    assert_fails(fet_table_parse(text, n, "t.csv", &l, &t), FET_LIMIT, "more than 1 rows");
    l = exact;
    l.max_columns--;
    assert_fails(fet_table_parse(text, n, "t.csv", &l, &t), FET_LIMIT, "3 columns, more than");
}

static void a_column_can_be_read_as_text(void **state)
{
    (void)state;
    static const char text[] = "code,n\n007,1\n7,2\n,3\n";
    const char *const texts[] = {"nothing", "code", NULL};
    const struct fet_table_limits l = {.texts = texts};
    struct fet_table t;
    assert_ok(fet_table_parse(text, sizeof text - 1, "t.csv", &l, &t));
    assert_int_equal(t.columns[0].type, FET_COLUMN_TEXT);
    assert_int_equal(t.columns[0].n_levels, 2);
    assert_string_equal(text_at(&t, 0, 0), "007");
    assert_int_equal(t.columns[0].n_missing, 1);
    assert_int_equal(t.columns[1].type, FET_COLUMN_NUMBER);
    fet_table_deinit(&t);
}

static void files_are_read_and_named(void **state)
{
    (void)state;
    char folder[64], path[96];
    check_folder_make(folder, "table");
    fet_text_format(path, sizeof path, "%s/x.csv", folder);
    struct fet_table t;
    assert_fails(fet_table_read(path, NULL, &t), FET_NOT_FOUND, path);
    assert_ok(fet_file_write(path, "a\n1\n", 4));
    assert_ok(fet_table_read(path, NULL, &t));
    assert_int_equal(t.n_rows, 1);
    fet_table_deinit(&t);
    const struct fet_table_limits l = {.max_bytes = 3};
    assert_fails(fet_table_read(path, &l, &t), FET_LIMIT, path);
    assert_ok(fet_file_write(path, "a\n1,2\n", 6));
    assert_fails(fet_table_read(path, NULL, &t), FET_FORMAT, path);
    assert_ok(fet_folder_remove(folder));
}

static const char swept[] = "n,t,\"q\"\"q\"\n1,b,\"x\"\"y\"\n2,a,\n,c,\"z\"\n";

static fet_status parse_and_drop(void)
{
    struct fet_table t;
    FET_TRY(parse(swept, &t));
    fet_table_deinit(&t);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, parse_and_drop());
}

/* A generated table, written in several ways, gives back what went in. */
static void what_was_written_is_read(void **state)
{
    (void)state;
    enum { ROWS = 3000, LEVELS = 700 };
    struct fet_rng rng;
    fet_rng_init(&rng, 11, 0);
    struct fet_text text = {0};
    static double numbers[ROWS];
    static int words[ROWS];
    fet_text_add(&text, "number;word\n");
    for (int i = 0; i < ROWS; i++) {
        numbers[i] = fet_rng_normal(&rng) * 1e3;
        words[i] = fet_rng_int(&rng, 0, LEVELS - 1);
        fet_text_add(&text, "%.17g;\"w%d\"\"%d\"%s", numbers[i], words[i], words[i],
                     fet_rng_chance(&rng, 0.5) ? "\n" : "\r\n");
    }
    struct fet_table t;
    assert_ok(fet_table_parse(text.s, text.n, "t.csv", NULL, &t));
    assert_int_equal(t.n_rows, ROWS);
    for (int i = 0; i < ROWS; i++) {
        char word[32];
        fet_text_format(word, sizeof word, "w%d\"%d", words[i], words[i]);
        assert_true(t.columns[0].numbers[i] == numbers[i]);
        assert_string_equal(text_at(&t, 1, i), word);
        assert_int_equal(t.lines[i], i + 2);
    }
    for (int64_t i = 1; i < t.columns[1].n_levels; i++)
        assert_true(strcmp(t.columns[1].levels[i - 1], t.columns[1].levels[i]) < 0);
    fet_table_deinit(&t);
    fet_text_deinit(&text);
}

static void the_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8", "C"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_ALL, names[i]) == NULL) continue;
        struct fet_table t;
        assert_ok(parse("a;b\n1.25;3,5\n0.1234567890123456789;x\nNULL;NIL\n", &t));
        assert_true(t.columns[0].numbers[0] == 1.25);
        assert_close(t.columns[0].numbers[1], 0.12345678901234568, 1e-16, 0);
        assert_int_equal(t.columns[0].n_missing, 1);
        assert_int_equal(t.columns[1].type, FET_COLUMN_TEXT);
        fet_table_deinit(&t);
    }
    assert_non_null(setlocale(LC_ALL, "C"));
}

static void real_tables_are_read_whole(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int64_t n_rows;
        int n_columns, n_text;
        int64_t n_missing; /* in all columns, counted with another reader (pandas 2) */
    } tables[] = {{"data/tables/adult.csv", 48842, 15, 9, 6465},
                  {"data/tables/california_housing.csv", 20640, 10, 1, 207},
                  {"data/tables/ai4i2020.csv", 10000, 14, 2, 0},
                  {"data/tables/steel_plates.csv", 1941, 34, 0, 0}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char path[512];
        if (check_shared_find(tables[i].path, path) == NULL) continue;
        struct fet_table t;
        assert_ok(fet_table_read(path, NULL, &t));
        assert_int_equal(t.n_rows, tables[i].n_rows);
        assert_int_equal(t.n_columns, tables[i].n_columns);
        int n_text = 0;
        int64_t n_missing = 0;
        for (int k = 0; k < t.n_columns; k++) {
            n_text += t.columns[k].type == FET_COLUMN_TEXT;
            n_missing += t.columns[k].n_missing;
        }
        assert_int_equal(n_text, tables[i].n_text);
        assert_int_equal(n_missing, tables[i].n_missing);
        fet_table_deinit(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_get_their_types),
        cmocka_unit_test(missing_marks_do_not_make_a_column_text),
        cmocka_unit_test(quotes_hold_separators_newlines_and_quotes),
        cmocka_unit_test(every_separator_and_line_end_is_found),
        cmocka_unit_test(one_column_and_no_rows_are_tables_too),
        cmocka_unit_test(each_damage_is_named_with_its_line),
        cmocka_unit_test(limits_speak_first),
        cmocka_unit_test(a_column_can_be_read_as_text),
        cmocka_unit_test(files_are_read_and_named),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(the_locale_changes_nothing),
        cmocka_unit_test(real_tables_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
