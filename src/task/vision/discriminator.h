/* A small network that tells descriptions of defects from descriptions of good parts. It is learned
 * from made defects, whose place is known (as SimpleNet, Liu 2023, and GLASS, Chen 2024, learn
 * theirs; ours are made in pictures, not among descriptions). The memory asks how far a cell lies
 * from good ones; the discriminator learns in which directions that matters. */
#ifndef FET_DISCRIMINATOR_H
#define FET_DISCRIMINATOR_H

#include "base.h"

enum {
    FET_DISCRIMINATOR_HIDDEN = 64,
    FET_DISCRIMINATOR_BATCH = 2048, /* descriptions of a step of learning */
    FET_DISCRIMINATOR_BLOCK = 64,   /* cells at a time, at most */
    FET_DISCRIMINATOR_SCRATCH = 2 * FET_DISCRIMINATOR_BLOCK * FET_DISCRIMINATOR_HIDDEN
};

/* Three linear layers with ReLU between them. Read-only after learning. */
struct fet_discriminator {
    int n_in;       /* numbers of a description; 0 = there is no discriminator */
    float *first;   /* owned [HIDDEN,n_in] */
    float *second;  /* owned [HIDDEN,HIDDEN] */
    float *vectors; /* owned [3 HIDDEN + 1]: biases of both, then the last layer and its bias */
};

void fet_discriminator_deinit(struct fet_discriminator *d); /* accepts {0} */

/* Descriptions of cells of pictures into which defects were made. */
struct fet_discriminator_sample {
    float *x;        /* [n,n_in] */
    uint8_t *is_bad; /* [n]: 1 = shows a defect, 0 = shows none */
    int64_t n;
    int n_in;
};

/* The same sample, steps and seed give the same network, whatever the number of threads. FET_DATA
 * when no cell or every cell of the sample shows a defect. */
FET_CHECKED fet_status fet_discriminator_learn(const struct fet_discriminator_sample *sample,
                                               int64_t n_steps, uint64_t seed,
                                               const struct fet_context *c,
                                               struct fet_discriminator *d);

/* From now on it says gain * (what it said - middle). */
void fet_discriminator_scale(struct fet_discriminator *d, double middle, double gain);

/* Adds to odds [n] what it says of n <= FET_DISCRIMINATOR_BLOCK descriptions x [n,n_in]: log-odds
 * of a defect, unless it was scaled. scratch [FET_DISCRIMINATOR_SCRATCH]. */
FET_CHECKED fet_status fet_discriminator_add(const struct fet_discriminator *d, const float *x,
                                             int64_t n, float *scratch, float *odds);

#endif
