/* add, sub, mul, div: y = a o b with broadcasting, for all numbers. Integers wrap; an integer
 * divided by 0 gives 0, as ONNX leaves it open and a model must not stop the line. */
#include "elementwise.h"

static void add_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

/* Sums of unsigned numbers wrap without undefined behaviour; the low bits are the same. */
static void add_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = (int64_t)((uint64_t)a[i] + (uint64_t)b[i]);
}

static void add_slope(const double *a, const double *b, const double *y, double *da, double *db,
                      int64_t n)
{
    (void)a, (void)b, (void)y;
    for (int64_t i = 0; i < n; i++) da[i] = db[i] = 1;
}

static void sub_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] - b[i];
}

static void sub_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = (int64_t)((uint64_t)a[i] - (uint64_t)b[i]);
}

static void sub_slope(const double *a, const double *b, const double *y, double *da, double *db,
                      int64_t n)
{
    (void)a, (void)b, (void)y;
    for (int64_t i = 0; i < n; i++) {
        da[i] = 1;
        db[i] = -1;
    }
}

static void mul_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}

static void mul_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = (int64_t)((uint64_t)a[i] * (uint64_t)b[i]);
}

static void mul_slope(const double *a, const double *b, const double *y, double *da, double *db,
                      int64_t n)
{
    (void)y;
    for (int64_t i = 0; i < n; i++) {
        da[i] = b[i];
        db[i] = a[i];
    }
}

static void div_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] / b[i];
}

/* Cut towards zero. The quotient by -1 is a negation, which wraps instead of overflowing. */
static void div_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (b[i] == 0) {
            y[i] = 0;
        } else if (b[i] == -1) {
            y[i] = (int64_t)(0 - (uint64_t)a[i]);
        } else {
            y[i] = a[i] / b[i];
        }
    }
}

static void div_natural(const uint64_t *a, const uint64_t *b, uint64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = b[i] == 0 ? 0 : a[i] / b[i];
}

static void div_slope(const double *a, const double *b, const double *y, double *da, double *db,
                      int64_t n)
{
    (void)a;
    for (int64_t i = 0; i < n; i++) {
        da[i] = 1 / b[i];
        db[i] = -y[i] / b[i];
    }
}

static const struct fet_binary add = {.real = add_real, .whole = add_whole, .slope = add_slope};
static const struct fet_binary sub = {.real = sub_real, .whole = sub_whole, .slope = sub_slope};
static const struct fet_binary mul = {.real = mul_real, .whole = mul_whole, .slope = mul_slope};
static const struct fet_binary divide = {
    .real = div_real, .whole = div_whole, .natural = div_natural, .slope = div_slope};

static const struct fet_op_case add_cases[] = {
    {.name = "of one shape",
     .attrs = "",
     .inputs = "f32[3]={1,2,3} f32[3]={0.5,-2,nan}",
     .wanted = "f32[3]={1.5,0,nan}"},
    {.name = "broadcast",
     .attrs = "",
     .inputs = "f32[2,1,3] f32[4,1]",
     .wanted = "f32[2,4,3]",
     .has_gradient = true},
    {.name = "integers wrap",
     .attrs = "",
     .inputs = "u8[2]={250,1} u8[]={10}",
     .wanted = "u8[2]={4,11}"},
    {.name = "half precision",
     .attrs = "",
     .inputs = "f16[2]={2048,0.5} f16[2]={1,0.25}",
     .wanted = "f16[2]={2048,0.75}"},
    {.name = "longer than one line", .attrs = "", .inputs = "f32[3,300] f32[300]"},
    {.name = "shapes that do not fit",
     .attrs = "",
     .inputs = "f32[2] f32[3]",
     .refusal = "shapes [2] and [3] do not broadcast"},
    {.name = "types that differ",
     .attrs = "",
     .inputs = "f32[2] f64[2]",
     .refusal = "input 1 is F64, input 0 is F32"},
    {.name = "booleans", .attrs = "", .inputs = "bool[2] bool[2]", .refusal = "a number"},
};

static const struct fet_op_case sub_cases[] = {
    {.name = "broadcast",
     .attrs = "",
     .inputs = "f32[2,2]={1,2,3,4} f32[2]={1,10}",
     .wanted = "f32[2,2]={0,-8,2,-6}",
     .has_gradient = true},
    {.name = "unsigned wrap",
     .attrs = "",
     .inputs = "u64[1]={0} u64[1]={1}",
     .wanted = "u64[1]={-1}"},
};

static const struct fet_op_case mul_cases[] = {
    {.name = "broadcast both ways",
     .attrs = "",
     .inputs = "f32[2,1]={2,3} f32[2]={1,10}",
     .wanted = "f32[2,2]={2,20,3,30}",
     .has_gradient = true},
    {.name = "the largest integers wrap",
     .attrs = "",
     .inputs = "i64[1]={9223372036854775807} i64[1]={2}",
     .wanted = "i64[1]={-2}"},
};

static const struct fet_op_case div_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[3]={1,-1,0} f32[3]={4,0,0}",
     .wanted = "f32[3]={0.25,-inf,nan}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[3,1] f32[1,2]:0.5..2", .has_gradient = true},
    {.name = "integers",
     .attrs = "",
     .inputs = "i32[4]={7,-7,7,-2147483648} i32[4]={2,2,0,-1}",
     .wanted = "i32[4]={3,-3,0,-2147483648}"},
    {.name = "a large unsigned number",
     .attrs = "",
     .inputs = "u8[1]={200} u8[1]={3}",
     .wanted = "u8[1]={66}"},
};

FET_BINARY_SMOOTH_OP(add, add, "Add", 7);
FET_BINARY_SMOOTH_OP(sub, sub, "Sub", 7);
FET_BINARY_SMOOTH_OP(mul, mul, "Mul", 7);
FET_BINARY_SMOOTH_OP(div, divide, "Div", 7);
