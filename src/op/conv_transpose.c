/* conv_transpose: the transpose of conv. Every element of x [N,C,D...] lays the kernel of its
 * channel down, W [C,M/g,k...], weighted, and y is the sum of what lies there:
 *   Y[n,m,tap(i,k)] = B[m] + sum over c, i, k of X[n,c,i] W[c,m,k]
 * with the taps of the conv that leads from y to x. Zeiler 2010. Sums are taken in double. */
#include "conv_frame.h"

static const struct fet_attr attrs[] = {
    FET_WINDOW_ATTRS,
    {"group", FET_ATTR_INT, "1", "channels are cut into that many groups"},
    {"kernel_shape", FET_ATTR_INTS, "", "must be what W says"},
    {"output_padding", FET_ATTR_INTS, "", "added to the end of the result; 0 each when unset"},
    {"output_shape", FET_ATTR_INTS, "", "the size of the result; pads follow from it"},
    {0},
};

static fet_status sizes_find(const struct fet_op_call *c, struct fet_conv_sizes *s)
{
    const struct fet_shape *const x = &c->x[0]->shape, *const w = &c->x[1]->shape;
    FET_TRY(fet_op_need_rank(c, 0, 3, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    *s = (struct fet_conv_sizes){.N = x->dims[0], .C = x->dims[1], .m_each = w->dims[1]};
    s->groups = fet_op_int(c, "group");
    if (s->groups < 1 || w->dims[0] != s->C || s->C % s->groups != 0 ||
        !fet_mul_size(s->m_each, s->groups, &s->M))
        return FET_FAIL(
            FET_SHAPE, "conv_transpose: %lld channels in %lld groups for weights of %lld to %lld",
            (long long)s->C, (long long)s->groups, (long long)w->dims[0], (long long)s->m_each);
    s->c_each = s->C / s->groups;
    FET_TRY(fet_conv_check_kernel(c));
    return fet_window_find_transposed(c, x, w->dims + 2, &s->w);
}

/* One image: x [C, n_out] is laid down on y [M, n_in]. */
static void lay_down(const struct fet_conv_sizes *s, const int64_t *taps, const double *x,
                     const double *w, double *y)
{
    const int64_t n_in = s->w.n_in, n_out = s->w.n_out, n_kernel = s->w.n_kernel;
    for (int64_t i = 0; i < s->C; i++)
        for (int64_t j = 0; j < s->m_each; j++) {
            double *const plane = y + (i / s->c_each * s->m_each + j) * n_in;
            const double *const kernel = w + (i * s->m_each + j) * n_kernel;
            for (int64_t o = 0; o < n_out; o++)
                for (int64_t k = 0; k < n_kernel; k++) {
                    const int64_t at = taps[o * n_kernel + k];
                    if (at >= 0) plane[at] += x[i * n_out + o] * kernel[k];
                }
        }
}

/* The same walk backwards; NULL = not wanted. */
static void lay_back(const struct fet_conv_sizes *s, const int64_t *taps, const double *x,
                     const double *w, const double *dy, double *dx, double *dw)
{
    const int64_t n_in = s->w.n_in, n_out = s->w.n_out, n_kernel = s->w.n_kernel;
    for (int64_t i = 0; i < s->C; i++)
        for (int64_t j = 0; j < s->m_each; j++) {
            const double *const plane = dy + (i / s->c_each * s->m_each + j) * n_in;
            const int64_t kernel = (i * s->m_each + j) * n_kernel;
            for (int64_t o = 0; o < n_out; o++)
                for (int64_t k = 0; k < n_kernel; k++) {
                    const int64_t at = taps[o * n_kernel + k];
                    if (at >= 0 && dx != NULL) dx[i * n_out + o] += plane[at] * w[kernel + k];
                    if (at >= 0 && dw != NULL) dw[kernel + k] += plane[at] * x[i * n_out + o];
                }
        }
}

static const struct fet_conv_frame frame = {
    .is_transposed = true, .find = sizes_find, .forward = lay_down, .backward = lay_back};

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
    {.name = "a row",
     .attrs = "",
     .inputs = "f32[1,1,2]={1,2} f32[1,1,2]={1,10} f32[1]={0.5}",
     .wanted = "f32[1,1,3]={1.5,12.5,20.5}"},
    {.name = "strides, cut at both ends, one more behind",
     .attrs = "strides=2 pads=1,1 output_padding=1",
     .inputs = "f32[1,1,2]={1,2} f32[1,1,3]={1,10,100}",
     .wanted = "f32[1,1,4]={10,102,20,200}"},
    {.name = "a given size",
     .attrs = "strides=2 output_shape=6",
     .inputs = "f32[1,1,2]={1,2} f32[1,1,3]={1,10,100}",
     .wanted = "f32[1,1,6]={1,10,102,20,200,0}"},
    {.name = "as many strides as places",
     .attrs = "strides=2 auto_pad=SAME_UPPER",
     .inputs = "f32[1,1,2]={1,2} f32[1,1,3]={1,10,100}",
     .wanted = "f32[1,1,4]={1,10,102,20}"},
    {.name = "two groups",
     .attrs = "group=2",
     .inputs = "f32[1,2,1]={2,3} f32[2,1,1]={10,100}",
     .wanted = "f32[1,2,1]={20,300}"},
    {.name = "gradient",
     .attrs = "pads=1,0,1,0 strides=2,1 group=2 dilations=1,2",
     .inputs = "f64[2,4,3,3] f64[4,2,3,2] f64[4]",
     .has_gradient = true},
    {.name = "gradient along a row",
     .attrs = "strides=3 output_padding=1",
     .inputs = "f64[1,2,3] f64[2,1,2]",
     .has_gradient = true},
    {.name = "all is cut off",
     .attrs = "pads=2,2",
     .inputs = "f32[1,1,1] f32[1,1,3]",
     .refusal = "a result of -1"},
    {.name = "channels that do not fit",
     .attrs = "group=2",
     .inputs = "f32[1,3,3] f32[3,1,1]",
     .refusal = "3 channels in 2 groups"},
    {.name = "biases that do not fit",
     .attrs = "",
     .inputs = "f32[1,1,3] f32[1,2,1] f32[1]",
     .refusal = "1 biases for 2"},
};

const struct fet_op fet_op_conv_transpose = {
    .name = "conv_transpose",
    .paper = "Zeiler 2010",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "ConvTranspose",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
