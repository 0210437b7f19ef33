/* For the tests of this room: pictures made by arithmetic and ways to compare them. */
#ifndef FET_TEST_PICTURES_H
#define FET_TEST_PICTURES_H

#include "check.h"
#include "media.h"

static inline uint32_t picture_get(const struct fet_image *image, int x, int y, int c)
{
    const size_t i =
        ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels + (size_t)c;
    return image->depth == 8 ? ((const uint8_t *)image->pixels)[i]
                             : ((const uint16_t *)image->pixels)[i];
}

static inline void picture_set(const struct fet_image *image, int x, int y, int c, uint32_t v)
{
    const size_t i =
        ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels + (size_t)c;
    if (image->depth == 8)
        ((uint8_t *)image->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)image->pixels)[i] = (uint16_t)v;
}

/* Every value of every channel occurs somewhere; no two neighbours agree. */
static inline void picture_make(int width, int height, int channels, int depth,
                                struct fet_image *image)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 7, (uint64_t)(channels * 100 + depth));
    assert_ok(fet_image_new(width, height, channels, depth, image));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < channels; c++)
                picture_set(image, x, y, c, fet_rng_u32(&rng) & 0xFFFF);
        }
    }
}

/* Slow waves: what JPEG can hold. */
static inline void picture_make_smooth(int width, int height, int channels, struct fet_image *image)
{
    assert_ok(fet_image_new(width, height, channels, 8, image));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < channels; c++)
                picture_set(image, x, y, c,
                            (uint32_t)(128.0 + 100.0 * sin(x * 0.05 + c) * cos(y * 0.04)));
        }
    }
}

static inline void assert_same_shape(const struct fet_image *a, const struct fet_image *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    assert_int_equal(a->depth, b->depth);
}

/* The largest difference of two values at the same place. */
static inline int picture_distance(const struct fet_image *a, const struct fet_image *b)
{
    int worst = 0;
    assert_same_shape(a, b);
    for (int y = 0; y < a->height; y++) {
        for (int x = 0; x < a->width; x++) {
            for (int c = 0; c < a->channels; c++) {
                const int d = abs((int)picture_get(a, x, y, c) - (int)picture_get(b, x, y, c));
                if (d > worst) worst = d;
            }
        }
    }
    return worst;
}

#endif
