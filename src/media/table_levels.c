/* A hash table with open addressing and linear probing, at most 70 % full. */
#include "table_levels.h"

#include <stdlib.h>
#include <string.h>

void fet_levels_deinit(struct fet_levels *l)
{
    fet_free(l->items);
    fet_free(l->bytes);
    fet_free(l->slots);
    *l = (struct fet_levels){0};
}

/* FNV-1a with a last mix; only speed depends on it, the levels are sorted afterwards. */
static uint64_t hash_of(const uint8_t *s, int64_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < n; i++) h = (h ^ s[i]) * 0x100000001b3u;
    return h ^ (h >> 32);
}

static fet_status levels_grow_slots(struct fet_levels *l)
{
    const int64_t n_slots = l->n_slots > 0 ? 2 * l->n_slots : 64;
    int32_t *slots = fet_alloc(n_slots, sizeof *slots);
    if (slots == NULL) return FET_FAIL_MEMORY("table", n_slots * (int64_t)sizeof *slots);
    for (int64_t i = 0; i < l->n; i++) {
        uint64_t k = l->items[i].hash & (uint64_t)(n_slots - 1);
        while (slots[k] != 0) k = (k + 1) & (uint64_t)(n_slots - 1);
        slots[k] = (int32_t)(i + 1);
    }
    fet_free(l->slots);
    l->slots = slots;
    l->n_slots = n_slots;
    return FET_OK;
}

static fet_status levels_append(struct fet_levels *l, const uint8_t *s, int64_t n, uint64_t hash)
{
    if (l->n == l->cap) {
        const int64_t cap = l->cap > 0 ? 2 * l->cap : 16;
        struct fet_level *items = fet_realloc(l->items, l->cap, cap, sizeof *items);
        if (items == NULL) return FET_FAIL_MEMORY("table", cap * (int64_t)sizeof *items);
        l->items = items;
        l->cap = cap;
    }
    if (n > l->cap_bytes - l->n_bytes) {
        const int64_t cap = 2 * l->cap_bytes + n + 64;
        uint8_t *bytes = fet_realloc(l->bytes, l->cap_bytes, cap, 1);
        if (bytes == NULL) return FET_FAIL_MEMORY("table", cap);
        l->bytes = bytes;
        l->cap_bytes = cap;
    }
    if (n > 0) memcpy(l->bytes + l->n_bytes, s, (size_t)n);
    l->items[l->n++] = (struct fet_level){.at = l->n_bytes, .n = n, .hash = hash};
    l->n_bytes += n;
    return FET_OK;
}

fet_status fet_levels_find(struct fet_levels *l, const uint8_t *s, int64_t n, int32_t *code)
{
    if (10 * l->n >= 7 * l->n_slots) FET_TRY(levels_grow_slots(l));
    const uint64_t hash = hash_of(s, n), mask = (uint64_t)(l->n_slots - 1);
    uint64_t k = hash & mask;
    for (; l->slots[k] != 0; k = (k + 1) & mask) {
        const struct fet_level *item = &l->items[l->slots[k] - 1];
        if (item->hash == hash && item->n == n && memcmp(l->bytes + item->at, s, (size_t)n) == 0) {
            *code = l->slots[k] - 1;
            return FET_OK;
        }
    }
    FET_TRY(levels_append(l, s, n, hash));
    l->slots[k] = (int32_t)l->n;
    *code = l->slots[k] - 1;
    return FET_OK;
}

static int compare_levels(const void *a, const void *b, void *self)
{
    const struct fet_levels *l = self;
    const struct fet_level *x = &l->items[*(const int32_t *)a], *y = &l->items[*(const int32_t *)b];
    const int64_t n = x->n < y->n ? x->n : y->n;
    const int order = memcmp(l->bytes + x->at, l->bytes + y->at, (size_t)n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

fet_status fet_levels_finish(struct fet_levels *l, struct fet_arena *arena, int32_t *codes,
                             int64_t n_codes, const char *const **names)
{
    fet_status st = FET_OK;
    int32_t *order = fet_alloc(l->n, sizeof *order);
    int32_t *rank = fet_alloc(l->n, sizeof *rank);
    char *bytes = fet_arena_alloc(arena, l->n_bytes + l->n, 1);
    const char **sorted = fet_arena_alloc(arena, l->n, sizeof *sorted);
    if (order == NULL || rank == NULL || bytes == NULL || sorted == NULL) {
        st = FET_FAIL_MEMORY("table", l->n_bytes + l->n * 17);
        goto out;
    }
    for (int64_t i = 0; i < l->n; i++) order[i] = (int32_t)i;
    if (l->n > 1) qsort_r(order, (size_t)l->n, sizeof *order, compare_levels, l);
    for (int64_t i = 0; i < l->n; i++) {
        const struct fet_level *item = &l->items[order[i]];
        rank[order[i]] = (int32_t)i;
        sorted[i] = bytes;
        memcpy(bytes, l->bytes + item->at, (size_t)item->n);
        bytes += item->n + 1; /* arena memory is zeroed: the NUL is there */
    }
    for (int64_t i = 0; i < n_codes; i++)
        if (codes[i] >= 0) codes[i] = rank[codes[i]];
    *names = sorted;
out:
    fet_free(order);
    fet_free(rank);
    return st;
}
