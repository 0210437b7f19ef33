/* Blocks for training: the ways back of convolution, product and pooling, and batch norm in both
 * directions. See block.h. A way back is made from the description of the way there, in whose
 * `common` stand the direction (backward data or weights) and the layouts that were used. */
#ifndef FET_BLOCK_TRAINING_H
#define FET_BLOCK_TRAINING_H

#include "block_kinds.h"

/* ---- layouts that code outside of blocks can read ---- */

/* The row-major layout of the same sizes and type. */
FET_CHECKED fet_status fet_layout_new_plain_like(const struct fet_layout *l,
                                                 struct fet_layout **layout);
/* [N, C/n, spatial..., n]: channels in groups of n that lie together. 1 = plain; 0 = anything else.
 */
FET_CHECKED fet_status fet_layout_channel_group(const struct fet_layout *l, int *group);
/* n: 8 or 16, and a divisor of dims[1]; shape of 3 to 5 dimensions. */
FET_CHECKED fet_status fet_layout_new_grouped(const struct fet_shape *shape, int n,
                                              struct fet_layout **layout);

/* ---- ways back ---- */

/* BACKWARD_DATA: DIFF_DST, WEIGHTS to DIFF_SRC. BACKWARD_WEIGHTS: SRC, DIFF_DST to DIFF_WEIGHTS and
 * DIFF_BIAS. weights: a wish for WEIGHTS or DIFF_WEIGHTS, may be NULL. */
FET_CHECKED fet_status fet_block_conv_backward_new(const struct fet_block_conv *d,
                                                   const struct fet_layout *weights,
                                                   struct fet_block **b);
FET_CHECKED fet_status fet_block_linear_backward_new(const struct fet_block_linear *d,
                                                     const struct fet_layout *weights,
                                                     struct fet_block **b);
/* DIFF_DST and, for the maximum, the WORKSPACE of a training block, to DIFF_SRC. */
FET_CHECKED fet_status fet_block_pool_backward_new(const struct fet_block_pool *d,
                                                   struct fet_block **b);

/* SRC and DIFF_DST to DIFF_SRC, which may be DIFF_DST; all of common.src's layout. */
FET_CHECKED fet_status fet_block_eltwise_backward_new(const struct fet_block_eltwise *d,
                                                      struct fet_block **b);

/* ---- batch norm over channels, F32, with relu behind it if wanted ---- */

/* common.src must be given, dst has its layout. TRAINING: SRC, SCALE, SHIFT to DST, MEAN, VARIANCE
 * (of the batch, divided by the count) and, with relu, WORKSPACE. BACKWARD_DATA: these (but DST),
 * DIFF_DST to DIFF_SRC, which may be DIFF_DST, DIFF_SCALE and DIFF_SHIFT. */
struct fet_block_norm {
    struct fet_block_common common;
    float epsilon;
    bool has_relu;
};
FET_CHECKED fet_status fet_block_norm_new(const struct fet_block_norm *d, struct fet_block **b);

#endif
