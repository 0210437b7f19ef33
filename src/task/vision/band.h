/* One band of an extractor's channels, learned: how to whiten it and what good parts look like in
 * it. A description is what a cell and its eight neighbours say in the band. */
#ifndef FET_BAND_H
#define FET_BAND_H

#include "extractor.h"
#include "memory.h"
#include "whitening.h"

/* Read-only after learning. */
struct fet_band {
    struct fet_extractor_band channels;
    struct fet_whitening whitening;
    struct fet_memory memory;
    struct fet_memory later; /* of parts that came after the thresholds; n 0 = of none */
    float place_weight;      /* how much the place in the picture counts; 0 = not at all */
    float odd_limit; /* what lay farther from all other parts was left out; INFINITY: nothing */
};

void fet_band_deinit(struct fet_band *band); /* accepts {0} */

/* Descriptions of good parts, sampled. */
struct fet_band_sample {
    const float *x;       /* [n] rows of 9 * channels.n numbers, row_length apart */
    const float *places;  /* [n,2]: across and down, 0..1 */
    const int32_t *parts; /* [n]: which part each comes from */
    int64_t n, row_length;
};

/* First half of learning: the whitening. *same_place: of the sampled descriptions, the share whose
 * nearest like on another part lies at nearly the same place (chance: about 0.04). n_witnesses: so
 * many of the sample are compared with. */
FET_CHECKED fet_status fet_band_whiten(struct fet_band *band, const struct fet_band_sample *sample,
                                       int64_t n_witnesses, struct fet_pool *pool,
                                       double *same_place);
/* Second half: the memory. is_placed: descriptions count as alike only near the same place. */
FET_CHECKED fet_status fet_band_remember(struct fet_band *band,
                                         const struct fet_band_sample *sample, int64_t n_entries,
                                         bool is_placed, struct fet_pool *pool);

/* Remembers more good parts, in at most n_entries besides those of the memory. A description is as
 * unusual as the memory says or, where the later one knows something more like it, as that says, if
 * that is less (fet_memory_unusual_later): no part becomes more unusual than it was, however often
 * more is remembered. */
FET_CHECKED fet_status fet_band_remember_more(struct fet_band *band,
                                              const struct fet_band_sample *sample,
                                              int64_t n_entries);

int fet_band_numbers(const struct fet_band *band, bool is_placed); /* of a description, whitened */

/* Floats that fet_band_add_unusual works in. */
int64_t fet_band_scratch(const struct fet_band *band);
/* Cells of a map: first .. first + n - 1, n <= FET_MEMORY_BLOCK. */
struct fet_band_cells {
    const struct fet_feature_map *map;
    int64_t first, n;
};
/* Adds to unusual [n] how unusual the cells are in this band, in deviations of good parts.
 * whitened, unless NULL, gets their descriptions, whitening.n_out numbers in rows ld apart. */
FET_CHECKED fet_status fet_band_add_unusual(const struct fet_band *band,
                                            const struct fet_band_cells *cells, float *scratch,
                                            float *unusual, float *whitened, int64_t ld);

#endif
