/* A row's key is the SHA-256 of what the model sees of it and of its target, and of how many equal
 * rows came before it. Equal rows form one group, so that no row is tested that was also learnt --
 * unless the table is so coarse that most rows have a twin: then equal rows are different cases
 * that look alike, as in a survey with few questions. */
#include "sheet_rows.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys and groups ---- */

/* Eight bytes, lowest first, whatever the machine; -0 is 0. */
static void add_number(struct fet_text *t, double number)
{
    const double x = number == 0 ? 0 : number;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    char bytes[9] = {'n'};
    for (int i = 0; i < 8; i++) bytes[1 + i] = (char)(bits >> (8 * i) & 0xff);
    fet_text_add_bytes(t, bytes, sizeof bytes);
}

static void add_cell(struct fet_text *t, const struct fet_column *column, int64_t row)
{
    if (fet_sheet_is_missing(column, row)) {
        fet_text_add_bytes(t, "-", 1);
    } else if (column->type == FET_COLUMN_TEXT) {
        const char *text = column->levels[column->codes[row]];
        fet_text_add_bytes(t, "t", 1);
        fet_text_add_bytes(t, text, strlen(text) + 1);
    } else {
        add_number(t, column->numbers[row]);
    }
}

/* A class by its index: written as a number, it may stand in a text column elsewhere. */
static void add_truth(struct fet_text *t, const struct fet_truths *truths, int64_t row)
{
    if (truths->classes != NULL)
        fet_text_add(t, "c%d", truths->classes[row]);
    else if (truths->numbers != NULL)
        add_number(t, truths->numbers[row]);
}

struct keyed {
    uint64_t key;
    int64_t i; /* into the examples */
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

/* items: the rows' keys by content alone, sorted. */
static fet_status name_groups(struct fet_examples *e, const struct keyed *items, bool is_coarse)
{
    for (int64_t first = 0, end; first < e->n; first = end) {
        const char *group = NULL;
        for (end = first + 1; end < e->n && items[end].key == items[first].key;) end++;
        if (end - first > 1 && !is_coarse) {
            char name[32];
            fet_text_format(name, sizeof name, "%016llx", (unsigned long long)items[first].key);
            group = fet_arena_strdup(&e->arena, name);
            if (group == NULL) return FET_FAIL_MEMORY("rows", sizeof name);
        }
        for (int64_t k = first; k < end; k++) {
            struct fet_example *x = &e->items[items[k].i];
            const uint64_t pair[2] = {items[k].key, (uint64_t)(k - first)};
            const struct fet_digest d = fet_digest_of(pair, sizeof pair);
            x->key = k == first ? items[k].key : fet_digest_u64(&d);
            x->group = group;
        }
    }
    return FET_OK;
}

static fet_status set_keys(struct fet_examples *e, const struct fet_rows *rows, int n_columns,
                           const struct fet_context *c)
{
    fet_status st = FET_OK;
    struct fet_text text = {0};
    struct keyed *items = fet_alloc(e->n, sizeof *items);
    if (items == NULL) return FET_FAIL_MEMORY("rows", e->n * (int64_t)sizeof *items);
    for (int64_t i = 0; i < e->n; i++) {
        if (i % 65536 == 0) FET_TRY_OUT(fet_context_progress(c, "reading rows", i, e->n));
        text.n = 0;
        for (int k = 0; k < n_columns; k++)
            add_cell(&text, &rows->sheet->columns[k], e->items[i].i_row);
        add_truth(&text, &rows->truths, e->items[i].i_row);
        FET_TRY_OUT(fet_text_status(&text, "rows"));
        const struct fet_digest d = fet_digest_of(fet_text_get(&text), text.n);
        items[i] = (struct keyed){.key = fet_digest_u64(&d), .i = i};
    }
    qsort(items, (size_t)e->n, sizeof *items, compare_keyed);
    int64_t n_different = e->n > 0;
    for (int64_t i = 1; i < e->n; i++) n_different += items[i].key != items[i - 1].key;
    const bool is_coarse = 2 * n_different < e->n;
    if (n_different < e->n)
        fet_context_note(c,
                         is_coarse ? "%lld of %lld rows equal an earlier one: the table is coarse, "
                                     "equal rows count as different cases."
                                   : "%lld of %lld rows equal an earlier one: equal rows never "
                                     "fall on both sides of a split.",
                         (long long)(e->n - n_different), (long long)e->n);
    st = name_groups(e, items, is_coarse);
out:
    fet_text_deinit(&text);
    fet_free(items);
    return st;
}

/* ---- examples ---- */

static void free_rows(void *payload)
{
    struct fet_rows *rows = payload;
    if (rows == NULL) return;
    fet_sheet_free(rows->sheet);
    fet_free(rows);
}

/* "train.csv", "test_2024.csv": the word and then no letter. */
static bool is_named(const char *path, const char *word)
{
    const char *base = fet_path_base(path);
    const size_t n = strlen(word);
    if (strncasecmp(base, word, n) != 0) return false;
    const char next = base[n];
    return !((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'));
}

/* A folder with files for training and for testing has a split of its own. */
static bool has_layout(const struct fet_sheet *sheet)
{
    bool has_train = false, has_test = false;
    for (int i = 0; i < sheet->n_files; i++) {
        has_train = has_train || is_named(sheet->files[i].path, "train");
        has_test = has_test || is_named(sheet->files[i].path, "test");
    }
    return has_train && has_test;
}

static bool has_truth(const struct fet_truths *truths, int64_t row)
{
    if (truths->classes != NULL) return truths->classes[row] >= 0;
    return truths->numbers == NULL || truths->numbers[row] == truths->numbers[row];
}

enum { DECIMAL_BYTES = 32 };

/* printf follows the locale that the embedding program has set; a CSV file does not. */
static void print_decimal(double number, int n_digits, char out[DECIMAL_BYTES])
{
    fet_text_format(out, DECIMAL_BYTES, "%.*g", n_digits, number);
    for (char *s = out; *s != '\0'; s++)
        if (strchr("+-0123456789e", *s) == NULL) *s = '.';
}

/* The rows' numbers as labels, for reports: [n_rows] strings. Not for training, where labels are
 * counted. */
static fet_status label_numbers(struct fet_examples *e, const struct fet_rows *rows)
{
    if (rows->truths.numbers == NULL) return FET_OK;
    char(*labels)[DECIMAL_BYTES] = fet_arena_alloc(&e->arena, e->n, sizeof *labels);
    if (labels == NULL) return FET_FAIL_MEMORY("rows", e->n * DECIMAL_BYTES);
    for (int64_t i = 0; i < e->n; i++) {
        print_decimal(rows->truths.numbers[e->items[i].i_row], 15, labels[i]);
        e->items[i].label = labels[i];
    }
    return FET_OK;
}

/* One example for each row of the file that has a truth, or for each when none is known. */
static fet_status add_file(struct fet_examples *e, const struct fet_rows *rows,
                           const struct fet_sheet_plan *plan, const struct fet_sheet_file *file,
                           enum fet_split split)
{
    const size_t n_path = strlen(file->path) + 24;
    char *paths = fet_arena_alloc(&e->arena, file->n_rows, n_path);
    if (paths == NULL) return FET_FAIL_MEMORY("rows", file->n_rows * (int64_t)n_path);
    int64_t n_without = 0;
    for (int64_t i = 0; i < file->n_rows; i++) {
        const int64_t row = file->first_row + i;
        if (!has_truth(&rows->truths, row)) {
            n_without++;
            continue;
        }
        char *path = paths + (size_t)i * n_path;
        fet_text_format(path, n_path, "%s:%lld", file->path, (long long)file->lines[i]);
        const char *label =
            rows->truths.classes != NULL ? plan->classes[rows->truths.classes[row]] : NULL;
        e->items[e->n++] =
            (struct fet_example){.path = path, .label = label, .split = split, .i_row = row};
    }
    if (n_without == 0) return FET_OK;
    fet_text_add(&e->ignored, "%s: %lld rows without a value in '%s'\n", file->path,
                 (long long)n_without, plan->target);
    e->n_ignored += n_without;
    return fet_text_status(&e->ignored, "rows");
}

static fet_status make_examples(const struct fet_rows *rows, const struct fet_sheet_plan *plan,
                                const struct fet_context *c, struct fet_examples *e)
{
    const struct fet_sheet *sheet = rows->sheet;
    const bool is_split = has_layout(sheet);
    e->layout = is_split             ? "CSV files for training and testing"
                : sheet->n_files > 1 ? "a folder of CSV files"
                                     : "one CSV file";
    e->items = fet_arena_alloc(&e->arena, sheet->n_rows, sizeof *e->items);
    if (e->items == NULL) return FET_FAIL_MEMORY("rows", sheet->n_rows * 72);
    for (int i = 0; i < sheet->n_files; i++) {
        const char *path = sheet->files[i].path;
        const enum fet_split split = !is_split                ? FET_SPLIT_NONE
                                     : is_named(path, "test") ? FET_SPLIT_TEST
                                                              : FET_SPLIT_FIT;
        FET_TRY(add_file(e, rows, plan, &sheet->files[i], split));
    }
    return set_keys(e, rows, plan->n_columns, c);
}

/* The sheet becomes the payload; it is taken, also on failure. */
static fet_status add_payload(struct fet_examples *e, struct fet_sheet *sheet,
                              struct fet_rows **rows)
{
    struct fet_rows *made = fet_alloc(1, sizeof *made);
    if (made == NULL) {
        fet_sheet_free(sheet);
        return FET_FAIL_MEMORY("rows", sizeof *made);
    }
    made->sheet = sheet;
    e->payload = made;
    e->payload_free = free_rows;
    *rows = made;
    return FET_OK;
}

/* Hands the examples over, or frees them when something failed. */
static fet_status finish(fet_status st, struct fet_examples *made, struct fet_examples *e)
{
    if (st != FET_OK)
        fet_examples_deinit(made);
    else
        *e = *made;
    return st;
}

static fet_status set_root(struct fet_examples *e, const char *path)
{
    e->root = fet_arena_strdup(&e->arena, path);
    return e->root != NULL ? FET_OK : FET_FAIL_MEMORY("rows", strlen(path));
}

static fet_status read_training(const char *path, const struct fet_settings *settings,
                                const struct fet_context *c, struct fet_examples *e)
{
    struct fet_sheet *sheet = NULL;
    struct fet_rows *rows = NULL;
    FET_TRY(set_root(e, path));
    FET_TRY(fet_sheet_read(&path, 1, NULL, c, &sheet));
    FET_TRY(add_payload(e, sheet, &rows));
    FET_TRY(fet_sheet_plan_make(sheet, settings, c, &e->arena, &rows->plan));
    struct fet_sheet_wish wish;
    FET_TRY(fet_sheet_plan_wish(&rows->plan, true, &e->arena, &wish));
    FET_TRY(fet_sheet_arrange(sheet, wish.names, wish.n));
    FET_TRY(
        fet_sheet_plan_truths(&rows->plan, sheet, rows->plan.n_columns, &e->arena, &rows->truths));
    return make_examples(rows, &rows->plan, c, e);
}

fet_status fet_rows_read(const char *path, const struct fet_settings *settings,
                         const struct fet_context *c, struct fet_examples *e)
{
    struct fet_examples made = {0};
    return finish(read_training(path, settings, c, &made), &made, e);
}

static fet_status read_with_plan(const struct fet_sheet_plan *plan, const char *const *paths,
                                 int64_t n_paths, bool has_target, const struct fet_context *c,
                                 struct fet_examples *e)
{
    struct fet_sheet *sheet = NULL;
    struct fet_rows *rows = NULL;
    struct fet_sheet_wish wish;
    FET_TRY(set_root(e, n_paths == 1 ? paths[0] : ""));
    FET_TRY(fet_sheet_plan_wish(plan, has_target, &e->arena, &wish));
    FET_TRY(fet_sheet_read(paths, n_paths, &wish, c, &sheet));
    FET_TRY(add_payload(e, sheet, &rows));
    if (has_target)
        FET_TRY(fet_sheet_plan_truths(plan, sheet, plan->n_columns, &e->arena, &rows->truths));
    FET_TRY(make_examples(rows, plan, c, e));
    return label_numbers(e, rows);
}

fet_status fet_rows_read_test(const struct fet_sheet_plan *plan, const char *path,
                              const struct fet_context *c, struct fet_examples *e)
{
    struct fet_examples made = {0};
    return finish(read_with_plan(plan, &path, 1, true, c, &made), &made, e);
}

fet_status fet_rows_read_inputs(const struct fet_sheet_plan *plan, const char *const *paths,
                                int64_t n_paths, const struct fet_context *c,
                                struct fet_examples *e)
{
    struct fet_examples made = {0};
    return finish(read_with_plan(plan, paths, n_paths, false, c, &made), &made, e);
}

/* ---- one row as bytes ---- */

/* Always in quotes, so that no text can be taken for a separator; inner quotes are doubled. */
static void add_quoted(struct fet_text *t, const char *s)
{
    fet_text_add_bytes(t, "\"", 1);
    for (; *s != '\0'; s++) fet_text_add_bytes(t, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    fet_text_add_bytes(t, "\"", 1);
}

static void print_cell(const struct fet_column *column, int64_t row, struct fet_text *t)
{
    char text[DECIMAL_BYTES];
    if (fet_sheet_is_missing(column, row)) {
        fet_text_add_string(t, "NA");
    } else if (column->type == FET_COLUMN_TEXT) {
        add_quoted(t, column->levels[column->codes[row]]);
    } else {
        print_decimal(column->numbers[row], 17, text);
        fet_text_add_string(t, text);
    }
}

fet_status fet_rows_print(const struct fet_sheet_plan *plan, const struct fet_rows *rows,
                          int64_t row, uint8_t **bytes, size_t *n)
{
    struct fet_text t = {0};
    for (int i = 0; i < plan->n_columns; i++) {
        if (i > 0) fet_text_add_bytes(&t, ",", 1);
        add_quoted(&t, plan->columns[i]);
    }
    for (int i = 0; i < plan->n_columns; i++) {
        fet_text_add_bytes(&t, i > 0 ? "," : "\n", 1);
        print_cell(&rows->sheet->columns[i], row, &t);
    }
    fet_text_add_bytes(&t, "\n", 1);
    const size_t length = t.n;
    const fet_status st = fet_text_status(&t, "row");
    if (st != FET_OK) {
        fet_text_deinit(&t);
        return st;
    }
    *bytes = (uint8_t *)fet_text_take(&t);
    *n = length;
    return FET_OK;
}

static fet_status parse_one(const struct fet_sheet_plan *plan, const void *bytes, size_t n,
                            const char *name, struct fet_examples *e)
{
    struct fet_sheet *sheet = NULL;
    struct fet_rows *rows = NULL;
    struct fet_sheet_wish wish;
    FET_TRY(set_root(e, name));
    FET_TRY(fet_sheet_plan_wish(plan, false, &e->arena, &wish));
    FET_TRY(fet_sheet_parse(bytes, n, name, &wish, &sheet));
    FET_TRY(add_payload(e, sheet, &rows));
    if (sheet->n_rows != 1)
        return FET_FAIL(FET_DATA, "%s: wanted one row below the names, found %lld", name,
                        (long long)sheet->n_rows);
    return make_examples(rows, plan, NULL, e);
}

fet_status fet_rows_parse(const struct fet_sheet_plan *plan, const void *bytes, size_t n,
                          const char *name, struct fet_examples *e)
{
    struct fet_examples made = {0};
    return finish(parse_one(plan, bytes, n, name, &made), &made, e);
}
