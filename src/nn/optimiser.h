/* Optimisers over the parameters of a tape. State lies as the parameters lie. */
#ifndef FET_OPTIMISER_H
#define FET_OPTIMISER_H

#include "tape.h"
#include "tensors.h"

enum fet_optimiser_kind { FET_SGD, FET_ADAMW, FET_LION };

struct fet_optimiser_options {
    enum fet_optimiser_kind kind;
    double beta1, beta2; /* SGD: beta1 is the momentum. Usual: 0.9 and 0.999, Lion 0.99 */
    double epsilon;      /* AdamW; usual 1e-8 */
    double decay;        /* of weights */
    bool spares_vectors; /* no decay of parameters with one dimension: biases, norms */
    double max_norm;     /* the gradient of all parameters together is shrunk to it; 0 = not */
    double average;      /* EMA weights keep this share of themselves per step; 0 = none */
    int n_threads;       /* 0 = 1 */
};

/* beta, epsilon as usual for the kind. */
struct fet_optimiser_options fet_optimiser_usual(enum fet_optimiser_kind kind);
/* Copies of the parameters that it keeps: for fet_tape_options. */
int fet_optimiser_copies(const struct fet_optimiser_options *o);

struct fet_optimiser;
/* The tape must outlive it. EMA weights start as the parameters are now. */
FET_CHECKED fet_status fet_optimiser_new(struct fet_tape *tape,
                                         const struct fet_optimiser_options *o,
                                         struct fet_optimiser **optimiser);
void fet_optimiser_free(struct fet_optimiser *o); /* accepts NULL */

/* Reads the gradients, changes the parameters. Gradients that are not finite: FET_DATA naming the
 * parameter, and nothing has changed. *norm, if not NULL, gets the gradients' norm before it is
 * shrunk. */
FET_CHECKED fet_status fet_optimiser_step(struct fet_optimiser *o, double rate, double *norm);

int64_t fet_optimiser_steps(const struct fet_optimiser *o); /* done so far */

/* Exchanges parameters and EMA weights; twice is nothing. */
void fet_optimiser_swap_average(struct fet_optimiser *o);

/* State as plain tensors "momentum.NAME", "square.NAME", "average.NAME" and "steps" (I64), and
 * back; FET_FORMAT when something is missing or has another shape, and nothing has changed. */
FET_CHECKED fet_status fet_optimiser_save(const struct fet_optimiser *o, struct fet_tensors *list);
FET_CHECKED fet_status fet_optimiser_load(struct fet_optimiser *o, const struct fet_tensors *list);

#endif
