#include "test_pictures.h"

/* ---- crop and turn ---- */

static void a_crop_is_a_window(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth += 8) {
        struct fet_image a = {0};
        struct fet_image b = {0};
        picture_make(20, 10, 3, depth, &a);
        assert_ok(fet_image_crop(&a, 3, 4, 11, 6, &b));
        assert_int_equal(b.width, 11);
        assert_int_equal(b.height, 6);
        for (int y = 0; y < 6; y++) {
            for (int x = 0; x < 11; x++) {
                for (int c = 0; c < 3; c++)
                    assert_int_equal(picture_get(&b, x, y, c), picture_get(&a, x + 3, y + 4, c));
            }
        }
        fet_image_deinit(&b);
        assert_ok(fet_image_crop(&a, 0, 0, 20, 10, &b));
        assert_int_equal(picture_distance(&a, &b), 0);
        fet_image_deinit(&b);
        assert_fails(fet_image_crop(&a, 10, 0, 11, 10, &b), FET_ARGUMENT, "11 x 10 at 10,0");
        assert_fails(fet_image_crop(&a, 0, 5, 20, 6, &b), FET_ARGUMENT, "20 x 6");
        assert_fails(fet_image_crop(&a, -1, 0, 5, 5, &b), FET_ARGUMENT, "-1,0");
        assert_fails(fet_image_crop(&a, 0, -1, 5, 5, &b), FET_ARGUMENT, "0,-1");
        assert_fails(fet_image_crop(&a, 0, 0, 0, 5, &b), FET_ARGUMENT, "0 x 5");
        assert_fails(fet_image_crop(&a, INT32_MAX, 0, INT32_MAX, 5, &b), FET_ARGUMENT, "inside");
        fet_image_deinit(&a);
    }
}

/* Where the pixel (x,y) of a w x h picture goes; told apart from geometry.c by walking forward. */
static void turn_point(enum fet_turn turn, int w, int h, int *x, int *y)
{
    int px = *x;
    int py = *y;
    if (turn >= FET_TURN_FLIP) px = w - 1 - px;
    for (int i = 0; i < (int)turn % 4; i++) { /* a quarter clockwise: (x,y) -> (h-1-y, x) */
        const int old_x = px;
        const int old_w = w;
        px = h - 1 - py;
        py = old_x;
        w = h;
        h = old_w;
    }
    *x = px;
    *y = py;
}

static void every_turn_moves_every_pixel_to_its_place(void **state)
{
    (void)state;
    for (int turn = FET_TURN_0; turn <= FET_TURN_FLIP_270; turn++) {
        for (int kind = 0; kind < 8; kind++) {
            struct fet_image a = {0};
            struct fet_image b = {0};
            picture_make(7, 5, kind / 2 + 1, kind % 2 ? 16 : 8, &a);
            assert_ok(fet_image_turn(&a, (enum fet_turn)turn, &b));
            assert_int_equal(b.width, turn % 2 ? 5 : 7);
            for (int y = 0; y < 5; y++) {
                for (int x = 0; x < 7; x++) {
                    int tx = x;
                    int ty = y;
                    turn_point((enum fet_turn)turn, 7, 5, &tx, &ty);
                    for (int c = 0; c < a.channels; c++)
                        assert_int_equal(picture_get(&b, tx, ty, c), picture_get(&a, x, y, c));
                }
            }
            fet_image_deinit(&a);
            fet_image_deinit(&b);
        }
    }
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(2, 2, 1, 8, &a);
    assert_fails(fet_image_turn(&a, (enum fet_turn)8, &b), FET_ARGUMENT, "8");
    fet_image_deinit(&a);
}

/* ---- warp ---- */

static void the_identity_warp_changes_nothing(void **state)
{
    (void)state;
    static const double identity[6] = {1, 0, 0, 0, 1, 0};
    for (int border = FET_BORDER_CONSTANT; border <= FET_BORDER_REFLECT; border++) {
        for (int kind = 0; kind < 8; kind++) {
            struct fet_image a = {0};
            struct fet_image b = {0};
            picture_make(9, 6, kind / 2 + 1, kind % 2 ? 16 : 8, &a);
            assert_ok(fet_image_warp(&a, identity, 9, 6, (enum fet_border)border, &b));
            assert_int_equal(picture_distance(&a, &b), 0);
            fet_image_deinit(&a);
            fet_image_deinit(&b);
        }
    }
}

static void a_warp_by_whole_pixels_shows_the_border(void **state)
{
    (void)state;
    static const double shift[6] = {1, 0, -3, 0, 1, 0};
    static const int wanted[3][3] = {{-1, -1, -1}, {0, 0, 0}, {2, 1, 0}}; /* source columns */
    for (int border = FET_BORDER_CONSTANT; border <= FET_BORDER_REFLECT; border++) {
        struct fet_image a = {0};
        struct fet_image b = {0};
        picture_make(5, 4, 1, 16, &a);
        assert_ok(fet_image_warp(&a, shift, 5, 4, (enum fet_border)border, &b));
        for (int x = 0; x < 5; x++) {
            const int from = x < 3 ? wanted[border][x] : x - 3;
            assert_int_equal(picture_get(&b, x, 1, 0), from < 0 ? 0 : picture_get(&a, from, 1, 0));
        }
        fet_image_deinit(&a);
        fet_image_deinit(&b);
    }
}

static void a_quarter_turn_by_warp_is_the_turn(void **state)
{
    (void)state;
    /* Target (x,y) shows source (y, 5 - x): 90 degrees clockwise of a picture 6 high. */
    static const double quarter[6] = {0, 1, 0, -1, 0, 6};
    struct fet_image a = {0};
    struct fet_image b = {0};
    struct fet_image c = {0};
    picture_make(8, 6, 3, 8, &a);
    assert_ok(fet_image_warp(&a, quarter, 6, 8, FET_BORDER_CONSTANT, &b));
    assert_ok(fet_image_turn(&a, FET_TURN_90, &c));
    assert_int_equal(picture_distance(&b, &c), 0);
    fet_image_deinit(&a);
    fet_image_deinit(&b);
    fet_image_deinit(&c);
}

static void half_a_pixel_blends_neighbours(void **state)
{
    (void)state;
    static const double half[6] = {1, 0, 0.5, 0, 1, 0.5};
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(6, 6, 3, 8, &a);
    assert_ok(fet_image_warp(&a, half, 5, 5, FET_BORDER_CONSTANT, &b));
    for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 5; x++) {
            const double mean = (picture_get(&a, x, y, 1) + picture_get(&a, x + 1, y, 1) +
                                 picture_get(&a, x, y + 1, 1) + picture_get(&a, x + 1, y + 1, 1)) /
                                4.0;
            assert_close(picture_get(&b, x, y, 1), mean, 0, 0.51);
        }
    }
    fet_image_deinit(&a);
    fet_image_deinit(&b);
}

static void wild_warps_stay_inside_the_memory(void **state)
{
    (void)state;
    static const double wild[][6] = {{1e300, 0, 0, 0, 1e300, 0},
                                     {1e300, -1e300, 1e300, -1e300, 1e300, 1},
                                     {0, 0, -1e18, 0, 0, 1e18},
                                     {1e-300, 0, 0, 0, 1e-300, 0},
                                     {0, 0, INT32_MAX, 0, 0, INT32_MIN}};
    struct fet_image a = {0};
    struct fet_image b = {0};
    picture_make(3, 3, 3, 8, &a);
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        for (int border = FET_BORDER_CONSTANT; border <= FET_BORDER_REFLECT; border++) {
            assert_ok(fet_image_warp(&a, wild[i], 4, 4, (enum fet_border)border, &b));
            fet_image_deinit(&b);
        }
    }
    const double nothing[6] = {1, 0, (double)NAN, 0, 1, 0};
    assert_fails(fet_image_warp(&a, nothing, 4, 4, FET_BORDER_REFLECT, &b), FET_ARGUMENT,
                 "number 2");
    assert_fails(fet_image_warp(&a, wild[0], 4, 4, (enum fet_border)3, &b), FET_ARGUMENT,
                 "borders");
    assert_fails(fet_image_warp(&a, wild[0], 0, 4, FET_BORDER_REFLECT, &b), FET_ARGUMENT, "0 x 4");
    fet_image_deinit(&a);
}

/* ---- failing allocations ---- */

static fet_status geometry_once(const struct fet_image *a)
{
    struct fet_image b = {0};
    static const double m[6] = {1, 0, 0, 0, 1, 0};
    fet_status st = fet_image_crop(a, 0, 0, 2, 2, &b);
    fet_image_deinit(&b);
    if (st == FET_OK) st = fet_image_turn(a, FET_TURN_90, &b);
    fet_image_deinit(&b);
    if (st == FET_OK) st = fet_image_warp(a, m, 3, 3, FET_BORDER_REFLECT, &b);
    fet_image_deinit(&b);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_image a = {0};
    picture_make(4, 4, 1, 8, &a);
    check_fault_sweep(FET_FAULT_ALLOC, geometry_once(&a));
    fet_image_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crop_is_a_window),
        cmocka_unit_test(every_turn_moves_every_pixel_to_its_place),
        cmocka_unit_test(the_identity_warp_changes_nothing),
        cmocka_unit_test(a_warp_by_whole_pixels_shows_the_border),
        cmocka_unit_test(a_quarter_turn_by_warp_is_the_turn),
        cmocka_unit_test(half_a_pixel_blends_neighbours),
        cmocka_unit_test(wild_warps_stay_inside_the_memory),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
