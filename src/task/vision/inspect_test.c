/* The task as a whole, on tiny pictures: what the generic test of tasks does not ask. */
#include "check.h"

#include "inspect.h"
#include "inspector.h"

/* A grey disc on a plate; is_odd: with a bright corner in it. */
static void part_write(const char *folder, const char *name, int w, int h, uint64_t n, bool is_odd)
{
    struct fet_image image = {0};
    struct fet_rng rng;
    char path[256];
    fet_rng_init(&rng, n, 3);
    assert_ok(fet_image_new(w, h, 1, 8, &image));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const double r = hypot(x - w / 2.0, y - h / 2.0);
            double level = (r < 0.4 * w ? 160 : 60) + 4 * fet_rng_normal(&rng);
            if (is_odd && x > w / 2 && x < w / 2 + 10 && y > h / 2 && y < h / 2 + 10) level = 250;
            fet_image_row8(&image, y)[x] = (uint8_t)fmin(fmax(level, 0), 255);
        }
    assert_ok(fet_folder_make(folder));
    fet_text_format(path, sizeof path, "%s/%s.png", folder, name);
    assert_ok(fet_image_write(&image, path));
    fet_image_deinit(&image);
}

static void parts_write(const char *folder, int n, int w, int h)
{
    for (int i = 0; i < n; i++) {
        char name[16];
        fet_text_format(name, sizeof name, "%03d", i);
        part_write(folder, name, w, h, (uint64_t)i, false);
    }
}

struct trained {
    struct fet_settings *settings;
    struct fet_examples e;
    void *state;
};

static fet_status train(const char *folder, const char *option, const char *value,
                        struct trained *t)
{
    const struct fet_task *task = &fet_task_inspect;
    FET_TRY(fet_settings_new(task->options, &t->settings));
    FET_TRY(fet_settings_set(t->settings, "effort", "fast"));
    if (option != NULL) FET_TRY(fet_settings_set(t->settings, option, value));
    const struct fet_task_job job = {.settings = t->settings, .seed = 1};
    FET_TRY(task->read(folder, &job, &t->e));
    FET_TRY(fet_split_assign(&t->e, task->shares, 1));
    FET_TRY(task->fit(&t->e, &job, &t->state));
    return task->calibrate(t->state, &t->e, &job);
}

static void trained_free(struct trained *t)
{
    fet_task_inspect.close(t->state);
    fet_examples_deinit(&t->e);
    fet_settings_free(t->settings);
    *t = (struct trained){0};
}

static fet_status answer_file(const struct trained *t, const char *path, struct fet_answer *a)
{
    struct fet_examples e = {0};
    const char *const paths[] = {path};
    fet_answer_init(a);
    fet_status st = fet_task_inspect.read_inputs(t->state, paths, 1, NULL, &e);
    if (st == FET_OK) st = fet_task_inspect.answer(t->state, &e, &e.items[0], NULL, a);
    fet_examples_deinit(&e);
    return st;
}

static char *explanation(const struct trained *t)
{
    struct fet_text text = {0};
    assert_ok(fet_task_inspect.explain(t->state, &text));
    return fet_text_take(&text);
}

static void a_defect_is_rejected_and_found_where_it_is(void **state)
{
    (void)state;
    char folder[64];
    struct trained t = {0};
    struct fet_answer a;
    check_folder_make(folder, "inspect_find");
    parts_write(folder, 12, 96, 96);
    assert_ok(train(folder, NULL, NULL, &t));
    part_write(folder, "odd", 96, 96, 1000, true);
    char path[128];
    fet_text_format(path, sizeof path, "%s/odd.png", folder);
    assert_ok(answer_file(&t, path, &a));
    assert_int_equal(a.verdict, FET_VERDICT_REJECT);
    assert_true(a.n_regions >= 1);
    const struct fet_region *r = &a.regions[0];
    assert_true(r->x <= 53 && r->x + r->w >= 53 && r->y <= 53 && r->y + r->h >= 53);
    assert_true(r->x >= 0 && r->x + r->w <= 96 && r->y >= 0 && r->y + r->h <= 96);
    assert_close(a.p_value, 1.0 / 4, 1e-12, 0); /* 3 of 12 calibrate, none scores as high */
    fet_answer_deinit(&a);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void one_picture_is_enough_but_promises_nothing(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct trained t = {0};
    struct fet_answer a;
    json_t *json = NULL;
    check_folder_make(folder, "inspect_one");
    parts_write(folder, 1, 40, 30);
    assert_ok(train(folder, NULL, NULL, &t));
    char *words = explanation(&t);
    assert_non_null(strstr(words, "rule of thumb"));
    assert_non_null(strstr(words, "cannot be promised"));
    assert_non_null(strstr(words, "299"));
    fet_text_format(path, sizeof path, "%s/000.png", folder);
    assert_ok(answer_file(&t, path, &a));
    assert_int_equal(a.verdict, FET_VERDICT_ACCEPT);
    assert_true(isnan(a.p_value));
    assert_ok(fet_task_inspect.describe(t.state, &json));
    json_t *rejects = json_object_get(json, "false_rejects");
    assert_close(json_number_value(json_object_get(rejects, "bound")), 1, 0, 0);
    json_decref(json);
    fet_free(words);
    fet_answer_deinit(&a);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void eight_pictures_say_what_they_can_promise(void **state)
{
    (void)state;
    char folder[64];
    struct trained t = {0};
    check_folder_make(folder, "inspect_eight");
    parts_write(folder, 8, 40, 40);
    assert_ok(train(folder, NULL, NULL, &t));
    const struct fet_inspector *s = t.state;
    assert_int_equal(s->n_fit, 6);
    assert_int_equal(s->n_scores, 2);
    assert_close(s->reject.bound, 1 - sqrt(0.05), 1e-9, 0); /* the largest of two */
    char *words = explanation(&t);
    assert_non_null(strstr(words, "at most 78 % will be rejected, with 95 % confidence"));
    assert_non_null(strstr(words, "299 good parts for calibration"));
    fet_free(words);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void frames_of_one_part_count_once(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct trained t = {0};
    struct fet_text manifest = {0};
    check_folder_make(folder, "inspect_frames");
    parts_write(folder, 16, 40, 40);
    fet_text_add(&manifest, "path,label,group\n");
    for (int i = 0; i < 16; i++) fet_text_add(&manifest, "%03d.png,good,part%d\n", i, i / 2);
    fet_text_format(path, sizeof path, "%s/list.csv", folder);
    assert_ok(fet_file_write(path, manifest.s, manifest.n));
    fet_text_deinit(&manifest);
    assert_ok(train(path, NULL, NULL, &t));
    const struct fet_inspector *s = t.state;
    assert_int_equal(s->n_fit, 12);
    assert_int_equal(fet_examples_count(&t.e, FET_SPLIT_CALIBRATE), 4);
    assert_int_equal(s->n_scores, 2);
    assert_close(s->reject.bound, 1 - sqrt(0.05), 1e-9, 0); /* two parts, not four frames */
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void nothing_outside_the_region_of_interest_counts(void **state)
{
    (void)state;
    char folder[64], roi[96], path[128];
    struct trained t = {0};
    struct fet_answer a;
    struct fet_image mask = {0};
    check_folder_make(folder, "inspect_roi");
    fet_text_format(path, sizeof path, "%s/parts", folder);
    parts_write(path, 8, 96, 96);
    assert_ok(fet_image_new(96, 96, 1, 8, &mask));
    for (int y = 0; y < 96; y++) memset(fet_image_row8(&mask, y), 255, 40); /* the left side */
    fet_text_format(roi, sizeof roi, "%s/roi.png", folder);
    assert_ok(fet_image_write(&mask, roi));
    assert_ok(train(path, "roi", roi, &t));
    part_write(folder, "plain", 96, 96, 77, false);
    part_write(folder, "odd", 96, 96, 77, true); /* the same noise, odd on the right */
    double scores[2];
    for (int i = 0; i < 2; i++) {
        fet_text_format(path, sizeof path, "%s/%s.png", folder, i ? "odd" : "plain");
        assert_ok(answer_file(&t, path, &a));
        scores[i] = a.score;
        fet_answer_deinit(&a);
    }
    assert_close(scores[1], scores[0], 0, 0);
    part_write(folder, "small", 64, 96, 5, false);
    fet_text_format(path, sizeof path, "%s/small.png", folder);
    assert_fails(answer_file(&t, path, &a), FET_SHAPE, "64 x 96");
    fet_answer_deinit(&a);
    trained_free(&t);
    memset(mask.pixels, 0, 96 * 96);
    assert_ok(fet_image_write(&mask, roi));
    fet_text_format(path, sizeof path, "%s/parts", folder);
    assert_fails(train(path, "roi", roi, &t), FET_DATA, "every pixel is black");
    trained_free(&t);
    fet_image_deinit(&mask);
    assert_ok(fet_folder_remove(folder));
}

static void pictures_of_mixed_sizes_are_learned_and_answered(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct trained t = {0};
    struct fet_answer a;
    check_folder_make(folder, "inspect_mixed");
    for (int i = 0; i < 12; i++) {
        char name[16];
        fet_text_format(name, sizeof name, "%03d", i);
        part_write(folder, name, 30 + 11 * i, 100 - 7 * i, (uint64_t)i, false);
    }
    assert_ok(train(folder, "resolution", "48", &t));
    assert_true(((const struct fet_inspector *)t.state)->look.scale < 1);
    part_write(folder, "tiny", 5, 3, 99, false);
    fet_text_format(path, sizeof path, "%s/tiny.png", folder);
    assert_ok(answer_file(&t, path, &a));
    assert_int_equal(a.picture_w, 5);
    assert_int_equal(a.picture_h, 3);
    fet_answer_deinit(&a);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void without_good_parts_nothing_is_learned(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct trained t = {0};
    check_folder_make(folder, "inspect_none");
    fet_text_format(path, sizeof path, "%s/test/good", folder);
    parts_write(path, 2, 20, 20);
    fet_text_format(path, sizeof path, "%s/test/dent", folder);
    parts_write(path, 2, 22, 20);
    assert_fails(train(folder, NULL, NULL, &t), FET_DATA, "no picture of a good part");
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void good_beside_defects_leaves_good_ones_for_the_test(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct trained t = {0};
    check_folder_make(folder, "inspect_beside");
    fet_text_format(path, sizeof path, "%s/good", folder);
    parts_write(path, 20, 24, 24);
    fet_text_format(path, sizeof path, "%s/dent", folder);
    parts_write(path, 3, 25, 24);
    assert_ok(train(folder, NULL, NULL, &t));
    assert_int_equal(fet_examples_count(&t.e, FET_SPLIT_TEST), 4 + 3);
    assert_int_equal(fet_examples_count(&t.e, FET_SPLIT_CALIBRATE), 4);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void a_mask_of_another_size_is_refused_by_name(void **state)
{
    (void)state;
    char folder[64], path[128], mask[128];
    struct trained t = {0};
    struct fet_answer a;
    struct fet_task_score score = {0};
    check_folder_make(folder, "inspect_mask");
    parts_write(folder, 4, 32, 32);
    assert_ok(train(folder, NULL, NULL, &t));
    part_write(folder, "odd_mask", 30, 32, 1, false);
    fet_text_format(path, sizeof path, "%s/000.png", folder);
    fet_text_format(mask, sizeof mask, "%s/odd_mask.png", folder);
    assert_ok(answer_file(&t, path, &a));
    const struct fet_example x = {
        .path = path, .label = "dent", .mask_path = mask, .truth = FET_TRUTH_DEFECT};
    const struct fet_example *const all[] = {&x};
    assert_fails(fet_task_inspect.score(t.state, &t.e, all, &a, 1, NULL, &score), FET_SHAPE,
                 "odd_mask.png is 30 x 32");
    fet_answer_deinit(&a);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

/* Every number and size in a package is checked: a package with one thing missing or bent is
 * refused, never used. */
static void a_bent_package_is_refused(void **state)
{
    (void)state;
    char folder[64];
    struct trained t = {0};
    struct fet_package p = {0};
    void *loaded = NULL;
    check_folder_make(folder, "inspect_bent");
    parts_write(folder, 4, 32, 32);
    assert_ok(train(folder, NULL, NULL, &t));
    assert_ok(fet_task_inspect.save(t.state, &p));
    for (int i = 0; i < p.tensors.n; i++) {
        char *name = p.tensors.items[i].name;
        name[0] ^= 1;
        assert_fails(fet_task_inspect.load(&p, t.settings, &loaded), FET_FORMAT, "");
        name[0] ^= 1;
        if (p.tensors.items[i].tensor.dtype != FET_F32) continue;
        float *x = p.tensors.items[i].tensor.data;
        const float kept = x[0];
        x[0] = (float)NAN;
        assert_fails(fet_task_inspect.load(&p, t.settings, &loaded), FET_FORMAT, name);
        x[0] = kept;
    }
    const char *key = NULL;
    json_t *value = NULL, *copy = json_deep_copy(p.state);
    json_object_foreach(copy, key, value)
    {
        (void)json_object_set_new(p.state, key, json_string("bent"));
        assert_int_not_equal(fet_task_inspect.load(&p, t.settings, &loaded), FET_OK);
        (void)json_object_set(p.state, key, value);
    }
    assert_null(loaded);
    assert_ok(fet_task_inspect.load(&p, t.settings, &loaded));
    json_decref(copy);
    fet_task_inspect.close(loaded);
    fet_package_deinit(&p);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

/* From examples to a loaded model and its answer. */
static fet_status learn_and_answer(struct fet_examples *e, const struct fet_settings *settings)
{
    const struct fet_task *task = &fet_task_inspect;
    const struct fet_task_job job = {.settings = settings, .seed = 1};
    struct fet_answer a;
    struct fet_package p = {0};
    void *state = NULL, *loaded = NULL;
    fet_answer_init(&a);
    fet_status st = task->fit(e, &job, &state);
    if (st == FET_OK) st = task->calibrate(state, e, &job);
    if (st == FET_OK) st = task->save(state, &p);
    if (st == FET_OK) st = task->load(&p, settings, &loaded);
    if (st == FET_OK) st = task->answer(loaded, e, &e->items[0], NULL, &a);
    task->close(state);
    task->close(loaded);
    fet_package_deinit(&p);
    fet_answer_deinit(&a);
    return st;
}

/* What lies only at a place where no good part has it is found by both; but a faint line that the
 * memory takes for noise is told from it by who has learned lines. */
static void who_has_seen_made_defects_separates_better(void **state)
{
    (void)state;
    static const char *const efforts[] = {"memory", "fast"};
    char folder[64], good[96], odd[96];
    double beyond[2];
    check_folder_make(folder, "inspect_effort");
    fet_text_format(good, sizeof good, "%s/good", folder);
    fet_text_format(odd, sizeof odd, "%s/odd", folder);
    parts_write(good, 16, 48, 48);
    part_write(odd, "000", 48, 48, 77, true);
    for (int i = 0; i < 2; i++) {
        struct trained t = {0};
        struct fet_answer a, b;
        char path[160];
        assert_ok(train(good, "effort", efforts[i], &t));
        fet_text_format(path, sizeof path, "%s/000.png", odd);
        assert_ok(answer_file(&t, path, &a));
        fet_text_format(path, sizeof path, "%s/003.png", good);
        assert_ok(answer_file(&t, path, &b));
        const struct fet_inspector *const s = t.state;
        assert_int_equal(s->discriminator.n_in > 0, i == 1);
        beyond[i] = a.score - b.score;
        fet_answer_deinit(&a);
        fet_answer_deinit(&b);
        trained_free(&t);
    }
    assert_true(beyond[1] > beyond[0]);
    assert_ok(fet_folder_remove(folder));
}

/* Of large pictures windows are looked at, in the region of interest alone. */
static void windows_of_large_pictures_are_learned_from(void **state)
{
    (void)state;
    char folder[64], path[96];
    struct trained t = {0};
    struct fet_answer a;
    check_folder_make(folder, "inspect_windows");
    parts_write(folder, 3, 420, 344);
    assert_ok(train(folder, "resolution", "0", &t));
    assert_true(((const struct fet_inspector *)t.state)->discriminator.n_in > 0);
    fet_text_format(path, sizeof path, "%s/odd", folder);
    part_write(path, "000", 420, 344, 9, true);
    fet_text_format(path, sizeof path, "%s/odd/000.png", folder);
    assert_ok(answer_file(&t, path, &a));
    assert_true(a.n_regions > 0);
    fet_answer_deinit(&a);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void the_same_defects_whatever_the_threads(void **state)
{
    (void)state;
    char folder[64];
    struct trained t = {0};
    check_folder_make(folder, "inspect_threads");
    parts_write(folder, 6, 32, 32);
    assert_ok(train(folder, NULL, NULL, &t));
    const struct fet_discriminator *const once =
        &((const struct fet_inspector *)t.state)->discriminator;
    struct fet_context c = {0};
    const struct fet_task_job job = {.settings = t.settings, .context = &c, .seed = 1};
    void *again = NULL;
    assert_ok(fet_pool_new(3, &c.pool));
    assert_ok(fet_task_inspect.fit(&t.e, &job, &again));
    const struct fet_discriminator *const twice =
        &((const struct fet_inspector *)again)->discriminator;
    assert_memory_equal(once->first, twice->first,
                        sizeof(float) * FET_DISCRIMINATOR_HIDDEN * (size_t)once->n_in);
    assert_memory_equal(once->vectors, twice->vectors,
                        sizeof(float) * (3 * FET_DISCRIMINATOR_HIDDEN + 1));
    fet_task_inspect.close(again);
    fet_pool_free(c.pool);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void learning_from_made_defects_may_run_out_of_memory(void **state)
{
    (void)state;
    char folder[64];
    struct trained t = {0};
    check_folder_make(folder, "inspect_sweep_fast");
    parts_write(folder, 1, 16, 16);
    assert_ok(train(folder, "memory", "0.02", &t));
    struct fet_inspector *const s = t.state;
    const struct fet_task_job job = {.settings = t.settings, .seed = 1};
    const struct fet_example **x = NULL;
    int64_t n = 0;
    assert_ok(fet_examples_select(&t.e, FET_SPLIT_FIT, &x, &n));
    fet_discriminator_deinit(&s->discriminator);
    /* There are thousands: ever fewer of them. */
    for (int64_t i = 1;; i += i / 2 + 1) {
        fet_fault_arm(FET_FAULT_ALLOC, i);
        const fet_status st = fet_inspector_discriminate(s, &t.e, x, n, &job);
        const bool has_fired = fet_fault_has_fired(FET_FAULT_ALLOC);
        fet_fault_arm(FET_FAULT_ALLOC, 0);
        assert_int_equal(st, has_fired ? FET_MEMORY : FET_OK);
        fet_discriminator_deinit(&s->discriminator);
        if (!has_fired) break;
    }
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[64];
    struct trained t = {0};
    check_folder_make(folder, "inspect_sweep");
    parts_write(folder, 3, 8, 8);
    assert_ok(train(folder, "effort", "memory", &t));
    assert_ok(fet_settings_set(t.settings, "memory", "0.02"));
    check_fault_sweep(FET_FAULT_ALLOC, learn_and_answer(&t.e, t.settings));
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

static void note_keep(void *self, const char *sentence)
{
    char *const kept = self;
    if (strstr(sentence, "--minutes") != NULL) fet_text_format(kept, 256, "%s", sentence);
}

static void time_limits_how_many_defects_are_made(void **state)
{
    (void)state;
    char folder[64], note[256] = "";
    struct trained t = {0};
    const struct fet_observer observer = {.self = note, .note = note_keep};
    const struct fet_context context = {.observer = &observer};
    check_folder_make(folder, "inspect_minutes");
    parts_write(folder, 8, 64, 64);
    assert_ok(train(folder, "minutes", "0", &t));
    assert_true(((const struct fet_inspector *)t.state)->discriminator.n_in > 0);
    const struct fet_task_job job = {.settings = t.settings, .context = &context, .seed = 1};
    void *again = NULL;
    assert_ok(fet_task_inspect.fit(&t.e, &job, &again));
    assert_non_null(strstr(note, "make defects in 32 pictures, 150 were wished for"));
    fet_task_inspect.close(again);
    trained_free(&t);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_defect_is_rejected_and_found_where_it_is),
        cmocka_unit_test(one_picture_is_enough_but_promises_nothing),
        cmocka_unit_test(eight_pictures_say_what_they_can_promise),
        cmocka_unit_test(frames_of_one_part_count_once),
        cmocka_unit_test(nothing_outside_the_region_of_interest_counts),
        cmocka_unit_test(pictures_of_mixed_sizes_are_learned_and_answered),
        cmocka_unit_test(without_good_parts_nothing_is_learned),
        cmocka_unit_test(good_beside_defects_leaves_good_ones_for_the_test),
        cmocka_unit_test(a_mask_of_another_size_is_refused_by_name),
        cmocka_unit_test(a_bent_package_is_refused),
        cmocka_unit_test(who_has_seen_made_defects_separates_better),
        cmocka_unit_test(windows_of_large_pictures_are_learned_from),
        cmocka_unit_test(the_same_defects_whatever_the_threads),
        cmocka_unit_test(learning_from_made_defects_may_run_out_of_memory),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(time_limits_how_many_defects_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
