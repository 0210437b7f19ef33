/* Patches, layers, letters and place: distances against geometry, clipping, painting. */
#include "check.h"

#include "family.h"
#include "place.h"

#define A_PIXEL 0.75 /* at() reads the nearest pixel */

struct bench {
    struct fet_arena arena;
    struct fet_scene scene;
};

static int open_bench(void **state)
{
    static struct bench b; /* one test at a time */
    b = (struct bench){0};
    *state = &b;
    return fet_scene_init(&b.scene, &b.arena, 64, 0.5f) == FET_OK ? 0 : -1;
}

static int close_bench(void **state)
{
    struct bench *const b = *state;
    fet_arena_deinit(&b->arena);
    return 0;
}

/* The patch's value at the pixel that holds the local point (x, y). */
static float at(const struct fet_patch *p, float x, float y)
{
    float px;
    float py;
    fet_pose_scene(&p->at, x, y, &px, &py);
    const int ix = (int)lrintf(px * p->px_per_unit + p->middle) - p->x;
    const int iy = (int)lrintf(py * p->px_per_unit + p->middle) - p->y;
    assert_in_range(ix, 0, p->w - 1);
    assert_in_range(iy, 0, p->h - 1);
    return p->d[iy * p->w + ix];
}

static void distances_are_those_of_geometry(void **state)
{
    struct bench *const b = *state;
    struct fet_patch p;
    const struct fet_pose pose = fet_pose_make(1.0f, 1.0f, 0.125f, 1.0f);
    assert_ok(fet_patch_open(&b->scene, &pose, -40.0f, -40.0f, 40.0f, 40.0f, &p));
    p.reach_px = 1e5f;
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 20.0f);
    assert_close(at(&p, 0.0f, 0.0f), -10.0, 0.0, A_PIXEL); /* 20 units are 10 pixels */
    assert_close(at(&p, 30.0f, 0.0f), 5.0, 0.0, A_PIXEL);
    fet_patch_box(&p, FET_SDF_CUT, 0.0f, 0.0f, 10.0f, 4.0f, 0.0f);
    assert_close(at(&p, 0.0f, 0.0f), 2.0, 0.0, A_PIXEL);
    assert_close(at(&p, 15.0f, 0.0f), -2.5, 0.0, A_PIXEL);
    fet_patch_half(&p, FET_SDF_MEET, 1.0f, 0.0f, 0.0f);
    assert_true(at(&p, 15.0f, 0.0f) > 0.0f);
    assert_true(at(&p, -15.0f, 0.0f) < 0.0f);

    fet_patch_clear(&p);
    const float square[8] = {-12.0f, -12.0f, 12.0f, -12.0f, 12.0f, 12.0f, -12.0f, 12.0f};
    fet_patch_polygon(&p, FET_SDF_JOIN, square, 4);
    assert_close(at(&p, 0.0f, 0.0f), -6.0, 0.0, A_PIXEL);
    assert_close(at(&p, 18.0f, 0.0f), 3.0, 0.0, A_PIXEL);
    fet_patch_grow(&p, 4.0f);
    assert_close(at(&p, 18.0f, 0.0f), 1.0, 0.0, A_PIXEL);
}

static void a_gear_has_teeth_and_misses_the_broken_one(void **state)
{
    struct bench *const b = *state;
    const float radii[2] = {20.0f, 30.0f};
    const float share[2] = {0.7f, 0.5f};
    struct fet_patch p;
    assert_ok(fet_patch_open(&b->scene, &b->scene.at, -31.0f, -31.0f, 31.0f, 31.0f, &p));
    fet_patch_gear(&p, FET_SDF_JOIN, radii, 6, share, 2);
    int n_teeth = 0;
    for (int i = 0; i < 6; i++) {
        const float t = ((float)i + 0.5f) / 6.0f - 0.5f;
        n_teeth += at(&p, 26.0f * fet_fast_turn(t + 0.25f), 26.0f * fet_fast_turn(t)) < 0.0f;
        const float gap = (float)i / 6.0f;
        assert_true(at(&p, 27.0f * fet_fast_turn(gap + 0.25f), 27.0f * fet_fast_turn(gap)) > 0.0f);
    }
    assert_int_equal(n_teeth, 5);
}

static void painting_covers_what_lies_inside(void **state)
{
    struct bench *const b = *state;
    struct fet_scene *const s = &b->scene;
    const struct fet_material red = {{0.9f, 0.1f, 0.1f}, 0.3f, 1.0f};
    struct fet_patch p;
    assert_ok(fet_patch_open(s, &s->at, -20.0f, -20.0f, 20.0f, 20.0f, &p));
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 16.0f);
    fet_patch_fill(s, &p, &red, 1.0f);
    fet_patch_own(s, &p, 1.0f);
    fet_patch_raise(s, &p, 6.0f, 4.0f, FET_PROFILE_BEVEL);
    const int64_t middle = 32 * 64 + 32;
    const int64_t corner = 2 * 64 + 2;
    assert_close(s->albedo[0][middle], 0.9, 1e-6, 0.0);
    assert_close(s->metal[middle], 1.0, 1e-6, 0.0);
    assert_close(s->part[middle], 1.0, 1e-6, 0.0);
    assert_close(s->height[middle], 3.0, 1e-5, 0.0); /* 6 units are 3 pixels */
    assert_true(s->part[corner] == 0.0f && s->height[corner] == 0.0f);
    double area = 0.0;
    for (int i = 0; i < 64 * 64; i++) area += (double)s->part[i];
    assert_close(area, 3.14159 * 64.0, 0.01, 0.0);
    fet_patch_level(s, &p, 1.0f);
    assert_close(s->height[middle], 0.5, 1e-5, 0.0);
}

static void what_lies_outside_the_scene_is_no_work(void **state)
{
    struct bench *const b = *state;
    const struct fet_material m = {{0.5f, 0.5f, 0.5f}, 0.5f, 0.0f};
    struct fet_patch p;
    assert_ok(fet_patch_open(&b->scene, &b->scene.at, 500.0f, 500.0f, 600.0f, 600.0f, &p));
    assert_int_equal(p.w * p.h, 0);
    fet_patch_circle(&p, FET_SDF_JOIN, 550.0f, 550.0f, 20.0f);
    fet_patch_fill(&b->scene, &p, &m, 1.0f);
    assert_ok(fet_patch_open(&b->scene, &b->scene.at, -5000.0f, -5000.0f, 5000.0f, 5000.0f, &p));
    assert_int_equal(p.w, 64);
    assert_int_equal(p.h, 64);
}

static void a_layer_is_laid_where_the_patch_covers(void **state)
{
    struct bench *const b = *state;
    struct fet_scene *const s = &b->scene;
    const struct fet_material stand = {{0.2f, 0.2f, 0.2f}, 0.9f, 0.0f};
    const struct fet_material top = {{0.8f, 0.8f, 0.8f}, 0.2f, 0.0f};
    struct fet_scene layer;
    struct fet_patch p;
    fet_scene_flood(s, &stand, 0.0f);
    assert_ok(fet_layer_open(s, &layer));
    assert_ok(fet_scene_add_brush(&layer));
    fet_field_fill(&layer, layer.brush[0], 1.0f);
    fet_scene_flood(&layer, &top, 1.0f);
    assert_ok(fet_patch_open(s, &s->at, -20.0f, -20.0f, 20.0f, 20.0f, &p));
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, 16.0f, 16.0f, 0.0f);
    assert_ok(fet_layer_lay(s, &layer, &p, 4.0f, 0.5f, FET_PROFILE_BEVEL));
    fet_layer_close(s, &layer);
    assert_close(s->albedo[1][32 * 64 + 32], 0.8, 1e-6, 0.0);
    assert_close(s->height[32 * 64 + 32], 2.0, 1e-5, 0.0);
    assert_close(s->brush[0][32 * 64 + 32], 1.0, 1e-6, 0.0);
    assert_close(s->albedo[1][0], 0.2, 1e-6, 0.0);
    assert_close(s->brush[0][0], 0.0, 0.0, 0.0);
    assert_non_null(s->idle); /* the maps came back */
}

static void letters_take_the_length_they_say(void **state)
{
    struct bench *const b = *state;
    const struct fet_letters l = {.height = 20.0f, .width = 12.0f, .gap = 6.0f, .stroke = 1.5f};
    struct fet_patch p;
    assert_close(fet_letters_length(&l, ""), 0.0, 0.0, 0.0);
    assert_close(fet_letters_length(&l, "HH"), 30.0, 1e-6, 0.0);
    assert_ok(fet_patch_open(&b->scene, &b->scene.at, -60.0f, -60.0f, 60.0f, 60.0f, &p));
    fet_letters_line(&p, &l, "HH", 0.0f, 0.0f, 0.0f);
    assert_true(at(&p, -15.0f, 0.0f) < 0.0f); /* left bar of the first letter */
    assert_true(at(&p, 15.0f, 0.0f) < 0.0f);
    assert_true(at(&p, 0.0f, 0.0f) > 0.0f);
    fet_patch_clear(&p);
    fet_letters_arc(&p, &l, "I", 40.0f, 0.0f); /* upright above the middle */
    assert_true(at(&p, 0.0f, -40.0f) < 0.0f);
    assert_true(at(&p, 0.0f, 40.0f) > 0.0f);
}

static void invented_words_fit_their_bytes(void **state)
{
    (void)state;
    struct fet_rng r;
    fet_rng_init(&r, 1, 1);
    for (int i = 0; i < 2000; i++) {
        char word[FET_WORD_BYTES];
        fet_word_name(&r, 4, word);
        assert_in_range(strlen(word), 8, FET_WORD_BYTES - 1);
        fet_word_code(&r, word);
        assert_in_range(strlen(word), 4, FET_WORD_BYTES - 1);
    }
}

static void places_do_not_overlap(void **state)
{
    (void)state;
    struct fet_rng r;
    struct fet_spot spots[12];
    int n = 0;
    fet_rng_init(&r, 3, 1);
    for (int i = 0; i < 12; i++)
        if (fet_place_find(&r, spots, n, 60.0f, 60.0f, 12.0f, &spots[n])) n++;
    assert_true(n > 4);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++) {
            const float dx = spots[i].x - spots[k].x;
            const float dy = spots[i].y - spots[k].y;
            assert_true(dx * dx + dy * dy > 24.0f * 24.0f);
        }
    assert_false(fet_place_find(&r, spots, n, 1.0f, 1.0f, 300.0f, &spots[n - 1]));
}

static void colours_are_reflectances(void **state)
{
    (void)state;
    struct fet_rng r;
    fet_rng_init(&r, 9, 1);
    for (int i = 0; i < 500; i++) {
        const struct fet_material under = fet_matter_plastic(&r);
        const struct fet_material ink = fet_matter_ink(&r, &under);
        const struct fet_material all[] = {under, ink, fet_matter_dye(&r), fet_matter_metal(&r),
                                           fet_matter_steel(&r)};
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
            for (int c = 0; c < 3; c++)
                assert_true(all[k].albedo[c] >= 0.0f && all[k].albedo[c] <= 1.0f);
        assert_true(fabsf(fet_matter_light(&under) - fet_matter_light(&ink)) > 0.02f);
    }
}

#define ON_A_BENCH(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_BENCH(distances_are_those_of_geometry),
        ON_A_BENCH(a_gear_has_teeth_and_misses_the_broken_one),
        ON_A_BENCH(painting_covers_what_lies_inside),
        ON_A_BENCH(what_lies_outside_the_scene_is_no_work),
        ON_A_BENCH(a_layer_is_laid_where_the_patch_covers),
        ON_A_BENCH(letters_take_the_length_they_say),
        cmocka_unit_test(invented_words_fit_their_bytes),
        cmocka_unit_test(places_do_not_overlap),
        cmocka_unit_test(colours_are_reflectances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
