/* Injection-moulded parts: a shell with rim, ribs, bosses, slots, clips, letters, ejector marks and
 * the stub of the gate, in matt eroded or polished plastic. Short shots leave a rib or boss out. */
#include "family.h"
#include "place.h"

enum item_kind { BOSS, RIB, SLOTS, POCKET, CLIP, EJECTOR, N_ITEMS };

struct item {
    enum item_kind kind;
    float x, y, a, b, turns, rise;
};

struct look {
    struct fet_material body, insert;
    float half_x, half_y, corner;
    int n_lobes;
    float lobe[3][4]; /* x, y, half sides */
    float thick, rim, rim_rise, edge;
    float texture, cell;
    int n_items;
    struct item items[12];
    bool has_text, has_insert;
    struct fet_letters letters;
    char text[FET_WORD_BYTES];
    float text_x, text_y;
    float gate_x, gate_y;
    int n_ribs_x, n_ribs_y; /* a grid of stiffening ribs */
    float rib_rise;
};

/* A symmetric group of bosses first: it is what catches the eye; then what finds room. */
static void items_invent(struct look *l, struct fet_rng *d)
{
    struct fet_spot spots[16];
    int n_spots = 0;
    const int wanted = fet_rng_int(d, 4, 12);
    const float boss = fet_draw_between(d, 4.5f, 11.0f);
    const float share = fet_draw_between(d, 0.35f, 0.65f);
    const float rise = fet_draw_between(d, 3.0f, 9.0f);
    const float bx = l->half_x * fet_draw_between(d, 0.45f, 0.75f);
    const float by = l->half_y * fet_draw_between(d, 0.45f, 0.75f);
    const int n_bosses = 2 * fet_rng_int(d, 1, 2);
    for (int i = 0; i < n_bosses; i++) {
        const float x = i & 1 ? -bx : bx;
        const float y = i & 2 ? -by : by * (n_bosses == 2 && i == 1 ? -1.0f : 1.0f);
        l->items[l->n_items++] =
            (struct item){.kind = BOSS, .x = x, .y = y, .a = boss, .b = share, .rise = rise};
        spots[n_spots++] = (struct fet_spot){x, y, boss + 2.0f};
    }
    const float text = l->has_text ? 0.35f * fet_letters_length(&l->letters, l->text) : 0.0f;
    spots[n_spots++] = (struct fet_spot){l->text_x, l->text_y, text};
    while (l->n_items < wanted) {
        struct item t = {.kind = (enum item_kind)fet_rng_int(d, 0, N_ITEMS - 1)};
        struct fet_spot spot;
        t.turns = 0.25f * (float)fet_rng_int(d, 0, 3);
        t.rise = fet_draw_between(d, 2.0f, 8.0f);
        t.a = fet_draw_between(d, 8.0f, 28.0f);
        t.b = fet_draw_between(d, 0.3f, 0.7f);
        if (t.kind == EJECTOR || t.kind == BOSS) t.a *= 0.35f;
        const float r = t.kind == RIB ? 0.6f * t.a : t.a;
        const bool fits = fet_place_find(d, spots, n_spots, 0.86f * l->half_x - r,
                                         0.86f * l->half_y - r, r + 1.5f, &spot);
        if (!fits) t = (struct item){.kind = EJECTOR, .x = 0.8f * l->half_x, .a = 4.0f};
        if (fits) {
            t.x = spot.x;
            t.y = spot.y;
            spots[n_spots++] = spot;
        }
        l->items[l->n_items++] = t;
    }
}

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.body = fet_matter_plastic(d), .insert = fet_matter_metal(d)};
    l.half_x = fet_draw_between(d, 62.0f, 106.0f);
    l.half_y = fet_draw_between(d, 48.0f, 106.0f);
    l.corner = fet_draw_between(d, 4.0f, 48.0f);
    l.n_lobes = fet_rng_int(d, 0, 3);
    for (int i = 0; i < 3; i++) {
        l.lobe[i][0] = fet_draw_between(d, -0.8f, 0.8f) * l.half_x;
        l.lobe[i][1] = (fet_rng_chance(d, 0.5) ? 1.0f : -1.0f) * l.half_y;
        l.lobe[i][2] = fet_draw_between(d, 8.0f, 30.0f);
        l.lobe[i][3] = fet_draw_between(d, 5.0f, 14.0f);
    }
    l.thick = fet_draw_between(d, 4.0f, 14.0f);
    l.rim = fet_draw_between(d, 2.5f, 7.0f);
    l.rim_rise = fet_rng_chance(d, 0.75) ? fet_draw_between(d, 2.0f, 9.0f) : 0.0f;
    l.edge = fet_draw_between(d, 1.0f, 4.0f);
    l.texture = fet_draw_size(d, 0.015f, 0.22f);
    l.cell = fet_draw_size(d, 1.2f, 3.2f);
    l.has_text = fet_rng_chance(d, 0.6) != 0;
    l.has_insert = fet_rng_chance(d, 0.35) != 0;
    l.letters = fet_letters_invent(d, fet_draw_between(d, 7.0f, 14.0f));
    fet_word_code(d, l.text);
    l.text_x = fet_draw_between(d, -0.3f, 0.3f) * l.half_x;
    l.text_y = fet_draw_between(d, -0.5f, 0.5f) * l.half_y;
    l.gate_x = fet_draw_between(d, -0.4f, 0.4f) * l.half_x;
    l.gate_y = fet_draw_between(d, -0.4f, 0.4f) * l.half_y;
    const bool has_grid = fet_rng_chance(d, 0.35) != 0;
    l.n_ribs_x = fet_rng_int(d, 1, 5) * (has_grid ? 1 : 0);
    l.n_ribs_y = fet_rng_int(d, 0, 4) * (has_grid ? 1 : 0);
    l.rib_rise = fet_draw_between(d, 1.5f, 5.0f);
    items_invent(&l, d);
    return l;
}

/* Which item a short shot leaves out: a boss or rib, else whatever is first. */
static int item_pick(const struct look *l, struct fet_own *own)
{
    if (!fet_own_is(own, "missing part")) return -1;
    const int start = fet_rng_int(&own->rng, 0, l->n_items - 1);
    for (int i = 0; i < l->n_items; i++) {
        const int k = (start + i) % l->n_items;
        if (l->items[k].kind == BOSS || l->items[k].kind == RIB) return k;
    }
    return start;
}

static fet_status boss_draw(struct fet_scene *s, const struct look *l, const struct item *t,
                            struct fet_patch *p)
{
    const struct fet_material hole = fet_matter_grey(0.05f, 0.8f);
    p->reach_px = 1e5f;
    fet_patch_circle(p, FET_SDF_JOIN, 0.0f, 0.0f, t->a);
    fet_patch_raise(s, p, t->rise, 1.5f, FET_PROFILE_SMOOTH);
    fet_patch_clear(p);
    fet_patch_circle(p, FET_SDF_JOIN, 0.0f, 0.0f, (l->has_insert ? 0.78f : t->b) * t->a);
    if (l->has_insert) {
        fet_patch_fill(s, p, &l->insert, 1.0f);
        fet_patch_clear(p);
        fet_patch_circle(p, FET_SDF_JOIN, 0.0f, 0.0f, 0.5f * t->a);
    }
    fet_patch_raise(s, p, -1.5f * t->rise, 1.2f, FET_PROFILE_SMOOTH);
    fet_patch_grow(p, -0.7f);
    fet_patch_fill(s, p, &hole, 0.6f);
    return FET_OK;
}

static fet_status item_draw(struct fet_scene *s, const struct look *l, const struct item *t)
{
    const struct fet_pose at = fet_pose_child(&s->at, t->x, t->y, t->turns);
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, &at, -t->a - 4.0f, -t->a - 4.0f, t->a + 4.0f, t->a + 4.0f, &p));
    switch (t->kind) {
    case BOSS:
        return boss_draw(s, l, t, &p);
    case RIB:
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, t->a, 1.6f, 0.5f);
        fet_patch_raise(s, &p, t->rise, 1.3f, FET_PROFILE_SMOOTH);
        break;
    case SLOTS:
        for (int i = 0; i < 5; i++)
            fet_patch_box(&p, FET_SDF_JOIN, 0.0f, t->a * t->b * 0.5f * (float)(i - 2), 0.75f * t->a,
                          0.11f * t->a * t->b + 0.6f, 2.0f);
        fet_patch_raise(s, &p, -l->thick, 0.8f, FET_PROFILE_SMOOTH);
        fet_patch_shade(s, &p, 0.35f, 0.3f);
        break;
    case POCKET:
        p.reach_px = 1e5f;
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, t->a, t->a * t->b, 3.0f);
        fet_patch_raise(s, &p, -0.5f * l->thick, 2.0f, FET_PROFILE_SMOOTH);
        break;
    case CLIP:
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, 0.5f * t->a, 4.0f, 0.8f);
        fet_patch_raise(s, &p, t->rise, 0.8f, FET_PROFILE_BEVEL);
        fet_patch_clear(&p);
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 1.8f, 0.5f * t->a, 2.2f, 0.8f);
        fet_patch_raise(s, &p, 2.5f, 3.5f, FET_PROFILE_BEVEL);
        break;
    case EJECTOR:
    case N_ITEMS:
    default:
        fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, t->a);
        fet_patch_raise(s, &p, -0.45f, 0.5f, FET_PROFILE_SMOOTH);
        break;
    }
    return FET_OK;
}

static fet_status ribs_draw(struct fet_scene *s, const struct look *l)
{
    struct fet_patch p;
    if (l->n_ribs_x == 0) return FET_OK;
    FET_TRY(fet_patch_open(s, &s->at, -l->half_x, -l->half_y, l->half_x, l->half_y, &p));
    for (int i = 1; i <= l->n_ribs_x; i++)
        fet_patch_box(&p, FET_SDF_JOIN,
                      l->half_x * (2.0f * (float)i / (float)(l->n_ribs_x + 1) - 1.0f), 0.0f, 1.3f,
                      l->half_y, 0.0f);
    for (int i = 1; i <= l->n_ribs_y; i++)
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f,
                      l->half_y * (2.0f * (float)i / (float)(l->n_ribs_y + 1) - 1.0f), l->half_x,
                      1.3f, 0.0f);
    fet_patch_raise(s, &p, l->rib_rise, 1.2f, FET_PROFILE_SMOOTH);
    return FET_OK;
}

/* The gate's stub, torn a little differently each time, with a pale blush. */
static fet_status gate_draw(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const float stub = fet_draw_between(part, 0.6f, 1.6f);
    const struct fet_pose at =
        fet_pose_child(&s->at, l->gate_x, l->gate_y, fet_draw_between(part, 0.0f, 1.0f));
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, &at, -14.0f, -14.0f, 14.0f, 14.0f, &p));
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 5.0f);
    fet_patch_shade(s, &p, 1.1f, 6.0f);
    fet_patch_raise(s, &p, -0.5f, 1.5f, FET_PROFILE_SMOOTH);
    fet_patch_clear(&p);
    fet_patch_ellipse(&p, FET_SDF_JOIN, 0.0f, 0.0f, 2.2f, 1.7f);
    fet_patch_raise(s, &p, stub, 1.0f, FET_PROFILE_ROUND);
    return FET_OK;
}

static fet_status skin_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_material body = fet_matter_vary(&l->body, part, 0.015f);
    const struct fet_noise cloud = {.scale_x = 60.0f, .octaves = 4, .gain = 0.5f};
    const struct fet_noise skin = {.scale_x = l->cell, .octaves = 2, .gain = 0.8f};
    float *map;
    fet_scene_flood(s, &body, 1.0f);
    FET_TRY(fet_texture_new(s, part, &cloud, &map));
    fet_texture_shade(s, map, 0.012f);
    fet_texture_roughen(s, map, 0.025f);
    fet_field_add(s, map, 0.3f * s->px_per_unit, s->height); /* warp and sink marks */
    FET_TRY(fet_field_noise(s, part, &skin, map));
    fet_field_add(s, map, l->texture * s->px_per_unit, s->height);
    fet_scene_map_free(s, map);
    return FET_OK;
}

static void outline(struct fet_patch *p, const struct look *l)
{
    p->reach_px = 1e5f;
    fet_patch_box(p, FET_SDF_JOIN, 0.0f, 0.0f, l->half_x, l->half_y, l->corner);
    for (int i = 0; i < l->n_lobes; i++)
        fet_patch_box(p, FET_SDF_JOIN, l->lobe[i][0], l->lobe[i][1], l->lobe[i][2], l->lobe[i][3],
                      4.0f);
}

static fet_status shell_lay(struct fet_scene *scene, struct fet_scene *layer, const struct look *l)
{
    const float x = l->half_x + 30.0f;
    const float y = l->half_y + 16.0f;
    struct fet_patch p;
    FET_TRY(fet_patch_open(scene, &scene->at, -x, -y, x, y, &p));
    outline(&p, l);
    if (l->rim_rise > 0.0f) { /* the floor of the shell lies lower than its rim */
        fet_patch_grow(&p, -l->rim);
        fet_patch_raise(layer, &p, -l->rim_rise, 2.0f, FET_PROFILE_SMOOTH);
        fet_patch_grow(&p, l->rim);
    }
    return fet_layer_lay(scene, layer, &p, l->thick + l->rim_rise, l->edge, FET_PROFILE_ROUND);
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const int i_missing = item_pick(&l, own);
    struct fet_scene layer;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(skin_lay(&layer, &chance->part, &l));
    FET_TRY(ribs_draw(&layer, &l));
    for (int i = 0; i < l.n_items; i++)
        if (i != i_missing) FET_TRY(item_draw(&layer, &l, &l.items[i]));
    if (l.has_text) {
        struct fet_patch p;
        const float half = 0.5f * fet_letters_length(&l.letters, l.text) + 3.0f;
        const struct fet_pose at = fet_pose_child(&layer.at, l.text_x, l.text_y, 0.0f);
        FET_TRY(fet_patch_open(&layer, &at, -half, -l.letters.height, half, l.letters.height, &p));
        fet_letters_line(&p, &l.letters, l.text, 0.0f, 0.0f, 0.0f);
        fet_patch_raise(&layer, &p, 0.8f, 0.8f, FET_PROFILE_SMOOTH);
    }
    FET_TRY(gate_draw(&layer, &chance->part, &l));
    FET_TRY(shell_lay(scene, &layer, &l));
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch",       "dent",  "crack", "hole",
                                      "chip",          "burr",  "stain", "discolouration",
                                      "contamination", "scuff", NULL};
static const char *const own_faults[] = {"missing part", NULL};

const struct fet_synth_family fet_family_plastic = {
    .name = "plastic",
    .summary = "moulded part with rim, ribs, bosses, slots and gate mark",
    .defects = defects,
    .grey_share = 0.15f,
    .draw = draw,
    .own_faults = own_faults,
};
