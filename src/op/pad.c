/* pad: more elements (or, with negative numbers, fewer) at both ends of each axis.
 * Inputs: data, pads (all begins, then all ends), constant_value (0), axes (all).
 *   constant  the value;  edge  the last element again;
 *   reflect   mirrored at the last element, which is not repeated;  wrap  from the other end
 * Reflections longer than the axis go back and forth. */
#include "movement.h"

static const struct fet_attr attrs[] = {
    {"mode", FET_ATTR_TEXT, "constant", "constant, edge, reflect or wrap"},
    {0},
};

static const char *const modes[] = {"constant", "edge", "reflect", "wrap"};
enum mode { CONSTANT, EDGE, REFLECT, WRAP, N_MODES };

static fet_status mode_get(const struct fet_op_call *c, enum mode *mode)
{
    for (int i = 0; i < N_MODES; i++) {
        if (!fet_op_text_is(c, "mode", modes[i])) continue;
        *mode = (enum mode)i;
        return FET_OK;
    }
    return FET_FAIL(FET_ARGUMENT, "pad: mode '%s' is not known", fet_op_attr(c, "mode")->text);
}

/* What is added before and behind each axis of the data. */
static fet_status pads_get(const struct fet_op_call *c, int64_t before[FET_MAX_DIMS],
                           int64_t behind[FET_MAX_DIMS])
{
    int64_t pads[2 * FET_MAX_DIMS];
    int64_t axes[FET_MAX_DIMS];
    int64_t n = 0;
    int64_t n_axes = c->x[0]->shape.n_dims;
    bool is_marked[FET_MAX_DIMS];
    const int rank = c->x[0]->shape.n_dims;
    for (int i = 0; i < rank; i++) axes[i] = i;
    for (int i = 0; i < rank; i++) before[i] = behind[i] = 0;
    FET_TRY(fet_op_ints(c, 1, (int64_t)2 * FET_MAX_DIMS, pads, &n));
    if (fet_op_x(c, 3) != NULL) FET_TRY(fet_op_ints(c, 3, FET_MAX_DIMS, axes, &n_axes));
    if (n != 2 * n_axes) {
        return FET_FAIL(FET_ARGUMENT, "pad: %lld pads for %lld axes, 2 for each are wanted",
                        (long long)n, (long long)n_axes);
    }
    FET_TRY(fet_op_axes(c, axes, n_axes, rank, is_marked));
    for (int64_t i = 0; i < n_axes; i++) {
        int axis = 0;
        FET_TRY(fet_op_axis(c, axes[i], rank, &axis));
        before[axis] = pads[i];
        behind[axis] = pads[n_axes + i];
    }
    return FET_OK;
}

static fet_status pad_infer(const struct fet_op_call *c)
{
    enum mode mode = CONSTANT;
    int64_t before[FET_MAX_DIMS];
    int64_t behind[FET_MAX_DIMS];
    struct fet_shape y = c->x[0]->shape;
    FET_TRY(mode_get(c, &mode));
    FET_TRY(pads_get(c, before, behind));
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        if (fet_op_count(&c->x[2]->shape) != 1) {
            return FET_FAIL(FET_SHAPE, "pad: input 2 is not one value");
        }
    }
    for (int i = 0; i < y.n_dims; i++) {
        const int64_t size = y.dims[i];
        const int64_t limit = INT64_MAX / 4;
        const bool is_absurd = before[i] > limit || behind[i] > limit || size > limit ||
                               before[i] < -limit || behind[i] < -limit;
        y.dims[i] = is_absurd ? -1 : size + before[i] + behind[i];
        if (y.dims[i] < 0 || (size == 0 && y.dims[i] > 0 && mode != CONSTANT)) {
            return FET_FAIL(FET_SHAPE, "pad: axis %d of size %lld cannot grow by %lld and %lld", i,
                            (long long)size, (long long)before[i], (long long)behind[i]);
        }
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* Which element of an axis of that size lies at i, which may be outside; -1 = the constant. */
static int64_t source(enum mode mode, int64_t i, int64_t size)
{
    if (i >= 0 && i < size) return i;
    const int64_t period = mode == REFLECT ? 2 * (size - 1) : size;
    switch (mode) {
    case EDGE:
        return i < 0 ? 0 : size - 1;
    case REFLECT:
        if (period == 0) return 0;
        i = (i % period + period) % period;
        return i < size ? i : period - i;
    case WRAP:
        return (i % period + period) % period;
    default:
        return -1;
    }
}

static fet_status maps_get(const struct fet_op_call *c, struct fet_maps *m)
{
    enum mode mode = CONSTANT;
    int64_t before[FET_MAX_DIMS];
    int64_t behind[FET_MAX_DIMS];
    const struct fet_shape *y = &c->y[0]->shape;
    FET_TRY(mode_get(c, &mode));
    FET_TRY(pads_get(c, before, behind));
    FET_TRY(fet_maps_new(m, y));
    for (int d = 0; d < y->n_dims; d++) {
        for (int64_t i = 0; i < y->dims[d]; i++) {
            m->axis[d][i] = source(mode, i - before[d], c->x[0]->shape.dims[d]);
        }
    }
    return FET_OK;
}

static fet_status pad_forward(const struct fet_op_call *c)
{
    struct fet_maps m = {.block = NULL};
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    FET_TRY(maps_get(c, &m));
    fet_fill(c->y[0], fet_op_x(c, 2), 0);
    fet_maps_copy(&m, c->x[0], c->y[0]);
    fet_maps_deinit(&m);
    return FET_OK;
}

static fet_status pad_backward(const struct fet_op_call *c)
{
    struct fet_maps m = {.block = NULL};
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    if (fet_tensor_count(c->dy[0]) == 0) return FET_OK;
    FET_TRY(maps_get(c, &m));
    const fet_status st = fet_maps_add(&m, c->dy[0], c->dx[0]);
    fet_maps_deinit(&m);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "with a constant",
     .attrs = "",
     .inputs = "f32[2,2]={1,2,3,4} i64[4]={0,1,1,0} f32[]={9}",
     .wanted = "f32[3,3]={9,1,2,9,3,4,9,9,9}"},
    {.name = "one axis, cut at the end",
     .attrs = "",
     .inputs = "i8[2,2]={1,2,3,4} i64[2]={1,-1} - i64[1]={-1}",
     .wanted = "i8[2,2]={0,1,0,3}"},
    {.name = "edge",
     .attrs = "mode=edge",
     .inputs = "f32[3]={1,2,3} i64[2]={2,1}",
     .wanted = "f32[6]={1,1,1,2,3,3}"},
    {.name = "reflect",
     .attrs = "mode=reflect",
     .inputs = "f32[3]={1,2,3} i64[2]={3,2}",
     .wanted = "f32[8]={2,3,2,1,2,3,2,1}"},
    {.name = "reflect one",
     .attrs = "mode=reflect",
     .inputs = "f32[1]={7} i64[2]={1,1}",
     .wanted = "f32[3]={7,7,7}"},
    {.name = "wrap",
     .attrs = "mode=wrap",
     .inputs = "f32[3]={1,2,3} i64[2]={4,1}",
     .wanted = "f32[8]={3,1,2,3,1,2,3,1}"},
    {.name = "gradient of a constant border",
     .attrs = "",
     .inputs = "f32[2,3] i64[4]={1,-1,0,2}",
     .has_gradient = true},
    {.name = "gradient of a mirror",
     .attrs = "mode=reflect",
     .inputs = "f32[2,3] i64[4]={1,2,1,2}",
     .has_gradient = true},
    {.name = "another mode",
     .attrs = "mode=mirror",
     .inputs = "f32[2] i64[2]={1,1}",
     .refusal = "'mirror'"},
    {.name = "too few pads",
     .attrs = "",
     .inputs = "f32[2,2] i64[2]={1,1}",
     .refusal = "2 pads for 2 axes"},
    {.name = "less than nothing",
     .attrs = "",
     .inputs = "f32[2] i64[2]={-1,-2}",
     .refusal = "cannot grow"},
};

const struct fet_op fet_op_pad = {
    .name = "pad",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 4,
    .n_y = 1,
    .infer = pad_infer,
    .forward = pad_forward,
    .backward = pad_backward,
    .onnx_type = "Pad",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
