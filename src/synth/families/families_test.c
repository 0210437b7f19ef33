/* Every family in the table: maps within their ranges, the same bytes again, parts of a product
 * alike and products unlike, own faults marked exactly, failing allocations. */
#include "check.h"

#include "family.h"

#define SIZE 96
#define N_PIXELS ((int64_t)SIZE * SIZE)

static const struct fet_synth_family *const *const table = fet_synth_families;

/* Draws into the arena (reset first), SIZE pixels of which 80 % belong to the picture. */
static fet_status draw_in(const struct fet_synth_family *f, uint64_t product, uint64_t part,
                          const char *fault, struct fet_arena *arena, struct fet_scene *scene)
{
    fet_arena_reset(arena);
    FET_TRY(fet_scene_init(scene, arena, SIZE, 0.8f * (float)SIZE / 256.0f));
    struct fet_synth_chance chance;
    fet_rng_init(&chance.design, product, 1);
    fet_rng_init(&chance.part, 1000 * product + part, 2);
    fet_rng_init(&chance.fault, 1000 * product + part, 3);
    return f->draw(scene, &chance, fault);
}

static void check_range(const struct fet_synth_family *f, const char *what, const float *map,
                        float low, float high)
{
    for (int64_t i = 0; i < N_PIXELS; i++)
        if (!(map[i] >= low && map[i] <= high))
            fail_msg("%s: %s is %g at pixel %d, wanted %g..%g", f->name, what, (double)map[i],
                     (int)i, (double)low, (double)high);
}

static void every_family_fills_its_maps_within_their_ranges(void **state)
{
    (void)state;
    struct fet_arena arena = {0};
    for (int k = 0; table[k] != NULL; k++)
        for (uint64_t product = 0; product < 4; product++) {
            const struct fet_synth_family *const f = table[k];
            struct fet_scene s;
            assert_ok(draw_in(f, product, 0, NULL, &arena, &s));
            for (int c = 0; c < 3; c++) check_range(f, "albedo", s.albedo[c], 0.0f, 1.0f);
            check_range(f, "rough", s.rough, 0.0f, 1.0f);
            check_range(f, "metal", s.metal, 0.0f, 1.0f);
            check_range(f, "part", s.part, 0.0f, 1.0f);
            check_range(f, "height", s.height, -0.5f * SIZE, 0.5f * SIZE);
            check_range(f, "mask of a good part", s.mask, 0.0f, 0.0f);
            double part = 0.0;
            for (int64_t i = 0; i < N_PIXELS; i++) part += (double)s.part[i];
            if (part < 0.01 * (double)N_PIXELS) fail_msg("%s: hardly any part", f->name);
        }
    fet_arena_deinit(&arena);
}

static void the_same_part_has_the_same_bytes(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_arena b = {0};
    for (int k = 0; table[k] != NULL; k++) {
        struct fet_scene s;
        struct fet_scene t;
        assert_ok(draw_in(table[k], 5, 3, NULL, &a, &s));
        assert_ok(draw_in(table[k], 6, 1, NULL, &b, &t)); /* leaves its maps behind */
        assert_ok(draw_in(table[k], 5, 3, NULL, &b, &t));
        assert_memory_equal(s.height, t.height, (size_t)N_PIXELS * sizeof(float));
        assert_memory_equal(s.albedo[1], t.albedo[1], (size_t)N_PIXELS * sizeof(float));
        assert_memory_equal(s.rough, t.rough, (size_t)N_PIXELS * sizeof(float));
        assert_memory_equal(s.part, t.part, (size_t)N_PIXELS * sizeof(float));
    }
    fet_arena_deinit(&a);
    fet_arena_deinit(&b);
}

/* What a glance tells: mean and deviation of each map, and the part's share of nine fields. */
#define N_GLANCE 17
static void glance(const struct fet_scene *s, double v[N_GLANCE])
{
    const float *const maps[4] = {s->albedo[0], s->albedo[1], s->albedo[2], s->rough};
    for (int m = 0; m < 4; m++) {
        double sum = 0.0;
        double square = 0.0;
        for (int64_t i = 0; i < N_PIXELS; i++) {
            sum += (double)maps[m][i];
            square += (double)maps[m][i] * (double)maps[m][i];
        }
        const double mean = sum / (double)N_PIXELS;
        v[2 * m] = mean;
        v[2 * m + 1] = sqrt(fmax(square / (double)N_PIXELS - mean * mean, 0.0));
    }
    for (int i = 0; i < 9; i++) v[8 + i] = 0.0;
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            v[8 + 3 * (3 * y / SIZE) + 3 * x / SIZE] +=
                (double)s->part[y * SIZE + x] * 9.0 / (double)N_PIXELS;
}

static double apart(const double a[N_GLANCE], const double b[N_GLANCE])
{
    double sum = 0.0;
    for (int i = 0; i < N_GLANCE; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

static void parts_of_a_product_are_alike_and_products_are_not(void **state)
{
    (void)state;
    struct fet_arena arena = {0};
    for (int k = 0; table[k] != NULL; k++) {
        double within = 0.0;
        double between = 0.0;
        double last[N_GLANCE] = {0};
        for (uint64_t product = 0; product < 6; product++) {
            struct fet_scene s;
            double a[N_GLANCE];
            double b[N_GLANCE];
            assert_ok(draw_in(table[k], product, 0, NULL, &arena, &s));
            glance(&s, a);
            assert_ok(draw_in(table[k], product, 1, NULL, &arena, &s));
            glance(&s, b);
            within += apart(a, b);
            if (product > 0) between += apart(a, last);
            memcpy(last, a, sizeof last);
        }
        within /= 6.0;
        between /= 5.0;
        if (within <= 0.0) fail_msg("%s: two parts are the same part", table[k]->name);
        if (between < 3.0 * within)
            fail_msg("%s: products differ by %.3f, parts by %.3f", table[k]->name, between, within);
    }
    fet_arena_deinit(&arena);
}

/* Do the faulty part and the good one differ at this pixel, clearly? */
static bool is_changed(const struct fet_scene *s, const struct fet_scene *t, int64_t i)
{
    return fabsf(s->height[i] - t->height[i]) > 1.0f ||
           fabsf(s->albedo[1][i] - t->albedo[1][i]) > 0.1f || fabsf(s->part[i] - t->part[i]) > 0.6f;
}

static void check_fault(const struct fet_synth_family *f, uint64_t product, const char *fault)
{
    struct fet_arena a = {0};
    struct fet_arena b = {0};
    struct fet_scene s;
    struct fet_scene t;
    assert_ok(draw_in(f, product, 0, fault, &a, &s));
    assert_ok(draw_in(f, product, 0, NULL, &b, &t));
    int n_marked = 0;
    int n_missed = 0;
    for (int y = 2; y < SIZE - 2; y++)
        for (int x = 2; x < SIZE - 2; x++) {
            const int64_t i = (int64_t)y * SIZE + x;
            assert_true(s.mask[i] == 0.0f || s.mask[i] == 1.0f);
            n_marked += s.mask[i] > 0.0f ? 1 : 0;
            bool near = false; /* a lone pixel may be tidied away */
            for (int64_t d = -1; d <= 1; d++)
                near = near || s.mask[i + d] > 0.0f || s.mask[i + d * SIZE] > 0.0f;
            n_missed += is_changed(&s, &t, i) && !near ? 1 : 0;
        }
    if (n_marked == 0 || n_missed > 3)
        fail_msg("%s, product %d, '%s': %d pixels marked, %d missed", f->name, (int)product, fault,
                 n_marked, n_missed);
    fet_arena_deinit(&a);
    fet_arena_deinit(&b);
}

static void own_faults_mark_what_they_change(void **state)
{
    (void)state;
    for (int k = 0; table[k] != NULL; k++)
        for (int i = 0; table[k]->own_faults[i] != NULL; i++)
            for (uint64_t product = 0; product < 2; product++)
                check_fault(table[k], product, table[k]->own_faults[i]);
}

static fet_status draw_once(const struct fet_synth_family *f, const char *fault)
{
    struct fet_arena arena = {0};
    struct fet_scene s;
    const fet_status st = draw_in(f, 2, 0, fault, &arena, &s);
    fet_arena_deinit(&arena);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int k = 0; table[k] != NULL; k++) {
        check_fault_sweep(FET_FAULT_ALLOC, draw_once(table[k], table[k]->own_faults[0]));
    }
}

/* The good twin is the same part: a product must not change with the size it is drawn at. */
static void a_part_is_the_same_at_every_size(void **state)
{
    (void)state;
    struct fet_arena arena = {0};
    for (int k = 0; table[k] != NULL; k++) {
        double mean[2];
        for (int i = 0; i < 2; i++) {
            const int size = i == 0 ? 96 : 192;
            struct fet_scene s;
            struct fet_synth_chance chance;
            fet_arena_reset(&arena);
            assert_ok(fet_scene_init(&s, &arena, size, (float)size / 320.0f));
            fet_rng_init(&chance.design, 7, 1);
            fet_rng_init(&chance.part, 7, 2);
            fet_rng_init(&chance.fault, 7, 3);
            assert_ok(table[k]->draw(&s, &chance, NULL));
            mean[i] = 0.0;
            for (int64_t j = 0; j < (int64_t)size * size; j++)
                mean[i] += (double)(s.albedo[0][j] + s.part[j]) / (double)((int64_t)size * size);
        }
        if (fabs(mean[0] - mean[1]) > 0.03)
            fail_msg("%s: %.3f small, %.3f large", table[k]->name, mean[0], mean[1]);
    }
    fet_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_fills_its_maps_within_their_ranges),
        cmocka_unit_test(the_same_part_has_the_same_bytes),
        cmocka_unit_test(parts_of_a_product_are_alike_and_products_are_not),
        cmocka_unit_test(own_faults_mark_what_they_change),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_part_is_the_same_at_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
