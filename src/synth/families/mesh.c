/* Wire mesh, welded grids and perforated sheet over a light or dark ground. Wires are round and
 * pass over and under each other (or are welded at the same level); holes sit in square or
 * staggered rows. Wires sway a little; spacing and thickness belong to the product. */
#include "family.h"

enum kind { WOVEN, WELDED, ROUND_HOLES, SQUARE_HOLES, SLOTS, N_KINDS };

struct look {
    enum kind kind;
    struct fet_material metal;
    float pitch, other; /* across and along the rows */
    float r;            /* of a wire, or half size of a hole */
    bool is_staggered;
    float sway, marks;
    float thick;
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.kind = (enum kind)fet_rng_int(d, 0, N_KINDS - 1)};
    l.metal = fet_matter_steel(d);
    const struct fet_material painted = fet_matter_plastic(d);
    if (fet_rng_chance(d, 0.25)) l.metal = painted;
    l.pitch = fet_draw_size(d, 9.0f, 34.0f);
    l.other = fet_rng_chance(d, 0.7) ? l.pitch : l.pitch * fet_draw_between(d, 0.7f, 1.5f);
    const bool is_wire = l.kind <= WELDED;
    l.r =
        l.pitch * (is_wire ? fet_draw_between(d, 0.10f, 0.22f) : fet_draw_between(d, 0.24f, 0.38f));
    l.r = fet_fast_max(l.r, 1.6f);
    l.is_staggered = !is_wire && fet_rng_chance(d, 0.5);
    if (l.kind == SLOTS) l.other = 2.4f * l.pitch;
    l.sway = l.pitch * fet_draw_size(d, 0.004f, 0.03f);
    l.marks = fet_draw_size(d, 0.02f, 0.1f);
    l.thick = fet_draw_between(d, 2.5f, 6.0f);
    return l;
}

/* What is wrong, as a place in the lattice. */
struct harm {
    bool is_gone, is_moved, is_upright;
    int i, j;
    float from, to, off; /* along the wire; how far it is pushed aside */
    float hole_x, hole_y;
};

static struct harm harm_make(const struct look *l, struct fet_own *own)
{
    struct harm h = {.i = -10000, .j = -10000};
    struct fet_rng *const r = &own->rng;
    const float x = fet_draw_between(r, -80.0f, 80.0f);
    const float y = fet_draw_between(r, -80.0f, 80.0f);
    const float angle = fet_draw_between(r, 0.0f, 1.0f);
    const bool is_upright = fet_rng_chance(r, 0.5) != 0;
    const float length = fet_draw_between(r, 1.2f, 4.5f) * l->pitch;
    const float side = fet_rng_chance(r, 0.5) ? 1.0f : -1.0f;
    if (own->fault == NULL) return h;
    h.is_gone = fet_own_is(own, "missing part");
    h.is_moved = !h.is_gone;
    h.is_upright = is_upright;
    h.i = (int)fet_fast_floor(x / l->pitch + 0.5f);
    h.j = (int)fet_fast_floor(y / l->other + 0.5f);
    h.from = (is_upright ? y : x) - 0.5f * length;
    h.to = h.from + length;
    h.off = side * fet_draw_between(r, 0.22f, 0.42f) * l->pitch;
    h.hole_x = 0.32f * l->r * fet_fast_turn(angle + 0.25f) * 2.0f;
    h.hole_y = 0.32f * l->r * fet_fast_turn(angle) * 2.0f;
    return h;
}

struct web {
    const struct look *look;
    const struct harm *harm;
    const float *bow, *mark; /* maps */
    float phase_x, phase_y;
};

/* Height of the nearest wire of one direction over the ground, units; below 0 none. t across. */
static inline float wire_at(const struct web *w, bool is_upright, float t, float along, float bow)
{
    const struct look *const l = w->look;
    const struct harm *const h = w->harm;
    const float pitch = is_upright ? l->pitch : l->other;
    const float other = is_upright ? l->other : l->pitch;
    float waved = t + l->sway * bow;
    const int hit = is_upright ? h->i : h->j;
    if (h->is_upright == is_upright && along > h->from && along < h->to && hit > -10000) {
        const float middle = (float)hit * pitch;
        const float s = (along - h->from) / (h->to - h->from);
        const float bent = h->is_moved ? 4.0f * s * (1.0f - s) * h->off : 0.0f;
        const float near = fet_fast_abs(waved - middle);
        if (h->is_gone && near < 0.5f * pitch) return -1.0f;
        if (h->is_moved && near < pitch) {
            /* only the pushed wire; its neighbours stay */
            const float moved = waved - middle - bent;
            const float own = l->r * l->r - moved * moved;
            const float next = pitch - near;
            const float rest = near > 0.5f * pitch ? l->r * l->r - next * next : -1.0f;
            const float most = fet_fast_max(own, rest);
            return most > 0.0f ? sqrtf(most) + l->r : -1.0f;
        }
    }
    const float k = fet_fast_floor(waved / pitch + 0.5f);
    const float d = waved - k * pitch;
    const float z2 = l->r * l->r - d * d;
    if (z2 <= 0.0f) return -1.0f;
    float over = 0.0f;
    if (l->kind == WOVEN) { /* half a wave per crossing, upright and level in counterphase */
        const float turn = 0.5f * (along / other + k) + (is_upright ? 0.25f : 0.75f);
        over = 0.75f * l->r * fet_fast_turn(turn);
    } else
        over = is_upright ? 0.8f * l->r : -0.4f * l->r;
    return sqrtf(z2) + 1.9f * l->r + over;
}

/* Signed distance to the nearest hole's edge, units; negative inside a hole. */
static inline float hole_at(const struct web *w, float x, float y)
{
    const struct look *const l = w->look;
    const struct harm *const h = w->harm;
    const float row = fet_fast_floor(y / l->other + 0.5f);
    const float half_step =
        l->is_staggered ? 0.5f * (row - 2.0f * fet_fast_floor(0.5f * row)) : 0.0f;
    const float column = fet_fast_floor(x / l->pitch + 0.5f - half_step);
    float u = x - (column + half_step) * l->pitch;
    float v = y - row * l->other;
    if ((int)column == h->i && (int)row == h->j) {
        if (h->is_gone) return 1.0f;
        u -= h->hole_x;
        v -= h->hole_y;
    }
    if (l->kind == ROUND_HOLES) return sqrtf(u * u + v * v) - l->r;
    const float half_v = l->kind == SLOTS ? 0.5f * l->other - 0.75f * (l->pitch - l->r) : l->r;
    const float a = fet_fast_abs(u) - l->r + 1.0f;
    const float b = fet_fast_abs(v) - half_v + 1.0f;
    const float ox = fet_fast_max(a, 0.0f);
    const float oy = fet_fast_max(b, 0.0f);
    return sqrtf(ox * ox + oy * oy) + fet_fast_min(fet_fast_max(a, b), 0.0f) - 1.0f;
}

static inline void pixel(const struct web *w, struct fet_scene *s, int64_t i, float x, float y)
{
    const struct look *const l = w->look;
    const float unit = s->px_per_unit;
    float cover;
    float high;
    if (l->kind <= WELDED) {
        const float a = wire_at(w, true, x, y, w->bow[i]);
        const float b = wire_at(w, false, y, x, w->bow[i]);
        high = fet_fast_max(a, b);
        cover = high > 0.0f ? 1.0f : 0.0f;
    } else {
        const float d = hole_at(w, x + l->sway * w->bow[i], y);
        cover = fet_clamp01(0.5f + d * unit);
        high = l->thick - 0.6f * (1.0f - fet_fast_step(0.0f, 1.2f, d));
    }
    if (cover <= 0.0f) return;
    const float tone = 1.0f + l->marks * w->mark[i] + 0.03f * w->bow[i];
    for (int k = 0; k < 3; k++)
        s->albedo[k][i] = fet_fast_mix(
            s->albedo[k][i], fet_fast_clamp(l->metal.albedo[k] * tone, 0.0f, 0.95f), cover);
    s->rough[i] = fet_fast_mix(s->rough[i], l->metal.rough, cover);
    s->metal[i] = fet_fast_mix(s->metal[i], l->metal.metal, cover);
    s->height[i] = fet_fast_mix(s->height[i], unit * (high + 0.04f * w->mark[i]), cover);
    s->part[i] = fet_fast_max(s->part[i], cover);
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct harm h = harm_make(&l, own);
    const struct fet_noise bow = {.scale_x = 80.0f, .octaves = 3, .gain = 0.5f};
    const struct fet_noise mark = {.scale_x = 14.0f, .scale_y = 2.0f, .octaves = 3, .gain = 0.7f};
    struct web w = {.look = &l, .harm = &h};
    float *maps[2];
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_texture_new(scene, &chance->part, &bow, &maps[0]));
    FET_TRY(fet_texture_new(scene, &chance->part, &mark, &maps[1]));
    w.bow = maps[0];
    w.mark = maps[1];
    w.phase_x = fet_draw_between(&chance->part, 0.0f, l.pitch);
    w.phase_y = fet_draw_between(&chance->part, 0.0f, l.other);
    for (int y = 0; y < scene->size; y++)
        for (int x = 0; x < scene->size; x++)
            pixel(&w, scene, (int64_t)y * scene->size + x,
                  fet_draw_unit(scene, (float)x) - w.phase_x,
                  fet_draw_unit(scene, (float)y) - w.phase_y);
    fet_scene_map_free(scene, maps[0]);
    fet_scene_map_free(scene, maps[1]);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"contamination", "discolouration", "stain", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", NULL};

const struct fet_synth_family fet_family_mesh = {
    .name = "mesh",
    .summary = "wire mesh, welded grid or perforated sheet",
    .defects = defects,
    .grey_share = 0.35f,
    .draw = draw,
    .own_faults = own_faults,
};
