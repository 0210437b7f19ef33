/* cum_prod: y[i] = x[0] ... x[i] along an axis (input 1, a scalar); with exclusive=1 without x[i]
 * itself, with reverse=1 from the other end. */
#include "op_args.h"

static const struct fet_attr attrs[] = {
    {"exclusive", FET_ATTR_INT, "0", "the element itself is left out"},
    {"reverse", FET_ATTR_INT, "0", "from the end"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    FET_TRY(fet_op_need_index(c, 1));
    FET_TRY(fet_op_need_rank(c, 1, 0, 1));
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* One line of n elements, `step` apart, from `at` on. */
static void line_product(const struct fet_op_call *c, int64_t at, int64_t step, int64_t n)
{
    double real = 1;
    uint64_t whole = 1;
    const bool is_real = fet_dtype_is_float(c->x[0]->dtype);
    const bool is_exclusive = fet_op_flag(c, "exclusive");
    for (int64_t i = 0; i < n; i++, at += step) {
        const double before = real;
        const uint64_t whole_before = whole;
        if (is_real) real *= fet_read_real(c->x[0], at);
        if (!is_real) whole *= (uint64_t)fet_read_int(c->x[0], at);
        if (is_real)
            fet_write_real(c->y[0], at, is_exclusive ? before : real);
        else
            fet_write_int(c->y[0], at, (int64_t)(is_exclusive ? whole_before : whole));
    }
}

static fet_status forward(const struct fet_op_call *c)
{
    int axis = 0;
    int64_t value = 0, n_values = 0;
    const struct fet_shape *const s = &c->x[0]->shape;
    FET_TRY(fet_op_ints(c, 1, 1, &value, &n_values));
    if (n_values != 1) return FET_FAIL(FET_SHAPE, "cum_prod: input 1 is empty, one axis is wanted");
    FET_TRY(fet_op_axis(c, value, s->n_dims, &axis));
    const int64_t n = s->dims[axis], inner = fet_op_span(s, axis + 1, s->n_dims);
    const int64_t n_lines = n > 0 ? fet_op_count(s) / n : 0;
    const bool is_reverse = fet_op_flag(c, "reverse");
    for (int64_t i = 0; i < n_lines; i++) {
        const int64_t first = i / inner * n * inner + i % inner;
        line_product(c, is_reverse ? first + (n - 1) * inner : first, is_reverse ? -inner : inner,
                     n);
    }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "rows",
     .attrs = "",
     .inputs = "f32[2,3]={1,2,3,4,5,6} i64[]={1}",
     .wanted = "f32[2,3]={1,2,6,4,20,120}"},
    {.name = "exclusive",
     .attrs = "exclusive=1",
     .inputs = "i32[3]={2,3,4} i32[]={0}",
     .wanted = "i32[3]={1,2,6}"},
    {.name = "from the end, exclusive",
     .attrs = "exclusive=1 reverse=1",
     .inputs = "f64[3,1]={2,3,4} i32[]={-2}",
     .wanted = "f64[3,1]={12,4,1}"},
    {.name = "booleans", .attrs = "", .inputs = "bool[3] i64[]={0}", .refusal = "a number"},
};

const struct fet_op fet_op_cum_prod = {
    .name = "cum_prod",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "CumProd",
    .onnx_since = 26,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
