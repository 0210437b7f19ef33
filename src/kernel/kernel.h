/* The arithmetic: here single products on plain matrices; block.h has what a planned network runs
 * on. Each operation has an ordered list of implementations, fastest first; the first
 * that accepts the call wins, plain C (ref/) is last and accepts everything. Only dnnl/ includes
 * dnnl.h. All matrices are dense row-major float; nothing overlaps. Calls are made from one thread
 * each; several threads may call at once. */
#ifndef FET_KERNEL_H
#define FET_KERNEL_H

#include "tensor.h"

/* C [M,N] = alpha * A [M,K] * op(B) + beta * C; B is [K,N], or [N,K] when b_is_transposed.
 * lda, ldb, ldc are row lengths in elements. Single-threaded inside. */
struct fet_matmul {
    int64_t M, N, K;
    const float *a, *b;
    float *c;
    int64_t lda, ldb, ldc;
    bool b_is_transposed;
    float alpha, beta;
};
FET_CHECKED fet_status fet_kernel_matmul(const struct fet_matmul *m);

/* Which implementation would take it: "dnnl" or "ref", for explain modes and benches. */
const char *fet_kernel_matmul_name(const struct fet_matmul *m);

/* Tests compare implementations: 0 = fastest first (default), 1 = ref only. Process-wide. */
void fet_kernel_set_reference_only(bool is_reference_only);
bool fet_kernel_is_reference_only(void);

/* Does this processor multiply int8 exactly? On x86-64 without VNNI oneDNN halves the weights or
 * lets sums of 16 bits saturate: such products stay in float. */
bool fet_kernel_has_int8(void);

/* "2.6.3": the oneDNN that is loaded, for the bill of materials in a model. */
void fet_kernel_dnnl_version(char out[32]);

#endif
