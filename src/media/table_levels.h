/* Private to the table reader: the distinct texts of one column while it is read. One thread at a
 * time. */
#ifndef FET_TABLE_LEVELS_H
#define FET_TABLE_LEVELS_H

#include <stdint.h>

#include "base.h"

struct fet_level {
    int64_t at, n; /* into bytes */
    uint64_t hash;
};

/* {0} is a valid empty set. All pointers are owned. */
struct fet_levels {
    struct fet_level *items; /* [n] in order of appearance */
    uint8_t *bytes;
    int32_t *slots; /* [n_slots] 0 = empty, else index + 1 */
    int64_t n, cap, n_bytes, cap_bytes, n_slots;
};

void fet_levels_deinit(struct fet_levels *l); /* zeroes the struct */

/* The index of a text of n >= 1 bytes, in order of appearance; a new one is added. */
FET_CHECKED fet_status fet_levels_find(struct fet_levels *l, const uint8_t *s, int64_t n,
                                       int32_t *code);

/* Sorted bytewise, NUL-terminated, in arena memory; codes (-1 = none) are changed to the sorted
 * indices. */
FET_CHECKED fet_status fet_levels_finish(struct fet_levels *l, struct fet_arena *arena,
                                         int32_t *codes, int64_t n_codes,
                                         const char *const **names);

#endif
