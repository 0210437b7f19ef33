/* Private to data: joining examples into groups, pair by pair (union-find). */
#ifndef FET_GROUPING_H
#define FET_GROUPING_H

#include "examples.h"

struct fet_grouping {
    struct fet_examples *e; /* borrowed */
    int64_t *parents;       /* owned [e->n] */
};

/* Starts with the groups that the examples are in already. */
FET_CHECKED fet_status fet_grouping_init(struct fet_examples *e, struct fet_grouping *g);
void fet_grouping_deinit(struct fet_grouping *g); /* accepts {0} */

void fet_grouping_join(struct fet_grouping *g, int64_t i, int64_t j);
bool fet_grouping_is_joined(struct fet_grouping *g, int64_t i, int64_t j);

/* Names the groups of two and more in the examples: by a name that one of them had (the first in
 * byte order), else by the smallest key. *n_groups counts those of two and more that had no name,
 * *n_members what lies in them. */
FET_CHECKED fet_status fet_grouping_apply(struct fet_grouping *g, int64_t *n_groups,
                                          int64_t *n_members);

#endif
