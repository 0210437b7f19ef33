#include "test_pictures.h"

#include <sys/stat.h>

/* ---- memory ---- */

static void a_new_image_is_black_and_dense(void **state)
{
    (void)state;
    struct fet_image a = {0};
    assert_ok(fet_image_new(5, 3, 2, 16, &a));
    assert_int_equal(fet_image_bytes(&a), 5 * 3 * 2 * 2);
    for (int y = 0; y < 3; y++) {
        assert_ptr_equal(fet_image_row16(&a, y), (uint16_t *)a.pixels + y * 10);
        for (int x = 0; x < 10; x++) assert_int_equal(fet_image_row16(&a, y)[x], 0);
    }
    fet_image_deinit(&a);
    assert_null(a.pixels);
    assert_int_equal(a.width, 0);
    fet_image_deinit(&a);
    fet_image_deinit(NULL);
}

static void senseless_images_are_refused(void **state)
{
    (void)state;
    struct fet_image a = {0};
    assert_fails(fet_image_new(0, 3, 1, 8, &a), FET_ARGUMENT, "0 x 3");
    assert_fails(fet_image_new(3, -1, 1, 8, &a), FET_ARGUMENT, "3 x -1");
    assert_fails(fet_image_new(3, 3, 0, 8, &a), FET_ARGUMENT, "0 channels");
    assert_fails(fet_image_new(3, 3, 5, 8, &a), FET_ARGUMENT, "5 channels");
    assert_fails(fet_image_new(3, 3, 3, 12, &a), FET_ARGUMENT, "depth 12");
    assert_fails(fet_image_new(INT32_MAX, INT32_MAX, 4, 16, &a), FET_LIMIT, "bytes");
    assert_fails(fet_image_new(65536, 32769, 1, 8, &a), FET_LIMIT, "bytes");
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    assert_fails(fet_image_new(3, 3, 3, 8, &a), FET_MEMORY, "out of memory");
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_null(a.pixels);
}

/* ---- what a file is ---- */

static void the_first_bytes_tell_the_format(void **state)
{
    (void)state;
    assert_int_equal(fet_image_format_of("\xFF\xD8\xFF\xE0", 4), FET_IMAGE_JPEG);
    assert_int_equal(fet_image_format_of("\x89PNG\r\n\x1A\n", 8), FET_IMAGE_PNG);
    assert_int_equal(fet_image_format_of("II*\0\x08\0\0\0", 8), FET_IMAGE_TIFF);
    assert_int_equal(fet_image_format_of("MM\0*\0\0\0\x08", 8), FET_IMAGE_TIFF);
    assert_int_equal(fet_image_format_of("II+\0\x08\0\0\0", 8), FET_IMAGE_TIFF);
    assert_int_equal(fet_image_format_of("BM", 2), FET_IMAGE_BMP);
    assert_int_equal(fet_image_format_of("P6\n", 3), FET_IMAGE_PNM);
    assert_int_equal(fet_image_format_of("P7\n", 3), FET_IMAGE_UNKNOWN);
    assert_int_equal(fet_image_format_of("Part", 4), FET_IMAGE_UNKNOWN);
    assert_int_equal(fet_image_format_of("GIF89a", 6), FET_IMAGE_UNKNOWN);
    assert_int_equal(fet_image_format_of("\xFF", 1), FET_IMAGE_UNKNOWN);
    assert_int_equal(fet_image_format_of("", 0), FET_IMAGE_UNKNOWN);
}

static void extensions_name_pictures(void **state)
{
    (void)state;
    static const char *const yes[] = {"a.jpg", "b/c.JPEG", "d.png", "e.tif", "f.TIFF",
                                      "g.bmp", "h.ppm",    "i.pgm", "j.pbm", "k.pnm"};
    static const char *const no[] = {"a.gif", "jpg", "a.txt", "", "a.jpg.txt", "png/readme"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) assert_true(fet_image_is_name(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) assert_false(fet_image_is_name(no[i]));
}

static void what_is_no_picture_is_said_so(void **state)
{
    (void)state;
    static const char text[] = "This is a note, not a picture.";
    struct fet_image a = {0};
    struct fet_image_info info;
    assert_fails(fet_image_decode(text, sizeof text, "note.jpg", NULL, &a), FET_FORMAT,
                 "note.jpg: not a picture");
    assert_fails(fet_image_probe(text, sizeof text, "note.jpg", NULL, &info), FET_FORMAT,
                 "note.jpg: not a picture");
    assert_fails(fet_image_decode(text, 0, "empty.png", NULL, &a), FET_FORMAT,
                 "empty.png: the file is empty");
    assert_null(a.pixels);
}

static void a_text_file_named_jpg_and_a_missing_file_fail(void **state)
{
    (void)state;
    char folder[64];
    struct fet_arena arena = {0};
    struct fet_image a = {0};
    check_folder_make(folder, "image");
    const char *path = fet_path_join(&arena, folder, "text.jpg");
    assert_ok(fet_file_write(path, "hello\n", 6));
    assert_fails(fet_image_read(path, NULL, &a), FET_FORMAT, "text.jpg");
    assert_fails(fet_image_read(fet_path_join(&arena, folder, "none.jpg"), NULL, &a), FET_NOT_FOUND,
                 "none.jpg");
    assert_int_not_equal(fet_image_read(folder, NULL, &a), FET_OK);
    assert_non_null(strstr(fet_status_message(), folder));
    if (geteuid() != 0) { /* root reads everything */
        assert_int_equal(chmod(path, 0), 0);
        assert_fails(fet_image_read(path, NULL, &a), FET_IO, "text.jpg");
    }
    fet_arena_deinit(&arena);
    assert_ok(fet_folder_remove(folder));
}

/* ---- golden files ---- */

static void check_golden(const struct golden *g)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image wanted = {0};
    struct fet_image found = {0};
    struct fet_image_info info;
    golden_read(g->file, &bytes, &n);
    golden_pixels(g->raw, g->width, g->height, g->channels, g->depth, &wanted);
    assert_ok(fet_image_probe(bytes, n, g->file, NULL, &info));
    assert_ok(fet_image_decode(bytes, n, g->file, NULL, &found));
    assert_int_equal(info.format, fet_image_format_of(bytes, n));
    assert_int_equal(info.width, found.width);
    assert_int_equal(info.height, found.height);
    assert_int_equal(info.channels, found.channels);
    assert_int_equal(info.depth, found.depth);
    const int distance = picture_distance(&wanted, &found);
    if (distance > g->tolerance) fail_msg("%s: %d levels from %s", g->file, distance, g->raw);
    fet_image_deinit(&found);
    fet_image_deinit(&wanted);
    fet_free(bytes);
}

static void every_golden_picture_decodes_to_its_pixels(void **state)
{
    (void)state;
    golden_each("", check_golden);
}

static void check_cut(const struct golden *g)
{
    assert_cut_anywhere_fails(g->file);
}

static void a_file_that_ends_early_is_an_error(void **state)
{
    (void)state;
    golden_each("", check_cut);
}

static void check_faults(const struct golden *g)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image_info info;
    golden_read(g->file, &bytes, &n);
    check_fault_sweep(FET_FAULT_ALLOC, decode_once(bytes, n, NULL));
    if (fet_image_format_of(bytes, n) == FET_IMAGE_PNG)
        check_fault_sweep(FET_FAULT_ALLOC, fet_image_probe(bytes, n, g->file, NULL, &info));
    fet_free(bytes);
}

static void every_allocation_of_every_decoder_may_fail(void **state)
{
    (void)state;
    golden_each("", check_faults);
}

static void reading_a_file_may_run_out_of_memory(void **state)
{
    (void)state;
    struct fet_image a = {0};
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    assert_fails(fet_image_read(GOLDEN_FOLDER "png_rgb8.png", NULL, &a), FET_MEMORY,
                 "png_rgb8.png");
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_ok(fet_image_read(GOLDEN_FOLDER "png_rgb8.png", NULL, &a));
    fet_image_deinit(&a);
}

/* ---- threads ---- */

static struct golden crowd[256];
static int n_crowd;

static void crowd_add(const struct golden *g)
{
    assert_true(n_crowd < 256);
    crowd[n_crowd++] = *g;
}

/* One golden file per chunk; cmocka's assertions belong to the main thread. */
static fet_status crowd_decode(void *self, int64_t i_chunk, int worker)
{
    (void)self;
    (void)worker;
    const struct golden *g = &crowd[i_chunk];
    char path[512];
    struct fet_image image = {0};
    fet_text_format(path, sizeof path, "%s%s", GOLDEN_FOLDER, g->file);
    FET_TRY(fet_image_read(path, NULL, &image));
    const bool is_same = image.width == g->width && image.height == g->height;
    fet_image_deinit(&image);
    return is_same ? FET_OK : FET_FAIL(FET_INTERNAL, "%s has another size", g->file);
}

static void pictures_decode_side_by_side(void **state)
{
    (void)state;
    struct fet_pool *pool = NULL;
    n_crowd = 0;
    golden_each("", crowd_add);
    assert_ok(fet_pool_new(4, &pool));
    for (int round = 0; round < 3; round++)
        assert_ok(fet_pool_run(pool, n_crowd, crowd_decode, NULL));
    fet_pool_free(pool);
}

/* ---- limits ---- */

static void check_limits(const struct golden *g)
{
    const int side = g->width > g->height ? g->width : g->height;
    const struct fet_image_limits exact = {.max_side_px = side,
                                           .max_pixels = (int64_t)g->width * g->height};
    const struct fet_image_limits narrow = {.max_side_px = side - 1};
    const struct fet_image_limits few = {.max_pixels = (int64_t)g->width * g->height - 1};
    struct fet_image_info info;
    uint8_t *bytes = NULL;
    size_t n = 0;
    golden_read(g->file, &bytes, &n);
    assert_ok(decode_once(bytes, n, &exact));
    assert_fails(decode_once(bytes, n, &narrow), FET_LIMIT, "a side may have");
    assert_fails(decode_once(bytes, n, &few), FET_LIMIT, "all together");
    assert_fails(fet_image_probe(bytes, n, g->file, &narrow, &info), FET_LIMIT, g->file);
    fet_free(bytes);
}

static void the_limits_are_exact(void **state)
{
    (void)state;
    golden_each("", check_limits);
}

static void a_file_too_large_to_be_a_picture_is_not_read(void **state)
{
    (void)state;
    const struct fet_image_limits open_ended = {.max_pixels = INT64_MAX};
    struct fet_image a = {0};
    assert_ok(fet_image_read(GOLDEN_FOLDER "png_rgb8.png", &open_ended, &a));
    fet_image_deinit(&a);
}

/* Headers that promise 100,000 x 100,000 pixels (JPEG: 65,500 x 65,500). */
static void giants_are_refused_by_their_header(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t bytes[80];
        size_t n;
    } giants[] = {
        {"giant.ppm", "P6 100000 100000 255\n", 21},
        {"giant.pbm", "P1 100000 100000\n", 17},
        {"giant.bmp",
         "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xA0\x86\x01\0\xA0\x86\x01\0\x01\0\x18\0", 54},
        {"giant.png",
         "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\x01\x86\xA0\0\x01\x86\xA0\x08\x02\0\0\0\x74\xE8\x36"
         "\x25",
         33},
        {"giant.jpg",
         "\xFF\xD8\xFF\xC0\0\x11\x08\xFF\xDC\xFF\xDC\x03\x01\x11\0\x02\x11\0\x03\x11\0"
         "\xFF\xDA\0\x0C\x03\x01\0\x02\0\x03\0\0\x3F\0",
         37},
        {"giant.tif",
         "II*\0\x08\0\0\0\x05\0"
         "\0\x01\x04\0\x01\0\0\0\xA0\x86\x01\0"        /* width */
         "\x01\x01\x04\0\x01\0\0\0\xA0\x86\x01\0"      /* height */
         "\x06\x01\x03\0\x01\0\0\0\x02\0\0\0"          /* RGB */
         "\x11\x01\x04\0\x01\0\0\0\x08\0\0\0"          /* where the strip lies */
         "\x17\x01\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0", /* and how long it is */
         74},
    };
    for (size_t i = 0; i < sizeof giants / sizeof giants[0]; i++) {
        struct fet_image a = {0};
        struct fet_image_info info;
        fet_fault_arm(FET_FAULT_ALLOC, 1000); /* nothing large may be asked for */
        assert_fails(fet_image_probe(giants[i].bytes, giants[i].n, giants[i].name, NULL, &info),
                     FET_LIMIT, giants[i].name);
        assert_fails(fet_image_decode(giants[i].bytes, giants[i].n, giants[i].name, NULL, &a),
                     FET_LIMIT, "pixels");
        fet_fault_arm(FET_FAULT_ALLOC, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_image_is_black_and_dense),
        cmocka_unit_test(senseless_images_are_refused),
        cmocka_unit_test(the_first_bytes_tell_the_format),
        cmocka_unit_test(extensions_name_pictures),
        cmocka_unit_test(what_is_no_picture_is_said_so),
        cmocka_unit_test(a_text_file_named_jpg_and_a_missing_file_fail),
        cmocka_unit_test(every_golden_picture_decodes_to_its_pixels),
        cmocka_unit_test(a_file_that_ends_early_is_an_error),
        cmocka_unit_test(every_allocation_of_every_decoder_may_fail),
        cmocka_unit_test(reading_a_file_may_run_out_of_memory),
        cmocka_unit_test(pictures_decode_side_by_side),
        cmocka_unit_test(the_limits_are_exact),
        cmocka_unit_test(a_file_too_large_to_be_a_picture_is_not_read),
        cmocka_unit_test(giants_are_refused_by_their_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
