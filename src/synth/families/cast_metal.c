/* Castings as they come from the mould and the machine: rough skin of sand or die casting, raised
 * letters, bosses, ribs, a parting line, and faces that were milled or turned bright. Some fill the
 * picture, some lie on the stand with their outline. */
#include "family.h"
#include "place.h"

struct feature {
    float x, y, a, b, turns, rise;
    bool is_round, is_machined, is_bored;
};

struct look {
    struct fet_material skin, bright;
    float grain, depth; /* of the sand, units */
    float swell, pits;  /* large waves; chance of small allowed pores */
    int n_features;
    struct feature features[7];
    bool has_text, has_line, has_edge;
    struct fet_letters letters;
    char text[FET_WORD_BYTES], mark[FET_WORD_BYTES];
    float text_x, text_y, text_turns, line_at;
    float half_x, half_y, corner;
    bool is_round;
    int n_lugs;
};

static const struct fet_material skins[] = {
    {{0.22f, 0.215f, 0.21f}, 0.62f, 0.75f}, /* grey iron */
    {{0.13f, 0.12f, 0.115f}, 0.7f, 0.5f},   /* oxide skin */
    {{0.50f, 0.50f, 0.51f}, 0.55f, 0.9f},   /* sand-cast aluminium */
    {{0.62f, 0.63f, 0.65f}, 0.42f, 1.0f},   /* die-cast aluminium */
    {{0.52f, 0.53f, 0.55f}, 0.38f, 1.0f},   /* zinc */
    {{0.55f, 0.38f, 0.20f}, 0.55f, 0.9f},   /* bronze */
    {{0.20f, 0.09f, 0.05f}, 0.8f, 0.2f},    /* rusted */
};

static void features_invent(struct look *l, struct fet_rng *d)
{
    struct fet_spot spots[8];
    const float text = l->has_text ? 0.4f * fet_letters_length(&l->letters, l->text) : 0.0f;
    spots[0] = (struct fet_spot){l->text_x, l->text_y + 8.0f, text};
    int n_spots = 1;
    const int wanted = fet_rng_int(d, 0, 7);
    for (int i = 0; i < wanted; i++) {
        struct feature f = {.is_round = fet_rng_chance(d, 0.6) != 0};
        f.a = fet_draw_size(d, 7.0f, f.is_round ? 36.0f : 50.0f);
        f.b = f.is_round ? f.a : fet_draw_between(d, 2.5f, 6.0f);
        f.turns = 0.25f * (float)fet_rng_int(d, 0, 3);
        f.rise = fet_draw_between(d, 2.0f, 9.0f);
        f.is_machined = f.is_round && fet_rng_chance(d, 0.6);
        f.is_bored = f.is_machined && fet_rng_chance(d, 0.75);
        const float r = f.is_round ? f.a + 2.0f : 0.7f * f.a;
        if (!fet_place_find(d, spots, n_spots, 0.85f * l->half_x - r, 0.85f * l->half_y - r, r,
                            &spots[n_spots]))
            continue;
        f.x = spots[n_spots].x;
        f.y = spots[n_spots++].y;
        l->features[l->n_features++] = f;
    }
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.skin = skins[fet_rng_below(d, sizeof skins / sizeof skins[0])]};
    l.bright = (struct fet_material){{0.62f, 0.62f, 0.61f}, 0.25f, 1.0f};
    for (int k = 0; k < 3; k++)
        l.bright.albedo[k] = fet_fast_mix(l.bright.albedo[k], l.skin.albedo[k], 0.35f);
    l.grain = fet_draw_size(d, 1.6f, 6.5f);
    l.depth = fet_draw_size(d, 0.12f, 0.6f);
    l.swell = fet_draw_between(d, 0.3f, 2.0f);
    l.pits = fet_draw_between(d, 2.6f, 4.0f);
    l.half_x = fet_draw_between(d, 72.0f, 110.0f);
    l.half_y = fet_draw_between(d, 60.0f, 110.0f);
    l.corner = fet_draw_between(d, 8.0f, 50.0f);
    l.has_edge = fet_rng_chance(d, 0.5) != 0;
    l.is_round = fet_rng_chance(d, 0.3) != 0;
    if (l.is_round) l.half_y = l.corner = l.half_x;
    l.n_lugs = fet_rng_int(d, 0, 4);
    l.has_text = fet_rng_chance(d, 0.6) != 0;
    l.has_line = fet_rng_chance(d, 0.3) != 0;
    l.line_at = fet_draw_between(d, -70.0f, 70.0f);
    l.letters = fet_letters_invent(d, fet_draw_between(d, 11.0f, 26.0f));
    l.letters.stroke = fet_fast_max(l.letters.stroke, 1.5f);
    fet_word_name(d, 2, l.text);
    fet_word_code(d, l.mark);
    l.text_x = fet_draw_between(d, -0.25f, 0.25f) * l.half_x;
    l.text_y = fet_draw_between(d, -0.6f, 0.6f) * l.half_y;
    l.text_turns = fet_rng_chance(d, 0.8) ? 0.0f : 0.25f;
    features_invent(&l, d);
    return l;
}

static fet_status skin_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_material skin = fet_matter_vary(&l->skin, part, 0.03f);
    const struct fet_noise sand = {.scale_x = l->grain, .octaves = 3, .gain = 0.75f};
    const struct fet_noise cloud = {.scale_x = 70.0f, .octaves = 5, .gain = 0.6f};
    const float unit = s->px_per_unit;
    float *map;
    fet_scene_flood(s, &skin, 1.0f);
    FET_TRY(fet_texture_new(s, part, &cloud, &map));
    fet_field_add(s, map, l->swell * unit, s->height);
    fet_texture_shade(s, map, 0.07f);
    fet_texture_roughen(s, map, 0.04f);
    FET_TRY(fet_field_noise(s, part, &sand, map));
    fet_field_add(s, map, l->depth * unit, s->height);
    fet_texture_shade(s, map, 0.09f);
    const float dark[3] = {0.03f, 0.028f, 0.026f};
    fet_texture_tint(s, map, l->pits, 0.6f, dark, 0.6f); /* pores that are allowed */
    fet_scene_map_free(s, map);
    return FET_OK;
}

/* A bright face: the skin is cut away to one level, with marks of the tool about (x, y). */
static fet_status face_cut(struct fet_scene *s, struct fet_rng *part, const struct look *l,
                           const struct feature *f)
{
    const struct fet_pose at = fet_pose_child(&s->at, f->x, f->y, f->turns);
    const struct fet_material hole = fet_matter_grey(0.06f, 0.8f);
    struct fet_patch p;
    float *marks;
    FET_TRY(fet_scene_map_new(s, &marks));
    FET_TRY(fet_field_turned(s, part, &at, 1.6f, marks));
    FET_TRY(fet_patch_open(s, &at, -f->a, -f->a, f->a, f->a, &p));
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 0.82f * f->a);
    fet_patch_fill(s, &p, &l->bright, 1.0f);
    fet_patch_level(s, &p, f->rise - 0.4f);
    for (int y = 0; y < p.h; y++)
        for (int x = 0; x < p.w; x++) {
            const int64_t i = (int64_t)(p.y + y) * s->size + p.x + x;
            const float in = fet_clamp01(0.5f - p.d[(int64_t)y * p.w + x]);
            s->height[i] += 0.1f * s->px_per_unit * marks[i] * in;
            for (int k = 0; k < 3; k++)
                s->albedo[k][i] =
                    fet_fast_min(s->albedo[k][i] * (1.0f + 0.05f * marks[i] * in), 0.97f);
        }
    fet_scene_map_free(s, marks);
    if (!f->is_bored) return FET_OK;
    fet_patch_clear(&p);
    p.reach_px = 1e5f;
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 0.45f * f->a);
    fet_patch_raise(s, &p, -12.0f, 1.5f, FET_PROFILE_BEVEL);
    fet_patch_grow(&p, -0.8f);
    fet_patch_fill(s, &p, &hole, 1.0f);
    return FET_OK;
}

static fet_status features_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    for (int i = 0; i < l->n_features; i++) {
        const struct feature *const f = &l->features[i];
        const struct fet_pose at = fet_pose_child(&s->at, f->x, f->y, f->turns);
        struct fet_patch p;
        FET_TRY(fet_patch_open(s, &at, -f->a, -f->b, f->a, f->b, &p));
        p.reach_px = 1e5f;
        if (f->is_round)
            fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, f->a);
        else
            fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, f->a, f->b, 3.0f);
        fet_patch_raise(s, &p, f->rise, fet_fast_min(4.5f, 0.9f * f->b), FET_PROFILE_SMOOTH);
        if (f->is_machined) FET_TRY(face_cut(s, part, l, f));
    }
    return FET_OK;
}

static fet_status marks_lay(struct fet_scene *s, const struct look *l)
{
    struct fet_patch p;
    if (l->has_line) {
        FET_TRY(
            fet_patch_open(s, &s->at, -170.0f, l->line_at - 2.0f, 170.0f, l->line_at + 2.0f, &p));
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, l->line_at, 180.0f, 1.0f, 0.0f);
        fet_patch_raise(s, &p, 0.9f, 1.0f, FET_PROFILE_SMOOTH);
    }
    if (!l->has_text) return FET_OK;
    const float h = l->letters.height;
    const float half = 0.5f * fet_fast_max(fet_letters_length(&l->letters, l->text),
                                           fet_letters_length(&l->letters, l->mark)) +
                       4.0f;
    const struct fet_pose at = fet_pose_child(&s->at, l->text_x, l->text_y, l->text_turns);
    FET_TRY(fet_patch_open(s, &at, -half, -h, half, 2.0f * h, &p));
    fet_letters_line(&p, &l->letters, l->text, 0.0f, 0.0f, 0.0f);
    fet_letters_line(&p, &l->letters, l->mark, 0.0f, 1.45f * h, 0.0f);
    fet_patch_raise(s, &p, 1.5f + 2.5f * l->depth, 1.4f * l->letters.stroke, FET_PROFILE_SMOOTH);
    return FET_OK;
}

static fet_status casting_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    FET_TRY(skin_lay(s, part, l));
    FET_TRY(marks_lay(s, l));
    return features_lay(s, part, l);
}

static fet_status outline(struct fet_scene *s, const struct look *l, struct fet_patch *p)
{
    const float x = l->half_x + 18.0f;
    const float y = l->half_y + 18.0f;
    FET_TRY(fet_patch_open(s, &s->at, -x, -y, x, y, p));
    p->reach_px = 14.0f * p->unit;
    fet_patch_box(p, FET_SDF_JOIN, 0.0f, 0.0f, l->half_x, l->half_y, l->corner);
    for (int i = 0; i < l->n_lugs; i++) {
        const float in = l->is_round ? 0.7071f : 1.0f;
        const float lx = (i & 1 ? 1.0f : -1.0f) * (in * l->half_x - 4.0f * in);
        const float ly = (i & 2 ? 1.0f : -1.0f) * (in * l->half_y - 4.0f * in);
        fet_patch_circle(p, FET_SDF_JOIN, lx, ly, 14.0f);
        fet_patch_circle(p, FET_SDF_CUT, lx, ly, 6.0f);
    }
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    (void)fault;
    const struct look l = look_invent(&chance->design);
    if (!l.has_edge) return casting_lay(scene, &chance->part, &l);
    struct fet_scene layer;
    struct fet_patch p;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(casting_lay(&layer, &chance->part, &l));
    FET_TRY(outline(scene, &l, &p));
    FET_TRY(fet_layer_lay(scene, &layer, &p, 12.0f, 7.0f, FET_PROFILE_ROUND));
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static const char *const defects[] = {"scratch", "dent",           "crack",         "hole",  "chip",
                                      "stain",   "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {NULL};

const struct fet_synth_family fet_family_cast_metal = {
    .name = "cast_metal",
    .summary = "castings: rough skin, raised letters, bosses, machined faces",
    .defects = defects,
    .grey_share = 0.4f,
    .draw = draw,
    .own_faults = own_faults,
};
