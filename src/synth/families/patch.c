/* Distance fields in small windows: joined from simple shapes, then filled, shaded and raised.
 * The inner loops hold only additions, products and square roots, so that compilers turn them into
 * vector code. Distances of simple shapes: Quilez, "2D distance functions" (2008-2020). */
#include "patch.h"

#include <math.h>
#include <string.h>

#define FAR_PX 1e6f

/* Local units to pixel indices of the scene. */
static void to_pixel(const struct fet_patch *p, float u, float v, float out[2])
{
    fet_pose_scene(&p->at, u, v, &out[0], &out[1]);
    out[0] = out[0] * p->px_per_unit + p->middle;
    out[1] = out[1] * p->px_per_unit + p->middle;
}

/* The axis-parallel box around a turned local box, in pixels of the scene. */
static void bounds_of(const struct fet_patch *p, const float box[4], float low[2], float high[2])
{
    for (int k = 0; k < 2; k++) {
        low[k] = FAR_PX;
        high[k] = -FAR_PX;
    }
    for (int i = 0; i < 4; i++) {
        float at[2];
        to_pixel(p, box[i & 1 ? 2 : 0], box[i & 2 ? 3 : 1], at);
        for (int k = 0; k < 2; k++) {
            low[k] = fet_fast_min(low[k], at[k]);
            high[k] = fet_fast_max(high[k], at[k]);
        }
    }
}

static int clip(float v, int high)
{
    if (!(v > 0.0f)) return 0;
    return v >= (float)high ? high : (int)v;
}

fet_status fet_patch_open(struct fet_scene *scene, const struct fet_pose *at, float x0, float y0,
                          float x1, float y1, struct fet_patch *patch)
{
    struct fet_patch p = {.at = *at, .px_per_unit = scene->px_per_unit};
    p.middle = 0.5f * (float)scene->size - 0.5f;
    p.unit = scene->px_per_unit * at->scale;
    p.reach_px = 2.5f + 4.0f * p.unit;
    const float box[4] = {x0, y0, x1, y1};
    float low[2];
    float high[2];
    bounds_of(&p, box, low, high);
    p.x = clip(low[0] - 1.5f, scene->size);
    p.y = clip(low[1] - 1.5f, scene->size);
    p.w = clip(high[0] + 2.5f, scene->size) - p.x;
    p.h = clip(high[1] + 2.5f, scene->size) - p.y;
    if (p.w <= 0 || p.h <= 0) p.w = p.h = 0;
    const int64_t n = (int64_t)p.w * p.h;
    p.d = fet_arena_alloc(scene->arena, n > 0 ? n : 1, sizeof *p.d);
    if (p.d == NULL) return FET_FAIL_MEMORY("synth patch", n * (int64_t)sizeof *p.d);
    *patch = p;
    fet_patch_clear(patch);
    return FET_OK;
}

void fet_patch_clear(struct fet_patch *p)
{
    const int64_t n = (int64_t)p->w * p->h;
    for (int64_t i = 0; i < n; i++) p->d[i] = FAR_PX;
}

/* ---- shapes ---- */

typedef float distance_of(const float *a, float u, float v);

/* A part of the window, in its own pixels. */
struct area {
    int x0, y0, x1, y1;
};

/* Where a shape with these local bounds can change the field: joining and cutting act only near
 * the shape, so far pixels are not visited. */
static struct area area_of(const struct fet_patch *p, enum fet_sdf_op op, float x0, float y0,
                           float x1, float y1)
{
    if (op == FET_SDF_MEET) return (struct area){0, 0, p->w, p->h};
    const float box[4] = {x0, y0, x1, y1};
    float low[2];
    float high[2];
    bounds_of(p, box, low, high);
    return (struct area){
        .x0 = clip(low[0] - (float)p->x - p->reach_px, p->w),
        .y0 = clip(low[1] - (float)p->y - p->reach_px, p->h),
        .x1 = clip(high[0] - (float)p->x + p->reach_px + 1.0f, p->w),
        .y1 = clip(high[1] - (float)p->y + p->reach_px + 1.0f, p->h),
    };
}

/* One pass over an area; shape and op are constants at every call, so this becomes a vector loop
 * of its own for each. */
static inline __attribute__((always_inline)) void
each(struct fet_patch *p, enum fet_sdf_op op, struct area area, distance_of *shape, const float *a)
{
    const float step = 1.0f / p->px_per_unit;
    const float du = p->at.c / p->unit;
    const float dv = -p->at.s / p->unit;
    for (int y = area.y0; y < area.y1; y++) {
        float u0;
        float v0;
        fet_pose_local(&p->at, ((float)p->x - p->middle) * step,
                       ((float)(p->y + y) - p->middle) * step, &u0, &v0);
        float *row = p->d + (int64_t)y * p->w;
        for (int x = area.x0; x < area.x1; x++) {
            const float s = p->unit * shape(a, u0 + du * (float)x, v0 + dv * (float)x);
            const float old = row[x];
            if (op == FET_SDF_JOIN) row[x] = s < old ? s : old;
            if (op == FET_SDF_CUT) row[x] = -s > old ? -s : old;
            if (op == FET_SDF_MEET) row[x] = s > old ? s : old;
        }
    }
}

#define EACH(p, op, area, shape, ...)                                                \
    do {                                                                             \
        const float each_a_[] = {__VA_ARGS__};                                       \
        if ((op) == FET_SDF_JOIN) each((p), FET_SDF_JOIN, (area), (shape), each_a_); \
        if ((op) == FET_SDF_CUT) each((p), FET_SDF_CUT, (area), (shape), each_a_);   \
        if ((op) == FET_SDF_MEET) each((p), FET_SDF_MEET, (area), (shape), each_a_); \
    } while (0)

static inline float circle(const float *a, float u, float v)
{
    const float x = u - a[0];
    const float y = v - a[1];
    return sqrtf(x * x + y * y) - a[2];
}

static inline float ring(const float *a, float u, float v)
{
    return fabsf(circle(a, u, v)) - a[3];
}

static inline float ellipse(const float *a, float u, float v)
{
    const float x = (u - a[0]) * a[2];
    const float y = (v - a[1]) * a[3];
    const float k0 = sqrtf(x * x + y * y);
    const float gx = x * a[2];
    const float gy = y * a[3];
    return k0 * (k0 - 1.0f) / (sqrtf(gx * gx + gy * gy) + 1e-6f);
}

static inline float box(const float *a, float u, float v)
{
    const float x = fabsf(u - a[0]) - a[2];
    const float y = fabsf(v - a[1]) - a[3];
    const float ox = x > 0.0f ? x : 0.0f;
    const float oy = y > 0.0f ? y : 0.0f;
    const float most = x > y ? x : y;
    return sqrtf(ox * ox + oy * oy) + (most < 0.0f ? most : 0.0f) - a[4];
}

/* a: from, direction (scaled by 1/length^2), vector, r0, r1 - r0 */
static inline float segment(const float *a, float u, float v)
{
    const float x = u - a[0];
    const float y = v - a[1];
    const float t = fet_clamp01(x * a[2] + y * a[3]);
    const float ex = x - a[4] * t;
    const float ey = y - a[5] * t;
    return sqrtf(ex * ex + ey * ey) - a[6] - a[7] * t;
}

static inline float half(const float *a, float u, float v)
{
    return u * a[0] + v * a[1] - a[2];
}

/* a: root, tip, n, half share at the root, its change to the tip, missing tooth */
static inline float gear(const float *a, float u, float v)
{
    const float r = sqrtf(u * u + v * v);
    const float t = (fet_fast_angle(v, u) + 0.5f) * a[2];
    const float whole = fet_fast_floor(t);
    const float off = fet_fast_abs(t - whole - 0.5f);
    const float up = fet_fast_clamp((r - a[0]) / (a[1] - a[0]), 0.0f, 1.0f);
    const float side = (off - a[3] - a[4] * up) * (6.2831853f * r / a[2]);
    float tooth = side > r - a[1] ? side : r - a[1];
    tooth = whole == a[5] ? 1e4f : tooth;
    return r - a[0] < tooth ? r - a[0] : tooth;
}

static inline float wave(const float *a, float u, float v)
{
    const float r = sqrtf(u * u + v * v);
    return r - a[0] - a[2] * fet_fast_turn(fet_fast_angle(v, u) * a[1]);
}

void fet_patch_circle(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float r)
{
    const struct area area = area_of(p, op, x - r, y - r, x + r, y + r);
    EACH(p, op, area, circle, x, y, r);
}

void fet_patch_ellipse(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float rx,
                       float ry)
{
    const struct area area = area_of(p, op, x - rx, y - ry, x + rx, y + ry);
    EACH(p, op, area, ellipse, x, y, 1.0f / rx, 1.0f / ry);
}

void fet_patch_ring(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float r,
                    float half_width)
{
    const float most = r + half_width;
    const struct area area = area_of(p, op, x - most, y - most, x + most, y + most);
    EACH(p, op, area, ring, x, y, r, half_width);
}

void fet_patch_box(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float half_w,
                   float half_h, float corner)
{
    const float least = half_w < half_h ? half_w : half_h;
    const float r = corner < least ? corner : least;
    const struct area area = area_of(p, op, x - half_w, y - half_h, x + half_w, y + half_h);
    EACH(p, op, area, box, x, y, half_w - r, half_h - r, r);
}

void fet_patch_segment(struct fet_patch *p, enum fet_sdf_op op, const float from[2],
                       const float to[2], float r0, float r1)
{
    const float x = to[0] - from[0];
    const float y = to[1] - from[1];
    const float k = 1.0f / (x * x + y * y + 1e-9f);
    const float r = fet_fast_max(r0, r1);
    const struct area area =
        area_of(p, op, fet_fast_min(from[0], to[0]) - r, fet_fast_min(from[1], to[1]) - r,
                fet_fast_max(from[0], to[0]) + r, fet_fast_max(from[1], to[1]) + r);
    EACH(p, op, area, segment, from[0], from[1], x * k, y * k, x, y, r0, r1 - r0);
}

void fet_patch_gear(struct fet_patch *p, enum fet_sdf_op op, const float radii[2], int n,
                    const float share[2], int i_missing)
{
    const float r = radii[1];
    const struct area area = area_of(p, op, -r, -r, r, r);
    EACH(p, op, area, gear, radii[0], r, (float)n, 0.5f * share[0], 0.5f * (share[1] - share[0]),
         (float)i_missing);
}

void fet_patch_wave(struct fet_patch *p, enum fet_sdf_op op, float r, int n, float a)
{
    const float most = r + a;
    const struct area area = area_of(p, op, -most, -most, most, most);
    EACH(p, op, area, wave, r, (float)n, a);
}

void fet_patch_half(struct fet_patch *p, enum fet_sdf_op op, float nx, float ny, float offset)
{
    const struct area area = {0, 0, p->w, p->h};
    EACH(p, op, area, half, nx, ny, offset);
}

/* Distance to the nearest edge; the sign turns with each edge that a ray to the right crosses. */
static float polygon_at(const float *c, int n, float u, float v)
{
    float best = FAR_PX;
    float sign = 1.0f;
    for (int i = 0, j = n - 1; i < n; j = i++) {
        const float ex = c[2 * j] - c[2 * i];
        const float ey = c[2 * j + 1] - c[2 * i + 1];
        const float wx = u - c[2 * i];
        const float wy = v - c[2 * i + 1];
        const float t = fet_clamp01((wx * ex + wy * ey) / (ex * ex + ey * ey + 1e-9f));
        const float bx = wx - ex * t;
        const float by = wy - ey * t;
        const float d = bx * bx + by * by;
        best = d < best ? d : best;
        const bool above = wy >= 0.0f;
        const bool below = v < c[2 * j + 1];
        const bool left = ex * wy > ey * wx;
        if ((above && below && left) || (!above && !below && !left)) sign = -sign;
    }
    return sign * sqrtf(best);
}

void fet_patch_polygon(struct fet_patch *p, enum fet_sdf_op op, const float *corners, int n)
{
    float low[2] = {corners[0], corners[1]};
    float high[2] = {corners[0], corners[1]};
    for (int i = 2; i < 2 * n; i++) {
        low[i & 1] = fet_fast_min(low[i & 1], corners[i]);
        high[i & 1] = fet_fast_max(high[i & 1], corners[i]);
    }
    const struct area area = area_of(p, op, low[0], low[1], high[0], high[1]);
    const float step = 1.0f / p->px_per_unit;
    for (int y = area.y0; y < area.y1; y++)
        for (int x = area.x0; x < area.x1; x++) {
            float u;
            float v;
            fet_pose_local(&p->at, ((float)(p->x + x) - p->middle) * step,
                           ((float)(p->y + y) - p->middle) * step, &u, &v);
            const float s = p->unit * polygon_at(corners, n, u, v);
            float *d = &p->d[(int64_t)y * p->w + x];
            if (op == FET_SDF_JOIN) *d = s < *d ? s : *d;
            if (op == FET_SDF_CUT) *d = -s > *d ? -s : *d;
            if (op == FET_SDF_MEET) *d = s > *d ? s : *d;
        }
}

void fet_patch_disturb(const struct fet_scene *scene, struct fet_patch *p, const float *map,
                       float amount)
{
    const float amount_px = amount * p->unit;
    for (int y = 0; y < p->h; y++) {
        const float *from = map + (int64_t)(p->y + y) * scene->size + p->x;
        float *d = p->d + (int64_t)y * p->w;
        for (int x = 0; x < p->w; x++) d[x] += amount_px * from[x];
    }
}

void fet_patch_grow(struct fet_patch *p, float by)
{
    const int64_t n = (int64_t)p->w * p->h;
    for (int64_t i = 0; i < n; i++) p->d[i] -= by * p->unit;
}

/* ---- painting ---- */

static void blend(float *map, const float *d, int n, float value, float opacity)
{
    for (int x = 0; x < n; x++) map[x] += (value - map[x]) * (opacity * fet_clamp01(0.5f - d[x]));
}

void fet_patch_fill(struct fet_scene *scene, const struct fet_patch *p,
                    const struct fet_material *material, float opacity)
{
    for (int y = 0; y < p->h; y++) {
        const float *d = p->d + (int64_t)y * p->w;
        const int64_t at = (int64_t)(p->y + y) * scene->size + p->x;
        for (int k = 0; k < 3; k++)
            blend(scene->albedo[k] + at, d, p->w, material->albedo[k], opacity);
        blend(scene->rough + at, d, p->w, material->rough, opacity);
        blend(scene->metal + at, d, p->w, material->metal, opacity);
    }
}

void fet_patch_own(struct fet_scene *scene, const struct fet_patch *p, float part)
{
    for (int y = 0; y < p->h; y++)
        blend(scene->part + (int64_t)(p->y + y) * scene->size + p->x, p->d + (int64_t)y * p->w,
              p->w, part, 1.0f);
}

void fet_patch_shade(struct fet_scene *scene, const struct fet_patch *p, float factor, float edge)
{
    const float per_edge = 1.0f / (edge * p->unit + 1.0f);
    for (int y = 0; y < p->h; y++) {
        const float *d = p->d + (int64_t)y * p->w;
        const int64_t at = (int64_t)(p->y + y) * scene->size + p->x;
        for (int k = 0; k < 3; k++) {
            float *map = scene->albedo[k] + at;
            for (int x = 0; x < p->w; x++)
                map[x] *=
                    1.0f + (factor - 1.0f) * fet_fast_step(0.0f, 1.0f, 0.5f - d[x] * per_edge);
        }
    }
}

static inline float profile_at(float t, enum fet_profile profile)
{
    if (profile == FET_PROFILE_BEVEL) return t;
    if (profile == FET_PROFILE_ROUND) return sqrtf(t * (2.0f - t));
    return t * t * (3.0f - 2.0f * t);
}

static inline __attribute__((always_inline)) void
raise_row(float *map, const float *d, int n, float amount, float per_edge, enum fet_profile profile)
{
    for (int x = 0; x < n; x++)
        map[x] += amount * profile_at(fet_clamp01((0.5f - d[x]) * per_edge), profile);
}

void fet_patch_raise(struct fet_scene *scene, const struct fet_patch *p, float amount, float edge,
                     enum fet_profile profile)
{
    const float edge_px = edge * p->unit;
    const float per_edge = 1.0f / (edge_px > 1.0f ? edge_px : 1.0f);
    const float amount_px = amount * p->unit;
    for (int y = 0; y < p->h; y++) {
        const float *d = p->d + (int64_t)y * p->w;
        float *map = scene->height + (int64_t)(p->y + y) * scene->size + p->x;
        if (profile == FET_PROFILE_BEVEL)
            raise_row(map, d, p->w, amount_px, per_edge, FET_PROFILE_BEVEL);
        else if (profile == FET_PROFILE_ROUND)
            raise_row(map, d, p->w, amount_px, per_edge, FET_PROFILE_ROUND);
        else
            raise_row(map, d, p->w, amount_px, per_edge, FET_PROFILE_SMOOTH);
    }
}

void fet_patch_level(struct fet_scene *scene, const struct fet_patch *p, float level)
{
    for (int y = 0; y < p->h; y++)
        blend(scene->height + (int64_t)(p->y + y) * scene->size + p->x, p->d + (int64_t)y * p->w,
              p->w, level * p->unit, 1.0f);
}

void fet_scene_flood(struct fet_scene *scene, const struct fet_material *material, float part)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) {
        scene->albedo[0][i] = material->albedo[0];
        scene->albedo[1][i] = material->albedo[1];
        scene->albedo[2][i] = material->albedo[2];
        scene->rough[i] = material->rough;
        scene->metal[i] = material->metal;
        scene->part[i] = part;
    }
}
