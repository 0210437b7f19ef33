/* clip: y = min(max(x, low), high) for all numbers; low and high are scalars and may be left out.
 * NaN stays. The gradient goes to x only, where low <= x <= high. */
#include "op_args.h"

#include <math.h>

static fet_status clip_infer(const struct fet_op_call *c)
{
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    for (int i = 1; i < 3; i++) {
        if (fet_op_x(c, i) == NULL) continue;
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
        if (fet_op_count(&c->x[i]->shape) != 1) {
            return FET_FAIL(FET_SHAPE, "clip: input %d holds %lld numbers, 1 is wanted", i,
                            (long long)fet_op_count(&c->x[i]->shape));
        }
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

static double bound(const struct fet_op_call *c, int i, double without)
{
    const struct fet_tensor *t = fet_op_x(c, i);
    return t != NULL ? fet_read_real(t, 0) : without;
}

static void clip_integers(const struct fet_op_call *c, bool is_u64)
{
    /* Flipping the top bit of a U64 lets signed numbers compare in its order. */
    const uint64_t flip = is_u64 ? UINT64_C(1) << 63 : 0;
    const struct fet_tensor *low = fet_op_x(c, 1);
    const struct fet_tensor *high = fet_op_x(c, 2);
    const int64_t min = low != NULL ? (int64_t)((uint64_t)fet_read_int(low, 0) ^ flip) : INT64_MIN;
    const int64_t max =
        high != NULL ? (int64_t)((uint64_t)fet_read_int(high, 0) ^ flip) : INT64_MAX;
    const int64_t n = fet_tensor_count(c->x[0]);
    for (int64_t i = 0; i < n; i++) {
        int64_t v = (int64_t)((uint64_t)fet_read_int(c->x[0], i) ^ flip);
        if (v < min) v = min;
        if (v > max) v = max;
        fet_write_int(c->y[0], i, (int64_t)((uint64_t)v ^ flip));
    }
}

static fet_status clip_forward(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) {
        clip_integers(c, c->x[0]->dtype == FET_U64);
        return FET_OK;
    }
    const double low = bound(c, 1, -(double)INFINITY);
    const double high = bound(c, 2, (double)INFINITY);
    const int64_t count = fet_tensor_count(c->x[0]);
    for (int64_t at = 0; at < count; at += FET_LINE) {
        double v[FET_LINE];
        const int64_t n = count - at < FET_LINE ? count - at : FET_LINE;
        fet_load_real(c->x[0], at, 1, n, v);
        for (int64_t i = 0; i < n; i++) {
            if (v[i] < low) v[i] = low;
            if (v[i] > high) v[i] = high;
        }
        fet_store_real(c->y[0], at, 1, n, v);
    }
    return FET_OK;
}

static fet_status clip_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    const double low = bound(c, 1, -(double)INFINITY);
    const double high = bound(c, 2, (double)INFINITY);
    const int64_t count = fet_tensor_count(c->x[0]);
    for (int64_t at = 0; at < count; at += FET_LINE) {
        double x[FET_LINE];
        double d[FET_LINE];
        const int64_t n = count - at < FET_LINE ? count - at : FET_LINE;
        fet_load_real(c->x[0], at, 1, n, x);
        fet_load_real(c->dy[0], at, 1, n, d);
        for (int64_t i = 0; i < n; i++) {
            if (x[i] < low || x[i] > high) d[i] = 0;
        }
        fet_add_real(c->dx[0], at, 1, n, d);
    }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "both ends",
     .attrs = "",
     .inputs = "f32[4]={-2,0.5,3,nan} f32[]={-1} f32[]={1}",
     .wanted = "f32[4]={-1,0.5,1,nan}"},
    {.name = "only above",
     .attrs = "",
     .inputs = "i8[3]={-2,5,7} - i8[]={6}",
     .wanted = "i8[3]={-2,5,6}"},
    {.name = "unsigned beyond the signed",
     .attrs = "",
     .inputs = "u64[2]={-1,3} - u64[]={5}",
     .wanted = "u64[2]={5,3}"},
    {.name = "no ends", .attrs = "", .inputs = "f32[2]={-2,5}", .wanted = "f32[2]={-2,5}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f32[3,4] !f32[]={-0.5} !f32[]={0.5}",
     .has_gradient = true},
    {.name = "many ends", .attrs = "", .inputs = "f32[2] f32[2]", .refusal = "holds 2 numbers"},
    {.name = "ends of another type", .attrs = "", .inputs = "f32[2] i32[]", .refusal = "is I32"},
};

const struct fet_op fet_op_clip = {
    .name = "clip",
    .min_x = 1,
    .max_x = 3,
    .n_y = 1,
    .infer = clip_infer,
    .forward = clip_forward,
    .backward = clip_backward,
    .onnx_type = "Clip",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
