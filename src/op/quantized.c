/* What operators on 8-bit numbers share. */
#include "quantized.h"

#include <math.h>

static bool is_byte(enum fet_dtype d)
{
    return d == FET_U8 || d == FET_I8;
}

static fet_status check_count(const struct fet_op_call *c, int i, int64_t n)
{
    const struct fet_tensor *const x = i >= 0 ? fet_op_x(c, i) : NULL;
    if (x == NULL || fet_op_count(&x->shape) == 1) return FET_OK;
    if (x->shape.n_dims == 1 && x->shape.dims[0] == n) return FET_OK;
    return FET_FAIL(FET_SHAPE, "%s: input %d holds %lld numbers, wanted one or %lld", c->op->name,
                    i, (long long)fet_op_count(&x->shape), (long long)n);
}

static fet_status check_operand(const struct fet_op_call *c, int i, int scale, int zero, int64_t n)
{
    if (!is_byte(c->x[i]->dtype)) return fet_op_refuse_dtype(c, i, "U8 or I8");
    if (zero >= 0 && fet_op_x(c, zero) != NULL) FET_TRY(fet_op_need_same_dtype(c, zero, i));
    if (scale >= 0 && !fet_dtype_is_float(c->x[scale]->dtype))
        return fet_op_refuse_dtype(c, scale, "a float type");
    FET_TRY(check_count(c, scale, n));
    return check_count(c, zero, n);
}

fet_status fet_quantized_check(const struct fet_op_call *c, const struct fet_quantized *q,
                               int64_t n_a, int64_t n_b)
{
    FET_TRY(check_operand(c, q->a, q->a_scale, q->a_zero, n_a));
    FET_TRY(check_operand(c, q->b, q->b_scale, q->b_zero, n_b));
    if (q->y_zero < 0) return FET_OK;
    if (!is_byte(c->x[q->y_zero]->dtype)) return fet_op_refuse_dtype(c, q->y_zero, "U8 or I8");
    if (!fet_dtype_is_float(c->x[q->y_scale]->dtype))
        return fet_op_refuse_dtype(c, q->y_scale, "a float type");
    FET_TRY(check_count(c, q->y_scale, n_a));
    return check_count(c, q->y_zero, n_a);
}

int64_t fet_zero_at(const struct fet_op_call *c, int i, int64_t k)
{
    const struct fet_tensor *const x = i >= 0 ? fet_op_x(c, i) : NULL;
    if (x == NULL) return 0;
    return fet_read_int(x, fet_tensor_count(x) > 1 ? k : 0);
}

double fet_scale_at(const struct fet_op_call *c, int i, int64_t k)
{
    const struct fet_tensor *const x = c->x[i];
    return fet_read_real(x, fet_tensor_count(x) > 1 ? k : 0);
}

void fet_quantized_store(const struct fet_op_call *c, const struct fet_quantized *q, int64_t at,
                         int64_t sum, int64_t i_a, int64_t i_b)
{
    if (q->y_zero < 0) {
        fet_write_int(c->y[0], at, sum);
        return;
    }
    const bool is_unsigned = c->y[0]->dtype == FET_U8;
    const double factor = fet_scale_at(c, q->a_scale, i_a) * fet_scale_at(c, q->b_scale, i_b) /
                          fet_scale_at(c, q->y_scale, i_a);
    const double v = rint((double)sum * factor) + (double)fet_zero_at(c, q->y_zero, i_a);
    fet_write_real(c->y[0], at, fmin(fmax(v, is_unsigned ? 0 : -128), is_unsigned ? 255 : 127));
}
