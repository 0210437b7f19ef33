/* How well the maps agree with masks of the defects. */
#include "inspect_score.h"

#include <math.h>

/* The mask at the size of its picture; *mask owned by the caller. */
static fet_status mask_read(const struct fet_example *x, const struct fet_answer *a,
                            struct fet_image *mask)
{
    fet_status st = FET_OK;
    struct fet_image read = {0}, grey = {0};
    FET_TRY_OUT(fet_image_read(x->mask_path, NULL, &read));
    if (read.width != a->picture_w || read.height != a->picture_h) {
        st = FET_FAIL(FET_SHAPE, "the mask %s is %d x %d pixels, its picture %s %d x %d",
                      x->mask_path, read.width, read.height, x->path, a->picture_w, a->picture_h);
        goto out;
    }
    FET_TRY_OUT(fet_image_convert(&read, 1, 8, &grey));
    *mask = grey;
    grey = (struct fet_image){0};
out:
    fet_image_deinit(&read);
    fet_image_deinit(&grey);
    return st;
}

static fet_status picture_add(const struct fet_inspect_results *r, int64_t i,
                              struct fet_pixel_meter *meter)
{
    const struct fet_answer *a = r->answers[i];
    fet_status st = FET_OK;
    struct fet_image mask = {0};
    const int64_t n = (int64_t)a->picture_w * a->picture_h;
    float *map = fet_alloc(n, sizeof *map);
    if (map == NULL) return FET_FAIL_MEMORY("map", n * 4);
    if (r->truth[i]) FET_TRY_OUT(mask_read(r->x[i], a, &mask));
    FET_TRY_OUT(fet_answer_draw_map(a, a->picture_w, a->picture_h, map));
    st = fet_pixel_meter_add(meter, map, mask.pixels, a->picture_w, a->picture_h);
out:
    fet_image_deinit(&mask);
    fet_free(map);
    return st;
}

/* Good parts count as all good; defects without a mask say nothing about pixels. */
static bool is_measured(const struct fet_inspect_results *r, int64_t i)
{
    return r->answers[i]->map != NULL && (!r->truth[i] || r->x[i]->mask_path != NULL);
}

static fet_status meter_fill(const struct fet_inspect_results *r, const struct fet_context *c,
                             struct fet_pixel_meter *meter)
{
    for (int64_t i = 0; i < r->n; i++) {
        FET_TRY(fet_context_progress(c, "comparing with masks", i, r->n));
        if (is_measured(r, i)) FET_TRY(picture_add(r, i, meter));
    }
    return fet_context_progress(c, "comparing with masks", r->n, r->n);
}

fet_status fet_inspect_pixels(const struct fet_inspect_results *r, const struct fet_context *c,
                              json_t *figures)
{
    int64_t n_masks = 0;
    double low = INFINITY, high = -INFINITY, auroc = 0, au_pro = 0;
    for (int64_t i = 0; i < r->n; i++) {
        if (!is_measured(r, i)) continue;
        n_masks += r->truth[i];
        const struct fet_answer *a = r->answers[i];
        for (int64_t k = 0; k < (int64_t)a->map_w * a->map_h; k++) {
            low = fmin(low, (double)a->map[k]);
            high = fmax(high, (double)a->map[k]);
        }
    }
    if (n_masks == 0) return FET_OK;
    if (!(high > low)) high = low + 1;
    struct fet_pixel_meter *meter = NULL;
    FET_TRY(fet_pixel_meter_new(low, high, &meter));
    fet_status st = meter_fill(r, c, meter);
    if (st == FET_OK) st = fet_pixel_meter_get(meter, &auroc, &au_pro);
    fet_pixel_meter_free(meter);
    if (st == FET_OK) st = fet_json_set(figures, "pixel_auroc", fet_json_real(auroc));
    if (st == FET_OK) st = fet_json_set(figures, "au_pro", fet_json_real(au_pro));
    return st;
}
