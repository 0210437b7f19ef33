/* softmax, log_softmax, hardmax along one axis.
 *   softmax      y_i = exp(x_i - m) / sum_j exp(x_j - m), m = max x (Bridle 1990)
 *   log_softmax  y_i = x_i - m - log sum_j exp(x_j - m)
 *   hardmax      y_i = 1 for the first largest element, else 0
 * Gradients: dx_i = y_i (dy_i - sum_j y_j dy_j);  dx_i = dy_i - exp(y_i) sum_j dy_j. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-1", "the axis along which elements compete"},
    {0},
};

enum kind { SOFTMAX, LOG_SOFTMAX, HARDMAX };

static fet_status softmax_infer(const struct fet_op_call *c)
{
    int axis = 0;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_rank(c, 0, 1, FET_MAX_DIMS));
    FET_TRY(fet_op_attr_axis(c, "axis", c->x[0]->shape.n_dims, &axis));
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* x becomes y. */
static void line_forward(enum kind kind, double *x, int64_t n)
{
    int64_t best = 0;
    double sum = 0;
    for (int64_t i = 1; i < n; i++) {
        if (x[i] > x[best]) best = i;
    }
    const double m = x[best];
    if (kind == HARDMAX) {
        for (int64_t i = 0; i < n; i++) x[i] = i == best;
        return;
    }
    for (int64_t i = 0; i < n; i++) sum += exp(x[i] - m);
    for (int64_t i = 0; i < n; i++) {
        x[i] = kind == SOFTMAX ? exp(x[i] - m) / sum : x[i] - m - log(sum);
    }
}

/* dy becomes dx. */
static void line_backward(enum kind kind, const double *y, double *dy, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += kind == SOFTMAX ? y[i] * dy[i] : dy[i];
    for (int64_t i = 0; i < n; i++) {
        dy[i] = kind == SOFTMAX ? y[i] * (dy[i] - sum) : dy[i] - exp(y[i]) * sum;
    }
}

static fet_status softmax_run(const struct fet_op_call *c, enum kind kind, bool is_backward)
{
    int axis = 0;
    const struct fet_shape *s = &c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", s->n_dims, &axis));
    const int64_t n = s->dims[axis];
    const int64_t outer = fet_op_span(s, 0, axis);
    const int64_t inner = fet_op_span(s, axis + 1, s->n_dims);
    if (fet_op_count(s) == 0) return FET_OK;
    double *line = fet_alloc(2 * n, sizeof *line);
    if (line == NULL) return FET_FAIL_MEMORY("softmax", 2 * n * (int64_t)sizeof *line);
    double *y = line + n;
    for (int64_t i = 0; i < outer * inner; i++) {
        const int64_t at = i / inner * n * inner + i % inner;
        if (is_backward) {
            fet_load_real(c->y[0], at, inner, n, y);
            fet_load_real(c->dy[0], at, inner, n, line);
            line_backward(kind, y, line, n);
            fet_add_real(c->dx[0], at, inner, n, line);
        } else {
            fet_load_real(c->x[0], at, inner, n, line);
            line_forward(kind, line, n);
            fet_store_real(c->y[0], at, inner, n, line);
        }
    }
    fet_free(line);
    return FET_OK;
}

static fet_status softmax_forward(const struct fet_op_call *c)
{
    return softmax_run(c, SOFTMAX, false);
}

static fet_status softmax_backward(const struct fet_op_call *c)
{
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    return softmax_run(c, SOFTMAX, true);
}

static fet_status log_softmax_forward(const struct fet_op_call *c)
{
    return softmax_run(c, LOG_SOFTMAX, false);
}

static fet_status log_softmax_backward(const struct fet_op_call *c)
{
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    return softmax_run(c, LOG_SOFTMAX, true);
}

static fet_status hardmax_forward(const struct fet_op_call *c)
{
    return softmax_run(c, HARDMAX, false);
}

static const struct fet_op_case softmax_cases[] = {
    {.name = "of large numbers",
     .attrs = "",
     .inputs = "f32[2,2]={1000,1000,0,0.6931472}",
     .wanted = "f32[2,2]={0.5,0.5,0.33333333,0.66666667}"},
    {.name = "along the first axis",
     .attrs = "axis=0",
     .inputs = "f64[3,2,2]",
     .wanted = "f64[3,2,2]",
     .has_gradient = true},
    {.name = "of one element", .attrs = "", .inputs = "f32[1]={7}", .wanted = "f32[1]={1}"},
    {.name = "outside", .attrs = "axis=2", .inputs = "f32[2,2]", .refusal = "axis 2"},
    {.name = "integers", .attrs = "", .inputs = "i32[2,2]", .refusal = "input 0 is I32"},
};

static const struct fet_op_case log_softmax_cases[] = {
    {.name = "of large numbers",
     .attrs = "",
     .inputs = "f32[2]={1000,1000}",
     .wanted = "f32[2]={-0.6931472,-0.6931472}"},
    {.name = "in the middle", .attrs = "axis=1", .inputs = "f64[2,3,2]", .has_gradient = true},
    {.name = "outside", .attrs = "axis=-3", .inputs = "f32[2,2]", .refusal = "axis -3"},
};

static const struct fet_op_case hardmax_cases[] = {
    {.name = "the first of equals",
     .attrs = "",
     .inputs = "f32[2,3]={1,3,3,-1,-2,-3}",
     .wanted = "f32[2,3]={0,1,0,1,0,0}"},
    {.name = "a scalar", .attrs = "", .inputs = "f32[]", .refusal = "1 to 8 dimensions"},
};

const struct fet_op fet_op_softmax = {
    .name = "softmax",
    .paper = "Bridle 1990",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = softmax_infer,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .onnx_type = "Softmax",
    .onnx_since = 13,
    .cases = softmax_cases,
    .n_cases = sizeof softmax_cases / sizeof softmax_cases[0],
};

const struct fet_op fet_op_log_softmax = {
    .name = "log_softmax",
    .paper = "Bridle 1990",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = softmax_infer,
    .forward = log_softmax_forward,
    .backward = log_softmax_backward,
    .onnx_type = "LogSoftmax",
    .onnx_since = 13,
    .cases = log_softmax_cases,
    .n_cases = sizeof log_softmax_cases / sizeof log_softmax_cases[0],
};

const struct fet_op fet_op_hardmax = {
    .name = "hardmax",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = softmax_infer,
    .forward = hardmax_forward,
    .onnx_type = "Hardmax",
    .onnx_since = 13,
    .cases = hardmax_cases,
    .n_cases = sizeof hardmax_cases / sizeof hardmax_cases[0],
};
