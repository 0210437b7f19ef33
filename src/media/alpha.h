/* Private to this room: premultiplied alpha, in place. Pictures of 2 or 4 channels only. */
#ifndef FET_ALPHA_H
#define FET_ALPHA_H

#include "image.h"

void fet_alpha_multiply(const struct fet_image *image);
/* Where alpha is 0 the colour stays; colours above alpha become white. */
void fet_alpha_divide(const struct fet_image *image);

#endif
