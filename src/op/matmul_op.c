/* matmul: Y = A B over the last two dimensions, the ones before broadcast; a vector as A is a row,
 * as B a column, and the dimension of 1 goes again.
 * gemm: Y = alpha A' B' + beta C with A, B [M,K] [K,N] or transposed, C broadcast to [M,N].
 * Sums are taken in double in the order of K (integers: modulo 2^64) and rounded once. */
#include "elementwise.h"

#include <string.h>

/* One product: element [i,k] of A lies at a[i * am + k * ak], and so on. */
struct product {
    int64_t M, K, N;
    int64_t am, ak, bk, bn;
};

/* y[m] += sum over k of a[m,k] b[k]: rows of B in the inner loop, which is contiguous for bn = 1.
 */
static void multiply(const struct product *p, const double *a, const double *b, double *y)
{
    for (int64_t m = 0; m < p->M; m++) {
        double *const row = y + m * p->N;
        for (int64_t k = 0; k < p->K; k++) {
            const double v = a[m * p->am + k * p->ak];
            const double *const from = b + k * p->bk;
            for (int64_t n = 0; n < p->N; n++) row[n] += v * from[n * p->bn];
        }
    }
}

static void multiply_ints(const struct product *p, const uint64_t *a, const uint64_t *b,
                          uint64_t *y)
{
    for (int64_t m = 0; m < p->M; m++)
        for (int64_t k = 0; k < p->K; k++)
            for (int64_t n = 0; n < p->N; n++)
                y[m * p->N + n] += a[m * p->am + k * p->ak] * b[k * p->bk + n * p->bn];
}

/* da[m,k] += dy[m] . b[k]; db[k,n] += sum over m of a[m,k] dy[m,n]. NULL = not wanted. */
static void multiply_back(const struct product *p, const double *a, const double *b,
                          const double *dy, double *da, double *db)
{
    for (int64_t m = 0; m < p->M; m++)
        for (int64_t k = 0; k < p->K; k++)
            for (int64_t n = 0; n < p->N; n++) {
                const double d = dy[m * p->N + n];
                if (da != NULL) da[m * p->am + k * p->ak] += d * b[k * p->bk + n * p->bn];
                if (db != NULL) db[k * p->bk + n * p->bn] += d * a[m * p->am + k * p->ak];
            }
}

/* ---- matmul ---- */

/* Both operands as stacks of matrices. */
struct stacks {
    struct product p;
    struct fet_shape outer, a, b; /* of the stacks: broadcast, and each */
};

static fet_status stacks_find(const struct fet_op_call *c, struct stacks *s)
{
    const struct fet_shape *a = &c->x[0]->shape, *b = &c->x[1]->shape;
    FET_TRY(fet_op_need_rank(c, 0, 1, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, 1, 1, FET_MAX_DIMS));
    *s = (struct stacks){.a = *a, .b = *b};
    s->p.M = a->n_dims > 1 ? a->dims[a->n_dims - 2] : 1;
    s->p.K = a->dims[a->n_dims - 1];
    s->p.N = b->n_dims > 1 ? b->dims[b->n_dims - 1] : 1;
    const int64_t k = b->n_dims > 1 ? b->dims[b->n_dims - 2] : b->dims[0];
    if (k != s->p.K)
        return FET_FAIL(FET_SHAPE, "matmul: %lld columns times %lld rows", (long long)s->p.K,
                        (long long)k);
    s->p.am = s->p.K;
    s->p.bk = s->p.N;
    s->p.ak = s->p.bn = 1;
    s->a.n_dims = a->n_dims > 2 ? a->n_dims - 2 : 0;
    s->b.n_dims = b->n_dims > 2 ? b->n_dims - 2 : 0;
    return fet_broadcast_shape(c, &s->a, &s->b, &s->outer);
}

static fet_status matmul_infer(const struct fet_op_call *c)
{
    struct stacks s;
    if (c->x[0]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, 0, "a number");
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(stacks_find(c, &s));
    struct fet_shape y = s.outer;
    const int extra = (c->x[0]->shape.n_dims > 1) + (c->x[1]->shape.n_dims > 1);
    if (y.n_dims + extra > FET_MAX_DIMS)
        return FET_FAIL(FET_SHAPE, "matmul: more than %d dimensions", FET_MAX_DIMS);
    if (c->x[0]->shape.n_dims > 1) y.dims[y.n_dims++] = s.p.M;
    if (c->x[1]->shape.n_dims > 1) y.dims[y.n_dims++] = s.p.N;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* Doubles or 64-bit integers of a whole tensor; the caller frees. NULL without memory. */
static void *widened(const struct fet_tensor *t)
{
    const int64_t n = fet_tensor_count(t);
    void *const v = fet_alloc(n, 8);
    if (v == NULL || n == 0) return v;
    if (fet_dtype_is_float(t->dtype))
        fet_load_real(t, 0, 1, n, v);
    else
        fet_load_int(t, 0, 1, n, v);
    return v;
}

static fet_status matmul_forward(const struct fet_op_call *c)
{
    struct stacks s;
    struct fet_walk w;
    FET_TRY(stacks_find(c, &s));
    const int64_t n = fet_tensor_count(c->y[0]);
    const bool is_real = fet_dtype_is_float(c->y[0]->dtype);
    double *const a = widened(c->x[0]), *const b = widened(c->x[1]);
    double *const y = fet_alloc(n, sizeof *y);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || y == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("matmul", n * 8));
    fet_walk_start(&w, &s.outer, 3, (const struct fet_shape *const[]){NULL, &s.a, &s.b});
    for (; n > 0 && !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            double *const at = y + (w.at[0] + i * w.step[0]) * s.p.M * s.p.N;
            const double *const from_a = a + (w.at[1] + i * w.step[1]) * s.p.M * s.p.K;
            const double *const from_b = b + (w.at[2] + i * w.step[2]) * s.p.K * s.p.N;
            if (is_real)
                multiply(&s.p, from_a, from_b, at);
            else
                multiply_ints(&s.p, (const uint64_t *)from_a, (const uint64_t *)from_b,
                              (uint64_t *)at);
        }
    }
    if (is_real && n > 0) fet_store_real(c->y[0], 0, 1, n, y);
    if (!is_real && n > 0) fet_store_int(c->y[0], 0, 1, n, (const int64_t *)y);
out:
    fet_free(a);
    fet_free(b);
    fet_free(y);
    return st;
}

static fet_status matmul_backward(const struct fet_op_call *c)
{
    struct stacks s;
    struct fet_walk w;
    struct fet_sum da = {0}, db = {0};
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(stacks_find(c, &s));
    double *const a = widened(c->x[0]), *const b = widened(c->x[1]), *const dy = widened(c->dy[0]);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || dy == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("matmul", s.p.K * 8));
    FET_TRY_OUT(fet_sum_start(&da, fet_op_dx(c, 0)));
    FET_TRY_OUT(fet_sum_start(&db, fet_op_dx(c, 1)));
    fet_walk_start(&w, &s.outer, 3, (const struct fet_shape *const[]){NULL, &s.a, &s.b});
    for (; fet_tensor_count(c->dy[0]) > 0 && !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at_a = (w.at[1] + i * w.step[1]) * s.p.M * s.p.K;
            const int64_t at_b = (w.at[2] + i * w.step[2]) * s.p.K * s.p.N;
            multiply_back(&s.p, a + at_a, b + at_b, dy + (w.at[0] + i * w.step[0]) * s.p.M * s.p.N,
                          da.v != NULL ? da.v + at_a : NULL, db.v != NULL ? db.v + at_b : NULL);
        }
    }
    fet_sum_finish(&da);
    fet_sum_finish(&db);
out:
    fet_sum_deinit(&da);
    fet_sum_deinit(&db);
    fet_free(a);
    fet_free(b);
    fet_free(dy);
    return st;
}

/* ---- gemm ---- */

static const struct fet_attr gemm_attrs[] = {
    {"alpha", FET_ATTR_REAL, "1", "the factor of the product"},
    {"beta", FET_ATTR_REAL, "1", "the factor of C"},
    {"transA", FET_ATTR_INT, "0", "1 = A is [K,M]"},
    {"transB", FET_ATTR_INT, "0", "1 = B is [N,K]"},
    {0},
};

static fet_status gemm_product(const struct fet_op_call *c, struct product *p)
{
    const bool ta = fet_op_flag(c, "transA"), tb = fet_op_flag(c, "transB");
    FET_TRY(fet_op_need_rank(c, 0, 2, 2));
    FET_TRY(fet_op_need_rank(c, 1, 2, 2));
    const int64_t *const a = c->x[0]->shape.dims, *const b = c->x[1]->shape.dims;
    *p = (struct product){.M = a[ta], .K = a[!ta], .N = b[!tb]};
    if (b[tb] != p->K)
        return FET_FAIL(FET_SHAPE, "gemm: %lld columns times %lld rows", (long long)p->K,
                        (long long)b[tb]);
    p->am = ta ? 1 : p->K;
    p->ak = ta ? p->M : 1;
    p->bk = tb ? 1 : p->N;
    p->bn = tb ? p->K : 1;
    return FET_OK;
}

static fet_status gemm_infer(const struct fet_op_call *c)
{
    struct product p;
    struct fet_shape both = {0};
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(gemm_product(c, &p));
    const struct fet_shape y = {2, {p.M, p.N}};
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        FET_TRY(fet_broadcast_shape(c, &c->x[2]->shape, &y, &both));
        if (!fet_shape_is_equal(&both, &y))
            return FET_FAIL(FET_SHAPE, "gemm: C does not broadcast to [%lld,%lld]", (long long)p.M,
                            (long long)p.N);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status gemm_forward(const struct fet_op_call *c)
{
    struct product p;
    FET_TRY(gemm_product(c, &p));
    const double alpha = fet_op_real(c, "alpha"), beta = fet_op_real(c, "beta");
    const struct fet_tensor *const add = fet_op_x(c, 2);
    int64_t steps[FET_MAX_DIMS] = {0};
    if (add != NULL) fet_broadcast_steps(&add->shape, &c->y[0]->shape, steps);
    double *const a = widened(c->x[0]), *const b = widened(c->x[1]);
    double *const y = fet_alloc(p.M * p.N, sizeof *y);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || y == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("gemm", p.M * p.N * 8));
    multiply(&p, a, b, y);
    for (int64_t i = 0; i < p.M * p.N; i++) {
        y[i] *= alpha;
        if (add != NULL) y[i] += beta * fet_read_real(add, i / p.N * steps[0] + i % p.N * steps[1]);
    }
    if (p.M * p.N > 0) fet_store_real(c->y[0], 0, 1, p.M * p.N, y);
out:
    fet_free(a);
    fet_free(b);
    fet_free(y);
    return st;
}

static fet_status gemm_backward(const struct fet_op_call *c)
{
    struct product p;
    struct fet_sum d[3] = {{0}};
    int64_t steps[FET_MAX_DIMS] = {0};
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(gemm_product(c, &p));
    const double alpha = fet_op_real(c, "alpha"), beta = fet_op_real(c, "beta");
    double *const a = widened(c->x[0]), *const b = widened(c->x[1]), *const dy = widened(c->dy[0]);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || dy == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("gemm", p.K * 8));
    for (int i = 0; i < 3; i++) FET_TRY_OUT(fet_sum_start(&d[i], fet_op_dx(c, i)));
    if (d[2].v != NULL) fet_broadcast_steps(&c->x[2]->shape, &c->dy[0]->shape, steps);
    for (int64_t i = 0; i < p.M * p.N; i++) {
        if (d[2].v != NULL) d[2].v[i / p.N * steps[0] + i % p.N * steps[1]] += beta * dy[i];
        dy[i] *= alpha;
    }
    multiply_back(&p, a, b, dy, d[0].v, d[1].v);
    for (int i = 0; i < 3; i++) fet_sum_finish(&d[i]);
out:
    for (int i = 0; i < 3; i++) fet_sum_deinit(&d[i]);
    fet_free(a);
    fet_free(b);
    fet_free(dy);
    return st;
}

static const struct fet_op_case matmul_cases[] = {
    {.name = "two matrices",
     .attrs = "",
     .inputs = "f32[2,2]={1,2,3,4} f32[2,1]={5,6}",
     .wanted = "f32[2,1]={17,39}"},
    {.name = "a row times a stack",
     .attrs = "",
     .inputs = "f32[2]={1,2} f32[2,2,1]={1,1,2,3}",
     .wanted = "f32[2,1]={3,8}"},
    {.name = "vectors",
     .attrs = "",
     .inputs = "i32[2]={1,2} i32[2]={3,-4}",
     .wanted = "i32[]={-5}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[2,1,2,3] f64[4,3,2]", .has_gradient = true},
    {.name = "gradient of vectors", .attrs = "", .inputs = "f64[3] f64[3]", .has_gradient = true},
    {.name = "no fit", .attrs = "", .inputs = "f32[2,3] f32[2,3]", .refusal = "3 columns times 2"},
    {.name = "scalars", .attrs = "", .inputs = "f32[] f32[2,3]", .refusal = "input 0"},
};

static const struct fet_op_case gemm_cases[] = {
    {.name = "all of it",
     .attrs = "alpha=2 beta=0.5 transA=1",
     .inputs = "f32[1,2]={1,2} f32[1,2]={3,4} f32[2,1]={10,20}",
     .wanted = "f32[2,2]={11,13,22,26}"},
    {.name = "without C",
     .attrs = "transB=1",
     .inputs = "f32[1,2]={1,2} f32[1,2]={3,4}",
     .wanted = "f32[1,1]={11}"},
    {.name = "gradient",
     .attrs = "alpha=0.5 beta=2 transA=1 transB=1",
     .inputs = "f64[3,2] f64[4,3] f64[4]",
     .has_gradient = true},
    {.name = "C too large",
     .attrs = "",
     .inputs = "f32[1,2] f32[2,3] f32[2,3]",
     .refusal = "does not broadcast"},
};

const struct fet_op fet_op_matmul = {
    .name = "matmul",
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = matmul_infer,
    .forward = matmul_forward,
    .backward = matmul_backward,
    .onnx_type = "MatMul",
    .onnx_since = 1,
    .cases = matmul_cases,
    .n_cases = sizeof matmul_cases / sizeof matmul_cases[0],
};

const struct fet_op fet_op_gemm = {
    .name = "gemm",
    .attrs = gemm_attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = gemm_infer,
    .forward = gemm_forward,
    .backward = gemm_backward,
    .onnx_type = "Gemm",
    .onnx_since = 7,
    .cases = gemm_cases,
    .n_cases = sizeof gemm_cases / sizeof gemm_cases[0],
};
