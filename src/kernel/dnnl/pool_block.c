/* Pooling as a block. */
#include "block_dnnl.h"

static const dnnl_alg_kind_t algs[] = {
    [FET_POOLING_MAX] = dnnl_pooling_max,
    [FET_POOLING_AVERAGE] = dnnl_pooling_avg_exclude_padding,
    [FET_POOLING_AVERAGE_WITH_PADDING] = dnnl_pooling_avg_include_padding,
};

static fet_status make(struct fet_block_maker *m, const struct fet_block_pool *d)
{
    struct fet_pd_window w = {0};
    dnnl_dims_t in = {d->N, d->C}, out = {d->N, d->C};
    fet_md_ref src = NULL, dst = NULL;
    for (int i = 0; i < d->n_spatial; i++) {
        in[2 + i] = d->in[i];
        out[2 + i] = d->out[i];
        w.kernel[i] = d->kernel[i];
        w.stride[i] = d->stride[i];
        w.dilation[i] = d->dilation[i] - 1; /* oneDNN counts the holes */
        w.is_dilated = w.is_dilated || d->dilation[i] > 1;
        w.begin[i] = d->begin[i];
        w.end[i] = d->end[i];
    }
    /* Pooling has no favourite: without a wish the input is plain. */
    FET_TRY(fet_block_describe(m, d->common.src, d->dtype, d->n_spatial + 2, in, true, &src));
    FET_TRY(fet_block_describe(m, d->common.dst, d->dtype, d->n_spatial + 2, out, false, &dst));
    return fet_dnnl_check(fet_pd_pool(&m->site, algs[d->kind], src, dst, &w, &m->block->pd),
                          "pool");
}

fet_status fet_block_pool_new(const struct fet_block_pool *d, struct fet_block **b)
{
    struct fet_block_maker m;
    if (d->n_spatial < 1 || d->n_spatial > FET_BLOCK_MAX_SPATIAL)
        return FET_FAIL(FET_UNSUPPORTED, "pool: no block for %d dimensions", d->n_spatial);
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make(&m, d), "pool", b);
}
