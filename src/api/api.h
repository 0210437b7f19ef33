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
    double train_seconds; /* 0 = opened from a file */
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

#endif
