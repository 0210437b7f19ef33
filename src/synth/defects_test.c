/* The generic defects on a plain disc. */
#include "check.h"

#include "defects.h"

#define SIZE 144
#define N_MAPS 7

struct room {
    struct fet_arena arena;
    struct fet_scene scene;
    float *before[N_MAPS];
};

static float *map_of(const struct room *r, int i)
{
    const struct fet_scene *const s = &r->scene;
    float *const maps[N_MAPS] = {s->height, s->albedo[0], s->albedo[1], s->albedo[2],
                                 s->rough,  s->metal,     s->part};
    return maps[i];
}

/* A disc of 90 units radius, or nothing at all, in steel or in plastic. */
static void room_open(struct room *r, bool has_part, float metal)
{
    *r = (struct room){0};
    assert_ok(fet_scene_init(&r->scene, &r->arena, SIZE, 0.5f));
    float *d;
    assert_ok(fet_scene_map_new(&r->scene, &d));
    fet_sdf_clear(&r->scene, d);
    fet_sdf_circle(&r->scene, &r->scene.at, 90.0f, FET_SDF_JOIN, d);
    const struct fet_material m = {.albedo = {0.5f, 0.45f, 0.4f}, .rough = 0.4f, .metal = metal};
    if (has_part) {
        fet_paint_shape(&r->scene, d, 1.0f, &m);
        fet_paint_lift(&r->scene, d, 6.0f, 2.0f);
        fet_paint_part(&r->scene, d);
    }
    for (int i = 0; i < N_MAPS; i++) {
        assert_ok(fet_scene_map_new(&r->scene, &r->before[i]));
        fet_field_copy(&r->scene, map_of(r, i), r->before[i]);
    }
}

static void room_close(struct room *r)
{
    fet_arena_deinit(&r->arena);
}

static bool has_changed(const struct room *r, int i)
{
    for (int k = 0; k < N_MAPS; k++)
        if (fet_fast_abs(map_of(r, k)[i] - r->before[k][i]) > 0.02f) return true;
    return false;
}

static void where_there_is_no_part_nothing_happens(void **state)
{
    (void)state;
    for (int d = 0; fet_synth_defects[d].name != NULL; d++) {
        if (fet_synth_defects[d].apply == NULL) continue;
        struct room r;
        room_open(&r, false, 0.0f);
        struct fet_rng rng;
        fet_rng_init(&rng, 1, (uint64_t)d);
        assert_ok(fet_synth_defects[d].apply(&r.scene, &rng));
        for (int i = 0; i < SIZE * SIZE; i++) {
            assert_true(r.scene.mask[i] == 0.0f);
            assert_false(has_changed(&r, i));
        }
        room_close(&r);
    }
}

static void what_changes_is_marked_and_what_is_marked_changes(void **state)
{
    (void)state;
    for (int d = 0; fet_synth_defects[d].name != NULL; d++) {
        if (fet_synth_defects[d].apply == NULL) continue;
        int n_marked = 0, n_changed_within = 0, n_changed_beside = 0;
        for (uint64_t seed = 0; seed < 12; seed++) {
            struct room r;
            room_open(&r, true, seed % 2 == 0 ? 1.0f : 0.0f);
            struct fet_rng rng;
            fet_rng_init(&rng, seed, (uint64_t)d);
            assert_ok(fet_synth_defects[d].apply(&r.scene, &rng));
            for (int i = 0; i < SIZE * SIZE; i++) {
                const bool is_changed = has_changed(&r, i);
                n_marked += r.scene.mask[i] > 0.5f;
                n_changed_within += is_changed && r.scene.mask[i] > 0.5f;
                n_changed_beside += is_changed && r.scene.mask[i] <= 0.02f;
                assert_true(r.scene.mask[i] >= 0.0f && r.scene.mask[i] <= 1.0f);
                for (int k = 1; k < N_MAPS; k++)
                    assert_true(map_of(&r, k)[i] >= 0.0f && map_of(&r, k)[i] <= 1.0f);
            }
            room_close(&r);
        }
        const char *const name = fet_synth_defects[d].name;
        if (n_marked < 50) fail_msg("%s marks %d pixels in 12 draws", name, n_marked);
        if (2 * n_changed_within < n_marked)
            fail_msg("%s: %d of %d marked pixels changed", name, n_changed_within, n_marked);
        /* raised rims and shading tails may lie beside the mask, not more */
        if (3 * n_changed_beside > n_marked)
            fail_msg("%s: %d changed beside %d marked", name, n_changed_beside, n_marked);
    }
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void sizes_range_from_specks_to_a_quarter_of_the_part(void **state)
{
    (void)state;
    enum { N_DRAWS = 60 };
    int areas[N_DRAWS];
    for (uint64_t seed = 0; seed < N_DRAWS; seed++) {
        struct room r;
        room_open(&r, true, 0.0f);
        struct fet_rng rng;
        fet_rng_init(&rng, seed, 99);
        assert_ok(fet_defect_stain(&r.scene, &rng));
        areas[seed] = 0;
        for (int i = 0; i < SIZE * SIZE; i++) areas[seed] += r.scene.mask[i] > 0.5f;
        room_close(&r);
    }
    qsort(areas, N_DRAWS, sizeof areas[0], by_value);
    const int whole = (int)(3.14 * 45.0 * 45.0);
    assert_true(areas[N_DRAWS / 10] < whole / 50);
    assert_true(areas[N_DRAWS - N_DRAWS / 10] > whole / 10);
    assert_true(areas[N_DRAWS - 1] > whole / 4);
}

static void places_are_where_they_should_be(void **state)
{
    (void)state;
    struct room r;
    room_open(&r, true, 0.0f);
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 1);
    for (int i = 0; i < 50; i++) {
        float x, y, at[2], out[2];
        assert_true(fet_defect_place(&r.scene, &rng, 20.0f, &x, &y));
        assert_true(x * x + y * y < 72.0f * 72.0f);
        assert_true(fet_defect_place_edge(&r.scene, &rng, at, out));
        const float rim = sqrtf(at[0] * at[0] + at[1] * at[1]);
        assert_close(rim, 90.0, 0.0, 2.5);
        /* outwards on a disc is away from its middle */
        assert_true((at[0] * out[0] + at[1] * out[1]) / rim > 0.85f);
    }
    room_close(&r);
    room_open(&r, false, 0.0f);
    float x, y;
    assert_false(fet_defect_place(&r.scene, &rng, 0.0f, &x, &y));
    room_close(&r);
}

static fet_status apply_all(void)
{
    struct fet_arena arena = {0};
    struct fet_scene scene;
    fet_status st = fet_scene_init(&scene, &arena, 64, 0.22f);
    if (st == FET_OK) fet_paint_part_all(&scene);
    for (int d = 0; st == FET_OK && fet_synth_defects[d].name != NULL; d++) {
        struct fet_rng rng;
        fet_rng_init(&rng, 3, (uint64_t)d);
        if (fet_synth_defects[d].apply != NULL) st = fet_synth_defects[d].apply(&scene, &rng);
    }
    fet_arena_deinit(&arena);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, apply_all());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_there_is_no_part_nothing_happens),
        cmocka_unit_test(what_changes_is_marked_and_what_is_marked_changes),
        cmocka_unit_test(sizes_range_from_specks_to_a_quarter_of_the_part),
        cmocka_unit_test(places_are_where_they_should_be),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
