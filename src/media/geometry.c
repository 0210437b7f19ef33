/* Moving pixels: crop, quarter turns and mirrors, affine warp. */
#include "pixels.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static size_t pixel_bytes(const struct fet_image *image)
{
    return (size_t)image->channels * (size_t)(image->depth / 8);
}

fet_status fet_image_crop(const struct fet_image *src, int x, int y, int width, int height,
                          struct fet_image *dst)
{
    if (x < 0 || y < 0 || width < 1 || height < 1 || width > src->width - x ||
        height > src->height - y)
        return FET_FAIL(FET_ARGUMENT, "crop: %d x %d at %d,%d does not lie inside %d x %d", width,
                        height, x, y, src->width, src->height);
    struct fet_image made = {0};
    FET_TRY(fet_image_new(width, height, src->channels, src->depth, &made));
    const size_t n = pixel_bytes(src);
    const size_t src_row = n * (size_t)src->width;
    const size_t dst_row = n * (size_t)width;
    const uint8_t *from = (const uint8_t *)src->pixels + src_row * (size_t)y + n * (size_t)x;
    uint8_t *to = made.pixels;
    for (int i = 0; i < height; i++)
        memcpy(to + dst_row * (size_t)i, from + src_row * (size_t)i, dst_row);
    *dst = made;
    return FET_OK;
}

/* ---- turns ---- */

/* A turn is a walk over the source: where the first target pixel comes from, and the steps (in
 * pixels) to its right and lower neighbours. */
struct walk {
    int64_t start, step_x, step_y;
};

static struct walk walk_find(int w, int h, enum fet_turn turn)
{
    /* The source corner that comes to the upper left, and where the target's x axis points. */
    const int64_t row = w;
    const int64_t right = w - 1;
    const int64_t bottom = row * (h - 1);
    switch (turn) {
    case FET_TURN_90:
        return (struct walk){bottom, -row, 1};
    case FET_TURN_180:
        return (struct walk){bottom + right, -1, -row};
    case FET_TURN_270:
        return (struct walk){right, row, -1};
    case FET_TURN_FLIP:
        return (struct walk){right, -1, row};
    case FET_TURN_FLIP_90:
        return (struct walk){bottom + right, -row, -1};
    case FET_TURN_FLIP_180:
        return (struct walk){bottom, 1, -row};
    case FET_TURN_FLIP_270:
        return (struct walk){0, row, 1};
    case FET_TURN_0:
    default:
        return (struct walk){0, 1, row};
    }
}

/* n is a constant at every call, so that each copy becomes one or two moves. */
static inline void walk_copy(const struct fet_image *dst, const uint8_t *from, struct walk walk,
                             size_t n)
{
    uint8_t *to = dst->pixels;
    for (int y = 0; y < dst->height; y++) {
        int64_t at = walk.start + walk.step_y * y;
        for (int x = 0; x < dst->width; x++) {
            memcpy(to, from + (size_t)at * n, n);
            to += n;
            at += walk.step_x;
        }
    }
}

fet_status fet_image_turn(const struct fet_image *src, enum fet_turn turn, struct fet_image *dst)
{
    if (turn < FET_TURN_0 || turn > FET_TURN_FLIP_270)
        return FET_FAIL(FET_ARGUMENT, "turn: %d is none of the eight turns", (int)turn);
    const bool is_across = turn == FET_TURN_90 || turn == FET_TURN_270 ||
                           turn == FET_TURN_FLIP_90 || turn == FET_TURN_FLIP_270;
    struct fet_image made = {0};
    FET_TRY(fet_image_new(is_across ? src->height : src->width,
                          is_across ? src->width : src->height, src->channels, src->depth, &made));
    const struct walk walk = walk_find(src->width, src->height, turn);
    switch (pixel_bytes(src)) {
    case 1:
        walk_copy(&made, src->pixels, walk, 1);
        break;
    case 2:
        walk_copy(&made, src->pixels, walk, 2);
        break;
    case 3:
        walk_copy(&made, src->pixels, walk, 3);
        break;
    case 4:
        walk_copy(&made, src->pixels, walk, 4);
        break;
    case 6:
        walk_copy(&made, src->pixels, walk, 6);
        break;
    default:
        walk_copy(&made, src->pixels, walk, 8);
        break;
    }
    *dst = made;
    return FET_OK;
}

/* ---- warp ---- */

/* Where an index behind the border reads; -1 = nowhere (0 is taken). */
static int border_find(int64_t i, int n, enum fet_border border)
{
    if (i >= 0 && i < n) return (int)i;
    if (border == FET_BORDER_CONSTANT) return -1;
    if (border == FET_BORDER_REPLICATE) return i < 0 ? 0 : n - 1;
    /* The edge pixel is repeated: ... 1 0 | 0 1 ... n-1 | n-1 ... */
    const int64_t period = 2 * (int64_t)n;
    const int64_t r = ((i % period) + period) % period;
    return (int)(r < n ? r : period - 1 - r);
}

/* The two neighbours of a coordinate on one axis and the share of the second. */
struct neighbours {
    int low, high; /* -1 = nowhere */
    float share;
};

static struct neighbours neighbours_find(double at, int n, enum fet_border border)
{
    /* Far outside every border answers alike, so the range of int64_t is safe; NaN goes to 0. */
    const double limit = 1e15;
    const double centre = at - 0.5;
    const double bounded = !(centre > -limit) ? -limit : centre < limit ? centre : limit;
    const double low = floor(bounded);
    return (struct neighbours){.low = border_find((int64_t)low, n, border),
                               .high = border_find((int64_t)low + 1, n, border),
                               .share = (float)(bounded - low)};
}

static float value_get(const struct fet_image *src, int x, int y, int c)
{
    if (x < 0 || y < 0) return 0.0f;
    const size_t i =
        ((size_t)y * (size_t)src->width + (size_t)x) * (size_t)src->channels + (size_t)c;
    return src->depth == 8 ? (float)((const uint8_t *)src->pixels)[i]
                           : (float)((const uint16_t *)src->pixels)[i];
}

static float sample(const struct fet_image *src, const struct neighbours *nx,
                    const struct neighbours *ny, int c)
{
    const float a = value_get(src, nx->low, ny->low, c);
    const float b = value_get(src, nx->high, ny->low, c);
    const float d = value_get(src, nx->low, ny->high, c);
    const float e = value_get(src, nx->high, ny->high, c);
    const float top = a + (b - a) * nx->share;
    const float bottom = d + (e - d) * nx->share;
    return top + (bottom - top) * ny->share;
}

fet_status fet_image_warp(const struct fet_image *src, const double m[6], int width, int height,
                          enum fet_border border, struct fet_image *dst)
{
    for (int i = 0; i < 6; i++) {
        if (!isfinite(m[i])) return FET_FAIL(FET_ARGUMENT, "warp: number %d is not finite", i);
    }
    struct fet_image made = {0};
    FET_TRY(fet_image_new(width, height, src->channels, src->depth, &made));
    size_t at = 0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const double cx = x + 0.5;
            const double cy = y + 0.5;
            const struct neighbours nx =
                neighbours_find(m[0] * cx + m[1] * cy + m[2], src->width, border);
            const struct neighbours ny =
                neighbours_find(m[3] * cx + m[4] * cy + m[5], src->height, border);
            for (int c = 0; c < src->channels; c++, at++) {
                const float v = sample(src, &nx, &ny, c) + 0.5f;
                if (src->depth == 8)
                    ((uint8_t *)made.pixels)[at] = (uint8_t)v;
                else
                    ((uint16_t *)made.pixels)[at] = (uint16_t)v;
            }
        }
    }
    *dst = made;
    return FET_OK;
}
