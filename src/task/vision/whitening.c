#include "whitening.h"

#include "kernel.h"
#include "symmetric.h"

#include <math.h>
#include <string.h>

/* The floor below which a number is noise: features are of the order of 0.01 to 1. */
static const double least_deviation = 1e-3;
/* Of the strongest axis: weaker axes are not blown up beyond this. */
static const double floor_of_variance = 1e-3;
/* Of the mean variance of differences. */
static const double floor_of_difference = 0.1;

void fet_whitening_deinit(struct fet_whitening *w)
{
    fet_free(w->mean);
    fet_free(w->matrix);
    *w = (struct fet_whitening){0};
}

/* covariance [n_in,n_in] of the rows about `mean`, or about 0 when mean is NULL. */
static void covariance_of(const float *x, int64_t n, int n_in, const double *mean, double *row,
                          double *covariance)
{
    memset(covariance, 0, (size_t)n_in * (size_t)n_in * sizeof *covariance);
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; k < n_in; k++)
            row[k] = (double)x[i * n_in + k] - (mean == NULL ? 0 : mean[k]);
        for (int k = 0; k < n_in; k++) {
            double *c = covariance + (size_t)k * (size_t)n_in;
            const double xk = row[k];
            for (int l = k; l < n_in; l++) c[l] += xk * row[l];
        }
    }
    for (int k = 0; k < n_in; k++)
        for (int l = k; l < n_in; l++) {
            const double c = covariance[k * n_in + l] / (double)n;
            covariance[k * n_in + l] = covariance[l * n_in + k] = c;
        }
}

static void mean_of(const float *x, int64_t n, int n_in, double *mean)
{
    for (int k = 0; k < n_in; k++) mean[k] = 0;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < n_in; k++) mean[k] += (double)x[i * n_in + k];
    for (int k = 0; k < n_in; k++) mean[k] /= (double)n;
}

/* Scales the covariance to correlations; deviation [n_in] as used. */
static void correlate(double *covariance, int n_in, double *deviation)
{
    for (int k = 0; k < n_in; k++) {
        const double d = sqrt(covariance[k * n_in + k]);
        deviation[k] = d > least_deviation ? d : least_deviation;
    }
    for (int k = 0; k < n_in; k++)
        for (int l = 0; l < n_in; l++) covariance[k * n_in + l] /= deviation[k] * deviation[l];
}

fet_status fet_whitening_learn(const float *x, int64_t n, int n_in, int n_max_out,
                               struct fet_whitening *w)
{
    const int n_out = n_in < n_max_out ? n_in : n_max_out;
    struct fet_whitening made = {.n_in = n_in, .n_out = n_out};
    fet_status st = FET_OK;
    double *room = fet_alloc(2 * (int64_t)n_in * n_in + 4 * (int64_t)n_in, sizeof *room);
    made.mean = fet_alloc(n_in, sizeof *made.mean);
    made.matrix = fet_alloc((int64_t)n_in * n_out, sizeof *made.matrix);
    if (room == NULL || made.mean == NULL || made.matrix == NULL) {
        st = FET_FAIL_MEMORY("whitening", 8 * (int64_t)n_in * n_in);
        goto out;
    }
    double *covariance = room, *vectors = covariance + (size_t)n_in * (size_t)n_in;
    double *mean = vectors + (size_t)n_in * (size_t)n_in, *deviation = mean + n_in;
    double *values = deviation + n_in, *row = values + n_in;
    mean_of(x, n, n_in, mean);
    covariance_of(x, n, n_in, mean, row, covariance);
    correlate(covariance, n_in, deviation);
    fet_symmetric_eigen(covariance, n_in, values, vectors);
    const double strongest = values[0] > 0 ? values[0] : 1;
    for (int j = 0; j < n_out; j++) {
        const double value = values[j] > 0 ? values[j] : 0;
        const double stretch = 1 / sqrt(value / strongest + floor_of_variance);
        for (int k = 0; k < n_in; k++)
            made.matrix[k * n_out + j] = (float)(vectors[j * n_in + k] * stretch / deviation[k]);
    }
    for (int k = 0; k < n_in; k++) made.mean[k] = (float)mean[k];
    *w = made;
    made = (struct fet_whitening){0};
out:
    fet_free(room);
    fet_whitening_deinit(&made);
    return st;
}

/* ---- projecting: orthogonal iteration (Bauer 1957). The directions need not be the principal
 * axes, only span nearly the same space, so few rounds do. ---- */

enum { N_ROWS_READ = 6000, N_ROUNDS = 8 };

static double dot(const double *a, const double *b, int n)
{
    double lanes[4] = {0}, sum = 0; /* four sums that do not wait for each other */
    int k = 0;
    for (; k + 4 <= n; k += 4)
        for (int l = 0; l < 4; l++) lanes[l] += a[k + l] * b[k + l];
    for (; k < n; k++) sum += a[k] * b[k];
    return sum + ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
}

/* Rows q [n_out,n] become orthonormal; those that depend on the ones before become 0. */
static void orthonormalise(double *q, int n_out, int n)
{
    for (int j = 0; j < n_out; j++) {
        double *const row = q + (size_t)j * (size_t)n;
        const double before = sqrt(dot(row, row, n));
        for (int i = 0; i < j; i++) {
            const double *const other = q + (size_t)i * (size_t)n;
            const double share = dot(row, other, n);
            for (int k = 0; k < n; k++) row[k] -= share * other[k];
        }
        const double length = sqrt(dot(row, row, n));
        const double scale = length > 1e-9 * before && length > 0 ? 1 / length : 0;
        for (int k = 0; k < n; k++) row[k] *= scale;
    }
}

/* Directions q [n_out,n] of a covariance [n,n]; few [2,n_out,n] is scratch. The product is what
 * costs and runs in floats; that the directions stay orthogonal is seen to in doubles. */
static fet_status directions_find(const float *covariance, int n, int n_out, float *few, double *q)
{
    const int64_t size = (int64_t)n_out * n;
    const struct fet_matmul turn = {.M = n_out,
                                    .N = n,
                                    .K = n,
                                    .a = few,
                                    .b = covariance,
                                    .c = few + size,
                                    .lda = n,
                                    .ldb = n,
                                    .ldc = n,
                                    .alpha = 1};
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 0);
    for (int64_t i = 0; i < size; i++) q[i] = fet_rng_normal(&rng);
    orthonormalise(q, n_out, n);
    for (int round = 0; round < N_ROUNDS; round++) {
        for (int64_t i = 0; i < size; i++) few[i] = (float)q[i];
        FET_TRY(fet_kernel_matmul(&turn));
        for (int64_t i = 0; i < size; i++) q[i] = (double)few[size + i];
        orthonormalise(q, n_out, n);
    }
    return FET_OK;
}

/* Every so many-th row is enough to find directions: *columns [n_in,*n_few], each less its mean;
 * owned by the caller. mean [n_in]. */
static fet_status columns_take(const float *x, int64_t n, int n_in, double *mean, float **columns,
                               int64_t *n_few)
{
    enum { BLOCK = 16 };
    const int64_t step = (n + N_ROWS_READ - 1) / N_ROWS_READ, count = (n + step - 1) / step;
    float *const made = fet_alloc(count * n_in, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("whitening", count * n_in * 4);
    for (int k = 0; k < n_in; k++) mean[k] = 0;
    for (int64_t i = 0; i < n; i += step)
        for (int k = 0; k < n_in; k++) mean[k] += (double)x[i * n_in + k];
    for (int k = 0; k < n_in; k++) mean[k] /= (double)count;
    for (int64_t first = 0; first < count; first += BLOCK) /* a line of the cache of each column */
        for (int k = 0; k < n_in; k++)
            for (int64_t i = first; i < first + BLOCK && i < count; i++)
                made[k * count + i] = (float)((double)x[i * step * n_in + k] - mean[k]);
    *columns = made;
    *n_few = count;
    return FET_OK;
}

/* covariance [n_in,n_in] from columns [n_in,n]. */
static fet_status covariance_fast(const float *columns, int64_t n, int n_in, float *covariance)
{
    const struct fet_matmul product = {.M = n_in,
                                       .N = n_in,
                                       .K = n,
                                       .a = columns,
                                       .b = columns,
                                       .c = covariance,
                                       .lda = n,
                                       .ldb = n,
                                       .ldc = n_in,
                                       .b_is_transposed = true,
                                       .alpha = 1.0f / (float)n};
    return fet_kernel_matmul(&product);
}

fet_status fet_whitening_project(const float *x, int64_t n, int n_in, int n_max_out,
                                 struct fet_whitening *w)
{
    const int n_out = n_in < n_max_out ? n_in : n_max_out;
    struct fet_whitening made = {.n_in = n_in, .n_out = n_out};
    const int64_t square = (int64_t)n_in * n_in, wide = (int64_t)n_in * n_out;
    float *columns = NULL;
    int64_t n_few = 0;
    fet_status st = FET_OK;
    double *const q = fet_alloc(wide, sizeof *q), *const mean = fet_alloc(n_in, sizeof *mean);
    float *const covariance = fet_alloc(square + 2 * wide, sizeof *covariance);
    made.mean = fet_alloc(n_in, sizeof *made.mean);
    made.matrix = fet_alloc(wide, sizeof *made.matrix);
    if (q == NULL || mean == NULL || covariance == NULL || made.mean == NULL || made.matrix == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("whitening", 4 * (square + 4 * wide)));
    FET_TRY_OUT(columns_take(x, n, n_in, mean, &columns, &n_few));
    FET_TRY_OUT(covariance_fast(columns, n_few, n_in, covariance));
    FET_TRY_OUT(directions_find(covariance, n_in, n_out, covariance + square, q));
    for (int k = 0; k < n_in; k++) {
        made.mean[k] = (float)mean[k];
        for (int j = 0; j < n_out; j++) made.matrix[k * n_out + j] = (float)q[j * n_in + k];
    }
    *w = made;
    made = (struct fet_whitening){0};
out:
    fet_free(columns);
    fet_free(covariance);
    fet_free(mean);
    fet_free(q);
    fet_whitening_deinit(&made);
    return st;
}

fet_status fet_whitening_refine(struct fet_whitening *w, const float *d, int64_t n)
{
    if (n == 0) return FET_OK;
    const int m = w->n_out;
    fet_status st = FET_OK;
    double *room = fet_alloc(2 * (int64_t)m * m + 2 * (int64_t)m, sizeof *room);
    float *matrix = fet_alloc((int64_t)w->n_in * m, sizeof *matrix);
    if (room == NULL || matrix == NULL) {
        st = FET_FAIL_MEMORY("whitening", 16 * (int64_t)m * m);
        goto out;
    }
    double *covariance = room, *vectors = covariance + (size_t)m * (size_t)m;
    double *values = vectors + (size_t)m * (size_t)m, *row = values + m;
    covariance_of(d, n, m, NULL, row, covariance);
    fet_symmetric_eigen(covariance, m, values, vectors);
    double total = 0;
    for (int j = 0; j < m; j++) total += values[j] > 0 ? values[j] : 0;
    if (total <= 0) goto out; /* all parts are equal: nothing to learn from */
    for (int k = 0; k < w->n_in; k++)
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int l = 0; l < m; l++) sum += (double)w->matrix[k * m + l] * vectors[j * m + l];
            const double value = values[j] > 0 ? values[j] : 0;
            matrix[k * m + j] = (float)(sum / sqrt(value + floor_of_difference * total / m));
        }
    memcpy(w->matrix, matrix, (size_t)w->n_in * (size_t)m * sizeof *matrix);
out:
    fet_free(room);
    fet_free(matrix);
    return st;
}

fet_status fet_whitening_apply(const struct fet_whitening *w, const float *x, int64_t ldx,
                               int64_t n, float *z, int64_t ldz, float *scratch)
{
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < w->n_in; k++) scratch[i * w->n_in + k] = x[i * ldx + k] - w->mean[k];
    const struct fet_matmul m = {.M = n,
                                 .N = w->n_out,
                                 .K = w->n_in,
                                 .a = scratch,
                                 .b = w->matrix,
                                 .c = z,
                                 .lda = w->n_in,
                                 .ldb = w->n_out,
                                 .ldc = ldz,
                                 .alpha = 1};
    return fet_kernel_matmul(&m);
}
