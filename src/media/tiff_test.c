/* What tiff.c and tiff_directory.c refuse; the pixels are checked by image_test.c. */
#include "test_pictures.h"

#include "codec.h"

#include <tiff.h>

/* The place of a tag's entry in a little-endian file with one directory; 0 = absent. */
static size_t entry_find(const uint8_t *bytes, unsigned tag)
{
    const size_t directory = (size_t)bytes[4] | (size_t)bytes[5] << 8;
    const size_t n_entries = (size_t)bytes[directory] | (size_t)bytes[directory + 1] << 8;
    for (size_t i = 0; i < n_entries; i++) {
        const size_t at = directory + 2 + 12 * i;
        if ((bytes[at] | bytes[at + 1] << 8) == (int)tag) return at;
    }
    return 0;
}

static void value_patch(uint8_t *bytes, unsigned tag, uint32_t value)
{
    const size_t at = entry_find(bytes, tag);
    assert_true(at > 0);
    for (size_t i = 0; i < 4; i++) bytes[at + 8 + i] = (uint8_t)(value >> 8 * i);
}

struct patch {
    const char *file;
    unsigned tag;
    uint32_t value;
    fet_status code;
    const char *text;
};

static void tags_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct patch patches[] = {
        {"tiff_rgb8.tif", TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_CIELAB, FET_UNSUPPORTED,
         "photometric 8"},
        {"tiff_grey8.tif", TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB, FET_FORMAT,
         "1 samples per pixel, 3 wanted"},
        {"tiff_rgb8.tif", TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR, FET_UNSUPPORTED, "photometric 6"},
        {"tiff_grey8.tif", TIFFTAG_BITSPERSAMPLE, 32, FET_UNSUPPORTED, "32 bits"},
        {"tiff_grey8.tif", TIFFTAG_BITSPERSAMPLE, 12, FET_UNSUPPORTED, "12 bits"},
        {"tiff_grey8.tif", TIFFTAG_COMPRESSION, COMPRESSION_OJPEG, FET_UNSUPPORTED,
         "compression 6"},
        {"tiff_grey8.tif", TIFFTAG_COMPRESSION, COMPRESSION_WEBP, FET_UNSUPPORTED,
         "compression 50001"},
        {"tiff_grey8.tif", TIFFTAG_COMPRESSION, 12345, FET_UNSUPPORTED, "compression 12345"},
        {"tiff_grey8.tif", TIFFTAG_COMPRESSION, COMPRESSION_LZW, FET_FORMAT, "TIFF data"},
        {"tiff_grey8.tif", TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE, FET_FORMAT, "TIFF data"},
        {"tiff_grey8.tif", TIFFTAG_IMAGEWIDTH, 0, FET_FORMAT, "TIFF header"},
        {"tiff_grey8.tif", TIFFTAG_IMAGELENGTH, 99999, FET_LIMIT, "23 x 99999"},
        {"tiff_grey8.tif", TIFFTAG_ROWSPERSTRIP, 0, FET_FORMAT, "TIFF"},
        {"tiff_rgb8_deflate.tif", TIFFTAG_COMPRESSION, COMPRESSION_NONE, FET_FORMAT, "TIFF data"},
        {"tiff_grey16_tiles.tif", TIFFTAG_TILEWIDTH, 0, FET_FORMAT, "TIFF"},
        {"tiff_grey16_tiles.tif", TIFFTAG_TILEWIDTH, 1 << 28, FET_LIMIT, "a block of the TIFF"},
        {"tiff_cmyk.tif", TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_LOGLUV, FET_UNSUPPORTED,
         "photometric 32845"},
    };
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read(patches[i].file, &bytes, &n);
        value_patch(bytes, patches[i].tag, patches[i].value);
        assert_fails(decode_once(bytes, n, NULL), patches[i].code, patches[i].text);
        fet_free(bytes);
    }
}

/* One grey sample and 16 unknown ones: hyperspectral pictures are not read. */
static void seventeen_samples_are_refused(void **state)
{
    (void)state;
    static const uint32_t tags[][2] = {
        {TIFFTAG_IMAGEWIDTH, 1},       {TIFFTAG_IMAGELENGTH, 1},  {TIFFTAG_BITSPERSAMPLE, 8},
        {TIFFTAG_COMPRESSION, 1},      {TIFFTAG_PHOTOMETRIC, 1},  {TIFFTAG_STRIPOFFSETS, 8},
        {TIFFTAG_SAMPLESPERPIXEL, 17}, {TIFFTAG_ROWSPERSTRIP, 1}, {TIFFTAG_STRIPBYTECOUNTS, 17}};
    enum { N = sizeof tags / sizeof tags[0] };
    uint8_t bytes[8 + 2 + 12 * N + 4] = {'I', 'I', 42, 0, 8, 0, 0, 0, N, 0};
    for (size_t i = 0; i < N; i++) {
        const uint8_t entry[12] = {
            (uint8_t)tags[i][0], (uint8_t)(tags[i][0] >> 8), TIFF_LONG, 0, 1, 0, 0, 0,
            (uint8_t)tags[i][1]};
        memcpy(bytes + 10 + 12 * i, entry, sizeof entry);
    }
    assert_fails(decode_once(bytes, sizeof bytes, NULL), FET_UNSUPPORTED, "17 samples");
    bytes[10 + 12 * 6 + 8] = 2; /* one unknown sample is left out */
    bytes[10 + 12 * 8 + 8] = 2;
    assert_ok(decode_once(bytes, sizeof bytes, NULL));
}

static void floats_are_refused(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read("tiff_rgba8.tif", &bytes, &n);
    const size_t at = entry_find(bytes, TIFFTAG_EXTRASAMPLES); /* one value; 339 keeps the order */
    bytes[at] = TIFFTAG_SAMPLEFORMAT & 255;
    bytes[at + 1] = TIFFTAG_SAMPLEFORMAT >> 8;
    value_patch(bytes, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
    assert_fails(decode_once(bytes, n, NULL), FET_UNSUPPORTED, "sample format 3");
    fet_free(bytes);
}

static void a_missing_tag_is_an_error(void **state)
{
    (void)state;
    static const unsigned tags[] = {TIFFTAG_PHOTOMETRIC, TIFFTAG_IMAGEWIDTH, TIFFTAG_STRIPOFFSETS};
    for (size_t i = 0; i < 3; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read("tiff_grey8.tif", &bytes, &n);
        bytes[entry_find(bytes, tags[i]) + 1] = 0x7F; /* a private tag */
        assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "the TIFF header");
        fet_free(bytes);
    }
}

static void an_unknown_orientation_is_upright(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image a = {0};
    golden_read("tiff_orientation6.tif", &bytes, &n);
    value_patch(bytes, TIFFTAG_ORIENTATION, 9);
    assert_ok(fet_image_decode(bytes, n, "a.tif", NULL, &a));
    assert_int_equal(a.width, 23);
    fet_image_deinit(&a);
    fet_free(bytes);
}

static void damaged_data_are_an_error(void **state)
{
    (void)state;
    static const char *const files[] = {"tiff_jpeg.tif",     "tiff_group3.tif",
                                        "tiff_group4.tif",   "tiff_lzw.tif",
                                        "tiff_packbits.tif", "tiff_rgb8_tiles_deflate.tif"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read(files[i], &bytes, &n);
        const size_t directory = (size_t)bytes[4] | (size_t)bytes[5] << 8;
        /* Pillow writes the directory first, our writer last. */
        const size_t from = directory > n / 2 ? n / 3 : n - n / 3;
        const size_t to = directory > n / 2 ? directory : n;
        memset(bytes + from, 0, to - from);
        assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "the TIFF data cannot be used");
        fet_free(bytes);
    }
}

static void a_directory_that_points_behind_the_end_is_an_early_end(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t offset_at; /* of the directory */
    } cases[] = {
        {"tiff_palette8.tif", 4}, {"tiff_rgb8_big_endian.tif", 4}, {"tiff_rgb8_bigtiff.tif", 8}};
    for (size_t i = 0; i < 3; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read(cases[i].file, &bytes, &n);
        assert_fails(decode_once(bytes, 8, NULL), FET_FORMAT, "TIFF directory ends early");
        assert_fails(decode_once(bytes, n - 30, NULL), FET_FORMAT, "TIFF directory ends early");
        memset(bytes + cases[i].offset_at, 0xFF, 4);
        assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "TIFF directory ends early");
        fet_free(bytes);
    }
}

static void the_process_wide_handlers_stay_silent(void **state)
{
    (void)state;
    /* libtiff's default handlers print to stderr: nothing may come through. */
    char path[] = "tiff_stderr_XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    const int old = dup(STDERR_FILENO);
    (void)fflush(stderr);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    damaged_data_are_an_error(state);
    tags_that_cannot_be_are_refused(state);
    (void)fflush(stderr);
    assert_true(dup2(old, STDERR_FILENO) >= 0);
    assert_int_equal(lseek(file, 0, SEEK_END), 0);
    (void)close(old);
    (void)close(file);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_that_cannot_be_are_refused),
        cmocka_unit_test(seventeen_samples_are_refused),
        cmocka_unit_test(floats_are_refused),
        cmocka_unit_test(a_missing_tag_is_an_error),
        cmocka_unit_test(an_unknown_orientation_is_upright),
        cmocka_unit_test(damaged_data_are_an_error),
        cmocka_unit_test(a_directory_that_points_behind_the_end_is_an_early_end),
        cmocka_unit_test(the_process_wide_handlers_stay_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
