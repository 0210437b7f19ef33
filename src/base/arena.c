/* A chain of blocks with a pointer that only moves forward. A reset goes back to the first block
 * and keeps the chain, so a loop that does the same work again asks the heap for nothing. */
#include "arena.h"

#include "alloc.h"

#include <assert.h>
#include <string.h>

/* Blocks grow from small to large: a small answer costs a kilobyte, a large set few blocks. */
enum { ALIGNMENT = 64, FIRST_BYTES = 1024 - ALIGNMENT, BLOCK_BYTES = 64 * 1024 - ALIGNMENT };

struct fet_arena_block {
    struct fet_arena_block *next;
    size_t size, used; /* bytes behind this header */
    char pad[ALIGNMENT - 3 * sizeof(size_t)];
};
static_assert(sizeof(struct fet_arena_block) == ALIGNMENT, "the data behind it must be aligned");

/* Where the next piece would begin in a block. */
static size_t block_start(const struct fet_arena_block *b, size_t alignment)
{
    return (b->used + alignment - 1) / alignment * alignment;
}

/* The first block from `now` on with that much room; a new one at the place after `now` if none. */
static struct fet_arena_block *block_find(struct fet_arena *a, size_t n_bytes, size_t alignment)
{
    for (struct fet_arena_block *b = a->now; b != NULL; b = b->next) {
        const size_t start = block_start(b, alignment);
        if (start <= b->size && b->size - start >= n_bytes) return b;
    }
    size_t size = a->now == NULL ? FIRST_BYTES : 4 * a->now->size;
    if (size > BLOCK_BYTES) size = BLOCK_BYTES;
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

/* n_bytes of what is in the arena, zeroed; at least 1, so that pieces have addresses of their own.
 */
static void *arena_take(struct fet_arena *a, size_t n_bytes, size_t alignment)
{
    if (n_bytes == 0) n_bytes = 1;
    if (n_bytes > (size_t)INT64_MAX / 2) return NULL;
    struct fet_arena_block *b = block_find(a, n_bytes, alignment);
    if (b == NULL) return NULL;
    const size_t start = block_start(b, alignment);
    b->used = start + n_bytes;
    a->used_bytes += n_bytes;
    /* A large request that went into a block of its own must not hide the room left in `now`. */
    if (a->now == NULL || b->size - b->used > a->now->size - a->now->used) a->now = b;
    return memset((char *)(b + 1) + start, 0, n_bytes);
}

void *fet_arena_alloc(struct fet_arena *a, int64_t n, size_t size)
{
    int64_t n_bytes = 0;
    if (size > (size_t)INT64_MAX || !fet_mul_size(n, (int64_t)size, &n_bytes)) return NULL;
    return arena_take(a, (size_t)n_bytes, ALIGNMENT);
}

char *fet_arena_strdup(struct fet_arena *a, const char *s)
{
    return fet_arena_strndup(a, s, strlen(s));
}

char *fet_arena_strndup(struct fet_arena *a, const char *s, size_t n)
{
    const size_t length = strnlen(s, n);
    char *copy = arena_take(a, length + 1, 1); /* strings lie side by side */
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
