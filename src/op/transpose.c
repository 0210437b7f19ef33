/* transpose: dimension i of y is dimension perm[i] of x; without perm all are reversed. */
#include "movement.h"

static const struct fet_attr attrs[] = {
    {"perm", FET_ATTR_INTS, "", "the dimensions of x in the order of y; unset = reversed"},
    {0},
};

/* Where the dimensions of y come from. */
static fet_status order_get(const struct fet_op_call *c, int order[FET_MAX_DIMS])
{
    const int rank = c->x[0]->shape.n_dims;
    const struct fet_attr_value *perm = fet_op_attr(c, "perm");
    bool is_marked[FET_MAX_DIMS];
    for (int i = 0; i < rank; i++) order[i] = rank - 1 - i;
    if (!perm->is_set) return FET_OK;
    if (perm->n != rank) {
        return FET_FAIL(FET_ARGUMENT, "transpose: perm has %lld entries for %d dimensions",
                        (long long)perm->n, rank);
    }
    FET_TRY(fet_op_axes(c, perm->ints, perm->n, rank, is_marked));
    for (int i = 0; i < rank; i++) FET_TRY(fet_op_axis(c, perm->ints[i], rank, &order[i]));
    return FET_OK;
}

static fet_status transpose_infer(const struct fet_op_call *c)
{
    int order[FET_MAX_DIMS];
    FET_TRY(order_get(c, order));
    struct fet_shape y = {.n_dims = c->x[0]->shape.n_dims};
    for (int i = 0; i < y.n_dims; i++) y.dims[i] = c->x[0]->shape.dims[order[i]];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* x as a view in the order of y. */
static fet_status view_get(const struct fet_op_call *c, struct fet_view *view)
{
    int order[FET_MAX_DIMS];
    int64_t dense[FET_MAX_DIMS];
    FET_TRY(order_get(c, order));
    fet_dense_steps(&c->x[0]->shape, dense);
    *view = (struct fet_view){0};
    for (int i = 0; i < c->x[0]->shape.n_dims; i++) view->steps[i] = dense[order[i]];
    return FET_OK;
}

static fet_status transpose_forward(const struct fet_op_call *c)
{
    struct fet_view from;
    FET_TRY(view_get(c, &from));
    const struct fet_view to = fet_view_whole(&c->y[0]->shape);
    fet_view_copy(&c->y[0]->shape, c->y[0], &to, c->x[0], &from);
    return FET_OK;
}

static fet_status transpose_backward(const struct fet_op_call *c)
{
    struct fet_view to;
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    FET_TRY(view_get(c, &to));
    const struct fet_view from = fet_view_whole(&c->y[0]->shape);
    fet_view_add(&c->y[0]->shape, c->dx[0], &to, c->dy[0], &from);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "a matrix",
     .attrs = "",
     .inputs = "f32[2,3]={1,2,3,4,5,6}",
     .wanted = "f32[3,2]={1,4,2,5,3,6}"},
    {.name = "three dimensions in a given order",
     .attrs = "perm=1,2,0",
     .inputs = "i16[2,1,3]={1,2,3,4,5,6}",
     .wanted = "i16[1,3,2]={1,4,2,5,3,6}"},
    {.name = "gradient", .attrs = "perm=2,0,1", .inputs = "f32[2,3,4]", .has_gradient = true},
    {.name = "a scalar", .attrs = "", .inputs = "f32[]={3}", .wanted = "f32[]={3}"},
    {.name = "too short", .attrs = "perm=1,0", .inputs = "f32[2,3,4]", .refusal = "2 entries"},
    {.name = "twice",
     .attrs = "perm=1,1",
     .inputs = "f32[2,3]",
     .refusal = "axis 1 is given twice"},
};

const struct fet_op fet_op_transpose = {
    .name = "transpose",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = transpose_infer,
    .forward = transpose_forward,
    .backward = transpose_backward,
    .onnx_type = "Transpose",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
