/* Made defects: changes of a picture of a good part that look like something went wrong, with the
 * mask of what changed. They are what a discriminator is trained with where no defects are known
 * (CutPaste, Li 2021; DRAEM, Zavrtanik 2021; NSA, Schlueter 2022).
 *
 * A defect is an outline (blob, line, cut) and what happens inside it (other levels, a flat colour,
 * a piece of another place, a shift, a blur, grain), drawn apart, so that any may meet any. */
#ifndef FET_FORGE_H
#define FET_FORGE_H

#include "media.h"

/* From this value of a mask on, a defect shows rather than not. */
#define FET_FORGE_PLAIN 128

/* Adds one defect. picture: RGB 8; mask: grey 8 of its size, 0..255, gets the highest of what it
 * has and how visibly each pixel has changed: against the contrast of this picture, so that 255 is
 * plain to see. donor: RGB 8 of any size that pieces are taken from, such as another good part;
 * NULL = the picture itself. Thread-safe. */
FET_CHECKED fet_status fet_forge_defect(struct fet_image *picture, struct fet_image *mask,
                                        const struct fet_image *donor, struct fet_rng *rng);

#endif
