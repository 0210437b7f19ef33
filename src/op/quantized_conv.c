/* Convolution of 8-bit numbers (conv.c), padded with x's zero:
 *   conv_integer  y = conv(x - x_zero, w - w_zero) as I32 (modulo 2^32)
 *   qlinear_conv  the same plus an I32 bias, times x_scale w_scale / y_scale, rounded (halves to
 *                 even), plus y_zero, saturated
 * Scales and zeros of w may come one for each channel that is made. Jacob 2018. */
#include "quantized.h"
#include "window.h"

static const struct fet_attr attrs[] = {
    FET_WINDOW_ATTRS,
    {"group", FET_ATTR_INT, "1", "channels are cut into that many groups"},
    {"kernel_shape", FET_ATTR_INTS, "", "must be what w says"},
    {0},
};

enum { BIAS = 8 }; /* of qlinear_conv */
static const struct fet_quantized integer_inputs = {0, -1, 2, 1, -1, 3, -1, -1};
static const struct fet_quantized linear_inputs = {0, 1, 2, 3, 4, 5, 6, 7};

struct sizes {
    struct fet_window w;
    int64_t N, C, M, c_each, m_each; /* c_each, m_each: channels in, out of a group */
};

static fet_status sizes_find(const struct fet_op_call *c, const struct fet_quantized *q,
                             struct sizes *s)
{
    const struct fet_shape *const x = &c->x[q->a]->shape, *const w = &c->x[q->b]->shape;
    const struct fet_attr_value *const kernel = fet_op_attr(c, "kernel_shape");
    const int64_t groups = fet_op_int(c, "group");
    FET_TRY(fet_op_need_rank(c, q->a, 3, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, q->b, x->n_dims, x->n_dims));
    *s = (struct sizes){.N = x->dims[0], .C = x->dims[1], .M = w->dims[0], .c_each = w->dims[1]};
    if (groups < 1 || s->M % groups != 0 || s->C % groups != 0 || s->C / groups != s->c_each)
        return FET_FAIL(FET_SHAPE, "%s: %lld channels in %lld groups for weights of %lld to %lld",
                        c->op->name, (long long)s->C, (long long)groups, (long long)s->c_each,
                        (long long)s->M);
    s->m_each = s->M / groups;
    for (int i = 0; kernel->is_set && i < kernel->n && kernel->n == w->n_dims - 2; i++)
        if (kernel->ints[i] != w->dims[i + 2])
            return FET_FAIL(FET_SHAPE, "%s: kernel_shape is not that of the weights", c->op->name);
    return fet_window_find(c, x, w->dims + 2, false, &s->w);
}

static fet_status infer(const struct fet_op_call *c, const struct fet_quantized *q)
{
    struct sizes s;
    FET_TRY(sizes_find(c, q, &s));
    FET_TRY(fet_quantized_check(c, q, 1, s.M));
    if (q->y_zero >= 0 && fet_op_x(c, BIAS) != NULL) {
        FET_TRY(fet_op_need_dtype(c, BIAS, FET_I32));
        FET_TRY(fet_op_need_rank(c, BIAS, 1, 1));
        if (c->x[BIAS]->shape.dims[0] != s.M)
            return FET_FAIL(FET_SHAPE, "%s: %lld biases for %lld channels", c->op->name,
                            (long long)c->x[BIAS]->shape.dims[0], (long long)s.M);
    }
    struct fet_shape y = {s.w.n + 2, {s.N, s.M}};
    for (int i = 0; i < s.w.n; i++) y.dims[i + 2] = s.w.out[i];
    fet_op_set_y(c, 0, q->y_zero < 0 ? FET_I32 : c->x[q->y_zero]->dtype, &y);
    return FET_OK;
}

/* Channel m of image n: y [n_out]. x and w are without their zeros. */
static void convolve(const struct sizes *s, const int64_t *taps, const int64_t *x, const int64_t *w,
                     int64_t n, int64_t m, int64_t *y)
{
    for (int64_t i = 0; i < s->c_each; i++) {
        const int64_t *const plane = x + (n * s->C + m / s->m_each * s->c_each + i) * s->w.n_in;
        const int64_t *const kernel = w + (m * s->c_each + i) * s->w.n_kernel;
        for (int64_t o = 0; o < s->w.n_out; o++)
            for (int64_t k = 0; k < s->w.n_kernel; k++) {
                const int64_t at = taps[o * s->w.n_kernel + k];
                if (at >= 0) y[o] += plane[at] * kernel[k];
            }
    }
}

/* The elements of input i without their zeros; `each` of them share one. NULL without memory. */
static int64_t *load(const struct fet_op_call *c, int i, int zero, int64_t each)
{
    const int64_t n = fet_tensor_count(c->x[i]);
    int64_t *const v = fet_alloc(n, sizeof *v);
    for (int64_t k = 0; v != NULL && k < n; k++)
        v[k] = fet_read_int(c->x[i], k) - fet_zero_at(c, zero, k / each);
    return v;
}

static fet_status forward(const struct fet_op_call *c, const struct fet_quantized *q)
{
    struct sizes s;
    int64_t *taps = NULL;
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, q, &s));
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    const struct fet_tensor *const bias = q->y_zero >= 0 ? fet_op_x(c, BIAS) : NULL;
    const int64_t n_kernel = s.c_each * s.w.n_kernel;
    int64_t *const x = load(c, q->a, q->a_zero, INT64_MAX);
    int64_t *const w = load(c, q->b, q->b_zero, n_kernel > 0 ? n_kernel : 1);
    int64_t *const y = fet_alloc(s.w.n_out, sizeof *y);
    if (x == NULL || w == NULL || y == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, fet_tensor_count(c->x[q->a]) * 8));
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    for (int64_t row = 0; row < s.N * s.M; row++) {
        const int64_t m = row % s.M;
        for (int64_t o = 0; o < s.w.n_out; o++) y[o] = bias != NULL ? fet_read_int(bias, m) : 0;
        convolve(&s, taps, x, w, row / s.M, m, y);
        for (int64_t o = 0; o < s.w.n_out; o++)
            fet_quantized_store(c, q, row * s.w.n_out + o, y[o], 0, m);
    }
out:
    fet_free(taps);
    fet_free(x);
    fet_free(w);
    fet_free(y);
    return st;
}

static fet_status integer_infer(const struct fet_op_call *c)
{
    return infer(c, &integer_inputs);
}

static fet_status integer_forward(const struct fet_op_call *c)
{
    return forward(c, &integer_inputs);
}

static fet_status linear_infer(const struct fet_op_call *c)
{
    return infer(c, &linear_inputs);
}

static fet_status linear_forward(const struct fet_op_call *c)
{
    return forward(c, &linear_inputs);
}

static const struct fet_op_case integer_cases[] = {
    {.name = "padding is the zero",
     .attrs = "pads=1,0",
     .inputs = "u8[1,1,2]={3,5} i8[1,1,2]={1,10} u8[]={1} i8[1]={0}",
     .wanted = "i32[1,1,2]={20,42}"},
    {.name = "two groups, a zero for each channel",
     .attrs = "group=2",
     .inputs = "u8[1,2,1]={2,3} u8[2,1,1]={10,100} - u8[2]={1,2}",
     .wanted = "i32[1,2,1]={18,294}"},
    {.name = "channels that do not fit",
     .attrs = "",
     .inputs = "u8[1,2,3] u8[1,1,2]",
     .refusal = "2 channels in 1 groups"},
    {.name = "reals", .attrs = "", .inputs = "f32[1,1,3] u8[1,1,2]", .refusal = "U8 or I8"},
};

static const struct fet_op_case linear_cases[] = {
    {.name = "with a bias, saturated",
     .attrs = "",
     .inputs = "u8[1,1,2]={3,200} f32[]={0.5} u8[]={1} u8[2,1,1]={2,3} f32[2]={1,2} u8[2]={0,1} "
               "f32[]={0.5} u8[]={7} i32[2]={1,0}",
     .wanted = "u8[1,2,2]={12,255,15,255}"},
    {.name = "biases that do not fit",
     .attrs = "",
     .inputs = "u8[1,1,2] f32[] u8[] u8[2,1,1] f32[] u8[] f32[] u8[] i32[1]",
     .refusal = "1 biases for 2"},
    {.name = "scales that do not fit",
     .attrs = "",
     .inputs = "u8[1,1,2] f32[] u8[] u8[2,1,1] f32[3] u8[] f32[] u8[]",
     .refusal = "input 4 holds 3 numbers"},
};

const struct fet_op fet_op_conv_integer = {
    .name = "conv_integer",
    .paper = "Jacob 2018",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 4,
    .n_y = 1,
    .infer = integer_infer,
    .forward = integer_forward,
    .onnx_type = "ConvInteger",
    .onnx_since = 10,
    .cases = integer_cases,
    .n_cases = sizeof integer_cases / sizeof integer_cases[0],
};

const struct fet_op fet_op_qlinear_conv = {
    .name = "qlinear_conv",
    .paper = "Jacob 2018",
    .attrs = attrs,
    .min_x = 8,
    .max_x = 9,
    .n_y = 1,
    .infer = linear_infer,
    .forward = linear_forward,
    .onnx_type = "QLinearConv",
    .onnx_since = 10,
    .cases = linear_cases,
    .n_cases = sizeof linear_cases / sizeof linear_cases[0],
};
