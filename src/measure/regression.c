/* How far are predicted numbers from the true ones.
 *
 * The interval of the root mean squared error is a percentile bootstrap (Efron & Tibshirani 1993,
 * chapter 13) of the squared errors: they are far too skewed for a normal approximation at the
 * sizes of test sets that people have. Above MAX_GROUPS examples neighbours are resampled together,
 * which keeps the spread of the mean and bounds the time. */
#include <math.h>
#include <stdlib.h>

#include "measure.h"
#include "total.h"

enum { N_DRAWS = 1000, MAX_GROUPS = 20000 };

double fet_quantile(double *values, int64_t n, double q)
{
    if (n < 1 || !(q >= 0 && q <= 1)) return (double)NAN;
    for (int64_t i = 0; i < n; i++)
        if (isnan(values[i])) return (double)NAN;
    qsort(values, (size_t)n, sizeof *values, fet_compare_reals);
    const double at = q * (double)(n - 1);
    const int64_t i = (int64_t)at;
    if (at <= (double)i || values[i] == values[i + 1]) return values[i]; /* no inf - inf */
    return values[i] + (at - (double)i) * (values[i + 1] - values[i]);
}

/* Sums of squared errors of n_groups runs of neighbours, and how many examples each holds. */
struct groups {
    double *squares, *counts; /* owned [n] */
    double *draws;            /* owned [N_DRAWS] */
    int64_t n;
};

static void groups_deinit(struct groups *g)
{
    fet_free(g->squares);
    fet_free(g->counts);
    fet_free(g->draws);
}

static fet_status groups_init(const double *truth, const double *answer, int64_t n,
                              struct groups *g)
{
    g->n = n < MAX_GROUPS ? n : MAX_GROUPS;
    g->squares = fet_alloc(g->n, sizeof *g->squares);
    g->counts = fet_alloc(g->n, sizeof *g->counts);
    g->draws = fet_alloc(N_DRAWS, sizeof *g->draws);
    if (g->squares == NULL || g->counts == NULL || g->draws == NULL) {
        groups_deinit(g);
        return FET_FAIL_MEMORY("bootstrap", (2 * g->n + N_DRAWS) * (int64_t)sizeof(double));
    }
    int64_t i = 0;
    for (int64_t j = 0; j < g->n; j++) {
        const int64_t end = n / g->n * (j + 1) + n % g->n * (j + 1) / g->n;
        g->counts[j] = (double)(end - i);
        for (; i < end; i++) {
            const double error = answer[i] - truth[i];
            g->squares[j] += error * error;
        }
    }
    return FET_OK;
}

static fet_status bootstrap_rmse(const double *truth, const double *answer, int64_t n,
                                 double confidence, struct fet_interval *interval)
{
    struct groups g = {0};
    FET_TRY(groups_init(truth, answer, n, &g));
    struct fet_rng rng;
    fet_rng_init(&rng, 0x626f6f7473747261, 0); /* any constant: the same interval every time */
    for (int i = 0; i < N_DRAWS; i++) {
        double squares = 0, count = 0;
        for (int64_t j = 0; j < g.n; j++) {
            const uint32_t pick = fet_rng_below(&rng, (uint32_t)g.n);
            squares += g.squares[pick];
            count += g.counts[pick];
        }
        g.draws[i] = sqrt(squares / count);
    }
    const double tail = (1 - confidence) / 2;
    interval->low = fet_quantile(g.draws, N_DRAWS, tail);
    interval->high = fet_quantile(g.draws, N_DRAWS, 1 - tail);
    groups_deinit(&g);
    return FET_OK;
}

static fet_status check_numbers(const double *truth, const double *answer, int64_t n,
                                double confidence)
{
    if (n < 0) return FET_FAIL(FET_ARGUMENT, "regression: %lld numbers", (long long)n);
    if (!(confidence > 0 && confidence < 1))
        return FET_FAIL(FET_ARGUMENT, "regression: confidence %g is not between 0 and 1",
                        confidence);
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(truth[i]) || !isfinite(answer[i]))
            return FET_FAIL(FET_ARGUMENT, "regression: pair %lld is %g and %g, not two numbers",
                            (long long)i, truth[i], answer[i]);
    return FET_OK;
}

fet_status fet_regression(const double *truth, const double *answer, int64_t n, double confidence,
                          struct fet_regression_figures *f)
{
    FET_TRY(check_numbers(truth, answer, n, confidence));
    const double none = (double)NAN;
    struct fet_regression_figures figures = {none, none, none, {none, none}};
    if (n > 0) {
        struct fet_total sum = {0}, squares = {0}, absolutes = {0}, spread = {0};
        for (int64_t i = 0; i < n; i++) fet_total_add(&sum, truth[i]);
        const double mean = fet_total_get(&sum) / (double)n;
        for (int64_t i = 0; i < n; i++) {
            const double error = answer[i] - truth[i];
            fet_total_add(&squares, error * error);
            fet_total_add(&absolutes, fabs(error));
            fet_total_add(&spread, (truth[i] - mean) * (truth[i] - mean));
        }
        figures.rmse = sqrt(fet_total_get(&squares) / (double)n);
        figures.mae = fet_total_get(&absolutes) / (double)n;
        if (fet_total_get(&spread) > 0)
            figures.r2 = 1 - fet_total_get(&squares) / fet_total_get(&spread);
        FET_TRY(bootstrap_rmse(truth, answer, n, confidence, &figures.rmse_interval));
    }
    *f = figures;
    return FET_OK;
}
