/* max_unpool: elements x [N,C,D...] go back to where max_pool found them (input 1: places in the
 * whole result), all else is zero. The result has the size that windows of kernel_shape cover; with
 * output_shape (input 2) that lies at the front of a larger one. Zeiler 2010. */
#include "movement.h"
#include "window.h"

static const struct fet_attr attrs[] = {
    {"kernel_shape", FET_ATTR_INTS, NULL, "the size of the window in each dimension"},
    {"pads", FET_ATTR_INTS, "", "all begins, then all ends; 0 each when unset"},
    {"strides", FET_ATTR_INTS, "", "steps of the window; 1 each when unset"},
    {0},
};

/* The shape that windows cover, and that of the result. */
static fet_status shapes_find(const struct fet_op_call *c, struct fet_shape *covered,
                              struct fet_shape *y)
{
    int64_t kernel[FET_MAX_DIMS], strides[FET_MAX_DIMS], pads[2 * FET_MAX_DIMS], n = 0;
    FET_TRY(fet_op_need_rank(c, 0, 3, FET_MAX_DIMS));
    *covered = c->x[0]->shape;
    const int n_space = covered->n_dims - 2;
    FET_TRY(fet_window_list(c, "kernel_shape", n_space, 1, 1, kernel));
    FET_TRY(fet_window_list(c, "strides", n_space, 1, 1, strides));
    FET_TRY(fet_window_list(c, "pads", 2 * n_space, 0, 0, pads));
    for (int i = 0; i < n_space; i++) {
        int64_t *const size = &covered->dims[i + 2];
        if (*size < 1 || *size > INT32_MAX)
            return FET_FAIL(FET_SHAPE, "max_unpool: a dimension of %lld", (long long)*size);
        *size = (*size - 1) * strides[i] - pads[i] - pads[n_space + i] + kernel[i];
        if (*size < 0) return FET_FAIL(FET_SHAPE, "max_unpool: nothing but padding is covered");
    }
    *y = *covered;
    if (fet_op_x(c, 2) == NULL) return FET_OK;
    FET_TRY(fet_op_ints(c, 2, FET_MAX_DIMS, y->dims, &n));
    for (int i = 0; i < y->n_dims && n == y->n_dims; i++)
        if (y->dims[i] < covered->dims[i]) n = -1;
    if (n != y->n_dims)
        return FET_FAIL(FET_SHAPE, "max_unpool: output_shape is smaller than what is covered");
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct fet_shape covered, y;
    FET_TRY(fet_op_need_dtype(c, 1, FET_I64));
    if (!fet_shape_is_equal(&c->x[0]->shape, &c->x[1]->shape))
        return FET_FAIL(FET_SHAPE, "max_unpool: wanted a place for each element");
    FET_TRY(shapes_find(c, &covered, &y));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* Place `at` of the covered shape, in y. */
static int64_t place_in(const struct fet_shape *covered, const struct fet_shape *y, int64_t at)
{
    int64_t place = 0, step = 1;
    for (int i = y->n_dims - 1; i >= 0; i--) {
        place += at % covered->dims[i] * step;
        at /= covered->dims[i];
        step *= y->dims[i];
    }
    return place;
}

static fet_status run(const struct fet_op_call *c, bool is_backward)
{
    struct fet_shape covered, y;
    const struct fet_shape one = {1, {1}};
    FET_TRY(shapes_find(c, &covered, &y));
    const int64_t n = fet_op_count(&covered);
    for (int64_t i = 0; i < fet_tensor_count(c->x[0]); i++) {
        int64_t at = 0;
        FET_TRY(fet_op_index(c, fet_read_int(c->x[1], i), n, &at));
        const struct fet_view of_x = {.at = i}, of_y = {.at = place_in(&covered, &y, at)};
        if (is_backward)
            fet_view_add(&one, c->dx[0], &of_x, c->dy[0], &of_y);
        else
            fet_view_copy(&one, c->y[0], &of_y, c->x[0], &of_x);
    }
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    fet_fill(c->y[0], NULL, 0);
    return run(c, false);
}

static fet_status backward(const struct fet_op_call *c)
{
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    if (fet_tensor_count(c->dy[0]) == 0) return FET_OK;
    return run(c, true);
}

static const struct fet_op_case cases[] = {
    {.name = "pairs",
     .attrs = "kernel_shape=2 strides=2",
     .inputs = "f32[1,1,2]={5,6} i64[1,1,2]={1,2}",
     .wanted = "f32[1,1,4]={0,5,6,0}"},
    {.name = "in a larger result",
     .attrs = "kernel_shape=1,2 strides=1,2",
     .inputs = "i32[1,1,2,1]={5,6} i64[1,1,2,1]={1,2} i64[4]={1,1,2,3}",
     .wanted = "i32[1,1,2,3]={0,5,0,6,0,0}"},
    {.name = "gradient",
     .attrs = "kernel_shape=2 strides=2",
     .inputs = "f64[1,2,2] i64[1,2,2]={1,2,4,7} i64[3]={1,2,5}",
     .has_gradient = true},
    {.name = "too small a result",
     .attrs = "kernel_shape=2 strides=2",
     .inputs = "f32[1,1,2] i64[1,1,2] i64[3]={1,1,3}",
     .refusal = "smaller than what is covered"},
    {.name = "places of other elements",
     .attrs = "kernel_shape=2",
     .inputs = "f32[1,1,2] i64[1,1,3]",
     .refusal = "a place for each"},
};

const struct fet_op fet_op_max_unpool = {
    .name = "max_unpool",
    .paper = "Zeiler 2010",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "MaxUnpool",
    .onnx_since = 9,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
