/* Thresholds with a promise, from scores of good examples that the model has not learnt from.
 *
 * Let S(1) <= ... <= S(n) be the calibration scores and S a new one, all exchangeable. Rejecting
 * above S(k) rejects S only if S is among the n-k+1 largest of the n+1 scores, so
 *
 *     P(S > S(k)) <= (n-k+1)/(n+1),   equality when all scores are distinct
 *
 * (Vovk, Gammerman & Shafer 2005, chapter 2). That averages over calibration sets. For the one
 * that was drawn, the rate R = P(S > S(k) | S(k)) of a continuous score is exactly
 *
 *     R ~ Beta(n-k+1, k),
 *
 * because F(S(k)) is the k-th of n uniform order statistics (Vovk 2012, "Conditional validity of
 * inductive conformal predictors"; Bates, Candes, Lei, Romano & Sesia 2023, "Testing for outliers
 * with conformal p-values", section 3). The quantile of R at the wished confidence is the bound.
 * With ties F(S(k)) is stochastically larger, hence R smaller: the bound stays a bound as long as
 * k is chosen from n alone and not from the scores, as it is here. */
#include <math.h>
#include <stdlib.h>

#include "measure.h"

/* The largest m with m / (n + 1) <= share, as doubles compare: 0.29 of 100 is 29, not 28. */
static int64_t floor_share(double share, int64_t n)
{
    int64_t m = (int64_t)floor(share * (double)(n + 1));
    if ((double)(m + 1) / (double)(n + 1) <= share) m++;
    return m;
}

double fet_conformal_p_value(const double *sorted, int64_t n, double score)
{
    if (isnan(score)) return (double)NAN;
    int64_t low = 0, high = n; /* the first score that is not below */
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (sorted[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)(1 + n - low) / (double)(n + 1);
}

/* The fewest examples whose largest score keeps the promise: P(R > wished) = (1 - wished)^n. */
static int64_t find_needed(double wished, double confidence)
{
    const double n = ceil(log1p(-confidence) / log1p(-wished) * (1 - 1e-12));
    return n < 1e18 ? (int64_t)n : INT64_MAX;
}

fet_status fet_conformal_threshold(const double *sorted, int64_t n, double wished,
                                   double confidence, struct fet_conformal_threshold *t)
{
    if (n < 1) return FET_FAIL(FET_ARGUMENT, "conformal threshold: no calibration score");
    if (!(wished > 0 && wished < 1))
        return FET_FAIL(FET_ARGUMENT,
                        "conformal threshold: the wished rate %g is not between 0 and 1", wished);
    if (!(confidence > 0 && confidence < 1))
        return FET_FAIL(FET_ARGUMENT,
                        "conformal threshold: the confidence %g is not between 0 and 1",
                        confidence);
    for (int64_t i = 0; i < n; i++)
        if (isnan(sorted[i]) || (i > 0 && sorted[i] < sorted[i - 1]))
            return FET_FAIL(FET_ARGUMENT, "conformal threshold: score %lld is %s", (long long)i,
                            isnan(sorted[i]) ? "not a number" : "below the one before it");
    int64_t n_above = floor_share(wished, n); /* n-k+1 */
    if (n_above < 1) n_above = 1;
    if (n_above > n) n_above = n;
    const int64_t k = n - n_above + 1;
    *t = (struct fet_conformal_threshold){
        .threshold = sorted[k - 1],
        .expected = (double)n_above / (double)(n + 1),
        .bound = fet_beta_quantile(confidence, (double)n_above, (double)k),
        .confidence = confidence,
        .n = n,
        .n_needed = find_needed(wished, confidence),
    };
    return FET_OK;
}

fet_status fet_conformal_radius(double *abs_residuals, int64_t n, double alpha, double *radius)
{
    if (!(alpha > 0 && alpha < 1))
        return FET_FAIL(FET_ARGUMENT, "conformal radius: alpha %g is not between 0 and 1", alpha);
    for (int64_t i = 0; i < n; i++)
        if (!(abs_residuals[i] >= 0))
            return FET_FAIL(FET_ARGUMENT, "conformal radius: residual %lld is %g", (long long)i,
                            abs_residuals[i]);
    if (n < 1) {
        *radius = (double)INFINITY;
        return FET_OK;
    }
    qsort(abs_residuals, (size_t)n, sizeof *abs_residuals, fet_compare_reals);
    /* ceil((1-alpha)(n+1)) = n + 1 - floor(alpha (n+1)) */
    const int64_t k = n + 1 - floor_share(alpha, n);
    *radius = k <= n ? abs_residuals[(k < 1 ? 1 : k) - 1] : (double)INFINITY;
    return FET_OK;
}
