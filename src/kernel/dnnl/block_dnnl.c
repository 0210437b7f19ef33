/* The life of a block: layouts, making, running, freeing. What kind of arithmetic it is stands in
 * the files of its makers (conv_block.c, ...). */
#include "block_dnnl.h"

#include <string.h>

/* ---- layouts ---- */

fet_status fet_layout_from_md(fet_md_ref md, struct fet_layout **layout)
{
    const dnnl_dim_t *dims = NULL;
    fet_md plain = NULL;
    fet_status st = FET_OK;
    struct fet_layout *const made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("layout", sizeof *made);
    FET_TRY_OUT(fet_md_copy(md, &made->md));
    if (!fet_dnnl_dtype_find(fet_md_type(md), &made->dtype))
        FET_TRY_OUT(FET_FAIL(FET_UNSUPPORTED, "layout: an element type of oneDNN's own"));
    made->bytes = dnnl_memory_desc_get_size(md);
    const int n = fet_md_dims(md, &dims);
    if (n <= 7) {
        FET_TRY_OUT(fet_md_new(made->dtype, n, dims, false, &plain));
        made->is_plain = dnnl_memory_desc_equal(plain, md) != 0;
    }
    *layout = made;
    fet_md_free(plain);
    return FET_OK;
out:
    fet_md_free(plain);
    fet_layout_free(made);
    return st;
}

fet_status fet_layout_new_plain(enum fet_dtype dtype, const struct fet_shape *shape,
                                struct fet_layout **layout)
{
    dnnl_dims_t dims = {1};
    fet_md md = NULL;
    int64_t count = 0;
    FET_TRY(fet_shape_count(shape, &count));
    for (int i = 0; i < shape->n_dims; i++) dims[i] = shape->dims[i];
    FET_TRY(fet_md_new(dtype, shape->n_dims == 0 ? 1 : shape->n_dims, dims, false, &md));
    const fet_status st = fet_layout_from_md(md, layout);
    fet_md_free(md);
    return st;
}

fet_status fet_layout_new_retyped(const struct fet_layout *l, enum fet_dtype dtype,
                                  struct fet_layout **layout)
{
    fet_md md = NULL;
    FET_TRY(fet_md_retype(l->md, dtype, &md));
    const fet_status st = fet_layout_from_md(md, layout);
    fet_md_free(md);
    return st;
}

void fet_layout_free(struct fet_layout *l)
{
    if (l == NULL) return;
    fet_md_free(l->md);
    fet_free(l);
}

bool fet_layout_is_equal(const struct fet_layout *a, const struct fet_layout *b)
{
    return dnnl_memory_desc_equal(a->md, b->md) != 0;
}

bool fet_layout_is_plain(const struct fet_layout *l)
{
    return l->is_plain;
}

size_t fet_layout_bytes(const struct fet_layout *l)
{
    return l->bytes;
}

enum fet_dtype fet_layout_dtype(const struct fet_layout *l)
{
    return l->dtype;
}

/* ---- arguments ---- */

static const int arg_numbers[FET_BLOCK_N_ARGS] = {
    [FET_BLOCK_SRC] = DNNL_ARG_SRC,
    [FET_BLOCK_SRC_1] = DNNL_ARG_SRC_1,
    [FET_BLOCK_WEIGHTS] = DNNL_ARG_WEIGHTS,
    [FET_BLOCK_BIAS] = DNNL_ARG_BIAS,
    [FET_BLOCK_DST] = DNNL_ARG_DST,
    [FET_BLOCK_MEAN] = DNNL_ARG_MEAN,
    [FET_BLOCK_VARIANCE] = DNNL_ARG_VARIANCE,
    [FET_BLOCK_SCALE] = DNNL_ARG_SCALE,
    [FET_BLOCK_SHIFT] = DNNL_ARG_SHIFT,
    [FET_BLOCK_DIFF_SRC] = DNNL_ARG_DIFF_SRC,
    [FET_BLOCK_DIFF_WEIGHTS] = DNNL_ARG_DIFF_WEIGHTS,
    [FET_BLOCK_DIFF_BIAS] = DNNL_ARG_DIFF_BIAS,
    [FET_BLOCK_DIFF_DST] = DNNL_ARG_DIFF_DST,
    [FET_BLOCK_DIFF_SCALE] = DNNL_ARG_DIFF_SCALE,
    [FET_BLOCK_DIFF_SHIFT] = DNNL_ARG_DIFF_SHIFT,
    [FET_BLOCK_WORKSPACE] = DNNL_ARG_WORKSPACE,
    [FET_BLOCK_SCRATCHPAD] = DNNL_ARG_SCRATCHPAD,
};

static bool has_arg(const struct fet_block *b, enum fet_block_arg arg)
{
    const fet_md_ref md =
        dnnl_primitive_desc_query_md(b->pd, dnnl_query_exec_arg_md, arg_numbers[arg]);
    return md != NULL && dnnl_memory_desc_get_size(md) > 0;
}

/* Asks the primitive for each argument that it has. */
static fet_status find_args(struct fet_block *b)
{
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) {
        const fet_md_ref md =
            dnnl_primitive_desc_query_md(b->pd, dnnl_query_exec_arg_md, arg_numbers[i]);
        if (i == FET_BLOCK_SHIFT && has_arg(b, FET_BLOCK_DIFF_SHIFT) && !fet_norm_back_takes_shift)
            continue;
        if (!has_arg(b, (enum fet_block_arg)i)) continue;
        FET_TRY(fet_layout_from_md(md, &b->layouts[i]));
        dnnl_exec_arg_t *const arg = &b->args[b->n_args];
        FET_TRY(fet_dnnl_check(
            dnnl_memory_create(&arg->memory, b->layouts[i]->md, b->engine, DNNL_MEMORY_NONE),
            "block"));
        arg->arg = arg_numbers[i];
        b->which[b->n_args++] = (enum fet_block_arg)i;
    }
    return FET_OK;
}

/* Scales that are passed when a primitive runs. */
static fet_status add_scales_arg(struct fet_block *b, bool is_reorder)
{
    dnnl_exec_arg_t *const arg = &b->args[b->n_args];
    const int number = fet_attr_scales_arg(is_reorder);
    fet_md md = NULL;
    if (b->scales == NULL || number == 0) return FET_OK;
    const dnnl_dim_t n = b->n_scales;
    FET_TRY(fet_md_new(FET_F32, 1, &n, false, &md));
    const dnnl_status_t status = dnnl_memory_create(&arg->memory, md, b->engine, b->scales);
    fet_md_free(md);
    FET_TRY(fet_dnnl_check(status, "scales"));
    arg->arg = number;
    b->has_scales_arg = true;
    return FET_OK;
}

/* ---- making ---- */

static dnnl_prop_kind_t prop_of(enum fet_block_direction direction)
{
    switch (direction) {
    case FET_BLOCK_INFERENCE:
        return dnnl_forward_inference;
    case FET_BLOCK_TRAINING:
        return dnnl_forward_training;
    case FET_BLOCK_BACKWARD_DATA:
        return dnnl_backward_data;
    case FET_BLOCK_BACKWARD_WEIGHTS:
        return dnnl_backward_weights;
    }
    return dnnl_prop_kind_undef;
}

static fet_status start_parts(struct fet_block_maker *m)
{
    struct fet_block *const b = m->block;
    FET_TRY(fet_dnnl_check(dnnl_engine_create(&b->engine, dnnl_cpu, 0), "block"));
    FET_TRY(fet_dnnl_check(dnnl_stream_create(&b->stream, b->engine, dnnl_stream_default_flags),
                           "block"));
    m->site.engine = b->engine;
    FET_TRY(fet_dnnl_check(dnnl_primitive_attr_create(&m->site.attr), "block"));
    return fet_dnnl_check(
        dnnl_primitive_attr_set_scratchpad_mode(m->site.attr, dnnl_scratchpad_mode_user), "block");
}

static void maker_deinit(struct fet_block_maker *m)
{
    for (int i = 0; i < m->n_mds; i++) fet_md_free(m->mds[i]);
    if (m->site.attr != NULL) (void)dnnl_primitive_attr_destroy(m->site.attr);
    (void)fet_dnnl_set_threads(m->threads_before);
}

fet_status fet_block_start(struct fet_block_maker *m, const struct fet_block_common *common)
{
    *m = (struct fet_block_maker){.site = {.prop = prop_of(common->direction)}};
    if (common->n_threads < 1)
        return FET_FAIL(FET_ARGUMENT, "block: %d threads, at least 1 is wanted", common->n_threads);
    if (fet_kernel_is_reference_only())
        return FET_FAIL(FET_UNSUPPORTED, "block: only the reference is wanted");
    m->block = fet_alloc(1, sizeof *m->block);
    if (m->block == NULL) return FET_FAIL_MEMORY("block", sizeof *m->block);
    m->block->n_threads = common->n_threads;
    m->threads_before = fet_dnnl_set_threads(common->n_threads);
    const fet_status st = start_parts(m);
    if (st == FET_OK) return FET_OK;
    maker_deinit(m);
    fet_block_free(m->block);
    return st;
}

fet_status fet_block_finish(struct fet_block_maker *m, fet_status st, const char *what,
                            struct fet_block **block)
{
    struct fet_block *const b = m->block;
    if (st == FET_OK) st = fet_dnnl_check(dnnl_primitive_create(&b->primitive, b->pd), what);
    if (st == FET_OK) st = find_args(b);
    if (st == FET_OK) st = add_scales_arg(b, m->is_reorder);
    maker_deinit(m);
    if (st != FET_OK)
        fet_block_free(b);
    else
        *block = b;
    return st;
}

fet_status fet_block_describe(struct fet_block_maker *m, const struct fet_layout *wanted,
                              enum fet_dtype dtype, int n, const dnnl_dim_t *dims, bool is_plain,
                              fet_md_ref *md)
{
    if (m->n_mds == FET_MAKER_MAX_MDS)
        return FET_FAIL(FET_INTERNAL, "block: more than %d layouts", FET_MAKER_MAX_MDS);
    for (int i = 0; i < n; i++)
        if (dims[i] < 1) return FET_FAIL(FET_UNSUPPORTED, "block: nothing to compute");
    fet_md *const made = &m->mds[m->n_mds];
    if (wanted != NULL)
        FET_TRY(fet_md_copy(wanted->md, made));
    else
        FET_TRY(fet_md_new(dtype, n, dims, !is_plain, made));
    *md = *made;
    m->n_mds++;
    return FET_OK;
}

fet_status fet_block_set_scales(struct fet_block_maker *m, const float *scales, int64_t n,
                                bool is_grouped)
{
    struct fet_block *const b = m->block;
    if (scales == NULL || n == 0) return FET_OK;
    b->scales = fet_alloc(n, sizeof *scales);
    if (b->scales == NULL) return FET_FAIL_MEMORY("block", n * (int64_t)sizeof *scales);
    b->n_scales = n;
    memcpy(b->scales, scales, (size_t)n * sizeof *scales);
    return fet_attr_set_scales(m->site.attr, scales, n, is_grouped);
}

/* ---- tails ---- */

static const dnnl_alg_kind_t eltwise_algs[FET_N_ELTWISE] = {
    [FET_ELTWISE_RELU] = dnnl_eltwise_relu,
    [FET_ELTWISE_TANH] = dnnl_eltwise_tanh,
    [FET_ELTWISE_ELU] = dnnl_eltwise_elu,
    [FET_ELTWISE_ABS] = dnnl_eltwise_abs,
    [FET_ELTWISE_SQRT] = dnnl_eltwise_sqrt,
    [FET_ELTWISE_LINEAR] = dnnl_eltwise_linear,
    [FET_ELTWISE_SOFTPLUS] = dnnl_eltwise_soft_relu,
    [FET_ELTWISE_SIGMOID] = dnnl_eltwise_logistic,
    [FET_ELTWISE_EXP] = dnnl_eltwise_exp,
    [FET_ELTWISE_LOG] = dnnl_eltwise_log,
    [FET_ELTWISE_GELU_TANH] = dnnl_eltwise_gelu_tanh,
    [FET_ELTWISE_GELU_ERF] = dnnl_eltwise_gelu_erf,
    [FET_ELTWISE_SWISH] = dnnl_eltwise_swish,
    [FET_ELTWISE_CLIP] = dnnl_eltwise_clip,
    [FET_ELTWISE_MISH] = dnnl_eltwise_mish,
    [FET_ELTWISE_HARD_SWISH] = dnnl_eltwise_hardswish,
};

dnnl_alg_kind_t fet_block_eltwise_alg(enum fet_eltwise kind, float *alpha, float *beta)
{
    /* 3.x takes as parameters what 2.x has built in. */
    if (kind == FET_ELTWISE_SOFTPLUS) *alpha = 1;
    if (kind == FET_ELTWISE_HARD_SWISH) {
        *alpha = 1.0f / 6;
        *beta = 0.5f;
    }
    return eltwise_algs[kind];
}

fet_status fet_block_set_tail(struct fet_block_maker *m, const struct fet_tail *tail)
{
    dnnl_post_ops_t ops = NULL;
    fet_status st = FET_OK;
    if (tail->n == 0) return FET_OK;
    FET_TRY(fet_dnnl_check(dnnl_post_ops_create(&ops), "tail"));
    for (int i = 0; st == FET_OK && i < tail->n; i++) {
        const struct fet_tail_step *const step = &tail->steps[i];
        float alpha = step->alpha, beta = step->beta;
        if (step->is_sum) {
            st = fet_attr_add_sum(ops, alpha, step->sum_dtype);
        } else {
            const dnnl_alg_kind_t alg = fet_block_eltwise_alg(step->eltwise, &alpha, &beta);
            st = fet_attr_add_eltwise(ops, alg, alpha, beta);
        }
    }
    if (st == FET_OK)
        st = fet_dnnl_check(dnnl_primitive_attr_set_post_ops(m->site.attr, ops), "tail");
    (void)dnnl_post_ops_destroy(ops);
    return st;
}

/* ---- life ---- */

void fet_block_free(struct fet_block *b)
{
    if (b == NULL) return;
    for (int i = 0; i < b->n_args + (b->has_scales_arg ? 1 : 0); i++)
        (void)dnnl_memory_destroy(b->args[i].memory);
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) fet_layout_free(b->layouts[i]);
    if (b->primitive != NULL) (void)dnnl_primitive_destroy(b->primitive);
    if (b->pd != NULL) (void)dnnl_primitive_desc_destroy(b->pd);
    if (b->stream != NULL) (void)dnnl_stream_destroy(b->stream);
    if (b->engine != NULL) (void)dnnl_engine_destroy(b->engine);
    fet_free(b->scales);
    fet_free(b);
}

const struct fet_layout *fet_block_layout(const struct fet_block *b, enum fet_block_arg arg)
{
    return b->layouts[arg];
}

const char *fet_block_name(const struct fet_block *b)
{
    const char *name = NULL;
    (void)dnnl_primitive_desc_query(b->pd, dnnl_query_impl_info_str, 0, &name);
    return name != NULL ? name : "?";
}

void fet_block_bias_prepare(const struct fet_block *b, float *bias, int64_t n)
{
    if (b->scales == NULL || fet_attr_scales_arg(false) != 0) return;
    /* 2.x multiplies the bias by the scales too. */
    for (int64_t i = 0; i < n; i++) bias[i] /= b->scales[b->n_scales == 1 ? 0 : i];
}

fet_status fet_block_run(struct fet_block *b, void *const args[FET_BLOCK_N_ARGS])
{
    for (int i = 0; i < b->n_args; i++) {
        const dnnl_status_t status =
            dnnl_memory_set_data_handle(b->args[i].memory, args[b->which[i]]);
        if (status != dnnl_success) return fet_dnnl_check(status, "block");
    }
    const int before = fet_dnnl_set_threads(b->n_threads);
    const int n_args = b->n_args + (b->has_scales_arg ? 1 : 0);
    const dnnl_status_t status = dnnl_primitive_execute(b->primitive, b->stream, n_args, b->args);
    (void)fet_dnnl_set_threads(before);
    return fet_dnnl_check(status, "block");
}
