/* Convolution and the product with weights, forward and back, by blocks. Weights come to lie as the
 * forward block likes best; backward data reads a reordered copy. */
#include "tape_fast.h"

#include <string.h>

/* What forward leaves for backward. */
struct product {
    int k, x, w, b, y;
    struct fet_block_conv conv;
    struct fet_block_linear linear;
    bool is_conv;
    const struct fet_layout *src, *dst, *weights; /* NULL = plain */
    double flops;
};

static struct fet_block_common *common_of(struct product *p)
{
    return p->is_conv ? &p->conv.common : &p->linear.common;
}

static bool weights_fit(const struct fet_tape *t, const struct fet_graph_node *node)
{
    const int b = node->n_x > 2 ? node->x[2] : FET_GRAPH_NONE;
    return tape_is_f32(t, node->x[0]) && tape_is_f32(t, node->x[1]) &&
           (b == FET_GRAPH_NONE || (tape_is_f32(t, b) && t->values[b].t.shape.n_dims == 1));
}

static bool conv_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    return tape_is_op(t, k, "conv") && weights_fit(t, &t->g->nodes[k]);
}

static bool linear_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    if (!tape_is_op(t, k, "gemm")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const int b = node->n_x > 2 ? node->x[2] : FET_GRAPH_NONE;
    return weights_fit(t, node) && tape_attr(node, "transA")->i == 0 &&
           tape_attr(node, "transB")->i == 1 && tape_attr(node, "alpha")->r == 1 &&
           tape_attr(node, "beta")->r == 1 &&
           (b == FET_GRAPH_NONE ||
            t->values[b].t.shape.dims[0] == t->values[node->x[1]].t.shape.dims[0]);
}

static bool describe_conv(struct fet_tape *t, const struct fet_graph_node *node, struct product *p)
{
    const struct fet_shape *const x = &t->values[p->x].t.shape, *const w = &t->values[p->w].t.shape;
    struct tape_window win;
    if (!tape_window_find(t, node, w->dims + 2, &win)) return false;
    struct fet_block_conv *const d = &p->conv;
    *d = (struct fet_block_conv){.n_spatial = win.n,
                                 .N = x->dims[0],
                                 .C = x->dims[1],
                                 .M = w->dims[0],
                                 .groups = tape_attr(node, "group")->i,
                                 .has_bias = p->b != FET_GRAPH_NONE,
                                 .src_dtype = FET_F32,
                                 .weights_dtype = FET_F32,
                                 .dst_dtype = FET_F32};
    memcpy(d->in, win.in, sizeof d->in);
    memcpy(d->out, win.out, sizeof d->out);
    memcpy(d->kernel, win.kernel, sizeof d->kernel);
    memcpy(d->stride, win.stride, sizeof d->stride);
    memcpy(d->dilation, win.dilation, sizeof d->dilation);
    memcpy(d->begin, win.begin, sizeof d->begin);
    memcpy(d->end, win.end, sizeof d->end);
    p->flops = 2.0 * (double)(d->N * d->M * (d->C / d->groups));
    for (int i = 0; i < win.n; i++) p->flops *= (double)(win.out[i] * win.kernel[i]);
    return true;
}

static void describe_linear(struct fet_tape *t, struct product *p)
{
    const struct fet_shape *const x = &t->values[p->x].t.shape, *const w = &t->values[p->w].t.shape;
    p->linear = (struct fet_block_linear){.N = x->dims[0],
                                          .C = x->dims[1],
                                          .M = w->dims[0],
                                          .has_bias = p->b != FET_GRAPH_NONE,
                                          .src_dtype = FET_F32,
                                          .weights_dtype = FET_F32,
                                          .dst_dtype = FET_F32};
    p->flops = 2.0 * (double)(x->dims[0] * x->dims[1] * w->dims[0]);
}

/* Winograd's tiles pay on planes of 8 x 8 and more, for the weights' gradient on 4 x 4; its scratch
 * memory must not become what a step is remembered for. */
enum { MAX_SCRATCH = 48 << 20 };

static bool is_for_winograd(const struct fet_tape *t, const struct product *p,
                            enum fet_block_direction direction)
{
    const struct fet_block_conv *const d = &p->conv;
    const int64_t least = direction == FET_BLOCK_BACKWARD_WEIGHTS ? 4 : 8;
    if (!t->options.allows_winograd || !p->is_conv || d->n_spatial != 2 || d->groups != 1)
        return false;
    for (int i = 0; i < 2; i++)
        if (d->kernel[i] != 3 || d->stride[i] != 1 || d->dilation[i] != 1 || d->out[i] < least)
            return false;
    return true;
}

static fet_status make_once(struct product *p, const struct fet_layout *weights,
                            struct fet_block **block)
{
    const enum fet_block_direction direction = common_of(p)->direction;
    if (direction == FET_BLOCK_TRAINING)
        return p->is_conv ? fet_block_conv_new(&p->conv, block)
                          : fet_block_linear_new(&p->linear, block);
    return p->is_conv ? fet_block_conv_backward_new(&p->conv, weights, block)
                      : fet_block_linear_backward_new(&p->linear, weights, block);
}

static fet_status make(const struct fet_tape *t, struct product *p,
                       const struct fet_layout *weights, struct fet_block **block)
{
    p->conv.allows_winograd = is_for_winograd(t, p, common_of(p)->direction);
    FET_TRY(make_once(p, weights, block));
    const struct fet_layout *const scratch = fet_block_layout(*block, FET_BLOCK_SCRATCHPAD);
    if (!p->conv.allows_winograd || scratch == NULL || fet_layout_bytes(scratch) <= MAX_SCRATCH)
        return FET_OK;
    fet_block_free(*block);
    p->conv.allows_winograd = false;
    return make_once(p, weights, block);
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    const int k = unit->nodes[0];
    const struct fet_graph_node *const node = &t->g->nodes[k];
    struct fet_block *block = NULL;
    struct product *const p = tape_alloc(t, 1, sizeof *p);
    int x = 0, w = 0, b = TAPE_NONE, y = 0;
    if (p == NULL) return FET_FAIL_MEMORY("tape", sizeof *p);
    *p = (struct product){.k = k, .x = node->x[0], .w = node->x[1], .y = node->y[0]};
    p->b = node->n_x > 2 ? node->x[2] : FET_GRAPH_NONE;
    p->is_conv = unit->kernel == &tape_conv;
    if (!p->is_conv)
        describe_linear(t, p);
    else if (!describe_conv(t, node, p))
        return FET_FAIL(FET_UNSUPPORTED, "conv: no block for this window");
    common_of(p)->direction = FET_BLOCK_TRAINING;
    common_of(p)->n_threads = t->options.n_threads;
    FET_TRY(make(t, p, NULL, &block));
    FET_TRY(tape_own_block(t, block));
    p->src = tape_layout_of(block, FET_BLOCK_SRC);
    p->dst = tape_layout_of(block, FET_BLOCK_DST);
    tape_settle(t, p->w, tape_layout_of(block, FET_BLOCK_WEIGHTS));
    FET_TRY(tape_read(t, p->x, p->src, &x));
    FET_TRY(tape_read(t, p->w, tape_layout_of(block, FET_BLOCK_WEIGHTS), &w));
    if (p->b != FET_GRAPH_NONE) FET_TRY(tape_read(t, p->b, NULL, &b));
    FET_TRY(tape_make(t, p->y, p->dst, &y));
    p->weights = t->buffers[t->values[p->w].home].layout;
    struct tape_step s = tape_step_of(t, k, "");
    s.value = p->y;
    s.flops = p->flops;
    unit->self = p;
    return tape_emit_block(
        t, &s, block,
        (const struct tape_arg[]){
            {FET_BLOCK_SRC, x}, {FET_BLOCK_WEIGHTS, w}, {FET_BLOCK_BIAS, b}, {FET_BLOCK_DST, y}},
        4);
}

/* The block of a way back, with the layouts of forward and a wish for the weights'. */
static fet_status make_back(struct fet_tape *t, struct product *p,
                            enum fet_block_direction direction, const struct fet_layout *weights,
                            struct fet_block **block)
{
    struct fet_block_common *const c = common_of(p);
    c->direction = direction;
    FET_TRY(tape_wish(t, p->x, p->src, &c->src));
    FET_TRY(tape_wish(t, p->y, p->dst, &c->dst));
    FET_TRY(make(t, p, weights, block));
    return tape_own_block(t, *block);
}

static fet_status back_to_data(struct fet_tape *t, struct product *p, int dy)
{
    struct fet_block *block = NULL;
    struct tape_part dx;
    int w = 0;
    FET_TRY(make_back(t, p, FET_BLOCK_BACKWARD_DATA, NULL, &block));
    FET_TRY(tape_read(t, p->w, tape_layout_of(block, FET_BLOCK_WEIGHTS), &w));
    FET_TRY(tape_gradient_begin(t, p->x, p->src, false, &dx));
    struct tape_step s = tape_step_of(t, p->k, "");
    s.flops = p->flops;
    FET_TRY(tape_emit_block(t, &s, block,
                            (const struct tape_arg[]){{FET_BLOCK_DIFF_DST, dy},
                                                      {FET_BLOCK_WEIGHTS, w},
                                                      {FET_BLOCK_DIFF_SRC, dx.buffer}},
                            3));
    return tape_gradient_end(t, &dx);
}

/* The bias alone can be wanted: then the weights' gradient goes into a buffer that nobody reads. */
static fet_status back_to_weights(struct fet_tape *t, struct product *p, int dy)
{
    struct fet_block *block = NULL;
    struct tape_part dw = {.buffer = TAPE_NONE}, db = {.buffer = TAPE_NONE};
    const bool wants_w = tape_wants(t, p->w), wants_b = tape_wants(t, p->b);
    int x = 0;
    fet_status st = p->weights != NULL
                        ? make_back(t, p, FET_BLOCK_BACKWARD_WEIGHTS, p->weights, &block)
                        : make_back(t, p, FET_BLOCK_BACKWARD_WEIGHTS, NULL, &block);
    if (st == FET_UNSUPPORTED) st = make_back(t, p, FET_BLOCK_BACKWARD_WEIGHTS, NULL, &block);
    FET_TRY(st);
    const struct fet_layout *const layout = tape_layout_of(block, FET_BLOCK_DIFF_WEIGHTS);
    FET_TRY(tape_read(t, p->x, p->src, &x));
    if (wants_w)
        FET_TRY(tape_gradient_begin(t, p->w, layout, false, &dw));
    else
        FET_TRY(tape_buffer_like(t, p->w, layout, &dw.buffer));
    if (wants_b)
        FET_TRY(tape_gradient_begin(t, p->b, NULL, false, &db));
    else if (p->b != FET_GRAPH_NONE)
        FET_TRY(tape_buffer_like(t, p->b, NULL, &db.buffer));
    struct tape_step s = tape_step_of(t, p->k, "");
    s.flops = p->flops;
    FET_TRY(tape_emit_block(t, &s, block,
                            (const struct tape_arg[]){{FET_BLOCK_SRC, x},
                                                      {FET_BLOCK_DIFF_DST, dy},
                                                      {FET_BLOCK_DIFF_WEIGHTS, dw.buffer},
                                                      {FET_BLOCK_DIFF_BIAS, db.buffer}},
                            4));
    if (wants_w) FET_TRY(tape_gradient_end(t, &dw));
    return wants_b ? tape_gradient_end(t, &db) : FET_OK;
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct product *const p = unit->self;
    int dy = TAPE_NONE;
    FET_TRY(tape_gradient_read(t, p->y, p->dst, &dy));
    if (dy == TAPE_NONE) return FET_OK;
    if (tape_wants(t, p->w) || tape_wants(t, p->b)) FET_TRY(back_to_weights(t, p, dy));
    return tape_wants(t, p->x) ? back_to_data(t, p, dy) : FET_OK;
}

const struct tape_kernel tape_conv = {
    .name = "conv", .takes = conv_takes, .forward = forward, .backward = backward};
const struct tape_kernel tape_linear = {
    .name = "linear", .takes = linear_takes, .forward = forward, .backward = backward};
