/* Few rows of a sample that cover it: what a memory remembers. */
#ifndef FET_CORESET_H
#define FET_CORESET_H

#include "memory.h"

/* Chooses at most n_entries (>= 1) rows so that every other lies close to one of them (greedy
 * k-centre, Gonzalez 1985). The first n_given (>= 1, <= n_entries) rows are chosen whatever they
 * are; of equally far rows the first is taken. rows [n_entries]: the first *n_chosen in the order
 * of choice, fewer when the sample has fewer distinct descriptions. */
FET_CHECKED fet_status fet_coreset_choose(const struct fet_memory_sample *s, int64_t n_given,
                                          int64_t n_entries, int64_t *rows, int64_t *n_chosen);

#endif
