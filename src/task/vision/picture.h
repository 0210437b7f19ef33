/* Pictures as the inspector looks at them. Everything that happens to a pixel before the features
 * is decided here, and what decides it is saved with the model. */
#ifndef FET_PICTURE_H
#define FET_PICTURE_H

#include "data.h"
#include "media.h"

/* Made at training, read-only after. */
struct fet_look {
    int n_colours;        /* 1 = everything becomes grey, 3 = RGB */
    int exact_w, exact_h; /* pictures are stretched to this size; 0 = not, but */
    double scale;         /* shrunk by this, <= 1 */
    int stride_px;        /* of the extractor's cells: shrunk pictures have whole ones */
    int roi_w, roi_h;     /* 0 = no region of interest */
    uint8_t *roi;         /* owned [roi_h,roi_w]: non-zero = look here; NULL = everywhere */
};

void fet_look_deinit(struct fet_look *look); /* accepts {0} */

/* A picture ready for the extractor. */
struct fet_picture {
    struct fet_image image; /* owned; n_colours channels, shrunk, black outside the region */
    int shown_w, shown_h;   /* as the user sees it */
};

void fet_picture_deinit(struct fet_picture *p); /* accepts NULL and {0} */

/* Reads the example's file, or its bytes when the set was parsed from memory (see
 * fet_picture_set_new), and prepares it. FET_SHAPE when there is a region of interest and the
 * picture has another size. */
FET_CHECKED fet_status fet_picture_read(const struct fet_look *look, const struct fet_examples *e,
                                        const struct fet_example *x, struct fet_picture *p);

/* A region of interest from a file: any picture, non-zero = look here. FET_DATA when nothing is
 * left to look at. */
FET_CHECKED fet_status fet_look_read_roi(struct fet_look *look, const char *path);

/* Which cells of stride_px of a prepared picture w x h lie in the region: out [ceil(h / stride_px),
 * ceil(w / stride_px)], 1 where at least half of the cell's pixels do. */
void fet_look_cells(const struct fet_look *look, int w, int h, int stride_px, uint8_t *out);

/* A set of one picture given as bytes; they are copied. */
FET_CHECKED fet_status fet_picture_set_new(const void *bytes, size_t n, const char *name,
                                           struct fet_examples *e);
/* The picture's bytes as they are stored: owned by the caller (fet_free). */
FET_CHECKED fet_status fet_picture_bytes(const struct fet_examples *e, const struct fet_example *x,
                                         uint8_t **bytes, size_t *n);

#endif
