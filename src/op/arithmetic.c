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

static const struct fet_binary add = {.real = add_real, .whole = add_whole, .slope = add_slope};

static fet_status add_infer(const struct fet_op_call *c)
{
    return fet_binary_infer(c, &add, false, false);
}

static fet_status add_forward(const struct fet_op_call *c)
{
    fet_binary_forward(c, &add);
    return FET_OK;
}

static fet_status add_backward(const struct fet_op_call *c)
{
    return fet_binary_backward(c, &add);
}

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
    {.name = "shapes that do not fit",
     .attrs = "",
     .inputs = "f32[2] f32[3]",
     .refusal = "shapes [2] and [3] do not broadcast"},
    {.name = "types that differ",
     .attrs = "",
     .inputs = "f32[2] f64[2]",
     .refusal = "input 1 is F64, input 0 is F32"},
};

const struct fet_op fet_op_add = {
    .name = "add",
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = add_infer,
    .forward = add_forward,
    .backward = add_backward,
    .onnx_type = "Add",
    .onnx_since = 7,
    .cases = add_cases,
    .n_cases = sizeof add_cases / sizeof add_cases[0],
};
