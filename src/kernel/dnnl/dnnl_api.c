/* One C interface out of oneDNN's two. Each function has its 2.x and its 3.x form side by side. */
#include "dnnl_api.h"

#include "kernel.h"

#include <string.h>

#define IS_3 (DNNL_VERSION_MAJOR >= 3)

/* OpenMP's own declarations, because clang here comes without omp.h; both compilers link the
 * library that oneDNN uses. */
extern void omp_set_num_threads(int n_threads);
extern int omp_get_max_threads(void);

int fet_dnnl_set_threads(int n_threads)
{
    const int before = omp_get_max_threads();
    if (before != n_threads) omp_set_num_threads(n_threads);
    return before;
}

fet_status fet_dnnl_check(dnnl_status_t status, const char *what)
{
    if (status == dnnl_success) return FET_OK;
    if (status == dnnl_out_of_memory)
        return FET_FAIL(FET_MEMORY, "%s: oneDNN is out of memory", what);
    if (status == dnnl_unimplemented)
        return FET_FAIL(FET_UNSUPPORTED, "%s: oneDNN has no code for this", what);
    return FET_FAIL(FET_INTERNAL, "%s: oneDNN refuses with status %d", what, (int)status);
}

/* ---- memory descriptions ---- */

static const struct {
    enum fet_dtype dtype;
    dnnl_data_type_t type;
} dtypes[] = {
    {FET_F32, dnnl_f32}, {FET_I8, dnnl_s8},     {FET_U8, dnnl_u8},
    {FET_I32, dnnl_s32}, {FET_BF16, dnnl_bf16}, {FET_F16, dnnl_f16},
};

enum { N_DTYPES = sizeof dtypes / sizeof dtypes[0] };

bool fet_kernel_has_int8(void)
{
#if defined(__x86_64__)
    const unsigned isa = dnnl_get_effective_cpu_isa();
    const unsigned wide = dnnl_cpu_isa_avx512_core_vnni, narrow = dnnl_cpu_isa_avx2_vnni;
    return (isa & wide) == wide || (isa & narrow) == narrow;
#else
    return true;
#endif
}

dnnl_data_type_t fet_dnnl_dtype(enum fet_dtype dtype)
{
    for (int i = 0; i < N_DTYPES; i++)
        if (dtypes[i].dtype == dtype) return dtypes[i].type;
    return dnnl_data_type_undef;
}

bool fet_dnnl_dtype_find(dnnl_data_type_t from, enum fet_dtype *dtype)
{
    for (int i = 0; i < N_DTYPES; i++) {
        if (dtypes[i].type != from) continue;
        *dtype = dtypes[i].dtype;
        return true;
    }
    return false;
}

static dnnl_format_tag_t plain_tag(int n)
{
    static const dnnl_format_tag_t tags[] = {
        dnnl_format_tag_undef, dnnl_a,      dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde,
        dnnl_abcdef,           dnnl_abcdefg};
    return n > 0 && n < (int)(sizeof tags / sizeof tags[0]) ? tags[n] : dnnl_format_tag_undef;
}

fet_status fet_md_of_tag(dnnl_data_type_t type, dnnl_format_tag_t tag, int n,
                         const dnnl_dim_t *dims, fet_md *md)
{
    dnnl_dims_t copy = {0};
    memcpy(copy, dims, (size_t)n * sizeof *dims);
#if IS_3
    return fet_dnnl_check(dnnl_memory_desc_create_with_tag(md, n, copy, type, tag), "layout");
#else
    dnnl_memory_desc_t *const made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("layout", sizeof *made);
    const fet_status st =
        fet_dnnl_check(dnnl_memory_desc_init_by_tag(made, n, copy, type, tag), "layout");
    if (st == FET_OK)
        *md = made;
    else
        fet_free(made);
    return st;
#endif
}

fet_status fet_md_new(enum fet_dtype dtype, int n, const dnnl_dim_t *dims, bool is_any, fet_md *md)
{
    const dnnl_data_type_t type = fet_dnnl_dtype(dtype);
    const dnnl_format_tag_t tag = is_any ? dnnl_format_tag_any : plain_tag(n);
    if (type == dnnl_data_type_undef || n < 1 || n > 7)
        return FET_FAIL(FET_UNSUPPORTED, "layout: no blocks for %d dimensions of %s", n,
                        fet_dtype_name(dtype));
    return fet_md_of_tag(type, tag, n, dims, md);
}

fet_status fet_md_copy(fet_md_ref from, fet_md *md)
{
#if IS_3
    return fet_dnnl_check(dnnl_memory_desc_clone(md, from), "layout");
#else
    dnnl_memory_desc_t *const made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("layout", sizeof *made);
    *made = *from;
    *md = made;
    return FET_OK;
#endif
}

fet_status fet_md_retype(fet_md_ref from, enum fet_dtype dtype, fet_md *md)
{
    const dnnl_data_type_t type = fet_dnnl_dtype(dtype);
    if (type == dnnl_data_type_undef)
        return FET_FAIL(FET_UNSUPPORTED, "layout: no blocks for %s", fet_dtype_name(dtype));
#if IS_3
    const dnnl_dim_t *dims = NULL;
    const dnnl_dims_t *strides = NULL;
    int32_t n_inner = 0;
    const int n = fet_md_dims(from, &dims);
    (void)dnnl_memory_desc_query(from, dnnl_query_inner_nblks_s32, &n_inner);
    if (n_inner > 0 || dnnl_memory_desc_query(from, dnnl_query_strides, &strides) != dnnl_success)
        return FET_FAIL(FET_UNSUPPORTED, "layout: blocked, has no other type");
    return fet_dnnl_check(dnnl_memory_desc_create_with_strides(md, n, dims, type, *strides),
                          "layout");
#else
    FET_TRY(fet_md_copy(from, md));
    (*md)->data_type = type;
    return FET_OK;
#endif
}

void fet_md_free(fet_md md)
{
#if IS_3
    if (md != NULL) (void)dnnl_memory_desc_destroy(md);
#else
    fet_free(md);
#endif
}

int fet_md_dims(fet_md_ref md, const dnnl_dim_t **dims)
{
#if IS_3
    int32_t n = 0;
    const dnnl_dims_t *all = NULL;
    (void)dnnl_memory_desc_query(md, dnnl_query_ndims_s32, &n);
    (void)dnnl_memory_desc_query(md, dnnl_query_dims, &all);
    *dims = *all;
    return n;
#else
    *dims = md->dims;
    return md->ndims;
#endif
}

dnnl_data_type_t fet_md_type(fet_md_ref md)
{
#if IS_3
    dnnl_data_type_t type = dnnl_data_type_undef;
    (void)dnnl_memory_desc_query(md, dnnl_query_data_type, &type);
    return type;
#else
    return md->data_type;
#endif
}

/* ---- attributes ---- */

fet_status fet_attr_add_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t alg, float alpha, float beta)
{
#if IS_3
    return fet_dnnl_check(dnnl_post_ops_append_eltwise(ops, alg, alpha, beta), "tail");
#else
    return fet_dnnl_check(dnnl_post_ops_append_eltwise(ops, 1.0f, alg, alpha, beta), "tail");
#endif
}

fet_status fet_attr_add_sum(dnnl_post_ops_t ops, float scale, enum fet_dtype dtype)
{
#if IS_3
    return fet_dnnl_check(dnnl_post_ops_append_sum(ops, scale, 0, fet_dnnl_dtype(dtype)), "tail");
#else
    return fet_dnnl_check(dnnl_post_ops_append_sum_v2(ops, scale, fet_dnnl_dtype(dtype)), "tail");
#endif
}

fet_status fet_attr_set_scales(dnnl_primitive_attr_t attr, const float *scales, int64_t n,
                               bool is_grouped)
{
#if IS_3
    (void)scales;
    const int mask = n == 1 ? 0 : is_grouped ? 3 : 1; /* of the weights */
    return fet_dnnl_check(dnnl_primitive_attr_set_scales_mask(attr, DNNL_ARG_WEIGHTS, mask),
                          "scales");
#else
    (void)is_grouped;
    const int mask = n == 1 ? 0 : 2; /* of dst */
    return fet_dnnl_check(dnnl_primitive_attr_set_output_scales(attr, n, mask, scales), "scales");
#endif
}

fet_status fet_attr_set_reorder_scale(dnnl_primitive_attr_t attr, float scale)
{
#if IS_3
    (void)scale;
    return fet_dnnl_check(dnnl_primitive_attr_set_scales_mask(attr, DNNL_ARG_SRC, 0), "scales");
#else
    return fet_dnnl_check(dnnl_primitive_attr_set_output_scales(attr, 1, 0, &scale), "scales");
#endif
}

int fet_attr_scales_arg(bool is_reorder)
{
#if IS_3
    return DNNL_ARG_ATTR_SCALES | (is_reorder ? DNNL_ARG_SRC : DNNL_ARG_WEIGHTS);
#else
    (void)is_reorder;
    return 0;
#endif
}

/* ---- what can be made ---- */

#if !IS_3
/* The second step of 2.x. */
static dnnl_status_t pd_create(const struct fet_pd_site *s, dnnl_status_t status, const void *desc,
                               dnnl_primitive_desc_t *pd)
{
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, desc, s->attr, s->engine, s->hint);
}
#endif

dnnl_status_t fet_pd_conv(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                          fet_md_ref weights, fet_md_ref bias, fet_md_ref dst,
                          const struct fet_pd_window *w, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_convolution_forward_primitive_desc_create(pd, s->engine, s->prop, alg, src, weights,
                                                          bias, dst, w->stride, w->dilation,
                                                          w->begin, w->end, s->attr);
#else
    dnnl_convolution_desc_t d;
    return pd_create(s,
                     dnnl_dilated_convolution_forward_desc_init(&d, s->prop, alg, src, weights,
                                                                bias, dst, w->stride, w->dilation,
                                                                w->begin, w->end),
                     &d, pd);
#endif
}

dnnl_status_t fet_pd_linear(const struct fet_pd_site *s, fet_md_ref src, fet_md_ref weights,
                            fet_md_ref bias, fet_md_ref dst, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_inner_product_forward_primitive_desc_create(pd, s->engine, s->prop, src, weights,
                                                            bias, dst, s->attr);
#else
    dnnl_inner_product_desc_t d;
    return pd_create(s, dnnl_inner_product_forward_desc_init(&d, s->prop, src, weights, bias, dst),
                     &d, pd);
#endif
}

dnnl_status_t fet_pd_matmul(const struct fet_pd_site *s, fet_md_ref a, fet_md_ref b, fet_md_ref dst,
                            dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_matmul_primitive_desc_create(pd, s->engine, a, b, NULL, dst, s->attr);
#else
    dnnl_matmul_desc_t d;
    return pd_create(s, dnnl_matmul_desc_init(&d, a, b, NULL, dst), &d, pd);
#endif
}

dnnl_status_t fet_pd_pool(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                          fet_md_ref dst, const struct fet_pd_window *w, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_pooling_forward_primitive_desc_create(pd, s->engine, s->prop, alg, src, dst,
                                                      w->stride, w->kernel, w->dilation, w->begin,
                                                      w->end, s->attr);
#else
    dnnl_pooling_desc_t plain;
    dnnl_pooling_v2_desc_t dilated; /* has fewer fast implementations */
    if (!w->is_dilated)
        return pd_create(s,
                         dnnl_pooling_forward_desc_init(&plain, s->prop, alg, src, dst, w->stride,
                                                        w->kernel, w->begin, w->end),
                         &plain, pd);
    return pd_create(s,
                     dnnl_pooling_v2_forward_desc_init(&dilated, s->prop, alg, src, dst, w->stride,
                                                       w->kernel, w->dilation, w->begin, w->end),
                     &dilated, pd);
#endif
}

dnnl_status_t fet_pd_eltwise(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                             float alpha, float beta, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_eltwise_forward_primitive_desc_create(pd, s->engine, s->prop, alg, src, src, alpha,
                                                      beta, s->attr);
#else
    dnnl_eltwise_desc_t d;
    return pd_create(s, dnnl_eltwise_forward_desc_init(&d, s->prop, alg, src, alpha, beta), &d, pd);
#endif
}

dnnl_status_t fet_pd_binary(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref a,
                            fet_md_ref b, fet_md_ref dst, dnnl_primitive_desc_t *pd)
{
#if IS_3
    return dnnl_binary_primitive_desc_create(pd, s->engine, alg, a, b, dst, s->attr);
#else
    dnnl_binary_desc_t d;
    return pd_create(s, dnnl_binary_desc_init(&d, alg, a, b, dst), &d, pd);
#endif
}

dnnl_status_t fet_pd_softmax(const struct fet_pd_site *s, bool is_log, fet_md_ref src, int axis,
                             dnnl_primitive_desc_t *pd)
{
    const dnnl_alg_kind_t alg = is_log ? dnnl_softmax_log : dnnl_softmax_accurate;
#if IS_3
    return dnnl_softmax_forward_primitive_desc_create(pd, s->engine, s->prop, alg, src, src, axis,
                                                      s->attr);
#else
    dnnl_softmax_v2_desc_t d;
    return pd_create(s, dnnl_softmax_v2_forward_desc_init(&d, s->prop, alg, src, src, axis), &d,
                     pd);
#endif
}

dnnl_status_t fet_pd_reorder(const struct fet_pd_site *s, fet_md_ref src, fet_md_ref dst,
                             dnnl_primitive_desc_t *pd)
{
    return dnnl_reorder_primitive_desc_create(pd, src, s->engine, dst, s->engine, s->attr);
}
