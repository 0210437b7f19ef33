/* top_k: the k largest (or smallest) elements along an axis, in order, and where they were (I64).
 * Of equals the first comes first; NaN counts as the largest. Always sorted. */
#include "op_args.h"

#include <math.h>
#include <stdlib.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-1", "the axis along which elements compete"},
    {"largest", FET_ATTR_INT, "1", "0 = the smallest"},
    {"sorted", FET_ATTR_INT, "1", "the order is kept either way"},
    {0},
};

static fet_status top_k_infer(const struct fet_op_call *c)
{
    int axis = 0;
    int64_t k = 0;
    int64_t n = 0;
    struct fet_shape y = c->x[0]->shape;
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    FET_TRY(fet_op_attr_axis(c, "axis", y.n_dims, &axis));
    FET_TRY(fet_op_ints(c, 1, 1, &k, &n));
    if (n != 1 || k < 0 || k > y.dims[axis]) {
        return FET_FAIL(FET_ARGUMENT, "top_k: k = %lld of an axis of %lld", (long long)k,
                        (long long)y.dims[axis]);
    }
    y.dims[axis] = k;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    fet_op_set_y(c, 1, FET_I64, &y);
    return FET_OK;
}

/* Reals and integers side by side: a double does not hold every 64-bit integer. */
struct entry {
    double real;
    int64_t whole;
    int64_t at;
};

static int entry_compare(const struct entry *a, const struct entry *b)
{
    if (isnan(a->real) || isnan(b->real)) return (isnan(a->real) != 0) - (isnan(b->real) != 0);
    if (a->real != b->real) return a->real < b->real ? -1 : 1;
    return (a->whole > b->whole) - (a->whole < b->whole);
}

static int up(const void *a, const void *b)
{
    const struct entry *u = a;
    const struct entry *v = b;
    const int order = entry_compare(u, v);
    return order != 0 ? order : (u->at > v->at) - (u->at < v->at);
}

static int down(const void *a, const void *b)
{
    const struct entry *u = a;
    const struct entry *v = b;
    const int order = entry_compare(v, u);
    return order != 0 ? order : (u->at > v->at) - (u->at < v->at);
}

static void line_load(const struct fet_tensor *x, int64_t at, int64_t step, int64_t n,
                      struct entry *entries)
{
    const uint64_t flip = x->dtype == FET_U64 ? UINT64_C(1) << 63 : 0;
    const bool is_real = fet_dtype_is_float(x->dtype);
    for (int64_t i = 0; i < n; i++) {
        entries[i] = (struct entry){.at = i};
        if (is_real) entries[i].real = fet_read_real(x, at + i * step);
        if (!is_real) {
            entries[i].whole = (int64_t)((uint64_t)fet_read_int(x, at + i * step) ^ flip);
        }
    }
}

static fet_status top_k_forward(const struct fet_op_call *c)
{
    int axis = 0;
    const struct fet_tensor *x = c->x[0];
    const struct fet_shape *s = &x->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", s->n_dims, &axis));
    const int64_t n = s->dims[axis];
    const int64_t k = c->y[0]->shape.dims[axis];
    const int64_t inner = fet_op_span(s, axis + 1, s->n_dims);
    const int64_t n_lines = k > 0 ? fet_tensor_count(c->y[0]) / k : 0;
    const uint64_t flip = x->dtype == FET_U64 ? UINT64_C(1) << 63 : 0;
    struct entry *entries = fet_alloc(n, sizeof *entries);
    if (entries == NULL) return FET_FAIL_MEMORY("top_k", n * (int64_t)sizeof *entries);
    for (int64_t i = 0; i < n_lines; i++) {
        line_load(x, i / inner * n * inner + i % inner, inner, n, entries);
        qsort(entries, (size_t)n, sizeof *entries, fet_op_flag(c, "largest") ? down : up);
        for (int64_t j = 0; j < k; j++) {
            const int64_t to = i / inner * k * inner + j * inner + i % inner;
            const int64_t whole = (int64_t)((uint64_t)entries[j].whole ^ flip);
            if (fet_dtype_is_float(x->dtype)) fet_write_real(c->y[0], to, entries[j].real);
            if (!fet_dtype_is_float(x->dtype)) fet_write_int(c->y[0], to, whole);
            ((int64_t *)c->y[1]->data)[to] = entries[j].at;
        }
    }
    fet_free(entries);
    return FET_OK;
}

/* Each gradient goes back to where its element was. */
static fet_status top_k_backward(const struct fet_op_call *c)
{
    int axis = 0;
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    const struct fet_shape *s = &c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", s->n_dims, &axis));
    const int64_t inner = fet_op_span(s, axis + 1, s->n_dims);
    const int64_t k = c->y[0]->shape.dims[axis];
    const int64_t count = fet_tensor_count(c->dy[0]);
    for (int64_t i = 0; i < count; i++) {
        const double d = fet_read_real(c->dy[0], i);
        const int64_t at = fet_read_int(c->y[1], i);
        const int64_t to = (i / (k * inner) * s->dims[axis] + at) * inner + i % inner;
        fet_add_real(c->dx[0], to, 1, 1, &d);
    }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "the largest of rows",
     .attrs = "",
     .inputs = "f32[2,4]={1,4,2,4,-1,nan,-3,0} i64[1]={2}",
     .wanted = "f32[2,2]={4,4,nan,0} i64[2,2]={1,3,1,3}"},
    {.name = "the smallest of columns",
     .attrs = "axis=0 largest=0",
     .inputs = "i64[3,2]={9007199254740993,1,9007199254740992,2,5,3} i64[1]={2}",
     .wanted = "i64[2,2]={5,1,9007199254740992,2} i64[2,2]={2,0,1,1}"},
    {.name = "none", .attrs = "", .inputs = "f32[3] i64[1]={0}", .wanted = "f32[0] i64[0]"},
    {.name = "gradient",
     .attrs = "axis=1",
     .inputs = "f32[2,5,2] i64[1]={3}",
     .has_gradient = true},
    {.name = "too many", .attrs = "", .inputs = "f32[3] i64[1]={4}", .refusal = "k = 4"},
};

const struct fet_op fet_op_top_k = {
    .name = "top_k",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 2,
    .infer = top_k_infer,
    .forward = top_k_forward,
    .backward = top_k_backward,
    .onnx_type = "TopK",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
