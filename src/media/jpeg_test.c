/* What jpeg.c refuses and what it tolerates; its pixels are checked by image_test.c. */
#include "test_pictures.h"

#include "codec.h"

#include <jpeglib.h>

/* Kinds of JPEG that our own encoder does not write. The bytes belong to libjpeg's malloc. */
struct order {
    int channels;
    J_COLOR_SPACE space;
    unsigned restart; /* MCUs between restart markers; 0 = none */
    bool is_arithmetic, is_progressive;
};

static void jpeg_make(const struct order *o, uint8_t **bytes, size_t *n)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr error;
    unsigned char *out = NULL;
    unsigned long n_out = 0;
    uint8_t line[4 * 64];
    j.err = jpeg_std_error(&error);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &out, &n_out);
    j.image_width = 64;
    j.image_height = 48;
    j.input_components = o->channels;
    j.in_color_space = o->space;
    jpeg_set_defaults(&j);
    j.restart_interval = o->restart;
    j.arith_code = o->is_arithmetic;
    if (o->is_progressive) jpeg_simple_progression(&j);
    jpeg_start_compress(&j, TRUE);
    while (j.next_scanline < j.image_height) {
        JSAMPROW row = line;
        for (int i = 0; i < 64 * o->channels; i++)
            line[i] = (uint8_t)(128 + (i * 37 + (int)j.next_scanline * 91) % 100);
        (void)jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    *bytes = out;
    *n = n_out;
}

/* The first place of a marker (FF xx) at or behind `from`. */
static size_t marker_find(const uint8_t *bytes, size_t n, uint8_t marker, size_t from)
{
    for (size_t i = from; i + 1 < n; i++) {
        if (bytes[i] == 0xFF && bytes[i + 1] == marker) return i;
    }
    fail_msg("marker %02X is not there", marker);
    return 0;
}

static void restart_markers_and_arithmetic_coding_are_read(void **state)
{
    (void)state;
    static const struct order orders[] = {{3, JCS_RGB, 2, false, false},
                                          {1, JCS_GRAYSCALE, 0, true, false},
                                          {3, JCS_RGB, 0, true, true}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        struct fet_image a = {0};
        jpeg_make(&orders[i], &bytes, &n);
        assert_ok(fet_image_decode(bytes, n, "a.jpg", NULL, &a));
        assert_int_equal(a.channels, orders[i].channels);
        fet_image_deinit(&a);
        free(bytes);
    }
}

static void lost_data_are_an_error_and_not_grey_pixels(void **state)
{
    (void)state;
    static const struct order with_restart = {3, JCS_RGB, 2, false, false};
    static const struct order plain = {1, JCS_GRAYSCALE, 0, false, false};
    uint8_t *bytes = NULL;
    size_t n = 0;
    /* A restart marker with the wrong number. */
    jpeg_make(&with_restart, &bytes, &n);
    bytes[marker_find(bytes, n, 0xD2, 0) + 1] = 0xD5;
    assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "JPEG data");
    free(bytes);
    /* The end marker in the middle of the data. */
    jpeg_make(&plain, &bytes, &n);
    const size_t middle = (marker_find(bytes, n, 0xDA, 0) + n) / 2;
    bytes[middle] = 0xFF;
    bytes[middle + 1] = 0xD9;
    assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "ends early");
    /* A code of ones alone means nothing. */
    for (size_t i = middle; i + 4 < n; i += 2) {
        bytes[i] = 0xFF;
        bytes[i + 1] = 0;
    }
    assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "bad Huffman code");
    free(bytes);
}

static void a_marker_that_reaches_behind_the_end_is_an_error(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xFF, 0xD8, 0xFF, 0xE5, 0x40, 0x00, 1, 2, 3};
    assert_fails(decode_once(bytes, sizeof bytes, NULL), FET_FORMAT, "ends early (after 9 bytes)");
}

static void harmless_junk_between_markers_is_tolerated(void **state)
{
    (void)state;
    static const struct order plain = {1, JCS_GRAYSCALE, 0, false, false};
    uint8_t *bytes = NULL;
    size_t n = 0;
    jpeg_make(&plain, &bytes, &n);
    uint8_t *longer = malloc(n + 3);
    assert_non_null(longer);
    memcpy(longer, bytes, 2);
    memcpy(longer + 2, "abc", 3); /* libjpeg warns: extraneous bytes */
    memcpy(longer + 5, bytes + 2, n - 2);
    assert_fails(decode_once(longer, n + 3, NULL), FET_FORMAT, "not a picture");
    memcpy(longer, bytes, 20); /* behind APP0, where it is still a JPEG */
    memcpy(longer + 20, "abc", 3);
    memcpy(longer + 23, bytes + 20, n - 20);
    assert_ok(decode_once(longer, n + 3, NULL));
    free(longer);
    free(bytes);
}

static void what_libjpeg_cannot_decode_is_unsupported(void **state)
{
    (void)state;
    static const struct order plain = {1, JCS_GRAYSCALE, 0, false, false};
    static const struct order two = {2, JCS_UNKNOWN, 0, false, false};
    uint8_t *bytes = NULL;
    size_t n = 0;
    jpeg_make(&plain, &bytes, &n);
    const size_t frame = marker_find(bytes, n, 0xC0, 0);
    bytes[frame + 4] = 12; /* bits per sample */
    assert_fails(decode_once(bytes, n, NULL), FET_UNSUPPORTED, "precision");
    bytes[frame + 4] = 8;
    bytes[frame + 1] = 0xC5; /* hierarchical */
    assert_fails(decode_once(bytes, n, NULL), FET_UNSUPPORTED, "SOF");
    bytes[frame + 1] = 0xC0;
    bytes[frame + 5] = 0; /* no rows */
    bytes[frame + 6] = 0;
    assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "JPEG data");
    free(bytes);
    jpeg_make(&two, &bytes, &n);
    assert_fails(decode_once(bytes, n, NULL), FET_UNSUPPORTED, "2 components");
    free(bytes);
}

/* Each scan is a pass over the whole picture: a small file could keep a processor busy for hours.
 */
static void too_many_scans_are_refused(void **state)
{
    (void)state;
    static const struct order progressive = {1, JCS_GRAYSCALE, 0, false, true};
    uint8_t *bytes = NULL;
    size_t n = 0;
    jpeg_make(&progressive, &bytes, &n);
    size_t scan = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        if (bytes[i] == 0xFF && bytes[i + 1] == 0xDA) scan = i;
    }
    const size_t n_scan = n - 2 - scan; /* the last scan, up to the end marker */
    uint8_t *many = malloc(n + 600 * n_scan);
    assert_non_null(many);
    memcpy(many, bytes, n - 2);
    for (size_t i = 0; i < 600; i++) memcpy(many + n - 2 + i * n_scan, bytes + scan, n_scan);
    memcpy(many + n - 2 + 600 * n_scan, "\xFF\xD9", 2);
    assert_fails(decode_once(many, n + 600 * n_scan, NULL), FET_LIMIT, "more than 500 scans");
    free(many);
    free(bytes);
}

static void inverted_ink_becomes_colour(void **state)
{
    (void)state;
    static const uint8_t ink[16] = {255, 255, 255, 255, 255, 255, 255, 0,
                                    0,   255, 255, 255, 128, 64,  200, 100};
    static const uint8_t wanted[12] = {255, 255, 255, 0, 0, 0, 0, 255, 255, 50, 25, 78};
    uint8_t found[12];
    fet_cmyk_to_rgb(ink, found, 4);
    assert_memory_equal(found, wanted, sizeof found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restart_markers_and_arithmetic_coding_are_read),
        cmocka_unit_test(lost_data_are_an_error_and_not_grey_pixels),
        cmocka_unit_test(a_marker_that_reaches_behind_the_end_is_an_error),
        cmocka_unit_test(harmless_junk_between_markers_is_tolerated),
        cmocka_unit_test(what_libjpeg_cannot_decode_is_unsupported),
        cmocka_unit_test(too_many_scans_are_refused),
        cmocka_unit_test(inverted_ink_becomes_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
