/* reshape, flatten, squeeze, unsqueeze: the same elements in the same order under another shape. */
#include "movement.h"

static fet_status copy_forward(const struct fet_op_call *c)
{
    fet_copy_all(c->y[0], c->x[0]);
    return FET_OK;
}

static fet_status copy_backward(const struct fet_op_call *c)
{
    fet_add_all(fet_op_dx(c, 0), fet_op_dy(c, 0));
    return FET_OK;
}

static const struct fet_attr reshape_attrs[] = {
    {"allowzero", FET_ATTR_INT, "0", "0 = a size of 0 stands for that of the input"},
    {0},
};

static fet_status refuse_reshape(const struct fet_op_call *c, const struct fet_shape *y)
{
    char from[128];
    char to[128];
    fet_shape_text(&c->x[0]->shape, from);
    fet_shape_text(y, to);
    return FET_FAIL(FET_SHAPE, "reshape: %s does not become %s", from, to);
}

/* Puts what is missing in place of the one -1. */
static fet_status complete(const struct fet_op_call *c, struct fet_shape *y)
{
    int i_open = -1;
    int64_t known = 1;
    const struct fet_shape wanted = *y;
    const int64_t count = fet_op_count(&c->x[0]->shape);
    for (int i = 0; i < y->n_dims; i++) {
        if (y->dims[i] < -1 || (y->dims[i] == -1 && i_open >= 0)) return refuse_reshape(c, &wanted);
        if (y->dims[i] == -1) {
            i_open = i;
        } else if (!fet_mul_size(known, y->dims[i], &known)) {
            return refuse_reshape(c, &wanted);
        }
    }
    if (i_open >= 0) {
        if (known == 0 || count % known != 0) return refuse_reshape(c, &wanted);
        y->dims[i_open] = count / known;
        known = count;
    }
    return known == count ? FET_OK : refuse_reshape(c, &wanted);
}

static fet_status reshape_infer(const struct fet_op_call *c)
{
    int64_t n = 0;
    struct fet_shape y = {0};
    FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, y.dims, &n));
    y.n_dims = (int)n;
    for (int i = 0; i < y.n_dims && !fet_op_flag(c, "allowzero"); i++) {
        if (y.dims[i] != 0) continue;
        if (i >= c->x[0]->shape.n_dims) return refuse_reshape(c, &y);
        y.dims[i] = c->x[0]->shape.dims[i];
    }
    FET_TRY(complete(c, &y));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static const struct fet_attr flatten_attrs[] = {
    {"axis", FET_ATTR_INT, "1", "dimensions before it become rows, the others columns"},
    {0},
};

static fet_status flatten_infer(const struct fet_op_call *c)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const int64_t axis = fet_op_int(c, "axis");
    if (axis < -x->n_dims || axis > x->n_dims) {
        return FET_FAIL(FET_ARGUMENT, "flatten: axis %lld is outside %d dimensions",
                        (long long)axis, x->n_dims);
    }
    const int at = (int)(axis < 0 ? axis + x->n_dims : axis);
    const struct fet_shape y = {.n_dims = 2,
                                .dims = {fet_op_span(x, 0, at), fet_op_span(x, at, x->n_dims)}};
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status squeeze_infer(const struct fet_op_call *c)
{
    int64_t axes[FET_MAX_DIMS];
    int64_t n = 0;
    bool is_marked[FET_MAX_DIMS] = {false};
    const struct fet_shape *x = &c->x[0]->shape;
    struct fet_shape y = {0};
    const bool has_axes = fet_op_x(c, 1) != NULL;
    if (has_axes) FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, axes, &n));
    FET_TRY(fet_op_axes(c, axes, n, x->n_dims, is_marked));
    for (int i = 0; i < x->n_dims; i++) {
        if (is_marked[i] && x->dims[i] != 1) {
            return FET_FAIL(FET_SHAPE, "squeeze: dimension %d has size %lld, not 1", i,
                            (long long)x->dims[i]);
        }
        if (has_axes ? is_marked[i] : x->dims[i] == 1) continue;
        y.dims[y.n_dims++] = x->dims[i];
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status unsqueeze_infer(const struct fet_op_call *c)
{
    int64_t axes[FET_MAX_DIMS];
    int64_t n = 0;
    bool is_marked[FET_MAX_DIMS] = {false};
    const struct fet_shape *x = &c->x[0]->shape;
    struct fet_shape y = {0};
    FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, axes, &n));
    y.n_dims = x->n_dims + (int)n;
    if (y.n_dims > FET_MAX_DIMS) {
        return FET_FAIL(FET_SHAPE, "unsqueeze: %d dimensions, at most %d are possible", y.n_dims,
                        FET_MAX_DIMS);
    }
    FET_TRY(fet_op_axes(c, axes, n, y.n_dims, is_marked));
    for (int i = 0, k = 0; i < y.n_dims; i++) y.dims[i] = is_marked[i] ? 1 : x->dims[k++];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static const struct fet_op_case reshape_cases[] = {
    {.name = "one size open",
     .attrs = "",
     .inputs = "f32[2,3]={1,2,3,4,5,6} i64[2]={3,-1}",
     .wanted = "f32[3,2]={1,2,3,4,5,6}",
     .has_gradient = true},
    {.name = "a size kept",
     .attrs = "",
     .inputs = "u8[2,3,1]={1,2,3,4,5,6} i64[2]={0,-1}",
     .wanted = "u8[2,3]={1,2,3,4,5,6}"},
    {.name = "empty",
     .attrs = "allowzero=1",
     .inputs = "f32[0,3] i64[2]={7,0}",
     .wanted = "f32[7,0]"},
    {.name = "to a scalar", .attrs = "", .inputs = "f32[1]={3} i64[0]", .wanted = "f32[]={3}"},
    {.name = "two open",
     .attrs = "",
     .inputs = "f32[4] i64[2]={-1,-1}",
     .refusal = "[4] does not become [-1,-1]"},
    {.name = "another count",
     .attrs = "",
     .inputs = "f32[4] i64[1]={5}",
     .refusal = "does not become [5]"},
    {.name = "a size kept that is not there",
     .attrs = "",
     .inputs = "f32[4] i64[2]={4,0}",
     .refusal = "does not become"},
};

static const struct fet_op_case flatten_cases[] = {
    {.name = "in the middle",
     .attrs = "axis=2",
     .inputs = "f32[2,1,2]={1,2,3,4}",
     .wanted = "f32[2,2]={1,2,3,4}",
     .has_gradient = true},
    {.name = "at the start", .attrs = "axis=0", .inputs = "f32[2,3]", .wanted = "f32[1,6]"},
    {.name = "from the end", .attrs = "axis=-1", .inputs = "i8[2,3,4]", .wanted = "i8[6,4]"},
    {.name = "outside", .attrs = "axis=3", .inputs = "f32[2,3]", .refusal = "axis 3"},
};

static const struct fet_op_case squeeze_cases[] = {
    {.name = "one of two",
     .attrs = "",
     .inputs = "f32[1,2,1]={1,2} i64[1]={-1}",
     .wanted = "f32[1,2]={1,2}",
     .has_gradient = true},
    {.name = "all", .attrs = "", .inputs = "f32[1,2,1]={1,2}", .wanted = "f32[2]={1,2}"},
    {.name = "not 1",
     .attrs = "",
     .inputs = "f32[1,2] i64[1]={1}",
     .refusal = "dimension 1 has size 2"},
};

static const struct fet_op_case unsqueeze_cases[] = {
    {.name = "at both ends",
     .attrs = "",
     .inputs = "f32[2]={1,2} i64[2]={-1,0}",
     .wanted = "f32[1,2,1]={1,2}",
     .has_gradient = true},
    {.name = "twice", .attrs = "", .inputs = "f32[2] i64[2]={0,0}", .refusal = "axis 0 is given"},
    {.name = "too many",
     .attrs = "",
     .inputs = "f32[1,1,1,1,1,1,1] i64[2]={0,1}",
     .refusal = "9 dimensions"},
};

#define RESHAPE(id, its_attrs, n_min, n_max, type, since)    \
    const struct fet_op fet_op_##id = {                      \
        .name = #id,                                         \
        .attrs = (its_attrs),                                \
        .min_x = (n_min),                                    \
        .max_x = (n_max),                                    \
        .n_y = 1,                                            \
        .infer = id##_infer,                                 \
        .forward = copy_forward,                             \
        .backward = copy_backward,                           \
        .onnx_type = (type),                                 \
        .onnx_since = (since),                               \
        .cases = id##_cases,                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0], \
    }

RESHAPE(reshape, reshape_attrs, 2, 2, "Reshape", 1);
RESHAPE(flatten, flatten_attrs, 1, 1, "Flatten", 1);
RESHAPE(squeeze, NULL, 1, 2, "Squeeze", 1);
RESHAPE(unsqueeze, NULL, 2, 2, "Unsqueeze", 1);
