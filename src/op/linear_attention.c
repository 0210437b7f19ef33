/* linear_attention: attention without softmax as a recurrence over a state S [K,V] of every head:
 *   S = exp(g_t) S (gated, gated_delta);  S += k_t (v_t)^T, with v_t replaced by
 *   b_t (v_t - S^T k_t) (delta, gated_delta);  o_t = scale S^T q_t
 * Katharopoulos 2020, Yang 2024. Inputs: q [B,T,H K], k [B,T,G K], v [B,T,G V], the past state
 * [B,G,K,V], decay g [B,T,G] or [B,T,G K], rate b [B,T,G] or [B,T,1]; H / G heads of queries share
 * a state. Outputs: o [B,T,H V] and the state behind the last step. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"chunk_size", FET_ATTR_INT, "64", "a hint for faster ways; steps are taken one by one here"},
    {"kv_num_heads", FET_ATTR_INT, NULL, "heads of keys and values"},
    {"q_num_heads", FET_ATTR_INT, NULL, "heads of queries"},
    {"scale", FET_ATTR_REAL, "0", "the factor of the result; 0 = 1 / sqrt(K)"},
    {"update_rule", FET_ATTR_TEXT, "gated_delta", "linear, gated, delta or gated_delta"},
    {0},
};

enum { Q, KEYS, VALUES, PAST, DECAY, RATE };

struct sizes {
    int64_t B, T, H, G, K, V;
    bool is_gated, is_delta;
    double scale;
};

static fet_status check_rule(const struct fet_op_call *c, struct sizes *s)
{
    const bool is_both = fet_op_text_is(c, "update_rule", "gated_delta");
    s->is_gated = is_both || fet_op_text_is(c, "update_rule", "gated");
    s->is_delta = is_both || fet_op_text_is(c, "update_rule", "delta");
    if (!s->is_gated && !s->is_delta && !fet_op_text_is(c, "update_rule", "linear"))
        return FET_FAIL(FET_ARGUMENT, "linear_attention: this update_rule is unknown");
    if (s->is_gated != (fet_op_x(c, DECAY) != NULL) || s->is_delta != (fet_op_x(c, RATE) != NULL))
        return FET_FAIL(FET_ARGUMENT, "linear_attention: decay (input 4) is for gated rules, the "
                                      "rate (input 5) for delta rules, and wanted there");
    return FET_OK;
}

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    for (int i = Q; i <= VALUES; i++) FET_TRY(fet_op_need_rank(c, i, 3, 3));
    const int64_t *const q = c->x[Q]->shape.dims, *const v = c->x[VALUES]->shape.dims;
    const int64_t *const k = c->x[KEYS]->shape.dims;
    *s = (struct sizes){.B = q[0],
                        .T = q[1],
                        .H = fet_op_int(c, "q_num_heads"),
                        .G = fet_op_int(c, "kv_num_heads"),
                        .scale = fet_op_real(c, "scale")};
    if (s->H < 1 || s->G < 1 || s->H % s->G != 0 || q[2] % s->H != 0 || v[2] % s->G != 0)
        return FET_FAIL(FET_SHAPE, "linear_attention: %lld heads of queries, %lld of keys",
                        (long long)s->H, (long long)s->G);
    s->K = q[2] / s->H;
    s->V = v[2] / s->G;
    if (k[0] != s->B || v[0] != s->B || k[1] != s->T || v[1] != s->T || k[2] / s->G != s->K ||
        k[2] % s->G != 0 || s->K < 1 || s->V < 1)
        return FET_FAIL(FET_SHAPE, "linear_attention: queries, keys and values do not fit");
    if (s->scale == 0) s->scale = 1 / sqrt((double)s->K);
    return check_rule(c, s);
}

/* Decay or rate: [B,T,few] or [B,T,many]. */
static fet_status check_gate(const struct fet_op_call *c, const struct sizes *s, int i, int64_t few,
                             int64_t many)
{
    const struct fet_tensor *const x = fet_op_x(c, i);
    if (x == NULL) return FET_OK;
    if (!fet_dtype_is_float(x->dtype)) return fet_op_refuse_dtype(c, i, "a float type");
    const int64_t *const dims = x->shape.dims;
    if (x->shape.n_dims == 3 && dims[0] == s->B && dims[1] == s->T &&
        (dims[2] == few || dims[2] == many))
        return FET_OK;
    return FET_FAIL(FET_SHAPE, "linear_attention: input %d does not fit the others", i);
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    for (int i = Q; i <= VALUES; i++)
        if (!fet_dtype_is_float(c->x[i]->dtype)) return fet_op_refuse_dtype(c, i, "a float type");
    FET_TRY(sizes_find(c, &s));
    FET_TRY(check_gate(c, &s, DECAY, s.G, s.G * s.K));
    FET_TRY(check_gate(c, &s, RATE, 1, s.G));
    const struct fet_shape state = {4, {s.B, s.G, s.K, s.V}};
    const struct fet_tensor *const past = fet_op_x(c, PAST);
    if (past != NULL && !fet_dtype_is_float(past->dtype))
        return fet_op_refuse_dtype(c, PAST, "a float type");
    if (past != NULL && !fet_shape_is_equal(&past->shape, &state))
        return FET_FAIL(FET_SHAPE, "linear_attention: input 3 does not fit the others");
    struct fet_shape y = {3, {s.B, s.T, 0}};
    if (!fet_mul_size(s.H, s.V, &y.dims[2]))
        return FET_FAIL(FET_LIMIT, "linear_attention: too large");
    fet_op_set_y(c, 0, c->x[Q]->dtype, &y);
    fet_op_set_y(c, 1, past != NULL ? past->dtype : c->x[Q]->dtype, &state);
    return FET_OK;
}

/* The state of one head [K,V], and room for a key, a value and a query. */
struct head {
    int64_t b, g;
    double *state, *key, *value, *query; /* state owns the block */
};

static void decay(const struct fet_op_call *c, const struct sizes *s, struct head *h, int64_t t)
{
    const int64_t n = c->x[DECAY]->shape.dims[2];
    for (int64_t k = 0; k < s->K; k++) {
        const int64_t i = n == s->G ? h->g : h->g * s->K + k;
        const double factor = exp(fet_read_real(c->x[DECAY], (h->b * s->T + t) * n + i));
        for (int64_t v = 0; v < s->V; v++) h->state[k * s->V + v] *= factor;
    }
}

/* v_t becomes what is new in it. */
static void correct(const struct fet_op_call *c, const struct sizes *s, struct head *h, int64_t t)
{
    const int64_t n = c->x[RATE]->shape.dims[2], at = (h->b * s->T + t) * n;
    const double rate = fet_read_real(c->x[RATE], n == 1 ? at : at + h->g);
    for (int64_t v = 0; v < s->V; v++) {
        double known = 0;
        for (int64_t k = 0; k < s->K; k++) known += h->state[k * s->V + v] * h->key[k];
        h->value[v] = rate * (h->value[v] - known);
    }
}

static void step(const struct fet_op_call *c, const struct sizes *s, struct head *h, int64_t t)
{
    const int64_t row = h->b * s->T + t, n_group = s->H / s->G;
    fet_load_real(c->x[KEYS], (row * s->G + h->g) * s->K, 1, s->K, h->key);
    fet_load_real(c->x[VALUES], (row * s->G + h->g) * s->V, 1, s->V, h->value);
    if (s->is_gated) decay(c, s, h, t);
    if (s->is_delta) correct(c, s, h, t);
    for (int64_t k = 0; k < s->K; k++)
        for (int64_t v = 0; v < s->V; v++) h->state[k * s->V + v] += h->key[k] * h->value[v];
    for (int64_t i = h->g * n_group; i < (h->g + 1) * n_group; i++) {
        fet_load_real(c->x[Q], (row * s->H + i) * s->K, 1, s->K, h->query);
        for (int64_t v = 0; v < s->V; v++) {
            double sum = 0;
            for (int64_t k = 0; k < s->K; k++) sum += h->state[k * s->V + v] * h->query[k];
            fet_write_real(c->y[0], (row * s->H + i) * s->V + v, s->scale * sum);
        }
    }
}

struct work {
    const struct fet_op_call *c;
    struct sizes s;
};

static fet_status run_head(void *self, int64_t i, int worker)
{
    const struct work *const w = self;
    const struct fet_op_call *const c = w->c;
    const struct sizes s = w->s;
    (void)worker;
    const int64_t n_state = s.K * s.V, room = n_state + 2 * s.K + s.V;
    struct head h = {.b = i / s.G, .g = i % s.G, .state = fet_alloc(room, sizeof *h.state)};
    if (h.state == NULL) return FET_FAIL_MEMORY("linear_attention", room * 8);
    h.key = h.state + n_state;
    h.query = h.key + s.K;
    h.value = h.query + s.K;
    if (fet_op_x(c, PAST) != NULL) fet_load_real(c->x[PAST], i * n_state, 1, n_state, h.state);
    for (int64_t t = 0; t < s.T; t++) step(c, &s, &h, t);
    fet_store_real(c->y[1], i * n_state, 1, n_state, h.state);
    fet_free(h.state);
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct work w = {.c = c};
    FET_TRY(sizes_find(c, &w.s));
    return fet_pool_run(c->pool, w.s.B * w.s.G, run_head, &w);
}

static const struct fet_op_case cases[] = {
    {.name = "a running sum, two queries",
     .attrs = "update_rule=linear scale=1 q_num_heads=2 kv_num_heads=1",
     .inputs = "f32[1,2,2]={1,2,1,2} f32[1,2,1]={1,2} f32[1,2,1]={3,4}",
     .wanted = "f32[1,2,2]={3,6,11,22} f32[1,1,1,1]={11}"},
    {.name = "half of the past",
     .attrs = "update_rule=gated q_num_heads=1 kv_num_heads=1",
     .inputs = "f32[1,1,1]={1} f32[1,1,1]={1} f32[1,1,1]={3} f32[1,1,1,1]={8} "
               "f32[1,1,1]={-0.6931472}",
     .wanted = "f32[1,1,1]={7} f32[1,1,1,1]={7}"},
    {.name = "only what is new",
     .attrs = "update_rule=delta q_num_heads=1 kv_num_heads=1",
     .inputs = "f32[1,1,1]={1} f32[1,1,1]={1} f32[1,1,1]={3} f32[1,1,1,1]={8} - f32[1,1,1]={0.5}",
     .wanted = "f32[1,1,1]={5.5} f32[1,1,1,1]={5.5}"},
    {.name = "all rules at once, on several heads",
     .attrs = "q_num_heads=4 kv_num_heads=2",
     .inputs = "f32[2,3,8] f32[2,3,4] f32[2,3,6] f32[2,2,2,3] f32[2,3,4] f32[2,3,1]",
     .wanted = "f32[2,3,12] f32[2,2,2,3]"},
    {.name = "a rate for a linear rule",
     .attrs = "update_rule=linear q_num_heads=1 kv_num_heads=1",
     .inputs = "f32[1,1,1] f32[1,1,1] f32[1,1,1] - - f32[1,1,1]",
     .refusal = "decay (input 4)"},
    {.name = "an unknown rule",
     .attrs = "update_rule=mean q_num_heads=1 kv_num_heads=1",
     .inputs = "f32[1,1,1] f32[1,1,1] f32[1,1,1]",
     .refusal = "update_rule is unknown"},
    {.name = "heads that do not divide",
     .attrs = "update_rule=linear q_num_heads=3 kv_num_heads=2",
     .inputs = "f32[1,1,6] f32[1,1,2] f32[1,1,2]",
     .refusal = "3 heads of queries"},
};

const struct fet_op fet_op_linear_attention = {
    .name = "linear_attention",
    .paper = "Katharopoulos 2020",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 6,
    .n_y = 2,
    .infer = infer,
    .forward = forward,
    .onnx_type = "LinearAttention",
    .onnx_since = 27,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
