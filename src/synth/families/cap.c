/* Caps from above with print on them: screw caps with a knurled skirt, crown corks with flutes,
 * aluminium caps, jar lids; and oblong capsules of two colours. Each part lies turned at random,
 * its print sits within tolerance. */
#include "family.h"

enum kind { SCREW_CAP, CROWN, LID, CAPSULE, N_KINDS };

struct print {
    struct fet_material ink, second;
    bool has_logo, has_word, has_ring, has_code, has_border;
    float logo_r, logo_y, word_y, ring_r, code_y;
    struct fet_letters word, ring, code;
    char name[FET_WORD_BYTES], around[FET_WORD_BYTES], lot[FET_WORD_BYTES];
    struct fet_rng emblem; /* every part draws the same emblem from a copy */
};

struct look {
    enum kind kind;
    struct fet_material body, other;
    float r, half_length; /* capsule: straight half length */
    float thick, edge;
    int n_flutes;
    float flute;
    int n_steps;
    float step_r[3], step_h[3];
    float texture;
    struct print print;
};

static struct print print_invent(struct fet_rng *d, const struct look *l)
{
    struct print p = {.ink = fet_matter_ink(d, &l->body)};
    p.second = fet_matter_ink(d, &l->body);
    const float room = l->kind == CAPSULE ? 0.8f * l->r : 0.72f * l->r;
    const int layout = fet_rng_int(d, 0, 3);
    p.has_logo = layout != 1;
    p.has_word = layout != 0;
    p.has_ring = fet_rng_chance(d, 0.55) && l->kind != CAPSULE;
    p.has_code = fet_rng_chance(d, 0.4) && layout != 0;
    p.has_border = fet_rng_chance(d, 0.35) != 0;
    p.logo_r = room * (layout == 0 ? fet_draw_between(d, 0.5f, 0.75f) : 0.3f);
    p.logo_y = layout == 0 ? 0.0f : -0.34f * room;
    p.word_y = layout == 1 ? 0.0f : 0.26f * room;
    p.code_y = p.word_y + 0.32f * room;
    fet_word_name(d, fet_rng_int(d, 1, 3), p.name);
    fet_word_name(d, 4, p.around);
    fet_word_code(d, p.lot);
    const float length = (float)strlen(p.name);
    const float space = l->kind == CAPSULE ? 1.3f * l->half_length : 1.5f * room;
    const float height = fet_fast_clamp(space / (length * 0.95f), 8.0f, 0.5f * room);
    p.word = fet_letters_invent(d, height);
    p.word.width = fet_fast_min(p.word.width, space / length * 0.72f);
    p.word.gap = fet_fast_min(p.word.gap, space / length * 0.28f);
    p.word.stroke = fet_fast_max(p.word.stroke, 0.09f * height);
    p.ring = fet_letters_invent(d, fet_draw_between(d, 6.0f, 10.0f));
    p.code = fet_letters_invent(d, fet_draw_between(d, 6.0f, 9.0f));
    p.ring_r = room * 1.02f;
    p.emblem = *d;
    (void)fet_rng_u64(d);
    if (p.has_ring && p.has_logo && layout == 0) p.logo_r *= 0.8f;
    return p;
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.kind = (enum kind)fet_rng_int(d, 0, N_KINDS - 1)};
    const struct fet_material plastic = fet_matter_plastic(d);
    const struct fet_material metal = fet_matter_metal(d);
    const bool is_metal = l.kind == CROWN || (l.kind == LID && fet_rng_chance(d, 0.6));
    l.body = plastic;
    if (is_metal && fet_rng_chance(d, 0.4)) l.body = metal;
    if (is_metal && l.body.metal < 0.5f)
        l.body.rough = fet_draw_between(d, 0.18f, 0.4f); /* lacquer */
    l.other = fet_rng_chance(d, 0.6) ? fet_matter_plastic(d) : l.body;
    l.r = fet_draw_between(d, 66.0f, 104.0f);
    if (l.kind == CAPSULE) l.r = fet_draw_between(d, 30.0f, 44.0f);
    l.half_length = l.kind == CAPSULE ? fet_draw_between(d, 36.0f, 62.0f) : 0.0f;
    l.thick = fet_draw_between(d, 8.0f, 20.0f);
    l.edge = fet_draw_between(d, 3.0f, 12.0f);
    l.n_flutes = l.kind == CROWN ? 21 : fet_rng_int(d, 50, 110);
    l.flute = l.kind == CROWN ? 0.03f * l.r
              : l.kind == LID ? 0.0f
                              : fet_draw_between(d, 0.6f, 1.6f);
    l.n_steps = fet_rng_int(d, 0, 3);
    for (int i = 0; i < 3; i++) {
        l.step_r[i] = l.r * fet_draw_between(d, 0.78f, 0.95f);
        l.step_h[i] = (fet_rng_chance(d, 0.5) ? 1.0f : -1.0f) * fet_draw_between(d, 0.8f, 2.5f);
    }
    l.texture = fet_draw_size(d, 0.01f, 0.1f);
    l.print = print_invent(d, &l);
    return l;
}

static fet_status surface_lay(struct fet_scene *layer, struct fet_synth_chance *chance,
                              const struct look *l)
{
    const struct fet_material body = fet_matter_vary(&l->body, &chance->part, 0.02f);
    const struct fet_material other = fet_matter_vary(&l->other, &chance->part, 0.02f);
    struct fet_patch p;
    float *map;
    fet_scene_flood(layer, &body, 1.0f);
    if (l->kind == CAPSULE) {
        FET_TRY(fet_patch_open(layer, &layer->at, -130.0f, -60.0f, 0.0f, 60.0f, &p));
        fet_patch_box(&p, FET_SDF_JOIN, -130.0f, 0.0f, 130.0f, 60.0f, 0.0f);
        fet_patch_fill(layer, &p, &other, 1.0f);
        fet_patch_raise(layer, &p, -1.2f, 0.8f, FET_PROFILE_SMOOTH); /* body inside the cap */
    }
    const struct fet_noise cloud = {.scale_x = 50.0f, .octaves = 4, .gain = 0.5f};
    FET_TRY(fet_texture_new(layer, &chance->part, &cloud, &map));
    fet_texture_shade(layer, map, 0.015f);
    fet_texture_roughen(layer, map, 0.03f);
    fet_field_add(layer, map, 0.25f * layer->px_per_unit, layer->height); /* sink marks */
    const struct fet_noise fine = {.scale_x = 2.0f, .octaves = 2, .gain = 0.8f};
    FET_TRY(fet_field_noise(layer, &chance->part, &fine, map));
    fet_field_add(layer, map, l->texture * layer->px_per_unit, layer->height);
    fet_scene_map_free(layer, map);
    return FET_OK;
}

/* ---- print ---- */

/* How this part's print came out. */
struct press {
    struct fet_pose at;
    bool is_missing, is_double, is_smeared, is_partial, is_wrong;
    float shift_x, shift_y;       /* of the double print or smear */
    float cut_nx, cut_ny, cut_at; /* ink only on one side */
};

static struct press press_make(const struct look *l, const struct fet_pose *on,
                               struct fet_rng *part, struct fet_own *own)
{
    struct press s = {0};
    struct fet_rng *const r = &own->rng;
    float x = fet_vary(part, 0.5f);
    float y = fet_vary(part, 0.5f);
    float turns = fet_vary(part, 0.003f);
    const float angle = fet_draw_between(r, 0.0f, 1.0f);
    const float c = fet_fast_turn(angle + 0.25f);
    const float n = fet_fast_turn(angle);
    const float far = fet_draw_between(r, 0.12f, 0.3f) * l->r;
    const int kind = fet_rng_int(r, 0, 3);
    s.is_missing = fet_own_is(own, "missing part");
    if (fet_own_is(own, "misplaced part")) {
        x += far * c;
        y += far * n * (l->kind == CAPSULE ? 0.4f : 1.0f);
        turns += fet_draw_between(r, -0.06f, 0.06f);
    }
    if (fet_own_is(own, "print fault")) {
        s.is_double = kind == 0;
        s.is_smeared = kind == 1;
        s.is_partial = kind == 2;
        s.is_wrong = kind == 3;
    }
    s.shift_x = c * fet_draw_between(r, 2.5f, 6.0f);
    s.shift_y = n * fet_draw_between(r, 2.5f, 6.0f);
    s.cut_nx = c;
    s.cut_ny = n;
    s.cut_at = fet_draw_between(r, -0.25f, 0.15f) * l->r;
    s.at = fet_pose_child(on, x, y, turns);
    return s;
}

/* Joins the first or the second colour's shapes. */
static void print_join(struct fet_patch *p, const struct look *l, bool is_second)
{
    const struct print *const q = &l->print;
    struct fet_rng emblem = q->emblem;
    const float x = l->kind == CAPSULE ? 0.45f * l->half_length : 0.0f;
    if (is_second) {
        if (q->has_logo)
            fet_logo_join(p, &emblem, l->kind == CAPSULE ? -x : 0.0f, q->logo_y, q->logo_r);
        if (q->has_border && l->kind != CAPSULE)
            fet_patch_ring(p, FET_SDF_JOIN, 0.0f, 0.0f, 0.84f * l->r, 0.7f);
        return;
    }
    if (q->has_word) fet_letters_line(p, &q->word, q->name, x, q->word_y, 0.0f);
    if (q->has_code) fet_letters_line(p, &q->code, q->lot, x, q->code_y, 0.0f);
    if (q->has_ring) {
        fet_letters_arc(p, &q->ring, q->around, q->ring_r, 0.0f);
        fet_letters_arc(p, &q->ring, q->lot, q->ring_r, 3.1415927f);
    }
    if (!q->has_word && !q->has_logo) fet_patch_circle(p, FET_SDF_JOIN, 0.0f, 0.0f, 0.3f * l->r);
}

static void ink_lay(struct fet_scene *layer, struct fet_patch *p, const struct press *s,
                    const struct fet_material *ink, const float *worn)
{
    fet_patch_disturb(layer, p, worn, 0.22f); /* the edge of ink is never sharp */
    if (s->is_partial) fet_patch_half(p, FET_SDF_MEET, s->cut_nx, s->cut_ny, s->cut_at);
    if (s->is_partial) fet_patch_disturb(layer, p, worn, 0.5f);
    if (s->is_missing) return;
    struct fet_material laid = *ink;
    if (s->is_wrong)
        for (int k = 0; k < 3; k++) laid.albedo[k] = 0.75f * ink->albedo[(k + 1) % 3] + 0.12f;
    if (s->is_smeared)
        for (int i = 1; i <= 5; i++) {
            struct fet_patch trail = *p; /* the same shape, a step further */
            trail.x += (int)(s->shift_x * p->unit * (float)i * 0.35f);
            trail.y += (int)(s->shift_y * p->unit * (float)i * 0.35f);
            const bool fits = trail.x >= 0 && trail.y >= 0 && trail.x + trail.w <= layer->size &&
                              trail.y + trail.h <= layer->size;
            if (fits) fet_patch_fill(layer, &trail, &laid, 0.34f - 0.045f * (float)i);
        }
    fet_patch_fill(layer, p, &laid, s->is_smeared ? 0.75f : 0.95f);
    fet_patch_raise(layer, p, 0.12f, 0.5f, FET_PROFILE_SMOOTH);
}

static fet_status print_lay(struct fet_scene *layer, const struct look *l, const struct press *s,
                            const float *worn)
{
    const float x = l->r + l->half_length;
    for (int pass = 0; pass < (s->is_double ? 2 : 1); pass++)
        for (int colour = 0; colour < 2; colour++) {
            const struct fet_pose at = fet_pose_child(&s->at, pass == 0 ? 0.0f : s->shift_x,
                                                      pass == 0 ? 0.0f : s->shift_y, 0.0f);
            struct fet_patch p;
            FET_TRY(fet_patch_open(layer, &at, -x, -l->r, x, l->r, &p));
            print_join(&p, l, colour == 1);
            ink_lay(layer, &p, s, colour == 1 ? &l->print.second : &l->print.ink, worn);
        }
    return FET_OK;
}

/* ---- the whole ---- */

static void outline(struct fet_patch *p, const struct look *l)
{
    const float a[2] = {-l->half_length, 0.0f};
    const float b[2] = {l->half_length, 0.0f};
    fet_patch_clear(p);
    p->reach_px = 1e5f;
    if (l->kind == CAPSULE)
        fet_patch_segment(p, FET_SDF_JOIN, a, b, l->r, l->r);
    else
        fet_patch_wave(p, FET_SDF_JOIN, l->r, l->n_flutes, l->flute);
}

static fet_status shape_lay(struct fet_scene *scene, struct fet_scene *layer, const struct look *l)
{
    const float x = l->r + l->half_length + l->flute + 1.0f;
    const float y = l->r + l->flute + 1.0f;
    struct fet_patch p;
    FET_TRY(fet_patch_open(layer, &layer->at, -x, -y, x, y, &p));
    if (l->kind != CAPSULE)
        for (int i = 0; i < l->n_steps; i++) {
            fet_patch_clear(&p);
            fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, l->step_r[i]);
            fet_patch_raise(layer, &p, l->step_h[i], 2.5f, FET_PROFILE_SMOOTH);
        }
    outline(&p, l);
    const bool is_round = l->kind == CAPSULE;
    if (l->kind == CROWN) { /* the flutes slope down, the top is flat */
        fet_patch_raise(layer, &p, 0.5f * l->thick, 0.2f * l->r, FET_PROFILE_SMOOTH);
        return fet_layer_lay(scene, layer, &p, 0.5f * l->thick, 2.0f, FET_PROFILE_ROUND);
    }
    return fet_layer_lay(scene, layer, &p, is_round ? l->r : l->thick, is_round ? l->r : l->edge,
                         FET_PROFILE_ROUND);
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct fet_noise wear = {.scale_x = 5.0f, .octaves = 3, .gain = 0.8f};
    struct fet_scene layer;
    float *worn;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(surface_lay(&layer, chance, &l));
    FET_TRY(fet_texture_new(&layer, &chance->part, &wear, &worn));
    const struct press press = press_make(&l, &layer.at, &chance->part, own);
    FET_TRY(print_lay(&layer, &l, &press, worn));
    FET_TRY(shape_lay(scene, &layer, &l));
    fet_scene_map_free(&layer, worn);
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch", "dent",           "crack",         "chip",  "burr",
                                      "stain",   "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", "print fault", NULL};

const struct fet_synth_family fet_family_cap = {
    .name = "cap",
    .summary = "bottle cap, crown cork, lid or capsule with print",
    .defects = defects,
    .has_free_pose = true,
    .grey_share = 0.1f,
    .draw = draw,
    .own_faults = own_faults,
};
