/* cast: another element type. Reals become integers by cutting towards zero; what does not fit
 * becomes the nearest end, NaN becomes 0 (ONNX leaves both open). Integers wrap, and so do reals
 * that become integers of less than eight bits. Anything but 0 becomes true. Reals that are too
 * large become infinite. cast_like: the type of a second tensor. identity: the same. */
#include "op_args.h"

#include <string.h>

static const struct fet_attr cast_attrs[] = {
    {"to", FET_ATTR_INT, NULL, "the element type, as ONNX numbers them"},
    {"saturate", FET_ATTR_INT, "1", "0 = too large an F8 is infinity or NaN, not the largest"},
    {0},
};

static const struct fet_attr like_attrs[] = {
    {"saturate", FET_ATTR_INT, "1", "0 = too large an F8 is infinity or NaN, not the largest"},
    {0},
};

static fet_status cast_infer(const struct fet_op_call *c)
{
    enum fet_dtype to = FET_F32;
    FET_TRY(fet_op_attr_dtype(c, "to", &to));
    fet_op_set_y(c, 0, to, &c->x[0]->shape);
    return FET_OK;
}

static fet_status cast_like_infer(const struct fet_op_call *c)
{
    fet_op_set_y(c, 0, c->x[1]->dtype, &c->x[0]->shape);
    return FET_OK;
}

static fet_status identity_infer(const struct fet_op_call *c)
{
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* To a narrow real that does not saturate. */
static bool overflows(const struct fet_op_call *c)
{
    const enum fet_dtype d = c->y[0]->dtype;
    const bool is_narrow = fet_dtype_is_float(d) && fet_dtype_bytes(d) == 1;
    return is_narrow && c->op->attrs != NULL && !fet_op_flag(c, "saturate");
}

static fet_status cast_forward(const struct fet_op_call *c)
{
    const struct fet_tensor *x = c->x[0];
    const bool is_real = fet_dtype_is_float(x->dtype) || fet_dtype_is_float(c->y[0]->dtype);
    const int64_t count = fet_tensor_count(x);
    if (x->dtype == c->y[0]->dtype) {
        memcpy(c->y[0]->data, x->data, fet_tensor_bytes(x));
        return FET_OK;
    }
    if (overflows(c)) {
        uint8_t *const y = c->y[0]->data;
        for (int64_t i = 0; i < count; i++)
            y[i] = fet_narrow_from_f64(c->y[0]->dtype, fet_read_real(x, i), false);
        return FET_OK;
    }
    for (int64_t at = 0; at < count; at += FET_LINE) {
        double reals[FET_LINE];
        int64_t ints[FET_LINE];
        const int64_t n = count - at < FET_LINE ? count - at : FET_LINE;
        if (is_real) {
            fet_load_real(x, at, 1, n, reals);
            fet_store_real(c->y[0], at, 1, n, reals);
        } else {
            fet_load_int(x, at, 1, n, ints);
            fet_store_int(c->y[0], at, 1, n, ints);
        }
    }
    return FET_OK;
}

static fet_status cast_backward(const struct fet_op_call *c)
{
    struct fet_tensor *dx = fet_op_dx(c, 0);
    const struct fet_tensor *dy = fet_op_dy(c, 0);
    if (dy == NULL || dx == NULL) return FET_OK;
    const int64_t count = fet_tensor_count(dx);
    for (int64_t at = 0; at < count; at += FET_LINE) {
        double d[FET_LINE];
        const int64_t n = count - at < FET_LINE ? count - at : FET_LINE;
        fet_load_real(dy, at, 1, n, d);
        fet_add_real(dx, at, 1, n, d);
    }
    return FET_OK;
}

static const struct fet_op_case cast_cases[] = {
    {.name = "reals to bytes",
     .attrs = "to=2",
     .inputs = "f32[5]={1.9,-3,300,nan,-0.5}",
     .wanted = "u8[5]={1,0,255,0,0}"},
    {.name = "reals to long integers",
     .attrs = "to=7",
     .inputs = "f64[3]={-2.9,inf,4e9}",
     .wanted = "i64[3]={-2,9223372036854775807,4000000000}"},
    {.name = "integers wrap",
     .attrs = "to=3",
     .inputs = "i64[3]={200,-1,256}",
     .wanted = "i8[3]={-56,-1,0}"},
    {.name = "to boolean",
     .attrs = "to=9",
     .inputs = "f32[3]={0,nan,0.1}",
     .wanted = "bool[3]={0,1,1}"},
    {.name = "to half precision and its ends",
     .attrs = "to=10",
     .inputs = "f32[6]={65504,65520,1e-7,2049,-0.1,nan}",
     .wanted = "f16[6]={65504,inf,1.1920929e-07,2048,-0.099975586,nan}"},
    {.name = "to bfloat16",
     .attrs = "to=16",
     .inputs = "f32[4]={1.00390625,1.01171875,3.4e38,-inf}",
     .wanted = "bf16[4]={1,1.015625,inf,-inf}"},
    {.name = "to eight bits and their ends",
     .attrs = "to=17",
     .inputs = "f32[6]={464,465,-0.001,0.0009,nan,-inf}",
     .wanted = "f8_e4m3[6]={448,448,-0.001953125,0,nan,-448}"},
    {.name = "to eight bits, not saturated",
     .attrs = "to=17 saturate=0",
     .inputs = "f32[4]={448,460,-1e9,3.1}",
     .wanted = "f8_e4m3[4]={448,448,nan,3}"},
    {.name = "to four bits",
     .attrs = "to=22",
     .inputs = "f32[4]={-8,7.5,17,-0.5}",
     .wanted = "i4[4]={-8,7,1,0}"},
    {.name = "integers wrap in two bits",
     .attrs = "to=26",
     .inputs = "i32[4]={1,2,3,4}",
     .wanted = "i2[4]={1,-2,-1,0}"},
    {.name = "from half precision",
     .attrs = "to=1",
     .inputs = "f16[3]={0.1,-2,inf}",
     .wanted = "f32[3]={0.099975586,-2,inf}"},
    {.name = "large unsigned",
     .attrs = "to=11",
     .inputs = "u64[1]={-1}",
     .wanted = "f64[1]={18446744073709551615}"},
    {.name = "gradient", .attrs = "to=11", .inputs = "f64[2,3]", .has_gradient = true},
    {.name = "to text", .attrs = "to=8", .inputs = "f32[1]", .refusal = "element type 8"},
};

static const struct fet_op_case cast_like_cases[] = {
    {.name = "to integers",
     .attrs = "",
     .inputs = "f32[2]={1.5,-2} i32[0]",
     .wanted = "i32[2]={1,-2}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[2,3] !f64[]", .has_gradient = true},
};

static const struct fet_op_case identity_cases[] = {
    {.name = "reals", .attrs = "", .inputs = "f32[2]={1.5,nan}", .wanted = "f32[2]={1.5,nan}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2]", .has_gradient = true},
    {.name = "booleans", .attrs = "", .inputs = "bool[2]={1,0}", .wanted = "bool[2]={1,0}"},
};

const struct fet_op fet_op_cast = {
    .name = "cast",
    .attrs = cast_attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = cast_infer,
    .forward = cast_forward,
    .backward = cast_backward,
    .onnx_type = "Cast",
    .onnx_since = 6,
    .cases = cast_cases,
    .n_cases = sizeof cast_cases / sizeof cast_cases[0],
};

const struct fet_op fet_op_cast_like = {
    .name = "cast_like",
    .attrs = like_attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = cast_like_infer,
    .forward = cast_forward,
    .backward = cast_backward,
    .onnx_type = "CastLike",
    .onnx_since = 15,
    .cases = cast_like_cases,
    .n_cases = sizeof cast_like_cases / sizeof cast_like_cases[0],
};

const struct fet_op fet_op_identity = {
    .name = "identity",
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = identity_infer,
    .forward = cast_forward,
    .backward = cast_backward,
    .onnx_type = "Identity",
    .onnx_since = 1,
    .cases = identity_cases,
    .n_cases = sizeof identity_cases / sizeof identity_cases[0],
};
