/* Putting values at places given by data: what scatter_elements and scatter_nd share. Private. */
#ifndef FET_SCATTER_H
#define FET_SCATTER_H

#include "movement.h"

enum fet_scatter {
    FET_SCATTER_NONE,
    FET_SCATTER_ADD,
    FET_SCATTER_MUL,
    FET_SCATTER_MAX,
    FET_SCATTER_MIN
};

/* The attribute "reduction" of the call. */
FET_CHECKED fet_status fet_scatter_kind(const struct fet_op_call *c, enum fet_scatter *kind);
/* y[at] = y[at] o updates[k] */
void fet_scatter_put(enum fet_scatter kind, struct fet_tensor *y, int64_t at,
                     const struct fet_tensor *updates, int64_t k);
/* Backward is there for none (each place written once) and add. */
FET_CHECKED fet_status fet_scatter_need_slope(const struct fet_op_call *c, enum fet_scatter kind);

#endif
