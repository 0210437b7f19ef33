/* Descriptions are whitened before they come here, so that no standardisation is needed. The loss
 * is the cross-entropy; a cell with a defect counts as much as four good ones, because there are
 * few of them. */
#include "discriminator.h"

#include "kernel.h"
#include "nn.h"

#include <string.h>

enum {
    HIDDEN = FET_DISCRIMINATOR_HIDDEN,
    BATCH = FET_DISCRIMINATOR_BATCH,
    N_STEPS_SHOWN = 50 /* steps between two looks at the observer */
};

static const double highest_rate = 2e-3, decay = 0.01;
static const float weight_of_defects = 4;

void fet_discriminator_deinit(struct fet_discriminator *d)
{
    fet_free(d->first);
    fet_free(d->second);
    fet_free(d->vectors);
    *d = (struct fet_discriminator){0};
}

/* ---- learning ---- */

struct learning {
    struct fet_graph *g;
    struct fet_trainer *trainer;
    struct fet_tensor inputs[3]; /* descriptions, weights as good, weights as bad */
};

static void learning_deinit(struct learning *l)
{
    fet_trainer_free(l->trainer);
    fet_graph_free(l->g);
    for (int i = 0; i < 3; i++) fet_tensor_unref(&l->inputs[i]);
}

/* Sum of weights * softplus(odds). */
static int surprise(struct fet_nn *n, int odds, int weights)
{
    return fet_nn_apply(
        n, NULL, "reduce_sum", "keepdims=0", 1,
        (int[]){fet_nn_binary(n, "mul", weights, fet_nn_unary(n, "softplus", odds))});
}

static fet_status learning_init(struct learning *l, int n_in, int64_t n_steps, uint64_t seed)
{
    const int64_t x[] = {BATCH, n_in}, weights[] = {BATCH, 1};
    const int64_t sizes[] = {n_in, HIDDEN, HIDDEN, 1};
    struct fet_shape shapes[3];
    struct fet_nn n;
    struct fet_trainer_options o = {.optimiser = fet_optimiser_usual(FET_ADAMW),
                                    .schedule = {.kind = FET_SCHEDULE_ONE_CYCLE,
                                                 .rate = highest_rate,
                                                 .last = 1e-3,
                                                 .n_steps = n_steps}};
    o.optimiser.decay = decay;
    o.optimiser.spares_vectors = true;
    FET_TRY(fet_graph_new(&l->g));
    fet_nn_init(&n, l->g, seed);
    const int in = fet_nn_input(&n, "x", FET_F32, 2, x);
    const int good = fet_nn_input(&n, "good", FET_F32, 2, weights);
    const int bad = fet_nn_input(&n, "bad", FET_F32, 2, weights);
    const int odds = fet_nn_mlp(&n, in, 4, sizes);
    const int loss = fet_nn_binary(&n, "add", surprise(&n, odds, good),
                                   surprise(&n, fet_nn_unary(&n, "neg", odds), bad));
    FET_TRY(fet_nn_finish(&n));
    FET_TRY(fet_graph_add_output(l->g, loss));
    for (int i = 0; i < 3; i++) {
        FET_TRY(fet_tensor_new(FET_F32, 2, i == 0 ? x : weights, &l->inputs[i]));
        shapes[i] = l->inputs[i].shape;
    }
    return fet_trainer_new(l->g, loss, shapes, &o, &l->trainer);
}

static void batch_draw(struct learning *l, const struct fet_discriminator_sample *s, uint64_t seed,
                       int64_t step)
{
    struct fet_rng rng;
    float *const x = fet_tensor_f32(&l->inputs[0]);
    float *const good = fet_tensor_f32(&l->inputs[1]), *const bad = fet_tensor_f32(&l->inputs[2]);
    fet_rng_init(&rng, seed, (uint64_t)step + 1);
    for (int i = 0; i < BATCH; i++) {
        const int64_t row = fet_rng_below(&rng, (uint32_t)s->n);
        memcpy(x + (int64_t)i * s->n_in, s->x + row * s->n_in, (size_t)s->n_in * sizeof *x);
        good[i] = s->is_bad[row] ? 0 : 1 / (float)BATCH;
        bad[i] = s->is_bad[row] ? weight_of_defects / (float)BATCH : 0;
    }
}

static fet_status steps(struct learning *l, const struct fet_discriminator_sample *s,
                        int64_t n_steps, uint64_t seed, const struct fet_context *c)
{
    for (int64_t i = 0; i < n_steps; i++) {
        double loss = 0;
        if (i % N_STEPS_SHOWN == 0)
            FET_TRY(fet_context_progress(c, "learning what defects look like", i, n_steps));
        batch_draw(l, s, seed, i);
        FET_TRY(fet_trainer_step(l->trainer, l->inputs, &loss));
    }
    FET_TRY(fet_context_progress(c, "learning what defects look like", n_steps, n_steps));
    return fet_tape_store(fet_trainer_tape(l->trainer));
}

/* ---- the network in plain arrays ---- */

static fet_status parameter_copy(const struct fet_graph *g, const char *name, float *out)
{
    const int v = fet_graph_find_value(g, name);
    if (v == FET_GRAPH_NONE)
        return FET_FAIL(FET_ARGUMENT, "discriminator: there is no parameter '%s'", name);
    const struct fet_tensor *const t = &g->values[v].constant;
    memcpy(out, t->data, fet_tensor_bytes(t));
    return FET_OK;
}

static fet_status network_copy(const struct fet_graph *g, int n_in, struct fet_discriminator *d)
{
    d->n_in = n_in;
    d->first = fet_alloc((int64_t)HIDDEN * n_in, sizeof *d->first);
    d->second = fet_alloc((int64_t)HIDDEN * HIDDEN, sizeof *d->second);
    d->vectors = fet_alloc(3 * (int64_t)HIDDEN + 1, sizeof *d->vectors);
    if (d->first == NULL || d->second == NULL || d->vectors == NULL)
        return FET_FAIL_MEMORY("discriminator", (int64_t)HIDDEN * (n_in + HIDDEN) * 4);
    FET_TRY(parameter_copy(g, "0.weight", d->first));
    FET_TRY(parameter_copy(g, "0.bias", d->vectors));
    FET_TRY(parameter_copy(g, "2.weight", d->second));
    FET_TRY(parameter_copy(g, "2.bias", d->vectors + HIDDEN));
    FET_TRY(parameter_copy(g, "4.weight", d->vectors + 2 * HIDDEN));
    return parameter_copy(g, "4.bias", d->vectors + 3 * HIDDEN);
}

fet_status fet_discriminator_learn(const struct fet_discriminator_sample *s, int64_t n_steps,
                                   uint64_t seed, const struct fet_context *c,
                                   struct fet_discriminator *d)
{
    struct learning l = {0};
    struct fet_discriminator made = {0};
    int64_t n_bad = 0;
    for (int64_t i = 0; i < s->n; i++) n_bad += s->is_bad[i];
    if (n_bad == 0 || n_bad == s->n)
        return FET_FAIL(FET_DATA,
                        "discriminator: cells with and without a defect are wanted, got "
                        "%lld of %lld with one",
                        (long long)n_bad, (long long)s->n);
    fet_status st = learning_init(&l, s->n_in, n_steps, seed);
    if (st == FET_OK) st = steps(&l, s, n_steps, seed, c);
    if (st == FET_OK) st = network_copy(l.g, s->n_in, &made);
    learning_deinit(&l);
    if (st != FET_OK) {
        fet_discriminator_deinit(&made);
        return st;
    }
    *d = made;
    return FET_OK;
}

/* ---- answering ---- */

/* y [n,HIDDEN] = relu(x [n,n_in] w' + bias) */
static fet_status layer(const float *x, int64_t n, int n_in, const float *w, const float *bias,
                        float *y)
{
    const struct fet_matmul m = {.M = n,
                                 .N = HIDDEN,
                                 .K = n_in,
                                 .a = x,
                                 .b = w,
                                 .c = y,
                                 .lda = n_in,
                                 .ldb = n_in,
                                 .ldc = HIDDEN,
                                 .b_is_transposed = true,
                                 .alpha = 1};
    FET_TRY(fet_kernel_matmul(&m));
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < HIDDEN; k++) {
            const float v = y[i * HIDDEN + k] + bias[k];
            y[i * HIDDEN + k] = v > 0 ? v : 0;
        }
    return FET_OK;
}

fet_status fet_discriminator_add(const struct fet_discriminator *d, const float *x, int64_t n,
                                 float *scratch, float *odds)
{
    float *const a = scratch, *const b = scratch + FET_DISCRIMINATOR_BLOCK * HIDDEN;
    const float *const last = d->vectors + 2 * HIDDEN;
    FET_TRY(layer(x, n, d->n_in, d->first, d->vectors, a));
    FET_TRY(layer(a, n, HIDDEN, d->second, d->vectors + HIDDEN, b));
    for (int64_t i = 0; i < n; i++) {
        float sum = last[HIDDEN];
        for (int k = 0; k < HIDDEN; k++) sum += last[k] * b[i * HIDDEN + k];
        odds[i] += sum;
    }
    return FET_OK;
}

void fet_discriminator_scale(struct fet_discriminator *d, double middle, double gain)
{
    float *const last = d->vectors + 2 * HIDDEN;
    last[HIDDEN] = (float)(gain * ((double)last[HIDDEN] - middle));
    for (int k = 0; k < HIDDEN; k++) last[k] = (float)(gain * (double)last[k]);
}
