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
    fet_tensors_deinit(&p->tensors);
    for (int i = 0; i < p->n_goldens; i++) {
        fet_free(p->goldens[i].name);
        fet_free(p->goldens[i].bytes);
        json_decref(p->goldens[i].answer);
    }
    fet_free(p->goldens);
    *p = (struct fet_package){0};
}

fet_status fet_package_add(struct fet_package *p, const char *name, const struct fet_tensor *t)
{
    return fet_status_add("model", fet_tensors_add(&p->tensors, name, t));
}

fet_status fet_package_get(const struct fet_package *p, const char *name, enum fet_dtype dtype,
                           int n_dims, const struct fet_tensor **t)
{
    return fet_status_add("model", fet_tensors_get(&p->tensors, name, dtype, n_dims, t));
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
