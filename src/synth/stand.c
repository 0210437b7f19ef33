/* What parts lie on. A stand is never uniform: grain, dirt, wear and stains are as old as the
 * line. Design numbers make the look; the part's numbers shift dirt and texture, since a belt
 * moves. */
#include "draw.h"

/* Albedo of all pixels from a base colour and a field. */
static void tint(struct fet_scene *scene, const float rgb[3], const float *field, float strength)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) {
        const float k = fet_fast_max(1.0f + strength * field[i], 0.05f);
        for (int c = 0; c < 3; c++) scene->albedo[c][i] = fet_fast_min(rgb[c] * k, 1.0f);
    }
}

/* Specks and smears that collect on any stand. */
static fet_status dirt_add(struct fet_scene *scene, struct fet_rng *rng, float amount)
{
    float *field;
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise smear = {.scale_x = 90.0f, .scale_y = 35.0f, .octaves = 5, .gain = 0.7f};
    FET_TRY_OUT(fet_field_noise(scene, rng, &smear, field));
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) {
        const float d = amount * 0.035f * fet_fast_clamp(field[i], -1.5f, 2.5f);
        for (int c = 0; c < 3; c++) scene->albedo[c][i] *= fet_fast_max(1.0f - d, 0.3f);
        scene->rough[i] = fet_fast_clamp(scene->rough[i] + 0.3f * d, 0.08f, 1.0f);
    }
    struct fet_rng own;
    fet_rng_init(&own, fet_rng_u64(rng), 0);
    const struct fet_material speck = {.albedo = {0.05f, 0.045f, 0.04f}, .rough = 0.9f};
    const int n_specks = (int)(amount * fet_draw_between(&own, 0.0f, 14.0f));
    fet_sdf_clear(scene, field);
    for (int i = 0; i < n_specks; i++) {
        const float x = fet_draw_between(&own, -140.0f, 140.0f);
        const float y = fet_draw_between(&own, -140.0f, 140.0f);
        const struct fet_pose at = fet_pose_make(x, y, fet_draw_between(&own, 0.0f, 1.0f), 1.0f);
        const float half = fet_draw_size(&own, 0.25f, 1.1f);
        fet_sdf_box(scene, &at, half, fet_draw_size(&own, 0.25f, 0.8f), 0.2f, FET_SDF_JOIN, field);
    }
    if (n_specks > 0) fet_paint_shape(scene, field, 1.0f, &speck);
out:
    fet_scene_map_free(scene, field);
    return st;
}

static fet_status stand_paper(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    float rgb[3], *field;
    const float light = fet_draw_between(&chance->design, 0.35f, 0.8f);
    const float hue = fet_draw_between(&chance->design, 0.05f, 0.65f);
    fet_draw_colour(hue, fet_draw_between(&chance->design, 0.0f, 0.12f), light, rgb);
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise fibre = {
        .scale_x = fet_draw_between(&chance->design, 3.0f, 9.0f), .octaves = 4, .gain = 0.8f};
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &fibre, field));
    tint(scene, rgb, field, 0.025f);
    fet_field_add(scene, field, 0.06f * scene->px_per_unit, scene->height);
    fet_field_fill(scene, scene->rough, 0.85f);
    st = dirt_add(scene, &chance->part, 0.4f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

static fet_status stand_plate(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    const float grey = fet_draw_between(&chance->design, 0.35f, 0.6f);
    const float rgb[3] = {grey, grey * 0.985f, grey * 0.96f};
    const float turns = fet_rng_chance(&chance->design, 0.5) ? 0.0f : 0.25f;
    const float rough = fet_draw_between(&chance->design, 0.35f, 0.6f);
    const float depth = fet_draw_between(&chance->design, 0.03f, 0.12f);
    float *field;
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise grooves = {.scale_x = turns > 0.0f ? 1.5f : 90.0f,
                                      .scale_y = turns > 0.0f ? 90.0f : 1.5f,
                                      .octaves = 3,
                                      .gain = 0.7f};
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &grooves, field));
    tint(scene, rgb, field, 0.05f);
    fet_field_add(scene, field, depth * scene->px_per_unit, scene->height);
    fet_field_fill(scene, scene->rough, rough);
    fet_field_fill(scene, scene->metal, 1.0f);
    st = dirt_add(scene, &chance->part, 1.0f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

/* A plain weave: over and under in turn. */
static fet_status stand_belt(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    float rgb[3], *field;
    const float hue = fet_draw_between(&chance->design, 0.3f, 0.65f);
    const float saturation = fet_draw_between(&chance->design, 0.0f, 0.55f);
    fet_draw_colour(hue, saturation, fet_draw_size(&chance->design, 0.015f, 0.11f), rgb);
    const float pitch = fet_draw_between(&chance->design, 3.0f, 7.0f);
    const float slip = fet_draw_between(&chance->part, 0.0f, 1.0f);
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise wear = {.scale_x = 120.0f, .scale_y = 6.0f, .octaves = 4, .gain = 0.8f};
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &wear, field));
    tint(scene, rgb, field, 0.07f);
    fet_field_fill(scene, scene->rough, 0.6f);
    const int n = scene->size;
    for (int y = 0; y < n; y++) {
        const float v = fet_draw_unit(scene, (float)y) / pitch + slip;
        const float sv = fet_fast_turn(0.5f * v);
        float *const row = scene->height + (size_t)y * (size_t)n;
        for (int x = 0; x < n; x++) {
            const float u = fet_draw_unit(scene, (float)x) / pitch;
            row[x] += 0.22f * pitch * scene->px_per_unit * sv * fet_fast_turn(0.5f * u);
        }
    }
    st = dirt_add(scene, &chance->part, 1.2f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

/* A lit pane: very light, soft fall-off to a side. */
static fet_status stand_light(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    const float level = fet_draw_between(&chance->design, 0.75f, 0.95f);
    const float fall = fet_draw_between(&chance->design, 0.0f, 0.002f);
    const int n = scene->size;
    for (int y = 0; y < n; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = 0; x < n; x++) {
            const float u = fet_draw_unit(scene, (float)x);
            const float k = level * (1.0f - fall * 0.01f * (u * u + v * v));
            for (int c = 0; c < 3; c++)
                scene->albedo[c][(size_t)y * (size_t)n + (size_t)x] = c == 2 ? k : 0.985f * k;
        }
    }
    fet_field_fill(scene, scene->rough, 0.7f);
    return dirt_add(scene, &chance->part, 0.35f);
}

static fet_status stand_black(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    const float grey = fet_draw_size(&chance->design, 0.012f, 0.05f);
    const float rgb[3] = {grey, grey, grey * fet_draw_between(&chance->design, 1.0f, 1.2f)};
    const float grain = fet_draw_between(&chance->design, 0.03f, 0.14f);
    float *field;
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise pile = {.scale_x = 1.6f, .octaves = 2, .gain = 0.9f};
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &pile, field));
    tint(scene, rgb, field, 0.25f);
    fet_field_add(scene, field, grain * scene->px_per_unit, scene->height);
    fet_field_fill(scene, scene->rough, fet_draw_between(&chance->design, 0.45f, 0.8f));
    st = dirt_add(scene, &chance->part, 0.8f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

/* A moulded tray: shallow ribs across, a fine moulded grain. */
static fet_status stand_tray(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    float rgb[3], *field;
    const float hue = fet_draw_between(&chance->design, 0.5f, 0.7f);
    const float saturation = fet_draw_between(&chance->design, 0.0f, 0.5f);
    fet_draw_colour(hue, saturation, fet_draw_size(&chance->design, 0.02f, 0.5f), rgb);
    const float pitch = fet_draw_between(&chance->design, 22.0f, 70.0f);
    const float width = fet_draw_between(&chance->design, 1.5f, 6.0f);
    const float turns = fet_rng_chance(&chance->design, 0.5) ? 0.0f : 0.25f;
    const float lift = fet_draw_between(&chance->design, -2.5f, 2.5f);
    const float x0 = fet_draw_normal(&chance->part, 0.0f, 2.0f);
    const float y0 = fet_draw_normal(&chance->part, 0.0f, 2.0f);
    const struct fet_pose at =
        fet_pose_make(x0, y0, turns + fet_draw_normal(&chance->part, 0.0f, 0.002f), 1.0f);
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise grain = {.scale_x = 2.2f, .octaves = 2, .gain = 0.9f};
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &grain, field));
    tint(scene, rgb, field, 0.03f);
    fet_field_add(scene, field, 0.05f * scene->px_per_unit, scene->height);
    fet_field_fill(scene, scene->rough, fet_draw_between(&chance->design, 0.35f, 0.65f));
    const int n = scene->size;
    for (int y = 0; y < n; y++) {
        float *const row = scene->height + (size_t)y * (size_t)n;
        for (int x = 0; x < n; x++) {
            float u, v;
            fet_pose_local(&at, fet_draw_unit(scene, (float)x), fet_draw_unit(scene, (float)y), &u,
                           &v);
            const float t = v / pitch + 0.5f;
            const float off = fet_fast_abs(t - fet_fast_floor(t) - 0.5f) * pitch;
            row[x] +=
                lift * scene->px_per_unit * fet_fast_step(0.0f, 1.0f, (0.5f * width - off) + 0.5f);
        }
    }
    st = dirt_add(scene, &chance->part, 0.7f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

/* A steel plate with rows of round holes. */
static fet_status stand_perforated(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    const float pitch = fet_draw_between(&chance->design, 16.0f, 44.0f);
    const float radius = pitch * fet_draw_between(&chance->design, 0.16f, 0.34f);
    const bool is_staggered = fet_rng_chance(&chance->design, 0.5);
    const float deep = fet_draw_between(&chance->design, 3.0f, 9.0f) * scene->px_per_unit;
    FET_TRY(stand_plate(scene, chance));
    const float x0 = fet_draw_normal(&chance->part, 0.0f, 2.5f);
    const float y0 = fet_draw_normal(&chance->part, 0.0f, 2.5f);
    const int n = scene->size;
    for (int y = 0; y < n; y++) {
        const float v = (fet_draw_unit(scene, (float)y) - y0) / pitch + 100.0f;
        const float row = fet_fast_floor(v);
        const float slip = is_staggered && ((int)row & 1) == 1 ? 0.5f : 0.0f;
        const float dv = (v - row - 0.5f) * pitch;
        for (int x = 0; x < n; x++) {
            const float u = (fet_draw_unit(scene, (float)x) - x0) / pitch + slip + 100.0f;
            const float du = (u - fet_fast_floor(u) - 0.5f) * pitch;
            const float d = sqrtf(du * du + dv * dv) - radius;
            if (d > 1.5f) continue;
            const size_t i = (size_t)y * (size_t)n + (size_t)x;
            const float in = fet_sdf_cover(d, scene->px_per_unit, 1.2f);
            scene->height[i] -=
                deep * in + 0.4f * scene->px_per_unit * fet_fast_clamp(1.5f - d, 0, 1);
            for (int c = 0; c < 3; c++) scene->albedo[c][i] *= 1.0f - 0.93f * in;
            scene->rough[i] = fet_fast_mix(scene->rough[i], 0.85f, in);
            scene->metal[i] *= 1.0f - in;
        }
    }
    return FET_OK;
}

/* Foam: pores of all sizes, dark inside. */
static fet_status stand_foam(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    float rgb[3];
    const float saturation = fet_draw_between(&chance->design, 0.0f, 0.75f);
    const float hue = fet_draw_between(&chance->design, 0.55f, 0.68f);
    fet_draw_colour(hue, saturation, fet_draw_size(&chance->design, 0.03f, 0.45f), rgb);
    const struct fet_noise pores = {
        .scale_x = fet_draw_between(&chance->design, 1.6f, 4.0f), .octaves = 2, .gain = 0.8f};
    const float deep = fet_draw_between(&chance->design, 0.3f, 0.9f) * scene->px_per_unit;
    float *field;
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &pores, field));
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) {
        const float pore = fet_fast_clamp(0.9f * field[i] - 0.5f, 0.0f, 1.5f);
        field[i] = -pore - 0.15f * field[i];
        scene->height[i] -= deep * pore;
    }
    tint(scene, rgb, field, 0.28f);
    fet_field_fill(scene, scene->rough, 0.9f);
    st = dirt_add(scene, &chance->part, 0.3f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

/* A rubber mat; half of them carry a printed grid. */
static fet_status stand_mat(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    float rgb[3], *field;
    const float hue = fet_draw_between(&chance->design, 0.3f, 0.65f);
    const float saturation = fet_draw_between(&chance->design, 0.2f, 0.85f);
    fet_draw_colour(hue, saturation, fet_draw_size(&chance->design, 0.05f, 0.35f), rgb);
    const float pitch = fet_draw_between(&chance->design, 30.0f, 90.0f);
    const float line =
        fet_rng_chance(&chance->design, 0.5) ? fet_draw_between(&chance->design, 0.3f, 0.8f) : 0.0f;
    const float x0 = fet_draw_normal(&chance->part, 0.0f, 6.0f);
    const float y0 = fet_draw_normal(&chance->part, 0.0f, 6.0f);
    const float turns = fet_draw_normal(&chance->part, 0.0f, 0.003f);
    const struct fet_pose at = fet_pose_make(x0, y0, turns, 1.0f);
    FET_TRY(fet_scene_map_new(scene, &field));
    fet_status st;
    const struct fet_noise grain = {.scale_x = 2.4f, .octaves = 3, .gain = 0.8f};
    FET_TRY_OUT(fet_field_noise(scene, &chance->part, &grain, field));
    tint(scene, rgb, field, 0.04f);
    fet_field_add(scene, field, 0.09f * scene->px_per_unit, scene->height);
    fet_field_fill(scene, scene->rough, 0.7f);
    for (int y = 0; y < scene->size && line > 0.0f; y++) {
        for (int x = 0; x < scene->size; x++) {
            float u, v;
            fet_pose_local(&at, fet_draw_unit(scene, (float)x), fet_draw_unit(scene, (float)y), &u,
                           &v);
            const float du = fet_fast_abs(u / pitch - fet_fast_floor(u / pitch) - 0.5f) * pitch;
            const float dv = fet_fast_abs(v / pitch - fet_fast_floor(v / pitch) - 0.5f) * pitch;
            const float d = fet_fast_min(du, dv) - line;
            const float in = 0.55f * fet_sdf_cover(d, scene->px_per_unit, 1.2f);
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            for (int c = 0; c < 3; c++)
                scene->albedo[c][i] = fet_fast_mix(scene->albedo[c][i], 0.6f, in);
        }
    }
    st = dirt_add(scene, &chance->part, 0.9f);
out:
    fet_scene_map_free(scene, field);
    return st;
}

fet_status fet_stand_draw(struct fet_scene *scene, struct fet_synth_chance *chance,
                          enum fet_stand stand)
{
    switch (stand) {
    case FET_STAND_PAPER:
        return stand_paper(scene, chance);
    case FET_STAND_PLATE:
        return stand_plate(scene, chance);
    case FET_STAND_BELT:
        return stand_belt(scene, chance);
    case FET_STAND_LIGHT:
        return stand_light(scene, chance);
    case FET_STAND_TRAY:
        return stand_tray(scene, chance);
    case FET_STAND_PERFORATED:
        return stand_perforated(scene, chance);
    case FET_STAND_FOAM:
        return stand_foam(scene, chance);
    case FET_STAND_MAT:
        return stand_mat(scene, chance);
    case FET_STAND_BLACK:
    case FET_STAND_COUNT:
    default:
        return stand_black(scene, chance);
    }
}

fet_status fet_stand_draw_any(struct fet_scene *scene, struct fet_synth_chance *chance)
{
    return fet_stand_draw(scene, chance,
                          (enum fet_stand)fet_rng_below(&chance->design, FET_STAND_COUNT));
}
