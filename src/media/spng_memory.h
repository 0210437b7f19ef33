/* Private to this room: libspng with our memory and our sentences, for reading (png.c) and writing
 * (encode.c). */
#ifndef FET_SPNG_MEMORY_H
#define FET_SPNG_MEMORY_H

#include "status.h"

#include <spng.h>

/* flags as spng_ctx_new. NULL when memory is out. The caller owns it (spng_ctx_free). */
spng_ctx *fet_spng_new(int flags);

/* The status and sentence for a code that is not 0; `what` begins the sentence. */
fet_status fet_spng_fail(int code, const char *what);

#endif
