/* gather_nd: the last dimension of the indices holds places in x; y has the element, or the slice
 * of the remaining dimensions, at each place. With batch_dims b the first b dimensions of x and the
 * indices go together. scatter_nd: the reverse, into a copy of x. */
#include "scatter.h"

static const struct fet_attr gather_attrs[] = {
    {"batch_dims", FET_ATTR_INT, "0", "leading dimensions that go together"},
    {0},
};

static const struct fet_attr scatter_attrs[] = {
    {"reduction", FET_ATTR_TEXT, "none", "none, add, mul, max or min"},
    {0},
};

/* How x and the indices are cut. */
struct places {
    int n_batch, n_deep;       /* leading dimensions in common; length of one place */
    int64_t n_places, n_slice; /* all places; elements at one of them */
};

static fet_status places_get(const struct fet_op_call *c, int64_t n_batch, struct places *p)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const struct fet_shape *index = &c->x[1]->shape;
    FET_TRY(fet_op_need_index(c, 1));
    FET_TRY(fet_op_need_rank(c, 1, 1, FET_MAX_DIMS));
    const int64_t n_deep = index->dims[index->n_dims - 1];
    if (n_batch < 0 || n_batch >= index->n_dims || n_deep < 1 || n_batch > x->n_dims ||
        n_deep > x->n_dims - n_batch) {
        return FET_FAIL(FET_SHAPE,
                        "%s: places of %lld numbers behind %lld batch dimensions do not "
                        "fit %d dimensions",
                        c->op->name, (long long)n_deep, (long long)n_batch, x->n_dims);
    }
    for (int i = 0; i < (int)n_batch; i++) {
        if (x->dims[i] == index->dims[i]) continue;
        return FET_FAIL(FET_SHAPE,
                        "%s: batch dimension %d is %lld in the data, %lld in the indices",
                        c->op->name, i, (long long)x->dims[i], (long long)index->dims[i]);
    }
    p->n_batch = (int)n_batch;
    p->n_deep = (int)n_deep;
    p->n_places = fet_op_span(index, 0, index->n_dims - 1);
    p->n_slice = fet_op_span(x, p->n_batch + p->n_deep, x->n_dims);
    return FET_OK;
}

/* The shape of the gathered slices. */
static fet_status slices_shape(const struct fet_op_call *c, const struct places *p,
                               struct fet_shape *y)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const struct fet_shape *index = &c->x[1]->shape;
    const int n_dims = index->n_dims - 1 + x->n_dims - p->n_batch - p->n_deep;
    if (n_dims > FET_MAX_DIMS) {
        return FET_FAIL(FET_SHAPE, "%s: %d dimensions, at most %d are possible", c->op->name,
                        n_dims, FET_MAX_DIMS);
    }
    *y = (struct fet_shape){0};
    for (int i = 0; i < index->n_dims - 1; i++) y->dims[y->n_dims++] = index->dims[i];
    for (int i = p->n_batch + p->n_deep; i < x->n_dims; i++) y->dims[y->n_dims++] = x->dims[i];
    return FET_OK;
}

/* Where slice number i begins in x. */
static fet_status place_find(const struct fet_op_call *c, const struct places *p, int64_t i,
                             int64_t *at)
{
    const struct fet_shape *x = &c->x[0]->shape;
    const int64_t n_batches = fet_op_span(x, 0, p->n_batch);
    int64_t to = n_batches > 0 ? i / (p->n_places / n_batches) : 0;
    for (int k = 0; k < p->n_deep; k++) {
        int64_t index = 0;
        const int64_t size = x->dims[p->n_batch + k];
        FET_TRY(fet_op_index(c, fet_read_int(c->x[1], i * p->n_deep + k), size, &index));
        to = to * size + index;
    }
    *at = to * p->n_slice;
    return FET_OK;
}

static fet_status gather_nd_infer(const struct fet_op_call *c)
{
    struct places p;
    struct fet_shape y;
    FET_TRY(places_get(c, fet_op_int(c, "batch_dims"), &p));
    FET_TRY(slices_shape(c, &p, &y));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status gather_nd_run(const struct fet_op_call *c, bool is_backward)
{
    struct places p;
    FET_TRY(places_get(c, fet_op_int(c, "batch_dims"), &p));
    const struct fet_shape slice = {.n_dims = 1, .dims = {p.n_slice}};
    struct fet_view of_x = fet_view_whole(&slice);
    struct fet_view of_y = of_x;
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    for (int64_t i = 0; i < p.n_places; i++, of_y.at += p.n_slice) {
        FET_TRY(place_find(c, &p, i, &of_x.at));
        if (is_backward) {
            fet_view_add(&slice, c->dx[0], &of_x, c->dy[0], &of_y);
        } else {
            fet_view_copy(&slice, c->y[0], &of_y, c->x[0], &of_x);
        }
    }
    return FET_OK;
}

static fet_status gather_nd_forward(const struct fet_op_call *c)
{
    return gather_nd_run(c, false);
}

static fet_status gather_nd_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return gather_nd_run(c, true);
}

static fet_status scatter_nd_infer(const struct fet_op_call *c)
{
    struct places p;
    struct fet_shape wanted;
    enum fet_scatter kind = FET_SCATTER_NONE;
    FET_TRY(fet_scatter_kind(c, &kind));
    FET_TRY(fet_op_need_same_dtype(c, 2, 0));
    FET_TRY(places_get(c, 0, &p));
    FET_TRY(slices_shape(c, &p, &wanted));
    if (!fet_shape_is_equal(&wanted, &c->x[2]->shape)) {
        char text[128];
        fet_shape_text(&wanted, text);
        return FET_FAIL(FET_SHAPE, "scatter_nd: updates of shape %s are wanted", text);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

static fet_status scatter_nd_forward(const struct fet_op_call *c)
{
    struct places p;
    enum fet_scatter kind = FET_SCATTER_NONE;
    FET_TRY(fet_scatter_kind(c, &kind));
    FET_TRY(places_get(c, 0, &p));
    fet_copy_all(c->y[0], c->x[0]);
    if (fet_tensor_count(c->x[2]) == 0) return FET_OK;
    for (int64_t i = 0; i < p.n_places; i++) {
        int64_t at = 0;
        FET_TRY(place_find(c, &p, i, &at));
        for (int64_t k = 0; k < p.n_slice; k++) {
            fet_scatter_put(kind, c->y[0], at + k, c->x[2], i * p.n_slice + k);
        }
    }
    return FET_OK;
}

static fet_status scatter_nd_backward(const struct fet_op_call *c)
{
    struct places p;
    enum fet_scatter kind = FET_SCATTER_NONE;
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(fet_scatter_kind(c, &kind));
    FET_TRY(fet_scatter_need_slope(c, kind));
    FET_TRY(places_get(c, 0, &p));
    fet_add_all(fet_op_dx(c, 0), c->dy[0]);
    for (int64_t i = 0; i < fet_tensor_count(c->x[2]); i++) {
        int64_t at = 0;
        FET_TRY(place_find(c, &p, i / p.n_slice, &at));
        at += i % p.n_slice;
        const double d = fet_read_real(c->dy[0], at);
        const double minus = -d;
        if (fet_op_dx(c, 2) != NULL) fet_add_real(c->dx[2], i, 1, 1, &d);
        if (fet_op_dx(c, 0) == NULL || kind == FET_SCATTER_ADD) continue;
        fet_add_real(c->dx[0], at, 1, 1, &minus);
    }
    return FET_OK;
}

static const struct fet_op_case gather_nd_cases[] = {
    {.name = "elements",
     .attrs = "",
     .inputs = "i32[2,2]={0,1,2,3} i64[2,2]={0,0,1,-1}",
     .wanted = "i32[2]={0,3}"},
    {.name = "slices",
     .attrs = "",
     .inputs = "f32[2,2,2]={0,1,2,3,4,5,6,7} i64[2,1,2]={0,1,1,0}",
     .wanted = "f32[2,1,2]={2,3,4,5}"},
    {.name = "in batches",
     .attrs = "batch_dims=1",
     .inputs = "f32[2,2,2]={0,1,2,3,4,5,6,7} i64[2,1]={1,0}",
     .wanted = "f32[2,2]={2,3,4,5}"},
    {.name = "gradient",
     .attrs = "batch_dims=1",
     .inputs = "f32[2,3,2] i64[2,2,1]={2,0,1,1}",
     .has_gradient = true},
    {.name = "too deep", .attrs = "", .inputs = "f32[2,2] i64[1,3]", .refusal = "3 numbers"},
    {.name = "other batches",
     .attrs = "batch_dims=1",
     .inputs = "f32[2,2] i64[3,1]",
     .refusal = "batch dimension 0 is 2"},
};

static const struct fet_op_case scatter_nd_cases[] = {
    {.name = "elements",
     .attrs = "",
     .inputs = "f32[4]={1,2,3,4} i64[2,1]={3,-4} f32[2]={9,10}",
     .wanted = "f32[4]={10,2,3,9}"},
    {.name = "slices added",
     .attrs = "reduction=add",
     .inputs = "i64[2,2]={1,2,3,4} i64[2,1]={1,1} i64[2,2]={10,20,30,40}",
     .wanted = "i64[2,2]={1,2,43,64}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f32[3,2] i64[2,1]={2,0} f32[2,2]",
     .has_gradient = true},
    {.name = "gradient of a sum",
     .attrs = "reduction=add",
     .inputs = "f32[3,2] i64[2,2]={2,0,2,0} f32[2]",
     .has_gradient = true},
    {.name = "other updates",
     .attrs = "",
     .inputs = "f32[4] i64[2,1] f32[3]",
     .refusal = "shape [2] are wanted"},
};

const struct fet_op fet_op_gather_nd = {
    .name = "gather_nd",
    .attrs = gather_attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = gather_nd_infer,
    .forward = gather_nd_forward,
    .backward = gather_nd_backward,
    .onnx_type = "GatherND",
    .onnx_since = 11,
    .cases = gather_nd_cases,
    .n_cases = sizeof gather_nd_cases / sizeof gather_nd_cases[0],
};

const struct fet_op fet_op_scatter_nd = {
    .name = "scatter_nd",
    .attrs = scatter_attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = scatter_nd_infer,
    .forward = scatter_nd_forward,
    .backward = scatter_nd_backward,
    .onnx_type = "ScatterND",
    .onnx_since = 11,
    .cases = scatter_nd_cases,
    .n_cases = sizeof scatter_nd_cases / sizeof scatter_nd_cases[0],
};
