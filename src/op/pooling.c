/* Pooling of [N,C,D...]: each plane's windows become
 *   max_pool      the largest (the first of equals; a NaN is larger than all), and where it stands
 *   average_pool  the mean, over the window's part inside, or with its padding (count_include_pad)
 *   lp_pool       (sum |x|^p)^(1/p)
 * and global_..._pool: one window over all of the plane. LeCun 1998, Ranzato 2007, Lin 2014. */
#include "window.h"

#include <math.h>

#define KERNEL_ATTR                                                                     \
    {                                                                                   \
        "kernel_shape", FET_ATTR_INTS, NULL, "the size of the window in each dimension" \
    }
#define CEIL_ATTR                                                                 \
    {                                                                             \
        "ceil_mode", FET_ATTR_INT, "0", "1 = the number of windows is rounded up" \
    }

static const struct fet_attr max_attrs[] = {
    FET_WINDOW_ATTRS,
    CEIL_ATTR,
    KERNEL_ATTR,
    {"storage_order", FET_ATTR_INT, "0", "1 = indices count columns first"},
    {0},
};

static const struct fet_attr average_attrs[] = {
    FET_WINDOW_ATTRS,
    CEIL_ATTR,
    {"count_include_pad", FET_ATTR_INT, "0", "1 = padding counts as zeros"},
    KERNEL_ATTR,
    {0},
};

static const struct fet_attr lp_attrs[] = {
    FET_WINDOW_ATTRS, CEIL_ATTR, KERNEL_ATTR, {"p", FET_ATTR_INT, "2", "the exponent"}, {0},
};

static const struct fet_attr global_lp_attrs[] = {
    {"p", FET_ATTR_INT, "2", "the exponent"},
    {0},
};

static bool is_global(const struct fet_op_call *c)
{
    return c->op->name[0] == 'g';
}

static fet_status window_of(const struct fet_op_call *c, struct fet_window *w)
{
    const struct fet_shape *const x = &c->x[0]->shape;
    FET_TRY(fet_op_need_rank(c, 0, is_global(c) ? 2 : 3, FET_MAX_DIMS));
    if (is_global(c)) {
        *w = (struct fet_window){.n = x->n_dims - 2, .n_in = 1, .n_out = 1, .n_kernel = 1};
        for (int i = 0; i < w->n; i++) {
            w->in[i] = w->kernel[i] = x->dims[i + 2];
            w->out[i] = w->stride[i] = w->dilation[i] = 1;
            w->n_in *= w->in[i];
        }
        w->n_kernel = w->n_in;
        return FET_OK;
    }
    const struct fet_attr_value *const kernel = fet_op_attr(c, "kernel_shape");
    if (kernel->n != x->n_dims - 2)
        return FET_FAIL(FET_SHAPE, "%s: kernel_shape has %lld numbers, %d are wanted", c->op->name,
                        (long long)kernel->n, x->n_dims - 2);
    return fet_window_find(c, x, kernel->ints, fet_op_flag(c, "ceil_mode"), w);
}

static fet_status infer_any(const struct fet_op_call *c)
{
    struct fet_window w;
    FET_TRY(window_of(c, &w));
    struct fet_shape y = c->x[0]->shape;
    for (int i = 0; i < w.n; i++) y.dims[i + 2] = w.out[i];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status infer_float(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    return infer_any(c);
}

static fet_status infer_max(const struct fet_op_call *c)
{
    const enum fet_dtype d = c->x[0]->dtype;
    if (!fet_dtype_is_float(d) && d != FET_I8 && d != FET_U8)
        return fet_op_refuse_dtype(c, 0, "a float type, I8 or U8");
    FET_TRY(infer_any(c));
    if (!is_global(c)) fet_op_set_y(c, 1, FET_I64, &c->y[0]->shape);
    return FET_OK;
}

/* The planes of a call and its windows. */
struct pooling {
    struct fet_window w;
    int64_t n_planes;
    int64_t *taps; /* owned */
    double *x;     /* owned */
};

static fet_status pooling_start(const struct fet_op_call *c, struct pooling *p)
{
    *p = (struct pooling){0};
    FET_TRY(window_of(c, &p->w));
    p->n_planes = fet_op_span(&c->x[0]->shape, 0, 2);
    if (p->n_planes == 0 || p->w.n_out == 0) {
        p->n_planes = 0;
        return FET_OK;
    }
    FET_TRY(fet_window_taps(&p->w, &p->taps));
    p->x = fet_reals_of(c->x[0]);
    if (p->x != NULL) return FET_OK;
    fet_free(p->taps);
    return FET_FAIL_MEMORY(c->op->name, fet_tensor_count(c->x[0]) * 8);
}

static void pooling_finish(struct pooling *p)
{
    fet_free(p->taps);
    fet_free(p->x);
}

/* ---- max ---- */

/* Where the largest of a window stands in its plane; -1 = nothing inside. */
static int64_t largest(const struct pooling *p, const double *plane, int64_t o)
{
    int64_t best = -1;
    for (int64_t k = 0; k < p->w.n_kernel; k++) {
        const int64_t at = p->taps[o * p->w.n_kernel + k];
        if (at < 0) continue;
        const bool is_larger =
            best < 0 || plane[at] > plane[best] || (isnan(plane[at]) && !isnan(plane[best]));
        if (is_larger) best = at;
    }
    return best;
}

/* The index in the plane with the first spatial dimension counting fastest. */
static int64_t columns_first(const struct fet_window *w, int64_t at)
{
    int64_t index[FET_MAX_DIMS] = {0}, out = 0;
    for (int i = w->n - 1; i >= 0; i--) {
        index[i] = at % w->in[i];
        at /= w->in[i];
    }
    for (int i = w->n - 1; i >= 0; i--) out = out * w->in[i] + index[i];
    return out;
}

static fet_status max_forward(const struct fet_op_call *c)
{
    struct pooling p;
    FET_TRY(pooling_start(c, &p));
    const bool is_column = !is_global(c) && fet_op_flag(c, "storage_order");
    for (int64_t i = 0; i < p.n_planes * p.w.n_out; i++) {
        const int64_t plane = i / p.w.n_out;
        const int64_t at = largest(&p, p.x + plane * p.w.n_in, i % p.w.n_out);
        const double none = -(double)INFINITY;
        fet_write_real(c->y[0], i, at < 0 ? none : p.x[plane * p.w.n_in + at]);
        if (is_global(c)) continue;
        const int64_t stands = at >= 0 && is_column ? columns_first(&p.w, at) : at;
        fet_write_int(c->y[1], i, at < 0 ? -1 : plane * p.w.n_in + stands);
    }
    pooling_finish(&p);
    return FET_OK;
}

static fet_status max_backward(const struct fet_op_call *c)
{
    struct pooling p;
    struct fet_tensor *const dx = fet_op_dx(c, 0);
    if (dx == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(pooling_start(c, &p));
    for (int64_t i = 0; i < p.n_planes * p.w.n_out; i++) {
        const int64_t plane = i / p.w.n_out;
        const int64_t at = largest(&p, p.x + plane * p.w.n_in, i % p.w.n_out);
        const double d = fet_read_real(c->dy[0], i);
        if (at >= 0) fet_add_real(dx, plane * p.w.n_in + at, 1, 1, &d);
    }
    pooling_finish(&p);
    return FET_OK;
}

/* ---- average ---- */

static double divisor(const struct pooling *p, int64_t o, bool counts_pad)
{
    double n = 0;
    for (int64_t k = 0; k < p->w.n_kernel; k++) {
        const int64_t at = p->taps[o * p->w.n_kernel + k];
        n += at >= 0 || (counts_pad && at == FET_TAP_PAD);
    }
    return n;
}

static bool counts_pad(const struct fet_op_call *c)
{
    return !is_global(c) && fet_op_flag(c, "count_include_pad");
}

static fet_status average_forward(const struct fet_op_call *c)
{
    struct pooling p;
    FET_TRY(pooling_start(c, &p));
    const bool with_pad = counts_pad(c);
    for (int64_t i = 0; i < p.n_planes * p.w.n_out; i++) {
        const double *const plane = p.x + i / p.w.n_out * p.w.n_in;
        const int64_t o = i % p.w.n_out;
        double sum = 0;
        for (int64_t k = 0; k < p.w.n_kernel; k++) {
            const int64_t at = p.taps[o * p.w.n_kernel + k];
            if (at >= 0) sum += plane[at];
        }
        fet_write_real(c->y[0], i, sum / divisor(&p, o, with_pad));
    }
    pooling_finish(&p);
    return FET_OK;
}

static fet_status average_backward(const struct fet_op_call *c)
{
    struct pooling p;
    struct fet_tensor *const dx = fet_op_dx(c, 0);
    if (dx == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(pooling_start(c, &p));
    const bool with_pad = counts_pad(c);
    for (int64_t i = 0; i < p.n_planes * p.w.n_out; i++) {
        const int64_t o = i % p.w.n_out;
        const double d = fet_read_real(c->dy[0], i) / divisor(&p, o, with_pad);
        for (int64_t k = 0; k < p.w.n_kernel; k++) {
            const int64_t at = p.taps[o * p.w.n_kernel + k];
            if (at >= 0) fet_add_real(dx, i / p.w.n_out * p.w.n_in + at, 1, 1, &d);
        }
    }
    pooling_finish(&p);
    return FET_OK;
}

/* ---- p-norm ---- */

static fet_status infer_lp(const struct fet_op_call *c)
{
    if (fet_op_int(c, "p") < 1)
        return FET_FAIL(FET_ARGUMENT, "%s: p is %lld, at least 1 is wanted", c->op->name,
                        (long long)fet_op_int(c, "p"));
    return infer_float(c);
}

static fet_status lp_forward(const struct fet_op_call *c)
{
    struct pooling p;
    FET_TRY(pooling_start(c, &p));
    const double exponent = (double)fet_op_int(c, "p");
    for (int64_t i = 0; i < p.n_planes * p.w.n_out; i++) {
        const double *const plane = p.x + i / p.w.n_out * p.w.n_in;
        double sum = 0;
        for (int64_t k = 0; k < p.w.n_kernel; k++) {
            const int64_t at = p.taps[i % p.w.n_out * p.w.n_kernel + k];
            if (at >= 0) sum += pow(fabs(plane[at]), exponent);
        }
        fet_write_real(c->y[0], i, pow(sum, 1 / exponent));
    }
    pooling_finish(&p);
    return FET_OK;
}

/* dy/dx = sign(x) (|x| / y)^(p-1); 0 where y is 0. */
static fet_status lp_backward(const struct fet_op_call *c)
{
    struct pooling p;
    struct fet_tensor *const dx = fet_op_dx(c, 0);
    if (dx == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(pooling_start(c, &p));
    const double exponent = (double)fet_op_int(c, "p");
    for (int64_t i = 0; i < p.n_planes * p.w.n_out; i++) {
        const int64_t plane = i / p.w.n_out * p.w.n_in;
        const double y = fet_read_real(c->y[0], i), dy = fet_read_real(c->dy[0], i);
        for (int64_t k = 0; k < p.w.n_kernel && y > 0; k++) {
            const int64_t at = p.taps[i % p.w.n_out * p.w.n_kernel + k];
            if (at < 0) continue;
            const double x = p.x[plane + at];
            const double d = dy * copysign(pow(fabs(x) / y, exponent - 1), x);
            fet_add_real(dx, plane + at, 1, 1, &d);
        }
    }
    pooling_finish(&p);
    return FET_OK;
}

/* ---- cases and tables ---- */

static const struct fet_op_case max_cases[] = {
    {.name = "a row",
     .attrs = "kernel_shape=2 pads=1,0 strides=2",
     .inputs = "f32[1,1,4]={1,3,2,5}",
     .wanted = "f32[1,1,2]={1,3} i64[1,1,2]={0,1}"},
    {.name = "columns first",
     .attrs = "kernel_shape=1,1 storage_order=1",
     .inputs = "f32[1,1,2,2]={1,2,3,4}",
     .wanted = "f32[1,1,2,2]={1,2,3,4} i64[1,1,2,2]={0,2,1,3}"},
    {.name = "rounded up",
     .attrs = "kernel_shape=2 strides=2 ceil_mode=1",
     .inputs = "u8[1,1,3]={1,3,2}",
     .wanted = "u8[1,1,2]={3,2} -"},
    {.name = "gradient",
     .attrs = "kernel_shape=2,2 strides=2,1",
     .inputs = "f64[1,2,4,3]",
     .has_gradient = true},
    {.name = "one number for two dimensions",
     .attrs = "kernel_shape=2",
     .inputs = "f32[1,1,2,2]",
     .refusal = "1 numbers, 2 are wanted"},
};

static const struct fet_op_case average_cases[] = {
    {.name = "padding does not count",
     .attrs = "kernel_shape=2 pads=1,1",
     .inputs = "f32[1,1,2]={2,4}",
     .wanted = "f32[1,1,3]={2,3,4}"},
    {.name = "padding counts",
     .attrs = "kernel_shape=2 pads=1,1 count_include_pad=1",
     .inputs = "f32[1,1,2]={2,4}",
     .wanted = "f32[1,1,3]={1,3,2}"},
    {.name = "gradient",
     .attrs = "kernel_shape=2,3 pads=1,1,0,1 strides=1,2",
     .inputs = "f64[1,2,3,4]",
     .has_gradient = true},
    {.name = "integers", .attrs = "kernel_shape=1", .inputs = "i32[1,1,2]", .refusal = "is I32"},
};

static const struct fet_op_case lp_cases[] = {
    {.name = "the length",
     .attrs = "kernel_shape=2",
     .inputs = "f32[1,1,3]={3,4,0}",
     .wanted = "f32[1,1,2]={5,4}"},
    {.name = "gradient",
     .attrs = "kernel_shape=2 p=3",
     .inputs = "f64[1,2,4]:0.5..2",
     .has_gradient = true},
    {.name = "no exponent",
     .attrs = "kernel_shape=2 p=0",
     .inputs = "f32[1,1,3]",
     .refusal = "p is 0"},
};

static const struct fet_op_case global_max_cases[] = {
    {.name = "two planes",
     .attrs = "",
     .inputs = "f32[1,2,2]={1,3,-2,-5}",
     .wanted = "f32[1,2,1]={3,-2}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[2,2,2,2]", .has_gradient = true},
};

static const struct fet_op_case global_average_cases[] = {
    {.name = "two planes",
     .attrs = "",
     .inputs = "f32[1,2,2]={1,3,-2,-5}",
     .wanted = "f32[1,2,1]={2,-3.5}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[2,2,2,2]", .has_gradient = true},
};

static const struct fet_op_case global_lp_cases[] = {
    {.name = "the length", .attrs = "", .inputs = "f32[1,1,2]={3,4}", .wanted = "f32[1,1,1]={5}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[1,2,4]:0.5..2", .has_gradient = true},
};

#define POOL(id, its_paper, its_attrs, outputs, its_infer, way, type, since) \
    const struct fet_op fet_op_##id##_pool = {                               \
        .name = #id "_pool",                                                 \
        .paper = (its_paper),                                                \
        .attrs = (its_attrs),                                                \
        .min_x = 1,                                                          \
        .max_x = 1,                                                          \
        .n_y = (outputs),                                                    \
        .infer = (its_infer),                                                \
        .forward = way##_forward,                                            \
        .backward = way##_backward,                                          \
        .onnx_type = (type),                                                 \
        .onnx_since = (since),                                               \
        .cases = id##_cases,                                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0],                 \
    }

POOL(max, "Ranzato 2007", max_attrs, 2, infer_max, max, "MaxPool", 8);
POOL(average, "LeCun 1998", average_attrs, 1, infer_float, average, "AveragePool", 7);
POOL(lp, NULL, lp_attrs, 1, infer_lp, lp, "LpPool", 2);
POOL(global_max, "Lin 2014", NULL, 1, infer_max, max, "GlobalMaxPool", 1);
POOL(global_average, "Lin 2014", NULL, 1, infer_float, average, "GlobalAveragePool", 1);
POOL(global_lp, NULL, global_lp_attrs, 1, infer_lp, lp, "GlobalLpPool", 2);
