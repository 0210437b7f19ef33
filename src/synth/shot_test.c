/* Light and camera, on scenes simple enough to know the answer. */
#include "check.h"

#include "camera.h"
#include "draw.h"
#include "light.h"

#define SIZE 144

struct room {
    struct fet_arena arena;
    struct fet_scene scene;
    struct fet_rig rig;
    struct fet_camera camera;
    float *radiance[3];
};

static void room_open(struct room *r)
{
    *r = (struct room){0};
    assert_ok(fet_scene_init(&r->scene, &r->arena, SIZE, 0.5f));
    for (int c = 0; c < 3; c++) {
        assert_ok(fet_scene_map_new(&r->scene, &r->radiance[c]));
        fet_field_fill(&r->scene, r->scene.albedo[c], 1.0f);
    }
    fet_field_fill(&r->scene, r->scene.rough, 1.0f);
    r->camera = (struct fet_camera){.zoom = 1.0f,
                                    .blur_px = 0.1f,
                                    .exposure = 1.0f,
                                    .white = {1.0f, 1.0f, 1.0f},
                                    .saturation = 1.0f};
}

static void room_close(struct room *r)
{
    fet_arena_deinit(&r->arena);
}

/* A box lamp of level 1 at slant towards +x. */
static void lamp_from_right(struct fet_rig *rig, float slant)
{
    struct fet_lamp *const lamp = &rig->lamps[0];
    *lamp = (struct fet_lamp){.middle = {slant, 0.0f},
                              .axis = {1.0f, 0.0f},
                              .half = {0.2f, 0.3f},
                              .to = {slant, 0.0f, sqrtf(1.0f - slant * slant)},
                              .shadow = 1.0f};
    for (int c = 0; c < 3; c++) {
        lamp->diffuse[c] = 1.0f;
        lamp->radiance[c] = 3.14159f / 0.24f;
    }
    rig->n_lamps = 1;
}

static void light_up(struct room *r)
{
    struct fet_shade shade;
    assert_ok(fet_shade_make(&r->scene, &shade));
    assert_ok(fet_light_render(&r->scene, &r->rig, &shade, 0, SIZE, r->radiance));
    fet_shade_free(&r->scene, &shade);
}

static void flat_white_paper_in_full_light_is_one(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    lamp_from_right(&r.rig, 0.5f);
    light_up(&r);
    /* the surface also mirrors 4 % of the blurred lamp */
    assert_close(r.radiance[1][70 * SIZE + 70], 1.0, 0.0, 0.06);
    room_close(&r);
}

static void a_slope_towards_the_lamp_is_brighter(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    lamp_from_right(&r.rig, 0.6f);
    for (int i = 0; i < SIZE * SIZE; i++) {
        const int x = i % SIZE;
        r.scene.height[i] = x < SIZE / 2 ? 0.3f * (float)x : 0.3f * (float)(SIZE - x);
    }
    light_up(&r);
    const float away = r.radiance[0][70 * SIZE + 30], towards = r.radiance[0][70 * SIZE + 110];
    assert_true(towards > 1.3f * away);
    room_close(&r);
}

static void a_block_throws_its_shadow_away_from_the_lamp(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    lamp_from_right(&r.rig, 0.8f);
    float *d;
    assert_ok(fet_scene_map_new(&r.scene, &d));
    fet_sdf_clear(&r.scene, d);
    fet_sdf_box(&r.scene, &r.scene.at, 30.0f, 30.0f, 0.0f, FET_SDF_JOIN, d);
    fet_paint_lift(&r.scene, d, 30.0f, 1.0f);
    light_up(&r);
    const int middle = SIZE / 2;
    const float behind = r.radiance[0][middle * SIZE + middle - 20];
    const float before = r.radiance[0][middle * SIZE + middle + 26];
    assert_true(behind < 0.7f * before);
    assert_true(r.radiance[0][5 * SIZE + 5] > 0.9f);
    room_close(&r);
}

static void smooth_metal_mirrors_the_lamp_rough_metal_spreads_it(void **state)
{
    (void)state;
    const float roughs[2] = {0.15f, 0.7f};
    float seen[2], off[2];
    for (int k = 0; k < 2; k++) {
        struct room r;
        room_open(&r);
        lamp_from_right(&r.rig, 0.5f);
        fet_field_fill(&r.scene, r.scene.metal, 1.0f);
        fet_field_fill(&r.scene, r.scene.rough, roughs[k]);
        light_up(&r);
        off[k] = r.radiance[0][70 * SIZE + 70];
        r.rig.lean[0] = -0.27f; /* the normal half way to the lamp */
        light_up(&r);
        seen[k] = r.radiance[0][70 * SIZE + 70];
        room_close(&r);
    }
    assert_true(seen[0] > 10.0f && seen[0] > 20.0f * off[0]);
    assert_true(seen[1] < 0.5f * seen[0] && off[1] > 2.0f * off[0]);
}

static void grooves_spread_light_across_themselves(void **state)
{
    (void)state;
    float seen[2];
    for (int k = 0; k < 2; k++) {
        struct room r;
        room_open(&r);
        lamp_from_right(&r.rig, 0.5f);
        fet_field_fill(&r.scene, r.scene.metal, 1.0f);
        fet_field_fill(&r.scene, r.scene.rough, 0.2f);
        assert_ok(fet_scene_add_brush(&r.scene));
        fet_field_fill(&r.scene, r.scene.brush[k], 1.0f);
        light_up(&r);
        seen[k] = r.radiance[0][70 * SIZE + 70];
        room_close(&r);
    }
    /* the lamp stands along x: only grooves along y bring it to a flat surface */
    assert_true(seen[1] > 3.0f * seen[0]);
}

static void every_rig_lights_white_paper_well(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct room r;
        room_open(&r);
        struct fet_rng rng;
        fet_rng_init(&rng, seed, 1);
        fet_rig_design(&rng, 1u << seed % 5, &r.rig);
        fet_rig_jitter(&rng, 1.0f, &r.rig);
        light_up(&r);
        for (int i = 0; i < SIZE * SIZE; i++)
            assert_true(r.radiance[1][i] > 0.1f && r.radiance[1][i] < 8.0f);
        room_close(&r);
    }
}

static void a_plain_camera_shows_what_is_there(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < SIZE * SIZE; i++)
            r.radiance[c][i] = (float)(i % SIZE) / (float)SIZE * (c == 1 ? 1.0f : 0.5f);
    struct fet_image picture;
    assert_ok(fet_camera_shoot(&r.scene, &r.camera, r.radiance, 1, 128, &picture));
    for (int x = 4; x < 124; x += 10) {
        const double light = ((double)x + 8.0) / SIZE;
        const double srgb = 1.055 * pow(light, 1.0 / 2.4) - 0.055;
        assert_close(fet_image_row8(&picture, 60)[3 * x + 1], 255.0 * srgb, 0.0, 1.5);
    }
    fet_image_deinit(&picture);
    room_close(&r);
}

static void noise_grows_with_light_as_photons_do(void **state)
{
    (void)state;
    double deviations[2];
    for (int k = 0; k < 2; k++) {
        struct room r;
        room_open(&r);
        r.camera.shot = 0.001f;
        r.camera.read = 0.002f;
        r.camera.is_grey = true;
        for (int c = 0; c < 3; c++) fet_field_fill(&r.scene, r.radiance[c], k == 0 ? 0.05f : 0.6f);
        struct fet_image picture;
        assert_ok(fet_camera_shoot(&r.scene, &r.camera, r.radiance, 5, 128, &picture));
        double sum = 0.0, square = 0.0;
        for (int y = 0; y < 128; y++) {
            for (int x = 0; x < 128; x++) {
                const double v = fet_image_row8(&picture, y)[3 * x] / 255.0;
                const double light = pow((v + 0.055) / 1.055, 2.4);
                sum += light;
                square += light * light;
            }
        }
        const double n = 128.0 * 128.0, mean = sum / n;
        deviations[k] = sqrt(square / n - mean * mean);
        fet_image_deinit(&picture);
        room_close(&r);
    }
    /* sqrt(0.001 * signal + 0.000004), row offsets and rounding to 8 bits on top */
    assert_close(deviations[0], sqrt(0.001 * 0.05 + 4e-6), 0.1, 0.0);
    assert_close(deviations[1], sqrt(0.001 * 0.6 + 4e-6), 0.1, 0.0);
}

static void a_mosaic_softens_colour_more_than_brightness(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    r.camera.is_mosaic = true;
    /* red beside green: equal brightness is not needed, a sharp change of colour is */
    for (int i = 0; i < SIZE * SIZE; i++) {
        const bool is_left = i % SIZE < SIZE / 2;
        r.radiance[0][i] = is_left ? 0.5f : 0.1f;
        r.radiance[1][i] = is_left ? 0.1f : 0.5f;
        r.radiance[2][i] = 0.1f;
    }
    struct fet_image picture;
    assert_ok(fet_camera_shoot(&r.scene, &r.camera, r.radiance, 5, 128, &picture));
    const uint8_t *const row = fet_image_row8(&picture, 64);
    assert_true(row[3 * 40] > row[3 * 40 + 1] + 60);
    assert_true(row[3 * 90 + 1] > row[3 * 90] + 60);
    /* the colour changes within a few pixels, and nothing far from the seam does */
    assert_close(row[3 * 40], row[3 * 56], 0.0, 2.0);
    fet_image_deinit(&picture);
    room_close(&r);
}

static void the_mask_moves_with_the_picture(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    r.camera.turns = 0.02f;
    r.camera.zoom = 1.05f;
    r.camera.shift[0] = 6.0f;
    r.camera.barrel = 0.02f;
    float *d;
    assert_ok(fet_scene_map_new(&r.scene, &d));
    fet_sdf_clear(&r.scene, d);
    const struct fet_pose at = fet_pose_make(40.0f, -30.0f, 0.0f, 1.0f);
    fet_sdf_circle(&r.scene, &at, 20.0f, FET_SDF_JOIN, d);
    for (int i = 0; i < SIZE * SIZE; i++) {
        r.scene.mask[i] = fet_sdf_cover(d[i], 0.5f, 1.0f);
        for (int c = 0; c < 3; c++) r.radiance[c][i] = r.scene.mask[i];
    }
    struct fet_image picture, mask;
    assert_ok(fet_camera_mask(&r.scene, &r.camera, r.scene.mask, 128, &mask));
    assert_ok(fet_camera_shoot(&r.scene, &r.camera, r.radiance, 5, 128, &picture));
    int n_inside = 0;
    for (int y = 0; y < 128; y++) {
        for (int x = 0; x < 128; x++) {
            const bool is_marked = fet_image_row8(&mask, y)[x] == 255;
            const int level = fet_image_row8(&picture, y)[3 * x];
            n_inside += is_marked;
            if (is_marked) assert_true(level > 120);
            if (!is_marked) assert_true(level < 225);
        }
    }
    assert_in_range(n_inside, 300, 400); /* 10 px radius, magnified */
    fet_image_deinit(&picture);
    fet_image_deinit(&mask);
    room_close(&r);
}

static void the_meter_brings_the_bright_parts_to_its_target(void **state)
{
    (void)state;
    struct room r;
    room_open(&r);
    for (int i = 0; i < SIZE * SIZE; i++)
        for (int c = 0; c < 3; c++) r.radiance[c][i] = 7.0f;
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 2);
    const float factor = fet_camera_meter(&r.scene, r.radiance, &rng);
    assert_in_range((int)(1000.0f * 7.0f * factor), 140, 700);
    room_close(&r);
}

static void compression_leaves_its_marks(void **state)
{
    (void)state;
    struct fet_image pictures[2];
    for (int k = 0; k < 2; k++) {
        struct room r;
        room_open(&r);
        r.camera.jpeg_quality = k == 0 ? 0 : 60;
        for (int i = 0; i < SIZE * SIZE; i++)
            for (int c = 0; c < 3; c++)
                r.radiance[c][i] = 0.3f + 0.2f * fet_fast_sin(0.3f * (float)(i % SIZE));
        assert_ok(fet_camera_shoot(&r.scene, &r.camera, r.radiance, 5, 128, &pictures[k]));
        room_close(&r);
    }
    assert_memory_not_equal(pictures[0].pixels, pictures[1].pixels, 3 * 128 * 128);
    fet_image_deinit(&pictures[0]);
    fet_image_deinit(&pictures[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_white_paper_in_full_light_is_one),
        cmocka_unit_test(a_slope_towards_the_lamp_is_brighter),
        cmocka_unit_test(a_block_throws_its_shadow_away_from_the_lamp),
        cmocka_unit_test(smooth_metal_mirrors_the_lamp_rough_metal_spreads_it),
        cmocka_unit_test(grooves_spread_light_across_themselves),
        cmocka_unit_test(every_rig_lights_white_paper_well),
        cmocka_unit_test(a_plain_camera_shows_what_is_there),
        cmocka_unit_test(noise_grows_with_light_as_photons_do),
        cmocka_unit_test(a_mosaic_softens_colour_more_than_brightness),
        cmocka_unit_test(the_mask_moves_with_the_picture),
        cmocka_unit_test(the_meter_brings_the_bright_parts_to_its_target),
        cmocka_unit_test(compression_leaves_its_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
