/* A pool of threads that sleep until a job is posted, then draw chunk numbers in rising order.
 *
 * Why the failure that is reported does not depend on timing: chunks are drawn in order, so when
 * chunk i has started, all chunks below i have started too and are waited for. The lowest chunk
 * that can fail therefore always runs, whatever fails first on the clock. */
#include "pool.h"

#include "alloc.h"
#include "json_memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { MAX_THREADS = 1024 };

struct pool_worker {
    struct fet_pool *pool; /* borrowed */
    pthread_t thread;
    int i_worker; /* 1..n_threads-1; the caller is 0 */
};

struct fet_pool {
    int n_threads;
    int n_started;               /* of workers; written before run is possible */
    struct pool_worker *workers; /* owned; [n_threads - 1] */
    pthread_mutex_t lock;
    pthread_cond_t posted, finished;
    /* all below guarded by lock */
    uint64_t i_job;
    int n_busy; /* workers that have not yet left the job */
    bool is_closing, is_running;
    fet_pool_work *work;
    void *self;
    int64_t n_chunks, next_chunk;
    int64_t failed_chunk; /* the lowest so far; n_chunks = none */
    fet_status failed_status;
    char failed_message[1024];
};

/* Set while this thread runs a chunk: a nested run stays on the thread. */
static _Thread_local const struct fet_pool *running_pool;
static _Thread_local int running_worker;
static _Thread_local bool is_in_chunk;

/* Runs chunks until none is left or one has failed. Called and left with the lock held. */
static void chunks_run(struct fet_pool *p, int worker)
{
    running_pool = p;
    running_worker = worker;
    is_in_chunk = true;
    while (p->next_chunk < p->n_chunks && p->failed_chunk == p->n_chunks) {
        const int64_t i = p->next_chunk++;
        fet_pool_work *work = p->work;
        void *self = p->self;
        (void)pthread_mutex_unlock(&p->lock);
        const fet_status st = work(self, i, worker);
        (void)pthread_mutex_lock(&p->lock);
        if (st != FET_OK && i < p->failed_chunk) {
            p->failed_chunk = i;
            p->failed_status = st;
            const char *message = fet_status_message();
            memcpy(p->failed_message, message, strlen(message) + 1);
        }
    }
    is_in_chunk = false;
    running_pool = NULL;
    running_worker = 0;
}

static void *worker_main(void *argument)
{
    const struct pool_worker *w = argument;
    struct fet_pool *p = w->pool;
    uint64_t i_seen = 0;
    (void)pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->i_job == i_seen && !p->is_closing) {
            (void)pthread_cond_wait(&p->posted, &p->lock);
        }
        if (p->is_closing) break;
        i_seen = p->i_job;
        chunks_run(p, w->i_worker);
        if (--p->n_busy == 0) (void)pthread_cond_signal(&p->finished);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Processors that this process may use; a container or taskset may allow fewer than there are. */
static int processors_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int n = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
    if (n < 1) n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
}

/* Signals are for the thread that made the pool, but for those that a fault in the worker raises.
 */
static void signals_block(sigset_t *old)
{
    sigset_t set;
    (void)sigfillset(&set);
    (void)sigdelset(&set, SIGSEGV);
    (void)sigdelset(&set, SIGBUS);
    (void)sigdelset(&set, SIGFPE);
    (void)sigdelset(&set, SIGILL);
    (void)sigdelset(&set, SIGABRT);
    (void)pthread_sigmask(SIG_SETMASK, &set, old);
}

static fet_status workers_start(struct fet_pool *p)
{
    sigset_t old;
    signals_block(&old);
    int error = 0;
    for (int i = 1; i < p->n_threads && error == 0; i++) {
        struct pool_worker *w = &p->workers[i - 1];
        *w = (struct pool_worker){.pool = p, .i_worker = i};
        error = pthread_create(&w->thread, NULL, worker_main, w);
        if (error == 0) p->n_started++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error != 0) {
        return FET_FAIL(FET_LIMIT, "pool: cannot start thread %d of %d: the system refuses more",
                        p->n_started + 2, p->n_threads);
    }
    return FET_OK;
}

fet_status fet_pool_new(int n_threads, struct fet_pool **pool)
{
    if (n_threads < 0 || n_threads > MAX_THREADS) {
        return FET_FAIL(FET_ARGUMENT, "pool: %d threads wanted, 0 to %d are possible", n_threads,
                        MAX_THREADS);
    }
    fet_json_memory_init(); /* before there is a second thread */
    const int n = n_threads == 0 ? processors_count() : n_threads;
    struct fet_pool *p = fet_alloc(1, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY("pool", sizeof *p);
    p->n_threads = n;
    (void)pthread_mutex_init(&p->lock, NULL); /* never fails with default attributes on Linux */
    (void)pthread_cond_init(&p->posted, NULL);
    (void)pthread_cond_init(&p->finished, NULL);
    p->workers = fet_alloc(n - 1, sizeof *p->workers);
    fet_status st = FET_OK;
    if (p->workers == NULL) {
        st = FET_FAIL_MEMORY("pool", sizeof *p->workers);
    } else {
        st = workers_start(p);
    }
    if (st != FET_OK) {
        fet_pool_free(p);
        return st;
    }
    *pool = p;
    return FET_OK;
}

void fet_pool_free(struct fet_pool *pool)
{
    if (pool == NULL) return;
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_closing = true;
    (void)pthread_cond_broadcast(&pool->posted);
    (void)pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->n_started; i++) (void)pthread_join(pool->workers[i].thread, NULL);
    (void)pthread_cond_destroy(&pool->finished);
    (void)pthread_cond_destroy(&pool->posted);
    (void)pthread_mutex_destroy(&pool->lock);
    fet_free(pool->workers);
    fet_free(pool);
}

int fet_pool_threads(const struct fet_pool *pool)
{
    return pool == NULL ? 1 : pool->n_threads;
}

/* On this thread, in order. Inside a chunk of the same pool the worker's number stays what it is,
 * so that scratch which the outer call has cut up by worker is not shared. */
static fet_status run_here(const struct fet_pool *pool, int64_t n_chunks, fet_pool_work *work,
                           void *self)
{
    const int worker = is_in_chunk && pool == running_pool ? running_worker : 0;
    for (int64_t i = 0; i < n_chunks; i++) {
        const fet_status st = work(self, i, worker);
        if (st != FET_OK) return st;
    }
    return FET_OK;
}

fet_status fet_pool_run(struct fet_pool *pool, int64_t n_chunks, fet_pool_work *work, void *self)
{
    struct fet_pool *p = pool;
    if (p == NULL || is_in_chunk || p->n_threads == 1 || n_chunks <= 1) {
        return run_here(p, n_chunks, work, self);
    }
    (void)pthread_mutex_lock(&p->lock);
    if (p->is_running) {
        (void)pthread_mutex_unlock(&p->lock);
        return run_here(p, n_chunks, work, self);
    }
    p->is_running = true;
    p->work = work;
    p->self = self;
    p->n_chunks = n_chunks;
    p->next_chunk = 0;
    p->failed_chunk = n_chunks;
    p->failed_status = FET_OK;
    p->n_busy = p->n_started;
    p->i_job++;
    (void)pthread_cond_broadcast(&p->posted);
    chunks_run(p, 0);
    while (p->n_busy > 0) (void)pthread_cond_wait(&p->finished, &p->lock);
    const fet_status st = p->failed_status;
    if (st != FET_OK) fet_status_set(st, "%s", p->failed_message);
    p->is_running = false;
    (void)pthread_mutex_unlock(&p->lock);
    return st;
}
