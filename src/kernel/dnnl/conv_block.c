/* Convolution as a block. */
#include "block_dnnl.h"
#include "kernel.h"

static fet_status describe(struct fet_block_maker *m, const struct fet_block_conv *d,
                           fet_md_ref mds[4])
{
    const int n = d->n_spatial;
    const dnnl_dim_t bias_dims[] = {d->M};
    dnnl_dims_t src = {d->N, d->C}, dst = {d->N, d->M}, weights = {d->M, d->C};
    const bool is_grouped = d->groups > 1;
    if (is_grouped) {
        weights[0] = d->groups;
        weights[1] = d->M / d->groups;
        weights[2] = d->C / d->groups;
    }
    for (int i = 0; i < n; i++) {
        src[2 + i] = d->in[i];
        dst[2 + i] = d->out[i];
        weights[2 + is_grouped + i] = d->kernel[i];
    }
    FET_TRY(fet_block_describe(m, d->common.src, d->src_dtype, n + 2, src, false, &mds[0]));
    FET_TRY(
        fet_block_describe(m, NULL, d->weights_dtype, n + 2 + is_grouped, weights, false, &mds[1]));
    if (d->has_bias) FET_TRY(fet_block_describe(m, NULL, FET_F32, 1, bias_dims, true, &mds[2]));
    return fet_block_describe(m, d->common.dst, d->dst_dtype, n + 2, dst, false, &mds[3]);
}

static struct fet_pd_window window_of(const struct fet_block_conv *d)
{
    struct fet_pd_window w = {0};
    for (int i = 0; i < d->n_spatial; i++) {
        w.stride[i] = d->stride[i];
        w.dilation[i] = d->dilation[i] - 1; /* oneDNN counts the holes */
        w.begin[i] = d->begin[i];
        w.end[i] = d->end[i];
    }
    return w;
}

static fet_status make(struct fet_block_maker *m, const struct fet_block_conv *d)
{
    fet_md_ref mds[4] = {0};
    const struct fet_pd_window w = window_of(d);
    FET_TRY(describe(m, d, mds));
    FET_TRY(fet_block_set_scales(m, d->scales, d->M, d->groups > 1));
    FET_TRY(fet_block_set_tail(m, &d->tail));
    dnnl_primitive_desc_t *const pd = &m->block->pd;
    if (d->allows_winograd && fet_pd_conv(&m->site, dnnl_convolution_winograd, mds[0], mds[1],
                                          mds[2], mds[3], &w, pd) == dnnl_success)
        return FET_OK;
    return fet_dnnl_check(
        fet_pd_conv(&m->site, dnnl_convolution_direct, mds[0], mds[1], mds[2], mds[3], &w, pd),
        "conv");
}

fet_status fet_block_conv_new(const struct fet_block_conv *d, struct fet_block **b)
{
    struct fet_block_maker m;
    if (d->n_spatial < 1 || d->n_spatial > FET_BLOCK_MAX_SPATIAL || d->groups < 1 ||
        d->M % d->groups != 0 || d->C % d->groups != 0)
        return FET_FAIL(FET_UNSUPPORTED, "conv: no block for %d dimensions in %lld groups",
                        d->n_spatial, (long long)d->groups);
    if (d->weights_dtype == FET_I8 && !fet_kernel_has_int8())
        return FET_FAIL(FET_UNSUPPORTED, "conv: this processor has no exact int8 products");
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make(&m, d), "conv", b);
}
