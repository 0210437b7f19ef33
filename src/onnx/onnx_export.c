/* From a graph to a file. The table of operators drives it, as it drives the import: a node's type
 * is its operator's, its attributes bear the names that the operator declares, and those at their
 * defaults are left out. What an older opset says otherwise is in onnx_restate.c, operators that it
 * does not have in onnx_lower.c. */
#include "onnx_export.h"

#include <stdlib.h>
#include <string.h>

#include "onnx_model.h"
#include "protobuf.h"
#include "typed.h"

struct exporter {
    const struct fet_graph *g;
    int opset;
    const char **names; /* [n_values]: of values in the file; NULL = not in it */
    bool *has_name;     /* [n_nodes]: no other node is called the same */
    /* Two inferences with different sizes in place of the free ones: what differs is free. */
    struct fet_tensor *known[2]; /* [n_values], or NULL: nothing is known */
    struct fet_arena arena;
    struct fet_text out;
};

/* ---- names ---- */

/* Unnamed values get names that no other has. */
static fet_status name_value(struct exporter *e, int n)
{
    char made[64];
    if (e->names[n] != NULL) return FET_OK;
    e->names[n] = e->g->values[n].name;
    if (e->names[n][0] != '\0') return FET_OK;
    fet_text_format(made, sizeof made, "v%d", n);
    for (int i = 0; fet_graph_find_value(e->g, made) != FET_GRAPH_NONE; i++)
        fet_text_format(made, sizeof made, "v%d_%d", n, i);
    e->names[n] = fet_arena_strdup(&e->arena, made);
    return e->names[n] != NULL ? FET_OK : FET_FAIL_MEMORY("onnx", sizeof made);
}

static fet_status name_values(struct exporter *e)
{
    const struct fet_graph *const g = e->g;
    e->names = fet_arena_alloc(&e->arena, g->n_values, sizeof *e->names);
    if (e->names == NULL) return FET_FAIL_MEMORY("onnx", g->n_values * 8);
    for (int i = 0; i < g->n_inputs; i++) FET_TRY(name_value(e, g->inputs[i]));
    for (int i = 0; i < g->n_outputs; i++) FET_TRY(name_value(e, g->outputs[i]));
    for (int k = 0; k < g->n_nodes; k++) {
        for (int i = 0; i < g->nodes[k].n_x; i++)
            if (g->nodes[k].x[i] != FET_GRAPH_NONE) FET_TRY(name_value(e, g->nodes[k].x[i]));
        for (int i = 0; i < g->nodes[k].n_y; i++)
            if (g->nodes[k].y[i] != FET_GRAPH_NONE) FET_TRY(name_value(e, g->nodes[k].y[i]));
    }
    return FET_OK;
}

static int compare_names(const void *a, const void *b)
{
    const struct fet_graph_node *const *const x = a, *const *const y = b;
    const int order = strcmp((*x)->name, (*y)->name);
    return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* Readers refuse two nodes of one name: of several the first keeps it. */
static fet_status name_nodes(struct exporter *e)
{
    const struct fet_graph *const g = e->g;
    const struct fet_graph_node **const sorted =
        fet_arena_alloc(&e->arena, g->n_nodes, sizeof *sorted);
    e->has_name = fet_arena_alloc(&e->arena, g->n_nodes, sizeof *e->has_name);
    if (sorted == NULL || e->has_name == NULL) return FET_FAIL_MEMORY("onnx", g->n_nodes * 8);
    for (int k = 0; k < g->n_nodes; k++) sorted[k] = &g->nodes[k];
    qsort(sorted, (size_t)g->n_nodes, sizeof *sorted, compare_names);
    for (int k = 0; k < g->n_nodes; k++)
        e->has_name[sorted[k] - g->nodes] =
            k == 0 || strcmp(sorted[k]->name, sorted[k - 1]->name) != 0;
    return FET_OK;
}

/* ---- types and shapes ---- */

/* Sizes that stand for free ones: a first dimension is a batch, others may be pictures. */
static int64_t stand_in(int axis, int which)
{
    return axis == 0 ? 2 + which : 64 + 32 * which;
}

fet_status fet_onnx_probe(const struct fet_graph *g, int which, struct fet_arena *a,
                          struct fet_tensor **known)
{
    struct fet_shape *const inputs = fet_arena_alloc(a, g->n_inputs, sizeof *inputs);
    struct fet_tensor *const values = fet_arena_alloc(a, g->n_values, sizeof *values);
    if (inputs == NULL || values == NULL) return FET_FAIL_MEMORY("onnx", g->n_values * 8);
    for (int i = 0; i < g->n_inputs; i++) {
        inputs[i] = g->values[g->inputs[i]].shape;
        for (int k = 0; k < inputs[i].n_dims; k++)
            if (inputs[i].dims[k] == FET_GRAPH_FREE) inputs[i].dims[k] = stand_in(k, which);
    }
    const fet_status st = fet_graph_infer(g, inputs, values);
    if (st == FET_OK) *known = values;
    return st == FET_MEMORY ? st : FET_OK;
}

static void put_dimension(struct exporter *e, int64_t size, const char *name)
{
    const size_t dimension = fet_pb_begin(&e->out, 1);
    if (size >= 0)
        fet_pb_put_int(&e->out, 1, size);
    else if (name != NULL)
        fet_pb_put_string(&e->out, 2, name);
    fet_pb_end(&e->out, dimension);
}

/* A free dimension of an input is called after it; so is that of an output that has its size. */
static void put_input_dimension(struct exporter *e, const struct fet_graph_value *v, int axis)
{
    char name[256];
    fet_text_format(name, sizeof name, "%s_%d", v->name, axis);
    put_dimension(e, v->shape.dims[axis], name);
}

static void put_output_dimension(struct exporter *e, int64_t a, int64_t b)
{
    if (a == b) {
        put_dimension(e, a, NULL);
        return;
    }
    for (int i = 0; i < e->g->n_inputs; i++) {
        const struct fet_graph_value *const v = &e->g->values[e->g->inputs[i]];
        for (int k = 0; k < v->shape.n_dims; k++) {
            if (v->shape.dims[k] != FET_GRAPH_FREE || a != stand_in(k, 0) || b != stand_in(k, 1))
                continue;
            put_input_dimension(e, v, k);
            return;
        }
    }
    put_dimension(e, FET_GRAPH_FREE, NULL);
}

/* ValueInfoProto: TypeProto: TypeProto.Tensor: TensorShapeProto. */
static void put_value(struct exporter *e, uint32_t number, int n, const char *name, bool is_input)
{
    const struct fet_graph_value *const v = &e->g->values[n];
    const struct fet_tensor *const a = e->known[0] ? &e->known[0][n] : NULL;
    const struct fet_tensor *const b = e->known[1] ? &e->known[1][n] : NULL;
    const bool is_typed = is_input || (a != NULL && fet_graph_has_type(a));
    const bool is_shaped =
        is_input || (is_typed && b != NULL && fet_graph_has_shape(a) && fet_graph_has_shape(b) &&
                     a->shape.n_dims == b->shape.n_dims);
    const size_t info = fet_pb_begin(&e->out, number);
    fet_pb_put_string(&e->out, 1, name);
    if (is_typed) {
        const size_t type = fet_pb_begin(&e->out, 2), tensor = fet_pb_begin(&e->out, 1);
        fet_pb_put_int(&e->out, 1, fet_onnx_type_of(is_input ? v->dtype : a->dtype));
        if (is_shaped) {
            const size_t shape = fet_pb_begin(&e->out, 2);
            for (int k = 0; is_input && k < v->shape.n_dims; k++) put_input_dimension(e, v, k);
            for (int k = 0; !is_input && k < a->shape.n_dims; k++)
                put_output_dimension(e, a->shape.dims[k], b->shape.dims[k]);
            fet_pb_end(&e->out, shape);
        }
        fet_pb_end(&e->out, tensor);
        fet_pb_end(&e->out, type);
    }
    fet_pb_end(&e->out, info);
}

/* Elements of four or two bits: several in a byte, the first lowest. */
static void put_packed(struct exporter *e, const struct fet_tensor *t)
{
    const int n_bits = fet_dtype_bits(t->dtype);
    const int64_t each = 8 / n_bits, count = fet_tensor_count(t);
    const uint8_t *const codes = t->data;
    const size_t raw = fet_pb_begin(&e->out, 9);
    for (int64_t i = 0; i < count; i += each) {
        unsigned byte = 0;
        for (int64_t k = 0; k < each && i + k < count; k++)
            byte |= (codes[i + k] & ((1U << n_bits) - 1)) << (k * n_bits);
        const uint8_t one = (uint8_t)byte;
        fet_text_add_bytes(&e->out, &one, 1);
    }
    fet_pb_end(&e->out, raw);
}

static void put_tensor(struct exporter *e, uint32_t number, const struct fet_tensor *t,
                       const char *name)
{
    const size_t tensor = fet_pb_begin(&e->out, number);
    for (int i = 0; i < t->shape.n_dims; i++) fet_pb_put_int(&e->out, 1, t->shape.dims[i]);
    fet_pb_put_int(&e->out, 2, fet_onnx_type_of(t->dtype));
    if (name != NULL) fet_pb_put_string(&e->out, 8, name);
    if (fet_dtype_bits(t->dtype) < 8)
        put_packed(e, t);
    else
        fet_pb_put_bytes(&e->out, 9, t->data, fet_tensor_bytes(t));
    fet_pb_end(&e->out, tensor);
}

/* ---- nodes ---- */

/* Texts that ONNX has as a list: one field for each word between commas. */
static void put_words(struct exporter *e, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        const size_t n = strcspn(at, ",");
        fet_pb_put_bytes(&e->out, 9, at, n);
        at += n + (at[n] == ',');
    }
}

static void put_attribute(struct exporter *e, const struct fet_attr *attr,
                          const struct fet_attr_value *v)
{
    static const int types[] = {
        [FET_ATTR_INT] = FET_ONNX_ATTR_INT,      [FET_ATTR_REAL] = FET_ONNX_ATTR_FLOAT,
        [FET_ATTR_TEXT] = FET_ONNX_ATTR_STRING,  [FET_ATTR_INTS] = FET_ONNX_ATTR_INTS,
        [FET_ATTR_REALS] = FET_ONNX_ATTR_FLOATS, [FET_ATTR_TENSOR] = FET_ONNX_ATTR_TENSOR};
    const bool is_words = attr->type == FET_ATTR_TEXT && strcmp(attr->name, "activations") == 0;
    const size_t attribute = fet_pb_begin(&e->out, 5);
    fet_pb_put_string(&e->out, 1, attr->name);
    if (attr->type == FET_ATTR_INT) fet_pb_put_int(&e->out, 3, v->i);
    if (attr->type == FET_ATTR_REAL) fet_pb_put_float(&e->out, 2, (float)v->r);
    if (attr->type == FET_ATTR_TEXT && !is_words) fet_pb_put_string(&e->out, 4, v->text);
    if (is_words) put_words(e, v->text);
    if (attr->type == FET_ATTR_TENSOR) put_tensor(e, 5, v->tensor, NULL);
    for (int64_t i = 0; attr->type == FET_ATTR_INTS && i < v->n; i++)
        fet_pb_put_int(&e->out, 8, v->ints[i]);
    for (int64_t i = 0; attr->type == FET_ATTR_REALS && i < v->n; i++)
        fet_pb_put_float(&e->out, 7, (float)v->reals[i]);
    fet_pb_put_int(&e->out, 20, is_words ? FET_ONNX_ATTR_STRINGS : types[attr->type]);
    fet_pb_end(&e->out, attribute);
}

static fet_status put_attributes(struct exporter *e, const struct fet_graph_node *node,
                                 const struct fet_onnx_saying *s)
{
    for (int i = 0; i < fet_op_n_attrs(node->op); i++) {
        bool is_standard = false;
        FET_TRY(fet_onnx_is_standard(node->op, i, &node->attrs[i], &is_standard));
        /* Ours alone: never, whatever the run says. A written model is for answering. */
        const bool is_never = node->attrs[i].is_set && node->attrs[i].i < 0 &&
                              strcmp(node->op->attrs[i].name, "training_mode") == 0;
        if (s->int_name != NULL && strcmp(s->int_name, node->op->attrs[i].name) == 0) continue;
        if (is_standard || is_never) continue;
        struct fet_attr_value value = node->attrs[i];
        if (value.text != NULL)
            value.text = fet_onnx_respell(node->op, node->op->attrs[i].name, value.text, e->opset);
        put_attribute(e, &node->op->attrs[i], &value);
    }
    const struct fet_attr list = {.name = s->list_name, .type = FET_ATTR_INTS};
    const struct fet_attr number = {.name = s->int_name, .type = FET_ATTR_INT};
    const struct fet_attr_value value = {.ints = s->list, .n = s->n_list, .i = s->i};
    if (s->list_name != NULL) put_attribute(e, &list, &value);
    if (s->int_name != NULL) put_attribute(e, &number, &value);
    return FET_OK;
}

static fet_status put_node(struct exporter *e, int k)
{
    const struct fet_graph_node *const node = &e->g->nodes[k];
    struct fet_onnx_saying s;
    fet_onnx_restate(e->g, node, e->opset, &s);
    int n_y = node->n_y;
    while (n_y > 1 && node->y[n_y - 1] == FET_GRAPH_NONE) n_y--;
    const size_t message = fet_pb_begin(&e->out, 1);
    for (int i = 0; i < s.n_x; i++)
        fet_pb_put_string(&e->out, 1, node->x[i] == FET_GRAPH_NONE ? "" : e->names[node->x[i]]);
    for (int i = 0; i < n_y; i++)
        fet_pb_put_string(&e->out, 2, node->y[i] == FET_GRAPH_NONE ? "" : e->names[node->y[i]]);
    if (e->has_name[k]) fet_pb_put_string(&e->out, 3, node->name);
    fet_pb_put_string(&e->out, 4, node->op->onnx_type);
    FET_TRY(put_attributes(e, node, &s));
    fet_pb_end(&e->out, message);
    return FET_OK;
}

/* ---- outputs ---- */

/* ONNX wants every output to be made by a node, and once: others pass through an Identity. *name is
 * what the output is called. */
static fet_status put_output_node(struct exporter *e, int i, const char **name)
{
    const int n = e->g->outputs[i];
    bool is_made = e->g->values[n].node >= 0;
    for (int k = 0; k < i; k++) is_made &= e->g->outputs[k] != n;
    *name = e->names[n];
    if (is_made) return FET_OK;
    char made[64];
    fet_text_format(made, sizeof made, "output_%d", i);
    for (int k = 0; fet_graph_find_value(e->g, made) != FET_GRAPH_NONE; k++)
        fet_text_format(made, sizeof made, "output_%d_%d", i, k);
    *name = fet_arena_strdup(&e->arena, made);
    if (*name == NULL) return FET_FAIL_MEMORY("onnx", sizeof made);
    const size_t message = fet_pb_begin(&e->out, 1);
    fet_pb_put_string(&e->out, 1, e->names[n]);
    fet_pb_put_string(&e->out, 2, *name);
    fet_pb_put_string(&e->out, 4, "Identity");
    fet_pb_end(&e->out, message);
    return FET_OK;
}

/* ---- the whole ---- */

static fet_status put_graph(struct exporter *e)
{
    const struct fet_graph *const g = e->g;
    const char **const outputs = fet_arena_alloc(&e->arena, g->n_outputs, sizeof *outputs);
    if (outputs == NULL) return FET_FAIL_MEMORY("onnx", g->n_outputs * 8);
    const size_t graph = fet_pb_begin(&e->out, 7);
    for (int k = 0; k < g->n_nodes; k++) FET_TRY(put_node(e, k));
    for (int i = 0; i < g->n_outputs; i++) FET_TRY(put_output_node(e, i, &outputs[i]));
    fet_pb_put_string(&e->out, 2, "fettle");
    for (int n = 0; n < g->n_values; n++)
        if (g->values[n].is_constant && e->names[n] != NULL)
            put_tensor(e, 5, &g->values[n].constant, e->names[n]);
    for (int i = 0; i < g->n_inputs; i++) {
        const int n = g->inputs[i];
        put_value(e, 11, n, e->names[n], true);
    }
    for (int i = 0; i < g->n_outputs; i++) put_value(e, 12, g->outputs[i], outputs[i], false);
    fet_pb_end(&e->out, graph);
    return FET_OK;
}

/* The version of the file format that came with an opset. */
static int format_of(int opset)
{
    return opset < 15 ? 7 : opset < 19 ? 8 : opset < 21 ? 9 : 10;
}

static fet_status choose_opset(struct exporter *e, int wished)
{
    e->opset = wished != 0 ? wished : FET_ONNX_STANDARD;
    for (int k = 0; k < e->g->n_nodes; k++) {
        int since = 0;
        FET_TRY(fet_onnx_said_since(e->g, &e->g->nodes[k], e->known[0], &since));
        if (since > e->opset) e->opset = since;
    }
    return FET_OK;
}

static fet_status put_model(struct exporter *e, int wished)
{
    for (int k = 0; k < 2; k++) FET_TRY(fet_onnx_probe(e->g, k, &e->arena, &e->known[k]));
    FET_TRY(choose_opset(e, wished));
    FET_TRY(name_values(e));
    FET_TRY(name_nodes(e));
    fet_pb_put_int(&e->out, 1, format_of(e->opset));
    fet_pb_put_string(&e->out, 2, "fettle");
    fet_pb_put_string(&e->out, 3, FET_VERSION);
    FET_TRY(put_graph(e));
    const size_t opset = fet_pb_begin(&e->out, 8);
    fet_pb_put_string(&e->out, 1, "");
    fet_pb_put_int(&e->out, 2, e->opset);
    fet_pb_end(&e->out, opset);
    FET_TRY(fet_text_status(&e->out, "onnx"));
    if (e->out.n > INT32_MAX)
        return FET_FAIL(FET_LIMIT, "onnx: %zu bytes, a file holds at most 2 GiB", e->out.n);
    return FET_OK;
}

static fet_status export_lowered(const struct fet_graph *g, int opset, struct fet_text *bytes)
{
    struct exporter e = {.g = g};
    const fet_status st = put_model(&e, opset);
    for (int k = 0; k < 2; k++)
        for (int n = 0; e.known[k] != NULL && n < g->n_values; n++)
            fet_tensor_unref(&e.known[k][n]);
    fet_arena_deinit(&e.arena);
    if (st != FET_OK) {
        fet_text_deinit(&e.out);
        return st;
    }
    fet_text_deinit(bytes);
    *bytes = e.out;
    return FET_OK;
}

fet_status fet_onnx_export(const struct fet_graph *g, int opset, struct fet_text *bytes)
{
    struct fet_graph *lowered = NULL;
    if (opset != 0 && (opset < FET_ONNX_OLDEST || opset > FET_ONNX_NEWEST))
        return FET_FAIL(FET_ARGUMENT, "onnx: opset %d, %d to %d can be written", opset,
                        FET_ONNX_OLDEST, FET_ONNX_NEWEST);
    FET_TRY(fet_onnx_lower(g, opset != 0 ? opset : FET_ONNX_NEWEST, &lowered));
    const fet_status st = export_lowered(lowered, opset, bytes);
    fet_graph_free(lowered);
    return st;
}

fet_status fet_onnx_write(const struct fet_graph *g, int opset, const char *path)
{
    struct fet_text bytes = {0};
    FET_TRY(fet_onnx_export(g, opset, &bytes));
    const fet_status st = fet_file_write(path, bytes.s, bytes.n);
    fet_text_deinit(&bytes);
    return st;
}
