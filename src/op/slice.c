/* slice: y[i] = x[start + i * step] along each of the given axes, as Python's x[start:end:step].
 * Inputs: data, starts, ends, axes (all in order when left out), steps (1). */
#include "movement.h"

/* One axis: the first index, and how many there are. Ends are cut to what the axis has. */
static void range_cut(int64_t size, int64_t start, int64_t end, int64_t step, int64_t *first,
                      int64_t *count)
{
    const int64_t low = step > 0 ? 0 : -1;
    const int64_t high = step > 0 ? size : size - 1;
    if (start < 0) start += size;
    if (end < 0) end += size;
    start = start < low ? low : start > high ? high : start;
    end = end < low ? low : end > high ? high : end;
    const int64_t distance = step > 0 ? end - start : start - end;
    /* |step| as unsigned: the smallest integer has no positive counterpart. */
    const uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    *first = start;
    *count = distance <= 0 ? 0 : (int64_t)(((uint64_t)distance - 1) / stride) + 1;
}

/* The shape of y, and x as a view of that shape. */
static fet_status cut(const struct fet_op_call *c, struct fet_shape *y, struct fet_view *view)
{
    int64_t lists[4][FET_MAX_DIMS]; /* starts, ends, axes, steps */
    int64_t n[4] = {0};
    bool is_marked[FET_MAX_DIMS];
    const struct fet_shape *x = &c->x[0]->shape;
    for (int i = 0; i < 4; i++) {
        if (fet_op_x(c, i + 1) != NULL) {
            FET_TRY(fet_op_ints(c, i + 1, FET_MAX_DIMS, lists[i], &n[i]));
        } else {
            n[i] = n[0];
            for (int64_t k = 0; k < n[0]; k++) lists[i][k] = i == 2 ? k : 1;
        }
        if (n[i] == n[0]) continue;
        return FET_FAIL(FET_ARGUMENT, "slice: %lld starts, but input %d has %lld entries",
                        (long long)n[0], i + 1, (long long)n[i]);
    }
    FET_TRY(fet_op_axes(c, lists[2], n[2], x->n_dims, is_marked));
    *y = *x;
    *view = fet_view_whole(x);
    for (int64_t i = 0; i < n[0]; i++) {
        int axis = 0;
        int64_t first = 0;
        FET_TRY(fet_op_axis(c, lists[2][i], x->n_dims, &axis));
        if (lists[3][i] == 0) return FET_FAIL(FET_ARGUMENT, "slice: a step of 0");
        range_cut(x->dims[axis], lists[0][i], lists[1][i], lists[3][i], &first, &y->dims[axis]);
        view->at += first * view->steps[axis];
        /* With one element or none no step is made, however large it is. */
        view->steps[axis] = y->dims[axis] > 1 ? view->steps[axis] * lists[3][i] : 0;
    }
    return FET_OK;
}

static fet_status slice_infer(const struct fet_op_call *c)
{
    struct fet_shape y;
    struct fet_view view;
    FET_TRY(cut(c, &y, &view));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status slice_forward(const struct fet_op_call *c)
{
    struct fet_shape y;
    struct fet_view from;
    FET_TRY(cut(c, &y, &from));
    const struct fet_view to = fet_view_whole(&y);
    fet_view_copy(&y, c->y[0], &to, c->x[0], &from);
    return FET_OK;
}

static fet_status slice_backward(const struct fet_op_call *c)
{
    struct fet_shape y;
    struct fet_view to;
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    FET_TRY(cut(c, &y, &to));
    const struct fet_view from = fet_view_whole(&y);
    fet_view_add(&y, c->dx[0], &to, c->dy[0], &from);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "rows and columns",
     .attrs = "",
     .inputs = "f32[2,4]={1,2,3,4,5,6,7,8} i64[2]={1,0} i64[2]={2,3} i64[2]={0,1} i64[2]={1,2}",
     .wanted = "f32[1,2]={5,7}"},
    {.name = "ends far away",
     .attrs = "",
     .inputs = "f32[2,4]={1,2,3,4,5,6,7,8} i64[2]={0,1} i64[2]={-1,1000}",
     .wanted = "f32[1,3]={2,3,4}"},
    {.name = "backwards",
     .attrs = "",
     .inputs = "i16[5]={1,2,3,4,5} i64[1]={-1} i64[1]={-9223372036854775807} i64[1]={0} "
               "i64[1]={-2}",
     .wanted = "i16[3]={5,3,1}"},
    {.name = "nothing", .attrs = "", .inputs = "f32[5] i32[1]={4} i32[1]={2}", .wanted = "f32[0]"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f32[3,5] i64[2]={2,-1} i64[2]={0,0} - i64[2]={-1,-2}",
     .has_gradient = true},
    {.name = "no step",
     .attrs = "",
     .inputs = "f32[5] i64[1]={0} i64[1]={2} i64[1]={0} i64[1]={0}",
     .refusal = "a step of 0"},
    {.name = "fewer ends",
     .attrs = "",
     .inputs = "f32[5,5] i64[2]={0,0} i64[1]={2}",
     .refusal = "input 2 has 1 entries"},
    {.name = "outside",
     .attrs = "",
     .inputs = "f32[5] i64[1]={0} i64[1]={2} i64[1]={1}",
     .refusal = "axis 1"},
};

const struct fet_op fet_op_slice = {
    .name = "slice",
    .min_x = 3,
    .max_x = 5,
    .n_y = 1,
    .infer = slice_infer,
    .forward = slice_forward,
    .backward = slice_backward,
    .onnx_type = "Slice",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
