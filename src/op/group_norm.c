/* Normalisation of x [N,C,D...] over groups of neighbouring channels, example by example:
 *   group_norm     y = scale (x - m) / sqrt(v + epsilon) + bias, num_groups groups     Wu 2018
 *   instance_norm  the same with every channel a group of its own                    Ulyanov 2016
 * m and v are the mean and the variance over a group; scale and bias are [C]. Backward, with
 * r = 1 / sqrt(v + epsilon), h = (x - m) r and g = dy scale: dx = r (g - mean(g) - h mean(g h)). */
#include "elementwise.h"

#include <math.h>

static const struct fet_attr group_attrs[] = {
    {"epsilon", FET_ATTR_REAL, "1e-5", "added to the variance"},
    {"num_groups", FET_ATTR_INT, NULL, "channels are cut into that many groups"},
    {"stash_type", FET_ATTR_INT, "1", "the type of the statistics; always double here"},
    {0},
};

static const struct fet_attr instance_attrs[] = {
    {"epsilon", FET_ATTR_REAL, "1e-5", "added to the variance"},
    {0},
};

/* A group is n elements in a row: C / groups channels of D each. */
struct sizes {
    int64_t N, C, D, groups, n;
};

static struct sizes sizes_of(const struct fet_op_call *c)
{
    const struct fet_shape *const x = &c->x[0]->shape;
    struct sizes s = {.N = x->dims[0], .C = x->dims[1], .D = fet_op_span(x, 2, x->n_dims)};
    s.groups = c->op->attrs == group_attrs ? fet_op_int(c, "num_groups") : s.C;
    s.n = s.groups > 0 ? s.C / s.groups * s.D : 0;
    return s;
}

static fet_status infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    const int64_t n_channels = c->x[0]->shape.dims[1];
    for (int i = 1; i < 3; i++) {
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
        FET_TRY(fet_op_need_rank(c, i, 1, 1));
        if (c->x[i]->shape.dims[0] != n_channels)
            return FET_FAIL(FET_SHAPE, "%s: input %d holds %lld numbers for %lld channels",
                            c->op->name, i, (long long)c->x[i]->shape.dims[0],
                            (long long)n_channels);
    }
    if (c->op->attrs == group_attrs) {
        const int64_t groups = fet_op_int(c, "num_groups");
        if (groups < 1 || n_channels % groups != 0)
            return FET_FAIL(FET_SHAPE, "group_norm: %lld channels in %lld groups",
                            (long long)n_channels, (long long)groups);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* Mean and 1 / sqrt(variance + epsilon) of the n elements from `at` on. */
static void statistics(const struct fet_op_call *c, int64_t at, int64_t n, double *mean, double *r)
{
    double line[FET_LINE], sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i += FET_LINE) {
        const int64_t n_line = n - i < FET_LINE ? n - i : FET_LINE;
        fet_load_real(c->x[0], at + i, 1, n_line, line);
        for (int64_t k = 0; k < n_line; k++) sum += line[k];
    }
    *mean = sum / (double)n;
    for (int64_t i = 0; i < n; i += FET_LINE) {
        const int64_t n_line = n - i < FET_LINE ? n - i : FET_LINE;
        fet_load_real(c->x[0], at + i, 1, n_line, line);
        for (int64_t k = 0; k < n_line; k++) squares += (line[k] - *mean) * (line[k] - *mean);
    }
    *r = 1 / sqrt(squares / (double)n + fet_op_real(c, "epsilon"));
}

struct work {
    const struct fet_op_call *c;
    struct sizes s;
};

/* Group k of N * groups. */
static fet_status forward_group(void *self, int64_t k, int worker)
{
    const struct work *const w = self;
    const struct fet_op_call *const c = w->c;
    const int64_t per_group = w->s.C / w->s.groups;
    double line[FET_LINE], mean = 0, r = 0;
    (void)worker;
    statistics(c, k * w->s.n, w->s.n, &mean, &r);
    for (int64_t channel = 0; channel < per_group; channel++) {
        const int64_t i_scale = k % w->s.groups * per_group + channel;
        const double factor = fet_read_real(c->x[1], i_scale) * r;
        const double bias = fet_read_real(c->x[2], i_scale);
        for (int64_t i = 0; i < w->s.D; i += FET_LINE) {
            const int64_t n = w->s.D - i < FET_LINE ? w->s.D - i : FET_LINE;
            const int64_t at = k * w->s.n + channel * w->s.D + i;
            fet_load_real(c->x[0], at, 1, n, line);
            for (int64_t j = 0; j < n; j++) line[j] = (line[j] - mean) * factor + bias;
            fet_store_real(c->y[0], at, 1, n, line);
        }
    }
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct work w = {c, sizes_of(c)};
    if (fet_tensor_count(c->x[0]) == 0) return FET_OK;
    return fet_pool_run(c->pool, w.s.N * w.s.groups, forward_group, &w);
}

/* One group; dscale and dbias (v may be NULL) get what its channels add. */
static void group_back(const struct work *w, int64_t k, struct fet_sum *dscale,
                       struct fet_sum *dbias)
{
    const struct fet_op_call *const c = w->c;
    const int64_t per_group = w->s.C / w->s.groups, n = w->s.n;
    double mean = 0, r = 0, sum_g = 0, sum_gh = 0;
    statistics(c, k * n, n, &mean, &r);
    for (int64_t i = 0; i < n; i++) {
        const int64_t i_scale = k % w->s.groups * per_group + i / w->s.D;
        const double dy = fet_read_real(c->dy[0], k * n + i);
        const double h = (fet_read_real(c->x[0], k * n + i) - mean) * r;
        const double g = dy * fet_read_real(c->x[1], i_scale);
        sum_g += g;
        sum_gh += g * h;
        if (dscale->v != NULL) dscale->v[i_scale] += dy * h;
        if (dbias->v != NULL) dbias->v[i_scale] += dy;
    }
    for (int64_t i = 0; i < n && fet_op_dx(c, 0) != NULL; i++) {
        const int64_t i_scale = k % w->s.groups * per_group + i / w->s.D;
        const double h = (fet_read_real(c->x[0], k * n + i) - mean) * r;
        const double g = fet_read_real(c->dy[0], k * n + i) * fet_read_real(c->x[1], i_scale);
        const double d = r * (g - sum_g / (double)n - h * sum_gh / (double)n);
        fet_add_real(c->dx[0], k * n + i, 1, 1, &d);
    }
}

static fet_status backward(const struct fet_op_call *c)
{
    const struct work w = {c, sizes_of(c)};
    struct fet_sum dscale = {0}, dbias = {0};
    fet_status st = FET_OK;
    if (fet_op_dy(c, 0) == NULL || fet_tensor_count(c->x[0]) == 0) return FET_OK;
    FET_TRY_OUT(fet_sum_start(&dscale, fet_op_dx(c, 1)));
    FET_TRY_OUT(fet_sum_start(&dbias, fet_op_dx(c, 2)));
    for (int64_t k = 0; k < w.s.N * w.s.groups; k++) group_back(&w, k, &dscale, &dbias);
    fet_sum_finish(&dscale);
    fet_sum_finish(&dbias);
out:
    fet_sum_deinit(&dscale);
    fet_sum_deinit(&dbias);
    return st;
}

static const struct fet_op_case group_cases[] = {
    {.name = "two groups of two",
     .attrs = "num_groups=2 epsilon=0",
     .inputs = "f32[1,4,1]={1,3,10,30} f32[4]={1,2,1,2} f32[4]={0,0,1,1}",
     .wanted = "f32[1,4,1]={-1,2,0,3}"},
    {.name = "gradient",
     .attrs = "num_groups=2 epsilon=0.1",
     .inputs = "f64[2,4,3] f64[4] f64[4]",
     .has_gradient = true},
    {.name = "groups that do not fit",
     .attrs = "num_groups=3",
     .inputs = "f32[1,4,1] f32[4] f32[4]",
     .refusal = "4 channels in 3 groups"},
    {.name = "scales that do not fit",
     .attrs = "num_groups=2",
     .inputs = "f32[1,4,1] f32[2] f32[4]",
     .refusal = "input 1 holds 2 numbers for 4 channels"},
};

static const struct fet_op_case instance_cases[] = {
    {.name = "each channel",
     .attrs = "epsilon=0",
     .inputs = "f32[1,2,2]={1,3,10,30} f32[2]={1,2} f32[2]={0,1}",
     .wanted = "f32[1,2,2]={-1,1,-1,3}"},
    {.name = "gradient",
     .attrs = "epsilon=0.1",
     .inputs = "f64[2,3,2,2] f64[3] f64[3]",
     .has_gradient = true},
    {.name = "one dimension", .attrs = "", .inputs = "f32[4] f32[4] f32[4]", .refusal = "[4]"},
};

const struct fet_op fet_op_group_norm = {
    .name = "group_norm",
    .paper = "Wu 2018",
    .attrs = group_attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "GroupNormalization",
    .onnx_since = 21,
    .cases = group_cases,
    .n_cases = sizeof group_cases / sizeof group_cases[0],
};

const struct fet_op fet_op_instance_norm = {
    .name = "instance_norm",
    .paper = "Ulyanov 2016",
    .attrs = instance_attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "InstanceNormalization",
    .onnx_since = 6,
    .cases = instance_cases,
    .n_cases = sizeof instance_cases / sizeof instance_cases[0],
};
