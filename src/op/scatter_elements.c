/* scatter_elements: y = data, then y[index[i][j]][j] = updates[i][j] for axis 0, and so on, or
 * added, multiplied, the larger, the smaller of both. Without a reduction the last update wins. */
#include "scatter.h"

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "0", "the axis that the indices count along"},
    {"reduction", FET_ATTR_TEXT, "none", "none, add, mul, max or min"},
    {0},
};

static fet_status scatter_elements_infer(const struct fet_op_call *c)
{
    int axis = 0;
    enum fet_scatter kind = FET_SCATTER_NONE;
    const struct fet_shape *x = &c->x[0]->shape;
    FET_TRY(fet_scatter_kind(c, &kind));
    FET_TRY(fet_op_need_index(c, 1));
    FET_TRY(fet_op_need_same_dtype(c, 2, 0));
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    if (!fet_shape_is_equal(&c->x[1]->shape, &c->x[2]->shape)) {
        return FET_FAIL(FET_SHAPE, "scatter_elements: indices and updates differ in shape");
    }
    for (int i = 0; i < x->n_dims; i++) {
        if (i == axis || c->x[1]->shape.dims[i] <= x->dims[i]) continue;
        return FET_FAIL(FET_SHAPE, "scatter_elements: %lld indices along axis %d of size %lld",
                        (long long)c->x[1]->shape.dims[i], i, (long long)x->dims[i]);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, x);
    return FET_OK;
}

/* Where every update goes: places[k] for updates[k]. Owned by the caller. */
static fet_status places_new(const struct fet_op_call *c, int64_t **places)
{
    int axis = 0;
    int64_t steps[2][FET_MAX_DIMS] = {{0}};
    struct fet_walk w;
    const struct fet_shape *x = &c->x[0]->shape;
    const int64_t n = fet_tensor_count(c->x[1]);
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    int64_t *p = fet_alloc(n, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY("scatter_elements", n * (int64_t)sizeof *p);
    fet_dense_steps(&c->x[1]->shape, steps[0]);
    fet_dense_steps(x, steps[1]);
    const int64_t step = steps[1][axis];
    steps[1][axis] = 0;
    fet_walk_start_steps(&w, &c->x[1]->shape, 2, (const int64_t(*)[FET_MAX_DIMS])steps);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            int64_t k = 0;
            const int64_t at = w.at[0] + i * w.step[0];
            const fet_status st = fet_op_index(c, fet_read_int(c->x[1], at), x->dims[axis], &k);
            if (st != FET_OK) {
                fet_free(p);
                return st;
            }
            p[at] = w.at[1] + i * w.step[1] + k * step;
        }
    }
    *places = p;
    return FET_OK;
}

static fet_status scatter_elements_forward(const struct fet_op_call *c)
{
    int64_t *places = NULL;
    enum fet_scatter kind = FET_SCATTER_NONE;
    FET_TRY(fet_scatter_kind(c, &kind));
    FET_TRY(places_new(c, &places));
    fet_copy_all(c->y[0], c->x[0]);
    const int64_t n = fet_tensor_count(c->x[2]);
    for (int64_t i = 0; i < n; i++) fet_scatter_put(kind, c->y[0], places[i], c->x[2], i);
    fet_free(places);
    return FET_OK;
}

/* What an update replaced gets no gradient. */
static fet_status scatter_elements_backward(const struct fet_op_call *c)
{
    int64_t *places = NULL;
    enum fet_scatter kind = FET_SCATTER_NONE;
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(fet_scatter_kind(c, &kind));
    FET_TRY(fet_scatter_need_slope(c, kind));
    FET_TRY(places_new(c, &places));
    const int64_t n = fet_tensor_count(c->x[2]);
    fet_add_all(fet_op_dx(c, 0), c->dy[0]);
    for (int64_t i = 0; i < n; i++) {
        const double d = fet_read_real(c->dy[0], places[i]);
        const double minus = -d;
        if (fet_op_dx(c, 2) != NULL) fet_add_real(c->dx[2], i, 1, 1, &d);
        if (fet_op_dx(c, 0) == NULL || kind == FET_SCATTER_ADD) continue;
        fet_add_real(c->dx[0], places[i], 1, 1, &minus);
    }
    fet_free(places);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "along columns",
     .attrs = "axis=1",
     .inputs = "f32[1,5]={1,2,3,4,5} i64[1,2]={1,-2} f32[1,2]={11,21}",
     .wanted = "f32[1,5]={1,11,3,21,5}"},
    {.name = "added twice",
     .attrs = "reduction=add",
     .inputs = "i32[3]={1,2,3} i64[2]={1,1} i32[2]={10,20}",
     .wanted = "i32[3]={1,32,3}"},
    {.name = "multiplied",
     .attrs = "reduction=mul",
     .inputs = "f32[3]={1,2,3} i64[2]={1,1} f32[2]={10,20}",
     .wanted = "f32[3]={1,400,3}"},
    {.name = "the larger",
     .attrs = "reduction=max",
     .inputs = "u8[3]={1,2,3} i64[2]={1,2} u8[2]={10,1}",
     .wanted = "u8[3]={1,10,3}"},
    {.name = "the smaller",
     .attrs = "reduction=min",
     .inputs = "f32[3]={1,2,3} i64[2]={1,2} f32[2]={10,1}",
     .wanted = "f32[3]={1,2,1}"},
    {.name = "gradient",
     .attrs = "axis=1",
     .inputs = "f32[2,3] i64[2,2]={0,2,1,0} f32[2,2]",
     .has_gradient = true},
    {.name = "gradient of a sum",
     .attrs = "reduction=add",
     .inputs = "f32[3,2] i64[2,2]={0,2,0,1} f32[2,2]",
     .has_gradient = true},
    {.name = "another reduction",
     .attrs = "reduction=mean",
     .inputs = "f32[3] i64[1] f32[1]",
     .refusal = "'mean'"},
    {.name = "fewer updates",
     .attrs = "",
     .inputs = "f32[3] i64[2] f32[1]",
     .refusal = "differ in shape"},
};

const struct fet_op fet_op_scatter_elements = {
    .name = "scatter_elements",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = scatter_elements_infer,
    .forward = scatter_elements_forward,
    .backward = scatter_elements_backward,
    .onnx_type = "ScatterElements",
    .onnx_since = 9,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
