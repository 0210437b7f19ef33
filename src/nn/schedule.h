/* Learning rates over a training of known length. Pure functions, so that a resumed training goes
 * on where it was. */
#ifndef FET_SCHEDULE_H
#define FET_SCHEDULE_H

#include <stdint.h>

enum fet_schedule_kind { FET_SCHEDULE_CONSTANT, FET_SCHEDULE_COSINE, FET_SCHEDULE_ONE_CYCLE };

struct fet_schedule {
    enum fet_schedule_kind kind;
    double rate;      /* the highest */
    double last;      /* the share of it at the end; cosine usually 0, one cycle 1e-4 */
    int64_t n_warmup; /* steps of a linear rise from 0 (constant and cosine) */
    int64_t n_steps;  /* of the whole training */
};

/* The rate of step 0, 1, ...; beyond the end that of the end.
 * Cosine: Loshchilov 2017. One cycle: from rate/25 up over 30 % of the steps and down, both along
 * cosines (Smith 2018). */
double fet_schedule_rate(const struct fet_schedule *s, int64_t step);

#endif
