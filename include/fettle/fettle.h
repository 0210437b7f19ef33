/* Fettle: from a folder of examples to a model that works on the line.
 *
 *     fet_model *m = NULL;
 *     char *json = NULL;
 *     if (fet_model_open("caps.fettle", 0, &m) != FET_OK ||
 *         fet_model_predict_bytes(m, bytes, n_bytes, "part.jpg", &json) != FET_OK)
 *         fprintf(stderr, "%s\n", fet_status_message());
 *     fet_string_free(json);
 *     fet_model_close(m);
 *
 * Every fallible call returns a status and leaves its out-parameters untouched on failure; the
 * sentence is in fet_status_message(). A model is used by one thread at a time (open it once per
 * thread to answer in parallel; the weights are mapped and shared). Strings that a call hands out
 * are UTF-8 JSON, owned by the caller, freed with fet_string_free. Keys: docs/guide/json.md. */
#ifndef FETTLE_H
#define FETTLE_H

#include <stddef.h>
#include <stdint.h>

#include <fettle/observer.h>
#include <fettle/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fet_model fet_model;

/* "0.1.0" */
FET_API const char *fet_version(void);

/* ---- train ---- */

struct fet_train_order {
    const char *path;           /* folder, manifest or table */
    const char *task;           /* NULL = the task that fits path best */
    const char *const *options; /* name, value, name, value, ..., NULL; NULL = all defaults */
    uint64_t seed;
    int n_threads;                       /* 0 = one per processor */
    const struct fet_observer *observer; /* NULL = nobody */
};

/* Reads, splits, fits, calibrates. Nothing is written. The same order and data give the same model
 * on one type of machine, whatever n_threads. The caller closes *model. */
FET_API FET_CHECKED fet_status fet_model_train(const struct fet_train_order *order,
                                               fet_model **model);

/* ---- update ---- */

struct fet_update_order {
    const char *path; /* new examples, laid out as for training */
    uint64_t seed;    /* how they are split: what the model learns more from, what calibrates it */
    const struct fet_observer *observer; /* NULL = nobody */
};

/* Learns from new examples without beginning anew, with the options that the model was trained
 * with; those that it has learned from already are left out. Nothing is written. The model is
 * exchanged whole, or is as it was. FET_UNSUPPORTED when the model's task has to be trained anew.
 */
FET_API FET_CHECKED fet_status fet_model_update(fet_model *model,
                                                const struct fet_update_order *order);

/* ---- the file ---- */

/* Atomic: the file is whole or as it was. */
FET_API FET_CHECKED fet_status fet_model_save(const fet_model *model, const char *path);
/* Checks every byte and answers the golden examples again before it returns. */
FET_API FET_CHECKED fet_status fet_model_open(const char *path, int n_threads, fet_model **model);
FET_API void fet_model_close(fet_model *model); /* accepts NULL */

/* What is in it: {task, format, version, options, training, threshold, ..., sentence}. */
FET_API FET_CHECKED fet_status fet_model_show(const fet_model *model, char **json);

/* ---- test ---- */

struct fet_test_order {
    const char *path; /* examples with truth; those the model was trained on are left out */
    const char *overlay_folder; /* NULL = none; made if absent */
    const char *report_path;    /* NULL = none; an .html file */
    const struct fet_observer *observer;
};
FET_API FET_CHECKED fet_status fet_model_test(const fet_model *model,
                                              const struct fet_test_order *order, char **json);

/* ---- predict ---- */

struct fet_predict_order {
    const char *const *paths; /* files; folders are walked */
    int64_t n_paths;
    const char *overlay_folder; /* NULL = none */
    const struct fet_observer *observer;
    /* One JSON object per example, in order; borrowed until the call returns. An example that
     * cannot be answered comes as {path, error:{code, message}} and the others go on. */
    void (*answer)(void *self, const char *json);
    void *self;
};
/* *n_failed counts the examples that could not be answered. */
FET_API FET_CHECKED fet_status fet_model_predict(const fet_model *model,
                                                 const struct fet_predict_order *order,
                                                 int64_t *n_failed);

/* One example from memory; name is used for the format's extension and in sentences. */
FET_API FET_CHECKED fet_status fet_model_predict_bytes(const fet_model *model, const void *bytes,
                                                       size_t n_bytes, const char *name,
                                                       char **json);

FET_API void fet_string_free(char *s); /* accepts NULL */

#ifdef __cplusplus
}
#endif

#endif
