/* Defects that touch and hurt the surface: scratch, scuff, dent. */
#include "defects.h"
#include "lattice.h"

/* ---- scratch ---- */

/* Across a groove, off in half widths: 1 at the bottom, a lip of pushed-up material beside it. */
static inline float groove_profile(float off)
{
    if (off < 1.0f) return 1.0f - off * off;
    return off < 2.0f ? -1.1f * (off - 1.0f) * (2.0f - off) : 0.0f;
}

struct scratch {
    float depth;        /* pixels */
    float bare[3];      /* what the groove shows */
    float bared, shine; /* how much of it; change of roughness */
};

static void scratch_cut(struct fet_scene *scene, const struct fet_line *line,
                        const struct scratch *s)
{
    for (int y = line->window.y0; y < line->window.y1; y++) {
        for (int x = line->window.x0; x < line->window.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float off = line->off[i], k = line->strength[i] * scene->part[i];
            if (off >= 2.0f || k <= 0.0f) continue;
            const float edge = fet_fast_clamp(1.4f - off, 0.0f, 1.0f);
            scene->height[i] -= k * s->depth * groove_profile(off);
            const float bared = fet_fast_min(s->bared * k, 1.0f) * edge;
            for (int c = 0; c < 3; c++)
                scene->albedo[c][i] = fet_fast_mix(scene->albedo[c][i], s->bare[c], bared);
            scene->rough[i] = fet_fast_clamp(scene->rough[i] + s->shine * edge * k, 0.08f, 1.0f);
            fet_defect_mark(scene, i,
                            fet_fast_clamp(1.9f - off, 0.0f, 1.0f) *
                                fet_fast_clamp(3.0f * k, 0.0f, 1.0f));
        }
    }
}

/* A stroke of the hand or of a sharp grain: nearly straight, pressure rises, wavers and ends. */
static void scratch_draw(struct fet_scene *scene, struct fet_line *line, struct fet_rng *rng,
                         const float start[2], float turns, float length, float half_width)
{
    const uint32_t seed = fet_rng_u32(rng);
    const float bow = fet_draw_normal(rng, 0.0f, 0.0006f);
    const float skip = fet_rng_chance(rng, 0.25) ? 0.6f : 0.0f; /* a grain that jumps */
    const int n = (int)fet_fast_clamp(length / 3.0f, 4.0f, 60.0f);
    const float step = length / (float)n;
    float from[2] = {start[0], start[1]}, k0 = 0.1f, w0 = 0.5f * half_width;
    for (int i = 1; i <= n; i++) {
        const float t = (float)i / (float)n;
        turns += bow * step * 0.3f + 0.0012f * fet_lattice_noise((float)i * 0.4f, 0.5f, seed);
        const float to[2] = {from[0] + step * fet_fast_turn(turns + 0.25f),
                             from[1] + step * fet_fast_turn(turns)};
        const float ends = fet_fast_min(1.0f, 6.0f * fet_fast_min(t, 1.0f - t) + 0.1f);
        const float waver = 1.0f + 0.7f * fet_lattice_noise((float)i * 0.21f, 9.5f, seed);
        const float gap = fet_lattice_noise((float)i * 0.35f, 3.5f, seed) < -0.15f ? skip : 0.0f;
        const float k1 = ends * waver * (1.0f - gap),
                    w1 = half_width * (0.5f + 0.5f * ends * waver);
        const float widths[2] = {w0, w1}, strengths[2] = {k0, k1};
        fet_line_piece(scene, line, from, to, widths, strengths, 2.0f);
        from[0] = to[0];
        from[1] = to[1];
        k0 = k1;
        w0 = w1;
    }
}

fet_status fet_defect_scratch(struct fet_scene *scene, struct fet_rng *rng)
{
    float at[2];
    if (!fet_defect_place(scene, rng, 4.0f, &at[0], &at[1])) return FET_OK;
    struct fet_line line;
    FET_TRY(fet_line_new(scene, &line));
    const float half = fet_draw_size(rng, 0.35f, 1.8f);
    const float length = fet_draw_size(rng, 8.0f, 150.0f), turns = fet_draw_between(rng, 0, 1.0f);
    const int n = fet_rng_chance(rng, 0.3) ? fet_rng_int(rng, 2, 5) : 1;
    for (int i = 0; i < n; i++) {
        const float t = turns + fet_draw_normal(rng, 0.0f, 0.02f), apart = i > 0 ? 5.0f : 0.0f;
        const float own_half = i > 0 ? half * fet_draw_between(rng, 0.4f, 1.0f) : half;
        const float own_length = length * fet_draw_between(rng, 0.6f, 1.0f);
        float start[2] = {at[0] - 0.5f * length * fet_fast_turn(t + 0.25f),
                          at[1] - 0.5f * length * fet_fast_turn(t)};
        for (int k = 0; k < 2; k++) start[k] += fet_draw_normal(rng, 0.0f, apart);
        scratch_draw(scene, &line, rng, start, t, own_length, own_half);
    }
    struct scratch s = {.depth = half * scene->px_per_unit * fet_draw_between(rng, 0.5f, 1.5f)};
    float rgb[3];
    fet_defect_albedo(scene, at[0], at[1], rgb);
    const bool is_metal = fet_defect_sample(scene, scene->metal, at[0], at[1]) > 0.5f;
    /* metal shows fresh metal; paint, plastic and wood whiten, dirt fills a few */
    const bool is_dark = fet_rng_chance(rng, is_metal ? 0.3 : 0.2);
    const float lift = is_dark ? 0.35f : fet_draw_between(rng, 1.2f, 1.9f);
    const float grey = (rgb[0] + rgb[1] + rgb[2]) / 3.0f;
    for (int c = 0; c < 3; c++) {
        const float pale = fet_fast_mix(rgb[c], grey, 0.4f) * lift + (is_dark ? 0.0f : 0.05f);
        s.bare[c] = fet_fast_clamp(pale, 0.01f, is_metal ? 0.92f : 0.8f);
    }
    s.bared = fet_draw_between(rng, 0.25f, 0.9f);
    s.shine = is_metal ? fet_draw_between(rng, -0.25f, 0.15f) : fet_draw_between(rng, 0.0f, 0.3f);
    scratch_cut(scene, &line, &s);
    fet_line_free(scene, &line);
    return FET_OK;
}

/* ---- scuff ---- */

fet_status fet_defect_scuff(struct fet_scene *scene, struct fet_rng *rng)
{
    float x0, y0;
    const float half = fet_draw_size(rng, 5.0f, 34.0f);
    if (!fet_defect_place(scene, rng, fet_fast_min(half, 8.0f), &x0, &y0)) return FET_OK;
    struct fet_blob blob = fet_blob_make(rng, x0, y0, half, 2.2f, 0.3f);
    blob.half_y *= fet_draw_between(rng, 0.5f, 1.0f);
    const float width = fet_draw_between(rng, 0.8f, 1.8f),
                run = fet_draw_between(rng, 14.0f, 50.0f);
    const float pale = fet_draw_between(rng, 0.15f, 0.6f),
                shine = fet_draw_between(rng, 0.1f, 0.35f);
    const float depth = fet_draw_between(rng, 0.15f, 0.5f) * scene->px_per_unit;
    const float sign = fet_rng_chance(rng, 0.75) ? 1.0f : -0.6f;
    const struct fet_window w = fet_window_about(scene, x0, y0, fet_blob_reach(&blob));
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float u = fet_draw_unit(scene, (float)x);
            const float inside =
                fet_fast_clamp(fet_blob_depth(&blob, u, v) / (0.5f * half), 0, 1.0f);
            if (inside <= 0.0f || scene->part[i] <= 0.0f) continue;
            float a, b;
            fet_pose_local(&blob.at, u, v, &a, &b);
            /* streaks along the rubbing direction; the more pressure, the more of them */
            const float line =
                fet_lattice_noise(a / run + 90.0f, b / width + 90.0f, blob.seed + 7u) +
                0.6f * fet_lattice_noise(a / run + 7.0f, 2.3f * b / width + 40.0f, blob.seed + 8u);
            const float streak =
                fet_fast_clamp((line + 0.75f * inside - 0.35f) * 2.5f, 0.0f, 1.0f) * scene->part[i];
            const float k = streak * (0.4f + 0.6f * inside);
            scene->height[i] -= depth * k;
            scene->rough[i] = fet_fast_clamp(scene->rough[i] + shine * k, 0.05f, 1.0f);
            for (int c = 0; c < 3; c++) {
                const float now = scene->albedo[c][i];
                scene->albedo[c][i] =
                    fet_fast_clamp(now + sign * pale * k * (0.35f * now + 0.12f), 0.005f, 0.95f);
            }
            fet_defect_mark(scene, i, fet_fast_clamp(2.5f * inside, 0.0f, 1.0f) * scene->part[i]);
        }
    }
    return FET_OK;
}

/* ---- dent ---- */

fet_status fet_defect_dent(struct fet_scene *scene, struct fet_rng *rng)
{
    float x0, y0;
    const float half = fet_draw_size(rng, 2.5f, 26.0f);
    if (!fet_defect_place(scene, rng, fet_fast_min(0.7f * half, 10.0f), &x0, &y0)) return FET_OK;
    const float slope = fet_draw_between(rng, 0.25f, 0.9f); /* how steep its sides are */
    const float ragged = fet_draw_between(rng, 0.02f, 0.16f);
    struct fet_blob blob = fet_blob_make(rng, x0, y0, half, 2.4f, ragged);
    blob.grain = 1.6f * half;
    const float sign = fet_rng_chance(rng, 0.12) ? -1.0f : 1.0f; /* a few are bumps */
    const float depth = slope * half * scene->px_per_unit * 0.6f;
    const float rim = fet_draw_between(rng, 0.0f, 0.12f);
    const float wear = fet_rng_chance(rng, 0.4) ? fet_draw_between(rng, 0.05f, 0.25f) : 0.0f;
    const struct fet_window w = fet_window_about(scene, x0, y0, 1.3f * fet_blob_reach(&blob));
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float t = fet_blob_depth(&blob, fet_draw_unit(scene, (float)x), v) / half;
            if (t <= -0.4f || scene->part[i] <= 0.0f) continue;
            /* a hollow like that of a ball, and what it pushed up around it */
            const float in = fet_fast_clamp(t, 0.0f, 1.0f), out = fet_fast_clamp(-t, 0.0f, 0.4f);
            const float edge = fet_fast_min(in * 6.0f, 1.0f);
            const float hollow = in * (2.0f - in) * edge;
            const float swell = 25.0f * out * (0.4f - out), ring = swell * swell;
            scene->height[i] -= sign * scene->part[i] * depth * (hollow - rim * ring);
            for (int c = 0; c < 3; c++) scene->albedo[c][i] *= 1.0f - wear * in;
            const float rises = fet_fast_min(3.0f * rim * ring * depth / scene->px_per_unit, 1.0f);
            const float sinks = fet_fast_clamp(1.0f + 12.0f * t, 0.0f, 1.0f);
            fet_defect_mark(scene, i, fet_fast_max(sinks, rises) * scene->part[i]);
        }
    }
    return FET_OK;
}
