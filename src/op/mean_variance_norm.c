/* mean_variance_norm: y = (x - m) / (d + 1e-9), where m and d are the mean and the standard
 * deviation over `axes`, the batch and space when unset. With r = 1 / (d + 1e-9), h = (x - m) / d:
 * dx = r (dy - mean(dy) - h mean(dy (x - m)) r). */
#include "broadcast.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"axes", FET_ATTR_INTS, "0,2,3", "the axes that statistics go over"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    bool is_marked[FET_MAX_DIMS];
    const struct fet_attr_value *const axes = fet_op_attr(c, "axes");
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_axes(c, axes->ints, axes->n, c->x[0]->shape.n_dims, is_marked));
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* Elements that are normalised together are a group. */
struct groups {
    struct fet_shape shape; /* x's, with 1 along the axes */
    int64_t n;
    double size; /* elements of a group */
    double *mean, *deviation, *sum_dy, *sum_dyx;
};

static void walk_start(const struct fet_op_call *c, const struct groups *g, struct fet_walk *w)
{
    fet_walk_start(w, &c->x[0]->shape, 2, (const struct fet_shape *const[]){NULL, &g->shape});
}

/* x is not empty. */
static fet_status groups_init(const struct fet_op_call *c, struct groups *g)
{
    bool is_marked[FET_MAX_DIMS];
    struct fet_walk w;
    const struct fet_attr_value *const axes = fet_op_attr(c, "axes");
    *g = (struct groups){.shape = c->x[0]->shape};
    FET_TRY(fet_op_axes(c, axes->ints, axes->n, g->shape.n_dims, is_marked));
    for (int i = 0; i < g->shape.n_dims; i++)
        if (is_marked[i]) g->shape.dims[i] = 1;
    g->n = fet_op_count(&g->shape);
    g->size = (double)(fet_tensor_count(c->x[0]) / g->n);
    g->mean = fet_alloc(4 * g->n, sizeof *g->mean);
    if (g->mean == NULL) return FET_FAIL_MEMORY("mean_variance_norm", g->n * 32);
    g->deviation = g->mean + g->n;
    g->sum_dy = g->deviation + g->n;
    g->sum_dyx = g->sum_dy + g->n;
    for (walk_start(c, g, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++)
            g->mean[w.at[1] + i * w.step[1]] +=
                fet_read_real(c->x[0], w.at[0] + i * w.step[0]) / g->size;
    for (walk_start(c, g, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t k = w.at[1] + i * w.step[1];
            const double d = fet_read_real(c->x[0], w.at[0] + i * w.step[0]) - g->mean[k];
            g->deviation[k] += d * d / g->size;
        }
    for (int64_t k = 0; k < g->n; k++) g->deviation[k] = sqrt(g->deviation[k]);
    return FET_OK;
}

static const double tiny = 1e-9;

static fet_status forward(const struct fet_op_call *c)
{
    struct groups g;
    struct fet_walk w;
    if (fet_tensor_count(c->x[0]) == 0) return FET_OK;
    FET_TRY(groups_init(c, &g));
    for (walk_start(c, &g, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at = w.at[0] + i * w.step[0], k = w.at[1] + i * w.step[1];
            fet_write_real(c->y[0], at,
                           (fet_read_real(c->x[0], at) - g.mean[k]) / (g.deviation[k] + tiny));
        }
    fet_free(g.mean);
    return FET_OK;
}

static fet_status backward(const struct fet_op_call *c)
{
    struct groups g;
    struct fet_walk w;
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    if (fet_tensor_count(c->x[0]) == 0) return FET_OK;
    FET_TRY(groups_init(c, &g));
    for (walk_start(c, &g, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at = w.at[0] + i * w.step[0], k = w.at[1] + i * w.step[1];
            const double dy = fet_read_real(c->dy[0], at);
            g.sum_dy[k] += dy;
            g.sum_dyx[k] += dy * (fet_read_real(c->x[0], at) - g.mean[k]);
        }
    for (walk_start(c, &g, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at = w.at[0] + i * w.step[0], k = w.at[1] + i * w.step[1];
            const double r = 1 / (g.deviation[k] + tiny);
            const double from_mean = fet_read_real(c->x[0], at) - g.mean[k];
            const double h = g.deviation[k] > 0 ? from_mean / g.deviation[k] : 0;
            const double mean_dy = g.sum_dy[k] / g.size, mean_dyx = g.sum_dyx[k] / g.size;
            const double d = r * (fet_read_real(c->dy[0], at) - mean_dy - h * mean_dyx * r);
            fet_add_real(c->dx[0], at, 1, 1, &d);
        }
    fet_free(g.mean);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "batch and space of each channel",
     .attrs = "",
     .inputs = "f32[2,2,1,1]={1,10,3,10}",
     .wanted = "f32[2,2,1,1]={-1,0,1,0}"},
    {.name = "gradient", .attrs = "axes=0,-1", .inputs = "f64[2,3,2]", .has_gradient = true},
    {.name = "an axis too many", .attrs = "", .inputs = "f32[2,2]", .refusal = "axis 2"},
};

const struct fet_op fet_op_mean_variance_norm = {
    .name = "mean_variance_norm",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "MeanVarianceNormalization",
    .onnx_since = 9,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
