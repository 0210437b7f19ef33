/* For the tests of this room: pictures made by arithmetic and ways to compare them. */
#ifndef FET_TEST_PICTURES_H
#define FET_TEST_PICTURES_H

#include "check.h"
#include "media.h"

static inline uint32_t picture_get(const struct fet_image *image, int x, int y, int c)
{
    const size_t i =
        ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels + (size_t)c;
    return image->depth == 8 ? ((const uint8_t *)image->pixels)[i]
                             : ((const uint16_t *)image->pixels)[i];
}

static inline void picture_set(const struct fet_image *image, int x, int y, int c, uint32_t v)
{
    const size_t i =
        ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels + (size_t)c;
    if (image->depth == 8)
        ((uint8_t *)image->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)image->pixels)[i] = (uint16_t)v;
}

/* Noise over the whole range; the same at every call. */
static inline void picture_make(int width, int height, int channels, int depth,
                                struct fet_image *image)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 7, (uint64_t)(channels * 100 + depth));
    assert_ok(fet_image_new(width, height, channels, depth, image));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < channels; c++)
                picture_set(image, x, y, c, fet_rng_u32(&rng) & 0xFFFF);
        }
    }
}

/* Slow waves: what JPEG can hold. */
static inline void picture_make_smooth(int width, int height, int channels, struct fet_image *image)
{
    assert_ok(fet_image_new(width, height, channels, 8, image));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < channels; c++)
                picture_set(image, x, y, c,
                            (uint32_t)(128.0 + 100.0 * sin(x * 0.05 + c) * cos(y * 0.04)));
        }
    }
}

static inline void assert_same_shape(const struct fet_image *a, const struct fet_image *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    assert_int_equal(a->depth, b->depth);
}

/* The largest difference of two values at the same place. */
static inline int picture_distance(const struct fet_image *a, const struct fet_image *b)
{
    int worst = 0;
    assert_same_shape(a, b);
    for (int y = 0; y < a->height; y++) {
        for (int x = 0; x < a->width; x++) {
            for (int c = 0; c < a->channels; c++) {
                const int d = abs((int)picture_get(a, x, y, c) - (int)picture_get(b, x, y, c));
                if (d > worst) worst = d;
            }
        }
    }
    return worst;
}

/* ---- golden files (made by tools/golden_media.py) ---- */

#define GOLDEN_FOLDER FET_SOURCE_DIR "/tests/golden/media/"

static inline void golden_read(const char *name, uint8_t **bytes, size_t *n)
{
    char path[512];
    fet_text_format(path, sizeof path, "%s%s", GOLDEN_FOLDER, name);
    assert_ok(fet_file_read(path, 1 << 24, bytes, n));
}

/* A .raw file: interleaved, 8 bit, or 16 bit little endian. */
static inline void golden_pixels(const char *name, int width, int height, int channels, int depth,
                                 struct fet_image *image)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read(name, &bytes, &n);
    assert_ok(fet_image_new(width, height, channels, depth, image));
    assert_int_equal(n, fet_image_bytes(image));
    const size_t n_values = n / (size_t)(depth / 8);
    for (size_t i = 0; i < n_values; i++) {
        if (depth == 8)
            ((uint8_t *)image->pixels)[i] = bytes[i];
        else
            ((uint16_t *)image->pixels)[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    }
    fet_free(bytes);
}

/* One line of pictures.txt. */
struct golden {
    char file[64], raw[64];
    int width, height, channels, depth, tolerance;
};

/* Calls use for every line whose file name begins with prefix; fails if there is none. */
static inline void golden_each(const char *prefix, void (*use)(const struct golden *g))
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    int n_used = 0;
    golden_read("pictures.txt", &bytes, &n);
    for (const char *line = (const char *)bytes; *line != '\0';) {
        struct golden g;
        assert_int_equal(sscanf(line, "%63s %63s %d %d %d %d %d", g.file, g.raw, &g.width,
                                &g.height, &g.channels, &g.depth, &g.tolerance),
                         7);
        if (strncmp(g.file, prefix, strlen(prefix)) == 0) {
            use(&g);
            n_used++;
        }
        const char *end = strchr(line, '\n');
        line = end != NULL ? end + 1 : line + strlen(line);
    }
    fet_free(bytes);
    assert_true(n_used > 0);
}

/* The status of decoding, nothing left behind. */
static inline fet_status decode_once(const uint8_t *bytes, size_t n,
                                     const struct fet_image_limits *limits)
{
    struct fet_image image = {0};
    const fet_status st = fet_image_decode(bytes, n, "picture", limits, &image);
    if (st != FET_OK && image.pixels != NULL) fail_msg("the picture was touched on failure");
    fet_image_deinit(&image);
    return st;
}

/* A file cut at any tenth or within its last bytes is an error, and the probe never crashes. The
 * block is exact, so that ASan sees a read behind the end. */
static inline void assert_cut_anywhere_fails(const char *file)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read(file, &bytes, &n);
    /* A TIFF ends with the offset of the next picture, which nobody needs; the last number of a
     * plain PNM may lose a digit or the line its end. */
    const bool is_plain = bytes[0] == 'P' && bytes[1] <= '3';
    const size_t spare = is_plain ? 6 : fet_image_format_of(bytes, n) == FET_IMAGE_TIFF ? 4 : 0;
    for (size_t i = 0; i < 22; i++) {
        const size_t n_kept = i < 10 ? n * i / 10 : n + i - 22; /* tenths, then the last bytes */
        struct fet_image_info info;
        uint8_t *cut = malloc(n_kept > 0 ? n_kept : 1);
        assert_non_null(cut);
        memcpy(cut, bytes, n_kept);
        (void)!fet_image_probe(cut, n_kept, file, NULL, &info);
        const bool may_pass = n_kept + spare >= n;
        if (decode_once(cut, n_kept, NULL) == FET_OK && !may_pass)
            fail_msg("%s: %zu of %zu bytes were taken for the whole", file, n_kept, n);
        free(cut);
    }
    fet_free(bytes);
}

#endif
