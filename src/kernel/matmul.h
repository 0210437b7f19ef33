/* What kernel.c chooses from. Private to the room. */
#ifndef FET_MATMUL_H
#define FET_MATMUL_H

#include "kernel.h"

/* The call was checked: sizes fit, nothing is NULL that is read or written, M, N >= 1. */
struct fet_matmul_kernel {
    const char *name;
    bool (*accepts)(const struct fet_matmul *m); /* NULL = everything */
    fet_status (*run)(const struct fet_matmul *m);
};

extern const struct fet_matmul_kernel fet_matmul_dnnl;
extern const struct fet_matmul_kernel fet_matmul_ref;

#endif
