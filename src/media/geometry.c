/* Moving pixels: crop, quarter turns and mirrors, affine warp. */
#include "pixels.h"

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
    /* Bounded, so that the integers below hold it; NaN (infinity minus infinity) goes left. */
    const double limit = 1e15;
    const double bounded = !(at > -limit) ? -limit : at < limit ? at : limit;
    const double low = floor(bounded);
    return (struct neighbours){.low = border_find((int64_t)low, n, border),
                               .high = border_find((int64_t)low + 1, n, border),
                               .share = (float)(bounded - low)};
}

/* The four pixels around a point and the shares of the right and the lower ones. */
struct corners {
    const uint8_t *at[4]; /* upper left, upper right, lower left, lower right */
    float share_x, share_y;
};

static float blend(const struct corners *k, float a, float b, float c, float d)
{
    const float top = a + (b - a) * k->share_x;
    const float bottom = c + (d - c) * k->share_x;
    return top + (bottom - top) * k->share_y + 0.5f;
}

static inline void blend8(const struct corners *k, int channels, uint8_t *out)
{
    for (int c = 0; c < channels; c++)
        out[c] = (uint8_t)blend(k, k->at[0][c], k->at[1][c], k->at[2][c], k->at[3][c]);
}

static inline void blend16(const struct corners *k, int channels, uint8_t *out)
{
    for (int c = 0; c < channels; c++) {
        uint16_t v[4];
        for (int i = 0; i < 4; i++) memcpy(&v[i], k->at[i] + 2 * c, sizeof v[i]);
        const uint16_t mixed = (uint16_t)blend(k, v[0], v[1], v[2], v[3]);
        memcpy(out + 2 * c, &mixed, sizeof mixed);
    }
}

struct warp {
    const struct fet_image *src;
    const double *m;
    enum fet_border border;
    size_t pixel, row; /* bytes of the source */
};

static const uint8_t *pixel_find(const struct warp *w, int x, int y)
{
    static const uint8_t black[8] = {0};
    if (x < 0 || y < 0) return black;
    return (const uint8_t *)w->src->pixels + (size_t)y * w->row + (size_t)x * w->pixel;
}

/* At the border each corner is looked for by itself; inside they lie side by side. */
static inline struct corners corners_find(const struct warp *w, double x, double y)
{
    const double fx = x - 0.5;
    const double fy = y - 0.5;
    struct corners k;
    if (fx >= 0.0 && fy >= 0.0 && fx < w->src->width - 1 && fy < w->src->height - 1) {
        const int ix = (int)fx;
        const int iy = (int)fy;
        k.at[0] = (const uint8_t *)w->src->pixels + (size_t)iy * w->row + (size_t)ix * w->pixel;
        k.at[1] = k.at[0] + w->pixel;
        k.at[2] = k.at[0] + w->row;
        k.at[3] = k.at[2] + w->pixel;
        k.share_x = (float)(fx - ix);
        k.share_y = (float)(fy - iy);
        return k;
    }
    const struct neighbours nx = neighbours_find(fx, w->src->width, w->border);
    const struct neighbours ny = neighbours_find(fy, w->src->height, w->border);
    k.at[0] = pixel_find(w, nx.low, ny.low);
    k.at[1] = pixel_find(w, nx.high, ny.low);
    k.at[2] = pixel_find(w, nx.low, ny.high);
    k.at[3] = pixel_find(w, nx.high, ny.high);
    k.share_x = nx.share;
    k.share_y = ny.share;
    return k;
}

/* channels and depth are constants at every call. */
static inline void warp_row(const struct warp *w, int y, int width, int channels, int depth,
                            uint8_t *out)
{
    const double cy = y + 0.5;
    for (int x = 0; x < width; x++) {
        const double cx = x + 0.5;
        const struct corners k = corners_find(w, w->m[0] * cx + w->m[1] * cy + w->m[2],
                                              w->m[3] * cx + w->m[4] * cy + w->m[5]);
        if (depth == 8)
            blend8(&k, channels, out);
        else
            blend16(&k, channels, out);
        out += channels * (depth / 8);
    }
}

fet_status fet_image_warp(const struct fet_image *src, const double m[6], int width, int height,
                          enum fet_border border, struct fet_image *dst)
{
    if (border < FET_BORDER_CONSTANT || border > FET_BORDER_REFLECT)
        return FET_FAIL(FET_ARGUMENT, "warp: %d is none of the three borders", (int)border);
    for (int i = 0; i < 6; i++) {
        if (!isfinite(m[i])) return FET_FAIL(FET_ARGUMENT, "warp: number %d is not finite", i);
    }
    struct fet_image made = {0};
    FET_TRY(fet_image_new(width, height, src->channels, src->depth, &made));
    const size_t pixel = pixel_bytes(src);
    const struct warp w = {
        .src = src, .m = m, .border = border, .pixel = pixel, .row = pixel * (size_t)src->width};
    for (int y = 0; y < height; y++) {
        uint8_t *out = (uint8_t *)made.pixels + (size_t)y * pixel * (size_t)width;
        if (src->depth == 16)
            warp_row(&w, y, width, src->channels, 16, out);
        else if (src->channels == 1)
            warp_row(&w, y, width, 1, 8, out);
        else if (src->channels == 3)
            warp_row(&w, y, width, 3, 8, out);
        else
            warp_row(&w, y, width, src->channels, 8, out);
    }
    *dst = made;
    return FET_OK;
}
