/* Products take along what follows them: a batch norm or any factor and summand per channel goes
 * into weights and bias (Jacob 2018), then activations and the residual of a sum become the tail of
 * the block. Only what nobody else reads can vanish. */
#include <math.h>
#include <string.h>

#include "plan_parts.h"

static void note(struct fet_plan_node *node, const char *what)
{
    const size_t n = strlen(node->fused);
    fet_text_format(node->fused + n, sizeof node->fused - n, "+%s", what);
}

/* The only reader of what the node makes, or PLAN_NONE. */
static int only_reader(const struct fet_plan *p, const struct fet_plan_node *node)
{
    const struct fet_plan_value *const v = &p->values[node->y[0]];
    return v->n_readers == 1 && v->last_reader < p->n_nodes ? v->last_reader : PLAN_NONE;
}

/* The node now makes what its only reader made, which is gone. */
static void swallow(struct fet_plan *p, int k, int reader)
{
    struct fet_plan_node *const node = &p->nodes[k], *const gone = &p->nodes[reader];
    const int y = gone->y[0];
    p->values[node->y[0]].n_readers = 0;
    node->y[0] = y;
    p->values[y].maker = k;
    gone->is_gone = true;
    note(node, gone->op->name);
}

/* ---- factor and summand per channel ---- */

struct affine {
    int64_t M;
    int axis;              /* of the channels */
    double *scale, *shift; /* [M]; owned together by scale */
};

/* A constant that broadcasts to the same number all over each channel. */
static bool is_per_channel(const struct fet_plan *p, const struct affine *a, int value, int rank)
{
    if (!fet_plan_is_constant(p, value) || p->values[value].dtype != FET_F32) return false;
    const struct fet_shape *const s = &p->values[value].shape;
    if (s->n_dims > rank) return false;
    for (int i = 0; i < s->n_dims; i++) {
        const bool is_channel = i + rank - s->n_dims == a->axis;
        if (s->dims[i] != 1 && !(is_channel && s->dims[i] == a->M)) return false;
    }
    return true;
}

static float channel_of(const struct fet_plan *p, int value, int64_t m)
{
    const struct fet_tensor *const t = &p->values[value].constant;
    return fet_tensor_f32(t)[fet_tensor_count(t) == 1 ? 0 : m];
}

static bool read_batch_norm(const struct fet_plan *p, const struct fet_plan_node *node,
                            struct affine *a)
{
    if (fet_plan_attr(node, "training_mode")->i > 0) return false;
    for (int i = 1; i < 5; i++)
        if (!fet_plan_is_constant(p, node->x[i]) || p->values[node->x[i]].dtype != FET_F32)
            return false;
    for (int i = 1; i < node->n_y; i++)
        if (p->values[node->y[i]].n_readers > 0) return false;
    const double epsilon = fet_plan_attr(node, "epsilon")->r;
    for (int64_t m = 0; m < a->M; m++) {
        a->scale[m] = (double)channel_of(p, node->x[1], m) /
                      sqrt((double)channel_of(p, node->x[4], m) + epsilon);
        a->shift[m] = (double)channel_of(p, node->x[2], m) -
                      a->scale[m] * (double)channel_of(p, node->x[3], m);
    }
    return true;
}

static bool read_pair(const struct fet_plan *p, const struct fet_plan_node *node, struct affine *a)
{
    const int rank = p->values[node->y[0]].shape.n_dims;
    if (node->kind != PLAN_BINARY || node->tail.n > 0) return false;
    if (!is_per_channel(p, a, node->x[1], rank)) return false;
    for (int64_t m = 0; m < a->M; m++) {
        const double c = (double)channel_of(p, node->x[1], m);
        a->scale[m] = 1;
        a->shift[m] = 0;
        if (node->binary == FET_BINARY_ADD)
            a->shift[m] = c;
        else if (node->binary == FET_BINARY_SUB)
            a->shift[m] = -c;
        else if (node->binary == FET_BINARY_MUL)
            a->scale[m] = c;
        else if (node->binary == FET_BINARY_DIV)
            a->scale[m] = 1 / c;
        else
            return false;
    }
    return true;
}

/* weights [M,...] and bias [M] with factor and summand in them. */
static fet_status apply_affine(struct fet_plan *p, struct fet_plan_node *node,
                               const struct affine *a)
{
    const struct fet_tensor *const w = &p->values[node->weights].constant;
    const int64_t each = fet_tensor_count(w) / a->M;
    struct fet_tensor weights = {0}, bias = {0};
    FET_TRY(fet_tensor_new(FET_F32, w->shape.n_dims, w->shape.dims, &weights));
    for (int64_t i = 0; i < a->M * each; i++)
        fet_tensor_f32(&weights)[i] = (float)((double)fet_tensor_f32(w)[i] * a->scale[i / each]);
    const int old = node->bias;
    FET_TRY(fet_plan_add_constant(p, &weights, &node->weights));
    FET_TRY(fet_tensor_new(FET_F32, 1, &a->M, &bias));
    for (int64_t m = 0; m < a->M; m++) {
        const double b = old == PLAN_NONE ? 0 : (double)channel_of(p, old, m);
        fet_tensor_f32(&bias)[m] = (float)(b * a->scale[m] + a->shift[m]);
    }
    return fet_plan_add_constant(p, &bias, &node->bias);
}

/* Factor and summand that the reader applies to each channel, if it is of that kind. */
static fet_status fuse_affine(struct fet_plan *p, int k, int reader, bool *is_done)
{
    struct fet_plan_node *const node = &p->nodes[k], *const next = &p->nodes[reader];
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    struct affine a = {.axis = node->kind == PLAN_CONV ? 1 : y->n_dims - 1};
    fet_status st = FET_OK;
    if ((node->kind != PLAN_CONV && node->kind != PLAN_LINEAR) || node->tail.n > 0) return FET_OK;
    if (next->x[0] != node->y[0] || !fet_shape_is_equal(y, &p->values[next->y[0]].shape))
        return FET_OK;
    a.M = y->dims[a.axis];
    a.scale = fet_alloc(2 * a.M, sizeof *a.scale);
    if (a.scale == NULL) return FET_FAIL_MEMORY("plan", 2 * a.M * (int64_t)sizeof *a.scale);
    a.shift = a.scale + a.M;
    const bool is_norm = fet_plan_is_op(next, "batch_norm") && node->kind == PLAN_CONV;
    if (is_norm ? read_batch_norm(p, next, &a) : read_pair(p, next, &a)) {
        st = apply_affine(p, node, &a);
        if (st == FET_OK) swallow(p, k, reader);
        *is_done = true;
    }
    fet_free(a.scale);
    return st;
}

/* ---- tails ---- */

static bool fuse_function(struct fet_plan *p, int k, int reader)
{
    struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_plan_node *const next = &p->nodes[reader];
    if (next->kind != PLAN_ELTWISE || node->tail.n == FET_BLOCK_MAX_TAIL) return false;
    /* oneDNN 2.6 computes others wrongly behind a sum of two on AVX2. */
    if (node->kind == PLAN_BINARY && next->eltwise != FET_ELTWISE_RELU) return false;
    node->tail.steps[node->tail.n++] =
        (struct fet_tail_step){.eltwise = next->eltwise, .alpha = next->alpha, .beta = next->beta};
    swallow(p, k, reader);
    return true;
}

/* A sum with something that exists before the product runs and that nobody reads behind it: the
 * product is added to it where it lies. */
static bool fuse_residual(struct fet_plan *p, int k, int reader)
{
    struct fet_plan_node *const node = &p->nodes[k];
    const struct fet_plan_node *const next = &p->nodes[reader];
    if (node->kind != PLAN_CONV && node->kind != PLAN_LINEAR) return false;
    if (next->kind != PLAN_BINARY || next->binary != FET_BINARY_ADD || next->tail.n > 0)
        return false;
    if (node->residual != PLAN_NONE || node->tail.n == FET_BLOCK_MAX_TAIL) return false;
    const int other = next->x[0] == node->y[0] ? next->x[1] : next->x[0];
    const struct fet_plan_value *const v = &p->values[other];
    if (other == node->y[0] || v->maker == PLAN_NONE || v->maker >= k) return false;
    if (!fet_shape_is_equal(&v->shape, &p->values[node->y[0]].shape)) return false;
    if (v->last_reader != reader) return false;
    for (int i = k; i < reader; i++) { /* readers between the product and the sum */
        const struct fet_plan_node *const between = &p->nodes[i];
        for (int j = 0; !between->is_gone && j < between->n_x; j++)
            if (between->x[j] == other) return false;
    }
    node->residual = other;
    node->tail.steps[node->tail.n++] =
        (struct fet_tail_step){.is_sum = true, .alpha = 1, .sum_dtype = FET_F32};
    swallow(p, k, reader);
    return true;
}

static fet_status fuse_product(struct fet_plan *p, int k)
{
    for (bool is_done = true; is_done;) {
        const int reader = only_reader(p, &p->nodes[k]);
        is_done = false;
        if (reader == PLAN_NONE) return FET_OK;
        FET_TRY(fuse_affine(p, k, reader, &is_done));
        if (!is_done) is_done = fuse_function(p, k, reader) || fuse_residual(p, k, reader);
        if (is_done) fet_plan_count_readers(p);
    }
    return FET_OK;
}

/* ---- patterns ---- */

/* x * sigmoid(x) and x * hard_sigmoid(x), as exporters write swish and hard swish. */
static bool join_swish(struct fet_plan *p, int k)
{
    struct fet_plan_node *const node = &p->nodes[k];
    if (node->kind != PLAN_BINARY || node->binary != FET_BINARY_MUL) return false;
    for (int i = 0; i < 2; i++) {
        const int gate = node->x[i], x = node->x[1 - i];
        const int maker = p->values[gate].maker;
        if (maker == PLAN_NONE || p->values[gate].n_readers != 1) continue;
        struct fet_plan_node *const from = &p->nodes[maker];
        const bool is_hard = fet_plan_is_op(from, "hard_sigmoid");
        if (from->is_gone || from->x[0] != x || (!is_hard && !fet_plan_is_op(from, "sigmoid")))
            continue;
        if (is_hard && (fabs(fet_plan_attr(from, "alpha")->r - 1.0 / 6) > 1e-6 ||
                        fet_plan_attr(from, "beta")->r != 0.5))
            continue;
        from->is_gone = true;
        node->x[0] = x;
        node->n_x = 1;
        node->kind = PLAN_ELTWISE;
        node->eltwise = is_hard ? FET_ELTWISE_HARD_SWISH : FET_ELTWISE_SWISH;
        node->alpha = 1;
        note(node, from->op->name);
        return true;
    }
    return false;
}

/* Zeros around the picture, put there for a convolution alone, are its padding. */
static bool join_pad(struct fet_plan *p, int k)
{
    struct fet_plan_node *const pad = &p->nodes[k];
    const int reader = only_reader(p, pad);
    if (!fet_plan_is_op(pad, "pad") || reader == PLAN_NONE || p->nodes[reader].kind != PLAN_CONV)
        return false;
    struct fet_plan_node *const conv = &p->nodes[reader];
    const int rank = p->values[pad->x[0]].shape.n_dims;
    const bool has_value = pad->n_x > 2 && pad->x[2] != PLAN_NONE;
    if (conv->x[0] != pad->y[0] || !fet_plan_is_constant(p, pad->x[1]) || pad->n_x > 3)
        return false;
    if (strcmp(fet_plan_attr(pad, "mode")->text, "constant") != 0) return false;
    if (has_value && (!fet_plan_is_constant(p, pad->x[2]) ||
                      fet_tensor_f32(&p->values[pad->x[2]].constant)[0] != 0.0f))
        return false;
    const struct fet_tensor *const t = &p->values[pad->x[1]].constant;
    const int64_t *const pads = t->data;
    if (t->dtype != FET_I64 || fet_tensor_count(t) != 2 * rank) return false;
    for (int i = 0; i < 2 * rank; i++)
        if (pads[i] < 0 || (i % rank < 2 && pads[i] != 0)) return false;
    for (int i = 0; i < rank - 2; i++) {
        conv->window.begin[i] += pads[2 + i];
        conv->window.end[i] += pads[rank + 2 + i];
    }
    conv->x[0] = pad->x[0];
    pad->is_gone = true;
    note(conv, "pad");
    return true;
}

fet_status fet_plan_fuse(struct fet_plan *p)
{
    for (int k = 0; k < p->n_nodes; k++) {
        if (p->nodes[k].is_gone) continue;
        if (join_swish(p, k) || join_pad(p, k)) fet_plan_count_readers(p);
    }
    for (int k = 0; k < p->n_nodes; k++) {
        const enum fet_plan_kind kind = p->nodes[k].kind;
        const bool is_product = kind == PLAN_CONV || kind == PLAN_LINEAR || kind == PLAN_MATMUL;
        if (p->nodes[k].is_gone || (!is_product && kind != PLAN_BINARY)) continue;
        FET_TRY(fuse_product(p, k));
    }
    return FET_OK;
}
