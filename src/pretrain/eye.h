/* The eye: the network that is shipped. Private to the room. */
#ifndef FET_EYE_H
#define FET_EYE_H

#include "nn.h"

enum { FET_EYE_STRIDE_PX = 8, FET_EYE_NUMBERS = 48 };

/* From pictures [N,3,H,W] of -1..1, H and W multiples of 16, to descriptions
 * [N,FET_EYE_NUMBERS,H/8,W/8]. */
int fet_eye_add(struct fet_nn *n, int pictures);

/* The eye alone, for pictures of any number and size, with the parameters that `from` has under the
 * same names. Output 0 is named "descriptions". */
FET_CHECKED fet_status fet_eye_new(const struct fet_graph *from, struct fet_graph **eye);

#endif
