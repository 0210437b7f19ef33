/* From tables to examples: one example a row, with the sheet as payload. */
#ifndef FET_SHEET_ROWS_H
#define FET_SHEET_ROWS_H

#include "sheet_plan.h"

/* The payload. The sheet's columns are the plan's, in its order, and the target behind them when
 * the truth is known. */
struct fet_rows {
    struct fet_sheet *sheet;    /* owned */
    struct fet_truths truths;   /* memory of the examples' arena; empty without a target */
    struct fet_sheet_plan plan; /* only of a training table; memory of the examples' arena */
};

/* For training: reads all columns and makes the plan. */
FET_CHECKED fet_status fet_rows_read(const char *path, const struct fet_settings *settings,
                                     const struct fet_context *c, struct fet_examples *e);
/* For a model that has a plan. */
FET_CHECKED fet_status fet_rows_read_test(const struct fet_sheet_plan *plan, const char *path,
                                          const struct fet_context *c, struct fet_examples *e);
FET_CHECKED fet_status fet_rows_read_inputs(const struct fet_sheet_plan *plan,
                                            const char *const *paths, int64_t n_paths,
                                            const struct fet_context *c, struct fet_examples *e);
/* One row with a header, as bytes, and back; the target is not in it. */
FET_CHECKED fet_status fet_rows_print(const struct fet_sheet_plan *plan,
                                      const struct fet_rows *rows, int64_t row, uint8_t **bytes,
                                      size_t *n);
FET_CHECKED fet_status fet_rows_parse(const struct fet_sheet_plan *plan, const void *bytes,
                                      size_t n, const char *name, struct fet_examples *e);

#endif
