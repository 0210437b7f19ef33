/* What was found, as a table of at most 72 columns: labels down, splits across. */
#include "examples.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROWS = 16,   /* labels; more are summed up */
    MAX_LABEL = 28,  /* columns of a label */
    MAX_LINE = 72,   /* columns of an ignored line */
    MAX_IGNORED = 4, /* ignored lines; more are counted */
    N_SPLITS = FET_SPLIT_TEST + 1
};

struct row {
    const char *label; /* NULL = unlabelled */
    bool is_good;
    int64_t counts[N_SPLITS], total;
};

struct rows {
    struct row *items; /* owned [n] */
    int64_t n;
    struct row sum;
    int64_t n_masks;
};

static int label_compare(const void *a, const void *b)
{
    const struct fet_example *x = *(const struct fet_example *const *)a;
    const struct fet_example *y = *(const struct fet_example *const *)b;
    if ((x->label == NULL) != (y->label == NULL)) return x->label == NULL ? 1 : -1;
    return x->label == NULL ? 0 : strcmp(x->label, y->label);
}

/* Good first, unlabelled last, else by name. */
static int row_compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->is_good != y->is_good) return x->is_good ? -1 : 1;
    if ((x->label == NULL) != (y->label == NULL)) return x->label == NULL ? 1 : -1;
    return x->label == NULL ? 0 : strcmp(x->label, y->label);
}

/* Good first, then the most frequent. */
static int row_compare_size(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->is_good != y->is_good) return x->is_good ? -1 : 1;
    if (x->total != y->total) return x->total > y->total ? -1 : 1;
    return row_compare(a, b);
}

static void row_count(struct row *row, const struct fet_example *x)
{
    row->counts[x->split]++;
    row->total++;
}

static fet_status rows_init(const struct fet_examples *e, struct rows *rows)
{
    const struct fet_example **sorted = fet_alloc(e->n, sizeof *sorted);
    rows->items = fet_alloc(e->n, sizeof *rows->items);
    if (sorted == NULL || rows->items == NULL) {
        fet_free(sorted);
        fet_free(rows->items);
        return FET_FAIL_MEMORY("description", e->n * (int64_t)sizeof *rows->items);
    }
    for (int64_t i = 0; i < e->n; i++) sorted[i] = &e->items[i];
    qsort(sorted, (size_t)e->n, sizeof *sorted, label_compare);
    for (int64_t i = 0; i < e->n; i++) {
        const struct fet_example *x = sorted[i];
        if (i == 0 || label_compare(&sorted[i - 1], &sorted[i]) != 0)
            rows->items[rows->n++] = (struct row){.label = x->label};
        struct row *row = &rows->items[rows->n - 1];
        row->is_good = row->is_good || x->truth == FET_TRUTH_GOOD;
        row_count(row, x);
        row_count(&rows->sum, x);
        rows->n_masks += x->mask_path != NULL;
    }
    fet_free(sorted);
    qsort(rows->items, (size_t)rows->n, sizeof *rows->items, row_compare);
    return FET_OK;
}

/* More rows than fit: the most frequent stay, the others become one. */
static void rows_shorten(struct rows *rows, char others[MAX_LABEL])
{
    if (rows->n <= MAX_ROWS) return;
    qsort(rows->items, (size_t)rows->n, sizeof *rows->items, row_compare_size);
    fet_text_format(others, MAX_LABEL, "%lld others", (long long)(rows->n - MAX_ROWS + 1));
    struct row rest = {.label = others};
    for (int64_t i = MAX_ROWS - 1; i < rows->n; i++) {
        for (int s = 0; s < N_SPLITS; s++) rest.counts[s] += rows->items[i].counts[s];
        rest.total += rows->items[i].total;
    }
    rows->n = MAX_ROWS - 1;
    qsort(rows->items, (size_t)rows->n, sizeof *rows->items, row_compare);
    rows->items[rows->n++] = rest;
}

/* ---- printing ---- */

/* The first n_max characters of s (UTF-8), control characters as '?', an ellipsis if cut; padded
 * with blanks to width. */
static void add_cut(struct fet_text *t, const char *s, int n_max, int width)
{
    int n = 0;
    for (const char *c = s; *c != '\0'; c++) n += ((unsigned char)*c & 0xC0) != 0x80;
    const int n_kept = n > n_max ? n_max - 1 : n;
    int n_shown = 0;
    for (; *s != '\0'; s++) {
        const bool is_start = ((unsigned char)*s & 0xC0) != 0x80;
        if (is_start && n_shown == n_kept) break;
        n_shown += is_start;
        const char c = (unsigned char)*s < ' ' || *s == 127 ? '?' : *s;
        fet_text_add_bytes(t, &c, 1);
    }
    if (n > n_max) fet_text_add_string(t, "\u2026");
    for (int k = n > n_max ? n_max : n; k < width; k++) fet_text_add_string(t, " ");
}

static int count_width(const char *s, int n_max)
{
    int n = 0;
    for (; *s != '\0'; s++) n += ((unsigned char)*s & 0xC0) != 0x80;
    return n < n_max ? n : n_max;
}

static int column_width(const char *title, int64_t largest)
{
    char number[24];
    fet_text_format(number, sizeof number, "%lld", (long long)largest);
    const size_t a = strlen(title), b = strlen(number);
    return (int)(a > b ? a : b);
}

static void add_count(struct fet_text *t, int64_t count, int width)
{
    if (count == 0)
        fet_text_add(t, "  %*s", width, "-");
    else
        fet_text_add(t, "  %*lld", width, (long long)count);
}

static const char *label_of(const struct row *row)
{
    return row->label != NULL ? row->label : "unlabelled";
}

static void add_row(struct fet_text *t, const char *label, const struct row *row,
                    const struct row *sum, int label_width, bool has_total)
{
    fet_text_add_string(t, "  ");
    add_cut(t, label, MAX_LABEL, label_width);
    for (int s = 0; s < N_SPLITS; s++) {
        const char *title = s == FET_SPLIT_NONE ? "not split" : fet_split_name((enum fet_split)s);
        if (sum->counts[s] == 0) continue;
        const int width = column_width(title, sum->counts[s]);
        if (row == NULL)
            fet_text_add(t, "  %*s", width, title);
        else
            add_count(t, row->counts[s], width);
    }
    if (has_total && row == NULL)
        fet_text_add(t, "  %*s", column_width("total", sum->total), "total");
    else if (has_total)
        add_count(t, row->total, column_width("total", sum->total));
    fet_text_add_string(t, "\n");
}

static void add_table(struct fet_text *t, const struct rows *rows)
{
    int width = (int)strlen("label"), n_splits = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        const int w = count_width(label_of(&rows->items[i]), MAX_LABEL);
        width = w > width ? w : width;
    }
    for (int s = 0; s < N_SPLITS; s++) n_splits += rows->sum.counts[s] > 0;
    add_row(t, "label", NULL, &rows->sum, width, n_splits > 1);
    for (int64_t i = 0; i < rows->n; i++)
        add_row(t, label_of(&rows->items[i]), &rows->items[i], &rows->sum, width, n_splits > 1);
    if (rows->n > 1) add_row(t, "total", &rows->sum, &rows->sum, width, n_splits > 1);
}

static void add_ignored(struct fet_text *t, const struct fet_examples *e)
{
    if (e->n_ignored == 0) return;
    fet_text_add(t, "  %lld ignored:\n", (long long)e->n_ignored);
    const char *line = fet_text_get(&e->ignored);
    int n = 0;
    for (; *line != '\0' && n < MAX_IGNORED; n++) {
        const size_t length = strcspn(line, "\n");
        char one[4 * MAX_LINE + 1];
        fet_text_format(one, sizeof one, "%.*s", (int)length, line);
        fet_text_add_string(t, "    ");
        add_cut(t, one, MAX_LINE, 0);
        fet_text_add_string(t, "\n");
        line += length + (line[length] == '\n');
    }
    if (n < e->n_ignored) fet_text_add(t, "    and %lld more\n", (long long)(e->n_ignored - n));
}

fet_status fet_examples_describe(const struct fet_examples *e, struct fet_text *text)
{
    struct rows rows = {0};
    char others[MAX_LABEL];
    FET_TRY(rows_init(e, &rows));
    rows_shorten(&rows, others);
    if (e->layout != NULL) {
        add_cut(text, e->layout, MAX_LINE, 0);
        fet_text_add_string(text, "\n");
    }
    if (rows.sum.total > 0) add_table(text, &rows);
    if (fet_examples_folds(e) > 0)
        fet_text_add(
            text,
            "  in %d folds: all to fit calibrate, too, each judged by a model of the others\n",
            fet_examples_folds(e));
    if (rows.n_masks > 0)
        fet_text_add(text, "  %lld with a mask of the defect\n", (long long)rows.n_masks);
    add_ignored(text, e);
    fet_free(rows.items);
    /* A block of lines, not ended by one more line break. */
    if (text->n > 0 && !text->has_failed && text->s[text->n - 1] == '\n') text->s[--text->n] = '\0';
    return fet_text_status(text, "description");
}
