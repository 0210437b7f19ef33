/* The contents of a model in memory: what a task saves and loads. How it lies in a file is the
 * model room's business. */
#ifndef FET_PACKAGE_H
#define FET_PACKAGE_H

#include "base.h"
#include "tensors.h"

struct fet_package_golden { /* one input with its exact answer */
    char *name;             /* owned; file name in golden/ ("0.png") */
    uint8_t *bytes;         /* owned */
    size_t n_bytes;
    json_t *answer; /* owned */
};

struct fet_package {
    char *task;        /* owned; the task's name */
    json_t *options;   /* owned; settings as JSON */
    json_t *state;     /* owned; the task's own: preprocessing, thresholds, guarantee */
    json_t *training;  /* owned; counts, digest of the data, seed, version of the program */
    json_t *reference; /* owned; what drift is measured against */
    char *card;        /* owned; Markdown */
    struct fet_tensors tensors;
    struct fet_package_golden *goldens;
    int n_goldens, cap_goldens;
};

void fet_package_deinit(struct fet_package *p); /* accepts NULL and {0} */
/* Takes a reference on the tensor. */
FET_CHECKED fet_status fet_package_add(struct fet_package *p, const char *name,
                                       const struct fet_tensor *t);
/* Borrowed; FET_FORMAT when it is absent or has another type or number of dimensions. */
FET_CHECKED fet_status fet_package_get(const struct fet_package *p, const char *name,
                                       enum fet_dtype dtype, int n_dims,
                                       const struct fet_tensor **t);
/* Takes bytes and answer, also on failure. */
FET_CHECKED fet_status fet_package_add_golden(struct fet_package *p, const char *name,
                                              uint8_t *bytes, size_t n_bytes, json_t *answer);

#endif
