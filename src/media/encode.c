/* Pictures to files: PNG by libspng, JPEG by libjpeg-turbo. The bytes grow in a fet_text, whose
 * failure is sticky, and reach the disk only when they are complete. */
#include "image.h"

#include "spng_memory.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h> /* needs jpeglib.h before it */

/* Hands the bytes over; an empty text cannot happen behind a successful encoder. */
static fet_status bytes_take(struct fet_text *text, uint8_t **bytes, size_t *n)
{
    const size_t n_taken = text->n;
    char *taken = fet_text_take(text);
    if (taken == NULL) return FET_FAIL_MEMORY("encoded picture", n_taken);
    *bytes = (uint8_t *)taken;
    *n = n_taken;
    return FET_OK;
}

static fet_status image_check(const struct fet_image *image, const char *what)
{
    if (image->pixels == NULL || image->width < 1 || image->height < 1 || image->channels < 1 ||
        image->channels > 4)
        return FET_FAIL(FET_ARGUMENT, "%s: there is no picture to write", what);
    return FET_OK;
}

/* ---- PNG ---- */

static int png_write(spng_ctx *png, void *user, void *bytes, size_t n)
{
    (void)png;
    struct fet_text *text = user;
    fet_text_add_bytes(text, bytes, n);
    return text->has_failed ? SPNG_EMEM : 0;
}

fet_status fet_image_encode_png(const struct fet_image *image, uint8_t **bytes, size_t *n)
{
    static const uint8_t color_types[5] = {
        [1] = SPNG_COLOR_TYPE_GRAYSCALE,
        [2] = SPNG_COLOR_TYPE_GRAYSCALE_ALPHA,
        [3] = SPNG_COLOR_TYPE_TRUECOLOR,
        [4] = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA,
    };
    /* Against zlib's usual 6 a photograph takes a third of the time and a tenth more bytes. */
    const int level = 3;
    FET_TRY(image_check(image, "PNG"));
    struct spng_ihdr h = {.width = (uint32_t)image->width,
                          .height = (uint32_t)image->height,
                          .bit_depth = (uint8_t)image->depth,
                          .color_type = color_types[image->channels]};
    struct fet_text text = {0};
    spng_ctx *png = fet_spng_new(SPNG_CTX_ENCODER);
    if (png == NULL) return fet_spng_fail(SPNG_EMEM, "the PNG encoder");
    int code = spng_set_png_stream(png, png_write, &text);
    if (code == 0) code = spng_set_option(png, SPNG_IMG_COMPRESSION_LEVEL, level);
    if (code == 0) code = spng_set_ihdr(png, &h);
    if (code == 0)
        code = spng_encode_image(png, image->pixels, fet_image_bytes(image), SPNG_FMT_PNG,
                                 SPNG_ENCODE_FINALIZE);
    spng_ctx_free(png);
    if (text.has_failed) code = SPNG_EMEM;
    const fet_status st =
        code == 0 ? bytes_take(&text, bytes, n) : fet_spng_fail(code, "the PNG encoder");
    fet_text_deinit(&text);
    return st;
}

/* ---- JPEG ---- */

enum { PIECE_BYTES = 16384 };

struct writer {
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr error;
    struct jpeg_destination_mgr destination;
    jmp_buf back;      /* where a failure returns to */
    fet_status status; /* of that failure */
    struct fet_text text;
    uint8_t piece[PIECE_BYTES]; /* what libjpeg fills before it goes to text */
};

static void on_error(j_common_ptr common)
{
    struct writer *w = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    const bool is_memory = common->err->msg_code == JERR_OUT_OF_MEMORY;
    w->status = FET_FAIL(is_memory ? FET_MEMORY : FET_INTERNAL, "JPEG cannot be written: %s", text);
    longjmp(w->back, 1);
}

static void on_print(j_common_ptr common)
{
    (void)common; /* nothing below cli prints */
}

static void piece_start(j_compress_ptr j)
{
    struct writer *w = j->client_data;
    j->dest->next_output_byte = w->piece;
    j->dest->free_in_buffer = PIECE_BYTES;
}

static void piece_add(struct writer *w, size_t n)
{
    fet_text_add_bytes(&w->text, w->piece, n);
    if (!w->text.has_failed) return;
    w->status = FET_FAIL_MEMORY("encoded picture", w->text.n + n);
    longjmp(w->back, 1);
}

static boolean piece_flush(j_compress_ptr j)
{
    piece_add(j->client_data, PIECE_BYTES); /* libjpeg's rule: the whole buffer counts */
    piece_start(j);
    return TRUE;
}

static void piece_finish(j_compress_ptr j)
{
    piece_add(j->client_data, PIECE_BYTES - j->dest->free_in_buffer);
}

static void image_write(struct writer *w, const struct fet_image *image, int quality)
{
    jpeg_create_compress(&w->j);
    w->j.dest = &w->destination;
    w->j.image_width = (JDIMENSION)image->width;
    w->j.image_height = (JDIMENSION)image->height;
    w->j.input_components = image->channels;
    w->j.in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&w->j);
    jpeg_set_quality(&w->j, quality, TRUE);
    if (quality >= 90) { /* colour at full size: thin red outlines stay red */
        w->j.comp_info[0].h_samp_factor = 1;
        w->j.comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(&w->j, TRUE);
    while (w->j.next_scanline < w->j.image_height) {
        JSAMPROW row = fet_image_row8(image, (int)w->j.next_scanline);
        (void)jpeg_write_scanlines(&w->j, &row, 1);
    }
    jpeg_finish_compress(&w->j);
}

static fet_status writer_run(struct writer *w, const struct fet_image *image, int quality)
{
    w->j.err = jpeg_std_error(&w->error);
    w->j.client_data = w;
    w->error.error_exit = on_error;
    w->error.output_message = on_print;
    w->destination.init_destination = piece_start;
    w->destination.empty_output_buffer = piece_flush;
    w->destination.term_destination = piece_finish;
    if (setjmp(w->back) != 0) {
        jpeg_destroy_compress(&w->j);
        return w->status;
    }
    image_write(w, image, quality);
    jpeg_destroy_compress(&w->j);
    return FET_OK;
}

fet_status fet_image_encode_jpeg(const struct fet_image *image, int quality, uint8_t **bytes,
                                 size_t *n)
{
    FET_TRY(image_check(image, "JPEG"));
    if (image->depth != 8 || (image->channels != 1 && image->channels != 3))
        return FET_FAIL(FET_UNSUPPORTED,
                        "JPEG: 8 bit grey or RGB wanted, not %d channels of %d bit",
                        image->channels, image->depth);
    if (image->width > JPEG_MAX_DIMENSION || image->height > JPEG_MAX_DIMENSION)
        return FET_FAIL(FET_LIMIT, "JPEG: %d x %d pixels, a side may have %ld", image->width,
                        image->height, (long)JPEG_MAX_DIMENSION);
    if (quality < 1 || quality > 100)
        return FET_FAIL(FET_ARGUMENT, "JPEG: quality %d, 1 to 100 wanted", quality);
    struct writer *w = fet_alloc(1, sizeof *w);
    if (w == NULL) return FET_FAIL_MEMORY("JPEG encoder", sizeof *w);
    fet_status st = writer_run(w, image, quality);
    if (st == FET_OK) st = bytes_take(&w->text, bytes, n);
    fet_text_deinit(&w->text);
    fet_free(w);
    return st;
}

/* ---- files ---- */

fet_status fet_image_write(const struct fet_image *image, const char *path)
{
    enum { QUALITY = 92 };
    const bool is_png = fet_path_has_extension(path, "png");
    const bool is_jpeg =
        fet_path_has_extension(path, "jpg") || fet_path_has_extension(path, "jpeg");
    if (!is_png && !is_jpeg)
        return FET_FAIL(FET_ARGUMENT, "%s: pictures are written as .png, .jpg or .jpeg", path);
    uint8_t *bytes = NULL;
    size_t n = 0;
    fet_status st = is_png ? fet_image_encode_png(image, &bytes, &n)
                           : fet_image_encode_jpeg(image, QUALITY, &bytes, &n);
    if (st != FET_OK) return fet_status_add(path, st);
    st = fet_file_write(path, bytes, n);
    fet_free(bytes);
    return st;
}
