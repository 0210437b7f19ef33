/* Updating an inspector with new good parts, on tiny pictures. */
#include "check.h"

#include "inspect.h"
#include "inspector.h"

/* A grey disc on a plate, with a dark bar across it when it is of the new kind. */
static void part_write(const char *folder, int i, bool is_new_kind)
{
    enum { W = 40, H = 40 };
    struct fet_image image = {0};
    struct fet_rng rng;
    char path[256];
    fet_rng_init(&rng, (uint64_t)i, is_new_kind ? 8 : 7);
    assert_ok(fet_image_new(W, H, 1, 8, &image));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const bool is_disc = hypot(x - W / 2.0, y - H / 2.0) < 16;
            const bool is_bar = is_new_kind && y > 16 && y < 24 && x > 8 && x < 32;
            const double level = (is_bar ? 20 : is_disc ? 160 : 60) + 4 * fet_rng_normal(&rng);
            fet_image_row8(&image, y)[x] = (uint8_t)fmin(fmax(level, 0), 255);
        }
    assert_ok(fet_folder_make(folder));
    fet_text_format(path, sizeof path, "%s/%03d.png", folder, i);
    assert_ok(fet_image_write(&image, path));
    fet_image_deinit(&image);
}

/* n parts from number `first` on. */
static void parts_write(const char *folder, int first, int n, bool is_new_kind)
{
    for (int i = first; i < first + n; i++) part_write(folder, i, is_new_kind);
}

/* An inspector as a file would give it back, which is what updates begin with. */
struct learned {
    struct fet_settings *settings;
    void *state;
};

static fet_status read_split(const char *folder, const struct fet_task_job *job,
                             struct fet_examples *e)
{
    FET_TRY(fet_task_inspect.read(folder, job, e));
    return fet_split_assign(e, fet_task_inspect.shares, job->seed);
}

static fet_status reload(struct learned *l)
{
    struct fet_package p = {0};
    void *loaded = NULL;
    fet_status st = fet_task_inspect.save(l->state, &p);
    if (st == FET_OK) st = fet_task_inspect.load(&p, l->settings, &loaded);
    fet_package_deinit(&p);
    if (st != FET_OK) return st;
    fet_task_inspect.close(l->state);
    l->state = loaded;
    return FET_OK;
}

static void train(const char *folder, struct learned *l)
{
    struct fet_examples e = {0};
    assert_ok(fet_settings_new(fet_task_inspect.options, &l->settings));
    assert_ok(fet_settings_set(l->settings, "effort", "memory"));
    assert_ok(fet_settings_set(l->settings, "memory", "0.2"));
    assert_ok(fet_settings_set(l->settings, "review", "20%"));
    const struct fet_task_job job = {.settings = l->settings, .seed = 1};
    assert_ok(read_split(folder, &job, &e));
    assert_ok(fet_task_inspect.fit(&e, &job, &l->state));
    assert_ok(fet_task_inspect.calibrate(l->state, &e, &job));
    assert_ok(reload(l));
    fet_examples_deinit(&e);
}

static fet_status update(struct learned *l, const char *folder, struct fet_pool *pool)
{
    const struct fet_context context = {.pool = pool};
    const struct fet_task_job job = {.settings = l->settings, .context = &context, .seed = 1};
    struct fet_examples e = {0};
    fet_status st = read_split(folder, &job, &e);
    if (st == FET_OK) st = fet_task_inspect.update(l->state, &e, &job);
    fet_examples_deinit(&e);
    return st == FET_OK ? reload(l) : st;
}

static void learned_free(struct learned *l)
{
    fet_task_inspect.close(l->state);
    fet_settings_free(l->settings);
    *l = (struct learned){0};
}

static double score_of(const struct learned *l, const char *folder, int i)
{
    char path[256];
    struct fet_examples e = {0};
    struct fet_unusual u = {0};
    fet_text_format(path, sizeof path, "%s/%03d.png", folder, i);
    const char *const paths[] = {path};
    assert_ok(fet_task_inspect.read_inputs(l->state, paths, 1, NULL, &e));
    assert_ok(fet_inspector_look(l->state, &e, &e.items[0], NULL, &u));
    const double score = u.score;
    fet_unusual_deinit(&u);
    fet_examples_deinit(&e);
    return score;
}

static void a_new_kind_of_good_part_becomes_usual(void **state)
{
    (void)state;
    enum { N = 6 };
    char folder[64], old[80], new[80], later[80];
    struct learned l = {0};
    double olds[N], news[N];
    check_folder_make(folder, "update_kind");
    fet_text_format(old, sizeof old, "%s/old", folder);
    fet_text_format(new, sizeof new, "%s/new", folder);
    fet_text_format(later, sizeof later, "%s/later", folder);
    parts_write(old, 0, 12, false);
    parts_write(new, 0, 8, true);
    parts_write(later, 100, N, true);
    train(old, &l);
    const struct fet_inspector *s = l.state;
    const double threshold = s->reject.threshold, bound = s->reject.bound;
    const int64_t n_scores = s->n_scores;
    for (int i = 0; i < N; i++) {
        olds[i] = score_of(&l, old, i);
        news[i] = score_of(&l, later, 100 + i);
        assert_true(news[i] > threshold);
    }
    assert_ok(update(&l, new, NULL));
    s = l.state;
    assert_int_equal(s->n_fit, 9);
    assert_int_equal(s->n_later, 6); /* of 8, 2 calibrate */
    assert_int_equal(s->n_scores, n_scores + 2);
    assert_int_equal(s->reject.n, s->n_scores);
    assert_true(s->reject.bound < bound);
    for (int i = 0; i < N; i++) {
        assert_true(score_of(&l, old, i) <= olds[i]);
        assert_true(score_of(&l, later, 100 + i) < 0.5 * news[i]);
    }
    learned_free(&l);
    assert_ok(fet_folder_remove(folder));
}

/* Twenty parts that calibrate besides the first four: a narrower bound, and thresholds of their
 * own for reject and review. And whatever the threads, the same scores and the same memory. */
static void more_parts_promise_more(void **state)
{
    (void)state;
    char folder[64], old[80], new[80];
    struct learned l[2] = {{0}};
    struct fet_pool *pool = NULL;
    check_folder_make(folder, "update_more");
    fet_text_format(old, sizeof old, "%s/old", folder);
    fet_text_format(new, sizeof new, "%s/new", folder);
    parts_write(old, 0, 16, false);
    parts_write(new, 50, 80, false);
    assert_ok(fet_pool_new(3, &pool));
    for (int i = 0; i < 2; i++) {
        train(old, &l[i]);
        assert_ok(update(&l[i], new, i == 0 ? NULL : pool));
    }
    const struct fet_inspector *const a = l[0].state, *const b = l[1].state;
    assert_int_equal(a->n_scores, 4 + 20);
    assert_close(a->reject.bound, 1 - pow(0.05, 1.0 / 24), 1e-9, 0);
    assert_close(a->reject.threshold, a->scores[23], 0, 0);
    assert_close(a->review.threshold, a->scores[19], 0, 0); /* 5 of 25 may lie above */
    assert_close(a->reject.confidence, 0.95, 0, 0);
    assert_int_equal(b->n_scores, a->n_scores);
    assert_memory_equal(a->scores, b->scores, (size_t)a->n_scores * sizeof *a->scores);
    for (int k = 0; k < a->n_bands; k++) {
        const struct fet_memory *const m = &a->bands[k].later, *const n = &b->bands[k].later;
        assert_true(m->n > a->bands[k].memory.n); /* 60 pictures beside 12, but at most thrice */
        assert_true(m->n <= FET_INSPECTOR_GROWTH * a->bands[k].memory.n);
        assert_int_equal(m->n, n->n);
        assert_memory_equal(m->entries, n->entries,
                            (size_t)(m->n * (m->n_numbers + 1)) * sizeof *m->entries);
    }
    fet_pool_free(pool);
    for (int i = 0; i < 2; i++) learned_free(&l[i]);
    assert_ok(fet_folder_remove(folder));
}

/* Until the memory is full, and beyond: no part's score ever rises, and each update is told of. */
static void an_update_can_be_updated(void **state)
{
    (void)state;
    enum { ROUNDS = 4 };
    char folder[64], old[80], new[80];
    struct learned l = {0};
    struct fet_text words = {0};
    double last[2] = {INFINITY, INFINITY};
    check_folder_make(folder, "update_again");
    fet_text_format(old, sizeof old, "%s/old", folder);
    parts_write(old, 0, 4, false);
    train(old, &l);
    for (int r = 0; r < ROUNDS; r++) {
        fet_text_format(new, sizeof new, "%s/new%d", folder, r);
        parts_write(new, 100 + 10 * r, 4, r % 2 == 0);
        assert_ok(update(&l, new, NULL));
        const double scores[2] = {score_of(&l, old, 1), score_of(&l, old, 2)};
        for (int i = 0; i < 2; i++) {
            assert_true(scores[i] <= last[i]);
            last[i] = scores[i];
        }
    }
    const struct fet_inspector *const s = l.state;
    assert_int_equal(s->n_later, 3 * ROUNDS);
    assert_int_equal(s->bands[0].later.n, FET_INSPECTOR_GROWTH * s->bands[0].memory.n);
    assert_ok(fet_task_inspect.explain(l.state, &words));
    assert_non_null(strstr(fet_text_get(&words), "Learned from 3 pictures of good parts"));
    assert_non_null(
        strstr(fet_text_get(&words), "12 pictures of good parts were remembered later"));
    assert_non_null(strstr(fet_text_get(&words), "threshold from 5 good parts"));
    fet_text_deinit(&words);
    learned_free(&l);
    assert_ok(fet_folder_remove(folder));
}

static void what_is_no_good_part_is_passed_over(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct learned l = {0};
    check_folder_make(folder, "update_none");
    fet_text_format(path, sizeof path, "%s/old", folder);
    parts_write(path, 0, 4, false);
    train(path, &l);
    fet_text_format(path, sizeof path, "%s/bad/test/dent", folder);
    parts_write(path, 0, 3, true);
    fet_text_format(path, sizeof path, "%s/bad", folder);
    assert_fails(update(&l, path, NULL), FET_DATA, "no new picture of a good part");
    fet_text_format(path, sizeof path, "%s/mixed/dent", folder);
    parts_write(path, 0, 3, true);
    fet_text_format(path, sizeof path, "%s/mixed/good", folder);
    parts_write(path, 20, 8, false);
    fet_text_format(path, sizeof path, "%s/mixed", folder);
    assert_ok(update(&l, path, NULL));
    const struct fet_inspector *const s = l.state;
    assert_int_equal(s->n_later, 4); /* of 8 good ones 2 are kept for a test and 2 calibrate */
    assert_int_equal(s->n_scores, 1 + 2);
    learned_free(&l);
    assert_ok(fet_folder_remove(folder));
}

static fet_status load_and_update(const struct fet_package *p, const struct fet_settings *settings,
                                  struct fet_examples *e)
{
    const struct fet_task_job job = {.settings = settings, .seed = 1};
    void *state = NULL;
    FET_TRY(fet_task_inspect.load(p, settings, &state));
    const fet_status st = fet_task_inspect.update(state, e, &job);
    fet_task_inspect.close(state);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[64], path[80];
    struct learned l = {0};
    struct fet_package p = {0};
    struct fet_examples e = {0};
    check_folder_make(folder, "update_sweep");
    fet_text_format(path, sizeof path, "%s/old", folder);
    parts_write(path, 0, 3, false);
    train(path, &l);
    assert_ok(fet_task_inspect.save(l.state, &p));
    fet_text_format(path, sizeof path, "%s/new", folder);
    parts_write(path, 10, 3, true);
    const struct fet_task_job job = {.settings = l.settings, .seed = 1};
    assert_ok(read_split(path, &job, &e));
    check_fault_sweep(FET_FAULT_ALLOC, load_and_update(&p, l.settings, &e));
    fet_examples_deinit(&e);
    fet_package_deinit(&p);
    learned_free(&l);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_kind_of_good_part_becomes_usual),
        cmocka_unit_test(more_parts_promise_more),
        cmocka_unit_test(an_update_can_be_updated),
        cmocka_unit_test(what_is_no_good_part_is_passed_over),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
