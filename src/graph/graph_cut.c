/* A part of a graph as a graph of its own. Walking the nodes from the last to the first marks what
 * the wanted values need; walking forward copies it. */
#include "graph.h"

struct cutting {
    const struct fet_graph *from;
    struct fet_graph *to;
    bool *is_wanted; /* [n_values] */
    int *moved;      /* [n_values]: the value's number in the cut */
    struct fet_arena arena;
};

static bool is_node_wanted(const struct cutting *c, const struct fet_graph_node *node)
{
    for (int i = 0; i < node->n_y; i++)
        if (node->y[i] != FET_GRAPH_NONE && c->is_wanted[node->y[i]]) return true;
    return false;
}

static void mark(struct cutting *c)
{
    for (int k = c->from->n_nodes - 1; k >= 0; k--) {
        const struct fet_graph_node *const node = &c->from->nodes[k];
        if (!is_node_wanted(c, node)) continue;
        for (int i = 0; i < node->n_x; i++)
            if (node->x[i] != FET_GRAPH_NONE) c->is_wanted[node->x[i]] = true;
    }
}

static fet_status copy_values(struct cutting *c)
{
    for (int i = 0; i < c->from->n_inputs; i++) {
        const int n = c->from->inputs[i];
        const struct fet_graph_value *const v = &c->from->values[n];
        if (!c->is_wanted[n]) continue;
        if (v->is_typed)
            FET_TRY(fet_graph_add_input(c->to, v->name, v->dtype, v->shape.n_dims, v->shape.dims,
                                        &c->moved[n]));
        else
            FET_TRY(fet_graph_add_untyped_input(c->to, v->name, &c->moved[n]));
    }
    for (int n = 0; n < c->from->n_values; n++) {
        const struct fet_graph_value *const v = &c->from->values[n];
        if (!c->is_wanted[n] || !v->is_constant) continue;
        FET_TRY((v->is_parameter ? fet_graph_add_parameter : fet_graph_add_constant)(
            c->to, v->name, &v->constant, &c->moved[n]));
    }
    return FET_OK;
}

fet_status fet_graph_copy_node(const struct fet_graph *from, const struct fet_graph_node *node,
                               const bool *is_wanted, struct fet_arena *arena, struct fet_graph *to,
                               int *moved)
{
    int *const x = fet_arena_alloc(arena, node->n_x, sizeof *x);
    int *const y = fet_arena_alloc(arena, node->n_y, sizeof *y);
    const char **const names = fet_arena_alloc(arena, node->n_y, sizeof *names);
    if (x == NULL || y == NULL || names == NULL)
        return FET_FAIL_MEMORY("graph", (node->n_x + node->n_y) * 8);
    for (int i = 0; i < node->n_x; i++)
        x[i] = node->x[i] == FET_GRAPH_NONE ? FET_GRAPH_NONE : moved[node->x[i]];
    for (int i = 0; i < node->n_y; i++)
        if (node->y[i] != FET_GRAPH_NONE && is_wanted[node->y[i]])
            names[i] = from->values[node->y[i]].name;
    const struct fet_graph_call call = {.name = node->name,
                                        .op = node->op,
                                        .attrs = node->attrs,
                                        .x = x,
                                        .n_x = node->n_x,
                                        .y_names = names,
                                        .n_y = node->n_y};
    FET_TRY(fet_graph_add_node(to, &call, y));
    for (int i = 0; i < node->n_y; i++)
        if (names[i] != NULL) moved[node->y[i]] = y[i];
    return FET_OK;
}

static fet_status copy_node(struct cutting *c, const struct fet_graph_node *node)
{
    fet_arena_reset(&c->arena);
    return fet_graph_copy_node(c->from, node, c->is_wanted, &c->arena, c->to, c->moved);
}

static fet_status cut(struct cutting *c, const int *outputs, int n_outputs)
{
    for (int i = 0; i < n_outputs; i++) {
        if (outputs[i] < 0 || outputs[i] >= c->from->n_values)
            return FET_FAIL(FET_ARGUMENT, "graph: output %d is no value of the graph's %d",
                            outputs[i], c->from->n_values);
        c->is_wanted[outputs[i]] = true;
    }
    mark(c);
    FET_TRY(copy_values(c));
    for (int k = 0; k < c->from->n_nodes; k++)
        if (is_node_wanted(c, &c->from->nodes[k])) FET_TRY(copy_node(c, &c->from->nodes[k]));
    for (int i = 0; i < n_outputs; i++) FET_TRY(fet_graph_add_output(c->to, c->moved[outputs[i]]));
    return FET_OK;
}

fet_status fet_graph_cut(const struct fet_graph *g, const int *outputs, int n_outputs,
                         struct fet_graph **made)
{
    struct cutting c = {.from = g};
    fet_status st = FET_OK;
    c.is_wanted = fet_alloc(g->n_values, sizeof *c.is_wanted);
    c.moved = fet_alloc(g->n_values, sizeof *c.moved);
    if (c.is_wanted == NULL || c.moved == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("graph", g->n_values));
    FET_TRY_OUT(fet_graph_new(&c.to));
    FET_TRY_OUT(cut(&c, outputs, n_outputs));
    *made = c.to;
    c.to = NULL;
out:
    fet_graph_free(c.to);
    fet_arena_deinit(&c.arena);
    fet_free(c.is_wanted);
    fet_free(c.moved);
    return st;
}
