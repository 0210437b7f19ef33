/* gru: with gates z (update), r (reset) and n (new), in this order in the weights,
 *   z = f(Wz x + Rz h + b)   r = f(Wr x + Rr h + b)   h_t = (1 - z) n + z h
 *   n = g(Wn x + Wbn + Rn (r h) + Rbn), or with linear_before_reset g(Wn x + Wbn + r (Rn h + Rbn))
 * where h is the state before. Cho 2014; the second form: cuDNN's. Inputs and outputs:
 * recurrent.c. */
#include "recurrent.h"

static const struct fet_attr attrs[] = {
    FET_RECURRENT_ATTRS,
    {"linear_before_reset", FET_ATTR_INT, "0", "1 = the state is reset behind its weights"},
    {0},
};

/* What a step keeps, H each: z, r, n, then q = Rn h + Rbn (linear) or r h, then h. */
static void step_forward(const struct fet_step *s)
{
    const int64_t H = s->H;
    double *const z = s->kept, *const r = z + H, *const n = r + H, *const q = n + H;
    double *const sum = s->room, *const reset = sum + 2 * H;
    for (int64_t k = 0; k < 3 * H; k++) sum[k] = s->Rb != NULL ? s->Rb[k] : 0;
    fet_rows_apply(s->R, s->is_linear ? 3 * H : 2 * H, H, s->h, sum);
    for (int64_t k = 0; k < H; k++) {
        z[k] = fet_gate(&s->f[0], s->a[k] + sum[k]);
        r[k] = fet_gate(&s->f[0], s->a[H + k] + sum[H + k]);
        q[k] = s->is_linear ? reset[k] : r[k] * s->h[k];
    }
    if (!s->is_linear) fet_rows_apply(s->R + 2 * H * H, H, H, q, reset);
    for (int64_t k = 0; k < H; k++) {
        const double from_h = s->is_linear ? r[k] * reset[k] : reset[k];
        n[k] = fet_gate(&s->f[1], s->a[2 * H + k] + from_h);
        q[H + k] = (1 - z[k]) * n[k] + z[k] * s->h[k];
    }
}

static void step_backward(const struct fet_step *s)
{
    const int64_t H = s->H;
    const double *const z = s->kept, *const r = z + H, *const n = r + H, *const q = n + H;
    double *const db = s->room;         /* [3 H]: gradients of R h + Rb, or of R (r h) */
    double *const dq = s->room + 3 * H; /* [H]: of r h */
    double *const dR_n = s->dR != NULL ? s->dR + 2 * H * H : NULL;
    for (int64_t k = 0; k < H; k++) {
        const double dn = s->dh[k] * (1 - z[k]) * fet_gate_slope(&s->f[1], n[k]);
        s->da[2 * H + k] = dn;
        db[2 * H + k] = s->is_linear ? dn * r[k] : dn;
        dq[k] = 0;
    }
    if (s->is_linear)
        fet_rows_back(s->R + 2 * H * H, H, H, s->h, db + 2 * H, dR_n, s->dh_before);
    else
        fet_rows_back(s->R + 2 * H * H, H, H, q, db + 2 * H, dR_n, dq);
    for (int64_t k = 0; k < H; k++) {
        const double dr = s->is_linear ? s->da[2 * H + k] * q[k] : dq[k] * s->h[k];
        s->da[k] = s->dh[k] * (s->h[k] - n[k]) * fet_gate_slope(&s->f[0], z[k]);
        s->da[H + k] = dr * fet_gate_slope(&s->f[0], r[k]);
        db[k] = s->da[k];
        db[H + k] = s->da[H + k];
        s->dh_before[k] += s->dh[k] * z[k] + dq[k] * r[k];
    }
    fet_rows_back(s->R, 2 * H, H, s->h, db, s->dR, s->dh_before);
    for (int64_t k = 0; k < 3 * H && s->dRb != NULL; k++) s->dRb[k] += db[k];
}

static const struct fet_cell cell = {
    .n_gates = 3,
    .n_functions = 2,
    .n_kept = 5,
    .f = {FET_GATE_SIGMOID, FET_GATE_TANH},
    .forward = step_forward,
    .backward = step_backward,
};

static fet_status infer(const struct fet_op_call *c)
{
    return fet_recurrent_infer(c, &cell);
}

static fet_status forward(const struct fet_op_call *c)
{
    return fet_recurrent_forward(c, &cell);
}

static fet_status backward(const struct fet_op_call *c)
{
    return fet_recurrent_backward(c, &cell);
}

static const struct fet_op_case cases[] = {
    /* z = r = 1/2: h = (relu(x + h/2) + h) / 2 */
    {.name = "half old, half new",
     .attrs = "activations=Sigmoid,Relu",
     .inputs = "f32[2,1,1]={4,2} f32[1,3,1]={0,0,1} f32[1,3,1]={0,0,1}",
     .wanted = "f32[2,1,1,1]={2,2.5} f32[1,1,1]={2.5}"},
    {.name = "the bias is reset too",
     .attrs = "activations=Sigmoid,Relu linear_before_reset=1",
     .inputs = "f32[1,1,1]={4} f32[1,3,1]={0,0,1} f32[1,3,1]={0,0,1} f32[1,6]={0,0,0,0,0,2}",
     .wanted = "f32[1,1,1,1]={2.5} -"},
    {.name = "gradient",
     .attrs = "direction=bidirectional",
     .inputs = "f64[3,2,3] f64[2,6,3] f64[2,6,2] f64[2,12] i32[2]={2,3} f64[2,2,2]",
     .has_gradient = true},
    {.name = "gradient, linear before reset",
     .attrs = "linear_before_reset=1 layout=1",
     .inputs = "f64[2,3,3] f64[1,6,3] f64[1,6,2] f64[1,12] - f64[2,1,2]",
     .has_gradient = true},
    {.name = "a wrong bias",
     .attrs = "",
     .inputs = "f32[3,2,3] f32[1,6,3] f32[1,6,2] f32[1,6]",
     .refusal = "input 3 has shape [1,6], wanted [1,12]"},
    {.name = "another hidden size",
     .attrs = "hidden_size=3",
     .inputs = "f32[3,2,3] f32[1,6,3] f32[1,6,2]",
     .refusal = "hidden_size 3"},
};

const struct fet_op fet_op_gru = {
    .name = "gru",
    .paper = "Cho 2014",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 6,
    .n_y = 2,
    .n_saved = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "GRU",
    .onnx_since = 14,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
