/* Palettes of real materials. Metals: normal-incidence reflectance (Akenine-Moller et al.,
 * Real-Time Rendering, 4th edition 2018, table 9.2), dulled by oxide. */
#include "matter.h"

static float to_linear(float v)
{
    return fet_fast_pow(fet_fast_clamp(v, 0.0f, 1.0f), 2.2f);
}

struct fet_material fet_matter_hue(float hue, float saturation, float value, float rough)
{
    struct fet_material m = {.rough = rough};
    for (int k = 0; k < 3; k++) {
        const float t = hue + (float)(3 - k) / 3.0f;
        const float way = fet_fast_abs((t - fet_fast_floor(t)) * 6.0f - 3.0f) - 1.0f;
        const float full = fet_fast_clamp(way, 0.0f, 1.0f);
        m.albedo[k] = to_linear(value * (1.0f - saturation * (1.0f - full)));
    }
    /* no pigment swallows a colour whole, and blue ones least of all */
    const float grey = to_linear(value * (1.0f - 0.5f * saturation));
    const float pale = 0.06f + 0.12f * fet_clamp01(1.0f - 6.0f * fet_fast_abs(hue - 0.7f));
    for (int k = 0; k < 3; k++) m.albedo[k] = fet_fast_mix(m.albedo[k], grey, pale);
    return m;
}

struct fet_material fet_matter_between(struct fet_rng *r, const float spans[6], float rough)
{
    const float hue = fet_draw_between(r, spans[0], spans[1]);
    const float saturation = fet_draw_between(r, spans[2], spans[3]);
    return fet_matter_hue(hue, saturation, fet_draw_between(r, spans[4], spans[5]), rough);
}

struct fet_material fet_matter_grey(float value, float rough)
{
    const float v = to_linear(value);
    return (struct fet_material){.albedo = {v, v, v}, .rough = rough};
}

static struct fet_material choose(struct fet_rng *r, const struct fet_material *table, int n)
{
    return table[fet_rng_below(r, (uint32_t)n)];
}

static const struct fet_material metals[] = {
    {{0.52f, 0.51f, 0.49f}, 0.35f, 1.0f}, /* steel */
    {{0.60f, 0.59f, 0.58f}, 0.25f, 1.0f}, /* stainless */
    {{0.80f, 0.81f, 0.82f}, 0.35f, 1.0f}, /* aluminium */
    {{0.66f, 0.67f, 0.69f}, 0.45f, 1.0f}, /* zinc */
    {{0.80f, 0.62f, 0.32f}, 0.30f, 1.0f}, /* brass */
    {{0.84f, 0.52f, 0.39f}, 0.32f, 1.0f}, /* copper */
    {{0.66f, 0.47f, 0.28f}, 0.35f, 1.0f}, /* bronze */
    {{0.50f, 0.47f, 0.43f}, 0.40f, 1.0f}, /* titanium */
    {{0.82f, 0.66f, 0.34f}, 0.28f, 1.0f}, /* gilded */
};

struct fet_material fet_matter_metal(struct fet_rng *r)
{
    struct fet_material m = choose(r, metals, (int)(sizeof metals / sizeof *metals));
    m.rough = fet_fast_clamp(m.rough + fet_vary(r, 0.07f), 0.12f, 0.7f);
    return fet_matter_vary(&m, r, 0.05f);
}

struct fet_material fet_matter_steel(struct fet_rng *r)
{
    static const struct fet_material steels[] = {
        {{0.52f, 0.51f, 0.49f}, 0.35f, 1.0f},   /* plain */
        {{0.60f, 0.59f, 0.58f}, 0.25f, 1.0f},   /* stainless */
        {{0.64f, 0.65f, 0.68f}, 0.30f, 1.0f},   /* bright zinc */
        {{0.64f, 0.57f, 0.36f}, 0.32f, 1.0f},   /* yellow zinc */
        {{0.34f, 0.33f, 0.32f}, 0.40f, 1.0f},   /* oiled */
        {{0.075f, 0.075f, 0.08f}, 0.45f, 0.6f}, /* blackened */
        {{0.72f, 0.70f, 0.66f}, 0.22f, 1.0f},   /* nickel */
        {{0.80f, 0.62f, 0.32f}, 0.30f, 1.0f},   /* brass */
    };
    struct fet_material m = choose(r, steels, (int)(sizeof steels / sizeof *steels));
    m.rough = fet_fast_clamp(m.rough + fet_vary(r, 0.06f), 0.12f, 0.7f);
    return fet_matter_vary(&m, r, 0.05f);
}

struct fet_material fet_matter_plastic(struct fet_rng *r)
{
    const float rough = fet_draw_between(r, 0.25f, 0.7f);
    const int kind = fet_rng_int(r, 0, 9);
    if (kind <= 2) return fet_matter_grey(fet_draw_between(r, 0.10f, 0.24f), rough);
    if (kind <= 4) return fet_matter_grey(fet_draw_between(r, 0.80f, 0.95f), rough);
    if (kind == 5) return fet_matter_grey(fet_draw_between(r, 0.35f, 0.70f), rough);
    if (kind == 6) /* natural: ivory to amber */
        return fet_matter_between(r, (const float[6]){0.08f, 0.14f, 0.08f, 0.35f, 0.75f, 0.92f},
                                  rough);
    if (kind == 7) /* muted */
        return fet_matter_between(r, (const float[6]){0.0f, 1.0f, 0.15f, 0.45f, 0.3f, 0.7f}, rough);
    return fet_matter_between(r, (const float[6]){0.0f, 1.0f, 0.5f, 0.85f, 0.4f, 0.85f}, rough);
}

struct fet_material fet_matter_dye(struct fet_rng *r)
{
    const int kind = fet_rng_int(r, 0, 7);
    const float rough = fet_draw_between(r, 0.75f, 0.95f);
    if (kind == 0) return fet_matter_grey(fet_draw_between(r, 0.10f, 0.25f), rough);
    if (kind == 1) return fet_matter_grey(fet_draw_between(r, 0.80f, 0.93f), rough);
    if (kind == 2) return fet_matter_grey(fet_draw_between(r, 0.35f, 0.65f), rough);
    if (kind == 3) /* linen, wool, jute */
        return fet_matter_between(r, (const float[6]){0.07f, 0.13f, 0.12f, 0.45f, 0.55f, 0.85f},
                                  rough);
    if (kind == 4) /* indigo and navy */
        return fet_matter_between(r, (const float[6]){0.58f, 0.66f, 0.35f, 0.7f, 0.2f, 0.5f},
                                  rough);
    return fet_matter_between(r, (const float[6]){0.0f, 1.0f, 0.2f, 0.7f, 0.25f, 0.75f}, rough);
}

struct fet_material fet_matter_ink(struct fet_rng *r, const struct fet_material *under)
{
    const float light = fet_matter_light(under);
    const float rough = fet_draw_between(r, 0.35f, 0.75f);
    const bool coloured = fet_rng_chance(r, 0.35) != 0;
    const float hue = fet_draw_between(r, 0.0f, 1.0f);
    if (light < 0.18f)
        return coloured ? fet_matter_hue(hue, fet_draw_between(r, 0.3f, 0.8f), 0.92f, rough)
                        : fet_matter_grey(fet_draw_between(r, 0.78f, 0.95f), rough);
    return coloured
               ? fet_matter_between(r, (const float[6]){hue, hue, 0.7f, 0.95f, 0.25f, 0.5f}, rough)
               : fet_matter_grey(fet_draw_between(r, 0.08f, 0.22f), rough);
}

float fet_matter_light(const struct fet_material *m)
{
    return 0.2126f * m->albedo[0] + 0.7152f * m->albedo[1] + 0.0722f * m->albedo[2];
}

struct fet_material fet_matter_vary(const struct fet_material *m, struct fet_rng *r, float amount)
{
    struct fet_material v = *m;
    const float all = 1.0f + fet_vary(r, amount);
    for (int k = 0; k < 3; k++)
        v.albedo[k] =
            fet_fast_clamp(v.albedo[k] * all * (1.0f + fet_vary(r, 0.25f * amount)), 0.004f, 0.95f);
    return v;
}
