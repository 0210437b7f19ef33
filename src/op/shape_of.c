/* shape and size of a tensor as I64; constant_of_shape and eye_like, which make tensors of a shape.
 */
#include "movement.h"

static const struct fet_attr shape_attrs[] = {
    {"start", FET_ATTR_INT, "0", "the first dimension"},
    {"end", FET_ATTR_INT, "", "behind the last dimension; unset = all"},
    {0},
};

/* The dimensions asked for, [*first, *end). */
static void ends_get(const struct fet_op_call *c, int *first, int *end)
{
    const int rank = c->x[0]->shape.n_dims;
    int64_t from = fet_op_int(c, "start");
    int64_t to = fet_op_attr(c, "end")->is_set ? fet_op_int(c, "end") : rank;
    from = from < 0 ? from + rank : from;
    to = to < 0 ? to + rank : to;
    *first = (int)(from < 0 ? 0 : from > rank ? rank : from);
    *end = (int)(to < *first ? *first : to > rank ? rank : to);
}

static fet_status shape_infer(const struct fet_op_call *c)
{
    int first = 0;
    int end = 0;
    ends_get(c, &first, &end);
    fet_op_set_y(c, 0, FET_I64, &(struct fet_shape){.n_dims = 1, .dims = {end - first}});
    return FET_OK;
}

static fet_status shape_forward(const struct fet_op_call *c)
{
    int first = 0;
    int end = 0;
    ends_get(c, &first, &end);
    for (int i = first; i < end; i++) {
        ((int64_t *)c->y[0]->data)[i - first] = c->x[0]->shape.dims[i];
    }
    return FET_OK;
}

static fet_status size_infer(const struct fet_op_call *c)
{
    fet_op_set_y(c, 0, FET_I64, &(struct fet_shape){0});
    return FET_OK;
}

static fet_status size_forward(const struct fet_op_call *c)
{
    *(int64_t *)c->y[0]->data = fet_tensor_count(c->x[0]);
    return FET_OK;
}

static const struct fet_attr constant_attrs[] = {
    {"value", FET_ATTR_TENSOR, "f32[1]={0}", "one element, which fills the tensor"},
    {0},
};

static fet_status constant_of_shape_infer(const struct fet_op_call *c)
{
    int64_t n = 0;
    struct fet_shape y = {0};
    const struct fet_tensor *value = fet_op_attr(c, "value")->tensor;
    if (fet_op_count(&value->shape) != 1) {
        return FET_FAIL(FET_SHAPE, "constant_of_shape: value holds %lld elements, not 1",
                        (long long)fet_op_count(&value->shape));
    }
    FET_TRY(fet_op_ints(c, 0, FET_MAX_DIMS, y.dims, &n));
    y.n_dims = (int)n;
    fet_op_set_y(c, 0, value->dtype, &y); /* the sizes are checked behind every infer */
    return FET_OK;
}

static fet_status constant_of_shape_forward(const struct fet_op_call *c)
{
    fet_fill(c->y[0], fet_op_attr(c, "value")->tensor, 0);
    return FET_OK;
}

static const struct fet_attr eye_attrs[] = {
    {"dtype", FET_ATTR_INT, "",
     "the element type, as ONNX numbers them; unset = that of the input"},
    {"k", FET_ATTR_INT, "0", "which diagonal: above 0 right of the main one"},
    {0},
};

static fet_status eye_like_infer(const struct fet_op_call *c)
{
    enum fet_dtype dtype = c->x[0]->dtype;
    FET_TRY(fet_op_need_rank(c, 0, 2, 2));
    if (fet_op_attr(c, "dtype")->is_set) FET_TRY(fet_op_attr_dtype(c, "dtype", &dtype));
    fet_op_set_y(c, 0, dtype, &c->x[0]->shape);
    return FET_OK;
}

static fet_status eye_like_forward(const struct fet_op_call *c)
{
    const struct fet_shape *s = &c->y[0]->shape;
    const int64_t k = fet_op_int(c, "k");
    fet_fill(c->y[0], NULL, 0);
    for (int64_t i = 0; i < s->dims[0]; i++) {
        if (k > s->dims[1] || k < -i || i + k >= s->dims[1]) continue;
        fet_write_int(c->y[0], i * s->dims[1] + i + k, 1);
    }
    return FET_OK;
}

static const struct fet_op_case shape_cases[] = {
    {.name = "all", .attrs = "", .inputs = "f32[2,3,4]", .wanted = "i64[3]={2,3,4}"},
    {.name = "a part", .attrs = "start=-2 end=-1", .inputs = "u8[2,3,4]", .wanted = "i64[1]={3}"},
    {.name = "none", .attrs = "start=2 end=1", .inputs = "f32[2,3,4]", .wanted = "i64[0]"},
    {.name = "far away", .attrs = "start=-9 end=9", .inputs = "f32[2]", .wanted = "i64[1]={2}"},
};

static const struct fet_op_case size_cases[] = {
    {.name = "a matrix", .attrs = "", .inputs = "f32[2,3]", .wanted = "i64[]={6}"},
    {.name = "nothing", .attrs = "", .inputs = "f32[2,0]", .wanted = "i64[]={0}"},
};

static const struct fet_op_case constant_of_shape_cases[] = {
    {.name = "zeroes", .attrs = "", .inputs = "i64[2]={1,2}", .wanted = "f32[1,2]={0,0}"},
    {.name = "sevens",
     .attrs = "value=i16[1]={7}",
     .inputs = "i64[1]={2}",
     .wanted = "i16[2]={7,7}"},
    {.name = "a scalar", .attrs = "value=f64[]={2}", .inputs = "i64[0]", .wanted = "f64[]={2}"},
    {.name = "two values",
     .attrs = "value=f32[2]",
     .inputs = "i64[1]={2}",
     .refusal = "2 elements"},
    {.name = "a negative size",
     .attrs = "",
     .inputs = "i64[1]={-2}",
     .refusal = "negative dimension"},
};

static const struct fet_op_case eye_like_cases[] = {
    {.name = "above", .attrs = "k=1", .inputs = "f32[2,3]", .wanted = "f32[2,3]={0,1,0,0,0,1}"},
    {.name = "below, another type",
     .attrs = "k=-1 dtype=7",
     .inputs = "f32[3,2]",
     .wanted = "i64[3,2]={0,0,1,0,0,1}"},
    {.name = "far away",
     .attrs = "k=9223372036854775807",
     .inputs = "f32[1,2]",
     .wanted = "f32[1,2]={0,0}"},
    {.name = "a vector", .attrs = "", .inputs = "f32[3]", .refusal = "2 dimensions are wanted"},
};

#define SHAPE_OP(id, its_attrs, type, since)                 \
    const struct fet_op fet_op_##id = {                      \
        .name = #id,                                         \
        .attrs = (its_attrs),                                \
        .min_x = 1,                                          \
        .max_x = 1,                                          \
        .n_y = 1,                                            \
        .infer = id##_infer,                                 \
        .forward = id##_forward,                             \
        .onnx_type = (type),                                 \
        .onnx_since = (since),                               \
        .cases = id##_cases,                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0], \
    }

SHAPE_OP(shape, shape_attrs, "Shape", 1);
SHAPE_OP(size, NULL, "Size", 1);
SHAPE_OP(constant_of_shape, constant_attrs, "ConstantOfShape", 9);
SHAPE_OP(eye_like, eye_attrs, "EyeLike", 9);
