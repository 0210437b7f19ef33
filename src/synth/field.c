/* Work on whole maps: fill, add, blur. */
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
