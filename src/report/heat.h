/* The anomaly map as colour over a picture, and its outline. */
#ifndef FET_HEAT_H
#define FET_HEAT_H

#include "ink.h"

/* From purple over red and orange to yellow: lightness grows evenly, so the order is seen without
 * colour too. */
void fet_heat_table(struct fet_rgb table[256]);

/* map [height,width] of the picture. Nothing is drawn up to `threshold`, the top colour from
 * `scale` on; NaN counts as nothing. scale > threshold. */
void fet_heat_blend(const float *map, double threshold, double scale, struct fet_image *picture);

/* The lines where the map crosses the level, closed at the picture's border, as strokes. */
void fet_heat_outline(const float *map, int width, int height, double level, double stroke_px,
                      struct fet_ink *ink);

#endif
