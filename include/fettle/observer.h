/* What a long call tells its caller, and how the caller stops it. Every member may be NULL, and
 * so may the observer. Calls come from the thread that made the long call, one at a time. */
#ifndef FETTLE_OBSERVER_H
#define FETTLE_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

struct fet_observer {
    void *self;
    /* stage is a short phrase ("reading pictures"); total 0 = unknown. Called often; be quick. */
    void (*progress)(void *self, const char *stage, int64_t done, int64_t total);
    /* One plain sentence that a user should read (what was found, what was ignored and why). */
    void (*note)(void *self, const char *sentence);
    /* true = stop soon; the call then returns FET_CANCELLED and has written nothing. */
    bool (*is_cancelled)(void *self);
};

#endif
