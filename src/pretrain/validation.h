/* How well the eye sees on products that it was not trained on. Private to the room. */
#ifndef FET_VALIDATION_H
#define FET_VALIDATION_H

#include "graph.h"

/* Mean AUROC of pictures over n_products new products of each family: remembered are the cells of
 * good parts, a picture's score is the largest distance of its cells, smoothed over neighbours; no
 * whitening, no calibration. NaN when there is no product. */
FET_CHECKED fet_status fet_validate(const struct fet_graph *eye, const int *families,
                                    int n_families, int n_products, int64_t size_px,
                                    const struct fet_context *c, double *auroc);

#endif
