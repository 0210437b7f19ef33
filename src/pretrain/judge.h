/* What the eye is trained for: to tell cells with a defect from others by their distance from a
 * memory of good cells. Private to the room. */
#ifndef FET_JUDGE_H
#define FET_JUDGE_H

#include "episode.h"
#include "nn.h"

enum { FET_JUDGE_MEMORY = 768 }; /* cells of the references that are remembered */

/* The training graph: inputs "pictures" [FET_EPISODE_PICTURES,3,size,size], "memory" I64
 * [FET_JUDGE_MEMORY] (cells of the references, in order), "good" and "bad" [cells of the queries]
 * (weights that sum to 1, or to 0 when there is none). *loss is its only output. */
FET_CHECKED fet_status fet_judge_new(int64_t size_px, uint64_t seed, struct fet_graph **g,
                                     int *loss);

/* The inputs besides the pictures, from the shares of an episode. */
void fet_judge_inputs(const float *shares, int64_t size_px, uint64_t seed, int64_t step,
                      int64_t *memory, float *good, float *bad);

#endif
