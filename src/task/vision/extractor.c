/* What all extractors share: the map they make, the table of their names. */
#include "extractor.h"

#include <string.h>

void fet_feature_map_deinit(struct fet_feature_map *m)
{
    if (m == NULL) return;
    fet_free(m->values);
    *m = (struct fet_feature_map){0};
}

/* ---- the kinds ---- */

static const struct fet_extractor_kind *const kinds[] = {&fet_extractor_filters,
                                                         &fet_extractor_network};

fet_status fet_extractor_open(const struct fet_settings *settings, struct fet_extractor *x)
{
    const bool has_backbone = fet_settings_text(settings, "backbone")[0] != '\0';
    return (has_backbone ? &fet_extractor_network : &fet_extractor_filters)->open(settings, x);
}

fet_status fet_extractor_load(const struct fet_package *p, struct fet_extractor *x)
{
    const char *name = NULL;
    FET_TRY(fet_json_get_string(p->state, "extractor", &name));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, name) == 0) return kinds[i]->load(p, x);
    return FET_FAIL(FET_UNSUPPORTED, "this fettle has no extractor '%.100s'", name);
}

fet_status fet_extractor_save(const struct fet_extractor *x, struct fet_package *p)
{
    FET_TRY(fet_json_set(p->state, "extractor", json_string(x->kind->name)));
    return x->kind->save != NULL ? x->kind->save(x, p) : FET_OK;
}

void fet_extractor_close(struct fet_extractor *x)
{
    if (x->kind != NULL && x->kind->close != NULL) x->kind->close(x);
    *x = (struct fet_extractor){0};
}

/* ---- descriptions ---- */

int fet_extractor_band_numbers(const struct fet_extractor_band *band)
{
    return band->n_cells * band->n;
}

void fet_feature_map_gather(const struct fet_feature_map *m, int x, int y,
                            const struct fet_extractor_band *band, float *out)
{
    const int reach = band->n_cells == 1 ? 0 : 1;
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
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
