/* Descriptions turned and stretched so that distances mean something: first by how good parts vary
 * as a whole, then by how each differs from its like on another good part. */
#ifndef FET_WHITENING_H
#define FET_WHITENING_H

#include "base.h"

struct fet_whitening {
    int n_in, n_out;
    float *mean;   /* owned [n_in] */
    float *matrix; /* owned [n_in,n_out]: z = (x - mean) matrix */
};

void fet_whitening_deinit(struct fet_whitening *w); /* accepts {0} */

/* From rows x [n,n_in], n >= 1: each number divided by its deviation, the n_max_out strongest
 * principal axes (fewer if n_in is smaller), each divided by the root of its variance plus a floor.
 */
FET_CHECKED fet_status fet_whitening_learn(const float *x, int64_t n, int n_in, int n_max_out,
                                           struct fet_whitening *w);

/* The same shape without the stretching: z are coordinates in the n_max_out directions along which
 * the rows vary most, near enough, so that distances stay what they are. For rows of many numbers.
 */
FET_CHECKED fet_status fet_whitening_project(const float *x, int64_t n, int n_in, int n_max_out,
                                             struct fet_whitening *w);

/* Stretches w once more from differences d [n,n_out] (rows z - nearest z of another part): axes
 * along which good parts differ from their like count less (relevant components, Bar-Hillel et al.
 * 2003). n = 0 changes nothing. */
FET_CHECKED fet_status fet_whitening_refine(struct fet_whitening *w, const float *d, int64_t n);

/* z [n,ldz] from x [n,ldx]; ldz >= n_out. scratch [n,n_in]. */
FET_CHECKED fet_status fet_whitening_apply(const struct fet_whitening *w, const float *x,
                                           int64_t ldx, int64_t n, float *z, int64_t ldz,
                                           float *scratch);

#endif
