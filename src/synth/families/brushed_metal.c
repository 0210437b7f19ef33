/* Sheet and strip metal: hairline brushed, ground, rolled, cross-ground or spun about a centre;
 * some products show the edges of the plate and its holes on the stand. The grain is new on every
 * part, its width, length and depth belong to the product. */
#include "family.h"

enum finish { HAIRLINE, GROUND, ROLLED, CROSSED, SPUN };

struct look {
    enum finish finish;
    struct fet_material metal;
    bool is_upright;                /* the grain runs down the picture */
    float width, length;            /* of the finest grain, units */
    float fine, band, cloud;        /* contrast of the layers */
    float depth, lines, line_level; /* of the grain; single deeper grooves and how rare */
    bool has_edge;
    float half_x, half_y, corner; /* of the plate */
    float thick;
    int n_holes;
    float hole[4][3];
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.finish = (enum finish)fet_rng_int(d, 0, 4), .metal = fet_matter_metal(d)};
    l.is_upright = fet_rng_chance(d, 0.5) != 0;
    l.width = fet_draw_size(d, 0.8f, 2.2f);
    l.length = fet_draw_size(d, 30.0f, 400.0f);
    l.fine = fet_draw_size(d, 0.04f, 0.16f);
    l.band = fet_draw_size(d, 0.02f, 0.14f);
    l.cloud = fet_draw_size(d, 0.02f, 0.12f);
    l.depth = fet_draw_size(d, 0.02f, 0.12f);
    l.lines = fet_draw_between(d, 0.1f, 0.6f);
    l.line_level = fet_draw_between(d, 1.2f, 2.2f);
    const float dull = fet_draw_between(d, 0.25f, 1.0f);
    if (l.finish == GROUND || l.finish == ROLLED) /* bare iron, dark */
        for (int k = 0; k < 3; k++) l.metal.albedo[k] = 0.45f * dull + 0.12f * l.metal.albedo[k];
    l.metal.rough = fet_fast_clamp(l.metal.rough + (l.finish == ROLLED ? 0.2f : 0.0f), 0.2f, 0.7f);
    l.has_edge = fet_rng_chance(d, 0.4) != 0;
    l.half_x = fet_draw_between(d, 70.0f, 112.0f);
    l.half_y = fet_draw_between(d, 60.0f, 112.0f);
    l.corner = fet_draw_between(d, 1.0f, 24.0f);
    l.thick = fet_draw_between(d, 2.0f, 8.0f);
    l.n_holes = fet_rng_int(d, 0, 4);
    for (int i = 0; i < 4; i++) { /* one in each corner */
        const float r = fet_draw_between(d, 4.0f, 11.0f);
        const float inset = r + fet_draw_between(d, 8.0f, 20.0f);
        l.hole[i][0] = (i & 1 ? 1.0f : -1.0f) * (l.half_x - inset);
        l.hole[i][1] = (i & 2 ? 1.0f : -1.0f) * (l.half_y - inset);
        l.hole[i][2] = i == 0 ? r : l.hole[0][2];
    }
    return l;
}

/* Streaks of that width and length along the grain. */
static fet_status grain_new(struct fet_scene *scene, struct fet_rng *part, const struct look *l,
                            float width, float length, int octaves, float **map)
{
    const struct fet_noise n = {.scale_x = l->is_upright ? width : length,
                                .scale_y = l->is_upright ? length : width,
                                .octaves = octaves,
                                .gain = 0.75f};
    return fet_texture_new(scene, part, &n, map);
}

/* The grain field of the finish, deviation about 1. */
static fet_status finish_new(struct fet_scene *scene, struct fet_rng *part, const struct look *l,
                             float **map)
{
    float *more;
    if (l->finish == SPUN)
        return fet_texture_turned(scene, part, &scene->at, 0.6f * l->width + 0.2f, map);
    if (l->finish == ROLLED) {
        const struct fet_noise n = {.scale_x = l->is_upright ? 9.0f : 16.0f,
                                    .scale_y = l->is_upright ? 16.0f : 9.0f,
                                    .octaves = 4,
                                    .gain = 0.95f};
        return fet_texture_new(scene, part, &n, map);
    }
    FET_TRY(grain_new(scene, part, l, 2.0f * l->width, l->length, 2, map));
    if (l->finish != CROSSED) return FET_OK;
    const struct fet_noise n = {.scale_x = l->length,
                                .scale_y = 2.0f * l->width,
                                .turns = l->is_upright ? 0.13f : 0.37f,
                                .octaves = 1};
    FET_TRY(fet_texture_new(scene, part, &n, &more));
    fet_field_add(scene, more, 0.9f, *map);
    fet_scene_map_free(scene, more);
    return FET_OK;
}

/* Light catches grooves across: the brush maps say along which line they run. */
static fet_status brush_set(struct fet_scene *scene, const struct look *l)
{
    FET_TRY(fet_scene_add_brush(scene));
    if (l->finish == SPUN) return FET_OK; /* set by fet_field_turned */
    const float strength = l->finish == ROLLED ? 0.2f : l->finish == CROSSED ? 0.4f : 0.9f;
    fet_field_fill(scene, scene->brush[0], l->is_upright ? 0.0f : strength);
    fet_field_fill(scene, scene->brush[1], l->is_upright ? strength : 0.0f);
    return FET_OK;
}

/* Single deeper grooves, bright or dark, and handling smudges: what makes ground metal look used.
 */
static fet_status lines_lay(struct fet_scene *scene, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise smudge = {.scale_x = 38.0f, .octaves = 5, .gain = 0.7f};
    const int64_t n = (int64_t)scene->size * scene->size;
    float *lines;
    float *dirt;
    FET_TRY(grain_new(scene, part, l, 1.7f, 2.5f * l->length, 1, &lines));
    FET_TRY(fet_texture_new(scene, part, &smudge, &dirt));
    for (int64_t i = 0; i < n; i++) {
        const float high = fet_fast_clamp(lines[i] - l->line_level, 0.0f, 1.0f);
        const float low = fet_fast_clamp(-lines[i] - l->line_level - 0.2f, 0.0f, 1.0f);
        const float spot = fet_fast_clamp(dirt[i] - 1.3f, 0.0f, 1.5f);
        const float k = 1.0f + l->lines * (high - low) - l->cloud * spot;
        for (int c = 0; c < 3; c++)
            scene->albedo[c][i] = fet_fast_clamp(scene->albedo[c][i] * k, 0.01f, 0.95f);
        scene->height[i] -= 0.5f * l->depth * scene->px_per_unit * (high + low);
        scene->rough[i] = fet_fast_clamp(scene->rough[i] + 0.1f * spot, 0.1f, 0.95f);
    }
    fet_scene_map_free(scene, lines);
    fet_scene_map_free(scene, dirt);
    return FET_OK;
}

static fet_status grain_lay(struct fet_scene *scene, struct fet_rng *part, const struct look *l)
{
    float *fine;
    float *band;
    float *cloud;
    FET_TRY(brush_set(scene, l));
    FET_TRY(finish_new(scene, part, l, &fine));
    FET_TRY(grain_new(scene, part, l, 24.0f, 300.0f, 4, &band));
    const struct fet_noise n = {.scale_x = 90.0f, .octaves = 4, .gain = 0.55f};
    FET_TRY(fet_texture_new(scene, part, &n, &cloud));
    const float contrast = l->finish == ROLLED ? 2.2f * l->fine : l->fine;
    fet_texture_shade(scene, fine, contrast);
    fet_texture_shade(scene, band, l->finish == SPUN ? 0.3f * l->band : l->band);
    fet_texture_shade(scene, cloud, l->cloud);
    fet_texture_roughen(scene, cloud, 0.03f);
    fet_texture_roughen(scene, band, 0.02f);
    const float px = scene->px_per_unit;
    fet_field_add(scene, fine, l->depth * px * (l->finish == ROLLED ? 2.5f : 1.0f), scene->height);
    fet_field_add(scene, cloud, 0.25f * px, scene->height); /* never quite flat */
    fet_scene_map_free(scene, fine);
    fet_scene_map_free(scene, band);
    fet_scene_map_free(scene, cloud);
    const bool has_lines = l->finish == HAIRLINE || l->finish == GROUND || l->finish == CROSSED;
    return has_lines ? lines_lay(scene, part, l) : FET_OK;
}

/* Scale marks that rolling leaves: short dark flecks. */
static fet_status scale_lay(struct fet_scene *scene, struct fet_rng *part, float contrast)
{
    float *spots;
    const struct fet_noise n = {.scale_x = 5.0f, .scale_y = 3.0f, .octaves = 2, .gain = 0.7f};
    FET_TRY(fet_texture_new(scene, part, &n, &spots));
    const float dark[3] = {0.05f, 0.048f, 0.045f};
    fet_texture_tint(scene, spots, 2.5f, 0.8f, dark, contrast);
    fet_scene_map_free(scene, spots);
    return FET_OK;
}

/* The plate's outline over the stand: everything outside shows what was there before. */
static fet_status plate_open(struct fet_scene *scene, const struct look *l, struct fet_patch *p)
{
    FET_TRY(fet_patch_open(scene, &scene->at, -l->half_x, -l->half_y, l->half_x, l->half_y, p));
    fet_patch_box(p, FET_SDF_JOIN, 0.0f, 0.0f, l->half_x, l->half_y, l->corner);
    for (int i = 0; i < l->n_holes; i++)
        fet_patch_circle(p, FET_SDF_CUT, l->hole[i][0], l->hole[i][1], l->hole[i][2]);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    (void)fault;
    const struct look l = look_invent(&chance->design);
    const struct fet_material metal = fet_matter_vary(&l.metal, &chance->part, 0.03f);
    if (!l.has_edge) {
        fet_scene_flood(scene, &metal, 1.0f);
        FET_TRY(grain_lay(scene, &chance->part, &l));
        if (l.finish == ROLLED) FET_TRY(scale_lay(scene, &chance->part, 0.5f));
        return FET_OK;
    }
    FET_TRY(fet_stand_draw_any(scene, chance));
    struct fet_patch plate;
    struct fet_scene sheet;
    FET_TRY(plate_open(scene, &l, &plate));
    FET_TRY(fet_layer_open(scene, &sheet));
    fet_scene_flood(&sheet, &metal, 1.0f);
    FET_TRY(grain_lay(&sheet, &chance->part, &l));
    FET_TRY(fet_layer_lay(scene, &sheet, &plate, l.thick, 1.0f, FET_PROFILE_ROUND));
    fet_layer_close(scene, &sheet);
    return FET_OK;
}

static const char *const defects[] = {"scratch",        "dent",          "crack", "hole", "stain",
                                      "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {NULL};

const struct fet_synth_family fet_family_brushed_metal = {
    .name = "brushed_metal",
    .summary = "sheet metal: hairline, ground, rolled, cross-ground or spun",
    .defects = defects,
    .grey_share = 0.5f,
    .draw = draw,
    .own_faults = own_faults,
};
