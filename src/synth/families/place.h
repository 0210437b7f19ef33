/* Room for things: discs that must not overlap. */
#ifndef FET_PLACE_H
#define FET_PLACE_H

#include "draw.h"

struct fet_spot {
    float x, y, r;
};

/* A place for a disc of radius r with its middle in +-half_x, +-half_y, clear of the n spots before
 * it; false when twelve throws found none. Takes the same numbers from d either way. */
static inline bool fet_place_find(struct fet_rng *d, const struct fet_spot *spots, int n,
                                  float half_x, float half_y, float r, struct fet_spot *spot)
{
    bool found = false;
    for (int attempt = 0; attempt < 12; attempt++) {
        const struct fet_spot s = {.x = fet_draw_between(d, -half_x, half_x),
                                   .y = fet_draw_between(d, -half_y, half_y),
                                   .r = r};
        bool is_clear = !found;
        for (int i = 0; i < n && is_clear; i++) {
            const float dx = s.x - spots[i].x;
            const float dy = s.y - spots[i].y;
            const float far = s.r + spots[i].r;
            is_clear = dx * dx + dy * dy > far * far;
        }
        if (is_clear) *spot = s;
        found = found || is_clear;
    }
    return found;
}

#endif
