/* What bmp.c refuses; its pixels are checked by image_test.c. */
#include "test_pictures.h"

struct patch {
    const char *file;
    size_t at;
    uint32_t value; /* four bytes, little endian */
    fet_status code;
    const char *text;
};

enum {
    PIXELS_AT = 10,
    HEADER_BYTES = 14,
    WIDTH = 18,
    HEIGHT = 22,
    PLANES_BITS = 26,
    COMPRESSION = 30,
    N_COLOURS = 46,
    MASKS = 54
};

static void headers_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct patch patches[] = {
        {"bmp_palette8.bmp", COMPRESSION, 1, FET_UNSUPPORTED, "run-length encoded BMP"},
        {"bmp_palette4.bmp", COMPRESSION, 2, FET_UNSUPPORTED, "run-length encoded BMP"},
        {"bmp_rgb24.bmp", COMPRESSION, 4, FET_UNSUPPORTED, "BMP compression 4"},
        {"bmp_rgb24.bmp", COMPRESSION, 99, FET_UNSUPPORTED, "BMP compression 99"},
        {"bmp_rgb24.bmp", COMPRESSION, 3, FET_FORMAT, "24 bits per pixel cannot have masks"},
        {"bmp_rgb24.bmp", PLANES_BITS, 1 | 2 << 16, FET_FORMAT, "2 bits per pixel is unknown"},
        {"bmp_rgb24.bmp", HEADER_BYTES, 39, FET_FORMAT, "header of 39 bytes"},
        {"bmp_rgb24.bmp", HEADER_BYTES, 125, FET_FORMAT, "header of 125 bytes"},
        {"bmp_rgb24.bmp", WIDTH, 0, FET_FORMAT, "0 x 17"},
        {"bmp_rgb24.bmp", WIDTH, 0xFFFFFFFF, FET_FORMAT, "-1 x 17"},
        {"bmp_rgb24.bmp", HEIGHT, 0x80000000, FET_LIMIT, "23 x 2147483648"},
        {"bmp_rgb24.bmp", HEIGHT, 18, FET_FORMAT, "ends early"},
        {"bmp_rgb24.bmp", PIXELS_AT, 53, FET_FORMAT, "pixels begin inside the header"},
        {"bmp_rgb24.bmp", PIXELS_AT, 0xFFFFFFFF, FET_FORMAT, "ends early"},
        {"bmp_palette4.bmp", N_COLOURS, 17, FET_FORMAT, "17 colours, 4 bits allow 16"},
        {"bmp_palette4.bmp", N_COLOURS, 5, FET_FORMAT, "of 5"},
        {"bmp_rgb565.bmp", MASKS, 0xF801, FET_FORMAT, "0x0000F801 has gaps"},
        {"bmp_rgb565.bmp", MASKS + 4, 0, FET_FORMAT, "lacks a colour mask"},
    };
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read(patches[i].file, &bytes, &n);
        for (size_t k = 0; k < 4; k++)
            bytes[patches[i].at + k] = (uint8_t)(patches[i].value >> 8 * k);
        assert_fails(decode_once(bytes, n, NULL), patches[i].code, patches[i].text);
        fet_free(bytes);
    }
}

static void a_header_cut_anywhere_ends_early(void **state)
{
    (void)state;
    static const char *const files[] = {"bmp_rgb24_core.bmp", "bmp_palette8.bmp", "bmp_rgb565.bmp",
                                        "bmp_rgba32_v4.bmp"};
    for (size_t i = 0; i < 4; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read(files[i], &bytes, &n);
        for (size_t n_kept = 2; n_kept < 150; n_kept++) {
            uint8_t *cut = malloc(n_kept); /* exact: ASan watches the end */
            assert_non_null(cut);
            memcpy(cut, bytes, n_kept);
            assert_fails(decode_once(cut, n_kept, NULL), FET_FORMAT, "the BMP data ends early");
            free(cut);
        }
        fet_free(bytes);
    }
}

/* 32 bits of red alone: the widest mask there is. */
static void a_mask_may_be_wide_or_narrow(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image a = {0};
    golden_read("bmp_rgba32_v4.bmp", &bytes, &n);
    const uint8_t masks[16] = {0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0};
    memcpy(bytes + MASKS, masks, sizeof masks);
    assert_ok(fet_image_decode(bytes, n, "a.bmp", NULL, &a));
    assert_int_equal(a.channels, 3);
    const uint8_t *last_row = bytes + n - (size_t)4 * 23; /* the top one */
    for (int x = 0; x < 23; x++) {
        assert_int_equal(picture_get(&a, x, 0, 1), (last_row[4 * x] & 1) * 255);
        assert_int_equal(picture_get(&a, x, 0, 2), (last_row[4 * x + 1] >> 6) * 85);
        assert_close(picture_get(&a, x, 0, 0), last_row[4 * x + 3], 0, 1.01);
    }
    fet_image_deinit(&a);
    fet_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_that_cannot_be_are_refused),
        cmocka_unit_test(a_header_cut_anywhere_ends_early),
        cmocka_unit_test(a_mask_may_be_wide_or_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
