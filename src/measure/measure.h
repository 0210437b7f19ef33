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
/* DeLong, DeLong & Clarke-Pearson 1988 variance on the logit scale (Sun & Xu 2014's O(n log n)); at
 * 0 or 1 the exact one-sided bound of the degenerate case, never an empty interval. */
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
/* map [h,w] scores; mask [h,w] non-zero = defect, NULL = all good. */
FET_CHECKED fet_status fet_pixel_meter_add(struct fet_pixel_meter *m, const float *map,
                                           const uint8_t *mask, int w, int h);
FET_CHECKED fet_status fet_pixel_meter_get(const struct fet_pixel_meter *m, double *auroc,
                                           double *au_pro);
void fet_pixel_meter_free(struct fet_pixel_meter *m);
/* 8-connected components: labels [h,w] 0 = background, 1..n; *n_regions. */
FET_CHECKED fet_status fet_connected_regions(const uint8_t *mask, int w, int h, int32_t *labels,
                                             int32_t *n_regions);

/* ---- shares and their certainty ---- */
/* Exact (Clopper & Pearson 1934), two-sided. */
struct fet_interval fet_share_interval(int64_t hits, int64_t n, double confidence);
/* Regularised incomplete beta and its inverse; a, b > 0. */
double fet_beta_cdf(double x, double a, double b);
double fet_beta_quantile(double p, double a, double b);
double fet_normal_quantile(double p);

/* ---- conformal (Vovk 2005; Bates 2023 for the training-conditional bound) ---- */
/* (1 + #{calibration >= score}) / (n + 1). sorted ascending. */
double fet_conformal_p_value(const double *sorted, int64_t n, double score);
struct fet_conformal_threshold {
    double threshold; /* reject above it */
    double
        expected; /* expected false-reject rate on unseen good parts: (n - k + 1) / (n + 1)-like */
    double
        bound; /* with `confidence`, the true false-reject rate is at most this (beta quantile) */
    double confidence;
    int64_t n;        /* calibration examples */
    int64_t n_needed; /* how many would make bound <= wished */
};
/* The smallest order statistic whose expected false-reject rate is at most wished; the largest
 * score when n is too small for that. n >= 1. */
FET_CHECKED fet_status fet_conformal_threshold(const double *sorted, int64_t n, double wished,
                                               double confidence,
                                               struct fet_conformal_threshold *t);
/* Interval half-width for numbers: the ceil((1-alpha)(n+1))-th smallest absolute residual. */
FET_CHECKED fet_status fet_conformal_radius(double *abs_residuals, int64_t n, double alpha,
                                            double *radius);

/* ---- numbers and classes ---- */
struct fet_regression_figures {
    double rmse, mae, r2;
    struct fet_interval rmse_interval; /* bootstrap, fixed seed */
};
FET_CHECKED fet_status fet_regression(const double *truth, const double *answer, int64_t n,
                                      double confidence, struct fet_regression_figures *f);
struct fet_class_figures {
    double accuracy, log_loss, f1_macro, ece; /* ece: 15 equal-width bins (Guo 2017) */
    struct fet_interval accuracy_interval;
};
/* p [n,n_classes] probabilities; confusion [n_classes,n_classes] rows = truth, the caller's memory,
 * may be NULL. */
FET_CHECKED fet_status fet_classification(const int32_t *truth, const double *p, int64_t n,
                                          int32_t n_classes, double confidence,
                                          struct fet_class_figures *f, int64_t *confusion);
/* Quantile with linear interpolation; sorts in place. */
double fet_quantile(double *values, int64_t n, double q);

#endif
