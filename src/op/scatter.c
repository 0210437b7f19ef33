/* Combining one value with what is already there. */
#include "scatter.h"

#include <math.h>
#include <string.h>

fet_status fet_scatter_kind(const struct fet_op_call *c, enum fet_scatter *kind)
{
    static const char *const names[] = {"none", "add", "mul", "max", "min"};
    for (int i = 0; i < 5; i++) {
        if (!fet_op_text_is(c, "reduction", names[i])) continue;
        *kind = (enum fet_scatter)i;
        if (i != FET_SCATTER_NONE && c->x[0]->dtype == FET_BOOL) {
            return fet_op_refuse_dtype(c, 0, "a number");
        }
        return FET_OK;
    }
    return FET_FAIL(FET_ARGUMENT, "%s: reduction '%s' is not known", c->op->name,
                    fet_op_attr(c, "reduction")->text);
}

static double real_put(enum fet_scatter kind, double a, double b)
{
    switch (kind) {
    case FET_SCATTER_ADD:
        return a + b;
    case FET_SCATTER_MUL:
        return a * b;
    case FET_SCATTER_MAX:
        return isnan(a) || a >= b ? a : b;
    case FET_SCATTER_MIN:
        return isnan(a) || a <= b ? a : b;
    default:
        return b;
    }
}

/* flip turns the order of U64 into that of I64. */
static uint64_t whole_put(enum fet_scatter kind, uint64_t a, uint64_t b, uint64_t flip)
{
    const bool is_larger = (int64_t)(b ^ flip) > (int64_t)(a ^ flip);
    switch (kind) {
    case FET_SCATTER_ADD:
        return a + b;
    case FET_SCATTER_MUL:
        return a * b;
    case FET_SCATTER_MAX:
        return is_larger ? b : a;
    case FET_SCATTER_MIN:
        return is_larger ? a : b;
    default:
        return b;
    }
}

void fet_scatter_put(enum fet_scatter kind, struct fet_tensor *y, int64_t at,
                     const struct fet_tensor *updates, int64_t k)
{
    const size_t size = fet_dtype_bytes(y->dtype);
    if (kind == FET_SCATTER_NONE) {
        memcpy((char *)y->data + at * (int64_t)size,
               (const char *)updates->data + k * (int64_t)size, size);
    } else if (fet_dtype_is_float(y->dtype)) {
        fet_write_real(y, at, real_put(kind, fet_read_real(y, at), fet_read_real(updates, k)));
    } else {
        const uint64_t flip = y->dtype == FET_U64 ? UINT64_C(1) << 63 : 0;
        const uint64_t a = (uint64_t)fet_read_int(y, at);
        const uint64_t b = (uint64_t)fet_read_int(updates, k);
        fet_write_int(y, at, (int64_t)whole_put(kind, a, b, flip));
    }
}

fet_status fet_scatter_need_slope(const struct fet_op_call *c, enum fet_scatter kind)
{
    if (kind == FET_SCATTER_NONE || kind == FET_SCATTER_ADD) return FET_OK;
    return FET_FAIL(FET_UNSUPPORTED, "%s: reduction '%s' has no gradient", c->op->name,
                    fet_op_attr(c, "reduction")->text);
}
