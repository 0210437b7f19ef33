/* Products to steps, in float or int8: convolutions, products with weights, products of two
 * activations. */
#include <string.h>

#include "plan_buffers.h"

/* ---- convolution ---- */

static struct fet_block_conv describe_conv(const struct fet_plan *p,
                                           const struct fet_plan_node *node)
{
    const struct fet_shape *const x = &p->values[node->x[0]].shape;
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    const struct fet_plan_window *const w = &node->window;
    struct fet_block_conv d = {.common = fet_plan_common(p),
                               .n_spatial = w->n,
                               .N = x->dims[0],
                               .C = x->dims[1],
                               .M = y->dims[1],
                               .groups = node->groups,
                               .has_bias = node->bias != PLAN_NONE};
    for (int i = 0; i < w->n; i++) {
        d.in[i] = x->dims[2 + i];
        d.out[i] = y->dims[2 + i];
        d.kernel[i] = w->kernel[i];
        d.stride[i] = w->stride[i];
        d.dilation[i] = w->dilation[i];
        d.begin[i] = w->begin[i];
        d.end[i] = w->end[i];
    }
    return d;
}

/* Windows of 3x3 in Winograd's way (Lavin and Gray 2016) take 2.25 times fewer multiplications, but
 * weights 1.8 times as large: it pays where there are channels to multiply and many places. */
static bool is_for_winograd(const struct fet_block_conv *d)
{
    enum { LEAST_PLACES = 8, LEAST_CHANNELS = 32 };
    for (int i = 0; i < d->n_spatial; i++)
        if (d->kernel[i] != 3 || d->stride[i] != 1 || d->dilation[i] != 1 ||
            d->out[i] < LEAST_PLACES)
            return false;
    return d->n_spatial == 2 && d->groups == 1 && d->C >= LEAST_CHANNELS && d->M >= LEAST_CHANNELS;
}

/* Code made for this processor, against general code that is only correct. */
static bool is_fast(const struct fet_block *b)
{
    const char *const name = fet_block_name(b);
    return strncmp(name, "jit", 3) == 0 || strncmp(name, "br", 2) == 0;
}

/* Code that takes its input as it lies, if it is fast; else code for whatever layout it likes. */
static fet_status new_conv(struct fet_plan *p, const struct fet_plan_node *node,
                           struct fet_block_conv d, struct fet_block **block)
{
    int home = 0;
    FET_TRY(fet_plan_home(p, node->x[0], &home));
    const struct fet_layout *const layout = p->buffers[home].layout;
    d.allows_winograd = !node->is_int8 && is_for_winograd(&d);
    if (layout != NULL && !fet_layout_is_plain(layout) && !d.allows_winograd &&
        fet_layout_dtype(layout) == d.src_dtype) {
        struct fet_block *made = NULL;
        d.common.src = layout;
        const fet_status st = fet_block_conv_new(&d, &made);
        if (st == FET_MEMORY) return st;
        if (st == FET_OK && is_fast(made)) {
            *block = made;
            return FET_OK;
        }
        fet_block_free(made);
        d.common.src = NULL;
    }
    return fet_block_conv_new(&d, block);
}

/* [M,C/groups,kernel...], or [groups,M/groups,C/groups,kernel...]. */
static struct fet_shape weights_shape(const struct fet_block_conv *d)
{
    struct fet_shape s = {0};
    if (d->groups > 1) s.dims[s.n_dims++] = d->groups;
    s.dims[s.n_dims++] = d->M / d->groups;
    s.dims[s.n_dims++] = d->C / d->groups;
    for (int i = 0; i < d->n_spatial; i++) s.dims[s.n_dims++] = d->kernel[i];
    return s;
}

/* What a product computes with: in int8 other constants, scales and a tail in other units. */
static fet_status operands(struct fet_plan *p, const struct fet_plan_node *node,
                           struct fet_plan_int8 *q)
{
    if (node->is_int8) return fet_plan_quantize_product(p, node, q);
    *q = (struct fet_plan_int8){.weights = node->weights, .bias = node->bias, .tail = node->tail};
    return FET_OK;
}

/* Weights and bias as the block wants them. */
static fet_status wire_constants(struct fet_plan *p, const struct fet_plan_int8 *q,
                                 const struct fet_shape *weights, struct fet_plan_step *step)
{
    const struct fet_block *const b = step->block;
    FET_TRY(fet_plan_need_constant(p, q->weights, weights, fet_block_layout(b, FET_BLOCK_WEIGHTS),
                                   &step->buffers[FET_BLOCK_WEIGHTS]));
    if (q->bias == PLAN_NONE) return FET_OK;
    const struct fet_tensor *const bias = &p->values[q->bias].constant;
    const struct fet_shape row = {1, {fet_tensor_count(bias)}};
    if (q->scales != NULL) /* then the bias is this product's own */
        fet_block_bias_prepare(b, fet_tensor_f32(bias), fet_tensor_count(bias));
    return fet_plan_need_constant(p, q->bias, &row, fet_block_layout(b, FET_BLOCK_BIAS),
                                  &step->buffers[FET_BLOCK_BIAS]);
}

/* Where the result goes: new bytes, or over the residual that it is added to, which has its own
 * type when both are int8. */
static fet_status make_dst(struct fet_plan *p, int k, const struct fet_layout *layout, int *dst)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_layout *from = layout;
    if (node->residual == PLAN_NONE) {
        *dst = fet_plan_add_buffer(p, layout, 0);
        return FET_OK;
    }
    const enum fet_dtype stored = p->values[node->residual].stored;
    if (fet_layout_dtype(layout) != FET_F32 && fet_layout_dtype(layout) != stored) {
        struct fet_layout *made = NULL;
        if (p->n_layouts == p->max_layouts) return FET_FAIL(FET_INTERNAL, "plan: too many layouts");
        FET_TRY(fet_layout_new_retyped(layout, stored, &made));
        p->layouts[p->n_layouts++] = made;
        from = made;
    }
    FET_TRY(fet_plan_need_own(p, k, node->residual, from, dst));
    *dst = fet_plan_add_alias(p, *dst, layout);
    return FET_OK;
}

fet_status fet_plan_lower_conv(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    struct fet_block_conv d = describe_conv(p, node);
    const struct fet_shape weights = weights_shape(&d);
    struct fet_plan_int8 q;
    struct fet_block *block = NULL;
    struct fet_plan_step *step = NULL;
    int src = 0, dst = 0;
    FET_TRY(operands(p, node, &q));
    d.tail = q.tail;
    d.scales = q.scales;
    d.src_dtype = q.src;
    d.weights_dtype = node->is_int8 ? FET_I8 : FET_F32;
    d.dst_dtype = q.dst;
    FET_TRY(new_conv(p, node, d, &block));
    /* Reorders of the inputs stand before the step itself. */
    fet_status st = fet_plan_need(p, node->x[0], fet_block_layout(block, FET_BLOCK_SRC), &src);
    if (st == FET_OK) st = make_dst(p, k, fet_block_layout(block, FET_BLOCK_DST), &dst);
    if (st != FET_OK) {
        fet_block_free(block);
        return st;
    }
    FET_TRY(fet_plan_add_step(p, node, block, &step));
    step->buffers[FET_BLOCK_SRC] = src;
    step->buffers[FET_BLOCK_DST] = dst;
    FET_TRY(wire_constants(p, &q, &weights, step));
    step->flops = 2.0 * (double)fet_plan_count(&p->values[node->y[0]].shape) *
                  (double)fet_plan_count(&weights) / (double)d.M;
    fet_plan_set_made(p, node->y[0], dst);
    return FET_OK;
}

/* ---- products with weights ---- */

fet_status fet_plan_lower_linear(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_shape *const w = &p->values[node->weights].shape;
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    struct fet_plan_int8 q;
    FET_TRY(operands(p, node, &q));
    const struct fet_block_linear d = {.common = fet_plan_common(p),
                                       .N = fet_plan_count(y) / w->dims[0],
                                       .C = w->dims[1],
                                       .M = w->dims[0],
                                       .has_bias = q.bias != PLAN_NONE,
                                       .src_dtype = q.src,
                                       .weights_dtype = node->is_int8 ? FET_I8 : FET_F32,
                                       .dst_dtype = q.dst,
                                       .scales = q.scales,
                                       .tail = q.tail};
    struct fet_block *block = NULL;
    struct fet_plan_step *step = NULL;
    const struct fet_layout *plain_x = NULL, *plain_y = NULL;
    int src = 0, dst = 0;
    FET_TRY(fet_plan_plain_layout(p, q.src, &p->values[node->x[0]].shape, &plain_x));
    FET_TRY(fet_plan_plain_layout(p, q.dst, y, &plain_y));
    if (plain_x == NULL || plain_y == NULL)
        return FET_FAIL(FET_UNSUPPORTED, "linear: no block for this shape");
    FET_TRY(fet_block_linear_new(&d, &block));
    fet_status st = node->is_int8 ? fet_plan_need(p, node->x[0], plain_x, &src)
                                  : fet_plan_need_plain(p, node->x[0], &src);
    if (st == FET_OK) st = make_dst(p, k, plain_y, &dst);
    if (st != FET_OK) {
        fet_block_free(block);
        return st;
    }
    FET_TRY(fet_plan_add_step(p, node, block, &step));
    step->buffers[FET_BLOCK_SRC] = src;
    step->buffers[FET_BLOCK_DST] = dst;
    FET_TRY(wire_constants(p, &q, w, step));
    step->flops = 2.0 * (double)d.N * (double)d.C * (double)d.M;
    fet_plan_set_made(p, node->y[0], dst);
    return FET_OK;
}

/* ---- products of two activations ---- */

/* The shape with leading ones, up to a rank. */
static struct fet_shape widened(const struct fet_shape *s, int rank)
{
    struct fet_shape wide = {.n_dims = rank};
    const int n_ones = rank - s->n_dims;
    for (int i = 0; i < rank; i++) wide.dims[i] = i < n_ones ? 1 : s->dims[i - n_ones];
    return wide;
}

fet_status fet_plan_lower_matmul(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_shape *const a = &p->values[node->x[0]].shape;
    const struct fet_shape *const b = &p->values[node->x[1]].shape;
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    const int rank = y->n_dims;
    const struct fet_block_matmul d = {.common = fet_plan_common(p),
                                       .a = widened(a, rank),
                                       .b = widened(b, rank),
                                       .dtype = FET_F32,
                                       .tail = node->tail};
    struct fet_block *block = NULL;
    struct fet_plan_step *step = NULL;
    const struct fet_layout *plain = NULL;
    int left = 0, right = 0;
    FET_TRY(fet_plan_plain_layout(p, FET_F32, y, &plain));
    if (plain == NULL) return FET_FAIL(FET_UNSUPPORTED, "matmul: no block for this shape");
    FET_TRY(fet_plan_need_plain(p, node->x[0], &left));
    FET_TRY(fet_plan_need_plain(p, node->x[1], &right));
    FET_TRY(fet_block_matmul_new(&d, &block));
    FET_TRY(fet_plan_add_step(p, node, block, &step));
    step->buffers[FET_BLOCK_SRC] = left;
    step->buffers[FET_BLOCK_WEIGHTS] = right;
    step->buffers[FET_BLOCK_DST] = fet_plan_add_buffer(p, plain, 0);
    step->flops = 2.0 * (double)fet_plan_count(y) * (double)a->dims[a->n_dims - 1];
    fet_plan_set_made(p, node->y[0], step->buffers[FET_BLOCK_DST]);
    return FET_OK;
}
