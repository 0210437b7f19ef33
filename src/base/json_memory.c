/* jansson on our heap, so that tests can make its allocations fail. */
#include "json_memory.h"

#include "alloc.h"

#include <jansson.h>
#include <pthread.h>
#include <stdint.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool has_failed;

static void *json_memory_alloc(size_t n)
{
    void *p = n > (size_t)INT64_MAX ? NULL : fet_alloc((int64_t)n, 1);
    if (p == NULL) has_failed = true;
    return p;
}

static void json_memory_set(void)
{
    json_set_alloc_funcs(json_memory_alloc, fet_free);
}

void fet_json_memory_init(void)
{
    (void)pthread_once(&once, json_memory_set);
}

void fet_json_memory_reset(void)
{
    has_failed = false;
}

bool fet_json_memory_has_failed(void)
{
    return has_failed;
}
