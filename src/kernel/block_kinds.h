/* What blocks there are, and the descriptions from which they are made. See block.h for what a
 * block is. Shapes are those of the operators of the same name; none may be empty. */
#ifndef FET_BLOCK_KINDS_H
#define FET_BLOCK_KINDS_H

#include "block.h"

/* ---- convolution ---- */

enum { FET_BLOCK_MAX_SPATIAL = 3 };

/* src [N,C,in...], weights [M,C/groups,kernel...] ([groups,M/groups,C/groups,kernel...] when
 * groups > 1: the same bytes), dst [N,M,out...]. out is what in, strides and padding give. */
struct fet_block_conv {
    struct fet_block_common common;
    int n_spatial; /* 1 to 3 */
    int64_t N, C, M, groups;
    int64_t in[FET_BLOCK_MAX_SPATIAL], out[FET_BLOCK_MAX_SPATIAL], kernel[FET_BLOCK_MAX_SPATIAL];
    int64_t stride[FET_BLOCK_MAX_SPATIAL], dilation[FET_BLOCK_MAX_SPATIAL]; /* 1 = dense */
    int64_t begin[FET_BLOCK_MAX_SPATIAL], end[FET_BLOCK_MAX_SPATIAL];       /* padding */
    bool has_bias;                                                          /* F32 [M] */
    /* F32, or for int8 src U8 or I8, weights I8, dst U8, I8 or F32. */
    enum fet_dtype src_dtype, weights_dtype, dst_dtype;
    /* int8: product number m is multiplied by scales[m] (copied) before bias and tail; NULL = 1.
     * The bias then must have gone through fet_block_bias_prepare. */
    const float *scales; /* [M] */
    struct fet_tail tail;
    bool allows_winograd; /* fewer multiplications, less exact in the last digits */
};
FET_CHECKED fet_status fet_block_conv_new(const struct fet_block_conv *d, struct fet_block **b);

/* A bias in units of dst, brought to where this block adds it; for blocks with scales, once for
 * each bias. */
void fet_block_bias_prepare(const struct fet_block *b, float *bias, int64_t n);

/* ---- product with weights: dst [N,M] = src [N,C] weights [M,C]' + bias ---- */

struct fet_block_linear {
    struct fet_block_common common;
    int64_t N, C, M;
    bool has_bias;
    enum fet_dtype src_dtype, weights_dtype, dst_dtype;
    const float *scales; /* [M]; as above */
    struct fet_tail tail;
};
FET_CHECKED fet_status fet_block_linear_new(const struct fet_block_linear *d, struct fet_block **b);

/* ---- product of two activations: dst [..,M,N] = alpha src [..,M,K] src_1 [..,K,N] ---- */

/* All plain. Leading dimensions of 1 are broadcast. src_1 is WEIGHTS. */
struct fet_block_matmul {
    struct fet_block_common common;
    struct fet_shape a, b; /* of one rank, 2 or more */
    enum fet_dtype dtype;
    struct fet_tail tail;
};
FET_CHECKED fet_status fet_block_matmul_new(const struct fet_block_matmul *d, struct fet_block **b);

/* ---- pooling ---- */

enum fet_pooling {
    FET_POOLING_MAX,
    FET_POOLING_AVERAGE,             /* over what lies inside */
    FET_POOLING_AVERAGE_WITH_PADDING /* padding counts as zeros */
};

/* src [N,C,in...] to dst [N,C,out...]. */
struct fet_block_pool {
    struct fet_block_common common;
    enum fet_pooling kind;
    enum fet_dtype dtype;
    int n_spatial;
    int64_t N, C;
    int64_t in[FET_BLOCK_MAX_SPATIAL], out[FET_BLOCK_MAX_SPATIAL], kernel[FET_BLOCK_MAX_SPATIAL];
    int64_t stride[FET_BLOCK_MAX_SPATIAL], dilation[FET_BLOCK_MAX_SPATIAL];
    int64_t begin[FET_BLOCK_MAX_SPATIAL], end[FET_BLOCK_MAX_SPATIAL];
};
FET_CHECKED fet_status fet_block_pool_new(const struct fet_block_pool *d, struct fet_block **b);

/* ---- element by element ---- */

/* dst = f(src), both of common.src's layout, which must be given. dst may be src. */
struct fet_block_eltwise {
    struct fet_block_common common;
    enum fet_eltwise kind;
    float alpha, beta;
};
FET_CHECKED fet_status fet_block_eltwise_new(const struct fet_block_eltwise *d,
                                             struct fet_block **b);

enum fet_binary_kind {
    FET_BINARY_ADD,
    FET_BINARY_SUB,
    FET_BINARY_MUL,
    FET_BINARY_DIV,
    FET_BINARY_MAX,
    FET_BINARY_MIN
};

/* dst = src o src_1 of one rank; dimensions of 1 in src_1 are broadcast. common.src and src_1 must
 * be given; dst has the layout of src and may be src. */
struct fet_block_binary {
    struct fet_block_common common;
    enum fet_binary_kind kind;
    const struct fet_layout *src_1; /* borrowed during the call */
    struct fet_tail tail;
};
FET_CHECKED fet_status fet_block_binary_new(const struct fet_block_binary *d, struct fet_block **b);

/* ---- softmax ---- */

/* Along one axis; common.src must be given, dst has its layout. */
struct fet_block_softmax {
    struct fet_block_common common;
    int axis;
    bool is_log;
};
FET_CHECKED fet_status fet_block_softmax_new(const struct fet_block_softmax *d,
                                             struct fet_block **b);

/* ---- another layout or type: both of common must be given ---- */

/* dst = src * scale, rounded and saturated when dst is int8; scale 1 for a change of order. */
struct fet_block_reorder {
    struct fet_block_common common;
    float scale;
};
FET_CHECKED fet_status fet_block_reorder_new(const struct fet_block_reorder *d,
                                             struct fet_block **b);

#endif
