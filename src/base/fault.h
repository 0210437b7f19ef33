/* Faults on demand, for tests: the n-th allocation or the n-th write from now on fails. Off unless
 * armed; the cost then is one relaxed atomic load. Process-wide. */
#ifndef FET_FAULT_H
#define FET_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fet_fault { FET_FAULT_ALLOC, FET_FAULT_WRITE };

/* The n-th (1 = next) call of that kind fails, once; 0 disarms. */
void fet_fault_arm(enum fet_fault kind, int64_t n);
/* Did the armed fault happen? */
bool fet_fault_has_fired(enum fet_fault kind);
/* Asked by base itself at each allocation and write. */
bool fet_fault_is_due(enum fet_fault kind);

#endif
