/* Tensors with names: the weights of a model, what a file holds. */
#ifndef FET_TENSORS_H
#define FET_TENSORS_H

#include "tensor.h"

struct fet_named_tensor {
    char *name; /* owned; unique in its list */
    struct fet_tensor tensor;
};

/* {0} is a valid empty list. */
struct fet_tensors {
    struct fet_named_tensor *items; /* owned */
    int n, cap;
};

void fet_tensors_deinit(struct fet_tensors *list); /* accepts NULL and {0} */
/* Takes a reference on the tensor. FET_ARGUMENT when the name is there already. */
FET_CHECKED fet_status fet_tensors_add(struct fet_tensors *list, const char *name,
                                       const struct fet_tensor *t);
/* Borrowed; NULL if absent. */
const struct fet_tensor *fet_tensors_find(const struct fet_tensors *list, const char *name);
/* Borrowed; FET_FORMAT when it is absent or has another type or number of dimensions. */
FET_CHECKED fet_status fet_tensors_get(const struct fet_tensors *list, const char *name,
                                       enum fet_dtype dtype, int n_dims,
                                       const struct fet_tensor **t);

#endif
