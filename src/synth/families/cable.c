/* Cables cut across: a jacket, insulated cores in their colours, strands of copper packed in each;
 * a filler between. Strands lie a little differently in every cut. */
#include "family.h"

#define MAX_CORES 7

struct look {
    int n_cores, n_rings; /* hexagonal rings of strands in a core */
    float jacket_r, jacket_w;
    float core_r, core_at, wire_r; /* insulation radius, its place, copper's radius */
    struct fet_material jacket, filler, wire;
    struct fet_material core[MAX_CORES];
    float thick;
    bool is_shielded;
};

static struct look look_invent(struct fet_rng *d)
{
    static const int counts[] = {1, 2, 3, 3, 4, 5, 7};
    static const float reach[8] = {0.0f, 0.62f, 0.49f, 0.455f, 0.405f, 0.36f, 0.33f, 0.325f};
    struct look l = {.n_cores = counts[fet_rng_below(d, 7)]};
    l.jacket_r = fet_draw_between(d, 82.0f, 110.0f);
    l.jacket_w = fet_draw_between(d, 7.0f, 15.0f);
    const float room = l.jacket_r - l.jacket_w;
    l.core_r = reach[l.n_cores] * room * fet_draw_between(d, 0.93f, 1.0f);
    l.core_at = l.n_cores == 1 ? 0.0f : room - l.core_r - 1.0f;
    l.wire_r = l.core_r * fet_draw_between(d, 0.55f, 0.75f);
    l.n_rings = fet_rng_int(d, 1, l.n_cores <= 3 ? 4 : 2);
    l.jacket = fet_rng_chance(d, 0.6) ? fet_matter_grey(fet_draw_between(d, 0.1f, 0.7f), 0.6f)
                                      : fet_matter_plastic(d);
    l.filler = fet_matter_grey(fet_draw_between(d, 0.15f, 0.9f), 0.9f);
    l.wire = (struct fet_material){{0.78f, 0.42f, 0.27f}, 0.3f, 1.0f};
    if (fet_rng_chance(d, 0.3)) l.wire = (struct fet_material){{0.62f, 0.62f, 0.61f}, 0.3f, 1.0f};
    const float hue = fet_draw_between(d, 0.0f, 1.0f);
    for (int i = 0; i < MAX_CORES; i++) {
        const float own = hue + 0.31f * (float)i;
        const float spans[6] = {own, own, 0.4f, 0.85f, 0.35f, 0.85f};
        l.core[i] = fet_matter_between(d, spans, 0.45f);
    }
    if (fet_rng_chance(d, 0.3)) l.core[0] = fet_matter_grey(0.15f, 0.5f);
    l.thick = fet_draw_between(d, 6.0f, 14.0f);
    l.is_shielded = fet_rng_chance(d, 0.3) != 0;
    return l;
}

static fet_status disc(struct fet_scene *s, const struct fet_pose *at, float r,
                       const struct fet_material *m, float rise, float edge, const float *rough,
                       float ragged)
{
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, at, -r - 3.0f, -r - 3.0f, r + 3.0f, r + 3.0f, &p));
    p.reach_px = 8.0f;
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, r);
    fet_patch_disturb(s, &p, rough, ragged);
    fet_patch_fill(s, &p, m, 1.0f);
    fet_patch_raise(s, &p, rise, edge, FET_PROFILE_ROUND);
    return FET_OK;
}

/* Strands on hexagonal rings, pushed about by the cut. A cut core shows fewer. */
static fet_status strands_draw(struct fet_scene *s, struct fet_rng *part, const struct look *l,
                               const struct fet_pose *at, const float *rough, float cut_away)
{
    const struct fet_material dark = fet_matter_grey(0.07f, 0.9f);
    const float r = l->wire_r / (2.0f * (float)l->n_rings + 1.0f);
    FET_TRY(disc(s, at, l->wire_r, &dark, -1.5f, 1.0f, rough, 0.4f));
    const float start = fet_draw_between(part, 0.0f, 1.0f);
    for (int ring = 0; ring <= l->n_rings; ring++) {
        const int n = ring == 0 ? 1 : 6 * ring;
        for (int i = 0; i < n; i++) {
            const float t = start + ((float)i + 0.15f * fet_vary(part, 1.0f)) / (float)n;
            const float far = 2.0f * r * (float)ring * (0.97f + fet_vary(part, 0.012f));
            const float x = far * fet_fast_turn(t);
            const float tone = fet_vary(part, 0.12f);
            const float rise = fet_draw_between(part, 1.0f, 2.6f);
            const struct fet_pose wire =
                fet_pose_child(at, x, far * fet_fast_turn(t + 0.25f), 0.0f);
            if (x > l->wire_r * (1.0f - 2.0f * cut_away)) continue;
            struct fet_material m = l->wire;
            for (int k = 0; k < 3; k++)
                m.albedo[k] = fet_fast_min(m.albedo[k] * (1.0f + tone), 0.95f);
            FET_TRY(disc(s, &wire, 0.96f * r, &m, rise, 0.7f * r, rough, 0.12f));
        }
    }
    return FET_OK;
}

struct harm {
    int i_core; /* -1 none */
    bool is_gone, is_swapped;
    float cut_away, shift;
};

static struct harm harm_make(const struct look *l, struct fet_own *own)
{
    struct harm h = {.i_core = -1};
    struct fet_rng *const r = &own->rng;
    const int i = fet_rng_int(r, 0, l->n_cores - 1);
    const bool is_first = fet_rng_chance(r, 0.5) != 0;
    const float share = fet_draw_between(r, 0.25f, 0.7f);
    if (fet_own_is(own, "missing part")) {
        h.i_core = i;
        h.is_gone = is_first && l->n_cores > 1;
        h.cut_away = h.is_gone ? 0.0f : share;
    }
    if (fet_own_is(own, "misplaced part")) {
        h.i_core = i;
        h.is_swapped = is_first && l->n_cores > 1;
        h.shift = h.is_swapped ? 0.0f : 0.3f + 0.5f * share;
    }
    return h;
}

static fet_status cores_draw(struct fet_scene *s, struct fet_rng *part, const struct look *l,
                             const struct harm *h, const float *rough)
{
    const bool has_middle = l->n_cores == 7;
    const int n_round = has_middle ? 6 : l->n_cores;
    for (int i = 0; i < l->n_cores; i++) {
        const bool is_middle = has_middle && i == 6;
        const float t = (float)i / (float)n_round + fet_vary(part, 0.004f);
        const float far = is_middle ? 0.0f : l->core_at + fet_vary(part, 0.5f);
        const struct fet_pose at = fet_pose_child(
            &s->at, far * fet_fast_turn(t), far * fet_fast_turn(t + 0.25f), fet_vary(part, 0.05f));
        const bool is_bad = i == h->i_core;
        const int colour = h->is_swapped && is_bad ? (i + 1) % l->n_cores
                           : h->is_swapped && i == (h->i_core + 1) % l->n_cores ? h->i_core
                                                                                : i;
        const struct fet_material paint = fet_matter_vary(&l->core[colour], part, 0.02f);
        const float off = is_bad ? h->shift * (l->core_r - l->wire_r) : 0.0f;
        const float dx = fet_vary(part, 0.8f);
        const struct fet_pose inner = fet_pose_child(&at, off + dx, fet_vary(part, 0.8f), 0.0f);
        struct fet_rng strands = *part; /* the same strands whatever a fault takes away */
        (void)fet_rng_u64(part);
        if (is_bad && h->is_gone) continue;
        FET_TRY(disc(s, &at, l->core_r, &paint, 3.0f, 1.5f, rough, 0.25f));
        FET_TRY(strands_draw(s, &strands, l, &inner, rough, is_bad ? h->cut_away : 0.0f));
    }
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct harm h = harm_make(&l, own);
    const struct fet_noise lumps = {.scale_x = 40.0f, .octaves = 5, .gain = 0.5f};
    const struct fet_noise cut = {.scale_x = 60.0f, .scale_y = 1.6f, .octaves = 2, .gain = 0.7f};
    struct fet_patch p;
    float *rough;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_texture_new(scene, &chance->part, &lumps, &rough));
    const float r = l.jacket_r;
    FET_TRY(fet_patch_open(scene, &scene->at, -r, -r, r, r, &p));
    p.reach_px = 8.0f;
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, r);
    fet_patch_disturb(scene, &p, rough, 0.5f);
    fet_patch_level(scene, &p, 0.0f);
    fet_patch_own(scene, &p, 1.0f);
    fet_patch_raise(scene, &p, l.thick, 1.5f, FET_PROFILE_ROUND);
    fet_patch_fill(scene, &p, &l.jacket, 1.0f);
    FET_TRY(disc(scene, &scene->at, r - l.jacket_w, l.is_shielded ? &l.wire : &l.filler, -1.0f,
                 1.5f, rough, 0.6f));
    if (l.is_shielded)
        FET_TRY(
            disc(scene, &scene->at, r - l.jacket_w - 4.0f, &l.filler, -1.0f, 1.0f, rough, 0.9f));
    FET_TRY(cores_draw(scene, &chance->part, &l, &h, rough));

    /* the knife's marks run over everything that was cut */
    FET_TRY(fet_field_noise(scene, &chance->part, &cut, rough));
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++)
        scene->height[i] += 0.09f * scene->px_per_unit * rough[i] * scene->part[i];
    fet_scene_map_free(scene, rough);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch",       "crack",          "hole", "stain",
                                      "contamination", "discolouration", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", NULL};

const struct fet_synth_family fet_family_cable = {
    .name = "cable",
    .summary = "a cable cut across: jacket, coloured cores, copper strands",
    .defects = defects,
    .has_free_pose = true,
    .grey_share = 0.1f,
    .draw = draw,
    .own_faults = own_faults,
};
