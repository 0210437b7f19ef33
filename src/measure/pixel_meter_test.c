#include "check.h"

#include "golden.h"
#include "measure.h"

/* References: scipy.ndimage.label, scikit-learn, and AU-PRO threshold by threshold. The maps hold
 * whole numbers 0..255, so every distinct score has its own bin and the figures must be equal. */
static void agrees_with_scipy_and_the_definition(void **state)
{
    (void)state;
    json_t *golden = golden_load("pixels.json");
    const json_t *pictures = json_object_get(golden, "pictures");
    struct fet_pixel_meter *meter = NULL;
    assert_ok(fet_pixel_meter_new(0, 256, &meter));
    for (size_t i = 0; i < json_array_size(pictures); i++) {
        const json_t *picture = json_array_get(pictures, i);
        const int w = golden_int(picture, "w"), h = golden_int(picture, "h");
        int64_t n = 0;
        double *scores = golden_reals(picture, "map", &n);
        uint8_t *mask = golden_bytes(picture, "mask", &n);
        int32_t *wanted = golden_ints(picture, "labels", &n);
        float *map = fet_alloc(n, sizeof *map);
        int32_t *labels = fet_alloc(n, sizeof *labels), n_regions = -1;
        assert_true(map != NULL && labels != NULL && n == (int64_t)w * h);
        for (int64_t j = 0; j < n; j++) map[j] = (float)scores[j];
        assert_ok(fet_connected_regions(mask, w, h, labels, &n_regions));
        assert_int_equal(n_regions, golden_int(picture, "n_regions"));
        assert_memory_equal(labels, wanted, (size_t)n * sizeof *labels);
        /* A picture without a defect may come with an empty mask or without one. */
        assert_ok(fet_pixel_meter_add(meter, map, n_regions == 0 ? NULL : mask, w, h));
        fet_free(scores);
        fet_free(mask);
        fet_free(wanted);
        fet_free(map);
        fet_free(labels);
    }
    double auroc = 0, au_pro = 0;
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_close(auroc, golden_real(golden, "auroc"), 1e-12, 0);
    assert_close(au_pro, golden_real(golden, "au_pro"), 1e-12, 0);
    fet_pixel_meter_free(meter);
    json_decref(golden);
}

static void diagonal_neighbours_are_one_region(void **state)
{
    (void)state;
    const uint8_t mask[] = {
        1, 0, 0, 9, 0, /**/
        0, 1, 0, 0, 1, /**/
        0, 0, 0, 1, 0, /**/
        1, 0, 1, 0, 0, /**/
    };
    const int32_t wanted[] = {
        1, 0, 0, 2, 0, /**/
        0, 1, 0, 0, 2, /**/
        0, 0, 0, 2, 0, /**/
        3, 0, 2, 0, 0, /**/
    };
    int32_t labels[20], n = 0;
    assert_ok(fet_connected_regions(mask, 5, 4, labels, &n));
    assert_int_equal(n, 3);
    assert_memory_equal(labels, wanted, sizeof wanted);
}

/* Property: two pixels have one label if and only if a flood fill joins them. */
static void regions_are_what_a_flood_fill_finds(void **state)
{
    (void)state;
    enum { W = 23, H = 19, N = W * H };
    struct fet_rng rng;
    fet_rng_init(&rng, 11, 0);
    for (int i_draw = 0; i_draw < 40; i_draw++) {
        uint8_t mask[N], seen[N] = {0};
        int32_t labels[N], n = 0, n_filled = 0;
        for (int i = 0; i < N; i++) mask[i] = fet_rng_chance(&rng, 0.1 + 0.02 * i_draw) != 0;
        assert_ok(fet_connected_regions(mask, W, H, labels, &n));
        for (int start = 0; start < N; start++) {
            if (mask[start] == 0) assert_int_equal(labels[start], 0);
            if (mask[start] == 0 || seen[start]) continue;
            int stack[N], n_stack = 0;
            assert_int_equal(labels[start], ++n_filled); /* numbered in reading order */
            stack[n_stack++] = start;
            seen[start] = 1;
            while (n_stack > 0) {
                const int at = stack[--n_stack];
                assert_int_equal(labels[at], n_filled);
                for (int d = 0; d < 9; d++) {
                    const int x = at % W + d % 3 - 1, y = at / W + d / 3 - 1;
                    if (x < 0 || x >= W || y < 0 || y >= H) continue;
                    if (mask[y * W + x] == 0 || seen[y * W + x]) continue;
                    seen[y * W + x] = 1;
                    stack[n_stack++] = y * W + x;
                }
            }
        }
        assert_int_equal(n, n_filled);
    }
}

static void no_pixel_is_no_region(void **state)
{
    (void)state;
    int32_t n = -1;
    assert_ok(fet_connected_regions(NULL, 0, 5, NULL, &n));
    assert_int_equal(n, 0);
    assert_fails(fet_connected_regions(NULL, -1, 5, NULL, &n), FET_ARGUMENT, "-1 x 5");
    assert_fails(fet_connected_regions(NULL, 1 << 20, 1 << 20, NULL, &n), FET_ARGUMENT, "1048576");
}

static void a_perfect_map_scores_one(void **state)
{
    (void)state;
    const float map[] = {0, 0, 9, 0, 7, 0}, wrong[] = {5, 5, 0, 5, 0, 5};
    const uint8_t mask[] = {0, 0, 1, 0, 1, 0};
    struct fet_pixel_meter *meter = NULL;
    double auroc = 0, au_pro = 0;
    assert_ok(fet_pixel_meter_new(-1, 10, &meter));
    assert_ok(fet_pixel_meter_add(meter, map, mask, 6, 1));
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_close(auroc, 1, 1e-15, 0);
    assert_close(au_pro, 1, 1e-15, 0);
    fet_pixel_meter_free(meter);
    assert_ok(fet_pixel_meter_new(0, 10, &meter));
    assert_ok(fet_pixel_meter_add(meter, wrong, mask, 3, 2));
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_true(auroc == 0 && au_pro == 0);
    fet_pixel_meter_free(meter);
    fet_pixel_meter_free(NULL);
}

static void has_no_meaning_without_good_or_without_defect(void **state)
{
    (void)state;
    const float map[] = {1, 2};
    const uint8_t all[] = {1, 1};
    struct fet_pixel_meter *meter = NULL;
    double auroc = 0, au_pro = 0;
    assert_ok(fet_pixel_meter_new(0, 1, &meter));
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_true(isnan(auroc) && isnan(au_pro));
    assert_ok(fet_pixel_meter_add(meter, map, NULL, 2, 1));
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_true(isnan(auroc) && isnan(au_pro));
    fet_pixel_meter_free(meter);
    assert_ok(fet_pixel_meter_new(0, 1, &meter));
    assert_ok(fet_pixel_meter_add(meter, map, all, 2, 1));
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_true(isnan(auroc) && isnan(au_pro));
    fet_pixel_meter_free(meter);
}

static void scores_outside_the_range_count_at_its_ends(void **state)
{
    (void)state;
    const float map[] = {-INFINITY, -5, 0.5F, 1e30F, INFINITY};
    const uint8_t mask[] = {0, 0, 0, 1, 1};
    struct fet_pixel_meter *meter = NULL;
    double auroc = 0, au_pro = 0;
    assert_ok(fet_pixel_meter_new(0, 1, &meter));
    assert_ok(fet_pixel_meter_add(meter, map, mask, 5, 1));
    assert_ok(fet_pixel_meter_get(meter, &auroc, &au_pro));
    assert_close(auroc, 1, 1e-15, 0);
    fet_pixel_meter_free(meter);
}

static void refuses_what_is_not_a_map(void **state)
{
    (void)state;
    const float map[] = {1, NAN};
    struct fet_pixel_meter *meter = NULL;
    assert_fails(fet_pixel_meter_new(1, 1, &meter), FET_ARGUMENT, "range");
    assert_fails(fet_pixel_meter_new(0, (double)INFINITY, &meter), FET_ARGUMENT, "range");
    assert_null(meter);
    assert_ok(fet_pixel_meter_new(0, 1, &meter));
    assert_fails(fet_pixel_meter_add(meter, map, NULL, 2, 1), FET_ARGUMENT, "1, 0");
    assert_fails(fet_pixel_meter_add(meter, map, NULL, 0, 1), FET_ARGUMENT, "0 x 1");
    fet_pixel_meter_free(meter);
}

static fet_status meter_two(void)
{
    const float map[] = {1, 2, 3, 4};
    const uint8_t mask[] = {0, 1, 0, 1};
    struct fet_pixel_meter *meter = NULL;
    FET_TRY(fet_pixel_meter_new(0, 5, &meter));
    fet_status st = fet_pixel_meter_add(meter, map, mask, 2, 1);
    if (st == FET_OK) st = fet_pixel_meter_add(meter, map, mask, 4, 1);
    fet_pixel_meter_free(meter);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, meter_two());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scipy_and_the_definition),
        cmocka_unit_test(diagonal_neighbours_are_one_region),
        cmocka_unit_test(regions_are_what_a_flood_fill_finds),
        cmocka_unit_test(no_pixel_is_no_region),
        cmocka_unit_test(a_perfect_map_scores_one),
        cmocka_unit_test(has_no_meaning_without_good_or_without_defect),
        cmocka_unit_test(scores_outside_the_range_count_at_its_ends),
        cmocka_unit_test(refuses_what_is_not_a_map),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
