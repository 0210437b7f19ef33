/* Putting material on maps. */
#include "draw.h"

static inline void blend(struct fet_scene *scene, int64_t i, float c, const struct fet_material *m)
{
    for (int k = 0; k < 3; k++)
        scene->albedo[k][i] = fet_fast_mix(scene->albedo[k][i], m->albedo[k], c);
    scene->rough[i] = fet_fast_mix(scene->rough[i], m->rough, c);
    scene->metal[i] = fet_fast_mix(scene->metal[i], m->metal, c);
}

void fet_paint_shape(struct fet_scene *scene, const float *d, float edge_px,
                     const struct fet_material *material)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    const float k = scene->px_per_unit, far = 0.5f * edge_px / k;
    for (int64_t i = 0; i < n; i++)
        if (d[i] < far) blend(scene, i, fet_sdf_cover(d[i], k, edge_px), material);
}

void fet_paint_lift(struct fet_scene *scene, const float *d, float lift, float bevel)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    const float inverse = 1.0f / fet_fast_max(bevel, 0.7f / scene->px_per_unit);
    const float px = lift * scene->px_per_unit;
    for (int64_t i = 0; i < n; i++) {
        /* a quarter of a circle from the edge inwards */
        const float t = fet_fast_clamp(1.0f + d[i] * inverse, 0.0f, 1.0f);
        scene->height[i] += d[i] < 0.0f ? px * sqrtf(1.0f - t * t) : 0.0f;
    }
}

void fet_paint_part(struct fet_scene *scene, const float *d)
{
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++)
        scene->part[i] =
            fet_fast_max(scene->part[i], fet_sdf_cover(d[i], scene->px_per_unit, 1.0f));
}

void fet_paint_part_all(struct fet_scene *scene)
{
    fet_field_fill(scene, scene->part, 1.0f);
}
