/* What png.c refuses; its pixels are checked by image_test.c. */
#include "test_pictures.h"

/* The data of the first chunk of that type, or a failure. */
static size_t chunk_find(const uint8_t *bytes, size_t n, const char *type)
{
    for (size_t at = 8; at + 12 <= n;) {
        const size_t length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 |
                              (size_t)bytes[at + 2] << 8 | (size_t)bytes[at + 3];
        if (memcmp(bytes + at + 4, type, 4) == 0) return at + 8;
        at += length + 12;
    }
    fail_msg("no chunk %s", type);
    return 0;
}

static void a_flipped_bit_is_an_error(void **state)
{
    (void)state;
    static const char *const types[] = {"IHDR", "PLTE", "IDAT"};
    for (size_t i = 0; i < 3; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read("png_palette8.png", &bytes, &n);
        bytes[chunk_find(bytes, n, types[i]) + 7] ^= 1;
        assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "the PNG");
        fet_free(bytes);
    }
}

static void a_missing_end_marker_is_an_early_end(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read("png_rgb8.png", &bytes, &n);
    for (size_t n_cut = 1; n_cut <= 12; n_cut++)
        assert_fails(decode_once(bytes, n - n_cut, NULL), FET_FORMAT, "ends early");
    bytes[chunk_find(bytes, n, "IEND") - 1] = 'X';
    assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "the PNG data");
    fet_free(bytes);
}

static void what_follows_the_end_marker_is_ignored(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read("png_rgb8.png", &bytes, &n);
    uint8_t *longer = malloc(n + 20);
    assert_non_null(longer);
    memcpy(longer, bytes, n);
    memset(longer + n, 0xA5, 20);
    assert_ok(decode_once(longer, n + 20, NULL));
    free(longer);
    fet_free(bytes);
}

/* libspng alone would refuse each of them, or unpack it. */
static void damaged_metadata_do_not_cost_the_picture(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        uint8_t data[16];
        uint8_t n;
    } chunks[] = {
        {"tEXt", " two  spaces", 12},            /* no keyword */
        {"gAMA", {0, 0, 0, 0}, 4},               /* gamma of 0 */
        {"gAMA", {0, 0, 0, 0}, 4},               /* and again */
        {"iCCP", "profile\0\0\x78\x9C\xFF", 12}, /* does not unpack */
        {"eXIf", "II", 2},                       /* too short */
        {"QUQU", {0}, 0},
    };
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read("png_rgb8.png", &bytes, &n);
    const size_t n_head = chunk_find(bytes, n, "IHDR") + 13 + 4;
    uint8_t longer[4096];
    size_t n_longer = n_head;
    memcpy(longer, bytes, n_head);
    for (size_t i = 0; i < 5; i++) {
        const uint8_t length[4] = {0, 0, 0, chunks[i].n};
        memcpy(longer + n_longer, length, 4);
        memcpy(longer + n_longer + 4, chunks[i].type, 4);
        memcpy(longer + n_longer + 8, chunks[i].data, chunks[i].n);
        memset(longer + n_longer + 8 + chunks[i].n, 0, 4); /* the checksum is wrong, too */
        n_longer += 12u + chunks[i].n;
    }
    memcpy(longer + n_longer, bytes + n_head, n - n_head);
    struct fet_image_info info;
    assert_ok(fet_image_probe(longer, n_longer + n - n_head, "a.png", NULL, &info));
    assert_ok(decode_once(longer, n_longer + n - n_head, NULL));
    memcpy(longer + n_head + 4, chunks[5].type, 4); /* an unknown critical chunk is an error */
    assert_fails(decode_once(longer, n_longer + n - n_head, NULL), FET_FORMAT, "unknown critical");
    fet_free(bytes);
}

/* Metadata that claim 2 GB and are cut: nothing may be allocated for them. */
static void the_length_of_a_cut_chunk_is_not_believed(void **state)
{
    (void)state;
    static const char *const types[] = {"tEXt", "eXIf", "sPLT", "prIv", "tRNS", "IDAT"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        golden_read("png_rgb8.png", &bytes, &n);
        const size_t at = chunk_find(bytes, n, "IDAT") - 8;
        const uint8_t length[4] = {0x7F, 0xFF, 0xFF, 0xFF};
        memcpy(bytes + at, length, 4);
        memcpy(bytes + at + 4, types[i], 4);
        assert_fails(decode_once(bytes, n, NULL), FET_FORMAT, "the PNG");
        fet_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_bit_is_an_error),
        cmocka_unit_test(a_missing_end_marker_is_an_early_end),
        cmocka_unit_test(what_follows_the_end_marker_is_ignored),
        cmocka_unit_test(damaged_metadata_do_not_cost_the_picture),
        cmocka_unit_test(the_length_of_a_cut_chunk_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
