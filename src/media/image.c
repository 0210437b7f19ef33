/* Pictures in memory, and which codec reads which bytes. The format is told from the first bytes
 * only: a name may lie. */
#include "image.h"

#include "codec.h"

#include <assert.h>

static const int64_t max_image_bytes = INT64_C(1) << 31;

static const struct fet_codec *const codecs[] = {&fet_codec_jpeg, &fet_codec_png, &fet_codec_tiff,
                                                 &fet_codec_bmp, &fet_codec_pnm};
enum { N_CODECS = sizeof codecs / sizeof codecs[0] };

/* ---- memory ---- */

fet_status fet_image_new(int width, int height, int channels, int depth, struct fet_image *image)
{
    if (width < 1 || height < 1)
        return FET_FAIL(FET_ARGUMENT, "image: %d x %d has a side below 1", width, height);
    if (channels < 1 || channels > 4)
        return FET_FAIL(FET_ARGUMENT, "image: %d channels, 1 to 4 wanted", channels);
    if (depth != 8 && depth != 16)
        return FET_FAIL(FET_ARGUMENT, "image: depth %d, 8 or 16 wanted", depth);
    const int64_t pixel_bytes = (int64_t)channels * (depth / 8);
    int64_t n_bytes = 0;
    if (!fet_mul_size((int64_t)width * height, pixel_bytes, &n_bytes) || n_bytes > max_image_bytes)
        return FET_FAIL(FET_LIMIT, "image: %d x %d x %d of %d bit is more than %lld bytes", width,
                        height, channels, depth, (long long)max_image_bytes);
    void *pixels = fet_alloc(n_bytes, 1);
    if (pixels == NULL) return FET_FAIL_MEMORY("image", n_bytes);
    *image = (struct fet_image){
        .width = width, .height = height, .channels = channels, .depth = depth, .pixels = pixels};
    return FET_OK;
}

void fet_image_deinit(struct fet_image *image)
{
    if (image == NULL) return;
    fet_free(image->pixels);
    *image = (struct fet_image){0};
}

size_t fet_image_bytes(const struct fet_image *image)
{
    return (size_t)image->width * (size_t)image->height * (size_t)image->channels *
           (size_t)(image->depth / 8);
}

uint8_t *fet_image_row8(const struct fet_image *image, int y)
{
    assert(image->depth == 8 && y >= 0 && y < image->height);
    return (uint8_t *)image->pixels + (size_t)y * (size_t)image->width * (size_t)image->channels;
}

uint16_t *fet_image_row16(const struct fet_image *image, int y)
{
    assert(image->depth == 16 && y >= 0 && y < image->height);
    return (uint16_t *)image->pixels + (size_t)y * (size_t)image->width * (size_t)image->channels;
}

/* ---- which codec ---- */

static const struct fet_codec *codec_find(const uint8_t *bytes, size_t n)
{
    for (int i = 0; i < N_CODECS; i++) {
        if (codecs[i]->is_mine(bytes, n)) return codecs[i];
    }
    return NULL;
}

enum fet_image_format fet_image_format_of(const void *bytes, size_t n)
{
    const struct fet_codec *codec = codec_find(bytes, n);
    return codec != NULL ? codec->format : FET_IMAGE_UNKNOWN;
}

bool fet_image_is_name(const char *path)
{
    for (int i = 0; i < N_CODECS; i++) {
        for (const char *const *extension = codecs[i]->extensions; *extension; extension++) {
            if (fet_path_has_extension(path, *extension)) return true;
        }
    }
    return false;
}

/* ---- reading ---- */

static struct fet_image_limits limits_resolve(const struct fet_image_limits *limits)
{
    struct fet_image_limits resolved = {.max_side_px = 32768, .max_pixels = INT64_C(268435456)};
    if (limits != NULL && limits->max_side_px > 0) resolved.max_side_px = limits->max_side_px;
    if (limits != NULL && limits->max_pixels > 0) resolved.max_pixels = limits->max_pixels;
    return resolved;
}

fet_status fet_codec_check_size(const struct fet_codec_input *in, int64_t width, int64_t height)
{
    if (width < 1 || height < 1)
        return FET_FAIL(FET_FORMAT, "the header says %lld x %lld pixels", (long long)width,
                        (long long)height);
    const int64_t max_side = in->limits.max_side_px;
    if (width > max_side || height > max_side)
        return FET_FAIL(FET_LIMIT, "%lld x %lld pixels, a side may have %lld", (long long)width,
                        (long long)height, (long long)max_side);
    if (width * height > in->limits.max_pixels)
        return FET_FAIL(FET_LIMIT, "%lld x %lld pixels, all together may be %lld", (long long)width,
                        (long long)height, (long long)in->limits.max_pixels);
    return FET_OK;
}

/* Finds the codec for the bytes and fills what it is given. */
static fet_status input_make(const void *bytes, size_t n, const struct fet_image_limits *limits,
                             struct fet_codec_input *in, const struct fet_codec **codec)
{
    if (n == 0) return FET_FAIL(FET_FORMAT, "the file is empty");
    const struct fet_codec *found = codec_find(bytes, n);
    if (found == NULL)
        return FET_FAIL(FET_FORMAT, "not a picture (JPEG, PNG, TIFF, BMP and PNM are read)");
    *in = (struct fet_codec_input){.bytes = bytes, .n = n, .limits = limits_resolve(limits)};
    *codec = found;
    return FET_OK;
}

fet_status fet_image_probe(const void *bytes, size_t n, const char *name,
                           const struct fet_image_limits *limits, struct fet_image_info *info)
{
    struct fet_codec_input in;
    const struct fet_codec *codec = NULL;
    struct fet_image_info found = {0};
    fet_status st = input_make(bytes, n, limits, &in, &codec);
    if (st == FET_OK) st = codec->probe(&in, &found);
    if (st != FET_OK) return fet_status_add(name, st);
    found.format = codec->format;
    *info = found;
    return FET_OK;
}

fet_status fet_image_decode(const void *bytes, size_t n, const char *name,
                            const struct fet_image_limits *limits, struct fet_image *image)
{
    struct fet_codec_input in;
    const struct fet_codec *codec = NULL;
    struct fet_image decoded = {0};
    fet_status st = input_make(bytes, n, limits, &in, &codec);
    if (st == FET_OK) st = codec->decode(&in, &decoded);
    if (st != FET_OK) return fet_status_add(name, st);
    *image = decoded;
    return FET_OK;
}

fet_status fet_image_read(const char *path, const struct fet_image_limits *limits,
                          struct fet_image *image)
{
    /* The largest legal picture stored plainly (RGBA of 16 bit), and room for its metadata. */
    const struct fet_image_limits resolved = limits_resolve(limits);
    const int64_t spare_bytes = INT64_C(64) << 20;
    int64_t max_bytes = 0;
    if (!fet_mul_size(resolved.max_pixels, 8, &max_bytes) || max_bytes > INT64_MAX - spare_bytes)
        max_bytes = INT64_MAX - spare_bytes;
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_file_read(path, max_bytes + spare_bytes, &bytes, &n));
    const fet_status st = fet_image_decode(bytes, n, path, limits, image);
    fet_free(bytes);
    return st;
}
