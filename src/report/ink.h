/* Antialiased drawing on pictures. Strokes and boxes are first collected as coverage in an ink
 * plane, then poured over an RGB picture in one colour: overlapping strokes of one pour do not
 * darken each other. Coordinates are in pixels, pixel centres at +0.5. One thread at a time. */
#ifndef FET_INK_H
#define FET_INK_H

#include "media.h"

struct fet_ink {
    int width, height;
    uint8_t *cover;     /* owned: [height,width], 0 = none, 255 = full */
    int x0, y0, x1, y1; /* the part that is not zero; empty when x0 >= x1 */
};

struct fet_rgb {
    uint8_t r, g, b;
};

FET_CHECKED fet_status fet_ink_new(int width, int height, struct fet_ink *ink);
void fet_ink_deinit(struct fet_ink *ink); /* accepts NULL and {0} */

/* A stroke with round ends, `width` pixels wide; what lies outside the plane is left out. */
void fet_ink_line(struct fet_ink *ink, double x0, double y0, double x1, double y1, double width);
/* A quarter of an ellipse from (x0,y0) to (x1,y1) that is tangent to the lines to the corner
 * (cx,cy), as strokes. */
void fet_ink_quarter(struct fet_ink *ink, const double from[2], const double corner[2],
                     const double to[2], double width);
/* A filled box with round corners. */
void fet_ink_box(struct fet_ink *ink, double x, double y, double w, double h, double radius);

/* Blends the colour over an RGB 8 picture of the plane's size, opacity 0..1, and empties the
 * plane. */
void fet_ink_pour(struct fet_ink *ink, struct fet_rgb colour, double opacity,
                  struct fet_image *picture);

#endif
