/* range: start, start + delta, ... up to limit, which is not reached. Reals are start + i * delta,
 * so that rounding does not add up. */
#include "op_args.h"

#include <math.h>

static fet_status range_count(const struct fet_op_call *c, int64_t *count)
{
    const double start = fet_read_real(c->x[0], 0);
    const double limit = fet_read_real(c->x[1], 0);
    const double delta = fet_read_real(c->x[2], 0);
    double n = ceil((limit - start) / delta);
    /* Integers of 64 bits do not all fit a double; these are exact. */
    if (!fet_dtype_is_float(c->x[0]->dtype) && fabs(limit - start) < 4e18 && delta != 0) {
        const int64_t distance = fet_read_int(c->x[1], 0) - fet_read_int(c->x[0], 0);
        const int64_t step = fet_read_int(c->x[2], 0);
        const int64_t whole = step == -1 ? -distance : distance / step;
        n = (double)(whole +
                     (step == -1 ? 0 : distance % step != 0 && (distance < 0) == (step < 0)));
    }
    if (delta == 0 || !(n < 1e18)) {
        return FET_FAIL(FET_ARGUMENT, "range: from %g to %g in steps of %g", start, limit, delta);
    }
    *count = n > 0 ? (int64_t)n : 0;
    return FET_OK;
}

static fet_status range_infer(const struct fet_op_call *c)
{
    struct fet_shape y = {.n_dims = 1};
    for (int i = 0; i < 3; i++) {
        const enum fet_dtype d = c->x[i]->dtype;
        if (d == FET_BOOL) return fet_op_refuse_dtype(c, i, "a number");
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
        if (fet_op_count(&c->x[i]->shape) != 1) {
            return FET_FAIL(FET_SHAPE, "range: input %d is not one number", i);
        }
        FET_TRY(fet_op_need_value(c, i));
    }
    FET_TRY(range_count(c, &y.dims[0]));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status range_forward(const struct fet_op_call *c)
{
    const int64_t n = fet_tensor_count(c->y[0]);
    const bool is_real = fet_dtype_is_float(c->x[0]->dtype);
    for (int64_t i = 0; i < n; i++) {
        if (is_real) {
            const double delta = fet_read_real(c->x[2], 0);
            fet_write_real(c->y[0], i, fet_read_real(c->x[0], 0) + (double)i * delta);
        } else {
            const uint64_t delta = (uint64_t)fet_read_int(c->x[2], 0);
            const uint64_t start = (uint64_t)fet_read_int(c->x[0], 0);
            fet_write_int(c->y[0], i, (int64_t)(start + (uint64_t)i * delta));
        }
    }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[]={1} f32[]={2} f32[]={0.3}",
     .wanted = "f32[4]={1,1.3,1.6,1.9}"},
    {.name = "backwards",
     .attrs = "",
     .inputs = "i64[]={10} i64[]={4} i64[]={-2}",
     .wanted = "i64[3]={10,8,6}"},
    {.name = "by -1",
     .attrs = "",
     .inputs = "i32[]={2} i32[]={-1} i32[]={-1}",
     .wanted = "i32[3]={2,1,0}"},
    {.name = "uneven",
     .attrs = "",
     .inputs = "i32[]={0} i32[]={7} i32[]={3}",
     .wanted = "i32[3]={0,3,6}"},
    {.name = "the wrong way",
     .attrs = "",
     .inputs = "i64[]={0} i64[]={4} i64[]={-3}",
     .wanted = "i64[0]"},
    {.name = "on the spot",
     .attrs = "",
     .inputs = "i64[]={0} i64[]={4} i64[]={0}",
     .refusal = "steps of 0"},
    {.name = "two starts",
     .attrs = "",
     .inputs = "i64[2] i64[]={4} i64[]={1}",
     .refusal = "input 0 is not one"},
};

const struct fet_op fet_op_range = {
    .name = "range",
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = range_infer,
    .forward = range_forward,
    .onnx_type = "Range",
    .onnx_since = 11,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
