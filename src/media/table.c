/* A CSV file to typed columns. Two scans over the bytes: the survey counts rows, checks every row's
 * length and decides each column's type; the fill then writes into memory of exactly the right
 * size. That is cheaper than keeping cells until their column's type is known, and lets the limits
 * speak before anything large is allocated.
 *
 * Beyond RFC 4180: blanks around a cell are dropped unless they are inside quotes, empty lines are
 * skipped, a lone CR ends a row, and a quote inside an unquoted cell is an ordinary character.
 *
 * Read in this order: cells, survey, fill; table_levels.h for the texts, decimal.h for the numbers.
 */
#include "table.h"

#include "decimal.h"
#include "table_levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- cells ---- */

struct reader {
    const uint8_t *at, *end;
    const char *name; /* of the file, for sentences */
    int64_t line;     /* where `at` is, counted from 1 */
    uint8_t separator;
};

struct cell {
    const uint8_t *s; /* into the file, without quotes and outer blanks */
    int64_t n;
    bool is_escaped; /* holds "" pairs that each mean one quote */
};

static bool is_blank(const struct reader *r, uint8_t c)
{
    return c == ' ' || (c == '\t' && r->separator != '\t');
}

static bool is_cell_end(const struct reader *r, uint8_t c)
{
    return c == r->separator || c == '\n' || c == '\r';
}

/* Steps over what ends the cell: a separator, the end of the row or of the file. */
static bool step_over_end(struct reader *r)
{
    if (r->at == r->end) return true;
    const uint8_t c = *r->at++;
    if (c == r->separator) return false;
    if (c == '\r' && r->at < r->end && *r->at == '\n') r->at++;
    r->line++;
    return true;
}

/* `at` stands behind the opening quote. */
static fet_status take_quoted(struct reader *r, struct cell *cell)
{
    const int64_t first_line = r->line;
    *cell = (struct cell){.s = r->at};
    for (;;) {
        const uint8_t *quote = memchr(r->at, '"', (size_t)(r->end - r->at));
        if (quote == NULL)
            return FET_FAIL(FET_FORMAT, "%s line %lld: the quote that opens here is never closed",
                            r->name, (long long)first_line);
        for (const uint8_t *p = r->at; p < quote; p++)
            if (*p == '\n' || (*p == '\r' && p[1] != '\n')) r->line++;
        r->at = quote + 1;
        if (r->at == r->end || *r->at != '"') break;
        cell->is_escaped = true;
        r->at++;
    }
    cell->n = r->at - 1 - cell->s;
    while (r->at < r->end && is_blank(r, *r->at)) r->at++;
    if (r->at < r->end && !is_cell_end(r, *r->at))
        return FET_FAIL(FET_FORMAT,
                        "%s line %lld: wanted the end of the cell behind a closing "
                        "quote, found more text",
                        r->name, (long long)r->line);
    return FET_OK;
}

static fet_status take_cell(struct reader *r, struct cell *cell, bool *is_row_end)
{
    while (r->at < r->end && is_blank(r, *r->at)) r->at++;
    if (r->at < r->end && *r->at == '"') {
        r->at++;
        FET_TRY(take_quoted(r, cell));
    } else {
        const uint8_t *first = r->at;
        while (r->at < r->end && !is_cell_end(r, *r->at)) r->at++;
        const uint8_t *last = r->at;
        while (last > first && is_blank(r, last[-1])) last--;
        *cell = (struct cell){.s = first, .n = last - first};
    }
    *is_row_end = step_over_end(r);
    return FET_OK;
}

/* Is there another row? Empty lines are none. */
static bool has_row(struct reader *r)
{
    while (r->at < r->end && (*r->at == '\n' || *r->at == '\r')) (void)step_over_end(r);
    return r->at < r->end;
}

static fet_status count_cells(struct reader *r, int64_t *n_cells)
{
    bool is_row_end = false;
    int64_t n = 0;
    while (!is_row_end) {
        struct cell cell;
        FET_TRY(take_cell(r, &cell, &is_row_end));
        n++;
    }
    *n_cells = n;
    return FET_OK;
}

/* out has room for cell->n bytes; returns how many were written. */
static int64_t unescape(const struct cell *cell, char *out)
{
    if (!cell->is_escaped) {
        memcpy(out, cell->s, (size_t)cell->n);
        return cell->n;
    }
    int64_t n = 0;
    for (int64_t i = 0; i < cell->n; i++) {
        out[n++] = (char)cell->s[i];
        if (cell->s[i] == '"') i++;
    }
    return n;
}

/* Does the cell read word (lower case), ASCII case ignored? */
static bool is_word(const struct cell *cell, const char *word)
{
    for (int64_t i = 0; i < cell->n; i++) {
        const uint8_t c = cell->s[i];
        const uint8_t lower = (c >= 'A' && c <= 'Z') ? (uint8_t)(c + ('a' - 'A')) : c;
        if (lower != (uint8_t)word[i]) return false;
    }
    return true;
}

static bool is_missing(const struct cell *cell)
{
    switch (cell->n) {
    case 0:
        return true;
    case 1:
        return cell->s[0] == '?';
    case 2:
        return is_word(cell, "na");
    case 3:
        return is_word(cell, "nan") || is_word(cell, "n/a");
    case 4:
        return is_word(cell, "null") || is_word(cell, "none");
    default:
        return false;
    }
}

/* The separator that cuts the header into most cells while the next rows have as many; when none
 * agrees, the one that cuts the header into most, so that the sentence later names the odd row. */
static uint8_t guess_separator(const struct reader *start)
{
    enum { SAMPLE_ROWS = 20 };
    static const uint8_t candidates[] = {',', ';', '\t', '|'};
    uint8_t best = ',';
    int64_t best_cells = 1;
    bool best_agrees = false;
    for (size_t i = 0; i < sizeof candidates; i++) {
        struct reader r = *start;
        r.separator = candidates[i];
        int64_t n_header = 0;
        if (!has_row(&r) || count_cells(&r, &n_header) != FET_OK || n_header < 2) continue;
        bool agrees = true;
        for (int k = 0; k < SAMPLE_ROWS && agrees && has_row(&r); k++) {
            int64_t n = 0;
            agrees = count_cells(&r, &n) == FET_OK && n == n_header;
        }
        const bool is_better = agrees == best_agrees ? n_header > best_cells : agrees;
        if (!is_better) continue;
        best = candidates[i];
        best_cells = n_header;
        best_agrees = agrees;
    }
    return best;
}

/* ---- survey ---- */

/* What is known of a column while the table is built. */
struct draft {
    bool is_text;
    int64_t n_missing;
    double *numbers; /* arena */
    int32_t *codes;  /* arena */
    struct fet_levels levels;
};

struct builder {
    struct reader rows;      /* stands on the first data row */
    struct fet_table *table; /* what is being built */
    struct draft *drafts;    /* [n_columns] */
    int64_t max_escaped;     /* bytes of the longest cell with "" in it */
    char *scratch;           /* [max_escaped] */
    int64_t *lines;          /* [n_rows] */
};

static fet_status fail_row(const struct reader *r, int64_t line, int64_t found, int64_t wanted)
{
    return FET_FAIL(FET_FORMAT, "%s line %lld: wanted %lld cells as in the first row, found %lld",
                    r->name, (long long)line, (long long)wanted, (long long)found);
}

static fet_status survey_row(struct builder *b, struct reader *r)
{
    const int64_t line = r->line;
    bool is_row_end = false;
    for (int i = 0; i < b->table->n_columns; i++) {
        if (is_row_end) return fail_row(r, line, i, b->table->n_columns);
        struct cell cell;
        FET_TRY(take_cell(r, &cell, &is_row_end));
        struct draft *d = &b->drafts[i];
        if (is_missing(&cell))
            d->n_missing++;
        else if (!d->is_text)
            d->is_text = cell.is_escaped || !fet_decimal_is_finite(cell.s, cell.n);
        if (cell.is_escaped && cell.n > b->max_escaped) b->max_escaped = cell.n;
    }
    if (is_row_end) return FET_OK;
    int64_t n_more = 0;
    FET_TRY(count_cells(r, &n_more));
    return fail_row(r, line, b->table->n_columns + n_more, b->table->n_columns);
}

static fet_status survey(struct builder *b, int64_t max_rows)
{
    struct reader r = b->rows;
    while (has_row(&r)) {
        if (b->table->n_rows == max_rows)
            return FET_FAIL(FET_LIMIT, "%s: more than %lld rows", r.name, (long long)max_rows);
        FET_TRY(survey_row(b, &r));
        b->table->n_rows++;
    }
    return FET_OK;
}

static fet_status check_names(const struct fet_table *t, const char *name)
{
    fet_status st = FET_OK;
    const char **names = fet_alloc(t->n_columns, sizeof *names);
    if (names == NULL) return FET_FAIL_MEMORY(name, t->n_columns * (int64_t)sizeof *names);
    for (int i = 0; i < t->n_columns; i++) names[i] = t->columns[i].name;
    qsort(names, (size_t)t->n_columns, sizeof *names, fet_compare_texts);
    for (int i = 1; i < t->n_columns && st == FET_OK; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            st = FET_FAIL(FET_FORMAT, "%s: two columns are named '%s'", name, names[i]);
    fet_free(names);
    return st;
}

static bool is_listed(const char *name, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

/* The first row: names and number of columns. Afterwards b->rows stands behind it. */
static fet_status take_header(struct builder *b, const struct fet_table_limits *limits)
{
    struct fet_table *t = b->table;
    struct reader count = b->rows;
    int64_t n_columns = 0;
    FET_TRY(count_cells(&count, &n_columns));
    if (n_columns > limits->max_columns)
        return FET_FAIL(FET_LIMIT, "%s: %lld columns, more than the limit of %d", b->rows.name,
                        (long long)n_columns, limits->max_columns);
    t->columns = fet_arena_alloc(&t->arena, n_columns, sizeof *t->columns);
    b->drafts = fet_alloc(n_columns, sizeof *b->drafts);
    if (t->columns == NULL || b->drafts == NULL)
        return FET_FAIL_MEMORY(b->rows.name, n_columns * (int64_t)sizeof *b->drafts);
    t->n_columns = (int)n_columns;
    bool is_row_end = false;
    for (int i = 0; i < t->n_columns; i++) {
        struct cell cell;
        FET_TRY(take_cell(&b->rows, &cell, &is_row_end));
        char *name = fet_arena_alloc(&t->arena, cell.n + 24, 1);
        if (name == NULL) return FET_FAIL_MEMORY(b->rows.name, cell.n + 24);
        if (cell.n == 0)
            fet_text_format(name, 24, "column %d", i + 1);
        else
            (void)unescape(&cell, name);
        t->columns[i].name = name;
        b->drafts[i].is_text = is_listed(name, limits->texts);
    }
    return check_names(t, b->rows.name);
}

/* ---- fill ---- */

static fet_status allocate(struct builder *b)
{
    struct fet_table *t = b->table;
    b->lines = fet_arena_alloc(&t->arena, t->n_rows, sizeof *b->lines);
    b->scratch = fet_alloc(b->max_escaped, 1);
    if (b->lines == NULL || b->scratch == NULL)
        return FET_FAIL_MEMORY(b->rows.name, t->n_rows * (int64_t)sizeof *b->lines);
    t->lines = b->lines;
    for (int i = 0; i < t->n_columns; i++) {
        struct draft *d = &b->drafts[i];
        if (d->is_text)
            d->codes = fet_arena_alloc(&t->arena, t->n_rows, sizeof *d->codes);
        else
            d->numbers = fet_arena_alloc(&t->arena, t->n_rows, sizeof *d->numbers);
        if (d->codes == NULL && d->numbers == NULL)
            return FET_FAIL_MEMORY(b->rows.name, t->n_rows * 8);
    }
    return FET_OK;
}

static fet_status fill_cell(struct builder *b, struct draft *d, const struct cell *cell,
                            int64_t row)
{
    if (!d->is_text) {
        d->numbers[row] = is_missing(cell) ? (double)NAN : fet_decimal_value(cell->s, cell->n);
        return FET_OK;
    }
    if (is_missing(cell)) {
        d->codes[row] = -1;
        return FET_OK;
    }
    if (!cell->is_escaped) return fet_levels_find(&d->levels, cell->s, cell->n, &d->codes[row]);
    const int64_t n = unescape(cell, b->scratch);
    return fet_levels_find(&d->levels, (const uint8_t *)b->scratch, n, &d->codes[row]);
}

static fet_status fill(struct builder *b)
{
    struct fet_table *t = b->table;
    struct reader r = b->rows;
    for (int64_t row = 0; row < t->n_rows; row++) {
        if (!has_row(&r)) return FET_FAIL(FET_INTERNAL, "%s: the table changed while read", r.name);
        b->lines[row] = r.line;
        for (int i = 0; i < t->n_columns; i++) {
            struct cell cell;
            bool is_row_end = false;
            FET_TRY(take_cell(&r, &cell, &is_row_end));
            FET_TRY(fill_cell(b, &b->drafts[i], &cell, row));
        }
    }
    for (int i = 0; i < t->n_columns; i++) {
        struct draft *d = &b->drafts[i];
        struct fet_column *column = &t->columns[i];
        column->type = d->is_text ? FET_COLUMN_TEXT : FET_COLUMN_NUMBER;
        column->n_missing = d->n_missing;
        column->numbers = d->numbers;
        column->codes = d->codes;
        if (d->is_text)
            FET_TRY(fet_levels_finish(&d->levels, &t->arena, d->codes, t->n_rows, &column->levels));
        column->n_levels = d->levels.n;
        fet_levels_deinit(&d->levels);
    }
    return FET_OK;
}

/* ---- the whole ---- */

/* The bytes must be text: UTF-8 without zero bytes. On failure says in which line. */
static fet_status check_text(const uint8_t *bytes, size_t n, const char *name)
{
    if (n >= 2 &&
        ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return FET_FAIL(FET_FORMAT, "%s: wanted UTF-8 text, found UTF-16", name);
    if (n == 0)
        return FET_FAIL(FET_FORMAT, "%s: is empty; wanted a first row of column names", name);
    const bool has_zero = memchr(bytes, 0, n) != NULL;
    if (!has_zero && fet_text_is_utf8((const char *)bytes, n)) return FET_OK;
    const uint8_t *at = bytes, *end = bytes + n;
    for (int64_t line = 1; at < end; line++) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        const size_t n_line = (size_t)((stop != NULL ? stop : end) - at);
        if (memchr(at, 0, n_line) != NULL)
            return FET_FAIL(FET_FORMAT, "%s line %lld: holds a zero byte; wanted UTF-8 text", name,
                            (long long)line);
        if (!fet_text_is_utf8((const char *)at, n_line))
            return FET_FAIL(FET_FORMAT, "%s line %lld: wanted UTF-8 text, found other bytes", name,
                            (long long)line);
        at += n_line + (stop != NULL ? 1 : 0);
    }
    return FET_FAIL(FET_FORMAT, "%s: wanted UTF-8 text, found other bytes", name);
}

static struct fet_table_limits full_limits(const struct fet_table_limits *given)
{
    struct fet_table_limits l = given != NULL ? *given : (struct fet_table_limits){0};
    if (l.max_bytes <= 0) l.max_bytes = (int64_t)4 << 30;
    if (l.max_rows <= 0) l.max_rows = 100000000;
    if (l.max_rows > INT32_MAX - 1) l.max_rows = INT32_MAX - 1; /* codes are int32_t */
    if (l.max_columns <= 0) l.max_columns = 10000;
    return l;
}

static fet_status build(struct builder *b, const struct fet_table_limits *limits)
{
    if (!has_row(&b->rows))
        return FET_FAIL(FET_FORMAT, "%s: is empty; wanted a first row of column names",
                        b->rows.name);
    b->rows.separator = guess_separator(&b->rows);
    FET_TRY(take_header(b, limits));
    FET_TRY(survey(b, limits->max_rows));
    FET_TRY(allocate(b));
    return fill(b);
}

fet_status fet_table_parse(const void *bytes, size_t n, const char *name,
                           const struct fet_table_limits *limits, struct fet_table *table)
{
    const struct fet_table_limits l = full_limits(limits);
    if (n > (uint64_t)l.max_bytes)
        return FET_FAIL(FET_LIMIT, "%s: %llu bytes, more than the limit of %lld", name,
                        (unsigned long long)n, (long long)l.max_bytes);
    const uint8_t *at = bytes;
    if (n >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
        n -= 3;
    }
    FET_TRY(check_text(at, n, name));
    struct fet_table built = {0};
    struct builder b = {.rows = {.at = at, .end = at + n, .name = name, .line = 1},
                        .table = &built};
    const fet_status st = build(&b, &l);
    for (int i = 0; b.drafts != NULL && i < built.n_columns; i++)
        fet_levels_deinit(&b.drafts[i].levels);
    fet_free(b.drafts);
    fet_free(b.scratch);
    if (st != FET_OK) {
        fet_table_deinit(&built);
        return st;
    }
    *table = built;
    return FET_OK;
}

fet_status fet_table_read(const char *path, const struct fet_table_limits *limits,
                          struct fet_table *table)
{
    const struct fet_table_limits l = full_limits(limits);
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_file_read(path, l.max_bytes, &bytes, &n));
    const fet_status st = fet_table_parse(bytes, n, path, &l, table);
    fet_free(bytes);
    return st;
}

void fet_table_deinit(struct fet_table *table)
{
    if (table == NULL) return;
    fet_arena_deinit(&table->arena);
    *table = (struct fet_table){0};
}

int fet_table_find(const struct fet_table *table, const char *name)
{
    for (int i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0) return i;
    return -1;
}
