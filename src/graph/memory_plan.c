/* The greedy placement of shared memory, large items first. */
#include "memory_plan.h"

#include <stdlib.h>

/* By size downwards, then by number, so that the order is one. */
struct entry {
    size_t n_bytes;
    int item;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *const x = a, *const y = b;
    if (x->n_bytes != y->n_bytes) return x->n_bytes > y->n_bytes ? -1 : 1;
    return x->item - y->item;
}

static bool lives_with(const struct fet_memory_item *a, const struct fet_memory_item *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Items already placed are sorted by offset; the new one goes into the first gap that is wide
 * enough between those that live with it. */
static void place(struct fet_memory_item *items, int *placed, int n_placed, int item)
{
    struct fet_memory_item *const it = &items[item];
    size_t offset = 0;
    for (int i = 0; i < n_placed; i++) {
        const struct fet_memory_item *const other = &items[placed[i]];
        if (!lives_with(it, other)) continue;
        if (other->offset >= offset + it->n_bytes) break;
        const size_t end = other->offset + other->n_bytes;
        if (end > offset) offset = end;
    }
    it->offset = offset;
    int at = n_placed;
    for (; at > 0 && items[placed[at - 1]].offset > offset; at--) placed[at] = placed[at - 1];
    placed[at] = item;
}

fet_status fet_memory_plan(struct fet_memory_item *items, int n, size_t *peak_bytes)
{
    struct entry *const order = fet_alloc(n, sizeof *order);
    int *const placed = fet_alloc(n, sizeof *placed);
    int n_order = 0;
    size_t peak = 0;
    if (order == NULL || placed == NULL) {
        fet_free(order);
        fet_free(placed);
        return FET_FAIL_MEMORY("memory plan", n * (int64_t)sizeof *order);
    }
    for (int i = 0; i < n; i++) {
        if (items[i].n_bytes == 0) continue;
        const size_t a = FET_MEMORY_ALIGNMENT;
        items[i].n_bytes = (items[i].n_bytes + a - 1) / a * a;
        order[n_order++] = (struct entry){items[i].n_bytes, i};
    }
    qsort(order, (size_t)n_order, sizeof *order, compare_entries);
    for (int i = 0; i < n_order; i++) {
        const struct fet_memory_item *const it = &items[order[i].item];
        place(items, placed, i, order[i].item);
        if (it->offset + it->n_bytes > peak) peak = it->offset + it->n_bytes;
    }
    *peak_bytes = peak;
    fet_free(order);
    fet_free(placed);
    return FET_OK;
}
