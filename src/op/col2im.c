/* col2im: columns of blocks back to a picture: x [N,C*K,L] holds for each of L places of a sliding
 * window the K = product of block_shape elements that it saw; y [N,C,image_shape] is their sum
 * where windows overlap. The gradient is what the windows see. Inputs: x, image_shape,
 * block_shape. */
#include "elementwise.h"
#include "window.h"

static const struct fet_attr attrs[] = {
    FET_WINDOW_ATTRS,
    {0},
};

/* y as [N,C,image...] and the window over it. */
static fet_status sizes_find(const struct fet_op_call *c, struct fet_shape *y, struct fet_window *w)
{
    int64_t image[FET_MAX_DIMS], block[FET_MAX_DIMS], n = 0, n_block = 0;
    const struct fet_shape *const x = &c->x[0]->shape;
    FET_TRY(fet_op_need_rank(c, 0, 3, 3));
    FET_TRY(fet_op_ints(c, 1, FET_MAX_DIMS - 2, image, &n));
    FET_TRY(fet_op_ints(c, 2, FET_MAX_DIMS - 2, block, &n_block));
    if (n < 1 || n != n_block)
        return FET_FAIL(FET_SHAPE, "col2im: blocks of %lld dimensions in pictures of %lld",
                        (long long)n_block, (long long)n);
    *y = (struct fet_shape){(int)n + 2, {x->dims[0], 1}};
    for (int i = 0; i < n; i++) {
        if (image[i] < 0) return FET_FAIL(FET_ARGUMENT, "col2im: a picture of negative size");
        y->dims[i + 2] = image[i];
    }
    FET_TRY(fet_window_find(c, y, block, false, w));
    if (x->dims[1] % w->n_kernel != 0 || x->dims[2] != w->n_out)
        return FET_FAIL(FET_SHAPE, "col2im: %lld rows and %lld columns for blocks of %lld at %lld",
                        (long long)x->dims[1], (long long)x->dims[2], (long long)w->n_kernel,
                        (long long)w->n_out);
    y->dims[1] = x->dims[1] / w->n_kernel;
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct fet_shape y;
    struct fet_window w;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(sizes_find(c, &y, &w));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status run(const struct fet_op_call *c, bool is_backward)
{
    struct fet_shape y;
    struct fet_window w;
    int64_t *taps = NULL;
    struct fet_sum sum = {0};
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, &y, &w));
    if (fet_op_count(&c->x[0]->shape) == 0 || fet_op_count(&y) == 0) return FET_OK;
    FET_TRY(fet_window_taps(&w, &taps));
    FET_TRY_OUT(fet_sum_start(&sum, is_backward ? NULL : c->y[0]));
    for (int64_t plane = 0; plane < y.dims[0] * y.dims[1]; plane++)
        for (int64_t k = 0; k < w.n_kernel; k++)
            for (int64_t o = 0; o < w.n_out; o++) {
                const int64_t tap = taps[o * w.n_kernel + k];
                const int64_t at_x = (plane * w.n_kernel + k) * w.n_out + o;
                const int64_t at_y = plane * w.n_in + tap;
                if (tap < 0) continue;
                if (!is_backward) sum.v[at_y] += fet_read_real(c->x[0], at_x);
                const double d = is_backward ? fet_read_real(c->dy[0], at_y) : 0;
                if (is_backward) fet_add_real(c->dx[0], at_x, 1, 1, &d);
            }
    if (!is_backward) fet_store_real(c->y[0], 0, 1, fet_op_count(&y), sum.v);
out:
    fet_sum_deinit(&sum);
    fet_free(taps);
    return st;
}

static fet_status forward(const struct fet_op_call *c)
{
    return run(c, false);
}

static fet_status backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    return run(c, true);
}

static const struct fet_op_case cases[] = {
    {.name = "overlapping pairs",
     .attrs = "",
     .inputs = "f32[1,2,2]={1,2,10,20} i64[1]={3} i64[1]={2}",
     .wanted = "f32[1,1,3]={1,12,20}"},
    {.name = "gradient",
     .attrs = "pads=1,0,1,0 strides=2,1",
     .inputs = "f64[2,8,6] i64[2]={3,4} i64[2]={2,2}",
     .has_gradient = true},
    {.name = "columns that do not fit",
     .attrs = "",
     .inputs = "f32[1,2,3] i64[1]={3} i64[1]={2}",
     .refusal = "2 rows and 3 columns for blocks of 2 at 2"},
    {.name = "blocks of other dimensions",
     .attrs = "",
     .inputs = "f32[1,2,3] i64[2]={3,3} i64[1]={2}",
     .refusal = "blocks of 1 dimensions"},
};

const struct fet_op fet_op_col2im = {
    .name = "col2im",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "Col2Im",
    .onnx_since = 18,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
