/* Layers: maps beside maps. */
#include "layer.h"

#define N_MAPS 7

static void maps_of(struct fet_scene *s, float **maps[N_MAPS])
{
    maps[0] = &s->albedo[0];
    maps[1] = &s->albedo[1];
    maps[2] = &s->albedo[2];
    maps[3] = &s->rough;
    maps[4] = &s->metal;
    maps[5] = &s->part;
    maps[6] = &s->height;
}

fet_status fet_layer_open(struct fet_scene *scene, struct fet_scene *layer)
{
    struct fet_scene made = *scene;
    float **maps[N_MAPS];
    maps_of(&made, maps);
    made.brush[0] = made.brush[1] = NULL;
    for (int i = 0; i < N_MAPS; i++) {
        FET_TRY(fet_scene_map_new(&made, maps[i]));
        fet_field_fill(&made, *maps[i], 0.0f);
    }
    scene->idle = NULL; /* now the layer's, until it is closed */
    *layer = made;
    return FET_OK;
}

void fet_layer_close(struct fet_scene *scene, struct fet_scene *layer)
{
    float **maps[N_MAPS];
    maps_of(layer, maps);
    for (int i = 0; i < N_MAPS; i++) fet_scene_map_free(layer, *maps[i]);
    for (int i = 0; i < 2; i++) fet_scene_map_free(layer, layer->brush[i]);
    scene->idle = layer->idle;
    layer->idle = NULL;
}

static void mix_row(float *to, const float *from, const float *d, int n)
{
    for (int x = 0; x < n; x++) to[x] += (from[x] - to[x]) * fet_clamp01(0.5f - d[x]);
}

fet_status fet_layer_lay(struct fet_scene *scene, const struct fet_scene *layer,
                         const struct fet_patch *p, float thick, float bevel,
                         enum fet_profile profile)
{
    if (layer->brush[0] != NULL) FET_TRY(fet_scene_add_brush(scene));
    float **to[N_MAPS];
    float **from[N_MAPS];
    struct fet_scene source = *layer;
    maps_of(scene, to);
    maps_of(&source, from);
    for (int y = 0; y < p->h; y++) {
        const float *const d = p->d + (int64_t)y * p->w;
        const int64_t at = (int64_t)(p->y + y) * scene->size + p->x;
        for (int i = 0; i < N_MAPS; i++)
            if (i != 5) mix_row(*to[i] + at, *from[i] + at, d, p->w);
        for (int i = 0; i < 2 && layer->brush[i] != NULL; i++)
            mix_row(scene->brush[i] + at, layer->brush[i] + at, d, p->w);
    }
    fet_patch_own(scene, p, 1.0f);
    fet_patch_raise(scene, p, thick, bevel, profile);
    return FET_OK;
}
