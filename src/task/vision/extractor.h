/* An extractor turns a picture into a grid of descriptions: one vector of numbers per cell. What is
 * normal about those vectors is learned elsewhere (band.h); an extractor knows no product. */
#ifndef FET_EXTRACTOR_H
#define FET_EXTRACTOR_H

#include "media.h"
#include "train.h"

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
    int first, n;  /* channels */
    int n_cells;   /* that a description is made of: 9 = with the neighbours, 1 = the cell alone */
    int n_numbers; /* kept of a description */
    /* Distances mean something as they are, as in a network that has learned what matters: nothing
     * is whitened, and all of the memory is measured by one standard (PatchCore, Roth 2022). */
    bool is_plain;
};

enum { FET_MAX_BANDS = 8 };

struct fet_extractor;

/* A way of describing pictures. */
struct fet_extractor_kind {
    const char *name; /* as written into the model */
    /* From the options of the task. */
    fet_status (*open)(const struct fet_settings *settings, struct fet_extractor *x);
    /* The bands for pictures of n_colours (1 grey, 3 RGB): returns their number, at most
     * FET_MAX_BANDS. They cover the channels in order, without gaps. */
    int (*bands)(const struct fet_extractor *x, int n_colours, struct fet_extractor_band *bands);
    /* picture: 1 or 3 channels, 8 or 16 bit. The map has ceil(size / stride_px) cells each way.
     * Cost and memory beyond the map grow with the picture's width at most, not with its area. The
     * result does not depend on the pool, which may be NULL. Thread-safe. */
    fet_status (*extract)(const struct fet_extractor *x, const struct fet_image *picture,
                          struct fet_pool *pool, struct fet_feature_map *map);
    /* What else than its name the model must keep, into p->state and tensors; and back. NULL =
     * nothing. */
    fet_status (*save)(const struct fet_extractor *x, struct fet_package *p);
    fet_status (*load)(const struct fet_package *p, struct fet_extractor *x);
    void (*close)(struct fet_extractor *x);
};

struct fet_extractor {
    const struct fet_extractor_kind *kind;
    int stride_px;
    /* It was made for pictures of this size: others are stretched to it, unless the user wishes
     * another resolution. 0 = any size. */
    int made_w, made_h;
    /* Large pictures are shrunk by no more, unless the user wishes it; 0 = by any factor. */
    double most_shrinking;
    /* Deviation of the Gaussian that smooths the map of unusual cells, in cells; 0 = none. */
    double smoothing_cells;
    void *self; /* owned; the kind's own */
};

extern const struct fet_extractor_kind fet_extractor_filters, fet_extractor_network;

/* As the options say: --backbone names a network, else filters. */
FET_CHECKED fet_status fet_extractor_open(const struct fet_settings *settings,
                                          struct fet_extractor *x);
/* What the package names in p->state; FET_UNSUPPORTED when there is none of that name. */
FET_CHECKED fet_status fet_extractor_load(const struct fet_package *p, struct fet_extractor *x);
FET_CHECKED fet_status fet_extractor_save(const struct fet_extractor *x, struct fet_package *p);
void fet_extractor_close(struct fet_extractor *x); /* accepts {0} */

/* Numbers of a description before it is whitened. */
int fet_extractor_band_numbers(const struct fet_extractor_band *band);

/* What a cell says in one band, or a cell and its eight neighbours: out
 * [fet_extractor_band_numbers]. Cells beyond the border repeat the border. */
void fet_feature_map_gather(const struct fet_feature_map *m, int x, int y,
                            const struct fet_extractor_band *band, float *out);

#endif
