/* Normalisation over the last dimensions, from `axis` on:
 *   layer_norm  y = (x - mean) / sqrt(var + eps) scale + bias     Ba 2016
 *   rms_norm    y = x / sqrt(mean(x^2) + eps) scale               Zhang 2019
 * scale and bias broadcast to x. layer_norm also gives mean and 1 / sqrt(var + eps).
 * Backward, with r = 1/sqrt(...), n = (x - mean) r, g = dy scale: dx = r (g - mean(g) - n mean(g
 * n)), without mean(g) for rms_norm. */
#include "window.h"

#include <math.h>

#include "elementwise.h"

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-1", "the first dimension that is normalised over"},
    {"epsilon", FET_ATTR_REAL, "1e-5", "added to the variance"},
    {"stash_type", FET_ATTR_INT, "1", "the type of the statistics; always double here"},
    {0},
};

static bool is_rms(const struct fet_op_call *c)
{
    return c->op->n_y == 1;
}

static fet_status infer_norm(const struct fet_op_call *c)
{
    int axis = 0;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_attr_axis(c, "axis", c->x[0]->shape.n_dims, &axis));
    for (int i = 1; i < c->n_x; i++) {
        struct fet_shape both = {0};
        if (c->x[i] == NULL) continue;
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
        FET_TRY(fet_broadcast_shape(c, &c->x[i]->shape, &c->x[0]->shape, &both));
        if (!fet_shape_is_equal(&both, &c->x[0]->shape))
            return FET_FAIL(FET_SHAPE, "%s: input %d does not broadcast to input 0", c->op->name,
                            i);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    if (is_rms(c)) return FET_OK;
    struct fet_shape means = c->x[0]->shape;
    for (int i = axis; i < means.n_dims; i++) means.dims[i] = 1;
    fet_op_set_y(c, 1, c->x[0]->dtype, &means);
    fet_op_set_y(c, 2, c->x[0]->dtype, &means);
    return FET_OK;
}

/* All that both directions need. */
struct norm {
    int64_t n_rows, n;
    double *x, *scale, *bias; /* owned; scale and bias spread over x; bias NULL = none */
};

/* The elements of input i as if it had the shape of x. */
static fet_status spread(const struct fet_op_call *c, int i, double **v)
{
    struct fet_walk w;
    const struct fet_shape *const x = &c->x[0]->shape, *const s = &c->x[i]->shape;
    double *const out = fet_alloc(fet_op_count(x), sizeof *out);
    if (out == NULL) return FET_FAIL_MEMORY(c->op->name, fet_op_count(x) * 8);
    fet_walk_start(&w, x, 2, (const struct fet_shape *const[]){NULL, s});
    for (; fet_op_count(x) > 0 && !w.is_done; fet_walk_next(&w))
        for (int64_t k = 0; k < w.n; k++)
            out[w.at[0] + k * w.step[0]] = fet_read_real(c->x[i], w.at[1] + k * w.step[1]);
    *v = out;
    return FET_OK;
}

static void norm_finish(struct norm *m)
{
    fet_free(m->x);
    fet_free(m->scale);
    fet_free(m->bias);
}

static fet_status norm_start(const struct fet_op_call *c, struct norm *m)
{
    int axis = 0;
    fet_status st = FET_OK;
    const struct fet_shape *const x = &c->x[0]->shape;
    *m = (struct norm){0};
    FET_TRY(fet_op_attr_axis(c, "axis", x->n_dims, &axis));
    m->n_rows = fet_op_span(x, 0, axis);
    m->n = fet_op_span(x, axis, x->n_dims);
    m->x = fet_reals_of(c->x[0]);
    if (m->x == NULL) FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, fet_op_count(x) * 8));
    FET_TRY_OUT(spread(c, 1, &m->scale));
    if (fet_op_x(c, 2) != NULL) FET_TRY_OUT(spread(c, 2, &m->bias));
    return FET_OK;
out:
    norm_finish(m);
    return st;
}

static void statistics(const struct fet_op_call *c, const struct norm *m, int64_t row, double *mean,
                       double *r)
{
    const double *const x = m->x + row * m->n;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < m->n && !is_rms(c); i++) sum += x[i];
    *mean = sum / (double)m->n;
    if (is_rms(c)) *mean = 0;
    for (int64_t i = 0; i < m->n; i++) squares += (x[i] - *mean) * (x[i] - *mean);
    *r = 1 / sqrt(squares / (double)m->n + fet_op_real(c, "epsilon"));
}

static fet_status norm_forward(const struct fet_op_call *c)
{
    struct norm m;
    FET_TRY(norm_start(c, &m));
    for (int64_t row = 0; row < m.n_rows; row++) {
        double mean = 0, r = 0;
        statistics(c, &m, row, &mean, &r);
        for (int64_t i = row * m.n; i < (row + 1) * m.n; i++) {
            const double y = (m.x[i] - mean) * r * m.scale[i];
            fet_write_real(c->y[0], i, y + (m.bias != NULL ? m.bias[i] : 0));
        }
        if (is_rms(c)) continue;
        fet_write_real(c->y[1], row, mean);
        fet_write_real(c->y[2], row, r);
    }
    norm_finish(&m);
    return FET_OK;
}

/* What is known of a row and arrives at it. */
struct row {
    double mean, r;
    double dmean, dr; /* gradients of the outputs mean and 1 / sqrt(var + eps) */
};

/* One row's dx, and the gradient of the scale before it is summed over broadcasting. With
 * dr/dx = -r^2 n / N and dmean/dx = 1 / N. */
static void row_back(const struct norm *m, bool centres, int64_t i_row, const struct row *row,
                     const double *dy, double *dx, double *dscale)
{
    const double N = (double)m->n;
    double sum_g = 0, sum_gn = 0;
    for (int64_t i = i_row * m->n; i < (i_row + 1) * m->n; i++) {
        const double g = dy[i] * m->scale[i], n = (m->x[i] - row->mean) * row->r;
        sum_g += g;
        sum_gn += g * n;
        dscale[i] = dy[i] * n;
    }
    for (int64_t i = i_row * m->n; i < (i_row + 1) * m->n; i++) {
        const double g = dy[i] * m->scale[i], n = (m->x[i] - row->mean) * row->r;
        dx[i] = row->r * (g - (centres ? sum_g / N : 0) - n * sum_gn / N);
        dx[i] += (row->dmean - row->dr * row->r * row->r * n) / N;
    }
}

static double arriving(const struct fet_op_call *c, int i, int64_t row)
{
    if (is_rms(c) || fet_op_dy(c, i) == NULL) return 0;
    return fet_read_real(c->dy[i], row);
}

static fet_status give_out(const struct fet_op_call *c, int i, const double *v)
{
    const struct fet_shape *const x = &c->x[0]->shape;
    struct fet_sum s = {0};
    struct fet_walk w;
    if (fet_op_dx(c, i) == NULL) return FET_OK;
    FET_TRY(fet_sum_start(&s, fet_op_dx(c, i)));
    fet_walk_start(&w, x, 2, (const struct fet_shape *const[]){NULL, &c->x[i]->shape});
    for (; fet_op_count(x) > 0 && !w.is_done; fet_walk_next(&w))
        for (int64_t k = 0; k < w.n; k++)
            s.v[w.at[1] + k * w.step[1]] += v[w.at[0] + k * w.step[0]];
    fet_sum_finish(&s);
    fet_sum_deinit(&s);
    return FET_OK;
}

static fet_status norm_backward(const struct fet_op_call *c)
{
    struct norm m;
    fet_status st = FET_OK;
    FET_TRY(norm_start(c, &m));
    const int64_t n = m.n_rows * m.n;
    const bool has_dy = fet_op_dy(c, 0) != NULL;
    double *const dy = has_dy ? fet_reals_of(c->dy[0]) : fet_alloc(n, sizeof *dy);
    double *const dx = fet_alloc(n, sizeof *dx);
    double *const dscale = fet_alloc(n, sizeof *dscale);
    if (dy == NULL || dx == NULL || dscale == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, n * 8));
    for (int64_t row = 0; row < m.n_rows; row++) {
        struct row known = {.dmean = arriving(c, 1, row), .dr = arriving(c, 2, row)};
        statistics(c, &m, row, &known.mean, &known.r);
        row_back(&m, !is_rms(c), row, &known, dy, dx, dscale);
    }
    FET_TRY_OUT(give_out(c, 0, dx));
    FET_TRY_OUT(give_out(c, 1, dscale));
    FET_TRY_OUT(give_out(c, 2, dy));
out:
    norm_finish(&m);
    fet_free(dy);
    fet_free(dx);
    fet_free(dscale);
    return st;
}

static const struct fet_op_case layer_cases[] = {
    {.name = "rows",
     .attrs = "epsilon=0",
     .inputs = "f32[2,2]={1,3,5,1} f32[2]={1,2} f32[2]={0,10}",
     .wanted = "f32[2,2]={-1,12,1,8} f32[2,1]={2,3} f32[2,1]={1,0.5}"},
    {.name = "gradient",
     .attrs = "axis=1 epsilon=0.1",
     .inputs = "f64[2,3,2] f64[3,1] f64[2]",
     .has_gradient = true},
    {.name = "wrong bias", .attrs = "", .inputs = "f32[2,2] f32[2] f32[3]", .refusal = "3"},
    {.name = "wrong axis", .attrs = "axis=2", .inputs = "f32[2,2] f32[2]", .refusal = "axis 2"},
};

static const struct fet_op_case rms_cases[] = {
    {.name = "rows",
     .attrs = "epsilon=0",
     .inputs = "f32[2,2]={1,7,-2,2} f32[2]={1,2}",
     .wanted = "f32[2,2]={0.2,2.8,-1,2}"},
    {.name = "gradient",
     .attrs = "axis=1 epsilon=0.1",
     .inputs = "f64[2,3,2] f64[3,1]",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i32[2,2] i32[2]", .refusal = "is I32"},
};

const struct fet_op fet_op_layer_norm = {
    .name = "layer_norm",
    .paper = "Ba 2016",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 3,
    .infer = infer_norm,
    .forward = norm_forward,
    .backward = norm_backward,
    .onnx_type = "LayerNormalization",
    .onnx_since = 17,
    .cases = layer_cases,
    .n_cases = sizeof layer_cases / sizeof layer_cases[0],
};

const struct fet_op fet_op_rms_norm = {
    .name = "rms_norm",
    .paper = "Zhang 2019",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = infer_norm,
    .forward = norm_forward,
    .backward = norm_backward,
    .onnx_type = "RMSNormalization",
    .onnx_since = 23,
    .cases = rms_cases,
    .n_cases = sizeof rms_cases / sizeof rms_cases[0],
};
