/* What is learnt from what: the target, its kind, the columns that take part, and why others do
 * not. Made from the training table before anything is learnt; a model keeps it. */
#ifndef FET_SHEET_PLAN_H
#define FET_SHEET_PLAN_H

#include "sheet.h"

struct fet_sheet_plan {
    const char *target;
    int n_classes;               /* 0 = the target is a number */
    const char *const *classes;  /* [n_classes] texts bytewise, numbers by value */
    const double *class_numbers; /* [n_classes] classes that are written as numbers; NULL = texts */
    int n_columns;
    const char *const *columns; /* in the order in which rows hold them */
    const bool *is_text;        /* [n_columns] */
    int n_outs;
    const char *const *outs;    /* columns that were left out */
    const char *const *reasons; /* [n_outs] */
};

/* Decides all of it; memory from the arena. Tells the user by notes. FET_NOT_FOUND: a column that
 * an option names is not there. FET_DATA: nothing to learn, or nothing to learn from. */
FET_CHECKED fet_status fet_sheet_plan_make(const struct fet_sheet *sheet,
                                           const struct fet_settings *settings,
                                           const struct fet_context *c, struct fet_arena *arena,
                                           struct fet_sheet_plan *plan);

/* A deep copy into another arena. */
FET_CHECKED fet_status fet_sheet_plan_copy(const struct fet_sheet_plan *from,
                                           struct fet_arena *arena, struct fet_sheet_plan *to);

/* Fills class_numbers, when every class is written as a number. */
FET_CHECKED fet_status fet_sheet_plan_find_class_numbers(struct fet_sheet_plan *plan,
                                                         struct fet_arena *arena);

/* The target of each row: classes [n_rows] index or -1, or numbers [n_rows] NaN = missing; the
 * other is NULL. Arena memory, or borrowed from the sheet. FET_DATA names the line of a value that
 * the plan does not know. */
struct fet_truths {
    const int32_t *classes;
    const double *numbers;
};
FET_CHECKED fet_status fet_sheet_plan_truths(const struct fet_sheet_plan *plan,
                                             const struct fet_sheet *sheet, int i_column,
                                             struct fet_arena *arena, struct fet_truths *truths);

/* The columns that a table must have: the plan's, and the target behind them if it is wanted. */
FET_CHECKED fet_status fet_sheet_plan_wish(const struct fet_sheet_plan *plan, bool has_target,
                                           struct fet_arena *arena, struct fet_sheet_wish *wish);

#endif
