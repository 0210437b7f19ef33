/* How well do anomaly maps find the defective pixels, over any number of maps in bounded memory.
 *
 * Three histograms of the score carry everything that the two figures need: good pixels, defective
 * pixels, and defective pixels each weighted by 1 / size of its region. Cumulated from the top, the
 * first is the false positives at a threshold, the second the true positives, the third the sum
 * over regions of the share that is found: the per-region overlap (PRO) of Bergmann, Fauser,
 * Sattlegger & Steger 2020, "Uninformed students", section 4. Small defects count as much as large
 * ones there. */
#include <math.h>

#include "measure.h"

enum { N_BINS = 65536 };

struct fet_pixel_meter {
    double low, scale; /* bin = (score - low) * scale */
    int64_t n_regions;
    int64_t n_good[N_BINS], n_defect[N_BINS];
    double found[N_BINS]; /* sum of 1/size over the defective pixels of the bin */
    int32_t *labels;      /* owned scratch [n_labels] */
    int64_t *sizes; /* owned scratch [n_sizes]: pixels of each region of the picture in hand */
    int64_t n_labels, n_sizes;
};

fet_status fet_pixel_meter_new(double low, double high, struct fet_pixel_meter **m)
{
    if (!(isfinite(low) && isfinite(high) && low < high))
        return FET_FAIL(FET_ARGUMENT, "pixel meter: the range of scores %g to %g is empty", low,
                        high);
    struct fet_pixel_meter *meter = fet_alloc(1, sizeof *meter);
    if (meter == NULL) return FET_FAIL_MEMORY("pixel meter", sizeof *meter);
    meter->low = low;
    meter->scale = N_BINS / (high - low);
    *m = meter;
    return FET_OK;
}

void fet_pixel_meter_free(struct fet_pixel_meter *m)
{
    if (m == NULL) return;
    fet_free(m->labels);
    fet_free(m->sizes);
    fet_free(m);
}

/* Scores outside the range count in the end bins. */
static int find_bin(const struct fet_pixel_meter *m, float score)
{
    const double bin = ((double)score - m->low) * m->scale;
    if (!(bin > 0)) return 0;
    return bin < N_BINS ? (int)bin : N_BINS - 1;
}

/* Labels the mask and measures its regions into the scratch arrays, which grow as needed. */
static fet_status measure_regions(struct fet_pixel_meter *m, const uint8_t *mask, int w, int h,
                                  int32_t *n_regions)
{
    const int64_t n = (int64_t)w * h;
    if (n > m->n_labels) {
        int32_t *labels = fet_realloc(m->labels, m->n_labels, n, sizeof *labels);
        if (labels == NULL) return FET_FAIL_MEMORY("pixel meter", n * (int64_t)sizeof *labels);
        m->labels = labels;
        m->n_labels = n;
    }
    int32_t n_found = 0;
    FET_TRY(fet_connected_regions(mask, w, h, m->labels, &n_found));
    if (n_found >= m->n_sizes) {
        const int64_t n_sizes = (int64_t)n_found + 1;
        int64_t *sizes = fet_realloc(m->sizes, m->n_sizes, n_sizes, sizeof *sizes);
        if (sizes == NULL) return FET_FAIL_MEMORY("pixel meter", n_sizes * (int64_t)sizeof *sizes);
        m->sizes = sizes;
        m->n_sizes = n_sizes;
    }
    for (int32_t i = 0; i <= n_found; i++) m->sizes[i] = 0;
    for (int64_t i = 0; i < n; i++) m->sizes[m->labels[i]]++;
    *n_regions = n_found;
    return FET_OK;
}

fet_status fet_pixel_meter_add(struct fet_pixel_meter *m, const float *map, const uint8_t *mask,
                               int w, int h)
{
    if (w < 1 || h < 1 || (int64_t)w * h >= INT32_MAX)
        return FET_FAIL(FET_ARGUMENT, "pixel meter: a map of %d x %d", w, h);
    const int64_t n = (int64_t)w * h;
    for (int64_t i = 0; i < n; i++)
        if (isnan(map[i]))
            return FET_FAIL(FET_ARGUMENT, "pixel meter: the score at %lld, %lld is not a number",
                            (long long)(i % w), (long long)(i / w));
    int32_t n_regions = 0;
    if (mask != NULL) FET_TRY(measure_regions(m, mask, w, h, &n_regions));
    m->n_regions += n_regions;
    for (int64_t i = 0; i < n; i++) {
        const int bin = find_bin(m, map[i]);
        const int32_t label = n_regions > 0 ? m->labels[i] : 0;
        m->n_good[bin] += label == 0;
        m->n_defect[bin] += label != 0;
        if (label != 0) m->found[bin] += 1 / (double)m->sizes[label];
    }
    return FET_OK;
}

static double find_auroc(const struct fet_pixel_meter *m, double n_good, double n_defect)
{
    double area = 0, n_below = 0; /* whole numbers far below 2^53 each; the sum rounds once a bin */
    for (int i = 0; i < N_BINS; i++) {
        area += (double)m->n_defect[i] * (n_below + (double)m->n_good[i] / 2);
        n_below += (double)m->n_good[i];
    }
    return area / n_good / n_defect;
}

/* The area under PRO over the false-positive rate up to the limit, as a share of the limit. */
static double find_au_pro(const struct fet_pixel_meter *m, double n_good)
{
    const double limit = 0.3;
    double area = 0, x = 0, y = 0; /* the last point of the curve */
    for (int i = N_BINS - 1; i >= 0 && x < limit; i--) {
        if (m->n_good[i] == 0 && m->n_defect[i] == 0) continue;
        double next_x = x + (double)m->n_good[i] / n_good;
        double next_y = y + m->found[i] / (double)m->n_regions;
        if (next_x > limit) {
            next_y = y + (next_y - y) * (limit - x) / (next_x - x);
            next_x = limit;
        }
        area += (next_x - x) * (y + next_y) / 2;
        x = next_x;
        y = next_y;
    }
    return area / limit;
}

fet_status fet_pixel_meter_get(const struct fet_pixel_meter *m, double *auroc, double *au_pro)
{
    int64_t n_good = 0, n_defect = 0;
    for (int i = 0; i < N_BINS; i++) {
        n_good += m->n_good[i];
        n_defect += m->n_defect[i];
    }
    const bool has_both = n_good > 0 && n_defect > 0;
    *auroc = has_both ? find_auroc(m, (double)n_good, (double)n_defect) : (double)NAN;
    *au_pro = has_both ? find_au_pro(m, (double)n_good) : (double)NAN;
    return FET_OK;
}
