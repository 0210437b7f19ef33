/* What a plan is made of while it is compiled and run. Private to the files plan*.c.
 *
 *     load      nodes with shapes; what is constant is computed         plan_load.c
 *     classify  what each node is for blocks                            plan_classify.c
 *     fuse      batch norms, activations, residuals into products       plan_fuse.c
 *     quantize  which products run in int8, in which scales             plan_quantize.c
 *     lower     steps with blocks and layouts, or reference operators   plan_lower*.c
 *     place     one arena, pointers                                     plan_place.c
 *
 * and beside them for int8 what runs see (plan_watch.c) and weights rounded by it (plan_round.c).
 */
#ifndef FET_PLAN_PARTS_H
#define FET_PLAN_PARTS_H

#include "block_kinds.h"
#include "block_training.h"
#include "kernel.h"
#include "plan.h"

enum { PLAN_NONE = -1, PLAN_MAX_VERSIONS = 4 };

/* ---- bytes ---- */

enum fet_plan_place { PLAN_ARENA, PLAN_INPUT, PLAN_CONSTANT };

struct fet_plan_buffer {
    enum fet_plan_place place;
    const struct fet_layout *layout; /* borrowed; NULL = row-major of a type that blocks lack */
    size_t n_bytes;
    int root;        /* the buffer whose bytes these are, or PLAN_NONE: bytes of its own */
    int first, last; /* steps, of roots in the arena */
    size_t offset;   /* in the arena */
    void *data;      /* PLAN_CONSTANT at once, PLAN_ARENA once placed */
    int i_input;     /* PLAN_INPUT */
};

/* ---- values and nodes: the graph being rewritten ---- */

struct fet_plan_value {
    const char *name;
    enum fet_dtype dtype;
    struct fet_shape shape;
    struct fet_tensor constant; /* data NULL = not a constant; owned reference */
    int i_input;                /* or PLAN_NONE */
    int maker;                  /* node or PLAN_NONE */
    int n_readers, last_reader; /* nodes; an output of the graph counts as a reader at the end */
    int versions[PLAN_MAX_VERSIONS]; /* buffers that hold it, the first as it was made */
    int n_versions;
    enum fet_dtype stored; /* dtype, or U8, I8: then the value is scale times what is stored */
    float scale;           /* 0 = stored as it is */
};

enum fet_plan_kind {
    PLAN_REFERENCE,
    PLAN_VIEW, /* the same bytes in another shape */
    PLAN_CONV,
    PLAN_LINEAR,
    PLAN_MATMUL,
    PLAN_POOL,
    PLAN_ELTWISE,
    PLAN_BINARY,
    PLAN_SOFTMAX
};

/* Of convolution and pooling. */
struct fet_plan_window {
    int n;
    int64_t kernel[FET_BLOCK_MAX_SPATIAL], stride[FET_BLOCK_MAX_SPATIAL];
    int64_t dilation[FET_BLOCK_MAX_SPATIAL];
    int64_t begin[FET_BLOCK_MAX_SPATIAL], end[FET_BLOCK_MAX_SPATIAL];
};

struct fet_plan_node {
    const char *name;
    const struct fet_op *op;
    const struct fet_attr_value *attrs; /* borrowed from the graph */
    int *x, n_x;                        /* values */
    int *y, n_y;                        /* with the saved ones */
    bool is_gone;                       /* folded, or fused into another */
    enum fet_plan_kind kind;
    struct fet_plan_window window; /* PLAN_CONV, PLAN_POOL */
    int64_t groups;                /* PLAN_CONV */
    int weights, bias;             /* PLAN_CONV, PLAN_LINEAR [M,K]: constants; bias or PLAN_NONE */
    struct fet_tail tail;          /* products, PLAN_BINARY */
    bool is_int8;
    int residual; /* the value that a sum in tail adds, or PLAN_NONE */
    enum fet_pooling pooling;
    enum fet_eltwise eltwise;
    float alpha, beta;
    enum fet_binary_kind binary;
    int axis;       /* PLAN_SOFTMAX */
    bool is_log;    /* PLAN_SOFTMAX */
    char fused[64]; /* "+bias+relu" for explain */
};

/* ---- steps: what runs ---- */

struct fet_plan_step {
    const char *what, *name;       /* "conv", and the node's */
    const char *fused;             /* borrowed from the node, or "" */
    struct fet_block *block;       /* owned; NULL = a reference operator */
    int buffers[FET_BLOCK_N_ARGS]; /* of a block; PLAN_NONE */
    void *args[FET_BLOCK_N_ARGS];
    struct fet_op_call call;  /* of an operator */
    struct fet_tensor *x, *y; /* views that call points to */
    int *x_buffers, *y_buffers;
    struct fet_shape shape; /* of the first output */
    double flops, least_ms;
    size_t n_bytes; /* read and written */
    bool is_reorder, is_int8;
    int value; /* that the first output is, or PLAN_NONE */
    int node;  /* that it runs, or PLAN_NONE */
};

struct fet_plan_patch {
    void **at; /* gets the caller's pointer of input i_input */
    int i_input;
};

struct fet_plan {
    const struct fet_graph *g;
    struct fet_plan_options options;
    int n_threads;
    struct fet_arena memory; /* all arrays below, names, views */
    struct fet_plan_value *values;
    int n_values, max_values;
    struct fet_plan_node *nodes;
    int n_nodes;
    int *outputs; /* [g->n_outputs] values */
    struct fet_plan_buffer *buffers;
    int n_buffers, max_buffers;
    struct fet_plan_step *steps;
    int n_steps, max_steps;
    struct fet_layout **layouts; /* owned, beside those of the blocks */
    int n_layouts, max_layouts;
    void **constants; /* owned bytes of constants in layouts of blocks */
    int n_constants, max_constants;
    size_t constant_bytes;
    struct fet_plan_patch *patches;
    int n_patches;
    char *arena; /* owned */
    size_t arena_bytes;
    int *output_buffers; /* [g->n_outputs] */
    int n_runs;
    double least_ms;
};

/* ---- passes ---- */

FET_CHECKED fet_status fet_plan_load(struct fet_plan *p, const struct fet_tensor *inputs);
FET_CHECKED fet_status fet_plan_classify(struct fet_plan *p);
FET_CHECKED fet_status fet_plan_fuse(struct fet_plan *p);
FET_CHECKED fet_status fet_plan_quantize(struct fet_plan *p);
FET_CHECKED fet_status fet_plan_lower(struct fet_plan *p);
FET_CHECKED fet_status fet_plan_place(struct fet_plan *p);

/* ---- plan_load.c: asking and changing the graph ---- */

void fet_plan_count_readers(struct fet_plan *p);
bool fet_plan_is_constant(const struct fet_plan *p, int value); /* false for PLAN_NONE */
const struct fet_attr_value *fet_plan_attr(const struct fet_plan_node *node, const char *name);
bool fet_plan_is_op(const struct fet_plan_node *node, const char *name);
/* A new constant; takes the tensor over in any case. */
FET_CHECKED fet_status fet_plan_add_constant(struct fet_plan *p, struct fet_tensor *t, int *value);
int64_t fet_plan_count(const struct fet_shape *s); /* elements */

/* ---- plan_watch.c: what options.watch gets, before a run and behind each step ---- */
void fet_plan_watch_inputs(const struct fet_plan *p, const struct fet_tensor *inputs);
FET_CHECKED fet_status fet_plan_watch_step(const struct fet_plan *p,
                                           const struct fet_plan_step *step);

/* ---- plan_quantize.c ---- */

/* In which to store a row of weights. */
float fet_plan_weight_scale(const float *w, int64_t n);

/* Weights, bias, scales and tail of a product in int8. */
struct fet_plan_int8 {
    int weights, bias; /* constants: I8, and F32 in units of what is stored, or PLAN_NONE */
    float *scales;     /* [M]; of the plan */
    struct fet_tail tail;
    enum fet_dtype src, dst;
};
FET_CHECKED fet_status fet_plan_quantize_product(struct fet_plan *p,
                                                 const struct fet_plan_node *node,
                                                 struct fet_plan_int8 *q);

/* ---- plan_lower_product.c, plan_lower_point.c: a node to steps; FET_UNSUPPORTED = no block ----
 */

FET_CHECKED fet_status fet_plan_lower_conv(struct fet_plan *p, int k);
FET_CHECKED fet_status fet_plan_lower_linear(struct fet_plan *p, int k);
FET_CHECKED fet_status fet_plan_lower_matmul(struct fet_plan *p, int k);
FET_CHECKED fet_status fet_plan_lower_pool(struct fet_plan *p, int k);
FET_CHECKED fet_status fet_plan_lower_eltwise(struct fet_plan *p, int k);
FET_CHECKED fet_status fet_plan_lower_binary(struct fet_plan *p, int k);
FET_CHECKED fet_status fet_plan_lower_softmax(struct fet_plan *p, int k);

#endif
