/* jansson's allocators, inside base only. */
#ifndef FET_JSON_MEMORY_H
#define FET_JSON_MEMORY_H

#include <stdbool.h>

/* Makes jansson use fet_alloc and fet_free; once, whoever comes first. Called by every fet_json_
 * function and by fet_pool_new, so it has happened before a second thread of ours exists. A value
 * made by jansson before that is still freed correctly: both allocators end in free. */
void fet_json_memory_init(void);

/* Has an allocation of jansson failed on this thread since the last reset? jansson reports some of
 * them as a syntax error, and others (a growing string) not at all. */
void fet_json_memory_reset(void);
bool fet_json_memory_has_failed(void);

#endif
