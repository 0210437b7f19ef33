/* The graph as a plan sees it: shapes of all values for the given inputs, and whatever does not
 * depend on the inputs' data computed at once. */
#include <string.h>

#include "plan_parts.h"

/* ---- asking ---- */

bool fet_plan_is_constant(const struct fet_plan *p, int value)
{
    return value != PLAN_NONE && p->values[value].constant.data != NULL;
}

const struct fet_attr_value *fet_plan_attr(const struct fet_plan_node *node, const char *name)
{
    return fet_op_attr(&(struct fet_op_call){.op = node->op, .attrs = node->attrs}, name);
}

bool fet_plan_is_op(const struct fet_plan_node *node, const char *name)
{
    return strcmp(node->op->name, name) == 0;
}

int64_t fet_plan_count(const struct fet_shape *s)
{
    int64_t n = 1;
    for (int i = 0; i < s->n_dims; i++) n *= s->dims[i];
    return n;
}

static void read_value(struct fet_plan *p, int value, int reader)
{
    if (value == PLAN_NONE) return;
    p->values[value].n_readers++;
    p->values[value].last_reader = reader;
}

void fet_plan_count_readers(struct fet_plan *p)
{
    for (int i = 0; i < p->n_values; i++) {
        p->values[i].n_readers = 0;
        p->values[i].last_reader = PLAN_NONE;
    }
    for (int k = 0; k < p->n_nodes; k++) {
        const struct fet_plan_node *const node = &p->nodes[k];
        if (node->is_gone) continue;
        for (int i = 0; i < node->n_x; i++) read_value(p, node->x[i], k);
        if (node->residual != PLAN_NONE) read_value(p, node->residual, k);
    }
    for (int i = 0; i < p->g->n_outputs; i++) read_value(p, p->outputs[i], p->n_nodes);
}

/* ---- changing ---- */

static int add_value(struct fet_plan *p, const char *name, int maker)
{
    p->values[p->n_values] =
        (struct fet_plan_value){.name = name, .maker = maker, .i_input = PLAN_NONE};
    return p->n_values++;
}

fet_status fet_plan_add_constant(struct fet_plan *p, struct fet_tensor *t, int *value)
{
    if (p->n_values == p->max_values) {
        fet_tensor_unref(t);
        return FET_FAIL(FET_INTERNAL, "plan: more than %d values", p->max_values);
    }
    const int made = add_value(p, "", PLAN_NONE);
    struct fet_plan_value *const v = &p->values[made];
    v->dtype = t->dtype;
    v->shape = t->shape;
    v->constant = *t;
    *t = (struct fet_tensor){0};
    *value = made;
    return FET_OK;
}

/* ---- loading ---- */

static int count_made(const struct fet_graph_node *node)
{
    return (node->op->n_y < 0 ? node->n_y : node->op->n_y) + node->op->n_saved;
}

/* Room for all values that can come into being: those of the graph, outputs that nobody wants, and
 * for each node new weights, a new bias and two more. */
static fet_status make_arrays(struct fet_plan *p)
{
    const struct fet_graph *const g = p->g;
    int64_t n_args = 0;
    for (int k = 0; k < g->n_nodes; k++) n_args += g->nodes[k].n_x + count_made(&g->nodes[k]);
    const int64_t n_values = g->n_values + n_args + 4 * (int64_t)g->n_nodes;
    if (n_values > INT32_MAX / 8) return FET_FAIL(FET_LIMIT, "plan: the graph is too large");
    p->max_values = (int)n_values;
    p->values = fet_arena_alloc(&p->memory, n_values, sizeof *p->values);
    p->nodes = fet_arena_alloc(&p->memory, g->n_nodes, sizeof *p->nodes);
    p->outputs = fet_arena_alloc(&p->memory, g->n_outputs, sizeof *p->outputs);
    p->output_buffers = fet_arena_alloc(&p->memory, g->n_outputs, sizeof *p->output_buffers);
    if (p->values == NULL || p->nodes == NULL || p->outputs == NULL || p->output_buffers == NULL)
        return FET_FAIL_MEMORY("plan", n_values * (int64_t)sizeof *p->values);
    return FET_OK;
}

static void load_values(struct fet_plan *p, const struct fet_tensor *inputs)
{
    const struct fet_graph *const g = p->g;
    for (int i = 0; i < g->n_values; i++) {
        struct fet_plan_value *const v = &p->values[add_value(p, g->values[i].name, PLAN_NONE)];
        if (!g->values[i].is_constant) continue;
        v->dtype = g->values[i].dtype;
        v->shape = g->values[i].shape;
        v->constant = fet_tensor_ref(&g->values[i].constant);
    }
    for (int i = 0; i < g->n_inputs; i++) {
        struct fet_plan_value *const v = &p->values[g->inputs[i]];
        v->dtype = inputs[i].dtype;
        v->shape = inputs[i].shape;
        v->i_input = i;
    }
    for (int i = 0; i < g->n_outputs; i++) p->outputs[i] = g->outputs[i];
}

static fet_status load_node(struct fet_plan *p, int k)
{
    const struct fet_graph_node *const from = &p->g->nodes[k];
    struct fet_plan_node *const node = &p->nodes[k];
    *node = (struct fet_plan_node){.name = from->name,
                                   .op = from->op,
                                   .attrs = from->attrs,
                                   .n_x = from->n_x,
                                   .n_y = count_made(from),
                                   .weights = PLAN_NONE,
                                   .bias = PLAN_NONE,
                                   .residual = PLAN_NONE};
    node->x = fet_arena_alloc(&p->memory, node->n_x, sizeof *node->x);
    node->y = fet_arena_alloc(&p->memory, node->n_y, sizeof *node->y);
    if (node->x == NULL || node->y == NULL) return FET_FAIL_MEMORY("plan", node->n_x + node->n_y);
    for (int i = 0; i < node->n_x; i++) node->x[i] = from->x[i];
    for (int i = 0; i < node->n_y; i++) {
        const bool is_wanted = i < from->n_y && from->y[i] != FET_GRAPH_NONE;
        node->y[i] = is_wanted ? from->y[i] : add_value(p, "", k);
        p->values[node->y[i]].maker = k;
    }
    p->n_nodes = k + 1;
    return FET_OK;
}

/* ---- shapes and constants ---- */

/* The call of a node, with what is known of its inputs; arrays of the node's size. */
struct probe {
    const struct fet_tensor **x;
    struct fet_tensor **y, *views, *made;
};

/* Only the shape of what goes in counts, not the data. */
static bool reads_shape_alone(const struct fet_plan_node *node)
{
    return fet_plan_is_op(node, "shape") || fet_plan_is_op(node, "size");
}

static struct fet_op_call probe_call(struct fet_plan *p, const struct fet_plan_node *node,
                                     struct probe *probe)
{
    for (int i = 0; i < node->n_x; i++) {
        probe->x[i] = NULL;
        if (node->x[i] == PLAN_NONE) continue;
        const struct fet_plan_value *const v = &p->values[node->x[i]];
        probe->views[i] = v->constant.data != NULL
                              ? v->constant
                              : (struct fet_tensor){.dtype = v->dtype, .shape = v->shape};
        if (probe->views[i].data == NULL && reads_shape_alone(node))
            probe->views[i].data = probe->views; /* there, but not read */
        probe->x[i] = &probe->views[i];
    }
    for (int i = 0; i < node->n_y; i++) {
        probe->made[i] = (struct fet_tensor){0};
        probe->y[i] = &probe->made[i];
    }
    return (struct fet_op_call){.op = node->op,
                                .attrs = node->attrs,
                                .x = probe->x,
                                .n_x = node->n_x,
                                .y = probe->y,
                                .n_y = node->n_y,
                                .pool = p->options.pool};
}

/* Nothing but constants goes in, or only the shape of what goes in counts. */
static bool can_fold(const struct fet_plan *p, const struct fet_plan_node *node)
{
    if (reads_shape_alone(node)) return true;
    if (strncmp(node->op->name, "random", 6) == 0) return false;
    for (int i = 0; i < node->n_x; i++)
        if (node->x[i] != PLAN_NONE && !fet_plan_is_constant(p, node->x[i])) return false;
    return true;
}

static fet_status infer_node(struct fet_plan *p, struct fet_plan_node *node, struct probe *probe)
{
    const struct fet_op_call call = probe_call(p, node, probe);
    node->is_gone = can_fold(p, node);
    FET_TRY(node->is_gone ? fet_op_run(&call) : fet_op_infer(&call));
    for (int i = 0; i < node->n_y; i++) {
        struct fet_plan_value *const v = &p->values[node->y[i]];
        v->dtype = probe->made[i].dtype;
        v->shape = probe->made[i].shape;
        if (node->is_gone) v->constant = probe->made[i];
        if (node->is_gone) v->maker = PLAN_NONE;
    }
    return FET_OK;
}

static fet_status infer_all(struct fet_plan *p)
{
    int most_x = 1, most_y = 1;
    for (int k = 0; k < p->n_nodes; k++) {
        if (p->nodes[k].n_x > most_x) most_x = p->nodes[k].n_x;
        if (p->nodes[k].n_y > most_y) most_y = p->nodes[k].n_y;
    }
    struct probe probe = {
        .x = fet_arena_alloc(&p->memory, most_x, sizeof *probe.x),
        .y = fet_arena_alloc(&p->memory, most_y, sizeof *probe.y),
        .views = fet_arena_alloc(&p->memory, most_x, sizeof *probe.views),
        .made = fet_arena_alloc(&p->memory, most_y, sizeof *probe.made),
    };
    if (probe.x == NULL || probe.y == NULL || probe.views == NULL || probe.made == NULL)
        return FET_FAIL_MEMORY("plan", most_x + most_y);
    for (int k = 0; k < p->n_nodes; k++) {
        const fet_status st = infer_node(p, &p->nodes[k], &probe);
        if (st == FET_OK) continue;
        char prefix[256];
        fet_text_format(prefix, sizeof prefix, "node '%s'", p->nodes[k].name);
        return fet_status_add(prefix, st);
    }
    return FET_OK;
}

/* Nodes of which nothing is read are gone, last ones first. */
static void drop_unread(struct fet_plan *p)
{
    fet_plan_count_readers(p);
    for (int k = p->n_nodes - 1; k >= 0; k--) {
        struct fet_plan_node *const node = &p->nodes[k];
        bool is_read = false;
        for (int i = 0; i < node->n_y; i++)
            is_read = is_read || p->values[node->y[i]].n_readers > 0;
        if (is_read || node->is_gone) continue;
        node->is_gone = true;
        for (int i = 0; i < node->n_x; i++)
            if (node->x[i] != PLAN_NONE) p->values[node->x[i]].n_readers--;
    }
    fet_plan_count_readers(p);
}

fet_status fet_plan_load(struct fet_plan *p, const struct fet_tensor *inputs)
{
    FET_TRY(make_arrays(p));
    load_values(p, inputs);
    for (int k = 0; k < p->g->n_nodes; k++) FET_TRY(load_node(p, k));
    FET_TRY(infer_all(p));
    drop_unread(p);
    return FET_OK;
}
