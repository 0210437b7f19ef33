/* cumsum: y[i] = x[0] + ... + x[i] along an axis (input 1, a scalar); with exclusive=1 without x[i]
 * itself, with reverse=1 from the other end. The gradient is the same sum in the other direction.
 */
#include "op_args.h"

static const struct fet_attr attrs[] = {
    {"exclusive", FET_ATTR_INT, "0", "the element itself is left out"},
    {"reverse", FET_ATTR_INT, "0", "from the end"},
    {0},
};

static fet_status axis_get(const struct fet_op_call *c, int *axis)
{
    int64_t value = 0;
    int64_t n = 0;
    FET_TRY(fet_op_ints(c, 1, 1, &value, &n));
    if (n != 1) return FET_FAIL(FET_SHAPE, "cumsum: input 1 is empty, one axis is wanted");
    return fet_op_axis(c, value, c->x[0]->shape.n_dims, axis);
}

static fet_status cumsum_infer(const struct fet_op_call *c)
{
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    FET_TRY(fet_op_need_index(c, 1));
    FET_TRY(fet_op_need_rank(c, 1, 0, 1));
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* One line of n elements, `step` apart, from `at` on. */
static void line_sum(const struct fet_tensor *from, struct fet_tensor *to, int64_t at, int64_t step,
                     int64_t n, bool is_exclusive, bool is_gradient)
{
    double real = 0;
    uint64_t whole = 0;
    const bool is_real = fet_dtype_is_float(from->dtype);
    for (int64_t i = 0; i < n; i++, at += step) {
        const double before = real;
        const uint64_t whole_before = whole;
        if (is_real) real += fet_read_real(from, at);
        if (!is_real) whole += (uint64_t)fet_read_int(from, at);
        const double v = is_exclusive ? before : real;
        if (is_gradient) {
            fet_add_real(to, at, 1, 1, &v);
        } else if (is_real) {
            fet_write_real(to, at, v);
        } else {
            fet_write_int(to, at, (int64_t)(is_exclusive ? whole_before : whole));
        }
    }
}

static fet_status cumsum_run(const struct fet_op_call *c, const struct fet_tensor *from,
                             struct fet_tensor *to, bool is_gradient)
{
    int axis = 0;
    const struct fet_shape *s = &c->x[0]->shape;
    const bool is_reverse = fet_op_flag(c, "reverse") != is_gradient;
    FET_TRY(axis_get(c, &axis));
    const int64_t n = s->dims[axis];
    const int64_t inner = fet_op_span(s, axis + 1, s->n_dims);
    const int64_t n_lines = n > 0 ? fet_op_count(s) / n : 0;
    for (int64_t i = 0; i < n_lines; i++) {
        const int64_t first = i / inner * n * inner + i % inner;
        const int64_t at = is_reverse ? first + (n - 1) * inner : first;
        line_sum(from, to, at, is_reverse ? -inner : inner, n, fet_op_flag(c, "exclusive"),
                 is_gradient);
    }
    return FET_OK;
}

static fet_status cumsum_forward(const struct fet_op_call *c)
{
    return cumsum_run(c, c->x[0], c->y[0], false);
}

static fet_status cumsum_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return cumsum_run(c, c->dy[0], c->dx[0], true);
}

static const struct fet_op_case cases[] = {
    {.name = "rows",
     .attrs = "",
     .inputs = "f32[2,3]={1,2,3,4,5,6} i64[]={1}",
     .wanted = "f32[2,3]={1,3,6,4,9,15}",
     .has_gradient = true},
    {.name = "exclusive",
     .attrs = "exclusive=1",
     .inputs = "i32[3]={1,2,3} i32[]={0}",
     .wanted = "i32[3]={0,1,3}"},
    {.name = "from the end, exclusive",
     .attrs = "exclusive=1 reverse=1",
     .inputs = "f64[3,1]={1,2,3} i32[]={-2}",
     .wanted = "f64[3,1]={5,3,0}",
     .has_gradient = true},
    {.name = "booleans", .attrs = "", .inputs = "bool[3] i64[]={0}", .refusal = "a number"},
    {.name = "a real axis", .attrs = "", .inputs = "f32[3] f32[]", .refusal = "I32 or I64"},
};

const struct fet_op fet_op_cumsum = {
    .name = "cumsum",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = cumsum_infer,
    .forward = cumsum_forward,
    .backward = cumsum_backward,
    .onnx_type = "CumSum",
    .onnx_since = 11,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
