/* Maps of a scene, poses, chance with units. */
#include "scene.h"

#include "draw.h"

/* A map that somebody gave back: the list lives inside the idle maps themselves. */
struct fet_scene_map {
    struct fet_scene_map *next;
};

static float *map_alloc(const struct fet_scene *scene)
{
    return fet_arena_alloc(scene->arena, (int64_t)scene->size * scene->size, sizeof(float));
}

static fet_status fail_memory(const struct fet_scene *scene)
{
    return FET_FAIL_MEMORY("scene map", (int64_t)scene->size * scene->size * 4);
}

fet_status fet_scene_init(struct fet_scene *scene, struct fet_arena *arena, int size,
                          float px_per_unit)
{
    struct fet_scene s = {.size = size, .px_per_unit = px_per_unit, .arena = arena};
    s.at = (struct fet_pose){.c = 1.0f, .scale = 1.0f};
    float **const maps[] = {&s.height, &s.albedo[0], &s.albedo[1], &s.albedo[2],
                            &s.rough,  &s.metal,     &s.part,      &s.mask};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        *maps[i] = map_alloc(&s);
        if (*maps[i] == NULL) return fail_memory(&s);
    }
    for (int c = 0; c < 3; c++) fet_field_fill(&s, s.albedo[c], 0.4f);
    fet_field_fill(&s, s.rough, 0.8f);
    *scene = s;
    return FET_OK;
}

fet_status fet_scene_add_brush(struct fet_scene *scene)
{
    for (int i = 0; i < 2; i++) {
        if (scene->brush[i] == NULL) scene->brush[i] = map_alloc(scene);
        if (scene->brush[i] == NULL) return fail_memory(scene);
    }
    return FET_OK;
}

fet_status fet_scene_map_new(struct fet_scene *scene, float **map)
{
    if (scene->idle != NULL) {
        struct fet_scene_map *const first = scene->idle;
        scene->idle = first->next;
        *map = (float *)(void *)first;
        return FET_OK;
    }
    float *const fresh = map_alloc(scene);
    if (fresh == NULL) return fail_memory(scene);
    *map = fresh;
    return FET_OK;
}

void fet_scene_map_free(struct fet_scene *scene, float *map)
{
    if (map == NULL) return;
    struct fet_scene_map *const given = (struct fet_scene_map *)(void *)map;
    given->next = scene->idle;
    scene->idle = given;
}

struct fet_pose fet_pose_make(float x, float y, float turns, float scale)
{
    const float t = turns - fet_fast_floor(turns);
    return (struct fet_pose){
        .c = fet_fast_turn(t + 0.25f), .s = fet_fast_turn(t), .x = x, .y = y, .scale = scale};
}

struct fet_pose fet_pose_child(const struct fet_pose *parent, float x, float y, float turns)
{
    struct fet_pose child = fet_pose_make(0.0f, 0.0f, turns, parent->scale);
    const float c = child.c, s = child.s;
    child.c = parent->c * c - parent->s * s;
    child.s = parent->s * c + parent->c * s;
    fet_pose_scene(parent, x, y, &child.x, &child.y);
    return child;
}

float fet_draw_size(struct fet_rng *rng, float low, float high)
{
    return low * fet_fast_exp2(fet_draw_between(rng, 0.0f, 1.0f) * fet_fast_log2(high / low));
}

float fet_draw_normal(struct fet_rng *rng, float mean, float deviation)
{
    return mean + deviation * (float)fet_rng_normal(rng);
}

void fet_draw_colour(float hue, float saturation, float lightness, float rgb[3])
{
    for (int c = 0; c < 3; c++) {
        const float wave = 0.5f + 0.5f * fet_fast_turn(hue + 0.25f - (float)c / 3.0f);
        /* the square deepens the dark channels, as pigments do */
        const float pure = wave * wave * 1.6f;
        rgb[c] = fet_fast_clamp(lightness * fet_fast_mix(1.0f, pure, saturation), 0.004f, 0.95f);
    }
}
