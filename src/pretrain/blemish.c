#include "blemish.h"

#include <math.h>
#include <stdlib.h>

/* A change of less than this many levels is not to be seen. */
enum { VISIBLE = 12 };

/* An ellipse with three bulges. */
struct blob {
    double x, y, length, width, angle;
};

static struct blob blob_draw(int size, struct fet_rng *rng)
{
    struct blob b;
    b.length = fet_rng_between(rng, 0.012, 0.12) * size + 2;
    b.width = b.length * fet_rng_between(rng, 0.2, 1);
    b.x = fet_rng_between(rng, 0.15, 0.85) * size;
    b.y = fet_rng_between(rng, 0.15, 0.85) * size;
    b.angle = fet_rng_between(rng, 0, 3.14159265358979);
    return b;
}

static bool blob_has(const struct blob *b, int x, int y)
{
    const double dx = x - b->x, dy = y - b->y, c = cos(b->angle), s = sin(b->angle);
    const double u = (dx * c + dy * s) / b->length, v = (dy * c - dx * s) / b->width;
    return u * u + v * v < 1 + 0.4 * sin(3 * atan2(v, u) + b->angle);
}

/* What fills the blob: the picture itself, moved, or the same place at other levels. */
struct filling {
    bool is_moved;
    int dx, dy;
    double gain, offsets[3];
    double weight;
};

static struct filling filling_draw(int size, struct fet_rng *rng)
{
    struct filling f = {.is_moved = fet_rng_chance(rng, 0.6)};
    f.dx = fet_rng_int(rng, size / 8, size - size / 8);
    f.dy = fet_rng_int(rng, size / 8, size - size / 8);
    f.gain = fet_rng_between(rng, 0.6, 1.5);
    for (int c = 0; c < 3; c++) f.offsets[c] = fet_rng_between(rng, -40, 40);
    f.weight = fet_rng_between(rng, 0.5, 1);
    return f;
}

/* source: the picture before the blemish. True if the pixel has changed visibly. */
static bool pixel_fill(const struct filling *f, const struct fet_image *source, int x, int y,
                       uint8_t *p)
{
    bool is_visible = false;
    const int from_x = f->is_moved ? (x + f->dx) % source->width : x;
    const int from_y = f->is_moved ? (y + f->dy) % source->height : y;
    const uint8_t *const q = fet_image_row8(source, from_y) + 3 * from_x;
    for (int c = 0; c < 3; c++) {
        const double wanted = f->is_moved ? q[c] : q[c] * f->gain + f->offsets[c];
        const double level = p[c] + f->weight * (fmin(fmax(wanted, 0), 255) - p[c]);
        const uint8_t rounded = (uint8_t)(level + 0.5);
        is_visible |= abs(rounded - p[c]) > VISIBLE;
        p[c] = rounded;
    }
    return is_visible;
}

void fet_blemish_add(struct fet_image *picture, struct fet_image *mask, struct fet_rng *rng)
{
    const struct blob blob = blob_draw(picture->width, rng);
    const struct filling filling = filling_draw(picture->width, rng);
    const double reach = 1.3 * blob.length + 1;
    const int left = (int)fmax(blob.x - reach, 0), top = (int)fmax(blob.y - reach, 0);
    const int right = (int)fmin(blob.x + reach, picture->width - 1);
    const int bottom = (int)fmin(blob.y + reach, picture->height - 1);
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++)
            if (blob_has(&blob, x, y) &&
                pixel_fill(&filling, picture, x, y, fet_image_row8(picture, y) + 3 * x))
                fet_image_row8(mask, y)[x] = 255;
}
