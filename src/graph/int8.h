/* Products in int8, about four times as fast where the processor multiplies bytes (VNNI), and what
 * they cost in exactness. Post-training quantisation:
 *
 *     fet_int8_calibrate(g, pool, samples, n, &ranges);   what values range over, rounded weights
 *     fet_int8_gate(g, pool, held, n_held, &options, ranges, &report);
 *     fet_plan_new(g, inputs, &(struct fet_plan_options){.int8 = ranges}, &plan);
 *
 * Where the processor has no exact products of bytes (fet_kernel_has_int8), plans stay in float.
 *
 * The gate compares with float on inputs that calibration has not seen. While int8 costs more than
 * is allowed, it puts the products that alone do the most harm for what they win back into float.
 */
#ifndef FET_INT8_H
#define FET_INT8_H

#include "plan.h"

/* samples [n * g->n_inputs], one after another, all of the same types and shapes. The caller frees
 * *ranges. */
FET_CHECKED fet_status fet_int8_calibrate(const struct fet_graph *g, struct fet_pool *pool,
                                          const struct fet_tensor *samples, int64_t n,
                                          struct fet_plan_ranges **ranges);
void fet_plan_ranges_free(struct fet_plan_ranges *r); /* accepts NULL */

struct fet_int8_options {
    double least_agreement; /* share of the inputs whose largest output stays the same: 0.99 */
    double most_error;      /* root of the mean square of the difference, by that of the output */
};

/* How int8 compares with float on held inputs. */
struct fet_int8_report {
    double agreement, error;           /* of what passed */
    double full_agreement, full_error; /* of all products in int8 */
    double share;                      /* of the arithmetic that is in int8 */
    int n_int8, n_float;               /* products */
    double worst_error;   /* of the product that alone does the most harm, if one had to go */
    char worst_name[128]; /* "" = none had to */
};

/* Sets ranges->is_float to the fewest of the worst products with which the rest passes; all in
 * float always do. */
FET_CHECKED fet_status fet_int8_gate(const struct fet_graph *g, struct fet_pool *pool,
                                     const struct fet_tensor *held, int64_t n,
                                     const struct fet_int8_options *options,
                                     struct fet_plan_ranges *ranges,
                                     struct fet_int8_report *report);

#endif
