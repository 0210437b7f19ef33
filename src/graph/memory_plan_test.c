#include "check.h"

#include "memory_plan.h"

static void what_lives_at_once_does_not_overlap(void **state)
{
    (void)state;
    enum { N = 200 };
    struct fet_memory_item items[N];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct fet_rng rng;
        size_t peak = 0, most = 0;
        fet_rng_init(&rng, seed, 0);
        for (int i = 0; i < N; i++) {
            const int first = fet_rng_int(&rng, 0, 50);
            items[i] = (struct fet_memory_item){.n_bytes = (size_t)fet_rng_int(&rng, 0, 1000),
                                                .first = first,
                                                .last = first + fet_rng_int(&rng, 0, 6)};
        }
        assert_ok(fet_memory_plan(items, N, &peak));
        for (int step = 0; step < 57; step++) {
            size_t live = 0;
            for (int i = 0; i < N; i++)
                if (items[i].first <= step && step <= items[i].last) live += items[i].n_bytes;
            if (live > most) most = live;
        }
        assert_true(peak >= most && (double)peak < 1.3 * (double)most);
        for (int i = 0; i < N; i++) {
            assert_int_equal(items[i].offset % FET_MEMORY_ALIGNMENT, 0);
            assert_true(items[i].offset + items[i].n_bytes <= peak || items[i].n_bytes == 0);
            for (int j = 0; j < i; j++) {
                const bool at_once =
                    items[i].first <= items[j].last && items[j].first <= items[i].last;
                const bool overlap = items[i].offset < items[j].offset + items[j].n_bytes &&
                                     items[j].offset < items[i].offset + items[i].n_bytes;
                assert_false(at_once && overlap && items[i].n_bytes > 0 && items[j].n_bytes > 0);
            }
        }
    }
}

static void a_chain_needs_two_places(void **state)
{
    (void)state;
    struct fet_memory_item items[10];
    size_t peak = 0;
    for (int i = 0; i < 10; i++)
        items[i] = (struct fet_memory_item){.n_bytes = 100, .first = i, .last = i + 1};
    assert_ok(fet_memory_plan(items, 10, &peak));
    assert_int_equal(peak, 256); /* 2 of 128 */
    assert_ok(fet_memory_plan(items, 0, &peak));
    assert_int_equal(peak, 0);
}

static fet_status plan_two(void)
{
    struct fet_memory_item items[2] = {{.n_bytes = 1}, {.n_bytes = 2}};
    size_t peak = 0;
    return fet_memory_plan(items, 2, &peak);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, plan_two());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lives_at_once_does_not_overlap),
        cmocka_unit_test(a_chain_needs_two_places),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
