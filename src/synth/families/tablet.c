/* Tablets: one from close by (round or oblong, coated or pressed, with score and letters), or a
 * blister pack with a lattice of them under clear domes on foil. */
#include "family.h"

struct look {
    bool is_blister;
    struct fet_material body, speck, foil;
    float half_x, half_y, thick, edge;
    float grain, coat;
    bool has_score, has_text, is_raised;
    struct fet_letters letters;
    char text[FET_WORD_BYTES];
    int n_x, n_y;
    float pitch_x, pitch_y, dome; /* of the cavities; rim around a tablet */
    float foil_cell;
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.is_blister = fet_rng_chance(d, 0.45) != 0};
    const int colour = fet_rng_int(d, 0, 3);
    l.body =
        colour <= 1
            ? fet_matter_between(d, (const float[6]){0.08f, 0.16f, 0.0f, 0.12f, 0.86f, 0.94f}, 0.7f)
            : fet_matter_between(d, (const float[6]){0.0f, 1.0f, 0.2f, 0.65f, 0.6f, 0.9f}, 0.6f);
    l.coat = fet_rng_chance(d, 0.5) ? fet_draw_between(d, 0.25f, 0.45f) : 0.75f;
    l.body.rough = l.coat;
    l.speck = fet_matter_between(d, (const float[6]){0.05f, 0.12f, 0.4f, 0.4f, 0.3f, 0.7f}, 0.8f);
    l.half_x = fet_draw_between(d, 58.0f, 96.0f);
    const bool is_oblong = fet_rng_chance(d, 0.45) != 0;
    l.half_y = is_oblong ? l.half_x * fet_draw_between(d, 0.38f, 0.6f) : l.half_x;
    l.thick = fet_draw_between(d, 0.25f, 0.5f) * l.half_y;
    l.edge = l.half_y * fet_draw_between(d, 0.5f, 1.0f);
    l.grain = l.coat > 0.6f ? fet_draw_between(d, 0.1f, 0.35f) : fet_draw_between(d, 0.02f, 0.1f);
    l.has_score = fet_rng_chance(d, 0.5) != 0;
    l.has_text = !l.has_score || fet_rng_chance(d, 0.4);
    l.is_raised = fet_rng_chance(d, 0.25) != 0;
    fet_word_code(d, l.text);
    l.text[is_oblong ? 5 : 3] = '\0';
    l.letters = fet_letters_invent(d, 0.4f * l.half_y * (l.has_score ? 0.8f : 1.0f));
    l.letters.stroke = 0.11f * l.letters.height;
    l.foil = (struct fet_material){{0.72f, 0.73f, 0.74f}, fet_draw_between(d, 0.25f, 0.45f), 1.0f};
    if (fet_rng_chance(d, 0.25)) l.foil = fet_matter_grey(0.92f, 0.5f);
    l.n_x = fet_rng_int(d, 2, is_oblong ? 3 : 5);
    l.n_y = fet_rng_int(d, 2, 5);
    const float space = 230.0f;
    l.pitch_x = space / (float)l.n_x;
    l.pitch_y = space / (float)l.n_y;
    if (l.is_blister) {
        const float fit_x = 0.37f * l.pitch_x;
        const float fit_y = 0.37f * l.pitch_y;
        const float k = fet_fast_min(fit_x / l.half_x, fit_y / l.half_y);
        l.half_x *= k;
        l.half_y *= k;
        l.thick *= k;
        l.edge *= k;
        l.letters.height *= k;
        l.letters.width *= k;
        l.letters.gap *= k;
        l.letters.stroke *= k;
    }
    l.dome = fet_draw_between(d, 2.5f, 6.0f);
    l.foil_cell = fet_draw_between(d, 2.5f, 5.0f);
    return l;
}

static void shape(struct fet_patch *p, const struct look *l)
{
    p->reach_px = 1e5f;
    fet_patch_box(p, FET_SDF_JOIN, 0.0f, 0.0f, l->half_x, l->half_y, l->half_y);
}

/* Powder pressed hard: crumbs at the rim, specks in the mass. */
static fet_status mass_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_material body = fet_matter_vary(&l->body, part, 0.012f);
    const struct fet_noise cloud = {.scale_x = 25.0f, .octaves = 4, .gain = 0.6f};
    const struct fet_noise grain = {.scale_x = 3.2f, .octaves = 2, .gain = 0.8f};
    float *map;
    fet_scene_flood(s, &body, 1.0f);
    FET_TRY(fet_texture_new(s, part, &cloud, &map));
    fet_texture_shade(s, map, 0.015f);
    fet_field_add(s, map, 0.15f * s->px_per_unit, s->height);
    FET_TRY(fet_field_noise(s, part, &grain, map));
    fet_field_add(s, map, l->grain * s->px_per_unit, s->height);
    if (l->coat > 0.6f) fet_texture_tint(s, map, 2.3f, 0.5f, l->speck.albedo, 0.5f);
    fet_scene_map_free(s, map);
    return FET_OK;
}

static fet_status relief_lay(struct fet_scene *s, const struct look *l, const struct fet_pose *at)
{
    struct fet_patch p;
    const float sign = l->is_raised ? 1.0f : -1.0f;
    const float deep = 0.045f * l->half_y;
    FET_TRY(fet_patch_open(s, at, -l->half_x, -l->half_y, l->half_x, l->half_y, &p));
    if (l->has_text) {
        const float y = l->has_score ? -0.42f * l->half_y : 0.0f;
        fet_letters_line(&p, &l->letters, l->text, 0.0f, y, 0.0f);
        fet_patch_raise(s, &p, sign * deep, 1.2f * l->letters.stroke, FET_PROFILE_SMOOTH);
        fet_patch_clear(&p);
    }
    if (!l->has_score) return FET_OK;
    p.reach_px = 1e5f;
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, l->half_x, 0.05f * l->half_y, 0.0f);
    fet_patch_raise(s, &p, -1.6f * deep, 0.05f * l->half_y, FET_PROFILE_BEVEL);
    return FET_OK;
}

/* A broken tablet: part of it is missing along a ragged line. */
static void break_off(struct fet_scene *s, struct fet_patch *p, const struct look *l,
                      struct fet_rng *r, const float *ragged)
{
    const float angle = fet_draw_between(r, 0.0f, 1.0f);
    const float c = fet_fast_turn(angle + 0.25f);
    const float n = fet_fast_turn(angle);
    const float far = c * c * l->half_x + n * n * l->half_y;
    const float deep = 0.025f * far;
    fet_patch_disturb(s, p, ragged, -deep);
    fet_patch_half(p, FET_SDF_MEET, c, n, fet_draw_between(r, 0.1f, 0.7f) * far);
    fet_patch_disturb(s, p, ragged, deep);
}

static fet_status tablet_draw(struct fet_scene *scene, struct fet_scene *mass, const struct look *l,
                              const struct fet_pose *at, struct fet_rng *harm, const float *ragged)
{
    struct fet_patch p;
    FET_TRY(relief_lay(mass, l, at));
    FET_TRY(fet_patch_open(scene, at, -l->half_x, -l->half_y, l->half_x, l->half_y, &p));
    shape(&p, l);
    if (harm != NULL) break_off(scene, &p, l, harm, ragged);
    return fet_layer_lay(scene, mass, &p, l->thick, l->edge, FET_PROFILE_ROUND);
}

/* ---- blister ---- */

static fet_status foil_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise crease = {.scale_x = 40.0f, .octaves = 4, .gain = 0.55f};
    const float unit = s->px_per_unit;
    float *map;
    fet_scene_flood(s, &l->foil, 1.0f);
    FET_TRY(fet_texture_new(s, part, &crease, &map));
    fet_field_add(s, map, 0.5f * unit, s->height);
    fet_scene_map_free(s, map);
    for (int y = 0; y < s->size; y++) { /* knurled by the sealing roller */
        const float v = fet_draw_unit(s, (float)y) / l->foil_cell;
        for (int x = 0; x < s->size; x++) {
            const float u = fet_draw_unit(s, (float)x) / l->foil_cell;
            const float h = fet_fast_turn(0.5f * (u + v)) * fet_fast_turn(0.5f * (u - v));
            s->height[(int64_t)y * s->size + x] += 0.12f * l->foil_cell * unit * h;
        }
    }
    return FET_OK;
}

static fet_status dome_draw(struct fet_scene *s, const struct look *l, const struct fet_pose *at)
{
    struct fet_patch p;
    const float x = l->half_x + l->dome;
    const float y = l->half_y + l->dome;
    const struct fet_material clear = fet_matter_grey(0.75f, 0.15f);
    FET_TRY(fet_patch_open(s, at, -x, -y, x, y, &p));
    p.reach_px = 1e5f;
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, x, y, y);
    fet_patch_level(s, &p, 0.0f);
    fet_patch_fill(s, &p, &clear, 0.3f);
    fet_patch_raise(s, &p, 0.5f * l->thick, 0.7f * l->dome, FET_PROFILE_ROUND);
    return FET_OK;
}

static fet_status blister_draw(struct fet_scene *scene, struct fet_scene *mass,
                               struct fet_synth_chance *chance, const struct look *l,
                               struct fet_own *own, const float *ragged)
{
    const int i_bad = fet_rng_int(&own->rng, 0, l->n_x * l->n_y - 1);
    const bool is_gone = fet_rng_chance(&own->rng, 0.6) != 0;
    const bool has_harm = fet_own_is(own, "missing part");
    for (int i = 0; i < l->n_x * l->n_y; i++) {
        const float x = l->pitch_x * ((float)(i % l->n_x) + 0.5f - 0.5f * (float)l->n_x);
        const float y = l->pitch_y * ((float)(i / l->n_x) + 0.5f - 0.5f * (float)l->n_y);
        const struct fet_pose cavity = fet_pose_child(&scene->at, x, y, 0.0f);
        const float play = 0.4f * l->dome;
        const float dx = fet_draw_between(&chance->part, -play, play);
        const float dy = fet_draw_between(&chance->part, -play, play);
        const float loose = l->half_x > 1.2f * l->half_y ? 0.008f : 0.5f;
        const float turns = fet_draw_between(&chance->part, -loose, loose);
        const struct fet_pose at = fet_pose_child(&cavity, dx, dy, turns);
        const bool is_bad = has_harm && i == i_bad;
        FET_TRY(dome_draw(scene, l, &cavity));
        if (is_bad && is_gone) continue;
        FET_TRY(tablet_draw(scene, mass, l, &at, is_bad ? &own->rng : NULL, ragged));
    }
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct fet_noise edge = {.scale_x = 18.0f, .octaves = 4, .gain = 0.6f};
    struct fet_scene mass;
    float *ragged;
    if (l.is_blister)
        FET_TRY(foil_lay(scene, &chance->part, &l));
    else
        FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &mass));
    FET_TRY(mass_lay(&mass, &chance->part, &l));
    FET_TRY(fet_texture_new(&mass, &chance->part, &edge, &ragged));
    if (l.is_blister)
        FET_TRY(blister_draw(scene, &mass, chance, &l, own, ragged));
    else {
        const struct fet_pose at =
            fet_pose_child(&scene->at, 0.0f, 0.0f, fet_draw_between(&chance->part, 0.0f, 1.0f));
        struct fet_rng *const harm = fet_own_is(own, "missing part") ? &own->rng : NULL;
        FET_TRY(tablet_draw(scene, &mass, &l, &at, harm, ragged));
    }
    fet_scene_map_free(&mass, ragged);
    fet_layer_close(scene, &mass);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch", "crack",          "hole",          "chip",
                                      "stain",   "discolouration", "contamination", NULL};
static const char *const own_faults[] = {"missing part", NULL};

const struct fet_synth_family fet_family_tablet = {
    .name = "tablet",
    .summary = "a tablet with score and letters, or a blister pack",
    .defects = defects,
    .grey_share = 0.15f,
    .draw = draw,
    .own_faults = own_faults,
};
