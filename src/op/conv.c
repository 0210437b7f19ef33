/* conv: Y[n,m,o] = B[m] + sum over c, k of X[n,c,tap(o,k)] W[m,c,k], over the channels c of the
 * group of m; in any number of spatial dimensions. LeCun 1989; groups: Krizhevsky 2012; dilations:
 * Yu 2016. Sums are taken in double, kernel position by kernel position. */
#include "conv_frame.h"

static const struct fet_attr attrs[] = {
    FET_WINDOW_ATTRS,
    {"group", FET_ATTR_INT, "1", "channels are cut into that many groups"},
    {"kernel_shape", FET_ATTR_INTS, "", "must be what W says"},
    {0},
};

static fet_status check_group(const struct fet_op_call *c, struct fet_conv_sizes *s)
{
    s->groups = fet_op_int(c, "group");
    if (s->groups < 1 || s->M % s->groups != 0 || s->c_each > s->C || s->c_each * s->groups != s->C)
        return FET_FAIL(FET_SHAPE, "conv: %lld channels in %lld groups for weights of %lld to %lld",
                        (long long)s->C, (long long)s->groups, (long long)s->c_each,
                        (long long)s->M);
    s->m_each = s->M / s->groups;
    return FET_OK;
}

static fet_status sizes_find(const struct fet_op_call *c, struct fet_conv_sizes *s)
{
    const struct fet_shape *const x = &c->x[0]->shape, *const w = &c->x[1]->shape;
    FET_TRY(fet_op_need_rank(c, 0, 3, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    *s = (struct fet_conv_sizes){
        .N = x->dims[0], .C = x->dims[1], .M = w->dims[0], .c_each = w->dims[1]};
    FET_TRY(check_group(c, s));
    FET_TRY(fet_conv_check_kernel(c));
    return fet_window_find(c, x, w->dims + 2, false, &s->w);
}

/* One image: y [M, n_out] gets what it sees. */
static void convolve(const struct fet_conv_sizes *s, const int64_t *taps, const double *x,
                     const double *w, double *y)
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
static void convolve_back(const struct fet_conv_sizes *s, const int64_t *taps, const double *x,
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

static const struct fet_conv_frame frame = {
    .find = sizes_find, .forward = convolve, .backward = convolve_back};

static fet_status infer(const struct fet_op_call *c)
{
    return fet_conv_infer(c, &frame);
}

static fet_status forward(const struct fet_op_call *c)
{
    return fet_conv_forward(c, &frame);
}

static fet_status backward(const struct fet_op_call *c)
{
    return fet_conv_backward(c, &frame);
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
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "Conv",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
