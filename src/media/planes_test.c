#include "test_pictures.h"

static void planes_give_the_picture_back(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        struct fet_image a = {0};
        struct fet_image b = {0};
        float planes[4 * 5 * 7];
        picture_make(7, 5, channels, 8, &a);
        fet_image_to_planes(&a, planes);
        for (int c = 0; c < channels; c++)
            assert_close(planes[(c * 5 + 2) * 7 + 4], picture_get(&a, 4, 2, c) / 255.0, 1e-6, 0);
        assert_ok(fet_image_from_planes(planes, channels, 5, 7, &b));
        assert_int_equal(picture_distance(&a, &b), 0);
        fet_image_deinit(&a);
        fet_image_deinit(&b);
        picture_make(7, 5, channels, 16, &a);
        fet_image_to_planes(&a, planes);
        for (int c = 0; c < channels; c++)
            assert_close(planes[(c * 5 + 4) * 7 + 6], picture_get(&a, 6, 4, c) / 65535.0, 1e-6, 0);
        fet_image_deinit(&a);
    }
}

static void planes_are_clamped_and_rounded(void **state)
{
    (void)state;
    const float in[8] = {-1.0f, -0.0f, 0.5f / 255.0f, 0.499f / 255.0f, 1.0f, 7.0f, NAN, INFINITY};
    static const uint8_t out[8] = {0, 0, 1, 0, 255, 255, 0, 255};
    struct fet_image a = {0};
    assert_ok(fet_image_from_planes(in, 1, 2, 4, &a));
    assert_memory_equal(a.pixels, out, sizeof out);
    fet_image_deinit(&a);
    assert_fails(fet_image_from_planes(in, 0, 2, 4, &a), FET_ARGUMENT, "0 channels");
}

static fet_status planes_once(const struct fet_image *a)
{
    struct fet_image b = {0};
    float plane[16];
    fet_image_to_planes(a, plane);
    const fet_status st = fet_image_from_planes(plane, 1, 4, 4, &b);
    fet_image_deinit(&b);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_image a = {0};
    picture_make(4, 4, 1, 8, &a);
    check_fault_sweep(FET_FAULT_ALLOC, planes_once(&a));
    fet_image_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_give_the_picture_back),
        cmocka_unit_test(planes_are_clamped_and_rounded),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
