/* A sensor counts photons: the variance of its noise grows with the signal, plus that of reading.
 * Behind a Bayer mosaic each pixel measures one colour; the other two are interpolated, which makes
 * colour softer than brightness and noise correlated - the grain of real machine-vision pictures.
 * Green is interpolated with the Laplacian of the measured colour (Malvar, He, Cutler 2004), red
 * and blue as differences to green. */
#include "sensor.h"

#include "draw.h"

#define TONE_STEPS 4096

static void luminance(int64_t n, float *const planes[3], float *restrict out)
{
    const float *const r = planes[0], *const g = planes[1], *const b = planes[2];
    for (int64_t i = 0; i < n; i++) out[i] = 0.299f * r[i] + 0.587f * g[i] + 0.114f * b[i];
}

/* ---- exposure ---- */

static void vignette_row(const struct fet_camera *camera, int side, int y, float *restrict line)
{
    const float half = 0.5f * (float)side, k = camera->vignette / (2.0f * half * half);
    const float v = (float)y + 0.5f - half;
    for (int x = 0; x < side; x++) {
        const float u = (float)x + 0.5f - half;
        line[x] = 1.0f - k * (u * u + v * v);
    }
}

static inline float noisy(float signal, float shot, float read2, uint32_t hash)
{
    const float s = fet_fast_max(signal, 0.0f);
    return s + sqrtf(shot * s + read2) * fet_fast_normal(hash);
}

static void noise_row(const struct fet_camera *camera, int side, uint32_t seed, int y, float *line)
{
    const float shot = camera->shot, read2 = camera->read * camera->read;
    const uint32_t first = (uint32_t)(y * side) ^ seed;
    /* each row of a sensor is read with its own small offset */
    const float offset = 0.25f * camera->read * fet_fast_normal(fet_fast_hash(first ^ 0x51ed27u));
    const uint32_t base = (uint32_t)(y * side);
    for (int x = 0; x < side; x++)
        line[x] = fet_fast_clamp(
            noisy(line[x], shot, read2, fet_fast_hash((base + (uint32_t)x) ^ seed)) + offset, 0.0f,
            1.0f);
}

/* Which colour a pixel of the mosaic measures: RG over GB. */
static inline int colour_at(int x, int y)
{
    return (x & 1) + (y & 1);
}

static void mosaic_row(int side, int y, const float *const rows[3], float *restrict out)
{
    const float *const even = rows[colour_at(0, y)], *const odd = rows[colour_at(1, y)];
    for (int x = 0; x < side; x += 2) out[x] = even[x];
    for (int x = 1; x < side; x += 2) out[x] = odd[x];
}

/* Green everywhere: measured, or the mean of four neighbours and half of the Laplacian of the
 * colour measured here. Two rows and columns at the border stay as they are. */
static void demosaic_green(int side, const float *restrict m, float *restrict green)
{
    const int64_t n = side;
    memcpy(green, m, (size_t)(n * n) * sizeof(float));
    for (int y = 2; y < side - 2; y++) {
        const float *const restrict c = m + y * n;
        float *const restrict g = green + y * n;
        for (int x = 2 + (y & 1); x < side - 2; x += 2) {
            const float four = c[x - 1] + c[x + 1] + c[x - n] + c[x + n];
            const float far = c[x - 2] + c[x + 2] + c[x - 2 * n] + c[x + 2 * n];
            g[x] = fet_fast_max(0.25f * four + 0.125f * (4.0f * c[x] - far), 0.0f);
        }
    }
}

/* A colour measured where x and y have parity p: its difference to green is interpolated, along
 * measured rows first, then between rows. d is scratch for the difference. */
static void demosaic_colour(int side, const float *restrict m, const float *restrict green, int p,
                            float *restrict d, float *restrict out)
{
    const int64_t n = side;
    for (int64_t i = 0; i < n * n; i++) d[i] = m[i] - green[i];
    for (int y = p; y < side; y += 2) {
        float *const row = d + y * n;
        for (int x = 1 - p; x < side; x += 2) {
            const int left = x > 0 ? x - 1 : x + 1, right = x < side - 1 ? x + 1 : x - 1;
            row[x] = 0.5f * (row[left] + row[right]);
        }
    }
    for (int y = 1 - p; y < side; y += 2) {
        const float *const restrict up = d + (y > 0 ? y - 1 : y + 1) * n;
        const float *const restrict down = d + (y < side - 1 ? y + 1 : y - 1) * n;
        float *const restrict row = d + y * n;
        for (int x = 0; x < side; x++) row[x] = 0.5f * (up[x] + down[x]);
    }
    for (int64_t i = 0; i < n * n; i++) out[i] = fet_fast_max(green[i] + d[i], 0.0f);
}

void fet_sensor_expose(const struct fet_camera *camera, int side, float *const planes[3],
                       uint64_t noise_seed, float *const scratch[2])
{
    const uint32_t seed = (uint32_t)(noise_seed ^ (noise_seed >> 32));
    float *const vignette = scratch[1];
    for (int y = 0; y < side; y++) {
        const size_t at = (size_t)y * (size_t)side;
        vignette_row(camera, side, y, vignette);
        for (int c = 0; c < 3; c++) {
            const float k = camera->exposure * camera->white[c];
            float *const restrict line = planes[c] + at;
            for (int x = 0; x < side; x++) line[x] *= k * vignette[x];
        }
    }
    if (camera->is_grey) {
        luminance((int64_t)side * side, planes, scratch[0]);
        for (int y = 0; y < side; y++)
            noise_row(camera, side, seed, y, scratch[0] + (size_t)y * (size_t)side);
        for (int c = 0; c < 3; c++)
            memcpy(planes[c], scratch[0], (size_t)side * (size_t)side * sizeof(float));
        return;
    }
    if (!camera->is_mosaic) {
        for (int y = 0; y < side; y++)
            for (uint32_t c = 0; c < 3; c++)
                noise_row(camera, side, seed + 0x9e3779b9u * c, y,
                          planes[c] + (size_t)y * (size_t)side);
        return;
    }
    for (int y = 0; y < side; y++) {
        const size_t at = (size_t)y * (size_t)side;
        const float *const rows[3] = {planes[0] + at, planes[1] + at, planes[2] + at};
        mosaic_row(side, y, rows, scratch[0] + at);
        noise_row(camera, side, seed, y, scratch[0] + at);
    }
    demosaic_green(side, scratch[0], planes[1]);
    demosaic_colour(side, scratch[0], planes[1], 0, scratch[1], planes[0]);
    demosaic_colour(side, scratch[0], planes[1], 1, scratch[1], planes[2]);
}

/* ---- processing ---- */

/* 8-bit value of each step of the square root of linear light: sRGB with some contrast. */
static void tone_table(const struct fet_camera *camera, uint8_t table[TONE_STEPS])
{
    for (int i = 0; i < TONE_STEPS; i++) {
        const float root = (float)i * (1.0f / (TONE_STEPS - 1)), light = root * root;
        const float srgb = light < 0.0031308f ? 12.92f * light
                                              : 1.055f * fet_fast_pow(light, 1.0f / 2.4f) - 0.055f;
        const float curve = srgb * srgb * (3.0f - 2.0f * srgb);
        const float v = fet_fast_mix(srgb, curve, camera->contrast);
        const float out = camera->black + (1.0f - camera->black) * v;
        table[i] = (uint8_t)(fet_fast_clamp(out, 0.0f, 1.0f) * 255.0f + 0.5f);
    }
}

/* plane += amount * (plane - its 3x3 blur), as processors sharpen: dark and bright seams at edges.
 */
static void sharpen(int side, float amount, float *plane, float *scratch)
{
    const size_t n = (size_t)side;
    memcpy(scratch, plane, n * n * sizeof(float));
    for (size_t y = 1; y + 1 < n; y++) {
        const float *const restrict c = scratch + y * n;
        const float *const restrict up = c - n, *const restrict down = c + n;
        float *const restrict line = plane + y * n;
        for (size_t x = 1; x + 1 < n; x++) {
            const float cross = c[x - 1] + c[x + 1] + up[x] + down[x];
            const float corners = up[x - 1] + up[x + 1] + down[x - 1] + down[x + 1];
            line[x] += amount * (0.75f * c[x] - 0.125f * cross - 0.0625f * corners);
        }
    }
}

static void colour_mix(const struct fet_camera *camera, int64_t n, float *const planes[3],
                       float *scratch)
{
    luminance(n, planes, scratch);
    for (int c = 0; c < 3; c++) {
        float *const restrict p = planes[c];
        const float *const restrict grey = scratch;
        for (int64_t i = 0; i < n; i++) p[i] = grey[i] + camera->saturation * (p[i] - grey[i]);
    }
}

void fet_sensor_develop(const struct fet_camera *camera, int side, float *const planes[3],
                        float *const scratch[2], struct fet_image *picture)
{
    const int64_t n = (int64_t)side * side;
    const int n_planes = camera->is_grey ? 1 : 3;
    if (n_planes == 3) colour_mix(camera, n, planes, scratch[0]);
    for (int c = 0; c < n_planes; c++) {
        float *const p = planes[c];
        for (int64_t i = 0; i < n; i++) p[i] = sqrtf(fet_fast_clamp(p[i], 0.0f, 1.0f));
        if (camera->sharpen > 0.0f) sharpen(side, camera->sharpen, p, scratch[0]);
    }
    uint8_t tone[TONE_STEPS];
    tone_table(camera, tone);
    int32_t *const steps = (int32_t *)(void *)scratch[0];
    for (int y = 0; y < picture->height; y++) {
        uint8_t *const out = fet_image_row8(picture, y);
        const size_t at = (size_t)(y + FET_SENSOR_PAD) * (size_t)side + FET_SENSOR_PAD;
        for (int c = 0; c < 3; c++) {
            const float *const restrict from = planes[n_planes == 1 ? 0 : c] + at;
            for (int x = 0; x < picture->width; x++)
                steps[x] =
                    (int32_t)(fet_fast_clamp(from[x], 0.0f, 1.0f) * (float)(TONE_STEPS - 1) + 0.5f);
            for (int x = 0; x < picture->width; x++) out[3 * x + c] = tone[steps[x]];
        }
    }
}
