/* Products of 8-bit matrices over the last two dimensions, the ones before broadcast:
 *   matmul_integer  y = (a - a_zero) (b - b_zero) as I32 (modulo 2^32)
 *   qlinear_matmul  the same, times a_scale b_scale / y_scale, rounded (halves to even), plus
 *                   y_zero, saturated
 * Scales and zeros of a may come one per row, those of b one per column. Jacob 2018. */
#include "broadcast.h"
#include "quantized.h"

static const struct fet_quantized integer_inputs = {0, -1, 2, 1, -1, 3, -1, -1};
static const struct fet_quantized linear_inputs = {0, 1, 2, 3, 4, 5, 6, 7};

struct stacks {
    int64_t M, K, N;
    struct fet_shape outer, a, b; /* of the stacks: broadcast, and each */
};

static fet_status stacks_find(const struct fet_op_call *c, const struct fet_quantized *q,
                              struct stacks *s)
{
    FET_TRY(fet_op_need_rank(c, q->a, 2, FET_MAX_DIMS));
    FET_TRY(fet_op_need_rank(c, q->b, 2, FET_MAX_DIMS));
    s->a = c->x[q->a]->shape;
    s->b = c->x[q->b]->shape;
    s->a.n_dims -= 2;
    s->b.n_dims -= 2;
    s->M = s->a.dims[s->a.n_dims];
    s->K = s->a.dims[s->a.n_dims + 1];
    s->N = s->b.dims[s->b.n_dims + 1];
    if (s->b.dims[s->b.n_dims] != s->K)
        return FET_FAIL(FET_SHAPE, "%s: %lld columns times %lld rows", c->op->name, (long long)s->K,
                        (long long)s->b.dims[s->b.n_dims]);
    return fet_broadcast_shape(c, &s->a, &s->b, &s->outer);
}

static fet_status infer(const struct fet_op_call *c, const struct fet_quantized *q)
{
    struct stacks s;
    FET_TRY(stacks_find(c, q, &s));
    FET_TRY(fet_quantized_check(c, q, s.M, s.N));
    struct fet_shape y = s.outer;
    y.dims[y.n_dims++] = s.M;
    y.dims[y.n_dims++] = s.N;
    fet_op_set_y(c, 0, q->y_zero < 0 ? FET_I32 : c->x[q->y_zero]->dtype, &y);
    return FET_OK;
}

/* Matrices at a and b; the rows of y go to y_at. */
static void multiply(const struct fet_op_call *c, const struct fet_quantized *q,
                     const struct stacks *s, const int64_t *a, const int64_t *b, int64_t *row,
                     int64_t y_at)
{
    for (int64_t m = 0; m < s->M; m++) {
        const int64_t a_zero = fet_zero_at(c, q->a_zero, m);
        for (int64_t n = 0; n < s->N; n++) row[n] = 0;
        for (int64_t k = 0; k < s->K; k++)
            for (int64_t n = 0; n < s->N; n++)
                row[n] +=
                    (a[m * s->K + k] - a_zero) * (b[k * s->N + n] - fet_zero_at(c, q->b_zero, n));
        for (int64_t n = 0; n < s->N; n++)
            fet_quantized_store(c, q, y_at + m * s->N + n, row[n], m, n);
    }
}

static fet_status forward(const struct fet_op_call *c, const struct fet_quantized *q)
{
    struct stacks s;
    struct fet_walk w;
    FET_TRY(stacks_find(c, q, &s));
    const int64_t n_a = fet_tensor_count(c->x[q->a]), n_b = fet_tensor_count(c->x[q->b]);
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    int64_t *const a = fet_alloc(n_a, sizeof *a), *const b = fet_alloc(n_b, sizeof *b);
    int64_t *const row = fet_alloc(s.N, sizeof *row);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || row == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, (n_a + n_b) * 8));
    fet_load_int(c->x[q->a], 0, 1, n_a, a);
    fet_load_int(c->x[q->b], 0, 1, n_b, b);
    fet_walk_start(&w, &s.outer, 3, (const struct fet_shape *const[]){NULL, &s.a, &s.b});
    for (; !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++)
            multiply(c, q, &s, a + (w.at[1] + i * w.step[1]) * s.M * s.K,
                     b + (w.at[2] + i * w.step[2]) * s.K * s.N, row,
                     (w.at[0] + i * w.step[0]) * s.M * s.N);
out:
    fet_free(a);
    fet_free(b);
    fet_free(row);
    return st;
}

static fet_status integer_infer(const struct fet_op_call *c)
{
    return infer(c, &integer_inputs);
}

static fet_status integer_forward(const struct fet_op_call *c)
{
    return forward(c, &integer_inputs);
}

static fet_status linear_infer(const struct fet_op_call *c)
{
    return infer(c, &linear_inputs);
}

static fet_status linear_forward(const struct fet_op_call *c)
{
    return forward(c, &linear_inputs);
}

static const struct fet_op_case integer_cases[] = {
    {.name = "a zero for each row and column",
     .attrs = "",
     .inputs = "u8[2,2]={1,2,3,4} i8[2,2]={1,0,0,-1} u8[2]={1,2} i8[2]={0,1}",
     .wanted = "i32[2,2]={0,-2,1,-5}"},
    {.name = "a stack, without zeros",
     .attrs = "",
     .inputs = "u8[2,1,1]={2,255} u8[1,2]={3,255}",
     .wanted = "i32[2,1,2]={6,510,765,65025}"},
    {.name = "zeros that do not fit",
     .attrs = "",
     .inputs = "u8[2,2] u8[2,3] u8[3]",
     .refusal = "input 2 holds 3 numbers, wanted one or 2"},
    {.name = "reals", .attrs = "", .inputs = "f32[2,2] u8[2,3]", .refusal = "U8 or I8"},
};

static const struct fet_op_case linear_cases[] = {
    {.name = "halves are rounded to even",
     .attrs = "",
     .inputs = "u8[1,2]={2,1} f32[]={0.5} u8[]={1} u8[2,3]={1,3,255,9,9,9} f32[]={0.5} u8[]={0} "
               "f32[]={0.5} u8[]={3}",
     .wanted = "u8[1,3]={3,5,131}"},
    {.name = "a scale for each column, saturated",
     .attrs = "",
     .inputs = "i8[1,1]={-100} f32[]={1} i8[]={0} i8[1,2]={1,1} f32[2]={2,0.5} i8[2]={0,0} "
               "f32[]={1} i8[]={0}",
     .wanted = "i8[1,2]={-128,-50}"},
    {.name = "no fit",
     .attrs = "",
     .inputs = "u8[1,2] f32[] u8[] u8[3,1] f32[] u8[] f32[] u8[]",
     .refusal = "2 columns times 3 rows"},
    {.name = "zeros of another type",
     .attrs = "",
     .inputs = "u8[1,2] f32[] i8[] u8[2,1] f32[] u8[] f32[] u8[]",
     .refusal = "input 2 is I8"},
};

const struct fet_op fet_op_matmul_integer = {
    .name = "matmul_integer",
    .paper = "Jacob 2018",
    .min_x = 2,
    .max_x = 4,
    .n_y = 1,
    .infer = integer_infer,
    .forward = integer_forward,
    .onnx_type = "MatMulInteger",
    .onnx_since = 10,
    .cases = integer_cases,
    .n_cases = sizeof integer_cases / sizeof integer_cases[0],
};

const struct fet_op fet_op_qlinear_matmul = {
    .name = "qlinear_matmul",
    .paper = "Jacob 2018",
    .min_x = 8,
    .max_x = 8,
    .n_y = 1,
    .infer = linear_infer,
    .forward = linear_forward,
    .onnx_type = "QLinearMatMul",
    .onnx_since = 10,
    .cases = linear_cases,
    .n_cases = sizeof linear_cases / sizeof linear_cases[0],
};
