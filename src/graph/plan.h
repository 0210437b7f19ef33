/* A plan: a graph compiled for inputs of given types and shapes. What does not depend on the
 * inputs is computed once; batch norms go into the weights before them; a product takes its bias,
 * activation and residual along; values stay in the layouts that the blocks of room kernel like
 * best, and are reordered only where two disagree. All values share one block of memory whose size
 * is known before anything runs.
 *
 *     fet_plan_new(graph, inputs, &options, &plan);
 *     fet_plan_run(plan, inputs, outputs);          again and again
 *
 * What has no block runs through its operator's own forward: every graph that the interpreter
 * (fet_graph_run) runs can be planned, unless the data of an input decide a shape. The interpreter
 * is the yardstick: answers agree to the last digits of float, but NaN need not stay NaN on its way
 * through a block. Parameters are taken as they are when the plan is made. One thread at a time. */
#ifndef FET_PLAN_H
#define FET_PLAN_H

#include "graph.h"

struct fet_plan;

/* Sums over what went into a product: of each pair of the K numbers that meet in one of its
 * outputs, as far as both are in one of the parts that K is cut into. */
struct fet_plan_moments {
    int64_t K, groups, n_parts, size; /* size: of the largest part */
    float *sums;                      /* [groups, n_parts, size, size]; NULL = never seen */
};

/* The weights of a product in whole numbers times a scale per output. */
struct fet_plan_rounded {
    int64_t n;
    int8_t *weights; /* [n]; NULL = to be rounded one by one */
    float *scales;
};

/* What the values of a graph range over, which products stay in float and how the weights of the
 * others are rounded: all that int8 needs to know (int8.h makes one). */
struct fet_plan_ranges {
    float *low, *high;                /* [n_values] by value; low > high = never seen */
    bool *is_float;                   /* [n_nodes] by node */
    struct fet_plan_rounded *rounded; /* [n_nodes] */
    struct fet_plan_moments *moments; /* [n_nodes], only while watching; NULL = not wanted */
    int n_values, n_nodes;
};

struct fet_plan_options {
    /* Borrowed while the plan lives; blocks run on as many threads as it has. NULL = this thread.
     */
    struct fet_pool *pool;
    int64_t memory_limit_bytes;    /* refuse a plan that needs more; 0 = no limit */
    bool has_times;                /* every run measures every step, for fet_plan_explain */
    struct fet_plan_ranges *watch; /* every run adds what it sees, and takes memory; borrowed */
    const struct fet_plan_ranges *int8; /* products in int8 by these ranges; borrowed during the
                                           making; NULL = all in float */
};

/* inputs [g->n_inputs]: types and shapes, data are not looked at. The graph must live as long as
 * the plan. FET_UNSUPPORTED when data decide a shape, FET_LIMIT when memory does not suffice:
 * "plan: 812.3 MB are needed, 500.0 MB are allowed". options NULL = {0}. */
FET_CHECKED fet_status fet_plan_new(const struct fet_graph *g, const struct fet_tensor *inputs,
                                    const struct fet_plan_options *options, struct fet_plan **plan);
void fet_plan_free(struct fet_plan *p); /* accepts NULL */

/* inputs of the types and shapes planned for. outputs [g->n_outputs] become views that hold until
 * the next run or the end of the plan (there is nothing to unref; doing so does no harm); an output
 * that is an input is a view of the caller's bytes. Takes no memory, but for steps that run through
 * their operator's own forward. */
FET_CHECKED fet_status fet_plan_run(struct fet_plan *p, const struct fet_tensor *inputs,
                                    struct fet_tensor *outputs);

/* ranges->rounded from ranges->moments, which are used up; p is the plan that watched. */
FET_CHECKED fet_status fet_plan_round_weights(const struct fet_plan *p,
                                              struct fet_plan_ranges *ranges);

struct fet_plan_facts {
    size_t arena_bytes;    /* of all values together, scratch included */
    size_t constant_bytes; /* weights as the blocks want them */
    double flops;          /* of one run: 2 per multiplication and addition of products */
    double int8_flops;     /* those in int8 */
    int n_steps, n_blocks, n_reorders, n_int8;
    int n_runs;      /* measured so far (has_times) */
    double least_ms; /* of the fastest of them */
};
struct fet_plan_facts fet_plan_facts(const struct fet_plan *p);

/* A table for people: step by step what runs, through which code, shapes, and after measured runs
 * its least time, GFLOP/s and share. */
void fet_plan_explain(const struct fet_plan *p, struct fet_text *text);

#endif
