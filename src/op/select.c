/* Choosing elements by what they are. non_zero: the places of all elements that are not 0, as a
 * matrix [dimensions, found]. compress: the slices along an axis (or, without one, the elements)
 * whose condition is true. trilu: the upper or lower triangle of matrices, 0 elsewhere. */
#include "movement.h"

/* -0.0 is 0, NaN is not. */
static bool is_zero(const struct fet_tensor *x, int64_t i)
{
    if (fet_dtype_is_float(x->dtype)) return fet_read_real(x, i) == 0;
    return fet_read_int(x, i) == 0;
}

static fet_status non_zero_infer(const struct fet_op_call *c)
{
    const struct fet_tensor *x = c->x[0];
    struct fet_shape y = {.n_dims = 2, .dims = {x->shape.n_dims, 0}};
    FET_TRY(fet_op_need_value(c, 0));
    const int64_t n = fet_tensor_count(x);
    for (int64_t i = 0; i < n; i++) y.dims[1] += !is_zero(x, i);
    fet_op_set_y(c, 0, FET_I64, &y);
    return FET_OK;
}

static fet_status non_zero_forward(const struct fet_op_call *c)
{
    const struct fet_tensor *x = c->x[0];
    const int64_t n_found = c->y[0]->shape.dims[1];
    int64_t *y = c->y[0]->data;
    int64_t steps[FET_MAX_DIMS];
    const int64_t n = fet_tensor_count(x);
    int64_t found = 0;
    fet_dense_steps(&x->shape, steps);
    for (int64_t i = 0; i < n; i++) {
        if (is_zero(x, i)) continue;
        for (int d = 0; d < x->shape.n_dims; d++) {
            y[d * n_found + found] = i / steps[d] % x->shape.dims[d];
        }
        found++;
    }
    return FET_OK;
}

static const struct fet_attr compress_attrs[] = {
    {"axis", FET_ATTR_INT, "", "the axis that is thinned out; unset = all elements in order"},
    {0},
};

/* x as [outer, n, inner] around the axis; without one it is all n. */
struct cut {
    int axis;
    bool has_axis;
    int64_t outer, n, inner;
};

static fet_status cut_get(const struct fet_op_call *c, struct cut *cut)
{
    const struct fet_shape *x = &c->x[0]->shape;
    *cut = (struct cut){.has_axis = fet_op_attr(c, "axis")->is_set, .outer = 1, .inner = 1};
    cut->n = fet_op_count(x);
    if (cut->has_axis) {
        FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &cut->axis));
        cut->n = x->dims[cut->axis];
        cut->outer = fet_op_span(x, 0, cut->axis);
        cut->inner = fet_op_span(x, cut->axis + 1, x->n_dims);
    }
    const int64_t n_conditions = fet_op_count(&c->x[1]->shape);
    if (n_conditions <= cut->n) return FET_OK;
    return FET_FAIL(FET_SHAPE, "compress: %lld conditions for %lld elements",
                    (long long)n_conditions, (long long)cut->n);
}

static fet_status compress_infer(const struct fet_op_call *c)
{
    struct cut cut;
    int64_t n_chosen = 0;
    FET_TRY(fet_op_need_dtype(c, 1, FET_BOOL));
    FET_TRY(fet_op_need_rank(c, 1, 1, 1));
    FET_TRY(cut_get(c, &cut));
    FET_TRY(fet_op_need_value(c, 1));
    for (int64_t i = 0; i < fet_tensor_count(c->x[1]); i++) n_chosen += !is_zero(c->x[1], i);
    struct fet_shape y = {.n_dims = 1, .dims = {n_chosen}};
    if (cut.has_axis) {
        y = c->x[0]->shape;
        y.dims[cut.axis] = n_chosen;
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status compress_run(const struct fet_op_call *c, bool is_backward)
{
    struct cut cut;
    FET_TRY(cut_get(c, &cut));
    const struct fet_shape slice = {.n_dims = 1, .dims = {cut.inner}};
    struct fet_view of_x = fet_view_whole(&slice);
    struct fet_view of_y = of_x;
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    for (int64_t o = 0; o < cut.outer; o++) {
        for (int64_t i = 0; i < fet_tensor_count(c->x[1]); i++) {
            if (is_zero(c->x[1], i)) continue;
            of_x.at = (o * cut.n + i) * cut.inner;
            if (is_backward) {
                fet_view_add(&slice, c->dx[0], &of_x, c->dy[0], &of_y);
            } else {
                fet_view_copy(&slice, c->y[0], &of_y, c->x[0], &of_x);
            }
            of_y.at += cut.inner;
        }
    }
    return FET_OK;
}

static fet_status compress_forward(const struct fet_op_call *c)
{
    return compress_run(c, false);
}

static fet_status compress_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return compress_run(c, true);
}

static const struct fet_attr trilu_attrs[] = {
    {"upper", FET_ATTR_INT, "1", "0 = the lower triangle"},
    {0},
};

static fet_status trilu_infer(const struct fet_op_call *c)
{
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    if (fet_op_x(c, 1) != NULL) {
        FET_TRY(fet_op_need_index(c, 1));
        if (fet_op_count(&c->x[1]->shape) != 1) {
            return FET_FAIL(FET_SHAPE, "trilu: input 1 is not one number");
        }
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* The columns of a row that belong to the triangle. */
static void columns_get(const struct fet_op_call *c, int64_t row, int64_t n, int64_t *from,
                        int64_t *to)
{
    const int64_t k = fet_op_x(c, 1) != NULL ? fet_read_int(c->x[1], 0) : 0;
    /* The first column on or above diagonal k, without overflow for a k far away. */
    const int64_t edge = k > n ? n : k < -row - 1 ? -1 : row + k;
    const bool is_upper = fet_op_flag(c, "upper");
    *from = is_upper ? edge : 0;
    *to = is_upper ? n : edge + 1;
    if (*from < 0) *from = 0;
    if (*to > n) *to = n;
}

static fet_status trilu_run(const struct fet_op_call *c, bool is_backward)
{
    const struct fet_shape *s = &c->x[0]->shape;
    const int64_t n = s->dims[s->n_dims - 1];
    const int64_t n_rows = s->dims[s->n_dims - 2];
    const int64_t count = fet_tensor_count(c->x[0]);
    for (int64_t at = 0; at < count; at += n) {
        int64_t from = 0;
        int64_t to = 0;
        columns_get(c, at / n % n_rows, n, &from, &to);
        if (from >= to) continue;
        const struct fet_shape part = {.n_dims = 1, .dims = {to - from}};
        struct fet_view view = fet_view_whole(&part);
        view.at = at + from;
        if (is_backward) {
            fet_view_add(&part, c->dx[0], &view, c->dy[0], &view);
        } else {
            fet_view_copy(&part, c->y[0], &view, c->x[0], &view);
        }
    }
    return FET_OK;
}

static fet_status trilu_forward(const struct fet_op_call *c)
{
    fet_fill(c->y[0], NULL, 0);
    return trilu_run(c, false);
}

static fet_status trilu_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return trilu_run(c, true);
}

static const struct fet_op_case non_zero_cases[] = {
    {.name = "a matrix",
     .attrs = "",
     .inputs = "f32[2,2]={1,0,nan,-1}",
     .wanted = "i64[2,3]={0,1,1,0,0,1}"},
    {.name = "none", .attrs = "", .inputs = "bool[3]={0,0,0}", .wanted = "i64[1,0]"},
};

static const struct fet_op_case compress_cases[] = {
    {.name = "rows",
     .attrs = "axis=0",
     .inputs = "f32[3,2]={1,2,3,4,5,6} bool[3]={0,1,1}",
     .wanted = "f32[2,2]={3,4,5,6}"},
    {.name = "columns, fewer conditions",
     .attrs = "axis=-1",
     .inputs = "f32[2,3]={1,2,3,4,5,6} bool[2]={0,1}",
     .wanted = "f32[2,1]={2,5}",
     .has_gradient = true},
    {.name = "elements",
     .attrs = "",
     .inputs = "u8[2,2]={1,2,3,4} bool[4]={1,0,0,1}",
     .wanted = "u8[2]={1,4}"},
    {.name = "too many",
     .attrs = "axis=0",
     .inputs = "f32[2] bool[3]",
     .refusal = "3 conditions for 2"},
};

static const struct fet_op_case trilu_cases[] = {
    {.name = "upper",
     .attrs = "",
     .inputs = "f32[2,3]={1,2,3,4,5,6}",
     .wanted = "f32[2,3]={1,2,3,0,5,6}"},
    {.name = "lower, moved",
     .attrs = "upper=0",
     .inputs = "i32[3,3]={1,2,3,4,5,6,7,8,9} i64[]={-1}",
     .wanted = "i32[3,3]={0,0,0,4,0,0,7,8,0}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3,3] i64[]={1}", .has_gradient = true},
    {.name = "a vector", .attrs = "", .inputs = "f32[3]", .refusal = "2 to 8 dimensions"},
};

const struct fet_op fet_op_non_zero = {
    .name = "non_zero",
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = non_zero_infer,
    .forward = non_zero_forward,
    .onnx_type = "NonZero",
    .onnx_since = 9,
    .cases = non_zero_cases,
    .n_cases = sizeof non_zero_cases / sizeof non_zero_cases[0],
};

const struct fet_op fet_op_compress = {
    .name = "compress",
    .attrs = compress_attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = compress_infer,
    .forward = compress_forward,
    .backward = compress_backward,
    .onnx_type = "Compress",
    .onnx_since = 9,
    .cases = compress_cases,
    .n_cases = sizeof compress_cases / sizeof compress_cases[0],
};

const struct fet_op fet_op_trilu = {
    .name = "trilu",
    .attrs = trilu_attrs,
    .min_x = 1,
    .max_x = 2,
    .n_y = 1,
    .infer = trilu_infer,
    .forward = trilu_forward,
    .backward = trilu_backward,
    .onnx_type = "Trilu",
    .onnx_since = 14,
    .cases = trilu_cases,
    .n_cases = sizeof trilu_cases / sizeof trilu_cases[0],
};
