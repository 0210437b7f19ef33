#include "check.h"

#include "memory.h"

enum { N = 1500, NUMBERS = 5 };

struct cloud {
    float z[N * NUMBERS];
    int32_t parts[N];
};

/* Ten parts; numbers around (0,...) that are three times as lively where the first is above 2. */
static void fill(struct cloud *c, uint64_t seed)
{
    struct fet_rng rng;
    fet_rng_init(&rng, seed, 0);
    for (int i = 0; i < N; i++) {
        const bool is_lively = fet_rng_chance(&rng, 0.5);
        c->parts[i] = i % 10;
        for (int k = 0; k < NUMBERS; k++)
            c->z[i * NUMBERS + k] = (float)((k == 0 && is_lively ? 20 : 0) +
                                            (is_lively ? 3 : 1) * fet_rng_normal(&rng));
    }
}

static struct fet_memory_sample sample_of(const struct cloud *c)
{
    return (struct fet_memory_sample){.z = c->z, .parts = c->parts, .n = N, .n_numbers = NUMBERS};
}

static double distance_to(const struct fet_memory *m, const float *z)
{
    double best = INFINITY;
    for (int64_t e = 0; e < m->n; e++) {
        double sum = 0;
        for (int k = 0; k < NUMBERS; k++)
            sum += pow((double)(z[k] - m->entries[e * (NUMBERS + 1) + k]), 2);
        best = fmin(best, sqrt(sum));
    }
    return best;
}

static void the_coreset_covers_better_than_chance(void **state)
{
    (void)state;
    struct cloud *c = fet_alloc(1, sizeof *c);
    struct fet_memory m = {0}, first = {0};
    fill(c, 1);
    const struct fet_memory_sample all = sample_of(c);
    struct fet_memory_sample some = all;
    some.n = 100; /* the first hundred, all of them remembered */
    assert_ok(fet_memory_learn(&all, 100, NULL, &m));
    assert_ok(fet_memory_learn(&some, 100, NULL, &first));
    assert_int_equal(m.n, 100);
    double worst = 0, worst_by_chance = 0;
    for (int i = 0; i < N; i++) {
        worst = fmax(worst, distance_to(&m, c->z + i * NUMBERS));
        worst_by_chance = fmax(worst_by_chance, distance_to(&first, c->z + i * NUMBERS));
    }
    assert_true(worst < 0.8 * worst_by_chance);
    fet_memory_deinit(&m);
    fet_memory_deinit(&first);
    fet_free(c);
}

/* The same distance is unusual where good parts are calm and nothing where they are lively. */
static void every_place_is_measured_by_its_own_standard(void **state)
{
    (void)state;
    struct cloud *c = fet_alloc(1, sizeof *c);
    struct fet_memory m = {0};
    fill(c, 2);
    const struct fet_memory_sample sample = sample_of(c);
    assert_ok(fet_memory_learn(&sample, 300, NULL, &m));
    float z[2 * (NUMBERS + 1)] = {0}, unusual[2] = {0}, squares[2];
    float *scratch = fet_alloc(fet_memory_scratch(&m), sizeof *scratch);
    z[1] = 12;           /* calm: 12 deviations away */
    z[NUMBERS + 1] = 20; /* lively: 4 deviations away */
    z[NUMBERS + 1 + 1] = 12;
    assert_ok(fet_memory_unusual(&m, z, 2, scratch, unusual, squares));
    assert_true(unusual[0] > 3);
    assert_true(unusual[1] < 0.5f * unusual[0]);
    fet_free(scratch);
    fet_memory_deinit(&m);
    fet_free(c);
}

/* The blocked search against the plain one, in double. */
static void one_standard_leaves_the_order_of_distances(void **state)
{
    (void)state;
    struct cloud c;
    struct fet_memory m = {0};
    fill(&c, 3);
    struct fet_memory_sample sample = sample_of(&c);
    sample.has_one_standard = true;
    assert_ok(fet_memory_learn(&sample, 50, NULL, &m));
    for (int64_t e = 1; e < m.n; e++) {
        assert_close(m.usual[e], m.usual[0], 0, 0);
        assert_close(m.spread[e], m.spread[0], 0, 0);
    }
    assert_true(m.usual[0] > 0 && m.spread[0] > 0);
    fet_memory_deinit(&m);
}

static void the_search_finds_the_nearest(void **state)
{
    (void)state;
    struct cloud *c = fet_alloc(1, sizeof *c);
    struct fet_memory m = {0};
    fill(c, 3);
    const struct fet_memory_sample sample = sample_of(c);
    assert_ok(fet_memory_learn(&sample, 533, NULL, &m)); /* two steps of 256 and some */
    for (int64_t e = 0; e < m.n; e++) {
        m.usual[e] = 0;
        m.spread[e] = 1;
    }
    float *scratch = fet_alloc(fet_memory_scratch(&m), sizeof *scratch);
    float z[FET_MEMORY_BLOCK * (NUMBERS + 1)], unusual[FET_MEMORY_BLOCK], squares[FET_MEMORY_BLOCK];
    for (int i = 0; i < FET_MEMORY_BLOCK; i++) {
        unusual[i] = 0;
        for (int k = 0; k < NUMBERS; k++) z[i * (NUMBERS + 1) + k] = c->z[i * NUMBERS + k] + 0.5f;
    }
    assert_ok(fet_memory_unusual(&m, z, FET_MEMORY_BLOCK, scratch, unusual, squares));
    for (int i = 0; i < FET_MEMORY_BLOCK; i++)
        /* |q|^2 + |e|^2 - 2qe cancels: squares up to 900 leave 1e-4 of error in a square. */
        assert_close(unusual[i], distance_to(&m, z + i * (NUMBERS + 1)), 1e-3, 1e-2);
    fet_free(scratch);
    fet_memory_deinit(&m);
    fet_free(c);
}

static void a_part_is_no_witness_for_itself(void **state)
{
    (void)state;
    /* Part 0 twice at 0, part 1 at 3 and 4. */
    const float z[4] = {0, 0, 3, 4};
    const int32_t parts[4] = {0, 0, 1, 1};
    const struct fet_memory_sample sample = {.z = z, .parts = parts, .n = 4, .n_numbers = 1};
    const int64_t all[4] = {0, 1, 2, 3};
    int64_t nearest[4];
    assert_ok(fet_memory_match(&sample, all, 4, NULL, nearest));
    assert_int_equal(nearest[0], 2);
    assert_int_equal(nearest[1], 2);
    assert_int_equal(nearest[2], 0);
    assert_int_equal(nearest[3], 0);
}

static void equal_descriptions_make_one_entry(void **state)
{
    (void)state;
    float z[40];
    int32_t parts[20];
    for (int i = 0; i < 20; i++) {
        z[2 * i] = 1;
        z[2 * i + 1] = 2;
        parts[i] = i;
    }
    const struct fet_memory_sample sample = {.z = z, .parts = parts, .n = 20, .n_numbers = 2};
    struct fet_memory m = {0};
    assert_ok(fet_memory_learn(&sample, 8, NULL, &m));
    assert_int_equal(m.n, 1);
    assert_true(m.spread[0] > 0);
    float other[3] = {5, 5, 0}, unusual[1] = {0}, squares[1];
    float *scratch = fet_alloc(fet_memory_scratch(&m), sizeof *scratch);
    assert_ok(fet_memory_unusual(&m, other, 1, scratch, unusual, squares));
    assert_true(unusual[0] > 100 && isfinite(unusual[0]));
    fet_free(scratch);
    fet_memory_deinit(&m);
}

static void one_description_of_one_part_is_enough(void **state)
{
    (void)state;
    const float z[3] = {1, 2, 3};
    const int32_t part = 5;
    const struct fet_memory_sample sample = {.z = z, .parts = &part, .n = 1, .n_numbers = 3};
    struct fet_memory m = {0};
    assert_ok(fet_memory_learn(&sample, 1000, NULL, &m));
    assert_int_equal(m.n, 1);
    assert_true(isfinite(m.usual[0]) && m.spread[0] > 0);
    fet_memory_deinit(&m);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct cloud *c = fet_alloc(1, sizeof *c);
    struct fet_memory a = {0}, b = {0};
    struct fet_pool *pool = NULL;
    fill(c, 4);
    const struct fet_memory_sample sample = sample_of(c);
    assert_ok(fet_pool_new(3, &pool));
    assert_ok(fet_memory_learn(&sample, 200, NULL, &a));
    assert_ok(fet_memory_learn(&sample, 200, pool, &b));
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.entries, b.entries, (size_t)a.n * (NUMBERS + 1) * sizeof(float));
    assert_memory_equal(a.usual, b.usual, (size_t)a.n * sizeof(float));
    assert_memory_equal(a.spread, b.spread, (size_t)a.n * sizeof(float));
    fet_memory_deinit(&a);
    fet_memory_deinit(&b);
    fet_pool_free(pool);
    fet_free(c);
}

/* How unusual the rows of a cloud are by m and, unless it is empty, what came later. */
static void unusual_of(const struct fet_memory *m, const struct fet_memory *later,
                       const struct cloud *c, float *unusual)
{
    float z[FET_MEMORY_BLOCK * (NUMBERS + 1)], squares[FET_MEMORY_BLOCK];
    const int64_t n = fet_memory_scratch(m), n_later = fet_memory_scratch(later);
    float *scratch = fet_alloc(n > n_later ? n : n_later, sizeof *scratch);
    for (int i = 0; i < FET_MEMORY_BLOCK; i++) {
        unusual[i] = 0;
        for (int k = 0; k < NUMBERS; k++) z[i * (NUMBERS + 1) + k] = c->z[i * NUMBERS + k];
    }
    assert_ok(fet_memory_unusual(m, z, FET_MEMORY_BLOCK, scratch, unusual, squares));
    if (later->n > 0)
        assert_ok(fet_memory_unusual_later(later, z, FET_MEMORY_BLOCK, scratch, squares, unusual));
    fet_free(scratch);
}

static void later_parts_are_remembered_beside_the_first(void **state)
{
    (void)state;
    struct cloud *c = fet_alloc(2, sizeof *c);
    struct fet_memory m = {0}, later = {0};
    float before[FET_MEMORY_BLOCK], after[FET_MEMORY_BLOCK], first[NUMBERS + 1];
    for (int i = 0; i < 2; i++) fill(&c[i], 10 + (uint64_t)i);
    const struct fet_memory_sample sample = sample_of(&c[0]), more = sample_of(&c[1]);
    assert_ok(fet_memory_learn(&sample, 100, NULL, &m));
    assert_ok(fet_memory_learn_later(&m, &more, 0, INFINITY, &later)); /* no room */
    assert_int_equal(later.n, 0);
    assert_int_equal(fet_memory_scratch(&later), 0);
    assert_ok(fet_memory_learn_later(&m, &more, 60, 0, &later)); /* none is an entry already */
    assert_int_equal(later.n, 0);
    assert_ok(fet_memory_learn_later(&m, &more, 60, INFINITY, &later));
    assert_int_equal(later.n, 60);
    memcpy(first, later.entries, sizeof first);
    for (int64_t e = 0; e < later.n; e++) assert_true(later.usual[e] > 0 && later.spread[e] > 0);
    unusual_of(&m, &(struct fet_memory){0}, &c[1], before);
    unusual_of(&m, &later, &c[1], after);
    int n_less = 0;
    for (int i = 0; i < FET_MEMORY_BLOCK; i++) n_less += after[i] < before[i] - 1e-4f;
    assert_true(n_less > FET_MEMORY_BLOCK / 8);
    assert_ok(fet_memory_learn_later(&m, &more, 80, INFINITY, &later)); /* grows */
    assert_int_equal(later.n, 80);
    assert_memory_equal(first, later.entries, sizeof first);
    assert_ok(fet_memory_learn_later(&m, &more, 1000000, INFINITY, &later));
    assert_int_equal(later.n, N);
    fet_memory_deinit(&m);
    fet_memory_deinit(&later);
    fet_free(c);
}

/* Entries of lively and calm places, each with its own standard, remembered in six rounds: no value
 * ever rises, of what was remembered and of what was not. */
static void nothing_becomes_more_unusual_however_often_more_is_remembered(void **state)
{
    (void)state;
    enum { ROUNDS = 6 };
    struct cloud *c = fet_alloc(ROUNDS + 2, sizeof *c);
    struct fet_memory m = {0}, later = {0};
    float before[2][FET_MEMORY_BLOCK], after[FET_MEMORY_BLOCK];
    for (int i = 0; i < ROUNDS + 2; i++) fill(&c[i], 20 + (uint64_t)i);
    const struct fet_memory_sample sample = sample_of(&c[0]);
    assert_ok(fet_memory_learn(&sample, 40, NULL, &m));
    for (int k = 0; k < 2; k++) unusual_of(&m, &later, &c[k], before[k]);
    int n_less = 0;
    for (int r = 0; r < ROUNDS; r++) {
        const struct fet_memory_sample more = sample_of(&c[2 + r]);
        assert_ok(fet_memory_learn_later(&m, &more, 40 * (r + 1), INFINITY, &later));
        for (int k = 0; k < 2; k++) {
            unusual_of(&m, &later, &c[k], after);
            for (int i = 0; i < FET_MEMORY_BLOCK; i++) {
                assert_true(after[i] <= before[k][i]);
                n_less += after[i] < before[k][i] - 1e-3f;
            }
            memcpy(before[k], after, sizeof after);
        }
    }
    assert_int_equal(later.n, 40 * ROUNDS);
    assert_true(n_less > FET_MEMORY_BLOCK / 2);
    fet_memory_deinit(&m);
    fet_memory_deinit(&later);
    fet_free(c);
}

static fet_status learn(const struct fet_memory_sample *sample)
{
    struct fet_memory m = {0}, later = {0};
    FET_TRY(fet_memory_learn(sample, 4, NULL, &m));
    const fet_status st = fet_memory_learn_later(&m, sample, 2, INFINITY, &later);
    fet_memory_deinit(&m);
    fet_memory_deinit(&later);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const float z[8] = {0, 1, 2, 3, 5, 8, 13, 21};
    const int32_t parts[8] = {0, 0, 1, 1, 2, 2, 3, 3};
    const struct fet_memory_sample sample = {.z = z, .parts = parts, .n = 8, .n_numbers = 1};
    check_fault_sweep(FET_FAULT_ALLOC, learn(&sample));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_coreset_covers_better_than_chance),
        cmocka_unit_test(every_place_is_measured_by_its_own_standard),
        cmocka_unit_test(one_standard_leaves_the_order_of_distances),
        cmocka_unit_test(the_search_finds_the_nearest),
        cmocka_unit_test(a_part_is_no_witness_for_itself),
        cmocka_unit_test(equal_descriptions_make_one_entry),
        cmocka_unit_test(one_description_of_one_part_is_enough),
        cmocka_unit_test(later_parts_are_remembered_beside_the_first),
        cmocka_unit_test(nothing_becomes_more_unusual_however_often_more_is_remembered),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
