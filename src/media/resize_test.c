#include "test_pictures.h"

/* ---- against Pillow ---- */

static enum fet_resize filter_find(const char *name)
{
    if (strcmp(name, "box") == 0) return FET_RESIZE_BOX;
    if (strcmp(name, "bilinear") == 0) return FET_RESIZE_BILINEAR;
    assert_string_equal(name, "lanczos");
    return FET_RESIZE_LANCZOS;
}

/* One line of resize.txt. */
static void check_resize(const char *line)
{
    char src_name[64];
    char dst_name[64];
    char filter[16];
    int src_w, src_h, channels, depth, dst_w, dst_h, tolerance;
    assert_int_equal(sscanf(line, "%63s %d %d %d %d %63s %d %d %15s %d", src_name, &src_w, &src_h,
                            &channels, &depth, dst_name, &dst_w, &dst_h, filter, &tolerance),
                     10);
    struct fet_image src = {0};
    struct fet_image wanted = {0};
    struct fet_image found = {0};
    golden_pixels(src_name, src_w, src_h, channels, depth, &src);
    golden_pixels(dst_name, dst_w, dst_h, channels, depth, &wanted);
    assert_ok(fet_image_resize(&src, dst_w, dst_h, filter_find(filter), &found));
    const int distance = picture_distance(&wanted, &found);
    if (distance > tolerance) fail_msg("%s: %d levels", dst_name, distance);
    fet_image_deinit(&src);
    fet_image_deinit(&wanted);
    fet_image_deinit(&found);
}

static void every_size_and_filter_is_within_a_level_of_pillow(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read("resize.txt", &bytes, &n);
    int n_cases = 0;
    for (const char *line = (const char *)bytes; *line != '\0'; n_cases++) {
        check_resize(line);
        const char *end = strchr(line, '\n');
        line = end != NULL ? end + 1 : line + strlen(line);
    }
    assert_true(n_cases >= 30);
    fet_free(bytes);
}

/* ---- properties ---- */

static void one_colour_stays_that_colour(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth += 8) {
        for (int channels = 1; channels <= 4; channels++) {
            struct fet_image a = {0};
            assert_ok(fet_image_new(31, 17, channels, depth, &a));
            for (int y = 0; y < 17; y++) {
                for (int x = 0; x < 31; x++) {
                    for (int c = 0; c < channels; c++)
                        picture_set(&a, x, y, c, depth == 8 ? 255 : 65535);
                }
            }
            for (int filter = FET_RESIZE_NEAREST; filter <= FET_RESIZE_LANCZOS; filter++) {
                static const int sizes[][2] = {{1, 1}, {7, 40}, {64, 3}, {31, 16}};
                for (int i = 0; i < 4; i++) {
                    struct fet_image b = {0};
                    assert_ok(fet_image_resize(&a, sizes[i][0], sizes[i][1],
                                               (enum fet_resize)filter, &b));
                    assert_int_equal(b.width, sizes[i][0]);
                    for (int c = 0; c < channels; c++)
                        assert_int_equal(picture_get(&b, 0, sizes[i][1] - 1, c),
                                         depth == 8 ? 255 : 65535);
                    fet_image_deinit(&b);
                }
            }
            fet_image_deinit(&a);
        }
    }
}

static void the_same_size_gives_the_same_picture(void **state)
{
    (void)state;
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(13, 9, 4, 16, &a);
    assert_ok(fet_image_resize(&a, 13, 9, FET_RESIZE_LANCZOS, &b));
    assert_int_equal(picture_distance(&a, &b), 0);
    fet_image_deinit(&a);
    fet_image_deinit(&b);
}

static void nearest_takes_the_pixel_below_the_centre(void **state)
{
    (void)state;
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(10, 6, 3, 8, &a);
    assert_ok(fet_image_resize(&a, 5, 18, FET_RESIZE_NEAREST, &b));
    for (int y = 0; y < 18; y++) {
        for (int x = 0; x < 5; x++) {
            for (int c = 0; c < 3; c++)
                assert_int_equal(picture_get(&b, x, y, c), picture_get(&a, 2 * x + 1, y / 3, c));
        }
    }
    fet_image_deinit(&a);
    fet_image_deinit(&b);
}

static void a_clear_pixel_lends_no_colour(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth += 8) {
        struct fet_image a = {0};
        struct fet_image b = {0};
        const uint32_t top = depth == 8 ? 255 : 65535;
        assert_ok(fet_image_new(2, 2, 2, depth, &a));
        picture_set(&a, 0, 0, 0, top); /* clear white beside opaque black */
        picture_set(&a, 1, 0, 1, top);
        picture_set(&a, 0, 1, 0, top);
        picture_set(&a, 1, 1, 1, top);
        assert_ok(fet_image_resize(&a, 1, 1, FET_RESIZE_BOX, &b));
        assert_int_equal(picture_get(&b, 0, 0, 0), 0);
        assert_in_range(picture_get(&b, 0, 0, 1), top / 2, top / 2 + 1);
        fet_image_deinit(&a);
        fet_image_deinit(&b);
    }
}

static void a_plane_keeps_its_mean_and_its_ramp(void **state)
{
    (void)state;
    float src[16 * 12];
    float half[8 * 6];
    float twice[32 * 24];
    for (int y = 0; y < 12; y++) {
        for (int x = 0; x < 16; x++) src[y * 16 + x] = (float)(3 * x - 2 * y);
    }
    assert_ok(fet_plane_resize(src, 16, 12, half, 8, 6));
    assert_ok(fet_plane_resize(src, 16, 12, twice, 32, 24));
    /* A ramp stays a ramp away from the border; pixel centres lie at integers + 0.5. */
    for (int y = 1; y < 5; y++) {
        for (int x = 1; x < 7; x++)
            assert_close(half[y * 8 + x], 3 * (2 * x + 0.5) - 2 * (2 * y + 0.5), 0, 1e-4);
    }
    for (int y = 2; y < 22; y++) {
        for (int x = 2; x < 30; x++)
            assert_close(twice[y * 32 + x], 3 * (x * 0.5 - 0.25) - 2 * (y * 0.5 - 0.25), 0, 1e-4);
    }
    assert_fails(fet_plane_resize(src, 16, 12, half, 0, 6), FET_ARGUMENT, "0 x 6");
    assert_fails(fet_plane_resize(src, 16, 0, half, 8, 6), FET_ARGUMENT, "16 x 0");
}

/* ---- failures ---- */

static void senseless_sizes_and_filters_are_refused(void **state)
{
    (void)state;
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(4, 4, 3, 8, &a);
    assert_fails(fet_image_resize(&a, 0, 4, FET_RESIZE_BOX, &b), FET_ARGUMENT, "0 x 4");
    assert_fails(fet_image_resize(&a, 4, -4, FET_RESIZE_BOX, &b), FET_ARGUMENT, "4 x -4");
    assert_fails(fet_image_resize(&a, 2, 2, (enum fet_resize)9, &b), FET_ARGUMENT, "9");
    assert_fails(fet_image_resize(&a, 1 << 30, 1 << 30, FET_RESIZE_BOX, &b), FET_LIMIT, "bytes");
    assert_null(b.pixels);
    fet_image_deinit(&a);
}

static fet_status resize_once(const struct fet_image *a)
{
    struct fet_image b = {0};
    const fet_status st = fet_image_resize(a, 9, 11, FET_RESIZE_BILINEAR, &b);
    fet_image_deinit(&b);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth += 8) {
        for (int channels = 1; channels <= 4; channels += 3) {
            struct fet_image a = {0};
            picture_make(20, 20, channels, depth, &a);
            check_fault_sweep(FET_FAULT_ALLOC, resize_once(&a));
            fet_image_deinit(&a);
        }
    }
    float src[6] = {0};
    float dst[20];
    check_fault_sweep(FET_FAULT_ALLOC, fet_plane_resize(src, 3, 2, dst, 5, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_and_filter_is_within_a_level_of_pillow),
        cmocka_unit_test(one_colour_stays_that_colour),
        cmocka_unit_test(the_same_size_gives_the_same_picture),
        cmocka_unit_test(nearest_takes_the_pixel_below_the_centre),
        cmocka_unit_test(a_clear_pixel_lends_no_colour),
        cmocka_unit_test(a_plane_keeps_its_mean_and_its_ramp),
        cmocka_unit_test(senseless_sizes_and_filters_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
