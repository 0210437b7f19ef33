/* concat: inputs behind each other along one axis. split: the reverse, into equal parts (the last
 * may be shorter) or parts of given sizes. */
#include "movement.h"

static const struct fet_attr concat_attrs[] = {
    {"axis", FET_ATTR_INT, NULL, "the axis along which inputs follow each other"},
    {0},
};

static fet_status concat_infer(const struct fet_op_call *c)
{
    int axis = 0;
    struct fet_shape y = c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", y.n_dims, &axis));
    for (int i = 1; i < c->n_x; i++) {
        if (c->x[i] == NULL) return FET_FAIL(FET_ARGUMENT, "concat: input %d was left out", i);
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
        const struct fet_shape *s = &c->x[i]->shape;
        struct fet_shape other = *s;
        if (s->n_dims == y.n_dims) other.dims[axis] = y.dims[axis];
        if (!fet_shape_is_equal(&other, &y)) {
            char text[128];
            char first[128];
            fet_shape_text(s, text);
            fet_shape_text(&c->x[0]->shape, first);
            return FET_FAIL(FET_SHAPE,
                            "concat: input %d is %s, input 0 is %s: axis %d apart, they "
                            "must agree",
                            i, text, first, axis);
        }
        if (s->dims[axis] > INT64_MAX - y.dims[axis]) {
            return FET_FAIL(FET_SHAPE, "concat: the inputs are too long together");
        }
        y.dims[axis] += s->dims[axis];
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* The part of `whole` that begins at `from` along the axis. */
static struct fet_view part_view(const struct fet_shape *whole, int axis, int64_t from)
{
    struct fet_view v = fet_view_whole(whole);
    v.at = from * v.steps[axis];
    return v;
}

static fet_status concat_forward(const struct fet_op_call *c)
{
    int axis = 0;
    int64_t from = 0;
    FET_TRY(fet_op_attr_axis(c, "axis", c->y[0]->shape.n_dims, &axis));
    for (int i = 0; i < c->n_x; i++) {
        const struct fet_shape *s = &c->x[i]->shape;
        const struct fet_view part = part_view(&c->y[0]->shape, axis, from);
        const struct fet_view whole = fet_view_whole(s);
        fet_view_copy(s, c->y[0], &part, c->x[i], &whole);
        from += s->dims[axis];
    }
    return FET_OK;
}

static fet_status concat_backward(const struct fet_op_call *c)
{
    int axis = 0;
    int64_t from = 0;
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(fet_op_attr_axis(c, "axis", c->y[0]->shape.n_dims, &axis));
    for (int i = 0; i < c->n_x; i++) {
        const struct fet_shape *s = &c->x[i]->shape;
        const struct fet_view part = part_view(&c->y[0]->shape, axis, from);
        const struct fet_view whole = fet_view_whole(s);
        if (fet_op_dx(c, i) != NULL) fet_view_add(s, c->dx[i], &whole, c->dy[0], &part);
        from += s->dims[axis];
    }
    return FET_OK;
}

static const struct fet_attr split_attrs[] = {
    {"axis", FET_ATTR_INT, "0", "the axis that is cut"},
    {"num_outputs", FET_ATTR_INT, "", "into how many parts, when no sizes are given"},
    {0},
};

/* The sizes of all parts. */
static fet_status sizes_get(const struct fet_op_call *c, int64_t total, int64_t *sizes)
{
    int64_t n = 0;
    int64_t sum = 0;
    const struct fet_attr_value *parts = fet_op_attr(c, "num_outputs");
    if (fet_op_x(c, 1) == NULL) {
        const int64_t each = (total + c->n_y - 1) / c->n_y;
        if (parts->is_set && parts->i != c->n_y) {
            return FET_FAIL(FET_ARGUMENT, "split: num_outputs is %lld, there are %d outputs",
                            (long long)parts->i, c->n_y);
        }
        for (int i = 0; i < c->n_y; i++) {
            sizes[i] = total - sum < each ? total - sum : each;
            sum += sizes[i];
        }
        return FET_OK;
    }
    FET_TRY(fet_op_ints(c, 1, c->n_y, sizes, &n));
    if (n != c->n_y) {
        return FET_FAIL(FET_ARGUMENT, "split: %lld sizes for %d outputs", (long long)n, c->n_y);
    }
    for (int i = 0; i < c->n_y; i++) {
        if (sizes[i] < 0 || sizes[i] > total - sum) {
            return FET_FAIL(FET_SHAPE, "split: part %d of size %lld does not fit into %lld", i,
                            (long long)sizes[i], (long long)(total - sum));
        }
        sum += sizes[i];
    }
    if (sum == total) return FET_OK;
    return FET_FAIL(FET_SHAPE, "split: the parts are %lld long, the axis %lld", (long long)sum,
                    (long long)total);
}

static fet_status split_infer(const struct fet_op_call *c)
{
    int axis = 0;
    struct fet_shape y = c->x[0]->shape;
    FET_TRY(fet_op_attr_axis(c, "axis", y.n_dims, &axis));
    int64_t *sizes = fet_alloc(c->n_y, sizeof *sizes);
    if (sizes == NULL) return FET_FAIL_MEMORY("split", c->n_y);
    const fet_status st = sizes_get(c, y.dims[axis], sizes);
    for (int i = 0; st == FET_OK && i < c->n_y; i++) {
        y.dims[axis] = sizes[i];
        fet_op_set_y(c, i, c->x[0]->dtype, &y);
    }
    fet_free(sizes);
    return st;
}

static fet_status split_forward(const struct fet_op_call *c)
{
    int axis = 0;
    int64_t from = 0;
    FET_TRY(fet_op_attr_axis(c, "axis", c->x[0]->shape.n_dims, &axis));
    for (int i = 0; i < c->n_y; i++) {
        const struct fet_shape *s = &c->y[i]->shape;
        const struct fet_view part = part_view(&c->x[0]->shape, axis, from);
        const struct fet_view whole = fet_view_whole(s);
        fet_view_copy(s, c->y[i], &whole, c->x[0], &part);
        from += s->dims[axis];
    }
    return FET_OK;
}

static fet_status split_backward(const struct fet_op_call *c)
{
    int axis = 0;
    int64_t from = 0;
    if (fet_op_dx(c, 0) == NULL) return FET_OK;
    FET_TRY(fet_op_attr_axis(c, "axis", c->x[0]->shape.n_dims, &axis));
    for (int i = 0; i < c->n_y; i++) {
        const struct fet_shape *s = &c->y[i]->shape;
        const struct fet_view part = part_view(&c->x[0]->shape, axis, from);
        const struct fet_view whole = fet_view_whole(s);
        if (c->dy[i] != NULL) fet_view_add(s, c->dx[0], &part, c->dy[i], &whole);
        from += s->dims[axis];
    }
    return FET_OK;
}

static const struct fet_op_case concat_cases[] = {
    {.name = "columns",
     .attrs = "axis=-1",
     .inputs = "f32[2,1]={1,4} f32[2,2]={2,3,5,6}",
     .wanted = "f32[2,3]={1,2,3,4,5,6}",
     .has_gradient = true},
    {.name = "rows of bytes, one empty",
     .attrs = "axis=0",
     .inputs = "u8[1,2]={1,2} u8[0,2] u8[1,2]={3,4}",
     .wanted = "u8[2,2]={1,2,3,4}"},
    {.name = "one", .attrs = "axis=0", .inputs = "i64[2]={1,2}", .wanted = "i64[2]={1,2}"},
    {.name = "other rows",
     .attrs = "axis=1",
     .inputs = "f32[2,1] f32[3,1]",
     .refusal = "input 1 is [3,1]"},
    {.name = "types that differ",
     .attrs = "axis=0",
     .inputs = "f32[2] i32[2]",
     .refusal = "input 1 is I32"},
    {.name = "scalars", .attrs = "axis=0", .inputs = "f32[] f32[]", .refusal = "axis 0"},
};

static const struct fet_op_case split_cases[] = {
    {.name = "equal parts",
     .attrs = "axis=1",
     .inputs = "f32[2,4]={1,2,3,4,5,6,7,8}",
     .wanted = "f32[2,2]={1,2,5,6} f32[2,2]={3,4,7,8}",
     .has_gradient = true},
    {.name = "a shorter last part",
     .attrs = "num_outputs=2",
     .inputs = "i8[5]={1,2,3,4,5}",
     .wanted = "i8[3]={1,2,3} i8[2]={4,5}"},
    {.name = "given sizes, one empty",
     .attrs = "axis=-1",
     .inputs = "f64[4]={1,2,3,4} i64[3]={3,0,1}",
     .wanted = "f64[3]={1,2,3} f64[0] f64[1]={4}",
     .has_gradient = true},
    {.name = "sizes that do not add up",
     .attrs = "",
     .inputs = "f32[4] i64[2]={1,2}",
     .refusal = "3 long",
     .n_y = 2},
    {.name = "a part too long",
     .attrs = "",
     .inputs = "f32[4] i64[2]={5,-1}",
     .refusal = "part 0",
     .n_y = 2},
    {.name = "other numbers of parts",
     .attrs = "num_outputs=3",
     .inputs = "f32[4]",
     .refusal = "there are 2",
     .n_y = 2},
};

const struct fet_op fet_op_concat = {
    .name = "concat",
    .attrs = concat_attrs,
    .min_x = 1,
    .max_x = -1,
    .n_y = 1,
    .infer = concat_infer,
    .forward = concat_forward,
    .backward = concat_backward,
    .onnx_type = "Concat",
    .onnx_since = 4,
    .cases = concat_cases,
    .n_cases = sizeof concat_cases / sizeof concat_cases[0],
};

const struct fet_op fet_op_split = {
    .name = "split",
    .attrs = split_attrs,
    .min_x = 1,
    .max_x = 2,
    .n_y = -1,
    .infer = split_infer,
    .forward = split_forward,
    .backward = split_backward,
    .onnx_type = "Split",
    .onnx_since = 2,
    .cases = split_cases,
    .n_cases = sizeof split_cases / sizeof split_cases[0],
};
