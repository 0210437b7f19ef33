/* PNG by libspng: every colour type and bit depth, interlaced or not. Samples of 1, 2 and 4 bit
 * are scaled to 8, palettes and transparent colours (tRNS) are expanded, 16 bit stays 16 bit.
 * Gamma is not applied: all pictures are taken as sRGB.
 *
 * libspng refuses a picture for any slip in its metadata (a keyword with a space too many, a colour
 * profile that does not unpack) and unpacks them to whatever size they claim. So it is fed only the
 * chunks that make pixels; the orientation in eXIf is read here. */
#include "codec.h"
#include "spng_memory.h"

#include <string.h>

/* An allocation failed since fet_spng_new on this thread: libspng passes zlib's lack of memory on
 * as a damaged stream. */
static _Thread_local bool is_memory_lost;

fet_status fet_spng_fail(int code, const char *what)
{
    switch (is_memory_lost ? SPNG_EMEM : code) {
    case SPNG_EMEM:
    case SPNG_EZLIB_INIT: /* zlib failed to get its window */
        return FET_FAIL(FET_MEMORY, "%s: out of memory", what);
    case SPNG_IO_EOF:
    case SPNG_EOF:
        return FET_FAIL(FET_FORMAT, "%s ends early", what);
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
    is_memory_lost = is_memory_lost || block == NULL;
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
    is_memory_lost = is_memory_lost || block == NULL;
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
    is_memory_lost = false;
    return spng_ctx_new2(&memory, flags);
}

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

/* ---- the chunks ---- */

enum { LENGTH_AND_TYPE_BYTES = 8, CRC_BYTES = 4 };

/* One chunk at `at`: its type, its data and its size with length, type and checksum. */
struct chunk {
    const uint8_t *type, *data;
    size_t n_data, n_all;
};

/* false when the file ends within it. */
static bool chunk_find(const struct fet_codec_input *in, size_t at, struct chunk *chunk)
{
    const size_t n_frame = LENGTH_AND_TYPE_BYTES + CRC_BYTES;
    if (in->n - at < n_frame) return false;
    const uint8_t *p = in->bytes + at;
    const size_t n_data =
        (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
    if (n_data > in->n - at - n_frame) return false;
    *chunk = (struct chunk){.type = p + 4,
                            .data = p + LENGTH_AND_TYPE_BYTES,
                            .n_data = n_data,
                            .n_all = n_data + n_frame};
    return true;
}

/* Critical chunks have a capital first letter; libspng refuses those that it does not know. */
static bool type_makes_pixels(const uint8_t *type)
{
    return (type[0] & 0x20) == 0 || memcmp(type, "tRNS", 4) == 0;
}

/* What a walk over the chunks finds, without decoding. */
struct summary {
    int orientation; /* of eXIf, which may stand before or behind the pixels */
    bool has_end;    /* IEND is there, with its checksum: libspng 0.7 misses a cut in that */
};

static struct summary chunks_walk(const struct fet_codec_input *in)
{
    struct summary found = {.orientation = 1};
    struct chunk chunk;
    size_t at = sizeof signature;
    while (!found.has_end && chunk_find(in, at, &chunk)) {
        if (memcmp(chunk.type, "eXIf", 4) == 0)
            found.orientation = fet_exif_orientation(chunk.data, chunk.n_data);
        found.has_end = memcmp(chunk.type, "IEND", 4) == 0;
        at += chunk.n_all;
    }
    return found;
}

/* The file as libspng sees it: a stream of pieces. */
struct feed {
    const struct fet_codec_input *in;
    size_t at, n_left; /* the piece that is being read */
};

/* Moves on to the next chunk that makes pixels. Of a chunk that the file cuts, what is there goes
 * through, so that libspng meets the end; but not of metadata, for which it would allocate whatever
 * length they claim. */
static void feed_advance(struct feed *f)
{
    struct chunk chunk;
    while (chunk_find(f->in, f->at, &chunk)) {
        if (type_makes_pixels(chunk.type)) {
            f->n_left = chunk.n_all;
            return;
        }
        f->at += chunk.n_all;
    }
    const size_t n_rest = f->in->n - f->at;
    if (n_rest < LENGTH_AND_TYPE_BYTES || type_makes_pixels(f->in->bytes + f->at + 4))
        f->n_left = n_rest;
}

static int feed_read(spng_ctx *png, void *user, void *out, size_t n)
{
    (void)png;
    struct feed *f = user;
    for (uint8_t *to = out; n > 0;) {
        if (f->n_left == 0) feed_advance(f);
        if (f->n_left == 0) return SPNG_IO_EOF;
        const size_t n_read = n < f->n_left ? n : f->n_left;
        memcpy(to, f->in->bytes + f->at, n_read);
        f->at += n_read;
        f->n_left -= n_read;
        to += n_read;
        n -= n_read;
    }
    return 0;
}

/* ---- the header ---- */

static bool png_is_mine(const uint8_t *bytes, size_t n)
{
    return n >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
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

struct reader {
    struct feed feed;
    spng_ctx *png; /* owned */
};

static fet_status reader_open(const struct fet_codec_input *in, struct reader *r)
{
    *r = (struct reader){.feed = {.in = in, .n_left = sizeof signature}};
    r->png = fet_spng_new(0);
    if (r->png == NULL) return fet_spng_fail(SPNG_EMEM, "the PNG header");
    return FET_OK;
}

/* Reads up to the first pixels. */
static fet_status header_read(struct reader *r, struct fet_image_info *info, int *layout)
{
    struct spng_ihdr h;
    struct spng_trns trns;
    int code = spng_set_png_stream(r->png, feed_read, &r->feed);
    if (code == 0) code = spng_get_ihdr(r->png, &h);
    if (code != 0) return fet_spng_fail(code, "the PNG header");
    FET_TRY(fet_codec_check_size(r->feed.in, h.width, h.height));
    code = spng_get_trns(r->png, &trns);
    if (code != 0 && code != SPNG_ECHUNKAVAIL) return fet_spng_fail(code, "the PNG header");
    *layout = layout_choose(&h, code == 0, info);
    return FET_OK;
}

static fet_status png_probe(const struct fet_codec_input *in, struct fet_image_info *info)
{
    struct reader r;
    int layout = 0;
    FET_TRY(reader_open(in, &r));
    const fet_status st = header_read(&r, info, &layout);
    spng_ctx_free(r.png);
    if (st == FET_OK) fet_exif_apply_info(chunks_walk(in).orientation, info);
    return st;
}

/* ---- the pixels ---- */

static fet_status pixels_read(struct reader *r, int layout, const struct fet_image *image)
{
    int code =
        spng_decode_image(r->png, image->pixels, fet_image_bytes(image), layout, SPNG_DECODE_TRNS);
    if (code == 0) code = spng_decode_chunks(r->png); /* up to the end marker */
    return code == 0 ? FET_OK : fet_spng_fail(code, "the PNG data");
}

static fet_status png_decode(const struct fet_codec_input *in, struct fet_image *image)
{
    const struct summary summary = chunks_walk(in);
    struct fet_image_info info = {0};
    struct fet_image decoded = {0};
    struct reader r;
    int layout = 0;
    fet_status st = FET_OK;
    FET_TRY(reader_open(in, &r));
    FET_TRY_OUT(header_read(&r, &info, &layout));
    FET_TRY_OUT(fet_image_new(info.width, info.height, info.channels, info.depth, &decoded));
    FET_TRY_OUT(pixels_read(&r, layout, &decoded));
    if (!summary.has_end) FET_TRY_OUT(fet_spng_fail(SPNG_EOF, "the PNG data"));
    FET_TRY_OUT(fet_exif_apply(summary.orientation, &decoded));
    *image = decoded;
    decoded = (struct fet_image){0};
out:
    fet_image_deinit(&decoded);
    spng_ctx_free(r.png);
    return st;
}

static const char *const png_extensions[] = {"png", NULL};

const struct fet_codec fet_codec_png = {.format = FET_IMAGE_PNG,
                                        .extensions = png_extensions,
                                        .is_mine = png_is_mine,
                                        .probe = png_probe,
                                        .decode = png_decode};
