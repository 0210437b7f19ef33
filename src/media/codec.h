/* Private to this room: what image.c gives to a codec and what a codec offers. A codec's sentences
 * do not name the file; image.c puts the name in front. */
#ifndef FET_CODEC_H
#define FET_CODEC_H

#include "image.h"

struct fet_codec_input {
    const uint8_t *bytes; /* borrowed for the call */
    size_t n;
    struct fet_image_limits limits; /* resolved: no zeros */
};

struct fet_codec {
    enum fet_image_format format;
    const char *const *extensions; /* lower case, without dot, NULL behind the last */
    bool (*is_mine)(const uint8_t *bytes, size_t n); /* by the first bytes */
    /* Fill everything in info but the format; limits are already applied. */
    fet_status (*probe)(const struct fet_codec_input *in, struct fet_image_info *info);
    fet_status (*decode)(const struct fet_codec_input *in, struct fet_image *image);
};

extern const struct fet_codec fet_codec_jpeg;
extern const struct fet_codec fet_codec_png;
extern const struct fet_codec fet_codec_tiff;
extern const struct fet_codec fet_codec_bmp;
extern const struct fet_codec fet_codec_pnm;

/* What a header says about the size, before anything is allocated for it. FET_FORMAT below 1,
 * FET_LIMIT over the limits. */
FET_CHECKED fet_status fet_codec_check_size(const struct fet_codec_input *in, int64_t width,
                                            int64_t height);

/* EXIF orientation (1..8) out of a TIFF structure, as it lies behind "Exif\0\0" in a JPEG and in a
 * PNG's eXIf chunk. 1 when there is none or when the structure is damaged: a bad tag must not cost
 * the picture. */
int fet_exif_orientation(const uint8_t *bytes, size_t n);
/* Turns a decoded picture upright, in place; on failure it stays as it was. */
FET_CHECKED fet_status fet_exif_apply(int orientation, struct fet_image *image);
/* What that does to the size. */
void fet_exif_apply_info(int orientation, struct fet_image_info *info);

/* FET_FORMAT when an entry of the first directory points behind the end of the file. The bytes have
 * been recognised as a TIFF. */
FET_CHECKED fet_status fet_tiff_check_directory(const struct fet_codec_input *in);

/* Inverted ink (255 = none) to RGB, as Adobe writes JPEG. n pixels of 4 to n of 3; out may be in.
 */
void fet_cmyk_to_rgb(const uint8_t *in, uint8_t *out, int64_t n);

#endif
