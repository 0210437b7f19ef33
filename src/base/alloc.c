/* The one way to the heap. posix_memalign and not malloc, because vector kernels and mapped tensors
 * want 64 bytes of alignment; with the exact size, so that ASan sees the first byte behind the end.
 */
#include "alloc.h"

#include "fault.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

/* One block larger than this is a mistake or an attack; the sanitizers' allocators agree. */
static const int64_t max_bytes = (int64_t)1 << 39;

bool fet_mul_size(int64_t a, int64_t b, int64_t *product)
{
    int64_t p = 0;
    if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &p)) return false;
    *product = p;
    return true;
}

/* Bytes of n elements, or false. */
static bool bytes_of(int64_t n, size_t size, size_t *n_bytes)
{
    int64_t product = 0;
    if (size > (size_t)INT64_MAX || !fet_mul_size(n, (int64_t)size, &product) ||
        product > max_bytes) {
        return false;
    }
    *n_bytes = (size_t)product;
    return true;
}

void *fet_alloc(int64_t n, size_t size)
{
    size_t n_bytes = 0;
    void *p = NULL;
    if (!bytes_of(n, size, &n_bytes)) return NULL;
    if (fet_fault_is_due(FET_FAULT_ALLOC)) return NULL;
    if (n_bytes == 0) n_bytes = 1;
    if (posix_memalign(&p, ALIGNMENT, n_bytes) != 0) return NULL;
    memset(p, 0, n_bytes);
    return p;
}

void *fet_realloc(void *old, int64_t old_n, int64_t n, size_t size)
{
    /* realloc may lose the alignment, hence always a new block. */
    void *p = fet_alloc(n, size);
    if (p == NULL) return NULL;
    const int64_t kept = old_n < n ? old_n : n;
    if (old != NULL && kept > 0) memcpy(p, old, (size_t)kept * size);
    fet_free(old);
    return p;
}

void fet_free(void *p)
{
    free(p);
}

char *fet_strdup(const char *s)
{
    return fet_strndup(s, strlen(s));
}

char *fet_strndup(const char *s, size_t n)
{
    const size_t length = strnlen(s, n);
    char *copy = fet_alloc((int64_t)length + 1, 1);
    if (copy != NULL) memcpy(copy, s, length);
    return copy;
}
