/* Questions that operators ask of their call. */
#include "op_args.h"

#include <assert.h>
#include <string.h>

const struct fet_tensor *fet_op_x(const struct fet_op_call *c, int i)
{
    return i < c->n_x ? c->x[i] : NULL;
}

struct fet_tensor *fet_op_dx(const struct fet_op_call *c, int i)
{
    return i < c->n_x ? c->dx[i] : NULL;
}

const struct fet_tensor *fet_op_dy(const struct fet_op_call *c, int i)
{
    return i < c->n_y - c->op->n_saved ? c->dy[i] : NULL;
}

int64_t fet_op_int(const struct fet_op_call *c, const char *name)
{
    return fet_op_attr(c, name)->i;
}

bool fet_op_flag(const struct fet_op_call *c, const char *name)
{
    return fet_op_attr(c, name)->i != 0;
}

double fet_op_real(const struct fet_op_call *c, const char *name)
{
    return fet_op_attr(c, name)->r;
}

bool fet_op_text_is(const struct fet_op_call *c, const char *name, const char *value)
{
    const char *text = fet_op_attr(c, name)->text;
    return text != NULL && strcmp(text, value) == 0;
}

fet_status fet_op_attr_dtype(const struct fet_op_call *c, const char *name, enum fet_dtype *dtype)
{
    static const struct {
        int64_t code;
        enum fet_dtype dtype;
    } types[] = {
        {1, FET_F32},          {2, FET_U8},       {3, FET_I8},           {4, FET_U16},
        {5, FET_I16},          {6, FET_I32},      {7, FET_I64},          {9, FET_BOOL},
        {10, FET_F16},         {11, FET_F64},     {12, FET_U32},         {13, FET_U64},
        {16, FET_BF16},        {17, FET_F8_E4M3}, {18, FET_F8_E4M3FNUZ}, {19, FET_F8_E5M2},
        {20, FET_F8_E5M2FNUZ}, {21, FET_U4},      {22, FET_I4},          {23, FET_F4_E2M1},
        {25, FET_U2},          {26, FET_I2},
    };
    const int64_t code = fet_op_int(c, name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].code != code) continue;
        *dtype = types[i].dtype;
        return FET_OK;
    }
    return FET_FAIL(FET_UNSUPPORTED, "%s: %s is element type %lld, which is not known", c->op->name,
                    name, (long long)code);
}

void fet_op_set_y(const struct fet_op_call *c, int i, enum fet_dtype dtype,
                  const struct fet_shape *shape)
{
    assert(i < c->n_y);
    c->y[i]->dtype = dtype;
    c->y[i]->shape = *shape;
}

int64_t fet_op_span(const struct fet_shape *s, int from, int to)
{
    int64_t n = 1;
    for (int i = from; i < to; i++) {
        if (s->dims[i] == 0) return 0;
    }
    /* Only an empty tensor can have a part that is too long to count; nobody walks it. */
    for (int i = from; i < to; i++) {
        if (!fet_mul_size(n, s->dims[i], &n)) return INT64_MAX;
    }
    return n;
}

int64_t fet_op_count(const struct fet_shape *s)
{
    return fet_op_span(s, 0, s->n_dims);
}

fet_status fet_op_refuse_dtype(const struct fet_op_call *c, int i, const char *wanted)
{
    return FET_FAIL(FET_UNSUPPORTED, "%s: input %d is %s, %s is wanted", c->op->name, i,
                    fet_dtype_name(c->x[i]->dtype), wanted);
}

fet_status fet_op_need_real(const struct fet_op_call *c, int i)
{
    if (fet_dtype_is_real(c->x[i]->dtype)) return FET_OK;
    return fet_op_refuse_dtype(c, i, "F32 or F64");
}

fet_status fet_op_need_dtype(const struct fet_op_call *c, int i, enum fet_dtype d)
{
    if (c->x[i]->dtype == d) return FET_OK;
    return fet_op_refuse_dtype(c, i, fet_dtype_name(d));
}

fet_status fet_op_need_index(const struct fet_op_call *c, int i)
{
    const enum fet_dtype d = c->x[i]->dtype;
    if (d == FET_I32 || d == FET_I64) return FET_OK;
    return fet_op_refuse_dtype(c, i, "I32 or I64");
}

fet_status fet_op_need_same_dtype(const struct fet_op_call *c, int i, int j)
{
    if (c->x[i]->dtype == c->x[j]->dtype) return FET_OK;
    return FET_FAIL(FET_ARGUMENT, "%s: input %d is %s, input %d is %s", c->op->name, i,
                    fet_dtype_name(c->x[i]->dtype), j, fet_dtype_name(c->x[j]->dtype));
}

fet_status fet_op_need_rank(const struct fet_op_call *c, int i, int low, int high)
{
    char text[128];
    const int rank = c->x[i]->shape.n_dims;
    if (rank >= low && rank <= high) return FET_OK;
    fet_shape_text(&c->x[i]->shape, text);
    if (low == high) {
        return FET_FAIL(FET_SHAPE, "%s: input %d has shape %s, %d dimensions are wanted",
                        c->op->name, i, text, low);
    }
    return FET_FAIL(FET_SHAPE, "%s: input %d has shape %s, %d to %d dimensions are wanted",
                    c->op->name, i, text, low, high);
}

fet_status fet_op_need_value(const struct fet_op_call *c, int i)
{
    if (c->x[i]->data != NULL) return FET_OK;
    return FET_FAIL(FET_UNSUPPORTED, "%s: needs the value of input %d", c->op->name, i);
}

fet_status fet_op_axis(const struct fet_op_call *c, int64_t axis, int rank, int *out)
{
    if (axis < -rank || axis >= rank) {
        return FET_FAIL(FET_ARGUMENT, "%s: axis %lld is outside %d dimensions", c->op->name,
                        (long long)axis, rank);
    }
    *out = (int)(axis < 0 ? axis + rank : axis);
    return FET_OK;
}

fet_status fet_op_attr_axis(const struct fet_op_call *c, const char *name, int rank, int *out)
{
    return fet_op_axis(c, fet_op_int(c, name), rank, out);
}

fet_status fet_op_axes(const struct fet_op_call *c, const int64_t *axes, int64_t n, int rank,
                       bool is_marked[FET_MAX_DIMS])
{
    bool marks[FET_MAX_DIMS] = {false};
    for (int64_t i = 0; i < n; i++) {
        int axis = 0;
        FET_TRY(fet_op_axis(c, axes[i], rank, &axis));
        if (marks[axis]) {
            return FET_FAIL(FET_ARGUMENT, "%s: axis %d is given twice", c->op->name, axis);
        }
        marks[axis] = true;
    }
    memcpy(is_marked, marks, sizeof marks);
    return FET_OK;
}

fet_status fet_op_ints(const struct fet_op_call *c, int i, int64_t max, int64_t *out, int64_t *n)
{
    FET_TRY(fet_op_need_index(c, i));
    FET_TRY(fet_op_need_rank(c, i, 0, 1));
    const int64_t count = fet_op_count(&c->x[i]->shape);
    if (count > max) {
        return FET_FAIL(FET_SHAPE, "%s: input %d holds %lld integers, at most %lld are possible",
                        c->op->name, i, (long long)count, (long long)max);
    }
    FET_TRY(fet_op_need_value(c, i));
    for (int64_t k = 0; k < count; k++) out[k] = fet_read_int(c->x[i], k);
    *n = count;
    return FET_OK;
}

fet_status fet_op_index(const struct fet_op_call *c, int64_t index, int64_t size, int64_t *out)
{
    if (index < -size || index >= size) {
        return FET_FAIL(FET_ARGUMENT, "%s: index %lld is outside 0..%lld", c->op->name,
                        (long long)index, (long long)size - 1);
    }
    *out = index < 0 ? index + size : index;
    return FET_OK;
}
