/* From what the file says to a graph. The table of operators drives it: a node's type is looked up
 * there, its attributes are matched by name and type with those that the operator declares. What
 * older opsets said otherwise is rewritten first (onnx_adapt.c). Nothing is guessed: an unknown
 * operator, attribute or type is refused with a sentence. */
#include "onnx_import.h"

#include <string.h>

#include "onnx.h"

/* Attributes of old opsets that never changed a result: hints of memory and of training. */
static const char *const harmless[] = {"consumed_inputs", "is_test", NULL};

static fet_status name_node(const struct fet_onnx_node *node, fet_status st)
{
    char prefix[256];
    if (st == FET_OK) return st;
    const char *const name =
        node->name[0] != '\0' ? node->name : (node->n_outputs > 0 ? node->outputs[0] : "");
    fet_text_format(prefix, sizeof prefix, "onnx: node '%s' (%s)", name, node->type);
    return fet_status_add(prefix, st);
}

const struct fet_onnx_attribute *fet_onnx_find_attribute(const struct fet_onnx_call *call,
                                                         const char *name, int *index)
{
    for (int64_t i = 0; i < call->node->n_attributes; i++) {
        if (strcmp(call->node->attributes[i].name, name) != 0) continue;
        if (index != NULL) *index = (int)i;
        return &call->node->attributes[i];
    }
    return NULL;
}

fet_status fet_onnx_add_ints(struct fet_onnx_importer *im, int n_dims, const int64_t *values,
                             int64_t n, int *value)
{
    struct fet_tensor t = {0};
    FET_TRY(fet_tensor_new(FET_I64, n_dims, &n, &t));
    if (n > 0) memcpy(t.data, values, fet_tensor_bytes(&t));
    const fet_status st = fet_graph_add_constant(im->g, NULL, &t, value);
    fet_tensor_unref(&t);
    return st;
}

/* ---- attributes ---- */

static bool has_kind(const struct fet_onnx_attribute *from, enum fet_attr_type type)
{
    switch (type) {
    case FET_ATTR_INT:
        return from->type == FET_ONNX_ATTR_INT;
    case FET_ATTR_REAL:
        return from->type == FET_ONNX_ATTR_FLOAT;
    case FET_ATTR_TEXT:
        return from->type == FET_ONNX_ATTR_STRING || from->type == FET_ONNX_ATTR_STRINGS;
    case FET_ATTR_INTS:
        return from->type == FET_ONNX_ATTR_INTS;
    case FET_ATTR_REALS:
        return from->type == FET_ONNX_ATTR_FLOATS;
    case FET_ATTR_TENSOR:
        return from->type == FET_ONNX_ATTR_TENSOR;
    }
    return false;
}

static fet_status map_attribute(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                const struct fet_onnx_attribute *from, const struct fet_attr *attr,
                                struct fet_attr_value *to)
{
    if (!has_kind(from, attr->type))
        return FET_FAIL(FET_FORMAT, "attribute '%s' is of another type", from->name);
    *to = (struct fet_attr_value){.i = from->i,
                                  .r = from->r,
                                  .text = from->text,
                                  .ints = from->ints,
                                  .reals = from->reals,
                                  .n = from->n};
    if (attr->type == FET_ATTR_TENSOR) {
        const int n_room = (int)(sizeof call->tensors / sizeof call->tensors[0]);
        if (call->n_tensors == n_room)
            return FET_FAIL(FET_UNSUPPORTED, "more than %d tensors as attributes", n_room);
        struct fet_tensor *const t = &call->tensors[call->n_tensors];
        FET_TRY(fet_onnx_tensor_parse(from->tensor, &im->arena, NULL, t));
        to->tensor = t;
        call->n_tensors++;
    }
    to->is_set = true;
    return FET_OK;
}

static bool is_harmless(const char *name)
{
    for (int i = 0; harmless[i] != NULL; i++)
        if (strcmp(harmless[i], name) == 0) return true;
    return false;
}

static fet_status map_attributes(struct fet_onnx_importer *im, struct fet_onnx_call *call)
{
    const int n = fet_op_n_attrs(call->op);
    if (n > FET_ONNX_MAX_ATTRS)
        return FET_FAIL(FET_INTERNAL, "operator %s has %d attributes", call->op->name, n);
    for (int64_t k = 0; k < call->node->n_attributes; k++) {
        const struct fet_onnx_attribute *const from = &call->node->attributes[k];
        int i = 0;
        if (call->is_used[k]) continue;
        while (i < n && strcmp(call->op->attrs[i].name, from->name) != 0) i++;
        if (i == n && is_harmless(from->name)) continue;
        if (i == n) return FET_FAIL(FET_UNSUPPORTED, "attribute '%s' is unsupported", from->name);
        FET_TRY(map_attribute(im, call, from, &call->op->attrs[i], &call->attrs[i]));
    }
    return FET_OK;
}

fet_status fet_onnx_add_call(struct fet_onnx_importer *im, struct fet_onnx_call *call)
{
    call->op = fet_op_find_onnx(call->type);
    if (call->op == NULL)
        return FET_FAIL(FET_UNSUPPORTED, "operator %s is unsupported", call->type);
    if (im->opset < fet_onnx_since(call->op) && call->node->domain[0] == '\0')
        return FET_FAIL(FET_UNSUPPORTED, "operator %s as of opset %lld is unsupported, %d is known",
                        call->type, (long long)im->opset, fet_onnx_since(call->op));
    FET_TRY(map_attributes(im, call));
    int *const y = fet_arena_alloc(&im->arena, call->n_y, sizeof *y);
    if (y == NULL) return FET_FAIL_MEMORY("onnx", call->n_y);
    const struct fet_onnx_node *const node = call->node;
    const struct fet_graph_call made = {
        .name = node->name[0] != '\0' ? node->name : call->type,
        .op = call->op,
        .attrs = call->attrs,
        .x = call->x,
        .n_x = call->n_x,
        .y_names = call->y_names,
        .n_y = call->n_y,
    };
    return fet_graph_add_node(im->g, &made, y);
}

/* ---- nodes ---- */

static fet_status check_node(const struct fet_onnx_importer *im, const struct fet_onnx_node *node)
{
    if (fet_onnx_model_opset(im->model, node->domain) == 0)
        return FET_FAIL(FET_FORMAT, "the model does not import domain '%s'", node->domain);
    if (node->domain[0] != '\0' && strcmp(node->domain, "ai.onnx.preview.training") != 0)
        return FET_FAIL(FET_UNSUPPORTED, "operator %s of domain %s is unsupported", node->type,
                        node->domain);
    if (node->n_outputs == 0) return FET_FAIL(FET_FORMAT, "the node has no outputs");
    for (int64_t i = 0; i < node->n_attributes; i++) {
        const int type = node->attributes[i].type;
        if (type == FET_ONNX_ATTR_GRAPH || type == 10)
            return FET_FAIL(FET_UNSUPPORTED, "operator %s with graphs inside is unsupported",
                            node->type);
    }
    return FET_OK;
}

/* The values that the node reads; trailing ones that are left out are dropped. */
static fet_status find_inputs(struct fet_onnx_importer *im, struct fet_onnx_call *call)
{
    const struct fet_onnx_node *const node = call->node;
    for (int64_t i = 0; i < node->n_inputs; i++) {
        call->x[i] = fet_graph_find_value(im->g, node->inputs[i]);
        if (call->x[i] == FET_GRAPH_NONE && node->inputs[i][0] != '\0')
            return FET_FAIL(FET_FORMAT, "input '%s' is made by nothing before it", node->inputs[i]);
    }
    call->n_x = (int)node->n_inputs;
    while (call->n_x > 0 && call->x[call->n_x - 1] == FET_GRAPH_NONE) call->n_x--;
    return FET_OK;
}

/* The names of what the node makes: NULL = nobody wants it; trailing ones are dropped. */
static fet_status find_outputs(struct fet_onnx_importer *im, struct fet_onnx_call *call)
{
    const struct fet_onnx_node *const node = call->node;
    const char **const names = fet_arena_alloc(&im->arena, node->n_outputs, sizeof *names);
    if (names == NULL) return FET_FAIL_MEMORY("onnx", node->n_outputs * 8);
    int n = 0;
    for (int64_t i = 0; i < node->n_outputs; i++) {
        if (node->outputs[i][0] == '\0') continue;
        names[i] = node->outputs[i];
        n = (int)i + 1;
    }
    call->y_names = names;
    call->n_y = n > 0 ? n : 1;
    return FET_OK;
}

static fet_status add_node(struct fet_onnx_importer *im, const struct fet_onnx_node *node)
{
    struct fet_onnx_call call = {.node = node, .type = node->type};
    bool is_done = false;
    FET_TRY(check_node(im, node));
    if (node->n_inputs > 100000 || node->n_outputs > 100000)
        return FET_FAIL(FET_LIMIT, "more than 100000 inputs or outputs");
    call.room = (int)node->n_inputs + 8;
    call.x = fet_arena_alloc(&im->arena, call.room, sizeof *call.x);
    call.is_used = fet_arena_alloc(&im->arena, node->n_attributes, sizeof *call.is_used);
    if (call.x == NULL || call.is_used == NULL) return FET_FAIL_MEMORY("onnx", call.room);
    FET_TRY(find_inputs(im, &call));
    FET_TRY(find_outputs(im, &call));
    fet_status st = fet_onnx_adapt(im, &call, &is_done);
    if (st == FET_OK && !is_done) st = fet_onnx_add_call(im, &call);
    for (int i = 0; i < call.n_tensors; i++) fet_tensor_unref(&call.tensors[i]);
    return st;
}

/* ---- the graph ---- */

static fet_status add_initializer(struct fet_onnx_importer *im, const struct fet_onnx_value *v)
{
    struct fet_tensor t = {0};
    int value = 0;
    fet_status st = fet_onnx_tensor_parse(v->tensor, &im->arena, NULL, &t);
    if (st == FET_OK) st = fet_graph_add_constant(im->g, v->name, &t, &value);
    fet_tensor_unref(&t);
    if (st == FET_OK) return st;
    char prefix[256];
    fet_text_format(prefix, sizeof prefix, "onnx: initializer '%s'", v->name);
    return fet_status_add(prefix, st);
}

/* Initializers may stand among the inputs too (IR before 4): those are constants here. */
static fet_status add_input(struct fet_onnx_importer *im, const struct fet_onnx_value *v)
{
    int value = 0;
    enum fet_dtype dtype = FET_F32;
    const int known = fet_graph_find_value(im->g, v->name);
    if (known != FET_GRAPH_NONE && im->g->values[known].is_constant) return FET_OK;
    if (v->kind[0] == '\0') return FET_FAIL(FET_FORMAT, "onnx: input '%s' has no type", v->name);
    if (strcmp(v->kind, "tensor") != 0)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: input '%s' is a %s: unsupported", v->name, v->kind);
    FET_TRY(fet_onnx_dtype(v->type, &dtype));
    if (!v->has_shape) return fet_graph_add_untyped_input(im->g, v->name, &value);
    return fet_graph_add_input(im->g, v->name, dtype, v->shape.n_dims, v->shape.dims, &value);
}

static fet_status add_output(struct fet_onnx_importer *im, const struct fet_onnx_value *v)
{
    const int value = fet_graph_find_value(im->g, v->name);
    if (value == FET_GRAPH_NONE)
        return FET_FAIL(FET_FORMAT, "onnx: output '%s' is made by no node", v->name);
    return fet_graph_add_output(im->g, value);
}

static fet_status import_graph(struct fet_onnx_importer *im)
{
    const struct fet_onnx_graph *const from = &im->model->graph;
    if (im->model->has_functions)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: functions of the model's own are unsupported");
    if (from->has_sparse_initializer)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: sparse initializers are unsupported");
    for (int64_t i = 0; i < from->n_initializers; i++)
        FET_TRY(add_initializer(im, &from->initializers[i]));
    for (int64_t i = 0; i < from->n_inputs; i++) FET_TRY(add_input(im, &from->inputs[i]));
    for (int64_t i = 0; i < from->n_nodes; i++) {
        fet_arena_reset(&im->arena);
        FET_TRY(name_node(&from->nodes[i], add_node(im, &from->nodes[i])));
    }
    for (int64_t i = 0; i < from->n_outputs; i++) FET_TRY(add_output(im, &from->outputs[i]));
    return FET_OK;
}

fet_status fet_onnx_import(const uint8_t *bytes, size_t n, struct fet_graph **g)
{
    struct fet_onnx_model model = {0};
    struct fet_onnx_importer im = {.model = &model};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_onnx_model_parse(bytes, n, &model));
    im.opset = fet_onnx_model_opset(&model, "");
    FET_TRY_OUT(fet_graph_new(&im.g));
    FET_TRY_OUT(import_graph(&im));
    *g = im.g;
    im.g = NULL;
out:
    fet_graph_free(im.g);
    fet_arena_deinit(&im.arena);
    fet_onnx_model_deinit(&model);
    return st;
}

/* Protocol buffers end at 2 GiB. */
enum { MAX_FILE_BYTES = INT32_MAX };

fet_status fet_onnx_read(const char *path, struct fet_graph **g)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_file_read(path, MAX_FILE_BYTES, &bytes, &n));
    const fet_status st = fet_status_add(path, fet_onnx_import(bytes, n, g));
    fet_free(bytes);
    return st;
}
