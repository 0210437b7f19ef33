/* Elementary functions of one real: y = f(x), with dx = f'(x) dy. Rounded from double, so float
 * results are within half a unit of the last place. round goes to the even neighbour at .5; it,
 * floor and ceil have no gradient. */
#include "elementwise.h"

#include <math.h>

/* The function in terms of X; the operator and its struct. */
#define UNARY_PARTS(id, f)                                                        \
    static void id##_real(const double *x, double *y, int64_t n, const double *p) \
    {                                                                             \
        (void)p;                                                                  \
        for (int64_t i = 0; i < n; i++) {                                         \
            const double X = x[i];                                                \
            y[i] = (f);                                                           \
        }                                                                         \
    }                                                                             \
    static fet_status id##_forward(const struct fet_op_call *c)                   \
    {                                                                             \
        return fet_unary_forward(c, id##_real, NULL);                             \
    }
#define UNARY_STRUCT(id, its_backward, type, since)          \
    const struct fet_op fet_op_##id = {                      \
        .name = #id,                                         \
        .min_x = 1,                                          \
        .max_x = 1,                                          \
        .n_y = 1,                                            \
        .infer = fet_unary_infer,                            \
        .forward = id##_forward,                             \
        .backward = (its_backward),                          \
        .onnx_type = (type),                                 \
        .onnx_since = (since),                               \
        .cases = id##_cases,                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0], \
    }

/* slope in terms of X and Y; two given values, and a range for the gradient. */
#define UNARY(id, type, since, f, slope, given, answer, range)                            \
    UNARY_PARTS(id, f)                                                                    \
    static void id##_slope(const double *x, const double *y, double *d, int64_t n,        \
                           const double *p)                                               \
    {                                                                                     \
        (void)p;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                 \
            const double X = x[i];                                                        \
            const double Y = y[i];                                                        \
            (void)X, (void)Y;                                                             \
            d[i] = (slope);                                                               \
        }                                                                                 \
    }                                                                                     \
    static fet_status id##_backward(const struct fet_op_call *c)                          \
    {                                                                                     \
        return fet_unary_backward(c, id##_slope, NULL);                                   \
    }                                                                                     \
    static const struct fet_op_case id##_cases[] = {                                      \
        {.name = "known values",                                                          \
         .attrs = "",                                                                     \
         .inputs = "f32[2]={" given "}",                                                  \
         .wanted = "f32[2]={" answer "}"},                                                \
        {.name = "gradient",                                                              \
         .attrs = "",                                                                     \
         .inputs = "f32[2,3]:" range,                                                     \
         .wanted = "f32[2,3]",                                                            \
         .has_gradient = true},                                                           \
        {.name = "integers", .attrs = "", .inputs = "i32[2]", .refusal = "a float type"}, \
    };                                                                                    \
    UNARY_STRUCT(id, id##_backward, type, since)

#define UNARY_STEP(id, type, since, f, given, answer)                                     \
    UNARY_PARTS(id, f)                                                                    \
    static const struct fet_op_case id##_cases[] = {                                      \
        {.name = "known values",                                                          \
         .attrs = "",                                                                     \
         .inputs = "f32[4]={" given "}",                                                  \
         .wanted = "f32[4]={" answer "}"},                                                \
        {.name = "integers", .attrs = "", .inputs = "i32[2]", .refusal = "a float type"}, \
    };                                                                                    \
    UNARY_STRUCT(id, NULL, type, since)

static const double two_over_sqrt_pi = 1.12837916709551257390;

UNARY(exp, "Exp", 1, exp(X), Y, "0,-inf", "1,0", "-2..2");
UNARY(log, "Log", 1, log(X), 1 / X, "2.7182818,0", "1,-inf", "0.5..2");
UNARY(sqrt, "Sqrt", 1, sqrt(X), 0.5 / Y, "4,-1", "2,nan", "0.5..2");
UNARY(reciprocal, "Reciprocal", 1, 1 / X, -Y *Y, "4,0", "0.25,inf", "0.5..2");
UNARY(sin, "Sin", 7, sin(X), cos(X), "0.5,0", "0.47942554,0", "-2..2");
UNARY(cos, "Cos", 7, cos(X), -sin(X), "0.5,0", "0.87758256,1", "-2..2");
UNARY(tan, "Tan", 7, tan(X), 1 + Y * Y, "0.5,0", "0.54630249,0", "-1..1");
UNARY(asin, "Asin", 7, asin(X), 1 / sqrt(1 - X * X), "0.5,2", "0.52359878,nan", "-0.9..0.9");
UNARY(acos, "Acos", 7, acos(X), -1 / sqrt(1 - X * X), "0.5,1", "1.0471976,0", "-0.9..0.9");
UNARY(atan, "Atan", 7, atan(X), 1 / (1 + X * X), "1,inf", "0.78539816,1.5707963", "-2..2");
UNARY(sinh, "Sinh", 9, sinh(X), cosh(X), "1,0", "1.1752012,0", "-2..2");
UNARY(cosh, "Cosh", 9, cosh(X), sinh(X), "1,0", "1.5430806,1", "-2..2");
UNARY(asinh, "Asinh", 9, asinh(X), 1 / sqrt(X * X + 1), "1,0", "0.88137359,0", "-2..2");
UNARY(acosh, "Acosh", 9, acosh(X), 1 / sqrt(X * X - 1), "2,0", "1.3169579,nan", "1.5..3");
UNARY(atanh, "Atanh", 9, atanh(X), 1 / (1 - X * X), "0.5,1", "0.54930614,inf", "-0.9..0.9");
UNARY(erf, "Erf", 9, erf(X), two_over_sqrt_pi *exp(-X *X), "0.5,inf", "0.52049988,1", "-2..2");
UNARY_STEP(floor, "Floor", 1, floor(X), "1.5,-1.5,2,nan", "1,-2,2,nan");
UNARY_STEP(ceil, "Ceil", 1, ceil(X), "1.5,-1.5,2,inf", "2,-1,2,inf");
UNARY_STEP(round, "Round", 11, rint(X), "0.5,1.5,-2.5,2.6", "0,2,-2,3");
