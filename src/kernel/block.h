/* Blocks (block_kinds.h lists them): one compiled piece of arithmetic each, for a graph that is
 * planned once and run often.
 *
 * A block is made from a plain description; it then says in which layout it wants each argument,
 * and runs on pointers. Memory, scratch included, is the caller's; a run takes none of ours.
 *
 *     struct fet_block_conv d = {.N = 1, .C = 64, .M = 64, .n_dims = 2, ...};
 *     fet_block_conv_new(&d, &block);
 *     fet_layout_bytes(fet_block_layout(block, FET_BLOCK_DST));   how much, in which order
 *     fet_block_run(block, (void *[FET_BLOCK_N_ARGS]){[FET_BLOCK_SRC] = x, ...});
 *
 * FET_UNSUPPORTED when there is no fast code for a description: the caller then uses the
 * operator's own forward. Blocks are made for a number of threads and always run on it; the result
 * depends on that number and on nothing else. A block may be run by one thread at a time. */
#ifndef FET_BLOCK_H
#define FET_BLOCK_H

#include "tensor.h"

/* ---- layouts: how a tensor lies in memory ---- */

/* Type, sizes, and the order of the elements: row-major ("plain") or what a block likes better,
 * which only blocks can read. */
struct fet_layout;

FET_CHECKED fet_status fet_layout_new_plain(enum fet_dtype dtype, const struct fet_shape *shape,
                                            struct fet_layout **layout);
/* The same order of elements of another type. FET_UNSUPPORTED where a block's own layout has no
 * other types. */
FET_CHECKED fet_status fet_layout_new_retyped(const struct fet_layout *l, enum fet_dtype dtype,
                                              struct fet_layout **layout);
void fet_layout_free(struct fet_layout *l); /* accepts NULL */
bool fet_layout_is_equal(const struct fet_layout *a, const struct fet_layout *b);
bool fet_layout_is_plain(const struct fet_layout *l);
size_t fet_layout_bytes(const struct fet_layout *l);
enum fet_dtype fet_layout_dtype(const struct fet_layout *l);

/* ---- blocks ---- */

enum fet_block_direction {
    FET_BLOCK_INFERENCE,
    FET_BLOCK_TRAINING, /* forward, keeping a workspace for the way back where one is needed */
    FET_BLOCK_BACKWARD_DATA,
    FET_BLOCK_BACKWARD_WEIGHTS
};

/* What a block reads and writes. Which of them it has follows from its description. */
enum fet_block_arg {
    FET_BLOCK_SRC,
    FET_BLOCK_SRC_1,
    FET_BLOCK_WEIGHTS,
    FET_BLOCK_BIAS,
    FET_BLOCK_DST,
    FET_BLOCK_MEAN,
    FET_BLOCK_VARIANCE,
    FET_BLOCK_SCALE,
    FET_BLOCK_SHIFT,
    FET_BLOCK_DIFF_SRC,
    FET_BLOCK_DIFF_WEIGHTS,
    FET_BLOCK_DIFF_BIAS,
    FET_BLOCK_DIFF_DST,
    FET_BLOCK_DIFF_SCALE,
    FET_BLOCK_DIFF_SHIFT,
    FET_BLOCK_WORKSPACE,
    FET_BLOCK_SCRATCHPAD,
    FET_BLOCK_N_ARGS
};

struct fet_block;

void fet_block_free(struct fet_block *b); /* accepts NULL */
/* Borrowed from the block; NULL = it has no such argument. */
const struct fet_layout *fet_block_layout(const struct fet_block *b, enum fet_block_arg arg);
/* args of layouts that are NULL are not looked at. Pointers are 64-byte aligned where that matters
 * for speed; none may overlap another, but for SRC and DST where a description says so. */
FET_CHECKED fet_status fet_block_run(struct fet_block *b, void *const args[FET_BLOCK_N_ARGS]);
/* Which code it became, for explain modes. Borrowed from the block. */
const char *fet_block_name(const struct fet_block *b);

/* ---- what can be fused behind a product ---- */

enum fet_eltwise {
    FET_ELTWISE_RELU, /* below 0: alpha x */
    FET_ELTWISE_TANH,
    FET_ELTWISE_ELU, /* below 0: alpha (e^x - 1) */
    FET_ELTWISE_ABS,
    FET_ELTWISE_SQRT,
    FET_ELTWISE_LINEAR, /* alpha x + beta */
    FET_ELTWISE_SOFTPLUS,
    FET_ELTWISE_SIGMOID,
    FET_ELTWISE_EXP,
    FET_ELTWISE_LOG,
    FET_ELTWISE_GELU_TANH,
    FET_ELTWISE_GELU_ERF,
    FET_ELTWISE_SWISH, /* x sigmoid(alpha x) */
    FET_ELTWISE_CLIP,  /* alpha <= x <= beta */
    FET_ELTWISE_MISH,
    FET_ELTWISE_HARD_SWISH,
    FET_N_ELTWISE
};

/* One step behind the product: y = f(y), or y += alpha * what DST held before the run. */
struct fet_tail_step {
    bool is_sum;
    enum fet_eltwise eltwise; /* unless is_sum */
    float alpha, beta;
    enum fet_dtype sum_dtype; /* is_sum: how to read what DST held; as wide as the type of DST */
};

enum { FET_BLOCK_MAX_TAIL = 4 };

struct fet_tail {
    struct fet_tail_step steps[FET_BLOCK_MAX_TAIL];
    int n;
};

/* What all descriptions begin with. */
struct fet_block_common {
    enum fet_block_direction direction;
    int n_threads; /* at least 1 */
    /* Layouts that are wished for the argument's activations; NULL = the block chooses. Backward
     * blocks: of diff_src and diff_dst too. Borrowed during the call. */
    const struct fet_layout *src, *dst;
};

#endif
