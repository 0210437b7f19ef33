/* Printed labels and cartons: paper, film or board with a name, an emblem, lines of small print, a
 * bar code or a matrix code, colour fields and borders; on the stand with their outline, or filling
 * the picture. Printed in two inks whose registration wanders a little. */
#include "family.h"

#define MAX_LINES 6

struct look {
    struct fet_material paper, ink, spot;
    bool has_edge, is_film;
    float half_x, half_y, corner;
    float band_y, band_h; /* a field of the spot colour, height 0 none */
    bool has_border, has_code, is_matrix, has_emblem;
    float code_x, code_y, code_w, code_h;
    float emblem_x, emblem_y, emblem_r;
    struct fet_rng emblem, bars;
    struct fet_letters name, small;
    float name_x, name_y, lines_x, lines_y;
    int n_lines;
    char title[FET_WORD_BYTES], lines[MAX_LINES][FET_WORD_BYTES];
    float grain;
};

static void layout_invent(struct look *l, struct fet_rng *d)
{
    const float w = l->half_x;
    const float h = l->half_y;
    const float side = fet_rng_chance(d, 0.5) ? 1.0f : -1.0f;
    l->has_border = fet_rng_chance(d, 0.4) != 0;
    l->band_h = fet_rng_chance(d, 0.6) ? h * fet_draw_between(d, 0.14f, 0.3f) : 0.0f;
    l->band_y = (fet_rng_chance(d, 0.5) ? -1.0f : 1.0f) * (h - l->band_h);
    l->has_emblem = fet_rng_chance(d, 0.75) != 0;
    l->emblem_r = fet_draw_between(d, 0.16f, 0.3f) * h;
    l->emblem_x = side * 0.6f * w;
    l->emblem_y = -0.35f * h;
    l->emblem = *d;
    (void)fet_rng_u64(d);
    fet_word_name(d, fet_rng_int(d, 2, 3), l->title);
    l->name = fet_letters_invent(d, fet_draw_between(d, 0.18f, 0.32f) * h);
    const float space = (l->has_emblem ? 1.0f : 1.6f) * w;
    const float per_height = fet_letters_length(&l->name, l->title) / l->name.height;
    const float k = fet_fast_min(1.0f, space / (per_height * l->name.height));
    l->name.height *= k;
    l->name.width *= k;
    l->name.gap *= k;
    l->name.stroke = fet_fast_max(l->name.stroke * k, 0.09f * l->name.height);
    l->name_x = l->has_emblem ? -side * 0.3f * w : 0.0f;
    l->name_y = -0.38f * h;
    l->has_code = fet_rng_chance(d, 0.8) != 0;
    l->is_matrix = fet_rng_chance(d, 0.35) != 0;
    l->code_w = l->is_matrix ? 0.24f * h : 0.34f * w;
    l->code_h = l->is_matrix ? 0.24f * h : 0.2f * h;
    l->code_x = side * 0.55f * w;
    l->code_y = 0.4f * h;
    l->bars = *d;
    (void)fet_rng_u64(d);
    l->small = fet_letters_invent(d, fet_draw_between(d, 5.5f, 8.0f));
    l->n_lines = fet_rng_int(d, 2, MAX_LINES);
    l->lines_x = -side * 0.42f * w;
    l->lines_y = 0.0f;
    for (int i = 0; i < MAX_LINES; i++) fet_word_code(d, l->lines[i]);
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.has_edge = fet_rng_chance(d, 0.65) != 0};
    l.is_film = fet_rng_chance(d, 0.3) != 0;
    const float white = fet_draw_between(d, 0.84f, 0.95f);
    l.paper = fet_matter_grey(white, fet_draw_between(d, 0.3f, 0.8f));
    const int stock = fet_rng_int(d, 0, 4);
    if (stock == 0) /* kraft */
        l.paper = fet_matter_hue(0.09f, 0.4f, fet_draw_between(d, 0.6f, 0.75f), 0.85f);
    if (stock == 1) l.paper = fet_matter_plastic(d);
    if (stock == 2 && l.is_film) l.paper = (struct fet_material){{0.66f, 0.66f, 0.66f}, 0.3f, 1.0f};
    l.ink = fet_matter_ink(d, &l.paper);
    l.spot =
        fet_matter_between(d, (const float[6]){0.0f, 1.0f, 0.5f, 0.9f, 0.3f, 0.85f}, l.paper.rough);
    l.half_x =
        l.has_edge ? fet_draw_between(d, 78.0f, 112.0f) : fet_draw_between(d, 100.0f, 135.0f);
    l.half_y = l.half_x * fet_draw_between(d, 0.6f, 1.0f);
    if (!l.has_edge) l.half_y = fet_fast_max(l.half_y, 100.0f);
    l.corner = fet_draw_between(d, 0.5f, 12.0f);
    l.grain = l.is_film ? 0.02f : fet_draw_between(d, 0.04f, 0.14f);
    layout_invent(&l, d);
    return l;
}

/* ---- print ---- */

struct press {
    bool is_missing, is_double, is_smeared, is_partial;
    float c, s;     /* direction of the fault */
    float far, cut; /* units */
    float shift_x, shift_y, turns;
};

static struct press press_make(const struct look *l, struct fet_rng *part, struct fet_own *own)
{
    struct press q = {0};
    struct fet_rng *const r = &own->rng;
    const float angle = fet_draw_between(r, 0.0f, 1.0f);
    const int kind = fet_rng_int(r, 0, 2);
    q.c = fet_fast_turn(angle + 0.25f);
    q.s = fet_fast_turn(angle);
    q.far = fet_draw_between(r, 2.0f, 5.0f);
    q.cut = fet_draw_between(r, -0.4f, 0.4f) * l->half_y;
    q.shift_x = fet_vary(part, 0.5f);
    q.shift_y = fet_vary(part, 0.5f);
    q.turns = fet_vary(part, 0.0008f);
    q.is_missing = fet_own_is(own, "missing part");
    if (fet_own_is(own, "misplaced part")) {
        q.shift_x += q.c * 3.0f * q.far;
        q.shift_y += q.s * 3.0f * q.far;
        q.turns += fet_draw_between(r, -0.012f, 0.012f);
    }
    if (fet_own_is(own, "print fault")) {
        q.is_double = kind == 0;
        q.is_smeared = kind == 1;
        q.is_partial = kind == 2;
    }
    return q;
}

static void bars_join(struct fet_patch *p, const struct look *l)
{
    struct fet_rng r = l->bars;
    if (l->is_matrix) {
        const float cell = 2.0f * l->code_w / 14.0f;
        for (int i = 0; i < 14 * 14; i++) {
            const int column = i % 14;
            const int row = i / 14;
            const bool is_finder =
                column == 0 || row == 13 || ((row == 0 || column == 13) && i % 2);
            if (fet_rng_chance(&r, 0.5) == 0 && !is_finder) continue;
            fet_patch_box(p, FET_SDF_JOIN, l->code_x - l->code_w + cell * ((float)column + 0.5f),
                          l->code_y - l->code_h + cell * ((float)row + 0.5f), 0.52f * cell,
                          0.52f * cell, 0.0f);
        }
        return;
    }
    const float module = fet_fast_max(2.0f * l->code_w / 60.0f, 0.9f);
    for (float x = -l->code_w; x < l->code_w;) {
        const float bar = module * (float)fet_rng_int(&r, 1, 3);
        const float gap = module * (float)fet_rng_int(&r, 1, 3);
        fet_patch_box(p, FET_SDF_JOIN, l->code_x + x + 0.5f * bar, l->code_y, 0.5f * bar, l->code_h,
                      0.0f);
        x += bar + gap;
    }
}

/* What is printed in the first (0) or the spot colour (1). */
static void print_join(struct fet_patch *p, const struct look *l, int colour, bool is_missing)
{
    const float w = l->half_x;
    const float h = l->half_y;
    if (colour == 1) {
        struct fet_rng emblem = l->emblem;
        if (l->band_h > 0.0f)
            fet_patch_box(p, FET_SDF_JOIN, 0.0f, l->band_y, 1.02f * w, l->band_h, 0.0f);
        if (l->has_emblem) fet_logo_join(p, &emblem, l->emblem_x, l->emblem_y, l->emblem_r);
        return;
    }
    if (!is_missing || l->has_code) /* what is missing is the code, or the name where none is */
        fet_letters_line(p, &l->name, l->title, l->name_x, l->name_y, 0.0f);
    for (int i = 0; i < l->n_lines; i++)
        fet_letters_line(p, &l->small, l->lines[i], l->lines_x,
                         l->lines_y + 1.6f * l->small.height * (float)i, 0.0f);
    if (l->has_code && !is_missing) bars_join(p, l);
    if (!l->has_border) return;
    for (int i = 0; i < 4; i++) {
        const bool is_side = i < 2;
        const float sign = i % 2 == 0 ? 1.0f : -1.0f;
        fet_patch_box(p, FET_SDF_JOIN, is_side ? sign * 0.94f * w : 0.0f,
                      is_side ? 0.0f : sign * 0.92f * h, is_side ? 0.8f : 0.94f * w,
                      is_side ? 0.92f * h : 0.8f, 0.0f);
    }
}

static fet_status ink_lay(struct fet_scene *s, const struct look *l, const struct press *q,
                          int colour, float slip, float extra, const float *worn)
{
    const struct fet_material *const ink = colour == 1 ? &l->spot : &l->ink;
    const struct fet_pose at = fet_pose_child(&s->at, q->shift_x + extra * q->c + slip,
                                              q->shift_y + extra * q->s, q->turns);
    const float w = 1.1f * l->half_x;
    const float h = 1.1f * l->half_y;
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, &at, -w, -h, w, h, &p));
    p.reach_px = 3.0f;
    print_join(&p, l, colour, q->is_missing);
    fet_patch_disturb(s, &p, worn, 0.12f);
    if (q->is_partial) {
        fet_patch_half(&p, FET_SDF_MEET, q->c, q->s, q->cut);
        fet_patch_disturb(s, &p, worn, 0.8f);
    }
    if (q->is_smeared)
        for (int i = 1; i <= 4; i++) {
            struct fet_patch trail = p;
            trail.x += (int)(q->c * q->far * p.unit * (float)i * 0.5f);
            trail.y += (int)(q->s * q->far * p.unit * (float)i * 0.5f);
            const bool fits = trail.x >= 0 && trail.y >= 0 && trail.x + trail.w <= s->size &&
                              trail.y + trail.h <= s->size;
            if (fits) fet_patch_fill(s, &trail, ink, 0.3f - 0.05f * (float)i);
        }
    fet_patch_fill(s, &p, ink, 0.94f);
    return FET_OK;
}

static fet_status sheet_lay(struct fet_scene *s, struct fet_synth_chance *chance,
                            const struct look *l, struct fet_own *own)
{
    const struct fet_material paper = fet_matter_vary(&l->paper, &chance->part, 0.01f);
    const struct fet_noise wave = {.scale_x = 120.0f, .octaves = 3, .gain = 0.5f};
    const struct fet_noise fibre = {.scale_x = 4.0f, .octaves = 3, .gain = 0.8f};
    float *map;
    fet_scene_flood(s, &paper, 1.0f);
    FET_TRY(fet_texture_new(s, &chance->part, &wave, &map));
    fet_field_add(s, map, (l->is_film ? 1.2f : 0.8f) * s->px_per_unit, s->height);
    FET_TRY(fet_field_noise(s, &chance->part, &fibre, map));
    fet_texture_shade(s, map, 0.25f * l->grain);
    fet_field_add(s, map, l->grain * s->px_per_unit, s->height);
    const struct press q = press_make(l, &chance->part, own);
    for (int colour = 1; colour >= 0; colour--) {
        const float slip = colour == 1 ? fet_vary(&chance->part, 0.3f) : 0.0f;
        FET_TRY(ink_lay(s, l, &q, colour, slip, 0.0f, map));
        if (q.is_double) FET_TRY(ink_lay(s, l, &q, colour, slip, q.far, map));
    }
    fet_scene_map_free(s, map);
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    if (!l.has_edge) return sheet_lay(scene, chance, &l, own);
    struct fet_scene layer;
    struct fet_patch p;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(sheet_lay(&layer, chance, &l, own));
    FET_TRY(fet_patch_open(scene, &scene->at, -l.half_x, -l.half_y, l.half_x, l.half_y, &p));
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, l.half_x, l.half_y, l.corner);
    FET_TRY(fet_layer_lay(scene, &layer, &p, 1.6f, 0.6f, FET_PROFILE_BEVEL));
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch",        "hole",          "chip",  "stain",
                                      "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", "print fault", NULL};

const struct fet_synth_family fet_family_label = {
    .name = "label",
    .summary = "printed label or carton with name, emblem, small print and codes",
    .defects = defects,
    .grey_share = 0.15f,
    .draw = draw,
    .own_faults = own_faults,
};
