/* What all extractors share: the map they make, the table of their names. */
#include "extractor.h"

#include <string.h>

void fet_feature_map_deinit(struct fet_feature_map *m)
{
    if (m == NULL) return;
    fet_free(m->values);
    *m = (struct fet_feature_map){0};
}

const struct fet_extractor *fet_extractor_find(const char *name)
{
    static const struct fet_extractor *const table[] = {&fet_extractor_filters};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i]->name, name) == 0) return table[i];
    return NULL;
}

void fet_feature_map_gather(const struct fet_feature_map *m, int x, int y,
                            const struct fet_extractor_band *band, float *out)
{
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int u = x + dx, v = y + dy;
            if (u < 0) u = 0;
            if (v < 0) v = 0;
            if (u >= m->w) u = m->w - 1;
            if (v >= m->h) v = m->h - 1;
            const float *cell = m->values + ((int64_t)v * m->w + u) * m->n_channels + band->first;
            memcpy(out, cell, (size_t)band->n * sizeof *out);
            out += band->n;
        }
}
