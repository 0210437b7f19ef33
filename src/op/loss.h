/* What losses share: from one number per element to the loss, and back. Private to the room. */
#ifndef FET_LOSS_H
#define FET_LOSS_H

#include "op_args.h"

/* The attribute's row for an operator's table. */
#define FET_LOSS_REDUCTION                                      \
    {                                                           \
        "reduction", FET_ATTR_TEXT, "mean", "none, sum or mean" \
    }

/* Refuses another reduction, and sets output 0: of that shape for none, else a scalar. */
FET_CHECKED fet_status fet_loss_infer(const struct fet_op_call *c, const struct fet_shape *each);
/* The same shape and type as input 0. */
FET_CHECKED fet_status fet_loss_need_like(const struct fet_op_call *c, int i);
/* Output 0 of the losses l [n]; the mean of none is NaN. */
void fet_loss_store(const struct fet_op_call *c, const double *l, int64_t n);
/* The gradient that arrives at loss i of n; 0 when none does. */
double fet_loss_slope(const struct fet_op_call *c, int64_t i, int64_t n);

/* log(1 + exp(x)) and 1 / (1 + exp(-x)) without overflow. */
double fet_softplus(double x);
double fet_logistic(double x);

#endif
