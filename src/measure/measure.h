/* Head header of room measure (F3): how good is it, and how sure are we. Pure functions on arrays;
 * thread-safe; NaN where a figure has no meaning (no example of one class). truth: 1 = defect /
 * positive. Higher score = more of a defect. */
#ifndef FET_MEASURE_H
#define FET_MEASURE_H

#include <stdint.h>

#include "base.h"

struct fet_interval {
    double low, high;
};

/* ---- ranking: Fawcett 2006 ---- */
/* Area under the ROC curve, ties count half. O(n log n). */
FET_CHECKED fet_status fet_auroc(const double *scores, const uint8_t *truth, int64_t n,
                                 double *auroc);
/* DeLong, DeLong & Clarke-Pearson 1988 variance on the logit scale (Sun & Xu 2014's O(n log n)).
 * Where that is zero or not estimable (area 0 or 1, one example of a class) the distribution-free
 * bound of Hoeffding 1963, so the interval is never empty. */
FET_CHECKED fet_status fet_auroc_interval(const double *scores, const uint8_t *truth, int64_t n,
                                          double confidence, struct fet_interval *interval);
FET_CHECKED fet_status fet_average_precision(const double *scores, const uint8_t *truth, int64_t n,
                                             double *ap);
struct fet_roc_point {
    double false_positive_rate, true_positive_rate, threshold;
};
/* From (0,0) to (1,1), one point a distinct score; *points owned by the caller (fet_free). */
FET_CHECKED fet_status fet_roc(const double *scores, const uint8_t *truth, int64_t n,
                               struct fet_roc_point **points, int64_t *n_points);

/* ---- pixels: streamed, bounded memory ---- */
/* Pixel AUROC over many maps by a fine histogram of scores (65,536 bins, range learnt by a first
 * pass or given), and AU-PRO (Bergmann 2020: mean overlap per connected region, 8-connected,
 * integrated to 30 % false positives, divided by 0.3). */
struct fet_pixel_meter;
FET_CHECKED fet_status fet_pixel_meter_new(double low, double high, struct fet_pixel_meter **m);
/* map [h,w] scores (outside the range they count at its ends; NaN is FET_ARGUMENT); mask [h,w]
 * non-zero = defect, NULL = all good. A failure leaves the meter as it was. */
FET_CHECKED fet_status fet_pixel_meter_add(struct fet_pixel_meter *m, const float *map,
                                           const uint8_t *mask, int w, int h);
FET_CHECKED fet_status fet_pixel_meter_get(const struct fet_pixel_meter *m, double *auroc,
                                           double *au_pro);
void fet_pixel_meter_free(struct fet_pixel_meter *m);
/* 8-connected components: labels [h,w] 0 = background, 1..n in reading order; *n_regions. */
FET_CHECKED fet_status fet_connected_regions(const uint8_t *mask, int w, int h, int32_t *labels,
                                             int32_t *n_regions);

/* ---- shares and their certainty ---- */
/* Exact (Clopper & Pearson 1934), two-sided. n = 0 gives [0,1]; hits outside 0..n give NaN. */
struct fet_interval fet_share_interval(int64_t hits, int64_t n, double confidence);
/* Regularised incomplete beta and its inverse; a, b > 0. */
double fet_beta_cdf(double x, double a, double b);
double fet_beta_quantile(double p, double a, double b);
double fet_normal_quantile(double p);

/* ---- conformal (Vovk 2005; Bates 2023 for the training-conditional bound) ---- */
/* (1 + #{calibration >= score}) / (n + 1). sorted ascending. */
double fet_conformal_p_value(const double *sorted, int64_t n, double score);
/* What rejecting above the k-th smallest of n calibration scores promises (see conformal.c). The
 * false-reject rate R of good parts depends on which calibration set was drawn:
 *   expected = (n-k+1)/(n+1) is the mean of R over calibration sets; with ties it is lower;
 *   R ~ Beta(n-k+1, k) for continuous scores, so R <= bound with probability `confidence`; with
 *   ties the probability is higher. */
struct fet_conformal_threshold {
    double threshold; /* reject above it */
    double expected;
    double bound; /* above expected, and above what was wished unless n is ample */
    double confidence;
    int64_t n; /* calibration examples */
    /* With fewer examples than this no threshold among them, not even the largest score, has bound
     * <= wished: ln(1 - confidence) / ln(1 - wished), rounded up. */
    int64_t n_needed;
};
/* k is the smallest whose expected rate is at most wished; n (the largest score) when n is too
 * small for that, and `expected` then says so. 0 < wished < 1, 0 < confidence < 1, n >= 1, sorted
 * ascending without NaN: else FET_ARGUMENT. */
FET_CHECKED fet_status fet_conformal_threshold(const double *sorted, int64_t n, double wished,
                                               double confidence,
                                               struct fet_conformal_threshold *t);
/* Interval half-width for numbers: the ceil((1-alpha)(n+1))-th smallest absolute residual; INFINITY
 * when n is too small to promise that. Sorts in place. */
FET_CHECKED fet_status fet_conformal_radius(double *abs_residuals, int64_t n, double alpha,
                                            double *radius);

/* ---- numbers and classes ---- */
struct fet_regression_figures {
    double rmse, mae, r2;              /* r2 is NaN when the truth is constant */
    struct fet_interval rmse_interval; /* bootstrap, fixed seed */
};
FET_CHECKED fet_status fet_regression(const double *truth, const double *answer, int64_t n,
                                      double confidence, struct fet_regression_figures *f);
struct fet_class_figures {
    double accuracy, log_loss; /* probabilities below 1e-15 count as 1e-15 */
    double f1_macro;           /* mean over the classes that occur in truth or answers */
    double ece;                /* 15 equal-width bins (Guo 2017) */
    struct fet_interval accuracy_interval;
};
/* p [n,n_classes] probabilities; confusion [n_classes,n_classes] rows = truth, the caller's memory,
 * may be NULL. */
FET_CHECKED fet_status fet_classification(const int32_t *truth, const double *p, int64_t n,
                                          int32_t n_classes, double confidence,
                                          struct fet_class_figures *f, int64_t *confusion);
/* Quantile with linear interpolation (Hyndman & Fan 1996, type 7); sorts in place; NaN for n = 0.
 */
double fet_quantile(double *values, int64_t n, double q);

#endif
