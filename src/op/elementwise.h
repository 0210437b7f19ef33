/* The loops of elementwise operators: they work on lines of doubles or 64-bit integers, for every
 * element type. Private to the room. */
#ifndef FET_ELEMENTWISE_H
#define FET_ELEMENTWISE_H

#include "broadcast.h"

/* y[i] = f(x[i]); p = the parameters an operator hands through (its attributes), may be NULL. */
typedef void fet_unary_real(const double *x, double *y, int64_t n, const double *p);
/* d[i] = f'(x[i]), where y[i] = f(x[i]) as it was stored. */
typedef void fet_unary_slope(const double *x, const double *y, double *d, int64_t n,
                             const double *p);

/* One input, one output of the same shape: F16 BF16 F32 F64. */
FET_CHECKED fet_status fet_unary_infer(const struct fet_op_call *c);
FET_CHECKED fet_status fet_unary_forward(const struct fet_op_call *c, fet_unary_real *f,
                                         const double *p);
FET_CHECKED fet_status fet_unary_backward(const struct fet_op_call *c, fet_unary_slope *f,
                                          const double *p);

/* y[i] = f(a[i], b[i]); real as soon as one of both is. NULL = not for these types. `whole` serves
 * all integers and BOOL as int64, but U64, for which `natural` is asked if it is there (where the
 * sign matters). */
struct fet_binary {
    void (*real)(const double *a, const double *b, double *y, int64_t n);
    void (*whole)(const int64_t *a, const int64_t *b, int64_t *y, int64_t n);
    void (*natural)(const uint64_t *a, const uint64_t *b, uint64_t *y, int64_t n);
    /* Derivatives after a and b. NULL = not differentiable. */
    void (*slope)(const double *a, const double *b, const double *y, double *da, double *db,
                  int64_t n);
};

/* Two inputs of one type with broadcasting; y has their type, or BOOL for comparisons. Which types
 * are accepted follows from the functions given; BOOL only with takes_bool. */
FET_CHECKED fet_status fet_binary_infer(const struct fet_op_call *c, const struct fet_binary *f,
                                        bool gives_bool, bool takes_bool);
void fet_binary_forward(const struct fet_op_call *c, const struct fet_binary *f);
/* y = f(a, b) for tensors; y may be a when no broadcasting happens to it. */
void fet_binary_apply(const struct fet_binary *f, const struct fet_tensor *a,
                      const struct fet_tensor *b, struct fet_tensor *y);
FET_CHECKED fet_status fet_binary_backward(const struct fet_op_call *c, const struct fet_binary *f);

/* The whole of an operator with two inputs, from its fet_binary `f` and its cases id_cases. The
 * second form has a gradient. */
#define FET_BINARY_PARTS(id, f, gives_bool, takes_bool)               \
    static fet_status id##_infer(const struct fet_op_call *c)         \
    {                                                                 \
        return fet_binary_infer(c, &(f), (gives_bool), (takes_bool)); \
    }                                                                 \
    static fet_status id##_forward(const struct fet_op_call *c)       \
    {                                                                 \
        fet_binary_forward(c, &(f));                                  \
        return FET_OK;                                                \
    }
#define FET_BINARY_STRUCT(id, its_backward, type, since)     \
    const struct fet_op fet_op_##id = {                      \
        .name = #id,                                         \
        .min_x = 2,                                          \
        .max_x = 2,                                          \
        .n_y = 1,                                            \
        .infer = id##_infer,                                 \
        .forward = id##_forward,                             \
        .backward = (its_backward),                          \
        .onnx_type = (type),                                 \
        .onnx_since = (since),                               \
        .cases = id##_cases,                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0], \
    }
#define FET_BINARY_OP(id, f, gives_bool, takes_bool, type, since) \
    FET_BINARY_PARTS(id, f, gives_bool, takes_bool)               \
    FET_BINARY_STRUCT(id, NULL, type, since)
#define FET_BINARY_SMOOTH_OP(id, f, type, since)                 \
    FET_BINARY_PARTS(id, f, false, false)                        \
    static fet_status id##_backward(const struct fet_op_call *c) \
    {                                                            \
        return fet_binary_backward(c, &(f));                     \
    }                                                            \
    FET_BINARY_STRUCT(id, id##_backward, type, since)

/* A gradient that many elements add to: doubles, added to dx at the end. */
struct fet_sum {
    struct fet_tensor *dx; /* borrowed; NULL = nobody wants it, and v is NULL */
    double *v;             /* owned; one per element of dx */
};
FET_CHECKED fet_status fet_sum_start(struct fet_sum *s, struct fet_tensor *dx);
void fet_sum_finish(struct fet_sum *s); /* adds */
void fet_sum_deinit(struct fet_sum *s); /* accepts {0} */

/* Adds dy, which has the shape of y, to dx along the broadcast dimensions. */
FET_CHECKED fet_status fet_broadcast_backward(const struct fet_tensor *dy, struct fet_tensor *dx);

#endif
