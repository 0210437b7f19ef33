/* An extractor turns a picture into a grid of descriptions: one vector of numbers per cell. What is
 * normal about those vectors is learned elsewhere (band.h); an extractor knows no product. */
#ifndef FET_EXTRACTOR_H
#define FET_EXTRACTOR_H

#include "media.h"

/* One description per cell of stride_px x stride_px pixels. */
struct fet_feature_map {
    int w, h;       /* cells */
    int n_channels; /* numbers per cell */
    float *values;  /* owned [h,w,n_channels] */
};

void fet_feature_map_deinit(struct fet_feature_map *m); /* accepts NULL and {0} */

/* Channels that belong together: they are whitened and remembered apart from the others, so that a
 * loud difference in one band is not drowned by the noise of the rest. */
struct fet_extractor_band {
    const char *name;
    int first, n; /* channels */
};

enum { FET_MAX_BANDS = 8 };

struct fet_extractor {
    const char *name; /* as written into the model */
    int stride_px;
    /* The bands for pictures of n_colours (1 grey, 3 RGB): returns their number, at most
     * FET_MAX_BANDS. They cover the channels in order, without gaps. */
    int (*bands)(int n_colours, struct fet_extractor_band *bands);
    /* picture: 1 or 3 channels, 8 or 16 bit. The map has ceil(size / stride_px) cells each way.
     * Cost and memory beyond the map grow with the picture's width, not with its area. The result
     * does not depend on the pool, which may be NULL. Thread-safe. */
    fet_status (*extract)(const struct fet_image *picture, struct fet_pool *pool,
                          struct fet_feature_map *map);
};

extern const struct fet_extractor fet_extractor_filters;

/* NULL when there is none of that name. */
const struct fet_extractor *fet_extractor_find(const char *name);

/* What a cell and its eight neighbours say in one band: out [9 * band->n]. Cells beyond the border
 * repeat the border. */
void fet_feature_map_gather(const struct fet_feature_map *m, int x, int y,
                            const struct fet_extractor_band *band, float *out);
enum { FET_GATHERED_CELLS = 9 };

#endif
