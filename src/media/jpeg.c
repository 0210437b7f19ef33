/* JPEG by libjpeg-turbo: grey, colour, CMYK and YCCK; baseline and progressive.
 *
 * libjpeg reports errors by a callback that must not return, so every use runs inside one setjmp
 * frame (reader_run, writer_run in encode.c) and keeps what it owns in a struct outside of it.
 * libjpeg merely warns when the data ends early or is damaged and then invents grey pixels; for
 * inspection an invented pixel is worse than no picture, so these warnings are errors here. */
#include "codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h> /* needs jpeglib.h before it */

/* A progressive file may hold any number of scans, each a pass over the whole picture. */
enum { MAX_SCANS = 500, EXIF_MARKER = JPEG_APP0 + 1 };

struct reader {
    const struct fet_codec_input *in;
    struct jpeg_decompress_struct j;
    struct jpeg_error_mgr error;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf back;           /* where a failure returns to */
    fet_status status;      /* of that failure */
    struct fet_image image; /* owned while decoding */
    uint8_t *row;           /* owned; CMYK only */
};

/* ---- callbacks from libjpeg; client_data is the reader ---- */

static void fail(j_common_ptr common, fet_status code)
{
    struct reader *r = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    r->status = FET_FAIL(code, "the JPEG data cannot be decoded: %s", text);
    longjmp(r->back, 1);
}

static void fail_early_end(j_common_ptr common)
{
    struct reader *r = common->client_data;
    r->status = FET_FAIL(FET_FORMAT, "the JPEG data ends early (after %zu bytes)", r->in->n);
    longjmp(r->back, 1);
}

static void on_error(j_common_ptr common)
{
    switch (common->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
        fail(common, FET_MEMORY);
        break;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
        fail(common, FET_UNSUPPORTED);
        break;
    default:
        fail(common, FET_FORMAT);
        break;
    }
}

/* level -1 is a warning. Those that mean lost or invented pixels are errors. */
static void on_message(j_common_ptr common, int level)
{
    if (level >= 0) return;
    switch (common->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF:
        fail_early_end(common);
        break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        fail(common, FET_FORMAT);
        break;
    default:
        common->err->num_warnings++;
        break;
    }
}

static void on_print(j_common_ptr common)
{
    (void)common; /* nothing below cli prints */
}

static void on_progress(j_common_ptr common)
{
    struct reader *r = common->client_data;
    if (r->j.input_scan_number <= MAX_SCANS) return;
    r->status = FET_FAIL(FET_LIMIT, "the JPEG data has more than %d scans", (int)MAX_SCANS);
    longjmp(r->back, 1);
}

static void source_init(j_decompress_ptr j)
{
    (void)j;
}

static boolean source_fill(j_decompress_ptr j)
{
    fail_early_end((j_common_ptr)j);
    return FALSE;
}

static void source_skip(j_decompress_ptr j, long n)
{
    if (n <= 0) return;
    if ((size_t)n > j->src->bytes_in_buffer) fail_early_end((j_common_ptr)j);
    j->src->next_input_byte += n;
    j->src->bytes_in_buffer -= (size_t)n;
}

/* ---- the frame ---- */

/* Runs body with an open decompressor; whatever happens, it is closed again. */
static fet_status reader_run(struct reader *r, fet_status (*body)(struct reader *r))
{
    r->j.err = jpeg_std_error(&r->error);
    r->j.client_data = r;
    r->error.error_exit = on_error;
    r->error.emit_message = on_message;
    r->error.output_message = on_print;
    r->source = (struct jpeg_source_mgr){.next_input_byte = r->in->bytes,
                                         .bytes_in_buffer = r->in->n,
                                         .init_source = source_init,
                                         .fill_input_buffer = source_fill,
                                         .skip_input_data = source_skip,
                                         .resync_to_restart = jpeg_resync_to_restart,
                                         .term_source = source_init};
    r->progress.progress_monitor = on_progress;
    if (setjmp(r->back) != 0) {
        jpeg_destroy_decompress(&r->j);
        return r->status;
    }
    jpeg_create_decompress(&r->j);
    r->j.src = &r->source;
    r->j.progress = &r->progress;
    const fet_status st = body(r);
    jpeg_destroy_decompress(&r->j);
    return st;
}

/* ---- the header ---- */

static int orientation_find(const struct reader *r)
{
    static const uint8_t exif[6] = "Exif\0";
    for (const struct jpeg_marker_struct *m = r->j.marker_list; m != NULL; m = m->next) {
        if (m->marker == EXIF_MARKER && m->data_length > sizeof exif &&
            memcmp(m->data, exif, sizeof exif) == 0)
            return fet_exif_orientation(m->data + sizeof exif, m->data_length - sizeof exif);
    }
    return 1;
}

/* Reads up to the first scan and says what decoding will deliver, before turning it upright. */
static fet_status header_read(struct reader *r, struct fet_image_info *info)
{
    jpeg_save_markers(&r->j, EXIF_MARKER, 0xFFFF);
    (void)jpeg_read_header(&r->j, TRUE);
    FET_TRY(fet_codec_check_size(r->in, r->j.image_width, r->j.image_height));
    switch (r->j.jpeg_color_space) {
    case JCS_GRAYSCALE:
        r->j.out_color_space = JCS_GRAYSCALE;
        break;
    case JCS_RGB:
    case JCS_YCbCr:
        r->j.out_color_space = JCS_RGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        r->j.out_color_space = JCS_CMYK;
        break;
    default:
        return FET_FAIL(FET_UNSUPPORTED, "a JPEG of %d components is neither grey, RGB nor CMYK",
                        r->j.num_components);
    }
    *info = (struct fet_image_info){.width = (int)r->j.image_width,
                                    .height = (int)r->j.image_height,
                                    .channels = r->j.out_color_space == JCS_GRAYSCALE ? 1 : 3,
                                    .depth = 8};
    return FET_OK;
}

static bool jpeg_is_mine(const uint8_t *bytes, size_t n)
{
    return n >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
}

struct probe {
    struct reader reader;
    struct fet_image_info info;
};

static fet_status probe_body(struct reader *r)
{
    struct probe *p = (struct probe *)r; /* its first member */
    FET_TRY(header_read(r, &p->info));
    fet_exif_apply_info(orientation_find(r), &p->info);
    return FET_OK;
}

static fet_status jpeg_probe(const struct fet_codec_input *in, struct fet_image_info *info)
{
    struct probe p = {.reader = {.in = in}};
    FET_TRY(reader_run(&p.reader, probe_body));
    *info = p.info;
    return FET_OK;
}

/* ---- the pixels ---- */

void fet_cmyk_to_rgb(const uint8_t *in, uint8_t *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const unsigned k = in[4 * i + 3];
        for (int c = 0; c < 3; c++) {
            const unsigned product = in[4 * i + c] * k + 128;
            out[3 * i + c] = (uint8_t)((product + (product >> 8)) >> 8); /* rounded / 255 */
        }
    }
}

static fet_status decode_body(struct reader *r)
{
    struct fet_image_info info;
    FET_TRY(header_read(r, &info));
    FET_TRY(fet_image_new(info.width, info.height, info.channels, info.depth, &r->image));
    const bool is_cmyk = r->j.out_color_space == JCS_CMYK;
    if (is_cmyk) {
        r->row = fet_alloc(info.width, 4);
        if (r->row == NULL) return FET_FAIL_MEMORY("a row of pixels", 4LL * info.width);
    }
    const int orientation = orientation_find(r); /* what comes behind the header does not count */
    (void)jpeg_start_decompress(&r->j);
    while (r->j.output_scanline < r->j.output_height) {
        uint8_t *pixels = fet_image_row8(&r->image, (int)r->j.output_scanline);
        JSAMPROW row = is_cmyk ? r->row : pixels;
        (void)jpeg_read_scanlines(&r->j, &row, 1);
        if (is_cmyk) fet_cmyk_to_rgb(r->row, pixels, info.width);
    }
    (void)jpeg_finish_decompress(&r->j); /* reads up to the end marker */
    return fet_exif_apply(orientation, &r->image);
}

static fet_status jpeg_decode(const struct fet_codec_input *in, struct fet_image *image)
{
    struct reader r = {.in = in};
    const fet_status st = reader_run(&r, decode_body);
    fet_free(r.row);
    if (st != FET_OK) {
        fet_image_deinit(&r.image);
        return st;
    }
    *image = r.image;
    return FET_OK;
}

static const char *const jpeg_extensions[] = {"jpg", "jpeg", "jpe", "jfif", NULL};

const struct fet_codec fet_codec_jpeg = {.format = FET_IMAGE_JPEG,
                                         .extensions = jpeg_extensions,
                                         .is_mine = jpeg_is_mine,
                                         .probe = jpeg_probe,
                                         .decode = jpeg_decode};
