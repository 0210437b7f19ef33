/* Where things lie in one block of memory that they share over time: whatever lives at once must
 * not overlap. Private to the room. */
#ifndef FET_MEMORY_PLAN_H
#define FET_MEMORY_PLAN_H

#include "base.h"

enum { FET_MEMORY_ALIGNMENT = 64 };

struct fet_memory_item {
    size_t n_bytes;  /* 0 = needs no place */
    int first, last; /* the steps between which it lives, both included */
    size_t offset;   /* the answer: a multiple of FET_MEMORY_ALIGNMENT */
};

/* Fills in all offsets; *peak_bytes is what the block must hold. Large items first, each at the
 * lowest place that is free while it lives (Pisarchyk and Lee 2020): within a few percent of the
 * least possible for networks. The answer depends on the items alone. */
FET_CHECKED fet_status fet_memory_plan(struct fet_memory_item *items, int n, size_t *peak_bytes);

#endif
