/* Max and average pooling, over windows or over everything, by blocks. */
#include "tape_fast.h"

#include <string.h>

struct pool {
    int k, x, y;
    struct fet_block_pool block;
    const struct fet_layout *src, *dst; /* NULL = plain */
    int workspace;                      /* a buffer, or TAPE_NONE */
};

static bool takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    if (!tape_is_f32(t, node->x[0])) return false;
    if (tape_is_op(t, k, "global_average_pool")) return true;
    return (tape_is_op(t, k, "max_pool") && (node->n_y < 2 || node->y[1] == FET_GRAPH_NONE)) ||
           tape_is_op(t, k, "average_pool");
}

static bool describe(struct fet_tape *t, struct pool *p)
{
    const struct fet_graph_node *const node = &t->g->nodes[p->k];
    const struct fet_shape *const x = &t->values[p->x].t.shape;
    struct tape_window w = {.n = x->n_dims - 2};
    struct fet_block_pool *const d = &p->block;
    *d = (struct fet_block_pool){.kind = FET_POOLING_AVERAGE, .dtype = FET_F32};
    if (tape_is_op(t, p->k, "global_average_pool")) {
        if (w.n < 1 || w.n > FET_BLOCK_MAX_SPATIAL) return false;
        for (int i = 0; i < w.n; i++) {
            w.in[i] = w.kernel[i] = x->dims[2 + i];
            w.out[i] = w.stride[i] = w.dilation[i] = 1;
        }
    } else if (!tape_window_find(t, node, tape_attr(node, "kernel_shape")->ints, &w)) {
        return false;
    }
    if (tape_is_op(t, p->k, "max_pool"))
        d->kind = FET_POOLING_MAX;
    else if (tape_is_op(t, p->k, "average_pool") && tape_attr(node, "count_include_pad")->i != 0)
        d->kind = FET_POOLING_AVERAGE_WITH_PADDING;
    d->n_spatial = w.n;
    d->N = x->dims[0];
    d->C = x->dims[1];
    memcpy(d->in, w.in, sizeof d->in);
    memcpy(d->out, w.out, sizeof d->out);
    memcpy(d->kernel, w.kernel, sizeof d->kernel);
    memcpy(d->stride, w.stride, sizeof d->stride);
    memcpy(d->dilation, w.dilation, sizeof d->dilation);
    memcpy(d->begin, w.begin, sizeof d->begin);
    memcpy(d->end, w.end, sizeof d->end);
    return true;
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct pool *const p = tape_alloc(t, 1, sizeof *p);
    struct fet_block *block = NULL;
    int y = 0;
    if (p == NULL) return FET_FAIL_MEMORY("tape", sizeof *p);
    p->k = unit->nodes[0];
    p->x = t->g->nodes[p->k].x[0];
    p->y = t->g->nodes[p->k].y[0];
    if (!describe(t, p)) return FET_FAIL(FET_UNSUPPORTED, "pool: no block for this window");
    const int x = t->values[p->x].home;
    p->src = t->buffers[x].layout;
    p->block.common =
        (struct fet_block_common){FET_BLOCK_TRAINING, t->options.n_threads, p->src, NULL};
    FET_TRY(fet_block_pool_new(&p->block, &block));
    FET_TRY(tape_own_block(t, block));
    p->dst = tape_layout_of(block, FET_BLOCK_DST);
    FET_TRY(tape_make(t, p->y, p->dst, &y));
    p->workspace = TAPE_NONE;
    const struct fet_layout *const workspace = fet_block_layout(block, FET_BLOCK_WORKSPACE);
    if (workspace != NULL)
        FET_TRY(tape_buffer_new(t, TAPE_PLANNED, (int64_t)fet_layout_bytes(workspace), NULL,
                                &p->workspace));
    struct tape_step s = tape_step_of(t, p->k, "");
    s.value = p->y;
    unit->self = p;
    return tape_emit_block(t, &s, block,
                           (const struct tape_arg[]){{FET_BLOCK_SRC, x},
                                                     {FET_BLOCK_DST, y},
                                                     {FET_BLOCK_WORKSPACE, p->workspace}},
                           3);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct pool *const p = unit->self;
    struct fet_block *block = NULL;
    struct tape_part dx;
    int dy = TAPE_NONE;
    FET_TRY(tape_gradient_read(t, p->y, p->dst, &dy));
    if (dy == TAPE_NONE || !tape_wants(t, p->x)) return FET_OK;
    p->block.common.direction = FET_BLOCK_BACKWARD_DATA;
    FET_TRY(tape_wish(t, p->x, p->src, &p->block.common.src));
    FET_TRY(tape_wish(t, p->y, p->dst, &p->block.common.dst));
    FET_TRY(fet_block_pool_backward_new(&p->block, &block));
    FET_TRY(tape_own_block(t, block));
    FET_TRY(tape_gradient_begin(t, p->x, p->src, false, &dx));
    const struct tape_step s = tape_step_of(t, p->k, "");
    FET_TRY(tape_emit_block(t, &s, block,
                            (const struct tape_arg[]){{FET_BLOCK_DIFF_DST, dy},
                                                      {FET_BLOCK_DIFF_SRC, dx.buffer},
                                                      {FET_BLOCK_WORKSPACE, p->workspace}},
                            3));
    return tape_gradient_end(t, &dx);
}

const struct tape_kernel tape_pool = {
    .name = "pool", .takes = takes, .forward = forward, .backward = backward};
