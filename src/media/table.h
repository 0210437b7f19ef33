/* Tables read from CSV (RFC 4180; separator , ; tab or | found by itself; UTF-8, BOM accepted). */
#ifndef FET_TABLE_H
#define FET_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base.h"

enum fet_column_type {
    FET_COLUMN_NUMBER, /* every present cell is a finite number, and it is not among texts */
    FET_COLUMN_TEXT    /* anything else: levels and codes */
};

struct fet_column {
    const char *name; /* unique in the table */
    enum fet_column_type type;
    const double *numbers;     /* [n_rows], NaN = missing; NULL for text */
    const int32_t *codes;      /* [n_rows], index into levels, -1 = missing; NULL for numbers */
    const char *const *levels; /* distinct values, sorted bytewise */
    int64_t n_levels, n_missing;
};

struct fet_table {
    int64_t n_rows;
    int n_columns;
    struct fet_column *columns;
    const int64_t *lines;   /* [n_rows] where in the file each row begins, counted from 1 */
    struct fet_arena arena; /* owns all of the above */
};

struct fet_table_limits {
    int64_t max_bytes; /* 0 = 4 GiB */
    int64_t max_rows;  /* 0 = 100,000,000 */
    int max_columns;   /* 0 = 10,000 */
    /* Names of columns that are text even when every cell is a number; absent ones are ignored.
     * NULL-terminated, borrowed; NULL = none. */
    const char *const *texts;
};

/* The first row names the columns (one without a name becomes "column 3"). Blanks around a cell are
 * dropped unless quoted; empty lines are skipped. Numbers have '.' as decimal point. Missing:
 * empty, NA, N/A, NaN, null, None, ? (ASCII case ignored). FET_FORMAT names file, line and what was
 * expected (row length, quote not closed, not UTF-8). */
FET_CHECKED fet_status fet_table_parse(const void *bytes, size_t n, const char *name,
                                       const struct fet_table_limits *limits,
                                       struct fet_table *table);
FET_CHECKED fet_status fet_table_read(const char *path, const struct fet_table_limits *limits,
                                      struct fet_table *table);
void fet_table_deinit(struct fet_table *table);                      /* accepts NULL and {0} */
int fet_table_find(const struct fet_table *table, const char *name); /* index, or -1 */

#endif
