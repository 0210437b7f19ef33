/* jansson on our heap, so that tests can make its allocations fail. */
#include "json_memory.h"

#include "alloc.h"

#include <jansson.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool has_failed, is_parsing;

static void *json_memory_alloc(size_t n)
{
    enum { SMALL_BYTES = 1 << 16 };
    void *p = n > (size_t)INT64_MAX ? NULL : fet_alloc((int64_t)n, 1);
    if (p != NULL) return p;
    has_failed = true;
    return is_parsing && n <= SMALL_BYTES ? calloc(1, n) : NULL;
}

static void json_memory_set(void)
{
    json_set_alloc_funcs(json_memory_alloc, fet_free);
}

void fet_json_memory_init(void)
{
    (void)pthread_once(&once, json_memory_set);
}

void fet_json_memory_begin(void)
{
    has_failed = false;
    is_parsing = true;
}

bool fet_json_memory_end(void)
{
    is_parsing = false;
    return has_failed;
}
