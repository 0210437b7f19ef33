/* causal_conv: every channel of x [N,C,L] is convolved with its own kernel w [C,1,K] over the past:
 *   y[n,c,t] = f(b[c] + sum over k of w[c,k] z[n,c,t+k]),   z = past [N,C,K-1] (or zeros), then x
 * with f(v) = v, or v / (1 + exp(-v)) (silu, swish). The last K - 1 elements of z are the past of
 * the next call. As state space models do before their recurrence: Gu 2023. */
#include "loss.h"

static const struct fet_attr attrs[] = {
    {"activation", FET_ATTR_TEXT, "none", "none, silu or swish"},
    {0},
};

enum { X, W, BIAS, PAST };

static bool is_silu(const struct fet_op_call *c)
{
    return fet_op_text_is(c, "activation", "silu") || fet_op_text_is(c, "activation", "swish");
}

static fet_status infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[X]->dtype)) return fet_op_refuse_dtype(c, X, "a float type");
    FET_TRY(fet_op_need_rank(c, X, 3, 3));
    FET_TRY(fet_op_need_rank(c, W, 3, 3));
    const int64_t *const x = c->x[X]->shape.dims, *const w = c->x[W]->shape.dims;
    if (w[0] != x[1] || w[1] != 1 || w[2] < 1)
        return FET_FAIL(FET_SHAPE, "causal_conv: the kernels do not fit %lld channels",
                        (long long)x[1]);
    const struct fet_shape past = {3, {x[0], x[1], w[2] - 1}}, bias = {1, {x[1]}};
    for (int i = W; i < c->n_x; i++) {
        if (c->x[i] == NULL) continue;
        FET_TRY(fet_op_need_same_dtype(c, i, X));
        if (i > W && !fet_shape_is_equal(&c->x[i]->shape, i == PAST ? &past : &bias))
            return FET_FAIL(FET_SHAPE, "causal_conv: input %d does not fit the others", i);
    }
    if (!is_silu(c) && !fet_op_text_is(c, "activation", "none"))
        return FET_FAIL(FET_ARGUMENT, "causal_conv: activation is none, silu or swish");
    fet_op_set_y(c, 0, c->x[X]->dtype, &c->x[X]->shape);
    fet_op_set_y(c, 1, c->x[X]->dtype, &past);
    return FET_OK;
}

/* z of row n * C + c: [K - 1 + L]. */
static void load_row(const struct fet_op_call *c, int64_t row, int64_t n_past, int64_t length,
                     double *z)
{
    for (int64_t i = 0; i < n_past; i++) z[i] = 0;
    if (fet_op_x(c, PAST) != NULL) fet_load_real(c->x[PAST], row * n_past, 1, n_past, z);
    fet_load_real(c->x[X], row * length, 1, length, z + n_past);
}

/* The sum at t before the activation. */
static double sum_at(const struct fet_op_call *c, int64_t channel, const double *w, int64_t K,
                     const double *z, int64_t t)
{
    double sum = fet_op_x(c, BIAS) != NULL ? fet_read_real(c->x[BIAS], channel) : 0;
    for (int64_t k = 0; k < K; k++) sum += w[k] * z[t + k];
    return sum;
}

/* Room for z, w and what backward needs of the same sizes. */
struct room {
    int64_t n_rows, C, L, K;
    double *z, *w, *dz, *dw; /* z owns the block */
};

static fet_status room_init(const struct fet_op_call *c, struct room *r)
{
    const int64_t *const x = c->x[X]->shape.dims;
    *r = (struct room){.C = x[1], .L = x[2], .K = c->x[W]->shape.dims[2]};
    r->n_rows = x[0] * x[1];
    const int64_t n = r->K - 1 + r->L;
    r->z = fet_alloc(2 * (n + r->K), sizeof *r->z);
    if (r->z == NULL) return FET_FAIL_MEMORY("causal_conv", (n + r->K) * 16);
    r->w = r->z + n;
    r->dz = r->w + r->K;
    r->dw = r->dz + n;
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct room r;
    if (fet_op_span(&c->x[X]->shape, 0, 2) == 0) return FET_OK;
    FET_TRY(room_init(c, &r));
    for (int64_t row = 0; row < r.n_rows; row++) {
        const int64_t channel = row % r.C;
        load_row(c, row, r.K - 1, r.L, r.z);
        fet_load_real(c->x[W], channel * r.K, 1, r.K, r.w);
        for (int64_t t = 0; t < r.L; t++) {
            const double v = sum_at(c, channel, r.w, r.K, r.z, t);
            fet_write_real(c->y[0], row * r.L + t, is_silu(c) ? v * fet_logistic(v) : v);
        }
        fet_store_real(c->y[1], row * (r.K - 1), 1, r.K - 1, r.z + r.L);
    }
    fet_free(r.z);
    return FET_OK;
}

/* One row: fills dz and dw, returns the gradient of the bias. */
static double row_back(const struct fet_op_call *c, const struct room *r, int64_t row)
{
    double dbias = 0;
    for (int64_t i = 0; i < r->K - 1 + r->L; i++) r->dz[i] = 0;
    for (int64_t k = 0; k < r->K; k++) r->dw[k] = 0;
    for (int64_t t = 0; t < r->L && fet_op_dy(c, 0) != NULL; t++) {
        const double v = sum_at(c, row % r->C, r->w, r->K, r->z, t), s = fet_logistic(v);
        double d = fet_read_real(c->dy[0], row * r->L + t);
        if (is_silu(c)) d *= s * (1 + v * (1 - s));
        dbias += d;
        for (int64_t k = 0; k < r->K; k++) {
            r->dz[t + k] += d * r->w[k];
            r->dw[k] += d * r->z[t + k];
        }
    }
    for (int64_t i = 0; i < r->K - 1 && fet_op_dy(c, 1) != NULL; i++)
        r->dz[r->L + i] += fet_read_real(c->dy[1], row * (r->K - 1) + i);
    return dbias;
}

static fet_status backward(const struct fet_op_call *c)
{
    struct room r;
    if (fet_op_span(&c->x[X]->shape, 0, 2) == 0) return FET_OK;
    FET_TRY(room_init(c, &r));
    for (int64_t row = 0; row < r.n_rows; row++) {
        const int64_t channel = row % r.C;
        load_row(c, row, r.K - 1, r.L, r.z);
        fet_load_real(c->x[W], channel * r.K, 1, r.K, r.w);
        const double dbias = row_back(c, &r, row);
        if (fet_op_dx(c, X) != NULL) fet_add_real(c->dx[X], row * r.L, 1, r.L, r.dz + r.K - 1);
        if (fet_op_dx(c, W) != NULL) fet_add_real(c->dx[W], channel * r.K, 1, r.K, r.dw);
        if (fet_op_dx(c, BIAS) != NULL) fet_add_real(c->dx[BIAS], channel, 1, 1, &dbias);
        if (fet_op_dx(c, PAST) != NULL)
            fet_add_real(c->dx[PAST], row * (r.K - 1), 1, r.K - 1, r.dz);
    }
    fet_free(r.z);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "two channels without a past",
     .attrs = "",
     .inputs = "f32[1,2,3]={1,2,3,4,5,6} f32[2,1,2]={10,1,0,1} f32[2]={0,0.5}",
     .wanted = "f32[1,2,3]={1,12,23,4.5,5.5,6.5} f32[1,2,1]={3,6}"},
    {.name = "less than a kernel, with a past",
     .attrs = "",
     .inputs = "f32[1,1,1]={3} f32[1,1,3]={100,10,1} - f32[1,1,2]={1,2}",
     .wanted = "f32[1,1,1]={123} f32[1,1,2]={2,3}"},
    {.name = "gradient",
     .attrs = "activation=silu",
     .inputs = "f64[2,3,4] f64[3,1,3] f64[3] f64[2,3,2]",
     .has_gradient = true},
    {.name = "gradient of a sequence shorter than the kernel",
     .attrs = "",
     .inputs = "f64[1,2,1] f64[2,1,4]",
     .has_gradient = true},
    {.name = "kernels of other channels",
     .attrs = "",
     .inputs = "f32[1,2,3] f32[3,1,2]",
     .refusal = "do not fit 2 channels"},
    {.name = "another past",
     .attrs = "",
     .inputs = "f32[1,2,3] f32[2,1,2] - f32[1,2,2]",
     .refusal = "input 3 does not fit"},
    {.name = "another function",
     .attrs = "activation=relu",
     .inputs = "f32[1,2,3] f32[2,1,2]",
     .refusal = "activation is none"},
};

const struct fet_op fet_op_causal_conv = {
    .name = "causal_conv",
    .paper = "Gu 2023",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 4,
    .n_y = 2,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "CausalConvWithState",
    .onnx_since = 27,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
