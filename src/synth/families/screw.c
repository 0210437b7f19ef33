/* Screws, bolts, pins and nails that lie on their side at any angle. The body is a solid of
 * revolution about a (bent) axis: a table of radius along the axis, a helix of the thread by phase
 * (along / pitch - angle about the axis), a hexagon for the heads of bolts. */
#include "family.h"

enum head { HEAD_PAN, HEAD_CHEESE, HEAD_FLAT, HEAD_HEX, HEAD_SOCKET, HEAD_NONE, N_HEADS };
enum tip { TIP_FLAT, TIP_POINT, TIP_DOG, N_TIPS };

#define N_TABLE 512

struct look {
    enum head head;
    enum tip tip;
    struct fet_material metal;
    float length, radius; /* of the shank; the head comes on top of the length */
    float head_r, head_length;
    float pitch, depth;           /* of the thread; pitch over all ribs */
    float thread_from, thread_to; /* shares of the length */
    bool has_helix;               /* else rings: pins, nails */
    bool has_collar;
    float groove_at; /* share of the length, below 0 none */
    float marks;
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.head = (enum head)fet_rng_int(d, 0, N_HEADS - 1)};
    l.tip = (enum tip)fet_rng_int(d, 0, N_TIPS - 1);
    l.metal = fet_matter_steel(d);
    l.length = fet_draw_between(d, 95.0f, 180.0f);
    l.radius = fet_draw_between(d, 9.0f, 21.0f);
    l.head_r = l.radius * fet_draw_between(d, 1.55f, 2.2f);
    l.head_length = l.radius * fet_draw_between(d, 0.9f, 1.8f);
    if (l.head == HEAD_SOCKET) l.head_length = 2.0f * l.radius;
    if (l.head == HEAD_NONE) l.head_length = 0.0f;
    l.has_helix = l.head != HEAD_NONE || fet_rng_chance(d, 0.5);
    const bool is_wood_screw = l.tip == TIP_POINT && l.has_helix;
    l.pitch = l.radius *
              (is_wood_screw ? fet_draw_between(d, 0.7f, 1.1f) : fet_draw_between(d, 0.3f, 0.55f));
    l.pitch = fet_fast_max(l.pitch, 3.6f);
    l.depth = l.pitch * (is_wood_screw ? fet_draw_between(d, 0.3f, 0.45f)
                                       : fet_draw_between(d, 0.28f, 0.42f));
    l.depth = fet_fast_min(l.depth, 0.38f * l.radius);
    l.thread_from = fet_rng_chance(d, 0.5) ? 0.02f : fet_draw_between(d, 0.2f, 0.5f);
    l.thread_to = l.has_helix ? 1.0f : l.thread_from + fet_draw_between(d, 0.25f, 0.4f);
    l.has_collar = fet_rng_chance(d, 0.3) != 0;
    l.groove_at = fet_rng_chance(d, 0.3) ? fet_draw_between(d, 0.7f, 0.85f) : -1.0f;
    if (l.has_helix) l.groove_at = -1.0f;
    l.marks = fet_draw_size(d, 0.02f, 0.08f);
    return l;
}

/* What differs on a faulty one. */
struct harm {
    float bend, bend_from;    /* curvature per unit, from there to the tip */
    float worn_from, worn_to; /* units along; thread damaged between */
    float cut;                /* the tip is broken off behind that, units */
    bool has_no_head;
};

static struct harm harm_make(const struct look *l, struct fet_own *own)
{
    struct fet_rng *const r = &own->rng;
    struct harm h = {.worn_from = 1e6f, .worn_to = 1e6f, .cut = 1e6f, .bend_from = 1e6f};
    const float sign = fet_rng_chance(r, 0.5) ? 1.0f : -1.0f;
    const float a = fet_draw_between(r, 0.0f, 1.0f);
    const float b = fet_draw_between(r, 0.0f, 1.0f);
    if (fet_own_is(own, "bend")) {
        h.bend_from = l->length * fet_fast_mix(0.1f, 0.55f, a);
        const float rest = l->length - h.bend_from;
        h.bend = sign * fet_fast_mix(0.16f, 0.5f, b) / rest; /* end offset 0.08 .. 0.25 of rest */
    }
    if (fet_own_is(own, "thread or weave fault")) {
        const float low = l->thread_from * l->length;
        const float run = (l->thread_to - l->thread_from) * l->length;
        h.worn_from = low + run * fet_fast_mix(0.05f, 0.55f, a);
        h.worn_to =
            h.worn_from + fet_fast_max(2.2f * l->pitch, run * fet_fast_mix(0.12f, 0.35f, b));
    }
    if (fet_own_is(own, "missing part")) {
        h.has_no_head = l->head != HEAD_NONE && sign > 0.0f;
        if (!h.has_no_head) h.cut = l->length * fet_fast_mix(0.45f, 0.85f, a);
    }
    return h;
}

/* Radius of the core and depth of the thread along the axis; u = 0 under the head. */
struct table {
    float from, to, per_step; /* units */
    float core[N_TABLE + 1], thread[N_TABLE + 1], worn[N_TABLE + 1];
};

static float head_radius(const struct look *l, float t) /* t 0 at the top, 1 under the head */
{
    const float r = l->head_r;
    if (l->head == HEAD_PAN) return r * sqrtf(fet_clamp01(1.0f - (1.0f - t) * (1.0f - t) * 0.96f));
    if (l->head == HEAD_FLAT)
        return t < 0.15f ? r : fet_fast_mix(r, l->radius, (t - 0.15f) / 0.85f);
    const float chamfer = fet_clamp01(t * 9.0f + 0.35f);
    return r * (0.88f + 0.12f * chamfer);
}

static float shank_radius(const struct look *l, float u)
{
    const float left = l->length - u;
    if (l->tip == TIP_POINT && left < 2.2f * l->radius) {
        const float t = left / (2.2f * l->radius);
        return l->radius * (l->has_helix ? t : sqrtf(t)) * 0.97f + 0.3f;
    }
    if (l->tip == TIP_DOG && left < 1.2f * l->radius) return 0.68f * l->radius;
    if (left < 0.25f * l->radius) return l->radius - (0.25f * l->radius - left);
    if (l->groove_at > 0.0f && fet_fast_abs(u - l->groove_at * l->length) < 2.5f)
        return 0.78f * l->radius;
    if (l->has_collar && u < 0.22f * l->radius) return 0.5f * (l->radius + l->head_r);
    return l->radius;
}

static void table_fill(const struct look *l, const struct harm *h, struct table *t)
{
    t->from = h->has_no_head ? 0.0f : -l->head_length;
    t->to = fet_fast_min(l->length, h->cut);
    t->per_step = (float)N_TABLE / (t->to - t->from);
    for (int i = 0; i <= N_TABLE; i++) {
        const float u = t->from + (float)i / t->per_step;
        const bool in_head = u < 0.0f;
        t->core[i] = in_head ? head_radius(l, 1.0f + u / fet_fast_max(l->head_length, 1.0f))
                             : shank_radius(l, u);
        const float low = l->thread_from * l->length;
        const float high = l->thread_to * l->length;
        const float in =
            fet_clamp01((u - low) / l->pitch) * fet_clamp01((high - u) / l->pitch + 1.0f);
        const float room = fet_fast_min(l->depth, 0.45f * t->core[i]);
        t->thread[i] = in_head || u > high ? 0.0f : in * room;
        t->worn[i] = u > h->worn_from && u < h->worn_to ? 1.0f : 0.0f;
    }
}

/* Depth below the crest, 0..1, of a thread whose phase is `t` turns. */
static inline float thread_form(float t)
{
    const float f = fet_fast_abs(2.0f * (t - fet_fast_floor(t)) - 1.0f);
    return fet_fast_clamp(1.25f * f - 0.12f, 0.0f, 1.0f);
}

/* Half the hexagon's height above the axis at v, for a turn about the axis; below 0 outside. */
static float hexagon_height(float apothem, float v, float roll)
{
    float least = 1e4f;
    for (int k = 0; k < 6; k++) {
        const float t = roll + (float)k / 6.0f;
        const float c = fet_fast_turn(t + 0.25f);
        const float s = fet_fast_turn(t);
        const float edge = apothem - v * s;
        if (c > 0.02f)
            least = fet_fast_min(least, edge / c);
        else if (edge < 0.0f)
            return edge;
    }
    return least;
}

struct body {
    const struct look *look;
    const struct table *table;
    const struct harm *harm;
    const float *noise; /* map of the scene */
    float roll;         /* turn about the axis */
    float lift;         /* of the axis over the stand, units */
};

/* Sets d (pixels) and height at one place of the body's frame. */
static inline void body_at(const struct body *b, float u, float v, float noise, float unit,
                           float *d, float *height)
{
    const struct look *const l = b->look;
    const struct table *const t = b->table;
    const float rest = fet_fast_max(u - b->harm->bend_from, 0.0f);
    v -= 0.5f * b->harm->bend * rest * rest;
    const float at = fet_fast_clamp((u - t->from) * t->per_step, 0.0f, (float)N_TABLE);
    const int i = (int)at;
    const float core = t->core[i];
    const float side = fet_fast_clamp(v / core, -1.0f, 1.0f);
    const float angle = l->has_helix ? 0.25f * side * (0.64f + 0.36f * side * side) : 0.0f;
    const float form = thread_form(u / l->pitch - angle - b->roll);
    const float worn = t->worn[i] * fet_clamp01(0.75f + 0.8f * noise);
    const float r = core - t->thread[i] * fet_fast_mix(form, 0.62f + 0.25f * noise, worn);
    float z2 = r * r - v * v;
    float edge = fet_fast_abs(v) - r;
    if (u < 0.0f && l->head == HEAD_HEX && t->from < 0.0f) {
        const float z = hexagon_height(0.88f * r, v, b->roll);
        edge = z < 0.0f ? 0.4f - z : -z;
        z2 = z * z;
    }
    edge = fet_fast_max(edge, fet_fast_max(t->from - u, u - t->to));
    *d = edge * unit;
    *height = (b->lift + sqrtf(fet_fast_max(z2, 0.0f))) * unit;
}

/* The sides of a socket head are knurled. */
static inline float knurl_at(const struct look *l, float u, float v, float r)
{
    if (l->head != HEAD_SOCKET || u > -0.12f * l->head_length || u < -0.8f * l->head_length)
        return 0.0f;
    const float side = fet_fast_clamp(v / r, -1.0f, 1.0f);
    const float angle = 0.25f * side * (0.64f + 0.36f * side * side);
    return 0.35f * fet_fast_turn(28.0f * angle);
}

static void body_shape(struct fet_scene *layer, struct fet_patch *p, const struct body *b)
{
    const float step = 1.0f / p->px_per_unit;
    const float half = 0.5f * (b->look->length - b->look->head_length);
    for (int y = 0; y < p->h; y++) {
        float u0;
        float v0;
        fet_pose_local(&p->at, ((float)p->x - p->middle) * step,
                       ((float)(p->y + y) - p->middle) * step, &u0, &v0);
        const int64_t row = (int64_t)(p->y + y) * layer->size + p->x;
        for (int x = 0; x < p->w; x++) {
            const float u = u0 + p->at.c / p->unit * (float)x + half;
            const float v = v0 - p->at.s / p->unit * (float)x;
            float h;
            body_at(b, u, v, b->noise[row + x], p->unit, &p->d[(int64_t)y * p->w + x], &h);
            layer->height[row + x] += h + p->unit * knurl_at(b->look, u, v, b->look->head_r);
        }
    }
}

/* Metal with marks across the axis, oxide and oil. */
static fet_status metal_lay(struct fet_scene *layer, struct fet_synth_chance *chance,
                            const struct look *l, float *noise)
{
    const struct fet_material metal = fet_matter_vary(&l->metal, &chance->part, 0.03f);
    const struct fet_noise marks = {
        .scale_x = 2.2f, .scale_y = 40.0f, .octaves = 2, .at = &layer->at};
    const struct fet_noise cloud = {.scale_x = 14.0f, .octaves = 4, .gain = 0.7f};
    fet_scene_flood(layer, &metal, 1.0f);
    FET_TRY(fet_field_noise(layer, &chance->part, &marks, noise));
    fet_texture_shade(layer, noise, l->marks);
    fet_field_add(layer, noise, 0.08f * layer->px_per_unit, layer->height);
    FET_TRY(fet_field_noise(layer, &chance->part, &cloud, noise));
    fet_texture_shade(layer, noise, 0.05f);
    fet_texture_roughen(layer, noise, 0.05f);
    fet_field_add(layer, noise, 0.05f * layer->px_per_unit, layer->height);
    return FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct harm harm = harm_make(&l, own);
    struct body b = {.look = &l, .harm = &harm};
    b.roll = fet_draw_between(&chance->part, 0.0f, 1.0f);
    b.lift = 0.6f * l.head_r;
    struct table t;
    table_fill(&l, &harm, &t);
    b.table = &t;

    struct fet_scene layer;
    struct fet_patch p;
    float *noise;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(fet_scene_map_new(&layer, &noise));
    FET_TRY(metal_lay(&layer, chance, &l, noise));
    const float half = 0.5f * (l.length + l.head_length) + 2.0f;
    const float wide = l.head_r + 2.0f + 0.3f * l.length * (harm.bend != 0.0f ? 1.0f : 0.0f);
    FET_TRY(fet_patch_open(&layer, &layer.at, -half, -wide, half, wide, &p));
    b.noise = noise;
    body_shape(&layer, &p, &b);
    FET_TRY(fet_layer_lay(scene, &layer, &p, 0.0f, 1.0f, FET_PROFILE_BEVEL));
    fet_scene_map_free(&layer, noise);
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch",        "dent",          "burr", "stain",
                                      "discolouration", "contamination", NULL};
static const char *const own_faults[] = {"missing part", "bend", "thread or weave fault", NULL};

const struct fet_synth_family fet_family_screw = {
    .name = "screw",
    .summary = "screw, bolt, pin or nail lying at any angle",
    .defects = defects,
    .has_free_pose = true,
    .grey_share = 0.4f,
    .draw = draw,
    .own_faults = own_faults,
};
