/* lstm: with gates i (input), o (output), f (forget) and g (cell), in this order in the weights,
 * and peepholes P in the order i, o, f:
 *   i = s(Wi x + Ri h + b + Pi c)     f = s(Wf x + Rf h + b + Pf c)
 *   g = tanh(Wg x + Rg h + b)         c_t = f c + i g
 *   o = s(Wo x + Ro h + b + Po c_t)   h_t = o tanh(c_t)
 * where h and c are the states before; with input_forget f = 1 - i. Hochreiter 1997, Gers 2000.
 * Inputs and outputs: recurrent.c.
 */
#include "recurrent.h"

static const struct fet_attr attrs[] = {
    FET_RECURRENT_ATTRS,
    {"input_forget", FET_ATTR_INT, "0", "1 = the forget gate is 1 less the input gate"},
    {0},
};

static double peep(const struct fet_step *s, int which, int64_t k, double c)
{
    return s->P != NULL ? s->P[which * s->H + k] * c : 0;
}

/* What a step keeps, H each: i, o, f, g, c, h. */
static void step_forward(const struct fet_step *s)
{
    const int64_t H = s->H;
    double *const i = s->kept, *const o = i + H, *const f = o + H, *const g = f + H;
    double *const c = g + H, *const h = c + H, *const sum = s->room;
    for (int64_t k = 0; k < 4 * H; k++) sum[k] = s->a[k] + (s->Rb != NULL ? s->Rb[k] : 0);
    fet_rows_apply(s->R, 4 * H, H, s->h, sum);
    for (int64_t k = 0; k < H; k++) {
        i[k] = fet_gate(&s->f[0], sum[k] + peep(s, 0, k, s->c[k]));
        f[k] =
            s->is_coupled ? 1 - i[k] : fet_gate(&s->f[0], sum[2 * H + k] + peep(s, 2, k, s->c[k]));
        g[k] = fet_gate(&s->f[1], sum[3 * H + k]);
        c[k] = f[k] * s->c[k] + i[k] * g[k];
        o[k] = fet_gate(&s->f[0], sum[H + k] + peep(s, 1, k, c[k]));
        h[k] = o[k] * fet_gate(&s->f[2], c[k]);
    }
}

static void step_backward(const struct fet_step *s)
{
    const int64_t H = s->H;
    const double *const i = s->kept, *const o = i + H, *const f = o + H, *const g = f + H;
    const double *const c = g + H;
    for (int64_t k = 0; k < H; k++) {
        const double t = fet_gate(&s->f[2], c[k]);
        double *const d = s->da + k; /* of gate number n: d[n * H] */
        d[H] = s->dh[k] * t * fet_gate_slope(&s->f[0], o[k]);
        const double dc =
            s->dc[k] + s->dh[k] * o[k] * fet_gate_slope(&s->f[2], t) + peep(s, 1, k, d[H]);
        const double df = dc * s->c[k];
        d[0] = (dc * g[k] - (s->is_coupled ? df : 0)) * fet_gate_slope(&s->f[0], i[k]);
        d[2 * H] = s->is_coupled ? 0 : df * fet_gate_slope(&s->f[0], f[k]);
        d[3 * H] = dc * i[k] * fet_gate_slope(&s->f[1], g[k]);
        s->dc_before[k] += dc * f[k] + peep(s, 0, k, d[0]) + peep(s, 2, k, d[2 * H]);
        if (s->dP == NULL) continue;
        s->dP[k] += d[0] * s->c[k];
        s->dP[H + k] += d[H] * c[k];
        s->dP[2 * H + k] += d[2 * H] * s->c[k];
    }
    fet_rows_back(s->R, 4 * H, H, s->h, s->da, s->dR, s->dh_before);
    for (int64_t k = 0; k < 4 * H && s->dRb != NULL; k++) s->dRb[k] += s->da[k];
}

static const struct fet_cell cell = {
    .n_gates = 4,
    .n_functions = 3,
    .n_kept = 6,
    .has_c = true,
    .f = {FET_GATE_SIGMOID, FET_GATE_TANH, FET_GATE_TANH},
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
    /* All gates but g are 1/2: c = (c + x) / 2, h = c / 2. */
    {.name = "half of everything",
     .attrs = "activations=Sigmoid,Relu,Relu",
     .inputs = "f32[2,1,1]={4,2} f32[1,4,1]={0,0,0,1} f32[1,4,1]={0,0,0,0}",
     .wanted = "f32[2,1,1,1]={1,1} f32[1,1,1]={1} f32[1,1,1]={2}"},
    {.name = "with states, backwards",
     .attrs = "activations=Sigmoid,Relu,Relu direction=reverse layout=1",
     .inputs = "f32[1,1,1]={4} f32[1,4,1]={0,0,0,1} f32[1,4,1]={0,0,0,1} - - f32[1,1,1]={2} "
               "f32[1,1,1]={8}",
     .wanted = "f32[1,1,1,1]={3.5} f32[1,1,1]={3.5} f32[1,1,1]={7}"},
    {.name = "gradient, both ways, with peepholes",
     .attrs = "direction=bidirectional",
     .inputs = "f64[3,2,3] f64[2,8,3] f64[2,8,2] f64[2,16] i32[2]={3,2} f64[2,2,2] f64[2,2,2] "
               "f64[2,6]",
     .has_gradient = true},
    {.name = "gradient, plain",
     .attrs = "layout=1",
     .inputs = "f64[2,3,3] f64[1,8,3] f64[1,8,2]",
     .has_gradient = true},
    {.name = "what comes in goes out, clipped",
     .attrs = "activations=Affine,Relu,Relu activation_alpha=0 activation_beta=0.25 "
              "input_forget=1 clip=3",
     .inputs = "f32[2,1,1]={4,2} f32[1,4,1]={0,0,0,1} f32[1,4,1]={0,0,0,0}",
     .wanted = "f32[2,1,1,1]={0.1875,0.265625} f32[1,1,1]={0.265625} f32[1,1,1]={1.0625}"},
    {.name = "gradient, coupled gates, other functions",
     .attrs = "input_forget=1 activations=HardSigmoid,ScaledTanh,Softsign "
              "activation_alpha=0.3,1.5 activation_beta=0.4,0.7",
     .inputs = "f64[2,3,3] f64[1,8,3] f64[1,8,2] f64[1,16]",
     .has_gradient = true},
    {.name = "gradient, clipped",
     .attrs = "clip=0.3",
     .inputs = "f64[2,3,3] f64[1,8,3] f64[1,8,2]",
     .has_gradient = true},
    {.name = "three peepholes too few",
     .attrs = "",
     .inputs = "f32[3,2,3] f32[1,8,3] f32[1,8,2] - - - - f32[1,3]",
     .refusal = "input 7 has shape [1,3], wanted [1,6]"},
    {.name = "too many functions",
     .attrs = "activations=Sigmoid,Tanh,Tanh,Tanh",
     .inputs = "f32[3,2,3] f32[1,8,3] f32[1,8,2]",
     .refusal = "too many activations"},
};

const struct fet_op fet_op_lstm = {
    .name = "lstm",
    .paper = "Hochreiter 1997",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 8,
    .n_y = 3,
    .n_saved = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "LSTM",
    .onnx_since = 14,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
