/* The cases of the reductions (reduce.c). */
#ifndef FET_REDUCE_CASES_H
#define FET_REDUCE_CASES_H

#include "op.h"

static const struct fet_op_case sum_cases[] = {
    {.name = "rows",
     .attrs = "",
     .inputs = "f32[2,2]={1,2,3,4} i64[1]={-1}",
     .wanted = "f32[2,1]={3,7}"},
    {.name = "everything",
     .attrs = "keepdims=0",
     .inputs = "i32[2,2]={1,2,3,4}",
     .wanted = "i32[]={10}"},
    {.name = "nothing",
     .attrs = "noop_with_empty_axes=1",
     .inputs = "f32[2]={1,2} i64[0]",
     .wanted = "f32[2]={1,2}"},
    {.name = "of an empty axis",
     .attrs = "keepdims=0",
     .inputs = "f32[2,0] i64[1]={1}",
     .wanted = "f32[2]={0,0}"},
    {.name = "first and last",
     .attrs = "keepdims=0",
     .inputs = "f32[2,3,2] i64[2]={0,2}",
     .wanted = "f32[3]",
     .has_gradient = true},
    {.name = "an axis twice",
     .attrs = "",
     .inputs = "f32[2,2] i64[2]={0,-2}",
     .refusal = "axis 0 is given twice"},
    {.name = "outside", .attrs = "", .inputs = "f32[2,2] i64[1]={2}", .refusal = "axis 2"},
    {.name = "booleans", .attrs = "", .inputs = "bool[2,2]", .refusal = "a number"},
};

static const struct fet_op_case mean_cases[] = {
    {.name = "columns",
     .attrs = "keepdims=0",
     .inputs = "f32[2,2]={1,2,3,4} i64[1]={0}",
     .wanted = "f32[2]={2,3}",
     .has_gradient = true},
    {.name = "of nothing", .attrs = "", .inputs = "f32[0]", .wanted = "f32[1]={nan}"},
    {.name = "integers", .attrs = "", .inputs = "i32[2]={1,4}", .wanted = "i32[1]={2}"},
};

static const struct fet_op_case max_cases[] = {
    {.name = "rows, with NaN",
     .attrs = "keepdims=0",
     .inputs = "f32[2,2]={1,2,nan,4} i64[1]={1}",
     .wanted = "f32[2]={2,nan}"},
    {.name = "booleans",
     .attrs = "keepdims=0",
     .inputs = "bool[2,2]={0,1,0,0} i64[1]={1}",
     .wanted = "bool[2]={1,0}"},
    {.name = "large unsigned", .attrs = "", .inputs = "u64[2]={-1,1}", .wanted = "u64[1]={-1}"},
    {.name = "of nothing", .attrs = "", .inputs = "i8[0]", .wanted = "i8[1]={-128}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3,2] i64[1]={1}", .has_gradient = true},
    {.name = "gradient of equals", .attrs = "", .inputs = "f64[2]={3,1}", .has_gradient = true},
};

static const struct fet_op_case min_cases[] = {
    {.name = "rows",
     .attrs = "keepdims=0",
     .inputs = "f32[2,2]={1,2,5,4} i64[1]={1}",
     .wanted = "f32[2]={1,4}"},
    {.name = "of nothing", .attrs = "", .inputs = "f32[0]", .wanted = "f32[1]={inf}"},
    {.name = "of no bytes", .attrs = "", .inputs = "u8[0]", .wanted = "u8[1]={255}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3,2] i64[1]={1}", .has_gradient = true},
};

static const struct fet_op_case prod_cases[] = {
    {.name = "rows",
     .attrs = "keepdims=0",
     .inputs = "f32[2,2]={1,2,5,4} i64[1]={1}",
     .wanted = "f32[2]={2,20}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f32[4,3]={1,2,3,0,2,3,0,0,4,-1,-2,2} i64[1]={1}",
     .has_gradient = true},
    {.name = "of nothing", .attrs = "", .inputs = "i64[0]", .wanted = "i64[1]={1}"},
};

static const struct fet_op_case l1_cases[] = {
    {.name = "all",
     .attrs = "keepdims=0",
     .inputs = "f32[2,2]={1,-2,-3,4}",
     .wanted = "f32[]={10}",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i32[2]={-1,4}", .wanted = "i32[1]={5}"},
};

static const struct fet_op_case l2_cases[] = {
    {.name = "all",
     .attrs = "keepdims=0",
     .inputs = "f32[2]={3,-4}",
     .wanted = "f32[]={5}",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i32[2]={3,4}", .wanted = "i32[1]={5}"},
};

static const struct fet_op_case log_sum_cases[] = {
    {.name = "all", .attrs = "keepdims=0", .inputs = "f32[2]={1,1.7182818}", .wanted = "f32[]={1}"},
    {.name = "of nothing", .attrs = "", .inputs = "f32[0]", .wanted = "f32[1]={-inf}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3]:0.5..2 i64[1]={0}", .has_gradient = true},
};

static const struct fet_op_case log_sum_exp_cases[] = {
    {.name = "large numbers",
     .attrs = "keepdims=0",
     .inputs = "f32[3,2]={1000,1000,-inf,0,inf,1} i64[1]={1}",
     .wanted = "f32[3]={1000.6931,0,inf}"},
    {.name = "of nothing", .attrs = "", .inputs = "f32[0]", .wanted = "f32[1]={-inf}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3] i64[1]={0}", .has_gradient = true},
};

static const struct fet_op_case sum_square_cases[] = {
    {.name = "all",
     .attrs = "keepdims=0",
     .inputs = "f32[2]={3,-4}",
     .wanted = "f32[]={25}",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i32[2]={3,4}", .wanted = "i32[1]={25}"},
};

#endif
