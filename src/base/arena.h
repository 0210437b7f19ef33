/* Memory that is freed all at once: one request, one data set, one step. One thread at a time. */
#ifndef FET_ARENA_H
#define FET_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct fet_arena_block;

struct fet_arena {
    struct fet_arena_block *first, *now; /* owned; chain of blocks */
    size_t used_bytes;                   /* handed out since the last reset */
};

/* {0} is a valid empty arena. */
void *fet_arena_alloc(struct fet_arena *a, int64_t n,
                      size_t size); /* zeroed, 64-byte aligned; NULL on failure */
/* Copies, packed without alignment; NULL on failure. */
char *fet_arena_strdup(struct fet_arena *a, const char *s);
char *fet_arena_strndup(struct fet_arena *a, const char *s, size_t n);
void fet_arena_reset(struct fet_arena *a);  /* keeps the blocks */
void fet_arena_deinit(struct fet_arena *a); /* frees the blocks; accepts NULL and {0} */

#endif
