/* Channels and depth of pictures. Three independent steps, each leaving the others' subject alone:
 * alpha is composed on white, colour becomes grey by ITU-R BT.601 luma in the fixed point of
 * Pillow's "L", depth is scaled with rounding (8 -> 16 by 257). The arithmetic runs at the wider
 * of the two depths, a row at a time. */
#include "pixels.h"

#include <string.h>

/* One pixel on its way; unused members are not read. */
struct pixel {
    uint32_t r, g, b, a;
};

struct conversion {
    int from, to;     /* channels */
    uint32_t white;   /* the largest value at the working depth */
    bool drops_alpha; /* alpha goes away: compose */
};

static struct pixel pixel_make(const uint32_t *v, int channels, uint32_t white)
{
    switch (channels) {
    case 1:
        return (struct pixel){v[0], v[0], v[0], white};
    case 2:
        return (struct pixel){v[0], v[0], v[0], v[1]};
    case 3:
        return (struct pixel){v[0], v[1], v[2], white};
    default:
        return (struct pixel){v[0], v[1], v[2], v[3]};
    }
}

/* v over white with coverage a, rounded. */
static uint32_t compose(uint32_t v, uint32_t a, uint32_t white)
{
    const uint64_t sum = (uint64_t)v * a + (uint64_t)white * (white - a);
    return (uint32_t)((sum + white / 2) / white);
}

/* 0.299 R + 0.587 G + 0.114 B in 16 bits of fraction; the weights sum to 65,536, so that 16-bit
 * white stays below 2^32. */
static uint32_t luma(uint32_t r, uint32_t g, uint32_t b)
{
    return (r * 19595u + g * 38470u + b * 7471u + 0x8000u) >> 16;
}

static void pixel_convert(const struct conversion *c, const uint32_t *in, uint32_t *out)
{
    struct pixel p = pixel_make(in, c->from, c->white);
    if (c->drops_alpha) {
        p.r = compose(p.r, p.a, c->white);
        p.g = compose(p.g, p.a, c->white);
        p.b = compose(p.b, p.a, c->white);
    }
    if (c->to <= 2) {
        out[0] = c->from <= 2 ? p.r : luma(p.r, p.g, p.b);
        out[1] = p.a;
    } else {
        out[0] = p.r;
        out[1] = p.g;
        out[2] = p.b;
        out[3] = p.a;
    }
}

/* ---- rows of any kind ---- */

static uint32_t value_get(const struct fet_image *image, size_t i)
{
    return image->depth == 8 ? ((const uint8_t *)image->pixels)[i]
                             : ((const uint16_t *)image->pixels)[i];
}

static void value_set(const struct fet_image *image, size_t i, uint32_t v)
{
    if (image->depth == 8)
        ((uint8_t *)image->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)image->pixels)[i] = (uint16_t)v;
}

static void convert_any(const struct fet_image *src, const struct fet_image *dst)
{
    const bool is_wide = src->depth == 16 || dst->depth == 16;
    const struct conversion c = {.from = src->channels,
                                 .to = dst->channels,
                                 .white = is_wide ? 65535 : 255,
                                 .drops_alpha = src->channels % 2 == 0 && dst->channels % 2 == 1};
    const uint32_t widen = is_wide && src->depth == 8 ? 257 : 1;
    const bool narrows = is_wide && dst->depth == 8;
    const size_t n_pixels = (size_t)src->width * (size_t)src->height;
    for (size_t i = 0; i < n_pixels; i++) {
        uint32_t in[4] = {0};
        uint32_t out[4] = {0};
        for (int k = 0; k < c.from; k++)
            in[k] = value_get(src, i * (size_t)c.from + (size_t)k) * widen;
        pixel_convert(&c, in, out);
        for (int k = 0; k < c.to; k++)
            value_set(dst, i * (size_t)c.to + (size_t)k, narrows ? (out[k] + 128) / 257 : out[k]);
    }
}

/* ---- the common cases ---- */

static void grey_to_rgb(const uint8_t *in, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[3 * i] = in[i];
        out[3 * i + 1] = in[i];
        out[3 * i + 2] = in[i];
    }
}

static void rgb_to_grey(const uint8_t *in, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)luma(in[3 * i], in[3 * i + 1], in[3 * i + 2]);
}

fet_status fet_image_convert(const struct fet_image *src, int channels, int depth,
                             struct fet_image *dst)
{
    struct fet_image made = {0};
    FET_TRY(fet_image_new(src->width, src->height, channels, depth, &made));
    const size_t n_pixels = (size_t)src->width * (size_t)src->height;
    const bool is_narrow = src->depth == 8 && depth == 8;
    if (src->channels == channels && src->depth == depth)
        memcpy(made.pixels, src->pixels, fet_image_bytes(&made));
    else if (is_narrow && src->channels == 1 && channels == 3)
        grey_to_rgb(src->pixels, made.pixels, n_pixels);
    else if (is_narrow && src->channels == 3 && channels == 1)
        rgb_to_grey(src->pixels, made.pixels, n_pixels);
    else
        convert_any(src, &made);
    *dst = made;
    return FET_OK;
}
