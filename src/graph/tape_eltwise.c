/* Functions of elements by blocks, on whatever layout their input has: GELU (Hendrycks 2016) and
 * its relatives, which take a tenth of a transformer's step by the operators' own loops. And clip,
 * of which ReLU6 is made, by a loop of our own: it lets NaN through and has the operator's gradient
 * at the very ends. */
#include "tape_fast.h"
#include "vector.h"

#include <math.h>

enum { N_PIECE = 1 << 14 };

/* ---- blocks ---- */

struct eltwise {
    int k, x, y, in; /* in: the buffer of x */
    struct fet_block_eltwise block;
};

static bool eltwise_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    const bool is_one = tape_is_op(t, k, "gelu") || tape_is_op(t, k, "sigmoid") ||
                        tape_is_op(t, k, "swish") || tape_is_op(t, k, "tanh");
    return is_one && tape_is_f32(t, t->g->nodes[k].x[0]);
}

static void describe(const struct fet_tape *t, struct eltwise *e)
{
    const struct fet_graph_node *const node = &t->g->nodes[e->k];
    struct fet_block_eltwise *const d = &e->block;
    d->kind = FET_ELTWISE_GELU_ERF;
    if (tape_is_op(t, e->k, "gelu") && tape_attr_is_text(node, "approximate", "tanh"))
        d->kind = FET_ELTWISE_GELU_TANH;
    if (tape_is_op(t, e->k, "sigmoid")) d->kind = FET_ELTWISE_SIGMOID;
    if (tape_is_op(t, e->k, "tanh")) d->kind = FET_ELTWISE_TANH;
    if (!tape_is_op(t, e->k, "swish")) return;
    d->kind = FET_ELTWISE_SWISH;
    d->alpha = (float)tape_attr(node, "alpha")->r;
}

static fet_status eltwise_forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct eltwise *const e = tape_alloc(t, 1, sizeof *e);
    struct fet_block *block = NULL;
    int y = 0;
    if (e == NULL) return FET_FAIL_MEMORY("tape", sizeof *e);
    e->k = unit->nodes[0];
    e->x = t->g->nodes[e->k].x[0];
    e->y = t->g->nodes[e->k].y[0];
    e->in = t->values[e->x].home;
    describe(t, e);
    const struct fet_layout *const layout = t->buffers[e->in].layout;
    e->block.common.direction = FET_BLOCK_TRAINING;
    e->block.common.n_threads = t->options.n_threads;
    FET_TRY(tape_wish(t, e->x, layout, &e->block.common.src));
    FET_TRY(fet_block_eltwise_new(&e->block, &block));
    FET_TRY(tape_own_block(t, block));
    FET_TRY(tape_make(t, e->y, layout, &y));
    struct tape_step s = tape_step_of(t, e->k, "");
    s.value = e->y;
    unit->self = e;
    return tape_emit_block(
        t, &s, block, (const struct tape_arg[]){{FET_BLOCK_SRC, e->in}, {FET_BLOCK_DST, y}}, 2);
}

static fet_status eltwise_backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct eltwise *const e = unit->self;
    const struct fet_layout *const layout = t->buffers[e->in].layout;
    struct fet_block *block = NULL;
    struct tape_part dx;
    int dy = TAPE_NONE;
    FET_TRY(tape_gradient_read(t, e->y, layout, &dy));
    if (dy == TAPE_NONE || !tape_wants(t, e->x)) return FET_OK;
    e->block.common.direction = FET_BLOCK_BACKWARD_DATA;
    FET_TRY(fet_block_eltwise_backward_new(&e->block, &block));
    FET_TRY(tape_own_block(t, block));
    FET_TRY(tape_gradient_begin_in_place(t, e->x, e->y, dy, layout, &dx));
    const struct tape_step s = tape_step_of(t, e->k, "");
    FET_TRY(tape_emit_block(t, &s, block,
                            (const struct tape_arg[]){{FET_BLOCK_SRC, e->in},
                                                      {FET_BLOCK_DIFF_DST, dy},
                                                      {FET_BLOCK_DIFF_SRC, dx.buffer}},
                            3));
    return tape_gradient_end(t, &dx);
}

const struct tape_kernel tape_eltwise = {.name = "eltwise",
                                         .takes = eltwise_takes,
                                         .forward = eltwise_forward,
                                         .backward = eltwise_backward};

/* ---- clip ---- */

struct clip {
    int k, x, y, in;
    float low, high;
    /* of the running step */
    int64_t n;
    const float *from, *dy;
    float *to;
};

/* A bound that is known when the tape is made; none is an end without end. */
static bool find_bound(const struct fet_tape *t, const struct fet_graph_node *node, int i,
                       float *bound)
{
    if (node->n_x <= i || node->x[i] == FET_GRAPH_NONE) return true;
    const struct tape_value *const v = &t->values[node->x[i]];
    if (!v->is_known || v->t.dtype != FET_F32 || v->t.data == NULL) return false;
    *bound = fet_tensor_f32(&v->t)[0];
    return true;
}

/* What pads a layout must stay 0. */
static bool find_bounds(const struct fet_tape *t, int k, float *low, float *high)
{
    const struct fet_graph_node *const node = &t->g->nodes[k];
    *low = -INFINITY;
    *high = INFINITY;
    return find_bound(t, node, 1, low) && find_bound(t, node, 2, high) && *low <= 0 && *high >= 0;
}

static bool clip_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    float low = 0, high = 0;
    (void)unit;
    return tape_is_op(t, k, "clip") && tape_is_f32(t, t->g->nodes[k].x[0]) &&
           find_bounds(t, k, &low, &high);
}

static void clip_piece(void *self, int64_t i)
{
    const struct clip *const c = self;
    const int64_t at = i * N_PIECE, n = c->n - at < N_PIECE ? c->n - at : N_PIECE;
    if (c->dy == NULL)
        fet_vector_clip(c->to + at, c->from + at, c->low, c->high, n);
    else
        fet_vector_clip_back(c->to + at, c->dy + at, c->from + at, c->low, c->high, n);
}

/* Buffers: x, y on the way there; x, dy, dx on the way back. */
static fet_status clip_step(struct fet_tape *t, const struct tape_step *s)
{
    struct clip *const c = s->self;
    const struct tape_buffer *const last = &t->buffers[s->buffers[s->n_buffers - 1]];
    c->n = last->bytes / (int64_t)sizeof(float);
    c->from = t->buffers[s->buffers[0]].data;
    c->dy = s->n_buffers > 2 ? t->buffers[s->buffers[1]].data : NULL;
    c->to = last->data;
    fet_kernel_parallel(t->options.n_threads, (c->n + N_PIECE - 1) / N_PIECE, clip_piece, c);
    return FET_OK;
}

static fet_status clip_forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct clip *const c = tape_alloc(t, 1, sizeof *c);
    int buffers[2];
    if (c == NULL) return FET_FAIL_MEMORY("tape", sizeof *c);
    c->k = unit->nodes[0];
    c->x = t->g->nodes[c->k].x[0];
    c->y = t->g->nodes[c->k].y[0];
    c->in = buffers[0] = t->values[c->x].home;
    (void)find_bounds(t, c->k, &c->low, &c->high);
    FET_TRY(tape_make(t, c->y, t->buffers[c->in].layout, &buffers[1]));
    struct tape_step s = tape_step_of(t, c->k, "clip");
    s.value = c->y;
    s.run = clip_step;
    s.self = unit->self = c;
    s.buffers = buffers;
    s.n_buffers = 2;
    return tape_emit(t, &s);
}

static fet_status clip_backward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct clip *const c = unit->self;
    const struct fet_layout *const layout = t->buffers[c->in].layout;
    int buffers[3] = {c->in, TAPE_NONE, TAPE_NONE};
    struct tape_part dx;
    FET_TRY(tape_gradient_read(t, c->y, layout, &buffers[1]));
    if (buffers[1] == TAPE_NONE || !tape_wants(t, c->x)) return FET_OK;
    FET_TRY(tape_gradient_begin_in_place(t, c->x, c->y, buffers[1], layout, &dx));
    buffers[2] = dx.buffer;
    struct tape_step s = tape_step_of(t, c->k, "clip");
    s.run = clip_step;
    s.self = unit->self;
    s.buffers = buffers;
    s.n_buffers = 3;
    FET_TRY(tape_emit(t, &s));
    return tape_gradient_end(t, &dx);
}

const struct tape_kernel tape_clip = {
    .name = "clip", .takes = clip_takes, .forward = clip_forward, .backward = clip_backward};
