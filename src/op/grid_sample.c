/* grid_sample: y[n,c,o] = x[n,c] read at the point grid[n,o], whose coordinates (last dimension
 * first) run from -1 to 1 over the picture x [N,C,D...]; between pixels by `mode`: nearest, linear,
 * or cubic (Keys 1981, a = -0.75). Outside, by padding_mode: zeros, the border's pixel, or the
 * picture reflected. Jaderberg 2015. The filters are products over the axes: taps are found per
 * axis, then multiplied. */
#include "elementwise.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"align_corners", FET_ATTR_INT, "0", "1 = -1 and 1 are centres of pixels, 0 = their edges"},
    {"mode", FET_ATTR_TEXT, "linear", "nearest, linear or cubic (also bilinear, bicubic)"},
    {"padding_mode", FET_ATTR_TEXT, "zeros", "zeros, border or reflection"},
    {0},
};

enum { MAX_AXES = 3, MAX_TAPS = 4 };

struct sampler {
    int n_axes, n_taps; /* axes of space; taps of each */
    int64_t n_points;   /* of one example */
    int64_t in[MAX_AXES], n_in;
    bool is_aligned, is_border, is_reflected;
};

static fet_status sampler_find(const struct fet_op_call *c, struct sampler *s)
{
    const struct fet_shape *const x = &c->x[0]->shape, *const grid = &c->x[1]->shape;
    const bool is_linear =
        fet_op_text_is(c, "mode", "linear") || fet_op_text_is(c, "mode", "bilinear");
    const bool is_cubic =
        fet_op_text_is(c, "mode", "cubic") || fet_op_text_is(c, "mode", "bicubic");
    FET_TRY(fet_op_need_rank(c, 0, 3, 2 + MAX_AXES));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    *s = (struct sampler){.n_axes = x->n_dims - 2,
                          .n_taps = is_cubic    ? 4
                                    : is_linear ? 2
                                                : 1,
                          .n_points = fet_op_span(grid, 1, grid->n_dims - 1),
                          .n_in = fet_op_span(x, 2, x->n_dims),
                          .is_aligned = fet_op_flag(c, "align_corners"),
                          .is_border = fet_op_text_is(c, "padding_mode", "border"),
                          .is_reflected = fet_op_text_is(c, "padding_mode", "reflection")};
    if (!is_linear && !is_cubic && !fet_op_text_is(c, "mode", "nearest"))
        return FET_FAIL(FET_ARGUMENT, "grid_sample: mode is nearest, linear or cubic");
    if (!s->is_border && !s->is_reflected && !fet_op_text_is(c, "padding_mode", "zeros"))
        return FET_FAIL(FET_ARGUMENT, "grid_sample: padding_mode is zeros, border or reflection");
    if (grid->dims[0] != x->dims[0] || grid->dims[grid->n_dims - 1] != s->n_axes)
        return FET_FAIL(FET_SHAPE, "grid_sample: the grid does not fit the pictures");
    for (int i = 0; i < s->n_axes; i++) s->in[i] = x->dims[i + 2];
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sampler s;
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    if (!fet_dtype_is_float(c->x[1]->dtype)) return fet_op_refuse_dtype(c, 1, "a float type");
    FET_TRY(sampler_find(c, &s));
    struct fet_shape y = c->x[0]->shape;
    for (int i = 2; i < y.n_dims; i++) y.dims[i] = c->x[1]->shape.dims[i - 1];
    if (s.n_in == 0 && fet_op_count(&y) > 0)
        return FET_FAIL(FET_SHAPE, "grid_sample: there is nothing to read in empty pictures");
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* u folded back at low and high; *slope gets du'/du. */
static double reflect(double u, double low, double high, double *slope)
{
    const double range = high - low;
    const double beyond = u < low ? low - u : u - high;
    *slope = 1;
    if (u >= low && u <= high) return u;
    *slope = 0;
    if (range <= 0) return low;
    const double n = floor(beyond / range), rest = beyond - n * range;
    const bool ends_low = (fmod(n, 2) == 0) == (u < low);
    *slope = ends_low == (u < low) ? -1 : 1;
    return ends_low ? low + rest : high - rest;
}

/* What one axis reads for a coordinate: pixels, -1 = outside, with their weights, and the weights'
 * derivatives after the coordinate. */
struct taps {
    int64_t at[MAX_TAPS];
    double weight[MAX_TAPS], slope[MAX_TAPS];
};

static int64_t pixel_of(const struct sampler *s, int axis, int64_t i)
{
    double unused = 0;
    const int64_t n = s->in[axis];
    if (i >= 0 && i < n) return i;
    if (s->is_border) return i < 0 ? 0 : n - 1;
    if (!s->is_reflected) return -1;
    const double low = s->is_aligned ? 0 : -0.5;
    const double at = reflect((double)i, low, (double)n - 1 - low, &unused);
    return at < 0 ? 0 : at > (double)(n - 1) ? n - 1 : (int64_t)at;
}

/* The cubic filter at distance d >= 0, and its derivative. */
static double cubic(double d, double *slope)
{
    const double a = -0.75;
    *slope = d <= 1 ? (3 * (a + 2) * d - 2 * (a + 3)) * d : (3 * a * d - 10 * a) * d + 8 * a;
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

static void taps_find(const struct sampler *s, int axis, double g, struct taps *t)
{
    const double n = (double)s->in[axis], scale = (s->is_aligned ? n - 1 : n) / 2;
    const double low = s->is_aligned ? 0 : -0.5, high = n - 1 - low;
    double u = s->is_aligned ? (g + 1) * scale : (g + 1) * scale - 0.5, chain = 1;
    /* What is that far away (or no number) is outside by any rule. */
    if (!(fabs(u) < 1e15)) u = u > 0 ? 1e15 : -1e15;
    if (s->n_taps == 1) u = rint(u);
    if (s->is_border && (u < low || u > high)) {
        u = u < low ? 0 : n - 1;
        chain = 0;
    }
    if (s->is_reflected) u = reflect(u, low, high, &chain);
    const int64_t base = (int64_t)floor(u) - (s->n_taps == 4 ? 1 : 0);
    for (int k = 0; k < s->n_taps; k++) {
        const double from = u - (double)(base + k); /* how far behind tap k */
        double slope = from < 0 ? 1 : -1;
        t->weight[k] = s->n_taps == 2 ? 1 - fabs(from) : 1;
        if (s->n_taps == 4) {
            t->weight[k] = cubic(fabs(from), &slope);
            if (from < 0) slope = -slope;
        }
        t->at[k] = pixel_of(s, axis, base + k);
        t->slope[k] = s->n_taps == 1 ? 0 : slope * chain * scale;
    }
}

/* The product of one tap of each axis. */
struct tap {
    int64_t at; /* in a plane; -1 = outside */
    double weight, slope[MAX_AXES];
};

/* All products for point i of example n; returns how many. */
static int combine(const struct fet_op_call *c, const struct sampler *s, int64_t n, int64_t i,
                   struct tap *all)
{
    struct taps axes[MAX_AXES];
    int n_all = 1;
    for (int a = 0; a < s->n_axes; a++) {
        const int64_t at = (n * s->n_points + i) * s->n_axes + (s->n_axes - 1 - a);
        taps_find(s, a, fet_read_real(c->x[1], at), &axes[a]);
        n_all *= s->n_taps;
    }
    for (int m = 0; m < n_all; m++) {
        int rest = m;
        all[m] = (struct tap){.weight = 1, .slope = {1, 1, 1}};
        int64_t step = 1;
        for (int a = s->n_axes - 1; a >= 0; a--) {
            const int k = rest % s->n_taps;
            rest /= s->n_taps;
            if (axes[a].at[k] < 0 || all[m].at < 0) {
                all[m].at = -1;
                continue;
            }
            all[m].at += axes[a].at[k] * step;
            step *= s->in[a];
            all[m].weight *= axes[a].weight[k];
            for (int b = 0; b < s->n_axes; b++)
                all[m].slope[b] *= a == b ? axes[a].slope[k] : axes[a].weight[k];
        }
    }
    return n_all;
}

enum { MAX_ALL = 64 }; /* MAX_TAPS to the MAX_AXES */

static fet_status forward(const struct fet_op_call *c)
{
    struct sampler s;
    struct tap all[MAX_ALL];
    FET_TRY(sampler_find(c, &s));
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    const int64_t n_planes = c->x[0]->shape.dims[1];
    const bool is_float = fet_dtype_is_float(c->x[0]->dtype);
    for (int64_t i = 0; i < c->x[0]->shape.dims[0] * s.n_points; i++) {
        const int64_t n = i / s.n_points;
        const int n_all = combine(c, &s, n, i % s.n_points, all);
        for (int64_t plane = n * n_planes; plane < (n + 1) * n_planes; plane++) {
            double sum = 0;
            for (int m = 0; m < n_all; m++)
                if (all[m].at >= 0 && all[m].weight != 0)
                    sum += all[m].weight * fet_read_real(c->x[0], plane * s.n_in + all[m].at);
            fet_write_real(c->y[0], plane * s.n_points + i % s.n_points,
                           is_float ? sum : rint(sum));
        }
    }
    return FET_OK;
}

/* Point i of example n: dx (NULL = not wanted) and the slopes after its coordinates. */
static void point_back(const struct fet_op_call *c, const struct sampler *s, int64_t n, int64_t i,
                       double *dx, double slopes[MAX_AXES])
{
    struct tap all[MAX_ALL];
    const int64_t n_planes = c->x[0]->shape.dims[1];
    const int n_all = combine(c, s, n, i, all);
    for (int64_t plane = n * n_planes; plane < (n + 1) * n_planes; plane++) {
        const double dy = fet_read_real(c->dy[0], plane * s->n_points + i);
        for (int m = 0; m < n_all; m++) {
            const int64_t at = plane * s->n_in + all[m].at;
            if (all[m].at < 0) continue;
            if (dx != NULL) dx[at] += dy * all[m].weight;
            const double x = fet_read_real(c->x[0], at);
            for (int a = 0; a < s->n_axes; a++) slopes[a] += dy * x * all[m].slope[a];
        }
    }
}

static fet_status backward(const struct fet_op_call *c)
{
    struct sampler s;
    struct fet_sum dx = {0};
    if (fet_op_dy(c, 0) == NULL || fet_tensor_count(c->y[0]) == 0) return FET_OK;
    FET_TRY(sampler_find(c, &s));
    FET_TRY(fet_sum_start(&dx, fet_op_dx(c, 0)));
    for (int64_t i = 0; i < c->x[0]->shape.dims[0] * s.n_points; i++) {
        double slopes[MAX_AXES] = {0};
        point_back(c, &s, i / s.n_points, i % s.n_points, dx.v, slopes);
        for (int a = 0; a < s.n_axes && fet_op_dx(c, 1) != NULL; a++)
            fet_add_real(c->dx[1], i * s.n_axes + (s.n_axes - 1 - a), 1, 1, &slopes[a]);
    }
    fet_sum_finish(&dx);
    fet_sum_deinit(&dx);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "the middle, a corner, outside",
     .attrs = "",
     .inputs = "f32[1,1,2,2]={1,2,3,4} f32[1,1,3,2]={0,0,-0.5,-0.5,4,0}",
     .wanted = "f32[1,1,1,3]={2.5,1,0}"},
    {.name = "corners aligned, the border repeated",
     .attrs = "align_corners=1 padding_mode=border",
     .inputs = "f32[1,1,1,3]={1,2,4} f32[1,1,3,2]={0.5,0,9,0,-9,0}",
     .wanted = "f32[1,1,1,3]={3,4,1}"},
    {.name = "nearest in the reflection",
     .attrs = "mode=nearest padding_mode=reflection",
     .inputs = "i32[1,1,3]={1,2,4} f32[1,3,1]={1.5,-1.5,0}",
     .wanted = "i32[1,1,3]={4,1,2}"},
    {.name = "cubic keeps what is even",
     .attrs = "mode=cubic padding_mode=border",
     .inputs = "f32[1,1,2,2]={5,5,5,5} f32[1,1,2,2]={0.1,0.7,-0.3,2}",
     .wanted = "f32[1,1,1,2]={5,5}"},
    {.name = "gradient, linear",
     .attrs = "",
     .inputs = "f64[2,2,3,4] f64[2,2,3,2]:-1.3..1.3",
     .has_gradient = true},
    {.name = "gradient, cubic, reflected",
     .attrs = "mode=cubic padding_mode=reflection align_corners=1",
     .inputs = "f64[1,2,4,5] f64[1,3,2,2]:-3..3",
     .has_gradient = true},
    {.name = "gradient, linear in a body, border",
     .attrs = "padding_mode=border",
     .inputs = "f64[1,2,3,2,3] f64[1,2,2,2,3]:-1.5..1.5",
     .has_gradient = true},
    {.name = "gradient, nearest",
     .attrs = "mode=nearest",
     .inputs = "f64[1,2,4] f64[1,3,1]={0.1,0.6,-0.4}",
     .has_gradient = true},
    {.name = "points of another dimension",
     .attrs = "",
     .inputs = "f32[1,1,2,2] f32[1,1,3,3]",
     .refusal = "does not fit the pictures"},
    {.name = "by splines",
     .attrs = "mode=spline",
     .inputs = "f32[1,1,2,2] f32[1,1,3,2]",
     .refusal = "mode is nearest"},
};

const struct fet_op fet_op_grid_sample = {
    .name = "grid_sample",
    .paper = "Jaderberg 2015",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "GridSample",
    .onnx_since = 16,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
