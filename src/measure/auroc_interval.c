/* How sure is an AUROC?
 *
 * The usual case: the variance of DeLong, DeLong & Clarke-Pearson (1988) in the O(n log n) form of
 * Sun & Xu (2014), on the logit scale, which keeps the interval inside (0, 1) and close to its
 * nominal coverage for good detectors. With m positives and n negatives:
 *
 *     V10(x) = #{y < x}/n + #{y = x}/2n      placement of a positive x among the negatives y
 *     V01(y) = #{x > y}/m + #{x = y}/2m      placement of a negative y among the positives x
 *     var(A) = S10/m + S01/n                 S = sample variance of the placements
 *
 * The degenerate case: the variance is zero (perfect order, all scores equal) or not estimable
 * (fewer than two of a class). Then Hoeffding's bound for two-sample U-statistics (1963, section
 * 5b) in its Kullback-Leibler form holds for every distribution: with k = min(m, n) disjoint pairs
 *
 *     k * KL(A, theta) <= log(2 / (1 - confidence)).
 *
 * At A = 1 this is theta >= ((1 - confidence)/2)^(1/k), which some distributions attain. */
#include <math.h>

#include "measure.h"
#include "ranking.h"
#include "total.h"

/* S10/m + S01/n; NaN when a class has fewer than two examples. */
static double delong_variance(const struct fet_ranking *r, double auroc)
{
    if (r->n_positive < 2 || r->n_negative < 2) return (double)NAN;
    const double m = (double)r->n_positive, n = (double)r->n_negative;
    struct fet_total s10 = {0}, s01 = {0};
    int64_t n_below = 0, n_above = r->n_positive;
    for (struct fet_tie tie = {0}; fet_ranking_next_up(r, &tie);) {
        n_above -= tie.n_positive;
        const double v10 = ((double)n_below + (double)tie.n_negative / 2) / n - auroc;
        const double v01 = ((double)n_above + (double)tie.n_positive / 2) / m - auroc;
        fet_total_add(&s10, (double)tie.n_positive * v10 * v10);
        fet_total_add(&s01, (double)tie.n_negative * v01 * v01);
        n_below += tie.n_negative;
    }
    return fet_total_get(&s10) / ((m - 1) * m) + fet_total_get(&s01) / ((n - 1) * n);
}

/* KL divergence of two coins with shares a and b. */
static double coin_divergence(double a, double b)
{
    const double heads = a > 0 ? a * log(a / b) : 0;
    const double tails = a < 1 ? (1 - a) * log((1 - a) / (1 - b)) : 0;
    return heads + tails;
}

/* The theta between a and edge (0 or 1) where k * KL(a, theta) = limit, by bisection. */
static double hoeffding_edge(double a, double edge, double k, double limit)
{
    double inside = a, outside = edge;
    if (a == edge) return edge;
    for (int i = 0; i < 100; i++) {
        const double middle = (inside + outside) / 2;
        if (k * coin_divergence(a, middle) <= limit)
            inside = middle;
        else
            outside = middle;
    }
    return outside; /* the wider side */
}

static struct fet_interval hoeffding_interval(double auroc, int64_t n_pairs, double confidence)
{
    const double limit = log(2 / (1 - confidence));
    return (struct fet_interval){hoeffding_edge(auroc, 0, (double)n_pairs, limit),
                                 hoeffding_edge(auroc, 1, (double)n_pairs, limit)};
}

static struct fet_interval logit_interval(double auroc, double variance, double confidence)
{
    const double z = fet_normal_quantile((1 + confidence) / 2);
    const double centre = log(auroc / (1 - auroc));
    const double reach = z * sqrt(variance) / (auroc * (1 - auroc));
    return (struct fet_interval){1 / (1 + exp(reach - centre)), 1 / (1 + exp(-reach - centre))};
}

fet_status fet_auroc_interval(const double *scores, const uint8_t *truth, int64_t n,
                              double confidence, struct fet_interval *interval)
{
    if (!(confidence > 0 && confidence < 1))
        return FET_FAIL(FET_ARGUMENT, "AUROC interval: confidence %g is not between 0 and 1",
                        confidence);
    struct fet_ranking r;
    FET_TRY(fet_ranking_init("AUROC interval", scores, truth, n, &r));
    const double auroc = fet_ranking_auroc(&r);
    const double variance = delong_variance(&r, auroc);
    const int64_t n_pairs = r.n_positive < r.n_negative ? r.n_positive : r.n_negative;
    fet_ranking_deinit(&r);
    if (n_pairs == 0)
        *interval = (struct fet_interval){(double)NAN, (double)NAN};
    else if (auroc > 0 && auroc < 1 && variance > 0)
        *interval = logit_interval(auroc, variance, confidence);
    else
        *interval = hoeffding_interval(auroc, n_pairs, confidence);
    return FET_OK;
}
