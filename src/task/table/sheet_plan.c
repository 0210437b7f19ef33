#include "sheet_plan.h"

#include "audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MIN_ROWS = 20,     /* with a target: fewer cannot be split and judged */
    FEW_NUMBERS = 10,  /* different whole numbers that are read as classes */
    MIN_PER_CLASS = 5, /* rows, in the mean, for that */
    MAX_CLASSES = 1000
};

/* ---- the target ---- */

static fet_status fail_column(const struct fet_sheet *sheet, const char *name)
{
    struct fet_text names = {0};
    for (int i = 0; i < sheet->n_columns && i < 40; i++)
        fet_text_add(&names, "%s%s", i > 0 ? ", " : "", sheet->columns[i].name);
    if (sheet->n_columns > 40) fet_text_add_string(&names, ", ...");
    const fet_status st = FET_FAIL(FET_NOT_FOUND, "%s: no column '%s'; there are %s",
                                   sheet->files[0].path, name, fet_text_get(&names));
    fet_text_deinit(&names);
    return st;
}

static fet_status find_target(const struct fet_sheet *sheet, const struct fet_settings *settings,
                              const struct fet_context *c, int *i_target)
{
    const char *name = fet_settings_text(settings, "target");
    *i_target = name[0] != '\0' ? fet_sheet_find(sheet, name) : sheet->n_columns - 1;
    if (*i_target < 0) return fail_column(sheet, name);
    if (name[0] == '\0')
        fet_context_note(c, "The target is the last column, '%s'; --target names another one.",
                         sheet->columns[*i_target].name);
    return FET_OK;
}

static bool are_whole(const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (values[i] != floor(values[i]) || fabs(values[i]) > 1e15) return false;
    return true;
}

static fet_status set_text_classes(const struct fet_sheet *sheet, const struct fet_column *column,
                                   struct fet_sheet_plan *plan)
{
    const int64_t n_present = sheet->n_rows - column->n_missing;
    if (column->n_levels > MAX_CLASSES || 2 * column->n_levels > n_present)
        return FET_FAIL(
            FET_DATA,
            "%s: the target '%s' has %lld different texts in %lld rows; wanted numbers, "
            "or at most %d classes that repeat",
            sheet->files[0].path, column->name, (long long)column->n_levels, (long long)n_present,
            MAX_CLASSES);
    plan->n_classes = (int)column->n_levels;
    plan->classes = column->levels;
    return FET_OK;
}

static fet_status set_number_classes(const double *values, int n, struct fet_arena *arena,
                                     struct fet_sheet_plan *plan)
{
    const char **classes = fet_arena_alloc(arena, n, sizeof *classes);
    if (classes == NULL) return FET_FAIL_MEMORY("classes", n);
    for (int i = 0; i < n; i++) {
        char text[32];
        fet_text_format(text, sizeof text, "%.0f", values[i] == 0 ? 0 : values[i]);
        classes[i] = fet_arena_strdup(arena, text);
        if (classes[i] == NULL) return FET_FAIL_MEMORY("classes", n);
    }
    plan->n_classes = n;
    plan->classes = classes;
    return fet_sheet_plan_find_class_numbers(plan, arena);
}

/* Class or number? */
static fet_status decide_kind(const struct fet_sheet *sheet, const struct fet_column *column,
                              const char *kind, struct fet_arena *arena,
                              struct fet_sheet_plan *plan)
{
    const char *path = sheet->files[0].path;
    const int64_t n_present = sheet->n_rows - column->n_missing;
    const bool wants_number = strcmp(kind, "number") == 0, wants_class = strcmp(kind, "class") == 0;
    double values[MAX_CLASSES + 1];
    if (column->type == FET_COLUMN_TEXT && wants_number)
        return FET_FAIL(FET_DATA,
                        "%s: --kind number, but the target '%s' holds texts such as '%.60s'", path,
                        column->name, column->n_levels > 0 ? column->levels[0] : "");
    if (column->type == FET_COLUMN_TEXT) return set_text_classes(sheet, column, plan);
    if (wants_number) return FET_OK;
    const int n = fet_sheet_list_numbers(column, sheet->n_rows,
                                         wants_class ? MAX_CLASSES : FEW_NUMBERS, values);
    if (wants_class && (n > MAX_CLASSES || !are_whole(values, n)))
        return FET_FAIL(FET_DATA,
                        "%s: --kind class wants whole numbers, at most %d different ones, "
                        "in the target '%s'",
                        path, MAX_CLASSES, column->name);
    const bool is_class = wants_class || (n <= FEW_NUMBERS && are_whole(values, n) &&
                                          n_present >= (int64_t)MIN_PER_CLASS * n);
    return is_class ? set_number_classes(values, n, arena, plan) : FET_OK;
}

static fet_status check_target(const struct fet_sheet *sheet, const struct fet_column *column,
                               const struct fet_sheet_plan *plan)
{
    const char *path = sheet->files[0].path;
    const int64_t n_present = sheet->n_rows - column->n_missing;
    double values[2];
    if (n_present < MIN_ROWS)
        return FET_FAIL(FET_DATA, "%s: %lld rows with a target '%s'; wanted at least %d", path,
                        (long long)n_present, column->name, MIN_ROWS);
    const int n = plan->n_classes > 0 ? plan->n_classes
                                      : fet_sheet_list_numbers(column, sheet->n_rows, 1, values);
    if (n < 2)
        return FET_FAIL(FET_DATA, "%s: the target '%s' has one value throughout: nothing to learn",
                        path, column->name);
    return FET_OK;
}

static fet_status tell_kind(const struct fet_sheet_plan *plan, const struct fet_context *c)
{
    if (plan->n_classes == 0) {
        fet_context_note(c, "'%s' is learnt as a number.", plan->target);
        return FET_OK;
    }
    struct fet_text names = {0};
    for (int i = 0; i < plan->n_classes && i < 10; i++)
        fet_text_add(&names, "%s%s", i > 0 ? ", " : "", plan->classes[i]);
    fet_context_note(c, "'%s' is learnt as one of %d classes: %s%s.%s", plan->target,
                     plan->n_classes, fet_text_get(&names), plan->n_classes > 10 ? ", ..." : "",
                     plan->class_numbers != NULL ? " (--kind number would learn it as a number.)"
                                                 : "");
    const fet_status st = fet_text_status(&names, "note");
    fet_text_deinit(&names);
    return st;
}

/* ---- the other columns ---- */

static fet_status mark_listed(const struct fet_sheet *sheet, const struct fet_settings *settings,
                              const char *option, enum fet_audit_mark mark,
                              enum fet_audit_mark *marks)
{
    const char *const *names = NULL;
    const int64_t n = fet_settings_list(settings, option, &names);
    for (int64_t i = 0; i < n; i++) {
        const int k = fet_sheet_find(sheet, names[i]);
        if (k < 0) return fail_column(sheet, names[i]);
        marks[k] = mark;
    }
    return FET_OK;
}

/* Reasons that are alike are told in one note, with the names of their columns. */
static fet_status tell_outs(const struct fet_sheet_plan *plan, const struct fet_context *c)
{
    fet_status st = FET_OK;
    for (int i = 0; i < plan->n_outs && st == FET_OK; i++) {
        struct fet_text names = {0};
        bool is_first = true;
        int n = 0;
        for (int k = 0; k < plan->n_outs; k++) {
            if (strcmp(plan->reasons[i], plan->reasons[k]) != 0) continue;
            if (k < i) is_first = false;
            fet_text_add(&names, "%s'%s'", n++ > 0 ? ", " : "", plan->outs[k]);
        }
        if (is_first)
            fet_context_note(c, "Left out: %s%s %s. (--keep takes %s in.)", fet_text_get(&names),
                             n > 1 ? ": each" : "", plan->reasons[i], n > 1 ? "them" : "it");
        st = fet_text_status(&names, "note");
        fet_text_deinit(&names);
    }
    return st;
}

static fet_status list_columns(const struct fet_sheet *sheet, const enum fet_audit_mark *marks,
                               const char *const *reasons, struct fet_arena *arena,
                               struct fet_sheet_plan *plan)
{
    const char **columns = fet_arena_alloc(arena, sheet->n_columns, sizeof *columns);
    const char **outs = fet_arena_alloc(arena, sheet->n_columns, sizeof *outs);
    const char **out_reasons = fet_arena_alloc(arena, sheet->n_columns, sizeof *out_reasons);
    bool *is_text = fet_arena_alloc(arena, sheet->n_columns, sizeof *is_text);
    if (columns == NULL || outs == NULL || out_reasons == NULL || is_text == NULL)
        return FET_FAIL_MEMORY("columns", sheet->n_columns * 25);
    for (int i = 0; i < sheet->n_columns; i++) {
        if (marks[i] == FET_AUDIT_OUT) continue;
        if (reasons[i] != NULL) {
            outs[plan->n_outs] = sheet->columns[i].name;
            out_reasons[plan->n_outs++] = reasons[i];
            continue;
        }
        is_text[plan->n_columns] = sheet->columns[i].type == FET_COLUMN_TEXT;
        columns[plan->n_columns++] = sheet->columns[i].name;
    }
    plan->columns = columns;
    plan->is_text = is_text;
    plan->outs = outs;
    plan->reasons = out_reasons;
    if (plan->n_columns > 0) return FET_OK;
    return FET_FAIL(FET_DATA, "%s: no column besides '%s' to learn from", sheet->files[0].path,
                    plan->target);
}

static fet_status choose_columns(const struct fet_sheet *sheet, const struct fet_settings *settings,
                                 int i_target, const struct fet_context *c, struct fet_arena *arena,
                                 struct fet_sheet_plan *plan)
{
    enum fet_audit_mark *marks = fet_arena_alloc(arena, sheet->n_columns, sizeof *marks);
    const char **reasons = fet_arena_alloc(arena, sheet->n_columns, sizeof *reasons);
    if (marks == NULL || reasons == NULL) return FET_FAIL_MEMORY("columns", sheet->n_columns * 12);
    FET_TRY(mark_listed(sheet, settings, "keep", FET_AUDIT_KEPT, marks));
    FET_TRY(mark_listed(sheet, settings, "ignore", FET_AUDIT_OUT, marks));
    marks[i_target] = FET_AUDIT_OUT;
    struct fet_truths truths = {0};
    FET_TRY(fet_sheet_plan_truths(plan, sheet, i_target, arena, &truths));
    const struct fet_audit_target target = {.classes = truths.classes,
                                            .numbers = truths.numbers,
                                            .class_names = plan->classes,
                                            .n_classes = plan->n_classes};
    bool has_kept_leaks = false;
    FET_TRY(fet_audit_run(sheet, &target, marks, arena, reasons, &has_kept_leaks));
    if (has_kept_leaks)
        fet_context_note(c,
                         "Every other column looks like a counter or like '%s' in other words; "
                         "they are used, because nothing else is there.",
                         plan->target);
    FET_TRY(list_columns(sheet, marks, reasons, arena, plan));
    return tell_outs(plan, c);
}

fet_status fet_sheet_plan_make(const struct fet_sheet *sheet, const struct fet_settings *settings,
                               const struct fet_context *c, struct fet_arena *arena,
                               struct fet_sheet_plan *plan)
{
    int i_target = 0;
    struct fet_sheet_plan made = {0};
    FET_TRY(find_target(sheet, settings, c, &i_target));
    const struct fet_column *column = &sheet->columns[i_target];
    made.target = column->name;
    FET_TRY(decide_kind(sheet, column, fet_settings_text(settings, "kind"), arena, &made));
    FET_TRY(check_target(sheet, column, &made));
    FET_TRY(tell_kind(&made, c));
    FET_TRY(choose_columns(sheet, settings, i_target, c, arena, &made));
    *plan = made;
    return FET_OK;
}

/* ---- keeping and using it ---- */

static fet_status copy_strings(const char *const *from, int n, struct fet_arena *arena,
                               const char *const **to)
{
    const char **copies = fet_arena_alloc(arena, n, sizeof *copies);
    if (copies == NULL) return FET_FAIL_MEMORY("columns", n * (int64_t)sizeof *copies);
    for (int i = 0; i < n; i++) {
        copies[i] = fet_arena_strdup(arena, from[i]);
        if (copies[i] == NULL) return FET_FAIL_MEMORY("columns", strlen(from[i]));
    }
    *to = copies;
    return FET_OK;
}

fet_status fet_sheet_plan_copy(const struct fet_sheet_plan *from, struct fet_arena *arena,
                               struct fet_sheet_plan *to)
{
    struct fet_sheet_plan copy = *from;
    const char *const *target = NULL;
    FET_TRY(copy_strings(&from->target, 1, arena, &target));
    copy.target = target[0];
    FET_TRY(copy_strings(from->classes, from->n_classes, arena, &copy.classes));
    FET_TRY(copy_strings(from->columns, from->n_columns, arena, &copy.columns));
    FET_TRY(copy_strings(from->outs, from->n_outs, arena, &copy.outs));
    FET_TRY(copy_strings(from->reasons, from->n_outs, arena, &copy.reasons));
    bool *is_text = fet_arena_alloc(arena, from->n_columns, sizeof *is_text);
    if (is_text == NULL) return FET_FAIL_MEMORY("columns", from->n_columns);
    memcpy(is_text, from->is_text, (size_t)from->n_columns * sizeof *is_text);
    copy.is_text = is_text;
    FET_TRY(fet_sheet_plan_find_class_numbers(&copy, arena));
    *to = copy;
    return FET_OK;
}

fet_status fet_sheet_plan_find_class_numbers(struct fet_sheet_plan *plan, struct fet_arena *arena)
{
    plan->class_numbers = NULL;
    if (plan->n_classes == 0) return FET_OK;
    double *numbers = fet_arena_alloc(arena, plan->n_classes, sizeof *numbers);
    if (numbers == NULL) return FET_FAIL_MEMORY("classes", plan->n_classes * 8);
    for (int i = 0; i < plan->n_classes; i++)
        if (!fet_text_to_real(plan->classes[i], &numbers[i]) ||
            (i > 0 && numbers[i] <= numbers[i - 1]))
            return FET_OK;
    plan->class_numbers = numbers;
    return FET_OK;
}

/* The class that a text names, or -1. */
static int32_t class_of_text(const struct fet_sheet_plan *plan, const char *text)
{
    if (plan->class_numbers == NULL) {
        const char *const *found = bsearch(&text, plan->classes, (size_t)plan->n_classes,
                                           sizeof *plan->classes, fet_compare_texts);
        return found != NULL ? (int32_t)(found - plan->classes) : -1;
    }
    double x = 0;
    if (!fet_text_to_real(text, &x)) return -1;
    const double *found =
        bsearch(&x, plan->class_numbers, (size_t)plan->n_classes, sizeof x, fet_compare_reals);
    return found != NULL ? (int32_t)(found - plan->class_numbers) : -1;
}

/* The class in one cell; -1 = none that the plan knows. */
static int32_t class_of_cell(const struct fet_sheet_plan *plan, const struct fet_column *column,
                             const int32_t *class_of_level, int64_t row)
{
    if (column->type == FET_COLUMN_TEXT) return class_of_level[column->codes[row]];
    if (plan->class_numbers == NULL) return -1;
    const double *found = bsearch(&column->numbers[row], plan->class_numbers,
                                  (size_t)plan->n_classes, sizeof *found, fet_compare_reals);
    return found != NULL ? (int32_t)(found - plan->class_numbers) : -1;
}

static fet_status fail_class(const struct fet_sheet_plan *plan, const struct fet_sheet *sheet,
                             const struct fet_column *column, int64_t row)
{
    char text[80];
    if (column->type == FET_COLUMN_TEXT)
        fet_text_format(text, sizeof text, "%s", column->levels[column->codes[row]]);
    else
        fet_text_format(text, sizeof text, "%.15g", column->numbers[row]);
    return FET_FAIL(FET_DATA, "%s line %lld: '%s' in the target '%s' is none of the %d classes",
                    fet_sheet_file_of(sheet, row)->path, (long long)fet_sheet_line_of(sheet, row),
                    text, plan->target, plan->n_classes);
}

fet_status fet_sheet_plan_truths(const struct fet_sheet_plan *plan, const struct fet_sheet *sheet,
                                 int i_column, struct fet_arena *arena, struct fet_truths *truths)
{
    const struct fet_column *column = &sheet->columns[i_column];
    if (plan->n_classes == 0) {
        *truths = (struct fet_truths){.numbers = column->numbers};
        return FET_OK;
    }
    int32_t *classes = fet_arena_alloc(arena, sheet->n_rows, sizeof *classes);
    int32_t *class_of_level = fet_arena_alloc(arena, column->n_levels, sizeof *class_of_level);
    if (classes == NULL || class_of_level == NULL)
        return FET_FAIL_MEMORY("target", sheet->n_rows * (int64_t)sizeof *classes);
    for (int64_t i = 0; i < column->n_levels; i++)
        class_of_level[i] = class_of_text(plan, column->levels[i]);
    for (int64_t row = 0; row < sheet->n_rows; row++) {
        classes[row] = -1;
        if (fet_sheet_is_missing(column, row)) continue;
        classes[row] = class_of_cell(plan, column, class_of_level, row);
        if (classes[row] < 0) return fail_class(plan, sheet, column, row);
    }
    *truths = (struct fet_truths){.classes = classes};
    return FET_OK;
}

fet_status fet_sheet_plan_wish(const struct fet_sheet_plan *plan, bool has_target,
                               struct fet_arena *arena, struct fet_sheet_wish *wish)
{
    const int n = plan->n_columns + has_target;
    const char **names = fet_arena_alloc(arena, n, sizeof *names);
    enum fet_sheet_type *types = fet_arena_alloc(arena, n, sizeof *types);
    if (names == NULL || types == NULL) return FET_FAIL_MEMORY("columns", n * 12);
    for (int i = 0; i < plan->n_columns; i++) {
        names[i] = plan->columns[i];
        types[i] = plan->is_text[i] ? FET_SHEET_TEXT : FET_SHEET_NUMBER;
    }
    if (has_target) {
        names[plan->n_columns] = plan->target;
        types[plan->n_columns] = plan->n_classes == 0          ? FET_SHEET_NUMBER
                                 : plan->class_numbers != NULL ? FET_SHEET_ANY
                                                               : FET_SHEET_TEXT;
    }
    *wish = (struct fet_sheet_wish){.names = names, .types = types, .n = n};
    return FET_OK;
}
