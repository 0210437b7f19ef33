/* Weld seams: two sheets butted or lapped, a bead of solidified ripples along the joint, tempering
 * colours beside it, some spatter. A torch never does the same thing twice: ripples, edges and
 * spatter are the part's. */
#include "family.h"

struct look {
    struct fet_material sheet, bead;
    float turns, y;              /* of the seam */
    float half, rise;            /* of the bead */
    float ripple, ripple_h, bow; /* spacing, height, how far ripples bend */
    float tint, tint_w;          /* tempering colours */
    float wander, lap;
    float grain;
    int n_spatter;
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.sheet = fet_matter_steel(d)};
    l.sheet.metal = 1.0f;
    for (int k = 0; k < 3; k++) l.sheet.albedo[k] = fet_fast_clamp(l.sheet.albedo[k], 0.22f, 0.65f);
    l.sheet.rough = fet_draw_between(d, 0.3f, 0.55f);
    l.bead = l.sheet;
    const float shade = fet_draw_between(d, 0.6f, 1.05f);
    for (int k = 0; k < 3; k++) l.bead.albedo[k] *= shade;
    l.bead.rough = fet_draw_between(d, 0.22f, 0.45f);
    l.turns = fet_rng_chance(d, 0.75) ? 0.25f * (float)fet_rng_int(d, 0, 1)
                                      : fet_draw_between(d, 0.0f, 0.5f);
    l.y = fet_draw_between(d, -35.0f, 35.0f);
    l.half = fet_draw_between(d, 12.0f, 34.0f);
    l.rise = l.half * fet_draw_between(d, 0.15f, 0.5f);
    l.ripple = fet_draw_size(d, 2.6f, 11.0f);
    l.ripple_h = l.ripple * fet_draw_between(d, 0.06f, 0.22f);
    l.bow = l.half * fet_draw_between(d, 0.4f, 1.1f);
    l.tint = fet_rng_chance(d, 0.6) ? fet_draw_between(d, 0.25f, 0.8f) : 0.0f;
    l.tint_w = l.half * fet_draw_between(d, 0.8f, 2.2f);
    l.wander = fet_draw_size(d, 0.3f, 1.8f);
    l.lap = fet_rng_chance(d, 0.35) ? fet_draw_between(d, 2.0f, 6.0f) : 0.0f;
    l.grain = fet_draw_between(d, 0.02f, 0.09f);
    l.n_spatter = fet_rng_chance(d, 0.6) ? fet_rng_int(d, 1, 10) : 0;
    return l;
}

static fet_status sheet_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_material sheet = fet_matter_vary(&l->sheet, part, 0.03f);
    const struct fet_noise grain = {.scale_x = 90.0f, .scale_y = 1.6f, .octaves = 2, .gain = 0.7f};
    const struct fet_noise cloud = {.scale_x = 60.0f, .octaves = 5, .gain = 0.6f};
    float *map;
    fet_scene_flood(s, &sheet, 1.0f);
    FET_TRY(fet_texture_new(s, part, &grain, &map));
    fet_texture_shade(s, map, l->grain);
    fet_field_add(s, map, 0.07f * s->px_per_unit, s->height);
    FET_TRY(fet_field_noise(s, part, &cloud, map));
    fet_texture_shade(s, map, 0.07f);
    fet_texture_roughen(s, map, 0.04f);
    fet_field_add(s, map, 0.4f * s->px_per_unit, s->height);
    fet_scene_map_free(s, map);
    return FET_OK;
}

/* What is wrong with the bead. */
struct harm {
    float gap_from, gap_to; /* no bead between, units along */
    float off_from, off;    /* it leaves the joint from there on */
};

static struct harm harm_make(const struct look *l, struct fet_own *own)
{
    struct harm h = {.gap_from = 1e6f, .gap_to = 1e6f, .off_from = 1e6f};
    struct fet_rng *const r = &own->rng;
    const float at = fet_draw_between(r, -80.0f, 50.0f);
    const float length = fet_draw_between(r, 14.0f, 45.0f);
    const float sign = fet_rng_chance(r, 0.5) ? 1.0f : -1.0f;
    if (fet_own_is(own, "missing part")) {
        h.gap_from = at;
        h.gap_to = at + length;
    }
    if (fet_own_is(own, "misplaced part")) {
        h.off_from = at;
        h.off = sign * fet_draw_between(r, 0.5f, 0.9f) * l->half;
    }
    return h;
}

/* Straw, purple, blue: oxide films by thickness (0 none .. 1 thick). */
static inline void temper(float t, float rgb[3])
{
    rgb[0] = 1.0f - 0.75f * fet_fast_step(0.35f, 0.75f, t);
    rgb[1] = 1.0f - 0.45f * fet_fast_step(0.10f, 0.55f, t) + 0.1f * fet_fast_step(0.7f, 1.0f, t);
    rgb[2] = 1.0f - 0.65f * fet_fast_step(0.05f, 0.35f, t) + 0.6f * fet_fast_step(0.45f, 0.8f, t);
}

struct seam {
    const struct look *look;
    const struct harm *harm;
    const float *wander, *rough; /* maps */
};

static inline void seam_pixel(const struct seam *q, struct fet_scene *s, int64_t i, float u,
                              float v)
{
    const struct look *const l = q->look;
    const struct harm *const h = q->harm;
    const float swerve = h->off * fet_fast_step(0.0f, 25.0f, u - h->off_from) *
                         (1.0f - fet_fast_step(45.0f, 75.0f, u - h->off_from));
    const float w = v - l->wander * q->wander[i] - swerve;
    const float half = l->half * (1.0f + 0.05f * q->wander[i]);
    const float in_gap = fet_fast_step(h->gap_from - 6.0f, h->gap_from, u) *
                         (1.0f - fet_fast_step(h->gap_to, h->gap_to + 6.0f, u));
    const float off = fet_fast_abs(w);
    const float t = off / half;
    const float cover = fet_clamp01((half - off) * s->px_per_unit + 0.5f) * (1.0f - in_gap);
    const float round = fet_fast_max(1.0f - t * t, 0.0f);
    /* the melt freezes in bows behind the torch */
    const float phase = (u + l->bow * t * t + 0.8f * q->rough[i]) / l->ripple;
    const float f = phase - fet_fast_floor(phase);
    const float ripple = l->ripple_h * (f < 0.8f ? f : (1.0f - f) * 4.0f) * (0.4f + 0.6f * round);
    const float joint = 1.0f - fet_fast_step(0.4f, 1.4f, fet_fast_abs(v));
    const float bead = (l->rise * sqrtf(round) + ripple + 0.12f * q->rough[i]) * cover;
    s->height[i] +=
        s->px_per_unit * (bead - 2.0f * joint * (1.0f - cover) +
                          (v > 0.0f ? l->lap : 0.0f) * (1.0f - cover) + 0.6f * l->lap * cover);
    const float heat = l->tint * fet_clamp01(1.0f - fet_fast_max(off - half, 0.0f) / l->tint_w) *
                       (0.85f + 0.15f * q->rough[i]) * (1.0f - in_gap);
    float colour[3];
    temper(heat, colour);
    const float dirt = 1.0f - 0.35f * fet_fast_step(0.25f, 0.0f, fet_fast_abs(off - half) / half);
    for (int k = 0; k < 3; k++) {
        const float base = fet_fast_mix(s->albedo[k][i], l->bead.albedo[k], cover);
        s->albedo[k][i] = fet_fast_clamp(base * fet_fast_mix(colour[k], 1.0f, 0.6f * cover) * dirt *
                                             (1.0f - 0.7f * joint * (1.0f - cover)),
                                         0.0f, 0.97f);
    }
    s->rough[i] = fet_fast_mix(s->rough[i], l->bead.rough, cover);
}

static fet_status spatter_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l,
                              const struct fet_pose *at)
{
    for (int i = 0; i < l->n_spatter; i++) {
        const float x = fet_draw_between(part, -140.0f, 140.0f);
        const float side = fet_rng_chance(part, 0.5) ? 1.0f : -1.0f;
        const float y = side * l->half * fet_draw_between(part, 1.15f, 3.0f);
        const float r = fet_draw_size(part, 0.5f, 1.7f);
        struct fet_patch p;
        const struct fet_pose drop = fet_pose_child(at, x, y, 0.0f);
        FET_TRY(fet_patch_open(s, &drop, -r, -r, r, r, &p));
        fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, r);
        fet_patch_fill(s, &p, &l->bead, 0.8f);
        fet_patch_raise(s, &p, 0.9f * r, r, FET_PROFILE_ROUND);
    }
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct harm h = harm_make(&l, own);
    const struct fet_noise wander = {.scale_x = 34.0f, .octaves = 3, .gain = 0.6f};
    const struct fet_noise rough = {.scale_x = 6.0f, .octaves = 3, .gain = 0.7f};
    struct seam q = {.look = &l, .harm = &h};
    float *maps[2];
    FET_TRY(sheet_lay(scene, &chance->part, &l));
    FET_TRY(fet_texture_new(scene, &chance->part, &wander, &maps[0]));
    FET_TRY(fet_texture_new(scene, &chance->part, &rough, &maps[1]));
    q.wander = maps[0];
    q.rough = maps[1];
    const struct fet_pose turned = fet_pose_child(&scene->at, 0.0f, 0.0f, l.turns);
    const float along = fet_draw_between(&chance->part, 0.0f, 50.0f);
    const struct fet_pose at =
        fet_pose_child(&turned, along, l.y + fet_vary(&chance->part, 1.5f), 0.0f);
    FET_TRY(spatter_lay(scene, &chance->part, &l, &at));
    for (int y = 0; y < scene->size; y++)
        for (int x = 0; x < scene->size; x++) {
            float u;
            float v;
            fet_pose_local(&at, fet_draw_unit(scene, (float)x), fet_draw_unit(scene, (float)y), &u,
                           &v);
            seam_pixel(&q, scene, (int64_t)y * scene->size + x, u, v);
        }
    fet_scene_map_free(scene, maps[0]);
    fet_scene_map_free(scene, maps[1]);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 4.0f, draw_one);
}

static const char *const defects[] = {"scratch",        "dent",          "crack", "hole", "stain",
                                      "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", NULL};

const struct fet_synth_family fet_family_weld = {
    .name = "weld",
    .summary = "a weld seam between two sheets, with ripples and tempering colours",
    .defects = defects,
    .grey_share = 0.35f,
    .draw = draw,
    .own_faults = own_faults,
};
