/* What no other part has the like of. Some of the parts that are called good may secretly be
 * defective, and what is remembered of a defect hides the next one like it. */
#ifndef FET_ODD_H
#define FET_ODD_H

#include "memory.h"

/* is_odd [s->n]: rows that lie farther from all other parts than the oddest rows of parts usually
 * do. Of fewer than FET_ODD_PARTS parts none is odd: they do not tell what is usual. *limit: the
 * distance beyond which a row is odd, INFINITY where none is. Parallel; the result does not depend
 * on the number of threads. */
enum { FET_ODD_PARTS = 10 };
FET_CHECKED fet_status fet_odd_find(const struct fet_memory_sample *s, struct fet_pool *pool,
                                    bool *is_odd, float *limit);

#endif
