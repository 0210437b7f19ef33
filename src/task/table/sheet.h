/* The rows of one or more CSV files as one table: what the task's examples carry as payload. One
 * thread at a time while it is made; read-only after. */
#ifndef FET_SHEET_H
#define FET_SHEET_H

#include "media.h"
#include "train.h"

struct fet_sheet_file {
    const char *path;          /* as it was given or found */
    int64_t first_row, n_rows; /* of the sheet */
    const int64_t *lines;      /* [n_rows] */
    struct fet_table table;    /* owned; the sheet's columns point into it */
};

struct fet_sheet {
    int64_t n_rows;
    int n_columns;
    struct fet_column *columns;
    struct fet_sheet_file *files; /* sorted by path within a folder */
    int n_files;
    struct fet_arena arena;
};

enum fet_sheet_type { FET_SHEET_ANY, FET_SHEET_NUMBER, FET_SHEET_TEXT };

/* The columns that a caller needs, in the order in which the sheet shall have them. Other columns
 * are dropped. */
struct fet_sheet_wish {
    const char *const *names;
    const enum fet_sheet_type *types;
    int n;
};

/* Paths are CSV files or folders of such. Without a wish every column is taken, and all files must
 * have the same ones. A column that is text in one file is text in all. *sheet is owned by the
 * caller. FET_DATA names file and column that do not fit. */
FET_CHECKED fet_status fet_sheet_read(const char *const *paths, int64_t n_paths,
                                      const struct fet_sheet_wish *wish,
                                      const struct fet_context *c, struct fet_sheet **sheet);
FET_CHECKED fet_status fet_sheet_parse(const void *bytes, size_t n, const char *name,
                                       const struct fet_sheet_wish *wish, struct fet_sheet **sheet);
void fet_sheet_free(struct fet_sheet *sheet); /* accepts NULL */

/* The file that holds a row. */
const struct fet_sheet_file *fet_sheet_file_of(const struct fet_sheet *sheet, int64_t row);
int64_t fet_sheet_line_of(const struct fet_sheet *sheet, int64_t row);
int fet_sheet_find(const struct fet_sheet *sheet, const char *name); /* index, or -1 */
/* Keeps the named columns only, in that order. The names must be there. */
FET_CHECKED fet_status fet_sheet_arrange(struct fet_sheet *sheet, const char *const *names, int n);

bool fet_sheet_is_missing(const struct fet_column *column, int64_t row);
/* The different numbers of a number column, sorted, into values (room for limit + 1). Returns how
 * many; limit + 1 when there are more, and then not all are looked at. */
int fet_sheet_list_numbers(const struct fet_column *column, int64_t n_rows, int limit,
                           double *values);
/* Is the name that of a CSV file? */
bool fet_sheet_is_name(const char *path);

#endif
