/* Blocks for training. A way back takes the way there as a hint: a description of it is made first,
 * with the same layouts, and thrown away. */
#include "block_training.h"

#include "block_dnnl.h"

#include <string.h>

/* ---- layouts ---- */

fet_status fet_layout_new_plain_like(const struct fet_layout *l, struct fet_layout **layout)
{
    const dnnl_dim_t *dims = NULL;
    fet_md md = NULL;
    const int n = fet_md_dims(l->md, &dims);
    FET_TRY(fet_md_new(l->dtype, n, dims, false, &md));
    const fet_status st = fet_layout_from_md(md, layout);
    fet_md_free(md);
    return st;
}

fet_status fet_layout_new_grouped(const struct fet_shape *shape, int n, struct fet_layout **layout)
{
    fet_md md = NULL;
    FET_TRY(fet_md_new_grouped(shape->n_dims, shape->dims, n, &md));
    const fet_status st = fet_layout_from_md(md, layout);
    fet_md_free(md);
    return st;
}

fet_status fet_layout_channel_group(const struct fet_layout *l, int *group)
{
    static const int groups[] = {16, 8};
    const dnnl_dim_t *dims = NULL;
    const int n_dims = fet_md_dims(l->md, &dims);
    int found = l->is_plain ? 1 : 0;
    for (int i = 0; i < 2 && found == 0 && l->dtype == FET_F32; i++) {
        fet_md md = NULL;
        const fet_status st = fet_md_new_grouped(n_dims, dims, groups[i], &md);
        if (st == FET_UNSUPPORTED) continue; /* not a multiple */
        if (st != FET_OK) return st;
        if (dnnl_memory_desc_equal(md, l->md) != 0) found = groups[i];
        fet_md_free(md);
    }
    *group = found;
    return FET_OK;
}

/* ---- what ways back share ---- */

/* The way there was described: its description is the hint of `pd`. */
struct back {
    struct fet_pd_site there; /* as the maker's site, forward */
    fet_md_ref src, weights, bias, dst;
    struct fet_pd_window w;
};

static void back_start(struct fet_block_maker *m, struct back *b)
{
    *b = (struct back){.there = m->site};
    b->there.prop = dnnl_forward_training;
}

static void back_finish(struct fet_block_maker *m)
{
    if (m->site.hint != NULL) (void)dnnl_primitive_desc_destroy(m->site.hint);
    m->site.hint = NULL;
}

/* ---- convolution ---- */

static fet_status describe_conv(struct fet_block_maker *m, const struct fet_block_conv *d,
                                const struct fet_layout *weights, struct back *b)
{
    const int n = d->n_spatial;
    const bool is_grouped = d->groups > 1;
    const dnnl_dim_t bias_dims[] = {d->M};
    dnnl_dims_t src = {d->N, d->C}, dst = {d->N, d->M}, w = {d->M, d->C};
    if (is_grouped) {
        w[0] = d->groups;
        w[1] = d->M / d->groups;
        w[2] = d->C / d->groups;
    }
    for (int i = 0; i < n; i++) {
        src[2 + i] = d->in[i];
        dst[2 + i] = d->out[i];
        w[2 + is_grouped + i] = d->kernel[i];
        b->w.stride[i] = d->stride[i];
        b->w.dilation[i] = d->dilation[i] - 1; /* oneDNN counts the holes */
        b->w.begin[i] = d->begin[i];
        b->w.end[i] = d->end[i];
    }
    FET_TRY(fet_block_describe(m, d->common.src, FET_F32, n + 2, src, false, &b->src));
    FET_TRY(fet_block_describe(m, weights, FET_F32, n + 2 + is_grouped, w, false, &b->weights));
    if (d->has_bias) FET_TRY(fet_block_describe(m, NULL, FET_F32, 1, bias_dims, true, &b->bias));
    return fet_block_describe(m, d->common.dst, FET_F32, n + 2, dst, false, &b->dst);
}

static dnnl_status_t create_conv(struct fet_block_maker *m, const struct back *b,
                                 dnnl_alg_kind_t alg, bool is_data)
{
    dnnl_primitive_desc_t *const pd = &m->block->pd;
    const dnnl_status_t status = fet_pd_conv(
        &b->there, alg, b->src, b->weights, is_data ? NULL : b->bias, b->dst, &b->w, &m->site.hint);
    if (status != dnnl_success) return status;
    if (is_data)
        return fet_pd_conv_backward_data(&m->site, alg, b->src, b->weights, b->dst, &b->w, pd);
    return fet_pd_conv_backward_weights(&m->site, alg, b->src, b->weights, b->bias, b->dst, &b->w,
                                        pd);
}

static fet_status make_conv(struct fet_block_maker *m, const struct fet_block_conv *d,
                            const struct fet_layout *weights)
{
    const bool is_data = d->common.direction == FET_BLOCK_BACKWARD_DATA;
    struct back b;
    back_start(m, &b);
    FET_TRY(describe_conv(m, d, weights, &b));
    if (d->allows_winograd &&
        create_conv(m, &b, dnnl_convolution_winograd, is_data) == dnnl_success)
        return FET_OK;
    back_finish(m);
    return fet_dnnl_check(create_conv(m, &b, dnnl_convolution_direct, is_data), "conv");
}

fet_status fet_block_conv_backward_new(const struct fet_block_conv *d,
                                       const struct fet_layout *weights, struct fet_block **b)
{
    struct fet_block_maker m;
    if (d->n_spatial < 1 || d->n_spatial > FET_BLOCK_MAX_SPATIAL || d->groups < 1 ||
        d->M % d->groups != 0 || d->C % d->groups != 0)
        return FET_FAIL(FET_UNSUPPORTED, "conv: no block for %d dimensions in %lld groups",
                        d->n_spatial, (long long)d->groups);
    FET_TRY(fet_block_start(&m, &d->common));
    const fet_status st = make_conv(&m, d, weights);
    back_finish(&m);
    return fet_block_finish(&m, st, "conv", b);
}

/* ---- product ---- */

static fet_status make_linear(struct fet_block_maker *m, const struct fet_block_linear *d,
                              const struct fet_layout *weights)
{
    const dnnl_dim_t src_dims[] = {d->N, d->C}, weights_dims[] = {d->M, d->C};
    const dnnl_dim_t dst_dims[] = {d->N, d->M}, bias_dims[] = {d->M};
    const bool is_data = d->common.direction == FET_BLOCK_BACKWARD_DATA;
    struct back b;
    back_start(m, &b);
    FET_TRY(fet_block_describe(m, d->common.src, FET_F32, 2, src_dims, true, &b.src));
    FET_TRY(fet_block_describe(m, weights, FET_F32, 2, weights_dims, false, &b.weights));
    if (d->has_bias) FET_TRY(fet_block_describe(m, NULL, FET_F32, 1, bias_dims, true, &b.bias));
    FET_TRY(fet_block_describe(m, d->common.dst, FET_F32, 2, dst_dims, true, &b.dst));
    FET_TRY(fet_dnnl_check(
        fet_pd_linear(&b.there, b.src, b.weights, is_data ? NULL : b.bias, b.dst, &m->site.hint),
        "linear"));
    dnnl_primitive_desc_t *const pd = &m->block->pd;
    if (is_data)
        return fet_dnnl_check(fet_pd_linear_backward_data(&m->site, b.src, b.weights, b.dst, pd),
                              "linear");
    return fet_dnnl_check(
        fet_pd_linear_backward_weights(&m->site, b.src, b.weights, b.bias, b.dst, pd), "linear");
}

fet_status fet_block_linear_backward_new(const struct fet_block_linear *d,
                                         const struct fet_layout *weights, struct fet_block **b)
{
    struct fet_block_maker m;
    FET_TRY(fet_block_start(&m, &d->common));
    const fet_status st = make_linear(&m, d, weights);
    back_finish(&m);
    return fet_block_finish(&m, st, "linear", b);
}

/* ---- pooling ---- */

static fet_status make_pool(struct fet_block_maker *m, const struct fet_block_pool *d)
{
    static const dnnl_alg_kind_t algs[] = {
        [FET_POOLING_MAX] = dnnl_pooling_max,
        [FET_POOLING_AVERAGE] = dnnl_pooling_avg_exclude_padding,
        [FET_POOLING_AVERAGE_WITH_PADDING] = dnnl_pooling_avg_include_padding,
    };
    struct back b;
    dnnl_dims_t in = {d->N, d->C}, out = {d->N, d->C};
    back_start(m, &b);
    for (int i = 0; i < d->n_spatial; i++) {
        in[2 + i] = d->in[i];
        out[2 + i] = d->out[i];
        b.w.kernel[i] = d->kernel[i];
        b.w.stride[i] = d->stride[i];
        b.w.dilation[i] = d->dilation[i] - 1;
        b.w.is_dilated = b.w.is_dilated || d->dilation[i] > 1;
        b.w.begin[i] = d->begin[i];
        b.w.end[i] = d->end[i];
    }
    FET_TRY(fet_block_describe(m, d->common.src, FET_F32, d->n_spatial + 2, in, true, &b.src));
    FET_TRY(fet_block_describe(m, d->common.dst, FET_F32, d->n_spatial + 2, out, true, &b.dst));
    FET_TRY(fet_dnnl_check(fet_pd_pool(&b.there, algs[d->kind], b.src, b.dst, &b.w, &m->site.hint),
                           "pool"));
    return fet_dnnl_check(
        fet_pd_pool_backward(&m->site, algs[d->kind], b.src, b.dst, &b.w, &m->block->pd), "pool");
}

fet_status fet_block_pool_backward_new(const struct fet_block_pool *d, struct fet_block **b)
{
    struct fet_block_maker m;
    if (d->n_spatial < 1 || d->n_spatial > FET_BLOCK_MAX_SPATIAL)
        return FET_FAIL(FET_UNSUPPORTED, "pool: no block for %d dimensions", d->n_spatial);
    FET_TRY(fet_block_start(&m, &d->common));
    const fet_status st = make_pool(&m, d);
    back_finish(&m);
    return fet_block_finish(&m, st, "pool", b);
}

/* ---- functions of elements ---- */

fet_status fet_block_eltwise_backward_new(const struct fet_block_eltwise *d, struct fet_block **b)
{
    struct fet_block_maker m;
    struct back back;
    float alpha = d->alpha, beta = d->beta;
    const dnnl_alg_kind_t alg = fet_block_eltwise_alg(d->kind, &alpha, &beta);
    if (d->common.src == NULL) return FET_FAIL(FET_ARGUMENT, "eltwise: a layout is missing");
    FET_TRY(fet_block_start(&m, &d->common));
    const fet_md_ref src = d->common.src->md;
    back_start(&m, &back);
    fet_status st =
        fet_dnnl_check(fet_pd_eltwise(&back.there, alg, src, alpha, beta, &m.site.hint), "eltwise");
    if (st == FET_OK)
        st = fet_dnnl_check(fet_pd_eltwise_backward(&m.site, alg, src, alpha, beta, &m.block->pd),
                            "eltwise");
    back_finish(&m);
    return fet_block_finish(&m, st, "eltwise", b);
}

/* ---- batch norm ---- */

static fet_status make_norm(struct fet_block_maker *m, const struct fet_block_norm *d)
{
    const unsigned flags =
        (unsigned)dnnl_use_scale | dnnl_use_shift | (d->has_relu ? dnnl_fuse_norm_relu : 0u);
    const fet_md_ref src = d->common.src->md;
    dnnl_primitive_desc_t *const pd = &m->block->pd;
    struct back b;
    back_start(m, &b);
    if (d->common.direction == FET_BLOCK_TRAINING)
        return fet_dnnl_check(fet_pd_norm(&m->site, src, d->epsilon, flags, pd), "norm");
    m->site.prop = dnnl_backward;
    FET_TRY(fet_dnnl_check(fet_pd_norm(&b.there, src, d->epsilon, flags, &m->site.hint), "norm"));
    return fet_dnnl_check(fet_pd_norm_backward(&m->site, src, d->epsilon, flags, pd), "norm");
}

fet_status fet_block_norm_new(const struct fet_block_norm *d, struct fet_block **b)
{
    struct fet_block_maker m;
    if (d->common.src == NULL) return FET_FAIL(FET_ARGUMENT, "norm: a layout is missing");
    FET_TRY(fet_block_start(&m, &d->common));
    const fet_status st = make_norm(&m, d);
    back_finish(&m);
    return fet_block_finish(&m, st, "norm", b);
}
