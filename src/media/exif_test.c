#include "test_pictures.h"

#include "codec.h"

/* A TIFF structure with one entry; little endian. */
static void block_make(uint8_t out[26], unsigned tag, unsigned type, unsigned count, unsigned value)
{
    const uint8_t block[26] = {'I',
                               'I',
                               42,
                               0,
                               8,
                               0,
                               0,
                               0,
                               1,
                               0,
                               (uint8_t)tag,
                               (uint8_t)(tag >> 8),
                               (uint8_t)type,
                               0,
                               (uint8_t)count,
                               0,
                               0,
                               0,
                               (uint8_t)value};
    memcpy(out, block, sizeof block);
}

static void the_eight_orientations_are_read_in_both_byte_orders(void **state)
{
    (void)state;
    for (uint8_t value = 1; value <= 8; value++) {
        uint8_t little[26];
        block_make(little, 274, 3, 1, value);
        assert_int_equal(fet_exif_orientation(little, sizeof little), value);
        const uint8_t big[26] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
                                 1,   18,  0, 3,  0, 0, 0, 1, 0, value};
        assert_int_equal(fet_exif_orientation(big, sizeof big), value);
    }
}

static void damaged_blocks_leave_the_picture_as_it_is(void **state)
{
    (void)state;
    static const unsigned bad[][4] = {
        {274, 3, 1, 0}, {274, 3, 1, 9}, {274, 4, 1, 6}, {274, 3, 2, 6}, {275, 3, 1, 6}};
    uint8_t block[26];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        block_make(block, bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
        assert_int_equal(fet_exif_orientation(block, sizeof block), 1);
    }
    static const struct {
        size_t at;
        uint8_t value;
    } patches[] = {{0, 'X'}, {1, 'M'}, {2, 43}, {4, 7}, {4, 25}, {7, 255}, {8, 2}, {9, 255}};
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
        block_make(block, 274, 3, 1, 6);
        block[patches[i].at] = patches[i].value;
        assert_int_equal(fet_exif_orientation(block, sizeof block), 1);
    }
    block_make(block, 274, 3, 1, 6);
    for (size_t n = 0; n < 22; n++) { /* exact blocks: ASan watches the end */
        uint8_t *cut = malloc(n > 0 ? n : 1);
        assert_non_null(cut);
        memcpy(cut, block, n);
        assert_int_equal(fet_exif_orientation(cut, n), 1);
        free(cut);
    }
}

static void applying_an_orientation_swaps_the_sides_when_it_lies(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct fet_image a = {0};
        struct fet_image_info info = {.width = 7, .height = 4};
        picture_make(7, 4, 3, 8, &a);
        assert_ok(fet_exif_apply(orientation, &a));
        fet_exif_apply_info(orientation, &info);
        assert_int_equal(a.width, orientation < 5 ? 7 : 4);
        assert_int_equal(info.width, a.width);
        assert_int_equal(info.height, a.height);
        fet_image_deinit(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_eight_orientations_are_read_in_both_byte_orders),
        cmocka_unit_test(damaged_blocks_leave_the_picture_as_it_is),
        cmocka_unit_test(applying_an_orientation_swaps_the_sides_when_it_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
