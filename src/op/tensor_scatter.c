/* tensor_scatter: a cache x [B,...,L,...] with an update [B,...,n,...] written into it along one
 * axis, for each example from its own place on (input 2 [B], 0 when left out). Linear: it must fit;
 * circular: what runs over the end goes on at the front. */
#include "movement.h"

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-2", "the axis of time"},
    {"mode", FET_ATTR_TEXT, "linear", "linear or circular"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_shape *const x = &c->x[0]->shape, *const update = &c->x[1]->shape;
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    if (axis == 0) return FET_FAIL(FET_ARGUMENT, "tensor_scatter: axis 0 is the batch");
    bool fits = update->n_dims == x->n_dims;
    for (int i = 0; i < x->n_dims && fits; i++)
        fits = i == axis ? update->dims[i] <= x->dims[i] : update->dims[i] == x->dims[i];
    if (!fits) return FET_FAIL(FET_SHAPE, "tensor_scatter: the update does not fit the cache");
    if (!fet_op_text_is(c, "mode", "linear") && !fet_op_text_is(c, "mode", "circular"))
        return FET_FAIL(FET_ARGUMENT, "tensor_scatter: mode is linear or circular");
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_index(c, 2));
        FET_TRY(fet_op_need_rank(c, 2, 1, 1));
        if (c->x[2]->shape.dims[0] != x->dims[0])
            return FET_FAIL(FET_SHAPE, "tensor_scatter: wanted a place for each example");
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, x);
    return FET_OK;
}

/* Where row k of the update of example b goes. */
static fet_status place_of(const struct fet_op_call *c, int64_t b, int64_t k, int64_t length,
                           int64_t n, int64_t *place)
{
    const int64_t start = fet_op_x(c, 2) != NULL ? fet_read_int(c->x[2], b) : 0;
    const bool is_circular = fet_op_text_is(c, "mode", "circular");
    if (start < 0 || start >= length || (!is_circular && start > length - n))
        return FET_FAIL(FET_ARGUMENT, "tensor_scatter: %lld elements from %lld on of %lld",
                        (long long)n, (long long)start, (long long)length);
    *place = (start + k) % length;
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_shape *const x = &c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    const int64_t length = x->dims[axis], n = c->x[1]->shape.dims[axis];
    const int64_t middle = fet_op_span(x, 1, axis);
    const struct fet_shape row = {1, {fet_op_span(x, axis + 1, x->n_dims)}};
    fet_copy_all(c->y[0], c->x[0]);
    if (fet_tensor_count(c->x[1]) == 0) return FET_OK;
    struct fet_view from = fet_view_whole(&row), to = from;
    for (int64_t i = 0; i < x->dims[0] * middle; i++)
        for (int64_t k = 0; k < n; k++) {
            int64_t place = 0;
            FET_TRY(place_of(c, i / middle, k, length, n, &place));
            to.at = (i * length + place) * row.dims[0];
            from.at = (i * n + k) * row.dims[0];
            fet_view_copy(&row, c->y[0], &to, c->x[1], &from);
        }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "from a place of its own",
     .attrs = "",
     .inputs = "f32[2,3,1]={1,2,3,4,5,6} f32[2,1,1]={7,8} i64[2]={0,2}",
     .wanted = "f32[2,3,1]={7,2,3,4,5,8}"},
    {.name = "over the end",
     .attrs = "mode=circular axis=1",
     .inputs = "i32[1,3]={1,2,3} i32[1,2]={7,8} i64[1]={2}",
     .wanted = "i32[1,3]={8,2,7}"},
    {.name = "the batch as time",
     .attrs = "axis=0",
     .inputs = "f32[2,3] f32[1,3]",
     .refusal = "axis 0 is the batch"},
    {.name = "too long an update",
     .attrs = "",
     .inputs = "f32[2,3,1] f32[2,4,1]",
     .refusal = "does not fit the cache"},
};

const struct fet_op fet_op_tensor_scatter = {
    .name = "tensor_scatter",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "TensorScatter",
    .onnx_since = 24,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
