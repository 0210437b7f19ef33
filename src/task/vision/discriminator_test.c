#include "check.h"

#include "discriminator.h"

enum { N = 1200, N_IN = 3 };

/* Defects lie far from 0 along the first number, either way: a plane does not part them. The second
 * number varies as much without meaning anything. */
static void sample_make(struct fet_discriminator_sample *s)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 3, 1);
    *s = (struct fet_discriminator_sample){.n = N, .n_in = N_IN};
    s->x = fet_alloc(N * N_IN, sizeof *s->x);
    s->is_bad = fet_alloc(N, 1);
    assert_non_null(s->x);
    assert_non_null(s->is_bad);
    for (int i = 0; i < N; i++) {
        s->is_bad[i] = i % 4 == 0;
        const double side = fet_rng_chance(&rng, 0.5) ? 4 : -4;
        s->x[N_IN * i] = (float)(fet_rng_normal(&rng) + (s->is_bad[i] ? side : 0));
        s->x[N_IN * i + 1] = (float)(4 * fet_rng_normal(&rng));
        s->x[N_IN * i + 2] = 0;
    }
}

static void sample_free(struct fet_discriminator_sample *s)
{
    fet_free(s->x);
    fet_free(s->is_bad);
}

static float odds_of(const struct fet_discriminator *d, float a, float b)
{
    const float x[N_IN] = {a, b, 0};
    float scratch[FET_DISCRIMINATOR_SCRATCH], odds = 0;
    assert_ok(fet_discriminator_add(d, x, 1, scratch, &odds));
    return odds;
}

static void what_means_something_is_told_from_what_does_not(void **state)
{
    (void)state;
    const struct fet_context c = {0};
    struct fet_discriminator_sample s;
    struct fet_discriminator d = {0};
    sample_make(&s);
    assert_ok(fet_discriminator_learn(&s, 300, 1, &c, &d));
    for (float b = -6; b <= 6; b += 3) {
        assert_true(odds_of(&d, 4, b) > 0);
        assert_true(odds_of(&d, -4, b) > 0);
        assert_true(odds_of(&d, 0, b) < 0);
    }
    const float before = odds_of(&d, 4, 1);
    fet_discriminator_scale(&d, 0.5, 3);
    assert_close(odds_of(&d, 4, 1), 3 * ((double)before - 0.5), 0, 1e-4);
    fet_discriminator_deinit(&d);
    sample_free(&s);
}

static void a_block_says_what_each_cell_says(void **state)
{
    (void)state;
    const struct fet_context c = {0};
    struct fet_discriminator_sample s;
    struct fet_discriminator d = {0};
    float scratch[FET_DISCRIMINATOR_SCRATCH], odds[FET_DISCRIMINATOR_BLOCK];
    sample_make(&s);
    assert_ok(fet_discriminator_learn(&s, 300, 1, &c, &d));
    for (int i = 0; i < FET_DISCRIMINATOR_BLOCK; i++) odds[i] = 1;
    assert_ok(fet_discriminator_add(&d, s.x, FET_DISCRIMINATOR_BLOCK, scratch, odds));
    for (int i = 0; i < FET_DISCRIMINATOR_BLOCK; i++) {
        const float *const x = s.x + N_IN * i;
        assert_close(odds[i], 1 + (double)odds_of(&d, x[0], x[1]), 1e-5, 1e-4);
    }
    fet_discriminator_deinit(&d);
    sample_free(&s);
}

static void two_kinds_of_cells_are_wanted(void **state)
{
    (void)state;
    const struct fet_context c = {0};
    struct fet_discriminator_sample s;
    struct fet_discriminator d = {0};
    sample_make(&s);
    for (int i = 0; i < N; i++) s.is_bad[i] = 0;
    assert_fails(fet_discriminator_learn(&s, 300, 1, &c, &d), FET_DATA, "with and without");
    for (int i = 0; i < N; i++) s.is_bad[i] = 1;
    assert_fails(fet_discriminator_learn(&s, 300, 1, &c, &d), FET_DATA, "with and without");
    assert_int_equal(d.n_in, 0);
    sample_free(&s);
}

static fet_status learn_once(const struct fet_discriminator_sample *s)
{
    const struct fet_context c = {0};
    struct fet_discriminator d = {0};
    const fet_status st = fet_discriminator_learn(s, 1, 1, &c, &d);
    fet_discriminator_deinit(&d);
    return st;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    struct fet_discriminator_sample s;
    sample_make(&s);
    s.n = 20;
    check_fault_sweep(FET_FAULT_ALLOC, learn_once(&s));
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_means_something_is_told_from_what_does_not),
        cmocka_unit_test(a_block_says_what_each_cell_says),
        cmocka_unit_test(two_kinds_of_cells_are_wanted),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
