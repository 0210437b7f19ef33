/* abs, neg, sign for all signed and unsigned numbers (integers wrap: |-128| is -128 as an I8), and
 * the questions is_nan, is_inf. sign(NaN) is NaN; the slope of abs at 0 is taken as 0. */
#include "elementwise.h"

#include <math.h>

static fet_status number_infer(const struct fet_op_call *c)
{
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

static void abs_real(const double *x, double *y, int64_t n, const double *p)
{
    (void)p;
    for (int64_t i = 0; i < n; i++) y[i] = fabs(x[i]);
}

static void neg_real(const double *x, double *y, int64_t n, const double *p)
{
    (void)p;
    for (int64_t i = 0; i < n; i++) y[i] = -x[i];
}

static void sign_real(const double *x, double *y, int64_t n, const double *p)
{
    (void)p;
    for (int64_t i = 0; i < n; i++) y[i] = isnan(x[i]) ? x[i] : (x[i] > 0) - (x[i] < 0);
}

static void abs_slope(const double *x, const double *y, double *d, int64_t n, const double *p)
{
    (void)y;
    sign_real(x, d, n, p);
}

static void neg_slope(const double *x, const double *y, double *d, int64_t n, const double *p)
{
    (void)x, (void)y, (void)p;
    for (int64_t i = 0; i < n; i++) d[i] = -1;
}

/* U64 is never negative, whatever its bits say as an int64. */
static int64_t abs_whole(int64_t x, bool is_u64)
{
    return x < 0 && !is_u64 ? (int64_t)(0 - (uint64_t)x) : x;
}

static int64_t neg_whole(int64_t x, bool is_u64)
{
    (void)is_u64;
    return (int64_t)(0 - (uint64_t)x);
}

static int64_t sign_whole(int64_t x, bool is_u64)
{
    if (is_u64) return x != 0;
    return (x > 0) - (x < 0);
}

static fet_status number_forward(const struct fet_op_call *c, fet_unary_real *real,
                                 int64_t (*whole)(int64_t x, bool is_u64))
{
    const struct fet_tensor *x = c->x[0];
    if (fet_dtype_is_float(x->dtype)) return fet_unary_forward(c, real, NULL);
    const int64_t n = fet_tensor_count(x);
    for (int64_t i = 0; i < n; i++) {
        fet_write_int(c->y[0], i, whole(fet_read_int(x, i), x->dtype == FET_U64));
    }
    return FET_OK;
}

static fet_status abs_forward(const struct fet_op_call *c)
{
    return number_forward(c, abs_real, abs_whole);
}

static fet_status neg_forward(const struct fet_op_call *c)
{
    return number_forward(c, neg_real, neg_whole);
}

static fet_status sign_forward(const struct fet_op_call *c)
{
    return number_forward(c, sign_real, sign_whole);
}

static fet_status abs_backward(const struct fet_op_call *c)
{
    return fet_unary_backward(c, abs_slope, NULL);
}

static fet_status neg_backward(const struct fet_op_call *c)
{
    return fet_unary_backward(c, neg_slope, NULL);
}

static fet_status question_infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    fet_op_set_y(c, 0, FET_BOOL, &c->x[0]->shape);
    return FET_OK;
}

static fet_status is_nan_forward(const struct fet_op_call *c)
{
    const int64_t n = fet_tensor_count(c->x[0]);
    for (int64_t i = 0; i < n; i++) {
        fet_write_int(c->y[0], i, isnan(fet_read_real(c->x[0], i)) != 0);
    }
    return FET_OK;
}

static const struct fet_attr is_inf_attrs[] = {
    {"detect_negative", FET_ATTR_INT, "1", "-inf counts"},
    {"detect_positive", FET_ATTR_INT, "1", "+inf counts"},
    {0},
};

static fet_status is_inf_forward(const struct fet_op_call *c)
{
    const bool low = fet_op_flag(c, "detect_negative");
    const bool high = fet_op_flag(c, "detect_positive");
    const int64_t n = fet_tensor_count(c->x[0]);
    for (int64_t i = 0; i < n; i++) {
        const double v = fet_read_real(c->x[0], i);
        fet_write_int(c->y[0], i, isinf(v) && (v > 0 ? high : low));
    }
    return FET_OK;
}

static const struct fet_op_case abs_cases[] = {
    {.name = "reals", .attrs = "", .inputs = "f32[3]={-2,3,nan}", .wanted = "f32[3]={2,3,nan}"},
    {.name = "integers", .attrs = "", .inputs = "i8[3]={-2,3,-128}", .wanted = "i8[3]={2,3,-128}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3]", .has_gradient = true},
    {.name = "booleans", .attrs = "", .inputs = "bool[2]", .refusal = "a number"},
};

static const struct fet_op_case neg_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[2]={-2,3}",
     .wanted = "f32[2]={2,-3}",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i64[2]={-2,3}", .wanted = "i64[2]={2,-3}"},
};

static const struct fet_op_case sign_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[4]={-2,0,3,nan}",
     .wanted = "f32[4]={-1,0,1,nan}"},
    {.name = "unsigned", .attrs = "", .inputs = "u64[2]={-1,0}", .wanted = "u64[2]={1,0}"},
};

static const struct fet_op_case is_nan_cases[] = {
    {.name = "reals", .attrs = "", .inputs = "f32[3]={nan,0,inf}", .wanted = "bool[3]={1,0,0}"},
    {.name = "half", .attrs = "", .inputs = "f16[2]={nan,1}", .wanted = "bool[2]={1,0}"},
    {.name = "integers", .attrs = "", .inputs = "i32[2]", .refusal = "a float type"},
};

static const struct fet_op_case is_inf_cases[] = {
    {.name = "both", .attrs = "", .inputs = "f32[3]={nan,-inf,inf}", .wanted = "bool[3]={0,1,1}"},
    {.name = "above only",
     .attrs = "detect_negative=0",
     .inputs = "f64[3]={0,-inf,inf}",
     .wanted = "bool[3]={0,0,1}"},
};

#define SIGN_STRUCT(id, its_attrs, its_infer, its_backward, type, since) \
    const struct fet_op fet_op_##id = {                                  \
        .name = #id,                                                     \
        .attrs = (its_attrs),                                            \
        .min_x = 1,                                                      \
        .max_x = 1,                                                      \
        .n_y = 1,                                                        \
        .infer = (its_infer),                                            \
        .forward = id##_forward,                                         \
        .backward = (its_backward),                                      \
        .onnx_type = (type),                                             \
        .onnx_since = (since),                                           \
        .cases = id##_cases,                                             \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0],             \
    }

SIGN_STRUCT(abs, NULL, number_infer, abs_backward, "Abs", 1);
SIGN_STRUCT(neg, NULL, number_infer, neg_backward, "Neg", 1);
SIGN_STRUCT(sign, NULL, number_infer, NULL, "Sign", 9);
SIGN_STRUCT(is_nan, NULL, question_infer, NULL, "IsNaN", 9);
SIGN_STRUCT(is_inf, is_inf_attrs, question_infer, NULL, "IsInf", 10);
