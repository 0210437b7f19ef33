/* det: the determinant of square matrices [...,M,M], by elimination with the largest pivot of each
 * column. */
#include "op_args.h"

#include <math.h>

static fet_status infer(const struct fet_op_call *c)
{
    struct fet_shape y = c->x[0]->shape;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    y.n_dims -= 2;
    if (y.dims[y.n_dims] != y.dims[y.n_dims + 1])
        return FET_FAIL(FET_SHAPE, "det: matrices of %lld rows and %lld columns",
                        (long long)y.dims[y.n_dims], (long long)y.dims[y.n_dims + 1]);
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* The pivot of column k comes to row k; false = there is none. *sign turns when rows change. */
static bool bring_pivot(double *a, int64_t n, int64_t k, double *sign)
{
    int64_t best = k;
    for (int64_t i = k + 1; i < n; i++)
        if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
    for (int64_t j = 0; best != k && j < n; j++) {
        const double v = a[k * n + j];
        a[k * n + j] = a[best * n + j];
        a[best * n + j] = v;
    }
    if (best != k) *sign = -*sign;
    return a[k * n + k] != 0;
}

static double determinant(double *a, int64_t n)
{
    double product = 1;
    for (int64_t k = 0; k < n; k++) {
        if (!bring_pivot(a, n, k, &product)) return 0;
        product *= a[k * n + k];
        for (int64_t i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] / a[k * n + k];
            for (int64_t j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
        }
    }
    return product;
}

static fet_status forward(const struct fet_op_call *c)
{
    const struct fet_shape *const x = &c->x[0]->shape;
    const int64_t n = x->dims[x->n_dims - 1], n_y = fet_tensor_count(c->y[0]);
    double *const a = fet_alloc(n * n, sizeof *a);
    if (a == NULL) return FET_FAIL_MEMORY("det", n * n * 8);
    for (int64_t i = 0; i < n_y; i++) {
        fet_load_real(c->x[0], i * n * n, 1, n * n, a);
        fet_write_real(c->y[0], i, determinant(a, n));
    }
    fet_free(a);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "rows that change places",
     .attrs = "",
     .inputs = "f32[2,2,2]={0,1,2,5,1,2,3,4}",
     .wanted = "f32[2]={-2,-2}"},
    {.name = "a plane in space",
     .attrs = "",
     .inputs = "f64[3,3]={1,2,3,2,4,6,1,1,1}",
     .wanted = "f64[]={0}"},
    {.name = "of nothing", .attrs = "", .inputs = "f32[0,0]={}", .wanted = "f32[]={1}"},
    {.name = "not square", .attrs = "", .inputs = "f32[2,3]", .refusal = "2 rows and 3 columns"},
};

const struct fet_op fet_op_det = {
    .name = "det",
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "Det",
    .onnx_since = 11,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
