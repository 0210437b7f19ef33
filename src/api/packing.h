/* From a state to the package of a model; and whether a model has learned from an example. Private
 * to the room. */
#ifndef FET_PACKING_H
#define FET_PACKING_H

#include "api.h"

/* Fills m's package, which is empty, from m's task, settings and state, which learned from the fit
 * and calibrate splits of e. before: the package of the model that the state was an update of,
 * whose history and golden inputs go on; NULL = there was none. */
FET_CHECKED fet_status fet_model_pack(fet_model *m, struct fet_examples *e, uint64_t seed,
                                      const struct fet_package *before);

/* The sorted keys of what a model has learned from: borrowed from m. */
FET_CHECKED fet_status fet_training_keys_get(const fet_model *m, const struct fet_tensor **keys);
bool fet_training_keys_have(const struct fet_tensor *keys, uint64_t key);

#endif
