#include "check.h"

#include "manifest.h"

static fet_status parse(const char *text, enum fet_manifest_format format, struct fet_arena *a,
                        struct fet_manifest *m)
{
    return fet_manifest_parse(text, strlen(text), "list", format, a, m);
}

static const char *text_of(const char *s)
{
    return s ? s : "(none)";
}

static void check_row(const struct fet_manifest *m, int64_t i, const char *path, const char *label,
                      const char *mask, const char *group, enum fet_split split, int64_t line)
{
    assert_true(i < m->n);
    assert_string_equal(m->rows[i].path, path);
    assert_string_equal(text_of(m->rows[i].label), text_of(label));
    assert_string_equal(text_of(m->rows[i].mask), text_of(mask));
    assert_string_equal(text_of(m->rows[i].group), text_of(group));
    assert_int_equal(m->rows[i].split, split);
    assert_int_equal(m->rows[i].line, line);
}

static void csv_with_quotes_blanks_and_foreign_columns(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_manifest m = {0};
    assert_ok(parse("\xEF\xBB\xBFid, Label ,PATH,split,\"mask\"\r\n"
                    "1, good ,\"a \"\"b\"\", c.png\",Train,\n"
                    "\n"
                    "2,\"\" , \"d.png\" ,,e.png\n"
                    "3,dent,f g.png,VAL, \n"
                    "4,dent,h.png,none,m.png",
                    FET_MANIFEST_CSV, &a, &m));
    assert_int_equal(m.n, 4);
    assert_true(m.has_labels);
    check_row(&m, 0, "a \"b\", c.png", "good", NULL, NULL, FET_SPLIT_FIT, 2);
    check_row(&m, 1, "d.png", NULL, "e.png", NULL, FET_SPLIT_NONE, 4);
    check_row(&m, 2, "f g.png", "dent", NULL, NULL, FET_SPLIT_CALIBRATE, 5);
    check_row(&m, 3, "h.png", "dent", "m.png", NULL, FET_SPLIT_NONE, 6);
    fet_manifest_deinit(&m);
    fet_arena_deinit(&a);
}

static void csv_finds_its_separator(void **state)
{
    (void)state;
    const char *const texts[] = {"file;group\na,b.png;g\n", "filename\tgroup\na,b.png\tg\n",
                                 "image,group\n\"a,b.png\",g\n"};
    for (int i = 0; i < 3; i++) {
        struct fet_arena a = {0};
        struct fet_manifest m = {0};
        assert_ok(parse(texts[i], FET_MANIFEST_CSV, &a, &m));
        check_row(&m, 0, "a,b.png", NULL, NULL, "g", FET_SPLIT_NONE, 2);
        assert_false(m.has_labels);
        fet_manifest_deinit(&m);
        fet_arena_deinit(&a);
    }
}

static void jsonl_with_nulls_numbers_and_foreign_keys(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_manifest m = {0};
    assert_ok(parse("{\"path\":\"a.png\",\"class\":3,\"set\":\"calibrate\",\"mask_path\":null}\n"
                    "  \n"
                    "{\"size\":[1,2],\"Image\":\"\xC3\xBC.png\",\"label\":\"\",\"group\":\"g\"}",
                    FET_MANIFEST_JSONL, &a, &m));
    assert_int_equal(m.n, 2);
    check_row(&m, 0, "a.png", "3", NULL, NULL, FET_SPLIT_CALIBRATE, 1);
    check_row(&m, 1, "\xC3\xBC.png", NULL, NULL, "g", FET_SPLIT_NONE, 3);
    fet_manifest_deinit(&m);
    fet_arena_deinit(&a);
    assert_ok(parse("", FET_MANIFEST_JSONL, &a, &m));
    assert_int_equal(m.n, 0);
    fet_arena_deinit(&a);
}

static void every_mistake_names_its_line(void **state)
{
    (void)state;
    const struct {
        const char *text, *sentence;
    } csv[] = {
        {"", "list: empty; a first line"},
        {"\n \n", "list: empty"},
        {"name,label\n", "list:1: no column is named path"},
        {"path,file\n", "list:1: column 'file' says again"},
        {"path,label\na.png\n", "list:2: 1 cells, the header has 2"},
        {"path\na.png\nb.png,\n", "list:3: 2 cells, the header has 1"},
        {"path,label\n,good\n", "list:2: no path"},
        {"path,split\na.png,tset\n", "list:2: split 'tset' is none of train, fit, calibrate"},
        {"path\n\"a.png\n", "list:2: a quote is not closed"},
        {"path\n\"a\"b.png\n", "list:2: text behind a closed quote"},
        {"path\n\xFF.png\n", "list:2: not UTF-8"},
    };
    const struct {
        const char *text, *sentence;
    } jsonl[] = {
        {"[1]", "list:1: not an object"},
        {"{\"path\":\"a\"}\n{\"label\":\"x\"}", "list:2: no path"},
        {"{\"path\":true}", "list:1: 'path' is not a text"},
        {"{\"path\":\"a\",\"split\":\"x\"}", "list:1: split 'x' is none"},
        {"\n{\"path\":", "list:2"},
    };
    struct fet_arena a = {0};
    struct fet_manifest m = {0};
    for (size_t i = 0; i < sizeof csv / sizeof *csv; i++)
        assert_fails(parse(csv[i].text, FET_MANIFEST_CSV, &a, &m), FET_FORMAT, csv[i].sentence);
    for (size_t i = 0; i < sizeof jsonl / sizeof *jsonl; i++)
        assert_fails(parse(jsonl[i].text, FET_MANIFEST_JSONL, &a, &m), FET_FORMAT,
                     jsonl[i].sentence);
    assert_fails(fet_manifest_parse("path\na\0b", 8, "list", FET_MANIFEST_CSV, &a, &m), FET_FORMAT,
                 "list:2: not UTF-8");
    char wide[600] = "path";
    for (size_t i = 4; i < 400; i++) wide[i] = ',';
    assert_fails(parse(wide, FET_MANIFEST_CSV, &a, &m), FET_LIMIT, "list:1: more than 256 columns");
    assert_null(m.rows);
    fet_arena_deinit(&a);
}

static void many_rows_stay_in_order(void **state)
{
    (void)state;
    struct fet_text t = {0};
    struct fet_arena a = {0};
    struct fet_manifest m = {0};
    fet_text_add_string(&t, "path\n");
    for (int i = 0; i < 1000; i++) fet_text_add(&t, "%d.png\n", i);
    assert_ok(parse(fet_text_get(&t), FET_MANIFEST_CSV, &a, &m));
    assert_int_equal(m.n, 1000);
    check_row(&m, 999, "999.png", NULL, NULL, NULL, FET_SPLIT_NONE, 1001);
    fet_manifest_deinit(&m);
    fet_arena_deinit(&a);
    fet_text_deinit(&t);
}

static void knows_its_names(void **state)
{
    (void)state;
    enum fet_manifest_format format = FET_MANIFEST_CSV;
    assert_true(fet_manifest_is_name("a/list.JSONL", &format));
    assert_int_equal(format, FET_MANIFEST_JSONL);
    assert_true(fet_manifest_is_name("x.ndjson", &format));
    assert_true(fet_manifest_is_name("x.tsv", &format));
    assert_int_equal(format, FET_MANIFEST_CSV);
    assert_false(fet_manifest_is_name("x.json", &format));
    assert_false(fet_manifest_is_name("csv", &format));
}

static fet_status parse_and_forget(const char *text, enum fet_manifest_format format)
{
    struct fet_arena a = {0};
    struct fet_manifest m = {0};
    const fet_status st = parse(text, format, &a, &m);
    fet_manifest_deinit(&m);
    fet_arena_deinit(&a);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC,
                      parse_and_forget("path,label\na.png,\"b\"\n", FET_MANIFEST_CSV));
    check_fault_sweep(FET_FAULT_ALLOC,
                      parse_and_forget("{\"path\":\"a\",\"label\":2}", FET_MANIFEST_JSONL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_with_quotes_blanks_and_foreign_columns),
        cmocka_unit_test(csv_finds_its_separator),
        cmocka_unit_test(jsonl_with_nulls_numbers_and_foreign_keys),
        cmocka_unit_test(every_mistake_names_its_line),
        cmocka_unit_test(many_rows_stay_in_order),
        cmocka_unit_test(knows_its_names),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
