/* Wired electronic components seen from above: transistors, power packages, resistors, capacitors,
 * diodes, with bent metal leads that end in the holes of a perforated copper board (or lie on an
 * ordinary stand). Leads are chains of tapered segments, slightly different on every part. */
#include "family.h"

enum kind { TRANSISTOR, POWER, RESISTOR, DISC, N_KINDS };

#define MAX_LEADS 3
#define N_KNEES 4

struct lead {
    float x[N_KNEES], y[N_KNEES];
};

struct look {
    enum kind kind;
    struct fet_material body, tab, wire, ink, bands[4];
    float half_w, half_h, round;
    int n_leads;
    struct lead leads[MAX_LEADS];
    float wire_r, lift, faint;
    bool has_board, has_strips;
    struct fet_material copper, core;
    float pitch, hole_r, strip_gap;
    struct fet_letters letters;
    char text[FET_WORD_BYTES], lot[FET_WORD_BYTES];
};

static void leads_invent(struct look *l, struct fet_rng *d)
{
    const bool is_axial = l->kind == RESISTOR;
    l->n_leads = is_axial || l->kind == DISC ? 2 : 3;
    const float spread = fet_draw_between(d, 0.4f, 0.7f) * l->half_w;
    const float knee = fet_draw_between(d, 8.0f, 16.0f);
    for (int i = 0; i < l->n_leads; i++) {
        struct lead *const a = &l->leads[i];
        const float side = l->n_leads == 3 ? (float)(i - 1) : i == 0 ? -1.0f : 1.0f;
        const float foot = l->pitch * side * (l->n_leads == 2 && !is_axial ? 0.5f : 1.0f);
        if (is_axial) {
            const float end = l->pitch * fet_fast_floor((l->half_w + 22.0f) / l->pitch + 1.0f);
            const float x[N_KNEES] = {0.96f * l->half_w, l->half_w + 8.0f, end - 3.0f, end};
            for (int k = 0; k < N_KNEES; k++) a->x[k] = side * x[k];
            a->y[3] = 0.0f;
            continue;
        }
        const float low = l->half_h - 2.0f;
        const float x[N_KNEES] = {spread * side, spread * side, foot, foot};
        const float y[N_KNEES] = {low, low + knee, low + 2.2f * knee, low + 3.4f * knee};
        for (int k = 0; k < N_KNEES; k++) {
            a->x[k] = x[k];
            a->y[k] = y[k];
        }
    }
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.kind = (enum kind)fet_rng_int(d, 0, N_KINDS - 1)};
    const float black = fet_draw_between(d, 0.09f, 0.2f);
    l.body = fet_matter_grey(black, fet_draw_between(d, 0.25f, 0.5f));
    l.tab = (struct fet_material){{0.66f, 0.66f, 0.65f}, 0.3f, 1.0f};
    l.wire = (struct fet_material){{0.58f, 0.57f, 0.54f}, 0.3f, 1.0f};
    l.half_w = fet_draw_between(d, 34.0f, 58.0f);
    if (l.kind == POWER) l.half_w *= 0.8f; /* its tab takes room, too */
    l.half_h = l.half_w * fet_draw_between(d, 0.8f, 1.15f);
    l.round = fet_draw_between(d, 0.15f, 0.5f) * l.half_w;
    if (l.kind == RESISTOR) {
        l.half_h = l.half_w * fet_draw_between(d, 0.32f, 0.42f);
        l.body = fet_rng_chance(d, 0.5) ? fet_matter_hue(0.1f, 0.35f, 0.82f, 0.4f)
                                        : fet_matter_hue(0.55f, 0.4f, 0.6f, 0.4f);
        for (int i = 0; i < 4; i++)
            l.bands[i] =
                fet_matter_between(d, (const float[6]){0.0f, 1.0f, 0.8f, 0.8f, 0.1f, 0.8f}, 0.4f);
    }
    if (l.kind == DISC) {
        l.half_h = l.half_w;
        l.body =
            fet_matter_between(d, (const float[6]){0.03f, 0.6f, 0.5f, 0.85f, 0.45f, 0.85f}, 0.35f);
    }
    l.ink = fet_matter_ink(d, &l.body);
    l.faint = fet_draw_between(d, 0.12f, 0.7f); /* lasered or printed */
    l.wire_r = fet_draw_between(d, 2.0f, 4.2f);
    l.lift = fet_draw_between(d, 5.0f, 12.0f);
    l.has_board = fet_rng_chance(d, 0.6) != 0;
    l.has_strips = fet_rng_chance(d, 0.6) != 0;
    l.copper = (struct fet_material){{0.72f, 0.42f, 0.30f}, 0.45f, 0.8f};
    l.core = fet_matter_hue(0.09f, 0.4f, fet_draw_between(d, 0.2f, 0.6f), 0.7f);
    l.pitch = fet_draw_between(d, 24.0f, 31.0f);
    l.hole_r = l.pitch * fet_draw_between(d, 0.17f, 0.23f);
    l.strip_gap = l.pitch * fet_draw_between(d, 0.08f, 0.16f);
    l.letters = fet_letters_invent(d, fet_draw_between(d, 0.16f, 0.27f) * l.half_w);
    if (l.kind == RESISTOR) l.letters.height = 0.0f;
    fet_word_code(d, l.text);
    fet_word_code(d, l.lot);
    leads_invent(&l, d);
    return l;
}

/* ---- the perforated board ---- */

static fet_status perforated_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise cloud = {.scale_x = 40.0f, .octaves = 5, .gain = 0.6f};
    const struct fet_material hole = fet_matter_grey(0.06f, 0.9f);
    const struct fet_material *const top = l->has_strips ? &l->copper : &l->core;
    const struct fet_pose flat = fet_pose_make(0.0f, 0.0f, 0.0f, 1.0f);
    struct fet_patch p;
    float *map;
    fet_scene_flood(s, top, 0.0f);
    FET_TRY(fet_texture_new(s, part, &cloud, &map));
    fet_texture_shade(s, map, 0.05f);
    fet_texture_roughen(s, map, 0.05f);
    const float reach = 170.0f;
    const int n = (int)(reach / l->pitch);
    FET_TRY(fet_patch_open(s, &flat, -reach, -reach, reach, reach, &p));
    p.reach_px = 3.0f;
    for (int i = -n; i <= n && l->has_strips; i++)
        fet_patch_box(&p, FET_SDF_JOIN, l->pitch * ((float)i + 0.5f), 0.0f, l->strip_gap,
                      reach + 4.0f, 0.0f);
    fet_patch_disturb(s, &p, map, 0.15f);
    fet_patch_fill(s, &p, &l->core, 1.0f);
    fet_patch_raise(s, &p, -0.8f, 0.8f, FET_PROFILE_SMOOTH);
    fet_patch_clear(&p);
    for (int i = -n; i <= n; i++)
        for (int k = -n; k <= n; k++)
            fet_patch_circle(&p, FET_SDF_JOIN, l->pitch * (float)i, l->pitch * (float)k, l->hole_r);
    fet_patch_raise(s, &p, -7.0f, 0.8f, FET_PROFILE_SMOOTH);
    fet_patch_fill(s, &p, &hole, 1.0f);
    fet_scene_map_free(s, map);
    return FET_OK;
}

/* ---- leads ---- */

/* This part's leads: tolerance, and a bent, cut or missing one. */
static void lead_vary(struct lead *a, struct fet_rng *part)
{
    for (int k = 1; k < N_KNEES; k++) {
        a->x[k] += fet_vary(part, k == N_KNEES - 1 ? 0.3f : 0.7f);
        a->y[k] += fet_vary(part, k == N_KNEES - 1 ? 0.3f : 0.7f);
    }
}

static int lead_harm(struct lead *a, const struct look *l, struct fet_own *own)
{
    int n = N_KNEES;
    struct fet_rng *const r = &own->rng;
    const float sign = fet_rng_chance(r, 0.5) ? 1.0f : -1.0f;
    const float far = fet_draw_between(r, 0.45f, 1.1f) * l->pitch;
    if (fet_own_is(own, "bend")) {
        a->x[N_KNEES - 1] += sign * far * (l->kind == RESISTOR ? -0.2f : 1.0f);
        a->y[N_KNEES - 1] += l->kind == RESISTOR ? sign * far : -0.35f * far;
        a->x[N_KNEES - 2] += sign * 0.4f * far * (l->kind == RESISTOR ? 0.0f : 1.0f);
        a->y[N_KNEES - 2] += l->kind == RESISTOR ? 0.5f * sign * far : 0.0f;
    }
    if (fet_own_is(own, "missing part")) n = sign > 0.0f ? 2 : 3; /* cut off */
    return n;
}

static fet_status lead_draw(struct fet_scene *s, const struct look *l, const struct lead *a, int n,
                            const float *tin)
{
    struct fet_patch p;
    const float r = l->wire_r;
    for (int k = 0; k + 1 < n; k++) {
        const float from[2] = {a->x[k], a->y[k]};
        const float to[2] = {a->x[k + 1], a->y[k + 1]};
        const float high = 1.0f - (float)k / (float)(N_KNEES - 1); /* it comes down to the board */
        FET_TRY(fet_patch_open(s, &s->at, fet_fast_min(from[0], to[0]) - r,
                               fet_fast_min(from[1], to[1]) - r, fet_fast_max(from[0], to[0]) + r,
                               fet_fast_max(from[1], to[1]) + r, &p));
        p.reach_px = 3.0f;
        fet_patch_segment(&p, FET_SDF_JOIN, from, to, r, r * (k + 2 == N_KNEES ? 0.85f : 1.0f));
        fet_patch_disturb(s, &p, tin, 0.12f);
        fet_patch_level(s, &p, l->lift * high * 0.7f);
        fet_patch_fill(s, &p, &l->wire, 1.0f);
        fet_patch_own(s, &p, 1.0f);
        fet_patch_raise(s, &p, r, r, FET_PROFILE_ROUND);
        for (int y = 0; y < p.h; y++) /* tin lies unevenly */
            for (int x = 0; x < p.w; x++) {
                const int64_t i = (int64_t)(p.y + y) * s->size + p.x + x;
                const float in = fet_clamp01(0.5f - p.d[(int64_t)y * p.w + x]);
                s->height[i] += 0.3f * p.unit * tin[i] * in;
            }
    }
    if (n < N_KNEES || !l->has_board) return FET_OK;
    const float *const foot = (const float[2]){a->x[N_KNEES - 1], a->y[N_KNEES - 1]};
    FET_TRY(fet_patch_open(s, &s->at, foot[0] - 2.0f * r, foot[1] - 2.0f * r, foot[0] + 2.0f * r,
                           foot[1] + 2.0f * r, &p));
    fet_patch_circle(&p, FET_SDF_JOIN, foot[0], foot[1] + 0.3f * r, 0.9f * r);
    fet_patch_shade(s, &p, 0.25f, r); /* it goes down into its hole */
    return FET_OK;
}

/* ---- bodies ---- */

static fet_status print_lay(struct fet_scene *s, const struct look *l)
{
    struct fet_patch p;
    const float half = l->half_w;
    if (l->letters.height <= 0.0f) return FET_OK;
    const float y = l->kind == POWER ? 0.25f * l->half_h : -0.12f * l->half_h;
    const struct fet_pose at = fet_pose_child(&s->at, 0.0f, y, 0.0f);
    FET_TRY(fet_patch_open(s, &at, -half, -half, half, half, &p));
    fet_letters_line(&p, &l->letters, l->text, 0.0f, 0.0f, 0.0f);
    fet_letters_line(&p, &l->letters, l->lot, 0.0f, 1.5f * l->letters.height, 0.0f);
    fet_patch_fill(s, &p, &l->ink, l->faint);
    return FET_OK;
}

static fet_status bands_lay(struct fet_scene *s, const struct look *l)
{
    struct fet_patch p;
    for (int i = 0; i < 4 && l->kind == RESISTOR; i++) {
        const float x = l->half_w * (-0.62f + 0.33f * (float)i + (i == 3 ? 0.22f : 0.0f));
        FET_TRY(fet_patch_open(s, &s->at, x - 4.0f, -60.0f, x + 4.0f, 60.0f, &p));
        fet_patch_box(&p, FET_SDF_JOIN, x, 0.0f, 0.07f * l->half_w, 60.0f, 0.0f);
        fet_patch_fill(s, &p, &l->bands[i], 0.95f);
    }
    return FET_OK;
}

static fet_status tab_lay(struct fet_scene *scene, const struct look *l)
{
    struct fet_patch p;
    const float w = l->half_w;
    const float top = -1.7f * l->half_h;
    if (l->kind != POWER) return FET_OK;
    FET_TRY(fet_patch_open(scene, &scene->at, -w, top, w, l->half_h, &p));
    p.reach_px = 8.0f;
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.5f * (top + 0.6f * l->half_h), 0.98f * w,
                  0.5f * (0.6f * l->half_h - top), 3.0f);
    fet_patch_circle(&p, FET_SDF_CUT, 0.0f, -1.32f * l->half_h, 0.28f * w);
    fet_patch_fill(scene, &p, &l->tab, 1.0f);
    fet_patch_level(scene, &p, 0.0f);
    fet_patch_raise(scene, &p, 5.0f, 1.0f, FET_PROFILE_BEVEL);
    fet_patch_own(scene, &p, 1.0f);
    return FET_OK;
}

static fet_status body_lay(struct fet_scene *scene, struct fet_synth_chance *chance,
                           const struct look *l)
{
    const struct fet_material body = fet_matter_vary(&l->body, &chance->part, 0.03f);
    const struct fet_noise skin = {.scale_x = 2.2f, .octaves = 2, .gain = 0.7f};
    const float w = l->half_w;
    const float h = l->half_h;
    struct fet_scene layer;
    struct fet_patch p;
    float *map;
    FET_TRY(tab_lay(scene, l));
    FET_TRY(fet_layer_open(scene, &layer));
    fet_scene_flood(&layer, &body, 1.0f);
    FET_TRY(fet_texture_new(&layer, &chance->part, &skin, &map));
    fet_field_add(&layer, map, 0.06f * scene->px_per_unit, layer.height);
    FET_TRY(bands_lay(&layer, l));
    FET_TRY(print_lay(&layer, l));
    FET_TRY(fet_patch_open(scene, &scene->at, -w, -h, w, h, &p));
    p.reach_px = 1e5f;
    if (l->kind == DISC)
        fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, w);
    else if (l->kind == RESISTOR) { /* thicker at both ends, as lacquered ones are */
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, 0.8f * w, 0.8f * h, 3.0f);
        fet_patch_ellipse(&p, FET_SDF_JOIN, -0.66f * w, 0.0f, 0.34f * w, h);
        fet_patch_ellipse(&p, FET_SDF_JOIN, 0.66f * w, 0.0f, 0.34f * w, h);
    } else
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, w, h, l->kind == POWER ? 1.5f : 3.0f);
    const float rise = l->kind == RESISTOR ? h : l->kind == POWER ? 16.0f : 0.45f * w;
    const bool is_round = l->kind != POWER && l->kind != TRANSISTOR;
    FET_TRY(fet_layer_lay(scene, &layer, &p, rise, is_round ? h : 2.0f, FET_PROFILE_ROUND));
    if (l->kind == TRANSISTOR) { /* the flat side of a D: sides fall away */
        fet_patch_clear(&p);
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, w - 1.0f, h + 40.0f, 0.0f);
        fet_patch_raise(scene, &p, 0.2f * w, l->round, FET_PROFILE_ROUND);
    }
    fet_scene_map_free(&layer, map);
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct fet_noise lumps = {.scale_x = 6.0f, .octaves = 3, .gain = 0.7f};
    float *tin;
    if (l.has_board)
        FET_TRY(perforated_lay(scene, &chance->part, &l));
    else
        FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_texture_new(scene, &chance->part, &lumps, &tin));

    const struct fet_pose planned = scene->at;
    float x = (l.kind == DISC ? 0.5f * l.pitch : 0.0f) + fet_vary(&chance->part, 0.8f);
    float turns = fet_vary(&chance->part, 0.004f);
    /* the feet stand in a row of holes */
    const float row =
        l.pitch * fet_fast_floor((l.leads[0].y[N_KNEES - 1] - 0.45f * l.half_h) / l.pitch);
    float y = (l.kind == RESISTOR ? 0.0f : row - l.leads[0].y[N_KNEES - 1]) +
              fet_vary(&chance->part, 0.8f);
    const int i_bad = fet_rng_int(&own->rng, 0, l.n_leads - 1);
    if (fet_own_is(own, "misplaced part")) {
        turns += fet_draw_between(&own->rng, 0.02f, 0.06f) * (i_bad == 0 ? -1.0f : 1.0f);
        x += fet_draw_between(&own->rng, 6.0f, 16.0f) * (i_bad == 0 ? -1.0f : 1.0f);
        y += fet_draw_between(&own->rng, -14.0f, 6.0f);
    }
    scene->at = fet_pose_child(&planned, x, y, turns);
    for (int i = 0; i < l.n_leads; i++) {
        struct lead a = l.leads[i];
        lead_vary(&a, &chance->part);
        const int n = i == i_bad ? lead_harm(&a, &l, own) : N_KNEES;
        FET_TRY(lead_draw(scene, &l, &a, n, tin));
    }
    const fet_status st = body_lay(scene, chance, &l);
    scene->at = planned;
    fet_scene_map_free(scene, tin);
    return st;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch",       "crack",          "chip", "stain",
                                      "contamination", "discolouration", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", "bend", NULL};

const struct fet_synth_family fet_family_component = {
    .name = "component",
    .summary = "transistor, resistor or capacitor with leads on a perforated board",
    .defects = defects,
    .grey_share = 0.1f,
    .draw = draw,
    .own_faults = own_faults,
};
