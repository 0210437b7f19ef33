/* Pictures in memory and the codecs that make them. Decoders check size and memory limits against
 * the header before they allocate, never crash on a hostile file, and fail with one sentence that
 * names the file. All functions are thread-safe on different images. */
#ifndef FET_IMAGE_H
#define FET_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

/* Interleaved rows, top row first. channels: 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA (sRGB, alpha not
 * premultiplied). depth: 8 (uint8_t) or 16 (uint16_t, native byte order). Rows are dense. */
struct fet_image {
    int width, height, channels, depth;
    void *pixels; /* owned: width*height*channels elements */
};

/* Zeroed pixels. FET_LIMIT over 2^31 bytes. */
FET_CHECKED fet_status fet_image_new(int width, int height, int channels, int depth,
                                     struct fet_image *image);
void fet_image_deinit(struct fet_image *image); /* zeroes the struct; accepts NULL and {0} */
size_t fet_image_bytes(const struct fet_image *image);
uint8_t *fet_image_row8(const struct fet_image *image, int y);   /* asserts depth 8 */
uint16_t *fet_image_row16(const struct fet_image *image, int y); /* asserts depth 16 */

/* ---- reading ---- */

struct fet_image_limits {
    int max_side_px;    /* 0 = 32,768 */
    int64_t max_pixels; /* 0 = 268,435,456 */
};

enum fet_image_format {
    FET_IMAGE_UNKNOWN,
    FET_IMAGE_JPEG,
    FET_IMAGE_PNG,
    FET_IMAGE_TIFF,
    FET_IMAGE_BMP,
    FET_IMAGE_PNM
};

struct fet_image_info {
    enum fet_image_format format;
    int width, height, channels, depth; /* as decoding will deliver them, orientation applied */
};

enum fet_image_format fet_image_format_of(const void *bytes, size_t n); /* by the first bytes */
bool fet_image_is_name(const char *path); /* does the extension name a format that we read? */

/* The header only; applies the limits. */
FET_CHECKED fet_status fet_image_probe(const void *bytes, size_t n, const char *name,
                                       const struct fet_image_limits *limits,
                                       struct fet_image_info *info);
/* name is used in sentences. limits NULL = defaults. EXIF orientation is applied; palettes are
 * expanded; CMYK and YCCK become RGB; 1, 2, 4 bit become 8. A file that ends early is an error. */
FET_CHECKED fet_status fet_image_decode(const void *bytes, size_t n, const char *name,
                                        const struct fet_image_limits *limits,
                                        struct fet_image *image);
FET_CHECKED fet_status fet_image_read(const char *path, const struct fet_image_limits *limits,
                                      struct fet_image *image);

/* ---- writing ---- the caller owns *bytes (fet_free). PNG: 8 and 16 bit, 1..4 channels. JPEG: 8
 * bit, 1 or 3 channels, quality 1..100 (from 90 on, colour is not subsampled). */
FET_CHECKED fet_status fet_image_encode_png(const struct fet_image *image, uint8_t **bytes,
                                            size_t *n);
FET_CHECKED fet_status fet_image_encode_jpeg(const struct fet_image *image, int quality,
                                             uint8_t **bytes, size_t *n);
/* By extension: .png, .jpg, .jpeg (quality 92). Atomic. */
FET_CHECKED fet_status fet_image_write(const struct fet_image *image, const char *path);

#endif
