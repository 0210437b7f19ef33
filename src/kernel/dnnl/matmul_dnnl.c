/* The matrix product by oneDNN's sgemm, which stands with the same signature in the C
 * interfaces 2.x and 3.x: plain row-major arguments, no descriptors, hence nothing here that
 * differs between them.
 *
 * Threads: Debian's oneDNN runs on OpenMP and would start a team of its own in every one of our
 * workers. The number of OpenMP threads belongs to the calling thread; it is 1 during the call and
 * what it was after it, so a caller that uses OpenMP itself notices nothing. One thread also makes
 * the order of additions, and so the result, depend on the sizes alone. */
#include "matmul.h"

#include "dnnl_api.h"

/* Below this many multiplications packing costs more than it saves. */
enum { LEAST_WORK = 512 };

static bool matmul_dnnl_accepts(const struct fet_matmul *m)
{
    /* In floating point, because only the order of magnitude matters and it cannot overflow. */
    return m->K > 0 && (double)m->M * (double)m->N * (double)m->K >= LEAST_WORK;
}

static fet_status matmul_dnnl_run(const struct fet_matmul *m)
{
    const int n_threads = fet_dnnl_set_threads(1);
    const dnnl_status_t status =
        dnnl_sgemm('N', m->b_is_transposed ? 'T' : 'N', m->M, m->N, m->K, m->alpha, m->a, m->lda,
                   m->b, m->ldb, m->beta, m->c, m->ldc);
    (void)fet_dnnl_set_threads(n_threads);
    if (status == dnnl_out_of_memory) {
        return FET_FAIL(FET_MEMORY, "matmul: oneDNN is out of memory for M=%lld N=%lld K=%lld",
                        (long long)m->M, (long long)m->N, (long long)m->K);
    }
    if (status != dnnl_success) {
        return FET_FAIL(FET_INTERNAL, "matmul: oneDNN refuses M=%lld N=%lld K=%lld with status %d",
                        (long long)m->M, (long long)m->N, (long long)m->K, (int)status);
    }
    return FET_OK;
}

void fet_kernel_dnnl_version(char out[32])
{
    const dnnl_version_t *v = dnnl_version();
    fet_text_format(out, 32, "%d.%d.%d", v->major, v->minor, v->patch);
}

const struct fet_matmul_kernel fet_matmul_dnnl = {
    .name = "dnnl",
    .accepts = matmul_dnnl_accepts,
    .run = matmul_dnnl_run,
};
