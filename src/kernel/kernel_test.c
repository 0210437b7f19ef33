#include "check.h"

#include "kernel.h"

#include <dirent.h>
#include <sched.h>

/* A padded matrix of repeatable numbers in -1..1; what lies behind the row's end is NaN, so that a
 * kernel that reads it is found out. */
static float *matrix_new(uint64_t seed, int64_t n_rows, int64_t n_columns, int64_t ld)
{
    struct fet_rng r;
    fet_rng_init(&r, seed, 0);
    float *x = fet_alloc(n_rows * ld, sizeof *x);
    assert_non_null(x);
    for (int64_t i = 0; i < n_rows * ld; i++) {
        x[i] = i % ld < n_columns ? (float)fet_rng_between(&r, -1, 1) : nanf("");
    }
    return x;
}

/* What C should be in double, and how much a float sum of K + 2 rounded terms may be off: each of
 * the K additions and multiplications rounds by at most 2^-24 of the sum of magnitudes. */
static void element_compute(const struct fet_matmul *m, const float *c_old, int64_t i, int64_t j,
                            double *wanted, double *slack)
{
    double sum = 0, magnitude = 0;
    for (int64_t k = 0; k < m->K; k++) {
        const float b = m->b_is_transposed ? m->b[j * m->ldb + k] : m->b[k * m->ldb + j];
        const double term = (double)m->a[i * m->lda + k] * (double)b;
        sum += term;
        magnitude += fabs(term);
    }
    const double old = m->beta == 0.0f ? 0 : (double)m->beta * (double)c_old[i * m->ldc + j];
    *wanted = (double)m->alpha * sum + old;
    *slack = (double)(m->K + 2) * 0x1p-23 *
             (fabs((double)m->alpha) * magnitude + fabs(old) + fabs(*wanted));
}

static void one_product_is_right(int64_t M, int64_t N, int64_t K, bool is_transposed, float alpha,
                                 float beta, int64_t pad)
{
    const int64_t b_columns = is_transposed ? K : N, b_rows = is_transposed ? N : K;
    struct fet_matmul m = {
        .M = M,
        .N = N,
        .K = K,
        .lda = K + pad,
        .ldb = b_columns + pad,
        .ldc = N + pad,
        .b_is_transposed = is_transposed,
        .alpha = alpha,
        .beta = beta,
    };
    float *a = matrix_new(1, M, K, m.lda);
    float *b = matrix_new(2, b_rows, b_columns, m.ldb);
    float *old = matrix_new(3, M, N, m.ldc);
    float *c = fet_alloc(M * m.ldc, sizeof *c);
    assert_non_null(c);
    m.a = a;
    m.b = b;
    m.c = c;
    for (int is_ref = 0; is_ref < 2; is_ref++) {
        fet_kernel_set_reference_only(is_ref == 1);
        if (is_ref) assert_string_equal(fet_kernel_matmul_name(&m), "ref");
        memcpy(c, old, (size_t)(M * m.ldc) * sizeof *c);
        assert_ok(fet_kernel_matmul(&m));
        for (int64_t i = 0; i < M * m.ldc; i++) {
            double wanted = 0, slack = 0;
            if (i % m.ldc >= N) { /* the padding belongs to somebody else */
                assert_true(isnan(c[i]));
                continue;
            }
            element_compute(&m, old, i / m.ldc, i % m.ldc, &wanted, &slack);
            assert_close(c[i], wanted, 0, slack);
        }
    }
    fet_kernel_set_reference_only(false);
    fet_free(a);
    fet_free(b);
    fet_free(c);
    fet_free(old);
}

static void both_kernels_agree_with_double_on_odd_sizes(void **state)
{
    (void)state;
    const int64_t sizes[][3] = {{1, 1, 1},    {1, 1, 17},  {3, 5, 7},      {17, 1, 33},
                                {1, 100, 64}, {64, 64, 8}, {65, 129, 127}, {200, 3, 311}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int v = 0; v < 4; v++) {
            one_product_is_right(sizes[i][0], sizes[i][1], sizes[i][2], v % 2 == 1,
                                 v < 2 ? 1.0f : -0.5f, v < 2 ? 0.0f : 1.5f, v);
        }
    }
}

static void without_inner_dimension_only_beta_counts(void **state)
{
    (void)state;
    float c[4] = {1, 2, 3, 4};
    struct fet_matmul m = {.M = 2, .N = 2, .c = c, .ldb = 2, .ldc = 2, .alpha = 1, .beta = 0.5f};
    assert_ok(fet_kernel_matmul(&m));
    assert_true(c[0] == 0.5f && c[3] == 2.0f);
    m.beta = 0;
    m.b_is_transposed = true;
    assert_ok(fet_kernel_matmul(&m));
    assert_true(c[0] == 0.0f && c[3] == 0.0f);
    assert_ok(fet_kernel_matmul(&(struct fet_matmul){.alpha = 1})); /* nothing at all */
}

static void beta_zero_does_not_read_what_was_there(void **state)
{
    (void)state;
    enum { N = 24 };
    float a[N * N], b[N * N], c[N * N];
    for (int i = 0; i < N * N; i++) {
        a[i] = b[i] = 1.0f;
        c[i] = nanf("");
    }
    const struct fet_matmul m = {
        .M = N, .N = N, .K = N, .a = a, .b = b, .c = c, .lda = N, .ldb = N, .ldc = N, .alpha = 1};
    assert_string_equal(fet_kernel_matmul_name(&m), "dnnl");
    assert_ok(fet_kernel_matmul(&m));
    for (int i = 0; i < N * N; i++) assert_true(c[i] == (float)N);
}

static void impossible_calls_are_refused(void **state)
{
    (void)state;
    float x[16] = {0};
    const struct fet_matmul good = {
        .M = 2, .N = 3, .K = 4, .a = x, .b = x, .c = x, .lda = 4, .ldb = 3, .ldc = 3, .alpha = 1};
    struct fet_matmul m = good;
    m.M = -1;
    assert_fails(fet_kernel_matmul(&m), FET_SHAPE, "negative");
    m = good;
    m.lda = 3;
    assert_fails(fet_kernel_matmul(&m), FET_SHAPE, "lda=3");
    m = good;
    m.b_is_transposed = true; /* now a row of b holds K = 4 */
    assert_fails(fet_kernel_matmul(&m), FET_SHAPE, "ldb=3");
    m = good;
    m.ldc = 2;
    assert_fails(fet_kernel_matmul(&m), FET_SHAPE, "ldc=2");
    m = good;
    m.b = NULL;
    assert_fails(fet_kernel_matmul(&m), FET_ARGUMENT, "missing");
    m = good;
    m.c = NULL;
    assert_fails(fet_kernel_matmul(&m), FET_ARGUMENT, "missing");
}

enum { ROWS = 96, COLUMNS = 80, INNER = 70, CHUNK = 16 };

static fet_status rows_multiply(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    struct fet_matmul m = *(const struct fet_matmul *)self;
    m.M = CHUNK;
    m.a += i_chunk * CHUNK * m.lda;
    m.c += i_chunk * CHUNK * m.ldc;
    return fet_kernel_matmul(&m);
}

static int threads_count(void)
{
    int n = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    while (readdir(tasks) != NULL) n++;
    (void)closedir(tasks);
    return n - 2; /* "." and ".." */
}

/* Under TSan only the plain kernel runs on several threads: libgomp is not instrumented. */
#ifdef __SANITIZE_THREAD__
static const bool is_tsan = true;
#else
static const bool is_tsan = false;
#endif

static void results_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    float *a = matrix_new(1, ROWS, INNER, INNER);
    float *b = matrix_new(2, INNER, COLUMNS, COLUMNS);
    float *first = fet_alloc(ROWS * COLUMNS, sizeof *first);
    float *c = fet_alloc(ROWS * COLUMNS, sizeof *c);
    assert_non_null(first);
    assert_non_null(c);
    struct fet_matmul m = {.M = ROWS,
                           .N = COLUMNS,
                           .K = INNER,
                           .a = a,
                           .b = b,
                           .lda = INNER,
                           .ldb = COLUMNS,
                           .ldc = COLUMNS,
                           .alpha = 1};
    fet_kernel_set_reference_only(is_tsan);
    const int n_before = threads_count(); /* more than one under an emulator */
    for (int n_threads = 1; n_threads <= 8; n_threads++) {
        struct fet_pool *pool = NULL;
        assert_ok(fet_pool_new(n_threads, &pool));
        m.c = n_threads == 1 ? first : c;
        assert_ok(fet_pool_run(pool, ROWS / CHUNK, rows_multiply, &m));
        assert_ok(fet_pool_run(pool, ROWS / CHUNK, rows_multiply, &m));
        assert_memory_equal(first, m.c, ROWS * COLUMNS * sizeof *c);
        /* oneDNN has started none of its own. A thread that was joined may still be listed for a
         * moment, one of oneDNN's would stay. */
        if (!is_tsan) { /* whose runtime has a thread of its own */
            for (int i = 0; i < 100000 && threads_count() != n_before + n_threads - 1; i++)
                (void)sched_yield();
            assert_int_equal(threads_count(), n_before + n_threads - 1);
        }
        fet_pool_free(pool);
    }
    fet_kernel_set_reference_only(false);
    fet_free(a);
    fet_free(b);
    fet_free(c);
    fet_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_kernels_agree_with_double_on_odd_sizes),
        cmocka_unit_test(without_inner_dimension_only_beta_counts),
        cmocka_unit_test(beta_zero_does_not_read_what_was_there),
        cmocka_unit_test(impossible_calls_are_refused),
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
