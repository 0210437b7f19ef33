/* XGBoost, through its C API: the only file that knows it. */
#ifndef FET_LEARNER_H
#define FET_LEARNER_H

#include "forest.h"

struct fet_learner_order {
    const float *x; /* [n_rows, n_inputs] NaN = missing, no infinities */
    const float *y; /* [n_rows] number, or index of the class */
    int64_t n_rows;
    int n_inputs;
    int n_classes; /* 0 = numbers; 2 = log-odds of the second class; more = one score a class */
    int n_rounds, depth;
    double rate; /* learning rate */
    uint64_t seed;
};

/* Outputs of the forest: the number, the log-odds, or the log of each class's share up to a
 * constant. gains [n_inputs]: what the splits on each input won in all. Progress and cancelling by
 * the context, between rounds. One thread: the sums inside XGBoost depend on how many share them,
 * and the same data must give the same bytes. */
FET_CHECKED fet_status fet_learner_fit(const struct fet_learner_order *order,
                                       const struct fet_context *c, struct fet_forest *forest,
                                       double *gains);

#endif
