/* Work on whole maps: fill, add, warp, blur. */
#include "draw.h"
#include "filter.h"

static inline int64_t pixels_of(const struct fet_scene *scene)
{
    return (int64_t)scene->size * scene->size;
}

void fet_field_fill(const struct fet_scene *scene, float *map, float value)
{
    const int64_t n = pixels_of(scene);
    for (int64_t i = 0; i < n; i++) map[i] = value;
}

void fet_field_copy(const struct fet_scene *scene, const float *src, float *dst)
{
    memcpy(dst, src, (size_t)pixels_of(scene) * sizeof(float));
}

void fet_field_add(const struct fet_scene *scene, const float *src, float weight, float *map)
{
    const int64_t n = pixels_of(scene);
    for (int64_t i = 0; i < n; i++) map[i] += weight * src[i];
}

void fet_field_modulate(const struct fet_scene *scene, const float *src, float weight, float *map)
{
    const int64_t n = pixels_of(scene);
    for (int64_t i = 0; i < n; i++) map[i] *= fet_fast_max(1.0f + weight * src[i], 0.0f);
}

void fet_field_warp(const struct fet_scene *scene, const float *src, const float *dx,
                    const float *dy, float strength, float *out)
{
    const int n = scene->size;
    const float k = strength * scene->px_per_unit, last = (float)(n - 1) - 1e-3f;
    for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
            const size_t i = (size_t)y * (size_t)n + (size_t)x;
            const float u = fet_fast_clamp((float)x + k * dx[i], 0.0f, last);
            const float v = fet_fast_clamp((float)y + k * dy[i], 0.0f, last);
            const int iu = (int)u, iv = (int)v;
            const float fu = u - (float)iu, fv = v - (float)iv;
            const float *const p = src + (size_t)iv * (size_t)n + (size_t)iu;
            const float top = fet_fast_mix(p[0], p[1], fu);
            out[i] = fet_fast_mix(top, fet_fast_mix(p[n], p[n + 1], fu), fv);
        }
    }
}

fet_status fet_field_blur(struct fet_scene *scene, float *map, float sigma_units)
{
    float *scratch, *line = NULL;
    FET_TRY(fet_scene_map_new(scene, &scratch));
    const fet_status st = fet_scene_map_new(scene, &line);
    if (st == FET_OK)
        fet_filter_blur(scene->size, sigma_units * scene->px_per_unit, map, scratch, line);
    fet_scene_map_free(scene, line);
    fet_scene_map_free(scene, scratch);
    return st;
}
