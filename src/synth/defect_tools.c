/* Places, patches and lines for defects. */
#include "defects.h"
#include "lattice.h"

#define VISIBLE 116.0f /* defects start this far from the middle at most */

static size_t index_of(const struct fet_scene *scene, float x, float y)
{
    const float last = (float)scene->size - 1.0f;
    const float px = fet_fast_clamp(fet_draw_pixel(scene, x) + 0.5f, 0.0f, last);
    const float py = fet_fast_clamp(fet_draw_pixel(scene, y) + 0.5f, 0.0f, last);
    return (size_t)py * (size_t)scene->size + (size_t)px;
}

float fet_defect_sample(const struct fet_scene *scene, const float *map, float x, float y)
{
    return map[index_of(scene, x, y)];
}

bool fet_defect_is_part(const struct fet_scene *scene, float x, float y)
{
    return fet_defect_sample(scene, scene->part, x, y) > 0.5f;
}

static bool is_inside(const struct fet_scene *scene, float x, float y, float margin)
{
    if (!fet_defect_is_part(scene, x, y)) return false;
    for (int k = 0; margin > 0.0f && k < 8; k++) {
        const float t = (float)k * 0.125f;
        if (!fet_defect_is_part(scene, x + margin * fet_fast_turn(t + 0.25f),
                                y + margin * fet_fast_turn(t)))
            return false;
    }
    return true;
}

bool fet_defect_place(const struct fet_scene *scene, struct fet_rng *rng, float margin, float *x,
                      float *y)
{
    for (int i = 0; i < 600; i++) {
        /* on small parts the margin has to give way */
        const float want = i < 200 ? margin : i < 400 ? 0.4f * margin : 0.0f;
        const float u = fet_draw_between(rng, -VISIBLE, VISIBLE);
        const float v = fet_draw_between(rng, -VISIBLE, VISIBLE);
        if (!is_inside(scene, u, v, want)) continue;
        *x = u;
        *y = v;
        return true;
    }
    return false;
}

bool fet_defect_place_edge(const struct fet_scene *scene, struct fet_rng *rng, float at[2],
                           float out[2])
{
    for (int i = 0; i < 60; i++) {
        float x, y;
        if (!fet_defect_place(scene, rng, 0.0f, &x, &y)) return false;
        const float t = fet_draw_between(rng, 0.0f, 1.0f);
        const float dx = fet_fast_turn(t + 0.25f), dy = fet_fast_turn(t);
        float r = 0.0f;
        while (r < 240.0f && fet_defect_is_part(scene, x + r * dx, y + r * dy)) {
            r += 0.5f;
            if (fet_fast_abs(x + r * dx) > VISIBLE || fet_fast_abs(y + r * dy) > VISIBLE)
                r = 999.0f;
        }
        if (r >= 240.0f) continue;
        at[0] = x + r * dx;
        at[1] = y + r * dy;
        /* outwards is where coverage falls */
        const float e = 3.0f;
        float gx = 0.0f, gy = 0.0f;
        for (int k = 0; k < 16; k++) {
            const float a = (float)k * 0.0625f;
            const float c = fet_fast_turn(a + 0.25f), s = fet_fast_turn(a);
            const float p = fet_defect_sample(scene, scene->part, at[0] + e * c, at[1] + e * s);
            gx -= c * p;
            gy -= s * p;
        }
        const float g = sqrtf(gx * gx + gy * gy);
        if (g < 0.5f) continue;
        out[0] = gx / g;
        out[1] = gy / g;
        return true;
    }
    return false;
}

void fet_defect_albedo(const struct fet_scene *scene, float x, float y, float rgb[3])
{
    for (int c = 0; c < 3; c++) {
        float sum = 0.0f;
        for (int k = 0; k < 9; k++)
            sum += fet_defect_sample(scene, scene->albedo[c], x + 2.0f * (float)(k % 3 - 1),
                                     y + 2.0f * (float)(k / 3 - 1));
        rgb[c] = sum / 9.0f;
    }
}

struct fet_window fet_window_about(const struct fet_scene *scene, float x, float y, float reach)
{
    const float n = (float)scene->size;
    return (struct fet_window){
        (int)fet_fast_clamp(fet_draw_pixel(scene, x - reach) - 1.0f, 0.0f, n),
        (int)fet_fast_clamp(fet_draw_pixel(scene, y - reach) - 1.0f, 0.0f, n),
        (int)fet_fast_clamp(fet_draw_pixel(scene, x + reach) + 2.0f, 0.0f, n),
        (int)fet_fast_clamp(fet_draw_pixel(scene, y + reach) + 2.0f, 0.0f, n)};
}

struct fet_blob fet_blob_make(struct fet_rng *rng, float x, float y, float half, float longest,
                              float ragged)
{
    const float turns = fet_draw_between(rng, 0.0f, 1.0f);
    struct fet_blob blob = {.at = fet_pose_make(x, y, turns, 1.0f), .half_y = half, .grain = half};
    blob.half_x = half * fet_draw_between(rng, 1.0f, longest);
    blob.ragged = ragged;
    blob.seed = fet_rng_u32(rng);
    return blob;
}

float fet_blob_reach(const struct fet_blob *blob)
{
    return fet_fast_max(blob->half_x, blob->half_y) * (1.0f + 2.5f * blob->ragged) * blob->at.scale;
}

float fet_blob_depth(const struct fet_blob *blob, float x, float y)
{
    float u, v;
    fet_pose_local(&blob->at, x, y, &u, &v);
    const float wander =
        fet_lattice_fractal(u / blob->grain + 500.0f, v / blob->grain + 500.0f, blob->seed);
    const float qx = u / blob->half_x, qy = v / blob->half_y;
    const float r = sqrtf(qx * qx + qy * qy);
    return fet_fast_min(blob->half_x, blob->half_y) * (1.0f + blob->ragged * wander - r);
}

fet_status fet_line_new(struct fet_scene *scene, struct fet_line *line)
{
    struct fet_line l = {.window = {scene->size, scene->size, 0, 0}};
    FET_TRY(fet_scene_map_new(scene, &l.off));
    const fet_status st = fet_scene_map_new(scene, &l.strength);
    if (st != FET_OK) {
        fet_scene_map_free(scene, l.off);
        return st;
    }
    fet_field_fill(scene, l.off, 99.0f);
    *line = l;
    return FET_OK;
}

void fet_line_free(struct fet_scene *scene, struct fet_line *line)
{
    fet_scene_map_free(scene, line->off);
    fet_scene_map_free(scene, line->strength);
    *line = (struct fet_line){0};
}

void fet_line_piece(const struct fet_scene *scene, struct fet_line *line, const float a[2],
                    const float b[2], const float half_widths[2], const float strengths[2],
                    float reach)
{
    const float dx = b[0] - a[0], dy = b[1] - a[1], length2 = dx * dx + dy * dy;
    const float inverse = length2 > 0.0f ? 1.0f / length2 : 0.0f;
    const float wide = fet_fast_max(half_widths[0], half_widths[1]);
    const struct fet_window w =
        fet_window_about(scene, 0.5f * (a[0] + b[0]), 0.5f * (a[1] + b[1]),
                         0.5f * sqrtf(length2) + reach * wide + 1.0f / scene->px_per_unit);
    for (int y = w.y0; y < w.y1; y++) {
        const size_t row = (size_t)y * (size_t)scene->size;
        const float py = fet_draw_unit(scene, (float)y) - a[1];
        for (int x = w.x0; x < w.x1; x++) {
            const float px = fet_draw_unit(scene, (float)x) - a[0];
            const float t = fet_fast_clamp((px * dx + py * dy) * inverse, 0.0f, 1.0f);
            const float ex = px - t * dx, ey = py - t * dy;
            const float half = fet_fast_mix(half_widths[0], half_widths[1], t);
            const float off = sqrtf(ex * ex + ey * ey) / half;
            if (off >= line->off[row + (size_t)x]) continue;
            line->off[row + (size_t)x] = off;
            line->strength[row + (size_t)x] = fet_fast_mix(strengths[0], strengths[1], t);
        }
    }
    struct fet_window *const all = &line->window;
    all->x0 = w.x0 < all->x0 ? w.x0 : all->x0;
    all->y0 = w.y0 < all->y0 ? w.y0 : all->y0;
    all->x1 = w.x1 > all->x1 ? w.x1 : all->x1;
    all->y1 = w.y1 > all->y1 ? w.y1 : all->y1;
}
