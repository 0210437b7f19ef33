/* Defects that lie on the surface or change its colour: stain, discolouration, contamination. */
#include "defects.h"
#include "lattice.h"

/* ---- stain ---- */

struct stain {
    struct fet_blob blob;
    float tint[3];     /* what is left of each colour */
    float body, seam;  /* strength inside and in the seam where it dried */
    float seam_width;  /* units */
    float gloss, dull; /* change of roughness; loss of metal */
};

static void stain_dry(struct fet_scene *scene, const struct stain *s)
{
    const struct fet_blob *const b = &s->blob;
    const struct fet_window w = fet_window_about(scene, b->at.x, b->at.y, fet_blob_reach(b) + 2.0f);
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float u = fet_draw_unit(scene, (float)x), d = fet_blob_depth(b, u, v);
            if (d <= -1.0f || scene->part[i] <= 0.0f) continue;
            /* evaporation carries what is dissolved to the rim (Deegan 1997) */
            const float cloud = fet_lattice_fractal(u * 0.07f, v * 0.07f, b->seed + 11u);
            const float in = fet_fast_step(-0.6f, 1.4f, d) * scene->part[i];
            const float from_rim = (d - 0.7f) / s->seam_width;
            const float seam = fet_fast_exp(-from_rim * from_rim);
            const float k = fet_fast_clamp(in * (s->body * (1.0f + 0.45f * cloud) + s->seam * seam),
                                           0.0f, 1.0f);
            for (int c = 0; c < 3; c++) scene->albedo[c][i] *= fet_fast_mix(1.0f, s->tint[c], k);
            scene->rough[i] = fet_fast_clamp(scene->rough[i] + s->gloss * k, 0.08f, 1.0f);
            scene->metal[i] *= 1.0f - s->dull * k;
            fet_defect_mark(scene, i, in);
        }
    }
}

fet_status fet_defect_stain(struct fet_scene *scene, struct fet_rng *rng)
{
    const float half = fet_draw_size(rng, 3.0f, 50.0f);
    float x0, y0;
    if (!fet_defect_place(scene, rng, fet_fast_min(0.4f * half, 10.0f), &x0, &y0)) return FET_OK;
    struct stain s = {.seam_width = fet_draw_size(rng, 0.6f, 3.0f)};
    /* oil, rust, coffee, ink, lime */
    const float hue = fet_rng_chance(rng, 0.7) ? fet_draw_between(rng, 0.02f, 0.14f)
                                               : fet_draw_between(rng, 0.0f, 1.0f);
    const float saturation = fet_draw_between(rng, 0.1f, 0.7f);
    fet_draw_colour(hue, saturation, fet_draw_between(rng, 0.12f, 0.55f), s.tint);
    s.body = fet_draw_size(rng, 0.12f, 0.85f);
    s.seam = fet_rng_chance(rng, 0.6) ? fet_draw_between(rng, 0.15f, 0.6f) : 0.0f;
    s.gloss = fet_draw_between(rng, -0.45f, 0.3f);
    s.dull = fet_draw_between(rng, 0.0f, 0.7f);
    const int n = fet_rng_chance(rng, 0.35) ? fet_rng_int(rng, 2, 6) : 1;
    for (int i = 0; i < n; i++) {
        const float own = i == 0 ? half : half * fet_draw_size(rng, 0.08f, 0.5f);
        const float x = x0 + (i == 0 ? 0.0f : fet_draw_normal(rng, 0.0f, 1.1f * half));
        const float y = y0 + (i == 0 ? 0.0f : fet_draw_normal(rng, 0.0f, 1.1f * half));
        const float ragged = fet_draw_between(rng, 0.05f, 0.3f);
        s.blob = fet_blob_make(rng, x, y, own, 1.8f, ragged);
        s.blob.grain = own * fet_draw_between(rng, 0.6f, 1.2f) + 1.0f;
        stain_dry(scene, &s);
    }
    return FET_OK;
}

/* ---- discolouration ---- */

fet_status fet_defect_discolouration(struct fet_scene *scene, struct fet_rng *rng)
{
    const float half = fet_draw_size(rng, 12.0f, 75.0f);
    float x0, y0, tint[3];
    if (!fet_defect_place(scene, rng, 0.0f, &x0, &y0)) return FET_OK;
    const bool is_pale = fet_rng_chance(rng, 0.3);
    const float hue = fet_draw_between(rng, 0.0f, 1.0f),
                saturation = fet_draw_between(rng, 0.15f, 0.8f);
    fet_draw_colour(hue, saturation,
                    is_pale ? fet_draw_between(rng, 1.3f, 1.9f) : fet_draw_between(rng, 0.3f, 0.8f),
                    tint);
    const float gain = is_pale ? fet_draw_between(rng, 1.2f, 1.7f) : 1.0f;
    const float haze = is_pale ? 0.05f : 0.015f; /* it shows on black, too */
    const float strength = fet_draw_size(rng, 0.18f, 0.8f);
    const float ragged = fet_draw_between(rng, 0.1f, 0.3f);
    const struct fet_blob blob = fet_blob_make(rng, x0, y0, half, 2.5f, ragged);
    const float soft = half * fet_draw_between(rng, 0.3f, 0.8f);
    const struct fet_window w = fet_window_about(scene, x0, y0, fet_blob_reach(&blob));
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float d = fet_blob_depth(&blob, fet_draw_unit(scene, (float)x), v);
            if (d <= 0.0f || scene->part[i] <= 0.0f) continue;
            const float k = fet_fast_step(0.0f, soft, d) * scene->part[i];
            for (int c = 0; c < 3; c++) {
                const float to = (scene->albedo[c][i] * gain + haze) * tint[c];
                scene->albedo[c][i] = fet_fast_clamp(
                    fet_fast_mix(scene->albedo[c][i], to, strength * k), 0.003f, 0.97f);
            }
            fet_defect_mark(scene, i, fet_fast_clamp(2.0f * k, 0.0f, 1.0f));
        }
    }
    return FET_OK;
}

/* ---- contamination ---- */

/* A hair, lint or thread: a long curl with its own shine, lying on top. */
static fet_status dirt_fibre(struct fet_scene *scene, struct fet_rng *rng, float x, float y)
{
    struct fet_line line;
    FET_TRY(fet_line_new(scene, &line));
    const uint32_t seed = fet_rng_u32(rng);
    const float half = fet_draw_size(rng, 0.35f, 1.1f), length = fet_draw_size(rng, 14.0f, 120.0f);
    const float curl = fet_draw_between(rng, 0.002f, 0.02f);
    float turns = fet_draw_between(rng, 0.0f, 1.0f), rgb[3], from[2] = {x, y};
    const float hue = fet_draw_between(rng, 0.0f, 1.0f),
                saturation = fet_draw_between(rng, 0.0f, 0.6f);
    fet_draw_colour(hue, saturation,
                    fet_rng_chance(rng, 0.5) ? 0.05f : fet_draw_between(rng, 0.3f, 0.85f), rgb);
    const float widths[2] = {half, half}, strengths[2] = {1.0f, 1.0f};
    for (int i = 0; i < (int)(length / 2.0f); i++) {
        turns += curl * (1.5f * fet_lattice_noise((float)i * 0.13f, 0.5f, seed) + 0.35f) * 2.0f;
        const float to[2] = {from[0] + 2.0f * fet_fast_turn(turns + 0.25f),
                             from[1] + 2.0f * fet_fast_turn(turns)};
        fet_line_piece(scene, &line, from, to, widths, strengths, 1.6f);
        from[0] = to[0];
        from[1] = to[1];
    }
    for (int py = line.window.y0; py < line.window.y1; py++) {
        for (int px = line.window.x0; px < line.window.x1; px++) {
            const size_t i = (size_t)py * (size_t)scene->size + (size_t)px;
            const float off = line.off[i];
            if (off >= 1.6f) continue;
            const float soft = fet_fast_max(0.5f / (half * scene->px_per_unit), 0.15f);
            const float in = fet_fast_clamp((1.0f + soft - off) / (2.0f * soft), 0.0f, 1.0f);
            const float round = sqrtf(fet_fast_max(1.0f - off * off, 0.0f));
            scene->height[i] += scene->px_per_unit * half * (1.2f * in + round);
            for (int c = 0; c < 3; c++)
                scene->albedo[c][i] = fet_fast_mix(scene->albedo[c][i], rgb[c], in);
            scene->rough[i] = fet_fast_mix(scene->rough[i], 0.45f, in);
            scene->metal[i] *= 1.0f - in;
            if (scene->part[i] > 0.5f) fet_defect_mark(scene, i, in);
        }
    }
    fet_line_free(scene, &line);
    return FET_OK;
}

struct grain {
    struct fet_blob blob;
    float rgb[3], rough, metal, lift; /* lift in pixels */
    bool is_round;
};

/* One particle or drop on the surface. */
static void dirt_grain(struct fet_scene *scene, const struct grain *g)
{
    const struct fet_blob *const b = &g->blob;
    const struct fet_window w = fet_window_about(scene, b->at.x, b->at.y, fet_blob_reach(b) + 1.0f);
    const float edge = 1.0f / scene->px_per_unit, size = fet_fast_min(b->half_x, b->half_y);
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float u = fet_draw_unit(scene, (float)x), d = fet_blob_depth(b, u, v);
            const float in = fet_fast_clamp(0.5f + d / edge, 0.0f, 1.0f);
            if (in <= 0.0f || scene->part[i] <= 0.5f) continue;
            const float t = fet_fast_clamp(d / size, 0.0f, 1.0f);
            const float crumb = fet_lattice_noise(u * 0.8f, v * 0.8f, b->seed + 9u);
            const float dome = g->is_round ? sqrtf(t * (2.0f - t)) : 0.6f + 0.8f * crumb;
            scene->height[i] += g->lift * in * dome;
            const float shade = g->is_round ? 1.0f : 1.0f + 0.5f * crumb;
            for (int c = 0; c < 3; c++)
                scene->albedo[c][i] = fet_fast_clamp(
                    fet_fast_mix(scene->albedo[c][i], g->rgb[c] * shade, in), 0.003f, 0.95f);
            scene->rough[i] = fet_fast_mix(scene->rough[i], g->rough, in);
            scene->metal[i] = fet_fast_mix(scene->metal[i], g->metal, in);
            fet_defect_mark(scene, i, in);
        }
    }
}

/* kind 0 crumbs, 1 swarf, 2 drops */
static void dirt_grains(struct fet_scene *scene, struct fet_rng *rng, float x0, float y0, int kind)
{
    const int n = kind == 0 ? fet_rng_int(rng, 1, 14) : fet_rng_int(rng, 1, 5);
    const float spread = fet_draw_size(rng, 4.0f, 25.0f);
    const float typical =
        kind == 0 ? fet_draw_size(rng, 0.6f, 3.5f) : fet_draw_size(rng, 1.5f, 8.0f);
    struct grain g = {.is_round = kind == 2, .metal = kind == 1 ? 1.0f : 0.0f};
    g.rough = kind == 0 ? 0.85f : kind == 1 ? 0.3f : 0.06f;
    const float hue = fet_draw_between(rng, 0.0f, 0.15f),
                saturation = fet_draw_between(rng, 0.0f, 0.5f);
    fet_draw_colour(hue, saturation, kind == 1 ? 0.6f : fet_draw_size(rng, 0.02f, 0.6f), g.rgb);
    for (int i = 0; i < n; i++) {
        const float own = i == 0 ? typical : typical * fet_draw_size(rng, 0.3f, 1.2f);
        const float x = x0 + (i == 0 ? 0.0f : fet_draw_normal(rng, 0.0f, spread));
        const float y = y0 + (i == 0 ? 0.0f : fet_draw_normal(rng, 0.0f, spread));
        g.blob = fet_blob_make(rng, x, y, own, kind == 1 ? 5.0f : 1.4f, kind == 2 ? 0.05f : 0.25f);
        if (kind == 1) g.blob.half_y = 0.4f * own + 0.3f;
        g.lift = own * scene->px_per_unit * (kind == 2 ? 0.55f : 0.8f);
        if (kind == 2) {
            /* a drop shows what it lies on, a little darker */
            fet_defect_albedo(scene, x, y, g.rgb);
            for (int c = 0; c < 3; c++) g.rgb[c] *= 0.7f;
        }
        dirt_grain(scene, &g);
    }
}

fet_status fet_defect_contamination(struct fet_scene *scene, struct fet_rng *rng)
{
    float x, y;
    if (!fet_defect_place(scene, rng, 3.0f, &x, &y)) return FET_OK;
    const int kind = fet_rng_int(rng, 0, 4);
    if (kind >= 3) return dirt_fibre(scene, rng, x, y);
    dirt_grains(scene, rng, x, y, kind);
    return FET_OK;
}
