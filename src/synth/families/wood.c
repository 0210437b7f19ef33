/* Wood: planks cut from trunks. The year rings are distances from a pith that runs aslant below the
 * plank, so flat cuts show cathedrals and quarter cuts show lines; noise bends them, knots push
 * them aside. Pores, rays and fibres follow the species. Knots and tone are allowed variation. */
#include "family.h"

#define MAX_PLANKS 24
#define MAX_KNOTS 3

struct species {
    const char *name;
    float early[3], late[3]; /* reflectance of spring and summer wood */
    float ring;              /* typical width, units */
    float contrast, pores, rays, fibre;
    float knots; /* chance of one on a part */
};

static const struct species kinds[] = {
    {"pine", {0.72f, 0.52f, 0.30f}, {0.50f, 0.26f, 0.10f}, 9.0f, 0.9f, 0.0f, 0.0f, 0.05f, 0.7f},
    {"spruce", {0.74f, 0.59f, 0.40f}, {0.55f, 0.36f, 0.18f}, 5.0f, 0.7f, 0.0f, 0.0f, 0.05f, 0.5f},
    {"oak", {0.52f, 0.36f, 0.20f}, {0.38f, 0.24f, 0.12f}, 7.0f, 0.55f, 0.9f, 0.5f, 0.07f, 0.2f},
    {"ash", {0.68f, 0.55f, 0.38f}, {0.46f, 0.32f, 0.18f}, 9.0f, 0.6f, 0.8f, 0.1f, 0.06f, 0.1f},
    {"beech", {0.60f, 0.40f, 0.26f}, {0.52f, 0.33f, 0.20f}, 8.0f, 0.35f, 0.15f, 0.8f, 0.05f, 0.1f},
    {"walnut", {0.20f, 0.11f, 0.06f}, {0.11f, 0.055f, 0.03f}, 8.0f, 0.6f, 0.5f, 0.1f, 0.09f, 0.1f},
    {"maple", {0.74f, 0.60f, 0.42f}, {0.63f, 0.47f, 0.30f}, 8.0f, 0.3f, 0.05f, 0.2f, 0.04f, 0.1f},
    {"mahogany",
     {0.32f, 0.12f, 0.06f},
     {0.24f, 0.08f, 0.04f},
     14.0f,
     0.35f,
     0.7f,
     0.0f,
     0.08f,
     0.0f},
    {"stained", {0.16f, 0.10f, 0.06f}, {0.07f, 0.045f, 0.03f}, 6.0f, 0.7f, 0.6f, 0.1f, 0.08f, 0.2f},
};

struct look {
    const struct species *species;
    bool is_upright;
    float plank, gap;  /* width of a plank (0: one board) and of the groove between, units */
    float ring, slope; /* ring width; how steeply the pith leaves the plank */
    float rough, polish;
    bool has_edge;
    float half_x, half_y;
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.species = &kinds[fet_rng_below(d, sizeof kinds / sizeof kinds[0])]};
    l.is_upright = fet_rng_chance(d, 0.5) != 0;
    l.plank = fet_rng_chance(d, 0.5) ? fet_draw_between(d, 30.0f, 90.0f) : 0.0f;
    l.gap = fet_draw_between(d, 0.3f, 1.8f);
    l.ring = l.species->ring * fet_draw_size(d, 0.6f, 1.8f);
    l.slope = fet_draw_size(d, 0.03f, 0.35f);
    const bool is_lacquered = fet_rng_chance(d, 0.45) != 0;
    l.rough = is_lacquered ? fet_draw_between(d, 0.2f, 0.42f) : fet_draw_between(d, 0.6f, 0.85f);
    l.polish = is_lacquered ? 0.3f : 1.0f;
    l.has_edge = fet_rng_chance(d, 0.25) != 0;
    l.half_x = fet_draw_between(d, 75.0f, 112.0f);
    l.half_y = fet_draw_between(d, 60.0f, 112.0f);
    return l;
}

/* What one plank was cut from. */
struct plank {
    float pith_v, pith_z, along; /* pith across, below, and where along the trunk */
    float tone, warm;
};

struct knot {
    float u, v, r, per_reach_u, per_reach_v;
};

struct cut {
    const struct look *look;
    struct plank planks[MAX_PLANKS];
    struct knot knots[MAX_KNOTS];
    int n_knots;
    const float *bow, *fibre, *pore, *ray; /* maps */
};

static void cut_vary(struct cut *c, const struct look *l, struct fet_rng *part)
{
    c->look = l;
    for (int i = 0; i < MAX_PLANKS; i++) {
        struct plank *const p = &c->planks[i];
        p->pith_v = fet_draw_between(part, -70.0f, 70.0f);
        p->pith_z = fet_draw_size(part, 6.0f, 130.0f);
        p->along = fet_draw_between(part, -300.0f, 300.0f);
        p->tone = 1.0f + fet_vary(part, l->plank > 0.0f ? 0.09f : 0.05f);
        p->warm = 1.0f + fet_vary(part, 0.04f);
    }
    c->n_knots = 0;
    for (int i = 0; i < MAX_KNOTS; i++) {
        struct knot k;
        k.u = fet_draw_between(part, -120.0f, 120.0f);
        k.v = fet_draw_between(part, -120.0f, 120.0f);
        k.r = fet_draw_size(part, 3.0f, 13.0f);
        k.per_reach_u = 1.0f / (5.5f * k.r);
        k.per_reach_v = 1.0f / (2.4f * k.r);
        const bool is_there = fet_rng_chance(part, (double)l->species->knots) != 0;
        if (is_there) c->knots[c->n_knots++] = k;
    }
}

/* Distance from the pith in rings, at u along and v across; the knot's own share in *in_knot. */
static inline float rings_at(const struct cut *c, const struct plank *p, float u, float v,
                             float bow, float *in_knot)
{
    const float ring = c->look->ring;
    float extra = 0.0f;
    float vv = v;
    *in_knot = 0.0f;
    for (int i = 0; i < c->n_knots; i++) {
        const struct knot *const k = &c->knots[i];
        const float du = u - k->u;
        const float dv = v - k->v + 0.6f * bow;
        const float a = du * k->per_reach_u;
        const float b = dv * k->per_reach_v;
        const float near2 = a * a + b * b; /* rings flow around the knot */
        if (near2 > 6.0f) continue;
        vv -= 0.9f * dv * fet_fast_exp(-near2);
        const float d = sqrtf(0.6f * du * du + dv * dv) / k->r;
        const float in = 1.0f - fet_fast_step(0.8f, 1.25f, d);
        *in_knot = fet_fast_max(*in_knot, in);
        extra += d * (0.35f * k->r) * in; /* the branch has rings of its own */
    }
    const float z = p->pith_z + c->look->slope * (u + p->along);
    const float w = vv - p->pith_v;
    return sqrtf(w * w + z * z) / ring + 0.5f * bow + extra;
}

static inline void pixel(const struct cut *c, struct fet_scene *s, int64_t at, float u, float v)
{
    const struct look *const l = c->look;
    const struct species *const k = l->species;
    int i = 0;
    float groove = 0.0f;
    if (l->plank > 0.0f) {
        const float f = v / l->plank + 12.3f;
        const float whole = fet_fast_floor(f);
        i = (int)whole % MAX_PLANKS;
        const float off = fet_fast_min(f - whole, whole + 1.0f - f) * l->plank;
        groove = 1.0f - fet_fast_step(0.5f * l->gap, 0.5f * l->gap + 0.9f, off);
    }
    const struct plank *const p = &c->planks[i < 0 ? 0 : i];
    float in_knot;
    const float ring = rings_at(c, p, u, v, c->bow[at], &in_knot);
    const float t = ring - fet_fast_floor(ring);
    /* spring wood darkens slowly into summer wood, which ends at once */
    const float late = t * t * (t < 0.93f ? 1.0f : (1.0f - t) * 14.0f);
    const float pore = k->pores * fet_fast_clamp(c->pore[at] - 1.0f - 1.1f * t, 0.0f, 1.0f);
    const float ray = k->rays * fet_fast_clamp(c->ray[at] - 1.7f, 0.0f, 1.0f);
    const float mixed = k->contrast * late * 1.25f + 0.9f * in_knot;
    const float tone = p->tone * (1.0f + k->fibre * c->fibre[at]) * (1.0f - 0.45f * pore) *
                       (1.0f + 0.25f * ray) * (1.0f - 0.3f * in_knot) * (1.0f - 0.8f * groove);
    for (int n = 0; n < 3; n++) {
        const float colour =
            fet_fast_max(fet_fast_mix(k->early[n], k->late[n], mixed), 0.25f * k->late[n]);
        const float warm = n == 0 ? p->warm : n == 2 ? 2.0f - p->warm : 1.0f;
        s->albedo[n][at] = fet_fast_min(colour * tone * warm, 0.95f);
    }
    s->rough[at] =
        fet_fast_clamp(l->rough + 0.06f * c->fibre[at] * l->polish + 0.2f * groove, 0.1f, 1.0f);
    s->height[at] =
        s->px_per_unit *
        (l->polish * (0.10f * late - 0.30f * pore + 0.05f * c->fibre[at]) - 1.6f * groove);
}

static fet_status maps_make(struct fet_scene *scene, struct fet_rng *part, const struct look *l,
                            float *maps[4])
{
    const float sizes[4][2] = {{150.0f, 34.0f}, {70.0f, 1.3f}, {16.0f, 1.1f}, {9.0f, 1.6f}};
    static const int octaves[4] = {3, 3, 1, 1};
    for (int i = 0; i < 4; i++) {
        const struct fet_noise n = {.scale_x = sizes[i][l->is_upright ? 1 : 0],
                                    .scale_y = sizes[i][l->is_upright ? 0 : 1],
                                    .octaves = octaves[i],
                                    .gain = i == 0 ? 0.4f : 0.7f};
        FET_TRY(fet_texture_new(scene, part, &n, &maps[i]));
    }
    return FET_OK;
}

static fet_status wood_lay(struct fet_scene *scene, struct fet_rng *part, const struct look *l)
{
    static const struct fet_material base = {{0.5f, 0.4f, 0.3f}, 0.6f, 0.0f};
    struct cut c;
    float *maps[4];
    cut_vary(&c, l, part);
    FET_TRY(maps_make(scene, part, l, maps));
    c.bow = maps[0];
    c.fibre = maps[1];
    c.pore = maps[2];
    c.ray = maps[3];
    fet_scene_flood(scene, &base, 1.0f);
    for (int y = 0; y < scene->size; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = 0; x < scene->size; x++) {
            const float u = fet_draw_unit(scene, (float)x);
            pixel(&c, scene, (int64_t)y * scene->size + x, l->is_upright ? v : u,
                  l->is_upright ? u : v);
        }
    }
    for (int i = 0; i < 4; i++) fet_scene_map_free(scene, maps[i]);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    (void)fault;
    const struct look l = look_invent(&chance->design);
    if (!l.has_edge) return wood_lay(scene, &chance->part, &l);
    struct fet_scene layer;
    struct fet_patch p;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(wood_lay(&layer, &chance->part, &l));
    FET_TRY(fet_patch_open(scene, &scene->at, -l.half_x, -l.half_y, l.half_x, l.half_y, &p));
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, l.half_x, l.half_y, 2.0f);
    FET_TRY(fet_layer_lay(scene, &layer, &p, 9.0f, 1.5f, FET_PROFILE_ROUND));
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static const char *const defects[] = {"scratch", "dent",           "crack",         "hole",  "chip",
                                      "stain",   "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {NULL};

const struct fet_synth_family fet_family_wood = {
    .name = "wood",
    .summary = "planks of nine species, raw or lacquered",
    .defects = defects,
    .grey_share = 0.1f,
    .draw = draw,
    .own_faults = own_faults,
};
