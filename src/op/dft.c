/* dft: the discrete Fourier transform along an axis (input 2, the last but one when left out),
 *   y_j = sum over k of x_k exp(-2 pi i j k / n), inverse: exp(+...) / n
 * of x [...,1] (real) or [...,2] (real and imaginary part), cut or filled up with zeros to the
 * length n given as input 1. onesided: a real signal gives only its first n / 2 + 1 frequencies,
 * and with inverse such a half gives the real signal again, [...,1]. */
#include "fft.h"

static const struct fet_attr attrs[] = {
    {"inverse", FET_ATTR_INT, "0", "1 = back from frequencies"},
    {"onesided", FET_ATTR_INT, "0", "1 = half of the frequencies, of a real signal"},
    {0},
};

struct sizes {
    int axis;
    int64_t n_x, n, n_y;      /* along the axis: given, transformed, returned */
    int64_t x_parts, y_parts; /* 1 or 2 */
    int64_t inner;            /* complex numbers from one to the next along the axis */
    bool is_inverse, is_half;
};

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    int64_t value = -2, n_values = 1;
    const struct fet_shape *const x = &c->x[0]->shape;
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    *s = (struct sizes){.is_inverse = fet_op_flag(c, "inverse"),
                        .is_half = fet_op_flag(c, "onesided"),
                        .x_parts = x->dims[x->n_dims - 1]};
    if (fet_op_x(c, 2) != NULL) FET_TRY(fet_op_ints(c, 2, 1, &value, &n_values));
    FET_TRY(fet_op_axis(c, value, x->n_dims, &s->axis));
    if (n_values != 1 || s->axis == x->n_dims - 1)
        return FET_FAIL(FET_ARGUMENT, "dft: the last axis holds the parts of a number");
    const bool needs_real = s->is_half && !s->is_inverse, needs_both = s->is_half && s->is_inverse;
    if (s->x_parts < (needs_both ? 2 : 1) || s->x_parts > (needs_real ? 1 : 2))
        return FET_FAIL(FET_SHAPE, "dft: numbers of %lld parts", (long long)s->x_parts);
    s->n_x = x->dims[s->axis];
    s->n = needs_both ? 2 * (s->n_x - 1) : s->n_x;
    n_values = 1;
    if (fet_op_x(c, 1) != NULL) FET_TRY(fet_op_ints(c, 1, 1, &s->n, &n_values));
    if (n_values != 1 || s->n < 1 || s->n > INT32_MAX)
        return FET_FAIL(FET_ARGUMENT, "dft: a length of %lld", (long long)s->n);
    s->n_y = needs_real ? s->n / 2 + 1 : s->n;
    s->y_parts = needs_both ? 1 : 2;
    s->inner = fet_op_span(x, s->axis + 1, x->n_dims - 1);
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(sizes_find(c, &s));
    struct fet_shape y = c->x[0]->shape;
    y.dims[s.axis] = s.n_y;
    y.dims[y.n_dims - 1] = s.y_parts;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* Line i of x as complex numbers [n]. */
static void load_line(const struct fet_op_call *c, const struct sizes *s, int64_t i, double *v)
{
    const int64_t at = i / s->inner * s->n_x * s->inner + i % s->inner;
    const bool is_spectrum = s->is_half && s->is_inverse;
    const int64_t n_given = is_spectrum && s->n_x > s->n / 2 + 1 ? s->n / 2 + 1 : s->n_x;
    for (int64_t k = 0; k < 2 * s->n; k++) v[k] = 0;
    for (int64_t k = 0; k < s->n && k < n_given; k++)
        for (int64_t part = 0; part < s->x_parts; part++)
            v[2 * k + part] = fet_read_real(c->x[0], (at + k * s->inner) * s->x_parts + part);
    if (!is_spectrum) return;
    /* The other half mirrors it; what mirrors itself is real. */
    v[1] = 0;
    if (s->n % 2 == 0) v[s->n + 1] = 0;
    for (int64_t k = s->n / 2 + 1; k < s->n; k++) {
        v[2 * k] = v[2 * (s->n - k)];
        v[2 * k + 1] = -v[2 * (s->n - k) + 1];
    }
}

static fet_status forward(const struct fet_op_call *c)
{
    struct sizes s;
    struct fet_fft f = {0};
    double *v = NULL;
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, &s));
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    FET_TRY_OUT(fet_status_add("dft", fet_fft_init(&f, s.n)));
    v = fet_alloc(2 * (s.n + f.m), sizeof *v);
    if (v == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("dft", (s.n + f.m) * 16));
    const int64_t n_lines = fet_tensor_count(c->y[0]) / s.n_y / s.y_parts;
    for (int64_t i = 0; i < n_lines; i++) {
        const int64_t at = i / s.inner * s.n_y * s.inner + i % s.inner;
        load_line(c, &s, i, v);
        fet_fft_run(&f, v, v + 2 * s.n, s.is_inverse);
        for (int64_t k = 0; k < s.n_y; k++)
            fet_store_real(c->y[0], (at + k * s.inner) * s.y_parts, 1, s.y_parts, v + 2 * k);
    }
out:
    fet_free(v);
    fet_fft_deinit(&f);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "of four numbers",
     .attrs = "",
     .inputs = "f64[1,4,1]={1,2,3,4}",
     .wanted = "f64[1,4,2]={10,0,-2,2,-2,0,-2,-2}"},
    {.name = "of three, along the first axis",
     .attrs = "",
     .inputs = "f64[3,1,2]={1,0,0,0,0,1} - i64[]={0}",
     .wanted = "f64[3,1,2]={1,1,0.1339746,-0.5,1.8660254,-0.5}"},
    {.name = "back again",
     .attrs = "inverse=1",
     .inputs = "f32[1,4,2]={10,0,-2,2,-2,0,-2,-2}",
     .wanted = "f32[1,4,2]={1,0,2,0,3,0,4,0}"},
    {.name = "half of the frequencies, filled up",
     .attrs = "onesided=1",
     .inputs = "f32[1,3,1]={1,2,3} i64[]={4}",
     .wanted = "f32[1,3,2]={6,0,-2,-2,2,0}"},
    {.name = "and back",
     .attrs = "onesided=1 inverse=1",
     .inputs = "f32[1,3,2]={6,0,-2,-2,2,0}",
     .wanted = "f32[1,4,1]={1,2,3,0}"},
    {.name = "the axis of parts",
     .attrs = "",
     .inputs = "f32[1,3,1] - i64[]={-1}",
     .refusal = "the last axis"},
    {.name = "half of a complex signal",
     .attrs = "onesided=1",
     .inputs = "f32[1,3,2]",
     .refusal = "numbers of 2 parts"},
    {.name = "no length", .attrs = "", .inputs = "f32[1,3,1] i64[]={0}", .refusal = "length of 0"},
};

const struct fet_op fet_op_dft = {
    .name = "dft",
    .paper = "Cooley 1965",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "DFT",
    .onnx_since = 20,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
