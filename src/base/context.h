/* What long-running calls are given by their caller: threads to run on and somebody to tell.
 * NULL is allowed wherever a context is taken: one thread, nobody listening. */
#ifndef FET_CONTEXT_H
#define FET_CONTEXT_H

#include <fettle/observer.h>

#include "pool.h"
#include "status.h"

struct fet_context {
    struct fet_pool *pool;               /* borrowed; NULL = this thread only */
    const struct fet_observer *observer; /* borrowed; NULL = nobody */
};

struct fet_pool *fet_context_pool(const struct fet_context *c);
/* Reports progress, then FET_CANCELLED if the observer wants to stop. Only from the calling thread,
 * never from inside a chunk. */
FET_CHECKED fet_status fet_context_progress(const struct fet_context *c, const char *stage,
                                            int64_t done, int64_t total);
void fet_context_note(const struct fet_context *c, const char *format, ...) FET_PRINTF(2, 3);

#endif
