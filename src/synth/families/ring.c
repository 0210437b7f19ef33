/* Round things from the lathe, the press and the hobbing machine: washers, turned rings, gears,
 * flanges with a bolt circle, ball bearings, hexagon nuts, rubber rings. Grooves and faces are cut
 * from distance fields, the marks of turning lie about the axis. */
#include "family.h"

enum kind { WASHER, TURNED, GEAR, FLANGE, BEARING, NUT, RUBBER, N_KINDS };

struct groove {
    float r, half, depth;
};

struct look {
    enum kind kind;
    struct fet_material body, seal;
    float outer, bore, thick, chamfer;
    int n_teeth;
    float root, share[2];
    int n_holes;
    float hole_r, hole_at;
    int n_grooves;
    struct groove groove[4];
    float key;          /* half width of the keyway, 0 none */
    float marks, width; /* contrast and width of the turning marks */
    bool has_text;
    struct fet_letters letters;
    char text[FET_WORD_BYTES];
};

static void grooves_invent(struct look *l, struct fet_rng *d)
{
    const float low = l->bore + 3.0f;
    const float high = (l->kind == GEAR ? l->root : l->outer) - 3.0f;
    l->n_grooves = fet_rng_int(d, 0, 4);
    for (int i = 0; i < 4; i++) {
        l->groove[i].r = fet_draw_between(d, low, high);
        l->groove[i].half = fet_draw_size(d, 0.7f, 0.25f * (high - low) + 0.8f);
        l->groove[i].depth = (fet_rng_chance(d, 0.7) ? -1.0f : 1.0f) * fet_draw_size(d, 0.5f, 5.0f);
    }
    if (l->kind == WASHER || l->kind == RUBBER || l->kind == NUT) l->n_grooves = 0;
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.kind = (enum kind)fet_rng_int(d, 0, N_KINDS - 1)};
    l.body = fet_rng_chance(d, 0.75) ? fet_matter_steel(d) : fet_matter_metal(d);
    const struct fet_material plastic = fet_matter_plastic(d);
    if (l.kind == GEAR && fet_rng_chance(d, 0.3)) l.body = plastic;
    if (l.kind == RUBBER) l.body = fet_matter_grey(fet_draw_between(d, 0.1f, 0.3f), 0.6f);
    if (l.kind == RUBBER && fet_rng_chance(d, 0.4)) l.body = plastic;
    l.seal = fet_rng_chance(d, 0.5) ? fet_matter_grey(0.16f, 0.6f) : fet_matter_steel(d);
    l.outer = fet_draw_between(d, 62.0f, 108.0f);
    const float low = l.kind == RUBBER ? 0.65f : l.kind == WASHER ? 0.35f : 0.22f;
    const float high = l.kind == RUBBER ? 0.88f : l.kind == NUT ? 0.55f : 0.68f;
    l.bore = l.outer * fet_draw_between(d, low, l.kind == BEARING ? 0.45f : high);
    l.thick = l.kind == WASHER ? fet_draw_between(d, 2.5f, 6.0f) : fet_draw_between(d, 6.0f, 22.0f);
    l.chamfer = fet_draw_size(d, 0.8f, 4.0f);
    l.n_teeth = fet_rng_int(d, 10, 44);
    const float pitch = 6.2831853f * l.outer / (float)l.n_teeth;
    l.root = fet_fast_max(l.outer - fet_draw_between(d, 0.5f, 0.8f) * pitch, l.bore + 8.0f);
    l.share[0] = fet_draw_between(d, 0.55f, 0.75f);
    l.share[1] = fet_draw_between(d, 0.22f, 0.42f);
    l.n_holes = fet_rng_int(d, 3, 8);
    const float rim = (l.kind == GEAR ? l.root : l.outer) - l.bore;
    l.hole_at = l.bore + 0.5f * rim;
    l.hole_r = rim * fet_draw_between(d, 0.1f, 0.24f);
    l.key = fet_rng_chance(d, 0.4) ? l.bore * fet_draw_between(d, 0.12f, 0.25f) : 0.0f;
    l.marks = fet_draw_size(d, 0.02f, 0.12f);
    l.width = fet_draw_size(d, 0.6f, 1.5f);
    l.has_text = fet_rng_chance(d, 0.35) != 0;
    l.letters = fet_letters_invent(d, fet_fast_clamp(0.22f * rim, 5.0f, 11.0f));
    fet_word_code(d, l.text);
    grooves_invent(&l, d);
    return l;
}

/* What a fault does to the shape. */
struct harm {
    int i_tooth, i_hole; /* missing, -1 none */
    float bore_x, bore_y;
    bool has_bite; /* a piece is broken out of the rim */
    float bite_x, bite_y, bite_r;
};

static struct harm harm_make(const struct look *l, struct fet_own *own)
{
    struct harm h = {.i_tooth = -1, .i_hole = -1};
    struct fet_rng *const r = &own->rng;
    const float angle = fet_draw_between(r, 0.0f, 1.0f);
    const float c = fet_fast_turn(angle + 0.25f);
    const float s = fet_fast_turn(angle);
    if (fet_own_is(own, "misplaced part")) {
        const float off = fet_draw_between(r, 0.04f, 0.1f) * l->outer;
        h.bore_x = off * c;
        h.bore_y = off * s;
    }
    if (!fet_own_is(own, "missing part")) return h;
    if (l->kind == GEAR) h.i_tooth = fet_rng_int(r, 0, l->n_teeth - 1);
    if (l->kind == FLANGE) h.i_hole = fet_rng_int(r, 0, l->n_holes - 1);
    h.has_bite = l->kind != GEAR && l->kind != FLANGE;
    h.bite_r = fet_draw_between(r, 0.12f, 0.3f) * l->outer;
    h.bite_x = c * l->outer;
    h.bite_y = s * l->outer;
    return h;
}

static void hexagon(struct fet_patch *p, float r)
{
    for (int i = 0; i < 6; i++) {
        const float t = (float)i / 6.0f;
        fet_patch_half(p, FET_SDF_MEET, fet_fast_turn(t + 0.25f), fet_fast_turn(t), r);
    }
}

/* The silhouette. */
static void outline(struct fet_patch *p, const struct look *l, const struct harm *h)
{
    const float radii[2] = {l->root, l->outer};
    fet_patch_clear(p);
    p->reach_px = 1e5f; /* wide bevels need the whole distance */
    if (l->kind == GEAR)
        fet_patch_gear(p, FET_SDF_JOIN, radii, l->n_teeth, l->share, h->i_tooth);
    else
        fet_patch_circle(p, FET_SDF_JOIN, 0.0f, 0.0f, l->outer);
    if (l->kind == NUT) hexagon(p, 0.88f * l->outer);
    fet_patch_circle(p, FET_SDF_CUT, h->bore_x, h->bore_y, l->bore);
    const bool has_key = l->key > 0.0f && (l->kind == GEAR || l->kind == TURNED);
    if (has_key)
        fet_patch_box(p, FET_SDF_CUT, h->bore_x, h->bore_y - l->bore, l->key, 0.9f * l->key, 0.5f);
    const bool has_holes = l->kind == FLANGE || (l->kind == GEAR && l->marks > 0.05f);
    for (int i = 0; i < l->n_holes && has_holes; i++) {
        const float t = (float)i / (float)l->n_holes;
        if (i == h->i_hole) continue;
        fet_patch_circle(p, FET_SDF_CUT, l->hole_at * fet_fast_turn(t + 0.25f),
                         l->hole_at * fet_fast_turn(t), l->hole_r);
    }
}

/* A ragged notch. */
static void bite(const struct fet_scene *scene, struct fet_patch *p, const struct harm *h,
                 const float *ragged)
{
    if (!h->has_bite) return;
    fet_patch_disturb(scene, p, ragged, -0.9f);
    fet_patch_circle(p, FET_SDF_CUT, h->bite_x, h->bite_y, h->bite_r);
    fet_patch_disturb(scene, p, ragged, 0.9f);
}

static fet_status faces_cut(struct fet_scene *scene, const struct look *l, struct fet_patch *p)
{
    for (int i = 0; i < l->n_grooves; i++) {
        const struct groove *const g = &l->groove[i];
        fet_patch_clear(p);
        fet_patch_ring(p, FET_SDF_JOIN, 0.0f, 0.0f, g->r, g->half);
        fet_patch_raise(scene, p, g->depth, 0.8f, FET_PROFILE_BEVEL);
    }
    if (l->kind == BEARING) { /* the gap with its seal between the two rings */
        const float gap = l->outer - l->bore;
        fet_patch_clear(p);
        fet_patch_ring(p, FET_SDF_JOIN, 0.0f, 0.0f, l->bore + 0.5f * gap, 0.24f * gap);
        fet_patch_raise(scene, p, -2.5f, 1.0f, FET_PROFILE_BEVEL);
        fet_patch_fill(scene, p, &l->seal, 1.0f);
        fet_patch_clear(p);
        fet_patch_ring(p, FET_SDF_JOIN, 0.0f, 0.0f, l->bore + 0.5f * gap, 0.11f * gap);
        fet_patch_raise(scene, p, 1.2f, 0.11f * gap, FET_PROFILE_ROUND);
    }
    if (!l->has_text || l->kind == GEAR || l->kind == RUBBER || l->kind == FLANGE) return FET_OK;
    fet_patch_clear(p);
    const float share = l->kind == BEARING ? 0.88f : 0.5f;
    fet_letters_arc(p, &l->letters, l->text, fet_fast_mix(l->bore, l->outer * 0.94f, share), 0.7f);
    fet_patch_raise(scene, p, -0.8f, 0.5f, FET_PROFILE_SMOOTH);
    fet_patch_shade(scene, p, 0.6f, 0.0f);
    return FET_OK;
}

/* Matter and marks of turning, as if the ring filled the world. */
static fet_status turn(struct fet_scene *layer, struct fet_synth_chance *chance,
                       const struct look *l)
{
    const struct fet_material body = fet_matter_vary(&l->body, &chance->part, 0.03f);
    float *map;
    fet_scene_flood(layer, &body, 1.0f);
    if (l->kind != RUBBER) {
        FET_TRY(fet_scene_add_brush(layer));
        FET_TRY(fet_texture_turned(layer, &chance->part, &layer->at, l->width, &map));
        const float k = body.metal > 0.3f ? 1.0f : 0.3f;
        fet_texture_shade(layer, map, k * l->marks);
        fet_field_add(layer, map, 0.1f * k * layer->px_per_unit, layer->height);
        fet_scene_map_free(layer, map);
    }
    const struct fet_noise cloud = {.scale_x = 36.0f, .octaves = 5, .gain = 0.6f};
    FET_TRY(fet_texture_new(layer, &chance->part, &cloud, &map));
    fet_texture_shade(layer, map, body.metal > 0.3f ? 0.06f : 0.04f);
    fet_texture_roughen(layer, map, 0.04f);
    fet_field_add(layer, map, 0.12f * layer->px_per_unit, layer->height);
    fet_scene_map_free(layer, map);
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct harm harm = harm_make(&l, own);
    const struct fet_noise ragged = {.scale_x = 9.0f, .octaves = 3, .gain = 0.6f};
    struct fet_scene layer;
    struct fet_patch p;
    float *edge;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(turn(&layer, chance, &l));
    FET_TRY(fet_texture_new(&layer, &chance->part, &ragged, &edge));
    const float r = l.outer + 1.0f;
    FET_TRY(fet_patch_open(&layer, &layer.at, -r, -r, r, r, &p));
    FET_TRY(faces_cut(&layer, &l, &p));
    outline(&p, &l, &harm);
    bite(scene, &p, &harm, edge);
    const bool is_soft = l.kind == RUBBER;
    const float rim = 0.5f * (l.outer - l.bore);
    FET_TRY(fet_layer_lay(scene, &layer, &p, is_soft ? rim : l.thick, is_soft ? rim : l.chamfer,
                          is_soft            ? FET_PROFILE_ROUND
                          : l.kind == WASHER ? FET_PROFILE_ROUND
                                             : FET_PROFILE_BEVEL));
    fet_scene_map_free(&layer, edge);
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch", "dent",           "crack",         "chip",  "burr",
                                      "stain",   "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", NULL};

const struct fet_synth_family fet_family_ring = {
    .name = "ring",
    .summary = "turned ring, washer, gear, flange, bearing, nut or rubber ring",
    .defects = defects,
    .has_free_pose = true,
    .grey_share = 0.3f,
    .draw = draw,
    .own_faults = own_faults,
};
