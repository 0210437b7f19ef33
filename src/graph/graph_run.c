/* The interpreter: node by node through the reference kernels. Shapes are inferred when a node's
 * turn comes, with all values at hand, so that data may decide them. A value is given up behind the
 * last node that reads it. */
#include "graph.h"

#include <string.h>

struct run {
    const struct fet_graph *g;
    const struct fet_graph_options *options;
    struct fet_tensor *values;   /* [n_values]; {0} = not made yet, given up */
    int *last;                   /* [n_values]; the last node that reads it; n_nodes = an output */
    struct fet_tensor *made;     /* [most outputs of a node, with saved ones] */
    struct fet_tensor **y;       /* [the same]: pointers into made */
    const struct fet_tensor **x; /* [most inputs of a node] */
};

static void find_last_uses(const struct fet_graph *g, int *last)
{
    for (int i = 0; i < g->n_values; i++) last[i] = -1;
    for (int k = 0; k < g->n_nodes; k++)
        for (int i = 0; i < g->nodes[k].n_x; i++)
            if (g->nodes[k].x[i] != FET_GRAPH_NONE) last[g->nodes[k].x[i]] = k;
    for (int i = 0; i < g->n_outputs; i++) last[g->outputs[i]] = g->n_nodes;
}

/* All outputs of a node: those that its operator always has, and the saved ones. */
static int count_made(const struct fet_graph_node *node)
{
    return (node->op->n_y < 0 ? node->n_y : node->op->n_y) + node->op->n_saved;
}

static fet_status run_init(struct run *r)
{
    const struct fet_graph *const g = r->g;
    int most_x = 1, most_y = 1;
    for (int k = 0; k < g->n_nodes; k++) {
        if (g->nodes[k].n_x > most_x) most_x = g->nodes[k].n_x;
        if (count_made(&g->nodes[k]) > most_y) most_y = count_made(&g->nodes[k]);
    }
    r->values = fet_alloc(g->n_values, sizeof *r->values);
    r->last = fet_alloc(g->n_values, sizeof *r->last);
    r->made = fet_alloc(most_y, sizeof *r->made);
    r->y = fet_alloc(most_y, sizeof *r->y);
    r->x = fet_alloc(most_x, sizeof *r->x);
    if (r->values == NULL || r->last == NULL || r->made == NULL || r->y == NULL || r->x == NULL)
        return FET_FAIL_MEMORY("graph: a run", g->n_values * (int64_t)sizeof *r->values);
    for (int i = 0; i < most_y; i++) r->y[i] = &r->made[i];
    find_last_uses(g, r->last);
    return FET_OK;
}

static void run_deinit(struct run *r)
{
    for (int i = 0; r->values != NULL && i < r->g->n_values; i++) fet_tensor_unref(&r->values[i]);
    fet_free(r->values);
    fet_free(r->last);
    fet_free(r->made);
    fet_free(r->y);
    fet_free(r->x);
}

static bool has_declared_shape(const struct fet_graph_value *v, const struct fet_tensor *t)
{
    if (v->shape.n_dims != t->shape.n_dims) return false;
    for (int i = 0; i < v->shape.n_dims; i++)
        if (v->shape.dims[i] != FET_GRAPH_FREE && v->shape.dims[i] != t->shape.dims[i])
            return false;
    return true;
}

fet_status fet_graph_check_input(const struct fet_graph *g, int i, const struct fet_tensor *t)
{
    const struct fet_graph_value *const v = &g->values[g->inputs[i]];
    char got[128], wanted[128];
    if (v->is_typed && v->dtype != t->dtype)
        return FET_FAIL(FET_ARGUMENT, "graph: input '%s' is %s, wanted %s", v->name,
                        fet_dtype_name(t->dtype), fet_dtype_name(v->dtype));
    if (!v->is_typed || has_declared_shape(v, t)) return FET_OK;
    fet_shape_text(&t->shape, got);
    fet_shape_text(&v->shape, wanted);
    return FET_FAIL(FET_SHAPE, "graph: input '%s' has shape %s, wanted %s (-1 is any)", v->name,
                    got, wanted);
}

static fet_status feed(struct run *r, const struct fet_tensor *inputs)
{
    for (int i = 0; i < r->g->n_inputs; i++) {
        FET_TRY(fet_graph_check_input(r->g, i, &inputs[i]));
        r->values[r->g->inputs[i]] = fet_tensor_ref(&inputs[i]);
    }
    for (int n = 0; n < r->g->n_values; n++)
        if (r->g->values[n].is_constant) r->values[n] = fet_tensor_ref(&r->g->values[n].constant);
    return FET_OK;
}

static fet_status name_node(const struct fet_graph_node *node, fet_status st)
{
    char prefix[256];
    if (st == FET_OK) return st;
    fet_text_format(prefix, sizeof prefix, "node '%s'", node->name);
    return fet_status_add(prefix, st);
}

static fet_status run_node(struct run *r, int k)
{
    const struct fet_graph_node *const node = &r->g->nodes[k];
    const int n_made = count_made(node);
    for (int i = 0; i < node->n_x; i++)
        r->x[i] = node->x[i] == FET_GRAPH_NONE ? NULL : &r->values[node->x[i]];
    for (int i = 0; i < n_made; i++) r->made[i] = (struct fet_tensor){0};
    const struct fet_op_call call = {.op = node->op,
                                     .attrs = node->attrs,
                                     .x = r->x,
                                     .n_x = node->n_x,
                                     .y = r->y,
                                     .n_y = n_made,
                                     .pool = r->options->pool,
                                     .is_training = r->options->is_training,
                                     .seed = r->options->seed + (uint64_t)k};
    FET_TRY(name_node(node, fet_op_run(&call)));
    for (int i = 0; i < n_made; i++) {
        const int n = i < node->n_y ? node->y[i] : FET_GRAPH_NONE;
        if (n != FET_GRAPH_NONE && r->last[n] >= 0)
            r->values[n] = r->made[i];
        else
            fet_tensor_unref(&r->made[i]);
    }
    for (int i = 0; i < node->n_x; i++)
        if (node->x[i] != FET_GRAPH_NONE && r->last[node->x[i]] == k)
            fet_tensor_unref(&r->values[node->x[i]]);
    return FET_OK;
}

fet_status fet_graph_run(const struct fet_graph *g, const struct fet_tensor *inputs,
                         struct fet_tensor *outputs, const struct fet_graph_options *options)
{
    static const struct fet_graph_options none = {0};
    struct run r = {.g = g, .options = options != NULL ? options : &none};
    fet_status st = run_init(&r);
    if (st == FET_OK) st = feed(&r, inputs);
    for (int k = 0; st == FET_OK && k < g->n_nodes; k++) st = run_node(&r, k);
    for (int i = 0; st == FET_OK && i < g->n_outputs; i++)
        outputs[i] = fet_tensor_ref(&r.values[g->outputs[i]]);
    run_deinit(&r);
    return st;
}
