#include "heat.h"

#include "check.h"

enum { SIDE = 40 };

static double lightness(struct fet_rgb c)
{
    return 0.2126 * pow(c.r / 255.0, 2.2) + 0.7152 * pow(c.g / 255.0, 2.2) +
           0.0722 * pow(c.b / 255.0, 2.2);
}

static void every_colour_is_lighter_than_the_one_before(void **state)
{
    (void)state;
    struct fet_rgb table[256];
    fet_heat_table(table);
    for (int i = 1; i < 256; i++) assert_true(lightness(table[i]) > lightness(table[i - 1]) - 1e-3);
    assert_true(lightness(table[0]) < 0.08);
    assert_true(lightness(table[255]) > 0.75);
    assert_true(table[0].b > table[0].g && table[255].r > table[255].b);
}

/* A round hill of height 1 in the middle. */
static void make_hill(float map[SIDE * SIDE])
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double dx = x + 0.5 - SIDE / 2.0, dy = y + 0.5 - SIDE / 2.0;
            map[y * SIDE + x] = (float)(1 - sqrt(dx * dx + dy * dy) / (SIDE / 2.0));
        }
}

static void only_places_above_the_threshold_are_coloured(void **state)
{
    (void)state;
    static float map[SIDE * SIDE];
    struct fet_image picture;
    make_hill(map);
    map[0] = NAN;
    assert_ok(fet_image_new(SIDE, SIDE, 3, 8, &picture));
    memset(picture.pixels, 100, fet_image_bytes(&picture));
    fet_heat_blend(map, 0.5, 0.9, &picture);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const uint8_t *p = fet_image_row8(&picture, y) + 3 * x;
            const bool is_grey = p[0] == 100 && p[1] == 100 && p[2] == 100;
            if (!(map[y * SIDE + x] > 0.5F)) assert_true(is_grey);
            if (map[y * SIDE + x] > 0.6F) assert_false(is_grey);
        }
    fet_image_deinit(&picture);
}

static void the_outline_runs_where_the_map_crosses_the_level(void **state)
{
    (void)state;
    static float map[SIDE * SIDE];
    struct fet_ink ink;
    make_hill(map);
    assert_ok(fet_ink_new(SIDE, SIDE, &ink));
    fet_heat_outline(map, SIDE, SIDE, 0.5, 2, &ink);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            /* The level lies on a circle of radius SIDE / 4; the line is 2 px wide. */
            const double dx = x + 0.5 - SIDE / 2.0, dy = y + 0.5 - SIDE / 2.0;
            const double off = fabs(sqrt(dx * dx + dy * dy) - SIDE / 4.0);
            const int cover = ink.cover[y * SIDE + x];
            if (off < 0.4) assert_int_equal(cover, 255);
            if (off > 1.7) assert_int_equal(cover, 0);
        }
    fet_ink_deinit(&ink);
}

static void a_hot_region_at_the_border_is_closed_there(void **state)
{
    (void)state;
    static float map[SIDE * SIDE];
    struct fet_ink ink;
    for (int i = 0; i < SIDE * SIDE; i++) map[i] = 1;
    assert_ok(fet_ink_new(SIDE, SIDE, &ink));
    fet_heat_outline(map, SIDE, SIDE, 0.5, 2, &ink);
    for (int i = 2; i < SIDE - 2; i++) {
        assert_true(ink.cover[i] > 128 && ink.cover[i * SIDE] > 128);
        assert_true(ink.cover[(SIDE - 1) * SIDE + i] > 128);
        assert_int_equal(ink.cover[SIDE / 2 * SIDE + i] > 0, i < 2 || i > SIDE - 3);
    }
    fet_ink_deinit(&ink);
}

static void saddles_and_flat_maps_do_no_harm(void **state)
{
    (void)state;
    struct fet_ink ink;
    const float saddle[] = {1, 0, 0, 1}, flat[] = {0.5F, 0.5F, 0.5F, 0.5F};
    const float missing[] = {NAN, 1, INFINITY, -INFINITY};
    assert_ok(fet_ink_new(2, 2, &ink));
    fet_heat_outline(saddle, 2, 2, 0.5, 1, &ink);
    fet_heat_outline(flat, 2, 2, 0.5, 1, &ink);
    fet_heat_outline(missing, 2, 2, 0.5, 1, &ink);
    fet_heat_outline(flat, 1, 1, 0.2, 1, &ink);
    fet_ink_deinit(&ink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_colour_is_lighter_than_the_one_before),
        cmocka_unit_test(only_places_above_the_threshold_are_coloured),
        cmocka_unit_test(the_outline_runs_where_the_map_crosses_the_level),
        cmocka_unit_test(a_hot_region_at_the_border_is_closed_there),
        cmocka_unit_test(saddles_and_flat_maps_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
