/* Heap memory with overflow checks and a fault hook. Thread-safe. Free with fet_free. */
#ifndef FET_ALLOC_H
#define FET_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* n elements of size bytes, zeroed, 64-byte aligned; NULL on overflow or when memory is out.
 * n = 0 gives a valid pointer. Callers report with FET_FAIL_MEMORY. */
void *fet_alloc(int64_t n, size_t size);

/* As realloc on a fet_alloc pointer (or NULL): keeps old_n elements, zeroes the new ones. On
 * failure NULL, the old block is untouched. */
void *fet_realloc(void *old, int64_t old_n, int64_t n, size_t size);

/* Accepts NULL. */
void fet_free(void *p);

/* A heap copy of a string or of its first n bytes; NULL when memory is out. */
char *fet_strdup(const char *s);
char *fet_strndup(const char *s, size_t n);

/* *product = a * b; false on overflow or a negative factor. */
bool fet_mul_size(int64_t a, int64_t b, int64_t *product);

/* return FET_FAIL_MEMORY("image", bytes) */
#define FET_FAIL_MEMORY(what, n_bytes) \
    FET_FAIL(FET_MEMORY, "%s: out of memory (%lld bytes wanted)", (what), (long long)(n_bytes))

#endif
