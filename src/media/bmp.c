/* BMP (Windows 2.x to V5, OS/2): 1, 4 and 8 bit with a palette, 16, 24 and 32 bit, bottom-up or
 * top-down, written by hand. Run-length and embedded JPEG or PNG data are refused by name. A
 * palette of greys makes a grey picture: that is how 8-bit cameras write BMP. Alpha counts only
 * when the header gives it a mask; the fourth byte of plain 32 bit is padding. */
#include "codec.h"

#include <string.h>

enum {
    FILE_HEADER_BYTES = 14,
    CORE_HEADER_BYTES = 12,
    INFO_HEADER_BYTES = 40,
    BI_RGB = 0,
    BI_RLE8 = 1,
    BI_RLE4 = 2,
    BI_BITFIELDS = 3,
    BI_ALPHABITFIELDS = 6
};

/* One channel of a 16 or 32 bit pixel. */
struct field {
    uint32_t mask;
    int shift;
    uint32_t max_value; /* 0 = the channel is absent */
};

struct header {
    int64_t width, height; /* height > 0 */
    bool is_top_down;
    int bits;
    uint32_t compression;
    size_t size_bytes, pixels_at, row_bytes;
    uint32_t n_colours; /* of the palette; 0 without one */
    uint8_t palette[256][3];
    bool is_grey; /* the palette holds greys only */
    struct field fields[4];
    struct fet_image_info info;
};

static uint32_t read_u16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t read_u32(const uint8_t *p)
{
    return read_u16(p) | read_u16(p + 2) << 16;
}

static fet_status fail_early_end(void)
{
    return FET_FAIL(FET_FORMAT, "the BMP data ends early");
}

static bool bmp_is_mine(const uint8_t *bytes, size_t n)
{
    return n >= 2 && bytes[0] == 'B' && bytes[1] == 'M';
}

/* ---- the header ---- */

/* Width, height, bits and compression, in either of the two layouts. */
static fet_status sizes_read(const struct fet_codec_input *in, struct header *h)
{
    if (in->n < FILE_HEADER_BYTES + 4) return fail_early_end();
    const uint8_t *p = in->bytes + FILE_HEADER_BYTES;
    h->pixels_at = read_u32(in->bytes + 10);
    h->size_bytes = read_u32(p);
    if (h->size_bytes != CORE_HEADER_BYTES &&
        (h->size_bytes < INFO_HEADER_BYTES || h->size_bytes > 124))
        return FET_FAIL(FET_FORMAT, "a BMP header of %zu bytes is unknown", h->size_bytes);
    if (in->n < FILE_HEADER_BYTES + h->size_bytes) return fail_early_end();
    if (h->size_bytes == CORE_HEADER_BYTES) {
        h->width = read_u16(p + 4);
        h->height = read_u16(p + 6);
        h->bits = (int)read_u16(p + 10);
        h->compression = BI_RGB;
    } else {
        h->width = (int32_t)read_u32(p + 4);
        h->height = (int32_t)read_u32(p + 8);
        h->bits = (int)read_u16(p + 14);
        h->compression = read_u32(p + 16);
        h->n_colours = read_u32(p + 32);
    }
    h->is_top_down = h->height < 0;
    if (h->is_top_down) h->height = -h->height;
    return fet_codec_check_size(in, h->width, h->height);
}

static fet_status kind_check(const struct header *h)
{
    const int b = h->bits;
    const bool is_masked = h->compression == BI_BITFIELDS || h->compression == BI_ALPHABITFIELDS;
    if (h->compression == BI_RLE8 || h->compression == BI_RLE4)
        return FET_FAIL(FET_UNSUPPORTED,
                        "run-length encoded BMP is not read; save it uncompressed");
    if (h->compression != BI_RGB && !is_masked)
        return FET_FAIL(FET_UNSUPPORTED, "BMP compression %u is not read; save it uncompressed",
                        (unsigned)h->compression);
    if (b != 1 && b != 4 && b != 8 && b != 16 && b != 24 && b != 32)
        return FET_FAIL(FET_FORMAT, "a BMP of %d bits per pixel is unknown", b);
    if (is_masked && b != 16 && b != 32)
        return FET_FAIL(FET_FORMAT, "a BMP of %d bits per pixel cannot have masks", b);
    return FET_OK;
}

static fet_status palette_read(const struct fet_codec_input *in, struct header *h)
{
    const uint32_t n_possible = 1u << h->bits;
    const size_t entry_bytes = h->size_bytes == CORE_HEADER_BYTES ? 3 : 4;
    const size_t at = FILE_HEADER_BYTES + h->size_bytes;
    if (h->n_colours == 0) h->n_colours = n_possible;
    if (h->n_colours > n_possible)
        return FET_FAIL(FET_FORMAT, "the BMP palette has %u colours, %d bits allow %u",
                        (unsigned)h->n_colours, h->bits, (unsigned)n_possible);
    if (in->n - at < h->n_colours * entry_bytes) return fail_early_end();
    h->is_grey = true;
    for (uint32_t i = 0; i < h->n_colours; i++) {
        const uint8_t *p = in->bytes + at + i * entry_bytes; /* blue, green, red */
        for (int c = 0; c < 3; c++) h->palette[i][c] = p[2 - c];
        if (p[0] != p[1] || p[1] != p[2]) h->is_grey = false;
    }
    return FET_OK;
}

static fet_status field_make(uint32_t mask, struct field *field)
{
    int shift = 0;
    while (mask != 0 && (mask >> shift & 1) == 0) shift++;
    const uint32_t max_value = mask >> shift;
    if ((max_value & (max_value + 1)) != 0)
        return FET_FAIL(FET_FORMAT, "the BMP colour mask 0x%08X has gaps", (unsigned)mask);
    *field = (struct field){.mask = mask, .shift = shift, .max_value = max_value};
    return FET_OK;
}

/* Which bits of a pixel are red, green, blue and alpha. */
static fet_status fields_read(const struct fet_codec_input *in, struct header *h)
{
    static const uint32_t plain16[4] = {0x7C00, 0x03E0, 0x001F, 0};
    static const uint32_t plain32[4] = {0xFF0000, 0xFF00, 0xFF, 0};
    uint32_t masks[4];
    memcpy(masks, h->bits == 16 ? plain16 : plain32, sizeof masks);
    if (h->compression != BI_RGB) {
        /* Behind the old header, inside of the later ones: the same place. */
        const size_t at = FILE_HEADER_BYTES + INFO_HEADER_BYTES;
        const bool has_alpha = h->compression == BI_ALPHABITFIELDS || h->size_bytes >= 56;
        if (in->n < at + 16) return fail_early_end();
        for (size_t i = 0; i < 3; i++) masks[i] = read_u32(in->bytes + at + 4 * i);
        masks[3] = has_alpha ? read_u32(in->bytes + at + 12) : 0;
        if (masks[0] == 0 || masks[1] == 0 || masks[2] == 0)
            return FET_FAIL(FET_FORMAT, "the BMP lacks a colour mask");
    }
    for (int i = 0; i < 4; i++) FET_TRY(field_make(masks[i], &h->fields[i]));
    return FET_OK;
}

static fet_status header_read(const struct fet_codec_input *in, struct header *h)
{
    *h = (struct header){0};
    FET_TRY(sizes_read(in, h));
    FET_TRY(kind_check(h));
    if (h->bits <= 8)
        FET_TRY(palette_read(in, h));
    else if (h->bits != 24)
        FET_TRY(fields_read(in, h));
    if (h->pixels_at < FILE_HEADER_BYTES + h->size_bytes)
        return FET_FAIL(FET_FORMAT, "the BMP pixels begin inside the header");
    h->row_bytes = ((size_t)h->width * (size_t)h->bits + 31) / 32 * 4;
    h->info = (struct fet_image_info){.width = (int)h->width,
                                      .height = (int)h->height,
                                      .channels = h->is_grey                    ? 1
                                                  : h->fields[3].max_value != 0 ? 4
                                                                                : 3,
                                      .depth = 8};
    return FET_OK;
}

static fet_status bmp_probe(const struct fet_codec_input *in, struct fet_image_info *info)
{
    struct header h;
    FET_TRY(header_read(in, &h));
    *info = h.info;
    return FET_OK;
}

/* ---- the pixels ---- */

static fet_status row_read_palette(const struct header *h, const uint8_t *in, uint8_t *out)
{
    const int per_byte = 8 / h->bits;
    const uint32_t mask = (1u << h->bits) - 1;
    for (int x = 0; x < h->info.width; x++) {
        const int shift = (per_byte - 1 - x % per_byte) * h->bits;
        const uint32_t i = (uint32_t)in[x / per_byte] >> shift & mask;
        if (i >= h->n_colours)
            return FET_FAIL(FET_FORMAT, "a BMP pixel has colour %u of %u", (unsigned)i,
                            (unsigned)h->n_colours);
        for (int c = 0; c < h->info.channels; c++) *out++ = h->palette[i][c];
    }
    return FET_OK;
}

static void row_read_24(const struct header *h, const uint8_t *in, uint8_t *out)
{
    for (int x = 0; x < h->info.width; x++) {
        for (int c = 0; c < 3; c++) out[3 * x + c] = in[3 * x + 2 - c];
    }
}

static void row_read_fields(const struct header *h, const uint8_t *in, uint8_t *out)
{
    const int n_bytes = h->bits / 8;
    for (int x = 0; x < h->info.width; x++, in += n_bytes) {
        const uint32_t pixel = n_bytes == 2 ? read_u16(in) : read_u32(in);
        for (int c = 0; c < h->info.channels; c++) {
            const struct field *f = &h->fields[c];
            const uint64_t v = (pixel & f->mask) >> f->shift;
            *out++ = (uint8_t)((v * 255 + f->max_value / 2) / f->max_value);
        }
    }
}

static fet_status bmp_decode(const struct fet_codec_input *in, struct fet_image *image)
{
    struct header h;
    struct fet_image decoded = {0};
    fet_status st = FET_OK;
    FET_TRY(header_read(in, &h));
    if (h.pixels_at > in->n || in->n - h.pixels_at < h.row_bytes * (size_t)h.height)
        return fail_early_end();
    FET_TRY(fet_image_new(h.info.width, h.info.height, h.info.channels, 8, &decoded));
    for (int y = 0; y < h.info.height; y++) {
        const uint8_t *row = in->bytes + h.pixels_at + (size_t)y * h.row_bytes;
        uint8_t *out = fet_image_row8(&decoded, h.is_top_down ? y : h.info.height - 1 - y);
        if (h.bits <= 8)
            FET_TRY_OUT(row_read_palette(&h, row, out));
        else if (h.bits == 24)
            row_read_24(&h, row, out);
        else
            row_read_fields(&h, row, out);
    }
    *image = decoded;
    return FET_OK;
out:
    fet_image_deinit(&decoded);
    return st;
}

static const char *const bmp_extensions[] = {"bmp", "dib", NULL};

const struct fet_codec fet_codec_bmp = {.format = FET_IMAGE_BMP,
                                        .extensions = bmp_extensions,
                                        .is_mine = bmp_is_mine,
                                        .probe = bmp_probe,
                                        .decode = bmp_decode};
