#include "check.h"

#include "forge.h"

#include <stdlib.h>

/* A grey plate with a lighter square and some grain. */
static void plate_make(int w, int h, struct fet_image *picture)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 5, 1);
    assert_ok(fet_image_new(w, h, 3, 8, picture));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const bool is_in = x > w / 4 && x < w * 3 / 4 && y > h / 4 && y < h * 3 / 4;
            const double level = (is_in ? 170 : 80) + 5 * fet_rng_normal(&rng);
            for (int c = 0; c < 3; c++)
                fet_image_row8(picture, y)[3 * x + c] = (uint8_t)fmin(fmax(level, 0), 255);
        }
}

/* The mask marks what has changed visibly, all of it and nothing else. The plate's contrast is 38
 * levels, so that a change is seen from 5.8 levels on and plain from 11.7 on. */
static void masks_tell_what_has_changed(void **state)
{
    (void)state;
    int n_marked = 0, n_defects = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct fet_image before = {0}, picture = {0}, mask = {0};
        struct fet_rng rng;
        bool is_marked = false;
        fet_rng_init(&rng, seed, 1);
        plate_make(64, 48, &before);
        plate_make(64, 48, &picture);
        assert_ok(fet_image_new(64, 48, 1, 8, &mask));
        assert_ok(fet_forge_defect(&picture, &mask, NULL, &rng));
        for (int i = 0; i < 64 * 48; i++) {
            const uint8_t *const a = (const uint8_t *)before.pixels + 3 * i;
            const uint8_t *const b = (const uint8_t *)picture.pixels + 3 * i;
            int most = 0;
            for (int c = 0; c < 3; c++) most = abs(a[c] - b[c]) > most ? abs(a[c] - b[c]) : most;
            const uint8_t mark = ((const uint8_t *)mask.pixels)[i];
            assert_int_equal(mark > 0, most >= 6);
            assert_int_equal(mark >= FET_FORGE_PLAIN, most >= 9);
            assert_int_equal(mark == 255, most >= 12);
            is_marked |= mark > 0;
            n_marked += mark > 0;
        }
        n_defects += is_marked;
        fet_image_deinit(&before);
        fet_image_deinit(&picture);
        fet_image_deinit(&mask);
    }
    /* Some fall where they do not show; none covers everything. */
    assert_in_range(n_defects, 140, 200);
    assert_in_range(n_marked / 200, 20, 64 * 48 / 4);
}

static void the_same_chance_makes_the_same_defect(void **state)
{
    (void)state;
    struct fet_image picture[2] = {{0}}, mask[2] = {{0}}, donor = {0};
    plate_make(40, 90, &donor);
    for (int i = 0; i < 2; i++) {
        struct fet_rng rng;
        fet_rng_init(&rng, 9, 9);
        plate_make(50, 50, &picture[i]);
        assert_ok(fet_image_new(50, 50, 1, 8, &mask[i]));
        for (int k = 0; k < 20; k++)
            assert_ok(fet_forge_defect(&picture[i], &mask[i], &donor, &rng));
    }
    assert_memory_equal(picture[0].pixels, picture[1].pixels, fet_image_bytes(&picture[0]));
    assert_memory_equal(mask[0].pixels, mask[1].pixels, fet_image_bytes(&mask[0]));
    for (int i = 0; i < 2; i++) {
        fet_image_deinit(&picture[i]);
        fet_image_deinit(&mask[i]);
    }
    fet_image_deinit(&donor);
}

static void the_smallest_and_the_longest_pictures_do(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 200}, {200, 1}, {3, 2}};
    for (int s = 0; s < 4; s++)
        for (uint64_t seed = 0; seed < 60; seed++) {
            struct fet_image picture = {0}, mask = {0};
            struct fet_rng rng;
            fet_rng_init(&rng, seed, 2);
            plate_make(sizes[s][0], sizes[s][1], &picture);
            assert_ok(fet_image_new(sizes[s][0], sizes[s][1], 1, 8, &mask));
            assert_ok(fet_forge_defect(&picture, &mask, NULL, &rng));
            fet_image_deinit(&picture);
            fet_image_deinit(&mask);
        }
}

static fet_status forge_once(void)
{
    struct fet_image picture = {0}, mask = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 1);
    fet_status st = fet_image_new(20, 20, 3, 8, &picture);
    if (st == FET_OK) st = fet_image_new(20, 20, 1, 8, &mask);
    if (st == FET_OK) st = fet_forge_defect(&picture, &mask, NULL, &rng);
    fet_image_deinit(&picture);
    fet_image_deinit(&mask);
    return st;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, forge_once());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_tell_what_has_changed),
        cmocka_unit_test(the_same_chance_makes_the_same_defect),
        cmocka_unit_test(the_smallest_and_the_longest_pictures_do),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
