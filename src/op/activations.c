/* Activations: y = f(x) of one real, with dx = f'(x) dy.
 *   relu         max(x, 0)                       Nair 2010
 *   leaky_relu   x, below 0 alpha x              Maas 2013
 *   elu, celu    x, below 0 alpha (e^x - 1)      Clevert 2016; celu (Barron 2017) scales x by
 * 1/alpha selu         gamma elu                       Klambauer 2017 sigmoid, tanh, softplus log(1
 * + e^x), softsign x / (1 + |x|) hard_sigmoid clip(alpha x + beta, 0, 1); hard_swish x clip(x / 6 +
 * 1/2, 0, 1)   Howard 2019 swish        x sigmoid(alpha x)              Ramachandran 2017 mish x
 * tanh(softplus(x))             Misra 2019 gelu         x Phi(x), or its approximation by tanh
 * Hendrycks 2016 thresholded_relu, shrink: 0 within a threshold At a kink the derivative is that of
 * the left side for relu (0 at 0), as everybody chooses it. */
#include "elementwise.h"

#include <math.h>

enum { MAX_PARAMETERS = 2 };

/* The attributes as numbers, in the table's order. */
static void parameters(const struct fet_op_call *c, double p[MAX_PARAMETERS])
{
    for (int i = 0; i < fet_op_n_attrs(c->op); i++) p[i] = c->attrs[i].r;
}

static double sigmoid(double x)
{
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double clip01(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static double slope_of_mish(double x)
{
    const double t = tanh(softplus(x));
    return t + x * (1 - t * t) * sigmoid(x);
}

static double slope_of_swish(double x, double alpha)
{
    const double s = sigmoid(alpha * x);
    return s + alpha * x * s * (1 - s);
}

/* f and slope in terms of X, Y and the parameters P[0], P[1]. attrs_of is an attribute table or
 * NULL; two given values with the attributes `set`; a range without kinks for the gradient. */
#define ACTIVATION(id, type, since, its_paper, attrs_of, f, its_slope, set, given, answer, range) \
    static void id##_real(const double *x, double *y, int64_t n, const double *P)                 \
    {                                                                                             \
        (void)P;                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                         \
            const double X = x[i];                                                                \
            y[i] = (f);                                                                           \
        }                                                                                         \
    }                                                                                             \
    static void id##_slope(const double *x, const double *y, double *d, int64_t n,                \
                           const double *P)                                                       \
    {                                                                                             \
        (void)P;                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                         \
            const double X = x[i];                                                                \
            const double Y = y[i];                                                                \
            (void)X, (void)Y;                                                                     \
            d[i] = (its_slope);                                                                   \
        }                                                                                         \
    }                                                                                             \
    static fet_status id##_forward(const struct fet_op_call *c)                                   \
    {                                                                                             \
        double p[MAX_PARAMETERS] = {0};                                                           \
        parameters(c, p);                                                                         \
        return fet_unary_forward(c, id##_real, p);                                                \
    }                                                                                             \
    static fet_status id##_backward(const struct fet_op_call *c)                                  \
    {                                                                                             \
        double p[MAX_PARAMETERS] = {0};                                                           \
        parameters(c, p);                                                                         \
        return fet_unary_backward(c, id##_slope, p);                                              \
    }                                                                                             \
    static const struct fet_op_case id##_cases[] = {                                              \
        {.name = "known values",                                                                  \
         .attrs = (set),                                                                          \
         .inputs = "f32[2]={" given "}",                                                          \
         .wanted = "f32[2]={" answer "}"},                                                        \
        {.name = "gradient",                                                                      \
         .attrs = (set),                                                                          \
         .inputs = "f64[2,3]:" range,                                                             \
         .wanted = "f64[2,3]",                                                                    \
         .has_gradient = true},                                                                   \
        {.name = "gradient of the other side",                                                    \
         .attrs = (set),                                                                          \
         .inputs = "f64[2]:-2..-1.1",                                                             \
         .wanted = "f64[2]",                                                                      \
         .has_gradient = true},                                                                   \
        {.name = "integers", .attrs = "", .inputs = "i32[2]", .refusal = "a float type"},         \
    };                                                                                            \
    const struct fet_op fet_op_##id = {                                                           \
        .name = #id,                                                                              \
        .paper = (its_paper),                                                                     \
        .attrs = (attrs_of),                                                                      \
        .min_x = 1,                                                                               \
        .max_x = 1,                                                                               \
        .n_y = 1,                                                                                 \
        .infer = fet_unary_infer,                                                                 \
        .forward = id##_forward,                                                                  \
        .backward = id##_backward,                                                                \
        .onnx_type = (type),                                                                      \
        .onnx_since = (since),                                                                    \
        .cases = id##_cases,                                                                      \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0],                                      \
    }

static const struct fet_attr leaky_attrs[] = {{"alpha", FET_ATTR_REAL, "0.01", "the slope below 0"},
                                              {0}};
static const struct fet_attr elu_attrs[] = {
    {"alpha", FET_ATTR_REAL, "1", "minus the limit far below 0"}, {0}};
static const struct fet_attr selu_attrs[] = {
    {"alpha", FET_ATTR_REAL, "1.67326319217681884765625", "as for elu"},
    {"gamma", FET_ATTR_REAL, "1.05070102214813232421875", "the slope above 0"},
    {0}};
static const struct fet_attr hard_attrs[] = {{"alpha", FET_ATTR_REAL, "0.2", "the slope"},
                                             {"beta", FET_ATTR_REAL, "0.5", "the value at 0"},
                                             {0}};
static const struct fet_attr swish_attrs[] = {
    {"alpha", FET_ATTR_REAL, "1", "the factor within the sigmoid"}, {0}};
static const struct fet_attr threshold_attrs[] = {
    {"alpha", FET_ATTR_REAL, "1", "values up to it become 0"}, {0}};
static const struct fet_attr shrink_attrs[] = {
    {"bias", FET_ATTR_REAL, "0", "what is taken from the size of the others"},
    {"lambd", FET_ATTR_REAL, "0.5", "values within become 0"},
    {0}};

ACTIVATION(relu, "Relu", 6, "Nair 2010", NULL, X<0 ? 0 : X, X> 0 ? 1 : 0, "", "-2,3", "0,3",
           "0.1..2");
ACTIVATION(leaky_relu, "LeakyRelu", 6, "Maas 2013", leaky_attrs, X < 0 ? P[0] * X : X,
           X < 0 ? P[0] : 1, "alpha=0.5", "-2,3", "-1,3", "0.1..2");
ACTIVATION(elu, "Elu", 6, "Clevert 2016", elu_attrs, X < 0 ? P[0] * expm1(X) : X,
           X < 0 ? Y + P[0] : 1, "alpha=2", "-1,3", "-1.2642411,3", "0.1..2");
ACTIVATION(celu, "Celu", 12, "Barron 2017", elu_attrs, X < 0 ? P[0] * expm1(X / P[0]) : X,
           X < 0 ? exp(X / P[0]) : 1, "alpha=2", "-2,3", "-1.2642411,3", "0.1..2");
ACTIVATION(selu, "Selu", 6, "Klambauer 2017", selu_attrs,
           X <= 0 ? P[1] * P[0] * expm1(X) : P[1] * X, X <= 0 ? Y + P[1] * P[0] : P[1],
           "alpha=2 gamma=3", "-1,3", "-3.7927234,9", "0.1..2");
ACTIVATION(sigmoid, "Sigmoid", 6, NULL, NULL, sigmoid(X), Y *(1 - Y), "", "-800,0", "0,0.5",
           "-2..2");
ACTIVATION(tanh, "Tanh", 6, NULL, NULL, tanh(X), 1 - Y * Y, "", "-1,0", "-0.76159416,0", "-2..2");
ACTIVATION(softplus, "Softplus", 1, "Dugas 2001", NULL, softplus(X), sigmoid(X), "", "0,1000",
           "0.69314718,1000", "-2..2");
ACTIVATION(softsign, "Softsign", 1, NULL, NULL, X / (1 + fabs(X)),
           1 / ((1 + fabs(X)) * (1 + fabs(X))), "", "-3,1", "-0.75,0.5", "0.1..2");
ACTIVATION(hard_sigmoid, "HardSigmoid", 6, NULL, hard_attrs, clip01(P[0] * X + P[1]),
           P[0] * X + P[1] > 0 && P[0] * X + P[1] < 1 ? P[0] : 0, "", "-3,1", "0,0.7", "-2..2");
ACTIVATION(hard_swish, "HardSwish", 14, "Howard 2019", NULL, X *clip01(X / 6 + 0.5),
           X <= -3  ? 0
           : X >= 3 ? 1
                    : X / 3 + 0.5,
           "", "-4,1", "0,0.6666667", "-2..2");
ACTIVATION(swish, "Swish", 24, "Ramachandran 2017", swish_attrs, X *sigmoid(P[0] * X),
           slope_of_swish(X, P[0]), "alpha=1", "-1,0", "-0.26894143,0", "-2..2");
ACTIVATION(mish, "Mish", 18, "Misra 2019", NULL, X *tanh(softplus(X)), slope_of_mish(X), "", "-1,0",
           "-0.30340147,0", "-2..2");
ACTIVATION(thresholded_relu, "ThresholdedRelu", 10, "Konda 2015", threshold_attrs, X > P[0] ? X : 0,
           X > P[0] ? 1 : 0, "alpha=2", "2,3", "0,3", "2.1..4");
ACTIVATION(shrink, "Shrink", 9, NULL, shrink_attrs, X<-P[1] ? X + P[0] : X> P[1] ? X - P[0] : 0,
           X<-P[1] || X> P[1] ? 1 : 0, "bias=0.5 lambd=1", "-3,1", "-2.5,0", "1.1..4");
