/* nearest_distance: of each row of A [Q,D] the squared distance from the nearest row of B [M,D]:
 * y[i] = min_j |a_i - b_j|^2 (a memory of examples: Cover 1967; learned through: Vinyals 2016).
 * The nearest is found through |b_j|^2 - 2 a_i b_j, a matrix product; its distance is then taken
 * from the rows themselves, so that nothing cancels. Saved: which row was nearest, the only one
 * that a gradient goes to: da_i += 2 dy_i (a_i - b_j), db_j -= the same. */
#include <math.h>

#include "op_args.h"

enum { ROWS = 64 }; /* of A at a time */

static fet_status infer(const struct fet_op_call *c)
{
    for (int i = 0; i < 2; i++) {
        FET_TRY(fet_op_need_real(c, i));
        FET_TRY(fet_op_need_rank(c, i, 2, 2));
    }
    FET_TRY(fet_op_need_same_dtype(c, 0, 1));
    const struct fet_shape *const a = &c->x[0]->shape, *const b = &c->x[1]->shape;
    if (a->dims[1] != b->dims[1])
        return FET_FAIL(FET_SHAPE, "nearest_distance: rows of %lld and of %lld numbers",
                        (long long)a->dims[1], (long long)b->dims[1]);
    if (b->dims[0] < 1) return FET_FAIL(FET_SHAPE, "nearest_distance: there is no row to be near");
    const struct fet_shape y = {.n_dims = 1, .dims = {a->dims[0]}};
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    fet_op_set_y(c, 1, FET_I64, &y);
    return FET_OK;
}

/* ---- forward ---- */

struct search {
    const struct fet_op_call *c;
    const float *a, *b; /* [Q,D], [M,D] */
    const float *norms; /* [M] */
    int64_t Q, M, D;
};

/* The elements as floats; *made, if not NULL, is the caller's to free. */
static const float *floats_of(const struct fet_tensor *t, float **made)
{
    if (t->dtype == FET_F32) return t->data;
    const int64_t n = fet_tensor_count(t);
    *made = fet_alloc(n, sizeof **made);
    for (int64_t i = 0; *made != NULL && i < n; i++) (*made)[i] = (float)fet_read_real(t, i);
    return *made;
}

static double squared_distance(const struct fet_op_call *c, int64_t i, int64_t j, int64_t D)
{
    double a[FET_LINE], b[FET_LINE], sum = 0;
    for (int64_t k = 0; k < D; k += FET_LINE) {
        const int64_t n = D - k < FET_LINE ? D - k : FET_LINE;
        fet_load_real(c->x[0], i * D + k, 1, n, a);
        fet_load_real(c->x[1], j * D + k, 1, n, b);
        for (int64_t l = 0; l < n; l++) sum += (a[l] - b[l]) * (a[l] - b[l]);
    }
    return sum;
}

static fet_status rows_search(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct search *const s = self;
    const int64_t first = i_chunk * ROWS, n = s->Q - first < ROWS ? s->Q - first : ROWS;
    float *const products = fet_alloc(n * s->M, sizeof *products);
    if (products == NULL) return FET_FAIL_MEMORY("nearest_distance", n * s->M * 4);
    const struct fet_matmul m = {.M = n,
                                 .N = s->M,
                                 .K = s->D,
                                 .a = s->a + first * s->D,
                                 .b = s->b,
                                 .c = products,
                                 .lda = s->D,
                                 .ldb = s->D,
                                 .ldc = s->M,
                                 .b_is_transposed = true,
                                 .alpha = 1};
    const fet_status st = s->D > 0 ? fet_kernel_matmul(&m) : FET_OK;
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        int64_t nearest = 0;
        float least = INFINITY;
        for (int64_t j = 0; j < s->M; j++) {
            const float d = s->norms[j] - 2 * products[i * s->M + j];
            if (d < least) {
                least = d;
                nearest = j;
            }
        }
        fet_write_int(s->c->y[1], first + i, nearest);
        fet_write_real(s->c->y[0], first + i, squared_distance(s->c, first + i, nearest, s->D));
    }
    fet_free(products);
    return st;
}

static fet_status forward(const struct fet_op_call *c)
{
    const int64_t *const a = c->x[0]->shape.dims, M = c->x[1]->shape.dims[0];
    float *made_a = NULL, *made_b = NULL;
    float *const norms = fet_alloc(M, sizeof *norms);
    struct search s = {.c = c, .norms = norms, .Q = a[0], .M = M, .D = a[1]};
    fet_status st = FET_OK;
    s.a = floats_of(c->x[0], &made_a);
    s.b = floats_of(c->x[1], &made_b);
    if (norms == NULL || s.a == NULL || s.b == NULL) {
        st = FET_FAIL_MEMORY("nearest_distance", M * 4);
        goto out;
    }
    for (int64_t j = 0; j < M; j++) {
        norms[j] = 0;
        for (int64_t k = 0; k < s.D; k++) norms[j] += s.b[j * s.D + k] * s.b[j * s.D + k];
    }
    st = fet_pool_run(c->pool, (s.Q + ROWS - 1) / ROWS, rows_search, &s);
out:
    fet_free(made_a);
    fet_free(made_b);
    fet_free(norms);
    return st;
}

/* ---- backward ---- */

static void row_back(const struct fet_op_call *c, int64_t i, int64_t j, int64_t D)
{
    double a[FET_LINE], b[FET_LINE];
    const double dy = fet_read_real(c->dy[0], i);
    for (int64_t k = 0; k < D; k += FET_LINE) {
        const int64_t n = D - k < FET_LINE ? D - k : FET_LINE;
        fet_load_real(c->x[0], i * D + k, 1, n, a);
        fet_load_real(c->x[1], j * D + k, 1, n, b);
        for (int64_t l = 0; l < n; l++) {
            a[l] = 2 * dy * (a[l] - b[l]);
            b[l] = -a[l];
        }
        if (fet_op_dx(c, 0) != NULL) fet_add_real(c->dx[0], i * D + k, 1, n, a);
        if (fet_op_dx(c, 1) != NULL) fet_add_real(c->dx[1], j * D + k, 1, n, b);
    }
}

static fet_status backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    const int64_t *const a = c->x[0]->shape.dims;
    for (int64_t i = 0; i < a[0]; i++) row_back(c, i, fet_read_int(c->y[1], i), a[1]);
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "three points, two to be near",
     .attrs = "",
     .inputs = "f32[3,2]={0,0,3,4,10,1} f32[2,2]={0,1,9,1}",
     .wanted = "f32[3]={1,18,1}"},
    {.name = "one number",
     .attrs = "",
     .inputs = "f64[2,1]={2,-7} f64[1,1]={1}",
     .wanted = "f64[2]={1,64}"},
    {.name = "more rows than are taken at a time",
     .attrs = "",
     .inputs = "f32[130,3] f32[5,3]",
     .wanted = "f32[130]"},
    {.name = "gradient", .attrs = "", .inputs = "f64[4,3] f64[5,3]", .has_gradient = true},
    {.name = "rows of other lengths",
     .attrs = "",
     .inputs = "f32[2,2] f32[2,3]",
     .refusal = "rows of 2 and of 3"},
    {.name = "nothing near",
     .attrs = "",
     .inputs = "f32[2,2] f32[0,2]",
     .refusal = "no row to be near"},
};

const struct fet_op fet_op_nearest_distance = {
    .name = "nearest_distance",
    .paper = "Cover 1967",
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .n_saved = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
