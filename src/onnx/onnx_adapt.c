/* Older opsets in the newest one's words: attributes that became inputs, operators that got another
 * name, Softmax that flattened its input. Operators know only the newest meaning. */
#include <string.h>

#include "onnx_import.h"

/* ---- attributes that became inputs ---- */

enum move_kind { MOVE_LIST, MOVE_SCALAR, MOVE_REAL };

struct move {
    const char *type, *attribute;
    int last; /* the last opset in which it was an attribute */
    int input;
    enum move_kind kind;
};

static const struct move moves[] = {
    {"Clip", "min", 10, 1, MOVE_REAL},          {"Clip", "max", 10, 2, MOVE_REAL},
    {"Dropout", "ratio", 11, 1, MOVE_REAL},     {"Pad", "pads", 10, 1, MOVE_LIST},
    {"Pad", "paddings", 1, 1, MOVE_LIST},       {"Pad", "value", 10, 2, MOVE_REAL},
    {"ReduceL1", "axes", 17, 1, MOVE_LIST},     {"ReduceL2", "axes", 17, 1, MOVE_LIST},
    {"ReduceLogSum", "axes", 17, 1, MOVE_LIST}, {"ReduceLogSumExp", "axes", 17, 1, MOVE_LIST},
    {"ReduceMax", "axes", 17, 1, MOVE_LIST},    {"ReduceMean", "axes", 17, 1, MOVE_LIST},
    {"ReduceMin", "axes", 17, 1, MOVE_LIST},    {"ReduceProd", "axes", 17, 1, MOVE_LIST},
    {"ReduceSum", "axes", 12, 1, MOVE_LIST},    {"ReduceSumSquare", "axes", 17, 1, MOVE_LIST},
    {"Reshape", "shape", 4, 1, MOVE_LIST},      {"Slice", "starts", 9, 1, MOVE_LIST},
    {"Slice", "ends", 9, 2, MOVE_LIST},         {"Slice", "axes", 9, 3, MOVE_LIST},
    {"Split", "split", 12, 1, MOVE_LIST},       {"Squeeze", "axes", 12, 1, MOVE_LIST},
    {"TopK", "k", 9, 1, MOVE_SCALAR},           {"Unsqueeze", "axes", 12, 1, MOVE_LIST},
};

/* A float32 scalar: what these attributes always were. */
static fet_status add_real(struct fet_onnx_importer *im, double r, int *value)
{
    struct fet_tensor t = {0};
    FET_TRY(fet_tensor_new(FET_F32, 0, NULL, &t));
    *(float *)t.data = (float)r;
    const fet_status st = fet_graph_add_constant(im->g, NULL, &t, value);
    fet_tensor_unref(&t);
    return st;
}

static fet_status move_attribute(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                 const struct move *m)
{
    int index = 0, value = 0;
    const struct fet_onnx_attribute *const a = fet_onnx_find_attribute(call, m->attribute, &index);
    if (a == NULL) return FET_OK;
    const int wanted = m->kind == MOVE_LIST     ? FET_ONNX_ATTR_INTS
                       : m->kind == MOVE_SCALAR ? FET_ONNX_ATTR_INT
                                                : FET_ONNX_ATTR_FLOAT;
    if (a->type != wanted)
        return FET_FAIL(FET_FORMAT, "attribute '%s' is of another type", a->name);
    if (m->input >= call->room)
        return FET_FAIL(FET_FORMAT, "attribute '%s' beside too many inputs", a->name);
    if (m->kind == MOVE_LIST) FET_TRY(fet_onnx_add_ints(im, 1, a->ints, a->n, &value));
    if (m->kind == MOVE_SCALAR) FET_TRY(fet_onnx_add_ints(im, 1, &a->i, 1, &value));
    if (m->kind == MOVE_REAL) FET_TRY(add_real(im, a->r, &value));
    while (call->n_x <= m->input) call->x[call->n_x++] = FET_GRAPH_NONE;
    call->x[m->input] = value;
    call->is_used[index] = true;
    return FET_OK;
}

static fet_status move_attributes(struct fet_onnx_importer *im, struct fet_onnx_call *call)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (im->opset <= moves[i].last && strcmp(moves[i].type, call->type) == 0)
            FET_TRY(move_attribute(im, call, &moves[i]));
    return FET_OK;
}

/* ---- helpers for nodes that become several ---- */

/* One more node of the graph, unnamed, with one output. attrs as text. */
static fet_status add_helper(struct fet_onnx_importer *im, const struct fet_onnx_call *call,
                             const char *type, const char *attrs, const int *x, int n_x,
                             const char *const *y_names, int *y)
{
    struct fet_attr_value values[FET_ONNX_MAX_ATTRS];
    const struct fet_op *const op = fet_op_find_onnx(type);
    if (op == NULL)
        return FET_FAIL(FET_UNSUPPORTED, "operator %s is unsupported (needed for %s)", type,
                        call->type);
    FET_TRY(fet_op_parse_attrs(op, attrs, &im->arena, values));
    const struct fet_graph_call made = {.name = call->node->name[0] ? call->node->name : type,
                                        .op = op,
                                        .attrs = values,
                                        .x = x,
                                        .n_x = n_x,
                                        .y_names = y_names,
                                        .n_y = 1};
    return fet_graph_add_node(im->g, &made, y);
}

/* Before opset 13 Softmax, LogSoftmax and Hardmax flattened their input to [d0..axis-1, axis..] and
 * worked along rows: flatten, the same along axis 1, reshape back. */
static fet_status adapt_softmax(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                bool *is_done)
{
    char axis_text[48];
    int flat = 0, soft = 0, shape = 0, y = 0;
    const struct fet_onnx_attribute *const axis = fet_onnx_find_attribute(call, "axis", NULL);
    if (call->n_x != 1) return FET_FAIL(FET_FORMAT, "%d inputs, wanted 1", call->n_x);
    fet_text_format(axis_text, sizeof axis_text, "axis=%lld",
                    axis != NULL ? (long long)axis->i : 1LL);
    FET_TRY(add_helper(im, call, "Flatten", axis_text, call->x, 1, NULL, &flat));
    FET_TRY(add_helper(im, call, call->type, "axis=1", &flat, 1, NULL, &soft));
    FET_TRY(add_helper(im, call, "Shape", "", call->x, 1, NULL, &shape));
    FET_TRY(add_helper(im, call, "Reshape", "", (const int[]){soft, shape}, 2, call->y_names, &y));
    *is_done = true;
    return FET_OK;
}

/* Upsample (opset 7 scales as attribute, 9 as input) is Resize with the coordinates of its time. */
static fet_status adapt_upsample(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                 bool *is_done)
{
    int index = 0, y = 0;
    const struct fet_onnx_attribute *const mode = fet_onnx_find_attribute(call, "mode", NULL);
    const struct fet_onnx_attribute *const scales = fet_onnx_find_attribute(call, "scales", &index);
    const bool is_linear = mode != NULL && strcmp(mode->text, "nearest") != 0;
    int x[3] = {call->n_x > 0 ? call->x[0] : FET_GRAPH_NONE, FET_GRAPH_NONE,
                call->n_x > 1 ? call->x[1] : FET_GRAPH_NONE};
    if (scales != NULL && scales->type == FET_ONNX_ATTR_FLOATS) {
        struct fet_tensor t = {0};
        FET_TRY(fet_tensor_new(FET_F32, 1, &scales->n, &t));
        for (int64_t i = 0; i < scales->n; i++) fet_tensor_f32(&t)[i] = (float)scales->reals[i];
        const fet_status st = fet_graph_add_constant(im->g, NULL, &t, &x[2]);
        fet_tensor_unref(&t);
        FET_TRY(st);
    }
    FET_TRY(add_helper(im, call, "Resize",
                       is_linear ? "mode=linear coordinate_transformation_mode=asymmetric"
                                 : "mode=nearest coordinate_transformation_mode=asymmetric "
                                   "nearest_mode=floor",
                       x, 3, call->y_names, &y));
    *is_done = true;
    return FET_OK;
}

/* Resize of opset 10 had inputs x, scales and the coordinates of Upsample. */
static fet_status adapt_resize(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                               bool *is_done)
{
    return adapt_upsample(im, call, is_done);
}

/* ---- Constant ---- */

static fet_status constant_value(struct fet_onnx_importer *im, const struct fet_onnx_attribute *a,
                                 struct fet_tensor *t)
{
    const bool is_list = a->type == FET_ONNX_ATTR_INTS || a->type == FET_ONNX_ATTR_FLOATS;
    const bool is_int = a->type == FET_ONNX_ATTR_INT || a->type == FET_ONNX_ATTR_INTS;
    if (a->type == FET_ONNX_ATTR_TENSOR)
        return fet_onnx_tensor_parse(a->tensor, &im->arena, NULL, t);
    if (!is_list && !is_int && a->type != FET_ONNX_ATTR_FLOAT)
        return FET_FAIL(FET_UNSUPPORTED, "a Constant by '%s' is unsupported", a->name);
    FET_TRY(fet_tensor_new(is_int ? FET_I64 : FET_F32, is_list ? 1 : 0, &a->n, t));
    int64_t *const ints = t->data;
    float *const reals = t->data;
    const int64_t n = is_list ? a->n : 1;
    for (int64_t i = 0; i < n && is_int; i++) ints[i] = is_list ? a->ints[i] : a->i;
    for (int64_t i = 0; i < n && !is_int; i++) reals[i] = (float)(is_list ? a->reals[i] : a->r);
    return FET_OK;
}

static fet_status adapt_constant(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                 bool *is_done)
{
    struct fet_tensor t = {0};
    int value = 0;
    if (call->node->n_attributes != 1)
        return FET_FAIL(FET_FORMAT, "a Constant has %lld attributes, wanted 1",
                        (long long)call->node->n_attributes);
    FET_TRY(constant_value(im, &call->node->attributes[0], &t));
    const fet_status st = fet_graph_add_constant(im->g, call->y_names[0], &t, &value);
    fet_tensor_unref(&t);
    *is_done = true;
    return st;
}

/* The value of an operator's attribute, as if the node had it. */
static void set_attribute(struct fet_onnx_call *call, const char *name, struct fet_attr_value value)
{
    const struct fet_op *const op = fet_op_find_onnx(call->type);
    for (int i = 0; op != NULL && i < fet_op_n_attrs(op); i++)
        if (strcmp(op->attrs[i].name, name) == 0) call->attrs[i] = value;
}

/* Up to opset 8 statistics could be those of every element instead of the channel. */
static fet_status adapt_batch_norm(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                   bool *is_done)
{
    int index = 0;
    const struct fet_onnx_attribute *const a = fet_onnx_find_attribute(call, "spatial", &index);
    (void)im;
    *is_done = false;
    if (a == NULL) return FET_OK;
    if (a->i != 1) return FET_FAIL(FET_UNSUPPORTED, "attribute 'spatial' of 0 is unsupported");
    call->is_used[index] = true;
    return FET_OK;
}

/* Before opset 16 regions were not moved by half a pixel. */
static fet_status adapt_roi_align(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                  bool *is_done)
{
    (void)im;
    *is_done = false;
    set_attribute(call, "coordinate_transformation_mode",
                  (struct fet_attr_value){.is_set = true, .text = "output_half_pixel"});
    return FET_OK;
}

/* The scores of Attention are made only where a node names them. */
static fet_status adapt_attention(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                  bool *is_done)
{
    (void)im;
    if (call->n_y > 3)
        set_attribute(call, "qk_matmul_output_mode", (struct fet_attr_value){.is_set = true});
    *is_done = false;
    return FET_OK;
}

/* Before opset 20 the axis of DFT was an attribute, 1 when unset. */
static fet_status adapt_dft(struct fet_onnx_importer *im, struct fet_onnx_call *call, bool *is_done)
{
    int index = 0;
    const struct fet_onnx_attribute *const axis = fet_onnx_find_attribute(call, "axis", &index);
    const int64_t value = axis != NULL ? axis->i : 1;
    while (call->n_x < 2) call->x[call->n_x++] = FET_GRAPH_NONE;
    if (call->n_x > 2) return FET_FAIL(FET_FORMAT, "%d inputs, at most 2 wanted", call->n_x);
    if (axis != NULL) call->is_used[index] = true;
    *is_done = false;
    return fet_onnx_add_ints(im, 0, &value, 1, &call->x[call->n_x++]);
}

/* ---- which node needs which ---- */

static const struct {
    const char *type;
    int last; /* up to this opset */
    fet_status (*adapt)(struct fet_onnx_importer *im, struct fet_onnx_call *call, bool *is_done);
} rules[] = {
    {"Attention", INT32_MAX, adapt_attention},
    {"BatchNormalization", 8, adapt_batch_norm},
    {"Constant", INT32_MAX, adapt_constant},
    {"DFT", 19, adapt_dft},
    {"Hardmax", 12, adapt_softmax},
    {"LogSoftmax", 12, adapt_softmax},
    {"Resize", 10, adapt_resize},
    {"RoiAlign", 15, adapt_roi_align},
    {"Softmax", 12, adapt_softmax},
    {"Upsample", 9, adapt_upsample},
};

/* Another name for the same. */
static const struct {
    const char *old, *type;
} renamed[] = {{"Scatter", "ScatterElements"}};

fet_status fet_onnx_adapt(struct fet_onnx_importer *im, struct fet_onnx_call *call, bool *is_done)
{
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (strcmp(call->type, renamed[i].old) == 0) call->type = renamed[i].type;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(call->type, rules[i].type) == 0 && im->opset <= rules[i].last)
            return rules[i].adapt(im, call, is_done);
    return move_attributes(im, call);
}

/* ---- since when ---- */

/* Operators whose table names a newer opset than the oldest that this file can put into the newest
 * words: what changed in between are types, defaults that say the same, and attributes moved above.
 */
static const struct {
    const char *type;
    int since;
} oldest[] = {
    {"Abs", 6},
    {"Add", 7},
    {"And", 7},
    {"ArgMax", 1},
    {"ArgMin", 1},
    {"AveragePool", 1},
    {"BatchNormalization", 7},
    {"Clip", 6},
    {"Concat", 4},
    {"Conv", 1},
    {"ConvTranspose", 1},
    {"DFT", 17},
    {"Div", 7},
    {"Dropout", 7},
    {"Equal", 7},
    {"Flatten", 1},
    {"GRU", 7},
    {"Gather", 1},
    {"Gemm", 7},
    {"GlobalAveragePool", 1},
    {"GlobalMaxPool", 1},
    {"Greater", 7},
    {"Identity", 1},
    {"InstanceNormalization", 6},
    {"LRN", 1},
    {"LSTM", 7},
    {"LeakyRelu", 6},
    {"Less", 7},
    {"LpNormalization", 1},
    {"LpPool", 2},
    {"MatMul", 1},
    {"Max", 6},
    {"MaxPool", 1},
    {"Mean", 6},
    {"Min", 6},
    {"Mul", 7},
    {"PRelu", 7},
    {"Pad", 2},
    {"Pow", 7},
    {"RNN", 7},
    {"ReduceL1", 1},
    {"ReduceL2", 1},
    {"ReduceLogSum", 1},
    {"ReduceLogSumExp", 1},
    {"ReduceMax", 1},
    {"ReduceMean", 1},
    {"ReduceMin", 1},
    {"ReduceProd", 1},
    {"ReduceSum", 1},
    {"ReduceSumSquare", 1},
    {"Relu", 6},
    {"Reshape", 1},
    {"RoiAlign", 10},
    {"ScatterElements", 9},
    {"Shape", 1},
    {"Sigmoid", 6},
    {"Size", 1},
    {"Slice", 1},
    {"Split", 2},
    {"Squeeze", 1},
    {"Sub", 7},
    {"Sum", 6},
    {"Tanh", 6},
    {"Tile", 6},
    {"TopK", 1},
    {"Transpose", 1},
    {"Unsqueeze", 1},
};

int fet_onnx_since(const struct fet_op *op)
{
    for (size_t i = 0; i < sizeof oldest / sizeof oldest[0]; i++)
        if (strcmp(oldest[i].type, op->onnx_type) == 0 && oldest[i].since < op->onnx_since)
            return oldest[i].since;
    return op->onnx_since;
}
