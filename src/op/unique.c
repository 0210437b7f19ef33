/* unique: the different elements of x, or the different slices along an axis; for each where it
 * came first and how often, and for each element of x which it is. In ascending order (slices by
 * their first difference), or with sorted=0 in the order in which they come. NaN is the largest
 * number and equals itself. Sorts once: O(n log n) comparisons. */
#include "movement.h"

#include <math.h>
#include <stdlib.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "", "slices along this axis; unset = single elements"},
    {"sorted", FET_ATTR_INT, "1", "0 = in the order in which they come"},
    {0},
};

/* x as [outer, n, inner] around the axis; slice i is [:, i, :]. */
struct slices {
    const struct fet_tensor *x;
    bool has_axis;
    int axis;
    int64_t outer, n, inner;
};

struct slot {
    const struct slices *s;
    int64_t i;
};

static int element_compare(const struct fet_tensor *x, int64_t a, int64_t b)
{
    if (fet_dtype_is_float(x->dtype)) {
        const double u = fet_read_real(x, a);
        const double v = fet_read_real(x, b);
        if (isnan(u) || isnan(v)) return (isnan(u) != 0) - (isnan(v) != 0);
        return (u > v) - (u < v);
    }
    const uint64_t flip = x->dtype == FET_U64 ? UINT64_C(1) << 63 : 0;
    const int64_t u = (int64_t)((uint64_t)fet_read_int(x, a) ^ flip);
    const int64_t v = (int64_t)((uint64_t)fet_read_int(x, b) ^ flip);
    return (u > v) - (u < v);
}

static int slice_compare(const struct slices *s, int64_t a, int64_t b)
{
    for (int64_t o = 0; o < s->outer; o++) {
        for (int64_t k = 0; k < s->inner; k++) {
            const int64_t at_a = (o * s->n + a) * s->inner + k;
            const int64_t at_b = (o * s->n + b) * s->inner + k;
            const int order = element_compare(s->x, at_a, at_b);
            if (order != 0) return order;
        }
    }
    return 0;
}

/* Equal slices stay in their order, so the first of a group is where it came first. */
static int slot_compare(const void *a, const void *b)
{
    const struct slot *u = a;
    const struct slot *v = b;
    const int order = slice_compare(u->s, u->i, v->i);
    return order != 0 ? order : (u->i > v->i) - (u->i < v->i);
}

static fet_status slices_get(const struct fet_op_call *c, struct slices *s)
{
    const struct fet_shape *x = &c->x[0]->shape;
    *s = (struct slices){.x = c->x[0], .outer = 1, .inner = 1, .n = fet_op_count(x)};
    s->has_axis = fet_op_attr(c, "axis")->is_set;
    if (!s->has_axis) return FET_OK;
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &s->axis));
    s->n = x->dims[s->axis];
    s->outer = fet_op_span(x, 0, s->axis);
    s->inner = fet_op_span(x, s->axis + 1, x->n_dims);
    if (fet_op_count(x) == 0) s->outer = 0; /* slices without elements are all equal */
    return FET_OK;
}

/* The answer: first [n_groups], count [n_groups], which [n]; one block. */
struct groups {
    int64_t *first, *count, *which;
    int64_t n_groups;
};

/* Numbers the groups anew, in the order in which they come. */
static void groups_unsort(struct groups *g, int64_t n, int64_t *number)
{
    int64_t next = 0;
    for (int64_t i = 0; i < g->n_groups; i++) number[i] = -1;
    for (int64_t i = 0; i < n; i++) {
        if (number[g->which[i]] < 0) number[g->which[i]] = next++;
        g->which[i] = number[g->which[i]];
    }
    for (int64_t i = 0; i < g->n_groups; i++) g->count[i] = 0;
    for (int64_t i = n - 1; i >= 0; i--) {
        g->first[g->which[i]] = i;
        g->count[g->which[i]]++;
    }
}

static fet_status groups_new(const struct fet_op_call *c, const struct slices *s, struct groups *g)
{
    *g = (struct groups){.n_groups = 0};
    int64_t *block = fet_alloc(s->n, 4 * sizeof *block);
    struct slot *slots = fet_alloc(s->n, sizeof *slots);
    if (block == NULL || slots == NULL) {
        fet_free(block);
        fet_free(slots);
        return FET_FAIL_MEMORY("unique", s->n * (int64_t)sizeof *slots);
    }
    g->first = block;
    g->count = block + s->n;
    g->which = block + 2 * s->n;
    for (int64_t i = 0; i < s->n; i++) slots[i] = (struct slot){.s = s, .i = i};
    qsort(slots, (size_t)s->n, sizeof *slots, slot_compare);
    for (int64_t i = 0; i < s->n; i++) {
        if (i == 0 || slice_compare(s, slots[i - 1].i, slots[i].i) != 0) {
            g->first[g->n_groups++] = slots[i].i;
        }
        g->count[g->n_groups - 1]++;
        g->which[slots[i].i] = g->n_groups - 1;
    }
    if (!fet_op_flag(c, "sorted")) groups_unsort(g, s->n, block + 3 * s->n);
    fet_free(slots);
    return FET_OK;
}

static fet_status unique_infer(const struct fet_op_call *c)
{
    struct slices s;
    struct groups g;
    FET_TRY(slices_get(c, &s));
    FET_TRY(fet_op_need_value(c, 0));
    FET_TRY(groups_new(c, &s, &g));
    fet_free(g.first);
    struct fet_shape y = {.n_dims = 1, .dims = {g.n_groups}};
    fet_op_set_y(c, 1, FET_I64, &y);
    fet_op_set_y(c, 3, FET_I64, &y);
    fet_op_set_y(c, 2, FET_I64, &(struct fet_shape){.n_dims = 1, .dims = {s.n}});
    if (s.has_axis) {
        y = c->x[0]->shape;
        y.dims[s.axis] = g.n_groups;
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status unique_forward(const struct fet_op_call *c)
{
    struct slices s;
    struct groups g;
    FET_TRY(slices_get(c, &s));
    FET_TRY(groups_new(c, &s, &g));
    const struct fet_shape run = {.n_dims = 1, .dims = {s.inner}};
    struct fet_view to = fet_view_whole(&run);
    struct fet_view from = to;
    for (int64_t o = 0; o < s.outer; o++) {
        for (int64_t i = 0; i < g.n_groups; i++, to.at += s.inner) {
            from.at = (o * s.n + g.first[i]) * s.inner;
            fet_view_copy(&run, c->y[0], &to, c->x[0], &from);
        }
    }
    fet_store_int(c->y[1], 0, 1, g.n_groups, g.first);
    fet_store_int(c->y[2], 0, 1, s.n, g.which);
    fet_store_int(c->y[3], 0, 1, g.n_groups, g.count);
    fet_free(g.first);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "elements in order",
     .attrs = "",
     .inputs = "f32[6]={2,1,1,nan,4,nan}",
     .wanted = "f32[4]={1,2,4,nan} i64[4]={1,0,4,3} i64[6]={1,0,0,3,2,3} i64[4]={2,1,1,2}"},
    {.name = "elements as they come",
     .attrs = "sorted=0",
     .inputs = "i32[2,3]={2,1,1,3,4,3}",
     .wanted = "i32[4]={2,1,3,4} i64[4]={0,1,3,4} i64[6]={0,1,1,2,3,2} i64[4]={1,2,2,1}"},
    {.name = "rows",
     .attrs = "axis=0",
     .inputs = "f32[3,3]={1,0,0,1,0,0,2,3,4}",
     .wanted = "f32[2,3]={1,0,0,2,3,4} i64[2]={0,2} i64[3]={0,0,1} i64[2]={2,1}"},
    {.name = "columns",
     .attrs = "axis=-1",
     .inputs = "u8[2,3]={2,1,2,3,4,3}",
     .wanted = "u8[2,2]={1,2,4,3} i64[2]={1,0} i64[3]={1,0,1} i64[2]={1,2}"},
    {.name = "nothing", .attrs = "", .inputs = "f32[0]", .wanted = "f32[0] i64[0] i64[0] i64[0]"},
    {.name = "outside", .attrs = "axis=1", .inputs = "f32[3]", .refusal = "axis 1"},
};

const struct fet_op fet_op_unique = {
    .name = "unique",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 4,
    .infer = unique_infer,
    .forward = unique_forward,
    .onnx_type = "Unique",
    .onnx_since = 11,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
