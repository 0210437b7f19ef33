/* A growing array; names are few enough that looking through all of them costs nothing. */
#include "tensors.h"

#include <string.h>

void fet_tensors_deinit(struct fet_tensors *list)
{
    if (list == NULL) return;
    for (int i = 0; i < list->n; i++) {
        fet_free(list->items[i].name);
        fet_tensor_unref(&list->items[i].tensor);
    }
    fet_free(list->items);
    *list = (struct fet_tensors){0};
}

const struct fet_tensor *fet_tensors_find(const struct fet_tensors *list, const char *name)
{
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i].name, name) == 0) return &list->items[i].tensor;
    return NULL;
}

fet_status fet_tensors_add(struct fet_tensors *list, const char *name, const struct fet_tensor *t)
{
    if (fet_tensors_find(list, name) != NULL)
        return FET_FAIL(FET_ARGUMENT, "tensor '%s' is there twice", name);
    if (list->n == list->cap) {
        const int cap = list->cap > 0 ? 2 * list->cap : 8;
        void *const grown = fet_realloc(list->items, list->n, cap, sizeof *list->items);
        if (grown == NULL) return FET_FAIL_MEMORY("tensors", cap);
        list->items = grown;
        list->cap = cap;
    }
    char *const copy = fet_strdup(name);
    if (copy == NULL) return FET_FAIL_MEMORY("tensor name", strlen(name));
    list->items[list->n++] = (struct fet_named_tensor){copy, fet_tensor_ref(t)};
    return FET_OK;
}

fet_status fet_tensors_get(const struct fet_tensors *list, const char *name, enum fet_dtype dtype,
                           int n_dims, const struct fet_tensor **t)
{
    const struct fet_tensor *const x = fet_tensors_find(list, name);
    if (x == NULL) return FET_FAIL(FET_FORMAT, "tensor '%s' is missing", name);
    if (x->dtype != dtype || x->shape.n_dims != n_dims) {
        char shape[128];
        fet_shape_text(&x->shape, shape);
        return FET_FAIL(FET_FORMAT, "tensor '%s' is %s %s, wanted %s with %d dimensions", name,
                        fet_dtype_name(x->dtype), shape, fet_dtype_name(dtype), n_dims);
    }
    *t = x;
    return FET_OK;
}
