/* Plan and audit: which target of which kind, from which columns. */
#include "test_tables.h"

#include "sheet_plan.h"

/* The options that a plan reads. */
static const char *const kinds[] = {"auto", "class", "number", NULL};
static const struct fet_option options[] = {
    {.name = "target", .type = FET_OPTION_TEXT, .standard = "", .help = ""},
    {.name = "kind", .type = FET_OPTION_CHOICE, .standard = "auto", .choices = kinds, .help = ""},
    {.name = "ignore", .type = FET_OPTION_LIST, .standard = "", .help = ""},
    {.name = "keep", .type = FET_OPTION_LIST, .standard = "", .help = ""},
    {0}};

struct planned {
    struct fet_sheet *sheet;
    struct fet_sheet_plan plan;
    struct fet_text notes;
    struct fet_arena arena;
};

/* words: option, value, ..., NULL */
static fet_status make_plan(const char *text, const char *const *words, struct planned *p)
{
    struct test_folder f;
    struct fet_settings *settings = NULL;
    *p = (struct planned){0};
    const struct fet_observer observer = {.self = &p->notes, .note = test_note};
    const struct fet_context c = {.observer = &observer};
    test_folder_open(&f);
    const char *const path = test_folder_add(&f, "t.csv", text);
    fet_status st = fet_settings_new(options, &settings);
    for (int i = 0; st == FET_OK && words != NULL && words[i] != NULL; i += 2)
        st = fet_settings_set(settings, words[i], words[i + 1]);
    if (st == FET_OK) st = fet_sheet_read(&path, 1, NULL, NULL, &p->sheet);
    if (st == FET_OK) st = fet_sheet_plan_make(p->sheet, settings, &c, &p->arena, &p->plan);
    fet_settings_free(settings);
    test_folder_close(&f);
    return st;
}

static void drop(struct planned *p)
{
    fet_sheet_free(p->sheet);
    fet_text_deinit(&p->notes);
    fet_arena_deinit(&p->arena);
}

static const char *reason_of(const struct planned *p, const char *column)
{
    for (int i = 0; i < p->plan.n_outs; i++)
        if (strcmp(p->plan.outs[i], column) == 0) return p->plan.reasons[i];
    return NULL;
}

static bool has_column(const struct planned *p, const char *column)
{
    for (int i = 0; i < p->plan.n_columns; i++)
        if (strcmp(p->plan.columns[i], column) == 0) return true;
    return false;
}

/* Two honest columns, then whatever the format adds to each row. */
static char *make_text(const char *header, int n_rows, void (*add)(struct fet_text *, int row))
{
    struct fet_text t = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, 8, 0);
    fet_text_add(&t, "u,v,%s\n", header);
    for (int i = 0; i < n_rows; i++) {
        fet_text_add(&t, "%.3f,%d,", fet_rng_normal(&rng), fet_rng_int(&rng, 0, 9));
        add(&t, i);
        fet_text_add_string(&t, "\n");
    }
    return fet_text_take(&t);
}

static void add_class(struct fet_text *t, int row)
{
    fet_text_add_string(t, row % 3 == 0 ? "yes" : "no");
}

static void the_last_column_is_the_target_unless_named(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("answer", 60, add_class);
    assert_ok(make_plan(text, NULL, &p));
    assert_string_equal(p.plan.target, "answer");
    assert_int_equal(p.plan.n_classes, 2);
    assert_string_equal(p.plan.classes[0], "no");
    assert_null(p.plan.class_numbers);
    assert_int_equal(p.plan.n_columns, 2);
    assert_int_equal(p.plan.n_outs, 0);
    assert_non_null(strstr(fet_text_get(&p.notes), "The target is the last column, 'answer'"));
    assert_non_null(strstr(fet_text_get(&p.notes), "one of 2 classes: no, yes"));
    drop(&p);

    const char *const words[] = {"target", "u", "ignore", "v", NULL};
    assert_ok(make_plan(text, words, &p));
    assert_int_equal(p.plan.n_classes, 0);
    assert_int_equal(p.plan.n_columns, 1);
    assert_true(p.plan.is_text[0]);
    assert_null(strstr(fet_text_get(&p.notes), "last column"));
    drop(&p);

    const char *const unknown[] = {"target", "w", NULL};
    assert_fails(make_plan(text, unknown, &p), FET_NOT_FOUND,
                 "no column 'w'; there are u, v, answer");
    drop(&p);
    const char *const stranger[] = {"ignore", "w", NULL};
    assert_fails(make_plan(text, stranger, &p), FET_NOT_FOUND, "no column 'w'");
    drop(&p);
    fet_free(text);
}

static void few_whole_numbers_are_classes_unless_told_otherwise(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("answer", 100, add_class);
    const char *const as_class[] = {"target", "v", NULL};
    assert_ok(make_plan(text, as_class, &p));
    assert_int_equal(p.plan.n_classes, 10);
    assert_string_equal(p.plan.classes[9], "9");
    assert_true(p.plan.class_numbers[9] == 9);
    drop(&p);
    const char *const as_number[] = {"target", "v", "kind", "number", NULL};
    assert_ok(make_plan(text, as_number, &p));
    assert_int_equal(p.plan.n_classes, 0);
    drop(&p);
    const char *const fractions[] = {"target", "u", "kind", "class", NULL};
    assert_fails(make_plan(text, fractions, &p), FET_DATA, "--kind class wants whole numbers");
    drop(&p);
    const char *const words[] = {"target", "answer", "kind", "number", NULL};
    assert_fails(make_plan(text, words, &p), FET_DATA, "holds texts such as 'no'");
    drop(&p);
    fet_free(text);
}

static void add_name(struct fet_text *t, int row)
{
    fet_text_add(t, "name%d", row);
}

static void add_same(struct fet_text *t, int row)
{
    (void)row;
    fet_text_add_string(t, "5");
}

static void nothing_to_learn_is_said(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("answer", 100, add_name);
    assert_fails(make_plan(text, NULL, &p), FET_DATA, "has 100 different texts in 100 rows");
    drop(&p);
    fet_free(text);
    text = make_text("answer", 100, add_same);
    assert_fails(make_plan(text, NULL, &p), FET_DATA, "one value throughout: nothing to learn");
    drop(&p);
    const char *const alone[] = {"ignore", "u,v", "target", "u", NULL};
    assert_fails(make_plan(text, alone, &p), FET_DATA, "no column besides 'u'");
    drop(&p);
    fet_free(text);
    text = make_text("answer", 19, add_class);
    assert_fails(make_plan(text, NULL, &p), FET_DATA, "19 rows with a target 'answer'; wanted");
    drop(&p);
    fet_free(text);
    text = make_text("answer", 0, add_class);
    assert_fails(make_plan(text, NULL, &p), FET_DATA, "0 rows with a target");
    drop(&p);
    fet_free(text);
}

static void add_useless(struct fet_text *t, int row)
{
    fet_text_add(t, "%d,part-%d,one,,%d,%s", 1000 + row, row, row % 7 * 1000003 + row,
                 row % 3 == 0 ? "yes" : "no");
}

static void constants_and_counters_are_left_out(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("serial,part,same,empty,size,answer", 80, add_useless);
    assert_ok(make_plan(text, NULL, &p));
    assert_non_null(strstr(reason_of(&p, "serial"), "counts the rows"));
    assert_non_null(strstr(reason_of(&p, "part"), "a text of its own"));
    assert_non_null(strstr(reason_of(&p, "same"), "one value"));
    assert_non_null(strstr(reason_of(&p, "empty"), "one value"));
    assert_true(has_column(&p, "size")); /* all different, but far apart: a measure may be that */
    assert_int_equal(p.plan.n_columns, 3);
    assert_non_null(
        strstr(fet_text_get(&p.notes), "Left out: 'same', 'empty': each has one value"));
    drop(&p);
    const char *const words[] = {"keep", "serial, part", "ignore", "same", NULL};
    assert_ok(make_plan(text, words, &p));
    assert_true(has_column(&p, "serial") && has_column(&p, "part") && !has_column(&p, "same"));
    assert_int_equal(p.plan.n_outs, 1);
    drop(&p);
    fet_free(text);
}

static void add_one_hot(struct fet_text *t, int row)
{
    const int kind = row * 7 % 5;
    fet_text_add(t, "%d,%d,%d,%d,%d,%d", row % 2, kind == 0, kind == 1, kind == 2, kind == 3,
                 kind == 4);
}

static void one_hot_columns_beside_the_target_are_left_out(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("two,scratch,dent,stain,hole,other", 400, add_one_hot);
    assert_ok(make_plan(text, NULL, &p));
    assert_int_equal(p.plan.n_outs, 4);
    assert_non_null(strstr(reason_of(&p, "hole"), "one of 4 columns that take the target apart"));
    assert_true(has_column(&p, "two"));
    drop(&p);
    fet_free(text);
}

/* A class and what it consists of, but for a few cases that no part explains. */
static void add_parts(struct fet_text *t, int row)
{
    const int is_hot = row % 20 == 0, is_worn = row % 33 == 0, is_odd = row == 7;
    fet_text_add(t, "%d,%d,%d,%d", is_hot, is_worn, row % 11 == 0, is_hot || is_worn || is_odd);
}

static void the_parts_of_a_target_are_left_out(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("hot,worn,noise,failure", 1000, add_parts);
    assert_ok(make_plan(text, NULL, &p));
    assert_int_equal(p.plan.n_outs, 2);
    assert_non_null(strstr(reason_of(&p, "hot"), "implies '1'"));
    assert_non_null(reason_of(&p, "worn"));
    drop(&p);
    fet_free(text);
}

static void add_recoded(struct fet_text *t, int row)
{
    static const char *const grades[] = {"A", "B", "C"};
    fet_text_add(t, "%d,%s,%s,%d,%s", row % 3 * 10, row % 3 == 1 ? "" : grades[row % 3],
                 row % 3 == 1 ? "x" : "y", row % 4, grades[row % 3]);
}

static void other_words_for_a_class_are_left_out(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("code,grade_copy,half,turn,grade", 120, add_recoded);
    assert_ok(make_plan(text, NULL, &p));
    assert_non_null(strstr(reason_of(&p, "code"), "the target in other words"));
    assert_non_null(strstr(reason_of(&p, "grade_copy"), "the target in other words")); /* "" is B */
    assert_true(has_column(&p, "half") && has_column(&p, "turn"));
    drop(&p);
    fet_free(text);
}

static void add_units(struct fet_text *t, int row)
{
    const double mm = 1 + row * 37 % 100 * 0.5;
    fet_text_add(t, "%.4f,%.3f,%.2f,%.1f", mm / 25.4, -mm * mm, mm + row % 2, mm);
}

static void the_same_number_in_another_unit_is_left_out(void **state)
{
    (void)state;
    struct planned p;
    char *text = make_text("inch,minus_square,close,mm", 200, add_units);
    assert_ok(make_plan(text, NULL, &p));
    assert_non_null(strstr(reason_of(&p, "inch"), "sorts the rows exactly"));
    assert_non_null(reason_of(&p, "minus_square"));
    assert_true(has_column(&p, "close"));
    drop(&p);
    fet_free(text);
}

static void chance_is_no_reason(void **state)
{
    (void)state;
    struct planned p;
    struct fet_rng rng;
    fet_rng_init(&rng, 77, 0);
    struct fet_text t = {0};
    fet_text_add_string(&t, "a,b,c,d,e,f,g,h,y\n");
    for (int i = 0; i < 30; i++) {
        for (int k = 0; k < 8; k++)
            fet_text_add(&t, "%d,",
                         k < 4 ? fet_rng_chance(&rng, 0.1) : fet_rng_int(&rng, 0, 90000));
        fet_text_add(&t, "%d\n", fet_rng_chance(&rng, 0.3));
    }
    assert_ok(make_plan(fet_text_get(&t), NULL, &p));
    assert_int_equal(p.plan.n_outs, 0);
    drop(&p);
    fet_text_deinit(&t);
}

static void a_give_away_stays_when_nothing_else_is_there(void **state)
{
    (void)state;
    struct planned p;
    struct fet_text t = {0};
    fet_text_add_string(&t, "x,y\n");
    for (int i = 0; i < 50; i++) fet_text_add(&t, "%d.5,%d\n", i, 3 * i);
    assert_ok(make_plan(fet_text_get(&t), NULL, &p));
    assert_int_equal(p.plan.n_columns, 1);
    assert_non_null(strstr(fet_text_get(&p.notes), "because nothing else is there"));
    drop(&p);
    fet_text_deinit(&t);
    fet_text_add_string(&t, "x,y\n");
    for (int i = 0; i < 50; i++) fet_text_add(&t, "%d,%d\n", i, i % 7 * 11);
    assert_ok(make_plan(fet_text_get(&t), NULL, &p)); /* a counter, too */
    assert_int_equal(p.plan.n_columns, 1);
    drop(&p);
    fet_text_deinit(&t);
}

static void a_copy_stands_alone_and_knows_classes(void **state)
{
    (void)state;
    struct planned p, q;
    struct fet_arena arena = {0};
    struct fet_sheet_plan copy;
    char *text = make_text("answer", 60, add_class);
    const char *const words[] = {"target", "v", NULL};
    assert_ok(make_plan(text, words, &p));
    assert_ok(fet_sheet_plan_copy(&p.plan, &arena, &copy));
    drop(&p);
    assert_string_equal(copy.target, "v");
    assert_string_equal(copy.columns[1], "answer");
    struct fet_sheet_wish wish;
    assert_ok(fet_sheet_plan_wish(&copy, true, &arena, &wish));
    assert_int_equal(wish.n, 3);
    assert_int_equal(wish.types[0], FET_SHEET_NUMBER);
    assert_int_equal(wish.types[1], FET_SHEET_TEXT);
    assert_int_equal(wish.types[2], FET_SHEET_ANY);

    /* Numbers that stand among texts are still the classes they name; others are refused. */
    static const char mixed[] = "v,answer,u\n3,no,1\n,no,1\n3.0,no,1\n";
    struct fet_truths truths;
    assert_ok(fet_sheet_parse(mixed, sizeof mixed - 1, "m.csv", &wish, &q.sheet));
    assert_ok(fet_sheet_plan_truths(&copy, q.sheet, 2, &arena, &truths));
    assert_int_equal(truths.classes[0], 3);
    assert_int_equal(truths.classes[1], -1);
    assert_int_equal(truths.classes[2], 3);
    fet_sheet_free(q.sheet);
    static const char strange[] = "v,answer,u\n3,no,1\n77,no,1\n";
    assert_ok(fet_sheet_parse(strange, sizeof strange - 1, "m.csv", &wish, &q.sheet));
    assert_fails(fet_sheet_plan_truths(&copy, q.sheet, 2, &arena, &truths), FET_DATA,
                 "m.csv line 3: '77' in the target 'v' is none of the 10 classes");
    fet_sheet_free(q.sheet);
    static const char words_in[] = "v,answer,u\nx,no,1\n";
    assert_ok(fet_sheet_parse(words_in, sizeof words_in - 1, "m.csv", &wish, &q.sheet));
    assert_fails(fet_sheet_plan_truths(&copy, q.sheet, 2, &arena, &truths), FET_DATA,
                 "'x' in the target");
    fet_sheet_free(q.sheet);
    fet_arena_deinit(&arena);
    fet_free(text);
}

static void real_tables_lose_what_gives_them_away(void **state)
{
    (void)state;
    static const struct {
        const char *path, *target, *outs;
    } tables[] = {
        {"data/tables/ai4i2020.csv", "Machine failure", "UDI,Product ID,TWF,HDF,PWF,OSF,"},
        {"data/tables/adult.csv", "income", ""},
        {"data/tables/california_housing.csv", "median_house_value", ""},
        {"data/tables/elec2.csv", "class", ""},
        {"data/tables/steel_plates.csv", "Other_Faults",
         "Pastry_Fault,Z_Scratch_Fault,K_Scatch_Fault,Stains_Fault,Dirtiness_Fault,Bumps_Fault,"}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char path[512];
        const char *found = check_shared_find(tables[i].path, path);
        if (found == NULL) continue;
        struct fet_settings *settings = NULL;
        struct planned p = {0};
        struct fet_text outs = {0};
        assert_ok(fet_settings_new(options, &settings));
        assert_ok(fet_settings_set(settings, "target", tables[i].target));
        assert_ok(fet_sheet_read(&found, 1, NULL, NULL, &p.sheet));
        assert_ok(fet_sheet_plan_make(p.sheet, settings, NULL, &p.arena, &p.plan));
        for (int k = 0; k < p.plan.n_outs; k++) fet_text_add(&outs, "%s,", p.plan.outs[k]);
        assert_string_equal(fet_text_get(&outs), tables[i].outs);
        fet_text_deinit(&outs);
        fet_settings_free(settings);
        drop(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_column_is_the_target_unless_named),
        cmocka_unit_test(few_whole_numbers_are_classes_unless_told_otherwise),
        cmocka_unit_test(nothing_to_learn_is_said),
        cmocka_unit_test(constants_and_counters_are_left_out),
        cmocka_unit_test(one_hot_columns_beside_the_target_are_left_out),
        cmocka_unit_test(the_parts_of_a_target_are_left_out),
        cmocka_unit_test(other_words_for_a_class_are_left_out),
        cmocka_unit_test(the_same_number_in_another_unit_is_left_out),
        cmocka_unit_test(chance_is_no_reason),
        cmocka_unit_test(a_give_away_stays_when_nothing_else_is_there),
        cmocka_unit_test(a_copy_stands_alone_and_knows_classes),
        cmocka_unit_test(real_tables_lose_what_gives_them_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
