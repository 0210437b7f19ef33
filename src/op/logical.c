/* and, or, xor, not on BOOL; bitwise_and, _or, _xor, _not and bit_shift on integers. All but not
 * broadcast. */
#include "elementwise.h"

#define BITS(id, operator)                                                            \
    static void id##_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n) \
    {                                                                                 \
        for (int64_t i = 0; i < n; i++) y[i] = a[i] operator b[i];                    \
    }                                                                                 \
    static const struct fet_binary id##_bits = {.whole = id##_whole}

BITS(and, &);
BITS(or, |);
BITS(xor, ^);

#define LOGICAL(id)                                             \
    static fet_status id##_infer(const struct fet_op_call *c)   \
    {                                                           \
        FET_TRY(fet_op_need_dtype(c, 0, FET_BOOL));             \
        return fet_binary_infer(c, &id##_bits, true, true);     \
    }                                                           \
    static fet_status id##_forward(const struct fet_op_call *c) \
    {                                                           \
        fet_binary_forward(c, &id##_bits);                      \
        return FET_OK;                                          \
    }

LOGICAL(and)
LOGICAL(or)
LOGICAL(xor)

/* One input: y = f(x) on integers or BOOL. */
static fet_status not_infer(const struct fet_op_call *c)
{
    FET_TRY(fet_op_need_dtype(c, 0, FET_BOOL));
    fet_op_set_y(c, 0, FET_BOOL, &c->x[0]->shape);
    return FET_OK;
}

static fet_status bitwise_not_infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_integer(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "an integer");
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

static fet_status not_forward(const struct fet_op_call *c)
{
    const bool is_logical = c->x[0]->dtype == FET_BOOL;
    const int64_t n = fet_tensor_count(c->x[0]);
    for (int64_t i = 0; i < n; i++) {
        const int64_t v = fet_read_int(c->x[0], i);
        fet_write_int(c->y[0], i, is_logical ? v == 0 : ~v);
    }
    return FET_OK;
}

static const struct fet_attr shift_attrs[] = {
    {"direction", FET_ATTR_TEXT, NULL, "LEFT or RIGHT"},
    {0},
};

static fet_status bit_shift_infer(const struct fet_op_call *c)
{
    if (!fet_op_text_is(c, "direction", "LEFT") && !fet_op_text_is(c, "direction", "RIGHT")) {
        return FET_FAIL(FET_ARGUMENT, "bit_shift: direction is '%s', LEFT or RIGHT is wanted",
                        fet_op_attr(c, "direction")->text);
    }
    if (!fet_dtype_is_unsigned(c->x[0]->dtype)) {
        return fet_op_refuse_dtype(c, 0, "an unsigned integer");
    }
    return fet_binary_infer(c, &and_bits, false, false);
}

/* A shift by all the bits of a type, or more, leaves 0. The low bits are right for narrow types. */
static void left_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const bool is_gone = (uint64_t)b[i] > 63;
        y[i] = is_gone ? 0 : (int64_t)((uint64_t)a[i] << b[i]);
    }
}

static void right_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const bool is_gone = (uint64_t)b[i] > 63;
        y[i] = is_gone ? 0 : (int64_t)((uint64_t)a[i] >> b[i]);
    }
}

static const struct fet_binary left = {.whole = left_whole};
static const struct fet_binary right = {.whole = right_whole};

static fet_status bit_shift_forward(const struct fet_op_call *c)
{
    fet_binary_forward(c, fet_op_text_is(c, "direction", "LEFT") ? &left : &right);
    return FET_OK;
}

static const struct fet_op_case and_cases[] = {
    {.name = "a truth table",
     .attrs = "",
     .inputs = "bool[2,1]={0,1} bool[2]={0,1}",
     .wanted = "bool[2,2]={0,0,0,1}"},
    {.name = "numbers", .attrs = "", .inputs = "i32[2] i32[2]", .refusal = "input 0 is I32"},
};

static const struct fet_op_case or_cases[] = {
    {.name = "a truth table",
     .attrs = "",
     .inputs = "bool[2,1]={0,1} bool[2]={0,1}",
     .wanted = "bool[2,2]={0,1,1,1}"},
};

static const struct fet_op_case xor_cases[] = {
    {.name = "a truth table",
     .attrs = "",
     .inputs = "bool[2,1]={0,1} bool[2]={0,1}",
     .wanted = "bool[2,2]={0,1,1,0}"},
};

static const struct fet_op_case not_cases[] = {
    {.name = "both", .attrs = "", .inputs = "bool[2]={0,1}", .wanted = "bool[2]={1,0}"},
    {.name = "a number", .attrs = "", .inputs = "f32[2]", .refusal = "BOOL is wanted"},
};

static const struct fet_op_case bitwise_and_cases[] = {
    {.name = "bytes", .attrs = "", .inputs = "u8[2]={12,255} u8[]={10}", .wanted = "u8[2]={8,10}"},
    {.name = "reals", .attrs = "", .inputs = "f32[2] f32[2]", .refusal = "no float type"},
};

static const struct fet_op_case bitwise_or_cases[] = {
    {.name = "signed",
     .attrs = "",
     .inputs = "i32[2]={12,-1} i32[]={3}",
     .wanted = "i32[2]={15,-1}"},
};

static const struct fet_op_case bitwise_xor_cases[] = {
    {.name = "signed",
     .attrs = "",
     .inputs = "i16[2]={12,-1} i16[]={10}",
     .wanted = "i16[2]={6,-11}"},
};

static const struct fet_op_case bitwise_not_cases[] = {
    {.name = "bytes", .attrs = "", .inputs = "u8[2]={0,170}", .wanted = "u8[2]={255,85}"},
    {.name = "reals", .attrs = "", .inputs = "f32[2]", .refusal = "an integer"},
};

static const struct fet_op_case bit_shift_cases[] = {
    {.name = "left, out of the byte",
     .attrs = "direction=LEFT",
     .inputs = "u8[3]={16,1,255} u8[3]={1,2,7}",
     .wanted = "u8[3]={32,4,128}"},
    {.name = "right, and too far",
     .attrs = "direction=RIGHT",
     .inputs = "u32[3]={16,4,1} u32[3]={1,2,200}",
     .wanted = "u32[3]={8,1,0}"},
    {.name = "nowhere", .attrs = "direction=UP", .inputs = "u8[1] u8[1]", .refusal = "'UP'"},
    {.name = "signed", .attrs = "direction=LEFT", .inputs = "i8[1] i8[1]", .refusal = "unsigned"},
};

FET_BINARY_STRUCT(and, NULL, "And", 7);
FET_BINARY_STRUCT(or, NULL, "Or", 7);
FET_BINARY_STRUCT(xor, NULL, "Xor", 7);
FET_BINARY_OP(bitwise_and, and_bits, false, false, "BitwiseAnd", 18);
FET_BINARY_OP(bitwise_or, or_bits, false, false, "BitwiseOr", 18);
FET_BINARY_OP(bitwise_xor, xor_bits, false, false, "BitwiseXor", 18);

const struct fet_op fet_op_not = {
    .name = "not",
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = not_infer,
    .forward = not_forward,
    .onnx_type = "Not",
    .onnx_since = 1,
    .cases = not_cases,
    .n_cases = sizeof not_cases / sizeof not_cases[0],
};

const struct fet_op fet_op_bitwise_not = {
    .name = "bitwise_not",
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = bitwise_not_infer,
    .forward = not_forward,
    .onnx_type = "BitwiseNot",
    .onnx_since = 18,
    .cases = bitwise_not_cases,
    .n_cases = sizeof bitwise_not_cases / sizeof bitwise_not_cases[0],
};

const struct fet_op fet_op_bit_shift = {
    .name = "bit_shift",
    .attrs = shift_attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = bit_shift_infer,
    .forward = bit_shift_forward,
    .onnx_type = "BitShift",
    .onnx_since = 11,
    .cases = bit_shift_cases,
    .n_cases = sizeof bit_shift_cases / sizeof bit_shift_cases[0],
};
