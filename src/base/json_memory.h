/* jansson's allocators, inside base only. */
#ifndef FET_JSON_MEMORY_H
#define FET_JSON_MEMORY_H

#include <stdbool.h>

/* Makes jansson use fet_alloc and fet_free; once, whoever comes first. Called by every fet_json_
 * function and by fet_pool_new, so it has happened before a second thread of ours exists. A value
 * made by jansson before that is still freed correctly: both allocators end in free. */
void fet_json_memory_init(void);

/* Around one parse on this thread: has an allocation of jansson failed in between? jansson reports
 * some as a syntax error and others not at all: it drops letters of a growing token, and may then
 * look for a closing quote behind the end of its buffer. Within a parse a small block that
 * fet_alloc refuses is therefore taken from malloc, and the failure only noted. */
void fet_json_memory_begin(void);
bool fet_json_memory_end(void); /* true = something failed */

#endif
