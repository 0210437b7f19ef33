#include "overlay.h"

#include "made.h"

/* A part of three materials and a map with two hot places, one at the border. */
static void make_part(int channels, int depth, struct fet_image *picture)
{
    enum { W = 300, H = 200 };
    assert_ok(fet_image_new(W, H, channels, depth, picture));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int k = 0; k < channels; k++) {
                const bool is_hole = (x - 150) * (x - 150) + (y - 100) * (y - 100) < 1600;
                const int v = is_hole ? 40 : x > 40 && x < 260 ? 150 + y / 4 - 10 * k : 215;
                const int value = (channels == 2 || channels == 4) && k == channels - 1 ? 255 : v;
                const int64_t at = ((int64_t)y * W + x) * channels + k;
                if (depth == 8)
                    ((uint8_t *)picture->pixels)[at] = (uint8_t)value;
                else
                    ((uint16_t *)picture->pixels)[at] = (uint16_t)(257 * value);
            }
}

enum { MAP_W = 30, MAP_H = 20 };

static double hill(double x, double y, double cx, double cy, double radius)
{
    const double d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
    return fmax(0, 1 - d2 / (radius * radius));
}

static void make_answer(float map[MAP_W * MAP_H], struct fet_region regions[2],
                        struct fet_answer *a)
{
    for (int y = 0; y < MAP_H; y++)
        for (int x = 0; x < MAP_W; x++)
            map[y * MAP_W + x] = (float)fmax(hill(x, y, 21, 6, 6), 0.7 * hill(x, y, 0, 17, 6));
    regions[0] = (struct fet_region){.x = 160, .y = 15, .w = 100, .h = 95, .score = 1.0};
    regions[1] = (struct fet_region){.x = 0, .y = 140, .w = 40, .h = 60, .score = 0.7};
    fet_answer_init(a);
    a->path = "test/dents/part_0123 (copy).png";
    a->verdict = FET_VERDICT_REJECT;
    a->score = 1.0;
    a->map = map, a->map_w = MAP_W, a->map_h = MAP_H;
    a->regions = regions, a->n_regions = 2;
    a->picture_w = 300, a->picture_h = 200;
}

static const struct fet_overlay_style style = {.threshold = 0.4, .scale = 1.2};

/* Against the picture in tests/golden; FET_GOLDEN=write makes it anew. A level of tolerance: the
 * last bit of pow may differ between machines. */
static void assert_golden(const struct fet_image *seen, const char *name)
{
    char path[512];
    struct fet_image wanted;
    fet_text_format(path, sizeof path, "%s/tests/golden/report/%s", FET_SOURCE_DIR, name);
    const char *mode = getenv("FET_GOLDEN");
    if (mode != NULL && strcmp(mode, "write") == 0) assert_ok(fet_image_write(seen, path));
    assert_ok(fet_image_read(path, NULL, &wanted));
    assert_int_equal(seen->width, wanted.width);
    assert_int_equal(seen->height, wanted.height);
    assert_int_equal(seen->channels, wanted.channels);
    for (size_t i = 0; i < fet_image_bytes(&wanted); i++)
        assert_true(abs(((uint8_t *)seen->pixels)[i] - ((uint8_t *)wanted.pixels)[i]) <= 1);
    fet_image_deinit(&wanted);
}

static void the_golden_overlays_come_out(void **state)
{
    (void)state;
    float map[MAP_W * MAP_H];
    struct fet_region regions[2];
    struct fet_answer a;
    struct fet_image picture, overlay;
    make_answer(map, regions, &a);
    make_part(3, 8, &picture);
    assert_ok(fet_overlay_draw(&picture, &a, &style, &overlay));
    assert_golden(&overlay, "map.png");
    fet_image_deinit(&overlay);

    /* Without a map the regions get boxes. */
    a.map = NULL;
    a.verdict = FET_VERDICT_REVIEW;
    assert_ok(fet_overlay_draw(&picture, &a, &style, &overlay));
    assert_golden(&overlay, "boxes.png");
    fet_image_deinit(&overlay);
    fet_image_deinit(&picture);
}

static void every_kind_of_picture_gives_the_same_overlay(void **state)
{
    (void)state;
    static const int kinds[][2] = {{1, 8}, {2, 8}, {1, 16}, {2, 16}};
    float map[MAP_W * MAP_H];
    struct fet_region regions[2];
    struct fet_answer a;
    struct fet_image first = {0};
    make_answer(map, regions, &a);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct fet_image picture, overlay;
        make_part(kinds[i][0], kinds[i][1], &picture);
        assert_ok(fet_overlay_draw(&picture, &a, &style, &overlay));
        fet_image_deinit(&picture);
        assert_int_equal(overlay.channels, 3);
        assert_int_equal(overlay.depth, 8);
        if (i == 0) {
            first = overlay;
            continue;
        }
        assert_memory_equal(overlay.pixels, first.pixels, fet_image_bytes(&first));
        fet_image_deinit(&overlay);
    }
    fet_image_deinit(&first);
}

static void draw_size(int w, int h, int max_side_px, int *overlay_w, int *overlay_h)
{
    struct fet_image picture, overlay;
    struct fet_answer a;
    fet_answer_init(&a);
    a.path = "x.png";
    a.verdict = FET_VERDICT_ACCEPT;
    a.score = 0.2;
    const struct fet_overlay_style s = {.threshold = 0.4, .scale = 1, .max_side_px = max_side_px};
    assert_ok(fet_image_new(w, h, 1, 8, &picture));
    assert_ok(fet_overlay_draw(&picture, &a, &s, &overlay));
    *overlay_w = overlay.width;
    *overlay_h = overlay.height;
    fet_image_deinit(&picture);
    fet_image_deinit(&overlay);
}

static void large_pictures_shrink_and_tiny_ones_grow(void **state)
{
    (void)state;
    int w, h;
    draw_size(3000, 1500, 0, &w, &h);
    assert_int_equal(w, 1024);
    assert_in_range(h, 512 + 30, 512 + 120);
    draw_size(3000, 1500, 500, &w, &h);
    assert_int_equal(w, 500);
    draw_size(32, 32, 0, &w, &h); /* by a whole factor */
    assert_int_equal(w, 256);
    assert_in_range(h, 256 + 20, 256 + 60);
    draw_size(1, 1, 0, &w, &h);
    assert_int_equal(w, 256);
    draw_size(20, 1000, 0, &w, &h); /* the caption is wider than the picture */
    assert_int_equal(w, 240);
    draw_size(600, 400, 0, &w, &h); /* as it is */
    assert_int_equal(w, 600);
}

static void a_good_part_stays_as_it_is(void **state)
{
    (void)state;
    float map[MAP_W * MAP_H];
    struct fet_region regions[2];
    struct fet_answer a;
    struct fet_image picture, overlay;
    make_answer(map, regions, &a);
    a.n_regions = 0;
    const struct fet_overlay_style high = {.threshold = 2, .scale = 3};
    make_part(3, 8, &picture);
    assert_false(fet_overlay_has_marks(&a, &high));
    assert_true(fet_overlay_has_marks(&a, &style));
    assert_ok(fet_overlay_draw(&picture, &a, &high, &overlay));
    assert_memory_equal(overlay.pixels, picture.pixels, fet_image_bytes(&picture));
    fet_image_deinit(&picture);
    fet_image_deinit(&overlay);
}

static void odd_answers_and_styles_are_drawn(void **state)
{
    (void)state;
    float map[MAP_W * MAP_H];
    struct fet_region regions[2];
    struct fet_answer a;
    struct fet_image picture, overlay;
    const struct fet_overlay_style odd[] = {
        {.threshold = NAN, .scale = NAN}, {.threshold = 0.5, .scale = 0.5}, {.threshold = 0.5}};
    make_answer(map, regions, &a);
    make_part(3, 8, &picture);
    map[3] = NAN, map[4] = INFINITY;
    regions[0] = (struct fet_region){.x = -900, .y = -900, .w = 5000, .h = 1, .score = NAN};
    a.path = NULL;
    a.score = (double)NAN;
    a.label = "a class with a very long name that does not fit into the strip at all, never ever";
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        for (int has_map = 0; has_map < 2; has_map++) {
            a.map = has_map ? map : NULL;
            assert_ok(fet_overlay_draw(&picture, &a, &odd[i], &overlay));
            fet_image_deinit(&overlay);
        }
    fet_image_deinit(&picture);
}

static fet_status draw_and_drop(const struct fet_image *picture, const struct fet_answer *a)
{
    struct fet_image overlay;
    FET_TRY(fet_overlay_draw(picture, a, &style, &overlay));
    fet_image_deinit(&overlay);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    float map[MAP_W * MAP_H];
    struct fet_region regions[2];
    struct fet_answer a;
    struct fet_image picture;
    make_answer(map, regions, &a);
    make_part(4, 16, &picture);
    check_fault_sweep(FET_FAULT_ALLOC, draw_and_drop(&picture, &a));
    fet_image_deinit(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_overlays_come_out),
        cmocka_unit_test(every_kind_of_picture_gives_the_same_overlay),
        cmocka_unit_test(large_pictures_shrink_and_tiny_ones_grow),
        cmocka_unit_test(a_good_part_stays_as_it_is),
        cmocka_unit_test(odd_answers_and_styles_are_drawn),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
