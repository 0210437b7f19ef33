#include "check.h"

#include "draw.h"

struct room {
    struct fet_arena arena;
    struct fet_scene scene;
    float *map;
};

/* The scene keeps a pointer to the arena: a room must not move once it is open. */
static void room_open(struct room *r, int size)
{
    *r = (struct room){0};
    assert_ok(fet_scene_init(&r->scene, &r->arena, size, (float)size / 288.0f));
    assert_ok(fet_scene_map_new(&r->scene, &r->map));
}

static void room_close(struct room *r)
{
    fet_arena_deinit(&r->arena);
}

static void moments(const struct room *r, double *mean, double *deviation)
{
    const int64_t n = (int64_t)r->scene.size * r->scene.size;
    double sum = 0.0, square = 0.0;
    for (int64_t i = 0; i < n; i++) {
        sum += (double)r->map[i];
        square += (double)r->map[i] * (double)r->map[i];
    }
    *mean = sum / (double)n;
    *deviation = sqrt(square / (double)n - *mean * *mean);
}

static void fast_functions_stay_within_their_stated_errors(void **state)
{
    (void)state;
    for (int i = -4000; i <= 4000; i++) {
        const float x = (float)i * 0.01f;
        assert_close(fet_fast_sin(x), sin((double)x), 0.0, 2e-5);
        assert_close(fet_fast_cos(x), cos((double)x), 0.0, 2e-5);
        assert_close(fet_fast_exp2(x), exp2((double)x), 1e-6, 0.0);
        const float y = (float)(i + 4001) * 0.003f;
        assert_close(fet_fast_log2(y), log2((double)y), 0.0, 1e-4);
        assert_close(fet_fast_pow(y, 0.42f), pow((double)y, 0.42), 1e-4, 0.0);
        const double angle = atan2((double)x, (double)y) / (2.0 * acos(-1.0));
        assert_close(fet_fast_angle(x, y), angle, 0.0, 4e-6);
        assert_close(fet_fast_floor(x), floor((double)x), 0.0, 0.0);
    }
    assert_true(fet_fast_angle(0.0f, 0.0f) == 0.0f);
    assert_true(fet_fast_pow(0.0f, 0.5f) == 0.0f);
}

static void noise_has_mean_zero_and_deviation_one(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, 288);
    const float turns[2] = {0.0f, 0.1f};
    for (int k = 0; k < 2; k++) {
        for (int octaves = 1; octaves <= 5; octaves += 2) {
            struct fet_rng rng;
            fet_rng_init(&rng, 7, (uint64_t)k);
            const struct fet_noise noise = {
                .scale_x = 8.0f, .octaves = octaves, .gain = 0.6f, .turns = turns[k]};
            assert_ok(fet_field_noise(&r.scene, &rng, &noise, r.map));
            double mean, deviation;
            moments(&r, &mean, &deviation);
            /* about 1,300 independent cells: three standard errors are 0.09 */
            assert_close(mean, 0.0, 0.0, 0.12);
            assert_close(deviation, 1.0, 0.0, 0.12);
        }
    }
    room_close(&r);
}

static void noise_is_the_same_at_every_size(void **state)
{
    (void)state;
    struct room small, large;
    room_open(&small, 144);
    room_open(&large, 576);
    const struct fet_noise noise = {.scale_x = 30.0f, .octaves = 2};
    struct fet_rng a, b;
    fet_rng_init(&a, 3, 3);
    b = a;
    assert_ok(fet_field_noise(&small.scene, &a, &noise, small.map));
    assert_ok(fet_field_noise(&large.scene, &b, &noise, large.map));
    for (int y = 0; y < 144; y++) {
        for (int x = 0; x < 144; x++) {
            const float *const four = large.map + (size_t)(4 * y + 1) * 576 + 4 * x + 1;
            const float mean = 0.25f * (four[0] + four[1] + four[576] + four[577]);
            assert_close(small.map[y * 144 + x], mean, 0.0, 0.03);
        }
    }
    assert_true(fet_rng_u64(&a) == fet_rng_u64(&b));
    room_close(&small);
    room_close(&large);
}

static void other_fields_are_what_they_say(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, 288);
    struct fet_rng rng;
    fet_rng_init(&rng, 9, 1);
    double mean, deviation;
    fet_field_grain(&r.scene, &rng, r.map);
    moments(&r, &mean, &deviation);
    assert_close(mean, 0.0, 0.0, 0.02);
    assert_close(deviation, 1.0, 0.0, 0.02);
    assert_ok(fet_scene_add_brush(&r.scene));
    assert_ok(fet_field_turned(&r.scene, &rng, &r.scene.at, 1.5f, r.map));
    moments(&r, &mean, &deviation);
    assert_close(deviation, 1.0, 0.0, 0.25);
    /* grooves run along the rings */
    const size_t i = (size_t)100 * 288 + 200;
    const float x = fet_draw_unit(&r.scene, 200.0f), y = fet_draw_unit(&r.scene, 100.0f);
    assert_close(r.scene.brush[0][i] * x + r.scene.brush[1][i] * y, 0.0, 0.0, 1e-3);
    float *second;
    assert_ok(fet_scene_map_new(&r.scene, &second));
    const struct fet_cells cells = {.near = r.map, .second = second};
    assert_ok(fet_field_cells(&r.scene, &rng, 10.0f, NULL, &cells));
    for (int k = 0; k < 288 * 288; k++) {
        assert_true(r.map[k] >= 0.0f && r.map[k] < 1.5f);
        assert_true(second[k] >= r.map[k]);
    }
    room_close(&r);
}

static void blur_keeps_the_mean_and_has_the_wanted_width(void **state)
{
    (void)state;
    const float sigmas[4] = {0.5f, 1.7f, 4.0f, 11.0f};
    for (int k = 0; k < 4; k++) {
        struct room r;
        room_open(&r, 288);
        fet_field_fill(&r.scene, r.map, 0.0f);
        r.map[144 * 288 + 144] = 1.0f;
        assert_ok(fet_field_blur(&r.scene, r.map, sigmas[k]));
        double sum = 0.0, spread = 0.0;
        for (int y = 0; y < 288; y++) {
            for (int x = 0; x < 288; x++) {
                sum += (double)r.map[y * 288 + x];
                spread += (double)r.map[y * 288 + x] * (x - 144) * (x - 144);
            }
        }
        assert_close(sum, 1.0, 0.0, 1e-3);
        /* boxes have whole widths: a tenth of the deviation is the price */
        assert_close(sqrt(spread), (double)sigmas[k], 0.1, 0.0);
        room_close(&r);
    }
}

static void distances_are_exact_for_simple_shapes(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, 288);
    const struct fet_pose at = fet_pose_make(10.0f, -20.0f, 0.125f, 1.0f);
    fet_sdf_clear(&r.scene, r.map);
    fet_sdf_box(&r.scene, &at, 30.0f, 10.0f, 2.0f, FET_SDF_JOIN, r.map);
    fet_sdf_circle(&r.scene, &at, 5.0f, FET_SDF_CUT, r.map);
    for (int y = 0; y < 288; y += 7) {
        for (int x = 0; x < 288; x += 7) {
            float u, v;
            fet_pose_local(&at, fet_draw_unit(&r.scene, (float)x),
                           fet_draw_unit(&r.scene, (float)y), &u, &v);
            const double qx = fabs((double)u) - 28.0, qy = fabs((double)v) - 8.0;
            const double box = hypot(fmax(qx, 0.0), fmax(qy, 0.0)) + fmin(fmax(qx, qy), 0.0) - 2.0;
            const double want = fmax(box, 5.0 - hypot((double)u, (double)v));
            if (want < (double)FET_SDF_FAR - 1.0) assert_close(r.map[y * 288 + x], want, 0.0, 1e-3);
        }
    }
    room_close(&r);
}

static void a_stroke_has_round_ends_and_meet_keeps_what_both_hold(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, 288);
    const struct fet_pose *const at = &r.scene.at;
    const float a[2] = {-40.0f, 0.0f}, b[2] = {40.0f, 0.0f};
    fet_sdf_clear(&r.scene, r.map);
    fet_sdf_stroke(&r.scene, at, a, b, 6.0f, 6.0f, FET_SDF_JOIN, r.map);
    assert_close(r.map[144 * 288 + 144], -5.5, 0.0, 0.6);
    assert_close(r.map[144 * 288 + 194], 4.5, 0.0, 0.6); /* 50.5 units to the right */
    assert_true(r.map[0] > 0.0f);
    fet_sdf_circle(&r.scene, at, 20.0f, FET_SDF_MEET, r.map);
    assert_true(r.map[144 * 288 + 174] > 0.0f); /* on the stroke, outside the circle */
    assert_true(r.map[144 * 288 + 144] < 0.0f);
    room_close(&r);
}

static void letters_are_strokes_on_their_grid(void **state)
{
    (void)state;
    static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./+";
    for (const char *c = known; *c != '\0'; c++) {
        const char *const path = fet_letter_path(*c);
        assert_true(strlen(path) >= 4);
        for (size_t i = 0; path[i] != '\0'; i++)
            assert_true(path[i] == ' ' || (path[i] >= '0' && path[i] <= '6'));
    }
    assert_string_equal(fet_letter_path('?'), "");
}

static void paint_covers_and_lifts(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, 288);
    fet_field_fill(&r.scene, r.scene.height, 3.0f);
    fet_sdf_clear(&r.scene, r.map);
    fet_sdf_circle(&r.scene, &r.scene.at, 50.0f, FET_SDF_JOIN, r.map);
    const struct fet_material brass = {.albedo = {0.8f, 0.6f, 0.3f}, .rough = 0.25f, .metal = 1.0f};
    fet_paint_shape(&r.scene, r.map, 1.0f, &brass);
    fet_paint_lift(&r.scene, r.map, 8.0f, 4.0f);
    fet_paint_part(&r.scene, r.map);
    const size_t middle = 144 * 288 + 144;
    assert_close(r.scene.albedo[1][middle], 0.6, 1e-6, 0.0);
    assert_close(r.scene.metal[middle], 1.0, 1e-6, 0.0);
    assert_close(r.scene.height[middle], 11.0, 1e-6, 0.0);
    assert_close(r.scene.part[middle], 1.0, 1e-6, 0.0);
    assert_close(r.scene.height[5], 3.0, 1e-6, 0.0);
    assert_close(r.scene.part[5], 0.0, 0.0, 1e-6);
    room_close(&r);
}

static void every_stand_is_uneven_and_never_part(void **state)
{
    (void)state;
    for (int k = 0; k < FET_STAND_COUNT; k++) {
        struct room r;
        room_open(&r, 144);
        struct fet_synth_chance chance;
        fet_rng_init(&chance.design, 5, (uint64_t)k);
        fet_rng_init(&chance.part, 6, (uint64_t)k);
        assert_ok(fet_stand_draw(&r.scene, &chance, (enum fet_stand)k));
        float low = 9.0f, high = -9.0f;
        for (int i = 0; i < 144 * 144; i++) {
            low = fet_fast_min(low, r.scene.albedo[1][i]);
            high = fet_fast_max(high, r.scene.albedo[1][i]);
            assert_true(r.scene.part[i] == 0.0f);
        }
        assert_true(high > 1.02f * low && low >= 0.0f && high <= 1.0f);
        room_close(&r);
    }
}

static void maps_that_are_given_back_are_used_again(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, 64);
    float *const first = r.map, *again;
    fet_scene_map_free(&r.scene, r.map);
    assert_ok(fet_scene_map_new(&r.scene, &again));
    assert_ptr_equal(again, first);
    fet_scene_map_free(&r.scene, NULL);
    room_close(&r);
}

static void poses_go_there_and_back(void **state)
{
    (void)state;
    const struct fet_pose at = fet_pose_make(5.0f, 7.0f, 0.3f, 1.5f);
    const struct fet_pose child = fet_pose_child(&at, 10.0f, -4.0f, 0.25f);
    float x, y, u, v;
    fet_pose_scene(&child, 3.0f, 2.0f, &x, &y);
    fet_pose_local(&child, x, y, &u, &v);
    assert_close(u, 3.0, 0.0, 1e-4);
    assert_close(v, 2.0, 0.0, 1e-4);
    /* a quarter turn within the parent */
    fet_pose_local(&at, x, y, &u, &v);
    assert_close(u, 8.0, 0.0, 1e-3);
    assert_close(v, -1.0, 0.0, 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_functions_stay_within_their_stated_errors),
        cmocka_unit_test(noise_has_mean_zero_and_deviation_one),
        cmocka_unit_test(noise_is_the_same_at_every_size),
        cmocka_unit_test(other_fields_are_what_they_say),
        cmocka_unit_test(blur_keeps_the_mean_and_has_the_wanted_width),
        cmocka_unit_test(distances_are_exact_for_simple_shapes),
        cmocka_unit_test(a_stroke_has_round_ends_and_meet_keeps_what_both_hold),
        cmocka_unit_test(letters_are_strokes_on_their_grid),
        cmocka_unit_test(paint_covers_and_lifts),
        cmocka_unit_test(every_stand_is_uneven_and_never_part),
        cmocka_unit_test(maps_that_are_given_back_are_used_again),
        cmocka_unit_test(poses_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
