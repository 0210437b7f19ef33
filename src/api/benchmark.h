/* Private to api: what a benchmark holds. benchmark_sets.c finds the data sets, benchmark.c trains
 * and tests, benchmark_describe.c averages and prints. */
#ifndef FET_BENCHMARK_H
#define FET_BENCHMARK_H

#include "api.h"

/* One figure of one run; NaN where the test has none. */
struct fet_benchmark_figure {
    double value;
    double low, high; /* of its interval */
};

struct fet_benchmark_set {
    const char *name; /* unique; in the arena, as the path */
    const char *path, *real_path;
    int64_t n_examples; /* in the test */
    /* [n_seeds, n_figures]; in the arena */
    struct fet_benchmark_figure *runs;
    bool is_done;
};

/* What was passed over, and why. In the arena. */
struct fet_benchmark_skip {
    const char *path, *message;
    struct fet_benchmark_skip *next;
};

struct fet_benchmark {
    struct fet_benchmark_order order;
    const struct fet_task *task;
    /* The task's metrics, then what every model has: seconds, ms, bytes. In the arena. */
    const char **names;
    int n_figures;
    struct fet_benchmark_set *sets; /* owned */
    int64_t n_sets, cap_sets;
    struct fet_benchmark_skip *skips, *last_skip;
    int64_t n_failed;
    struct fet_arena arena;
};

/* Fills b->sets from b->order. */
FET_CHECKED fet_status fet_benchmark_find_sets(struct fet_benchmark *b);

/* Remembers and notes that a path is passed over, with the reason. */
FET_CHECKED fet_status fet_benchmark_skip(struct fet_benchmark *b, const char *path,
                                          const char *format, ...) FET_PRINTF(3, 4);

#endif
