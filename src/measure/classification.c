/* How good are class probabilities: are they right (accuracy, F1), and do they mean what they say
 * (log-loss, expected calibration error).
 *
 * Guo, Pleiss, Sun & Weinberger 2017, "On calibration of modern neural networks", for the ECE:
 * examples are binned by the probability of the predicted class into 15 equal bins (low, high]; the
 * error is the mean over examples of |share right - mean probability| of their bin. */
#include <math.h>

#include "measure.h"
#include "total.h"

enum { N_BINS = 15 };

struct bin {
    double n, n_right;
    struct fet_total confidence;
};

static fet_status check_classes(const int32_t *truth, const double *p, int64_t n, int32_t n_classes,
                                double confidence)
{
    if (n < 0 || n_classes < 1)
        return FET_FAIL(FET_ARGUMENT, "classification: %lld examples of %d classes", (long long)n,
                        n_classes);
    if (!(confidence > 0 && confidence < 1))
        return FET_FAIL(FET_ARGUMENT, "classification: confidence %g is not between 0 and 1",
                        confidence);
    for (int64_t i = 0; i < n; i++) {
        if (truth[i] < 0 || truth[i] >= n_classes)
            return FET_FAIL(FET_ARGUMENT, "classification: example %lld is of class %d of %d",
                            (long long)i, truth[i], n_classes);
        for (int32_t c = 0; c < n_classes; c++)
            if (!(p[i * n_classes + c] >= 0 && p[i * n_classes + c] <= 1 + 1e-6))
                return FET_FAIL(FET_ARGUMENT,
                                "classification: example %lld has %g as a probability",
                                (long long)i, p[i * n_classes + c]);
    }
    return FET_OK;
}

/* Index of the largest; the first of equals. */
static int32_t find_largest(const double *p, int32_t n)
{
    int32_t best = 0;
    for (int32_t c = 1; c < n; c++)
        if (p[c] > p[best]) best = c;
    return best;
}

static int find_bin(double confidence)
{
    const int i = (int)ceil(confidence * N_BINS) - 1;
    if (i < 0) return 0;
    return i < N_BINS ? i : N_BINS - 1;
}

/* Mean F1 over the classes that occur, in truth or in answers. */
static double find_f1_macro(const int64_t *confusion, int32_t n_classes)
{
    struct fet_total total = {0};
    int32_t n_present = 0;
    for (int32_t c = 0; c < n_classes; c++) {
        int64_t n_true = 0, n_said = 0;
        for (int32_t i = 0; i < n_classes; i++) {
            n_true += confusion[(int64_t)c * n_classes + i];
            n_said += confusion[(int64_t)i * n_classes + c];
        }
        if (n_true + n_said == 0) continue;
        n_present++;
        const double n_both = (double)confusion[(int64_t)c * n_classes + c];
        fet_total_add(&total, 2 * n_both / (double)(n_true + n_said));
    }
    return n_present > 0 ? fet_total_get(&total) / n_present : (double)NAN;
}

static double find_ece(const struct bin bins[N_BINS], int64_t n)
{
    struct fet_total total = {0};
    for (int i = 0; i < N_BINS; i++)
        fet_total_add(&total, fabs(bins[i].n_right - fet_total_get(&bins[i].confidence)));
    return fet_total_get(&total) / (double)n;
}

/* counts [n_classes,n_classes] is zeroed and filled. n >= 1. */
static void measure_classes(const int32_t *truth, const double *p, int64_t n, int32_t n_classes,
                            int64_t *counts, struct fet_class_figures *f)
{
    struct bin bins[N_BINS] = {0};
    struct fet_total loss = {0};
    int64_t n_right = 0;
    for (int64_t i = 0; i < (int64_t)n_classes * n_classes; i++) counts[i] = 0;
    for (int64_t i = 0; i < n; i++) {
        const double *row = p + i * n_classes;
        const int32_t said = find_largest(row, n_classes);
        const bool is_right = said == truth[i];
        counts[(int64_t)truth[i] * n_classes + said]++;
        n_right += is_right;
        /* A probability of 0 for what happened costs as much as 1e-15, not infinity. */
        fet_total_add(&loss, -log(fmin(fmax(row[truth[i]], 1e-15), 1)));
        struct bin *bin = &bins[find_bin(row[said])];
        bin->n++;
        bin->n_right += is_right;
        fet_total_add(&bin->confidence, row[said]);
    }
    f->accuracy = (double)n_right / (double)n;
    f->log_loss = fet_total_get(&loss) / (double)n;
    f->f1_macro = find_f1_macro(counts, n_classes);
    f->ece = find_ece(bins, n);
}

fet_status fet_classification(const int32_t *truth, const double *p, int64_t n, int32_t n_classes,
                              double confidence, struct fet_class_figures *f, int64_t *confusion)
{
    FET_TRY(check_classes(truth, p, n, n_classes, confidence));
    int64_t *counts = fet_alloc((int64_t)n_classes * n_classes, sizeof *counts);
    if (counts == NULL)
        return FET_FAIL_MEMORY("confusion",
                               (int64_t)n_classes * n_classes * (int64_t)sizeof *counts);
    const double none = (double)NAN;
    struct fet_class_figures figures = {none, none, none, none, {none, none}};
    if (n > 0) {
        measure_classes(truth, p, n, n_classes, counts, &figures);
        int64_t n_right = 0;
        for (int32_t c = 0; c < n_classes; c++) n_right += counts[(int64_t)c * n_classes + c];
        figures.accuracy_interval = fet_share_interval(n_right, n, confidence);
    }
    for (int64_t i = 0; confusion != NULL && i < (int64_t)n_classes * n_classes; i++)
        confusion[i] = counts[i];
    fet_free(counts);
    *f = figures;
    return FET_OK;
}
