/* To steps: pooling, functions of elements, pairs, softmax. They take the layout in which their
 * input was made. */
#include "plan_buffers.h"

/* One step from src; dst NONE = new bytes. */
static fet_status add_point(struct fet_plan *p, int k, struct fet_block *block, int src, int dst,
                            struct fet_plan_step **step)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    struct fet_plan_step *made = NULL;
    FET_TRY(fet_plan_add_step(p, node, block, &made));
    const struct fet_layout *const layout = fet_block_layout(block, FET_BLOCK_DST);
    made->buffers[FET_BLOCK_SRC] = src;
    made->buffers[FET_BLOCK_DST] =
        dst == PLAN_NONE ? fet_plan_add_buffer(p, layout, 0) : fet_plan_add_alias(p, dst, layout);
    fet_plan_set_made(p, node->y[0], made->buffers[FET_BLOCK_DST]);
    if (step != NULL) *step = made;
    return FET_OK;
}

fet_status fet_plan_lower_pool(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_shape *const x = &p->values[node->x[0]].shape;
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    const struct fet_plan_window *const w = &node->window;
    struct fet_block_pool d = {.common = fet_plan_common(p),
                               .kind = node->pooling,
                               .dtype = FET_F32,
                               .n_spatial = w->n,
                               .N = x->dims[0],
                               .C = x->dims[1]};
    struct fet_block *block = NULL;
    int src = 0;
    for (int i = 0; i < w->n; i++) {
        d.in[i] = x->dims[2 + i];
        d.out[i] = y->dims[2 + i];
        d.kernel[i] = w->kernel[i];
        d.stride[i] = w->stride[i];
        d.dilation[i] = w->dilation[i];
        d.begin[i] = w->begin[i];
        d.end[i] = w->end[i];
    }
    if (node->is_int8) { /* the largest of stored numbers is the stored largest */
        FET_TRY(fet_plan_home(p, node->x[0], &src));
        d.common.src = p->buffers[src].layout;
        d.dtype = fet_layout_dtype(d.common.src);
    } else {
        FET_TRY(fet_plan_float_home(p, node->x[0], &src, &d.common.src));
    }
    FET_TRY(fet_block_pool_new(&d, &block));
    return add_point(p, k, block, src, PLAN_NONE, NULL);
}

fet_status fet_plan_lower_eltwise(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    struct fet_block_eltwise d = {.common = fet_plan_common(p),
                                  .kind = node->eltwise,
                                  .alpha = node->alpha,
                                  .beta = node->beta};
    struct fet_block *block = NULL;
    int src = 0;
    FET_TRY(fet_plan_float_home(p, node->x[0], &src, &d.common.src));
    FET_TRY(fet_block_eltwise_new(&d, &block));
    const bool is_in_place = fet_plan_is_last_use(p, k, src);
    return add_point(p, k, block, src, is_in_place ? src : PLAN_NONE, NULL);
}

/* The second operand: in the layout of the first if it has its shape, else as it is or, with fewer
 * dimensions, row-major with leading ones. */
static fet_status second_operand(struct fet_plan *p, const struct fet_plan_node *node,
                                 const struct fet_layout *first, int *buffer,
                                 const struct fet_layout **layout)
{
    const struct fet_shape *const a = &p->values[node->x[0]].shape;
    const struct fet_shape *const b = &p->values[node->x[1]].shape;
    *layout = first;
    if (fet_shape_is_equal(a, b)) return fet_plan_need(p, node->x[1], first, buffer);
    if (a->n_dims == b->n_dims) return fet_plan_float_home(p, node->x[1], buffer, layout);
    struct fet_shape wide = {.n_dims = a->n_dims};
    const int n_ones = a->n_dims - b->n_dims;
    for (int i = 0; i < a->n_dims; i++) wide.dims[i] = i < n_ones ? 1 : b->dims[i - n_ones];
    FET_TRY(fet_plan_need_plain(p, node->x[1], buffer));
    FET_TRY(fet_plan_plain_layout(p, FET_F32, &wide, layout));
    return *layout != NULL ? FET_OK : FET_FAIL(FET_UNSUPPORTED, "binary: no layout");
}

fet_status fet_plan_lower_binary(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    struct fet_block_binary d = {
        .common = fet_plan_common(p), .kind = node->binary, .tail = node->tail};
    struct fet_block *block = NULL;
    struct fet_plan_step *step = NULL;
    int src = 0, src_1 = 0;
    FET_TRY(fet_plan_float_home(p, node->x[0], &src, &d.common.src));
    /* If only the second comes in a layout of a block's own, that one counts. */
    const int other = node->x[1];
    const struct fet_layout *layout = NULL;
    if (fet_layout_is_plain(d.common.src) &&
        fet_shape_is_equal(&p->values[node->x[0]].shape, &p->values[other].shape)) {
        FET_TRY(fet_plan_float_home(p, other, &src_1, &layout));
        if (!fet_layout_is_plain(layout)) {
            d.common.src = layout;
            FET_TRY(fet_plan_need(p, node->x[0], layout, &src));
        }
    }
    FET_TRY(second_operand(p, node, d.common.src, &src_1, &d.src_1));
    FET_TRY(fet_block_binary_new(&d, &block));
    const bool is_in_place = src != src_1 && fet_plan_is_last_use(p, k, src);
    FET_TRY(add_point(p, k, block, src, is_in_place ? src : PLAN_NONE, &step));
    step->buffers[FET_BLOCK_SRC_1] = src_1;
    return FET_OK;
}

fet_status fet_plan_lower_softmax(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    struct fet_block_softmax d = {
        .common = fet_plan_common(p), .axis = node->axis, .is_log = node->is_log};
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    struct fet_block *block = NULL;
    int src = 0;
    FET_TRY(fet_plan_plain_layout(p, FET_F32, y, &d.common.src));
    if (d.common.src == NULL) return FET_FAIL(FET_UNSUPPORTED, "softmax: no layout");
    FET_TRY(fet_plan_need_plain(p, node->x[0], &src));
    FET_TRY(fet_block_softmax_new(&d, &block));
    const bool is_in_place = fet_plan_is_last_use(p, k, src);
    return add_point(p, k, block, src, is_in_place ? src : PLAN_NONE, NULL);
}
