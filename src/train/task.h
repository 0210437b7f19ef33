/* The interface between the house and what is learned. A task is one struct; nothing outside its
 * folder knows it except the table in task/tasks.c. The rooms call its members in this order:
 *
 *   recognise -> read -> split -> fit -> calibrate -> save              train
 *   load -> read -> answer ... -> score                                 test
 *   load -> read or parse -> answer                                     predict, serve
 *   load -> read -> (split) -> update -> save                           update
 *
 * A state is made by fit or load, changed only by calibrate and update, and read-only after: answer
 * may then run on several threads at once. */
#ifndef FET_TASK_H
#define FET_TASK_H

#include "answer.h"
#include "chart.h"
#include "data.h"
#include "package.h"
#include "settings.h"

struct fet_metric {
    const char *name; /* JSON key; NULL ends a table. The first one chooses the best model */
    const char *help;
    bool is_higher_better;
    const char *unit; /* NULL = none, "%" = a share */
};

/* What fit and calibrate are given. */
struct fet_task_job {
    const struct fet_settings *settings;
    const struct fet_context *context;
    uint64_t seed;
};

/* What score hands back. */
struct fet_task_score {
    json_t *figures;          /* the agreed keys of `test --json` but task, images and ms; owned */
    struct fet_charts charts; /* for the report */
    char *sentence;           /* one or two plain sentences: what it means; owned */
};
void fet_task_score_deinit(struct fet_task_score *s);

struct fet_task {
    const char *name, *summary;
    const char *examples_name; /* plural noun for users and the JSON count key: "images", "rows" */
    const struct fet_option *options;
    const struct fet_metric *metrics;
    const char *const *answer_members; /* see answer.h */
    struct fet_split_shares shares;    /* when the folder has no split of its own */

    /* How well does what lies at path fit this task, 0..100. Looks at names and first bytes only.
     */
    int (*recognise)(const char *path);
    /* Path to examples with truth. */
    fet_status (*read)(const char *path, const struct fet_task_job *job, struct fet_examples *e);
    /* Paths to examples to be answered; state tells what to expect (columns). */
    fet_status (*read_inputs)(const void *state, const char *const *paths, int64_t n_paths,
                              const struct fet_context *c, struct fet_examples *e);
    /* For test: path to examples with truth, as the model needs them (columns, target). */
    fet_status (*read_test)(const void *state, const char *path, const struct fet_context *c,
                            struct fet_examples *e);
    /* Gives what has no split one, as the options say. NULL = fet_split_assign does, with the
     * shares above and the seed. An update, in which folds cannot be, is split so always. */
    fet_status (*split)(struct fet_examples *e, const struct fet_task_job *job);
    /* Learns from the fit split alone. *state is new on success. */
    fet_status (*fit)(struct fet_examples *e, const struct fet_task_job *job, void **state);
    /* Thresholds and guarantees from the calibrate split alone, or from folds (fet_example). */
    fet_status (*calibrate)(void *state, struct fet_examples *e, const struct fet_task_job *job);
    /* Learns more from the fit and calibrate splits of new examples, without beginning anew; the
     * job's settings are those that the model was made with. Examples that it passes over go to
     * FET_SPLIT_NONE. A state that it failed on may only be closed. NULL = this task cannot. */
    fet_status (*update)(void *state, struct fet_examples *e, const struct fet_task_job *job);
    /* One example. Thread-safe on one state. pool may be NULL. */
    fet_status (*answer)(const void *state, const struct fet_examples *e,
                         const struct fet_example *x, struct fet_pool *pool, struct fet_answer *a);
    /* Answers of the test split, in the order of examples, with truth. */
    fet_status (*score)(const void *state, const struct fet_examples *e,
                        const struct fet_example *const *x, const struct fet_answer *answers,
                        int64_t n, const struct fet_context *c, struct fet_task_score *s);
    /* Keys that train and show print besides the general ones: {threshold, false_rejects, ...}. */
    fet_status (*describe)(const void *state, json_t **json);
    /* What the model does and promises, one or more plain sentences. */
    fet_status (*explain)(const void *state, struct fet_text *text);
    /* One example as bytes with a file name ("0.png", "0.csv"), and back to a set of one. */
    fet_status (*encode)(const void *state, const struct fet_examples *e,
                         const struct fet_example *x, uint8_t **bytes, size_t *n, char name[32]);
    fet_status (*parse)(const void *state, const void *bytes, size_t n, const char *name,
                        struct fet_examples *e);

    /* Writes a tiny data set into a folder, laid out as users should, that is learnt in a second:
     * for the generic test of tasks and for people who want to see what is expected. */
    fet_status (*write_sample)(const char *folder, uint64_t seed);

    fet_status (*save)(const void *state,
                       struct fet_package *p); /* fills state, tensors, reference */
    fet_status (*load)(const struct fet_package *p, const struct fet_settings *settings,
                       void **state);
    void (*close)(void *state); /* accepts NULL */
};

/* The step between read and fit of a training: the task's split, or the usual one. */
FET_CHECKED fet_status fet_task_split(const struct fet_task *task, struct fet_examples *e,
                                      const struct fet_task_job *job);

#endif
