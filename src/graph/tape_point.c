/* Sums of two values, with the relu behind if there is one, and relu alone: on whatever layout the
 * values have. The gradient passes through a sum without being copied. */
#include "tape_fast.h"

struct sum {
    int k, a, b, y; /* values; b FET_GRAPH_NONE = relu alone */
    bool has_relu;
};

static bool sum_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    if (!tape_is_op(t, k, "add")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    if (!tape_is_f32(t, node->x[0]) || !tape_same_shape(t, node->x[0], node->x[1])) return false;
    const int next = tape_only_reader(t, node->y[0]);
    if (tape_is_op(t, next, "relu")) unit->nodes[unit->n_nodes++] = next;
    return true;
}

static bool relu_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    return tape_is_op(t, k, "relu") && tape_is_f32(t, t->g->nodes[k].x[0]);
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    struct sum *const s = tape_alloc(t, 1, sizeof *s);
    int a = 0, b = TAPE_NONE, y = 0;
    if (s == NULL) return FET_FAIL_MEMORY("tape", sizeof *s);
    *s = (struct sum){.k = unit->nodes[0], .a = node->x[0], .b = FET_GRAPH_NONE};
    if (unit->kernel == &tape_sum) s->b = node->x[1];
    s->has_relu = s->b == FET_GRAPH_NONE || unit->n_nodes > 1;
    s->y = t->g->nodes[unit->nodes[unit->n_nodes - 1]].y[0];
    const struct fet_layout *layout = t->buffers[t->values[s->a].home].layout;
    if (layout == NULL && s->b != FET_GRAPH_NONE) layout = t->buffers[t->values[s->b].home].layout;
    FET_TRY(tape_read(t, s->a, layout, &a));
    if (s->b != FET_GRAPH_NONE) FET_TRY(tape_read(t, s->b, layout, &b));
    FET_TRY(tape_make(t, s->y, layout, &y));
    struct tape_step step = tape_step_of(t, s->k, s->b == FET_GRAPH_NONE ? "relu" : "sum");
    step.value = s->y;
    unit->self = s;
    if (s->b == FET_GRAPH_NONE) return tape_emit_point(t, &step, TAPE_RELU, (const int[]){a, y}, 2);
    if (s->has_relu) step.kernel = "sum, relu";
    return tape_emit_point(t, &step, s->has_relu ? TAPE_SUM_RELU : TAPE_SUM, (const int[]){a, b, y},
                           3);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct sum *const s = unit->self;
    const struct tape_value *const y = &t->values[s->y];
    int dy = TAPE_NONE, dx = TAPE_NONE;
    FET_TRY(tape_gradient_read(t, s->y, t->buffers[y->home].layout, &dy));
    if (dy == TAPE_NONE) return FET_OK;
    dx = dy;
    if (s->has_relu) {
        /* In place, unless others hold the same gradient. */
        if (dy == y->gradient && y->is_shared)
            FET_TRY(tape_buffer_like(t, s->y, t->buffers[dy].layout, &dx));
        const struct tape_step step = tape_step_of(t, s->k, "relu");
        FET_TRY(tape_emit_point(t, &step, TAPE_RELU_BACK, (const int[]){dy, y->home, dx}, 3));
    }
    if (tape_wants(t, s->a)) FET_TRY(tape_gradient_pass(t, s->a, dx));
    return tape_wants(t, s->b) ? tape_gradient_pass(t, s->b, dx) : FET_OK;
}

const struct tape_kernel tape_sum = {
    .name = "sum", .takes = sum_takes, .forward = forward, .backward = backward};
const struct tape_kernel tape_relu = {
    .name = "relu", .takes = relu_takes, .forward = forward, .backward = backward};
