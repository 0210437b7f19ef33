/* bit_cast: the same bytes read as another type of the same size. */
#include "op_args.h"

#include <string.h>

static const struct fet_attr attrs[] = {
    {"to", FET_ATTR_INT, NULL, "the element type, as ONNX numbers them"},
    {0},
};

static fet_status bit_cast_infer(const struct fet_op_call *c)
{
    enum fet_dtype to = FET_F32;
    FET_TRY(fet_op_attr_dtype(c, "to", &to));
    if (fet_dtype_bits(to) != fet_dtype_bits(c->x[0]->dtype) ||
        (to == FET_BOOL && c->x[0]->dtype != FET_BOOL))
        return FET_FAIL(FET_UNSUPPORTED, "bit_cast: %s cannot be read as %s",
                        fet_dtype_name(c->x[0]->dtype), fet_dtype_name(to));
    fet_op_set_y(c, 0, to, &c->x[0]->shape);
    return FET_OK;
}

static fet_status bit_cast_forward(const struct fet_op_call *c)
{
    const int64_t n = fet_tensor_count(c->x[0]);
    if (fet_dtype_is_integer(c->y[0]->dtype) && fet_dtype_bits(c->y[0]->dtype) < 8)
        for (int64_t i = 0; i < n; i++)
            fet_write_int(c->y[0], i, ((const uint8_t *)c->x[0]->data)[i]);
    else if (n > 0)
        memcpy(c->y[0]->data, c->x[0]->data, fet_tensor_bytes(c->x[0]));
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "a real as an integer",
     .attrs = "to=6",
     .inputs = "f32[2]={1,-0.5}",
     .wanted = "i32[2]={1065353216,-1090519040}"},
    {.name = "signs", .attrs = "to=2", .inputs = "i8[2]={-1,3}", .wanted = "u8[2]={255,3}"},
    {.name = "another size", .attrs = "to=7", .inputs = "f32[2]", .refusal = "read as I64"},
};

const struct fet_op fet_op_bit_cast = {
    .name = "bit_cast",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = bit_cast_infer,
    .forward = bit_cast_forward,
    .onnx_type = "BitCast",
    .onnx_since = 26,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
