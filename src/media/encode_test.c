#include "test_pictures.h"

static void png_gives_back_every_kind_of_picture(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        for (int depth = 8; depth <= 16; depth += 8) {
            struct fet_image a = {0};
            struct fet_image b = {0};
            uint8_t *bytes = NULL;
            size_t n = 0;
            struct fet_image_info info;
            picture_make(37, 23, channels, depth, &a);
            assert_ok(fet_image_encode_png(&a, &bytes, &n));
            assert_int_equal(fet_image_format_of(bytes, n), FET_IMAGE_PNG);
            assert_ok(fet_image_probe(bytes, n, "a.png", NULL, &info));
            assert_int_equal(info.format, FET_IMAGE_PNG);
            assert_int_equal(info.width, 37);
            assert_int_equal(info.height, 23);
            assert_int_equal(info.channels, channels);
            assert_int_equal(info.depth, depth);
            assert_ok(fet_image_decode(bytes, n, "a.png", NULL, &b));
            assert_int_equal(picture_distance(&a, &b), 0);
            fet_image_deinit(&a);
            fet_image_deinit(&b);
            fet_free(bytes);
        }
    }
}

static void a_picture_of_one_pixel_survives(void **state)
{
    (void)state;
    struct fet_image a = {0};
    struct fet_image b = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    picture_make(1, 1, 3, 8, &a);
    assert_ok(fet_image_encode_png(&a, &bytes, &n));
    assert_ok(fet_image_decode(bytes, n, "a", NULL, &b));
    assert_int_equal(picture_distance(&a, &b), 0);
    fet_free(bytes);
    fet_image_deinit(&b);
    assert_ok(fet_image_encode_jpeg(&a, 100, &bytes, &n));
    assert_ok(fet_image_decode(bytes, n, "a", NULL, &b));
    assert_in_range(picture_distance(&a, &b), 0, 3);
    fet_free(bytes);
    fet_image_deinit(&b);
    fet_image_deinit(&a);
}

static void jpeg_gives_back_nearly_the_same(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        static const int qualities[] = {100, 92, 75, 1};
        static const int allowed[] = {4, 10, 16, 255}; /* rounding of YCbCr, then quantisation */
        struct fet_image a = {0};
        size_t n_before = SIZE_MAX;
        picture_make_smooth(200, 120, channels, &a);
        for (int i = 0; i < 4; i++) {
            struct fet_image b = {0};
            uint8_t *bytes = NULL;
            size_t n = 0;
            assert_ok(fet_image_encode_jpeg(&a, qualities[i], &bytes, &n));
            assert_int_equal(fet_image_format_of(bytes, n), FET_IMAGE_JPEG);
            assert_ok(fet_image_decode(bytes, n, "a.jpg", NULL, &b));
            assert_in_range(picture_distance(&a, &b), 0, allowed[i]);
            assert_true(n < n_before);
            n_before = n;
            fet_image_deinit(&b);
            fet_free(bytes);
        }
        fet_image_deinit(&a);
    }
}

static void encoding_twice_gives_the_same_bytes(void **state)
{
    (void)state;
    struct fet_image a = {0};
    uint8_t *bytes[4] = {NULL};
    size_t n[4] = {0};
    picture_make(64, 64, 3, 8, &a);
    assert_ok(fet_image_encode_png(&a, &bytes[0], &n[0]));
    assert_ok(fet_image_encode_png(&a, &bytes[1], &n[1]));
    assert_ok(fet_image_encode_jpeg(&a, 90, &bytes[2], &n[2]));
    assert_ok(fet_image_encode_jpeg(&a, 90, &bytes[3], &n[3]));
    for (int i = 0; i < 4; i += 2) {
        assert_int_equal(n[i], n[i + 1]);
        assert_memory_equal(bytes[i], bytes[i + 1], n[i]);
    }
    for (int i = 0; i < 4; i++) fet_free(bytes[i]);
    fet_image_deinit(&a);
}

static void what_a_format_cannot_hold_is_refused(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image a = {0};
    assert_fails(fet_image_encode_png(&a, &bytes, &n), FET_ARGUMENT, "no picture");
    assert_fails(fet_image_encode_jpeg(&a, 90, &bytes, &n), FET_ARGUMENT, "no picture");
    picture_make(8, 8, 3, 16, &a);
    assert_fails(fet_image_encode_jpeg(&a, 90, &bytes, &n), FET_UNSUPPORTED, "of 16 bit");
    fet_image_deinit(&a);
    picture_make(8, 8, 4, 8, &a);
    assert_fails(fet_image_encode_jpeg(&a, 90, &bytes, &n), FET_UNSUPPORTED, "4 channels");
    fet_image_deinit(&a);
    picture_make(8, 8, 3, 8, &a);
    assert_fails(fet_image_encode_jpeg(&a, 0, &bytes, &n), FET_ARGUMENT, "quality 0");
    assert_fails(fet_image_encode_jpeg(&a, 101, &bytes, &n), FET_ARGUMENT, "quality 101");
    fet_image_deinit(&a);
    picture_make(65501, 1, 1, 8, &a);
    assert_fails(fet_image_encode_jpeg(&a, 90, &bytes, &n), FET_LIMIT, "65501 x 1");
    fet_image_deinit(&a);
    assert_null(bytes);
    assert_int_equal(n, 0);
}

static void files_are_written_by_extension_and_read_back(void **state)
{
    (void)state;
    static const char *const names[] = {"a.png", "a.PNG", "b.jpg", "b.JPEG"};
    char folder[64];
    struct fet_arena arena = {0};
    struct fet_image a = {0};
    check_folder_make(folder, "encode");
    picture_make_smooth(60, 40, 3, &a);
    for (int i = 0; i < 4; i++) {
        struct fet_image b = {0};
        const char *path = fet_path_join(&arena, folder, names[i]);
        assert_ok(fet_image_write(&a, path));
        assert_ok(fet_image_read(path, NULL, &b));
        assert_in_range(picture_distance(&a, &b), 0, i < 2 ? 0 : 12);
        fet_image_deinit(&b);
    }
    assert_fails(fet_image_write(&a, "a.gif"), FET_ARGUMENT, "a.gif");
    assert_fails(fet_image_write(&a, fet_path_join(&arena, folder, "no/a.png")), FET_NOT_FOUND,
                 "no/a.png");
    fet_image_deinit(&a);
    assert_fails(fet_image_write(&a, fet_path_join(&arena, folder, "c.png")), FET_ARGUMENT,
                 "c.png");
    fet_arena_deinit(&arena);
    assert_ok(fet_folder_remove(folder));
}

static fet_status encode_once(const struct fet_image *image, int quality)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    const fet_status st = quality > 0 ? fet_image_encode_jpeg(image, quality, &bytes, &n)
                                      : fet_image_encode_png(image, &bytes, &n);
    fet_free(bytes);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_image a = {0};
    picture_make(120, 90, 3, 8, &a);
    check_fault_sweep(FET_FAULT_ALLOC, encode_once(&a, 0));
    check_fault_sweep(FET_FAULT_ALLOC, encode_once(&a, 95));
    fet_image_deinit(&a);
}

static void every_write_may_fail(void **state)
{
    (void)state;
    char folder[64];
    struct fet_arena arena = {0};
    struct fet_image a = {0};
    check_folder_make(folder, "encode");
    const char *path = fet_path_join(&arena, folder, "a.png");
    picture_make(50, 50, 3, 8, &a);
    check_fault_sweep(FET_FAULT_WRITE, fet_image_write(&a, path));
    fet_image_deinit(&a);
    fet_arena_deinit(&arena);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_gives_back_every_kind_of_picture),
        cmocka_unit_test(a_picture_of_one_pixel_survives),
        cmocka_unit_test(jpeg_gives_back_nearly_the_same),
        cmocka_unit_test(encoding_twice_gives_the_same_bytes),
        cmocka_unit_test(what_a_format_cannot_hold_is_refused),
        cmocka_unit_test(files_are_written_by_extension_and_read_back),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_write_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
