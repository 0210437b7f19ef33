/* TIFF by libtiff, its first picture: strips or tiles, 1 to 16 bit grey, palette, RGB, CMYK, alpha,
 * contiguous or separate planes, either byte order, BigTIFF.
 *
 * libtiff's own picture reader (TIFFReadRGBAImage) knows 8 bit only, so the blocks are decoded by
 * libtiff and sorted here, in three steps: blocks into raw samples, raw samples into colours, the
 * picture upright. Messages are collected per file through the options of libtiff 4.5; the
 * process-wide handlers are left alone. */
#include "alpha.h"
#include "codec.h"

#include <stdio.h>
#include <string.h>

#include <tiffio.h>

enum { MAX_SAMPLES = 16 };
static const uint64_t max_block_bytes = UINT64_C(1) << 31;

/* The file in memory, and what libtiff said about it. */
struct file {
    const struct fet_codec_input *in;
    uint64_t at;
    char message[256]; /* the first error; "" = none */
    bool is_damaged;   /* a decoder met lost data and went on with a warning */
};

struct layout {
    uint32_t width, height;
    uint16_t bits, n_samples, photometric, planar, orientation, compression;
    int n_used;       /* samples of a pixel that are taken: colours, then alpha */
    bool has_alpha;   /* the last of them is alpha */
    bool is_weighted; /* the colours are premultiplied by it */
    bool is_tiled;
    uint32_t block_w, block_h; /* a tile, or a strip */
    struct fet_image_info info;
};

/* ---- callbacks from libtiff ---- */

static tmsize_t file_read(thandle_t handle, void *out, tmsize_t n)
{
    struct file *f = handle;
    if (n <= 0 || f->at >= f->in->n) return 0;
    const size_t n_left = f->in->n - (size_t)f->at;
    const size_t n_read = (size_t)n < n_left ? (size_t)n : n_left;
    memcpy(out, f->in->bytes + f->at, n_read);
    f->at += n_read;
    return (tmsize_t)n_read;
}

static tmsize_t file_write(thandle_t handle, void *bytes, tmsize_t n)
{
    (void)handle, (void)bytes, (void)n; /* opened for reading */
    return -1;
}

static toff_t file_seek(thandle_t handle, toff_t offset, int whence)
{
    struct file *f = handle;
    f->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? f->at + offset : f->in->n + offset;
    return f->at;
}

static int file_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t file_size(thandle_t handle)
{
    const struct file *f = handle;
    return f->in->n;
}

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
    FET_PRINTF(4, 0);
static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
{
    (void)tiff, (void)module;
    struct file *f = user;
    if (f->message[0] == '\0') (void)vsnprintf(f->message, sizeof f->message, format, args);
    return 1; /* handled: nothing is printed */
}

/* The JPEG and fax decoders only warn when data are lost. */
static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
{
    (void)tiff, (void)format, (void)args;
    struct file *f = user;
    if (module != NULL && (strncmp(module, "Fax", 3) == 0 || strcmp(module, "JPEGLib") == 0))
        f->is_damaged = true;
    return 1;
}

static fet_status fail(const struct file *f, const char *what)
{
    const char *message = f->message[0] != '\0' ? f->message : "lost data";
    return FET_FAIL(FET_FORMAT, "the TIFF %s cannot be used: %s", what, message);
}

/* What one block may unpack to. */
static uint64_t block_limit(const struct fet_codec_input *in)
{
    const uint64_t n_pixels = (uint64_t)in->limits.max_pixels;
    const uint64_t spare_bytes = (uint64_t)1 << 20; /* a tile may be larger than the picture */
    return n_pixels < (max_block_bytes - spare_bytes) / 8 ? n_pixels * 8 + spare_bytes
                                                          : max_block_bytes;
}

static fet_status file_open(struct file *f, TIFF **tiff)
{
    FET_TRY(fet_tiff_check_directory(f->in));
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) return FET_FAIL(FET_MEMORY, "TIFF: out of memory");
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)(block_limit(f->in) + f->in->n));
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, f);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, f);
    /* m: no mapping, so that nobody writes into the caller's bytes. */
    TIFF *opened = TIFFClientOpenExt("TIFF", "rm", f, file_read, file_write, file_seek, file_close,
                                     file_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    if (opened == NULL) return fail(f, "header");
    *tiff = opened;
    return FET_OK;
}

/* ---- the header ---- */

static bool tiff_is_mine(const uint8_t *bytes, size_t n)
{
    static const uint8_t magics[4][4] = {
        {'I', 'I', 42, 0}, {'M', 'M', 0, 42}, {'I', 'I', 43, 0}, {'M', 'M', 0, 43}};
    for (int i = 0; i < 4; i++) {
        if (n >= 8 && memcmp(bytes, magics[i], 4) == 0) return true;
    }
    return false;
}

static fet_status compression_check(uint16_t compression)
{
    static const uint16_t known[] = {
        COMPRESSION_NONE, COMPRESSION_LZW,      COMPRESSION_DEFLATE,   COMPRESSION_ADOBE_DEFLATE,
        COMPRESSION_JPEG, COMPRESSION_PACKBITS, COMPRESSION_CCITTRLE,  COMPRESSION_CCITTFAX3,
        COMPRESSION_LZMA, COMPRESSION_ZSTD,     COMPRESSION_CCITTFAX4,
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i] == compression && TIFFIsCODECConfigured(compression)) return FET_OK;
    }
    return FET_FAIL(FET_UNSUPPORTED, "TIFF compression %d is not read", (int)compression);
}

/* How many samples make the colour, or 0 for a kind that is not read. */
static int colours_count(const struct layout *l)
{
    const bool is_whole = l->bits == 8 || l->bits == 16;
    switch (l->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        return l->bits == 1 || l->bits == 2 || l->bits == 4 || is_whole ? 1 : 0;
    case PHOTOMETRIC_PALETTE:
        return l->bits == 1 || l->bits == 2 || l->bits == 4 || l->bits == 8 ? 1 : 0;
    case PHOTOMETRIC_RGB:
        return is_whole ? 3 : 0;
    case PHOTOMETRIC_YCBCR: /* libtiff makes it RGB */
        return l->compression == COMPRESSION_JPEG && l->bits == 8 ? 3 : 0;
    case PHOTOMETRIC_SEPARATED:
        return l->bits == 8 ? 4 : 0;
    default:
        return 0;
    }
}

static fet_status samples_find(TIFF *tiff, struct layout *l)
{
    uint16_t format = SAMPLEFORMAT_UINT;
    uint16_t n_extra = 0;
    uint16_t *extra = NULL;
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &n_extra, &extra);
    const int n_colours = colours_count(l);
    if (n_colours == 0 || (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID))
        return FET_FAIL(FET_UNSUPPORTED,
                        "a TIFF of %d bits, photometric %d, sample format %d is not read",
                        (int)l->bits, (int)l->photometric, (int)format);
    if (l->n_samples > MAX_SAMPLES)
        return FET_FAIL(FET_UNSUPPORTED, "a TIFF of %d samples per pixel is not read",
                        (int)l->n_samples);
    if (l->n_samples < n_colours)
        return FET_FAIL(FET_FORMAT, "the TIFF has %d samples per pixel, %d wanted",
                        (int)l->n_samples, n_colours);
    const bool is_grey_or_rgb = l->photometric != PHOTOMETRIC_PALETTE && n_colours != 4;
    l->has_alpha = is_grey_or_rgb && n_extra > 0 && l->n_samples > n_colours &&
                   extra[0] != EXTRASAMPLE_UNSPECIFIED;
    l->is_weighted = l->has_alpha && extra[0] == EXTRASAMPLE_ASSOCALPHA;
    l->n_used = n_colours + (l->has_alpha ? 1 : 0);
    l->info = (struct fet_image_info){.width = (int)l->width,
                                      .height = (int)l->height,
                                      .channels = is_grey_or_rgb ? l->n_used : 3,
                                      .depth = l->bits == 16 ? 16 : 8};
    return FET_OK;
}

/* The size of a block, and that all of them lie inside the file: decoders differ in what they do
 * with data that end early. */
static fet_status blocks_check(const struct file *f, TIFF *tiff, struct layout *l)
{
    l->is_tiled = TIFFIsTiled(tiff) != 0;
    if (l->is_tiled) {
        if (!TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &l->block_w) ||
            !TIFFGetField(tiff, TIFFTAG_TILELENGTH, &l->block_h))
            return fail(f, "header");
    } else {
        (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &l->block_h);
        l->block_w = l->width;
        if (l->block_h > l->height) l->block_h = l->height;
    }
    const uint64_t n_bytes = l->is_tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
    if (l->block_w == 0 || l->block_h == 0 || n_bytes == 0) return fail(f, "header");
    if (n_bytes > block_limit(f->in))
        return FET_FAIL(FET_LIMIT, "a block of the TIFF has %llu bytes",
                        (unsigned long long)n_bytes);
    const uint32_t n_blocks = l->is_tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    for (uint32_t i = 0; i < n_blocks; i++) {
        const uint64_t at = TIFFGetStrileOffset(tiff, i);
        const uint64_t n = TIFFGetStrileByteCount(tiff, i);
        if (at > f->in->n || n > f->in->n - at)
            return FET_FAIL(FET_FORMAT, "the TIFF data ends early (after %zu bytes)", f->in->n);
    }
    return FET_OK;
}

static fet_status layout_read(const struct file *f, TIFF *tiff, struct layout *l)
{
    *l = (struct layout){0};
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &l->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &l->height) ||
        !TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &l->photometric))
        return FET_FAIL(FET_FORMAT, "the TIFF header lacks width, height or photometric");
    FET_TRY(fet_codec_check_size(f->in, l->width, l->height));
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &l->bits);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &l->n_samples);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &l->planar);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &l->orientation);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &l->compression);
    if (l->orientation < 1 || l->orientation > 8) l->orientation = 1;
    FET_TRY(compression_check(l->compression));
    FET_TRY(samples_find(tiff, l));
    if (l->photometric == PHOTOMETRIC_YCBCR &&
        !TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB))
        return fail(f, "header");
    return blocks_check(f, tiff, l);
}

static fet_status tiff_probe(const struct fet_codec_input *in, struct fet_image_info *info)
{
    struct file f = {.in = in};
    struct layout l;
    TIFF *tiff = NULL;
    FET_TRY(file_open(&f, &tiff));
    const fet_status st = layout_read(&f, tiff, &l);
    TIFFClose(tiff);
    if (st != FET_OK) return st;
    *info = l.info;
    fet_exif_apply_info(l.orientation, info);
    return FET_OK;
}

/* ---- step 1: blocks into raw samples ---- */

/* Where a block lies in the picture and which samples it holds. */
struct block {
    uint32_t x, y, w, h;     /* the part inside the picture */
    int i_sample, n_samples; /* first channel of the raw picture; samples per pixel in the block */
    size_t row_bytes;
};

static uint32_t sample_get(const uint8_t *row, unsigned bits, size_t i)
{
    if (bits == 8) return row[i];
    if (bits == 16) {
        uint16_t v;
        memcpy(&v, row + 2 * i, sizeof v);
        return v;
    }
    const size_t i_bit = i * bits;
    return (uint32_t)row[i_bit / 8] >> (8 - bits - i_bit % 8) & ((1u << bits) - 1);
}

/* One row of a block into the raw picture, whose channels are the used samples. */
static void row_sort(const struct layout *l, const struct block *b, const uint8_t *in,
                     const struct fet_image *raw, uint32_t y)
{
    const size_t n_channels = (size_t)raw->channels;
    const size_t size = (size_t)raw->depth / 8;
    const size_t first = ((size_t)y * l->width + b->x) * n_channels + (size_t)b->i_sample;
    uint8_t *out = (uint8_t *)raw->pixels + first * size;
    if (b->n_samples == raw->channels && l->bits >= 8) {
        memcpy(out, in, b->w * n_channels * size);
        return;
    }
    const size_t n_taken = b->n_samples == 1 ? 1 : n_channels;
    for (size_t x = 0; x < b->w; x++) {
        for (size_t c = 0; c < n_taken; c++) {
            const uint32_t v = sample_get(in, l->bits, x * (size_t)b->n_samples + c);
            if (size == 1) {
                out[x * n_channels + c] = (uint8_t)v;
            } else {
                const uint16_t wide = (uint16_t)v;
                memcpy(out + 2 * (x * n_channels + c), &wide, sizeof wide);
            }
        }
    }
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Decodes one block and sorts it in. */
static fet_status block_read(struct file *f, TIFF *tiff, const struct layout *l, uint32_t i_block,
                             const struct block *b, uint8_t *buffer, const struct fet_image *raw)
{
    const uint32_t rows = l->is_tiled ? l->block_h : b->h; /* tiles are always whole */
    const tmsize_t n_bytes = (tmsize_t)(b->row_bytes * rows);
    const tmsize_t n_read = l->is_tiled ? TIFFReadEncodedTile(tiff, i_block, buffer, n_bytes)
                                        : TIFFReadEncodedStrip(tiff, i_block, buffer, n_bytes);
    if (n_read != n_bytes || f->is_damaged || f->message[0] != '\0') return fail(f, "data");
    for (uint32_t y = 0; y < b->h; y++)
        row_sort(l, b, buffer + (size_t)y * b->row_bytes, raw, b->y + y);
    return FET_OK;
}

static fet_status blocks_read(struct file *f, TIFF *tiff, const struct layout *l,
                              const struct fet_image *raw)
{
    const bool is_planar = l->planar == PLANARCONFIG_SEPARATE && l->n_samples > 1;
    const int n_planes = is_planar ? l->n_used : 1;
    const uint32_t n_across = (l->width - 1) / l->block_w + 1;
    const uint32_t n_down = (l->height - 1) / l->block_h + 1;
    const tmsize_t n_bytes = l->is_tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
    const tmsize_t row_bytes = l->is_tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff);
    if (n_bytes <= 0 || row_bytes <= 0 || row_bytes * (tmsize_t)l->block_h > n_bytes)
        return fail(f, "header");
    uint8_t *buffer = fet_alloc(n_bytes, 1);
    if (buffer == NULL) return FET_FAIL_MEMORY("a block of the TIFF", n_bytes);
    fet_status st = FET_OK;
    uint32_t i_block = 0;
    f->message[0] = '\0'; /* what was wrong with a tag has not hindered us */
    f->is_damaged = false;
    for (int plane = 0; plane < n_planes; plane++) {
        for (uint32_t y = 0; y < n_down; y++) {
            for (uint32_t x = 0; x < n_across; x++) {
                struct block b = {.x = x * l->block_w,
                                  .y = y * l->block_h,
                                  .i_sample = plane,
                                  .n_samples = is_planar ? 1 : l->n_samples,
                                  .row_bytes = (size_t)row_bytes};
                b.w = min_u32(l->block_w, l->width - b.x);
                b.h = min_u32(l->block_h, l->height - b.y);
                FET_TRY_OUT(block_read(f, tiff, l, i_block++, &b, buffer, raw));
            }
        }
    }
out:
    fet_free(buffer);
    return st;
}

/* ---- step 2: raw samples into colours ---- */

/* Grey of few bits to the whole range, and white to the top; alpha is not inverted. */
static void grey_scale(const struct layout *l, const struct fet_image *image)
{
    const uint32_t top = l->bits == 16 ? 65535 : 255;
    const uint32_t max_value = (1u << l->bits) - 1;
    const size_t n = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    for (size_t i = 0; i < n; i++) {
        const bool is_alpha = l->has_alpha && i % 2 == 1;
        const uint32_t v = l->bits == 16 ? ((uint16_t *)image->pixels)[i]
                                         : ((uint8_t *)image->pixels)[i] * (top / max_value);
        const uint32_t value = l->photometric == PHOTOMETRIC_MINISWHITE && !is_alpha ? top - v : v;
        if (l->bits == 16)
            ((uint16_t *)image->pixels)[i] = (uint16_t)value;
        else
            ((uint8_t *)image->pixels)[i] = (uint8_t)value;
    }
}

/* A palette has 16 bits per colour; some writers fill only the lower eight. */
static fet_status palette_apply(const struct file *f, TIFF *tiff, const struct layout *l,
                                struct fet_image *image)
{
    uint16_t *map[3] = {NULL, NULL, NULL};
    if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2])) return fail(f, "palette");
    int shift = 0;
    for (int i = 0; i < 1 << l->bits; i++) {
        if (map[0][i] > 255 || map[1][i] > 255 || map[2][i] > 255) shift = 8;
    }
    struct fet_image rgb = {0};
    FET_TRY(fet_image_new(image->width, image->height, 3, 8, &rgb));
    const size_t n = (size_t)image->width * (size_t)image->height;
    const uint8_t *in = image->pixels;
    uint8_t *out = rgb.pixels;
    for (size_t i = 0; i < n; i++) {
        for (int c = 0; c < 3; c++) *out++ = (uint8_t)(map[c][in[i]] >> shift);
    }
    fet_image_deinit(image);
    *image = rgb;
    return FET_OK;
}

static fet_status cmyk_apply(struct fet_image *image)
{
    struct fet_image rgb = {0};
    FET_TRY(fet_image_new(image->width, image->height, 3, 8, &rgb));
    const size_t n = fet_image_bytes(image);
    uint8_t *ink = image->pixels;
    for (size_t i = 0; i < n; i++) ink[i] = (uint8_t)(255 - ink[i]); /* 255 = no ink */
    fet_cmyk_to_rgb(ink, rgb.pixels, (int64_t)(n / 4));
    fet_image_deinit(image);
    *image = rgb;
    return FET_OK;
}

static fet_status colours_make(const struct file *f, TIFF *tiff, const struct layout *l,
                               struct fet_image *image)
{
    switch (l->photometric) {
    case PHOTOMETRIC_PALETTE:
        return palette_apply(f, tiff, l, image);
    case PHOTOMETRIC_SEPARATED:
        return cmyk_apply(image);
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        if (l->bits < 8 || l->photometric == PHOTOMETRIC_MINISWHITE) grey_scale(l, image);
        break;
    default:
        break;
    }
    if (l->is_weighted) fet_alpha_divide(image);
    return FET_OK;
}

/* ---- step 3: upright ---- */

static fet_status tiff_decode(const struct fet_codec_input *in, struct fet_image *image)
{
    struct file f = {.in = in};
    struct layout l;
    struct fet_image decoded = {0};
    fet_status st = FET_OK;
    TIFF *tiff = NULL;
    FET_TRY(file_open(&f, &tiff));
    FET_TRY_OUT(layout_read(&f, tiff, &l));
    FET_TRY_OUT(fet_image_new(l.info.width, l.info.height, l.n_used, l.info.depth, &decoded));
    FET_TRY_OUT(blocks_read(&f, tiff, &l, &decoded));
    FET_TRY_OUT(colours_make(&f, tiff, &l, &decoded));
    FET_TRY_OUT(fet_exif_apply(l.orientation, &decoded));
    *image = decoded;
    decoded = (struct fet_image){0};
out:
    fet_image_deinit(&decoded);
    TIFFClose(tiff);
    return st;
}

static const char *const tiff_extensions[] = {"tif", "tiff", NULL};

const struct fet_codec fet_codec_tiff = {.format = FET_IMAGE_TIFF,
                                         .extensions = tiff_extensions,
                                         .is_mine = tiff_is_mine,
                                         .probe = tiff_probe,
                                         .decode = tiff_decode};
