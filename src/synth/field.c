/* Work on whole maps: fill, add, warp, blur. */
#include "draw.h"

static inline int64_t pixels_of(const struct fet_scene *scene)
{
    return (int64_t)scene->size * scene->size;
}

void fet_field_fill(const struct fet_scene *scene, float *map, float value)
{
    const int64_t n = pixels_of(scene);
    for (int64_t i = 0; i < n; i++) map[i] = value;
}

void fet_field_copy(const struct fet_scene *scene, const float *src, float *dst)
{
    memcpy(dst, src, (size_t)pixels_of(scene) * sizeof(float));
}

void fet_field_add(const struct fet_scene *scene, const float *src, float weight, float *map)
{
    const int64_t n = pixels_of(scene);
    for (int64_t i = 0; i < n; i++) map[i] += weight * src[i];
}

void fet_field_modulate(const struct fet_scene *scene, const float *src, float weight, float *map)
{
    const int64_t n = pixels_of(scene);
    for (int64_t i = 0; i < n; i++) map[i] *= fet_fast_max(1.0f + weight * src[i], 0.0f);
}

void fet_field_warp(const struct fet_scene *scene, const float *src, const float *dx,
                    const float *dy, float strength, float *out)
{
    const int n = scene->size;
    const float k = strength * scene->px_per_unit, last = (float)(n - 1) - 1e-3f;
    for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
            const size_t i = (size_t)y * (size_t)n + (size_t)x;
            const float u = fet_fast_clamp((float)x + k * dx[i], 0.0f, last);
            const float v = fet_fast_clamp((float)y + k * dy[i], 0.0f, last);
            const int iu = (int)u, iv = (int)v;
            const float fu = u - (float)iu, fv = v - (float)iv;
            const float *const p = src + (size_t)iv * (size_t)n + (size_t)iu;
            const float top = fet_fast_mix(p[0], p[1], fu);
            out[i] = fet_fast_mix(top, fet_fast_mix(p[n], p[n + 1], fu), fv);
        }
    }
}

/* ---- blur ---- */

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

/* Three box blurs are close to a Gaussian (central limit): sigma^2 = 3 (w^2 - 1) / 12. */
static void blur_large(int n, float sigma, float *map, float *scratch, float *pad)
{
    int half = (int)(0.5f * (sqrtf(4.0f * sigma * sigma + 1.0f) - 1.0f) + 0.5f);
    if (half < 1) half = 1;
    if (half > n) half = n;
    for (int y = 0; y < n; y++) {
        float *const line = map + (size_t)y * (size_t)n;
        box_row(n, half, line, pad);
        box_row(n, half, pad, line);
        box_row(n, half, line, pad);
        memcpy(line, pad, (size_t)n * sizeof(float));
    }
    box_columns(n, half, map, scratch, pad);
    box_columns(n, half, scratch, map, pad);
    box_columns(n, half, map, scratch, pad);
    memcpy(map, scratch, (size_t)n * (size_t)n * sizeof(float));
}

fet_status fet_field_blur(struct fet_scene *scene, float *map, float sigma_units)
{
    const float sigma = sigma_units * scene->px_per_unit;
    if (sigma < 0.2f) return FET_OK;
    float *scratch, *pad = NULL;
    FET_TRY(fet_scene_map_new(scene, &scratch));
    const fet_status st = fet_scene_map_new(scene, &pad);
    if (st == FET_OK && sigma < 2.6f)
        blur_small(scene->size, sigma, map, scratch, pad);
    else if (st == FET_OK)
        blur_large(scene->size, sigma, map, scratch, pad);
    fet_scene_map_free(scene, pad);
    fet_scene_map_free(scene, scratch);
    return st;
}
