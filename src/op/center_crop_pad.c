/* center_crop_pad: the middle of x in a new size (input 1, for the axes named, or all): what is too
 * large is cropped on both sides, what is too small gets zeros on both sides. Of an odd difference
 * the end has one more. */
#include "movement.h"

static const struct fet_attr attrs[] = {
    {"axes", FET_ATTR_INTS, "", "what the sizes speak of; all when unset"},
    {0},
};

static fet_status shape_find(const struct fet_op_call *c, struct fet_shape *y)
{
    bool is_marked[FET_MAX_DIMS];
    int64_t sizes[FET_MAX_DIMS], n_sizes = 0;
    const struct fet_attr_value *const axes = fet_op_attr(c, "axes");
    const int rank = c->x[0]->shape.n_dims;
    const int64_t n = axes->is_set ? axes->n : rank;
    *y = c->x[0]->shape;
    if (axes->is_set) FET_TRY(fet_op_axes(c, axes->ints, axes->n, rank, is_marked));
    FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, sizes, &n_sizes));
    if (n_sizes != n)
        return FET_FAIL(FET_SHAPE, "center_crop_pad: %lld sizes for %lld axes", (long long)n_sizes,
                        (long long)n);
    for (int64_t i = 0; i < n; i++) {
        int axis = (int)i;
        if (axes->is_set) FET_TRY(fet_op_axis(c, axes->ints[i], rank, &axis));
        if (sizes[i] < 0)
            return FET_FAIL(FET_ARGUMENT, "center_crop_pad: a size of %lld", (long long)sizes[i]);
        y->dims[axis] = sizes[i];
    }
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct fet_shape y;
    FET_TRY(shape_find(c, &y));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* What x and y share, as a part of each. */
static struct fet_shape find_middle(const struct fet_shape *x, const struct fet_shape *y,
                                    struct fet_view *of_x, struct fet_view *of_y)
{
    struct fet_shape middle = *x;
    *of_x = fet_view_whole(x);
    *of_y = fet_view_whole(y);
    for (int i = 0; i < x->n_dims; i++) {
        const int64_t more = x->dims[i] - y->dims[i];
        if (more > 0) of_x->at += more / 2 * of_x->steps[i];
        if (more < 0) of_y->at += -more / 2 * of_y->steps[i];
        if (more > 0) middle.dims[i] = y->dims[i];
    }
    return middle;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct fet_view of_x, of_y;
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    fet_fill(c->y[0], NULL, 0);
    if (fet_tensor_count(c->x[0]) == 0) return FET_OK;
    const struct fet_shape middle = find_middle(&c->x[0]->shape, &c->y[0]->shape, &of_x, &of_y);
    fet_view_copy(&middle, c->y[0], &of_y, c->x[0], &of_x);
    return FET_OK;
}

static fet_status backward(const struct fet_op_call *c)
{
    struct fet_view of_x, of_y;
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    if (fet_tensor_count(c->dy[0]) == 0 || fet_tensor_count(c->dx[0]) == 0) return FET_OK;
    const struct fet_shape middle = find_middle(&c->x[0]->shape, &c->dy[0]->shape, &of_x, &of_y);
    fet_view_add(&middle, c->dx[0], &of_x, c->dy[0], &of_y);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "cropped here, padded there",
     .attrs = "",
     .inputs = "i32[1,4]={1,2,3,4} i64[2]={2,1}",
     .wanted = "i32[2,1]={2,0}"},
    {.name = "one axis",
     .attrs = "axes=-1",
     .inputs = "f32[1,2]={1,2} i64[1]={5}",
     .wanted = "f32[1,5]={0,1,2,0,0}"},
    {.name = "gradient",
     .attrs = "axes=2,0",
     .inputs = "f64[2,3,4] i64[2]={3,5}",
     .has_gradient = true},
    {.name = "two sizes for one axis",
     .attrs = "axes=0",
     .inputs = "f32[2] i64[2]={1,2}",
     .refusal = "2 sizes for 1 axes"},
    {.name = "a negative size",
     .attrs = "",
     .inputs = "f32[2] i64[1]={-1}",
     .refusal = "a size of -1"},
};

const struct fet_op fet_op_center_crop_pad = {
    .name = "center_crop_pad",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "CenterCropPad",
    .onnx_since = 18,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
