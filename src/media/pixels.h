/* Geometry and colour of pictures. Sources are only read; results are new images (deinit by the
 * caller). Thread-safe. */
#ifndef FET_PIXELS_H
#define FET_PIXELS_H

#include "image.h"

/* To 1, 2, 3 or 4 channels and 8 or 16 bit. Alpha is composed on white when it goes away; grey is
 * ITU-R 601 luma as Pillow's "L". */
FET_CHECKED fet_status fet_image_convert(const struct fet_image *src, int channels, int depth,
                                         struct fet_image *dst);

enum fet_resize { FET_RESIZE_NEAREST, FET_RESIZE_BOX, FET_RESIZE_BILINEAR, FET_RESIZE_LANCZOS };
/* Antialiased: the filter widens when shrinking, as Pillow does (8 bit: equal within 1 level). */
FET_CHECKED fet_status fet_image_resize(const struct fet_image *src, int width, int height,
                                        enum fet_resize filter, struct fet_image *dst);
FET_CHECKED fet_status fet_image_crop(const struct fet_image *src, int x, int y, int width,
                                      int height, struct fet_image *dst);
enum fet_turn {
    FET_TURN_0,
    FET_TURN_90,
    FET_TURN_180,
    FET_TURN_270,
    FET_TURN_FLIP,
    FET_TURN_FLIP_90,
    FET_TURN_FLIP_180,
    FET_TURN_FLIP_270
}; /* clockwise; FLIP = left-right first */
FET_CHECKED fet_status fet_image_turn(const struct fet_image *src, enum fet_turn turn,
                                      struct fet_image *dst);

enum fet_border { FET_BORDER_CONSTANT, FET_BORDER_REPLICATE, FET_BORDER_REFLECT };
/* dst(x,y) = src(m0*x + m1*y + m2, m3*x + m4*y + m5), pixel centres at integers + 0.5 in both,
 * bilinear. Behind the border: 0; the edge pixel; mirrored, the edge pixel twice. Alpha is warped
 * like a colour. */
FET_CHECKED fet_status fet_image_warp(const struct fet_image *src, const double m[6], int width,
                                      int height, enum fet_border border, struct fet_image *dst);

/* Planar floats in [0,1], out [channels,height,width]; the caller's memory. */
void fet_image_to_planes(const struct fet_image *src, float *out);
/* The other way, rounded and clamped, 8 bit. */
FET_CHECKED fet_status fet_image_from_planes(const float *planes, int channels, int height,
                                             int width, struct fet_image *dst);

/* One float plane to another size, bilinear with antialiasing: maps and fields. dst [dst_h,dst_w].
 */
FET_CHECKED fet_status fet_plane_resize(const float *src, int src_w, int src_h, float *dst,
                                        int dst_w, int dst_h);

#endif
