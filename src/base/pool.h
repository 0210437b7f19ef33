/* The one thread pool. Work is cut into chunks whose number and order do not depend on the number
 * of threads, so results repeat. */
#ifndef FET_POOL_H
#define FET_POOL_H

#include <stdint.h>

#include "status.h"

struct fet_pool;

/* One chunk of work. worker is 0..n_threads-1, stable within the call: an index for scratch. */
typedef fet_status fet_pool_work(void *self, int64_t i_chunk, int worker);

/* n_threads 0 = one per online processor; the calling thread counts as one of them. */
FET_CHECKED fet_status fet_pool_new(int n_threads, struct fet_pool **pool);
void fet_pool_free(struct fet_pool *pool);         /* accepts NULL */
int fet_pool_threads(const struct fet_pool *pool); /* 1 for NULL */

/* Runs work for every chunk and waits. Returns the status and sentence of the lowest failing chunk;
 * chunks not yet started are then skipped. pool NULL, or a call from inside a chunk: runs here, in
 * order. Thread-safe: while one thread's work has the pool, another thread's runs on that thread.
 */
FET_CHECKED fet_status fet_pool_run(struct fet_pool *pool, int64_t n_chunks, fet_pool_work *work,
                                    void *self);

#endif
