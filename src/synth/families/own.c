/* The faulty part against its good twin. */
#include "own.h"

#include "layer.h"

/* Below these a difference is not seen: half a per cent of albedo, a fifth of a pixel. */
static inline float differs(const struct fet_scene *a, const struct fet_scene *b, int64_t i)
{
    float most = 5.0f * fet_fast_abs(a->height[i] - b->height[i]);
    for (int k = 0; k < 3; k++)
        most = fet_fast_max(most, 25.0f * fet_fast_abs(a->albedo[k][i] - b->albedo[k][i]));
    most = fet_fast_max(most, 8.0f * fet_fast_abs(a->rough[i] - b->rough[i]));
    most = fet_fast_max(most, 8.0f * fet_fast_abs(a->metal[i] - b->metal[i]));
    most = fet_fast_max(most, 4.0f * fet_fast_abs(a->part[i] - b->part[i]));
    return most > 1.0f ? 1.0f : 0.0f;
}

/* Marks pixels with at least three of their nine neighbours marked: closes pinholes, drops dust. */
static void tidy(const float *raw, int size, float *mask)
{
    for (int y = 1; y + 1 < size; y++) {
        const float *up = raw + (int64_t)(y - 1) * size;
        const float *mid = up + size;
        const float *down = mid + size;
        float *out = mask + (int64_t)y * size;
        for (int x = 1; x + 1 < size; x++) {
            const float sum = up[x - 1] + up[x] + up[x + 1] + mid[x - 1] + mid[x] + mid[x + 1] +
                              down[x - 1] + down[x] + down[x + 1];
            out[x] = sum > 2.5f ? 1.0f : 0.0f;
        }
    }
}

/* out = the largest (sign 1) or smallest (sign -1) value within r pixels along one axis. */
static void spread(const float *in, int size, int r, bool is_down, float sign, float *out)
{
    const int64_t stride = is_down ? size : 1;
    for (int y = 0; y < size; y++) {
        const int64_t row = (int64_t)y * size;
        for (int x = 0; x < size; x++) out[row + x] = sign * in[row + x];
        for (int k = -r; k <= r; k++) {
            const bool inside = !is_down || (y + k >= 0 && y + k < size);
            const int from = is_down || k >= 0 ? 0 : -k;
            const int to = is_down || k <= 0 ? size : size - k;
            if (!inside) continue;
            for (int x = from; x < to; x++)
                out[row + x] = fet_fast_max(out[row + x], sign * in[row + x + k * stride]);
        }
        for (int x = 0; x < size; x++) out[row + x] *= sign;
    }
}

/* Fills gaps narrower than 2 r (morphological closing with a square). */
static fet_status close_gaps(struct fet_scene *layer, float *mask, int r)
{
    float *a;
    const int n = layer->size;
    if (r < 1) return FET_OK;
    FET_TRY(fet_scene_map_new(layer, &a));
    spread(mask, n, r, false, 1.0f, a);
    spread(a, n, r, true, 1.0f, mask);
    spread(mask, n, r, false, -1.0f, a);
    spread(a, n, r, true, -1.0f, mask);
    fet_scene_map_free(layer, a);
    return FET_OK;
}

fet_status fet_own_make(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault,
                        float gap, fet_own_draw *draw)
{
    struct fet_own own = {.rng = chance->fault};
    if (fault == NULL) return draw(scene, chance, &own);

    /* the good twin, in maps of its own */
    struct fet_scene twin;
    struct fet_synth_chance same = *chance;
    struct fet_own good = own;
    FET_TRY(fet_layer_open(scene, &twin));
    FET_TRY(draw(&twin, &same, &good));

    own.fault = fault;
    FET_TRY(draw(scene, chance, &own));
    float *raw;
    FET_TRY(fet_scene_map_new(&twin, &raw));
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) raw[i] = differs(scene, &twin, i);
    FET_TRY(close_gaps(&twin, raw, (int)(0.5f * gap * scene->px_per_unit + 0.5f)));
    tidy(raw, scene->size, scene->mask);
    fet_scene_map_free(&twin, raw);
    fet_layer_close(scene, &twin);
    return FET_OK;
}
