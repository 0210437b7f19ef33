/* PNG by libspng: every colour type and bit depth, interlaced or not. Samples of 1, 2 and 4 bit
 * are scaled to 8, palettes and transparent colours (tRNS) are expanded, 16 bit stays 16 bit.
 * Gamma is not applied: all pictures are taken as sRGB. */
#include "codec.h"
#include "spng_memory.h"

#include <string.h>

/* Metadata that unpacks to more than this is refused. */
static const size_t max_chunk_bytes = (size_t)64 << 20;
static const size_t max_chunks_bytes = (size_t)256 << 20;

fet_status fet_spng_fail(int code, const char *what)
{
    switch (code) {
    case SPNG_EMEM:
    case SPNG_EZLIB_INIT: /* zlib failed to get its window */
        return FET_FAIL(FET_MEMORY, "%s: out of memory", what);
    case SPNG_IO_EOF:
    case SPNG_EOF:
        return FET_FAIL(FET_FORMAT, "%s ends early", what);
    case SPNG_ECHUNK_LIMITS:
        return FET_FAIL(FET_LIMIT, "%s: %s", what, spng_strerror(code));
    default:
        return FET_FAIL(FET_FORMAT, "%s cannot be used: %s", what, spng_strerror(code));
    }
}

/* ---- our memory for libspng ---- */

/* libspng's realloc does not tell the old size, so each block carries its own in front. */
enum { HEAD_BYTES = 64 };

static void *block_alloc(size_t n)
{
    if (n > (size_t)INT64_MAX - HEAD_BYTES) return NULL;
    uint8_t *block = fet_alloc((int64_t)(n + HEAD_BYTES), 1);
    if (block == NULL) return NULL;
    memcpy(block, &n, sizeof n);
    return block + HEAD_BYTES;
}

static void *block_realloc(void *p, size_t n)
{
    if (p == NULL) return block_alloc(n);
    if (n > (size_t)INT64_MAX - HEAD_BYTES) return NULL;
    uint8_t *block = (uint8_t *)p - HEAD_BYTES;
    size_t old_n = 0;
    memcpy(&old_n, block, sizeof old_n);
    block = fet_realloc(block, (int64_t)(old_n + HEAD_BYTES), (int64_t)(n + HEAD_BYTES), 1);
    if (block == NULL) return NULL;
    memcpy(block, &n, sizeof n);
    return block + HEAD_BYTES;
}

static void *block_calloc(size_t n, size_t size)
{
    int64_t n_bytes = 0;
    if (n > INT64_MAX || size > INT64_MAX || !fet_mul_size((int64_t)n, (int64_t)size, &n_bytes))
        return NULL;
    return block_alloc((size_t)n_bytes); /* fet_alloc zeroes */
}

static void block_free(void *p)
{
    if (p != NULL) fet_free((uint8_t *)p - HEAD_BYTES);
}

spng_ctx *fet_spng_new(int flags)
{
    struct spng_alloc memory = {.malloc_fn = block_alloc,
                                .realloc_fn = block_realloc,
                                .calloc_fn = block_calloc,
                                .free_fn = block_free};
    return spng_ctx_new2(&memory, flags);
}

/* ---- the header ---- */

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static bool png_is_mine(const uint8_t *bytes, size_t n)
{
    return n >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

static size_t read_u32(const uint8_t *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
}

/* What a walk over the chunks finds, without decoding. */
struct chunks {
    int orientation; /* of eXIf, which may stand before or behind the pixels */
    bool has_end;    /* IEND is there, with its checksum: libspng 0.7 misses a cut in that */
};

static struct chunks chunks_walk(const struct fet_codec_input *in)
{
    enum { LENGTH_AND_TYPE = 8, CRC = 4 };
    struct chunks found = {.orientation = 1};
    size_t at = sizeof signature;
    while (!found.has_end && in->n - at >= LENGTH_AND_TYPE + CRC) {
        const uint8_t *chunk = in->bytes + at;
        const size_t length = read_u32(chunk);
        if (length > in->n - at - LENGTH_AND_TYPE - CRC) break;
        if (memcmp(chunk + 4, "eXIf", 4) == 0)
            found.orientation = fet_exif_orientation(chunk + LENGTH_AND_TYPE, length);
        found.has_end = memcmp(chunk + 4, "IEND", 4) == 0;
        at += LENGTH_AND_TYPE + length + CRC;
    }
    return found;
}

/* Which of libspng's layouts to ask for, and what that is for us. */
static int layout_choose(const struct spng_ihdr *h, bool has_trns, struct fet_image_info *info)
{
    info->width = (int)h->width;
    info->height = (int)h->height;
    info->depth = h->bit_depth == 16 ? 16 : 8;
    switch (h->color_type) {
    case SPNG_COLOR_TYPE_GRAYSCALE:
        info->channels = has_trns ? 2 : 1;
        if (h->bit_depth == 16) return has_trns ? SPNG_FMT_GA16 : SPNG_FMT_PNG;
        return has_trns ? SPNG_FMT_GA8 : SPNG_FMT_G8;
    case SPNG_COLOR_TYPE_TRUECOLOR:
        info->channels = has_trns ? 4 : 3;
        if (!has_trns) return SPNG_FMT_PNG;
        return h->bit_depth == 16 ? SPNG_FMT_RGBA16 : SPNG_FMT_RGBA8;
    case SPNG_COLOR_TYPE_INDEXED:
        info->channels = has_trns ? 4 : 3;
        return has_trns ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
        info->channels = 2;
        return SPNG_FMT_PNG;
    default: /* RGB and alpha; libspng has refused other numbers */
        info->channels = 4;
        return SPNG_FMT_PNG;
    }
}

/* Reads up to the first pixels. */
static fet_status header_read(const struct fet_codec_input *in, spng_ctx *png,
                              struct fet_image_info *info, int *layout)
{
    struct spng_ihdr h;
    struct spng_trns trns;
    int code = spng_set_png_buffer(png, in->bytes, in->n);
    if (code == 0) code = spng_set_chunk_limits(png, max_chunk_bytes, max_chunks_bytes);
    if (code == 0) code = spng_get_ihdr(png, &h);
    if (code != 0) return fet_spng_fail(code, "the PNG header");
    FET_TRY(fet_codec_check_size(in, h.width, h.height));
    code = spng_get_trns(png, &trns);
    if (code != 0 && code != SPNG_ECHUNKAVAIL) return fet_spng_fail(code, "the PNG header");
    *layout = layout_choose(&h, code == 0, info);
    return FET_OK;
}

static fet_status png_probe(const struct fet_codec_input *in, struct fet_image_info *info)
{
    spng_ctx *png = fet_spng_new(0);
    if (png == NULL) return fet_spng_fail(SPNG_EMEM, "the PNG header");
    int layout = 0;
    const fet_status st = header_read(in, png, info, &layout);
    spng_ctx_free(png);
    if (st == FET_OK) fet_exif_apply_info(chunks_walk(in).orientation, info);
    return st;
}

/* ---- the pixels ---- */

static fet_status png_decode(const struct fet_codec_input *in, struct fet_image *image)
{
    struct fet_image_info info = {0};
    struct fet_image decoded = {0};
    int layout = 0;
    fet_status st = FET_OK;
    spng_ctx *png = fet_spng_new(0);
    if (png == NULL) return fet_spng_fail(SPNG_EMEM, "the PNG header");
    FET_TRY_OUT(header_read(in, png, &info, &layout));
    FET_TRY_OUT(fet_image_new(info.width, info.height, info.channels, info.depth, &decoded));
    int code =
        spng_decode_image(png, decoded.pixels, fet_image_bytes(&decoded), layout, SPNG_DECODE_TRNS);
    if (code == 0) code = spng_decode_chunks(png); /* up to the end marker */
    if (code != 0) {
        st = fet_spng_fail(code, "the PNG data");
        goto out;
    }
    const struct chunks chunks = chunks_walk(in);
    if (!chunks.has_end) {
        st = fet_spng_fail(SPNG_EOF, "the PNG data");
        goto out;
    }
    FET_TRY_OUT(fet_exif_apply(chunks.orientation, &decoded));
    *image = decoded;
    decoded = (struct fet_image){0};
out:
    fet_image_deinit(&decoded);
    spng_ctx_free(png);
    return st;
}

static const char *const png_extensions[] = {"png", NULL};

const struct fet_codec fet_codec_png = {.format = FET_IMAGE_PNG,
                                        .extensions = png_extensions,
                                        .is_mine = png_is_mine,
                                        .probe = png_probe,
                                        .decode = png_decode};
