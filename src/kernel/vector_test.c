#include "check.h"

#include "vector.h"

enum { N = 1000 }; /* no multiple of any vector's length */

static void fill(float *x, uint64_t stream)
{
    struct fet_rng r;
    fet_rng_init(&r, 9, stream);
    for (int i = 0; i < N; i++) x[i] = (float)fet_rng_between(&r, -2, 2);
}

static void loops_do_what_they_say(void **state)
{
    (void)state;
    static float a[N], b[N], y[N];
    double sum = 0;
    fill(a, 1);
    fill(b, 2);
    fet_vector_sum(y, a, b, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == a[i] + b[i]);
    fet_vector_add(y, a, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == a[i] + b[i] + a[i]);
    fet_vector_sum(y, a, b, N);
    fet_vector_add_scaled(y, b, -0.5f, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == a[i] + b[i] + -0.5f * b[i]);
    fet_vector_sum_relu(y, a, b, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == fmaxf(a[i] + b[i], 0));
    fet_vector_relu(y, a, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == fmaxf(a[i], 0));
    fet_vector_relu_back(y, b, a, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == (a[i] > 0 ? b[i] : 0));
    a[3] = -0.5f; /* at the end itself */
    fet_vector_clip(y, a, -0.5f, 0.25f, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == fminf(fmaxf(a[i], -0.5f), 0.25f));
    fet_vector_clip_back(y, b, a, -0.5f, 0.25f, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == (a[i] >= -0.5f && a[i] <= 0.25f ? b[i] : 0));
    a[4] = NAN;
    fet_vector_clip(y, a, -0.5f, 0.25f, N);
    assert_true(isnan(y[4]));
    a[4] = 0.125f;
    memcpy(y, b, sizeof y);
    fet_vector_relu_back(y, y, a, N);
    for (int i = 0; i < N; i++) assert_true(y[i] == (a[i] > 0 ? b[i] : 0));
    memcpy(y, b, sizeof y);
    fet_vector_average(y, a, 0.75f, N);
    for (int i = 0; i < N; i++)
        assert_close(y[i], 0.75 * (double)b[i] + 0.25 * (double)a[i], 0, 1e-6);
    for (int i = 0; i < N; i++) sum += (double)a[i] * (double)a[i];
    assert_close(fet_vector_square_sum(a, N), sum, 1e-13, 0);
    a[N - 1] = NAN;
    assert_true(isnan(fet_vector_square_sum(a, N)));
    fet_vector_relu(y, a, N);
    assert_true(isnan(y[N - 1]));
    fet_vector_sum_relu(y, a, b, N);
    assert_true(isnan(y[N - 1]));
}

static void binary_cross_entropy_is_exact(void **state)
{
    (void)state;
    const float x[] = {0, 3, -3, 200, -200, 200}, t[] = {1, 0, 1, 1, 0, 0};
    const double wanted[] = {log(2.0), log1p(exp(3.0)), log1p(exp(3.0)), 0, 0, 200};
    const double slopes[] = {-0.5, 1 / (1 + exp(-3.0)), -1 / (1 + exp(-3.0)), 0, 0, 1};
    float dx[6];
    for (int i = 0; i < 6; i++) assert_close(fet_vector_bce(x + i, t + i, 1), wanted[i], 1e-6, 0);
    fet_vector_bce_back(dx, x, t, 2, 6);
    for (int i = 0; i < 6; i++) assert_close(dx[i], 2 * slopes[i], 1e-6, 1e-6);
}

static void windows_fold_into_their_sums(void **state)
{
    (void)state;
    /* Two rows of 2 x 3 groups of 2: each output group sums 2 x 3. */
    float y[24], x[4];
    for (int i = 0; i < 24; i++) y[i] = (float)i;
    fet_vector_fold(x, y, 2, 3, 2, 12, 2);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++) {
            float sum = 0;
            for (int h = 0; h < 2; h++)
                for (int w = 0; w < 3; w++) sum += y[12 * h + (3 * i + w) * 2 + k];
            assert_true(x[2 * i + k] == sum);
        }
}

/* Against the formula in double; another way back is tested with the tape. */
static void rows_are_normalised(void **state)
{
    (void)state;
    enum { N_ROW = 37 };
    float x[N_ROW], y[N_ROW], scale[N_ROW], bias[N_ROW], stats[2];
    double mean = 0, variance = 0;
    for (int i = 0; i < N_ROW; i++) {
        x[i] = 1000 + (float)(i * i % 11); /* far from 0: its square has no digits left for it */
        scale[i] = 1 + (float)i / 8;
        bias[i] = (float)(i % 3);
        mean += (double)x[i] / N_ROW;
    }
    for (int i = 0; i < N_ROW; i++)
        variance += ((double)x[i] - mean) * ((double)x[i] - mean) / N_ROW;
    for (int with_bias = 0; with_bias < 2; with_bias++) {
        fet_vector_layer_norm(y, x, scale, with_bias ? bias : NULL, 1e-5f, N_ROW, stats);
        for (int i = 0; i < N_ROW; i++) {
            const double unit = ((double)x[i] - mean) / sqrt(variance + 1e-5);
            const double wanted = unit * (double)scale[i] + (with_bias ? (double)bias[i] : 0);
            assert_close(y[i], wanted, 1e-5, 1e-5);
        }
    }
    assert_close(stats[0], mean, 1e-6, 0);
}

static void optimisers_follow_their_formulas(void **state)
{
    (void)state;
    static float w[N], g[N], m[N], v[N], w0[N], m0[N], v0[N];
    const struct fet_vector_step s = {0.5f, 0.1f, 0.2f, 0.9f, 0.99f, 1e-3f, 2, 3};
    fill(w0, 1);
    fill(g, 2);
    fill(m0, 3);
    fill(v0, 4);
    for (int i = 0; i < N; i++) v0[i] = fabsf(v0[i]);
    memcpy(w, w0, sizeof w);
    memcpy(m, m0, sizeof m);
    memcpy(v, v0, sizeof v);
    fet_vector_adamw(&s, w, g, m, v, N);
    for (int i = 0; i < N; i++) {
        const double d = 0.5 * (double)g[i], mean = 0.9 * (double)m0[i] + 0.1 * d;
        const double square = 0.99 * (double)v0[i] + 0.01 * d * d;
        assert_close(w[i], 0.98 * (double)w0[i] - 0.1 * mean * 2 / (sqrt(square) * 3 + 1e-3), 1e-5,
                     1e-5);
        assert_close(m[i], mean, 1e-5, 1e-6);
        assert_close(v[i], square, 1e-5, 1e-6);
    }
    memcpy(w, w0, sizeof w);
    memcpy(m, m0, sizeof m);
    fet_vector_lion(&s, w, g, m, N);
    for (int i = 0; i < N; i++) {
        const double d = 0.5 * (double)g[i], c = 0.9 * (double)m0[i] + 0.1 * d;
        assert_close(w[i], 0.98 * (double)w0[i] - 0.1 * (c > 0 ? 1 : -1), 1e-5, 1e-5);
        assert_close(m[i], 0.99 * (double)m0[i] + 0.01 * d, 1e-5, 1e-6);
    }
    memcpy(w, w0, sizeof w);
    memcpy(m, m0, sizeof m);
    fet_vector_sgd(&s, w, g, m, N);
    for (int i = 0; i < N; i++) {
        const double d = 0.5 * (double)g[i] + 0.2 * (double)w0[i];
        assert_close(w[i], (double)w0[i] - 0.1 * (0.9 * (double)m0[i] + d), 1e-5, 1e-5);
    }
    memcpy(w, w0, sizeof w);
    fet_vector_sgd(&s, w, g, NULL, N);
    for (int i = 0; i < N; i++)
        assert_close(w[i], (double)w0[i] - 0.1 * (0.5 * (double)g[i] + 0.2 * (double)w0[i]), 1e-5,
                     1e-5);
}

static void mark(void *self, int64_t i)
{
    ((int *)self)[i]++;
}

static void every_piece_is_done_once(void **state)
{
    (void)state;
    for (int n_threads = 1; n_threads <= 4; n_threads++)
        for (int n = 0; n < 20; n++) {
            int counts[20] = {0};
            fet_kernel_parallel(n_threads, n, mark, counts);
            for (int i = 0; i < 20; i++) assert_int_equal(counts[i], i < n);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_do_what_they_say),
        cmocka_unit_test(binary_cross_entropy_is_exact),
        cmocka_unit_test(windows_fold_into_their_sums),
        cmocka_unit_test(rows_are_normalised),
        cmocka_unit_test(optimisers_follow_their_formulas),
        cmocka_unit_test(every_piece_is_done_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
