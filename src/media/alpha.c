/* Colours weighted by coverage and back, with the rounding of Pillow's "RGBa": times alpha rounded,
 * divided by alpha downwards. */
#include "alpha.h"

static void multiply8(const struct fet_image *image)
{
    const int n = image->channels;
    const size_t n_pixels = (size_t)image->width * (size_t)image->height;
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < n_pixels; i++, p += n) {
        for (int c = 0; c < n - 1; c++) p[c] = (uint8_t)((p[c] * (unsigned)p[n - 1] + 127u) / 255u);
    }
}

static void multiply16(const struct fet_image *image)
{
    const int n = image->channels;
    const size_t n_pixels = (size_t)image->width * (size_t)image->height;
    uint16_t *p = image->pixels;
    for (size_t i = 0; i < n_pixels; i++, p += n) {
        for (int c = 0; c < n - 1; c++)
            p[c] = (uint16_t)((p[c] * (uint32_t)p[n - 1] + 32767u) / 65535u);
    }
}

void fet_alpha_multiply(const struct fet_image *image)
{
    if (image->depth == 8)
        multiply8(image);
    else
        multiply16(image);
}

static void divide8(const struct fet_image *image)
{
    const int n = image->channels;
    const size_t n_pixels = (size_t)image->width * (size_t)image->height;
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < n_pixels; i++, p += n) {
        const unsigned a = p[n - 1];
        for (int c = 0; c < n - 1 && a != 0; c++) {
            const unsigned v = p[c] * 255u / a;
            p[c] = (uint8_t)(v > 255u ? 255u : v);
        }
    }
}

static void divide16(const struct fet_image *image)
{
    const int n = image->channels;
    const size_t n_pixels = (size_t)image->width * (size_t)image->height;
    uint16_t *p = image->pixels;
    for (size_t i = 0; i < n_pixels; i++, p += n) {
        const uint32_t a = p[n - 1];
        for (int c = 0; c < n - 1 && a != 0; c++) {
            const uint32_t v = p[c] * 65535u / a;
            p[c] = (uint16_t)(v > 65535u ? 65535u : v);
        }
    }
}

void fet_alpha_divide(const struct fet_image *image)
{
    if (image->depth == 8)
        divide8(image);
    else
        divide16(image);
}
