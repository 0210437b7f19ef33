/* Products of matrices as blocks: with weights, and of two activations. */
#include "block_dnnl.h"

static fet_status make_linear(struct fet_block_maker *m, const struct fet_block_linear *d)
{
    const dnnl_dim_t src_dims[] = {d->N, d->C}, weights_dims[] = {d->M, d->C};
    const dnnl_dim_t dst_dims[] = {d->N, d->M}, bias_dims[] = {d->M};
    fet_md_ref src = NULL, weights = NULL, bias = NULL, dst = NULL;
    FET_TRY(fet_block_describe(m, d->common.src, d->src_dtype, 2, src_dims, true, &src));
    FET_TRY(fet_block_describe(m, NULL, d->weights_dtype, 2, weights_dims, false, &weights));
    if (d->has_bias) FET_TRY(fet_block_describe(m, NULL, FET_F32, 1, bias_dims, true, &bias));
    FET_TRY(fet_block_describe(m, d->common.dst, d->dst_dtype, 2, dst_dims, true, &dst));
    FET_TRY(fet_block_set_scales(m, d->scales, d->M, false));
    FET_TRY(fet_block_set_tail(m, &d->tail));
    return fet_dnnl_check(fet_pd_linear(&m->site, src, weights, bias, dst, &m->block->pd),
                          "linear");
}

fet_status fet_block_linear_new(const struct fet_block_linear *d, struct fet_block **b)
{
    struct fet_block_maker m;
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make_linear(&m, d), "linear", b);
}

static fet_status make_matmul(struct fet_block_maker *m, const struct fet_block_matmul *d)
{
    const int n = d->a.n_dims;
    dnnl_dims_t c = {0};
    fet_md_ref a = NULL, b = NULL, dst = NULL;
    for (int i = 0; i < n - 2; i++)
        c[i] = d->a.dims[i] > d->b.dims[i] ? d->a.dims[i] : d->b.dims[i];
    c[n - 2] = d->a.dims[n - 2];
    c[n - 1] = d->b.dims[n - 1];
    FET_TRY(fet_block_describe(m, NULL, d->dtype, n, d->a.dims, true, &a));
    FET_TRY(fet_block_describe(m, NULL, d->dtype, n, d->b.dims, true, &b));
    FET_TRY(fet_block_describe(m, NULL, d->dtype, n, c, true, &dst));
    FET_TRY(fet_block_set_tail(m, &d->tail));
    return fet_dnnl_check(fet_pd_matmul(&m->site, a, b, dst, &m->block->pd), "matmul");
}

fet_status fet_block_matmul_new(const struct fet_block_matmul *d, struct fet_block **b)
{
    struct fet_block_maker m;
    const int n = d->a.n_dims;
    if (n < 2 || n != d->b.n_dims || d->a.dims[n - 1] != d->b.dims[n - 2])
        return FET_FAIL(FET_UNSUPPORTED, "matmul: no block for these shapes");
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make_matmul(&m, d), "matmul", b);
}
