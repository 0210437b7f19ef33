/* A training's state in a file (safetensors): parameters by name, an optimiser's state, a number of
 * steps. Written all or nothing, so that a training killed at any moment goes on from the last
 * file and ends with the same bytes. */
#ifndef FET_CHECKPOINT_H
#define FET_CHECKPOINT_H

#include "optimiser.h"

/* optimiser may be NULL: parameters only. */
FET_CHECKED fet_status fet_checkpoint_write(const char *path, struct fet_tape *tape,
                                            const struct fet_optimiser *optimiser);
/* The file must hold each parameter of the tape with its shape, and the optimiser's state unless
 * it is NULL; what else it holds is not looked at. On failure nothing has changed. */
FET_CHECKED fet_status fet_checkpoint_read(const char *path, struct fet_tape *tape,
                                           struct fet_optimiser *optimiser);

#endif
