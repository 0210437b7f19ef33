/* What the writer of folders and the contact sheet share. Private to the room. */
#ifndef FET_SET_H
#define FET_SET_H

#include "synth.h"

/* Are the numbers and the orders of this set possible? */
FET_CHECKED fet_status fet_set_check(const struct fet_synth_set *set);
/* The order of its part number i. kind NULL = good. */
struct fet_synth_order fet_set_order(const struct fet_synth_set *set, int64_t i, const char *kind);
/* The defects that the family has, in the order of the table; arena memory. */
FET_CHECKED fet_status fet_set_kinds(const char *family, struct fet_arena *a, const char ***kinds,
                                     int *n_kinds);

#endif
