/* arg_max, arg_min: where along an axis the largest or smallest element is, as I64; of equals the
 * first, or the last with select_last_index=1. The first NaN wins. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "0", "the axis that is searched"},
    {"keepdims", FET_ATTR_INT, "1", "the axis stays, with size 1"},
    {"select_last_index", FET_ATTR_INT, "0", "of equals the last"},
    {0},
};

static fet_status arg_infer(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_shape *x = &c->x[0]->shape;
    struct fet_shape y = {0};
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    if (x->dims[axis] == 0) return FET_FAIL(FET_SHAPE, "%s: axis %d is empty", c->op->name, axis);
    for (int i = 0; i < x->n_dims; i++) {
        if (i == axis && !fet_op_flag(c, "keepdims")) continue;
        y.dims[y.n_dims++] = i == axis ? 1 : x->dims[i];
    }
    fet_op_set_y(c, 0, FET_I64, &y);
    return FET_OK;
}

/* Does element b beat element a, which comes before it? */
static bool beats(const struct fet_tensor *x, int64_t b, int64_t a, bool is_max, bool is_last)
{
    if (fet_dtype_is_float(x->dtype)) {
        const double u = fet_read_real(x, a);
        const double v = fet_read_real(x, b);
        if (isnan(u) || isnan(v)) return !isnan(u);
        return (is_max ? v > u : v < u) || (is_last && u == v);
    }
    const uint64_t flip = x->dtype == FET_U64 ? UINT64_C(1) << 63 : 0;
    const int64_t u = (int64_t)((uint64_t)fet_read_int(x, a) ^ flip);
    const int64_t v = (int64_t)((uint64_t)fet_read_int(x, b) ^ flip);
    return (is_max ? v > u : v < u) || (is_last && u == v);
}

static fet_status arg_run(const struct fet_op_call *c, bool is_max)
{
    int axis = 0;
    const struct fet_shape *s = &c->x[0]->shape;
    const bool is_last = fet_op_flag(c, "select_last_index");
    FET_TRY(fet_op_attr_axis(c, "axis", s->n_dims, &axis));
    const int64_t inner = fet_op_span(s, axis + 1, s->n_dims);
    const int64_t n = s->dims[axis];
    const int64_t n_y = fet_tensor_count(c->y[0]);
    for (int64_t i = 0; i < n_y; i++) {
        const int64_t at = i / inner * n * inner + i % inner;
        int64_t best = 0;
        for (int64_t k = 1; k < n; k++) {
            if (beats(c->x[0], at + k * inner, at + best * inner, is_max, is_last)) best = k;
        }
        ((int64_t *)c->y[0]->data)[i] = best;
    }
    return FET_OK;
}

static fet_status arg_max_forward(const struct fet_op_call *c)
{
    return arg_run(c, true);
}

static fet_status arg_min_forward(const struct fet_op_call *c)
{
    return arg_run(c, false);
}

static const struct fet_op_case arg_max_cases[] = {
    {.name = "rows",
     .attrs = "axis=1 keepdims=0",
     .inputs = "f32[2,3]={1,3,3,nan,9,nan}",
     .wanted = "i64[2]={1,0}"},
    {.name = "columns, the last of equals",
     .attrs = "select_last_index=1",
     .inputs = "i32[2,2]={1,5,1,4}",
     .wanted = "i64[1,2]={1,0}"},
    {.name = "large unsigned", .attrs = "", .inputs = "u64[2]={1,-1}", .wanted = "i64[1]={1}"},
    {.name = "an empty axis", .attrs = "", .inputs = "f32[0,2]", .refusal = "axis 0 is empty"},
    {.name = "a scalar", .attrs = "", .inputs = "f32[]", .refusal = "axis 0"},
};

static const struct fet_op_case arg_min_cases[] = {
    {.name = "rows",
     .attrs = "axis=-1",
     .inputs = "f32[2,3]={1,3,1,5,4,nan}",
     .wanted = "i64[2,1]={0,2}"},
    {.name = "booleans", .attrs = "", .inputs = "bool[2]", .refusal = "a number"},
};

const struct fet_op fet_op_arg_max = {
    .name = "arg_max",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = arg_infer,
    .forward = arg_max_forward,
    .onnx_type = "ArgMax",
    .onnx_since = 1,
    .cases = arg_max_cases,
    .n_cases = sizeof arg_max_cases / sizeof arg_max_cases[0],
};

const struct fet_op fet_op_arg_min = {
    .name = "arg_min",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = arg_infer,
    .forward = arg_min_forward,
    .onnx_type = "ArgMin",
    .onnx_since = 1,
    .cases = arg_min_cases,
    .n_cases = sizeof arg_min_cases / sizeof arg_min_cases[0],
};
