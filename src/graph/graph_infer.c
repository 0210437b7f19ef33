/* Types and shapes of all values before anything runs. Sizes that a graph computes for itself (the
 * shape of a value, a part of it, joined with others, to a Reshape) are computed on the way, as is
 * every other small value that follows from constants.
 *
 * Where only data decide a shape, an operator is asked once more with zeros for the data: the type
 * of its result is then known, and the shape a pretence that lets the types of what follows be
 * known too. */
#include "graph.h"

#include <string.h>

/* Larger results are not computed: only their shape is wanted. */
enum { MAX_ELEMENTS = 1024 };

struct walk {
    const struct fet_graph *g;
    struct fet_tensor *values;
    bool *is_pretence;           /* [n_values]: only the type is sure */
    struct fet_tensor *zeros;    /* [most inputs of a node] */
    struct fet_tensor *made;     /* [most outputs of a node, with saved ones] */
    struct fet_tensor **y;       /* pointers into made */
    const struct fet_tensor **x; /* [most inputs of a node] */
};

static int count_made(const struct fet_graph_node *node)
{
    return (node->op->n_y < 0 ? node->n_y : node->op->n_y) + node->op->n_saved;
}

enum { SHAPE_UNKNOWN = -1, ALL_UNKNOWN = -2 };

bool fet_graph_has_shape(const struct fet_tensor *value)
{
    return value->shape.n_dims >= 0;
}

bool fet_graph_has_type(const struct fet_tensor *value)
{
    return value->shape.n_dims != ALL_UNKNOWN;
}

static fet_status walk_init(struct walk *w)
{
    int most_x = 1, most_y = 1;
    for (int k = 0; k < w->g->n_nodes; k++) {
        if (w->g->nodes[k].n_x > most_x) most_x = w->g->nodes[k].n_x;
        if (count_made(&w->g->nodes[k]) > most_y) most_y = count_made(&w->g->nodes[k]);
    }
    w->values = fet_alloc(w->g->n_values, sizeof *w->values);
    w->is_pretence = fet_alloc(w->g->n_values, sizeof *w->is_pretence);
    w->zeros = fet_alloc(most_x, sizeof *w->zeros);
    w->made = fet_alloc(most_y, sizeof *w->made);
    w->y = fet_alloc(most_y, sizeof(void *));
    w->x = fet_alloc(most_x, sizeof(void *));
    if (w->values == NULL || w->is_pretence == NULL || w->zeros == NULL || w->made == NULL ||
        w->y == NULL || w->x == NULL)
        return FET_FAIL_MEMORY("graph", w->g->n_values * (int64_t)sizeof *w->values);
    for (int i = 0; i < most_y; i++) w->y[i] = &w->made[i];
    for (int i = 0; i < w->g->n_values; i++) w->values[i].shape.n_dims = ALL_UNKNOWN;
    return FET_OK;
}

static void walk_deinit(struct walk *w)
{
    for (int i = 0; w->values != NULL && i < w->g->n_values; i++) fet_tensor_unref(&w->values[i]);
    fet_free(w->values);
    fet_free(w->is_pretence);
    fet_free(w->zeros);
    fet_free(w->made);
    fet_free(w->y);
    fet_free(w->x);
}

/* Inputs and constants. */
static fet_status feed(struct walk *w, const struct fet_shape *inputs)
{
    const struct fet_graph *const g = w->g;
    for (int i = 0; i < g->n_inputs; i++) {
        const struct fet_graph_value *const v = &g->values[g->inputs[i]];
        bool fits = v->shape.n_dims == inputs[i].n_dims;
        if (!v->is_typed) continue;
        for (int k = 0; fits && k < v->shape.n_dims; k++)
            fits = v->shape.dims[k] == FET_GRAPH_FREE || v->shape.dims[k] == inputs[i].dims[k];
        if (!fits) {
            char got[128], wanted[128];
            fet_shape_text(&inputs[i], got);
            fet_shape_text(&v->shape, wanted);
            return FET_FAIL(FET_SHAPE, "graph: input '%s' has shape %s, wanted %s (-1 is any)",
                            v->name, got, wanted);
        }
        w->values[g->inputs[i]].dtype = v->dtype;
        w->values[g->inputs[i]].shape = inputs[i];
    }
    for (int n = 0; n < g->n_values; n++)
        if (g->values[n].is_constant) w->values[n] = fet_tensor_ref(&g->values[n].constant);
    return FET_OK;
}

/* Shape and Size know their answer from the shape alone. */
static bool is_of_shape(const struct fet_op *op)
{
    return strcmp(op->name, "shape") == 0 || strcmp(op->name, "size") == 0;
}

static bool is_worth_computing(const struct walk *w, const struct fet_op_call *c)
{
    for (int i = 0; i < c->n_x; i++)
        if (c->x[i] != NULL && c->x[i]->data == NULL && !is_of_shape(c->op)) return false;
    for (int i = 0; i < c->n_y; i++) {
        int64_t n = 0;
        if (fet_shape_count(&w->made[i].shape, &n) != FET_OK || n > MAX_ELEMENTS) return false;
    }
    return true;
}

/* Inference with zeros in place of all small values that are not known. */
static fet_status pretend(struct walk *w, const struct fet_op_call *call)
{
    fet_status st = FET_OK;
    for (int i = 0; st == FET_OK && i < call->n_x; i++) {
        int64_t n = 0;
        w->zeros[i] = (struct fet_tensor){0};
        if (w->x[i] == NULL || w->x[i]->data != NULL) continue;
        if (fet_shape_count(&w->x[i]->shape, &n) != FET_OK || n > MAX_ELEMENTS) continue;
        st = fet_tensor_new(w->x[i]->dtype, w->x[i]->shape.n_dims, w->x[i]->shape.dims,
                            &w->zeros[i]);
        w->x[i] = &w->zeros[i];
    }
    if (st == FET_OK) st = fet_op_infer(call);
    for (int i = 0; i < call->n_x; i++) fet_tensor_unref(&w->zeros[i]);
    return st;
}

static void keep(struct walk *w, const struct fet_graph_node *node, int n_made, bool is_pretence)
{
    for (int i = 0; i < n_made; i++) {
        const int n = i < node->n_y ? node->y[i] : FET_GRAPH_NONE;
        if (n == FET_GRAPH_NONE) {
            fet_tensor_unref(&w->made[i]);
            continue;
        }
        w->values[n] = w->made[i];
        w->is_pretence[n] = is_pretence;
    }
}

static fet_status infer_node(struct walk *w, int k)
{
    const struct fet_graph_node *const node = &w->g->nodes[k];
    const int n_made = count_made(node);
    bool is_pretence = false;
    for (int i = 0; i < node->n_x; i++) {
        w->x[i] = node->x[i] == FET_GRAPH_NONE ? NULL : &w->values[node->x[i]];
        if (w->x[i] != NULL && !fet_graph_has_type(w->x[i])) return FET_OK;
        is_pretence |= w->x[i] != NULL && w->is_pretence[node->x[i]];
    }
    for (int i = 0; i < n_made; i++) w->made[i] = (struct fet_tensor){0};
    const struct fet_op_call call = {.op = node->op,
                                     .attrs = node->attrs,
                                     .x = w->x,
                                     .n_x = node->n_x,
                                     .y = w->y,
                                     .n_y = n_made};
    fet_status st = fet_op_infer(&call);
    if (st == FET_OK && !is_pretence && is_worth_computing(w, &call)) {
        for (int i = 0; i < n_made; i++) w->made[i] = (struct fet_tensor){0};
        st = fet_op_run(&call);
    } else if (st == FET_UNSUPPORTED) { /* only the data decide */
        is_pretence = true;
        st = pretend(w, &call);
    }
    if (st == FET_OK) keep(w, node, n_made, is_pretence);
    if (st == FET_OK || (is_pretence && st != FET_MEMORY)) return FET_OK;
    char prefix[256];
    fet_text_format(prefix, sizeof prefix, "node '%s'", node->name);
    return fet_status_add(prefix, st);
}

fet_status fet_graph_infer(const struct fet_graph *g, const struct fet_shape *inputs,
                           struct fet_tensor *values)
{
    struct walk w = {.g = g};
    fet_status st = walk_init(&w);
    if (st == FET_OK) st = feed(&w, inputs);
    for (int k = 0; st == FET_OK && k < g->n_nodes; k++) st = infer_node(&w, k);
    for (int i = 0; st == FET_OK && i < g->n_values; i++) {
        values[i] = w.values[i];
        if (w.is_pretence[i]) values[i].shape.n_dims = SHAPE_UNKNOWN;
        w.values[i] = (struct fet_tensor){0};
    }
    walk_deinit(&w);
    return st;
}
