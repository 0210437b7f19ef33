/* Made parts as large as an industrial camera sees them, with fine grain, and small defects. For
 * measuring only: world and forge of src/synth end at 2,048 pixels. */
#ifndef BENCH_LARGE_PARTS_H
#define BENCH_LARGE_PARTS_H

#include "media.h"

/* brushed metal with holes, a rough casting with rings, a coarse weave */
enum { N_LARGE_PRODUCTS = 3 };
/* Of about 20 pixels: dark spot, bright spot, dent, stain, scratch. */
enum { N_LARGE_DEFECTS = 5 };

extern const char *const large_product_names[N_LARGE_PRODUCTS];
extern const char *const large_defect_names[N_LARGE_DEFECTS];

struct large_part {
    int product;
    uint64_t seed; /* of the series */
    int64_t index; /* which part: grain, light, place and turn of each differ */
    int w, h;
    int defect; /* -1 = good */
    double size_px;
};

/* RGB 8; *x and *y: the middle of the defect. */
FET_CHECKED fet_status large_part_make(const struct large_part *part, struct fet_pool *pool,
                                       struct fet_image *picture, double *x, double *y);

#endif
