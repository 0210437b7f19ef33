/* Elements one at a time. */
#include "typed.h"

#include <assert.h>
#include <math.h>
#include <string.h>

float fet_bf16_to_f32(uint16_t bits)
{
    const uint32_t wide = (uint32_t)bits << 16;
    float v = 0;
    memcpy(&v, &wide, sizeof v);
    return v;
}

float fet_f16_to_f32(uint16_t bits)
{
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
    if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * ldexpf((float)fraction, -24);
    return sign * ldexpf((float)(fraction + 1024), exponent - 25);
}

/* v rounded to a float with n_exponent and n_fraction bits, as its bits. One rounding only: from
 * double straight to the narrow type (through float it would be rounded twice). */
static uint16_t narrow(double v, int n_exponent, int n_fraction)
{
    const int bias = (1 << (n_exponent - 1)) - 1;
    const uint16_t sign = signbit(v) ? 0x8000u : 0;
    const unsigned infinity = ((1u << n_exponent) - 1) << n_fraction;
    if (isnan(v)) return (uint16_t)(sign | infinity | 1u << (n_fraction - 1));
    if (isinf(v)) return (uint16_t)(sign | infinity);
    int e = 0;
    (void)frexp(v, &e); /* |v| in [2^(e-1), 2^e) */
    if (v == 0) return sign;
    if (e - 1 > bias) return (uint16_t)(sign | infinity);
    /* The unit of the last place; below the smallest normal number it stays the same. */
    const int exponent = e - 1 < 1 - bias ? 1 - bias : e - 1;
    const double units = nearbyint(ldexp(fabs(v), n_fraction - exponent));
    /* A normal number has its leading one at n_fraction, which the exponent field absorbs; a
     * carry out of the fraction raises the exponent by itself, up to infinity. */
    const unsigned field = (unsigned)(exponent + bias - 1) << n_fraction;
    return (uint16_t)(sign | (field + (unsigned)units));
}

uint16_t fet_f16_from_f64(double v)
{
    return narrow(v, 5, 10);
}

uint16_t fet_bf16_from_f64(double v)
{
    return narrow(v, 8, 7);
}

int64_t fet_real_to_i64(double v)
{
    if (isnan(v)) return 0;
    if (v >= 9223372036854775808.0) return INT64_MAX;
    if (v <= -9223372036854775808.0) return INT64_MIN;
    return (int64_t)v;
}

uint64_t fet_real_to_u64(double v)
{
    if (isnan(v) || v <= -1.0) return 0;
    if (v >= 18446744073709551616.0) return UINT64_MAX;
    return (uint64_t)v;
}

double fet_read_real(const struct fet_tensor *t, int64_t i)
{
    switch (t->dtype) {
    case FET_F32:
        return (double)((const float *)t->data)[i];
    case FET_F64:
        return ((const double *)t->data)[i];
    case FET_F16:
        return (double)fet_f16_to_f32(((const uint16_t *)t->data)[i]);
    case FET_BF16:
        return (double)fet_bf16_to_f32(((const uint16_t *)t->data)[i]);
    case FET_U64:
        return (double)((const uint64_t *)t->data)[i];
    case FET_F8_E4M3:
    case FET_F8_E5M2:
    case FET_F8_E4M3FNUZ:
    case FET_F8_E5M2FNUZ:
    case FET_F4_E2M1:
        return fet_narrow_to_f64(t->dtype, ((const uint8_t *)t->data)[i]);
    default:
        return (double)fet_read_int(t, i);
    }
}

int64_t fet_read_int(const struct fet_tensor *t, int64_t i)
{
    switch (t->dtype) {
    case FET_BOOL:
        return ((const uint8_t *)t->data)[i] != 0;
    case FET_I8:
    case FET_I4:
    case FET_I2:
        return ((const int8_t *)t->data)[i];
    case FET_U8:
    case FET_U4:
    case FET_U2:
        return ((const uint8_t *)t->data)[i];
    case FET_I16:
        return ((const int16_t *)t->data)[i];
    case FET_U16:
        return ((const uint16_t *)t->data)[i];
    case FET_I32:
        return ((const int32_t *)t->data)[i];
    case FET_U32:
        return ((const uint32_t *)t->data)[i];
    case FET_I64:
        return ((const int64_t *)t->data)[i];
    case FET_U64:
        return (int64_t)((const uint64_t *)t->data)[i];
    default:
        return fet_real_to_i64(fet_read_real(t, i));
    }
}

/* v inside low..high. */
static int64_t saturate(double v, int64_t low, int64_t high)
{
    const int64_t i = fet_real_to_i64(v);
    return i < low ? low : i > high ? high : i;
}

void fet_write_real(struct fet_tensor *t, int64_t i, double v)
{
    switch (t->dtype) {
    case FET_F32:
        ((float *)t->data)[i] = (float)v;
        break;
    case FET_F64:
        ((double *)t->data)[i] = v;
        break;
    case FET_F16:
        ((uint16_t *)t->data)[i] = fet_f16_from_f64(v);
        break;
    case FET_BF16:
        ((uint16_t *)t->data)[i] = fet_bf16_from_f64(v);
        break;
    case FET_BOOL:
        ((uint8_t *)t->data)[i] = v != 0;
        break;
    case FET_U64:
        ((uint64_t *)t->data)[i] = fet_real_to_u64(v);
        break;
    case FET_I8:
        fet_write_int(t, i, saturate(v, INT8_MIN, INT8_MAX));
        break;
    case FET_U8:
        fet_write_int(t, i, saturate(v, 0, UINT8_MAX));
        break;
    case FET_I16:
        fet_write_int(t, i, saturate(v, INT16_MIN, INT16_MAX));
        break;
    case FET_U16:
        fet_write_int(t, i, saturate(v, 0, UINT16_MAX));
        break;
    case FET_I32:
        fet_write_int(t, i, saturate(v, INT32_MIN, INT32_MAX));
        break;
    case FET_U32:
        fet_write_int(t, i, saturate(v, 0, UINT32_MAX));
        break;
    case FET_F8_E4M3:
    case FET_F8_E5M2:
    case FET_F8_E4M3FNUZ:
    case FET_F8_E5M2FNUZ:
    case FET_F4_E2M1:
        ((uint8_t *)t->data)[i] = fet_narrow_from_f64(t->dtype, v, true);
        break;
    case FET_I64:
    case FET_I4:
    case FET_U4:
    case FET_I2:
    case FET_U2:
        fet_write_int(t, i, fet_real_to_i64(v));
        break;
    }
}

void fet_write_int(struct fet_tensor *t, int64_t i, int64_t v)
{
    switch (t->dtype) {
    case FET_BOOL:
        ((uint8_t *)t->data)[i] = v != 0;
        break;
    case FET_I8:
    case FET_U8:
        ((uint8_t *)t->data)[i] = (uint8_t)v;
        break;
    case FET_I16:
    case FET_U16:
        ((uint16_t *)t->data)[i] = (uint16_t)v;
        break;
    case FET_I32:
    case FET_U32:
        ((uint32_t *)t->data)[i] = (uint32_t)v;
        break;
    case FET_I64:
    case FET_U64:
        ((uint64_t *)t->data)[i] = (uint64_t)v;
        break;
    case FET_U4:
    case FET_U2:
        ((uint8_t *)t->data)[i] = (uint8_t)(v & (t->dtype == FET_U4 ? 15 : 3));
        break;
    case FET_I4:
        ((int8_t *)t->data)[i] = (int8_t)(((v & 15) ^ 8) - 8);
        break;
    case FET_I2:
        ((int8_t *)t->data)[i] = (int8_t)(((v & 3) ^ 2) - 2);
        break;
    default:
        fet_write_real(t, i, (double)v);
        break;
    }
}

bool fet_dtype_is_float(enum fet_dtype d)
{
    return d == FET_F16 || d == FET_BF16 || d == FET_F32 || d == FET_F64 ||
           (d >= FET_F8_E4M3 && d <= FET_F4_E2M1);
}

bool fet_dtype_is_real(enum fet_dtype d)
{
    return d == FET_F32 || d == FET_F64;
}

bool fet_dtype_is_integer(enum fet_dtype d)
{
    return !fet_dtype_is_float(d) && d != FET_BOOL;
}

bool fet_dtype_is_unsigned(enum fet_dtype d)
{
    return d == FET_U8 || d == FET_U16 || d == FET_U32 || d == FET_U64 || d == FET_U4 ||
           d == FET_U2;
}

int fet_dtype_bits(enum fet_dtype d)
{
    if (d == FET_I2 || d == FET_U2) return 2;
    if (d == FET_I4 || d == FET_U4 || d == FET_F4_E2M1) return 4;
    return 8 * (int)fet_dtype_bytes(d);
}
