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
