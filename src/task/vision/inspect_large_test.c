/* Large pictures: how far they are shrunk, and that small defects in them are found. */
#include "check.h"

#include "inspect.h"
#include "inspector.h"

enum { WIDTH = 2100, HEIGHT = 1500, SPOT = 10, N_GOOD = 6 };

/* Brushed metal with a groove and a slope of light, each other than the last; spot_x > 0: with a
 * dark spot. */
static void part_write(const char *path, int w, int h, uint64_t n, int spot_x, int spot_y)
{
    struct fet_image image = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, n, 5);
    const int groove = h / 2 + fet_rng_int(&rng, -20, 20);
    const double slope = fet_rng_between(&rng, -8, 8);
    assert_ok(fet_image_new(w, h, 1, 8, &image));
    for (int y = 0; y < h; y++) {
        double streak = 0;
        for (int x = 0; x < w; x++) {
            streak = 0.9 * streak + (double)fet_rng_below(&rng, 9) - 4;
            double level = 140 + slope * x / w + streak;
            if (abs(y - groove) < 6) level -= 50;
            if (spot_x > 0 && hypot(x - spot_x, y - spot_y) < SPOT / 2.0) level -= 60;
            fet_image_row8(&image, y)[x] = (uint8_t)fmin(fmax(level, 0), 255);
        }
    }
    assert_ok(fet_image_write(&image, path));
    fet_image_deinit(&image);
}

static void parts_write(const char *folder, int n, int w, int h)
{
    char path[128];
    assert_ok(fet_folder_make(folder));
    for (int i = 0; i < n; i++) {
        fet_text_format(path, sizeof path, "%s/%02d.jpg", folder, i);
        part_write(path, w, h, (uint64_t)i, 0, 0);
    }
}

struct trained {
    struct fet_settings *settings;
    struct fet_examples e;
    void *state;
};

/* options: name, value, ..., NULL */
static void train(const char *folder, const char *const *options, struct trained *t)
{
    const struct fet_task *task = &fet_task_inspect;
    assert_ok(fet_settings_new(task->options, &t->settings));
    for (; *options != NULL; options += 2)
        assert_ok(fet_settings_set(t->settings, options[0], options[1]));
    const struct fet_task_job job = {.settings = t->settings, .seed = 1};
    assert_ok(task->read(folder, &job, &t->e));
    assert_ok(fet_split_assign(&t->e, task->shares, 1));
    assert_ok(task->fit(&t->e, &job, &t->state));
    assert_ok(task->calibrate(t->state, &t->e, &job));
}

static void trained_free(struct trained *t)
{
    fet_task_inspect.close(t->state);
    fet_examples_deinit(&t->e);
    fet_settings_free(t->settings);
    *t = (struct trained){0};
}

static void answer(const struct trained *t, const char *path, struct fet_answer *a)
{
    struct fet_examples e = {0};
    fet_answer_init(a);
    assert_ok(fet_task_inspect.read_inputs(t->state, &path, 1, NULL, &e));
    assert_ok(fet_task_inspect.answer(t->state, &e, &e.items[0], NULL, a));
    fet_examples_deinit(&e);
}

static void ten_pixels_of_three_million_are_found_where_they_are(void **state)
{
    (void)state;
    static const char *const options[] = {"effort", "fast", "memory", "0.1", NULL};
    static const int places[2][2] = {{301, 1203}, {1777, 402}};
    char folder[64], parts[96], path[96];
    struct trained t = {0};
    struct fet_answer a;
    check_folder_make(folder, "inspect_large");
    fet_text_format(parts, sizeof parts, "%s/parts", folder);
    parts_write(parts, N_GOOD, WIDTH, HEIGHT);
    train(parts, options, &t);
    const struct fet_inspector *const s = t.state;
    assert_close(s->look.scale, 0.5, 0, 0);
    assert_true(s->discriminator.n_in > 0);
    for (int i = 0; i < 3; i++) {
        const bool is_odd = i < 2;
        fet_text_format(path, sizeof path, "%s/unseen.jpg", folder);
        part_write(path, WIDTH, HEIGHT, 100 + (uint64_t)i, is_odd ? places[i][0] : 0,
                   is_odd ? places[i][1] : 0);
        answer(&t, path, &a);
        if (!is_odd) {
            /* One or two parts calibrate: chance alone may ask to look at another again. */
            assert_int_not_equal(a.verdict, FET_VERDICT_REJECT);
        } else {
            assert_int_equal(a.verdict, FET_VERDICT_REJECT);
            assert_int_equal(a.n_regions, 1);
            const struct fet_region *const r = &a.regions[0];
            assert_true(r->x <= places[i][0] && r->x + r->w >= places[i][0]);
            assert_true(r->y <= places[i][1] && r->y + r->h >= places[i][1]);
            assert_true(r->w <= 160 && r->h <= 160);
        }
        fet_answer_deinit(&a);
    }
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void only_large_pictures_are_shrunk_by_half(void **state)
{
    (void)state;
    static const struct {
        int w, h;
        const char *resolution;
        double scale;
    } cases[] = {{200, 16, "auto", 1},
                 {257, 16, "auto", 256.0 / 257},
                 {1024, 16, "auto", 0.25},
                 {1025, 16, "auto", 0.5},
                 {16, 1100, "auto", 0.5},
                 {1025, 16, "256", 256.0 / 1025},
                 {1025, 16, "600", 600.0 / 1025},
                 {1025, 16, "0", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const options[] = {
            "effort", "memory", "memory", "0.02", "resolution", cases[i].resolution, NULL};
        char folder[64];
        struct trained t = {0};
        check_folder_make(folder, "inspect_scale");
        parts_write(folder, 2, cases[i].w, cases[i].h);
        train(folder, options, &t);
        assert_close(((const struct fet_inspector *)t.state)->look.scale, cases[i].scale, 0, 0);
        trained_free(&t);
        assert_ok(fet_folder_remove(folder));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_pixels_of_three_million_are_found_where_they_are),
        cmocka_unit_test(only_large_pictures_are_shrunk_by_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
