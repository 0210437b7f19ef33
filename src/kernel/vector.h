/* Loops over arrays of floats, for what the library of kernels has not: sums, optimisers. They are
 * compiled for several instruction sets and choose when they run; no operation is contracted or
 * reordered, so all give the same bits. Nothing overlaps unless said. */
#ifndef FET_VECTOR_H
#define FET_VECTOR_H

#include "tensor.h"

/* Work in n_chunks pieces on n_threads threads of OpenMP, the threads that blocks run on (a pool of
 * our own would fight with them for the processors). Pieces must not depend on each other. */
typedef void fet_piece(void *self, int64_t i);
void fet_kernel_parallel(int n_threads, int64_t n_pieces, fet_piece *work, void *self);

void fet_vector_add(float *y, const float *x, int64_t n);                      /* y += x */
void fet_vector_add_scaled(float *y, const float *x, float f, int64_t n);      /* y += f x */
void fet_vector_sum(float *y, const float *a, const float *b, int64_t n);      /* y = a + b */
void fet_vector_sum_relu(float *y, const float *a, const float *b, int64_t n); /* max(a + b, 0) */
void fet_vector_relu(float *y, const float *x, int64_t n);
/* dx = dy where y > 0, else 0; dx may be dy. */
void fet_vector_relu_back(float *dx, const float *dy, const float *y, int64_t n);
/* Between low and high; NaN stays. dx = dy where low <= x <= high, else 0; dx may be dy. */
void fet_vector_clip(float *y, const float *x, float low, float high, int64_t n);
void fet_vector_clip_back(float *dx, const float *dy, const float *x, float low, float high,
                          int64_t n);
/* A row of n groups of `group` floats; each is the sum over fh x fw groups of y, whose rows are
 * `row` floats apart. */
void fet_vector_fold(float *x, const float *y, int64_t n, int64_t fw, int64_t fh, int64_t row,
                     int64_t group);
double fet_vector_square_sum(const float *x, int64_t n);                  /* NaN if one is */
void fet_vector_average(float *y, const float *x, float keep, int64_t n); /* y -> x */

/* Layer norm (Ba 2016) of one row: y = (x - mean) / sqrt(variance + epsilon) scale + bias (NULL =
 * none); stats gets the mean and the factor. Back: dx is written; to dscale and, unless NULL, dbias
 * their parts are added. */
void fet_vector_layer_norm(float *y, const float *x, const float *scale, const float *bias,
                           float epsilon, int64_t n, float stats[2]);
void fet_vector_layer_norm_back(float *dx, const float *dy, const float *x, const float *scale,
                                const float stats[2], float *dscale, float *dbias, int64_t n);

/* Binary cross-entropy of scores x and targets t: its sum; dx = slope (sigmoid(x) - t). */
double fet_vector_bce(const float *x, const float *t, int64_t n);
void fet_vector_bce_back(float *dx, const float *x, const float *t, float slope, int64_t n);

/* Steps of optimisers: weights w, gradients g (each times scale), state m and v. */
struct fet_vector_step {
    float scale, rate, decay; /* w loses rate * decay * w */
    float beta1, beta2, epsilon;
    float correct1, correct2; /* AdamW: 1 / (1 - beta1^t), 1 / sqrt(1 - beta2^t) */
};
/* m = beta1 m + g + decay w; w -= rate m. m NULL = without memory */
void fet_vector_sgd(const struct fet_vector_step *s, float *w, const float *g, float *m, int64_t n);
/* Loshchilov 2019 */
void fet_vector_adamw(const struct fet_vector_step *s, float *w, const float *g, float *m, float *v,
                      int64_t n);
/* w -= rate (sign(beta1 m + (1 - beta1) g) + decay w); m = beta2 m + (1 - beta2) g. Chen 2023 */
void fet_vector_lion(const struct fet_vector_step *s, float *w, const float *g, float *m,
                     int64_t n);

#endif
