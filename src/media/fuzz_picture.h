/* What the fuzz targets of the decoders share: small limits, so that they are quick, and the
 * promises that hold for every input. */
#ifndef FET_FUZZ_PICTURE_H
#define FET_FUZZ_PICTURE_H

#include "image.h"

/* A broken promise stops the fuzzer. */
static inline void fuzz_expect(bool is_kept)
{
    if (!is_kept) __builtin_trap();
}

/* Bytes of another format are not looked at: each decoder has its own target. */
static inline void fuzz_picture(const uint8_t *bytes, size_t n, enum fet_image_format format)
{
    const struct fet_image_limits limits = {.max_side_px = 256, .max_pixels = 16384};
    struct fet_image_info info = {0};
    struct fet_image image = {0};
    if (fet_image_format_of(bytes, n) != format) return;
    const fet_status probed = fet_image_probe(bytes, n, "fuzz", &limits, &info);
    const fet_status decoded = fet_image_decode(bytes, n, "fuzz", &limits, &image);
    if (decoded != FET_OK) {
        fuzz_expect(image.pixels == NULL && fet_status_message()[0] != '\0');
        return;
    }
    /* What can be decoded can be probed, with the same result, and every pixel is there. */
    fuzz_expect(probed == FET_OK && info.format == format);
    fuzz_expect(info.width == image.width && info.height == image.height);
    fuzz_expect(info.channels == image.channels && info.depth == image.depth);
    fuzz_expect((int64_t)image.width * image.height <= limits.max_pixels);
    unsigned sum = 0;
    for (size_t i = 0; i < fet_image_bytes(&image); i++) sum += ((uint8_t *)image.pixels)[i];
    fuzz_expect(sum <= 255u * fet_image_bytes(&image));
    fet_image_deinit(&image);
}

#endif
