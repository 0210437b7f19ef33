/* Between interleaved integers and planar floats, as networks take and give them. */
#include "pixels.h"

/* channels is a constant where it matters, so that the inner loop has a fixed stride. */
static inline void split8(const uint8_t *in, float *out, int64_t n, int channels)
{
    for (int c = 0; c < channels; c++) {
        for (int64_t i = 0; i < n; i++)
            out[c * n + i] = (float)in[i * channels + c] / 255.0f; /* exact at 0 and 1 */
    }
}

static void planes8(const struct fet_image *src, float *out)
{
    const int64_t n = (int64_t)src->width * src->height;
    switch (src->channels) {
    case 1:
        split8(src->pixels, out, n, 1);
        break;
    case 3:
        split8(src->pixels, out, n, 3);
        break;
    default:
        split8(src->pixels, out, n, src->channels);
        break;
    }
}

static void planes16(const struct fet_image *src, float *out)
{
    const int64_t n = (int64_t)src->width * src->height;
    const uint16_t *in = src->pixels;
    for (int c = 0; c < src->channels; c++) {
        for (int64_t i = 0; i < n; i++)
            out[c * n + i] = (float)in[i * src->channels + c] / 65535.0f;
    }
}

void fet_image_to_planes(const struct fet_image *src, float *out)
{
    if (src->depth == 8)
        planes8(src, out);
    else
        planes16(src, out);
}

fet_status fet_image_from_planes(const float *planes, int channels, int height, int width,
                                 struct fet_image *dst)
{
    struct fet_image made = {0};
    FET_TRY(fet_image_new(width, height, channels, 8, &made));
    const int64_t n = (int64_t)width * height;
    uint8_t *out = made.pixels;
    for (int c = 0; c < channels; c++) {
        for (int64_t i = 0; i < n; i++) {
            const float v = planes[c * n + i] * 255.0f + 0.5f;
            out[i * channels + c] =
                (uint8_t)(v > 0.0f ? (v < 255.0f ? v : 255.0f) : 0.0f); /* NaN: 0 */
        }
    }
    *dst = made;
    return FET_OK;
}
