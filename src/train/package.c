#include "package.h"

#include <string.h>

void fet_package_deinit(struct fet_package *p)
{
    if (p == NULL) return;
    fet_free(p->task);
    fet_free(p->card);
    json_decref(p->options);
    json_decref(p->state);
    json_decref(p->training);
    json_decref(p->reference);
    for (int i = 0; i < p->n_tensors; i++) {
        fet_free(p->tensors[i].name);
        fet_tensor_unref(&p->tensors[i].tensor);
    }
    fet_free(p->tensors);
    for (int i = 0; i < p->n_goldens; i++) {
        fet_free(p->goldens[i].name);
        fet_free(p->goldens[i].bytes);
        json_decref(p->goldens[i].answer);
    }
    fet_free(p->goldens);
    *p = (struct fet_package){0};
}

static const struct fet_package_tensor *find_tensor(const struct fet_package *p, const char *name)
{
    for (int i = 0; i < p->n_tensors; i++)
        if (strcmp(p->tensors[i].name, name) == 0) return &p->tensors[i];
    return NULL;
}

fet_status fet_package_add(struct fet_package *p, const char *name, const struct fet_tensor *t)
{
    if (find_tensor(p, name) != NULL)
        return FET_FAIL(FET_ARGUMENT, "model: tensor '%s' is there twice", name);
    if (p->n_tensors == p->cap_tensors) {
        const int cap = p->cap_tensors ? 2 * p->cap_tensors : 8;
        void *grown = fet_realloc(p->tensors, p->n_tensors, cap, sizeof *p->tensors);
        if (grown == NULL) return FET_FAIL_MEMORY("model tensors", cap);
        p->tensors = grown;
        p->cap_tensors = cap;
    }
    char *copy = fet_strdup(name);
    if (copy == NULL) return FET_FAIL_MEMORY("model tensor name", strlen(name));
    p->tensors[p->n_tensors++] =
        (struct fet_package_tensor){.name = copy, .tensor = fet_tensor_ref(t)};
    return FET_OK;
}

fet_status fet_package_get(const struct fet_package *p, const char *name, enum fet_dtype dtype,
                           int n_dims, const struct fet_tensor **t)
{
    const struct fet_package_tensor *found = find_tensor(p, name);
    if (found == NULL) return FET_FAIL(FET_FORMAT, "model: tensor '%s' is missing", name);
    const struct fet_tensor *x = &found->tensor;
    if (x->dtype != dtype || x->shape.n_dims != n_dims) {
        char shape[128];
        fet_shape_text(&x->shape, shape);
        return FET_FAIL(FET_FORMAT, "model: tensor '%s' is %s %s, wanted %s with %d dimensions",
                        name, fet_dtype_name(x->dtype), shape, fet_dtype_name(dtype), n_dims);
    }
    *t = x;
    return FET_OK;
}

fet_status fet_package_add_golden(struct fet_package *p, const char *name, uint8_t *bytes,
                                  size_t n_bytes, json_t *answer)
{
    char *copy = fet_strdup(name);
    void *grown = copy;
    if (copy != NULL && p->n_goldens == p->cap_goldens) {
        const int cap = p->cap_goldens ? 2 * p->cap_goldens : 4;
        grown = fet_realloc(p->goldens, p->n_goldens, cap, sizeof *p->goldens);
        if (grown != NULL) {
            p->goldens = grown;
            p->cap_goldens = cap;
        }
    }
    if (grown == NULL) {
        fet_free(copy);
        fet_free(bytes);
        json_decref(answer);
        return FET_FAIL_MEMORY("golden example", n_bytes);
    }
    p->goldens[p->n_goldens++] = (struct fet_package_golden){
        .name = copy, .bytes = bytes, .n_bytes = n_bytes, .answer = answer};
    return FET_OK;
}
