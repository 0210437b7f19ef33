/* Blocks that work element by element or line by line, in a layout that is given: functions, two
 * operands, softmax; and reorders from one layout to another. */
#include "block_dnnl.h"

static fet_status need(const void *layout, const char *what)
{
    return layout != NULL ? FET_OK : FET_FAIL(FET_ARGUMENT, "%s: a layout is missing", what);
}

/* ---- one operand ---- */

static fet_status make_eltwise(struct fet_block_maker *m, const struct fet_block_eltwise *d)
{
    float alpha = d->alpha, beta = d->beta;
    const dnnl_alg_kind_t alg = fet_block_eltwise_alg(d->kind, &alpha, &beta);
    return fet_dnnl_check(
        fet_pd_eltwise(&m->site, alg, d->common.src->md, alpha, beta, &m->block->pd), "eltwise");
}

fet_status fet_block_eltwise_new(const struct fet_block_eltwise *d, struct fet_block **b)
{
    struct fet_block_maker m;
    FET_TRY(need(d->common.src, "eltwise"));
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make_eltwise(&m, d), "eltwise", b);
}

/* ---- two operands ---- */

static const dnnl_alg_kind_t binary_algs[] = {
    [FET_BINARY_ADD] = dnnl_binary_add, [FET_BINARY_SUB] = dnnl_binary_sub,
    [FET_BINARY_MUL] = dnnl_binary_mul, [FET_BINARY_DIV] = dnnl_binary_div,
    [FET_BINARY_MAX] = dnnl_binary_max, [FET_BINARY_MIN] = dnnl_binary_min,
};

static fet_status make_binary(struct fet_block_maker *m, const struct fet_block_binary *d)
{
    FET_TRY(fet_block_set_tail(m, &d->tail));
    return fet_dnnl_check(
        fet_pd_binary(&m->site, binary_algs[d->kind], d->common.src->md, d->src_1->md,
                      d->common.dst != NULL ? d->common.dst->md : d->common.src->md, &m->block->pd),
        "binary");
}

fet_status fet_block_binary_new(const struct fet_block_binary *d, struct fet_block **b)
{
    struct fet_block_maker m;
    FET_TRY(need(d->common.src, "binary"));
    FET_TRY(need(d->src_1, "binary"));
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make_binary(&m, d), "binary", b);
}

/* ---- softmax ---- */

fet_status fet_block_softmax_new(const struct fet_block_softmax *d, struct fet_block **b)
{
    struct fet_block_maker m;
    FET_TRY(need(d->common.src, "softmax"));
    FET_TRY(fet_block_start(&m, &d->common));
    const fet_status st = fet_dnnl_check(
        fet_pd_softmax(&m.site, d->is_log, d->common.src->md, d->axis, &m.block->pd), "softmax");
    return fet_block_finish(&m, st, "softmax", b);
}

/* ---- reorder ---- */

static fet_status make_reorder(struct fet_block_maker *m, const struct fet_block_reorder *d)
{
    struct fet_block *const b = m->block;
    m->is_reorder = true;
    if (d->scale != 1.0f) {
        b->scales = fet_alloc(1, sizeof *b->scales);
        if (b->scales == NULL) return FET_FAIL_MEMORY("reorder", sizeof *b->scales);
        b->scales[0] = d->scale;
        b->n_scales = 1;
        FET_TRY(fet_attr_set_reorder_scale(m->site.attr, d->scale));
    }
    return fet_dnnl_check(fet_pd_reorder(&m->site, d->common.src->md, d->common.dst->md, &b->pd),
                          "reorder");
}

fet_status fet_block_reorder_new(const struct fet_block_reorder *d, struct fet_block **b)
{
    struct fet_block_maker m;
    FET_TRY(need(d->common.src, "reorder"));
    FET_TRY(need(d->common.dst, "reorder"));
    FET_TRY(fet_block_start(&m, &d->common));
    return fet_block_finish(&m, make_reorder(&m, d), "reorder", b);
}
