/* One counter per kind, counting down to the failing call. */
#include "fault.h"

#include <stdatomic.h>

enum { N_KINDS = 2 };

static _Atomic int64_t calls_left[N_KINDS]; /* 0 = not armed */
static atomic_bool has_fired[N_KINDS];

void fet_fault_arm(enum fet_fault kind, int64_t n)
{
    atomic_store(&has_fired[kind], false);
    atomic_store(&calls_left[kind], n > 0 ? n : 0);
}

bool fet_fault_has_fired(enum fet_fault kind)
{
    return atomic_load(&has_fired[kind]);
}

bool fet_fault_is_due(enum fet_fault kind)
{
    int64_t left = atomic_load_explicit(&calls_left[kind], memory_order_relaxed);
    while (left > 0) {
        if (!atomic_compare_exchange_weak(&calls_left[kind], &left, left - 1)) continue;
        if (left > 1) return false;
        atomic_store(&has_fired[kind], true);
        return true;
    }
    return false;
}
