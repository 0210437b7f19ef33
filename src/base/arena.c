/* A chain of blocks with a pointer that only moves forward. A reset goes back to the first block
 * and keeps the chain, so a loop that does the same work again asks the heap for nothing. */
#include "arena.h"

#include "alloc.h"

#include <assert.h>
#include <string.h>

enum { ALIGNMENT = 64, BLOCK_BYTES = 64 * 1024 - ALIGNMENT };

struct fet_arena_block {
    struct fet_arena_block *next;
    size_t size, used; /* bytes behind this header */
    char pad[ALIGNMENT - 3 * sizeof(size_t)];
};
static_assert(sizeof(struct fet_arena_block) == ALIGNMENT, "the data behind it must be aligned");

/* The first block from `now` on with that much room; a new one at the place after `now` if none. */
static struct fet_arena_block *block_find(struct fet_arena *a, size_t n_bytes)
{
    for (struct fet_arena_block *b = a->now; b != NULL; b = b->next) {
        if (b->size - b->used >= n_bytes) return b;
    }
    size_t size = BLOCK_BYTES;
    if (size < n_bytes) size = n_bytes;
    struct fet_arena_block *b = fet_alloc((int64_t)(sizeof *b + size), 1);
    if (b == NULL) return NULL;
    b->size = size;
    if (a->now == NULL) {
        a->first = b;
    } else {
        b->next = a->now->next;
        a->now->next = b;
    }
    return b;
}

void *fet_arena_alloc(struct fet_arena *a, int64_t n, size_t size)
{
    int64_t wanted = 0;
    if (size > (size_t)INT64_MAX || !fet_mul_size(n, (int64_t)size, &wanted)) return NULL;
    if (wanted > INT64_MAX - 2 * ALIGNMENT) return NULL;
    size_t n_bytes = ((size_t)wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (n_bytes == 0) n_bytes = ALIGNMENT;
    struct fet_arena_block *b = block_find(a, n_bytes);
    if (b == NULL) return NULL;
    char *p = (char *)(b + 1) + b->used;
    b->used += n_bytes;
    a->used_bytes += n_bytes;
    /* A large request that went into a block of its own must not hide the room left in `now`. */
    if (a->now == NULL || b->size - b->used > a->now->size - a->now->used) a->now = b;
    memset(p, 0, n_bytes);
    return p;
}

char *fet_arena_strdup(struct fet_arena *a, const char *s)
{
    return fet_arena_strndup(a, s, strlen(s));
}

char *fet_arena_strndup(struct fet_arena *a, const char *s, size_t n)
{
    const size_t length = strnlen(s, n);
    char *copy = fet_arena_alloc(a, (int64_t)length + 1, 1);
    if (copy != NULL) memcpy(copy, s, length);
    return copy;
}

void fet_arena_reset(struct fet_arena *a)
{
    for (struct fet_arena_block *b = a->first; b != NULL; b = b->next) b->used = 0;
    a->now = a->first;
    a->used_bytes = 0;
}

void fet_arena_deinit(struct fet_arena *a)
{
    if (a == NULL) return;
    for (struct fet_arena_block *b = a->first; b != NULL;) {
        struct fet_arena_block *next = b->next;
        fet_free(b);
        b = next;
    }
    *a = (struct fet_arena){0};
}
