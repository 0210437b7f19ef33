#include "check.h"

#include "backbone_cells.h"

enum { W = 5, H = 4, CHANNELS = 19, RATIO = 2 }; /* one whole block of sixteen channels, one not */

/* The mean of the nine values at (x,y), zeros beyond the border. */
static double average(const float *plane, int x, int y)
{
    double sum = 0;
    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++)
            if (u >= 0 && u < W && v >= 0 && v < H) sum += (double)plane[v * W + u];
    return sum / 9;
}

/* Between the averages, at (x,y) of a grid RATIO times finer; the border is repeated. */
static double between(const float *plane, int x, int y)
{
    const double u = fmin(fmax((x + 0.5) / RATIO - 0.5, 0), W - 1);
    const double v = fmin(fmax((y + 0.5) / RATIO - 0.5, 0), H - 1);
    const int left = (int)u, top = (int)v, right = left + 1 < W ? left + 1 : left;
    const int bottom = top + 1 < H ? top + 1 : top;
    const double a = average(plane, left, top), b = average(plane, right, top);
    const double c = average(plane, left, bottom), d = average(plane, right, bottom);
    const double high = a + (u - left) * (b - a), low = c + (u - left) * (d - c);
    return high + (v - top) * (low - high);
}

static void cells_are_averages_brought_to_the_finer_grid(void **state)
{
    (void)state;
    enum { MAP_W = 9, MAP_H = 12, MORE = 22 };
    static float values[CHANNELS * W * H], out[MAP_W * MAP_H * MORE];
    struct fet_rng rng;
    fet_rng_init(&rng, 3, 0);
    for (int i = 0; i < CHANNELS * W * H; i++) values[i] = (float)fet_rng_normal(&rng);
    const struct fet_cut_values cut = {
        .values = values, .n_channels = CHANNELS, .w = W, .h = H, .ratio = RATIO};
    /* The tile begins at cell (1,4); its first column and row, and its last ones, are not wanted.
     */
    const struct fet_cell_window window = {
        .x = 2, .y = 5, .w = 7, .h = 6, .first_x = 1, .first_y = 4};
    struct fet_feature_map map = {.w = MAP_W, .h = MAP_H, .n_channels = MORE, .values = out};
    float *const scratch = fet_alloc(fet_cut_scratch(W, H), sizeof *scratch);
    fet_cut_to_cells(&cut, &window, 2, scratch, &map);
    for (int y = 0; y < MAP_H; y++)
        for (int x = 0; x < MAP_W; x++)
            for (int k = 0; k < MORE; k++) {
                const int c = k - 2;
                const bool is_told = x >= 2 && y >= 5 && y < 11 && c >= 0 && c < CHANNELS;
                const double wanted = is_told ? between(values + c * W * H, x - 1, y - 4) : 0;
                assert_close(out[(y * MAP_W + x) * MORE + k], wanted, 1e-5, 1e-6);
            }
    fet_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_averages_brought_to_the_finer_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
