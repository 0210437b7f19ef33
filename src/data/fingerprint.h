/* Private to data: what a picture looks like apart from its light, small enough to compare with
 * all others. */
#ifndef FET_FINGERPRINT_H
#define FET_FINGERPRINT_H

#include "examples.h"
#include "media.h"

enum {
    FET_DETAIL_SIDE = 96,
    FET_DETAIL_SIZE = FET_DETAIL_SIDE * FET_DETAIL_SIDE,
    FET_SPECTRUM_REACH = 16, /* cycles a picture */
    FET_SPECTRUM_SIZE = 400  /* frequencies within the reach, one of each pair, and two zeroes */
};

/* The detail of the picture squeezed to 96 x 96: what is finer than a twelfth of its side, with
 * brightness, shading and contrast taken out. detail [SIDE,SIDE], 32 = one local deviation. */
FET_CHECKED fet_status fet_detail_make(const struct fet_image *image, int8_t detail[]);

/* Magnitudes (their square roots, unit length) of the lowest frequencies of a detail. A shift
 * changes phases, so a shifted picture has nearly the same. All zero for a picture without detail.
 */
void fet_spectrum_make(const int8_t detail[], float spectrum[FET_SPECTRUM_SIZE]);

/* The details of a set of pictures: the payload that fet_folder_read leaves, by i_row. */
struct fet_details {
    int8_t *pixels; /* owned [n,SIDE,SIDE] */
    int64_t n;
};
void fet_details_free(void *details); /* accepts NULL */
/* NULL when the examples have none. */
const struct fet_details *fet_details_of(const struct fet_examples *e);

#endif
