/* Examples: the inputs of a task with what is known of their truth. */
#ifndef FET_EXAMPLES_H
#define FET_EXAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base.h"

enum fet_split { FET_SPLIT_NONE, FET_SPLIT_FIT, FET_SPLIT_CALIBRATE, FET_SPLIT_TEST };
enum fet_truth { FET_TRUTH_UNKNOWN, FET_TRUTH_GOOD, FET_TRUTH_DEFECT };

const char *fet_split_name(enum fet_split split); /* "none", "fit", "calibrate", "test" */

struct fet_example {
    const char *path;      /* where it came from: a file, or "file.csv:12"; shown to users */
    const char *label;     /* class, or kind of defect ("good" for good parts); NULL = unknown */
    const char *mask_path; /* picture of the defect's pixels (non-zero); NULL = none */
    const char *group;    /* examples of one group never fall on both sides; NULL = its own group */
    enum fet_truth truth; /* for tasks that judge good or bad */
    enum fet_split split; /* what the layout says, then what fet_split_assign decides */
    int fold; /* of the fit split, 1 and up: calibrates too, judged by what learned from the other
               * folds alone; 0 = does not */
    uint64_t key;  /* from the content, never from the name: the same on every machine */
    int64_t i_row; /* index into the payload */
};

/* One set. All strings live in the arena. */
struct fet_examples {
    struct fet_example *items;
    int64_t n;
    const char *layout;      /* what was recognised: "MVTec folders", "one flat folder", ... */
    const char *root;        /* the path that was read */
    struct fet_text ignored; /* one line "path: why" per ignored thing */
    int64_t n_ignored;
    void *payload; /* a task's own data (a table); of pictures, what split.h compares */
    void (*payload_free)(void *payload); /* NULL = nothing to free */
    struct fet_arena arena;
};

void fet_examples_deinit(struct fet_examples *e); /* accepts NULL and {0} */
int64_t fet_examples_count(const struct fet_examples *e, enum fet_split split);
int fet_examples_folds(const struct fet_examples *e); /* 0 = none */
/* Borrowed pointers to the examples of one split, in key order (arena memory). FET_SPLIT_NONE =
 * all. */
FET_CHECKED fet_status fet_examples_select(struct fet_examples *e, enum fet_split split,
                                           const struct fet_example ***items, int64_t *n);

/* The part that an example shows: equal for the members of a group, else from its own content. */
uint64_t fet_example_part(const struct fet_example *x);

/* A short plain-text table of what was found: split x label counts, layout, what was ignored. */
FET_CHECKED fet_status fet_examples_describe(const struct fet_examples *e, struct fet_text *text);

#endif
