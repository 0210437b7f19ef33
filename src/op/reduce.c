/* Reductions over some axes, given as input 1 (all when left out or empty, none with
 * noop_with_empty_axes=1):
 *   sum, mean, max, min, prod, l1 = sum |x|, l2 = sqrt(sum x^2), log_sum = log(sum x),
 *   log_sum_exp = m + log(sum exp(x - m)) with m = max x, sum_square = sum x^2
 * Reals are summed in double, integers in 64 bits (they wrap). Of nothing: 0, NaN (mean), -inf
 * (max, log), inf (min), 1 (prod). NaN wins max and min; among equals the first has the gradient.
 */
#include "elementwise.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"keepdims", FET_ATTR_INT, "1", "reduced dimensions stay, with size 1"},
    {"noop_with_empty_axes", FET_ATTR_INT, "0", "no axes = reduce none instead of all"},
    {0},
};

enum kind { SUM, MEAN, MAX, MIN, PROD, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE };

/* Which dimensions of x go. */
static fet_status marks_get(const struct fet_op_call *c, bool is_marked[FET_MAX_DIMS])
{
    int64_t axes[FET_MAX_DIMS];
    int64_t n = 0;
    const int rank = c->x[0]->shape.n_dims;
    if (fet_op_x(c, 1) != NULL) FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS, axes, &n));
    FET_TRY(fet_op_axes(c, axes, n, rank, is_marked));
    for (int i = 0; i < rank && n == 0; i++) {
        is_marked[i] = !fet_op_flag(c, "noop_with_empty_axes");
    }
    return FET_OK;
}

static fet_status shape_infer(const struct fet_op_call *c)
{
    bool is_marked[FET_MAX_DIMS] = {false};
    const struct fet_shape *x = &c->x[0]->shape;
    struct fet_shape y = {0};
    FET_TRY(marks_get(c, is_marked));
    for (int i = 0; i < x->n_dims; i++) {
        if (is_marked[i] && !fet_op_flag(c, "keepdims")) continue;
        y.dims[y.n_dims++] = is_marked[i] ? 1 : x->dims[i];
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status number_infer(const struct fet_op_call *c)
{
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    return shape_infer(c);
}

/* Walks x and the element of y that each element of x goes to. */
static fet_status start(const struct fet_op_call *c, struct fet_walk *w)
{
    bool is_marked[FET_MAX_DIMS] = {false};
    struct fet_shape kept = c->x[0]->shape;
    FET_TRY(marks_get(c, is_marked));
    for (int i = 0; i < kept.n_dims; i++) {
        if (is_marked[i]) kept.dims[i] = 1;
    }
    const struct fet_shape *const shapes[2] = {NULL, &kept};
    fet_walk_start(w, &c->x[0]->shape, 2, shapes);
    return FET_OK;
}

static double real_begin(enum kind kind)
{
    if (kind == MAX || kind == LOG_SUM_EXP) return -(double)INFINITY;
    if (kind == MIN) return (double)INFINITY;
    return kind == PROD ? 1 : 0;
}

/* s with one more element. For log_sum_exp this is the first pass, the maximum. */
static double real_more(enum kind kind, double s, double x)
{
    switch (kind) {
    case MAX:
    case LOG_SUM_EXP:
        return isnan(s) || s >= x ? s : x;
    case MIN:
        return isnan(s) || s <= x ? s : x;
    case PROD:
        return s * x;
    case L1:
        return s + fabs(x);
    case L2:
    case SUM_SQUARE:
        return s + x * x;
    default:
        return s + x;
    }
}

static double real_end(enum kind kind, double s, int64_t n)
{
    switch (kind) {
    case MEAN:
        return s / (double)n;
    case L2:
        return sqrt(s);
    case LOG_SUM:
        return log(s);
    default:
        return s;
    }
}

static void real_pass(const struct fet_op_call *c, struct fet_walk w, enum kind kind, double *s)
{
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t at = 0; at < w.n; at += FET_LINE) {
            double x[FET_LINE];
            const int64_t n = w.n - at < FET_LINE ? w.n - at : FET_LINE;
            fet_load_real(c->x[0], w.at[0] + at, 1, n, x);
            for (int64_t i = 0; i < n; i++) {
                double *to = s + w.at[1] + (at + i) * w.step[1];
                *to = real_more(kind, *to, x[i]);
            }
        }
    }
}

/* Second pass of log_sum_exp: s holds the sums of exp(x - m). A maximum that is infinite is taken
 * out as 0, so that inf - inf does not arise. */
static void exp_pass(const struct fet_op_call *c, struct fet_walk w, const double *m, double *s)
{
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t k = w.at[1] + i * w.step[1];
            const double shift = isinf(m[k]) ? 0 : m[k];
            s[k] += exp(fet_read_real(c->x[0], w.at[0] + i) - shift);
        }
    }
}

static fet_status real_forward(const struct fet_op_call *c, const struct fet_walk *w,
                               enum kind kind)
{
    const int64_t n_y = fet_tensor_count(c->y[0]);
    const int64_t n_each = n_y > 0 ? fet_tensor_count(c->x[0]) / n_y : 0;
    double *s = fet_alloc(2 * n_y, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("reduce", 2 * n_y * (int64_t)sizeof *s);
    double *sums = s + n_y;
    for (int64_t i = 0; i < n_y; i++) s[i] = real_begin(kind);
    real_pass(c, *w, kind, s);
    if (kind == LOG_SUM_EXP) exp_pass(c, *w, s, sums);
    for (int64_t i = 0; i < n_y; i++) {
        const double shift = isinf(s[i]) ? 0 : s[i];
        const double y = kind == LOG_SUM_EXP ? shift + log(sums[i]) : real_end(kind, s[i], n_each);
        fet_write_real(c->y[0], i, y);
    }
    fet_free(s);
    return FET_OK;
}

/* Integers whose end is exact: all but mean, l2 and the logarithms. */
static bool is_whole(const struct fet_op_call *c, enum kind kind)
{
    if (fet_dtype_is_float(c->x[0]->dtype)) return false;
    return kind != MEAN && kind != L2 && kind != LOG_SUM && kind != LOG_SUM_EXP;
}

/* flip turns the order of U64 into that of I64; 0 for other types. */
static int64_t whole_more(enum kind kind, int64_t s, int64_t x, uint64_t flip)
{
    const uint64_t a = (uint64_t)s;
    const uint64_t b = (uint64_t)x;
    const bool is_larger = (int64_t)(b ^ flip) > (int64_t)(a ^ flip);
    switch (kind) {
    case MAX:
        return is_larger ? x : s;
    case MIN:
        return is_larger ? s : x;
    case PROD:
        return (int64_t)(a * b);
    case L1:
        return (int64_t)(a + (x < 0 && flip == 0 ? 0 - b : b));
    case SUM_SQUARE:
        return (int64_t)(a + b * b);
    default:
        return (int64_t)(a + b);
    }
}

/* The smallest or largest number of the type, 1 for products, else 0. */
static int64_t whole_begin(enum kind kind, enum fet_dtype d)
{
    if (kind != MAX && kind != MIN) return kind == PROD;
    if (d == FET_BOOL) return kind == MIN;
    const int n_bits = fet_dtype_bits(d) - (fet_dtype_is_unsigned(d) ? 0 : 1);
    const uint64_t top = n_bits == 64 ? UINT64_MAX : (UINT64_C(1) << n_bits) - 1;
    if (kind == MIN) return (int64_t)top;
    return fet_dtype_is_unsigned(d) ? 0 : -(int64_t)top - 1;
}

static fet_status whole_forward(const struct fet_op_call *c, struct fet_walk w, enum kind kind)
{
    const enum fet_dtype d = c->x[0]->dtype;
    const uint64_t flip = d == FET_U64 ? UINT64_C(1) << 63 : 0;
    const int64_t n_y = fet_tensor_count(c->y[0]);
    int64_t *s = fet_alloc(n_y, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("reduce", n_y * (int64_t)sizeof *s);
    for (int64_t i = 0; i < n_y; i++) s[i] = whole_begin(kind, d);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            int64_t *to = s + w.at[1] + i * w.step[1];
            *to = whole_more(kind, *to, fet_read_int(c->x[0], w.at[0] + i), flip);
        }
    }
    fet_store_int(c->y[0], 0, 1, n_y, s);
    fet_free(s);
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c, enum kind kind)
{
    struct fet_walk w;
    FET_TRY(start(c, &w));
    return is_whole(c, kind) ? whole_forward(c, w, kind) : real_forward(c, &w, kind);
}

/* What a gradient needs to know of each element of y besides its value. */
struct group {
    double product; /* of the elements that are not 0 */
    int64_t n_zero;
    bool is_taken; /* max, min: an earlier element has the gradient */
};

static double slope(enum kind kind, double x, double y, int64_t n_each, struct group *g)
{
    switch (kind) {
    case MEAN:
        return 1 / (double)n_each;
    case MAX:
    case MIN:
        if (g->is_taken || !(x == y || isnan(x))) return 0;
        g->is_taken = true;
        return 1;
    case PROD:
        if (g->n_zero > 1) return 0;
        if (g->n_zero == 1) return x == 0 ? g->product : 0;
        return g->product / x;
    case L1:
        return (x > 0) - (x < 0);
    case L2:
        return y > 0 ? x / y : 0;
    case LOG_SUM:
        return exp(-y);
    case LOG_SUM_EXP:
        return exp(x - y);
    case SUM_SQUARE:
        return 2 * x;
    default:
        return 1;
    }
}

static void count_zeroes(const struct fet_op_call *c, struct fet_walk w, struct group *groups)
{
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            struct group *g = groups + w.at[1] + i * w.step[1];
            const double x = fet_read_real(c->x[0], w.at[0] + i);
            if (x == 0) g->n_zero++;
            if (x != 0) g->product *= x;
        }
    }
}

static fet_status backward(const struct fet_op_call *c, enum kind kind)
{
    struct fet_walk w;
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    const int64_t n_y = fet_tensor_count(c->y[0]);
    const int64_t n_each = n_y > 0 ? fet_tensor_count(c->x[0]) / n_y : 0;
    FET_TRY(start(c, &w));
    struct group *groups = fet_alloc(n_y, sizeof *groups);
    if (groups == NULL) return FET_FAIL_MEMORY("reduce", n_y * (int64_t)sizeof *groups);
    for (int64_t i = 0; i < n_y; i++) groups[i].product = 1;
    if (kind == PROD) count_zeroes(c, w, groups);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t k = w.at[1] + i * w.step[1];
            const double x = fet_read_real(c->x[0], w.at[0] + i);
            const double y = fet_read_real(c->y[0], k);
            const double d = slope(kind, x, y, n_each, &groups[k]) * fet_read_real(c->dy[0], k);
            fet_add_real(c->dx[0], w.at[0] + i, 1, 1, &d);
        }
    }
    fet_free(groups);
    return FET_OK;
}

/* One operator; its cases are id_cases in reduce_cases.h. */
#include "reduce_cases.h"

#define REDUCE(id, kind, its_infer, type)                        \
    static fet_status id##_forward(const struct fet_op_call *c)  \
    {                                                            \
        return forward(c, kind);                                 \
    }                                                            \
    static fet_status id##_backward(const struct fet_op_call *c) \
    {                                                            \
        return backward(c, kind);                                \
    }                                                            \
    const struct fet_op fet_op_reduce_##id = {                   \
        .name = "reduce_" #id,                                   \
        .attrs = attrs,                                          \
        .min_x = 1,                                              \
        .max_x = 2,                                              \
        .n_y = 1,                                                \
        .infer = (its_infer),                                    \
        .forward = id##_forward,                                 \
        .backward = id##_backward,                               \
        .onnx_type = (type),                                     \
        .onnx_since = 1,                                         \
        .cases = id##_cases,                                     \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0],     \
    }

REDUCE(sum, SUM, number_infer, "ReduceSum");
REDUCE(mean, MEAN, number_infer, "ReduceMean");
REDUCE(max, MAX, shape_infer, "ReduceMax");
REDUCE(min, MIN, shape_infer, "ReduceMin");
REDUCE(prod, PROD, number_infer, "ReduceProd");
REDUCE(l1, L1, number_infer, "ReduceL1");
REDUCE(l2, L2, number_infer, "ReduceL2");
REDUCE(log_sum, LOG_SUM, number_infer, "ReduceLogSum");
REDUCE(log_sum_exp, LOG_SUM_EXP, number_infer, "ReduceLogSumExp");
REDUCE(sum_square, SUM_SQUARE, number_infer, "ReduceSumSquare");
