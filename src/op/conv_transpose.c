/* conv_transpose: the transpose of conv. Every element of x [N,C,D...] lays the kernel of its
 * channel down, W [C,M/g,k...], weighted, and y is the sum of what lies there:
 *   Y[n,m,tap(i,k)] = B[m] + sum over c, i, k of X[n,c,i] W[c,m,k]
 * with the taps of the conv that leads from y to x. Zeiler 2010. Sums are taken in double. */
#include "window.h"

static const struct fet_attr attrs[] = {
    FET_WINDOW_ATTRS,
    {"group", FET_ATTR_INT, "1", "channels are cut into that many groups"},
    {"kernel_shape", FET_ATTR_INTS, "", "must be what W says"},
    {"output_padding", FET_ATTR_INTS, "", "added to the end of the result; 0 each when unset"},
    {"output_shape", FET_ATTR_INTS, "", "the size of the result; pads follow from it"},
    {0},
};

struct sizes {
    struct fet_window w;
    int64_t N, C, M, groups, c_each, m_each; /* c_each, m_each: channels in, out of a group */
};

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    const struct fet_shape *const x = &c->x[0]->shape, *const w = &c->x[1]->shape;
    const struct fet_attr_value *const kernel = fet_op_attr(c, "kernel_shape");
    FET_TRY(fet_op_need_rank(c, 0, 3, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, 1, x->n_dims, x->n_dims));
    *s = (struct sizes){.N = x->dims[0], .C = x->dims[1], .m_each = w->dims[1]};
    s->groups = fet_op_int(c, "group");
    if (s->groups < 1 || w->dims[0] != s->C || s->C % s->groups != 0 ||
        !fet_mul_size(s->m_each, s->groups, &s->M))
        return FET_FAIL(
            FET_SHAPE, "conv_transpose: %lld channels in %lld groups for weights of %lld to %lld",
            (long long)s->C, (long long)s->groups, (long long)w->dims[0], (long long)s->m_each);
    s->c_each = s->C / s->groups;
    for (int i = 0; kernel->is_set && i < kernel->n && kernel->n == w->n_dims - 2; i++)
        if (kernel->ints[i] != w->dims[i + 2])
            return FET_FAIL(FET_SHAPE, "conv_transpose: kernel_shape is not that of the weights");
    return fet_window_find_transposed(c, x, w->dims + 2, &s->w);
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(sizes_find(c, &s));
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        FET_TRY(fet_op_need_rank(c, 2, 1, 1));
        if (c->x[2]->shape.dims[0] != s.M)
            return FET_FAIL(FET_SHAPE, "conv_transpose: %lld biases for %lld channels",
                            (long long)c->x[2]->shape.dims[0], (long long)s.M);
    }
    struct fet_shape y = {s.w.n + 2, {s.N, s.M}};
    for (int i = 0; i < s.w.n; i++) y.dims[i + 2] = s.w.in[i];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* One image: x [C, n_out] is laid down on y [M, n_in]. */
static void lay_down(const struct sizes *s, const int64_t *taps, const double *x, const double *w,
                     double *y)
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
static void lay_back(const struct sizes *s, const int64_t *taps, const double *x, const double *w,
                     const double *dy, double *dx, double *dw)
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

static fet_status forward(const struct fet_op_call *c)
{
    struct sizes s;
    int64_t *taps = NULL;
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, &s));
    const struct fet_tensor *const bias = fet_op_x(c, 2);
    const int64_t n_y = fet_tensor_count(c->y[0]), each = s.M * s.w.n_in;
    double *const x = fet_reals_of(c->x[0]), *const w = fet_reals_of(c->x[1]);
    double *const y = fet_alloc(n_y, sizeof *y);
    if (x == NULL || w == NULL || y == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("conv_transpose", n_y * 8));
    if (n_y == 0) goto out;
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    for (int64_t i = 0; i < n_y && bias != NULL; i++)
        y[i] = fet_read_real(bias, i / s.w.n_in % s.M);
    for (int64_t n = 0; n < s.N; n++) lay_down(&s, taps, x + n * s.C * s.w.n_out, w, y + n * each);
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
            for (int64_t i = 0; i < s->w.n_in; i++) sum += dy[(n * s->M + m) * s->w.n_in + i];
        fet_add_real(db, m, 1, 1, &sum);
    }
}

static fet_status backward(const struct fet_op_call *c)
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
        FET_TRY_OUT(FET_FAIL_MEMORY("conv_transpose", n_x * 8));
    if (fet_tensor_count(c->dy[0]) == 0) goto out;
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    for (int64_t n = 0; n < s.N; n++)
        lay_back(&s, taps, x + n * s.C * s.w.n_out, w, dy + n * s.M * s.w.n_in,
                 want_x != NULL ? dx + n * s.C * s.w.n_out : NULL, want_w != NULL ? dw : NULL);
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
