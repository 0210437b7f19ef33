/* Checks a call once and gives it to the first implementation that accepts it. */
#include "kernel.h"

#include "matmul.h"

#include <stdatomic.h>

/* Fastest first; the last accepts everything. */
static const struct fet_matmul_kernel *const matmul_kernels[] = {
    &fet_matmul_dnnl,
    &fet_matmul_ref,
};

enum { N_MATMUL = sizeof matmul_kernels / sizeof matmul_kernels[0] };

static atomic_bool is_reference_only;

void fet_kernel_set_reference_only(bool is_only)
{
    atomic_store(&is_reference_only, is_only);
}

bool fet_kernel_is_reference_only(void)
{
    return atomic_load_explicit(&is_reference_only, memory_order_relaxed);
}

static const struct fet_matmul_kernel *matmul_choose(const struct fet_matmul *m)
{
    for (int i = fet_kernel_is_reference_only() ? N_MATMUL - 1 : 0; i < N_MATMUL - 1; i++) {
        const struct fet_matmul_kernel *k = matmul_kernels[i];
        if (k->accepts == NULL || k->accepts(m)) return k;
    }
    return matmul_kernels[N_MATMUL - 1];
}

const char *fet_kernel_matmul_name(const struct fet_matmul *m)
{
    return matmul_choose(m)->name;
}

static fet_status matmul_check(const struct fet_matmul *m)
{
    if (m->M < 0 || m->N < 0 || m->K < 0) {
        return FET_FAIL(FET_SHAPE, "matmul: sizes M=%lld N=%lld K=%lld must not be negative",
                        (long long)m->M, (long long)m->N, (long long)m->K);
    }
    const int64_t b_row = m->b_is_transposed ? m->K : m->N;
    if (m->lda < m->K || m->ldb < b_row || m->ldc < m->N) {
        return FET_FAIL(FET_SHAPE,
                        "matmul: row lengths lda=%lld ldb=%lld ldc=%lld, wanted at least %lld, "
                        "%lld, %lld",
                        (long long)m->lda, (long long)m->ldb, (long long)m->ldc, (long long)m->K,
                        (long long)b_row, (long long)m->N);
    }
    const bool is_empty = m->M == 0 || m->N == 0;
    if (!is_empty && (m->c == NULL || (m->K > 0 && (m->a == NULL || m->b == NULL)))) {
        return FET_FAIL(FET_ARGUMENT, "matmul: a matrix is missing");
    }
    return FET_OK;
}

fet_status fet_kernel_matmul(const struct fet_matmul *m)
{
    FET_TRY(matmul_check(m));
    if (m->M == 0 || m->N == 0) return FET_OK;
    return matmul_choose(m)->run(m);
}
