/* Windows of a given length (input 0) that fade in and out, for spectra:
 *   w_k = a - b cos(2 pi k / n) + c cos(4 pi k / n)
 * with n the length (periodic) or one less (symmetric):
 *   hann_window  1/2, 1/2, 0    hamming_window  25/46, 21/46, 0    blackman_window  0.42, 0.5, 0.08
 * Harris 1978. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"output_datatype", FET_ATTR_INT, "1", "the type, as ONNX numbers it; 1 = F32"},
    {"periodic", FET_ATTR_INT, "1", "1 = a period, 0 = symmetric"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    enum fet_dtype dtype = FET_F32;
    int64_t n = 0, n_values = 0;
    FET_TRY(fet_op_attr_dtype(c, "output_datatype", &dtype));
    FET_TRY(fet_op_ints(c, 0, 1, &n, &n_values));
    if (n_values != 1 || n < 0)
        return FET_FAIL(FET_ARGUMENT, "%s: a window of %lld", c->op->name, (long long)n);
    if (dtype == FET_BOOL) return FET_FAIL(FET_ARGUMENT, "%s: a window has numbers", c->op->name);
    fet_op_set_y(c, 0, dtype, &(struct fet_shape){1, {n}});
    return FET_OK;
}

static fet_status fill(const struct fet_op_call *c, const double a[3])
{
    const int64_t n = fet_tensor_count(c->y[0]);
    const double period = (double)(fet_op_flag(c, "periodic") ? n : n - 1);
    for (int64_t k = 0; k < n; k++) {
        const double angle = n > 1 ? 2 * 3.14159265358979323846 * (double)k / period : 0;
        fet_write_real(c->y[0], k, a[0] - a[1] * cos(angle) + a[2] * cos(2 * angle));
    }
    return FET_OK;
}

static fet_status hann_forward(const struct fet_op_call *c)
{
    return fill(c, (const double[3]){0.5, 0.5, 0});
}

static fet_status hamming_forward(const struct fet_op_call *c)
{
    return fill(c, (const double[3]){25.0 / 46, 21.0 / 46, 0});
}

static fet_status blackman_forward(const struct fet_op_call *c)
{
    return fill(c, (const double[3]){0.42, 0.5, 0.08});
}

static const struct fet_op_case hann_cases[] = {
    {.name = "a period", .attrs = "", .inputs = "i64[]={4}", .wanted = "f32[4]={0,0.5,1,0.5}"},
    {.name = "symmetric doubles",
     .attrs = "periodic=0 output_datatype=11",
     .inputs = "i32[]={3}",
     .wanted = "f64[3]={0,1,0}"},
    {.name = "a negative length", .attrs = "", .inputs = "i64[]={-1}", .refusal = "window of -1"},
};

static const struct fet_op_case hamming_cases[] = {
    {.name = "a period", .attrs = "", .inputs = "i64[]={2}", .wanted = "f32[2]={0.086956522,1}"},
    {.name = "an unknown type",
     .attrs = "output_datatype=99",
     .inputs = "i64[]={2}",
     .refusal = "element type 99"},
};

static const struct fet_op_case blackman_cases[] = {
    {.name = "symmetric", .attrs = "periodic=0", .inputs = "i64[]={3}", .wanted = "f32[3]={0,1,0}"},
    {.name = "a real length", .attrs = "", .inputs = "f32[]={2}", .refusal = "I32 or I64"},
};

#define WINDOW_OP(id, type)                                  \
    const struct fet_op fet_op_##id##_window = {             \
        .name = #id "_window",                               \
        .paper = "Harris 1978",                              \
        .attrs = attrs,                                      \
        .min_x = 1,                                          \
        .max_x = 1,                                          \
        .n_y = 1,                                            \
        .infer = infer,                                      \
        .forward = id##_forward,                             \
        .onnx_type = (type),                                 \
        .onnx_since = 17,                                    \
        .cases = id##_cases,                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0], \
    }

WINDOW_OP(hann, "HannWindow");
WINDOW_OP(hamming, "HammingWindow");
WINDOW_OP(blackman, "BlackmanWindow");
