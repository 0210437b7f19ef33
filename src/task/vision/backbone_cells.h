/* What the values at a cut say of the cells of a map: each value averaged with its eight neighbours
 * (Roth et al. 2022), brought to the finest grid. Thread-safe. */
#ifndef FET_BACKBONE_CELLS_H
#define FET_BACKBONE_CELLS_H

#include "extractor.h"

/* The values of a tile at one cut. */
struct fet_cut_values {
    const float *values; /* [n_channels,h,w] */
    int n_channels, w, h;
    int ratio; /* a cell of this cut is as wide as so many of the map */
};

/* Cells of the map that the tile tells of. */
struct fet_cell_window {
    int x, y, w, h;       /* inside the map */
    int first_x, first_y; /* cell of the map at which the tile begins: <= x, y */
};

/* Writes the cut's channels, averaged and spread, to channels first_channel and on of the cells in
 * the window. Beyond the border there are zeros, as in the method's own program: a mean of fewer
 * would vary more, and good corners look odd. scratch [fet_cut_scratch(w, h)]. */
void fet_cut_to_cells(const struct fet_cut_values *cut, const struct fet_cell_window *window,
                      int first_channel, float *scratch, struct fet_feature_map *map);
int64_t fet_cut_scratch(int w, int h);

#endif
