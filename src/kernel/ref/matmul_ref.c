/* The plain C matrix product: what the fast ones are compared with, and what is left when they are
 * not there. Each element of C is summed over k in a fixed order, so results repeat. Sums are kept
 * for a strip of columns at a time, which stays in registers and the first cache. */
#include "matmul.h"

#include <assert.h>

enum { STRIP = 64 };

/* acc[j] = sum over k of a[k] * b[k,j] for n_columns columns; b [K,N] at the first column. Inline,
 * so that for a full strip the number of columns is a constant and the loop becomes vectors. */
static inline void strip_plain(const float *restrict a, const float *restrict b, int64_t ldb,
                               int64_t K, int64_t n_columns, float *restrict acc)
{
    for (int64_t j = 0; j < n_columns; j++) acc[j] = 0.0f;
    for (int64_t k = 0; k < K; k++) {
        const float ak = a[k];
        const float *b_k = b + k * ldb;
        for (int64_t j = 0; j < n_columns; j++) acc[j] += ak * b_k[j];
    }
}

/* The same with b [N,K] at the first row: one dot product per column, in eight partial sums that a
 * compiler can hold in one vector. */
static void strip_transposed(const float *a, const float *b, int64_t ldb, int64_t K,
                             int64_t n_columns, float *restrict acc)
{
    for (int64_t j = 0; j < n_columns; j++) {
        const float *b_j = b + j * ldb;
        float part[8] = {0};
        int64_t k = 0;
        for (; k + 8 <= K; k += 8) {
            for (int i = 0; i < 8; i++) part[i] += a[k + i] * b_j[k + i];
        }
        for (int i = 0; k + i < K; i++) part[i] += a[k + i] * b_j[k + i];
        acc[j] = ((part[0] + part[1]) + (part[2] + part[3])) +
                 ((part[4] + part[5]) + (part[6] + part[7]));
    }
}

static fet_status matmul_ref_run(const struct fet_matmul *m)
{
    float acc[STRIP];
    assert(m->M > 0 && m->N > 0 && m->K >= 0);
    for (int64_t j = 0; j < m->N; j += STRIP) {
        const int64_t n_columns = m->N - j < STRIP ? m->N - j : STRIP;
        for (int64_t i = 0; i < m->M; i++) {
            const float *a = m->K > 0 ? m->a + i * m->lda : NULL;
            float *c = m->c + i * m->ldc + j;
            if (m->b_is_transposed) {
                strip_transposed(a, m->K > 0 ? m->b + j * m->ldb : NULL, m->ldb, m->K, n_columns,
                                 acc);
            } else if (n_columns == STRIP) {
                strip_plain(a, m->K > 0 ? m->b + j : NULL, m->ldb, m->K, STRIP, acc);
            } else {
                strip_plain(a, m->K > 0 ? m->b + j : NULL, m->ldb, m->K, n_columns, acc);
            }
            /* beta 0 means that C holds nothing yet, not even a NaN to be multiplied away. */
            for (int64_t jj = 0; jj < n_columns; jj++) {
                const float old = m->beta == 0.0f ? 0.0f : m->beta * c[jj];
                c[jj] = m->alpha * acc[jj] + old;
            }
        }
    }
    return FET_OK;
}

const struct fet_matmul_kernel fet_matmul_ref = {.name = "ref", .run = matmul_ref_run};
