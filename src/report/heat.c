/* The colours are a path through OKLab (Ottosson 2020), in which equal steps look equal. The
 * outline is marching squares (Lorensen & Cline 1987, in two dimensions): in each square of four
 * pixels the crossings on its sides are joined. */
#include "heat.h"

#include <math.h>

static uint8_t srgb_of(double linear)
{
    const double v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
    return (uint8_t)(255 * fmin(fmax(v, 0), 1) + 0.5);
}

static struct fet_rgb rgb_of_oklab(const double lab[3])
{
    const double l = lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2];
    const double m = lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2];
    const double s = lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2];
    const double l3 = l * l * l, m3 = m * m * m, s3 = s * s * s;
    return (struct fet_rgb){
        .r = srgb_of(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
        .g = srgb_of(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
        .b = srgb_of(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.7076147010 * s3)};
}

void fet_heat_table(struct fet_rgb table[256])
{
    /* Lightness and the two colour axes at equal distances along the path. */
    static const double stops[][3] = {
        {0.42, 0.156, -0.090}, {0.58, 0.212, 0.057}, {0.75, 0.105, 0.145}, {0.93, -0.030, 0.170}};
    enum { N_PIECES = sizeof stops / sizeof *stops - 1 };
    for (int i = 0; i < 256; i++) {
        const double at = (double)i / 255 * N_PIECES;
        const int piece = at < N_PIECES ? (int)at : N_PIECES - 1;
        double lab[3];
        for (int k = 0; k < 3; k++)
            lab[k] = stops[piece][k] + (at - piece) * (stops[piece + 1][k] - stops[piece][k]);
        table[i] = rgb_of_oklab(lab);
    }
}

void fet_heat_blend(const float *map, double threshold, double scale, struct fet_image *picture)
{
    const double most = 0.72, full_at = 0.4; /* opacity, and where on the way up it is reached */
    struct fet_rgb table[256];
    fet_heat_table(table);
    for (int y = 0; y < picture->height; y++) {
        uint8_t *p = fet_image_row8(picture, y);
        for (int x = 0; x < picture->width; x++, map++, p += 3) {
            if (!((double)*map > threshold)) continue;
            const double t = fmin(((double)*map - threshold) / (scale - threshold), 1);
            const double fade = fmin(t / full_at, 1);
            const double share = most * fade * fade * (3 - 2 * fade);
            const struct fet_rgb c = table[(int)(255 * t + 0.5)];
            p[0] = (uint8_t)(p[0] + share * (c.r - p[0]) + 0.5);
            p[1] = (uint8_t)(p[1] + share * (c.g - p[1]) + 0.5);
            p[2] = (uint8_t)(p[2] + share * (c.b - p[2]) + 0.5);
        }
    }
}

/* One square of the marching: its corner values, clockwise from the top left, and its place. */
struct square {
    double v[4], x, y;
};

/* The crossing on side i (0 top, 1 right, 2 bottom, 3 left). */
static void crossing(const struct square *q, int side, double level, double at[2])
{
    static const double corners[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    const double a = q->v[side], b = q->v[(side + 1) % 4];
    const double t = a != b ? (level - a) / (b - a) : 0.5;
    for (int k = 0; k < 2; k++)
        at[k] = corners[side][k] + t * (corners[side + 1][k] - corners[side][k]);
    at[0] += q->x, at[1] += q->y;
}

static void march(const struct square *q, double level, double stroke_px, struct fet_ink *ink)
{
    int sides[4], n = 0;
    for (int i = 0; i < 4; i++)
        if ((q->v[i] > level) != (q->v[(i + 1) % 4] > level)) sides[n++] = i;
    if (n == 0) return;
    double at[4][2];
    for (int i = 0; i < n; i++) crossing(q, sides[i], level, at[i]);
    /* Four crossings are a saddle: the middle decides which corners belong together. */
    int first = 0;
    if (n == 4) {
        const bool is_middle_in = (q->v[0] + q->v[1] + q->v[2] + q->v[3]) / 4 > level;
        first = is_middle_in == (q->v[0] > level) ? 0 : 1;
    }
    for (int i = 0; i < n; i += 2) {
        const double *a = at[(first + i) % n], *b = at[(first + i + 1) % n];
        fet_ink_line(ink, a[0], a[1], b[0], b[1], stroke_px);
    }
}

/* Beyond the border everything is below the level, so outlines close there. */
static double value_at(const float *map, int width, int height, int x, int y, double outside)
{
    if (x < 0 || y < 0 || x >= width || y >= height) return outside;
    const double v = (double)map[(int64_t)y * width + x];
    return isfinite(v) ? v : outside;
}

void fet_heat_outline(const float *map, int width, int height, double level, double stroke_px,
                      struct fet_ink *ink)
{
    const double outside = -1e300; /* so low that the closing line runs along the border */
    for (int y = -1; y < height; y++)
        for (int x = -1; x < width; x++) {
            const struct square q = {.v = {value_at(map, width, height, x, y, outside),
                                           value_at(map, width, height, x + 1, y, outside),
                                           value_at(map, width, height, x + 1, y + 1, outside),
                                           value_at(map, width, height, x, y + 1, outside)},
                                     .x = x + 0.5,
                                     .y = y + 0.5};
            march(&q, level, stroke_px, ink);
        }
}
