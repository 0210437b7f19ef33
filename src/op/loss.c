/* What losses share. */
#include "loss.h"

#include <math.h>

fet_status fet_loss_infer(const struct fet_op_call *c, const struct fet_shape *each)
{
    const struct fet_shape scalar = {0};
    const bool is_none = fet_op_text_is(c, "reduction", "none");
    if (!is_none && !fet_op_text_is(c, "reduction", "sum") &&
        !fet_op_text_is(c, "reduction", "mean"))
        return FET_FAIL(FET_ARGUMENT, "%s: reduction is none, sum or mean", c->op->name);
    fet_op_set_y(c, 0, c->x[0]->dtype, is_none ? each : &scalar);
    return FET_OK;
}

fet_status fet_loss_need_like(const struct fet_op_call *c, int i)
{
    FET_TRY(fet_op_need_same_dtype(c, i, 0));
    if (fet_shape_is_equal(&c->x[i]->shape, &c->x[0]->shape)) return FET_OK;
    char got[128], wanted[128];
    fet_shape_text(&c->x[i]->shape, got);
    fet_shape_text(&c->x[0]->shape, wanted);
    return FET_FAIL(FET_SHAPE, "%s: input %d has shape %s, wanted %s", c->op->name, i, got, wanted);
}

void fet_loss_store(const struct fet_op_call *c, const double *l, int64_t n)
{
    double sum = 0;
    if (fet_op_text_is(c, "reduction", "none")) {
        if (n > 0) fet_store_real(c->y[0], 0, 1, n, l);
        return;
    }
    for (int64_t i = 0; i < n; i++) sum += l[i];
    fet_write_real(c->y[0], 0, fet_op_text_is(c, "reduction", "sum") ? sum : sum / (double)n);
}

double fet_loss_slope(const struct fet_op_call *c, int64_t i, int64_t n)
{
    const struct fet_tensor *const dy = fet_op_dy(c, 0);
    if (dy == NULL) return 0;
    if (fet_op_text_is(c, "reduction", "none")) return fet_read_real(dy, i);
    if (fet_op_text_is(c, "reduction", "sum")) return fet_read_real(dy, 0);
    return fet_read_real(dy, 0) / (double)n;
}

double fet_softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

double fet_logistic(double x)
{
    const double e = exp(-fabs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}
