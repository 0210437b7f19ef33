/* resize: another size along some axes, by sampling between the pixels. Inputs: x, roi (for
 * tf_crop_and_resize), scales, sizes; scales or sizes must be given. The output coordinate o maps
 * to an input coordinate u by coordinate_transformation_mode; around it are weighed
 *   nearest  one pixel, chosen by nearest_mode
 *   linear   two, by distance
 *   cubic    four, by Keys 1981 with coefficient a
 * antialias widens the filter by 1/scale when shrinking. exclude_outside leaves pixels outside out
 * and rescales the weights; else the border is repeated. Weights are found once per axis, and each
 * axis is resampled in turn (the filters are separable). */
#include "window.h"

#include <math.h>
#include <string.h>

static const struct fet_attr attrs[] = {
    {"antialias", FET_ATTR_INT, "0", "1 = widen the filter when shrinking"},
    {"axes", FET_ATTR_INTS, "", "what roi, scales and sizes speak of; all when unset"},
    {"coordinate_transformation_mode", FET_ATTR_TEXT, "half_pixel", "where an output lies"},
    {"cubic_coeff_a", FET_ATTR_REAL, "-0.75", "the coefficient of cubic"},
    {"exclude_outside", FET_ATTR_INT, "0", "1 = no weight outside"},
    {"extrapolation_value", FET_ATTR_REAL, "0", "outside, for tf_crop_and_resize"},
    {"keep_aspect_ratio_policy", FET_ATTR_TEXT, "stretch", "stretch, not_larger, not_smaller"},
    {"mode", FET_ATTR_TEXT, "nearest", "nearest, linear or cubic"},
    {"nearest_mode", FET_ATTR_TEXT, "round_prefer_floor", "also round_prefer_ceil, floor, ceil"},
    {0},
};

struct axis {
    int64_t in, out;
    double scale, start, end; /* start, end: of the region, as shares of the axis */
    bool is_named;            /* among `axes` */
};

/* ---- sizes ---- */

static fet_status name_axes(const struct fet_op_call *c, int axes[FET_MAX_DIMS], int *n)
{
    const struct fet_attr_value *const v = fet_op_attr(c, "axes");
    const int rank = c->x[0]->shape.n_dims;
    bool is_marked[FET_MAX_DIMS];
    *n = rank;
    for (int i = 0; i < rank; i++) axes[i] = i;
    if (!v->is_set || v->n == 0) return FET_OK;
    FET_TRY(fet_op_axes(c, v->ints, v->n, rank, is_marked));
    for (int64_t i = 0; i < v->n; i++) FET_TRY(fet_op_axis(c, v->ints[i], rank, &axes[i]));
    *n = (int)v->n;
    return FET_OK;
}

/* The numbers of input i, exactly n of them; an empty input counts as left out. */
static fet_status read_reals(const struct fet_op_call *c, int i, int n, double *out, bool *has)
{
    *has = fet_op_x(c, i) != NULL && fet_op_count(&c->x[i]->shape) > 0;
    if (!*has) return FET_OK;
    if (fet_op_count(&c->x[i]->shape) != n)
        return FET_FAIL(FET_SHAPE, "resize: input %d holds %lld numbers, %d are wanted", i,
                        (long long)fet_op_count(&c->x[i]->shape), n);
    FET_TRY(fet_op_need_value(c, i));
    for (int k = 0; k < n; k++) out[k] = fet_read_real(c->x[i], k);
    return FET_OK;
}

static fet_status size_by_scales(const struct fet_op_call *c, struct axis *a, double scale)
{
    const double share = fet_op_text_is(c, "coordinate_transformation_mode", "tf_crop_and_resize")
                             ? a->end - a->start
                             : 1;
    const double out = floor((double)a->in * share * scale);
    if (!(scale > 0) || !(out >= 0) || out > 1e9)
        return FET_FAIL(FET_ARGUMENT, "resize: a scale of %g", scale);
    a->scale = scale;
    a->out = (int64_t)out;
    return FET_OK;
}

/* One scale for all named axes, the least or the most of them, unless they may be stretched. */
static void keep_aspect(const struct fet_op_call *c, struct axis *a, const int *axes, int n,
                        const double *sizes)
{
    const bool is_least = fet_op_text_is(c, "keep_aspect_ratio_policy", "not_larger");
    const bool is_most = fet_op_text_is(c, "keep_aspect_ratio_policy", "not_smaller");
    double scale = is_least ? (double)INFINITY : 0;
    for (int i = 0; i < n; i++) {
        struct axis *const at = &a[axes[i]];
        at->out = (int64_t)sizes[i];
        at->scale = at->in > 0 ? sizes[i] / (double)at->in : 1;
        scale = is_least ? fmin(scale, at->scale) : fmax(scale, at->scale);
    }
    for (int i = 0; i < n && (is_least || is_most); i++) {
        a[axes[i]].scale = scale;
        a[axes[i]].out = (int64_t)floor(scale * (double)a[axes[i]].in + 0.5);
    }
}

static fet_status axes_find(const struct fet_op_call *c, struct axis a[FET_MAX_DIMS])
{
    int axes[FET_MAX_DIMS], n = 0;
    double roi[2 * FET_MAX_DIMS], scales[FET_MAX_DIMS], sizes[FET_MAX_DIMS];
    bool has_roi = false, has_scales = false, has_sizes = false;
    const struct fet_shape *const x = &c->x[0]->shape;
    FET_TRY(name_axes(c, axes, &n));
    FET_TRY(read_reals(c, 1, 2 * n, roi, &has_roi));
    FET_TRY(read_reals(c, 2, n, scales, &has_scales));
    FET_TRY(read_reals(c, 3, n, sizes, &has_sizes));
    if (has_scales == has_sizes)
        return FET_FAIL(FET_ARGUMENT, "resize: either scales or sizes are wanted");
    for (int i = 0; i < x->n_dims; i++)
        a[i] = (struct axis){x->dims[i], x->dims[i], 1, 0, 1, false};
    for (int i = 0; i < n; i++) {
        a[axes[i]].is_named = true;
        if (has_roi) a[axes[i]].start = roi[i];
        if (has_roi) a[axes[i]].end = roi[n + i];
        if (has_scales) FET_TRY(size_by_scales(c, &a[axes[i]], scales[i]));
        if (has_sizes && !(sizes[i] >= 0 && sizes[i] <= 1e9))
            return FET_FAIL(FET_ARGUMENT, "resize: a size of %g", sizes[i]);
    }
    if (has_sizes) keep_aspect(c, a, axes, n, sizes);
    for (int i = 0; i < x->n_dims; i++)
        if (a[i].in == 0 && a[i].out > 0)
            return FET_FAIL(FET_SHAPE, "resize: an empty axis cannot grow");
    return FET_OK;
}

static fet_status check_texts(const struct fet_op_call *c)
{
    static const char *const known[][8] = {
        {"mode", "nearest", "linear", "cubic", NULL},
        {"nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", NULL},
        {"keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller", NULL},
        {"coordinate_transformation_mode", "half_pixel", "half_pixel_symmetric",
         "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        bool is_known = false;
        for (int k = 1; known[i][k] != NULL; k++)
            is_known = is_known || fet_op_text_is(c, known[i][0], known[i][k]);
        if (!is_known) return FET_FAIL(FET_UNSUPPORTED, "resize: this %s is unknown", known[i][0]);
    }
    return FET_OK;
}

static fet_status resize_infer(const struct fet_op_call *c)
{
    struct axis a[FET_MAX_DIMS];
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    FET_TRY(check_texts(c));
    for (int i = 1; i < 3; i++)
        if (fet_op_x(c, i) != NULL && !fet_dtype_is_float(c->x[i]->dtype))
            return fet_op_refuse_dtype(c, i, "a float type");
    if (fet_op_x(c, 3) != NULL) FET_TRY(fet_op_need_index(c, 3));
    FET_TRY(axes_find(c, a));
    struct fet_shape y = c->x[0]->shape;
    for (int i = 0; i < y.n_dims; i++) y.dims[i] = a[i].out;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* ---- weights ---- */

/* Row o of a matrix [out, n] of weights; column k belongs to pixel first[o] + k. */
struct taps {
    int64_t n;
    double *weights; /* [out * n] */
    int64_t *pixels; /* [out * n], within the axis; -1 = the value outside */
};

static double coordinate(const struct fet_op_call *c, const struct axis *a, int64_t o)
{
    const char *const mode = fet_op_attr(c, "coordinate_transformation_mode")->text;
    const double x = (double)o, in = (double)a->in, out = (double)a->out;
    if (strcmp(mode, "asymmetric") == 0) return x / a->scale;
    if (strcmp(mode, "pytorch_half_pixel") == 0 && a->out == 1) return -0.5;
    if (strcmp(mode, "align_corners") == 0)
        return a->out == 1 ? 0 : x * (in - 1) / (a->scale * in - 1);
    if (strcmp(mode, "tf_crop_and_resize") == 0)
        return a->out > 1 ? a->start * (in - 1) + x * (a->end - a->start) * (in - 1) / (out - 1)
                          : 0.5 * (a->start + a->end) * (in - 1);
    if (strcmp(mode, "half_pixel_symmetric") == 0) {
        const double adjustment = out / (a->scale * in);
        return in / 2 * (1 - adjustment) + (x + 0.5) / a->scale - 0.5;
    }
    return (x + 0.5) / a->scale - 0.5;
}

static int64_t nearest(const struct fet_op_call *c, double u)
{
    const char *const mode = fet_op_attr(c, "nearest_mode")->text;
    if (strcmp(mode, "floor") == 0) return (int64_t)floor(u);
    if (strcmp(mode, "ceil") == 0) return (int64_t)ceil(u);
    if (strcmp(mode, "round_prefer_ceil") == 0) return (int64_t)floor(u + 0.5);
    return (int64_t)ceil(u - 0.5);
}

/* The filter at distance d. */
static double filter(const struct fet_op_call *c, double d)
{
    d = fabs(d);
    if (fet_op_text_is(c, "mode", "linear")) return d < 1 ? 1 - d : 0;
    const double a = fet_op_real(c, "cubic_coeff_a");
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/* The weights of one output: pixels base .. base + n - 1. */
static void weigh(const struct fet_op_call *c, const struct axis *a, double u, double stretch,
                  double radius, double *weights, int64_t *pixels, int64_t n)
{
    const int64_t base = (int64_t)floor(u - radius / stretch) + 1;
    const bool excludes = fet_op_flag(c, "exclude_outside");
    double sum = 0;
    for (int64_t k = 0; k < n; k++) {
        const int64_t at = base + k;
        const bool is_outside = at < 0 || at >= a->in;
        weights[k] = excludes && is_outside ? 0 : filter(c, ((double)at - u) * stretch);
        pixels[k] = at < 0 ? 0 : at >= a->in ? a->in - 1 : at;
        sum += weights[k];
    }
    for (int64_t k = 0; k < n && sum != 0; k++) weights[k] /= sum;
}

static fet_status taps_find(const struct fet_op_call *c, const struct axis *a, struct taps *t)
{
    const bool is_nearest = fet_op_text_is(c, "mode", "nearest");
    const double radius = fet_op_text_is(c, "mode", "cubic") ? 2 : 1;
    const double stretch = fet_op_flag(c, "antialias") && a->scale < 1 ? a->scale : 1;
    const bool crops = fet_op_text_is(c, "coordinate_transformation_mode", "tf_crop_and_resize");
    *t = (struct taps){.n = is_nearest ? 1 : 2 * (int64_t)ceil(radius / stretch)};
    t->weights = fet_alloc(a->out * t->n, sizeof *t->weights);
    t->pixels = fet_alloc(a->out * t->n, sizeof *t->pixels);
    if (t->weights == NULL || t->pixels == NULL)
        return FET_FAIL_MEMORY("resize", a->out * t->n * 16);
    for (int64_t o = 0; o < a->out; o++) {
        double *const weights = t->weights + o * t->n;
        int64_t *const pixels = t->pixels + o * t->n;
        const double u = coordinate(c, a, o);
        if (is_nearest) {
            const int64_t at = nearest(c, u);
            weights[0] = 1;
            pixels[0] = at < 0 ? 0 : at >= a->in ? a->in - 1 : at;
        } else {
            weigh(c, a, u, stretch, radius, weights, pixels, t->n);
        }
        if (crops && a->is_named && (u < 0 || u > (double)(a->in - 1))) pixels[0] = -1;
    }
    return FET_OK;
}

static void taps_deinit(struct taps *t)
{
    fet_free(t->weights);
    fet_free(t->pixels);
}

/* ---- resampling ---- */

/* y [outer, out, inner] of x [outer, in, inner]. */
static void resample(const struct axis *a, const struct taps *t, int64_t outer, int64_t inner,
                     double outside, const double *x, double *y)
{
    for (int64_t i = 0; i < outer; i++) {
        for (int64_t o = 0; o < a->out; o++) {
            double *const row = y + (i * a->out + o) * inner;
            const bool is_outside = t->pixels[o * t->n] < 0;
            for (int64_t k = 0; k < inner && is_outside; k++) row[k] = outside;
            for (int64_t p = 0; p < t->n && !is_outside; p++) {
                const double w = t->weights[o * t->n + p];
                const double *const from = x + (i * a->in + t->pixels[o * t->n + p]) * inner;
                for (int64_t k = 0; k < inner; k++) row[k] += w != 0 ? w * from[k] : 0;
            }
        }
    }
}

/* Axis i of *v, whose shape is *s. */
static fet_status resample_axis(const struct fet_op_call *c, const struct axis *a, int i,
                                struct fet_shape *s, double **v)
{
    struct taps t = {0};
    int64_t n = 0;
    double *y = NULL;
    const int64_t outer = fet_op_span(s, 0, i), inner = fet_op_span(s, i + 1, s->n_dims);
    s->dims[i] = a->out;
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_shape_count(s, &n));
    FET_TRY_OUT(taps_find(c, a, &t));
    y = fet_alloc(n, sizeof *y);
    if (y == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("resize", n * 8));
    resample(a, &t, outer, inner, fet_op_real(c, "extrapolation_value"), *v, y);
    fet_free(*v);
    *v = y;
out:
    taps_deinit(&t);
    return st;
}

/* Values of integers are rounded to the nearest. */
static void store(struct fet_tensor *y, double *v)
{
    const int64_t n = fet_tensor_count(y);
    if (!fet_dtype_is_float(y->dtype))
        for (int64_t i = 0; i < n; i++) v[i] = rint(v[i]);
    if (n > 0) fet_store_real(y, 0, 1, n, v);
}

/* Not an axis that stays as it is. */
static bool is_resampled(const struct fet_op_call *c, const struct axis *a)
{
    const bool is_same = a->in == a->out && a->scale == 1;
    const bool crops = fet_op_text_is(c, "coordinate_transformation_mode", "tf_crop_and_resize");
    return a->is_named && (!is_same || crops);
}

static fet_status resize_forward(const struct fet_op_call *c)
{
    struct axis a[FET_MAX_DIMS];
    struct fet_shape s = c->x[0]->shape;
    fet_status st = FET_OK;
    FET_TRY(axes_find(c, a));
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    double *v = fet_reals_of(c->x[0]);
    if (v == NULL) return FET_FAIL_MEMORY("resize", fet_tensor_count(c->x[0]) * 8);
    for (int i = 0; i < s.n_dims; i++)
        if (is_resampled(c, &a[i])) FET_TRY_OUT(resample_axis(c, &a[i], i, &s, &v));
    store(c->y[0], v);
out:
    fet_free(v);
    return st;
}

/* ---- backward: what was sampled is laid down again, axis by axis from the last ---- */

/* dx [outer, in, inner] += the weights of dy [outer, out, inner]. */
static void resample_back(const struct axis *a, const struct taps *t, int64_t outer, int64_t inner,
                          const double *dy, double *dx)
{
    for (int64_t i = 0; i < outer; i++) {
        for (int64_t o = 0; o < a->out; o++) {
            const double *const row = dy + (i * a->out + o) * inner;
            const bool is_outside = t->pixels[o * t->n] < 0;
            for (int64_t p = 0; p < t->n && !is_outside; p++) {
                const double w = t->weights[o * t->n + p];
                double *const to = dx + (i * a->in + t->pixels[o * t->n + p]) * inner;
                for (int64_t k = 0; k < inner && w != 0; k++) to[k] += w * row[k];
            }
        }
    }
}

/* Axis i of *v, whose shape is *s. */
static fet_status axis_back(const struct fet_op_call *c, const struct axis *a, int i,
                            struct fet_shape *s, double **v)
{
    struct taps t = {0};
    int64_t n = 0;
    double *dx = NULL;
    const int64_t outer = fet_op_span(s, 0, i), inner = fet_op_span(s, i + 1, s->n_dims);
    s->dims[i] = a->in;
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_shape_count(s, &n));
    FET_TRY_OUT(taps_find(c, a, &t));
    dx = fet_alloc(n, sizeof *dx);
    if (dx == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("resize", n * 8));
    resample_back(a, &t, outer, inner, *v, dx);
    fet_free(*v);
    *v = dx;
out:
    taps_deinit(&t);
    return st;
}

static fet_status resize_backward(const struct fet_op_call *c)
{
    struct axis a[FET_MAX_DIMS];
    fet_status st = FET_OK;
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    FET_TRY(axes_find(c, a));
    struct fet_shape s = c->y[0]->shape;
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    double *v = fet_reals_of(c->dy[0]);
    if (v == NULL) return FET_FAIL_MEMORY("resize", fet_tensor_count(c->y[0]) * 8);
    for (int i = s.n_dims - 1; i >= 0; i--)
        if (is_resampled(c, &a[i])) FET_TRY_OUT(axis_back(c, &a[i], i, &s, &v));
    fet_add_real(c->dx[0], 0, 1, fet_tensor_count(c->dx[0]), v);
out:
    fet_free(v);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "nearest, twice as large",
     .attrs = "",
     .inputs = "f32[2]={1,2} - f32[1]={2}",
     .wanted = "f32[4]={1,1,2,2}"},
    {.name = "linear, half a pixel in",
     .attrs = "mode=linear",
     .inputs = "f32[2]={0,4} - - i64[1]={4}",
     .wanted = "f32[4]={0,1,3,4}"},
    {.name = "linear with corners on corners",
     .attrs = "mode=linear coordinate_transformation_mode=align_corners",
     .inputs = "f32[2]={0,3} - - i64[1]={4}",
     .wanted = "f32[4]={0,1,2,3}"},
    {.name = "shrunk without aliasing",
     .attrs = "mode=linear antialias=1",
     .inputs = "f32[4]={0,4,8,12} - f32[1]={0.5}",
     .wanted = "f32[2]={2.5,9.5}"},
    {.name = "cubic keeps what is even",
     .attrs = "mode=cubic axes=1",
     .inputs = "f32[1,3]={5,5,5} - - i64[1]={5}",
     .wanted = "f32[1,5]={5,5,5,5,5}"},
    {.name = "a region, partly outside",
     .attrs = "mode=linear coordinate_transformation_mode=tf_crop_and_resize "
              "extrapolation_value=9",
     .inputs = "f32[3]={0,1,2} f32[2]={0.5,1.5} - i64[1]={3}",
     .wanted = "f32[3]={1,2,9}"},
    {.name = "gradient, nearest",
     .attrs = "axes=1,2",
     .inputs = "f64[2,2,3] - - i64[2]={4,5}",
     .has_gradient = true},
    {.name = "gradient, linear",
     .attrs = "mode=linear axes=1,2 antialias=1",
     .inputs = "f64[2,4,3] - - i64[2]={2,6}",
     .has_gradient = true},
    {.name = "gradient, cubic",
     .attrs = "mode=cubic coordinate_transformation_mode=align_corners exclude_outside=1",
     .inputs = "f64[4,3] - - i64[2]={7,2}",
     .has_gradient = true},
    {.name = "gradient of a region",
     .attrs = "mode=linear coordinate_transformation_mode=tf_crop_and_resize",
     .inputs = "f64[3,2] !f64[4]={0.5,0,1.5,1} - i64[2]={3,2}",
     .has_gradient = true},
    {.name = "both scales and sizes",
     .attrs = "",
     .inputs = "f32[2] - f32[1]={2} i64[1]={4}",
     .refusal = "either scales or sizes"},
    {.name = "by splines",
     .attrs = "mode=spline",
     .inputs = "f32[2] - f32[1]={2}",
     .refusal = "this mode is unknown"},
    {.name = "a negative scale",
     .attrs = "",
     .inputs = "f32[2] - f32[1]={-2}",
     .refusal = "a scale of -2"},
};

const struct fet_op fet_op_resize = {
    .name = "resize",
    .paper = "Keys 1981",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 4,
    .n_y = 1,
    .infer = resize_infer,
    .forward = resize_forward,
    .backward = resize_backward,
    .onnx_type = "Resize",
    .onnx_since = 11,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
