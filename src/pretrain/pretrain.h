/* Head header of room pretrain (F4): how the eye that inspectors look through is learned, from made
 * parts alone.
 *
 * The eye is a small network that turns a picture into a grid of descriptions. An inspector
 * remembers the descriptions of good parts and asks of a new part how far each of its cells lies
 * from the nearest remembered one. That question is what the eye is trained for, directly: each
 * step draws a product of the made world, a few good parts to remember, and a few good and
 * defective ones to judge; cells that show a defect shall lie far from the memory, all others near.
 * A product is never seen twice, so what is learned is to compare, not to know (Vinyals 2016,
 * matching networks; the memory is PatchCore's, Roth 2022). */
#ifndef FET_PRETRAIN_H
#define FET_PRETRAIN_H

#include "nn.h"

struct fet_pretrain_order {
    const char *output;   /* the eye as an ONNX file; "OUTPUT.checkpoint" and "OUTPUT.csv" (the log)
                             lie beside it */
    const char *held_out; /* families that are never trained on, by comma; "" = none */
    int64_t n_steps;      /* of the whole training, 1.. */
    int64_t size_px;      /* of the pictures; a multiple of 16, 64..512 */
    int n_validation;     /* products of each family to validate with; 0 = no validation */
    uint64_t seed;
    bool is_resumed; /* go on from the checkpoint if there is one */
};

struct fet_pretrain_result {
    int64_t n_steps, n_parameters;
    double loss;                      /* mean of the last tenth */
    double auroc_known, auroc_unseen; /* validation: new products of families that were trained on,
                                         and of those held out; NaN = none */
    double seconds;
};

/* Writes the eye, and a checkpoint on the way; a cancelled training has its last checkpoint. The
 * same order and number of threads give the same bytes, also when it was stopped and resumed. */
FET_CHECKED fet_status fet_pretrain(const struct fet_pretrain_order *o, const struct fet_context *c,
                                    struct fet_pretrain_result *result);

#endif
