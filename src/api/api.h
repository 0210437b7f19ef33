/* Head header of room api (F7): the public calls of <fettle/fettle.h>, which walk the rooms in the
 * order of the house. This header is what they share, and what cli may know besides. */
#ifndef FET_API_ROOM_H
#define FET_API_ROOM_H

#include <fettle/fettle.h>

#include "report.h"
#include "tasks.h"

struct fet_model {
    struct fet_loaded loaded; /* task, settings, state, package */
    struct fet_pool *pool;
    double seconds; /* of training or of the last update; 0 = opened from a file */
};

/* The tensor in which a model keeps the sorted keys of the examples that it was fitted or
 * calibrated on, so that a test never scores them. */
#define FET_TRAINING_KEYS "training.keys"

/* {task, format, options, training, threshold, ..., sentence} as an object: show, and the start of
 * what train prints. */
FET_CHECKED fet_status fet_model_describe(const fet_model *m, json_t **json);

/* Notes what was found in a folder, and what was ignored and why. */
FET_CHECKED fet_status fet_model_tell_found(const struct fet_examples *e,
                                            const struct fet_context *c);

/* Answers one example and takes the time. a is initialised here; the caller deinits it also on
 * failure. */
FET_CHECKED fet_status fet_model_answer(const fet_model *m, const struct fet_examples *e,
                                        const struct fet_example *x, struct fet_answer *a);

/* How overlays of this model are coloured. */
struct fet_overlay_style fet_model_overlay_style(const fet_model *m);

/* Draws the answer over its picture into folder/<path without slashes>.png. Examples without a
 * picture or a map are passed over. */
FET_CHECKED fet_status fet_model_write_overlay(const fet_model *m, const struct fet_example *x,
                                               const struct fet_answer *a, const char *folder);

/* ---- one set of defaults on many data sets ---- */

struct fet_benchmark_order {
    const char *const *paths; /* data sets, or folders of data sets; borrowed until the free */
    int64_t n_paths;
    struct fet_train_order train; /* for each of them; its path is not looked at, its task needed */
    int n_seeds; /* runs of a data set: with train.seed, train.seed + 1, ...; at least 1 */
    const char *keep_folder; /* the models stay there, <set>.fettle; NULL = none stays */
};

/* Figures of the data sets that are finished. One thread at a time. */
struct fet_benchmark;

/* Finds the data sets by their names alone. What is none is named by a note and passed over;
 * FET_DATA when none is left, FET_NOT_FOUND for a path that is not there; a folder for the models
 * that cannot be written fails here too. */
FET_CHECKED fet_status fet_benchmark_new(const struct fet_benchmark_order *order,
                                         struct fet_benchmark **b);
/* Trains, writes, opens and tests a model of each. Data that cannot be used are noted and passed
 * over; any other failure ends the run. What was finished before stays, also after FET_CANCELLED.
 * Call it once. */
FET_CHECKED fet_status fet_benchmark_run(struct fet_benchmark *b);
/* {task, sets:[...], mean:{...}, spread:{...}, skipped:[...]}; keys in docs/guide/json.md. */
FET_CHECKED fet_status fet_benchmark_describe(const struct fet_benchmark *b, json_t **json);
int64_t fet_benchmark_done(const struct fet_benchmark *b);   /* data sets that are finished */
int64_t fet_benchmark_failed(const struct fet_benchmark *b); /* whose data could not be used */
void fet_benchmark_free(struct fet_benchmark *b);            /* accepts NULL */

#endif
