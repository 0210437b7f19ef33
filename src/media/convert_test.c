#include "test_pictures.h"

static void grey_is_the_luma_of_pillow(void **state)
{
    (void)state;
    /* Image.new("RGB", (1, 1), colour).convert("L") in Pillow 9.4 */
    static const uint8_t colours[][4] = {{255, 0, 0, 76},      {0, 255, 0, 150}, {0, 0, 255, 29},
                                         {255, 255, 255, 255}, {0, 0, 0, 0},     {12, 200, 99, 132},
                                         {250, 128, 3, 150},   {1, 2, 3, 2},     {77, 78, 79, 78}};
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        struct fet_image a = {0};
        struct fet_image b = {0};
        assert_ok(fet_image_new(1, 1, 3, 8, &a));
        memcpy(a.pixels, colours[i], 3);
        assert_ok(fet_image_convert(&a, 1, 8, &b));
        assert_int_equal(fet_image_row8(&b, 0)[0], colours[i][3]);
        fet_image_deinit(&b);
        assert_ok(fet_image_convert(&a, 2, 8, &b)); /* the general path agrees */
        assert_int_equal(fet_image_row8(&b, 0)[0], colours[i][3]);
        assert_int_equal(fet_image_row8(&b, 0)[1], 255);
        fet_image_deinit(&b);
        fet_image_deinit(&a);
    }
}

static void widening_and_narrowing_gives_the_picture_back(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        struct fet_image a = {0};
        struct fet_image wide = {0};
        struct fet_image b = {0};
        picture_make(19, 7, channels, 8, &a);
        assert_ok(fet_image_convert(&a, channels, 16, &wide));
        for (int x = 0; x < 19; x++)
            assert_int_equal(picture_get(&wide, x, 3, 0), 257 * picture_get(&a, x, 3, 0));
        assert_ok(fet_image_convert(&wide, channels, 8, &b));
        assert_int_equal(picture_distance(&a, &b), 0);
        fet_image_deinit(&a);
        fet_image_deinit(&wide);
        fet_image_deinit(&b);
    }
}

static void sixteen_bits_are_rounded_to_eight(void **state)
{
    (void)state;
    static const uint16_t in[] = {0, 128, 129, 385, 386, 65278, 65406, 65407, 65535};
    static const uint8_t out[] = {0, 0, 1, 1, 2, 254, 254, 255, 255};
    struct fet_image a = {0};
    struct fet_image b = {0};
    assert_ok(fet_image_new(9, 1, 1, 16, &a));
    memcpy(a.pixels, in, sizeof in);
    assert_ok(fet_image_convert(&a, 1, 8, &b));
    assert_memory_equal(b.pixels, out, sizeof out);
    fet_image_deinit(&a);
    fet_image_deinit(&b);
}

/* Alpha of 0 becomes white, of the top the colour, of the middle half of each. */
static void lost_alpha_is_composed_on_white(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth += 8) {
        const uint32_t top = depth == 8 ? 255 : 65535;
        const uint32_t half = top / 2;
        struct fet_image a = {0};
        assert_ok(fet_image_new(3, 1, 4, depth, &a));
        for (int x = 0; x < 3; x++) {
            picture_set(&a, x, 0, 1, top);
            picture_set(&a, x, 0, 3, x == 0 ? 0 : x == 1 ? half : top);
        }
        struct fet_image b = {0};
        assert_ok(fet_image_convert(&a, 3, depth, &b));
        assert_int_equal(picture_get(&b, 0, 0, 0), top);
        assert_int_equal(picture_get(&b, 1, 0, 0), top - half);
        assert_int_equal(picture_get(&b, 2, 0, 0), 0);
        assert_int_equal(picture_get(&b, 2, 0, 1), top);
        fet_image_deinit(&b);
        assert_ok(fet_image_convert(&a, 1, depth, &b));
        assert_int_equal(picture_get(&b, 0, 0, 0), top);
        fet_image_deinit(&b);
        assert_ok(fet_image_convert(&a, 2, depth, &b)); /* alpha stays */
        assert_int_equal(picture_get(&b, 1, 0, 1), half);
        fet_image_deinit(&b);
        fet_image_deinit(&a);
    }
}

static void grey_and_colour_go_back_and_forth(void **state)
{
    (void)state;
    for (int from = 1; from <= 2; from++) {
        for (int depth = 8; depth <= 16; depth += 8) {
            struct fet_image a = {0};
            struct fet_image b = {0};
            struct fet_image c = {0};
            picture_make(21, 6, from, depth, &a);
            assert_ok(fet_image_convert(&a, from + 2, depth, &b)); /* grey to RGB, alpha kept */
            for (int x = 0; x < 21; x++) {
                assert_int_equal(picture_get(&b, x, 2, 0), picture_get(&a, x, 2, 0));
                assert_int_equal(picture_get(&b, x, 2, 2), picture_get(&a, x, 2, 0));
            }
            assert_ok(fet_image_convert(&b, from, depth, &c));
            assert_int_equal(picture_distance(&a, &c), 0);
            fet_image_deinit(&a);
            fet_image_deinit(&b);
            fet_image_deinit(&c);
        }
    }
}

static void new_alpha_is_opaque(void **state)
{
    (void)state;
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(5, 5, 3, 16, &a);
    assert_ok(fet_image_convert(&a, 4, 8, &b));
    assert_int_equal(picture_get(&b, 4, 4, 3), 255);
    fet_image_deinit(&b);
    assert_fails(fet_image_convert(&a, 5, 8, &b), FET_ARGUMENT, "5 channels");
    assert_fails(fet_image_convert(&a, 3, 9, &b), FET_ARGUMENT, "depth 9");
    fet_image_deinit(&a);
}

static fet_status convert_once(const struct fet_image *a)
{
    struct fet_image b = {0};
    const fet_status st = fet_image_convert(a, 3, 16, &b);
    fet_image_deinit(&b);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_image a = {0};
    picture_make(4, 4, 1, 8, &a);
    check_fault_sweep(FET_FAULT_ALLOC, convert_once(&a));
    fet_image_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_is_the_luma_of_pillow),
        cmocka_unit_test(widening_and_narrowing_gives_the_picture_back),
        cmocka_unit_test(sixteen_bits_are_rounded_to_eight),
        cmocka_unit_test(lost_alpha_is_composed_on_white),
        cmocka_unit_test(grey_and_colour_go_back_and_forth),
        cmocka_unit_test(new_alpha_is_opaque),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
