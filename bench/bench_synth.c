/* How many synthetic pictures a second: per family, good and defective ones in turn, on a number of
 * threads.
 *
 *     bench_synth [N_THREADS [N_PICTURES [SIZE]]]         default: 2 200 256
 *
 * Prints a line per family and the mean: pictures a second by the clock, and processor time per
 * picture, which other programs on the machine disturb less. The promise is 100 a second at 256
 * pixels on two cores. */
#include "synth.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_MAX = 64 };

struct work {
    const char *family;
    const char *kinds[N_MAX]; /* NULL first: good */
    int n_kinds, size_px;
    struct fet_arena *scratch; /* one per worker */
};

static fet_status make_one(void *self, int64_t i_chunk, int worker)
{
    const struct work *const w = self;
    /* every second part is good, as a training set would be */
    const int64_t i_kind = i_chunk % 2 == 0 ? 0 : 1 + i_chunk / 2 % (w->n_kinds - 1);
    const struct fet_synth_order order = {.family = w->family,
                                          .product = (uint64_t)(i_chunk / 8),
                                          .seed = 1,
                                          .index = i_chunk,
                                          .defect = w->kinds[i_kind],
                                          .size_px = w->size_px,
                                          .variation = 0.5};
    struct fet_synth_part part;
    FET_TRY(fet_synth_make_in(&order, &w->scratch[worker], &part));
    fet_synth_part_deinit(&part);
    return FET_OK;
}

/* seconds by the clock and milliseconds of processor time, per picture */
static fet_status bench_family(struct fet_pool *pool, struct work *w, int n, double *clock_s,
                               double *processor_ms)
{
    w->n_kinds = 1;
    for (int i = 0; fet_synth_defect_name(i) != NULL && w->n_kinds < N_MAX; i++)
        if (fet_synth_has_defect(w->family, fet_synth_defect_name(i)))
            w->kinds[w->n_kinds++] = fet_synth_defect_name(i);
    const double start_ms = fet_clock_ms();
    const clock_t start = clock();
    FET_TRY(fet_pool_run(pool, n, make_one, w));
    *clock_s = (fet_clock_ms() - start_ms) / 1000.0 / n;
    *processor_ms = 1000.0 * (double)(clock() - start) / CLOCKS_PER_SEC / n;
    return FET_OK;
}

int main(int argc, char **argv)
{
    const int n_threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 2;
    const int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 200;
    struct work w = {.size_px = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 256};
    struct fet_pool *pool = NULL;
    fet_status st = fet_pool_new(n_threads, &pool);
    w.scratch = fet_alloc(fet_pool_threads(pool), sizeof *w.scratch);
    if (st == FET_OK && w.scratch == NULL) st = FET_FAIL_MEMORY("scratch", n_threads);
    double all_s = 0.0, all_ms = 0.0;
    int n_families = 0;
    for (; st == FET_OK && fet_synth_family_name(n_families) != NULL; n_families++) {
        double clock_s = 0.0, processor_ms = 0.0;
        w.family = fet_synth_family_name(n_families);
        st = bench_family(pool, &w, n, &clock_s, &processor_ms);
        if (st != FET_OK) break;
        all_s += clock_s;
        all_ms += processor_ms;
        printf("%-16s %7.1f pictures/s %7.2f ms of processor each\n", w.family, 1.0 / clock_s,
               processor_ms);
    }
    if (st == FET_OK)
        printf("%-16s %7.1f pictures/s %7.2f ms of processor each (%d px, %d threads)\n", "all",
               n_families / all_s, all_ms / n_families, w.size_px, fet_pool_threads(pool));
    else
        fprintf(stderr, "bench_synth: %s\n", fet_status_message());
    for (int i = 0; w.scratch != NULL && i < fet_pool_threads(pool); i++)
        fet_arena_deinit(&w.scratch[i]);
    fet_free(w.scratch);
    fet_pool_free(pool);
    return st == FET_OK ? 0 : 1;
}
