/* The part of dnnl_api.h that only training needs. */
#include "dnnl_api.h"

#include <string.h>

#define IS_3 (DNNL_VERSION_MAJOR >= 3)

fet_status fet_md_new_grouped(int n, const int64_t *dims, int group, fet_md *md)
{
    const dnnl_format_tag_t tags[2][3] = {{dnnl_aBc8b, dnnl_aBcd8b, dnnl_aBcde8b},
                                          {dnnl_aBc16b, dnnl_aBcd16b, dnnl_aBcde16b}};
    if (n < 3 || n > 5 || (group != 8 && group != 16) || dims[1] % group != 0)
        return FET_FAIL(FET_UNSUPPORTED, "layout: no groups of %d in %d dimensions", group, n);
    const dnnl_format_tag_t tag = tags[group == 16][n - 3];
    return fet_md_of_tag(dnnl_f32, tag, n, dims, md);
}

#if !IS_3
/* The second step of 2.x. */
static dnnl_status_t pd_create(const struct fet_pd_site *s, dnnl_status_t status, const void *desc,
                               dnnl_primitive_desc_t *pd)
{
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, desc, s->attr, s->engine, s->hint);
}
#endif

dnnl_status_t fet_pd_conv_backward_data(const struct fet_pd_site *s, dnnl_alg_kind_t alg,
                                        fet_md_ref src, fet_md_ref weights, fet_md_ref dst,
                                        const struct fet_pd_window *w, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_convolution_backward_data_primitive_desc_create(pd, s->engine, alg, src, weights,
                                                                dst, w->stride, w->dilation,
                                                                w->begin, w->end, s->hint, s->attr);
#else
    dnnl_convolution_desc_t d;
    return pd_create(s,
                     dnnl_dilated_convolution_backward_data_desc_init(
                         &d, alg, src, weights, dst, w->stride, w->dilation, w->begin, w->end),
                     &d, pd);
#endif
}

dnnl_status_t fet_pd_conv_backward_weights(const struct fet_pd_site *s, dnnl_alg_kind_t alg,
                                           fet_md_ref src, fet_md_ref weights, fet_md_ref bias,
                                           fet_md_ref dst, const struct fet_pd_window *w,
                                           dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_convolution_backward_weights_primitive_desc_create(
        pd, s->engine, alg, src, weights, bias, dst, w->stride, w->dilation, w->begin, w->end,
        s->hint, s->attr);
#else
    dnnl_convolution_desc_t d;
    return pd_create(
        s,
        dnnl_dilated_convolution_backward_weights_desc_init(
            &d, alg, src, weights, bias, dst, w->stride, w->dilation, w->begin, w->end),
        &d, pd);
#endif
}

dnnl_status_t fet_pd_linear_backward_data(const struct fet_pd_site *s, fet_md_ref src,
                                          fet_md_ref weights, fet_md_ref dst,
                                          dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_inner_product_backward_data_primitive_desc_create(pd, s->engine, src, weights, dst,
                                                                  s->hint, s->attr);
#else
    dnnl_inner_product_desc_t d;
    return pd_create(s, dnnl_inner_product_backward_data_desc_init(&d, src, weights, dst), &d, pd);
#endif
}

dnnl_status_t fet_pd_linear_backward_weights(const struct fet_pd_site *s, fet_md_ref src,
                                             fet_md_ref weights, fet_md_ref bias, fet_md_ref dst,
                                             dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_inner_product_backward_weights_primitive_desc_create(pd, s->engine, src, weights,
                                                                     bias, dst, s->hint, s->attr);
#else
    dnnl_inner_product_desc_t d;
    return pd_create(s, dnnl_inner_product_backward_weights_desc_init(&d, src, weights, bias, dst),
                     &d, pd);
#endif
}

dnnl_status_t fet_pd_pool_backward(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                                   fet_md_ref dst, const struct fet_pd_window *w,
                                   dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_pooling_backward_primitive_desc_create(pd, s->engine, alg, src, dst, w->stride,
                                                       w->kernel, w->dilation, w->begin, w->end,
                                                       s->hint, s->attr);
#else
    dnnl_pooling_desc_t plain;
    dnnl_pooling_v2_desc_t dilated; /* has fewer fast implementations */
    if (!w->is_dilated)
        return pd_create(s,
                         dnnl_pooling_backward_desc_init(&plain, alg, src, dst, w->stride,
                                                         w->kernel, w->begin, w->end),
                         &plain, pd);
    return pd_create(s,
                     dnnl_pooling_v2_backward_desc_init(&dilated, alg, src, dst, w->stride,
                                                        w->kernel, w->dilation, w->begin, w->end),
                     &dilated, pd);
#endif
}

dnnl_status_t fet_pd_eltwise_backward(const struct fet_pd_site *s, dnnl_alg_kind_t alg,
                                      fet_md_ref src, float alpha, float beta,
                                      dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_eltwise_backward_primitive_desc_create(pd, s->engine, alg, src, src, src, alpha,
                                                       beta, s->hint, s->attr);
#else
    dnnl_eltwise_desc_t d;
    return pd_create(s, dnnl_eltwise_backward_desc_init(&d, alg, src, src, alpha, beta), &d, pd);
#endif
}

dnnl_status_t fet_pd_norm(const struct fet_pd_site *s, fet_md_ref src, float epsilon,
                          unsigned flags, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_batch_normalization_forward_primitive_desc_create(pd, s->engine, s->prop, src, src,
                                                                  epsilon, flags, s->attr);
#else
    dnnl_batch_normalization_desc_t d;
    return pd_create(
        s, dnnl_batch_normalization_forward_desc_init(&d, s->prop, src, epsilon, flags), &d, pd);
#endif
}

const bool fet_norm_back_takes_shift = !IS_3;

dnnl_status_t fet_pd_norm_backward(const struct fet_pd_site *s, fet_md_ref src, float epsilon,
                                   unsigned flags, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_batch_normalization_backward_primitive_desc_create(
        pd, s->engine, s->prop, src, src, src, epsilon, flags, s->hint, s->attr);
#else
    dnnl_batch_normalization_desc_t d;
    return pd_create(
        s, dnnl_batch_normalization_backward_desc_init(&d, s->prop, src, src, epsilon, flags), &d,
        pd);
#endif
}
