/* Failing with a sentence. See <fettle/status.h> for the codes. Thread-safe: the sentence is kept
 * per thread. */
#ifndef FET_STATUS_H
#define FET_STATUS_H

#include <fettle/status.h>

/* Fail with one sentence: return FET_FAIL(FET_SHAPE, "resize: width %d is below 1", w).
 * A macro, so that analysers see the constant code. */
#define FET_FAIL(code, ...) (fet_status_set((code), __VA_ARGS__), (code))

/* Return at once on failure; only while owning nothing. */
#define FET_TRY(call)                                          \
    do {                                                       \
        const fet_status fet_try_status_ = (call);             \
        if (fet_try_status_ != FET_OK) return fet_try_status_; \
    } while (0)

/* Jump to the cleanup on failure: needs a local `fet_status st` and a label `out`. */
#define FET_TRY_OUT(call)           \
    do {                            \
        st = (call);                \
        if (st != FET_OK) goto out; \
    } while (0)

/* Stores the sentence (cut at 1,023 bytes on a UTF-8 boundary). */
void fet_status_set(fet_status code, const char *format, ...) FET_PRINTF(2, 3);

/* Puts "prefix: " before this thread's sentence and returns status, for a caller that knows the
 * file: return fet_status_add(path, st). With FET_OK nothing happens. */
fet_status fet_status_add(const char *prefix, fet_status status);

#endif
