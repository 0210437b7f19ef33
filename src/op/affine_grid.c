/* affine_grid: where grid_sample reads for an affine map: y[n,...,:] = theta[n] (x, y, (z), 1) for
 * every pixel of a picture of `size` (input 1: [N,C,H,W] or [N,C,D,H,W]), in coordinates that run
 * from -1 to 1 over the picture (its corner pixels' centres with align_corners). Jaderberg 2015. */
#include "elementwise.h"

static const struct fet_attr attrs[] = {
    {"align_corners", FET_ATTR_INT, "0", "1 = -1 and 1 are centres of pixels, 0 = their edges"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    int64_t size[5], n = 0;
    const struct fet_shape *const theta = &c->x[0]->shape;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_rank(c, 0, 3, 3));
    FET_TRY(fet_op_ints(c, 1, 5, size, &n));
    if (n < 4 || theta->dims[0] != size[0] || theta->dims[1] != n - 2 || theta->dims[2] != n - 1)
        return FET_FAIL(FET_SHAPE, "affine_grid: the maps do not fit a size of %lld numbers",
                        (long long)n);
    struct fet_shape y = {(int)n, {size[0]}};
    for (int i = 2; i < n; i++) {
        if (size[i] < 0)
            return FET_FAIL(FET_ARGUMENT, "affine_grid: a size of %lld", (long long)size[i]);
        y.dims[i - 1] = size[i];
    }
    y.dims[n - 1] = n - 2;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* The point of pixel i of a picture y [N,...,r], r coordinates and a 1: x first. */
static void point_of(const struct fet_op_call *c, const struct fet_shape *y, int64_t i,
                     double point[4])
{
    const int r = y->n_dims - 2;
    const bool is_aligned = fet_op_flag(c, "align_corners");
    for (int k = 0; k < r; k++) {
        const int64_t size = y->dims[r - k];
        const double at = (double)(i % size), n = (double)size;
        point[k] = is_aligned ? (size > 1 ? 2 * at / (n - 1) - 1 : 0) : (2 * at + 1) / n - 1;
        i /= size;
    }
    point[r] = 1;
}

static fet_status forward(const struct fet_op_call *c)
{
    const struct fet_shape *const y = &c->y[0]->shape;
    const int r = y->n_dims - 2;
    const int64_t n_pixels = fet_op_span(y, 1, r + 1);
    if (fet_op_count(y) == 0) return FET_OK;
    for (int64_t i = 0; i < y->dims[0] * n_pixels; i++) {
        double point[4];
        point_of(c, y, i % n_pixels, point);
        for (int k = 0; k < r; k++) {
            double sum = 0;
            const int64_t row = (i / n_pixels * r + k) * (r + 1);
            for (int j = 0; j <= r; j++) sum += fet_read_real(c->x[0], row + j) * point[j];
            fet_write_real(c->y[0], i * r + k, sum);
        }
    }
    return FET_OK;
}

static fet_status backward(const struct fet_op_call *c)
{
    struct fet_sum sum = {0};
    const struct fet_shape *const y = &c->y[0]->shape;
    const int r = y->n_dims - 2;
    const int64_t n_pixels = fet_op_span(y, 1, r + 1);
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL || fet_op_count(y) == 0) return FET_OK;
    FET_TRY(fet_sum_start(&sum, c->dx[0]));
    for (int64_t i = 0; i < y->dims[0] * n_pixels; i++) {
        double point[4];
        point_of(c, y, i % n_pixels, point);
        for (int k = 0; k < r; k++)
            for (int j = 0; j <= r; j++)
                sum.v[(i / n_pixels * r + k) * (r + 1) + j] +=
                    fet_read_real(c->dy[0], i * r + k) * point[j];
    }
    fet_sum_finish(&sum);
    fet_sum_deinit(&sum);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "centres, twice as wide, moved down",
     .attrs = "",
     .inputs = "f32[1,2,3]={2,0,0,0,1,0.5} i64[4]={1,7,1,2}",
     .wanted = "f32[1,1,2,2]={-1,0.5,1,0.5}"},
    {.name = "corners, mirrored",
     .attrs = "align_corners=1",
     .inputs = "f32[1,2,3]={-1,0,0,0,1,0} i64[4]={1,1,2,2}",
     .wanted = "f32[1,2,2,2]={1,-1,-1,-1,1,1,-1,1}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f64[2,3,4] i64[5]={2,1,2,3,2}",
     .has_gradient = true},
    {.name = "a map of a plane for a body",
     .attrs = "",
     .inputs = "f32[1,2,3] i64[5]={1,1,2,2,2}",
     .refusal = "a size of 5 numbers"},
    {.name = "a negative size",
     .attrs = "",
     .inputs = "f32[1,2,3] i64[4]={1,1,-2,2}",
     .refusal = "a size of -2"},
};

const struct fet_op fet_op_affine_grid = {
    .name = "affine_grid",
    .paper = "Jaderberg 2015",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "AffineGrid",
    .onnx_since = 20,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
