/* Blurs on square maps: a direct kernel while it is short, three running means when it is not
 * (close to a Gaussian by the central limit, and the cost does not grow with the width). */
#include "filter.h"

#include "fast.h"

#define TAPS_MAX 8 /* half width of the direct kernel */

/* dst = src filtered along rows with a symmetric kernel; edges repeat. pad has size + 2 * TAPS_MAX.
 */
static void filter_rows(int n, const float *taps, int half, float *map, float *pad)
{
    for (int y = 0; y < n; y++) {
        float *const restrict line = map + (size_t)y * (size_t)n;
        for (int i = 0; i < half; i++) {
            pad[i] = line[0];
            pad[half + n + i] = line[n - 1];
        }
        memcpy(pad + half, line, (size_t)n * sizeof(float));
        const float *const restrict mid = pad + half;
        for (int x = 0; x < n; x++) line[x] = taps[0] * mid[x];
        for (int k = 1; k <= half; k++)
            for (int x = 0; x < n; x++) line[x] += taps[k] * (mid[x - k] + mid[x + k]);
    }
}

static void filter_columns(int n, const float *taps, int half, const float *src, float *dst)
{
    for (int y = 0; y < n; y++) {
        float *const restrict line = dst + (size_t)y * (size_t)n;
        const float *const restrict mid = src + (size_t)y * (size_t)n;
        for (int x = 0; x < n; x++) line[x] = taps[0] * mid[x];
        for (int k = 1; k <= half; k++) {
            const int up = y - k < 0 ? 0 : y - k, down = y + k >= n ? n - 1 : y + k;
            const float *const restrict a = src + (size_t)up * (size_t)n;
            const float *const restrict b = src + (size_t)down * (size_t)n;
            for (int x = 0; x < n; x++) line[x] += taps[k] * (a[x] + b[x]);
        }
    }
}

static void blur_small(int n, float sigma, float *map, float *scratch, float *pad)
{
    float taps[TAPS_MAX + 1];
    int half = (int)(3.0f * sigma + 0.99f);
    if (half > TAPS_MAX) half = TAPS_MAX;
    float sum = 0.0f;
    for (int k = 0; k <= half; k++) {
        taps[k] = fet_fast_exp(-(float)(k * k) / (2.0f * sigma * sigma));
        sum += k == 0 ? taps[k] : 2.0f * taps[k];
    }
    for (int k = 0; k <= half; k++) taps[k] /= sum;
    filter_rows(n, taps, half, map, pad);
    filter_columns(n, taps, half, map, scratch);
    memcpy(map, scratch, (size_t)n * (size_t)n * sizeof(float));
}

/* Running mean along one row; edges repeat. */
static void box_row(int n, int half, const float *restrict src, float *restrict dst)
{
    const float scale = 1.0f / (float)(2 * half + 1);
    float sum = src[0] * (float)(half + 1); /* the window about -1 */
    for (int k = 0; k < half; k++) sum += src[k < n ? k : n - 1];
    for (int x = 0; x < n; x++) {
        const int in = x + half, out = x - half - 1;
        sum += src[in < n ? in : n - 1];
        sum -= src[out < 0 ? 0 : out];
        dst[x] = sum * scale;
    }
}

static void box_columns(int n, int half, const float *src, float *dst, float *restrict sums)
{
    const float scale = 1.0f / (float)(2 * half + 1);
    for (int x = 0; x < n; x++) sums[x] = src[x] * (float)(half + 1);
    for (int k = 1; k <= half; k++) {
        const float *const line = src + (size_t)(k < n ? k : n - 1) * (size_t)n;
        for (int x = 0; x < n; x++) sums[x] += line[x];
    }
    for (int y = 0; y < n; y++) {
        float *const restrict line = dst + (size_t)y * (size_t)n;
        const int in = y + half + 1 < n ? y + half + 1 : n - 1, out = y - half < 0 ? 0 : y - half;
        const float *const restrict a = src + (size_t)in * (size_t)n;
        const float *const restrict b = src + (size_t)out * (size_t)n;
        for (int x = 0; x < n; x++) {
            line[x] = sums[x] * scale;
            sums[x] += a[x] - b[x];
        }
    }
}

/* Three running means of whole widths whose variances, half (half + 1) / 3 each, add up to sigma^2
 * as well as they can: the larger width first. */
static void box_widths(int n, float sigma, int halves[3])
{
    const float want = 3.0f * sigma * sigma;
    int half = 0;
    while (3 * (half + 1) * (half + 2) <= (int)want && half < n - 1) half++;
    const float rest = (want - (float)(3 * half * (half + 1))) / (float)(2 * (half + 1));
    for (int k = 0; k < 3; k++) halves[k] = (float)k + 0.5f < rest ? half + 1 : half;
}

static void blur_large(int n, float sigma, float *map, float *scratch, float *line)
{
    int halves[3];
    box_widths(n, sigma, halves);
    for (int y = 0; y < n; y++) {
        float *const row = map + (size_t)y * (size_t)n;
        box_row(n, halves[0], row, line);
        box_row(n, halves[1], line, row);
        box_row(n, halves[2], row, line);
        memcpy(row, line, (size_t)n * sizeof(float));
    }
    box_columns(n, halves[0], map, scratch, line);
    box_columns(n, halves[1], scratch, map, line);
    box_columns(n, halves[2], map, scratch, line);
    memcpy(map, scratch, (size_t)n * (size_t)n * sizeof(float));
}

void fet_filter_blur(int n, float sigma_px, float *map, float *scratch, float *line)
{
    if (sigma_px < 0.2f) return;
    if (sigma_px < 2.6f)
        blur_small(n, sigma_px, map, scratch, line);
    else
        blur_large(n, sigma_px, map, scratch, line);
}

void fet_filter_smear(int n, float length_px, bool is_along_x, float *map, float *scratch,
                      float *line)
{
    float taps[TAPS_MAX + 1];
    const float reach = fet_fast_clamp(0.5f * length_px, 0.0f, (float)TAPS_MAX - 0.5f);
    const int half = (int)(reach + 0.5f);
    if (half < 1) return;
    float sum = 0.0f;
    for (int k = 0; k <= half; k++) {
        taps[k] = fet_fast_clamp(reach + 0.5f - (float)k, 0.0f, 1.0f);
        sum += k == 0 ? taps[k] : 2.0f * taps[k];
    }
    for (int k = 0; k <= half; k++) taps[k] /= sum;
    if (is_along_x) {
        filter_rows(n, taps, half, map, line);
    } else {
        filter_columns(n, taps, half, map, scratch);
        memcpy(map, scratch, (size_t)n * (size_t)n * sizeof(float));
    }
}
