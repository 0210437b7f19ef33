/* The picture is changed inside a box about the outline only. Coverage 0..1 of the outline is drawn
 * first, then each pixel moves from its old to its new value by that share. */
#include "forge.h"

#include "lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = 24, MAX_LINES = 3 };

/* ---- chance ---- */

/* low..high with even chance per octave. */
static double draw_size(struct fet_rng *rng, double low, double high)
{
    return low * exp(fet_rng_real(rng) * log(high / low));
}

static float hash_real(uint32_t x, uint32_t y, uint32_t seed)
{
    return (float)(fet_lattice_hash(x, y, seed) >> 8) * (2.0f / 16777216.0f) - 1;
}

/* Smooth noise of -1..1, one feature per unit: random values at whole points, between them a cubic
 * (value noise). */
static float noise(float u, float v, uint32_t seed)
{
    const float fu = floorf(u), fv = floorf(v);
    const uint32_t x = (uint32_t)(int32_t)fu, y = (uint32_t)(int32_t)fv;
    float a = u - fu, b = v - fv;
    a = a * a * (3 - 2 * a);
    b = b * b * (3 - 2 * b);
    const float top = hash_real(x, y, seed) * (1 - a) + hash_real(x + 1, y, seed) * a;
    const float low = hash_real(x, y + 1, seed) * (1 - a) + hash_real(x + 1, y + 1, seed) * a;
    return top * (1 - b) + low * b;
}

static float fractal(float u, float v, uint32_t seed)
{
    return (noise(u, v, seed) + 0.5f * noise(2.1f * u, 2.1f * v, seed + 1u) +
            0.25f * noise(4.3f * u, 4.3f * v, seed + 2u)) /
           1.3f;
}

/* ---- outlines ---- */

struct box {
    int x0, y0, x1, y1; /* x0 <= x < x1 */
};

static struct box box_about(const struct fet_image *picture, double x, double y, double reach)
{
    const struct box b = {.x0 = (int)fmax(floor(x - reach), 0),
                          .y0 = (int)fmax(floor(y - reach), 0),
                          .x1 = (int)fmin(ceil(x + reach) + 1, picture->width),
                          .y1 = (int)fmin(ceil(y + reach) + 1, picture->height)};
    return b;
}

/* Where a defect is, and how far it covers each pixel of its box. */
struct outline {
    struct box box;
    float *cover; /* owned, [height of the box, width of the box] */
    double x, y, size;
};

static fet_status outline_new(struct outline *o, const struct fet_image *picture, double reach)
{
    o->box = box_about(picture, o->x, o->y, reach);
    const int64_t n = (int64_t)(o->box.x1 - o->box.x0) * (o->box.y1 - o->box.y0);
    o->cover = fet_alloc(n, sizeof *o->cover);
    return o->cover != NULL ? FET_OK : FET_FAIL_MEMORY("made defect", n * 4);
}

static float *cover_row(const struct outline *o, int y)
{
    return o->cover + (int64_t)(y - o->box.y0) * (o->box.x1 - o->box.x0);
}

/* Coverage at a distance inside the outline (negative: outside) with an edge of that width. */
static float cover_at(float inside, float edge)
{
    const float t = fminf(fmaxf(0.5f + inside / edge, 0), 1);
    return t * t * (3 - 2 * t);
}

/* An ellipse whose outline wanders, from smooth to ragged. */
static fet_status blob_draw(struct outline *o, const struct fet_image *picture, struct fet_rng *rng)
{
    const float half = (float)o->size, aspect = (float)draw_size(rng, 0.2, 1);
    const float angle = (float)fet_rng_between(rng, 0, 3.14159265);
    const float ragged = (float)fet_rng_between(rng, 0, 0.9);
    const float grain = (float)draw_size(rng, 0.6, 4) / half;
    const float edge = (float)draw_size(rng, 1, fmax(2, o->size));
    const uint32_t seed = fet_rng_u32(rng);
    const float c = cosf(angle), s = sinf(angle);
    FET_TRY(outline_new(o, picture, 1.9 * o->size + (double)edge));
    for (int y = o->box.y0; y < o->box.y1; y++)
        for (int x = o->box.x0; x < o->box.x1; x++) {
            const float dx = (float)(x - o->x), dy = (float)(y - o->y);
            const float u = dx * c + dy * s, v = (dy * c - dx * s) / aspect;
            const float away = sqrtf(u * u + v * v) / half;
            const float wander = ragged * fractal(u * grain, v * grain, seed);
            cover_row(o, y)[x - o->box.x0] = cover_at((1 + wander - away) * half * aspect, edge);
        }
    return FET_OK;
}

/* Scratches, cracks, hairs: lines that wander, up to three of them, some of which fork. */
struct line {
    float x[MAX_POINTS], y[MAX_POINTS];
    int n;
};

static struct line line_draw(double x, double y, double angle, double length, double bend,
                             struct fet_rng *rng)
{
    struct line l = {.n = MAX_POINTS};
    const double step = length / MAX_POINTS;
    for (int i = 0; i < l.n; i++) {
        l.x[i] = (float)x;
        l.y[i] = (float)y;
        angle += bend * fet_rng_normal(rng);
        x += step * cos(angle);
        y += step * sin(angle);
    }
    return l;
}

/* Distance from the line; *along 0..1: where on it. */
static float line_distance(const struct line *l, float x, float y, float *along)
{
    float least = INFINITY;
    for (int i = 0; i + 1 < l->n; i++) {
        const float dx = l->x[i + 1] - l->x[i], dy = l->y[i + 1] - l->y[i];
        const float square = dx * dx + dy * dy + 1e-6f;
        const float t = fminf(fmaxf(((x - l->x[i]) * dx + (y - l->y[i]) * dy) / square, 0), 1);
        const float ex = x - l->x[i] - t * dx, ey = y - l->y[i] - t * dy;
        const float d = ex * ex + ey * ey;
        if (d < least) {
            least = d;
            *along = ((float)i + t) / (float)(l->n - 1);
        }
    }
    return sqrtf(least);
}

static fet_status lines_draw(struct outline *o, const struct fet_image *picture,
                             struct fet_rng *rng)
{
    struct line lines[MAX_LINES];
    const int n = fet_rng_chance(rng, 0.7) ? 1 : fet_rng_int(rng, 2, MAX_LINES);
    const double angle = fet_rng_between(rng, 0, 6.2831853), bend = draw_size(rng, 0.01, 0.6);
    const bool forks = fet_rng_chance(rng, 0.5);
    const float width = (float)draw_size(rng, 0.4, 2.5), edge = (float)draw_size(rng, 0.8, 2);
    const uint32_t seed = fet_rng_u32(rng);
    lines[0] = line_draw(o->x - o->size * cos(angle), o->y - o->size * sin(angle), angle,
                         2 * o->size, bend, rng);
    for (int k = 1; k < n; k++) {
        const int from = fet_rng_int(rng, 0, MAX_POINTS - 1);
        const double turn =
            forks ? fet_rng_between(rng, -1.2, 1.2) : fet_rng_between(rng, -0.1, 0.1);
        const double away = forks ? 0 : fet_rng_between(rng, -0.3, 0.3) * o->size;
        lines[k] = line_draw((double)lines[0].x[from] + away, (double)lines[0].y[from] + away,
                             angle + turn, o->size * fet_rng_between(rng, 0.3, 1.2), bend, rng);
    }
    FET_TRY(outline_new(o, picture, 2.4 * o->size + 3));
    for (int y = o->box.y0; y < o->box.y1; y++)
        for (int x = o->box.x0; x < o->box.x1; x++) {
            float most = 0;
            for (int k = 0; k < n; k++) {
                float along = 0;
                const float d = line_distance(&lines[k], (float)x, (float)y, &along);
                if (d > width * 2 + edge) continue;
                const float taper = fminf(4 * along, 4 * (1 - along)) + 0.2f;
                const float w = width * fminf(taper, 1) * (1 + 0.6f * noise(10 * along, 0, seed));
                most = fmaxf(most, cover_at(w - d, edge));
            }
            cover_row(o, y)[x - o->box.x0] = most;
        }
    return FET_OK;
}

/* A blob with straight sides: what a knife, a fold or a mould leaves. */
static fet_status cut_draw(struct outline *o, const struct fet_image *picture, struct fet_rng *rng)
{
    const float half = (float)o->size, aspect = (float)draw_size(rng, 0.15, 1);
    const float angle = (float)fet_rng_between(rng, 0, 3.14159265);
    const float lean = (float)fet_rng_between(rng, -0.5, 0.5);
    const float edge = (float)draw_size(rng, 1, 4);
    const float c = cosf(angle), s = sinf(angle);
    FET_TRY(outline_new(o, picture, 1.6 * o->size + (double)edge));
    for (int y = o->box.y0; y < o->box.y1; y++)
        for (int x = o->box.x0; x < o->box.x1; x++) {
            const float dx = (float)(x - o->x), dy = (float)(y - o->y);
            const float v = dy * c - dx * s, u = dx * c + dy * s + lean * v;
            const float inside = fminf(half - fabsf(u), half * aspect - fabsf(v));
            cover_row(o, y)[x - o->box.x0] = cover_at(inside, edge);
        }
    return FET_OK;
}

/* ---- what happens inside ---- */

/* The picture as it was: pixels are read here while others are written. */
static const uint8_t *pixel_of(const struct fet_image *picture, int x, int y)
{
    x = x < 0 ? 0 : x >= picture->width ? picture->width - 1 : x;
    y = y < 0 ? 0 : y >= picture->height ? picture->height - 1 : y;
    return (const uint8_t *)picture->pixels + 3 * ((int64_t)y * picture->width + x);
}

static void pixel_between(const struct fet_image *picture, float x, float y, float rgb[3])
{
    const int ix = (int)floorf(x), iy = (int)floorf(y);
    const float a = x - (float)ix, b = y - (float)iy;
    const uint8_t *const p = pixel_of(picture, ix, iy), *const q = pixel_of(picture, ix + 1, iy);
    const uint8_t *const r = pixel_of(picture, ix, iy + 1);
    const uint8_t *const s = pixel_of(picture, ix + 1, iy + 1);
    for (int c = 0; c < 3; c++)
        rgb[c] = ((float)p[c] * (1 - a) + (float)q[c] * a) * (1 - b) +
                 ((float)r[c] * (1 - a) + (float)s[c] * a) * b;
}

enum effect { LEVELS, FLAT, PASTE, SHIFT, BLUR, GRAIN, N_EFFECTS };

struct change {
    enum effect effect;
    const struct fet_image *from; /* the picture before, or the donor */
    float weight;
    float rgb[3];          /* LEVELS: what is added; FLAT: the colour */
    float m[4], at[2];     /* PASTE: matrix and middle of the piece */
    float dx, dy;          /* SHIFT */
    float grain, mottle;   /* amplitude of fine noise; share by which the change is mottled */
    float mottle_scale;    /* features per pixel */
    int reach;             /* BLUR */
    float middle[2], size; /* of the outline */
    uint32_t seed;
};

/* Grey mostly, else a colour; loudness is its largest part. */
static void levels_draw(struct fet_rng *rng, double loudness, float rgb[3])
{
    const double sign = fet_rng_chance(rng, 0.4) ? 1 : -1;
    const bool is_grey = fet_rng_chance(rng, 0.6);
    for (int c = 0; c < 3; c++) {
        const double part = fet_rng_between(rng, -1, 1);
        rgb[c] = (float)(loudness * (is_grey ? sign : part));
    }
}

static void piece_draw(struct change *k, struct fet_rng *rng)
{
    const double angle = fet_rng_chance(rng, 0.5) ? 0 : fet_rng_between(rng, 0, 6.2831853);
    const double scale = fet_rng_chance(rng, 0.5) ? 1 : draw_size(rng, 0.6, 1.6);
    const float mirror = fet_rng_chance(rng, 0.3) ? -1 : 1;
    k->m[0] = (float)(scale * cos(angle)) * mirror;
    k->m[1] = (float)(scale * sin(angle));
    k->m[2] = (float)(-scale * sin(angle)) * mirror;
    k->m[3] = (float)(scale * cos(angle));
    k->at[0] = (float)fet_rng_between(rng, 0.02, 0.98) * (float)k->from->width;
    k->at[1] = (float)fet_rng_between(rng, 0.02, 0.98) * (float)k->from->height;
}

static struct change change_draw(const struct outline *o, bool is_line, double contrast,
                                 const struct fet_image *before, const struct fet_image *donor,
                                 struct fet_rng *rng)
{
    /* of 20 */
    static const int chances_blob[N_EFFECTS] = {6, 2, 6, 3, 2, 1};
    static const int chances_line[N_EFFECTS] = {12, 4, 2, 1, 1, 0};
    const int *const chances = is_line ? chances_line : chances_blob;
    struct change k = {.from = before, .weight = 1};
    int draw = fet_rng_int(rng, 0, 19), effect = 0;
    while (draw >= chances[effect]) draw -= chances[effect++];
    k.effect = (enum effect)effect;
    k.seed = fet_rng_u32(rng);
    k.middle[0] = (float)o->x;
    k.middle[1] = (float)o->y;
    k.size = (float)o->size;
    k.weight = (float)fet_rng_between(rng, 0.6, 1);
    k.mottle = fet_rng_chance(rng, 0.5) ? (float)fet_rng_between(rng, 0, 1) : 0;
    k.mottle_scale = 1 / (float)draw_size(rng, 1.5, 2 + 0.7 * o->size);
    const double loudness = contrast * draw_size(rng, 0.4, 4);
    switch (k.effect) {
    case LEVELS:
        levels_draw(rng, loudness, k.rgb);
        break;
    case FLAT: {
        const uint8_t *const p = pixel_of(donor, fet_rng_int(rng, 0, donor->width - 1),
                                          fet_rng_int(rng, 0, donor->height - 1));
        float away[3];
        levels_draw(rng, fet_rng_chance(rng, 0.5) ? 0 : loudness, away);
        for (int c = 0; c < 3; c++) k.rgb[c] = (float)p[c] + away[c];
        k.grain = fet_rng_chance(rng, 0.5) ? (float)(0.2 * contrast) : 0;
        break;
    }
    case PASTE:
        k.from = fet_rng_chance(rng, 0.5) ? donor : before;
        piece_draw(&k, rng);
        break;
    case SHIFT: {
        const double angle = fet_rng_between(rng, 0, 6.2831853);
        const double far = 1.5 + draw_size(rng, 0.1, 1) * o->size;
        k.dx = (float)(far * cos(angle));
        k.dy = (float)(far * sin(angle));
        break;
    }
    case BLUR:
        k.reach = (int)draw_size(rng, 1, 5);
        break;
    case GRAIN:
        k.grain = (float)(contrast * draw_size(rng, 0.3, 2));
        break;
    case N_EFFECTS:
        break;
    }
    return k;
}

/* The new value of the pixel at (x,y), whose old one is in rgb. */
static void change_at(const struct change *k, int x, int y, float rgb[3])
{
    const float dx = (float)x - k->middle[0], dy = (float)y - k->middle[1];
    switch (k->effect) {
    case LEVELS:
        for (int c = 0; c < 3; c++) rgb[c] += k->rgb[c];
        break;
    case FLAT:
        for (int c = 0; c < 3; c++) rgb[c] = k->rgb[c];
        break;
    case PASTE:
        pixel_between(k->from, k->at[0] + k->m[0] * dx + k->m[1] * dy,
                      k->at[1] + k->m[2] * dx + k->m[3] * dy, rgb);
        break;
    case SHIFT: {
        const float near = fmaxf(0, 1 - (dx * dx + dy * dy) / (4 * k->size * k->size));
        pixel_between(k->from, (float)x - k->dx * near, (float)y - k->dy * near, rgb);
        break;
    }
    case BLUR: {
        float sum[3] = {0};
        for (int v = -k->reach; v <= k->reach; v++)
            for (int u = -k->reach; u <= k->reach; u++)
                for (int c = 0; c < 3; c++) sum[c] += (float)pixel_of(k->from, x + u, y + v)[c];
        const int side = 2 * k->reach + 1;
        for (int c = 0; c < 3; c++) rgb[c] = sum[c] / (float)(side * side);
        break;
    }
    case GRAIN:
    case N_EFFECTS:
        break;
    }
    if (k->grain > 0) {
        const float g = k->grain * (hash_real((uint32_t)x, (uint32_t)y, k->seed) +
                                    hash_real((uint32_t)x, (uint32_t)y, k->seed + 7u));
        for (int c = 0; c < 3; c++) rgb[c] += g;
    }
}

/* ---- together ---- */

/* Deviation of grey values. */
static double contrast_of(const struct fet_image *picture)
{
    const uint8_t *p = picture->pixels;
    const int64_t n = (int64_t)picture->width * picture->height;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++, p += 3) {
        const double grey = (p[0] + p[1] + p[2]) / 3.0;
        sum += grey;
        squares += grey * grey;
    }
    const double variance = squares / (double)n - sum / (double)n * (sum / (double)n);
    return fmax(sqrt(fmax(variance, 0)), 4);
}

/* Steps of grey between this place and others near by. */
static int busyness(const struct fet_image *picture, int x, int y)
{
    int sum = 0;
    for (int d = 2; d <= 8; d += 3) {
        const uint8_t *const p = pixel_of(picture, x, y);
        sum += abs(p[1] - pixel_of(picture, x + d, y)[1]);
        sum += abs(p[1] - pixel_of(picture, x - d, y)[1]);
        sum += abs(p[1] - pixel_of(picture, x, y + d)[1]);
        sum += abs(p[1] - pixel_of(picture, x, y - d)[1]);
    }
    return sum;
}

/* Anywhere; mostly the busier of two places, because parts are busier than what they lie on. */
static void place_draw(const struct fet_image *picture, struct fet_rng *rng, double *x, double *y)
{
    int best = -1;
    const int n = fet_rng_chance(rng, 0.6) ? 2 : 1;
    for (int i = 0; i < n; i++) {
        const int cx = fet_rng_int(rng, 0, picture->width - 1);
        const int cy = fet_rng_int(rng, 0, picture->height - 1);
        const int busy = busyness(picture, cx, cy);
        if (busy <= best) continue;
        best = busy;
        *x = cx;
        *y = cy;
    }
}

/* Applies the change; the mask says how visible it is against the contrast. */
static void change_apply(const struct outline *o, const struct change *k, double contrast,
                         struct fet_image *picture, struct fet_image *mask)
{
    const float unseen = 2 + 0.1f * (float)contrast, plain = 2 * unseen;
    for (int y = o->box.y0; y < o->box.y1; y++)
        for (int x = o->box.x0; x < o->box.x1; x++) {
            float cover = k->weight * cover_row(o, y)[x - o->box.x0];
            if (cover <= 0) continue;
            if (k->mottle > 0)
                cover *=
                    1 - k->mottle * (0.5f + 0.5f * fractal((float)x * k->mottle_scale,
                                                           (float)y * k->mottle_scale, k->seed));
            uint8_t *const p = fet_image_row8(picture, y) + 3 * x;
            float rgb[3] = {(float)p[0], (float)p[1], (float)p[2]}, most = 0;
            change_at(k, x, y, rgb);
            for (int c = 0; c < 3; c++) {
                const float level = (float)p[c] + cover * (rgb[c] - (float)p[c]);
                const float rounded = floorf(fminf(fmaxf(level, 0), 255) + 0.5f);
                most = fmaxf(most, fabsf(rounded - (float)p[c]));
                p[c] = (uint8_t)rounded;
            }
            const float seen = fminf(fmaxf((most - unseen) / (plain - unseen), 0), 1);
            uint8_t *const marked = fet_image_row8(mask, y) + x;
            const uint8_t mark = (uint8_t)(255 * seen + 0.5f);
            *marked = mark > *marked ? mark : *marked;
        }
}

static fet_status copy(const struct fet_image *from, struct fet_image *to)
{
    FET_TRY(fet_image_new(from->width, from->height, from->channels, from->depth, to));
    memcpy(to->pixels, from->pixels, fet_image_bytes(from));
    return FET_OK;
}

fet_status fet_forge_defect(struct fet_image *picture, struct fet_image *mask,
                            const struct fet_image *donor, struct fet_rng *rng)
{
    const double side = sqrt((double)picture->width * picture->height);
    const double contrast = contrast_of(picture);
    const double kind = fet_rng_real(rng);
    struct outline o = {0};
    struct fet_image before = {0};
    place_draw(picture, rng, &o.x, &o.y);
    const bool is_line = kind < 0.3;
    fet_status st = FET_OK;
    FET_TRY(copy(picture, &before));
    if (is_line) {
        o.size = draw_size(rng, 0.02, 0.3) * side;
        FET_TRY_OUT(lines_draw(&o, picture, rng));
    } else if (kind < 0.85) {
        o.size = draw_size(rng, 0.006, 0.25) * side + 0.5;
        FET_TRY_OUT(blob_draw(&o, picture, rng));
    } else {
        o.size = draw_size(rng, 0.02, 0.35) * side;
        FET_TRY_OUT(cut_draw(&o, picture, rng));
    }
    const struct change k =
        change_draw(&o, is_line, contrast, &before, donor != NULL ? donor : &before, rng);
    change_apply(&o, &k, contrast, picture, mask);
out:
    fet_free(o.cover);
    fet_image_deinit(&before);
    return st;
}
