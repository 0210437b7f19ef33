/* conv: Y[n,m,o] = B[m] + sum over c, k of X[n,c,tap(o,k)] W[m,c,k], over the channels c of the
 * group of m; in any number of spatial dimensions. LeCun 1989; groups: Krizhevsky 2012; dilations:
 * Yu 2016. Sums are taken in double, kernel position by kernel position. */
#include "window.h"

static const struct fet_attr attrs[] = {
    FET_WINDOW_ATTRS,
    {"group", FET_ATTR_INT, "1", "channels are cut into that many groups"},
    {"kernel_shape", FET_ATTR_INTS, "", "must be what W says"},
    {0},
};

struct sizes {
    struct fet_window w;
    int64_t N, C, M, groups, c_each, m_each; /* c_each, m_each: channels in, out of a group */
};

static fet_status check_group(const struct fet_op_call *c, struct sizes *s)
{
    s->groups = fet_op_int(c, "group");
    if (s->groups < 1 || s->M % s->groups != 0 || s->c_each > s->C || s->c_each * s->groups != s->C)
        return FET_FAIL(FET_SHAPE, "conv: %lld channels in %lld groups for weights of %lld to %lld",
                        (long long)s->C, (long long)s->groups, (long long)s->c_each,
                        (long long)s->M);
    s->m_each = s->M / s->groups;
    return FET_OK;
}

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    const struct fet_shape *const x = &c->x[0]->shape, *const w = &c->x[1]->shape;
    const struct fet_attr_value *const kernel = fet_op_attr(c, "kernel_shape");
    FET_TRY(fet_op_need_rank(c, 0, 3, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    *s = (struct sizes){.N = x->dims[0], .C = x->dims[1], .M = w->dims[0], .c_each = w->dims[1]};
    FET_TRY(check_group(c, s));
    for (int i = 0; kernel->is_set && i < kernel->n && kernel->n == w->n_dims - 2; i++)
        if (kernel->ints[i] != w->dims[i + 2])
            return FET_FAIL(FET_SHAPE, "conv: kernel_shape is not that of the weights");
    return fet_window_find(c, x, w->dims + 2, false, &s->w);
}

static fet_status conv_infer(const struct fet_op_call *c)
{
    struct sizes s;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(sizes_find(c, &s));
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        FET_TRY(fet_op_need_rank(c, 2, 1, 1));
        if (c->x[2]->shape.dims[0] != s.M)
            return FET_FAIL(FET_SHAPE, "conv: %lld biases for %lld channels",
                            (long long)c->x[2]->shape.dims[0], (long long)s.M);
    }
    struct fet_shape y = {s.w.n + 2, {s.N, s.M}};
    for (int i = 0; i < s.w.n; i++) y.dims[i + 2] = s.w.out[i];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* One image: y [M, n_out] gets what it sees. */
static void convolve(const struct sizes *s, const int64_t *taps, const double *x, const double *w,
                     double *y)
{
    const int64_t n_in = s->w.n_in, n_out = s->w.n_out, n_kernel = s->w.n_kernel;
    for (int64_t m = 0; m < s->M; m++)
        for (int64_t i = 0; i < s->c_each; i++) {
            const double *const plane = x + (m / s->m_each * s->c_each + i) * n_in;
            const double *const kernel = w + (m * s->c_each + i) * n_kernel;
            for (int64_t o = 0; o < n_out; o++)
                for (int64_t k = 0; k < n_kernel; k++) {
                    const int64_t at = taps[o * n_kernel + k];
                    if (at >= 0) y[m * n_out + o] += plane[at] * kernel[k];
                }
        }
}

/* The same walk backwards; NULL = not wanted. */
static void convolve_back(const struct sizes *s, const int64_t *taps, const double *x,
                          const double *w, const double *dy, double *dx, double *dw)
{
    const int64_t n_in = s->w.n_in, n_out = s->w.n_out, n_kernel = s->w.n_kernel;
    for (int64_t m = 0; m < s->M; m++)
        for (int64_t i = 0; i < s->c_each; i++) {
            const int64_t plane = (m / s->m_each * s->c_each + i) * n_in;
            const int64_t kernel = (m * s->c_each + i) * n_kernel;
            for (int64_t o = 0; o < n_out; o++)
                for (int64_t k = 0; k < n_kernel; k++) {
                    const int64_t at = taps[o * n_kernel + k];
                    const double d = dy[m * n_out + o];
                    if (at >= 0 && dx != NULL) dx[plane + at] += d * w[kernel + k];
                    if (at >= 0 && dw != NULL) dw[kernel + k] += d * x[plane + at];
                }
        }
}

static fet_status conv_forward(const struct fet_op_call *c)
{
    struct sizes s;
    int64_t *taps = NULL;
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, &s));
    const struct fet_tensor *const bias = fet_op_x(c, 2);
    const int64_t n_y = fet_tensor_count(c->y[0]), each = s.M * s.w.n_out;
    double *const x = fet_reals_of(c->x[0]), *const w = fet_reals_of(c->x[1]);
    double *const y = fet_alloc(n_y, sizeof *y);
    if (x == NULL || w == NULL || y == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("conv", n_y * 8));
    if (n_y == 0) goto out;
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    for (int64_t i = 0; i < n_y && bias != NULL; i++)
        y[i] = fet_read_real(bias, i / s.w.n_out % s.M);
    for (int64_t n = 0; n < s.N; n++) convolve(&s, taps, x + n * s.C * s.w.n_in, w, y + n * each);
    fet_store_real(c->y[0], 0, 1, n_y, y);
out:
    fet_free(taps);
    fet_free(x);
    fet_free(w);
    fet_free(y);
    return st;
}

static void add_bias_gradient(const struct fet_op_call *c, const struct sizes *s, const double *dy)
{
    struct fet_tensor *const db = fet_op_dx(c, 2);
    for (int64_t m = 0; db != NULL && m < s->M; m++) {
        double sum = 0;
        for (int64_t n = 0; n < s->N; n++)
            for (int64_t o = 0; o < s->w.n_out; o++) sum += dy[(n * s->M + m) * s->w.n_out + o];
        fet_add_real(db, m, 1, 1, &sum);
    }
}

static fet_status conv_backward(const struct fet_op_call *c)
{
    struct sizes s;
    int64_t *taps = NULL;
    fet_status st = FET_OK;
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(sizes_find(c, &s));
    struct fet_tensor *const want_x = fet_op_dx(c, 0), *const want_w = fet_op_dx(c, 1);
    const int64_t n_x = fet_tensor_count(c->x[0]), n_w = fet_tensor_count(c->x[1]);
    double *const x = fet_reals_of(c->x[0]), *const w = fet_reals_of(c->x[1]);
    double *const dy = fet_reals_of(c->dy[0]);
    double *const dx = fet_alloc(n_x, sizeof *dx), *const dw = fet_alloc(n_w, sizeof *dw);
    if (x == NULL || w == NULL || dy == NULL || dx == NULL || dw == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("conv", n_x * 8));
    if (fet_tensor_count(c->dy[0]) == 0) goto out;
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    for (int64_t n = 0; n < s.N; n++)
        convolve_back(&s, taps, x + n * s.C * s.w.n_in, w, dy + n * s.M * s.w.n_out,
                      want_x != NULL ? dx + n * s.C * s.w.n_in : NULL, want_w != NULL ? dw : NULL);
    if (want_x != NULL && n_x > 0) fet_add_real(want_x, 0, 1, n_x, dx);
    if (want_w != NULL && n_w > 0) fet_add_real(want_w, 0, 1, n_w, dw);
    add_bias_gradient(c, &s, dy);
out:
    fet_free(taps);
    fet_free(x);
    fet_free(w);
    fet_free(dy);
    fet_free(dx);
    fet_free(dw);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "a row with padding",
     .attrs = "pads=1,1",
     .inputs = "f32[1,1,3]={1,2,3} f32[1,1,3]={1,10,100} f32[1]={0.5}",
     .wanted = "f32[1,1,3]={210.5,321.5,32.5}"},
    {.name = "strides and dilations",
     .attrs = "strides=2 dilations=2",
     .inputs = "f32[1,1,5]={1,2,3,4,5} f32[1,1,2]={1,10}",
     .wanted = "f32[1,1,2]={31,53}"},
    {.name = "the same size, rounded up",
     .attrs = "auto_pad=SAME_UPPER strides=2",
     .inputs = "f32[1,1,4]={1,2,3,4} f32[1,1,3]={1,1,1}",
     .wanted = "f32[1,1,2]={6,7}"},
    {.name = "two groups",
     .attrs = "group=2",
     .inputs = "f32[1,2,1]={2,3} f32[2,1,1]={10,100}",
     .wanted = "f32[1,2,1]={20,300}"},
    {.name = "gradient",
     .attrs = "pads=1,0,1,0 strides=2,1 group=2",
     .inputs = "f64[2,4,3,3] f64[2,2,3,2] f64[2]",
     .has_gradient = true},
    {.name = "gradient along a row",
     .attrs = "dilations=2",
     .inputs = "f64[1,1,5] f64[2,1,2]",
     .has_gradient = true},
    {.name = "too large a kernel",
     .attrs = "",
     .inputs = "f32[1,1,3] f32[1,1,4]",
     .refusal = "a window of 4 over 3"},
    {.name = "channels that do not fit",
     .attrs = "group=2",
     .inputs = "f32[1,3,3] f32[2,1,1]",
     .refusal = "3 channels in 2 groups"},
    {.name = "biases that do not fit",
     .attrs = "",
     .inputs = "f32[1,1,3] f32[2,1,1] f32[1]",
     .refusal = "1 biases for 2"},
    {.name = "no stride",
     .attrs = "strides=0",
     .inputs = "f32[1,1,3] f32[1,1,1]",
     .refusal = "strides of 0"},
};

const struct fet_op fet_op_conv = {
    .name = "conv",
    .paper = "LeCun 1989",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = conv_infer,
    .forward = conv_forward,
    .backward = conv_backward,
    .onnx_type = "Conv",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
