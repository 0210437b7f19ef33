/* Products in int8: which, and in which scales. Weights are stored with one scale per output
 * channel, activations with one per value (Jacob 2018): U8 for what is never negative, else I8.
 * What no int8 product reads stays float. Sums are taken in 32-bit integers, brought to the scale
 * of the result in float, and there the bias, the residual and the activation follow. */
#include <math.h>
#include <string.h>

#include "plan_parts.h"

/* The value that was watched: views have no step of their own. */
static int watched(const struct fet_plan *p, int value)
{
    for (;;) {
        const int maker = p->values[value].maker;
        if (maker == PLAN_NONE || p->nodes[maker].kind != PLAN_VIEW) return value;
        value = p->nodes[maker].x[0];
    }
}

static bool is_seen(const struct fet_plan *p, int wanted)
{
    const struct fet_plan_ranges *const r = p->options.int8;
    const int value = watched(p, wanted);
    return value < r->n_values && r->low[value] <= r->high[value] && isfinite(r->low[value]) &&
           isfinite(r->high[value]);
}

static void store_as_int8(struct fet_plan *p, int value)
{
    const struct fet_plan_ranges *const r = p->options.int8;
    struct fet_plan_value *const v = &p->values[value];
    const float low = r->low[watched(p, value)], high = r->high[watched(p, value)];
    const float most = fmaxf(fabsf(low), fabsf(high));
    v->stored = low >= 0 ? FET_U8 : FET_I8;
    v->scale = most / (v->stored == FET_U8 ? 255.0f : 127.0f);
    if (!(v->scale > 1e-30f)) v->scale = 1; /* always 0 */
}

static bool is_product(const struct fet_plan_node *node)
{
    return !node->is_gone && (node->kind == PLAN_CONV || node->kind == PLAN_LINEAR);
}

/* Whatever a product in int8 reads is stored in int8. */
static void choose_products(struct fet_plan *p)
{
    const struct fet_plan_ranges *const r = p->options.int8;
    for (int k = 0; k < p->n_nodes; k++) {
        struct fet_plan_node *const node = &p->nodes[k];
        if (!is_product(node) || k >= r->n_nodes || r->is_float[k]) continue;
        if (!is_seen(p, node->x[0]) || !is_seen(p, node->y[0])) continue;
        if (node->residual != PLAN_NONE && !is_seen(p, node->residual)) continue;
        node->is_int8 = true;
        if (p->values[node->x[0]].scale <= 0) store_as_int8(p, node->x[0]);
    }
}

/* The residual of an int8 result is added where it lies, so it must be as wide; the largest of a
 * window is in the scale of the window. Backwards, because a residual may have one itself. */
static void spread(struct fet_plan *p)
{
    for (int k = p->n_nodes - 1; k >= 0; k--) {
        const struct fet_plan_node *const node = &p->nodes[k];
        if (!node->is_int8 || node->residual == PLAN_NONE) continue;
        if (p->values[node->y[0]].scale > 0 && p->values[node->residual].scale <= 0)
            store_as_int8(p, node->residual);
    }
    for (int k = 0; k < p->n_nodes; k++) {
        struct fet_plan_node *const node = &p->nodes[k];
        if (node->is_gone || node->kind != PLAN_POOL || node->pooling != FET_POOLING_MAX) continue;
        const struct fet_plan_value *const x = &p->values[node->x[0]];
        struct fet_plan_value *const y = &p->values[node->y[0]];
        const bool is_stored = x->maker != PLAN_NONE && p->nodes[x->maker].is_int8;
        if (y->scale <= 0 || !is_stored) continue;
        store_as_int8(p, node->x[0]);
        y->scale = x->scale;
        y->stored = x->stored;
        node->is_int8 = true;
    }
}

fet_status fet_plan_quantize(struct fet_plan *p)
{
    for (int i = 0; i < p->n_values; i++) p->values[i].stored = p->values[i].dtype;
    if (p->options.int8 == NULL || fet_kernel_is_reference_only() || !fet_kernel_has_int8())
        return FET_OK;
    choose_products(p);
    spread(p);
    return FET_OK;
}

/* ---- one product ---- */

/* To the nearest whole number, for numbers of a few hundred at most. */
static float rounded(float x)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23: behind it a float has no fraction left */
    return (x + magic) - magic;
}

/* Of up to SAMPLE weights, spread over the row: enough to choose by. */
static float rounding_error(const float *w, int64_t n, float scale)
{
    enum { SAMPLE = 256 };
    const int64_t step = (n + SAMPLE - 1) / SAMPLE;
    const float inverse = 1 / scale;
    float sum = 0;
    for (int64_t i = 0; i < n; i += step) {
        const float d = w[i] * inverse - rounded(w[i] * inverse);
        sum += d * d;
    }
    return sum * scale * scale;
}

/* The scale with the least error among those in which the largest weight is a whole number from 64
 * to 127. Weights that were rounded to a grid once before are met exactly: their largest is so many
 * of its steps. */
float fet_plan_weight_scale(const float *w, int64_t n)
{
    float most = 0;
    for (int64_t i = 0; i < n; i++) most = fmaxf(most, fabsf(w[i]));
    if (!(most > 0)) return 1;
    float best = most / 127.0f;
    float least = rounding_error(w, n, best);
    for (int steps = 126; steps >= 64 && least > 0; steps--) {
        const float scale = most / (float)steps;
        const float error = rounding_error(w, n, scale);
        if (error >= least) continue;
        least = error;
        best = scale;
    }
    return best;
}

/* weights [M,each] to I8 with one scale per row; scales [M]. */
static void quantize_rows(const float *w, int64_t M, int64_t each, int8_t *q, float *scales)
{
    for (int64_t m = 0; m < M; m++) {
        scales[m] = fet_plan_weight_scale(w + m * each, each);
        for (int64_t i = 0; i < each; i++)
            q[m * each + i] = (int8_t)rounded(w[m * each + i] / scales[m]);
    }
}

/* f(s x) = s f(x) for all s > 0, with bounds moved. */
static bool is_homogeneous(const struct fet_tail_step *step)
{
    return step->is_sum || step->eltwise == FET_ELTWISE_RELU || step->eltwise == FET_ELTWISE_ABS ||
           step->eltwise == FET_ELTWISE_CLIP;
}

/* What storing as U8 does anyhow: nothing below 0, nothing above the largest. */
static bool is_implied(const struct fet_tail_step *step, enum fet_dtype dst)
{
    if (dst != FET_U8 || step->is_sum) return false;
    if (step->eltwise == FET_ELTWISE_RELU) return step->alpha == 0.0f;
    return step->eltwise == FET_ELTWISE_CLIP && step->alpha == 0.0f && step->beta >= 254.5f;
}

/* The tail in units of what is stored (unit), or if a step has no meaning there, in its own with
 * the change of units as the last step; *early says which. */
static fet_status scale_tail(const struct fet_plan *p, const struct fet_plan_node *node, float unit,
                             struct fet_plan_int8 *q, bool *is_early)
{
    const float residual = node->residual != PLAN_NONE ? p->values[node->residual].scale : 0;
    q->tail = node->tail;
    *is_early = true;
    for (int i = 0; i < q->tail.n; i++) *is_early = *is_early && is_homogeneous(&q->tail.steps[i]);
    const float factor = *is_early ? 1 / unit : 1;
    for (int i = 0; i < q->tail.n; i++) {
        struct fet_tail_step *const s = &q->tail.steps[i];
        if (s->is_sum && q->dst != FET_F32) {
            s->alpha *= residual * factor;
            s->sum_dtype = p->values[node->residual].stored;
        }
        if (!s->is_sum && s->eltwise == FET_ELTWISE_CLIP) {
            s->alpha *= factor;
            s->beta *= factor;
        }
    }
    if (!*is_early && q->tail.n == FET_BLOCK_MAX_TAIL)
        return FET_FAIL(FET_UNSUPPORTED, "int8: too long a tail");
    if (!*is_early)
        q->tail.steps[q->tail.n++] =
            (struct fet_tail_step){.eltwise = FET_ELTWISE_LINEAR, .alpha = 1 / unit};
    if (q->tail.n > 0 && is_implied(&q->tail.steps[q->tail.n - 1], q->dst)) q->tail.n--;
    return FET_OK;
}

static fet_status scale_bias(struct fet_plan *p, const struct fet_plan_node *node, float factor,
                             int *bias)
{
    struct fet_tensor t = {0};
    *bias = PLAN_NONE;
    if (node->bias == PLAN_NONE) return FET_OK;
    const struct fet_tensor *const from = &p->values[node->bias].constant;
    const int64_t n = fet_tensor_count(from);
    FET_TRY(fet_tensor_new(FET_F32, 1, &n, &t));
    for (int64_t i = 0; i < n; i++) fet_tensor_f32(&t)[i] = fet_tensor_f32(from)[i] * factor;
    return fet_plan_add_constant(p, &t, bias);
}

/* In whole numbers q, as calibration found them or else each by itself. */
static void round_weights(const struct fet_plan *p, const struct fet_plan_node *node, int8_t *q,
                          float *scales)
{
    const struct fet_plan_rounded *const r = &p->options.int8->rounded[node - p->nodes];
    const struct fet_tensor *const w = &p->values[node->weights].constant;
    const int64_t M = w->shape.dims[0], n = fet_tensor_count(w);
    if (r->weights == NULL || r->n != n) {
        quantize_rows(fet_tensor_f32(w), M, n / M, q, scales);
        return;
    }
    memcpy(q, r->weights, (size_t)n);
    memcpy(scales, r->scales, (size_t)M * sizeof *scales);
}

fet_status fet_plan_quantize_product(struct fet_plan *p, const struct fet_plan_node *node,
                                     struct fet_plan_int8 *q)
{
    const struct fet_tensor *const w = &p->values[node->weights].constant;
    const struct fet_plan_value *const x = &p->values[node->x[0]], *const y =
                                                                       &p->values[node->y[0]];
    const int64_t M = w->shape.dims[0];
    const float unit = y->scale > 0 ? y->scale : 1;
    struct fet_tensor t = {0};
    bool is_early = true;
    *q = (struct fet_plan_int8){.src = x->stored, .dst = y->scale > 0 ? y->stored : FET_F32};
    FET_TRY(scale_tail(p, node, unit, q, &is_early));
    q->scales = fet_arena_alloc(&p->memory, M, sizeof *q->scales);
    if (q->scales == NULL) return FET_FAIL_MEMORY("plan", M * (int64_t)sizeof *q->scales);
    FET_TRY(fet_tensor_new(FET_I8, w->shape.n_dims, w->shape.dims, &t));
    round_weights(p, node, t.data, q->scales);
    FET_TRY(fet_plan_add_constant(p, &t, &q->weights));
    const float factor = is_early ? 1 / unit : 1;
    for (int64_t m = 0; m < M; m++) q->scales[m] *= x->scale * factor;
    return scale_bias(p, node, factor, &q->bias);
}
