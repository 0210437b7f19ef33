/* Which lamps stand around a product's station, and how they change from shot to shot. */
#include "draw.h"
#include "light.h"

/* Sets what depends on area and level: level is what flat white paper shows of this lamp. */
static void lamp_set_level(struct fet_lamp *lamp, float level, float warmth)
{
    const float tint[3] = {1.0f + warmth, 1.0f, 1.0f - warmth};
    const float area =
        lamp->is_ring ? FET_PI * (lamp->half[1] * lamp->half[1] - lamp->half[0] * lamp->half[0])
                      : 4.0f * lamp->half[0] * lamp->half[1];
    for (int c = 0; c < 3; c++) {
        lamp->diffuse[c] = level * tint[c];
        lamp->radiance[c] = level * tint[c] * FET_PI / fet_fast_max(area, 0.03f);
    }
}

/* No ring lights evenly: one side is nearer or older. */
static void lamp_lean(struct fet_rng *rng, struct fet_lamp *lamp, float deviation)
{
    for (int i = 0; i < 2; i++)
        lamp->to[i] = fet_fast_clamp(fet_draw_normal(rng, 0.0f, deviation), -0.5f, 0.5f);
    lamp->to[2] = sqrtf(1.0f - lamp->to[0] * lamp->to[0] - lamp->to[1] * lamp->to[1]);
}

/* A box whose centre stands at slant (0 overhead .. 1 horizon) in the direction of turns. */
static struct fet_lamp lamp_box(float slant, float turns, float half_along, float half_across)
{
    const float c = fet_fast_turn(turns + 0.25f), s = fet_fast_turn(turns);
    struct fet_lamp lamp = {.middle = {slant * c, slant * s}, .axis = {c, s}};
    lamp.half[0] = half_along;
    lamp.half[1] = half_across;
    lamp.to[0] = slant * c;
    lamp.to[1] = slant * s;
    lamp.to[2] = sqrtf(1.0f - slant * slant);
    return lamp;
}

static struct fet_lamp lamp_ring(float inner, float outer)
{
    struct fet_lamp lamp = {.is_ring = true, .to = {0.0f, 0.0f, 1.0f}};
    lamp.half[0] = inner;
    lamp.half[1] = outer;
    return lamp;
}

static void add_softbox(struct fet_rng *rng, struct fet_rig *rig, float level)
{
    struct fet_lamp *const lamp = &rig->lamps[rig->n_lamps++];
    const float slant = fet_draw_between(rng, 0.25f, 0.8f), turns = fet_draw_between(rng, 0, 1.0f);
    const float along = fet_draw_between(rng, 0.1f, 0.3f);
    *lamp = lamp_box(slant, turns, along, along * fet_draw_between(rng, 1.0f, 2.5f));
    lamp->shadow = fet_draw_between(rng, 0.35f, 0.9f);
    for (int i = 0; i < 2; i++) lamp->fall[i] = fet_draw_between(rng, 0.15f, 0.6f) * lamp->to[i];
    lamp_set_level(lamp, level, fet_draw_normal(rng, 0.0f, 0.03f));
}

static void add_ring(struct fet_rng *rng, struct fet_rig *rig, float level)
{
    struct fet_lamp *const lamp = &rig->lamps[rig->n_lamps++];
    const float inner = fet_draw_between(rng, 0.12f, 0.4f);
    *lamp = lamp_ring(inner, inner + fet_draw_between(rng, 0.08f, 0.22f));
    for (int i = 0; i < 2; i++) lamp->fall[i] = fet_draw_normal(rng, 0.0f, 0.07f);
    lamp_lean(rng, lamp, 0.16f);
    lamp->shadow = fet_draw_between(rng, 0.0f, 0.4f);
    lamp_set_level(lamp, level, fet_draw_normal(rng, 0.0f, 0.02f));
}

static void add_dome(struct fet_rng *rng, struct fet_rig *rig, float level)
{
    struct fet_lamp *const lamp = &rig->lamps[rig->n_lamps++];
    const float inner = fet_draw_between(rng, 0.02f, 0.1f);
    *lamp = lamp_ring(inner, fet_draw_between(rng, 0.75f, 0.95f));
    for (int i = 0; i < 2; i++) {
        lamp->middle[i] = fet_draw_normal(rng, 0.0f, 0.06f);
        lamp->fall[i] = fet_draw_normal(rng, 0.0f, 0.09f);
    }
    lamp_lean(rng, lamp, 0.12f);
    lamp_set_level(lamp, level, fet_draw_normal(rng, 0.0f, 0.02f));
}

static void add_bar(struct fet_rng *rng, struct fet_rig *rig, float level)
{
    struct fet_lamp *const lamp = &rig->lamps[rig->n_lamps++];
    const float slant = fet_draw_between(rng, 0.55f, 0.9f), turns = fet_draw_between(rng, 0, 1.0f);
    const float across = fet_draw_between(rng, 0.03f, 0.08f);
    *lamp = lamp_box(slant, turns, across, fet_draw_between(rng, 0.4f, 0.8f));
    lamp->shadow = fet_draw_between(rng, 0.6f, 1.0f);
    for (int i = 0; i < 2; i++) lamp->fall[i] = fet_draw_between(rng, 0.2f, 0.55f) * lamp->to[i];
    lamp_set_level(lamp, level, fet_draw_normal(rng, 0.0f, 0.03f));
}

static void add_darkfield(struct fet_rng *rng, struct fet_rig *rig, float level)
{
    struct fet_lamp *const lamp = &rig->lamps[rig->n_lamps++];
    const float inner = fet_draw_between(rng, 0.7f, 0.85f);
    *lamp = lamp_ring(inner, inner + fet_draw_between(rng, 0.06f, 0.12f));
    for (int i = 0; i < 2; i++) lamp->fall[i] = fet_draw_normal(rng, 0.0f, 0.12f);
    lamp_lean(rng, lamp, 0.2f);
    lamp_set_level(lamp, level, fet_draw_normal(rng, 0.0f, 0.02f));
}

/* A far window or ceiling lamp: seen in glossy things, lights hardly anything. */
static void add_window(struct fet_rng *rng, struct fet_rig *rig)
{
    struct fet_lamp *const lamp = &rig->lamps[rig->n_lamps++];
    const float slant = fet_draw_between(rng, 0.3f, 0.8f),
                turns = fet_draw_between(rng, 0.0f, 1.0f);
    const float along = fet_draw_between(rng, 0.04f, 0.15f);
    *lamp = lamp_box(slant, turns, along, fet_draw_between(rng, 0.08f, 0.3f));
    const float level = fet_draw_size(rng, 0.02f, 0.1f);
    lamp_set_level(lamp, level, fet_draw_normal(rng, -0.03f, 0.08f));
}

void fet_rig_design(struct fet_rng *rng, unsigned lamps, struct fet_rig *rig)
{
    if (lamps == 0) lamps = 31;
    unsigned choice;
    do choice = 1u << fet_rng_below(rng, 5);
    while ((lamps & choice) == 0);
    *rig = (struct fet_rig){.view = fet_draw_between(rng, 0.04f, 0.35f)};
    const float key = fet_draw_between(rng, 0.6f, 0.9f);
    switch (choice) {
    case FET_LAMP_RING:
        add_ring(rng, rig, key);
        break;
    case FET_LAMP_DOME:
        add_dome(rng, rig, key);
        break;
    case FET_LAMP_BAR:
        add_bar(rng, rig, key);
        break;
    case FET_LAMP_DARKFIELD:
        add_darkfield(rng, rig, key);
        break;
    default:
        add_softbox(rng, rig, key);
        break;
    }
    /* a second, weaker lamp on half of the stations with lamps from the side */
    if ((choice == FET_LAMP_SOFTBOX || choice == FET_LAMP_BAR) && fet_rng_chance(rng, 0.6))
        add_softbox(rng, rig, key * fet_draw_between(rng, 0.2f, 0.9f));
    if (fet_rng_chance(rng, 0.5)) add_window(rng, rig);
    const float stray = fet_draw_size(rng, 0.04f, 0.26f), warm = fet_draw_normal(rng, 0.0f, 0.06f);
    const float room = stray * fet_draw_between(rng, 0.5f, 1.2f);
    for (int c = 0; c < 3; c++) {
        const float tint = 1.0f + warm * (1.0f - (float)c);
        rig->ambient[c] = stray * tint;
        rig->room[c] = room * tint;
    }
    for (int i = 0; i < 2; i++) {
        rig->room_tilt[i] = fet_draw_normal(rng, 0.0f, 0.5f);
        rig->lean[i] = fet_draw_normal(rng, 0.0f, 0.02f);
    }
}

void fet_rig_jitter(struct fet_rng *rng, float variation, struct fet_rig *rig)
{
    for (int k = 0; k < rig->n_lamps; k++) {
        struct fet_lamp *const lamp = &rig->lamps[k];
        const float gain = fet_fast_exp2(fet_draw_normal(rng, 0.0f, 0.16f * variation));
        for (int c = 0; c < 3; c++) {
            lamp->radiance[c] *= gain;
            lamp->diffuse[c] *= gain;
        }
        for (int i = 0; i < 2; i++) {
            lamp->middle[i] += fet_draw_normal(rng, 0.0f, 0.03f * variation);
            lamp->fall[i] += fet_draw_normal(rng, 0.0f, 0.06f * variation);
        }
    }
    const float stray = fet_fast_exp2(fet_draw_normal(rng, 0.0f, 0.35f * variation));
    for (int c = 0; c < 3; c++) {
        rig->ambient[c] *= stray;
        rig->room[c] *= stray;
    }
    for (int i = 0; i < 2; i++) {
        rig->room_tilt[i] += fet_draw_normal(rng, 0.0f, 0.15f * variation);
        rig->lean[i] += fet_draw_normal(rng, 0.0f, 0.02f * variation);
    }
}
