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
    double sum = 0;
    for (int k = 0; k < n; k++) sum += a[k] * b[k];
    return sum;
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

static void directions_find(const double *covariance, int n, int n_out, double *q, double *next)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 0);
    for (int i = 0; i < n_out * n; i++) q[i] = fet_rng_normal(&rng);
    orthonormalise(q, n_out, n);
    for (int round = 0; round < N_ROUNDS; round++) {
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n; k++)
                next[j * n + k] = dot(covariance + (size_t)k * (size_t)n, q + j * n, n);
        orthonormalise(next, n_out, n);
        memcpy(q, next, (size_t)n_out * (size_t)n * sizeof *q);
    }
}

/* Every so many-th row is enough to find directions. *few owned by the caller. */
static fet_status rows_thin(const float *x, int64_t n, int n_in, float **few, int64_t *n_few)
{
    const int64_t step = (n + N_ROWS_READ - 1) / N_ROWS_READ, count = (n + step - 1) / step;
    float *const made = fet_alloc(count * n_in, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("whitening", count * n_in * 4);
    for (int64_t i = 0; i < count; i++)
        memcpy(made + i * n_in, x + i * step * n_in, (size_t)n_in * sizeof *made);
    *few = made;
    *n_few = count;
    return FET_OK;
}

fet_status fet_whitening_project(const float *x, int64_t n, int n_in, int n_max_out,
                                 struct fet_whitening *w)
{
    const int n_out = n_in < n_max_out ? n_in : n_max_out;
    struct fet_whitening made = {.n_in = n_in, .n_out = n_out};
    const int64_t square = (int64_t)n_in * n_in, wide = (int64_t)n_in * n_out;
    float *few = NULL;
    int64_t n_few = 0;
    fet_status st = FET_OK;
    double *room = fet_alloc(square + 2 * wide + 2 * (int64_t)n_in, sizeof *room);
    made.mean = fet_alloc(n_in, sizeof *made.mean);
    made.matrix = fet_alloc(wide, sizeof *made.matrix);
    if (room == NULL || made.mean == NULL || made.matrix == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("whitening", 8 * (square + 2 * wide)));
    FET_TRY_OUT(rows_thin(x, n, n_in, &few, &n_few));
    double *const covariance = room, *const q = covariance + square, *const next = q + wide;
    double *const mean = next + wide, *const row = mean + n_in;
    mean_of(few, n_few, n_in, mean);
    covariance_of(few, n_few, n_in, mean, row, covariance);
    directions_find(covariance, n_in, n_out, q, next);
    for (int k = 0; k < n_in; k++) {
        made.mean[k] = (float)mean[k];
        for (int j = 0; j < n_out; j++) made.matrix[k * n_out + j] = (float)q[j * n_in + k];
    }
    *w = made;
    made = (struct fet_whitening){0};
out:
    fet_free(few);
    fet_free(room);
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
