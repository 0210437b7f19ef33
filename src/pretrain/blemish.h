/* Foreign patches in a picture. Private to the room. */
#ifndef FET_BLEMISH_H
#define FET_BLEMISH_H

#include "media.h"

/* Fills a blob of the picture (RGB 8) with what lies elsewhere in it, or with other levels, and
 * marks in the mask (grey 8, same size) the pixels that have changed visibly. */
void fet_blemish_add(struct fet_image *picture, struct fet_image *mask, struct fet_rng *rng);

#endif
