/* rnn: h_t = f(W x_t + Wb + R h_(t-1) + Rb). Elman 1990. Inputs and outputs: recurrent.c. */
#include "recurrent.h"

static const struct fet_attr attrs[] = {
    FET_RECURRENT_ATTRS,
    {0},
};

static void step_forward(const struct fet_step *s)
{
    double *const h = s->kept, *const sum = s->room;
    for (int64_t k = 0; k < s->H; k++) sum[k] = s->a[k] + (s->Rb != NULL ? s->Rb[k] : 0);
    fet_rows_apply(s->R, s->H, s->H, s->h, sum);
    for (int64_t k = 0; k < s->H; k++) h[k] = fet_gate(&s->f[0], sum[k]);
}

static void step_backward(const struct fet_step *s)
{
    for (int64_t k = 0; k < s->H; k++) {
        s->da[k] = s->dh[k] * fet_gate_slope(&s->f[0], s->kept[k]);
        if (s->dRb != NULL) s->dRb[k] += s->da[k];
    }
    fet_rows_back(s->R, s->H, s->H, s->h, s->da, s->dR, s->dh_before);
}

static const struct fet_cell cell = {
    .n_gates = 1,
    .n_functions = 1,
    .n_kept = 1,
    .f = {FET_GATE_TANH},
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
    {.name = "a sum over time",
     .attrs = "activations=Relu",
     .inputs = "f32[3,1,1]={1,2,3} f32[1,1,1]={1} f32[1,1,1]={1} f32[1,2]={0.25,0.25}",
     .wanted = "f32[3,1,1,1]={1.5,4,7.5} f32[1,1,1]={7.5}"},
    {.name = "both ways, one sequence shorter",
     .attrs = "activations=Relu,Relu direction=bidirectional layout=1",
     .inputs = "f32[2,2,1]={1,2,3,4} f32[2,1,1]={1,1} f32[2,1,1]={1,1} - i32[2]={2,1}",
     .wanted = "f32[2,2,2,1]={1,3,3,2,3,3,0,0} f32[2,2,1]={3,3,3,3}"},
    {.name = "gradient",
     .attrs = "direction=bidirectional",
     .inputs = "f64[4,2,3] f64[2,2,3] f64[2,2,2] f64[2,4] i32[2]={4,3} f64[2,2,2]",
     .has_gradient = true},
    {.name = "gradient, backwards",
     .attrs = "direction=reverse layout=1 activations=Sigmoid",
     .inputs = "f64[2,3,2] f64[1,2,2] f64[1,2,2]",
     .has_gradient = true},
    {.name = "weights of another size",
     .attrs = "",
     .inputs = "f32[4,2,3] f32[1,2,4] f32[1,2,2]",
     .refusal = "input 1 has shape [1,2,4], wanted [1,2,3]"},
    {.name = "sideways",
     .attrs = "direction=sideways",
     .inputs = "f32[4,2,3] f32[1,2,3] f32[1,2,2]",
     .refusal = "direction is forward"},
    {.name = "another function",
     .attrs = "activations=Sine",
     .inputs = "f32[4,2,3] f32[1,2,3] f32[1,2,2]",
     .refusal = "activation 0 of 'Sine' is unknown"},
    {.name = "a clip at nothing",
     .attrs = "clip=0",
     .inputs = "f32[4,2,3] f32[1,2,3] f32[1,2,2]",
     .refusal = "a clip of 0"},
    {.name = "gradient, two functions with one parameter",
     .attrs = "direction=bidirectional activations=LeakyRelu,Elu activation_alpha=0.1,0.5",
     .inputs = "f64[3,2,3] f64[2,2,3] f64[2,2,2]",
     .has_gradient = true},
    {.name = "gradient, two more",
     .attrs = "direction=bidirectional activations=Softplus,ThresholdedRelu activation_alpha=0.05",
     .inputs = "f64[3,2,3] f64[2,2,3] f64[2,2,2]",
     .has_gradient = true},
};

const struct fet_op fet_op_rnn = {
    .name = "rnn",
    .paper = "Elman 1990",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 6,
    .n_y = 2,
    .n_saved = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "RNN",
    .onnx_since = 14,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
