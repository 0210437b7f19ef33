/* The functions of recurrent gates: what ONNX allows there. Private to the room. */
#ifndef FET_GATE_H
#define FET_GATE_H

#include "op_args.h"

/* The attributes' rows for an operator's table. */
#define FET_GATE_ATTRS                                                                          \
    {"activation_alpha", FET_ATTR_REALS, "", "for those functions that have one, in order"},    \
        {"activation_beta", FET_ATTR_REALS, "", "for those functions that have one, in order"}, \
        {"activations", FET_ATTR_TEXT, "", "the function of each gate, by commas"},             \
    {                                                                                           \
        "clip", FET_ATTR_REAL, "", "functions see nothing beyond it"                            \
    }

enum fet_gate_function {
    FET_GATE_SIGMOID,
    FET_GATE_TANH,
    FET_GATE_RELU,
    FET_GATE_AFFINE,           /* alpha x + beta */
    FET_GATE_ELU,              /* x, alpha (exp(x) - 1) below 0 */
    FET_GATE_HARD_SIGMOID,     /* alpha x + beta, within 0 and 1 */
    FET_GATE_LEAKY_RELU,       /* x, alpha x below 0 */
    FET_GATE_SCALED_TANH,      /* alpha tanh(beta x) */
    FET_GATE_SOFTPLUS,         /* log(1 + exp(x)) */
    FET_GATE_SOFTSIGN,         /* x / (1 + |x|) */
    FET_GATE_THRESHOLDED_RELU, /* x above alpha, else 0 */
    FET_N_GATE_FUNCTIONS
};

struct fet_gate {
    enum fet_gate_function f;
    double alpha, beta;
    double clip; /* 0 = none */
};

/* n gates from the attributes, `standard` [n_standard] again and again when none are named. */
FET_CHECKED fet_status fet_gates_read(const struct fet_op_call *c,
                                      const enum fet_gate_function *standard, int n_standard, int n,
                                      struct fet_gate *gates);

/* f(x), and f'(x) told by y = f(x). */
double fet_gate(const struct fet_gate *g, double x);
double fet_gate_slope(const struct fet_gate *g, double y);

#endif
