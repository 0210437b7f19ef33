/* The whole way at its smallest: 64 pixels, two or three steps. */
#include "check.h"

#include "pretrain.h"

#include "episode.h"
#include "eye.h"
#include "judge.h"
#include "onnx.h"
#include "training_log.h"
#include "validation.h"

enum { SIZE = 64, SIDE = SIZE / FET_EYE_STRIDE_PX };

static const int families[] = {2, 8};

static void episode_make(int n_threads, uint64_t seed, int64_t i, float *pictures, float *shares)
{
    struct fet_pool *pool = NULL;
    const struct fet_episodes from = {
        .families = families, .n_families = 2, .size_px = SIZE, .seed = seed};
    assert_ok(fet_pool_new(n_threads, &pool));
    assert_ok(fet_episode_make(&from, i, pool, pictures, shares));
    fet_pool_free(pool);
}

enum {
    N_PIXELS = FET_EPISODE_PICTURES * 3 * SIZE * SIZE,
    N_SHARES = FET_EPISODE_QUERIES * SIDE * SIDE
};

static void an_episode_depends_on_its_number_alone(void **state)
{
    (void)state;
    float *const a = fet_alloc(N_PIXELS, sizeof *a), *const b = fet_alloc(N_PIXELS, sizeof *b);
    float of_a[N_SHARES], of_b[N_SHARES];
    assert_non_null(a);
    assert_non_null(b);
    episode_make(1, 5, 3, a, of_a);
    episode_make(2, 5, 3, b, of_b);
    assert_memory_equal(a, b, N_PIXELS * sizeof *a);
    assert_memory_equal(of_a, of_b, sizeof of_a);
    episode_make(2, 5, 4, b, of_b);
    assert_memory_not_equal(a, b, N_PIXELS * sizeof *a);
    for (int i = 0; i < N_PIXELS; i++) assert_true(a[i] >= -1.6f && a[i] <= 1.6f);
    for (int i = 0; i < N_SHARES; i++) assert_true(of_a[i] >= 0 && of_a[i] <= 1.0001f);
    fet_free(a);
    fet_free(b);
}

static void most_episodes_show_defects(void **state)
{
    (void)state;
    float *const pictures = fet_alloc(N_PIXELS, sizeof *pictures);
    float shares[N_SHARES];
    int n_with = 0;
    assert_non_null(pictures);
    for (int i = 0; i < 6; i++) {
        int n_bad = 0;
        episode_make(2, 1, i, pictures, shares);
        for (int k = 0; k < N_SHARES; k++) n_bad += shares[k] > 0.2f;
        n_with += n_bad > 0;
        assert_true(n_bad < N_SHARES / 2);
    }
    assert_true(n_with >= 5);
    fet_free(pictures);
}

static void weights_of_cells_sum_to_one_and_leave_doubtful_ones_out(void **state)
{
    (void)state;
    float shares[N_SHARES] = {0}, good[N_SHARES], bad[N_SHARES];
    int64_t memory[FET_JUDGE_MEMORY];
    double of_good = 0, of_bad = 0;
    shares[3] = 0.5f;
    shares[9] = 1;
    shares[17] = 0.1f;
    fet_judge_inputs(shares, SIZE, 1, 0, memory, good, bad);
    for (int i = 0; i < N_SHARES; i++) {
        of_good += (double)good[i];
        of_bad += (double)bad[i];
    }
    assert_close(of_good, 1, 1e-5, 0);
    assert_close(of_bad, 1, 1e-5, 0);
    assert_close(bad[3], 0.5, 1e-6, 0);
    assert_close(good[17] + bad[17], 0, 0, 0);
    for (int i = 0; i < FET_JUDGE_MEMORY; i++)
        assert_true(memory[i] >= 0 && memory[i] < FET_EPISODE_REFERENCES * SIDE * SIDE);
}

/* Stops after so many questions; there is one before each step. */
static bool has_run_out(void *self)
{
    int *const left = self;
    return (*left)-- <= 0;
}

static fet_status train(const char *output, int64_t n_steps, bool is_resumed, const char *held_out,
                        const struct fet_context *c, struct fet_pretrain_result *r)
{
    const struct fet_pretrain_order o = {.output = output,
                                         .held_out = held_out,
                                         .n_steps = n_steps,
                                         .size_px = SIZE,
                                         .seed = 1,
                                         .is_resumed = is_resumed};
    return fet_pretrain(&o, c, r);
}

static void an_eye_is_learned_written_and_read(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_pretrain_result r;
    struct fet_graph *g = NULL;
    double auroc = 0;
    check_folder_make(folder, "pretrain_eye");
    assert_ok(fet_folder_make(folder));
    fet_text_format(path, sizeof path, "%s/eye.onnx", folder);
    assert_ok(train(path, 2, false, "", NULL, &r));
    assert_true(r.loss > 0 && r.n_parameters > 100000);
    assert_true(isnan(r.auroc_known));
    assert_ok(fet_onnx_read(path, &g));
    assert_true(fet_graph_find_value(g, "descriptions") != FET_GRAPH_NONE || g->n_outputs == 1);
    assert_ok(fet_validate(g, families, 1, 1, SIZE, NULL, &auroc));
    assert_true(auroc >= 0 && auroc <= 1);
    fet_graph_free(g);
    assert_ok(fet_folder_remove(folder));
}

static void file_read(const char *path, uint8_t **bytes, size_t *n)
{
    *bytes = NULL;
    assert_ok(fet_file_read(path, 1 << 26, bytes, n));
}

static void a_training_that_was_stopped_ends_with_the_same_bytes(void **state)
{
    (void)state;
    char folder[64], whole[128], parts[128];
    struct fet_pretrain_result r;
    uint8_t *a, *b;
    size_t n_a, n_b;
    int left = 6;
    const struct fet_observer observer = {.self = &left, .is_cancelled = has_run_out};
    const struct fet_context c = {.observer = &observer};
    check_folder_make(folder, "pretrain_resume");
    assert_ok(fet_folder_make(folder));
    fet_text_format(whole, sizeof whole, "%s/whole.onnx", folder);
    fet_text_format(parts, sizeof parts, "%s/parts.onnx", folder);
    assert_ok(train(whole, 7, false, "", NULL, &r));
    assert_int_equal(train(parts, 7, true, "", &c, &r), FET_CANCELLED);
    assert_int_equal(fet_file_kind_of(parts), FET_FILE_ABSENT);
    assert_ok(train(parts, 7, true, "", NULL, &r)); /* from step 5 on */
    file_read(whole, &a, &n_a);
    file_read(parts, &b, &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    fet_free(a);
    fet_free(b);
    assert_ok(fet_folder_remove(folder));
}

static void what_cannot_be_learned_is_refused(void **state)
{
    (void)state;
    struct fet_pretrain_result r;
    struct fet_pretrain_order o = {.output = "x.onnx", .held_out = "", .n_steps = 1, .size_px = 70};
    assert_fails(fet_pretrain(&o, NULL, &r), FET_ARGUMENT, "in sixteens is wanted, got 70");
    o.size_px = 64;
    o.n_steps = 0;
    assert_fails(fet_pretrain(&o, NULL, &r), FET_ARGUMENT, "at least 1 step");
    assert_fails(train("x.onnx", 1, false, "cap,cup", NULL, &r), FET_NOT_FOUND, "no family 'cup'");
}

static void a_log_is_read_back_as_it_was(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_training_log a = {0}, b = {0};
    check_folder_make(folder, "pretrain_log");
    assert_ok(fet_folder_make(folder));
    fet_text_format(path, sizeof path, "%s/log.csv", folder);
    assert_ok(fet_training_log_init(&a, 2, 6));
    assert_ok(fet_training_log_init(&b, 2, 6));
    for (int i = 0; i < 4; i++) fet_training_log_add(&a, i, 1.0 / (i + 1));
    assert_close(a.means[0], 0.75, 1e-12, 0);
    assert_ok(fet_training_log_write(&a, path));
    assert_ok(fet_training_log_read(&b, path, 4));
    assert_memory_equal(a.means, b.means, 2 * sizeof *a.means);
    assert_fails(fet_training_log_read(&b, path, 6), FET_FORMAT, "line 4 of the log");
    fet_training_log_deinit(&a);
    fet_training_log_deinit(&b);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_episode_depends_on_its_number_alone),
        cmocka_unit_test(most_episodes_show_defects),
        cmocka_unit_test(weights_of_cells_sum_to_one_and_leave_doubtful_ones_out),
        cmocka_unit_test(an_eye_is_learned_written_and_read),
        cmocka_unit_test(a_training_that_was_stopped_ends_with_the_same_bytes),
        cmocka_unit_test(what_cannot_be_learned_is_refused),
        cmocka_unit_test(a_log_is_read_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
