/* gather: y = x with one axis replaced by the indices: rows of a table (an embedding).
 * gather_elements: y[i][j] = x[index[i][j]][j] for axis 0, and so on.
 * Indices count from the end when negative; one outside is refused when the data is there. */
#include "movement.h"

#include <string.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "0", "the axis that the indices count along"},
    {0},
};

static fet_status gather_infer(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_shape *x = &c->x[0]->shape;
    const struct fet_shape *index = &c->x[1]->shape;
    struct fet_shape y = {0};
    FET_TRY(fet_op_need_index(c, 1));
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    if (x->n_dims - 1 + index->n_dims > FET_MAX_DIMS) {
        return FET_FAIL(FET_SHAPE, "gather: %d dimensions, at most %d are possible",
                        x->n_dims - 1 + index->n_dims, FET_MAX_DIMS);
    }
    for (int i = 0; i < axis; i++) y.dims[y.n_dims++] = x->dims[i];
    for (int i = 0; i < index->n_dims; i++) y.dims[y.n_dims++] = index->dims[i];
    for (int i = axis + 1; i < x->n_dims; i++) y.dims[y.n_dims++] = x->dims[i];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* Copies (or adds back) one run of `inner` elements for every index. */
static fet_status gather_run(const struct fet_op_call *c, bool is_backward)
{
    int axis = 0;
    const struct fet_shape *x = &c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    const int64_t n = x->dims[axis];
    const int64_t n_index = fet_tensor_count(c->x[1]);
    const struct fet_shape inner = {.n_dims = 1, .dims = {fet_op_span(x, axis + 1, x->n_dims)}};
    struct fet_view of_x = fet_view_whole(&inner);
    struct fet_view of_y = of_x;
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    for (int64_t o = 0; o < fet_op_span(x, 0, axis); o++) {
        for (int64_t i = 0; i < n_index; i++) {
            int64_t k = 0;
            FET_TRY(fet_op_index(c, fet_read_int(c->x[1], i), n, &k));
            of_x.at = (o * n + k) * inner.dims[0];
            if (is_backward) {
                fet_view_add(&inner, c->dx[0], &of_x, c->dy[0], &of_y);
            } else {
                fet_view_copy(&inner, c->y[0], &of_y, c->x[0], &of_x);
            }
            of_y.at += inner.dims[0];
        }
    }
    return FET_OK;
}

static fet_status gather_forward(const struct fet_op_call *c)
{
    return gather_run(c, false);
}

static fet_status gather_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return gather_run(c, true);
}

static fet_status gather_elements_infer(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_shape *x = &c->x[0]->shape;
    const struct fet_shape *index = &c->x[1]->shape;
    FET_TRY(fet_op_need_index(c, 1));
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    for (int i = 0; i < x->n_dims; i++) {
        if (i == axis || index->dims[i] <= x->dims[i]) continue;
        return FET_FAIL(FET_SHAPE, "gather_elements: %lld indices along axis %d of size %lld",
                        (long long)index->dims[i], i, (long long)x->dims[i]);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, index);
    return FET_OK;
}

/* Walks all indices. The position in x without the axis comes from the steps of x, where the step
 * of the axis is 0. */
static fet_status elements_run(const struct fet_op_call *c, bool is_backward)
{
    int axis = 0;
    int64_t steps[2][FET_MAX_DIMS] = {{0}};
    struct fet_walk w;
    const struct fet_shape *x = &c->x[0]->shape;
    const int64_t size = (int64_t)fet_dtype_bytes(c->x[0]->dtype);
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    fet_dense_steps(&c->x[1]->shape, steps[0]);
    fet_dense_steps(x, steps[1]);
    const int64_t step = steps[1][axis];
    steps[1][axis] = 0;
    fet_walk_start_steps(&w, &c->x[1]->shape, 2, (const int64_t(*)[FET_MAX_DIMS])steps);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            int64_t k = 0;
            const int64_t at_y = w.at[0] + i * w.step[0];
            FET_TRY(fet_op_index(c, fet_read_int(c->x[1], at_y), x->dims[axis], &k));
            const int64_t at_x = w.at[1] + i * w.step[1] + k * step;
            if (is_backward) {
                const double d = fet_read_real(c->dy[0], at_y);
                fet_add_real(c->dx[0], at_x, 1, 1, &d);
            } else {
                memcpy((char *)c->y[0]->data + at_y * size,
                       (const char *)c->x[0]->data + at_x * size, (size_t)size);
            }
        }
    }
    return FET_OK;
}

static fet_status gather_elements_forward(const struct fet_op_call *c)
{
    return elements_run(c, false);
}

static fet_status gather_elements_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return elements_run(c, true);
}

static const struct fet_op_case gather_cases[] = {
    {.name = "rows",
     .attrs = "",
     .inputs = "f32[3,2]={1,2,3,4,5,6} i64[2,1]={2,-3}",
     .wanted = "f32[2,1,2]={5,6,1,2}"},
    {.name = "columns",
     .attrs = "axis=1",
     .inputs = "u8[2,3]={1,2,3,4,5,6} i32[2]={0,2}",
     .wanted = "u8[2,2]={1,3,4,6}"},
    {.name = "one", .attrs = "", .inputs = "i64[3]={7,8,9} i64[]={1}", .wanted = "i64[]={8}"},
    {.name = "gradient, one row twice",
     .attrs = "axis=1",
     .inputs = "f32[2,3,2] i64[3]={0,2,0}",
     .has_gradient = true},
    {.name = "real indices", .attrs = "", .inputs = "f32[3] f32[1]", .refusal = "I32 or I64"},
    {.name = "outside", .attrs = "axis=1", .inputs = "f32[3] i64[1]", .refusal = "axis 1"},
};

static const struct fet_op_case gather_elements_cases[] = {
    {.name = "along columns",
     .attrs = "axis=1",
     .inputs = "f32[2,2]={1,2,3,4} i64[2,2]={0,0,-1,0}",
     .wanted = "f32[2,2]={1,1,4,3}"},
    {.name = "along rows",
     .attrs = "axis=0",
     .inputs = "i32[3,3]={1,2,3,4,5,6,7,8,9} i64[2,3]={1,2,0,2,0,0}",
     .wanted = "i32[2,3]={4,8,3,7,2,3}"},
    {.name = "gradient",
     .attrs = "axis=1",
     .inputs = "f32[2,3] i64[2,2]={0,0,2,1}",
     .has_gradient = true},
    {.name = "more rows",
     .attrs = "axis=1",
     .inputs = "f32[2,3] i64[3,3]",
     .refusal = "3 indices along axis 0"},
    {.name = "other dimensions", .attrs = "", .inputs = "f32[2,3] i64[2]", .refusal = "shape [2]"},
};

const struct fet_op fet_op_gather = {
    .name = "gather",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = gather_infer,
    .forward = gather_forward,
    .backward = gather_backward,
    .onnx_type = "Gather",
    .onnx_since = 1,
    .cases = gather_cases,
    .n_cases = sizeof gather_cases / sizeof gather_cases[0],
};

const struct fet_op fet_op_gather_elements = {
    .name = "gather_elements",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = gather_elements_infer,
    .forward = gather_elements_forward,
    .backward = gather_elements_backward,
    .onnx_type = "GatherElements",
    .onnx_since = 11,
    .cases = gather_elements_cases,
    .n_cases = sizeof gather_elements_cases / sizeof gather_elements_cases[0],
};
