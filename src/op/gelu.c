/* gelu: y = x Phi(x), Phi the normal distribution; with approximate=tanh
 * y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). Hendrycks and Gimpel 2016.
 * prelu: x, below 0 slope * x, where the slope is a tensor that broadcasts to x. He 2015. */
#include "elementwise.h"

#include <math.h>

static const struct fet_attr gelu_attrs[] = {
    {"approximate", FET_ATTR_TEXT, "none", "none or tanh"},
    {0},
};

static const double sqrt_two_over_pi = 0.79788456080286535588;

static double inner(double x)
{
    return sqrt_two_over_pi * (x + 0.044715 * x * x * x);
}

static void exact_real(const double *x, double *y, int64_t n, const double *p)
{
    (void)p;
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * 0.5 * erfc(-x[i] * M_SQRT1_2);
}

static void exact_slope(const double *x, const double *y, double *d, int64_t n, const double *p)
{
    (void)y, (void)p;
    for (int64_t i = 0; i < n; i++)
        d[i] =
            0.5 * erfc(-x[i] * M_SQRT1_2) + x[i] * 0.5 * sqrt_two_over_pi * exp(-x[i] * x[i] / 2);
}

static void tanh_real(const double *x, double *y, int64_t n, const double *p)
{
    (void)p;
    for (int64_t i = 0; i < n; i++) y[i] = x[i] / 2 * (1 + tanh(inner(x[i])));
}

static void tanh_slope(const double *x, const double *y, double *d, int64_t n, const double *p)
{
    (void)y, (void)p;
    for (int64_t i = 0; i < n; i++) {
        const double t = tanh(inner(x[i]));
        const double slope = sqrt_two_over_pi * (1 + 3 * 0.044715 * x[i] * x[i]);
        d[i] = (1 + t) / 2 + x[i] / 2 * (1 - t * t) * slope;
    }
}

static bool is_tanh(const struct fet_op_call *c)
{
    return fet_op_text_is(c, "approximate", "tanh");
}

static fet_status gelu_infer(const struct fet_op_call *c)
{
    if (!is_tanh(c) && !fet_op_text_is(c, "approximate", "none"))
        return FET_FAIL(FET_ARGUMENT, "gelu: approximate is none or tanh");
    return fet_unary_infer(c);
}

static fet_status gelu_forward(const struct fet_op_call *c)
{
    return fet_unary_forward(c, is_tanh(c) ? tanh_real : exact_real, NULL);
}

static fet_status gelu_backward(const struct fet_op_call *c)
{
    return fet_unary_backward(c, is_tanh(c) ? tanh_slope : exact_slope, NULL);
}

static const struct fet_op_case gelu_cases[] = {
    {.name = "exact",
     .attrs = "",
     .inputs = "f32[3]={-1,0,1}",
     .wanted = "f32[3]={-0.15865526,0,0.84134474}"},
    {.name = "by tanh",
     .attrs = "approximate=tanh",
     .inputs = "f32[2]={-1,1}",
     .wanted = "f32[2]={-0.158808,0.841192}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[2,3]:-2..2", .has_gradient = true},
    {.name = "gradient by tanh",
     .attrs = "approximate=tanh",
     .inputs = "f64[2,3]:-2..2",
     .has_gradient = true},
    {.name = "by half", .attrs = "approximate=half", .inputs = "f32[1]", .refusal = "none or tanh"},
};

const struct fet_op fet_op_gelu = {
    .name = "gelu",
    .paper = "Hendrycks 2016",
    .attrs = gelu_attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = gelu_infer,
    .forward = gelu_forward,
    .backward = gelu_backward,
    .onnx_type = "Gelu",
    .onnx_since = 20,
    .cases = gelu_cases,
    .n_cases = sizeof gelu_cases / sizeof gelu_cases[0],
};

static void prelu_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] < 0 ? a[i] * b[i] : a[i];
}

static void prelu_slope(const double *a, const double *b, const double *y, double *da, double *db,
                        int64_t n)
{
    (void)y;
    for (int64_t i = 0; i < n; i++) {
        da[i] = a[i] < 0 ? b[i] : 1;
        db[i] = a[i] < 0 ? a[i] : 0;
    }
}

static const struct fet_binary prelu_loop = {.real = prelu_real, .slope = prelu_slope};

static const struct fet_op_case prelu_cases[] = {
    {.name = "a slope for each column",
     .attrs = "",
     .inputs = "f32[2,2]={-1,-2,3,-4} f32[2]={0.5,2}",
     .wanted = "f32[2,2]={-0.5,-4,3,-8}"},
    {.name = "gradient below",
     .attrs = "",
     .inputs = "f64[2,3]:-2..-0.1 f64[3]",
     .has_gradient = true},
    {.name = "gradient above",
     .attrs = "",
     .inputs = "f64[2,3]:0.1..2 f64[3]",
     .has_gradient = true},
};

FET_BINARY_SMOOTH_OP(prelu, prelu_loop, "PRelu", 7);
