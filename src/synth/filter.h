/* Blurs on square maps [n,n]; edges repeat. scratch is another map [n,n], line has n + 16. */
#ifndef FET_FILTER_H
#define FET_FILTER_H

#include <stdbool.h>

/* About Gaussian; below 0.2 nothing happens. */
void fet_filter_blur(int n, float sigma_px, float *map, float *scratch, float *line);
/* The mean over a line of up to 15 pixels: motion while the shutter is open. */
void fet_filter_smear(int n, float length_px, bool is_along_x, float *map, float *scratch,
                      float *line);

#endif
