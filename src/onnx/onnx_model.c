/* ModelProto: opsets, the graph, its nodes. Messages nest five deep at most (model, graph, node,
 * attribute, tensor): what could nest without end, graphs within attributes, is not entered. Arrays
 * are counted before they are made, so that their size follows from the file's. */
#include "onnx_model.h"

#include <string.h>

typedef fet_status field_reader(const struct fet_pb_field *f, struct fet_arena *a, void *self);

/* Every field of a message, in order. */
static fet_status walk(struct fet_pb message, field_reader *read, struct fet_arena *a, void *self)
{
    for (;;) {
        struct fet_pb_field f;
        bool has_field = false;
        FET_TRY(fet_pb_next(&message, &f, &has_field));
        if (!has_field) return FET_OK;
        FET_TRY(read(&f, a, self));
    }
}

static fet_status walk_field(const struct fet_pb_field *f, const char *name, field_reader *read,
                             struct fet_arena *a, void *self)
{
    FET_TRY(fet_pb_expect(f, FET_PB_BYTES, name));
    return walk(f->bytes, read, a, self);
}

/* Room for all fields with that number. */
static fet_status make_array(struct fet_pb message, uint32_t number, size_t size,
                             struct fet_arena *a, void **array)
{
    int64_t n = 0;
    FET_TRY(fet_pb_count(message, number, &n));
    *array = fet_arena_alloc(a, n, size);
    if (*array == NULL) return FET_FAIL_MEMORY("onnx model", n * (int64_t)size);
    return FET_OK;
}

fet_status fet_onnx_text(const struct fet_pb_field *f, const char *field, struct fet_arena *a,
                         const char **text)
{
    FET_TRY(fet_pb_expect(f, FET_PB_BYTES, field));
    if (f->bytes.n > 0 && memchr(f->bytes.at, '\0', f->bytes.n) != NULL)
        return FET_FAIL(FET_FORMAT, "onnx: %s holds a zero byte", field);
    const char *at = f->bytes.n > 0 ? (const char *)f->bytes.at : "";
    const char *copy = fet_arena_strndup(a, at, f->bytes.n);
    if (copy == NULL) return FET_FAIL_MEMORY(field, f->bytes.n);
    *text = copy;
    return FET_OK;
}

static fet_status read_int(const struct fet_pb_field *f, const char *field, int64_t *value)
{
    FET_TRY(fet_pb_expect(f, FET_PB_VARINT, field));
    *value = (int64_t)f->value;
    return FET_OK;
}

/* ---- attributes ---- */

/* How many numbers a repeated field holds, packed or not. */
static fet_status count_numbers(struct fet_pb message, uint32_t number, enum fet_pb_wire wire,
                                int64_t *n)
{
    *n = 0;
    for (;;) {
        struct fet_pb_field f;
        bool has_field = false;
        FET_TRY(fet_pb_next(&message, &f, &has_field));
        if (!has_field) return FET_OK;
        if (f.number != number) continue;
        if (f.wire == wire) ++*n;
        while (f.wire == FET_PB_BYTES && f.bytes.n > 0) {
            uint64_t bits = 0;
            FET_TRY(fet_pb_packed_next(&f.bytes, wire, &bits));
            ++*n;
        }
    }
}

static void store_number(uint64_t bits, int64_t *ints, double *reals, int64_t *i)
{
    if (ints != NULL) ints[*i] = (int64_t)bits;
    if (reals != NULL) reals[*i] = (double)fet_pb_float(bits);
    ++*i;
}

/* The repeated numbers of a message: into ints or into reals. */
static fet_status read_numbers(struct fet_pb message, uint32_t number, enum fet_pb_wire wire,
                               int64_t *ints, double *reals)
{
    int64_t i = 0;
    for (;;) {
        struct fet_pb_field f;
        bool has_field = false;
        FET_TRY(fet_pb_next(&message, &f, &has_field));
        if (!has_field) return FET_OK;
        if (f.number != number) continue;
        if (f.wire == wire) store_number(f.value, ints, reals, &i);
        while (f.wire == FET_PB_BYTES && f.bytes.n > 0) {
            uint64_t bits = 0;
            FET_TRY(fet_pb_packed_next(&f.bytes, wire, &bits));
            store_number(bits, ints, reals, &i);
        }
    }
}

/* Strings become one text, joined by commas: no string of the standard holds one. */
static fet_status join_strings(struct fet_pb message, struct fet_arena *a, const char **text)
{
    struct fet_text joined = {0};
    fet_status st = FET_OK;
    for (;;) {
        struct fet_pb_field f;
        const char *s = NULL;
        bool has_field = false;
        FET_TRY_OUT(fet_pb_next(&message, &f, &has_field));
        if (!has_field) break;
        if (f.number != 9) continue;
        FET_TRY_OUT(fet_onnx_text(&f, "AttributeProto.strings", a, &s));
        if (joined.n > 0) fet_text_add_string(&joined, ",");
        fet_text_add_string(&joined, s);
    }
    FET_TRY_OUT(fet_text_status(&joined, "onnx attribute"));
    *text = fet_arena_strdup(a, fet_text_get(&joined));
    if (*text == NULL) st = FET_FAIL_MEMORY("onnx attribute", joined.n);
out:
    fet_text_deinit(&joined);
    return st;
}

static fet_status read_attribute_field(const struct fet_pb_field *f, struct fet_arena *a,
                                       void *self)
{
    struct fet_onnx_attribute *const t = self;
    int64_t type = 0;
    switch (f->number) {
    case 1:
        return fet_onnx_text(f, "AttributeProto.name", a, &t->name);
    case 2:
        FET_TRY(fet_pb_expect(f, FET_PB_FIXED32, "AttributeProto.f"));
        t->r = (double)fet_pb_float(f->value);
        return FET_OK;
    case 3:
        return read_int(f, "AttributeProto.i", &t->i);
    case 4:
        return fet_onnx_text(f, "AttributeProto.s", a, &t->text);
    case 5:
        FET_TRY(fet_pb_expect(f, FET_PB_BYTES, "AttributeProto.t"));
        t->tensor = f->bytes;
        return FET_OK;
    case 20:
        FET_TRY(read_int(f, "AttributeProto.type", &type));
        t->type = type >= 0 && type < 100 ? (int)type : 99;
        return FET_OK;
    default:
        return FET_OK;
    }
}

static fet_status read_lists(struct fet_pb message, struct fet_arena *a,
                             struct fet_onnx_attribute *t)
{
    if (t->type == FET_ONNX_ATTR_STRINGS) return join_strings(message, a, &t->text);
    if (t->type != FET_ONNX_ATTR_INTS && t->type != FET_ONNX_ATTR_FLOATS) return FET_OK;
    const bool is_int = t->type == FET_ONNX_ATTR_INTS;
    const uint32_t number = is_int ? 8 : 7;
    const enum fet_pb_wire wire = is_int ? FET_PB_VARINT : FET_PB_FIXED32;
    FET_TRY(count_numbers(message, number, wire, &t->n));
    void *const numbers = fet_arena_alloc(a, t->n, 8);
    if (numbers == NULL) return FET_FAIL_MEMORY("onnx attribute", t->n * 8);
    FET_TRY(read_numbers(message, number, wire, is_int ? numbers : NULL, is_int ? NULL : numbers));
    if (is_int)
        t->ints = numbers;
    else
        t->reals = numbers;
    return FET_OK;
}

/* ---- nodes ---- */

static fet_status read_node_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_onnx_node *const node = self;
    switch (f->number) {
    case 1:
        return fet_onnx_text(f, "NodeProto.input", a, &node->inputs[node->n_inputs++]);
    case 2:
        return fet_onnx_text(f, "NodeProto.output", a, &node->outputs[node->n_outputs++]);
    case 3:
        return fet_onnx_text(f, "NodeProto.name", a, &node->name);
    case 4:
        return fet_onnx_text(f, "NodeProto.op_type", a, &node->type);
    case 5: {
        struct fet_onnx_attribute *const t = &node->attributes[node->n_attributes++];
        t->name = t->text = "";
        FET_TRY(walk_field(f, "NodeProto.attribute", read_attribute_field, a, t));
        return read_lists(f->bytes, a, t);
    }
    case 7:
        return fet_onnx_text(f, "NodeProto.domain", a, &node->domain);
    default:
        return FET_OK;
    }
}

static fet_status read_node(const struct fet_pb_field *f, struct fet_arena *a,
                            struct fet_onnx_node *node)
{
    void *inputs = NULL, *outputs = NULL, *attributes = NULL;
    FET_TRY(fet_pb_expect(f, FET_PB_BYTES, "GraphProto.node"));
    FET_TRY(make_array(f->bytes, 1, sizeof *node->inputs, a, &inputs));
    FET_TRY(make_array(f->bytes, 2, sizeof *node->outputs, a, &outputs));
    FET_TRY(make_array(f->bytes, 5, sizeof *node->attributes, a, &attributes));
    *node = (struct fet_onnx_node){.name = "",
                                   .type = "",
                                   .domain = "",
                                   .inputs = inputs,
                                   .outputs = outputs,
                                   .attributes = attributes};
    FET_TRY(walk(f->bytes, read_node_field, a, node));
    if (strcmp(node->domain, "ai.onnx") == 0) node->domain = "";
    return FET_OK;
}

/* ---- values ---- */

static fet_status read_dimension_field(const struct fet_pb_field *f, struct fet_arena *a,
                                       void *self)
{
    (void)a;
    return f->number == 1 ? read_int(f, "Dimension.dim_value", self) : FET_OK;
}

static fet_status read_shape_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_shape *const shape = self;
    int64_t dim = FET_GRAPH_FREE; /* a name or nothing stands where a run decides */
    if (f->number != 1) return FET_OK;
    FET_TRY(walk_field(f, "TensorShapeProto.dim", read_dimension_field, a, &dim));
    if (shape->n_dims == FET_MAX_DIMS)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: a tensor of more than %d dimensions", FET_MAX_DIMS);
    shape->dims[shape->n_dims++] = dim < 0 ? FET_GRAPH_FREE : dim;
    return FET_OK;
}

static fet_status read_tensor_type_field(const struct fet_pb_field *f, struct fet_arena *a,
                                         void *self)
{
    struct fet_onnx_value *const value = self;
    int64_t type = 0;
    if (f->number == 1) {
        FET_TRY(read_int(f, "TypeProto.elem_type", &type));
        value->type = type >= 0 && type < 1000 ? (int)type : 1000;
        return FET_OK;
    }
    if (f->number != 2) return FET_OK;
    value->has_shape = true;
    value->shape.n_dims = 0;
    return walk_field(f, "TypeProto.shape", read_shape_field, a, &value->shape);
}

static fet_status read_type_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_onnx_value *const value = self;
    switch (f->number) {
    case 1:
        value->kind = "tensor";
        return walk_field(f, "TypeProto.tensor_type", read_tensor_type_field, a, value);
    case 4:
        value->kind = "sequence";
        return FET_OK;
    case 5:
        value->kind = "map";
        return FET_OK;
    case 8:
        value->kind = "sparse tensor";
        return FET_OK;
    case 9:
        value->kind = "optional";
        return FET_OK;
    default:
        return FET_OK;
    }
}

static fet_status read_value_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_onnx_value *const value = self;
    if (f->number == 1) return fet_onnx_text(f, "ValueInfoProto.name", a, &value->name);
    if (f->number == 2) return walk_field(f, "ValueInfoProto.type", read_type_field, a, value);
    return FET_OK;
}

static fet_status read_value(const struct fet_pb_field *f, struct fet_arena *a,
                             struct fet_onnx_value *value)
{
    *value = (struct fet_onnx_value){.name = "", .kind = ""};
    return walk_field(f, "ValueInfoProto", read_value_field, a, value);
}

/* Only the head: the elements are read when the graph is made. */
static fet_status read_initializer_field(const struct fet_pb_field *f, struct fet_arena *a,
                                         void *self)
{
    struct fet_onnx_value *const value = self;
    return f->number == 8 ? fet_onnx_text(f, "TensorProto.name", a, &value->name) : FET_OK;
}

static fet_status read_initializer(const struct fet_pb_field *f, struct fet_arena *a,
                                   struct fet_onnx_value *value)
{
    *value = (struct fet_onnx_value){.name = "", .kind = "tensor"};
    FET_TRY(walk_field(f, "GraphProto.initializer", read_initializer_field, a, value));
    value->tensor = f->bytes;
    return FET_OK;
}

/* ---- graph and model ---- */

static fet_status read_graph_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_onnx_graph *const g = self;
    switch (f->number) {
    case 1:
        return read_node(f, a, &g->nodes[g->n_nodes++]);
    case 2:
        return fet_onnx_text(f, "GraphProto.name", a, &g->name);
    case 5:
        return read_initializer(f, a, &g->initializers[g->n_initializers++]);
    case 11:
        return read_value(f, a, &g->inputs[g->n_inputs++]);
    case 12:
        return read_value(f, a, &g->outputs[g->n_outputs++]);
    case 15:
        g->has_sparse_initializer = true;
        return FET_OK;
    default:
        return FET_OK;
    }
}

static fet_status read_graph(const struct fet_pb_field *f, struct fet_arena *a,
                             struct fet_onnx_graph *g)
{
    void *nodes = NULL, *initializers = NULL, *inputs = NULL, *outputs = NULL;
    FET_TRY(fet_pb_expect(f, FET_PB_BYTES, "ModelProto.graph"));
    if (g->nodes != NULL) return FET_FAIL(FET_FORMAT, "onnx: the model has two graphs");
    FET_TRY(make_array(f->bytes, 1, sizeof *g->nodes, a, &nodes));
    FET_TRY(make_array(f->bytes, 5, sizeof *g->initializers, a, &initializers));
    FET_TRY(make_array(f->bytes, 11, sizeof *g->inputs, a, &inputs));
    FET_TRY(make_array(f->bytes, 12, sizeof *g->outputs, a, &outputs));
    *g = (struct fet_onnx_graph){.name = "",
                                 .nodes = nodes,
                                 .initializers = initializers,
                                 .inputs = inputs,
                                 .outputs = outputs};
    return walk(f->bytes, read_graph_field, a, g);
}

static fet_status read_opset_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_onnx_opset *const opset = self;
    if (f->number == 1) return fet_onnx_text(f, "OperatorSetIdProto.domain", a, &opset->domain);
    if (f->number == 2) return read_int(f, "OperatorSetIdProto.version", &opset->version);
    return FET_OK;
}

static fet_status read_opset(const struct fet_pb_field *f, struct fet_arena *a,
                             struct fet_onnx_opset *opset)
{
    opset->domain = "";
    FET_TRY(walk_field(f, "ModelProto.opset_import", read_opset_field, a, opset));
    if (strcmp(opset->domain, "ai.onnx") == 0) opset->domain = "";
    return FET_OK;
}

static fet_status read_model_field(const struct fet_pb_field *f, struct fet_arena *a, void *self)
{
    struct fet_onnx_model *const m = self;
    switch (f->number) {
    case 1:
        return read_int(f, "ModelProto.ir_version", &m->ir_version);
    case 2:
        return fet_onnx_text(f, "ModelProto.producer_name", a, &m->producer);
    case 3:
        return fet_onnx_text(f, "ModelProto.producer_version", a, &m->producer_version);
    case 7:
        return read_graph(f, a, &m->graph);
    case 8:
        return read_opset(f, a, &m->opsets[m->n_opsets++]);
    case 25:
        m->has_functions = true;
        return FET_OK;
    default:
        return FET_OK;
    }
}

fet_status fet_onnx_model_parse(const uint8_t *bytes, size_t n, struct fet_onnx_model *m)
{
    const struct fet_pb message = {bytes, n};
    void *opsets = NULL;
    m->producer = m->producer_version = "";
    FET_TRY(make_array(message, 8, sizeof *m->opsets, &m->arena, &opsets));
    m->opsets = opsets;
    FET_TRY(walk(message, read_model_field, &m->arena, m));
    if (m->graph.nodes == NULL) return FET_FAIL(FET_FORMAT, "onnx: the model has no graph");
    if (m->n_opsets == 0)
        return FET_FAIL(FET_FORMAT, "onnx: the model does not say which opset it uses");
    return FET_OK;
}

void fet_onnx_model_deinit(struct fet_onnx_model *m)
{
    fet_arena_deinit(&m->arena);
    *m = (struct fet_onnx_model){0};
}

int64_t fet_onnx_model_opset(const struct fet_onnx_model *m, const char *domain)
{
    for (int64_t i = 0; i < m->n_opsets; i++)
        if (strcmp(m->opsets[i].domain, domain) == 0) return m->opsets[i].version;
    return 0;
}
