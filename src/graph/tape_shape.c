/* The first look at a graph: shapes of all values, what can be computed now, and which values need
 * a gradient. */
#include "tape_impl.h"

#include <string.h>

int tape_count_made(const struct fet_graph_node *node)
{
    return (node->op->n_y < 0 ? node->n_y : node->op->n_y) + node->op->n_saved;
}

static fet_status name_node(const struct fet_graph_node *node, fet_status st)
{
    char prefix[256];
    if (st == FET_OK) return st;
    fet_text_format(prefix, sizeof prefix, "node '%s'", node->name);
    return fet_status_add(prefix, st);
}

/* All inputs are known, or only their shape matters. */
static bool is_foldable(const struct fet_tape *t, const struct fet_graph_node *node)
{
    if (strcmp(node->op->name, "shape") == 0 || strcmp(node->op->name, "size") == 0) return true;
    for (int i = 0; i < node->n_x; i++)
        if (node->x[i] != FET_GRAPH_NONE && !t->values[node->x[i]].is_known) return false;
    return true;
}

struct look { /* at one node */
    const struct fet_tensor **x;
    struct fet_tensor *made, **y;
};

static fet_status infer_node(struct fet_tape *t, int k, const struct look *l)
{
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const int n_made = tape_count_made(node);
    const bool is_folded = is_foldable(t, node);
    for (int i = 0; i < node->n_x; i++)
        l->x[i] = node->x[i] == FET_GRAPH_NONE ? NULL : &t->values[node->x[i]].t;
    for (int i = 0; i < n_made; i++) {
        l->made[i] = (struct fet_tensor){0};
        l->y[i] = &l->made[i];
    }
    const struct fet_op_call call = {.op = node->op,
                                     .attrs = node->attrs,
                                     .x = l->x,
                                     .n_x = node->n_x,
                                     .y = l->y,
                                     .n_y = n_made,
                                     .is_training = true};
    FET_TRY(name_node(node, is_folded ? fet_op_run(&call) : fet_op_infer(&call)));
    t->is_done[k] = is_folded;
    for (int i = 0; i < n_made; i++) {
        if (i >= node->n_y || node->y[i] == FET_GRAPH_NONE) {
            if (is_folded) fet_tensor_unref(&l->made[i]);
            continue;
        }
        struct tape_value *const v = &t->values[node->y[i]];
        v->t = l->made[i];
        v->is_known = v->is_folded = is_folded;
    }
    return FET_OK;
}

static bool fits(const struct fet_graph_value *v, const struct fet_shape *s)
{
    if (v->shape.n_dims != s->n_dims) return false;
    for (int i = 0; i < s->n_dims; i++)
        if (s->dims[i] < 0 ||
            (v->shape.dims[i] != FET_GRAPH_FREE && v->shape.dims[i] != s->dims[i]))
            return false;
    return true;
}

static fet_status set_inputs(struct fet_tape *t, const struct fet_shape *shapes)
{
    for (int i = 0; i < t->g->n_inputs; i++) {
        const struct fet_graph_value *const v = &t->g->values[t->g->inputs[i]];
        if (!v->is_typed)
            return FET_FAIL(FET_ARGUMENT, "tape: input '%s' has no declared type", v->name);
        if (!fits(v, &shapes[i])) {
            char got[128], wanted[128];
            fet_shape_text(&shapes[i], got);
            fet_shape_text(&v->shape, wanted);
            return FET_FAIL(FET_SHAPE, "tape: input '%s' has shape %s, wanted %s (-1 is any)",
                            v->name, got, wanted);
        }
        t->values[t->g->inputs[i]].t = (struct fet_tensor){.dtype = v->dtype, .shape = shapes[i]};
    }
    return FET_OK;
}

static void set_constants(struct fet_tape *t)
{
    for (int n = 0; n < t->g->n_values; n++) {
        const struct fet_graph_value *const v = &t->g->values[n];
        if (!v->is_constant) continue;
        t->values[n].t = v->constant; /* borrowed */
        t->values[n].is_known = !v->is_parameter;
        if (v->is_parameter) t->values[n].t.data = NULL; /* changes */
    }
}

fet_status tape_infer(struct fet_tape *t, const struct fet_shape *shapes)
{
    const struct fet_graph *const g = t->g;
    int most_x = 1, most_y = 1;
    fet_status st = FET_OK;
    for (int k = 0; k < g->n_nodes; k++) {
        if (g->nodes[k].n_x > most_x) most_x = g->nodes[k].n_x;
        if (tape_count_made(&g->nodes[k]) > most_y) most_y = tape_count_made(&g->nodes[k]);
    }
    struct look l = {.x = tape_alloc(t, most_x, sizeof(void *)),
                     .made = tape_alloc(t, most_y, sizeof(struct fet_tensor)),
                     .y = tape_alloc(t, most_y, sizeof(void *))};
    if (l.x == NULL || l.made == NULL || l.y == NULL) return FET_FAIL_MEMORY("tape", most_y);
    FET_TRY(set_inputs(t, shapes));
    set_constants(t);
    for (int k = 0; st == FET_OK && k < g->n_nodes; k++) st = infer_node(t, k, &l);
    return st;
}

/* ---- which gradients are wanted ---- */

/* Is `name` the beginning of a parameter's name, up to its end or a '.'? */
static bool is_beginning(const char *beginning, const char *name)
{
    const size_t n = strlen(beginning);
    return strncmp(beginning, name, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

bool tape_is_frozen(const struct fet_tape *t, int value)
{
    const struct fet_graph_value *const v = &t->g->values[value];
    const char *const *const frozen = t->options.frozen;
    if (v->update != FET_GRAPH_NONE) return true;
    for (int i = 0; frozen != NULL && frozen[i] != NULL; i++)
        if (is_beginning(frozen[i], v->name)) return true;
    return false;
}

bool tape_wants(const struct fet_tape *t, int value)
{
    return value != FET_GRAPH_NONE && t->values[value].depends && t->values[value].leads;
}

static void mark_depends(struct fet_tape *t)
{
    const struct fet_graph *const g = t->g;
    for (int n = 0; n < g->n_values; n++)
        t->values[n].depends = g->values[n].is_parameter && !tape_is_frozen(t, n);
    for (int k = 0; k < g->n_nodes; k++) {
        const struct fet_graph_node *const node = &g->nodes[k];
        bool depends = false;
        for (int i = 0; i < node->n_x; i++)
            if (node->x[i] != FET_GRAPH_NONE && t->values[node->x[i]].depends) depends = true;
        for (int i = 0; i < node->n_y; i++) {
            if (node->y[i] == FET_GRAPH_NONE) continue;
            const enum fet_dtype d = t->values[node->y[i]].t.dtype;
            t->values[node->y[i]].depends = depends && (d == FET_F32 || d == FET_F64);
        }
    }
}

static void mark_leads(struct fet_tape *t)
{
    const struct fet_graph *const g = t->g;
    t->values[t->loss].leads = true;
    for (int k = g->n_nodes - 1; k >= 0; k--) {
        const struct fet_graph_node *const node = &g->nodes[k];
        bool leads = false;
        for (int i = 0; i < node->n_y; i++)
            if (node->y[i] != FET_GRAPH_NONE && t->values[node->y[i]].leads) leads = true;
        for (int i = 0; i < node->n_x; i++)
            if (leads && node->x[i] != FET_GRAPH_NONE) t->values[node->x[i]].leads = true;
    }
}

fet_status tape_reach(struct fet_tape *t)
{
    const struct fet_graph *const g = t->g;
    mark_depends(t);
    mark_leads(t);
    for (int k = 0; k < g->n_nodes; k++) {
        const struct fet_graph_node *const node = &g->nodes[k];
        for (int i = 0; i < node->n_x; i++)
            if (node->x[i] != FET_GRAPH_NONE) t->values[node->x[i]].n_readers++;
        for (int i = 0; i < node->n_y; i++)
            if (tape_wants(t, node->y[i]) && node->op->backward == NULL)
                return FET_FAIL(FET_UNSUPPORTED, "node '%s': %s has no gradient", node->name,
                                node->op->name);
    }
    for (int i = 0; i < g->n_outputs; i++) t->values[g->outputs[i]].n_readers++;
    for (int n = 0; n < g->n_values; n++)
        if (g->values[n].update != FET_GRAPH_NONE) t->values[g->values[n].update].n_readers++;
    if (!t->values[t->loss].depends)
        return FET_FAIL(FET_ARGUMENT, "tape: the loss depends on no parameter that is not frozen");
    return FET_OK;
}
