/* Nodes to steps, in their order: by a block where there is one, else by the operator itself. */
#include "plan_buffers.h"

/* The same bytes in another shape. */
static fet_status lower_view(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_plan_value *const y = &p->values[node->y[0]];
    const struct fet_layout *layout = NULL;
    int from = 0;
    FET_TRY(fet_plan_need_plain(p, node->x[0], &from));
    FET_TRY(fet_plan_plain_layout(p, y->dtype, &y->shape, &layout));
    fet_plan_set_made(p, node->y[0], fet_plan_add_alias(p, from, layout));
    return FET_OK;
}

/* ---- operators ---- */

static fet_status make_views(struct fet_plan *p, const struct fet_plan_node *node,
                             struct fet_plan_step *step)
{
    const struct fet_tensor **const x = fet_arena_alloc(&p->memory, node->n_x, sizeof *x);
    struct fet_tensor **const y = fet_arena_alloc(&p->memory, node->n_y, sizeof *y);
    step->x = fet_arena_alloc(&p->memory, node->n_x, sizeof *step->x);
    step->y = fet_arena_alloc(&p->memory, node->n_y, sizeof *step->y);
    step->x_buffers = fet_arena_alloc(&p->memory, node->n_x, sizeof *step->x_buffers);
    step->y_buffers = fet_arena_alloc(&p->memory, node->n_y, sizeof *step->y_buffers);
    if (x == NULL || y == NULL || step->x == NULL || step->y == NULL || step->x_buffers == NULL ||
        step->y_buffers == NULL)
        return FET_FAIL_MEMORY("plan", node->n_x + node->n_y);
    for (int i = 0; i < node->n_x; i++) x[i] = node->x[i] != PLAN_NONE ? &step->x[i] : NULL;
    for (int i = 0; i < node->n_y; i++) y[i] = &step->y[i];
    step->call = (struct fet_op_call){.op = node->op,
                                      .attrs = node->attrs,
                                      .x = x,
                                      .n_x = node->n_x,
                                      .y = y,
                                      .n_y = node->n_y,
                                      .pool = p->options.pool};
    return FET_OK;
}

static fet_status lower_reference(struct fet_plan *p, int k)
{
    const struct fet_plan_node *const node = &p->nodes[k];
    struct fet_plan_step *step = NULL;
    for (int i = 0; i < node->n_x; i++) { /* reorders stand before the step itself */
        int buffer = 0;
        if (node->x[i] != PLAN_NONE) FET_TRY(fet_plan_need_plain(p, node->x[i], &buffer));
    }
    FET_TRY(fet_plan_add_step(p, node, NULL, &step));
    FET_TRY(make_views(p, node, step));
    for (int i = 0; i < node->n_x; i++) {
        step->x_buffers[i] = PLAN_NONE;
        if (node->x[i] == PLAN_NONE) continue;
        const struct fet_plan_value *const v = &p->values[node->x[i]];
        step->x[i] = (struct fet_tensor){.dtype = v->dtype, .shape = v->shape};
        FET_TRY(fet_plan_need_plain(p, node->x[i], &step->x_buffers[i]));
    }
    for (int i = 0; i < node->n_y; i++) {
        const struct fet_plan_value *const v = &p->values[node->y[i]];
        const size_t n_bytes = (size_t)fet_plan_count(&v->shape) * fet_dtype_bytes(v->dtype);
        const struct fet_layout *layout = NULL;
        FET_TRY(fet_plan_plain_layout(p, v->dtype, &v->shape, &layout));
        step->y[i] = (struct fet_tensor){.dtype = v->dtype, .shape = v->shape};
        step->y_buffers[i] = fet_plan_add_buffer(p, layout, n_bytes);
        fet_plan_set_made(p, node->y[i], step->y_buffers[i]);
    }
    return FET_OK;
}

/* ---- all ---- */

static fet_status lower_block(struct fet_plan *p, int k)
{
    switch (p->nodes[k].kind) {
    case PLAN_CONV:
        return fet_plan_lower_conv(p, k);
    case PLAN_LINEAR:
        return fet_plan_lower_linear(p, k);
    case PLAN_MATMUL:
        return fet_plan_lower_matmul(p, k);
    case PLAN_POOL:
        return fet_plan_lower_pool(p, k);
    case PLAN_ELTWISE:
        return fet_plan_lower_eltwise(p, k);
    case PLAN_BINARY:
        return fet_plan_lower_binary(p, k);
    case PLAN_SOFTMAX:
        return fet_plan_lower_softmax(p, k);
    case PLAN_VIEW:
        return lower_view(p, k);
    case PLAN_REFERENCE:
        break;
    }
    return lower_reference(p, k);
}

static fet_status lower_node(struct fet_plan *p, int k)
{
    struct fet_plan_node *const node = &p->nodes[k];
    fet_status st = lower_block(p, k);
    if (st != FET_OK && st != FET_MEMORY && node->is_int8) {
        node->is_int8 = false;
        st = lower_block(p, k);
    }
    /* What has taken others in cannot run as the operator that it was. */
    if (st == FET_OK || st == FET_MEMORY || node->fused[0] != '\0') return st;
    return lower_reference(p, k);
}

/* Outputs are handed out in row-major. */
static fet_status find_outputs(struct fet_plan *p)
{
    for (int i = 0; i < p->g->n_outputs; i++)
        FET_TRY(fet_plan_need_plain(p, p->outputs[i], &p->output_buffers[i]));
    return FET_OK;
}

fet_status fet_plan_lower(struct fet_plan *p)
{
    FET_TRY(fet_plan_make_room(p));
    for (int k = 0; k < p->n_nodes; k++) {
        if (p->nodes[k].is_gone) continue;
        const fet_status st = lower_node(p, k);
        if (st == FET_OK) continue;
        char prefix[256];
        fet_text_format(prefix, sizeof prefix, "node '%s'", p->nodes[k].name);
        return fet_status_add(prefix, st);
    }
    return find_outputs(p);
}
