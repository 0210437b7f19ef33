/* What operators on 8-bit numbers share: an element q with scale s and zero z stands for s (q - z).
 * Private to the room. */
#ifndef FET_QUANTIZED_H
#define FET_QUANTIZED_H

#include "op_args.h"

/* Which inputs are the operands a and b with their scales and zeros, and those of y; -1 = none. */
struct fet_quantized {
    int a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero;
};

/* Types: operands U8 or I8, zeros of their operand's type, scales real. Scales and zeros hold one
 * number each, or those of a and y n_a, those of b n_b of them. */
FET_CHECKED fet_status fet_quantized_check(const struct fet_op_call *c,
                                           const struct fet_quantized *q, int64_t n_a, int64_t n_b);
/* Number k of input i, its only one, or the standard where it was left out. */
int64_t fet_zero_at(const struct fet_op_call *c, int i, int64_t k);
double fet_scale_at(const struct fet_op_call *c, int i, int64_t k);
/* Element `at` of output 0: sum stands for sum a_scale b_scale; i_a, i_b say which scales count. */
void fet_quantized_store(const struct fet_op_call *c, const struct fet_quantized *q, int64_t at,
                         int64_t sum, int64_t i_a, int64_t i_b);

#endif
