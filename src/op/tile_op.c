/* expand: x broadcast with a given shape. tile: x repeated along each axis. */
#include "movement.h"

static fet_status expand_infer(const struct fet_op_call *c)
{
    int64_t n = 0;
    struct fet_shape wanted = {0};
    struct fet_shape y = {0};
    FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, wanted.dims, &n));
    wanted.n_dims = (int)n;
    for (int i = 0; i < wanted.n_dims; i++) {
        if (wanted.dims[i] >= 0) continue;
        return FET_FAIL(FET_ARGUMENT, "expand: size %lld", (long long)wanted.dims[i]);
    }
    FET_TRY(fet_broadcast_shape(c, &c->x[0]->shape, &wanted, &y));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status expand_forward(const struct fet_op_call *c)
{
    struct fet_view from = {0};
    const struct fet_shape *y = &c->y[0]->shape;
    const struct fet_view to = fet_view_whole(y);
    fet_broadcast_steps(&c->x[0]->shape, y, from.steps);
    fet_view_copy(y, c->y[0], &to, c->x[0], &from);
    return FET_OK;
}

static fet_status expand_backward(const struct fet_op_call *c)
{
    return fet_broadcast_backward(fet_op_dy(c, 0), fet_op_dx(c, 0));
}

static fet_status tile_infer(const struct fet_op_call *c)
{
    int64_t repeats[FET_MAX_DIMS];
    int64_t n = 0;
    struct fet_shape y = c->x[0]->shape;
    FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, repeats, &n));
    if (n != y.n_dims) {
        return FET_FAIL(FET_ARGUMENT, "tile: %lld repeats for %d dimensions", (long long)n,
                        y.n_dims);
    }
    for (int i = 0; i < y.n_dims; i++) {
        if (repeats[i] >= 0 && fet_mul_size(y.dims[i], repeats[i], &y.dims[i])) continue;
        return FET_FAIL(FET_SHAPE, "tile: %lld times a dimension of %lld", (long long)repeats[i],
                        (long long)c->x[0]->shape.dims[i]);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status tile_maps(const struct fet_op_call *c, struct fet_maps *m)
{
    const struct fet_shape *y = &c->y[0]->shape;
    FET_TRY(fet_maps_new(m, y));
    for (int d = 0; d < y->n_dims; d++) {
        for (int64_t i = 0; i < y->dims[d]; i++) m->axis[d][i] = i % c->x[0]->shape.dims[d];
    }
    return FET_OK;
}

static fet_status tile_forward(const struct fet_op_call *c)
{
    struct fet_maps m = {.block = NULL};
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    FET_TRY(tile_maps(c, &m));
    fet_maps_copy(&m, c->x[0], c->y[0]);
    fet_maps_deinit(&m);
    return FET_OK;
}

static fet_status tile_backward(const struct fet_op_call *c)
{
    struct fet_maps m = {.block = NULL};
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    if (fet_tensor_count(c->dy[0]) == 0) return FET_OK;
    FET_TRY(tile_maps(c, &m));
    const fet_status st = fet_maps_add(&m, c->dy[0], c->dx[0]);
    fet_maps_deinit(&m);
    return st;
}

static const struct fet_op_case expand_cases[] = {
    {.name = "a column",
     .attrs = "",
     .inputs = "f32[2,1]={1,2} i64[3]={2,1,2}",
     .wanted = "f32[2,2,2]={1,1,2,2,1,1,2,2}",
     .has_gradient = true},
    {.name = "to less",
     .attrs = "",
     .inputs = "u8[2,2]={1,2,3,4} i64[1]={1}",
     .wanted = "u8[2,2]={1,2,3,4}"},
    {.name = "not broadcastable",
     .attrs = "",
     .inputs = "f32[2] i64[1]={3}",
     .refusal = "do not broadcast"},
    {.name = "a negative size", .attrs = "", .inputs = "f32[1] i64[1]={-1}", .refusal = "size -1"},
};

static const struct fet_op_case tile_cases[] = {
    {.name = "both ways",
     .attrs = "",
     .inputs = "f32[2,2]={1,2,3,4} i64[2]={1,2}",
     .wanted = "f32[2,4]={1,2,1,2,3,4,3,4}",
     .has_gradient = true},
    {.name = "no times", .attrs = "", .inputs = "i32[2] i64[1]={0}", .wanted = "i32[0]"},
    {.name = "a scalar", .attrs = "", .inputs = "f32[]={3} i64[0]", .wanted = "f32[]={3}"},
    {.name = "too few", .attrs = "", .inputs = "f32[2,2] i64[1]={1}", .refusal = "1 repeats"},
    {.name = "negative", .attrs = "", .inputs = "f32[2] i64[1]={-1}", .refusal = "-1 times"},
};

const struct fet_op fet_op_expand = {
    .name = "expand",
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = expand_infer,
    .forward = expand_forward,
    .backward = expand_backward,
    .onnx_type = "Expand",
    .onnx_since = 8,
    .cases = expand_cases,
    .n_cases = sizeof expand_cases / sizeof expand_cases[0],
};

const struct fet_op fet_op_tile = {
    .name = "tile",
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = tile_infer,
    .forward = tile_forward,
    .backward = tile_backward,
    .onnx_type = "Tile",
    .onnx_since = 6,
    .cases = tile_cases,
    .n_cases = sizeof tile_cases / sizeof tile_cases[0],
};
