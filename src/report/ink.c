/* Coverage from distance: a pixel is covered by 0.5 + half the stroke's width - the distance of its
 * centre to the stroke's middle, clamped to 0..1. That is exact to a few percent for straight
 * edges, and needs no supersampling. */
#include "ink.h"

#include <assert.h>
#include <math.h>
#include <string.h>

fet_status fet_ink_new(int width, int height, struct fet_ink *ink)
{
    int64_t n;
    if (!fet_mul_size(width, height, &n))
        return FET_FAIL(FET_LIMIT, "ink: %d x %d is too large", width, height);
    uint8_t *cover = fet_alloc(n, 1);
    if (cover == NULL) return FET_FAIL_MEMORY("ink", n);
    *ink = (struct fet_ink){.width = width, .height = height, .cover = cover};
    return FET_OK;
}

void fet_ink_deinit(struct fet_ink *ink)
{
    if (ink == NULL) return;
    fet_free(ink->cover);
    *ink = (struct fet_ink){0};
}

/* A rectangle of pixels, ends excluded. */
struct span {
    int x0, y0, x1, y1;
};

static int clamp_int(double v, int low, int high)
{
    if (!(v > low)) return low;
    return v < high ? (int)v : high;
}

/* The pixels of the plane that a shape with these bounds can touch; marks them as used. */
static struct span span_of(struct fet_ink *ink, double x0, double y0, double x1, double y1)
{
    const struct span s = {.x0 = clamp_int(floor(x0) - 1, 0, ink->width),
                           .y0 = clamp_int(floor(y0) - 1, 0, ink->height),
                           .x1 = clamp_int(ceil(x1) + 1, 0, ink->width),
                           .y1 = clamp_int(ceil(y1) + 1, 0, ink->height)};
    if (s.x0 >= s.x1 || s.y0 >= s.y1) return (struct span){0};
    if (ink->x0 >= ink->x1) {
        ink->x0 = s.x0, ink->y0 = s.y0, ink->x1 = s.x1, ink->y1 = s.y1;
        return s;
    }
    if (s.x0 < ink->x0) ink->x0 = s.x0;
    if (s.y0 < ink->y0) ink->y0 = s.y0;
    if (s.x1 > ink->x1) ink->x1 = s.x1;
    if (s.y1 > ink->y1) ink->y1 = s.y1;
    return s;
}

/* Keeps the stronger of what is there and what comes. */
static void cover(struct fet_ink *ink, int x, int y, double share)
{
    uint8_t *p = &ink->cover[(int64_t)y * ink->width + x];
    const int v = clamp_int(share * 255 + 0.5, 0, 255);
    if (v > *p) *p = (uint8_t)v;
}

void fet_ink_line(struct fet_ink *ink, double x0, double y0, double x1, double y1, double width)
{
    const double half = 0.5 * width;
    const struct span s = span_of(ink, fmin(x0, x1) - half, fmin(y0, y1) - half,
                                  fmax(x0, x1) + half, fmax(y0, y1) + half);
    const double dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
    for (int y = s.y0; y < s.y1; y++)
        for (int x = s.x0; x < s.x1; x++) {
            /* Distance of the pixel's centre to the nearest point of the segment. */
            const double px = x + 0.5 - x0, py = y + 0.5 - y0;
            double t = length2 > 0 ? (px * dx + py * dy) / length2 : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            const double ex = px - t * dx, ey = py - t * dy;
            cover(ink, x, y, half + 0.5 - sqrt(ex * ex + ey * ey));
        }
}

void fet_ink_quarter(struct fet_ink *ink, const double from[2], const double corner[2],
                     const double to[2], double width)
{
    enum { N_PIECES = 8 };
    const double kappa = 0.5522847498; /* of the cubic that is closest to a quarter of a circle */
    double last[2] = {from[0], from[1]};
    for (int i = 1; i <= N_PIECES; i++) {
        const double t = (double)i / N_PIECES, u = 1 - t;
        double now[2];
        for (int k = 0; k < 2; k++) {
            const double c0 = from[k] + kappa * (corner[k] - from[k]);
            const double c1 = to[k] + kappa * (corner[k] - to[k]);
            now[k] =
                u * u * u * from[k] + 3 * u * u * t * c0 + 3 * u * t * t * c1 + t * t * t * to[k];
        }
        fet_ink_line(ink, last[0], last[1], now[0], now[1], width);
        last[0] = now[0], last[1] = now[1];
    }
}

void fet_ink_box(struct fet_ink *ink, double x, double y, double w, double h, double radius)
{
    const double half_w = 0.5 * w, half_h = 0.5 * h;
    const double round = fmin(radius, fmin(half_w, half_h));
    const struct span s = span_of(ink, x, y, x + w, y + h);
    for (int iy = s.y0; iy < s.y1; iy++)
        for (int ix = s.x0; ix < s.x1; ix++) {
            /* Signed distance to the box with round corners: negative inside. */
            const double qx = fabs(ix + 0.5 - x - half_w) - half_w + round;
            const double qy = fabs(iy + 0.5 - y - half_h) - half_h + round;
            const double out_x = fmax(qx, 0), out_y = fmax(qy, 0);
            const double distance =
                sqrt(out_x * out_x + out_y * out_y) + fmin(fmax(qx, qy), 0) - round;
            cover(ink, ix, iy, 0.5 - distance);
        }
}

static uint8_t blend(uint8_t below, uint8_t above, double share)
{
    return (uint8_t)(below + share * ((double)above - below) + 0.5);
}

void fet_ink_pour(struct fet_ink *ink, struct fet_rgb colour, double opacity,
                  struct fet_image *picture)
{
    assert(picture->channels == 3 && picture->width == ink->width &&
           picture->height == ink->height);
    for (int y = ink->y0; y < ink->y1; y++) {
        uint8_t *row = fet_image_row8(picture, y);
        uint8_t *c = ink->cover + (int64_t)y * ink->width;
        for (int x = ink->x0; x < ink->x1; x++) {
            if (c[x] == 0) continue;
            const double share = opacity * c[x] / 255;
            row[3 * x] = blend(row[3 * x], colour.r, share);
            row[3 * x + 1] = blend(row[3 * x + 1], colour.g, share);
            row[3 * x + 2] = blend(row[3 * x + 2], colour.b, share);
        }
        if (ink->x1 > ink->x0) memset(c + ink->x0, 0, (size_t)(ink->x1 - ink->x0));
    }
    ink->x0 = ink->y0 = ink->x1 = ink->y1 = 0;
}
