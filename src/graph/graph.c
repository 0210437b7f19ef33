/* Building a graph. Each call checks all it can before it changes anything: values are numbered in
 * the order of their making, so a node can read only what exists, and no circle can arise. */
#include "graph.h"

#include <string.h>

fet_status fet_graph_new(struct fet_graph **g)
{
    struct fet_graph *const made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("graph", sizeof *made);
    *g = made;
    return FET_OK;
}

/* Tensors among attributes are counted references. A default's tensor has no storage: nothing
 * happens.
 */
static void unref_attrs(const struct fet_op *op, const struct fet_attr_value *attrs)
{
    for (int i = 0; i < fet_op_n_attrs(op); i++) {
        if (attrs[i].tensor == NULL) continue;
        struct fet_tensor counted = *attrs[i].tensor;
        fet_tensor_unref(&counted);
    }
}

void fet_graph_free(struct fet_graph *g)
{
    if (g == NULL) return;
    for (int i = 0; i < g->n_values; i++) fet_tensor_unref(&g->values[i].constant);
    for (int i = 0; i < g->n_nodes; i++) unref_attrs(g->nodes[i].op, g->nodes[i].attrs);
    fet_free(g->values);
    fet_free(g->nodes);
    fet_free(g->slots);
    fet_free(g->inputs);
    fet_free(g->outputs);
    fet_arena_deinit(&g->arena);
    fet_free(g);
}

/* Room for one element behind n: the capacity is the smallest power of two that holds n. */
static fet_status grow(void **array, int n, size_t size)
{
    if (*array != NULL && (n == 0 || (n & (n - 1)) != 0)) return FET_OK;
    if (n > INT32_MAX / 2) return FET_FAIL(FET_LIMIT, "graph: more than %d elements", n);
    void *const grown = fet_realloc(*array, n, n == 0 ? 1 : 2 * (int64_t)n, size);
    if (grown == NULL) return FET_FAIL_MEMORY("graph", 2 * (int64_t)n * (int64_t)size);
    *array = grown;
    return FET_OK;
}

static fet_status grow_ints(int **array, int n)
{
    void *p = *array;
    FET_TRY(grow(&p, n, sizeof **array));
    *array = p;
    return FET_OK;
}

/* ---- names: an open hash table (FNV-1a, linear steps), at most half full ---- */

/* The slot that holds the name, or the free one where it belongs. */
static int find_slot(const struct fet_graph *g, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = name; *c != '\0'; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    const uint64_t mask = (uint64_t)g->n_slots - 1;
    uint64_t i = (hash ^ hash >> 32) & mask;
    while (g->slots[i] != 0 && strcmp(g->values[g->slots[i] - 1].name, name) != 0)
        i = (i + 1) & mask;
    return (int)i;
}

int fet_graph_find_value(const struct fet_graph *g, const char *name)
{
    if (g->n_slots == 0 || name[0] == '\0') return FET_GRAPH_NONE;
    return g->slots[find_slot(g, name)] - 1;
}

static fet_status grow_names(struct fet_graph *g)
{
    if (2 * (g->n_values + 1) <= g->n_slots) return FET_OK;
    const int n = g->n_slots == 0 ? 16 : 2 * g->n_slots;
    int *const slots = fet_alloc(n, sizeof *slots);
    if (slots == NULL) return FET_FAIL_MEMORY("graph", n * (int64_t)sizeof *slots);
    fet_free(g->slots);
    g->slots = slots;
    g->n_slots = n;
    for (int i = 0; i < g->n_values; i++)
        if (g->values[i].name[0] != '\0') slots[find_slot(g, g->values[i].name)] = i + 1;
    return FET_OK;
}

/* Takes the newest values away again. */
static void drop_values(struct fet_graph *g, int n_left)
{
    for (; g->n_values > n_left; g->n_values--) {
        const char *const name = g->values[g->n_values - 1].name;
        if (name[0] != '\0') g->slots[find_slot(g, name)] = 0;
    }
}

/* A new value with nothing known but its name. */
static fet_status add_value(struct fet_graph *g, const char *name, int *value)
{
    const char *copy = "";
    const bool is_named = name != NULL && name[0] != '\0';
    if (is_named && fet_graph_find_value(g, name) != FET_GRAPH_NONE)
        return FET_FAIL(FET_ARGUMENT, "graph: two values are called '%s'", name);
    if (is_named && (copy = fet_arena_strdup(&g->arena, name)) == NULL)
        return FET_FAIL_MEMORY("graph", strlen(name));
    void *values = g->values;
    FET_TRY(grow(&values, g->n_values, sizeof *g->values));
    g->values = values;
    FET_TRY(grow_names(g));
    if (is_named) g->slots[find_slot(g, name)] = g->n_values + 1;
    g->values[g->n_values] =
        (struct fet_graph_value){.name = copy, .update = FET_GRAPH_NONE, .node = -1};
    *value = g->n_values++;
    return FET_OK;
}

fet_status fet_graph_add_untyped_input(struct fet_graph *g, const char *name, int *value)
{
    int made = 0;
    FET_TRY(grow_ints(&g->inputs, g->n_inputs));
    FET_TRY(add_value(g, name, &made));
    g->inputs[g->n_inputs++] = made;
    *value = made;
    return FET_OK;
}

fet_status fet_graph_add_input(struct fet_graph *g, const char *name, enum fet_dtype dtype,
                               int n_dims, const int64_t *dims, int *value)
{
    int made = 0;
    if (n_dims < 0 || n_dims > FET_MAX_DIMS)
        return FET_FAIL(FET_SHAPE, "graph: input with %d dimensions, 0 to %d are possible", n_dims,
                        FET_MAX_DIMS);
    for (int i = 0; i < n_dims; i++)
        if (dims[i] < 0 && dims[i] != FET_GRAPH_FREE)
            return FET_FAIL(FET_SHAPE, "graph: input with dimension %lld", (long long)dims[i]);
    FET_TRY(fet_graph_add_untyped_input(g, name, &made));
    struct fet_graph_value *const v = &g->values[made];
    v->is_typed = true;
    v->dtype = dtype;
    v->shape.n_dims = n_dims;
    for (int i = 0; i < n_dims; i++) v->shape.dims[i] = dims[i];
    *value = made;
    return FET_OK;
}

fet_status fet_graph_add_constant(struct fet_graph *g, const char *name, const struct fet_tensor *t,
                                  int *value)
{
    int made = 0;
    FET_TRY(add_value(g, name, &made));
    struct fet_graph_value *const v = &g->values[made];
    v->is_typed = v->is_constant = true;
    v->dtype = t->dtype;
    v->shape = t->shape;
    v->constant = fet_tensor_ref(t);
    *value = made;
    return FET_OK;
}

fet_status fet_graph_add_parameter(struct fet_graph *g, const char *name,
                                   const struct fet_tensor *t, int *value)
{
    int made = 0;
    if (name == NULL || name[0] == '\0')
        return FET_FAIL(FET_ARGUMENT, "graph: a parameter needs a name");
    if (t->dtype != FET_F32)
        return FET_FAIL(FET_ARGUMENT, "graph: parameter '%s' is %s, wanted F32", name,
                        fet_dtype_name(t->dtype));
    FET_TRY(fet_graph_add_constant(g, name, t, &made));
    g->values[made].is_parameter = true;
    *value = made;
    return FET_OK;
}

fet_status fet_graph_set_update(struct fet_graph *g, int parameter, int value)
{
    const bool is_known = parameter >= 0 && parameter < g->n_values && value >= 0 &&
                          value < g->n_values && value != parameter;
    if (!is_known || !g->values[parameter].is_parameter)
        return FET_FAIL(FET_ARGUMENT,
                        "graph: value %d cannot follow value %d, which is no parameter", value,
                        parameter);
    g->values[parameter].update = value;
    return FET_OK;
}

fet_status fet_graph_add_output(struct fet_graph *g, int value)
{
    if (value < 0 || value >= g->n_values)
        return FET_FAIL(FET_ARGUMENT, "graph: output %d is no value of the graph's %d", value,
                        g->n_values);
    FET_TRY(grow_ints(&g->outputs, g->n_outputs));
    g->outputs[g->n_outputs++] = value;
    return FET_OK;
}

/* ---- nodes ---- */

static fet_status check_call(const struct fet_graph *g, const struct fet_graph_call *call,
                             const char *name)
{
    const struct fet_op *const op = call->op;
    if (call->n_x < op->min_x || (op->max_x >= 0 && call->n_x > op->max_x))
        return FET_FAIL(FET_ARGUMENT, "graph: node '%s' (%s) has %d inputs, wanted %d to %d", name,
                        op->name, call->n_x, op->min_x, op->max_x < 0 ? INT32_MAX : op->max_x);
    for (int i = 0; i < call->n_x; i++) {
        if (call->x[i] == FET_GRAPH_NONE && i < op->min_x)
            return FET_FAIL(FET_ARGUMENT, "graph: node '%s' (%s) lacks input %d", name, op->name,
                            i);
        if (call->x[i] != FET_GRAPH_NONE && (call->x[i] < 0 || call->x[i] >= g->n_values))
            return FET_FAIL(FET_ARGUMENT, "graph: node '%s' (%s): input %d is no value", name,
                            op->name, i);
    }
    if (call->n_y < 1 || (op->n_y >= 0 && call->n_y > op->n_y))
        return FET_FAIL(FET_ARGUMENT, "graph: node '%s' (%s) has %d outputs, wanted 1 to %d", name,
                        op->name, call->n_y, op->n_y < 0 ? INT32_MAX : op->n_y);
    return FET_OK;
}

static void *arena_copy(struct fet_arena *a, const void *from, int64_t n, size_t size)
{
    void *const copy = fet_arena_alloc(a, n, size);
    if (copy != NULL && n > 0) memcpy(copy, from, (size_t)n * size);
    return copy;
}

/* Copies what an attribute points to. */
static fet_status copy_attr(struct fet_graph *g, const struct fet_attr_value *from,
                            struct fet_attr_value *to)
{
    struct fet_arena *const a = &g->arena;
    struct fet_attr_value v = *from;
    v.tensor = NULL;
    if (from->text != NULL && (v.text = fet_arena_strdup(a, from->text)) == NULL)
        return FET_FAIL_MEMORY("graph", strlen(from->text));
    if (from->ints != NULL && (v.ints = arena_copy(a, from->ints, from->n, sizeof *v.ints)) == NULL)
        return FET_FAIL_MEMORY("graph", from->n * 8);
    if (from->reals != NULL &&
        (v.reals = arena_copy(a, from->reals, from->n, sizeof *v.reals)) == NULL)
        return FET_FAIL_MEMORY("graph", from->n * 8);
    if (from->tensor != NULL) {
        struct fet_tensor *const t = fet_arena_alloc(a, 1, sizeof *t);
        if (t == NULL) return FET_FAIL_MEMORY("graph", sizeof *t);
        *t = fet_tensor_ref(from->tensor); /* last: nothing can fail behind it */
        v.tensor = t;
    }
    *to = v;
    return FET_OK;
}

/* The defaults of all attributes that the call leaves unset: the operator's table with the defaults
 * of the others taken out is what the parser of attributes fills in. */
static fet_status default_attrs(struct fet_graph *g, const struct fet_graph_call *call,
                                struct fet_attr_value *attrs)
{
    const int n = fet_op_n_attrs(call->op);
    struct fet_attr *const table = fet_arena_alloc(&g->arena, n + 1, sizeof *table);
    if (table == NULL) return FET_FAIL_MEMORY("graph", (n + 1) * (int64_t)sizeof *table);
    for (int i = 0; i < n; i++) {
        table[i] = call->op->attrs[i];
        if (call->attrs != NULL && call->attrs[i].is_set) table[i].standard = "";
    }
    struct fet_op like = *call->op;
    like.attrs = table;
    return fet_op_parse_attrs(&like, "", &g->arena, attrs);
}

static fet_status copy_attrs(struct fet_graph *g, const struct fet_graph_call *call,
                             struct fet_attr_value **attrs)
{
    const int n = fet_op_n_attrs(call->op);
    struct fet_attr_value *const made = fet_arena_alloc(&g->arena, n, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("graph", n * (int64_t)sizeof *made);
    FET_TRY(default_attrs(g, call, made));
    for (int i = 0; i < n; i++) {
        if (call->attrs == NULL || !call->attrs[i].is_set) continue;
        const fet_status st = copy_attr(g, &call->attrs[i], &made[i]);
        if (st == FET_OK) continue;
        unref_attrs(call->op, made);
        return st;
    }
    *attrs = made;
    return FET_OK;
}

/* Values for the outputs; on failure the caller drops those already made. */
static fet_status add_results(struct fet_graph *g, const struct fet_graph_call *call, int *y)
{
    for (int i = 0; i < call->n_y; i++) {
        y[i] = FET_GRAPH_NONE;
        if (call->y_names != NULL && call->y_names[i] == NULL) continue;
        FET_TRY(add_value(g, call->y_names != NULL ? call->y_names[i] : NULL, &y[i]));
        g->values[y[i]].node = g->n_nodes;
    }
    return FET_OK;
}

fet_status fet_graph_add_node(struct fet_graph *g, const struct fet_graph_call *call, int *y)
{
    const char *const name = call->name != NULL ? call->name : call->op->name;
    FET_TRY(check_call(g, call, name));
    void *nodes = g->nodes;
    FET_TRY(grow(&nodes, g->n_nodes, sizeof *g->nodes));
    g->nodes = nodes;
    struct fet_graph_node node = {.op = call->op, .n_x = call->n_x, .n_y = call->n_y};
    node.name = fet_arena_strdup(&g->arena, name);
    node.x = arena_copy(&g->arena, call->x, call->n_x, sizeof *node.x);
    node.y = fet_arena_alloc(&g->arena, call->n_y, sizeof *node.y);
    if (node.name == NULL || node.x == NULL || node.y == NULL)
        return FET_FAIL_MEMORY("graph", call->n_x + call->n_y);
    const int n_values = g->n_values;
    FET_TRY(copy_attrs(g, call, &node.attrs));
    const fet_status st = add_results(g, call, node.y);
    if (st != FET_OK) {
        unref_attrs(node.op, node.attrs);
        drop_values(g, n_values);
        return st;
    }
    g->nodes[g->n_nodes++] = node;
    memcpy(y, node.y, (size_t)call->n_y * sizeof *y);
    return FET_OK;
}
