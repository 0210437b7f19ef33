/* The training loop's inside: what happens in one step. The caller brings the data and decides when
 * it is over; which data belong to a step should follow from fet_trainer_steps alone, then a
 * resumed training is the same as one that was never stopped. */
#ifndef FET_TRAINER_H
#define FET_TRAINER_H

#include "checkpoint.h"
#include "schedule.h"

struct fet_trainer_options {
    struct fet_tape_options tape; /* accumulates and n_parameter_copies are set by the trainer */
    struct fet_optimiser_options optimiser;
    struct fet_schedule schedule;
    int n_parts;   /* batches whose gradients make one step; 0 = 1 */
    uint64_t seed; /* of dropout */
};

struct fet_trainer;

/* The graph, with its parameters, must outlive the trainer. */
FET_CHECKED fet_status fet_trainer_new(const struct fet_graph *g, int loss,
                                       const struct fet_shape *shapes,
                                       const struct fet_trainer_options *o,
                                       struct fet_trainer **trainer);
void fet_trainer_free(struct fet_trainer *t); /* accepts NULL; the graph's tensors stay as they were
                                                 unless fet_tape_store was called */
struct fet_tape *fet_trainer_tape(struct fet_trainer *t);
struct fet_optimiser *fet_trainer_optimiser(struct fet_trainer *t);
int64_t fet_trainer_steps(const struct fet_trainer *t); /* done so far */

/* One step. inputs: n_parts times the graph's inputs. *loss gets their mean. A failure names the
 * step; parameters are then as before it, but for running statistics. */
FET_CHECKED fet_status fet_trainer_step(struct fet_trainer *t, const struct fet_tensor *inputs,
                                        double *loss);

FET_CHECKED fet_status fet_trainer_save(struct fet_trainer *t, const char *path);
FET_CHECKED fet_status fet_trainer_load(struct fet_trainer *t, const char *path);

#endif
