/* Every pixel is a function of its place, so rows are made in parallel and the bytes do not depend
 * on the number of threads. */
#include "large_parts.h"

#include <math.h>

enum { ROWS = 32 };

const char *const large_product_names[] = {"brushed metal", "casting", "weave"};
const char *const large_defect_names[] = {"dark spot", "bright spot", "dent", "stain", "scratch"};

/* How one part lies and is lit. */
struct shot {
    const struct large_part *part;
    struct fet_image *picture;
    uint32_t seed;
    float cosine, sine, dx, dy;    /* from the picture to the part */
    float light, light_x, light_y; /* exposure and its slope across the picture */
    float x, y, along[2], size;    /* of the defect; half its size */
};

/* ---- noise ---- */

static float hash_real(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = (x * 0x8da6b343u) ^ (y * 0xd8163841u) ^ (seed * 0x9e3779b9u);
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 13)) * 0x297a2d39u;
    return (float)((h ^ (h >> 16)) >> 8) * (2.0f / 16777216.0f) - 1;
}

/* Smooth noise of -1..1, one feature per unit. */
static float noise(float u, float v, uint32_t seed)
{
    const float fu = floorf(u), fv = floorf(v);
    const uint32_t x = (uint32_t)(int32_t)fu, y = (uint32_t)(int32_t)fv;
    const float a = u - fu, b = v - fv;
    const float top = hash_real(x, y, seed) * (1 - a) + hash_real(x + 1, y, seed) * a;
    const float low = hash_real(x, y + 1, seed) * (1 - a) + hash_real(x + 1, y + 1, seed) * a;
    return top * (1 - b) + low * b;
}

/* 0 below -1, 1 above 1. */
static float step(float x)
{
    return fminf(fmaxf(0.5f + 0.5f * x, 0), 1);
}

/* ---- products: the level at a place of the part, without light ---- */

static float metal_level(float x, float y, uint32_t seed)
{
    enum { PITCH = 400, HOLE = 64 };
    const float u = x - PITCH * floorf(x / PITCH) - PITCH / 2;
    const float v = y - PITCH * floorf(y / PITCH) - PITCH / 2;
    const float hole = step(HOLE - sqrtf(u * u + v * v));
    const float rim = step(HOLE + 9 - sqrtf(u * u + v * v)) - hole;
    const float groove = step(4 - fabsf(v + PITCH / 2 - 30));
    const float grain = 11 * noise(x / 45, y / 1.3f, seed) + 6 * noise(x / 11, y, seed + 1);
    return (150 + grain) * (1 - 0.8f * hole) + 45 * rim - 60 * groove * (1 - hole);
}

static float casting_level(float x, float y, uint32_t seed)
{
    const float u = x - 1040 * floorf(x / 1040) - 520, v = y - 1040 * floorf(y / 1040) - 520;
    const float r = sqrtf(u * u + v * v),
                ring = step(12 - fabsf(r - 340)) - step(12 - fabsf(r - 372));
    const float rough = 9 * noise(x / 7, y / 7, seed) + 7 * noise(x / 3, y / 3, seed + 1) +
                        7 * noise(x / 60, y / 60, seed + 2);
    return 118 + rough + 30 * ring;
}

static float weave_level(float x, float y, uint32_t seed)
{
    enum { THREAD = 15 };
    const float i = floorf(x / THREAD), k = floorf(y / THREAD);
    const float u = 2 * (x / THREAD - i) - 1, v = 2 * (y / THREAD - k) - 1;
    const bool is_warp = ((int)(i + k) & 1) != 0;
    const float thread = is_warp ? hash_real((uint32_t)(int32_t)i, 0, seed)
                                 : hash_real(0, (uint32_t)(int32_t)k, seed + 1);
    const float across = is_warp ? u : v, along = is_warp ? v : u;
    const float fibre = is_warp ? noise(x, y / 6, seed + 2) : noise(x / 6, y, seed + 3);
    return 130 + 9 * thread + 8 * fibre - 34 * across * across - 16 * along * along;
}

static float part_level(const struct shot *s, float x, float y)
{
    switch (s->part->product) {
    case 0:
        return metal_level(x, y, s->seed);
    case 1:
        return casting_level(x, y, s->seed);
    default:
        return weave_level(x, y, s->seed);
    }
}

/* ---- defects: what is added ---- */

static void defect_add(const struct shot *s, float x, float y, float rgb[3])
{
    const float u = (x - s->x) * s->along[0] + (y - s->y) * s->along[1];
    const float v = (y - s->y) * s->along[0] - (x - s->x) * s->along[1];
    const float r = sqrtf(u * u + v * v), inside = step(s->size - r);
    const float soft = expf(-2 * r * r / (s->size * s->size));
    float added[3] = {0};
    switch (s->part->defect) {
    case 0: /* dark spot */
    case 1: /* bright spot */
        for (int c = 0; c < 3; c++) added[c] = (s->part->defect == 0 ? -45 : 45) * inside;
        break;
    case 2: /* dent: one side in the shade */
        for (int c = 0; c < 3; c++) added[c] = 90 * soft * u / s->size;
        break;
    case 3: /* stain */
        added[0] = 20 * soft;
        added[1] = -20 * soft;
        added[2] = -60 * soft;
        break;
    default: /* scratch */
        for (int c = 0; c < 3; c++)
            added[c] = 60 * step(s->size - fabsf(u)) * step(1.5f - fabsf(v));
    }
    for (int c = 0; c < 3; c++) rgb[c] += added[c];
}

/* ---- the picture ---- */

static fet_status rows_make(void *self, int64_t i_chunk, int worker)
{
    static const float tints[N_LARGE_PRODUCTS][3] = {
        {1, 1, 1.04f}, {1.05f, 1, 0.95f}, {0.8f, 0.95f, 1.15f}};
    const struct shot *const s = self;
    const float *const tint = tints[s->part->product];
    (void)worker;
    for (int y = (int)i_chunk * ROWS; y < ((int)i_chunk + 1) * ROWS && y < s->part->h; y++) {
        uint8_t *p = fet_image_row8(s->picture, y);
        for (int x = 0; x < s->part->w; x++) {
            const float fx = (float)x, fy = (float)y;
            const float level = part_level(s, s->cosine * fx + s->sine * fy + s->dx,
                                           s->cosine * fy - s->sine * fx + s->dy);
            const float light = s->light + s->light_x * fx + s->light_y * fy;
            float rgb[3];
            for (int c = 0; c < 3; c++) rgb[c] = level * light * tint[c];
            if (s->part->defect >= 0 && fabsf(fx - s->x) + fabsf(fy - s->y) < 4 * s->size)
                defect_add(s, fx, fy, rgb);
            for (int c = 0; c < 3; c++, p++) {
                const uint32_t seed = s->seed + 11u * (uint32_t)c;
                const float sensor = hash_real((uint32_t)x, (uint32_t)y, seed + 5) +
                                     hash_real((uint32_t)x, (uint32_t)y, seed + 6);
                *p = (uint8_t)fminf(fmaxf(rgb[c] + 3 * sensor + 0.5f, 0), 255);
            }
        }
    }
    return FET_OK;
}

fet_status large_part_make(const struct large_part *part, struct fet_pool *pool,
                           struct fet_image *picture, double *x, double *y)
{
    struct fet_image made = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, part->seed * 131 + (uint64_t)part->product, (uint64_t)part->index);
    struct shot s = {.part = part, .picture = &made, .seed = fet_rng_u32(&rng)};
    const double turn = fet_rng_between(&rng, -0.005, 0.005);
    s.cosine = (float)cos(turn);
    s.sine = (float)sin(turn);
    s.dx = (float)fet_rng_between(&rng, 0, 30);
    s.dy = (float)fet_rng_between(&rng, 0, 30);
    s.light = (float)fet_rng_between(&rng, 0.96, 1.04);
    s.light_x = (float)(fet_rng_between(&rng, -0.06, 0.06) / part->w);
    s.light_y = (float)(fet_rng_between(&rng, -0.06, 0.06) / part->h);
    s.size = (float)(part->size_px / 2);
    *x = fet_rng_between(&rng, 2 * part->size_px, part->w - 2 * part->size_px);
    *y = fet_rng_between(&rng, 2 * part->size_px, part->h - 2 * part->size_px);
    const double angle = fet_rng_between(&rng, 0, 6.2831853);
    s.x = (float)*x;
    s.y = (float)*y;
    s.along[0] = (float)cos(angle);
    s.along[1] = (float)sin(angle);
    FET_TRY(fet_image_new(part->w, part->h, 3, 8, &made));
    const fet_status st = fet_pool_run(pool, (part->h + ROWS - 1) / ROWS, rows_make, &s);
    if (st != FET_OK) {
        fet_image_deinit(&made);
        return st;
    }
    *picture = made;
    return FET_OK;
}
