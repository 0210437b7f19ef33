/* Weights in whole numbers, each rounded so that it makes up for what the ones before it did wrong.
 *
 * A product's error is (w - q)' H (w - q) with H = sum of x x' over what was seen of its inputs.
 * With H = L' L, L lower triangular, it is the square of L (w - q), whose row k holds q[0..k]
 * alone: row k   L[k][k] (w[k] - q[k]) + sum over j < k of L[k][j] (w[j] - q[j]) Going from the
 * first to the last, each q[k] is the whole number that makes its row least (Babai's nearest plane,
 * 1986; the same numbers as GPTQ, Frantar 2023). Where inputs differ in size or go together, as
 * channels behind one ReLU do, this is much better than rounding each weight by itself: on
 * MobileNetV2 a quarter of the error. */
#include <math.h>
#include <string.h>

#include "plan_parts.h"
#include "vector.h"

/* h [n,n] (rows `size` apart; symmetric) becomes L below its diagonal and L' above. From the last
 * row up: its square is all that is left there. */
static void factor(float *h, int64_t n, int64_t size)
{
    double mean = 0;
    for (int64_t i = 0; i < n; i++) mean += (double)h[i * size + i] / (double)n;
    /* What was hardly seen must not be trusted: a hundredth of the mean on the diagonal. */
    const float more = (float)(0.01 * mean) + 1e-12f;
    for (int64_t i = 0; i < n; i++) h[i * size + i] += more;
    for (int64_t i = n - 1; i >= 0; i--) {
        float *const row = h + i * size;
        const float root = sqrtf(fmaxf(row[i], more));
        for (int64_t j = 0; j < i; j++) row[j] /= root;
        row[i] = root;
        for (int64_t r = 0; r < i; r++) fet_vector_add_scaled(h + r * size, row, -row[r], r + 1);
        for (int64_t r = 0; r < i; r++) h[r * size + i] = row[r];
    }
}

struct rounding {
    const struct fet_plan_moments *m;
    const float *w;      /* [M,K] */
    const float *scales; /* [M] */
    int8_t *q;           /* [M,K] */
    float *sums;         /* [workers, size] */
    int64_t M;
};

/* One output: its parts one after another. */
static fet_status round_row(void *self, int64_t row, int worker)
{
    const struct rounding *const r = self;
    const struct fet_plan_moments *const m = r->m;
    const float *const w = r->w + row * m->K, scale = r->scales[row];
    float *const sums = r->sums + worker * m->size; /* of L[k][j] (w[j] - q[j]) */
    int8_t *const q = r->q + row * m->K;
    const int64_t group = row / (r->M / m->groups);
    for (int64_t part = 0; part < m->n_parts; part++) {
        const int64_t first = part * m->size;
        const int64_t n = m->K - first < m->size ? m->K - first : m->size;
        const float *const L = m->sums + (group * m->n_parts + part) * m->size * m->size;
        for (int64_t k = 0; k < n; k++) sums[k] = 0;
        for (int64_t k = 0; k < n; k++) {
            const float *const column = L + k * m->size; /* L[j][k] stands above the diagonal */
            const float wanted = w[first + k] + sums[k] / column[k];
            const float whole = fminf(fmaxf(rintf(wanted / scale), -127), 127);
            const float d = w[first + k] - whole * scale;
            q[first + k] = (int8_t)whole;
            fet_vector_add_scaled(sums + k + 1, column + k + 1, d, n - k - 1);
        }
    }
    return FET_OK;
}

static fet_status factor_block(void *self, int64_t b, int worker)
{
    const struct fet_plan_moments *const m = ((const struct rounding *)self)->m;
    const int64_t first = b % m->n_parts * m->size;
    (void)worker;
    factor(m->sums + b * m->size * m->size, m->K - first < m->size ? m->K - first : m->size,
           m->size);
    return FET_OK;
}

static fet_status round_node(const struct fet_plan *p, const struct fet_tensor *w,
                             const struct fet_plan_moments *m, struct fet_plan_rounded *made)
{
    const int64_t M = w->shape.dims[0];
    struct fet_pool *const pool = p->options.pool;
    struct rounding r = {.m = m, .w = fet_tensor_f32(w), .M = M};
    fet_status st = FET_OK;
    if (fet_tensor_count(w) != M * m->K) return FET_OK; /* other weights than were watched */
    made->n = M * m->K;
    made->weights = fet_alloc(M, (size_t)m->K);
    made->scales = fet_alloc(M, sizeof *made->scales);
    r.sums = fet_alloc(fet_pool_threads(pool), (size_t)m->size * sizeof *r.sums);
    if (made->weights == NULL || made->scales == NULL || r.sums == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("int8", made->n));
    for (int64_t i = 0; i < M; i++) made->scales[i] = fet_plan_weight_scale(r.w + i * m->K, m->K);
    r.q = made->weights;
    r.scales = made->scales;
    FET_TRY_OUT(fet_pool_run(pool, m->groups * m->n_parts, factor_block, &r));
    FET_TRY_OUT(fet_pool_run(pool, M, round_row, &r));
out:
    fet_free(r.sums);
    return st;
}

fet_status fet_plan_round_weights(const struct fet_plan *p, struct fet_plan_ranges *r)
{
    for (int k = 0; k < p->n_nodes && k < r->n_nodes; k++)
        if (r->moments[k].sums != NULL && p->nodes[k].weights != PLAN_NONE)
            FET_TRY(round_node(p, &p->values[p->nodes[k].weights].constant, &r->moments[k],
                               &r->rounded[k]));
    return FET_OK;
}
