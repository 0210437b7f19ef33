/* From the values at a cut, planes of the tile, to numbers of the map's cells. Sixteen channels at
 * a time are turned so that those of one place lie together, a line of the cache: averaging,
 * spreading and writing then run over whole lines. Plane by plane every number of a cell would
 * fetch a line of its own, which took as long as a quarter of the network. */
#include "backbone_cells.h"

#include "base.h"

#include <string.h>

enum { LANES = 16 };

/* planes [n,h w] to lanes [h w,LANES]; n <= LANES, the rest stays 0. */
static void lanes_turn(const float *planes, int n, int64_t n_places, float *lanes)
{
    for (int64_t i = 0; i < n_places; i++)
        for (int l = 0; l < n; l++) lanes[i * LANES + l] = planes[l * n_places + i];
}

/* to [n,LANES]: each the sum of what stands at it, `step` before it and `step` behind it; nothing
 * stands before the first and behind the last `step`. Sums three in a row (step 1, n = w), or three
 * rows (step w, n = h w). */
static void lanes_sum(const float *from, int64_t n, int64_t step, float scale, float *to)
{
    static const float nothing[LANES] = {0};
    for (int64_t i = 0; i < n; i++) {
        const float *const at = from + i * LANES;
        const float *const before = i >= step ? at - step * LANES : nothing;
        const float *const behind = i + step < n ? at + step * LANES : nothing;
        for (int l = 0; l < LANES; l++) to[i * LANES + l] = scale * (before[l] + at[l] + behind[l]);
    }
}

/* Where a cell of the finest grid lies between two of a coarser one. */
struct between {
    int low, high;
    float share; /* of high */
};

static struct between find_between(int i, int ratio, int n)
{
    const float at = ((float)i + 0.5f) / (float)ratio - 0.5f;
    struct between b = {.low = at < 0 ? 0 : (int)at};
    b.high = b.low + 1 < n ? b.low + 1 : b.low;
    b.share = at < 0 ? 0 : at - (float)b.low;
    return b;
}

/* lanes [h,w,LANES] to n channels of the map from `channel` on. */
static void lanes_spread(const struct fet_cut_values *cut, const struct fet_cell_window *window,
                         const float *lanes, int n, int channel, struct fet_feature_map *map)
{
    for (int y = window->y; y < window->y + window->h; y++) {
        const struct between v = find_between(y - window->first_y, cut->ratio, cut->h);
        for (int x = window->x; x < window->x + window->w; x++) {
            const struct between u = find_between(x - window->first_x, cut->ratio, cut->w);
            const float *const a = lanes + ((int64_t)v.low * cut->w + u.low) * LANES;
            const float *const b = lanes + ((int64_t)v.low * cut->w + u.high) * LANES;
            const float *const c = lanes + ((int64_t)v.high * cut->w + u.low) * LANES;
            const float *const d = lanes + ((int64_t)v.high * cut->w + u.high) * LANES;
            float out[LANES];
            for (int l = 0; l < LANES; l++) {
                const float low = a[l] + u.share * (b[l] - a[l]);
                const float high = c[l] + u.share * (d[l] - c[l]);
                out[l] = low + v.share * (high - low);
            }
            memcpy(map->values + ((int64_t)y * map->w + x) * map->n_channels + channel, out,
                   (size_t)n * sizeof *out);
        }
    }
}

int64_t fet_cut_scratch(int w, int h)
{
    return 2 * LANES * (int64_t)w * h;
}

void fet_cut_to_cells(const struct fet_cut_values *cut, const struct fet_cell_window *window,
                      int first_channel, float *scratch, struct fet_feature_map *map)
{
    const int64_t n_places = (int64_t)cut->w * cut->h;
    float *const lanes = scratch, *const sums = lanes + n_places * LANES;
    for (int c = 0; c < cut->n_channels; c += LANES) {
        const int n = cut->n_channels - c < LANES ? cut->n_channels - c : LANES;
        if (n < LANES) memset(lanes, 0, (size_t)(n_places * LANES) * sizeof *lanes);
        lanes_turn(cut->values + c * n_places, n, n_places, lanes);
        for (int y = 0; y < cut->h; y++)
            lanes_sum(lanes + (int64_t)y * cut->w * LANES, cut->w, 1, 1,
                      sums + (int64_t)y * cut->w * LANES);
        lanes_sum(sums, n_places, cut->w, 1.0f / 9, lanes);
        lanes_spread(cut, window, lanes, n, first_channel + c, map);
    }
}
