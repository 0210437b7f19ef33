#include "check.h"

#include "block_kinds.h"
#include "kernel.h"

/* ---- a block on plain arrays: reorders at its edges ---- */

struct bench {
    void *args[FET_BLOCK_N_ARGS]; /* owned */
};

static void bench_deinit(struct bench *w)
{
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) fet_free(w->args[i]);
}

static fet_status reorder(const struct fet_layout *from, void *src, const struct fet_layout *to,
                          void *dst)
{
    struct fet_block *b = NULL;
    void *args[FET_BLOCK_N_ARGS] = {[FET_BLOCK_SRC] = src, [FET_BLOCK_DST] = dst};
    fet_status st = FET_OK;
    FET_TRY(fet_block_reorder_new(
        &(struct fet_block_reorder){.common = {.n_threads = 1, .src = from, .dst = to}, .scale = 1},
        &b));
    const struct fet_layout *const scratch = fet_block_layout(b, FET_BLOCK_SCRATCHPAD);
    if (scratch != NULL) {
        args[FET_BLOCK_SCRATCHPAD] = fet_alloc((int64_t)fet_layout_bytes(scratch), 1);
        if (args[FET_BLOCK_SCRATCHPAD] == NULL) st = FET_FAIL_MEMORY("test", 1);
    }
    if (st == FET_OK) st = fet_block_run(b, args);
    fet_free(args[FET_BLOCK_SCRATCHPAD]);
    fet_block_free(b);
    return st;
}

static void bench_init(struct bench *w, const struct fet_block *b)
{
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) {
        const struct fet_layout *const l = fet_block_layout(b, (enum fet_block_arg)i);
        w->args[i] = NULL;
        if (l == NULL) continue;
        w->args[i] = fet_alloc((int64_t)fet_layout_bytes(l), 1);
        assert_non_null(w->args[i]);
    }
}

/* Plain elements into an argument, or out of it. */
static void move(struct bench *w, const struct fet_block *b, enum fet_block_arg arg,
                 enum fet_dtype dtype, int n_dims, const int64_t *dims, void *plain, bool is_in)
{
    struct fet_shape shape = {.n_dims = n_dims};
    struct fet_layout *l = NULL;
    for (int i = 0; i < n_dims; i++) shape.dims[i] = dims[i];
    assert_ok(fet_layout_new_plain(dtype, &shape, &l));
    assert_true(fet_layout_is_plain(l));
    const struct fet_layout *const other = fet_block_layout(b, arg);
    assert_non_null(other);
    assert_int_equal(fet_layout_dtype(other), dtype);
    if (is_in)
        assert_ok(reorder(l, plain, other, w->args[arg]));
    else
        assert_ok(reorder(other, w->args[arg], l, plain));
    fet_layout_free(l);
}

static float *random_floats(struct fet_rng *rng, int64_t n)
{
    float *const v = fet_alloc(n, sizeof *v);
    assert_non_null(v);
    for (int64_t i = 0; i < n; i++) v[i] = (float)fet_rng_between(rng, -1, 1);
    return v;
}

/* ---- convolution ---- */

static int64_t out_of(const struct fet_block_conv *d, int i)
{
    return (d->in[i] + d->begin[i] + d->end[i] - (d->kernel[i] - 1) * d->dilation[i] - 1) /
               d->stride[i] +
           1;
}

/* One output by definition. */
static double conv_at(const struct fet_block_conv *d, const float *x, const float *w, int64_t n,
                      int64_t m, int64_t oy, int64_t ox)
{
    const int64_t c_each = d->C / d->groups, first = m / (d->M / d->groups) * c_each;
    double sum = 0;
    for (int64_t c = 0; c < c_each; c++)
        for (int64_t ky = 0; ky < d->kernel[0]; ky++)
            for (int64_t kx = 0; kx < d->kernel[1]; kx++) {
                const int64_t y = oy * d->stride[0] - d->begin[0] + ky * d->dilation[0];
                const int64_t at = ox * d->stride[1] - d->begin[1] + kx * d->dilation[1];
                if (y < 0 || y >= d->in[0] || at < 0 || at >= d->in[1]) continue;
                sum += (double)x[((n * d->C + first + c) * d->in[0] + y) * d->in[1] + at] *
                       (double)w[((m * c_each + c) * d->kernel[0] + ky) * d->kernel[1] + kx];
            }
    return sum;
}

struct conv_data {
    float *x, *w, *bias, *before, *y;
    int64_t n_y;
};

static void run_conv(const struct fet_block_conv *d, struct conv_data *v)
{
    struct fet_block *b = NULL;
    struct bench bench;
    const bool is_grouped = d->groups > 1;
    const int64_t src[] = {d->N, d->C, d->in[0], d->in[1]}, m[] = {d->M};
    const int64_t dst[] = {d->N, d->M, d->out[0], d->out[1]};
    const int64_t grouped[] = {d->groups, d->M / d->groups, d->C / d->groups, d->kernel[0],
                               d->kernel[1]};
    const int64_t dense[] = {d->M, d->C, d->kernel[0], d->kernel[1]};
    assert_ok(fet_block_conv_new(d, &b));
    assert_true(strlen(fet_block_name(b)) > 1);
    bench_init(&bench, b);
    move(&bench, b, FET_BLOCK_SRC, FET_F32, 4, src, v->x, true);
    move(&bench, b, FET_BLOCK_WEIGHTS, FET_F32, is_grouped ? 5 : 4, is_grouped ? grouped : dense,
         v->w, true);
    if (d->has_bias) move(&bench, b, FET_BLOCK_BIAS, FET_F32, 1, m, v->bias, true);
    move(&bench, b, FET_BLOCK_DST, FET_F32, 4, dst, v->before, true);
    assert_ok(fet_block_run(b, bench.args));
    move(&bench, b, FET_BLOCK_DST, FET_F32, 4, dst, v->y, false);
    bench_deinit(&bench);
    fet_block_free(b);
}

static void one_conv_is_right(struct fet_block_conv d)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 7, 0);
    for (int i = 0; i < 2; i++) d.out[i] = out_of(&d, i);
    d.n_spatial = 2;
    struct conv_data v = {.n_y = d.N * d.M * d.out[0] * d.out[1]};
    v.x = random_floats(&rng, d.N * d.C * d.in[0] * d.in[1]);
    v.w = random_floats(&rng, d.M * d.C / d.groups * d.kernel[0] * d.kernel[1]);
    v.bias = random_floats(&rng, d.M);
    v.before = random_floats(&rng, v.n_y);
    v.y = random_floats(&rng, v.n_y);
    run_conv(&d, &v);
    for (int64_t i = 0; i < v.n_y; i++) {
        const int64_t plane = d.out[0] * d.out[1], at = i % plane;
        double y =
            conv_at(&d, v.x, v.w, i / plane / d.M, i / plane % d.M, at / d.out[1], at % d.out[1]);
        if (d.has_bias) y += (double)v.bias[i / plane % d.M];
        for (int k = 0; k < d.tail.n; k++) {
            if (d.tail.steps[k].is_sum)
                y += (double)d.tail.steps[k].alpha * (double)v.before[i];
            else
                y = y > 0 ? y : (double)d.tail.steps[k].alpha * y;
        }
        assert_close(v.y[i], y, 1e-5, 2e-5); /* a few hundred products of up to 1 */
    }
    fet_free(v.x);
    fet_free(v.w);
    fet_free(v.bias);
    fet_free(v.before);
    fet_free(v.y);
}

static struct fet_block_conv conv_like(int64_t C, int64_t M, int64_t groups, int64_t kernel,
                                       int64_t stride)
{
    return (struct fet_block_conv){.common = {.n_threads = 1},
                                   .n_spatial = 2,
                                   .N = 2,
                                   .C = C,
                                   .M = M,
                                   .groups = groups,
                                   .in = {9, 8},
                                   .kernel = {kernel, kernel},
                                   .stride = {stride, stride},
                                   .dilation = {1, 1},
                                   .begin = {kernel / 2, kernel / 2},
                                   .end = {kernel / 2, kernel / 2}};
}

static void convolutions_of_every_form_are_right(void **state)
{
    (void)state;
    const int64_t forms[][5] = {{3, 8, 1, 3, 2},    {16, 32, 1, 3, 1}, {17, 5, 1, 1, 1},
                                {16, 16, 16, 3, 1}, {12, 24, 4, 3, 2}, {32, 16, 1, 1, 2}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const int64_t *const f = forms[i];
        struct fet_block_conv d = conv_like(f[0], f[1], f[2], f[3], f[4]);
        one_conv_is_right(d);
        d.has_bias = true;
        d.tail = (struct fet_tail){.n = 1, .steps = {{.eltwise = FET_ELTWISE_RELU, .alpha = 0.1f}}};
        one_conv_is_right(d);
        d.tail = (struct fet_tail){
            .n = 2, .steps = {{.is_sum = true, .alpha = 0.5f}, {.eltwise = FET_ELTWISE_RELU}}};
        one_conv_is_right(d);
    }
    struct fet_block_conv odd = conv_like(4, 6, 1, 3, 1);
    odd.dilation[0] = 2;
    odd.begin[0] = 0;
    odd.end[1] = 2;
    one_conv_is_right(odd);
}

/* ---- int8: small integers, so that every product is exact ---- */

static void int8_convolution_scales_adds_and_clips(void **state)
{
    (void)state;
    enum { C = 4, M = 3, PLANE = 9 };
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        uint8_t x[C * PLANE], y[M * PLANE] = {0};
        int8_t w[M * C];
        float bias[M] = {1, -2, 300};
        const float scales[M] = {0.5f, 1, 0.25f};
        struct fet_block *b = NULL;
        struct bench bench;
        struct fet_block_conv d = conv_like(C, M, 1, 1, 1);
        d.N = 1;
        d.in[0] = d.in[1] = d.out[0] = d.out[1] = 3;
        d.src_dtype = is_signed ? FET_I8 : FET_U8;
        d.weights_dtype = FET_I8;
        d.dst_dtype = FET_U8;
        d.has_bias = true;
        d.scales = scales;
        if (!fet_kernel_has_int8()) {
            assert_fails(fet_block_conv_new(&d, &b), FET_UNSUPPORTED, "no exact int8");
            return;
        }
        assert_ok(fet_block_conv_new(&d, &b));
        bench_init(&bench, b);
        for (int i = 0; i < C * PLANE; i++) x[i] = (uint8_t)(is_signed ? i - 18 : i * 3);
        for (int i = 0; i < M * C; i++) w[i] = (int8_t)(i % 5 - 2);
        float prepared[M] = {1, -2, 300};
        fet_block_bias_prepare(b, prepared, M);
        const int64_t src[] = {1, C, 3, 3}, dst[] = {1, M, 3, 3}, weights[] = {M, C, 1, 1};
        const int64_t m[] = {M};
        move(&bench, b, FET_BLOCK_SRC, d.src_dtype, 4, src, x, true);
        move(&bench, b, FET_BLOCK_WEIGHTS, FET_I8, 4, weights, w, true);
        move(&bench, b, FET_BLOCK_BIAS, FET_F32, 1, m, prepared, true);
        assert_ok(fet_block_run(b, bench.args));
        move(&bench, b, FET_BLOCK_DST, FET_U8, 4, dst, y, false);
        for (int i = 0; i < M * PLANE; i++) {
            double sum = 0;
            for (int c = 0; c < C; c++) {
                const uint8_t raw = x[c * PLANE + i % PLANE];
                sum += (is_signed ? (int8_t)raw : raw) * w[i / PLANE * C + c];
            }
            sum = sum * (double)scales[i / PLANE] + (double)bias[i / PLANE];
            const double clipped = sum < 0 ? 0 : sum > 255 ? 255 : sum;
            assert_close(y[i], clipped, 0, 0.51);
        }
        bench_deinit(&bench);
        fet_block_free(b);
    }
}

/* ---- products ---- */

static void a_linear_block_multiplies_by_transposed_weights(void **state)
{
    (void)state;
    enum { N = 3, C = 37, M = 10 };
    struct fet_rng rng;
    struct fet_block *b = NULL;
    struct bench bench;
    fet_rng_init(&rng, 3, 0);
    float *const x = random_floats(&rng, N * C), *const w = random_floats(&rng, M * C);
    float *const bias = random_floats(&rng, M), y[N * M];
    const struct fet_block_linear d = {
        .common = {.n_threads = 1}, .N = N, .C = C, .M = M, .has_bias = true};
    assert_ok(fet_block_linear_new(&d, &b));
    bench_init(&bench, b);
    move(&bench, b, FET_BLOCK_SRC, FET_F32, 2, (const int64_t[]){N, C}, x, true);
    move(&bench, b, FET_BLOCK_WEIGHTS, FET_F32, 2, (const int64_t[]){M, C}, w, true);
    move(&bench, b, FET_BLOCK_BIAS, FET_F32, 1, (const int64_t[]){M}, bias, true);
    assert_ok(fet_block_run(b, bench.args));
    move(&bench, b, FET_BLOCK_DST, FET_F32, 2, (const int64_t[]){N, M}, y, false);
    for (int i = 0; i < N * M; i++) {
        double sum = (double)bias[i % M];
        for (int c = 0; c < C; c++) sum += (double)x[i / M * C + c] * (double)w[i % M * C + c];
        assert_close(y[i], sum, 1e-5, 1e-5);
    }
    bench_deinit(&bench);
    fet_block_free(b);
    fet_free(x);
    fet_free(w);
    fet_free(bias);
}

static void stacks_of_matrices_broadcast(void **state)
{
    (void)state;
    struct fet_block *b = NULL;
    struct bench bench;
    const struct fet_block_matmul d = {
        .common = {.n_threads = 1}, .a = {3, {2, 2, 3}}, .b = {3, {1, 3, 1}}};
    float a[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, v[] = {1, 0, -1}, y[4];
    assert_ok(fet_block_matmul_new(&d, &b));
    bench_init(&bench, b);
    move(&bench, b, FET_BLOCK_SRC, FET_F32, 3, d.a.dims, a, true);
    move(&bench, b, FET_BLOCK_WEIGHTS, FET_F32, 3, d.b.dims, v, true);
    assert_ok(fet_block_run(b, bench.args));
    move(&bench, b, FET_BLOCK_DST, FET_F32, 3, (const int64_t[]){2, 2, 1}, y, false);
    for (int i = 0; i < 4; i++) assert_close(y[i], -2, 1e-6, 0);
    bench_deinit(&bench);
    fet_block_free(b);
}

/* ---- pooling, elements, softmax ---- */

static void pooling_is_right(void **state)
{
    (void)state;
    const double wanted[3][4] = {{1, 3, 7, 9}, {1, 2.5, 5.5, 7}, {0.25, 1.25, 2.75, 7}};
    for (int kind = 0; kind < 3; kind++) {
        struct fet_block_pool d = {.common = {.n_threads = 1},
                                   .kind = (enum fet_pooling)kind,
                                   .n_spatial = 2,
                                   .N = 1,
                                   .C = 1,
                                   .in = {3, 3},
                                   .out = {2, 2},
                                   .kernel = {2, 2},
                                   .stride = {2, 2},
                                   .dilation = {1, 1},
                                   .begin = {1, 1}};
        float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, y[4];
        struct fet_block *b = NULL;
        struct bench bench;
        assert_ok(fet_block_pool_new(&d, &b));
        bench_init(&bench, b);
        move(&bench, b, FET_BLOCK_SRC, FET_F32, 4, (const int64_t[]){1, 1, 3, 3}, x, true);
        assert_ok(fet_block_run(b, bench.args));
        move(&bench, b, FET_BLOCK_DST, FET_F32, 4, (const int64_t[]){1, 1, 2, 2}, y, false);
        for (int i = 0; i < 4; i++) assert_close(y[i], wanted[kind][i], 1e-6, 0);
        bench_deinit(&bench);
        fet_block_free(b);
    }
}

static double function_of(enum fet_eltwise kind, double x)
{
    switch (kind) {
    case FET_ELTWISE_RELU:
        return x > 0 ? x : 0.5 * x;
    case FET_ELTWISE_TANH:
        return tanh(x);
    case FET_ELTWISE_ELU:
        return x > 0 ? x : 0.5 * (exp(x) - 1);
    case FET_ELTWISE_ABS:
        return fabs(x);
    case FET_ELTWISE_SQRT:
        return sqrt(x);
    case FET_ELTWISE_LINEAR:
        return 0.5 * x + 2;
    case FET_ELTWISE_SOFTPLUS:
        return log1p(exp(x));
    case FET_ELTWISE_SIGMOID:
        return 1 / (1 + exp(-x));
    case FET_ELTWISE_EXP:
        return exp(x);
    case FET_ELTWISE_LOG:
        return log(x);
    case FET_ELTWISE_GELU_TANH:
        return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
    case FET_ELTWISE_GELU_ERF:
        return 0.5 * x * (1 + erf(x / sqrt(2.0)));
    case FET_ELTWISE_SWISH:
        return x / (1 + exp(-0.5 * x));
    case FET_ELTWISE_CLIP:
        return x < 0.5 ? 0.5 : x > 2 ? 2 : x;
    case FET_ELTWISE_MISH:
        return x * tanh(log1p(exp(x)));
    case FET_ELTWISE_HARD_SWISH:
        return x * (x < -3 ? 0 : x > 3 ? 1 : x / 6 + 0.5);
    case FET_N_ELTWISE:
        break;
    }
    return 0;
}

static void functions_of_elements_are_right(void **state)
{
    (void)state;
    enum { N = 21 };
    struct fet_layout *l = NULL;
    assert_ok(fet_layout_new_plain(FET_F32, &(struct fet_shape){1, {N}}, &l));
    assert_int_equal(fet_layout_bytes(l), N * sizeof(float));
    for (int kind = 0; kind < FET_N_ELTWISE; kind++) {
        const bool is_positive = kind == FET_ELTWISE_SQRT || kind == FET_ELTWISE_LOG;
        const struct fet_block_eltwise d = {.common = {.n_threads = 1, .src = l},
                                            .kind = (enum fet_eltwise)kind,
                                            .alpha = 0.5f,
                                            .beta = 2};
        float x[N], y[N];
        struct fet_block *b = NULL;
        void *args[FET_BLOCK_N_ARGS] = {[FET_BLOCK_SRC] = x, [FET_BLOCK_DST] = y};
        for (int i = 0; i < N; i++) x[i] = is_positive ? (float)(i + 1) : (float)(i - 10) * 0.5f;
        assert_ok(fet_block_eltwise_new(&d, &b));
        assert_ok(fet_block_run(b, args));
        for (int i = 0; i < N; i++)
            assert_close(y[i], function_of(d.kind, (double)x[i]), 1e-5, 1e-5); /* polynomials */
        fet_block_free(b);
    }
    fet_layout_free(l);
}

static void two_operands_broadcast_in_place(void **state)
{
    (void)state;
    const double wanted[] = {12, -8, 20, 0.2, 10, 2};
    for (int kind = 0; kind < 6; kind++) {
        struct fet_layout *a = NULL, *c = NULL;
        struct fet_block *b = NULL;
        float x[] = {1, 2, 3, 4}, y[] = {5, 10};
        void *args[FET_BLOCK_N_ARGS] = {
            [FET_BLOCK_SRC] = x, [FET_BLOCK_SRC_1] = y, [FET_BLOCK_DST] = x};
        assert_ok(fet_layout_new_plain(FET_F32, &(struct fet_shape){2, {2, 2}}, &a));
        assert_ok(fet_layout_new_plain(FET_F32, &(struct fet_shape){2, {1, 2}}, &c));
        assert_false(fet_layout_is_equal(a, c));
        assert_ok(
            fet_block_binary_new(&(struct fet_block_binary){.common = {.n_threads = 1, .src = a},
                                                            .kind = (enum fet_binary_kind)kind,
                                                            .src_1 = c},
                                 &b));
        assert_ok(fet_block_run(b, args));
        assert_close(x[1], wanted[kind], 1e-6, 0);
        fet_block_free(b);
        fet_layout_free(a);
        fet_layout_free(c);
    }
}

static void softmax_sums_to_one(void **state)
{
    (void)state;
    struct fet_layout *l = NULL;
    struct fet_block *b = NULL;
    float x[] = {0, 1, 2, 100, 100, 100}, y[6];
    void *args[FET_BLOCK_N_ARGS] = {[FET_BLOCK_SRC] = x, [FET_BLOCK_DST] = y};
    assert_ok(fet_layout_new_plain(FET_F32, &(struct fet_shape){2, {2, 3}}, &l));
    for (int is_log = 0; is_log < 2; is_log++) {
        assert_ok(fet_block_softmax_new(
            &(struct fet_block_softmax){
                .common = {.n_threads = 1, .src = l}, .axis = 1, .is_log = is_log == 1},
            &b));
        assert_ok(fet_block_run(b, args));
        for (int i = 0; i < 3; i++) {
            const double p = exp(i) / (exp(0) + exp(1) + exp(2));
            assert_close(y[i], is_log ? log(p) : p, 1e-5, 1e-6);
            assert_close(y[3 + i], is_log ? log(1.0 / 3) : 1.0 / 3, 1e-5, 1e-6);
        }
        fet_block_free(b);
    }
    fet_layout_free(l);
}

static void a_reorder_may_scale_and_round(void **state)
{
    (void)state;
    struct fet_layout *from = NULL, *to = NULL;
    struct fet_block *b = NULL;
    float x[] = {-300, -1.4f, 0, 1.6f, 300};
    int8_t y[5];
    void *args[FET_BLOCK_N_ARGS] = {[FET_BLOCK_SRC] = x, [FET_BLOCK_DST] = y};
    assert_ok(fet_layout_new_plain(FET_F32, &(struct fet_shape){1, {5}}, &from));
    assert_ok(fet_layout_new_plain(FET_I8, &(struct fet_shape){1, {5}}, &to));
    assert_ok(fet_block_reorder_new(
        &(struct fet_block_reorder){.common = {.n_threads = 1, .src = from, .dst = to}, .scale = 2},
        &b));
    assert_ok(fet_block_run(b, args));
    const int8_t wanted[] = {-128, -3, 0, 3, 127};
    assert_memory_equal(y, wanted, 5);
    fet_block_free(b);
    fet_layout_free(from);
    fet_layout_free(to);
}

/* ---- refusals and faults ---- */

static fet_status make_and_free(const struct fet_block_conv *d)
{
    struct fet_block *b = NULL;
    FET_TRY(fet_block_conv_new(d, &b));
    fet_block_free(b);
    return FET_OK;
}

static void what_has_no_block_is_refused(void **state)
{
    (void)state;
    struct fet_block_conv d = conv_like(4, 4, 1, 3, 1);
    struct fet_layout *l = NULL;
    d.out[0] = d.out[1] = 3; /* not what the sizes give */
    assert_fails(make_and_free(&d), FET_INTERNAL, "conv");
    d.out[0] = 9;
    d.out[1] = 8;
    assert_ok(make_and_free(&d));
    d.N = 0;
    assert_fails(make_and_free(&d), FET_UNSUPPORTED, "nothing to compute");
    d.N = 1;
    d.groups = 3;
    assert_fails(make_and_free(&d), FET_UNSUPPORTED, "3 groups");
    d.groups = 1;
    d.src_dtype = FET_F64;
    assert_fails(make_and_free(&d), FET_UNSUPPORTED, "F64");
    d.src_dtype = FET_F32;
    d.common.n_threads = 0;
    assert_fails(make_and_free(&d), FET_ARGUMENT, "0 threads");
    d.common.n_threads = 1;
    fet_kernel_set_reference_only(true);
    assert_fails(make_and_free(&d), FET_UNSUPPORTED, "reference");
    fet_kernel_set_reference_only(false);
    assert_fails(
        fet_layout_new_plain(FET_F32, &(struct fet_shape){8, {1, 1, 1, 1, 1, 1, 1, 1}}, &l),
        FET_UNSUPPORTED, "8 dimensions");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const float scales[4] = {1, 1, 1, 1};
    struct fet_block_conv d = conv_like(4, 4, 1, 3, 1);
    d.out[0] = 9;
    d.out[1] = 8;
    d.has_bias = true;
    if (fet_kernel_has_int8()) {
        d.src_dtype = FET_U8;
        d.weights_dtype = d.dst_dtype = FET_I8;
        d.scales = scales;
    }
    d.tail = (struct fet_tail){.n = 1, .steps = {{.eltwise = FET_ELTWISE_RELU}}};
    check_fault_sweep(FET_FAULT_ALLOC, make_and_free(&d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_of_every_form_are_right),
        cmocka_unit_test(int8_convolution_scales_adds_and_clips),
        cmocka_unit_test(a_linear_block_multiplies_by_transposed_weights),
        cmocka_unit_test(stacks_of_matrices_broadcast),
        cmocka_unit_test(pooling_is_right),
        cmocka_unit_test(functions_of_elements_are_right),
        cmocka_unit_test(two_operands_broadcast_in_place),
        cmocka_unit_test(softmax_sums_to_one),
        cmocka_unit_test(a_reorder_may_scale_and_round),
        cmocka_unit_test(what_has_no_block_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
