/* Ceramic and stone: glazed, speckled, terrazzo, granite, marble, slate, printed tiles; some show a
 * joint or the edges of the tile. Grain is new on every part, palette and scale are the product's.
 */
#include "family.h"

enum kind { GLAZED, SPECKLED, TERRAZZO, GRANITE, MARBLE, SLATE, PRINTED, N_KINDS };

struct look {
    enum kind kind;
    struct fet_material base, chips[3], vein;
    float cell; /* of the grain, units */
    float share, contrast, relief;
    float pitch; /* of joints, 0: none */
    float joint;
    struct fet_material grout;
    bool has_edge;
    float half;
    struct fet_rng ornament;
    float motif; /* size of a printed motif */
};

static struct fet_material stone(struct fet_rng *d, float low, float high, float rough)
{
    const float hue = fet_rng_chance(d, 0.6) ? fet_draw_between(d, 0.03f, 0.14f)
                                             : fet_draw_between(d, 0.35f, 0.65f);
    return fet_matter_between(d, (const float[6]){hue, hue, 0.0f, 0.22f, low, high}, rough);
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.kind = (enum kind)fet_rng_int(d, 0, N_KINDS - 1)};
    const float rough = fet_draw_between(d, 0.15f, 0.6f);
    const bool is_coloured = fet_rng_chance(d, 0.4) != 0;
    const float hue = fet_draw_between(d, 0.0f, 1.0f);
    l.base = stone(d, 0.3f, 0.95f, rough);
    if (l.kind == GLAZED || l.kind == PRINTED || l.kind == SPECKLED) {
        l.base.rough = fet_draw_between(d, 0.1f, 0.45f);
        if (is_coloured)
            l.base = fet_matter_between(d, (const float[6]){hue, hue, 0.15f, 0.7f, 0.35f, 0.9f},
                                        l.base.rough);
    }
    if (l.kind == SLATE) l.base = stone(d, 0.2f, 0.45f, 0.75f);
    for (int i = 0; i < 3; i++) l.chips[i] = stone(d, 0.15f, 0.95f, rough);
    l.vein = stone(d, 0.2f, 0.75f, rough);
    l.cell = fet_draw_size(d, 3.0f, 11.0f) * (l.kind == TERRAZZO ? 2.2f : 1.0f);
    l.share = fet_draw_between(d, 0.35f, 0.85f);
    l.contrast = fet_draw_between(d, 0.3f, 1.0f);
    l.relief = fet_draw_size(d, 0.1f, 0.8f);
    l.pitch = fet_rng_chance(d, 0.35) ? fet_draw_between(d, 55.0f, 150.0f) : 0.0f;
    l.joint = fet_draw_between(d, 1.2f, 4.5f);
    l.grout = fet_matter_grey(fet_draw_between(d, 0.25f, 0.85f), 0.9f);
    l.has_edge = l.pitch <= 0.0f && fet_rng_chance(d, 0.35) != 0;
    l.half = fet_draw_between(d, 80.0f, 112.0f);
    l.ornament = *d;
    (void)fet_rng_u64(d);
    l.motif = fet_draw_between(d, 24.0f, 60.0f);
    return l;
}

/* albedo -> material where weight (0..1 per pixel, computed from a map) says so */
static inline void lay(struct fet_scene *s, int64_t i, const struct fet_material *m, float weight)
{
    for (int k = 0; k < 3; k++) s->albedo[k][i] += (m->albedo[k] - s->albedo[k][i]) * weight;
    s->rough[i] += (m->rough - s->rough[i]) * weight;
}

static fet_status grains_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    struct fet_cells cells;
    const int64_t n = (int64_t)s->size * s->size;
    FET_TRY(fet_scene_map_new(s, &cells.near));
    FET_TRY(fet_scene_map_new(s, &cells.second));
    FET_TRY(fet_scene_map_new(s, &cells.id));
    FET_TRY(fet_field_cells(s, part, l->cell, NULL, &cells));
    const float sharp = l->cell * s->px_per_unit;
    const float gap = l->kind == TERRAZZO ? 0.16f : 0.0f;
    for (int64_t i = 0; i < n; i++) {
        const float edge = cells.second[i] - cells.near[i] - gap;
        const float in = fet_clamp01(0.5f + edge * sharp);
        const float id = cells.id[i];
        if (id > l->share) continue;
        const float which = id / l->share * 3.0f;
        const int k = which < 1.0f ? 0 : which < 2.0f ? 1 : 2;
        const float tone = 0.85f + 0.3f * (which - (float)k);
        struct fet_material m = l->chips[k];
        for (int c = 0; c < 3; c++) m.albedo[c] = fet_fast_min(m.albedo[c] * tone, 0.95f);
        lay(s, i, &m, in * l->contrast);
    }
    fet_scene_map_free(s, cells.near);
    fet_scene_map_free(s, cells.second);
    fet_scene_map_free(s, cells.id);
    return FET_OK;
}

/* Ridges of a bent noise are veins. */
static fet_status veins_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise course = {.scale_x = 95.0f, .octaves = 5, .gain = 0.55f};
    const struct fet_noise where = {.scale_x = 70.0f, .octaves = 2};
    const int64_t n = (int64_t)s->size * s->size;
    float *a;
    float *b;
    for (int pass = 0; pass < 2; pass++) {
        FET_TRY(fet_texture_new(s, part, &course, &a));
        FET_TRY(fet_texture_new(s, part, &where, &b));
        const float thin = pass == 0 ? 9.0f : 22.0f;
        for (int64_t i = 0; i < n; i++) {
            const float ridge = fet_clamp01(1.0f - thin * fet_fast_abs(a[i]));
            const float fade = fet_clamp01(0.55f + 0.6f * b[i]);
            const float soft = 0.22f * fet_clamp01(0.3f + 0.5f * a[i]);
            lay(s, i, &l->vein, l->contrast * fet_fast_max(ridge * ridge * fade, soft));
        }
        fet_scene_map_free(s, a);
        fet_scene_map_free(s, b);
    }
    return FET_OK;
}

static fet_status specks_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise n = {.scale_x = fet_fast_max(0.5f * l->cell, 1.6f), .octaves = 2};
    for (int k = 0; k < 2; k++) {
        float *map;
        FET_TRY(fet_texture_new(s, part, &n, &map));
        fet_texture_tint(s, map, 1.9f, 0.6f, l->chips[k].albedo, l->contrast);
        fet_scene_map_free(s, map);
    }
    return FET_OK;
}

static fet_status slate_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise layers = {
        .scale_x = 80.0f, .scale_y = 30.0f, .octaves = 6, .gain = 0.6f};
    const int64_t n = (int64_t)s->size * s->size;
    float *map;
    FET_TRY(fet_texture_new(s, part, &layers, &map));
    for (int64_t i = 0; i < n; i++) { /* terraces: slate splits in sheets */
        const float level = 1.6f * map[i];
        const float whole = fet_fast_floor(level);
        const float step = whole + fet_fast_step(0.35f, 0.65f, level - whole);
        s->height[i] += 1.7f * l->relief * s->px_per_unit * (0.6f * step + 0.4f * map[i]);
    }
    fet_texture_shade(s, map, 0.10f);
    fet_texture_tint(s, map, 1.4f, 1.2f, l->vein.albedo, 0.35f * l->contrast);
    fet_scene_map_free(s, map);
    return FET_OK;
}

/* The same motif in a lattice, mirrored in turn. */
static fet_status ornament_lay(struct fet_scene *s, const struct look *l)
{
    const int reach = (int)(170.0f / l->motif) + 1;
    for (int row = -reach; row <= reach; row++)
        for (int column = -reach; column <= reach; column++) {
            struct fet_rng same = l->ornament;
            struct fet_patch p;
            const struct fet_pose at =
                fet_pose_child(&s->at, l->motif * (float)column, l->motif * (float)row,
                               0.25f * (float)((row + column) & 3));
            const float r = 0.36f * l->motif;
            FET_TRY(fet_patch_open(s, &at, -1.4f * r, -1.4f * r, 1.4f * r, 1.4f * r, &p));
            fet_logo_join(&p, &same, 0.0f, 0.0f, r);
            fet_patch_ring(&p, FET_SDF_JOIN, -0.5f * l->motif, -0.5f * l->motif, 0.4f * l->motif,
                           0.6f);
            fet_patch_fill(s, &p, (row + column) % 2 == 0 ? &l->chips[0] : &l->vein, 0.9f);
        }
    return FET_OK;
}

/* Every tile has its own tone; the joint lies lower. */
static fet_status joints_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise sand = {.scale_x = 2.5f, .octaves = 2, .gain = 0.8f};
    const uint32_t seed = fet_rng_u32(part);
    const float px = fet_draw_between(part, 0.3f, 0.7f);
    const float py = fet_draw_between(part, 0.3f, 0.7f);
    float *map;
    FET_TRY(fet_texture_new(s, part, &sand, &map));
    for (int y = 0; y < s->size; y++) {
        const float v = fet_draw_unit(s, (float)y) / l->pitch + 8.0f + py;
        const float j = fet_fast_floor(v);
        const float dv = fet_fast_min(v - j, j + 1.0f - v);
        for (int x = 0; x < s->size; x++) {
            const int64_t i = (int64_t)y * s->size + x;
            const float u = fet_draw_unit(s, (float)x) / l->pitch + 8.0f + px;
            const float k = fet_fast_floor(u);
            const float du = fet_fast_min(u - k, k + 1.0f - u);
            const float d = fet_fast_min(du, dv) * l->pitch - 0.5f * l->joint + 0.15f * map[i];
            const float in = fet_clamp01(0.5f + d * s->px_per_unit);
            const float tone =
                1.0f + 0.03f * fet_fast_normal(fet_fast_hash(seed + (uint32_t)(64.0f * j + k)));
            for (int c = 0; c < 3; c++)
                s->albedo[c][i] =
                    fet_fast_clamp(fet_fast_mix(l->grout.albedo[c] * (1.0f + 0.06f * map[i]),
                                                s->albedo[c][i] * tone, in),
                                   0.0f, 0.97f);
            s->rough[i] = fet_fast_mix(0.9f, s->rough[i], in);
            const float low = s->px_per_unit * (-2.2f + 0.15f * map[i]);
            const float pillow = 1.2f * s->px_per_unit * (fet_fast_step(0.0f, 2.5f, d) - 1.0f);
            s->height[i] = fet_fast_mix(low, s->height[i] + pillow, in);
        }
    }
    fet_scene_map_free(s, map);
    return FET_OK;
}

static fet_status tile_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_material base = fet_matter_vary(&l->base, part, 0.015f);
    const struct fet_noise cloud = {.scale_x = 60.0f, .octaves = 5, .gain = 0.55f};
    const struct fet_noise skin = {.scale_x = 7.0f, .octaves = 2, .gain = 0.5f};
    float *map;
    fet_scene_flood(s, &base, 1.0f);
    FET_TRY(fet_texture_new(s, part, &cloud, &map));
    fet_texture_shade(s, map, l->kind == GLAZED ? 0.03f * l->contrast : 0.05f);
    fet_texture_roughen(s, map, 0.02f);
    fet_field_add(s, map, 0.2f * l->relief * s->px_per_unit, s->height);
    FET_TRY(fet_field_noise(s, part, &skin, map)); /* orange peel of a glaze */
    fet_field_add(s, map, 0.08f * l->relief * s->px_per_unit, s->height);
    fet_scene_map_free(s, map);
    if (l->kind == TERRAZZO || l->kind == GRANITE) FET_TRY(grains_lay(s, part, l));
    if (l->kind == MARBLE) FET_TRY(veins_lay(s, part, l));
    if (l->kind == SPECKLED || l->kind == GRANITE) FET_TRY(specks_lay(s, part, l));
    if (l->kind == SLATE) FET_TRY(slate_lay(s, part, l));
    if (l->kind == PRINTED) FET_TRY(ornament_lay(s, l));
    if (l->pitch > 0.0f) FET_TRY(joints_lay(s, part, l));
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    (void)fault;
    const struct look l = look_invent(&chance->design);
    if (!l.has_edge) return tile_lay(scene, &chance->part, &l);
    struct fet_scene layer;
    struct fet_patch p;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(tile_lay(&layer, &chance->part, &l));
    FET_TRY(fet_patch_open(scene, &scene->at, -l.half, -l.half, l.half, l.half, &p));
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, l.half, l.half, 1.5f);
    FET_TRY(fet_layer_lay(scene, &layer, &p, 7.0f, 2.2f, FET_PROFILE_ROUND));
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static const char *const defects[] = {"scratch",        "crack",         "hole",  "chip", "stain",
                                      "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {NULL};

const struct fet_synth_family fet_family_tile = {
    .name = "tile",
    .summary = "ceramic and stone: glazed, terrazzo, granite, marble, slate, printed",
    .defects = defects,
    .grey_share = 0.15f,
    .draw = draw,
    .own_faults = own_faults,
};
