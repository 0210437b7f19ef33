/* PNM (Netpbm): P1 to P6, plain and raw, grey and colour, up to 16 bit. Written by hand: the format
 * is a few numbers and then the samples (netpbm.sourceforge.net/doc/pnm.html). Samples are scaled
 * from the file's largest value to 255 or 65,535; P1 and P4 know only black and white. Of a file
 * with several pictures the first is read. */
#include "codec.h"

#include <string.h>

struct reader {
    const uint8_t *at, *end;
};

struct header {
    int kind; /* 1..6, the digit of the magic number */
    uint32_t max_value;
    struct fet_image_info info;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* White space, and comments from # to the end of the line. */
static void space_skip(struct reader *r)
{
    while (r->at < r->end && (is_space(*r->at) || *r->at == '#')) {
        if (*r->at++ != '#') continue;
        while (r->at < r->end && *r->at != '\n' && *r->at != '\r') r->at++;
    }
}

static fet_status fail_early_end(void)
{
    return FET_FAIL(FET_FORMAT, "the PNM data ends early");
}

/* A decimal number of at most nine digits, behind white space. */
static fet_status number_read(struct reader *r, const char *what, uint32_t *number)
{
    enum { MAX_DIGITS = 9 };
    space_skip(r);
    if (r->at == r->end) return fail_early_end();
    uint32_t value = 0;
    int n_digits = 0;
    for (; r->at < r->end && is_digit(*r->at); r->at++) {
        if (++n_digits > MAX_DIGITS)
            return FET_FAIL(FET_FORMAT, "the PNM %s has more than %d digits", what, MAX_DIGITS);
        value = value * 10 + (uint32_t)(*r->at - '0');
    }
    if (n_digits == 0)
        return FET_FAIL(FET_FORMAT, "the PNM %s is not a number (byte 0x%02X)", what,
                        (unsigned)*r->at);
    *number = value;
    return FET_OK;
}

static bool pnm_is_mine(const uint8_t *bytes, size_t n)
{
    return n >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
           (is_space(bytes[2]) || bytes[2] == '#');
}

/* Leaves the reader at the first sample. */
static fet_status header_read(const struct fet_codec_input *in, struct reader *r, struct header *h)
{
    *r = (struct reader){.at = in->bytes + 2, .end = in->bytes + in->n};
    h->kind = in->bytes[1] - '0';
    h->max_value = 1;
    const bool is_bits = h->kind == 1 || h->kind == 4;
    uint32_t width = 0;
    uint32_t height = 0;
    FET_TRY(number_read(r, "width", &width));
    FET_TRY(number_read(r, "height", &height));
    if (!is_bits) FET_TRY(number_read(r, "largest value", &h->max_value));
    if (h->max_value < 1 || h->max_value > 65535)
        return FET_FAIL(FET_FORMAT, "the PNM largest value is %u, 1 to 65535 wanted",
                        (unsigned)h->max_value);
    FET_TRY(fet_codec_check_size(in, width, height));
    if (r->at == r->end) return fail_early_end();
    if (!is_space(*r->at))
        return FET_FAIL(FET_FORMAT, "the PNM header does not end in white space");
    r->at++; /* exactly one: behind it raw samples begin */
    h->info = (struct fet_image_info){.width = (int)width,
                                      .height = (int)height,
                                      .channels = h->kind % 3 == 0 ? 3 : 1,
                                      .depth = h->max_value > 255 ? 16 : 8};
    return FET_OK;
}

static fet_status pnm_probe(const struct fet_codec_input *in, struct fet_image_info *info)
{
    struct reader r;
    struct header h;
    FET_TRY(header_read(in, &r, &h));
    *info = h.info;
    return FET_OK;
}

/* ---- samples ---- */

static void sample_set(const struct fet_image *image, int64_t i, uint32_t v, uint32_t max_value)
{
    if (image->depth == 8)
        ((uint8_t *)image->pixels)[i] = (uint8_t)((v * 255u + max_value / 2) / max_value);
    else
        ((uint16_t *)image->pixels)[i] = (uint16_t)((v * 65535u + max_value / 2) / max_value);
}

/* P1: digits that need no white space between them; 1 is black. */
static fet_status read_plain_bits(struct reader *r, const struct fet_image *image, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        space_skip(r);
        if (r->at == r->end) return fail_early_end();
        if (*r->at != '0' && *r->at != '1')
            return FET_FAIL(FET_FORMAT, "the PNM bit is neither 0 nor 1 (byte 0x%02X)",
                            (unsigned)*r->at);
        ((uint8_t *)image->pixels)[i] = *r->at++ == '1' ? 0 : 255;
    }
    return FET_OK;
}

/* P2 and P3. */
static fet_status read_plain(struct reader *r, const struct header *h,
                             const struct fet_image *image, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        uint32_t v = 0;
        FET_TRY(number_read(r, "sample", &v));
        if (v > h->max_value)
            return FET_FAIL(FET_FORMAT, "a PNM sample is %u, at most %u was promised", (unsigned)v,
                            (unsigned)h->max_value);
        sample_set(image, i, v, h->max_value);
    }
    return FET_OK;
}

/* P4: rows of bits, most significant first, padded to whole bytes; 1 is black. */
static fet_status read_raw_bits(struct reader *r, const struct fet_image *image)
{
    const size_t row_bytes = ((size_t)image->width + 7) / 8;
    if ((size_t)(r->end - r->at) < row_bytes * (size_t)image->height) return fail_early_end();
    for (int y = 0; y < image->height; y++, r->at += row_bytes) {
        uint8_t *row = fet_image_row8(image, y);
        for (int x = 0; x < image->width; x++)
            row[x] = (r->at[x / 8] >> (7 - x % 8) & 1) != 0 ? 0 : 255;
    }
    return FET_OK;
}

/* P5 and P6: one byte per sample, or two, the more significant first. */
static fet_status read_raw(const struct reader *r, const struct header *h,
                           const struct fet_image *image, int64_t n)
{
    const int64_t size = image->depth / 8;
    if (r->end - r->at < n * size) return fail_early_end();
    if (h->max_value == 255) {
        memcpy(image->pixels, r->at, (size_t)n);
        return FET_OK;
    }
    for (int64_t i = 0; i < n; i++) {
        const uint8_t *p = r->at + i * size;
        const uint32_t v = size == 1 ? p[0] : (uint32_t)p[0] << 8 | p[1];
        if (v > h->max_value)
            return FET_FAIL(FET_FORMAT, "a PNM sample is %u, at most %u was promised", (unsigned)v,
                            (unsigned)h->max_value);
        sample_set(image, i, v, h->max_value);
    }
    return FET_OK;
}

static fet_status pnm_decode(const struct fet_codec_input *in, struct fet_image *image)
{
    struct reader r;
    struct header h;
    struct fet_image decoded = {0};
    fet_status st = FET_OK;
    FET_TRY(header_read(in, &r, &h));
    FET_TRY(fet_image_new(h.info.width, h.info.height, h.info.channels, h.info.depth, &decoded));
    const int64_t n = (int64_t)decoded.width * decoded.height * decoded.channels;
    if (h.kind == 1)
        st = read_plain_bits(&r, &decoded, n);
    else if (h.kind <= 3)
        st = read_plain(&r, &h, &decoded, n);
    else if (h.kind == 4)
        st = read_raw_bits(&r, &decoded);
    else
        st = read_raw(&r, &h, &decoded, n);
    if (st != FET_OK) {
        fet_image_deinit(&decoded);
        return st;
    }
    *image = decoded;
    return FET_OK;
}

static const char *const pnm_extensions[] = {"pnm", "pbm", "pgm", "ppm", NULL};

const struct fet_codec fet_codec_pnm = {.format = FET_IMAGE_PNM,
                                        .extensions = pnm_extensions,
                                        .is_mine = pnm_is_mine,
                                        .probe = pnm_probe,
                                        .decode = pnm_decode};
