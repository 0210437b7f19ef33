/* one_hot: for each index a line with the second of two values at that place and the first
 * elsewhere, along a new axis of length depth. Indices from -depth on count from the end; others
 * give a line of the first value. Inputs: indices, depth, values [2] = {off, on}. */
#include "movement.h"

#include <string.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-1", "where the new axis is"},
    {0},
};

static fet_status one_hot_infer(const struct fet_op_call *c)
{
    int axis = 0;
    struct fet_shape y = {.n_dims = c->x[0]->shape.n_dims + 1};
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    if (y.n_dims > FET_MAX_DIMS) {
        return FET_FAIL(FET_SHAPE, "one_hot: %d dimensions, at most %d are possible", y.n_dims,
                        FET_MAX_DIMS);
    }
    if (fet_op_count(&c->x[1]->shape) != 1 || fet_op_count(&c->x[2]->shape) != 2) {
        return FET_FAIL(FET_SHAPE, "one_hot: one depth and two values are wanted");
    }
    FET_TRY(fet_op_attr_axis(c, "axis", y.n_dims, &axis));
    FET_TRY(fet_op_need_value(c, 1));
    const int64_t depth = fet_read_int(c->x[1], 0);
    if (depth < 1) return FET_FAIL(FET_ARGUMENT, "one_hot: depth %lld", (long long)depth);
    for (int i = 0, k = 0; i < y.n_dims; i++) {
        y.dims[i] = i == axis ? depth : c->x[0]->shape.dims[k++];
    }
    fet_op_set_y(c, 0, c->x[2]->dtype, &y);
    return FET_OK;
}

static fet_status one_hot_forward(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_shape *y = &c->y[0]->shape;
    const size_t size = fet_dtype_bytes(c->y[0]->dtype);
    FET_TRY(fet_op_attr_axis(c, "axis", y->n_dims, &axis));
    const int64_t depth = y->dims[axis];
    const int64_t inner = fet_op_span(y, axis + 1, y->n_dims);
    const int64_t n = fet_tensor_count(c->x[0]);
    fet_fill(c->y[0], c->x[2], 0);
    for (int64_t i = 0; i < n; i++) {
        int64_t k = fet_read_int(c->x[0], i);
        if (k < -depth || k >= depth) continue;
        if (k < 0) k += depth;
        const int64_t at = (i / inner * depth + k) * inner + i % inner;
        memcpy((char *)c->y[0]->data + at * (int64_t)size, (const char *)c->x[2]->data + size,
               size);
    }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "at the end",
     .attrs = "",
     .inputs = "i64[3]={0,-1,7} i64[]={3} f32[2]={0,5}",
     .wanted = "f32[3,3]={5,0,0,0,0,5,0,0,0}"},
    {.name = "in front",
     .attrs = "axis=0",
     .inputs = "i32[2]={1,0} i64[1]={2} u8[2]={9,1}",
     .wanted = "u8[2,2]={9,1,1,9}"},
    {.name = "no depth", .attrs = "", .inputs = "i64[3] i64[]={0} f32[2]", .refusal = "depth 0"},
    {.name = "one value",
     .attrs = "",
     .inputs = "i64[3] i64[]={2} f32[1]",
     .refusal = "two values"},
    {.name = "outside",
     .attrs = "axis=2",
     .inputs = "i64[3] i64[]={2} f32[2]",
     .refusal = "axis 2"},
};

const struct fet_op fet_op_one_hot = {
    .name = "one_hot",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = one_hot_infer,
    .forward = one_hot_forward,
    .onnx_type = "OneHot",
    .onnx_since = 9,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
