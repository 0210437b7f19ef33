/* oneDNN's C interface, the same for 2.x and 3.x: what differs between them is folded away here and
 * in dnnl_api.c. A memory description is a struct in 2.x and an object in 3.x; an operation is
 * described in two steps in 2.x and in one in 3.x; scales of int8 are attributes in 2.x and an
 * argument in 3.x. Private to kernel/dnnl. */
#ifndef FET_DNNL_API_H
#define FET_DNNL_API_H

#include <dnnl.h>
#include <dnnl_version.h>

#include "block_kinds.h"

#if DNNL_VERSION_MAJOR < 2
#error "oneDNN 2.0 or later is wanted"
#endif

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t fet_md; /* owned */
typedef const_dnnl_memory_desc_t fet_md_ref;
#else
typedef dnnl_memory_desc_t *fet_md; /* owned */
typedef const dnnl_memory_desc_t *fet_md_ref;
#endif

/* FET_OK, FET_MEMORY, FET_UNSUPPORTED (no such code) or FET_INTERNAL; what: "conv". */
FET_CHECKED fet_status fet_dnnl_check(dnnl_status_t status, const char *what);

/* OpenMP's number of threads for calls of this thread; returns the one before. */
int fet_dnnl_set_threads(int n_threads);

/* ---- memory descriptions ---- */

dnnl_data_type_t fet_dnnl_dtype(enum fet_dtype dtype); /* dnnl_data_type_undef if it has none */
bool fet_dnnl_dtype_find(dnnl_data_type_t from, enum fet_dtype *dtype);
/* dims [n], in the order of the tag. */
FET_CHECKED fet_status fet_md_of_tag(dnnl_data_type_t type, dnnl_format_tag_t tag, int n,
                                     const dnnl_dim_t *dims, fet_md *md);
/* Row-major, or with is_any whatever a primitive likes best. */
FET_CHECKED fet_status fet_md_new(enum fet_dtype dtype, int n, const dnnl_dim_t *dims, bool is_any,
                                  fet_md *md);
FET_CHECKED fet_status fet_md_copy(fet_md_ref from, fet_md *md);
FET_CHECKED fet_status fet_md_retype(fet_md_ref from, enum fet_dtype dtype, fet_md *md);
void fet_md_free(fet_md md);                             /* accepts NULL */
int fet_md_dims(fet_md_ref md, const dnnl_dim_t **dims); /* their number; borrowed from md */
dnnl_data_type_t fet_md_type(fet_md_ref md);

/* ---- attributes ---- */

FET_CHECKED fet_status fet_attr_add_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t alg, float alpha,
                                            float beta);
FET_CHECKED fet_status fet_attr_add_sum(dnnl_post_ops_t ops, float scale, enum fet_dtype dtype);
/* Products are multiplied by n scales: by one, or one per output channel. */
FET_CHECKED fet_status fet_attr_set_scales(dnnl_primitive_attr_t attr, const float *scales,
                                           int64_t n, bool is_grouped);
/* The source of a reorder is multiplied by scale. */
FET_CHECKED fet_status fet_attr_set_reorder_scale(dnnl_primitive_attr_t attr, float scale);
/* The argument under which 3.x wants the scales when it runs; 0 = nothing to be passed. */
int fet_attr_scales_arg(bool is_reorder);

/* ---- what can be made ---- */

/* For whom: the same for all primitives. hint is the forward primitive of a backward one. */
struct fet_pd_site {
    dnnl_engine_t engine;
    dnnl_primitive_attr_t attr;
    dnnl_prop_kind_t prop;
    dnnl_primitive_desc_t hint; /* may be NULL */
};

/* Strides, dilations (0 = dense) and padding of a window. */
struct fet_pd_window {
    dnnl_dims_t stride, dilation, begin, end, kernel;
    bool is_dilated;
};

dnnl_status_t fet_pd_conv(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                          fet_md_ref weights, fet_md_ref bias, fet_md_ref dst,
                          const struct fet_pd_window *w, dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_linear(const struct fet_pd_site *s, fet_md_ref src, fet_md_ref weights,
                            fet_md_ref bias, fet_md_ref dst, dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_matmul(const struct fet_pd_site *s, fet_md_ref a, fet_md_ref b, fet_md_ref dst,
                            dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_pool(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                          fet_md_ref dst, const struct fet_pd_window *w, dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_eltwise(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                             float alpha, float beta, dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_binary(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref a,
                            fet_md_ref b, fet_md_ref dst, dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_softmax(const struct fet_pd_site *s, bool is_log, fet_md_ref src, int axis,
                             dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_reorder(const struct fet_pd_site *s, fet_md_ref src, fet_md_ref dst,
                             dnnl_primitive_desc_t *pd);

/* ---- for training: dnnl_training_api.c. src, weights and dst describe the gradients too ---- */

/* F32 [N,C,...] with channels in groups. */
FET_CHECKED fet_status fet_md_new_grouped(int n, const int64_t *dims, int group, fet_md *md);
dnnl_status_t fet_pd_conv_backward_data(const struct fet_pd_site *s, dnnl_alg_kind_t alg,
                                        fet_md_ref src, fet_md_ref weights, fet_md_ref dst,
                                        const struct fet_pd_window *w, dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_conv_backward_weights(const struct fet_pd_site *s, dnnl_alg_kind_t alg,
                                           fet_md_ref src, fet_md_ref weights, fet_md_ref bias,
                                           fet_md_ref dst, const struct fet_pd_window *w,
                                           dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_linear_backward_data(const struct fet_pd_site *s, fet_md_ref src,
                                          fet_md_ref weights, fet_md_ref dst,
                                          dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_linear_backward_weights(const struct fet_pd_site *s, fet_md_ref src,
                                             fet_md_ref weights, fet_md_ref bias, fet_md_ref dst,
                                             dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_pool_backward(const struct fet_pd_site *s, dnnl_alg_kind_t alg, fet_md_ref src,
                                   fet_md_ref dst, const struct fet_pd_window *w,
                                   dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_eltwise_backward(const struct fet_pd_site *s, dnnl_alg_kind_t alg,
                                      fet_md_ref src, float alpha, float beta,
                                      dnnl_primitive_desc_t *pd);
dnnl_status_t fet_pd_norm(const struct fet_pd_site *s, fet_md_ref src, float epsilon,
                          unsigned flags, dnnl_primitive_desc_t *pd);
/* Does the way back of a norm want the shift, which it does not read? 3.x refuses it, 2.x refuses
 * to go without; both tell its layout. */
extern const bool fet_norm_back_takes_shift;
dnnl_status_t fet_pd_norm_backward(const struct fet_pd_site *s, fet_md_ref src, float epsilon,
                                   unsigned flags, dnnl_primitive_desc_t *pd);

#endif
