/* quantize_linear: y = saturate(round(x / scale) + zero), rounding halves to even; to F8 and F4, as
 * those round.
 * dequantize_linear: y = (x - zero) scale.
 * scale is one number, one for each index along `axis`, or one for each block of block_size
 * neighbours along it (then it has the rank of x). zero has its shape, and the quantized type.
 * dynamic_quantize_linear finds scale and zero for U8 from the range of x widened to hold 0. */
#include "op_args.h"

#include <math.h>
#include <string.h>

static const struct fet_attr quantize_attrs[] = {
    {"axis", FET_ATTR_INT, "1", "the axis along which scales lie"},
    {"block_size", FET_ATTR_INT, "0", "neighbours that share a scale; 0 = no blocks"},
    {"output_dtype", FET_ATTR_INT, "0", "the type without a zero, as ONNX numbers it; 0 = U8"},
    {"precision", FET_ATTR_INT, "0", "the type of the division; as x here"},
    {"saturate", FET_ATTR_INT, "1", "0 = too large an F8 is infinity or NaN, not the largest"},
    {0},
};

static const struct fet_attr dequantize_attrs[] = {
    {"axis", FET_ATTR_INT, "1", "the axis along which scales lie"},
    {"block_size", FET_ATTR_INT, "0", "neighbours that share a scale; 0 = no blocks"},
    {"output_dtype", FET_ATTR_INT, "0", "the type, as ONNX numbers it; 0 = that of the scale"},
    {0},
};

/* Where the scale of an element lies: x is [outer, along, inner]. */
struct grid {
    int64_t outer, along, inner, block;
    bool is_single, is_blocked;
};

static fet_status blocks_fit(const struct fet_op_call *c, int axis, int64_t block)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const struct fet_shape *s = &c->x[1]->shape;
    bool fits = s->n_dims == x->n_dims;
    for (int i = 0; fits && i < x->n_dims; i++) {
        const int64_t wanted = i == axis ? (x->dims[i] + block - 1) / block : x->dims[i];
        fits = s->dims[i] == wanted;
    }
    if (fits) return FET_OK;
    return FET_FAIL(FET_SHAPE, "%s: the scales do not fit blocks of %lld", c->op->name,
                    (long long)block);
}

static fet_status grid_find(const struct fet_op_call *c, struct grid *g)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const struct fet_shape *s = &c->x[1]->shape;
    int axis = 0;
    *g = (struct grid){.block = fet_op_int(c, "block_size")};
    g->is_single = fet_op_count(s) == 1 && s->n_dims <= 1 && g->block == 0;
    g->is_blocked = g->block > 0;
    if (g->block < 0) return FET_FAIL(FET_ARGUMENT, "%s: block_size is negative", c->op->name);
    if (g->is_single) return FET_OK;
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    g->outer = fet_op_span(x, 0, axis);
    g->along = x->dims[axis];
    g->inner = fet_op_span(x, axis + 1, x->n_dims);
    if (g->is_blocked) return blocks_fit(c, axis, g->block);
    if (s->n_dims == 1 && s->dims[0] == g->along) return FET_OK;
    return FET_FAIL(FET_SHAPE, "%s: wanted one scale or %lld of them", c->op->name,
                    (long long)g->along);
}

static int64_t grid_at(const struct grid *g, int64_t i)
{
    if (g->is_single) return 0;
    const int64_t along = i / g->inner % g->along;
    if (!g->is_blocked) return along;
    const int64_t n_blocks = (g->along + g->block - 1) / g->block;
    return (i / g->inner / g->along * n_blocks + along / g->block) * g->inner + i % g->inner;
}

static bool is_quantized(enum fet_dtype d)
{
    return d == FET_U16 || d == FET_I16 || (fet_dtype_bytes(d) == 1 && d != FET_BOOL);
}

static fet_status zero_fits(const struct fet_op_call *c)
{
    if (fet_op_x(c, 2) == NULL) return FET_OK;
    if (fet_op_count(&c->x[2]->shape) == fet_op_count(&c->x[1]->shape)) return FET_OK;
    return FET_FAIL(FET_SHAPE, "%s: wanted as many zeros as scales", c->op->name);
}

static fet_status quantize_infer(const struct fet_op_call *c)
{
    struct grid g;
    enum fet_dtype to = FET_U8;
    if (fet_op_int(c, "output_dtype") != 0) FET_TRY(fet_op_attr_dtype(c, "output_dtype", &to));
    if (fet_op_x(c, 2) != NULL) to = c->x[2]->dtype;
    if (!is_quantized(to))
        return FET_FAIL(FET_UNSUPPORTED, "%s: cannot quantize to %s", c->op->name,
                        fet_dtype_name(to));
    if (!fet_dtype_is_float(c->x[0]->dtype) && c->x[0]->dtype != FET_I32)
        return fet_op_refuse_dtype(c, 0, "a real or I32");
    if (!fet_dtype_is_float(c->x[1]->dtype)) return fet_op_refuse_dtype(c, 1, "a real");
    FET_TRY(grid_find(c, &g));
    FET_TRY(zero_fits(c));
    fet_op_set_y(c, 0, to, &c->x[0]->shape);
    return FET_OK;
}

static double saturate(double v, enum fet_dtype d)
{
    const double bits = fet_dtype_bits(d);
    const bool is_unsigned = fet_dtype_is_unsigned(d);
    const double low = is_unsigned ? 0 : -exp2(bits - 1);
    const double high = is_unsigned ? exp2(bits) - 1 : exp2(bits - 1) - 1;
    return v < low ? low : v > high ? high : v;
}

/* The quotient is rounded to single precision, as everybody divides. */
static double quotient(double x, double scale, enum fet_dtype d)
{
    return d == FET_F64 ? x / scale : (double)((float)x / (float)scale);
}

static fet_status quantize_forward(const struct fet_op_call *c)
{
    struct grid g;
    FET_TRY(grid_find(c, &g));
    const struct fet_tensor *zero = fet_op_x(c, 2);
    const int64_t count = fet_tensor_count(c->x[0]);
    const bool is_narrow_real = fet_dtype_is_float(c->y[0]->dtype);
    uint8_t *const codes = c->y[0]->data;
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = grid_at(&g, i);
        const double q =
            quotient(fet_read_real(c->x[0], i), fet_read_real(c->x[1], at), c->x[1]->dtype);
        const double z = zero != NULL ? fet_read_real(zero, at) : 0;
        if (is_narrow_real)
            codes[i] = fet_narrow_from_f64(c->y[0]->dtype, q + z, fet_op_flag(c, "saturate"));
        else
            fet_write_real(c->y[0], i, saturate(rint(q) + z, c->y[0]->dtype));
    }
    return FET_OK;
}

static fet_status dequantize_infer(const struct fet_op_call *c)
{
    struct grid g;
    enum fet_dtype to = c->x[1]->dtype;
    if (fet_op_int(c, "output_dtype") != 0) FET_TRY(fet_op_attr_dtype(c, "output_dtype", &to));
    if (!is_quantized(c->x[0]->dtype) && c->x[0]->dtype != FET_I32)
        return fet_op_refuse_dtype(c, 0, "an integer");
    if (!fet_dtype_is_float(c->x[1]->dtype)) return fet_op_refuse_dtype(c, 1, "a real");
    if (!fet_dtype_is_float(to))
        return FET_FAIL(FET_UNSUPPORTED, "%s: wanted a real type, got %s", c->op->name,
                        fet_dtype_name(to));
    if (fet_op_x(c, 2) != NULL) FET_TRY(fet_op_need_same_dtype(c, 2, 0));
    FET_TRY(grid_find(c, &g));
    FET_TRY(zero_fits(c));
    fet_op_set_y(c, 0, to, &c->x[0]->shape);
    return FET_OK;
}

static fet_status dequantize_forward(const struct fet_op_call *c)
{
    struct grid g;
    FET_TRY(grid_find(c, &g));
    const struct fet_tensor *zero = fet_op_x(c, 2);
    const int64_t count = fet_tensor_count(c->x[0]);
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = grid_at(&g, i);
        const double z = zero != NULL ? fet_read_real(zero, at) : 0;
        fet_write_real(c->y[0], i, (fet_read_real(c->x[0], i) - z) * fet_read_real(c->x[1], at));
    }
    return FET_OK;
}

/* ---- dynamic ---- */

static fet_status dynamic_infer(const struct fet_op_call *c)
{
    const struct fet_shape scalar = {0};
    FET_TRY(fet_op_need_dtype(c, 0, FET_F32));
    fet_op_set_y(c, 0, FET_U8, &c->x[0]->shape);
    fet_op_set_y(c, 1, FET_F32, &scalar);
    fet_op_set_y(c, 2, FET_U8, &scalar);
    return FET_OK;
}

static fet_status dynamic_forward(const struct fet_op_call *c)
{
    const float *x = c->x[0]->data;
    const int64_t count = fet_tensor_count(c->x[0]);
    float low = 0, high = 0;
    for (int64_t i = 0; i < count; i++) {
        if (x[i] < low) low = x[i];
        if (x[i] > high) high = x[i];
    }
    const float scale = (high - low) / 255.0F;
    const double zero = scale > 0 ? saturate(rint((double)(-low / scale)), FET_U8) : 0;
    for (int64_t i = 0; i < count; i++) {
        const double q = scale > 0 ? rint((double)(x[i] / scale)) : 0;
        fet_write_real(c->y[0], i, saturate(q + zero, FET_U8));
    }
    fet_write_real(c->y[1], 0, (double)scale);
    fet_write_real(c->y[2], 0, zero);
    return FET_OK;
}

static const struct fet_op_case quantize_cases[] = {
    {.name = "one scale, halves to even, ends",
     .attrs = "",
     .inputs = "f32[6]={0,1,3,5,1000,-1000} f32[]={2} u8[]={128}",
     .wanted = "u8[6]={128,128,130,130,255,0}"},
    {.name = "a scale for each column",
     .attrs = "",
     .inputs = "f32[2,2]={1,2,3,4} f32[2]={1,0.5} i8[2]={0,-1}",
     .wanted = "i8[2,2]={1,3,3,7}"},
    {.name = "blocks",
     .attrs = "axis=1 block_size=2",
     .inputs = "f32[1,3]={2,4,9} f32[1,2]={2,3}",
     .wanted = "u8[1,3]={1,2,3}"},
    {.name = "sixteen bits",
     .attrs = "output_dtype=5",
     .inputs = "f32[2]={1e6,-1e6} f32[]={1}",
     .wanted = "i16[2]={32767,-32768}"},
    {.name = "four bits",
     .attrs = "output_dtype=22",
     .inputs = "f32[3]={-100,3,100} f32[]={2}",
     .wanted = "i4[3]={-8,2,7}"},
    {.name = "eight-bit reals",
     .attrs = "output_dtype=17",
     .inputs = "f32[3]={-100,3,1e6} f32[]={2}",
     .wanted = "f8_e4m3[3]={-48,1.5,448}"},
    {.name = "three scales for two", .attrs = "", .inputs = "f32[2,2] f32[3]", .refusal = "2 of"},
    {.name = "to long", .attrs = "output_dtype=7", .inputs = "f32[2] f32[]", .refusal = "to I64"},
};

static const struct fet_op_case dequantize_cases[] = {
    {.name = "one scale",
     .attrs = "",
     .inputs = "u8[3]={0,128,255} f32[]={2} u8[]={128}",
     .wanted = "f32[3]={-256,0,254}"},
    {.name = "a scale for each row",
     .attrs = "axis=0",
     .inputs = "i8[2,2]={1,2,3,-4} f32[2]={1,0.5}",
     .wanted = "f32[2,2]={1,2,1.5,-2}"},
    {.name = "blocks",
     .attrs = "axis=0 block_size=2",
     .inputs = "i8[3,1]={1,2,3} f32[2,1]={2,3} i8[2,1]={1,0}",
     .wanted = "f32[3,1]={0,2,9}"},
    {.name = "eight-bit reals",
     .attrs = "",
     .inputs = "f8_e5m2[2]={1.5,-4} f32[]={2}",
     .wanted = "f32[2]={3,-8}"},
    {.name = "zero of another type",
     .attrs = "",
     .inputs = "i8[3] f32[] u8[]",
     .refusal = "input 2 is U8"},
};

static const struct fet_op_case dynamic_cases[] = {
    {.name = "a range with both signs",
     .attrs = "",
     .inputs = "f32[3]={-1,0,1.55}",
     .wanted = "u8[3]={0,100,255} f32[]={0.01} u8[]={100}"},
    {.name = "nothing but zero",
     .attrs = "",
     .inputs = "f32[2]={0,0}",
     .wanted = "u8[2]={0,0} f32[]={0} u8[]={0}"},
};

const struct fet_op fet_op_quantize_linear = {
    .name = "quantize_linear",
    .paper = "Jacob 2018",
    .attrs = quantize_attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = quantize_infer,
    .forward = quantize_forward,
    .onnx_type = "QuantizeLinear",
    .onnx_since = 10,
    .cases = quantize_cases,
    .n_cases = sizeof quantize_cases / sizeof quantize_cases[0],
};

const struct fet_op fet_op_dequantize_linear = {
    .name = "dequantize_linear",
    .paper = "Jacob 2018",
    .attrs = dequantize_attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = dequantize_infer,
    .forward = dequantize_forward,
    .onnx_type = "DequantizeLinear",
    .onnx_since = 10,
    .cases = dequantize_cases,
    .n_cases = sizeof dequantize_cases / sizeof dequantize_cases[0],
};

const struct fet_op fet_op_dynamic_quantize_linear = {
    .name = "dynamic_quantize_linear",
    .min_x = 1,
    .max_x = 1,
    .n_y = 3,
    .infer = dynamic_infer,
    .forward = dynamic_forward,
    .onnx_type = "DynamicQuantizeLinear",
    .onnx_since = 11,
    .cases = dynamic_cases,
    .n_cases = sizeof dynamic_cases / sizeof dynamic_cases[0],
};
