/* Woven cloth, yarn by yarn: plain, basket, twill, herringbone and satin weaves from a small
 * over/under matrix; yarns of their own thickness, sway and twist; warp and weft of two dyes, with
 * stripes and checks. A yarn is a rounded ridge that dives under its crossings. */
#include "family.h"

enum weave { PLAIN, BASKET, TWILL, STEEP_TWILL, HERRINGBONE, SATIN, RIPS, N_WEAVES };

struct look {
    enum weave weave;
    float pitch_x, pitch_y; /* of warp and weft, units */
    float cover;            /* yarn width against pitch */
    float swing;            /* height of a crossing, units */
    float uneven, sway;     /* yarn thickness and course */
    float twist, fuzz;
    struct fet_material dye[2][3]; /* warp, weft; up to three colours */
    int stripe[2];                 /* yarns in a stripe, 0 none */
    struct fet_material back;
    float shine;
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.weave = (enum weave)fet_rng_int(d, 0, N_WEAVES - 1)};
    l.pitch_x = fet_draw_size(d, 2.9f, 11.0f);
    l.pitch_y = l.pitch_x * fet_draw_between(d, 0.8f, 1.25f);
    l.cover = fet_draw_between(d, 0.78f, 1.05f);
    l.swing = fet_draw_between(d, 0.16f, 0.42f);
    l.uneven = fet_draw_size(d, 0.03f, 0.15f);
    l.sway = fet_draw_size(d, 0.02f, 0.08f);
    l.twist = fet_draw_between(d, 0.0f, 0.35f);
    l.fuzz = fet_draw_between(d, 0.03f, 0.14f);
    for (int k = 0; k < 2; k++) {
        for (int c = 0; c < 3; c++) l.dye[k][c] = fet_matter_dye(d);
        l.stripe[k] = fet_rng_chance(d, 0.25) ? fet_rng_int(d, 2, 14) : 0;
    }
    if (fet_rng_chance(d, 0.5)) l.dye[1][0] = fet_matter_vary(&l.dye[0][0], d, 0.1f);
    if (fet_rng_chance(d, 0.7)) l.dye[1][1] = l.dye[0][1];
    l.back = fet_matter_grey(fet_draw_between(d, 0.05f, 0.3f), 0.9f);
    l.shine = fet_rng_chance(d, 0.25) ? fet_draw_between(d, 0.35f, 0.6f) : 0.9f;
    return l;
}

/* Is the warp on top where warp yarn i crosses weft yarn j? */
static bool is_warp_up(enum weave weave, int i, int j)
{
    const int n = 1 << 20; /* keeps the remainders positive */
    i += n * 15;
    j += n * 15;
    switch (weave) {
    case PLAIN:
        return (i + j) % 2 == 0;
    case BASKET:
        return (i / 2 + j / 2) % 2 == 0;
    case TWILL:
        return (i + j) % 4 < 2;
    case STEEP_TWILL:
        return (i + 2 * j) % 5 < 3;
    case HERRINGBONE:
        return ((i / 8) % 2 == 0 ? i + j : 7 - i % 8 + j + n) % 4 < 2;
    case SATIN:
        return (i + 2 * j) % 5 != 0;
    case RIPS:
        return (i + j / 2) % 2 == 0;
    case N_WEAVES:
    default:
        return true;
    }
}

/* What is wrong with a faulty cloth, in yarns and units. */
enum wrong { RIGHT, YARN_MISSING, YARN_DOUBLE, YARN_THICK, FLOAT_LOOSE, YARN_BROKEN };
struct harm {
    enum wrong wrong;
    bool is_warp;
    float across;   /* where the yarn lies, units */
    float from, to; /* along it */
    int n;          /* neighbouring yarns hit, so that it shows on fine cloth, too */
};

static struct harm harm_make(const struct look *l, struct fet_own *own)
{
    struct harm h = {.n = 1 + (int)(3.0f / l->pitch_x)};
    if (!fet_own_is(own, "thread or weave fault")) return h;
    struct fet_rng *const r = &own->rng;
    h.wrong = (enum wrong)fet_rng_int(r, YARN_MISSING, YARN_BROKEN);
    h.is_warp = fet_rng_chance(r, 0.5) != 0;
    h.across = fet_draw_between(r, -95.0f, 95.0f);
    const float length = fet_draw_between(r, 30.0f, 120.0f);
    h.from = fet_draw_between(r, -110.0f, 60.0f);
    h.to = h.from + length;
    if (h.wrong != FLOAT_LOOSE && h.wrong != YARN_BROKEN && fet_rng_chance(r, 0.6)) {
        h.from = -1000.0f; /* right across */
        h.to = 1000.0f;
    }
    return h;
}

#define REPEAT_I 80 /* every weave repeats after 80 warp and 20 weft yarns */
#define REPEAT_J 20

/* One direction of yarns. Along a yarn the crossings come at even steps, so what belongs to the
 * place along (next crossing, how far) is tabled once per row or column of pixels. */
struct set {
    bool is_warp;
    int n, first;       /* yarns and the index of the first */
    float pitch, other; /* units; the crossing yarns' pitch */
    float phase, other_phase;
    int i_bad;                      /* the yarn that a fault hits, far outside when none */
    float *per_width, *tone, *sway; /* [n] of each yarn */
    int32_t *crossing;              /* [size] */
    float *share;                   /* [size] 0 at that crossing, 1 at the next */
};

/* The whole cloth. */
struct cloth {
    struct fet_scene *scene;
    const struct look *look;
    const struct harm *harm;
    const float *bow, *fluff;      /* maps: large waves of the cloth, fibres */
    float up[REPEAT_I * REPEAT_J]; /* 1 where the warp is on top, else -1 */
};

static void yarns_vary(struct set *s, const struct look *l, struct fet_rng *part)
{
    const uint32_t seed = fet_rng_u32(part);
    for (int i = 0; i < s->n; i++) {
        const uint32_t h = fet_fast_hash(seed + (uint32_t)(s->first + i) * 3u);
        const float thick = fet_fast_max(1.0f + l->uneven * fet_fast_normal(h), 0.3f);
        s->per_width[i] = 2.0f / (s->pitch * l->cover * thick);
        s->tone[i] = 1.0f + 0.6f * l->uneven * fet_fast_normal(fet_fast_hash(h + 1u));
        s->sway[i] = fet_fast_normal(fet_fast_hash(h + 2u)) * l->sway * s->pitch;
    }
}

static fet_status set_make(struct fet_scene *scene, const struct look *l, bool is_warp,
                           const struct harm *h, const float phase[2], struct set *out)
{
    struct set s = {.is_warp = is_warp};
    s.pitch = is_warp ? l->pitch_x : l->pitch_y;
    s.other = is_warp ? l->pitch_y : l->pitch_x;
    s.phase = phase[is_warp ? 0 : 1];
    s.other_phase = phase[is_warp ? 1 : 0];
    const float half = 0.5f * (float)scene->size / scene->px_per_unit;
    s.first = (int)fet_fast_floor(-half / s.pitch + s.phase) - 1;
    s.n = (int)(2.0f * half / s.pitch) + 5;
    const bool hit = h->wrong != RIGHT && h->is_warp == is_warp;
    s.i_bad = hit ? (int)fet_fast_floor(h->across / s.pitch + s.phase) : -10000;
    const int64_t n = 3 * (int64_t)s.n + 2 * (int64_t)scene->size;
    s.per_width = fet_arena_alloc(scene->arena, n, sizeof(float));
    if (s.per_width == NULL) return FET_FAIL_MEMORY("synth yarns", n * 4);
    s.tone = s.per_width + s.n;
    s.sway = s.tone + s.n;
    s.share = s.sway + s.n;
    s.crossing = (int32_t *)(void *)(s.share + scene->size);
    for (int i = 0; i < scene->size; i++) {
        const float c = fet_draw_unit(scene, (float)i) / s.other + s.other_phase - 0.5f;
        const float whole = fet_fast_floor(c);
        s.crossing[i] = (int32_t)whole;
        s.share[i] = fet_fast_step(0.0f, 1.0f, c - whole);
    }
    *out = s;
    return FET_OK;
}

static void weave_table(struct cloth *c)
{
    for (int i = 0; i < REPEAT_I; i++)
        for (int j = 0; j < REPEAT_J; j++)
            c->up[i * REPEAT_J + j] = is_warp_up(c->look->weave, i, j) ? 1.0f : -1.0f;
}

static inline float up_at(const struct cloth *c, const struct set *s, int i, int j)
{
    const uint32_t a = (uint32_t)((s->is_warp ? i : j) + 80000) % REPEAT_I;
    const uint32_t b = (uint32_t)((s->is_warp ? j : i) + 80000) % REPEAT_J;
    const float up = c->up[a * REPEAT_J + b];
    return s->is_warp ? up : -up;
}

/* How a fault changes the yarn at `along`. */
static void spoil(const struct harm *h, float along, float *per_width, float *z)
{
    if (along < h->from || along > h->to) return;
    const float near = fet_fast_min(along - h->from, h->to - along);
    if (h->wrong == YARN_MISSING) *per_width = 1e6f;
    if (h->wrong == FLOAT_LOOSE) *z = 2.2f;
    if (h->wrong == YARN_BROKEN) *per_width = near < 12.0f ? *per_width * 1.6f : 1e6f;
}

/* A thick or doubled yarn pushes its neighbours aside: the place across, seen from where the yarns
 * would lie without it. *bulge says how much thicker it is here. */
static inline float pushed(const struct set *s, const struct harm *h, float t, float along,
                           float *bulge)
{
    const bool is_wide = h->wrong == YARN_DOUBLE || h->wrong == YARN_THICK;
    *bulge = 1.0f;
    if (!is_wide || s->i_bad < -9999 || along < h->from || along > h->to) return t;
    const float near = fet_fast_min(along - h->from, h->to - along);
    const float zone = (float)h->n * s->pitch;
    const float k = h->wrong == YARN_DOUBLE ? 1.8f : 1.0f + 1.5f * fet_fast_step(0.0f, 18.0f, near);
    const float middle = ((float)s->i_bad - s->phase) * s->pitch + 0.5f * zone;
    const float d = t - middle;
    const float far = fet_fast_abs(d) - 0.5f * k * zone;
    if (far < 0.0f) {
        *bulge = k;
        return middle + d / k;
    }
    const float push = 0.5f * (k - 1.0f) * zone * fet_fast_max(1.0f - far / (1.3f * zone), 0.0f);
    return t - (d < 0.0f ? -push : push);
}

/* What a yarn of this set adds to one pixel: the higher one wins. t across, i_along the pixel's row
 * or column. */
static inline void pixel(const struct cloth *c, const struct set *s, int64_t at, float t,
                         float along, int i_along)
{
    const struct look *const l = c->look;
    const float bow = c->bow[at];
    float bulge;
    const float waved = pushed(s, c->harm, t + l->sway * s->pitch * bow, along, &bulge);
    const int i = (int)fet_fast_floor(waved / s->pitch + s->phase);
    const int k = i - s->first;
    if (k < 0 || k >= s->n) return;
    float per_width = s->per_width[k];
    const int j = s->crossing[i_along];
    float z = fet_fast_mix(up_at(c, s, i, j), up_at(c, s, i, j + 1), s->share[i_along]);
    if (i >= s->i_bad && i < s->i_bad + c->harm->n) spoil(c->harm, along, &per_width, &z);
    const float middle = ((float)i + 0.5f - s->phase) * s->pitch + s->sway[k] * bow;
    float off = (waved - middle) * per_width;
    if (bulge > 1.0f && c->harm->wrong == YARN_DOUBLE) off = 2.0f * fet_fast_abs(off) - 1.0f;
    const float fibre = c->fluff[at];
    if (off * off > 1.0f + 0.3f * fibre) return;
    const float round = sqrtf(fet_fast_max(1.0f - off * off, 0.0f));
    const float unit = c->scene->px_per_unit;
    const float twist = fet_fast_turn(0.9f * along / s->pitch + 0.55f * off);
    const float h =
        unit * s->pitch *
        (l->swing * z + 0.32f * round * bulge + 0.045f * l->twist * twist + 0.02f * fibre + 1.0f);
    if (h <= c->scene->height[at]) return;
    c->scene->height[at] = h;
    const int stripe = l->stripe[s->is_warp ? 0 : 1];
    const int colour = stripe > 0 ? ((i + 1000000) / stripe) % 2 : 0;
    const struct fet_material *const m = &l->dye[s->is_warp ? 0 : 1][colour];
    /* fibres shade each other low in the cloth and at the sides of a yarn */
    const float tone = s->tone[k] * (0.5f + 0.5f * round) * (0.86f + 0.14f * z) *
                       (1.0f + l->fuzz * fibre + 0.10f * l->twist * twist);
    for (int n = 0; n < 3; n++) c->scene->albedo[n][at] = fet_fast_min(m->albedo[n] * tone, 0.95f);
    c->scene->rough[at] = l->shine;
}

static fet_status weave_lay(struct fet_scene *scene, struct fet_synth_chance *chance,
                            const struct look *l, const struct harm *h)
{
    float phase[2];
    for (int k = 0; k < 2; k++) phase[k] = fet_draw_between(&chance->part, 0.0f, 8.0f);
    const struct fet_noise bow = {.scale_x = 70.0f, .octaves = 3, .gain = 0.45f};
    float *maps[2];
    FET_TRY(fet_texture_new(scene, &chance->part, &bow, &maps[0]));
    FET_TRY(fet_texture_grain(scene, &chance->part, &maps[1]));
    struct set warp;
    struct set weft;
    FET_TRY(set_make(scene, l, true, h, phase, &warp));
    FET_TRY(set_make(scene, l, false, h, phase, &weft));
    yarns_vary(&warp, l, &chance->part);
    yarns_vary(&weft, l, &chance->part);
    struct cloth c = {.scene = scene, .look = l, .harm = h, .bow = maps[0], .fluff = maps[1]};
    weave_table(&c);
    for (int y = 0; y < scene->size; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = 0; x < scene->size; x++) {
            const int64_t at = (int64_t)y * scene->size + x;
            const float u = fet_draw_unit(scene, (float)x);
            pixel(&c, &warp, at, u, v, y);
            pixel(&c, &weft, at, v, u, x);
        }
    }
    fet_field_add(scene, maps[0], 0.35f * scene->px_per_unit, scene->height); /* never laid flat */
    fet_scene_map_free(scene, maps[0]);
    fet_scene_map_free(scene, maps[1]);
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct harm h = harm_make(&l, own);
    fet_scene_flood(scene, &l.back, 1.0f);
    return weave_lay(scene, chance, &l, &h);
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 8.0f, draw_one);
}

static const char *const defects[] = {"hole",          "stain", "discolouration",
                                      "contamination", "scuff", NULL};
static const char *const own_faults[] = {"thread or weave fault", NULL};

const struct fet_synth_family fet_family_fabric = {
    .name = "fabric",
    .summary = "woven cloth: plain, basket, twill, herringbone, satin",
    .defects = defects,
    .grey_share = 0.2f,
    .draw = draw,
    .own_faults = own_faults,
};
