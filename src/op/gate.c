/* The functions of recurrent gates. */
#include "gate.h"

#include "loss.h"

#include <math.h>
#include <string.h>

/* With the standard values of the parameters that a function has; 0 where it has none. */
static const struct {
    const char *name;
    bool has_alpha, has_beta;
    double alpha, beta;
} functions[FET_N_GATE_FUNCTIONS] = {
    [FET_GATE_SIGMOID] = {"Sigmoid", false, false, 0, 0},
    [FET_GATE_TANH] = {"Tanh", false, false, 0, 0},
    [FET_GATE_RELU] = {"Relu", false, false, 0, 0},
    [FET_GATE_AFFINE] = {"Affine", true, true, 1, 0},
    [FET_GATE_ELU] = {"Elu", true, false, 1, 0},
    [FET_GATE_HARD_SIGMOID] = {"HardSigmoid", true, true, 0.2, 0.5},
    [FET_GATE_LEAKY_RELU] = {"LeakyRelu", true, false, 0.01, 0},
    [FET_GATE_SCALED_TANH] = {"ScaledTanh", true, true, 1, 1},
    [FET_GATE_SOFTPLUS] = {"Softplus", false, false, 0, 0},
    [FET_GATE_SOFTSIGN] = {"Softsign", false, false, 0, 0},
    [FET_GATE_THRESHOLDED_RELU] = {"ThresholdedRelu", true, false, 1, 0},
};

/* The function that the text begins with; *text is moved behind it and a comma. */
static bool take_function(const char **text, enum fet_gate_function *f)
{
    const size_t n = strcspn(*text, ",");
    for (int i = 0; i < FET_N_GATE_FUNCTIONS; i++) {
        if (strlen(functions[i].name) != n || strncmp(functions[i].name, *text, n) != 0) continue;
        *f = (enum fet_gate_function)i;
        *text += n;
        *text += **text == ',';
        return true;
    }
    return false;
}

/* The next value of a list, if the function has such a parameter and the list goes that far. */
static double take_value(const struct fet_attr_value *list, bool has_it, double standard,
                         int64_t *at)
{
    if (!has_it || !list->is_set || *at >= list->n) return standard;
    return list->reals[(*at)++];
}

fet_status fet_gates_read(const struct fet_op_call *c, const enum fet_gate_function *standard,
                          int n_standard, int n, struct fet_gate *gates)
{
    int64_t i_alpha = 0, i_beta = 0;
    const struct fet_attr_value *const clip = fet_op_attr(c, "clip");
    const char *text = fet_op_attr(c, "activations")->text;
    const bool is_named = fet_op_attr(c, "activations")->is_set && text != NULL && *text != '\0';
    if (clip->is_set && !(clip->r > 0))
        return FET_FAIL(FET_ARGUMENT, "%s: a clip of %g", c->op->name, clip->r);
    for (int i = 0; i < n; i++) {
        enum fet_gate_function f = standard[i % n_standard];
        if (is_named && !take_function(&text, &f))
            return FET_FAIL(FET_ARGUMENT, "%s: activation %d of '%s' is unknown", c->op->name, i,
                            fet_op_attr(c, "activations")->text);
        gates[i] = (struct fet_gate){.f = f, .clip = clip->is_set ? clip->r : 0};
        gates[i].alpha = take_value(fet_op_attr(c, "activation_alpha"), functions[f].has_alpha,
                                    functions[f].alpha, &i_alpha);
        gates[i].beta = take_value(fet_op_attr(c, "activation_beta"), functions[f].has_beta,
                                   functions[f].beta, &i_beta);
    }
    if (is_named && *text != '\0')
        return FET_FAIL(FET_ARGUMENT, "%s: too many activations", c->op->name);
    return FET_OK;
}

static double value_of(const struct fet_gate *g, double x)
{
    switch (g->f) {
    case FET_GATE_SIGMOID:
        return fet_logistic(x);
    case FET_GATE_TANH:
        return tanh(x);
    case FET_GATE_RELU:
        return x > 0 ? x : 0;
    case FET_GATE_AFFINE:
        return g->alpha * x + g->beta;
    case FET_GATE_ELU:
        return x < 0 ? g->alpha * expm1(x) : x;
    case FET_GATE_HARD_SIGMOID:
        return fmin(fmax(g->alpha * x + g->beta, 0), 1);
    case FET_GATE_LEAKY_RELU:
        return x < 0 ? g->alpha * x : x;
    case FET_GATE_SCALED_TANH:
        return g->alpha * tanh(g->beta * x);
    case FET_GATE_SOFTPLUS:
        return fet_softplus(x);
    case FET_GATE_SOFTSIGN:
        return x / (1 + fabs(x));
    case FET_GATE_THRESHOLDED_RELU:
        return x > g->alpha ? x : 0;
    case FET_N_GATE_FUNCTIONS:
        break;
    }
    return x;
}

double fet_gate(const struct fet_gate *g, double x)
{
    if (g->clip > 0 && x > g->clip) x = g->clip;
    if (g->clip > 0 && x < -g->clip) x = -g->clip;
    return value_of(g, x);
}

double fet_gate_slope(const struct fet_gate *g, double y)
{
    /* At the ends nothing moves. */
    if (g->clip > 0 && (y == value_of(g, g->clip) || y == value_of(g, -g->clip))) return 0;
    switch (g->f) {
    case FET_GATE_SIGMOID:
        return y * (1 - y);
    case FET_GATE_TANH:
        return 1 - y * y;
    case FET_GATE_RELU:
        return y > 0 ? 1 : 0;
    case FET_GATE_AFFINE:
        return g->alpha;
    case FET_GATE_ELU:
        return y < 0 ? y + g->alpha : 1;
    case FET_GATE_HARD_SIGMOID:
        return y > 0 && y < 1 ? g->alpha : 0;
    case FET_GATE_LEAKY_RELU:
        return y < 0 ? g->alpha : 1;
    case FET_GATE_SCALED_TANH:
        return g->alpha != 0 ? g->beta * (g->alpha - y * y / g->alpha) : 0;
    case FET_GATE_SOFTPLUS:
        return -expm1(-y);
    case FET_GATE_SOFTSIGN:
        return (1 - fabs(y)) * (1 - fabs(y));
    case FET_GATE_THRESHOLDED_RELU:
        return y != 0 ? 1 : 0;
    case FET_N_GATE_FUNCTIONS:
        break;
    }
    return 1;
}
