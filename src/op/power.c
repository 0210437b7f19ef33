/* pow: y = x ^ e, where e may be of another type than x, whose type y has.
 * mod: the remainder. With fmod=0 it has the sign of the divisor (integers only), with fmod=1 that
 * of the dividend, as C's fmod. The remainder by 0 is 0 for integers. */
#include "elementwise.h"

#include <math.h>

static void pow_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = pow(a[i], b[i]);
}

/* By squaring; wraps. A negative exponent leaves 0 unless the base is 1 or -1. */
static int64_t pow_int(int64_t a, int64_t b)
{
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    uint64_t y = 1;
    uint64_t base = (uint64_t)a;
    for (; b > 0; b >>= 1) {
        if ((b & 1) != 0) y *= base;
        base *= base;
    }
    return (int64_t)y;
}

static void pow_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = pow_int(a[i], b[i]);
}

/* d/da = b a^(b-1), 0 for b = 0 even at a = 0; d/db = y log a, taken as 0 at a = 0. */
static void pow_slope(const double *a, const double *b, const double *y, double *da, double *db,
                      int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        da[i] = b[i] == 0 ? 0 : b[i] * pow(a[i], b[i] - 1);
        db[i] = a[i] == 0 ? 0 : y[i] * log(a[i]);
    }
}

static const struct fet_binary power = {.real = pow_real, .whole = pow_whole, .slope = pow_slope};

static fet_status pow_infer(const struct fet_op_call *c)
{
    struct fet_shape y = {0};
    for (int i = 0; i < 2; i++) {
        if (c->x[i]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, i, "a number");
    }
    FET_TRY(fet_broadcast_inputs(c, &y));
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status pow_forward(const struct fet_op_call *c)
{
    fet_binary_forward(c, &power);
    return FET_OK;
}

static fet_status pow_backward(const struct fet_op_call *c)
{
    return fet_binary_backward(c, &power);
}

static const struct fet_attr mod_attrs[] = {
    {"fmod", FET_ATTR_INT, "0", "1 = the sign of the dividend"},
    {0},
};

static void fmod_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = fmod(a[i], b[i]);
}

/* The remainder by -1 is 0; asked of the processor, it overflows for the smallest integer. */
static void fmod_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = b[i] == 0 || b[i] == -1 ? 0 : a[i] % b[i];
}

static void mod_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    fmod_whole(a, b, y, n);
    for (int64_t i = 0; i < n; i++) {
        if (y[i] != 0 && (y[i] < 0) != (b[i] < 0)) y[i] += b[i];
    }
}

static void mod_natural(const uint64_t *a, const uint64_t *b, uint64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = b[i] == 0 ? 0 : a[i] % b[i];
}

static void fmod_slope(const double *a, const double *b, const double *y, double *da, double *db,
                       int64_t n)
{
    (void)y;
    for (int64_t i = 0; i < n; i++) {
        da[i] = 1;
        db[i] = -trunc(a[i] / b[i]);
    }
}

static const struct fet_binary mod_f = {
    .real = fmod_real, .whole = mod_whole, .natural = mod_natural, .slope = fmod_slope};
static const struct fet_binary fmod_f = {
    .real = fmod_real, .whole = fmod_whole, .natural = mod_natural, .slope = fmod_slope};

static fet_status mod_infer(const struct fet_op_call *c)
{
    if (fet_dtype_is_float(c->x[0]->dtype) && !fet_op_flag(c, "fmod")) {
        return FET_FAIL(FET_ARGUMENT, "mod: real numbers need fmod=1");
    }
    return fet_binary_infer(c, &mod_f, false, false);
}

static fet_status mod_forward(const struct fet_op_call *c)
{
    fet_binary_forward(c, fet_op_flag(c, "fmod") ? &fmod_f : &mod_f);
    return FET_OK;
}

static fet_status mod_backward(const struct fet_op_call *c)
{
    return fet_binary_backward(c, &fmod_f);
}

static const struct fet_op_case pow_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[3]={2,9,-1} f32[3]={3,0.5,0.5}",
     .wanted = "f32[3]={8,3,nan}"},
    {.name = "a real by an integer",
     .attrs = "",
     .inputs = "f32[2]={1.5,2} i64[]={2}",
     .wanted = "f32[2]={2.25,4}"},
    {.name = "integers",
     .attrs = "",
     .inputs = "i32[4]={3,-2,2,-1} i32[4]={4,3,-1,-3}",
     .wanted = "i32[4]={81,-8,0,-1}"},
    {.name = "an integer by a real",
     .attrs = "",
     .inputs = "i32[1]={9} f32[1]={0.5}",
     .wanted = "i32[1]={3}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3]:0.5..2 f32[3]", .has_gradient = true},
    {.name = "booleans", .attrs = "", .inputs = "bool[1] bool[1]", .refusal = "a number"},
};

static const struct fet_op_case mod_cases[] = {
    {.name = "the sign of the divisor",
     .attrs = "",
     .inputs = "i32[6]={-4,7,5,4,-7,8} i32[6]={2,-3,8,-2,3,5}",
     .wanted = "i32[6]={0,-2,5,0,2,3}"},
    {.name = "the sign of the dividend",
     .attrs = "fmod=1",
     .inputs = "i64[3]={-4,7,5} i64[3]={3,-3,0}",
     .wanted = "i64[3]={-1,1,0}"},
    {.name = "reals",
     .attrs = "fmod=1",
     .inputs = "f32[2]={-4.3,7.2} f32[2]={2.1,-3.4}",
     .wanted = "f32[2]={-0.1,0.4}"},
    {.name = "gradient",
     .attrs = "fmod=1",
     .inputs = "f32[2]={-4.3,7.2} f32[2]={2.1,-3.4}",
     .has_gradient = true},
    {.name = "reals without fmod", .attrs = "", .inputs = "f32[1] f32[1]", .refusal = "fmod=1"},
};

FET_BINARY_STRUCT(pow, pow_backward, "Pow", 7);

const struct fet_op fet_op_mod = {
    .name = "mod",
    .attrs = mod_attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = mod_infer,
    .forward = mod_forward,
    .backward = mod_backward,
    .onnx_type = "Mod",
    .onnx_since = 10,
    .cases = mod_cases,
    .n_cases = sizeof mod_cases / sizeof mod_cases[0],
};
