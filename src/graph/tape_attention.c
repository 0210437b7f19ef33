/* Scaled dot-product attention (Vaswani 2017) by large products of matrices: for each head and each
 * block of queries the scores against all keys, never those of all queries at once. Kept for the
 * way back is only L_i = log sum exp s_i, from which the probabilities come again (Dao 2022): p =
 * exp(s - L), dv += p' dy, ds = p (dy v' - sum of dy y), dq = scale ds k, dk += scale ds' q Heads
 * are independent: which thread has which changes nothing. What has a mask, a window, a past or
 * fewer heads of keys runs by the operator. */
#include "tape_fast.h"
#include "vector.h"

#include <math.h>

#include "kernel.h"

enum { N_QUERIES = 64 }; /* of a block */

struct attention {
    int k, q, key, v, y;
    int log_sums;                 /* buffer [B,H,S] */
    int64_t B, H, S, T, D, E;     /* examples, heads, queries, keys, size of a key, of a value */
    int64_t n_workers, n_scratch; /* floats of a worker's scratch */
    float scale;
    /* of the running step */
    const float *queries, *keys, *values, *dy;
    float *out, *sums, *scratch, *dq, *dk, *dv;
    fet_status *states; /* [n_workers] */
};

/* ---- which ---- */

static bool is_unset(const struct fet_graph_node *node, const char *name, int64_t standard)
{
    const struct fet_attr_value *const a = tape_attr(node, name);
    return !a->is_set || a->i == standard;
}

static bool find_sizes(const struct fet_tape *t, int k, struct attention *a)
{
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const struct fet_shape *const q = &t->values[node->x[0]].t.shape;
    const struct fet_shape *const key = &t->values[node->x[1]].t.shape;
    const struct fet_shape *const v = &t->values[node->x[2]].t.shape;
    if (q->n_dims != 3) return false;
    a->H = tape_attr(node, "q_num_heads")->i;
    if (a->H != tape_attr(node, "kv_num_heads")->i) return false;
    a->B = q->dims[0];
    a->S = q->dims[1];
    a->T = key->dims[1];
    a->D = q->dims[2] / a->H;
    a->E = v->dims[2] / a->H;
    const struct fet_attr_value *const scale = tape_attr(node, "scale");
    a->scale = (float)(scale->is_set ? scale->r : 1 / sqrt((double)a->D));
    return a->B > 0 && a->S > 0 && a->T > 0;
}

static bool takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    struct attention a;
    (void)unit;
    if (!tape_is_op(t, k, "attention")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    for (int i = 0; i < node->n_x; i++) {
        if (i > 2 && node->x[i] != FET_GRAPH_NONE) return false;
        if (i < 3 && !tape_is_f32(t, node->x[i])) return false;
    }
    for (int i = 1; i < node->n_y; i++)
        if (node->y[i] != FET_GRAPH_NONE) return false;
    /* Parts of one gradient. */
    if (node->x[0] == node->x[1] || node->x[0] == node->x[2] || node->x[1] == node->x[2])
        return false;
    return is_unset(node, "is_causal", 0) && is_unset(node, "left_window_size", -1) &&
           is_unset(node, "right_window_size", -1) && tape_attr(node, "softcap")->r == 0 &&
           !tape_attr(node, "qk_matmul_output_mode")->is_set && find_sizes(t, k, &a);
}

/* ---- one head ---- */

/* c [M,N] = alpha a b (or a b') + beta c. */
static fet_status product(int64_t M, int64_t N, int64_t K, const float *a, int64_t lda,
                          const float *b, int64_t ldb, bool b_is_transposed, float alpha,
                          float beta, float *c, int64_t ldc)
{
    return fet_kernel_matmul(&(struct fet_matmul){.M = M,
                                                  .N = N,
                                                  .K = K,
                                                  .a = a,
                                                  .b = b,
                                                  .c = c,
                                                  .lda = lda,
                                                  .ldb = ldb,
                                                  .ldc = ldc,
                                                  .b_is_transposed = b_is_transposed,
                                                  .alpha = alpha,
                                                  .beta = beta});
}

/* Scores of a row become probabilities; the logarithm of the sum of their exponentials. */
static float soften(float *row, int64_t n)
{
    float most = row[0];
    double sum = 0;
    for (int64_t i = 1; i < n; i++) most = row[i] > most ? row[i] : most;
    for (int64_t i = 0; i < n; i++) {
        row[i] = expf(row[i] - most);
        sum += (double)row[i];
    }
    const float share = (float)(1 / sum);
    for (int64_t i = 0; i < n; i++) row[i] *= share;
    return most + (float)log(sum);
}

/* Head h of all: its first query, key and value lie at these places. */
struct head {
    int64_t q, k, v, sums;
};

static struct head head_of(const struct attention *a, int64_t h)
{
    const int64_t b = h / a->H, i = h % a->H;
    return (struct head){.q = b * a->S * a->H * a->D + i * a->D,
                         .k = b * a->T * a->H * a->D + i * a->D,
                         .v = b * a->T * a->H * a->E + i * a->E,
                         .sums = h * a->S};
}

/* y has the places of q, with the size of a value. */
static int64_t y_of(const struct attention *a, int64_t h)
{
    return h / a->H * a->S * a->H * a->E + h % a->H * a->E;
}

static fet_status head_forward(const struct attention *a, int64_t h, float *p)
{
    const struct head at = head_of(a, h);
    const int64_t row = a->H * a->D, wide = a->H * a->E;
    for (int64_t i = 0; i < a->S; i += N_QUERIES) {
        const int64_t n = a->S - i < N_QUERIES ? a->S - i : N_QUERIES;
        FET_TRY(product(n, a->T, a->D, a->queries + at.q + i * row, row, a->keys + at.k, row, true,
                        a->scale, 0, p, a->T));
        for (int64_t r = 0; r < n; r++) a->sums[at.sums + i + r] = soften(p + r * a->T, a->T);
        FET_TRY(product(n, a->E, a->T, p, a->T, a->values + at.v, wide, false, 1, 0,
                        a->out + y_of(a, h) + i * wide, wide));
    }
    return FET_OK;
}

static void transpose(const float *from, int64_t n_rows, int64_t n, float *to)
{
    for (int64_t r = 0; r < n_rows; r++)
        for (int64_t i = 0; i < n; i++) to[i * n_rows + r] = from[r * n + i];
}

/* scratch [3, N_QUERIES, T]: p, dp and then ds, one of them transposed. */
static fet_status head_backward(const struct attention *a, int64_t h, float *scratch)
{
    const struct head at = head_of(a, h);
    const int64_t row = a->H * a->D, wide = a->H * a->E;
    float *const p = scratch, *const dp = p + N_QUERIES * a->T,
                 *const turned = dp + N_QUERIES * a->T;
    for (int64_t i = 0; i < a->S; i += N_QUERIES) {
        const int64_t n = a->S - i < N_QUERIES ? a->S - i : N_QUERIES;
        const float beta = i > 0 ? 1 : 0;
        const float *const q = a->queries + at.q + i * row;
        const float *const dy = a->dy + y_of(a, h) + i * wide;
        const float *const y = a->out + y_of(a, h) + i * wide;
        FET_TRY(product(n, a->T, a->D, q, row, a->keys + at.k, row, true, a->scale, 0, p, a->T));
        FET_TRY(product(n, a->T, a->E, dy, wide, a->values + at.v, wide, true, 1, 0, dp, a->T));
        for (int64_t r = 0; r < n; r++)
            for (int64_t j = 0; j < a->T; j++)
                p[r * a->T + j] = expf(p[r * a->T + j] - a->sums[at.sums + i + r]);
        transpose(p, n, a->T, turned);
        FET_TRY(product(a->T, a->E, n, turned, n, dy, wide, false, 1, beta, a->dv + at.v, wide));
        for (int64_t r = 0; r < n; r++) {
            double along = 0;
            for (int64_t e = 0; e < a->E; e++)
                along += (double)dy[r * wide + e] * (double)y[r * wide + e];
            for (int64_t j = 0; j < a->T; j++)
                dp[r * a->T + j] = p[r * a->T + j] * (dp[r * a->T + j] - (float)along);
        }
        FET_TRY(product(n, a->D, a->T, dp, a->T, a->keys + at.k, row, false, a->scale, 0,
                        a->dq + at.q + i * row, row));
        transpose(dp, n, a->T, turned);
        FET_TRY(
            product(a->T, a->D, n, turned, n, q, row, false, a->scale, beta, a->dk + at.k, row));
    }
    return FET_OK;
}

/* ---- steps ---- */

/* A worker's share of the heads. */
static void piece(void *self, int64_t i)
{
    const struct attention *const a = self;
    float *const scratch = a->scratch + i * a->n_scratch;
    a->states[i] = FET_OK;
    for (int64_t h = i; h < a->B * a->H && a->states[i] == FET_OK; h += a->n_workers)
        a->states[i] = a->dy != NULL ? head_backward(a, h, scratch) : head_forward(a, h, scratch);
}

static fet_status run_heads(struct fet_tape *t, struct attention *a)
{
    fet_kernel_parallel(t->options.n_threads, a->n_workers, piece, a);
    for (int64_t i = 0; i < a->n_workers; i++) /* the sentence is another thread's */
        if (a->states[i] != FET_OK)
            return FET_FAIL(a->states[i], "attention: a product of matrices failed");
    return FET_OK;
}

/* Buffers: q, k, v, sums, scratch, y, and on the way back dy, dq, dk, dv. */
static fet_status step_run(struct fet_tape *t, const struct tape_step *s)
{
    struct attention *const a = s->self;
    void *data[10] = {0};
    for (int i = 0; i < s->n_buffers; i++) data[i] = t->buffers[s->buffers[i]].data;
    a->queries = data[0];
    a->keys = data[1];
    a->values = data[2];
    a->sums = data[3];
    a->scratch = data[4];
    a->out = data[5];
    a->dy = data[6];
    a->dq = data[7];
    a->dk = data[8];
    a->dv = data[9];
    return run_heads(t, a);
}

static fet_status read_inputs(struct fet_tape *t, struct attention *a, int *buffers)
{
    a->n_scratch = 3 * N_QUERIES * a->T;
    FET_TRY(tape_read(t, a->q, NULL, &buffers[0]));
    FET_TRY(tape_read(t, a->key, NULL, &buffers[1]));
    FET_TRY(tape_read(t, a->v, NULL, &buffers[2]));
    buffers[3] = a->log_sums;
    return tape_buffer_new(t, TAPE_PLANNED, a->n_workers * a->n_scratch * (int64_t)sizeof(float),
                           NULL, &buffers[4]);
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct attention *const a = tape_alloc(t, 1, sizeof *a);
    int buffers[6];
    if (a == NULL) return FET_FAIL_MEMORY("tape", sizeof *a);
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    a->k = unit->nodes[0];
    a->q = node->x[0];
    a->key = node->x[1];
    a->v = node->x[2];
    a->y = node->y[0];
    (void)find_sizes(t, a->k, a);
    a->n_workers = t->options.n_threads > 1 ? t->options.n_threads : 1;
    a->states = tape_alloc(t, a->n_workers, sizeof *a->states);
    if (a->states == NULL) return FET_FAIL_MEMORY("tape", a->n_workers);
    FET_TRY(tape_buffer_new(t, TAPE_PLANNED, a->B * a->H * a->S * (int64_t)sizeof(float), NULL,
                            &a->log_sums));
    FET_TRY(read_inputs(t, a, buffers));
    FET_TRY(tape_make(t, a->y, NULL, &buffers[5]));
    struct tape_step s = tape_step_of(t, a->k, "attention");
    s.value = a->y;
    s.run = step_run;
    s.self = unit->self = a;
    s.buffers = buffers;
    s.n_buffers = 6;
    return tape_emit(t, &s);
}

/* Where a part goes; a buffer that nobody reads when it is not wanted. */
static fet_status part_of(struct fet_tape *t, int value, struct tape_part *part)
{
    if (tape_wants(t, value)) return tape_gradient_begin(t, value, NULL, false, part);
    *part = (struct tape_part){.value = FET_GRAPH_NONE};
    return tape_buffer_like(t, value, NULL, &part->buffer);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct attention *const a = unit->self;
    struct tape_part parts[3];
    int buffers[10];
    FET_TRY(tape_gradient_read(t, a->y, NULL, &buffers[6]));
    if (buffers[6] == TAPE_NONE) return FET_OK;
    FET_TRY(read_inputs(t, a, buffers));
    FET_TRY(tape_read(t, a->y, NULL, &buffers[5]));
    FET_TRY(part_of(t, a->q, &parts[0]));
    FET_TRY(part_of(t, a->key, &parts[1]));
    FET_TRY(part_of(t, a->v, &parts[2]));
    for (int i = 0; i < 3; i++) buffers[7 + i] = parts[i].buffer;
    struct tape_step s = tape_step_of(t, a->k, "attention");
    s.run = step_run;
    s.self = unit->self;
    s.buffers = buffers;
    s.n_buffers = 10;
    FET_TRY(tape_emit(t, &s));
    for (int i = 0; i < 3; i++)
        if (parts[i].value != FET_GRAPH_NONE) FET_TRY(tape_gradient_end(t, &parts[i]));
    return FET_OK;
}

const struct tape_kernel tape_attention = {
    .name = "attention", .takes = takes, .forward = forward, .backward = backward};
