/* equal, less, less_or_equal, greater, greater_or_equal: BOOL, with broadcasting. NaN compares
 * false. */
#include "elementwise.h"

#define COMPARISON(id, operator)                                                           \
    static void id##_real(const double *a, const double *b, double *y, int64_t n)          \
    {                                                                                      \
        for (int64_t i = 0; i < n; i++) y[i] = a[i] operator b[i];                         \
    }                                                                                      \
    static void id##_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)      \
    {                                                                                      \
        for (int64_t i = 0; i < n; i++) y[i] = a[i] operator b[i];                         \
    }                                                                                      \
    static void id##_natural(const uint64_t *a, const uint64_t *b, uint64_t *y, int64_t n) \
    {                                                                                      \
        for (int64_t i = 0; i < n; i++) y[i] = a[i] operator b[i];                         \
    }                                                                                      \
    static const struct fet_binary id = {                                                  \
        .real = id##_real, .whole = id##_whole, .natural = id##_natural}

COMPARISON(equal, ==);
COMPARISON(less, <);
COMPARISON(less_or_equal, <=);
COMPARISON(greater, >);
COMPARISON(greater_or_equal, >=);

static const struct fet_op_case equal_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[3]={1,nan,2} f32[3]={1,nan,3}",
     .wanted = "bool[3]={1,0,0}"},
    {.name = "booleans",
     .attrs = "",
     .inputs = "bool[2]={1,0} bool[]={0}",
     .wanted = "bool[2]={0,1}"},
};

static const struct fet_op_case less_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f32[3]={1,nan,2} f32[]={2}",
     .wanted = "bool[3]={1,0,0}"},
    {.name = "unsigned beyond the signed",
     .attrs = "",
     .inputs = "u64[2]={-1,3} u64[]={5}",
     .wanted = "bool[2]={0,1}"},
    {.name = "booleans", .attrs = "", .inputs = "bool[2] bool[2]", .refusal = "a number"},
};

static const struct fet_op_case less_or_equal_cases[] = {
    {.name = "integers",
     .attrs = "",
     .inputs = "i32[3]={-1,2,3} i32[]={2}",
     .wanted = "bool[3]={1,1,0}"},
};

static const struct fet_op_case greater_cases[] = {
    {.name = "reals",
     .attrs = "",
     .inputs = "f64[3]={1,nan,3} f64[]={2}",
     .wanted = "bool[3]={0,0,1}"},
};

static const struct fet_op_case greater_or_equal_cases[] = {
    {.name = "integers",
     .attrs = "",
     .inputs = "i8[3]={-1,2,3} i8[]={2}",
     .wanted = "bool[3]={0,1,1}"},
};

FET_BINARY_OP(equal, equal, true, true, "Equal", 7);
FET_BINARY_OP(less, less, true, false, "Less", 7);
FET_BINARY_OP(less_or_equal, less_or_equal, true, false, "LessOrEqual", 12);
FET_BINARY_OP(greater, greater, true, false, "Greater", 7);
FET_BINARY_OP(greater_or_equal, greater_or_equal, true, false, "GreaterOrEqual", 12);
