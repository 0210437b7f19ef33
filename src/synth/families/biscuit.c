/* Baked goods on a tray: chocolate-chip cookies, shortbread with docking holes and scalloped edge,
 * crackers, sandwich biscuits. No two are alike: outline, cracks, browning and chips are the
 * part's; recipe, shape and stand are the product's. */
#include "family.h"

enum kind { COOKIE, SHORTBREAD, CRACKER, SANDWICH, N_KINDS };

struct look {
    enum kind kind;
    float crumb[3], crust[3];
    float half_x, half_y, corner;
    float ragged, ragged_cell; /* of the outline */
    float thick, dome;
    float grain, cracks;
    int n_chips;
    float chip_r;
    struct fet_material chip, filling;
    int n_holes_x, n_holes_y, n_scallops;
    bool has_text;
    struct fet_letters letters;
    char text[FET_WORD_BYTES];
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.kind = (enum kind)fet_rng_int(d, 0, N_KINDS - 1)};
    const float dark = l.kind == SANDWICH || fet_rng_chance(d, 0.15)
                           ? fet_draw_between(d, 0.1f, 0.35f)
                           : fet_draw_between(d, 0.75f, 1.2f);
    const float warm = fet_draw_between(d, 0.9f, 1.1f);
    const float crumb[3] = {0.68f, 0.44f, 0.18f};
    const float crust[3] = {0.36f, 0.16f, 0.045f};
    for (int k = 0; k < 3; k++) {
        const float w = k == 2 ? warm : 1.0f;
        l.crumb[k] = fet_fast_min(crumb[k] * dark * w, 0.85f);
        l.crust[k] = crust[k] * (0.35f + 0.65f * dark) * w;
    }
    const bool is_round = l.kind == COOKIE || fet_rng_chance(d, 0.4) != 0;
    l.half_x = fet_draw_between(d, 62.0f, 98.0f);
    l.half_y = is_round ? l.half_x : l.half_x * fet_draw_between(d, 0.55f, 1.0f);
    l.corner = is_round ? l.half_x : fet_draw_between(d, 5.0f, 0.6f * l.half_y);
    l.ragged = l.kind == COOKIE ? fet_draw_between(d, 2.0f, 5.0f) : fet_draw_between(d, 0.3f, 0.9f);
    l.ragged_cell = fet_draw_between(d, 40.0f, 80.0f);
    l.thick = fet_draw_between(d, 8.0f, 16.0f) * (l.kind == COOKIE ? 1.5f : 1.0f);
    l.dome = l.kind == COOKIE ? fet_draw_between(d, 0.8f, 2.2f) : fet_draw_between(d, 0.05f, 0.2f);
    l.grain = fet_draw_between(d, 0.25f, 0.8f) * (l.kind == COOKIE ? 1.6f : 1.0f);
    l.cracks = l.kind == COOKIE ? fet_draw_between(d, 0.4f, 1.0f) : 0.0f;
    l.n_chips = l.kind == COOKIE ? fet_rng_int(d, 5, 22) : 0;
    l.chip_r = fet_draw_between(d, 3.5f, 9.0f);
    l.chip =
        fet_matter_between(d, (const float[6]){0.02f, 0.08f, 0.55f, 0.55f, 0.12f, 0.35f}, 0.4f);
    l.filling =
        fet_matter_between(d, (const float[6]){0.08f, 0.15f, 0.02f, 0.5f, 0.75f, 0.95f}, 0.6f);
    l.n_holes_x = fet_rng_int(d, 2, 7);
    l.n_holes_y = fet_rng_int(d, 2, 6);
    l.n_scallops = fet_rng_chance(d, 0.6) ? fet_rng_int(d, 18, 50) : 0;
    l.has_text = fet_rng_chance(d, 0.7) != 0;
    l.letters = fet_letters_invent(d, 0.24f * l.half_x);
    l.letters.stroke = 0.13f * l.letters.height;
    fet_word_name(d, 2, l.text);
    return l;
}

/* Dough as if it filled the world: crumb, browning, cracks. */
static fet_status dough_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_noise cloud = {.scale_x = 55.0f, .octaves = 4, .gain = 0.55f};
    const struct fet_noise crumb = {.scale_x = 5.5f, .octaves = 3, .gain = 0.8f};
    const struct fet_noise course = {.scale_x = 42.0f, .octaves = 4, .gain = 0.6f};
    const int64_t n = (int64_t)s->size * s->size;
    const float bake = fet_vary(part, 0.12f);
    float *a;
    float *b;
    float *c;
    FET_TRY(fet_texture_new(s, part, &cloud, &a));
    FET_TRY(fet_texture_new(s, part, &crumb, &b));
    FET_TRY(fet_texture_new(s, part, &course, &c));
    for (int64_t i = 0; i < n; i++) {
        const float brown = fet_clamp01(0.28f + bake + 0.13f * a[i] + 0.10f * l->grain * b[i]);
        const float crack = l->cracks * fet_clamp01(1.0f - 8.0f * fet_fast_abs(c[i])) *
                            fet_clamp01(0.2f + 0.7f * a[i]);
        /* dough folds where it flowed together */
        const float fold = l->cracks * fet_fast_abs(c[i]);
        for (int k = 0; k < 3; k++)
            s->albedo[k][i] =
                fet_fast_min(fet_fast_mix(l->crumb[k], l->crust[k], brown) *
                                 fet_fast_max(1.0f + 0.07f * b[i] - 0.45f * crack, 0.1f),
                             0.95f);
        s->height[i] += s->px_per_unit * (l->dome * a[i] + 0.55f * l->grain * b[i] - 2.5f * crack +
                                          5.0f * fet_fast_min(fold, 1.0f));
    }
    fet_field_fill(s, s->rough, 0.85f);
    fet_scene_map_free(s, a);
    fet_scene_map_free(s, b);
    fet_scene_map_free(s, c);
    return FET_OK;
}

static fet_status chips_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    for (int i = 0; i < l->n_chips; i++) {
        const float angle = fet_draw_between(part, 0.0f, 1.0f);
        const float far = 0.88f * l->half_x * sqrtf(fet_draw_between(part, 0.0f, 1.0f));
        const float r = l->chip_r * fet_draw_between(part, 0.6f, 1.25f);
        const float sink = fet_draw_between(part, 0.2f, 1.0f);
        const float flat = fet_draw_between(part, 0.65f, 1.0f);
        const struct fet_pose at =
            fet_pose_child(&s->at, far * fet_fast_turn(angle), far * fet_fast_turn(angle + 0.25f),
                           fet_draw_between(part, 0.0f, 1.0f));
        struct fet_patch p;
        FET_TRY(fet_patch_open(s, &at, -2.6f * r, -2.6f * r, 2.6f * r, 2.6f * r, &p));
        p.reach_px = 1e5f;
        fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 2.5f * r); /* dough rises around it */
        fet_patch_raise(s, &p, 0.6f * r, 1.6f * r, FET_PROFILE_SMOOTH);
        fet_patch_clear(&p);
        fet_patch_ellipse(&p, FET_SDF_JOIN, 0.0f, 0.0f, r, r * flat);
        fet_patch_fill(s, &p, &l->chip, 0.95f);
        fet_patch_raise(s, &p, 0.55f * r * sink, r, FET_PROFILE_ROUND);
    }
    return FET_OK;
}

/* What the mould or the docker pressed in. */
static fet_status stamp_lay(struct fet_scene *s, const struct look *l)
{
    struct fet_patch p;
    if (l->kind == COOKIE) return FET_OK;
    FET_TRY(fet_patch_open(s, &s->at, -l->half_x, -l->half_y, l->half_x, l->half_y, &p));
    if (l->has_text && l->kind != CRACKER)
        fet_letters_line(&p, &l->letters, l->text, 0.0f, 0.0f, 0.0f);
    fet_patch_raise(s, &p, -1.6f, 1.2f, FET_PROFILE_SMOOTH);
    fet_patch_shade(s, &p, 0.8f, 0.6f);
    fet_patch_clear(&p);
    for (int i = 0; i < l->n_holes_x * l->n_holes_y; i++) {
        const float x = ((float)(i % l->n_holes_x) + 0.5f) / (float)l->n_holes_x * 1.7f - 0.85f;
        const float y = ((float)(i / l->n_holes_x) + 0.5f) / (float)l->n_holes_y * 1.7f - 0.85f;
        const bool blocked = l->has_text && l->kind != CRACKER && fet_fast_abs(y) < 0.3f;
        const bool outside = l->corner >= l->half_y && x * x + y * y > 0.75f;
        if (!blocked && !outside)
            fet_patch_circle(&p, FET_SDF_JOIN, x * l->half_x, y * l->half_y, 1.7f);
    }
    fet_patch_raise(s, &p, -3.0f, 1.2f, FET_PROFILE_SMOOTH);
    fet_patch_shade(s, &p, 0.5f, 0.8f);
    fet_patch_clear(&p);
    if (l->kind == SANDWICH || l->kind == SHORTBREAD) {
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, 0.88f * l->half_x, 0.88f * l->half_y,
                      0.88f * l->corner);
        fet_patch_box(&p, FET_SDF_CUT, 0.0f, 0.0f, 0.84f * l->half_x, 0.84f * l->half_y,
                      0.84f * l->corner);
        fet_patch_raise(s, &p, -1.2f, 1.0f, FET_PROFILE_SMOOTH);
    }
    return FET_OK;
}

/* The outline; scallops follow the angle, oven and hand do the rest. */
static void outline(const struct fet_scene *s, struct fet_patch *p, const struct look *l,
                    const float *ragged)
{
    fet_patch_clear(p);
    p->reach_px = 1e5f;
    if (l->n_scallops > 0 && l->kind != COOKIE && l->corner >= l->half_y)
        fet_patch_wave(p, FET_SDF_JOIN, 0.97f * l->half_x, l->n_scallops, 0.022f * l->half_x);
    else
        fet_patch_box(p, FET_SDF_JOIN, 0.0f, 0.0f, l->half_x, l->half_y, l->corner);
    fet_patch_disturb(s, p, ragged, l->ragged);
}

/* A bite, a broken corner or a broken half, along a ragged line. */
static void broken(struct fet_patch *p, const struct look *l, struct fet_own *own,
                   const float *ragged, const struct fet_scene *s)
{
    if (!fet_own_is(own, "missing part")) return;
    struct fet_rng *const r = &own->rng;
    const float angle = fet_draw_between(r, 0.0f, 1.0f);
    const float c = fet_fast_turn(angle + 0.25f);
    const float n = fet_fast_turn(angle);
    const float far = c * c * l->half_x + n * n * l->half_y;
    const bool is_bite = fet_rng_chance(r, 0.5) != 0;
    const float share = fet_draw_between(r, 0.15f, 0.7f);
    fet_patch_disturb(s, p, ragged, -2.2f);
    if (is_bite)
        fet_patch_circle(p, FET_SDF_CUT, c * far, n * far, (0.2f + 0.35f * share) * far);
    else
        fet_patch_half(p, FET_SDF_MEET, c, n, share * far);
    fet_patch_disturb(s, p, ragged, 2.2f);
}

/* The rim is browner than the middle. */
static void rim_brown(struct fet_scene *s, const struct fet_patch *p, const struct look *l)
{
    const float per_reach = 1.0f / (0.22f * l->half_x * p->unit);
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++) {
            const int64_t i = (int64_t)(p->y + y) * s->size + p->x + x;
            const float d = p->d[(int64_t)y * p->w + x];
            const float t = fet_clamp01(1.0f + d * per_reach);
            for (int k = 0; k < 3; k++)
                s->albedo[k][i] = fet_fast_mix(s->albedo[k][i], l->crust[k], 0.45f * t * t);
        }
}

/* Crumbs beside the biscuit, and the lower half of a sandwich. */
static fet_status around_lay(struct fet_scene *scene, struct fet_rng *part, const struct look *l)
{
    struct fet_patch p;
    const struct fet_material crumb = {{l->crumb[0], l->crumb[1], l->crumb[2]}, 0.9f, 0.0f};
    const int n = fet_rng_int(part, 0, 7);
    for (int i = 0; i < 7; i++) {
        const float x = fet_draw_between(part, -120.0f, 120.0f);
        const float y = fet_draw_between(part, -120.0f, 120.0f);
        const float r = fet_draw_size(part, 0.4f, 1.5f);
        const struct fet_pose at = fet_pose_make(x, y, 0.0f, 1.0f);
        if (i >= n) continue;
        FET_TRY(fet_patch_open(scene, &at, -r, -r, r, r, &p));
        fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, r);
        fet_patch_fill(scene, &p, &crumb, 1.0f);
        fet_patch_raise(scene, &p, r, r, FET_PROFILE_ROUND);
    }
    if (l->kind != SANDWICH) return FET_OK;
    const float off = fet_vary(part, 1.2f);
    const float x = l->half_x + 4.0f;
    FET_TRY(fet_patch_open(scene, &scene->at, -x, -x, x, x, &p));
    p.reach_px = 12.0f;
    fet_patch_box(&p, FET_SDF_JOIN, off, -off, l->half_x + 1.2f, l->half_y + 1.2f,
                  l->corner + 1.2f);
    fet_patch_fill(scene, &p, &l->filling, 1.0f);
    fet_patch_raise(scene, &p, 0.7f * l->thick, 4.0f, FET_PROFILE_ROUND);
    fet_patch_own(scene, &p, 1.0f);
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct fet_noise edge = {.scale_x = l.ragged_cell, .octaves = 5, .gain = 0.5f};
    const float x = 1.1f * l.half_x + 8.0f;
    const float y = 1.1f * l.half_y + 8.0f;
    struct fet_scene layer;
    struct fet_patch p;
    float *ragged;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(around_lay(scene, &chance->part, &l));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(fet_texture_new(&layer, &chance->part, &edge, &ragged));
    FET_TRY(dough_lay(&layer, &chance->part, &l));
    FET_TRY(stamp_lay(&layer, &l));
    FET_TRY(fet_patch_open(scene, &scene->at, -x, -y, x, y, &p));
    outline(scene, &p, &l, ragged);
    rim_brown(&layer, &p, &l);
    FET_TRY(chips_lay(&layer, &chance->part, &l));
    broken(&p, &l, own, ragged, scene);
    FET_TRY(fet_layer_lay(scene, &layer, &p, l.thick, l.kind == COOKIE ? 0.4f * l.half_x : 5.0f,
                          FET_PROFILE_ROUND));
    fet_scene_map_free(&layer, ragged);
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"crack",          "hole",          "chip", "stain",
                                      "discolouration", "contamination", NULL};
static const char *const own_faults[] = {"missing part", NULL};

const struct fet_synth_family fet_family_biscuit = {
    .name = "biscuit",
    .summary = "cookies, shortbread, crackers and sandwich biscuits",
    .defects = defects,
    .has_free_pose = true,
    .lamps = FET_LAMP_SOFTBOX | FET_LAMP_BAR | FET_LAMP_RING,
    .draw = draw,
    .own_faults = own_faults,
};
