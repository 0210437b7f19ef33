/* Noise on maps. */
#include "texture.h"

fet_status fet_texture_new(struct fet_scene *scene, struct fet_rng *rng,
                           const struct fet_noise *noise, float **map)
{
    float *made;
    FET_TRY(fet_scene_map_new(scene, &made));
    FET_TRY(fet_field_noise(scene, rng, noise, made));
    *map = made;
    return FET_OK;
}

fet_status fet_texture_grain(struct fet_scene *scene, struct fet_rng *rng, float **map)
{
    float *made;
    FET_TRY(fet_scene_map_new(scene, &made));
    fet_field_grain(scene, rng, made);
    *map = made;
    return FET_OK;
}

fet_status fet_texture_turned(struct fet_scene *scene, struct fet_rng *rng,
                              const struct fet_pose *at, float width, float **map)
{
    float *fine;
    float *broad;
    FET_TRY(fet_scene_map_new(scene, &fine));
    FET_TRY(fet_scene_map_new(scene, &broad));
    FET_TRY(fet_field_turned(scene, rng, at, width, fine));
    FET_TRY(fet_field_turned(scene, rng, at, 7.0f * width, broad));
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) fine[i] = 0.85f * fine[i] + 0.5f * broad[i];
    fet_scene_map_free(scene, broad);
    *map = fine;
    return FET_OK;
}

void fet_texture_shade(struct fet_scene *scene, const float *map, float amount)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int k = 0; k < 3; k++) {
        float *const a = scene->albedo[k];
        for (int64_t i = 0; i < n; i++)
            a[i] = fet_fast_clamp(a[i] * (1.0f + amount * map[i]), 0.0f, 0.97f);
    }
}

void fet_texture_tint(struct fet_scene *scene, const float *map, float level, float width,
                      const float tint[3], float strength)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    const float per_width = 1.0f / width;
    for (int k = 0; k < 3; k++) {
        float *const a = scene->albedo[k];
        for (int64_t i = 0; i < n; i++) {
            const float t = fet_clamp01((map[i] - level) * per_width + 0.5f);
            a[i] += (tint[k] - a[i]) * (strength * t * t * (3.0f - 2.0f * t));
        }
    }
}

void fet_texture_roughen(struct fet_scene *scene, const float *map, float amount)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++)
        scene->rough[i] = fet_fast_clamp(scene->rough[i] + amount * map[i], 0.04f, 1.0f);
}
