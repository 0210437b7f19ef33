/* Reading and writing single elements of any type, and the two half-precision formats. For small
 * things (scalars, indices, conversions); loops over data have one body per type. Private to the
 * rooms that compute; read-only, thread-safe. */
#ifndef FET_TYPED_H
#define FET_TYPED_H

#include "tensor.h"

enum { FET_N_DTYPES = FET_U2 + 1 };

/* Bits to value and back, rounding to nearest even; overflow gives infinity, NaN stays NaN. */
float fet_f16_to_f32(uint16_t bits);
uint16_t fet_f16_from_f64(double v);
float fet_bf16_to_f32(uint16_t bits);
uint16_t fet_bf16_from_f64(double v);

/* narrow.c: the bits of F8 and F4 to value and back, rounding to nearest even. What is too large
 * becomes the largest, or where it does not saturate infinity or NaN, whichever the type has. */
double fet_narrow_to_f64(enum fet_dtype d, uint8_t bits);
uint8_t fet_narrow_from_f64(enum fet_dtype d, double v, bool saturates);

/* Element i as double or integer. Reals become integers by cutting towards zero; what does not fit,
 * and NaN, becomes the nearest end of the type, or 0; in less than eight bits it wraps, as integers
 * do. BOOL: not 0 is 1. */
double fet_read_real(const struct fet_tensor *t, int64_t i);
int64_t fet_read_int(const struct fet_tensor *t, int64_t i);
void fet_write_real(struct fet_tensor *t, int64_t i, double v);
void fet_write_int(struct fet_tensor *t, int64_t i, int64_t v);

/* n elements from `at` on, `step` apart (0 repeats one), as double or integer; the conversions of
 * the calls above. Operators compute on such lines, so that one loop serves every type: for + - * /
 * and sqrt a result rounded from double is what the narrower type gives itself (Figueroa 1995). */
enum { FET_LINE = 256 }; /* a good length for lines on the stack */
void fet_load_real(const struct fet_tensor *t, int64_t at, int64_t step, int64_t n, double *out);
void fet_load_int(const struct fet_tensor *t, int64_t at, int64_t step, int64_t n, int64_t *out);
void fet_store_real(struct fet_tensor *t, int64_t at, int64_t step, int64_t n, const double *v);
void fet_store_int(struct fet_tensor *t, int64_t at, int64_t step, int64_t n, const int64_t *v);
void fet_add_real(struct fet_tensor *t, int64_t at, int64_t step, int64_t n, const double *v);

bool fet_dtype_is_float(enum fet_dtype d);    /* F16 BF16 F32 F64, F8, F4 */
bool fet_dtype_is_real(enum fet_dtype d);     /* F32 F64: what arithmetic is written for */
bool fet_dtype_is_integer(enum fet_dtype d);  /* without BOOL */
bool fet_dtype_is_unsigned(enum fet_dtype d); /* U8 U16 U32 U64 U4 U2 */
int fet_dtype_bits(enum fet_dtype d);         /* of an element's value: 2, 4, 8, ... */

/* double to integer without undefined behaviour: cut towards zero, NaN gives 0, ends saturate. */
int64_t fet_real_to_i64(double v);
uint64_t fet_real_to_u64(double v);

#endif
