#include "check.h"

#include "inspect_map.h"

static void smoothing_keeps_a_flat_map_and_the_sum(void **state)
{
    (void)state;
    enum { W = 15, H = 13 };
    float map[W * H], scratch[W * H];
    for (int i = 0; i < W * H; i++) map[i] = 2;
    fet_map_smooth(map, W, H, 1, scratch);
    for (int i = 0; i < W * H; i++) assert_close(map[i], 2, 1e-6, 0);
    for (int i = 0; i < W * H; i++) map[i] = 0;
    map[6 * W + 7] = 1;
    fet_map_smooth(map, W, H, 1, scratch);
    double sum = 0;
    for (int i = 0; i < W * H; i++) sum += (double)map[i];
    assert_close(sum, 1, 1e-6, 0);
    assert_close(map[6 * W + 6], map[6 * W + 8], 1e-6, 0);
    assert_close(map[5 * W + 7], map[6 * W + 6], 1e-6, 0);
}

static void smoothing_reaches_as_far_as_it_is_told(void **state)
{
    (void)state;
    float map[9 * 9] = {0}, wide[9 * 9] = {0}, scratch[9 * 9];
    map[40] = wide[40] = 1;
    fet_map_smooth(map, 9, 9, 0, scratch);
    assert_close(map[40], 1, 0, 0);
    fet_map_smooth(map, 9, 9, 0.5, scratch);
    fet_map_smooth(wide, 9, 9, 1, scratch);
    assert_close(map[40], pow(1 / (1 + 2 * exp(-2) + 2 * exp(-8) + 2 * exp(-18)), 2), 1e-6, 0);
    assert_true(map[40] > wide[40] && map[38] < wide[38]);
}

static void the_score_is_the_highest_cell(void **state)
{
    (void)state;
    const float map[4] = {-3, -1, -9, -2};
    assert_close(fet_map_score(map, 4), -1, 0, 0);
    assert_close(fet_map_score(map, 1), -3, 0, 0);
}

static void regions_come_in_pixels_the_worst_first(void **state)
{
    (void)state;
    /* 4 x 3 cells of a picture 39 x 30: cells of 10 x 10, the last column 9 wide. */
    const float map[12] = {5, 0, 0, 0, /**/ 0, 4, 0, 9, /**/ 0, 0, 0, 0};
    const struct fet_map_frame frame = {
        .w = 4, .h = 3, .cell_w = 10, .cell_h = 10, .picture_w = 39, .picture_h = 30};
    struct fet_arena arena = {0};
    struct fet_region *r = NULL;
    int n = 0;
    assert_ok(fet_map_regions(map, &frame, 1, &arena, &r, &n));
    assert_int_equal(n, 2); /* diagonal neighbours are one region */
    assert_close(r[0].score, 9, 0, 0);
    assert_int_equal(r[0].x, 30);
    assert_int_equal(r[0].y, 10);
    assert_int_equal(r[0].w, 9);
    assert_int_equal(r[0].h, 10);
    assert_close(r[1].score, 5, 0, 0);
    assert_int_equal(r[1].w, 20);
    assert_int_equal(r[1].h, 20);
    assert_ok(fet_map_regions(map, &frame, 100, &arena, &r, &n));
    assert_int_equal(n, 0);
    fet_arena_deinit(&arena);
}

static fet_status find_regions(const float *map)
{
    const struct fet_map_frame frame = {
        .w = 2, .h = 2, .cell_w = 1, .cell_h = 1, .picture_w = 2, .picture_h = 2};
    struct fet_arena arena = {0};
    struct fet_region *r = NULL;
    int n = 0;
    const fet_status st = fet_map_regions(map, &frame, 0, &arena, &r, &n);
    fet_arena_deinit(&arena);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const float map[4] = {1, 0, 0, 1};
    check_fault_sweep(FET_FAULT_ALLOC, find_regions(map));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smoothing_keeps_a_flat_map_and_the_sum),
        cmocka_unit_test(smoothing_reaches_as_far_as_it_is_told),
        cmocka_unit_test(the_score_is_the_highest_cell),
        cmocka_unit_test(regions_come_in_pixels_the_worst_first),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
