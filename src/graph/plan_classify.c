/* What each node is for the blocks of room kernel, read from its operator's attributes. A node that
 * is nothing known stays a reference operator; so does one whose meaning no block has exactly. What
 * the operator needs stays in place, so that it can still run itself. */
#include <math.h>
#include <string.h>

#include "plan_parts.h"

static bool is_f32(const struct fet_plan *p, int value)
{
    return value != PLAN_NONE && p->values[value].dtype == FET_F32;
}

static const struct fet_shape *shape_of(const struct fet_plan *p, int value)
{
    return &p->values[value].shape;
}

static int64_t int_attr(const struct fet_plan_node *node, const char *name)
{
    return fet_plan_attr(node, name)->i;
}

static float real_attr(const struct fet_plan_node *node, const char *name)
{
    return (float)fet_plan_attr(node, name)->r;
}

/* ---- windows ---- */

/* auto_pad SAME of one dimension: what is missing, the odd one at the end (or the beginning). */
static void pad_same(struct fet_plan_window *w, int i, int64_t in, int64_t out, bool is_lower)
{
    const int64_t span = (w->kernel[i] - 1) * w->dilation[i] + 1;
    const int64_t missing = (out - 1) * w->stride[i] + span - in;
    const int64_t total = missing > 0 ? missing : 0;
    w->begin[i] = is_lower ? total - total / 2 : total / 2;
    w->end[i] = total - w->begin[i];
}

/* The attributes were checked when shapes were inferred. A window that reaches beyond the padding
 * (ceil_mode) gets more of it. */
static void read_window(const struct fet_plan_node *node, const struct fet_shape *x,
                        const struct fet_shape *y, struct fet_plan_window *w)
{
    const struct fet_attr_value *const strides = fet_plan_attr(node, "strides");
    const struct fet_attr_value *const dilations = fet_plan_attr(node, "dilations");
    const struct fet_attr_value *const pads = fet_plan_attr(node, "pads");
    const char *const mode = fet_plan_attr(node, "auto_pad")->text;
    for (int i = 0; i < w->n; i++) {
        const int64_t in = x->dims[i + 2], out = y->dims[i + 2];
        w->stride[i] = strides->is_set && strides->n > 0 ? strides->ints[i] : 1;
        w->dilation[i] = dilations->is_set && dilations->n > 0 ? dilations->ints[i] : 1;
        const bool is_padded =
            pads->is_set && pads->n > 0 && (mode == NULL || strcmp(mode, "NOTSET") == 0);
        w->begin[i] = is_padded ? pads->ints[i] : 0;
        w->end[i] = is_padded ? pads->ints[w->n + i] : 0;
        if (mode != NULL && strncmp(mode, "SAME", 4) == 0)
            pad_same(w, i, in, out, strcmp(mode, "SAME_LOWER") == 0);
        const int64_t span = (w->kernel[i] - 1) * w->dilation[i] + 1;
        const int64_t beyond = (out - 1) * w->stride[i] + span - in - w->begin[i];
        if (beyond > w->end[i]) w->end[i] = beyond;
    }
}

static void classify_conv(struct fet_plan *p, struct fet_plan_node *node)
{
    const struct fet_shape *const x = shape_of(p, node->x[0]), *const w = shape_of(p, node->x[1]);
    const int bias = node->n_x > 2 ? node->x[2] : PLAN_NONE;
    if (x->n_dims > 2 + FET_BLOCK_MAX_SPATIAL || !fet_plan_is_constant(p, node->x[1])) return;
    if (bias != PLAN_NONE && !fet_plan_is_constant(p, bias)) return;
    node->window = (struct fet_plan_window){.n = x->n_dims - 2};
    for (int i = 0; i < node->window.n; i++) node->window.kernel[i] = w->dims[i + 2];
    read_window(node, x, shape_of(p, node->y[0]), &node->window);
    node->groups = int_attr(node, "group");
    node->weights = node->x[1];
    node->bias = bias;
    node->kind = PLAN_CONV;
}

static bool is_read(const struct fet_plan *p, const struct fet_plan_node *node, int i)
{
    return node->n_y > i && p->values[node->y[i]].n_readers > 0;
}

static void classify_pool(struct fet_plan *p, struct fet_plan_node *node)
{
    const struct fet_shape *const x = shape_of(p, node->x[0]), *const y = shape_of(p, node->y[0]);
    const bool is_global = strncmp(node->op->name, "global_", 7) == 0;
    const bool is_max = strstr(node->op->name, "max_pool") != NULL;
    struct fet_plan_window w = {.n = x->n_dims - 2};
    if (x->n_dims < 3 || w.n > FET_BLOCK_MAX_SPATIAL || is_read(p, node, 1)) return;
    for (int i = 0; i < w.n; i++) {
        w.kernel[i] = is_global ? x->dims[i + 2] : fet_plan_attr(node, "kernel_shape")->ints[i];
        w.stride[i] = w.dilation[i] = 1;
    }
    if (!is_global) read_window(node, x, y, &w);
    const bool with_padding = !is_global && !is_max && int_attr(node, "count_include_pad") != 0;
    /* Padding made up for ceil_mode does not count, which no block knows. */
    if (with_padding && int_attr(node, "ceil_mode") != 0) return;
    node->pooling = is_max         ? FET_POOLING_MAX
                    : with_padding ? FET_POOLING_AVERAGE_WITH_PADDING
                                   : FET_POOLING_AVERAGE;
    node->window = w;
    node->kind = PLAN_POOL;
}

/* The mean over all that lies behind the channels is global pooling. */
static void classify_mean(struct fet_plan *p, struct fet_plan_node *node)
{
    const struct fet_shape *const x = shape_of(p, node->x[0]), *const y = shape_of(p, node->y[0]);
    struct fet_plan_window w = {.n = x->n_dims - 2};
    if (x->n_dims < 3 || w.n > FET_BLOCK_MAX_SPATIAL || y->n_dims != x->n_dims) return;
    if (y->dims[0] != x->dims[0] || y->dims[1] != x->dims[1]) return;
    for (int i = 0; i < w.n; i++) {
        if (y->dims[i + 2] != 1) return;
        w.kernel[i] = x->dims[i + 2];
        w.stride[i] = w.dilation[i] = 1;
    }
    node->pooling = FET_POOLING_AVERAGE;
    node->window = w;
    node->kind = PLAN_POOL;
}

/* ---- products ---- */

/* factor * t, [K,N] turned to [N,K] unless it lies so already. */
static fet_status turned(struct fet_plan *p, int value, bool is_turned, float factor, int *made)
{
    const struct fet_tensor *const from = &p->values[value].constant;
    const int64_t *const dims = from->shape.dims;
    const int64_t rows = is_turned ? dims[0] : dims[1], columns = is_turned ? dims[1] : dims[0];
    struct fet_tensor t = {0};
    if (is_turned && factor == 1.0f) {
        *made = value;
        return FET_OK;
    }
    FET_TRY(fet_tensor_new(FET_F32, 2, (const int64_t[]){rows, columns}, &t));
    const float *const source = fet_tensor_f32(from);
    float *const to = fet_tensor_f32(&t);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * columns + j] =
                factor * (is_turned ? source[i * columns + j] : source[j * rows + i]);
    return fet_plan_add_constant(p, &t, made);
}

/* A bias of M numbers out of a constant that broadcasts to [.., M] the same in every row. */
static fet_status row_bias(struct fet_plan *p, int value, int64_t M, float factor, int *made)
{
    const struct fet_tensor *const from = &p->values[value].constant;
    const bool is_scalar = fet_tensor_count(from) == 1;
    struct fet_tensor t = {0};
    FET_TRY(fet_tensor_new(FET_F32, 1, &M, &t));
    for (int64_t i = 0; i < M; i++)
        fet_tensor_f32(&t)[i] = factor * fet_tensor_f32(from)[is_scalar ? 0 : i];
    return fet_plan_add_constant(p, &t, made);
}

static fet_status classify_gemm(struct fet_plan *p, struct fet_plan_node *node)
{
    const int bias = node->n_x > 2 ? node->x[2] : PLAN_NONE;
    const int64_t M = shape_of(p, node->y[0])->dims[1];
    if (int_attr(node, "transA") != 0 || !fet_plan_is_constant(p, node->x[1])) return FET_OK;
    if (bias != PLAN_NONE) {
        const struct fet_shape *const s = shape_of(p, bias);
        const bool is_row =
            fet_plan_count(s) == 1 || (s->dims[s->n_dims - 1] == M && fet_plan_count(s) == M);
        if (!is_row || !fet_plan_is_constant(p, bias)) return FET_OK;
    }
    FET_TRY(turned(p, node->x[1], int_attr(node, "transB") != 0, real_attr(node, "alpha"),
                   &node->weights));
    if (bias != PLAN_NONE) FET_TRY(row_bias(p, bias, M, real_attr(node, "beta"), &node->bias));
    node->kind = PLAN_LINEAR;
    return FET_OK;
}

static fet_status classify_matmul(struct fet_plan *p, struct fet_plan_node *node)
{
    const struct fet_shape *const a = shape_of(p, node->x[0]), *const b = shape_of(p, node->x[1]);
    if (fet_plan_is_constant(p, node->x[1]) && b->n_dims == 2 && a->n_dims >= 2) {
        FET_TRY(turned(p, node->x[1], false, 1, &node->weights));
        node->kind = PLAN_LINEAR;
    } else if (a->n_dims >= 2 && b->n_dims >= 2) {
        node->kind = PLAN_MATMUL;
    }
    return FET_OK;
}

/* ---- functions of elements ---- */

static const struct {
    const char *op;
    enum fet_eltwise kind;
} functions[] = {
    {"abs", FET_ELTWISE_ABS},
    {"elu", FET_ELTWISE_ELU},
    {"exp", FET_ELTWISE_EXP},
    {"gelu", FET_ELTWISE_GELU_ERF},
    {"hard_swish", FET_ELTWISE_HARD_SWISH},
    {"leaky_relu", FET_ELTWISE_RELU},
    {"log", FET_ELTWISE_LOG},
    {"mish", FET_ELTWISE_MISH},
    {"neg", FET_ELTWISE_LINEAR},
    {"relu", FET_ELTWISE_RELU},
    {"sigmoid", FET_ELTWISE_SIGMOID},
    {"softplus", FET_ELTWISE_SOFTPLUS},
    {"sqrt", FET_ELTWISE_SQRT},
    {"swish", FET_ELTWISE_SWISH},
    {"tanh", FET_ELTWISE_TANH},
};

static bool classify_function(struct fet_plan_node *node)
{
    size_t i = 0;
    const size_t n = sizeof functions / sizeof functions[0];
    while (i < n && !fet_plan_is_op(node, functions[i].op)) i++;
    if (i == n) return false;
    node->eltwise = functions[i].kind;
    if (fet_plan_is_op(node, "elu") || fet_plan_is_op(node, "leaky_relu") ||
        fet_plan_is_op(node, "swish"))
        node->alpha = real_attr(node, "alpha");
    if (fet_plan_is_op(node, "neg")) node->alpha = -1;
    const char *const approximate =
        fet_plan_is_op(node, "gelu") ? fet_plan_attr(node, "approximate")->text : NULL;
    if (approximate != NULL && strcmp(approximate, "tanh") == 0)
        node->eltwise = FET_ELTWISE_GELU_TANH;
    node->kind = PLAN_ELTWISE;
    return true;
}

static void classify_clip(struct fet_plan *p, struct fet_plan_node *node)
{
    float bounds[2] = {-INFINITY, INFINITY};
    for (int i = 1; i < node->n_x; i++) {
        if (node->x[i] == PLAN_NONE) continue;
        if (!fet_plan_is_constant(p, node->x[i])) return;
        bounds[i - 1] = fet_tensor_f32(&p->values[node->x[i]].constant)[0];
    }
    node->eltwise = FET_ELTWISE_CLIP;
    node->alpha = bounds[0];
    node->beta = bounds[1];
    node->kind = PLAN_ELTWISE;
}

static const struct {
    const char *op;
    enum fet_binary_kind kind;
} pairs[] = {
    {"add", FET_BINARY_ADD}, {"sub", FET_BINARY_SUB}, {"mul", FET_BINARY_MUL},
    {"div", FET_BINARY_DIV}, {"max", FET_BINARY_MAX}, {"min", FET_BINARY_MIN},
    {"sum", FET_BINARY_ADD},
};

static bool classify_pair(struct fet_plan *p, struct fet_plan_node *node)
{
    size_t i = 0;
    const size_t n = sizeof pairs / sizeof pairs[0];
    while (i < n && !fet_plan_is_op(node, pairs[i].op)) i++;
    if (i == n || node->n_x != 2 || !is_f32(p, node->x[1])) return false;
    const struct fet_shape *const y = shape_of(p, node->y[0]);
    const bool is_symmetric = pairs[i].kind != FET_BINARY_SUB && pairs[i].kind != FET_BINARY_DIV;
    /* The first operand has the shape of the result. */
    if (is_symmetric && !fet_shape_is_equal(shape_of(p, node->x[0]), y)) {
        const int first = node->x[0];
        node->x[0] = node->x[1];
        node->x[1] = first;
    }
    if (!fet_shape_is_equal(shape_of(p, node->x[0]), y)) return true;
    node->binary = pairs[i].kind;
    node->kind = PLAN_BINARY;
    return true;
}

static void classify_softmax(struct fet_plan *p, struct fet_plan_node *node)
{
    const int64_t axis = int_attr(node, "axis");
    node->axis = (int)(axis < 0 ? axis + shape_of(p, node->x[0])->n_dims : axis);
    node->is_log = fet_plan_is_op(node, "log_softmax");
    node->kind = PLAN_SOFTMAX;
}

/* ---- all ---- */

static const char *const views[] = {"dropout", "flatten", "identity",
                                    "reshape", "squeeze", "unsqueeze"};

static bool classify_view(const struct fet_plan *p, struct fet_plan_node *node)
{
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        if (!fet_plan_is_op(node, views[i])) continue;
        for (int k = 1; k < node->n_y; k++)
            if (is_read(p, node, k)) return true; /* the mask of dropout is wanted */
        node->kind = PLAN_VIEW;
        return true;
    }
    return false;
}

static bool is_any(const struct fet_plan_node *node, const char *a, const char *b)
{
    return fet_plan_is_op(node, a) || fet_plan_is_op(node, b);
}

static fet_status classify_node(struct fet_plan *p, struct fet_plan_node *node)
{
    if (node->n_x == 0 || node->x[0] == PLAN_NONE || classify_view(p, node)) return FET_OK;
    if (!is_f32(p, node->x[0]) || !is_f32(p, node->y[0])) return FET_OK;
    if (fet_plan_count(shape_of(p, node->y[0])) == 0 ||
        fet_plan_count(shape_of(p, node->x[0])) == 0)
        return FET_OK;
    if (classify_function(node) || classify_pair(p, node)) return FET_OK;
    if (fet_plan_is_op(node, "conv")) classify_conv(p, node);
    if (fet_plan_is_op(node, "gemm")) return classify_gemm(p, node);
    if (fet_plan_is_op(node, "matmul")) return classify_matmul(p, node);
    if (fet_plan_is_op(node, "clip")) classify_clip(p, node);
    if (fet_plan_is_op(node, "reduce_mean")) classify_mean(p, node);
    if (is_any(node, "softmax", "log_softmax")) classify_softmax(p, node);
    if (is_any(node, "max_pool", "average_pool") ||
        is_any(node, "global_max_pool", "global_average_pool"))
        classify_pool(p, node);
    return FET_OK;
}

fet_status fet_plan_classify(struct fet_plan *p)
{
    if (fet_kernel_is_reference_only()) return FET_OK;
    for (int k = 0; k < p->n_nodes; k++)
        if (!p->nodes[k].is_gone) FET_TRY(classify_node(p, &p->nodes[k]));
    fet_plan_count_readers(p);
    return FET_OK;
}
