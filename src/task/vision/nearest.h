/* The nearest of many rows, exactly, though most rows are looked at through a few numbers only. */
#ifndef FET_NEAREST_H
#define FET_NEAREST_H

#include "base.h"

/* Read-only after it was made. */
struct fet_nearest {
    const float *rows; /* borrowed [n,n_numbers + 1]: the numbers, then their squared length */
    int64_t n;
    int n_numbers;
    int n_leading;  /* numbers of a row that are looked at first */
    float *leading; /* owned [n,n_leading + 1], with their squared length; NULL = rows */
    float longest;  /* the largest squared length of what is looked at first */
};

/* How many leading numbers of rows z [n,n_numbers], `ld` apart, hold most of what varies. All of
 * them, when that would be more than half. */
int fet_leading_numbers(const float *z, int64_t n, int n_numbers, int64_t ld);

/* rows must live as long as x. n >= 1. */
FET_CHECKED fet_status fet_nearest_init(const float *rows, int64_t n, int n_numbers,
                                        struct fet_nearest *x);
void fet_nearest_deinit(struct fet_nearest *x); /* accepts {0}; frees no rows */

/* A search has two steps, so that rows may be left out between them. First: brackets [n,x->n], how
 * far each row is at least, less what is the same for all rows. z [n,n_numbers + 1], whose last
 * column is scratch; scratch [fet_nearest_scratch(x, n)]. Parallel calls are safe. */
FET_CHECKED fet_status fet_nearest_brackets(const struct fet_nearest *x, float *z, int64_t n,
                                            float *scratch, float *brackets);
int64_t fet_nearest_scratch(const struct fet_nearest *x, int64_t n); /* floats */
/* Second: the row nearest to one z [n_numbers], the first of equals, by its brackets [x->n]; those
 * of rows that do not count were set to INFINITY. square: of the distance, INFINITY when no row
 * counts. */
int64_t fet_nearest_pick(const struct fet_nearest *x, const float *z, const float *brackets,
                         float *square);
/* Or: the first row from `first` on that is nearer to z than *square says, which becomes its own;
 * x->n, and *square stays, when none is. */
int64_t fet_nearest_closer(const struct fet_nearest *x, const float *z, const float *brackets,
                           int64_t first, float *square);

#endif
