/* Three kinds of columns are left out:
 *
 *   constant    one value throughout: nothing to learn
 *   counter     another value in every row, as serial numbers and names have: nothing that repeats
 *   give-away   says the target in other words, and will not be known when the model is used
 *
 * Chance can make a column look like one of the last two. Each test therefore asks how likely that
 * is, and finds only what has a probability below one in a million per column:
 *
 *   counter     n whole numbers drawn from a range of R are all different with probability about
 *               exp(-n^2 / 2R) (the birthday problem)
 *   recoding    the values of a column go one to one with the classes; a value with k rows has them
 *               all in one class of share p with probability p^(k-1)
 *   sorting     two columns put d different values into the same order with probability 2 / d!
 *   breakdown   several two-valued columns each imply one and the same class, and together cover
 *               nearly all of it: parts of the target (one kind of fault each), or one-hot columns
 *               beside it; k rows are pure with probability p^k
 *
 * Kaufman, Rosset & Perlich 2011, "Leakage in data mining: formulation, detection, and avoidance",
 * on why such columns must go. */
#include "audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_ROWS = 20 };
static const double log_chance = -13.8;     /* ln 1e-6 */
static const double breakdown_share = 0.95; /* of the class that the parts cover */

enum finding { FINDING_NONE, FINDING_CONSTANT, FINDING_COUNTER, FINDING_GIVE_AWAY };

struct audit {
    const struct fet_sheet *sheet;
    const struct fet_audit_target *target;
    const enum fet_audit_mark *marks;
    struct fet_arena *arena;
    const char **reasons;   /* [n_columns] */
    enum finding *findings; /* [n_columns] */
    int64_t n_known;        /* rows with a target */
    int64_t *n_of;          /* [n_classes] known rows */
    double *log_share;      /* [n_classes] of the known rows */
    double limit;           /* ln of the probability below which something is found */
};

static fet_status find(struct audit *a, int i_column, enum finding finding, const char *format, ...)
    FET_PRINTF(4, 5);
static fet_status find(struct audit *a, int i_column, enum finding finding, const char *format, ...)
{
    char sentence[256];
    va_list args;
    va_start(args, format);
    fet_text_format_list(sentence, sizeof sentence, format, args);
    va_end(args);
    a->reasons[i_column] = fet_arena_strdup(a->arena, sentence);
    if (a->reasons[i_column] == NULL) return FET_FAIL_MEMORY("audit", sizeof sentence);
    a->findings[i_column] = finding;
    return FET_OK;
}

static bool is_known(const struct audit *a, int64_t row)
{
    const struct fet_audit_target *t = a->target;
    return t->classes != NULL ? t->classes[row] >= 0 : !isnan(t->numbers[row]);
}

/* ---- values of a column that has few ---- */

struct values {
    const struct fet_column *column;
    double *numbers; /* sorted; only for numbers */
    int n;           /* different present values; limit + 1 when there are more */
};

/* numbers has room for limit + 1. */
static struct values list_values(const struct fet_column *column, int64_t n_rows, int limit,
                                 double *numbers)
{
    struct values v = {.column = column, .numbers = numbers};
    if (column->type == FET_COLUMN_TEXT) {
        v.n = column->n_levels <= limit ? (int)column->n_levels : limit + 1;
        return v;
    }
    v.n = fet_sheet_list_numbers(column, n_rows, limit, numbers);
    return v;
}

/* The index of a row's value, n for missing. */
static int value_of(const struct values *v, int64_t row)
{
    if (fet_sheet_is_missing(v->column, row)) return v->n;
    if (v->column->type == FET_COLUMN_TEXT) return v->column->codes[row];
    const double *found = bsearch(&v->column->numbers[row], v->numbers, (size_t)v->n,
                                  sizeof *v->numbers, fet_compare_reals);
    return (int)(found - v->numbers);
}

/* ---- constant, counter ---- */

static bool is_constant(const struct fet_column *column, int64_t n_rows)
{
    if (column->n_missing == n_rows) return true;
    double numbers[2];
    return column->n_missing == 0 && list_values(column, n_rows, 1, numbers).n == 1;
}

/* All whole numbers, all different, closer together than chance allows. */
static fet_status is_counter(const struct audit *a, const struct fet_column *column, bool *is_found)
{
    const int64_t n = a->sheet->n_rows;
    double low = INFINITY, high = -INFINITY;
    *is_found = false;
    if (n < MIN_ROWS || column->n_missing > 0) return FET_OK;
    for (int64_t row = 0; row < n; row++) {
        const double x = column->numbers[row];
        if (x != floor(x)) return FET_OK;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    const double range = high - low + 1;
    if (range < (double)n || -(double)n * (double)n / (2 * range) > a->limit) return FET_OK;
    double *sorted = fet_alloc(n, sizeof *sorted);
    if (sorted == NULL) return FET_FAIL_MEMORY("audit", n * (int64_t)sizeof *sorted);
    memcpy(sorted, column->numbers, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, fet_compare_reals);
    bool is_different = true;
    for (int64_t i = 1; i < n && is_different; i++) is_different = sorted[i] > sorted[i - 1];
    fet_free(sorted);
    *is_found = is_different;
    return FET_OK;
}

static fet_status look_at_values(struct audit *a, int i)
{
    const struct fet_column *column = &a->sheet->columns[i];
    const int64_t n_present = a->sheet->n_rows - column->n_missing;
    bool is_found = false;
    if (is_constant(column, a->sheet->n_rows))
        return find(a, i, FINDING_CONSTANT, "has one value throughout");
    if (column->type == FET_COLUMN_TEXT) {
        if (n_present < MIN_ROWS || 10 * column->n_levels < 9 * n_present) return FET_OK;
        return find(a, i, FINDING_COUNTER,
                    "has a text of its own in nearly every row, as names do");
    }
    FET_TRY(is_counter(a, column, &is_found));
    if (!is_found) return FET_OK;
    return find(a, i, FINDING_COUNTER, "counts the rows, as serial numbers do");
}

/* ---- the target in other words ---- */

/* Do the column's values (missing is one) and the classes go one to one? */
static fet_status look_for_recoding(struct audit *a, int i)
{
    const struct fet_audit_target *t = a->target;
    const int k = t->n_classes;
    fet_status st = FET_OK;
    double *numbers = fet_alloc(k + 1, sizeof *numbers), log_p = 0;
    int *class_of = fet_alloc(k + 2, sizeof *class_of),
        *value_for = fet_alloc(k, sizeof *value_for);
    if (numbers == NULL || class_of == NULL || value_for == NULL) {
        st = FET_FAIL_MEMORY("audit", k * 16);
        goto out;
    }
    const struct values v = list_values(&a->sheet->columns[i], a->sheet->n_rows, k, numbers);
    if (v.n > k) goto out;
    for (int j = 0; j <= v.n; j++) class_of[j] = -1;
    for (int c = 0; c < k; c++) value_for[c] = -1;
    for (int64_t row = 0; row < a->sheet->n_rows; row++) {
        const int32_t c = t->classes[row];
        if (c < 0) continue;
        const int j = value_of(&v, row);
        if (class_of[j] < 0) class_of[j] = c;
        if (value_for[c] < 0) value_for[c] = j;
        if (class_of[j] != c || value_for[c] != j) goto out;
    }
    for (int c = 0; c < k; c++)
        if (a->n_of[c] > 0) log_p += (double)(a->n_of[c] - 1) * a->log_share[c];
    if (log_p < a->limit)
        st = find(a, i, FINDING_GIVE_AWAY,
                  "is the target in other words: each of its values goes "
                  "with one class, and each class with one value");
out:
    fet_free(numbers);
    fet_free(class_of);
    fet_free(value_for);
    return st;
}

/* Rows i and j in the order of x: 1 and -1 = y has the same or the opposite one, 0 = x and y are
 * both equal, 2 = neither. */
static int agreement(const double *x, const double *y, int64_t i, int64_t j)
{
    const int dx = (x[i] > x[j]) - (x[i] < x[j]), dy = (y[i] > y[j]) - (y[i] < y[j]);
    return (dx == 0) != (dy == 0) ? 2 : dx * dy;
}

static int compare_rows(const void *a, const void *b, void *self)
{
    const double *x = self;
    return fet_compare_reals(&x[*(const int64_t *)a], &x[*(const int64_t *)b]);
}

/* Do the rows' neighbours all agree in the same direction? n_different counts steps of x. */
static bool is_monotone(const double *x, const double *y, const int64_t *rows, int64_t n,
                        int64_t *n_different)
{
    int direction = 0;
    *n_different = 1;
    for (int64_t i = 1; i < n; i++) {
        const int step = agreement(x, y, rows[i], rows[i - 1]);
        if (step == 2 || step * direction < 0) return false;
        if (step != 0) direction = step;
        *n_different += step != 0;
    }
    return direction != 0;
}

/* Does the column sort the rows exactly as the target does? (The same number in another unit.) */
static fet_status look_for_sorting(struct audit *a, int i)
{
    const struct fet_column *column = &a->sheet->columns[i];
    const double *x = column->numbers, *y = a->target->numbers;
    if (column->type != FET_COLUMN_NUMBER || column->n_missing > 0) return FET_OK;
    fet_status st = FET_OK;
    int64_t n = 0, n_different = 0;
    void *order = NULL;
    int64_t *rows = fet_alloc(a->n_known, sizeof *rows);
    if (rows == NULL) return FET_FAIL_MEMORY("audit", a->n_known * 8);
    for (int64_t row = 0; row < a->sheet->n_rows; row++)
        if (is_known(a, row)) rows[n++] = row;
    /* Neighbours in the file are a first, cheap test that nearly every column fails at once. */
    if (!is_monotone(x, y, rows, n, &n_different)) goto out;
    memcpy(&order, &x, sizeof order); /* qsort_r's argument is not const; it is only read */
    qsort_r(rows, (size_t)n, sizeof *rows, compare_rows, order);
    if (is_monotone(x, y, rows, n, &n_different) &&
        log(2) - lgamma((double)n_different + 1) < a->limit)
        st = find(a, i, FINDING_GIVE_AWAY,
                  "is the target in other words: it sorts the rows exactly "
                  "as the target does");
out:
    fet_free(rows);
    return st;
}

/* ---- the target in parts ---- */

/* classes[0..1]: the class that each of the column's two values implies in every known row, beyond
 * chance, or -1. */
static struct values look_for_parts(const struct audit *a, int i, double numbers[3], int classes[2])
{
    const struct fet_audit_target *t = a->target;
    const struct fet_column *column = &a->sheet->columns[i];
    int64_t n[2] = {0};
    classes[0] = classes[1] = -1;
    const struct values v = list_values(column, a->sheet->n_rows, 2, numbers);
    if (v.n != 2 || column->n_missing > 0) return v;
    bool is_pure[2] = {true, true};
    for (int64_t row = 0; row < a->sheet->n_rows && (is_pure[0] || is_pure[1]); row++) {
        const int32_t c = t->classes[row];
        if (c < 0) continue;
        const int j = value_of(&v, row);
        if (n[j]++ == 0) classes[j] = c;
        is_pure[j] = is_pure[j] && classes[j] == c;
    }
    for (int j = 0; j < 2; j++)
        if (n[j] == 0 || !is_pure[j] || (double)n[j] * a->log_share[classes[j]] > a->limit)
            classes[j] = -1;
    return v;
}

/* One two-valued column that implies a class. */
struct part {
    int i_column, value, class;
    struct values values;
    double numbers[3];
};

static fet_status name_breakdown(struct audit *a, const struct part *parts, int n, int class)
{
    int64_t n_covered = 0;
    int n_parts = 0;
    for (int p = 0; p < n; p++) n_parts += parts[p].class == class;
    if (n_parts < 2) return FET_OK;
    for (int64_t row = 0; row < a->sheet->n_rows; row++) {
        bool is_covered = false;
        if (a->target->classes[row] != class) continue;
        for (int p = 0; p < n && !is_covered; p++)
            is_covered =
                parts[p].class == class && value_of(&parts[p].values, row) == parts[p].value;
        n_covered += is_covered;
    }
    if ((double)n_covered < breakdown_share * (double)a->n_of[class]) return FET_OK;
    for (int p = 0; p < n; p++)
        if (parts[p].class == class && a->findings[parts[p].i_column] == FINDING_NONE)
            FET_TRY(find(a, parts[p].i_column, FINDING_GIVE_AWAY,
                         "is one of %d columns that take the target apart: each implies '%.60s' "
                         "without exception, together they cover %.0f %% of it",
                         n_parts, a->target->class_names[class],
                         100 * (double)n_covered / (double)a->n_of[class]));
    return FET_OK;
}

static fet_status look_for_breakdown(struct audit *a)
{
    const int n_columns = a->sheet->n_columns;
    struct part *parts = fet_alloc(2 * (int64_t)n_columns, sizeof *parts);
    if (parts == NULL) return FET_FAIL_MEMORY("audit", n_columns * (int64_t)sizeof *parts);
    int n = 0;
    for (int i = 0; i < n_columns; i++) {
        if (a->marks[i] != FET_AUDIT_OPEN || a->findings[i] != FINDING_NONE) continue;
        double numbers[3] = {0};
        int classes[2];
        const struct values v = look_for_parts(a, i, numbers, classes);
        for (int j = 0; j < 2; j++) {
            if (classes[j] < 0) continue;
            struct part *part = &parts[n++];
            *part = (struct part){.i_column = i, .value = j, .class = classes[j], .values = v};
            memcpy(part->numbers, numbers, sizeof numbers);
            part->values.numbers = part->numbers;
        }
    }
    fet_status st = FET_OK;
    for (int c = 0; c < a->target->n_classes && st == FET_OK; c++)
        st = name_breakdown(a, parts, n, c);
    fet_free(parts);
    return st;
}

/* ---- the whole ---- */

static fet_status count_classes(struct audit *a)
{
    const int k = a->target->n_classes;
    const int64_t n_rows = a->sheet->n_rows;
    a->findings = fet_arena_alloc(a->arena, a->sheet->n_columns, sizeof *a->findings);
    a->n_of = fet_arena_alloc(a->arena, k, sizeof *a->n_of);
    a->log_share = fet_arena_alloc(a->arena, k, sizeof *a->log_share);
    if (a->findings == NULL || a->n_of == NULL || a->log_share == NULL)
        return FET_FAIL_MEMORY("audit", a->sheet->n_columns);
    for (int64_t row = 0; row < n_rows; row++) {
        if (!is_known(a, row)) continue;
        a->n_known++;
        if (a->target->classes != NULL) a->n_of[a->target->classes[row]]++;
    }
    for (int c = 0; c < k; c++) a->log_share[c] = log((double)a->n_of[c] / (double)a->n_known);
    a->limit = log_chance - log((double)a->sheet->n_columns);
    return FET_OK;
}

static int count_left(const struct audit *a)
{
    int n = 0;
    for (int i = 0; i < a->sheet->n_columns; i++)
        n += a->marks[i] == FET_AUDIT_KEPT ||
             (a->marks[i] == FET_AUDIT_OPEN && a->findings[i] == FINDING_NONE);
    return n;
}

/* Takes findings of one kind back when they leave nothing to learn from. */
static bool take_back(struct audit *a, enum finding finding)
{
    bool has_taken = false;
    if (count_left(a) > 0) return false;
    for (int i = 0; i < a->sheet->n_columns; i++) {
        if (a->findings[i] != finding) continue;
        a->findings[i] = FINDING_NONE;
        a->reasons[i] = NULL;
        has_taken = true;
    }
    return has_taken;
}

fet_status fet_audit_run(const struct fet_sheet *sheet, const struct fet_audit_target *target,
                         const enum fet_audit_mark *marks, struct fet_arena *arena,
                         const char **reasons, bool *has_kept_leaks)
{
    struct audit a = {
        .sheet = sheet, .target = target, .marks = marks, .arena = arena, .reasons = reasons};
    FET_TRY(count_classes(&a));
    for (int i = 0; i < sheet->n_columns; i++) {
        reasons[i] = NULL;
        if (marks[i] != FET_AUDIT_OPEN) continue;
        FET_TRY(look_at_values(&a, i));
        if (a.findings[i] != FINDING_NONE) continue;
        FET_TRY(target->classes != NULL ? look_for_recoding(&a, i) : look_for_sorting(&a, i));
    }
    if (target->classes != NULL) FET_TRY(look_for_breakdown(&a));
    const bool has_leaks = take_back(&a, FINDING_GIVE_AWAY);
    const bool has_counters = take_back(&a, FINDING_COUNTER);
    *has_kept_leaks = has_leaks || has_counters;
    return FET_OK;
}
