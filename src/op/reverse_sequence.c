/* reverse_sequence: along the time axis, the first sequence_lens[b] elements of each batch b in
 * reverse, the others as they are. It is its own inverse, and so is its gradient. */
#include "movement.h"

static const struct fet_attr attrs[] = {
    {"batch_axis", FET_ATTR_INT, "1", "0 or 1"},
    {"time_axis", FET_ATTR_INT, "0", "0 or 1, the other one"},
    {0},
};

static fet_status reverse_infer(const struct fet_op_call *c)
{
    const int64_t batch = fet_op_int(c, "batch_axis");
    const int64_t time = fet_op_int(c, "time_axis");
    const struct fet_shape *x = &c->x[0]->shape;
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    FET_TRY(fet_op_need_index(c, 1));
    if (batch < 0 || batch > 1 || time != 1 - batch) {
        return FET_FAIL(FET_ARGUMENT, "reverse_sequence: batch axis %lld and time axis %lld",
                        (long long)batch, (long long)time);
    }
    if (c->x[1]->shape.n_dims != 1 || c->x[1]->shape.dims[0] != x->dims[batch]) {
        return FET_FAIL(FET_SHAPE, "reverse_sequence: one length for each of %lld is wanted",
                        (long long)x->dims[batch]);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, x);
    return FET_OK;
}

static fet_status reverse_run(const struct fet_op_call *c, struct fet_tensor *to,
                              const struct fet_tensor *from, bool is_gradient)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const int batch = (int)fet_op_int(c, "batch_axis");
    const int64_t n_time = x->dims[1 - batch];
    const struct fet_shape slice = {.n_dims = 1, .dims = {fet_op_span(x, 2, x->n_dims)}};
    struct fet_view view_to = fet_view_whole(&slice);
    struct fet_view view_from = view_to;
    if (fet_tensor_count(to) == 0) return FET_OK;
    for (int64_t i = 0; i < x->dims[0] * x->dims[1]; i++) {
        const int64_t b = batch == 0 ? i / n_time : i % x->dims[1];
        const int64_t t = batch == 0 ? i % n_time : i / x->dims[1];
        const int64_t n = fet_read_int(c->x[1], b);
        if (n < 0 || n > n_time) {
            return FET_FAIL(FET_ARGUMENT, "reverse_sequence: length %lld of %lld", (long long)n,
                            (long long)n_time);
        }
        const int64_t step = batch == 0 ? 1 : x->dims[1];
        view_to.at = i * slice.dims[0];
        view_from.at = (t < n ? i + (n - 1 - 2 * t) * step : i) * slice.dims[0];
        if (is_gradient) fet_view_add(&slice, to, &view_to, from, &view_from);
        if (!is_gradient) fet_view_copy(&slice, to, &view_to, from, &view_from);
    }
    return FET_OK;
}

static fet_status reverse_forward(const struct fet_op_call *c)
{
    return reverse_run(c, c->y[0], c->x[0], false);
}

static fet_status reverse_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return reverse_run(c, c->dx[0], c->dy[0], true);
}

static const struct fet_op_case cases[] = {
    {.name = "time first",
     .attrs = "",
     .inputs = "f32[3,2]={0,3,1,4,2,5} i64[2]={3,2}",
     .wanted = "f32[3,2]={2,4,1,3,0,5}"},
    {.name = "batch first",
     .attrs = "batch_axis=0 time_axis=1",
     .inputs = "i16[2,3]={0,1,2,3,4,5} i64[2]={1,3}",
     .wanted = "i16[2,3]={0,1,2,5,4,3}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[3,2,2] i64[2]={3,2}", .has_gradient = true},
    {.name = "one axis twice",
     .attrs = "batch_axis=0",
     .inputs = "f32[3,2] i64[3]",
     .refusal = "batch axis 0 and time axis 0"},
    {.name = "too few", .attrs = "", .inputs = "f32[3,2] i64[1]", .refusal = "each of 2"},
};

const struct fet_op fet_op_reverse_sequence = {
    .name = "reverse_sequence",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = reverse_infer,
    .forward = reverse_forward,
    .backward = reverse_backward,
    .onnx_type = "ReverseSequence",
    .onnx_since = 10,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
