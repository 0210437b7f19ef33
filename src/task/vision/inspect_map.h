/* Maps of cells: smoothing, the score, regions. */
#ifndef FET_INSPECT_MAP_H
#define FET_INSPECT_MAP_H

#include "train.h"

/* In place, by a Gaussian of deviation cells, 0 to 1, cut at three cells, with the borders
 * repeated; 0.1 or less changes nothing. scratch [h,w]. */
void fet_map_smooth(float *map, int w, int h, double deviation, float *scratch);

/* The highest of n >= 1 smoothed cells. */
double fet_map_score(const float *map, int64_t n);

/* The 8-connected regions above the threshold, the worst first, at most FET_MAX_REGIONS. A cell is
 * cell_w x cell_h pixels of the picture picture_w x picture_h. *regions from the arena. */
enum { FET_MAX_REGIONS = 32 };
struct fet_map_frame {
    int w, h;
    double cell_w, cell_h;
    int picture_w, picture_h;
};
FET_CHECKED fet_status fet_map_regions(const float *map, const struct fet_map_frame *frame,
                                       double threshold, struct fet_arena *arena,
                                       struct fet_region **regions, int *n_regions);

#endif
