/* Our operators in the words of an older opset: the way back of onnx_adapt.c. Operators mean what
 * the newest opset says; here stands since when each detail can be said. */
#include <string.h>

#include "onnx_export.h"
#include "onnx_import.h"
#include "typed.h"

/* Details that came after the operator: an attribute that is not at its default, or an input. */
static const struct {
    const char *type, *attribute; /* NULL = an input */
    int input;
    int since;
} details[] = {
    {"AveragePool", "dilations", -1, 19},
    {"BatchNormalization", "training_mode", -1, 14},
    {"Cast", "saturate", -1, 19},
    {"CastLike", "saturate", -1, 19},
    {"DequantizeLinear", "block_size", -1, 21},
    {"DequantizeLinear", "output_dtype", -1, 23},
    {"GRU", "layout", -1, 14},
    {"LSTM", "layout", -1, 14},
    {"LpPool", "ceil_mode", -1, 18},
    {"LpPool", "dilations", -1, 18},
    {"Pad", NULL, 3, 18},
    {"QuantizeLinear", "block_size", -1, 21},
    {"QuantizeLinear", "output_dtype", -1, 21},
    {"QuantizeLinear", "precision", -1, 23},
    {"QuantizeLinear", "saturate", -1, 19},
    {"RNN", "layout", -1, 14},
    {"Reshape", "allowzero", -1, 14},
    {"Resize", "antialias", -1, 18},
    {"Resize", "axes", -1, 18},
    {"Resize", "keep_aspect_ratio_policy", -1, 18},
    {"ScatterElements", "reduction", -1, 16},
    {"ScatterND", "reduction", -1, 16},
    {"Shape", "end", -1, 15},
    {"Shape", "start", -1, 15},
    {"Split", "num_outputs", -1, 18},
};

/* Details that change the answer and that ONNX cannot say in any opset. */
static const struct {
    const char *type, *attribute;
} unsayable[] = {
    {"SoftmaxCrossEntropyLoss", "label_smoothing"},
};

/* Operators whose present meaning is newer than the oldest that can be imported. */
static const struct {
    const char *type;
    int since;
} newer[] = {
    {"DFT", 20},
    {"GroupNormalization", 21},
    {"RoiAlign", 16},
};

/* Element types of an input that came after the operator. */
#define TYPE(dtype) (1u << (dtype))
enum {
    SMALL_INTEGERS = TYPE(FET_U8) | TYPE(FET_I8) | TYPE(FET_U16) | TYPE(FET_I16),
    INTEGERS = SMALL_INTEGERS | TYPE(FET_I32) | TYPE(FET_I64),
    HALVES = TYPE(FET_F16) | TYPE(FET_BF16),
};
static const struct {
    const char *type;
    int input;
    unsigned types;
    int since;
} widened[] = {
    {"Add", 0, SMALL_INTEGERS, 14},
    {"CumSum", 0, HALVES, 14},
    {"DequantizeLinear", 0, TYPE(FET_U16) | TYPE(FET_I16), 21},
    {"Div", 0, SMALL_INTEGERS, 14},
    {"IsInf", 0, HALVES, 20},
    {"IsNaN", 0, TYPE(FET_BF16), 20},
    {"Mul", 0, SMALL_INTEGERS, 14},
    {"QLinearMatMul", 1, HALVES, 21},
    {"ReduceMax", 0, TYPE(FET_BOOL), 20},
    {"ReduceMin", 0, TYPE(FET_BOOL), 20},
    {"Relu", 0, INTEGERS, 14},
    {"Sub", 0, SMALL_INTEGERS, 14},
};

/* Up to opset 17 their axes were an attribute; ReduceSum's were an input already. */
static bool has_axes(const char *type)
{
    return strncmp(type, "Reduce", 6) == 0 && strcmp(type, "ReduceSum") != 0;
}

enum { AXES_ARE_INPUT = 18 };

/* Words that changed. */
static const struct {
    const char *type, *attribute, *old, *now;
    int since;
} respelled[] = {
    {"GridSample", "mode", "bicubic", "cubic", 20},
    {"GridSample", "mode", "bilinear", "linear", 20},
};

const char *fet_onnx_respell(const struct fet_op *op, const char *attribute, const char *text,
                             int opset)
{
    for (size_t i = 0; i < sizeof respelled / sizeof respelled[0]; i++) {
        if (strcmp(respelled[i].type, op->onnx_type) != 0) continue;
        if (strcmp(respelled[i].attribute, attribute) != 0) continue;
        if (strcmp(respelled[i].old, text) == 0 || strcmp(respelled[i].now, text) == 0)
            return opset < respelled[i].since ? respelled[i].old : respelled[i].now;
    }
    return text;
}

static bool has_input(const struct fet_graph_node *node, int i)
{
    return i < node->n_x && node->x[i] != FET_GRAPH_NONE;
}

static const struct fet_tensor *constant_of(const struct fet_graph *g,
                                            const struct fet_graph_node *node, int i)
{
    const struct fet_graph_value *const v = &g->values[node->x[i]];
    return v->is_constant && v->dtype == FET_I64 ? &v->constant : NULL;
}

void fet_onnx_restate(const struct fet_graph *g, const struct fet_graph_node *node, int opset,
                      struct fet_onnx_saying *s)
{
    const char *const type = node->op->onnx_type;
    *s = (struct fet_onnx_saying){.n_x = node->n_x};
    while (s->n_x > 0 && node->x[s->n_x - 1] == FET_GRAPH_NONE) s->n_x--;
    if (opset < AXES_ARE_INPUT && has_axes(type) && has_input(node, 1)) {
        const struct fet_tensor *const axes = constant_of(g, node, 1);
        s->list_name = "axes";
        s->list = axes->data;
        s->n_list = fet_tensor_count(axes);
        s->n_x = 1;
    }
    /* Opset 18 wants to be told how many parts there are. */
    if (opset >= 18 && strcmp(type, "Split") == 0 && !has_input(node, 1)) {
        s->int_name = "num_outputs";
        s->i = node->n_y;
    }
}

fet_status fet_onnx_is_standard(const struct fet_op *op, int i, const struct fet_attr_value *value,
                                bool *is_standard)
{
    const struct fet_attr table[2] = {op->attrs[i], {0}};
    const struct fet_op like = {.name = op->name, .attrs = table};
    struct fet_attr_value standard = {0};
    struct fet_arena a = {0};
    *is_standard = !value->is_set;
    if (op->attrs[i].standard == NULL || !value->is_set) return FET_OK;
    const fet_status st = fet_op_parse_attrs(&like, "", &a, &standard);
    if (st == FET_OK && standard.is_set && value->tensor == NULL) {
        *is_standard =
            standard.i == value->i && standard.r == value->r && standard.n == value->n &&
            strcmp(standard.text ? standard.text : "", value->text ? value->text : "") == 0;
        for (int64_t k = 0; *is_standard && k < value->n; k++)
            *is_standard = value->ints != NULL ? value->ints[k] == standard.ints[k]
                                               : value->reals[k] == standard.reals[k];
    }
    fet_arena_deinit(&a);
    return st;
}

/* Is the attribute of that name given, and not as it would be anyway? */
static fet_status says(const struct fet_graph_node *node, const char *name, bool *is_said)
{
    bool is_standard = true;
    for (int i = 0; i < fet_op_n_attrs(node->op); i++)
        if (strcmp(node->op->attrs[i].name, name) == 0)
            FET_TRY(fet_onnx_is_standard(node->op, i, &node->attrs[i], &is_standard));
    *is_said = !is_standard;
    return FET_OK;
}

static int later(int a, int b)
{
    return a > b ? a : b;
}

/* The opset that an element type came with. */
static int since_dtype(enum fet_dtype d)
{
    if (fet_dtype_bits(d) == 2) return 25;
    if (d == FET_F4_E2M1) return 23;
    if (fet_dtype_bits(d) == 4) return 21;
    return fet_dtype_is_float(d) && fet_dtype_bits(d) == 8 ? 19 : FET_ONNX_OLDEST;
}

/* The newest opset that an element type wants: the quantised type is what QuantizeLinear makes. */
static int since_types(const struct fet_graph_node *node, const struct fet_tensor *values)
{
    const char *const type = node->op->onnx_type;
    int oldest = FET_ONNX_OLDEST;
    if (values == NULL) return oldest;
    for (int i = 0; i < node->n_x + node->n_y; i++) {
        const int n = i < node->n_x ? node->x[i] : node->y[i - node->n_x];
        if (n != FET_GRAPH_NONE && fet_graph_has_type(&values[n]))
            oldest = later(oldest, since_dtype(values[n].dtype));
    }
    for (size_t i = 0; i < sizeof widened / sizeof widened[0]; i++) {
        if (strcmp(widened[i].type, type) != 0 || !has_input(node, widened[i].input)) continue;
        const struct fet_tensor *const x = &values[node->x[widened[i].input]];
        if (fet_graph_has_type(x) && (widened[i].types & TYPE(x->dtype)))
            oldest = later(oldest, widened[i].since);
    }
    const struct fet_tensor *const y = node->y[0] != FET_GRAPH_NONE ? &values[node->y[0]] : NULL;
    if (y != NULL && fet_graph_has_type(y) && strcmp(type, "QuantizeLinear") == 0 &&
        (y->dtype == FET_U16 || y->dtype == FET_I16))
        oldest = later(oldest, 21);
    return oldest;
}

fet_status fet_onnx_said_since(const struct fet_graph *g, const struct fet_graph_node *node,
                               const struct fet_tensor *values, int *since)
{
    const char *const type = node->op->onnx_type;
    bool is_said = false;
    if (type == NULL)
        return FET_FAIL(FET_UNSUPPORTED, "ONNX has no operator for %s", node->op->name);
    for (size_t i = 0; i < sizeof unsayable / sizeof unsayable[0]; i++) {
        if (strcmp(unsayable[i].type, type) != 0) continue;
        FET_TRY(says(node, unsayable[i].attribute, &is_said));
        if (is_said)
            return FET_FAIL(FET_UNSUPPORTED, "ONNX has no %s for %s", unsayable[i].attribute, type);
    }
    int oldest = later(since_types(node, values), fet_onnx_since(node->op));
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++)
        if (strcmp(newer[i].type, type) == 0) oldest = later(oldest, newer[i].since);
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        if (strcmp(details[i].type, type) != 0) continue;
        is_said = details[i].input >= 0 && has_input(node, details[i].input);
        if (details[i].attribute != NULL) FET_TRY(says(node, details[i].attribute, &is_said));
        if (is_said) oldest = later(oldest, details[i].since);
    }
    if (has_axes(type)) {
        FET_TRY(says(node, "noop_with_empty_axes", &is_said));
        if (is_said || (has_input(node, 1) && constant_of(g, node, 1) == NULL))
            oldest = later(oldest, AXES_ARE_INPUT);
    }
    *since = oldest;
    return FET_OK;
}
