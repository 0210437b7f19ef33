/* Head header of room model (F5): the .fettle file. A ZIP with stored (not deflated) members,
 * weights aligned to 64 bytes so that they can be mapped: model.json, weights.safetensors, card.md,
 * reference.json, golden/, sbom.cdx.json. Format: docs/format/model.md. */
#ifndef FET_MODEL_H
#define FET_MODEL_H

#include "train.h"

enum { FET_MODEL_FORMAT = 1 }; /* raised when an old program could not read a new file */

/* Atomic. The same package gives the same bytes (no times, no user, no host in the file). */
FET_CHECKED fet_status fet_package_write(const struct fet_package *p, const char *path);

/* Opens, checks every member's SHA-256 (in model.json) and the format version. Tensors are views on
 * the mapped file and keep it alive. Cut short, a flipped bit, foreign file: FET_FORMAT with a
 * sentence. */
FET_CHECKED fet_status fet_package_read(const char *path, struct fet_package *p);
/* The same from memory, for fuzzing and upload; tensors are copied. */
FET_CHECKED fet_status fet_package_parse(const void *bytes, size_t n, const char *name,
                                         struct fet_package *p);

/* A model that can answer: task and state, goldens re-scored. */
struct fet_loaded {
    const struct fet_task *task;
    struct fet_settings *settings; /* owned */
    void *state;                   /* owned; read-only */
    struct fet_package package;    /* owned */
};
/* Takes the package's contents (also on failure). Answers each golden example again: an answer
 * outside the tolerance is FET_FORMAT. tasks: NULL-terminated table. */
FET_CHECKED fet_status fet_loaded_open(struct fet_package *p, const struct fet_task *const *tasks,
                                       const struct fet_context *c, struct fet_loaded *loaded);
void fet_loaded_close(struct fet_loaded *loaded); /* accepts NULL and {0} */

#endif
