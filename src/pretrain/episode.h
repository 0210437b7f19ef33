/* Episodes: the made parts of one training step. Private to the room. */
#ifndef FET_EPISODE_H
#define FET_EPISODE_H

#include "base.h"

enum {
    FET_EPISODE_REFERENCES = 5, /* good parts to remember */
    FET_EPISODE_QUERIES = 5,    /* parts to judge: the first two are good as made */
    FET_EPISODE_PICTURES = FET_EPISODE_REFERENCES + FET_EPISODE_QUERIES
};

struct fet_episodes {
    const int *families; /* numbers of synth's table */
    int n_families;      /* at least 1 */
    int64_t size_px;
    uint64_t seed;
};

/* Episode number i of the series. pictures [FET_EPISODE_PICTURES,3,size,size] gets -1..1 (augmented
 * pictures somewhat beyond), references first; shares [FET_EPISODE_QUERIES,size/8,size/8] the share
 * of each cell's pixels that show a defect. Depends on the arguments alone. */
FET_CHECKED fet_status fet_episode_make(const struct fet_episodes *from, int64_t i,
                                        struct fet_pool *pool, float *pictures, float *shares);

#endif
