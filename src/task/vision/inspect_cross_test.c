/* Calibrating in folds: every good part is learned from, and every one is judged by who has not
 * seen it. */
#include "check.h"

#include "inspect.h"
#include "inspector.h"

#include <stdlib.h>

enum { N_GOOD = 24, N_FOLDS = 3 }; /* of the sample */

struct trained {
    char folder[64];
    struct fet_settings *settings;
    struct fet_examples e;
    void *state;
};

/* The sample, read and split. folds: the option; NULL = as it stands. */
static void sample_read(const char *folds, const char *effort, struct trained *t)
{
    check_folder_make(t->folder, "inspect_cross");
    assert_ok(fet_task_inspect.write_sample(t->folder, 1));
    assert_ok(fet_settings_new(fet_task_inspect.options, &t->settings));
    assert_ok(fet_settings_set(t->settings, "effort", effort));
    assert_ok(fet_settings_set(t->settings, "memory", "0.05"));
    if (folds != NULL) assert_ok(fet_settings_set(t->settings, "folds", folds));
    const struct fet_task_job job = {.settings = t->settings, .seed = 1};
    assert_ok(fet_task_inspect.read(t->folder, &job, &t->e));
    assert_ok(fet_task_inspect.split(&t->e, &job));
}

static fet_status learn(struct trained *t, const struct fet_context *c)
{
    const struct fet_task_job job = {.settings = t->settings, .context = c, .seed = 1};
    FET_TRY(fet_task_inspect.fit(&t->e, &job, &t->state));
    return fet_task_inspect.calibrate(t->state, &t->e, &job);
}

static void trained_free(struct trained *t)
{
    fet_task_inspect.close(t->state);
    fet_examples_deinit(&t->e);
    fet_settings_free(t->settings);
    assert_ok(fet_folder_remove(t->folder));
}

static void few_parts_are_folded_when_there_is_time(void **state)
{
    (void)state;
    static const struct {
        const char *folds, *effort;
        int n_folds;
    } cases[] = {{NULL, "normal", 4},     {NULL, "best", 4},  {NULL, "fast", 0},
                 {NULL, "memory", 0},     {"0", "normal", 0}, {"3", "fast", 3},
                 {"32", "memory", N_GOOD}};
    struct trained t = {0};
    sample_read(NULL, "normal", &t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fet_task_job job = {.settings = t.settings, .seed = 1};
        const char *const folds = cases[i].folds != NULL ? cases[i].folds : "auto";
        for (int64_t k = 0; k < t.e.n; k++)
            if (t.e.items[k].split == FET_SPLIT_CALIBRATE) t.e.items[k].split = FET_SPLIT_FIT;
        assert_ok(fet_settings_set(t.settings, "folds", folds));
        assert_ok(fet_settings_set(t.settings, "effort", cases[i].effort));
        assert_ok(fet_task_inspect.split(&t.e, &job));
        assert_int_equal(fet_examples_folds(&t.e), cases[i].n_folds);
        assert_int_equal(fet_examples_count(&t.e, FET_SPLIT_FIT),
                         cases[i].n_folds > 0 ? N_GOOD : N_GOOD * 3 / 4);
    }
    trained_free(&t);
}

/* Scores of a fold by an inspector that is taught with the others by hand. */
static int64_t fold_score(struct trained *t, int fold, double *scores)
{
    const struct fet_task_job job = {.settings = t->settings, .seed = 1};
    const struct fet_example **x = NULL;
    void *other = NULL;
    int64_t n = 0;
    for (int64_t i = 0; i < t->e.n; i++)
        if (t->e.items[i].fold == fold) t->e.items[i].split = FET_SPLIT_NONE;
    assert_ok(fet_task_inspect.fit(&t->e, &job, &other));
    for (int64_t i = 0; i < t->e.n; i++)
        if (t->e.items[i].fold == fold) t->e.items[i].split = FET_SPLIT_CALIBRATE;
    assert_ok(fet_inspector_select_good(&t->e, FET_SPLIT_CALIBRATE, &x, &n));
    for (int64_t i = 0; i < n; i++) {
        struct fet_unusual u = {0};
        assert_ok(fet_inspector_look(other, &t->e, x[i], NULL, &u));
        scores[i] = u.score;
        fet_unusual_deinit(&u);
    }
    for (int64_t i = 0; i < t->e.n; i++)
        if (t->e.items[i].fold == fold) t->e.items[i].split = FET_SPLIT_FIT;
    fet_task_inspect.close(other);
    return n;
}

static void each_part_is_judged_by_who_has_not_seen_it(void **state)
{
    (void)state;
    struct trained t = {0};
    double scores[N_GOOD];
    int64_t n = 0;
    sample_read("3", "memory", &t);
    assert_ok(learn(&t, NULL));
    const struct fet_inspector *const s = t.state;
    assert_int_equal(s->n_fit, N_GOOD);
    assert_int_equal(s->n_folds, N_FOLDS);
    assert_int_equal(s->n_scores, N_GOOD);
    assert_int_equal(fet_examples_count(&t.e, FET_SPLIT_FIT), N_GOOD); /* as it was */
    for (int fold = 1; fold <= N_FOLDS; fold++) n += fold_score(&t, fold, scores + n);
    assert_int_equal(n, N_GOOD);
    qsort(scores, N_GOOD, sizeof *scores, fet_compare_reals);
    assert_memory_equal(scores, s->scores, sizeof scores);
    assert_close(s->reject.threshold, scores[N_GOOD - 1], 0, 0);
    assert_close(s->reject.bound, 1 - pow(0.05, 1.0 / N_GOOD), 1e-9, 0);
    trained_free(&t);
}

static void folds_are_told_and_saved(void **state)
{
    (void)state;
    struct trained t = {0};
    struct fet_text text = {0}, found = {0};
    struct fet_package p = {0};
    void *loaded = NULL;
    sample_read("3", "memory", &t);
    assert_ok(fet_examples_describe(&t.e, &found));
    assert_non_null(strstr(fet_text_get(&found), "all to fit calibrate, too"));
    assert_ok(learn(&t, NULL));
    assert_ok(fet_task_inspect.save(t.state, &p));
    assert_ok(fet_task_inspect.load(&p, t.settings, &loaded));
    assert_ok(fet_task_inspect.explain(loaded, &text));
    assert_non_null(strstr(fet_text_get(&text), "threshold from 24 good parts, each judged by a "
                                                "model that had not learned from it"));
    (void)json_object_set_new(p.state, "folds", json_integer(N_GOOD + 1));
    void *refused = NULL;
    assert_fails(fet_task_inspect.load(&p, t.settings, &refused), FET_FORMAT, "folds");
    fet_task_inspect.close(loaded);
    fet_package_deinit(&p);
    fet_text_deinit(&text);
    fet_text_deinit(&found);
    trained_free(&t);
}

static void one_odd_part_that_makes_the_threshold_is_told(void **state)
{
    (void)state;
    struct trained t = {0};
    sample_read("3", "memory", &t);
    assert_ok(learn(&t, NULL));
    struct fet_inspector *const s = t.state;
    for (int i = 0; i < N_GOOD; i++) s->scores[i] = i;
    const double highest[] = {23, 31.9, 32.1, 400}; /* the next has 22, the middle one 12 */
    for (int i = 0; i < 4; i++) {
        struct fet_text text = {0};
        s->scores[N_GOOD - 1] = s->reject.threshold = highest[i];
        assert_ok(fet_task_inspect.explain(s, &text));
        const char *const words = strstr(fet_text_get(&text), "far odder than the others");
        assert_int_equal(words != NULL, i >= 2);
        if (i == 3) assert_non_null(strstr(words, "(400, the next 22)"));
        if (i == 3) assert_non_null(strstr(words, "--false-rejects 8.0% puts"));
        fet_text_deinit(&text);
    }
    s->reject.threshold = 22; /* more false rejects are allowed: the odd one is above */
    struct fet_text text = {0};
    assert_ok(fet_task_inspect.explain(s, &text));
    assert_null(strstr(fet_text_get(&text), "far odder"));
    fet_text_deinit(&text);
    trained_free(&t);
}

/* ---- the observer ---- */

struct heard {
    int64_t n_notes, last, n_calls; /* of the stage "calibrating" */
    int64_t stop_at;                /* stops when so many percent are done; -1 = never */
};

static void hear_note(void *self, const char *sentence)
{
    (void)sentence;
    ((struct heard *)self)->n_notes++;
}

static void hear_progress(void *self, const char *stage, int64_t done, int64_t total)
{
    struct heard *const h = self;
    if (strcmp(stage, "calibrating") != 0) return;
    assert_int_equal(total, 100);
    assert_true(done >= h->last);
    h->last = done;
    h->n_calls++;
}

static bool hear_stop(void *self)
{
    const struct heard *const h = self;
    return h->n_calls > 0 && h->stop_at >= 0 && h->last >= h->stop_at;
}

static void folds_advance_one_bar_and_can_be_stopped(void **state)
{
    (void)state;
    static const int64_t stops[] = {-1, 0, 40, 70};
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        const int64_t stop_at = stops[i];
        struct trained t = {0};
        struct heard h = {.stop_at = stop_at};
        const struct fet_observer observer = {
            .self = &h, .note = hear_note, .progress = hear_progress, .is_cancelled = hear_stop};
        const struct fet_context c = {.observer = &observer};
        sample_read("3", "memory", &t);
        assert_ok(fet_settings_set(t.settings, "resolution", "16")); /* which is noted, once */
        const fet_status st = learn(&t, &c);
        assert_int_equal(st, stop_at < 0 ? FET_OK : FET_CANCELLED);
        assert_int_equal(h.n_notes, 1);
        assert_true(stop_at < 0 ? h.last == 100 && h.n_calls > 10 : h.last < 100);
        trained_free(&t);
    }
}

/* The fitting itself is swept elsewhere: here ever fewer of thousands of allocations. */
static void a_failing_allocation_is_told(void **state)
{
    (void)state;
    struct trained t = {0};
    bool has_fired = true;
    sample_read("2", "memory", &t);
    for (int64_t n = 1; has_fired; n += n / 2 + 1) {
        fet_fault_arm(FET_FAULT_ALLOC, n);
        const fet_status st = learn(&t, NULL);
        has_fired = fet_fault_has_fired(FET_FAULT_ALLOC);
        fet_fault_arm(FET_FAULT_ALLOC, 0);
        assert_int_equal(st, has_fired ? FET_MEMORY : FET_OK);
        fet_task_inspect.close(t.state);
        t.state = NULL;
    }
    assert_int_equal(fet_examples_count(&t.e, FET_SPLIT_FIT), N_GOOD); /* whatever failed */
    trained_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_parts_are_folded_when_there_is_time),
        cmocka_unit_test(each_part_is_judged_by_who_has_not_seen_it),
        cmocka_unit_test(folds_are_told_and_saved),
        cmocka_unit_test(one_odd_part_that_makes_the_threshold_is_told),
        cmocka_unit_test(folds_advance_one_bar_and_can_be_stopped),
        cmocka_unit_test(a_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
