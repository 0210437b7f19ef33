#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

enum { N_CHUNKS = 400, MAX_WORKERS = 8 };

struct tally {
    int n_threads;
    int times[N_CHUNKS];        /* each written by the one chunk */
    int by_worker[MAX_WORKERS]; /* scratch: each written by the one worker */
};

static fet_status chunk_count(void *self, int64_t i_chunk, int worker)
{
    struct tally *t = self;
    if (worker < 0 || worker >= t->n_threads) return FET_FAIL(FET_INTERNAL, "worker %d", worker);
    t->times[i_chunk]++;
    t->by_worker[worker]++; /* a race here would be seen by TSan and lose counts */
    return FET_OK;
}

static void every_chunk_runs_once_on_any_number_of_threads(void **state)
{
    (void)state;
    for (int n_threads = 0; n_threads <= MAX_WORKERS; n_threads++) {
        struct fet_pool *pool = NULL; /* 0 = no pool at all */
        if (n_threads > 0) assert_ok(fet_pool_new(n_threads, &pool));
        assert_int_equal(fet_pool_threads(pool), n_threads == 0 ? 1 : n_threads);
        static const int64_t counts[] = {0, 1, 2, 7, N_CHUNKS};
        for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
            struct tally t = {.n_threads = fet_pool_threads(pool)};
            int sum = 0;
            assert_ok(fet_pool_run(pool, counts[k], chunk_count, &t));
            for (int i = 0; i < N_CHUNKS; i++) assert_int_equal(t.times[i], i < counts[k]);
            for (int i = 0; i < MAX_WORKERS; i++) sum += t.by_worker[i];
            assert_int_equal(sum, counts[k]);
        }
        fet_pool_free(pool);
    }
}

static void many_small_jobs_follow_each_other(void **state)
{
    (void)state;
    struct fet_pool *pool = NULL;
    struct tally t = {.n_threads = 4};
    assert_ok(fet_pool_new(4, &pool));
    for (int i = 0; i < 500; i++) assert_ok(fet_pool_run(pool, 5, chunk_count, &t));
    for (int i = 0; i < 5; i++) assert_int_equal(t.times[i], 500);
    fet_pool_free(pool);
}

static fet_status chunk_fail_from(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const int64_t first = *(const int64_t *)self;
    if (i_chunk < first) return FET_OK;
    const fet_status codes[] = {FET_DATA, FET_IO, FET_FORMAT};
    return FET_FAIL(codes[i_chunk % 3], "chunk %d failed", (int)i_chunk);
}

/* Whatever fails first on the clock. */
static void the_lowest_failing_chunk_is_reported(void **state)
{
    (void)state;
    for (int n_threads = 1; n_threads <= MAX_WORKERS; n_threads++) {
        struct fet_pool *pool = NULL;
        assert_ok(fet_pool_new(n_threads, &pool));
        for (int64_t first = 0; first < 90; first += 30) {
            fet_status_set(FET_IO, "an older sentence");
            assert_fails(fet_pool_run(pool, 200, chunk_fail_from, &first), FET_DATA, "chunk");
            char wanted[40];
            fet_text_format(wanted, sizeof wanted, "chunk %d failed", (int)first);
            assert_string_equal(fet_status_message(), wanted);
        }
        struct tally t = {.n_threads = n_threads};
        assert_ok(fet_pool_run(pool, N_CHUNKS, chunk_count, &t)); /* usable afterwards */
        fet_pool_free(pool);
    }
}

static fet_status chunk_fail_at_once(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    (void)atomic_fetch_add((atomic_int *)self, 1);
    return i_chunk == 0 ? FET_FAIL(FET_DATA, "the first") : FET_FAIL(FET_IO, "a later one");
}

static void chunks_are_skipped_after_a_failure(void **state)
{
    (void)state;
    atomic_int n_run = 0;
    struct fet_pool *pool = NULL;
    assert_fails(fet_pool_run(NULL, 1000, chunk_fail_at_once, &n_run), FET_DATA, "the first");
    assert_int_equal(n_run, 1);
    assert_ok(fet_pool_new(4, &pool));
    n_run = 0;
    assert_fails(fet_pool_run(pool, 1000, chunk_fail_at_once, &n_run), FET_DATA, "the first");
    assert_in_range(n_run, 1, 4); /* each thread had at most one in hand */
    fet_pool_free(pool);
}

struct nest {
    struct fet_pool *pool, *other;
    int times[16][16];
};

struct nest_row {
    struct nest *nest;
    pthread_t thread; /* that runs the outer chunk */
    int64_t i_outer;
    int worker;
};

static fet_status inner_chunk(void *self, int64_t i_chunk, int worker)
{
    const struct nest_row *row = self;
    if (!pthread_equal(pthread_self(), row->thread)) return FET_FAIL(FET_INTERNAL, "moved");
    if (worker != row->worker) return FET_FAIL(FET_INTERNAL, "worker %d", worker);
    row->nest->times[row->i_outer][i_chunk]++;
    return FET_OK;
}

static fet_status outer_chunk(void *self, int64_t i_chunk, int worker)
{
    struct nest *nest = self;
    struct nest_row row = {nest, pthread_self(), i_chunk, worker};
    FET_TRY(fet_pool_run(nest->pool, 16, inner_chunk, &row));
    row.worker = 0; /* in another pool, or none, this thread is the only one */
    FET_TRY(fet_pool_run(nest->other, 16, inner_chunk, &row));
    return fet_pool_run(NULL, 16, inner_chunk, &row);
}

static void a_nested_run_stays_on_its_thread(void **state)
{
    (void)state;
    struct nest nest = {0};
    assert_ok(fet_pool_new(4, &nest.pool));
    assert_ok(fet_pool_new(2, &nest.other));
    assert_ok(fet_pool_run(nest.pool, 16, outer_chunk, &nest));
    for (int i = 0; i < 256; i++) assert_int_equal(nest.times[i / 16][i % 16], 3);
    fet_pool_free(nest.other);
    fet_pool_free(nest.pool);
}

static void *run_fifty(void *argument)
{
    struct fet_pool *pool = argument;
    for (int i = 0; i < 50; i++) {
        struct tally t = {.n_threads = 3};
        if (fet_pool_run(pool, N_CHUNKS, chunk_count, &t) != FET_OK) return argument;
        for (int k = 0; k < N_CHUNKS; k++) {
            if (t.times[k] != 1) return argument;
        }
    }
    return NULL;
}

static void several_threads_may_use_one_pool(void **state)
{
    (void)state;
    struct fet_pool *pool = NULL;
    pthread_t threads[3];
    assert_ok(fet_pool_new(3, &pool));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_fifty, pool), 0);
    }
    for (int i = 0; i < 3; i++) {
        void *failed = NULL;
        (void)pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    fet_pool_free(pool);
}

static void impossible_numbers_of_threads_are_refused(void **state)
{
    (void)state;
    struct fet_pool *pool = NULL;
    assert_fails(fet_pool_new(-1, &pool), FET_ARGUMENT, "-1 threads");
    assert_fails(fet_pool_new(1025, &pool), FET_ARGUMENT, "1025 threads");
    assert_null(pool);
    assert_ok(fet_pool_new(0, &pool));
    assert_in_range(fet_pool_threads(pool), 1, 1024);
    fet_pool_free(pool);
    fet_pool_free(NULL);
}

static fet_status new_and_free(void)
{
    struct fet_pool *pool = NULL;
    FET_TRY(fet_pool_new(3, &pool));
    fet_pool_free(pool);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, new_and_free());
}

/* JSON is made on the workers while the pool has seen to jansson's allocators before. */
static fet_status chunk_json(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    char **printed = self;
    json_t *o = json_object();
    fet_status st = fet_json_set(o, "chunk", json_integer(i_chunk));
    if (st == FET_OK) st = fet_json_print(o, false, &printed[i_chunk]);
    json_decref(o);
    return st;
}

static void workers_may_make_json(void **state)
{
    (void)state;
    struct fet_pool *pool = NULL;
    char *printed[32] = {0}, wanted[32];
    assert_ok(fet_pool_new(4, &pool));
    assert_ok(fet_pool_run(pool, 32, chunk_json, printed));
    for (int i = 0; i < 32; i++) {
        fet_text_format(wanted, sizeof wanted, "{\"chunk\":%d}", i);
        assert_string_equal(printed[i], wanted);
        fet_free(printed[i]);
    }
    fet_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_runs_once_on_any_number_of_threads),
        cmocka_unit_test(many_small_jobs_follow_each_other),
        cmocka_unit_test(the_lowest_failing_chunk_is_reported),
        cmocka_unit_test(chunks_are_skipped_after_a_failure),
        cmocka_unit_test(a_nested_run_stays_on_its_thread),
        cmocka_unit_test(several_threads_may_use_one_pool),
        cmocka_unit_test(impossible_numbers_of_threads_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(workers_may_make_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
