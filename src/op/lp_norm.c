/* lp_norm: y = x / |x|_p along one axis, p = 1 or 2; a line of zeros stays zero. Backward, with
 * n = |x|_p and s = sum(dy y): dx = (dy - s sign(x)) / n for p = 1, (dy - s y) / n for p = 2. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-1", "the axis that gets length 1"},
    {"p", FET_ATTR_INT, "2", "1 or 2"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    int axis = 0;
    const int64_t p = fet_op_int(c, "p");
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_attr_axis(c, "axis", c->x[0]->shape.n_dims, &axis));
    if (p != 1 && p != 2)
        return FET_FAIL(FET_ARGUMENT, "lp_norm: p of %lld, wanted 1 or 2", (long long)p);
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

static double norm_of(const double *x, int64_t n, int64_t p)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += p == 1 ? fabs(x[i]) : x[i] * x[i];
    return p == 1 ? sum : sqrt(sum);
}

/* x becomes y; or with dy, that becomes dx. */
static void run_line(double *x, double *dy, int64_t n, int64_t p)
{
    double sum = 0;
    const double norm = norm_of(x, n, p);
    for (int64_t i = 0; i < n && dy != NULL; i++) sum += norm > 0 ? dy[i] * x[i] / norm : 0;
    for (int64_t i = 0; i < n; i++) {
        const double y = norm > 0 ? x[i] / norm : norm;
        const double slope = p == 2 ? y : (double)((x[i] > 0) - (x[i] < 0));
        if (dy != NULL)
            dy[i] = norm > 0 ? (dy[i] - sum * slope) / norm : 0;
        else
            x[i] = y;
    }
}

static fet_status run(const struct fet_op_call *c, bool is_backward)
{
    int axis = 0;
    const struct fet_shape *const s = &c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", s->n_dims, &axis));
    const int64_t n = s->dims[axis], inner = fet_op_span(s, axis + 1, s->n_dims);
    if (fet_op_count(s) == 0) return FET_OK;
    double *const x = fet_alloc(2 * n, sizeof *x), *const dy = is_backward ? x + n : NULL;
    if (x == NULL) return FET_FAIL_MEMORY("lp_norm", n * 16);
    for (int64_t i = 0; i < fet_op_span(s, 0, axis) * inner; i++) {
        const int64_t at = i / inner * n * inner + i % inner;
        fet_load_real(c->x[0], at, inner, n, x);
        if (is_backward) fet_load_real(c->dy[0], at, inner, n, dy);
        run_line(x, dy, n, fet_op_int(c, "p"));
        if (is_backward)
            fet_add_real(c->dx[0], at, inner, n, dy);
        else
            fet_store_real(c->y[0], at, inner, n, x);
    }
    fet_free(x);
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    return run(c, false);
}

static fet_status backward(const struct fet_op_call *c)
{
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    return run(c, true);
}

static const struct fet_op_case cases[] = {
    {.name = "length",
     .attrs = "",
     .inputs = "f32[2,2]={3,-4,0,0}",
     .wanted = "f32[2,2]={0.6,-0.8,0,0}"},
    {.name = "sum along columns",
     .attrs = "axis=0 p=1",
     .inputs = "f32[2,2]={1,-2,3,2}",
     .wanted = "f32[2,2]={0.25,-0.5,0.75,0.5}"},
    {.name = "gradient", .attrs = "axis=1", .inputs = "f64[2,3,2]", .has_gradient = true},
    {.name = "gradient of sums", .attrs = "p=1", .inputs = "f64[2,4]", .has_gradient = true},
    {.name = "cubes", .attrs = "p=3", .inputs = "f32[2]", .refusal = "p of 3"},
};

const struct fet_op fet_op_lp_norm = {
    .name = "lp_norm",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "LpNormalization",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
