#include "check.h"

#include "extractor.h"

static const struct fet_extractor filters = {.kind = &fet_extractor_filters, .stride_px = 8};

/* A wave of brightness across the given direction (degrees), 6 pixels long. */
static void wave_make(int size, int channels, double degrees, struct fet_image *image)
{
    assert_ok(fet_image_new(size, size, channels, 8, image));
    const double angle = degrees * 3.14159265358979 / 180;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            const double phase = (x * cos(angle) + y * sin(angle)) * 2 * 3.14159265358979 / 6;
            for (int c = 0; c < channels; c++)
                fet_image_row8(image, y)[x * channels + c] = (uint8_t)(128 + 60 * sin(phase));
        }
}

static void extract(const struct fet_image *image, struct fet_pool *pool,
                    struct fet_feature_map *map)
{
    assert_ok(fet_extractor_filters.extract(&filters, image, pool, map));
}

static const float *cell_of(const struct fet_feature_map *map, int x, int y)
{
    return map->values + ((int64_t)y * map->w + x) * map->n_channels;
}

static void the_direction_of_a_texture_survives(void **state)
{
    (void)state;
    for (int i_direction = 0; i_direction < 4; i_direction++) {
        struct fet_image image;
        struct fet_feature_map map = {0};
        wave_make(64, 1, 45 * i_direction, &image);
        extract(&image, NULL, &map);
        const float *cell = cell_of(&map, 4, 4); /* the fine band begins with four directions */
        for (int k = 0; k < 4; k++)
            if (k != i_direction) assert_true(cell[i_direction] > 1.1f * cell[k]);
        fet_feature_map_deinit(&map);
        fet_image_deinit(&image);
    }
}

static void brightness_and_colour_survive(void **state)
{
    (void)state;
    struct fet_image image;
    struct fet_feature_map map = {0};
    struct fet_extractor_band bands[FET_MAX_BANDS];
    const int n = fet_extractor_filters.bands(&filters, 3, bands);
    assert_ok(fet_image_new(32, 32, 3, 8, &image));
    for (int i = 0; i < 32 * 32; i++) {
        ((uint8_t *)image.pixels)[3 * i] = 255;
        ((uint8_t *)image.pixels)[3 * i + 1] = 51;
        ((uint8_t *)image.pixels)[3 * i + 2] = 102;
    }
    extract(&image, NULL, &map);
    const float *colour = cell_of(&map, 1, 2) + bands[n - 1].first;
    assert_string_equal(bands[n - 1].name, "colour");
    assert_close(colour[0], (1.0 + 0.2 + 0.4) / 3, 1e-5, 0);
    assert_close(colour[1], 1.0 - 0.2, 1e-5, 0);
    assert_close(colour[2], (1.0 + 0.2) / 2 - 0.4, 1e-5, 0);
    fet_feature_map_deinit(&map);
    fet_image_deinit(&image);
}

static void bands_cover_the_channels_in_order(void **state)
{
    (void)state;
    for (int n_colours = 1; n_colours <= 3; n_colours += 2) {
        struct fet_extractor_band bands[FET_MAX_BANDS];
        struct fet_image image;
        struct fet_feature_map map = {0};
        const int n = fet_extractor_filters.bands(&filters, n_colours, bands);
        int next = 0;
        for (int b = 0; b < n; b++) {
            assert_int_equal(bands[b].first, next);
            assert_true(bands[b].n > 0);
            next += bands[b].n;
        }
        wave_make(16, n_colours, 0, &image);
        extract(&image, NULL, &map);
        assert_int_equal(map.n_channels, next);
        fet_feature_map_deinit(&map);
        fet_image_deinit(&image);
    }
}

static void noise_make(int w, int h, int depth, struct fet_image *image)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 5, 0);
    assert_ok(fet_image_new(w, h, 3, depth, image));
    for (int i = 0; i < w * h * 3; i++) {
        const uint32_t v = fet_rng_below(&rng, 256);
        if (depth == 8)
            ((uint8_t *)image->pixels)[i] = (uint8_t)v;
        else
            ((uint16_t *)image->pixels)[i] = (uint16_t)(v * 257);
    }
}

/* Strips are cut by 128 rows: what a cell says must not depend on where the cut lies. A picture
 * without its first 40 rows has its cuts elsewhere. */
static void cuts_between_strips_do_not_show(void **state)
{
    (void)state;
    struct fet_image image, lower = {0};
    struct fet_feature_map map = {0}, map_lower = {0};
    noise_make(40, 400, 8, &image);
    assert_ok(fet_image_crop(&image, 0, 40, 40, 360, &lower));
    extract(&image, NULL, &map);
    extract(&lower, NULL, &map_lower);
    for (int y = 3; y < map_lower.h; y++) /* three cells below the new border it is forgotten */
        for (int x = 0; x < map.w; x++)
            for (int k = 0; k < map.n_channels; k++)
                assert_close(cell_of(&map_lower, x, y)[k], cell_of(&map, x, y + 5)[k], 1e-5, 1e-6);
    fet_feature_map_deinit(&map);
    fet_feature_map_deinit(&map_lower);
    fet_image_deinit(&image);
    fet_image_deinit(&lower);
}

static void threads_and_depth_change_nothing(void **state)
{
    (void)state;
    struct fet_image shallow, deep;
    struct fet_feature_map one = {0}, many = {0}, map_deep = {0};
    struct fet_pool *pool = NULL;
    assert_ok(fet_pool_new(3, &pool));
    noise_make(50, 300, 8, &shallow);
    noise_make(50, 300, 16, &deep);
    extract(&shallow, NULL, &one);
    extract(&shallow, pool, &many);
    extract(&deep, pool, &map_deep);
    const int64_t n = (int64_t)one.w * one.h * one.n_channels;
    assert_memory_equal(one.values, many.values, (size_t)n * sizeof(float));
    for (int64_t i = 0; i < n; i++) assert_close(map_deep.values[i], one.values[i], 1e-4, 1e-5);
    fet_feature_map_deinit(&one);
    fet_feature_map_deinit(&many);
    fet_feature_map_deinit(&map_deep);
    fet_image_deinit(&shallow);
    fet_image_deinit(&deep);
    fet_pool_free(pool);
}

static void any_size_has_a_map(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 300}, {300, 1}, {7, 9}, {8, 8}, {129, 137}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fet_image image;
        struct fet_feature_map map = {0};
        noise_make(sizes[i][0], sizes[i][1], 8, &image);
        extract(&image, NULL, &map);
        assert_int_equal(map.w, (sizes[i][0] + 7) / 8);
        assert_int_equal(map.h, (sizes[i][1] + 7) / 8);
        for (int64_t k = 0; k < (int64_t)map.w * map.h * map.n_channels; k++)
            assert_true(isfinite(map.values[k]));
        fet_feature_map_deinit(&map);
        fet_image_deinit(&image);
    }
}

static void only_grey_and_rgb_are_taken(void **state)
{
    (void)state;
    struct fet_image image;
    struct fet_feature_map map = {0};
    assert_ok(fet_image_new(8, 8, 4, 8, &image));
    assert_fails(fet_extractor_filters.extract(&filters, &image, NULL, &map), FET_ARGUMENT,
                 "1 or 3");
    fet_image_deinit(&image);
}

static void neighbours_beyond_the_border_repeat_it(void **state)
{
    (void)state;
    float values[6] = {1, 2, 3, 4, 5, 6}, out[9];
    const struct fet_feature_map map = {.w = 3, .h = 2, .n_channels = 1, .values = values};
    const struct fet_extractor_band band = {.name = "all", .first = 0, .n = 1, .n_cells = 9};
    fet_feature_map_gather(&map, 0, 0, &band, out);
    const float wanted[9] = {1, 1, 2, 1, 1, 2, 4, 4, 5};
    assert_memory_equal(out, wanted, sizeof wanted);
}

static fet_status extract_once(const struct fet_image *image)
{
    struct fet_feature_map map = {0};
    FET_TRY(fet_extractor_filters.extract(&filters, image, NULL, &map));
    fet_feature_map_deinit(&map);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_image image;
    noise_make(9, 140, 8, &image);
    check_fault_sweep(FET_FAULT_ALLOC, extract_once(&image));
    fet_image_deinit(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_direction_of_a_texture_survives),
        cmocka_unit_test(brightness_and_colour_survive),
        cmocka_unit_test(bands_cover_the_channels_in_order),
        cmocka_unit_test(cuts_between_strips_do_not_show),
        cmocka_unit_test(threads_and_depth_change_nothing),
        cmocka_unit_test(any_size_has_a_map),
        cmocka_unit_test(only_grey_and_rgb_are_taken),
        cmocka_unit_test(neighbours_beyond_the_border_repeat_it),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
