/* Reals of eight and four bits: sign, exponent, fraction. Micikevicius 2022 (E4M3, E5M2), Noune
 * 2022 (FNUZ), the OCP microscaling formats of 2023 (E2M1). */
#include "typed.h"

#include <assert.h>
#include <math.h>

struct format {
    int n_bits, n_fraction, bias;
    int most; /* the code of the largest, without sign */
    bool has_infinity, has_negative_zero;
    int nan; /* what NaN becomes: a code that is NaN, or -0 where there is none */
};

static const struct format *format_of(enum fet_dtype d)
{
    static const struct format formats[] = {
        {8, 3, 7, 0x7e, false, true, 0x7f},  {8, 2, 15, 0x7b, true, true, 0x7f},
        {8, 3, 8, 0x7f, false, false, 0x80}, {8, 2, 16, 0x7f, false, false, 0x80},
        {4, 1, 1, 0x7, false, true, 0x8},
    };
    assert(d >= FET_F8_E4M3 && d <= FET_F4_E2M1);
    return &formats[d - FET_F8_E4M3];
}

double fet_narrow_to_f64(enum fet_dtype d, uint8_t bits)
{
    const struct format *const f = format_of(d);
    const int sign_bit = 1 << (f->n_bits - 1);
    const int code = bits & (sign_bit - 1);
    const int exponent = code >> f->n_fraction, fraction = code & ((1 << f->n_fraction) - 1);
    const double sign = (bits & sign_bit) != 0 ? -1 : 1;
    if (!f->has_negative_zero && bits == f->nan) return (double)NAN;
    if (f->has_infinity && code == f->most + 1) return sign * (double)INFINITY;
    if (code > f->most) return (double)NAN;
    if (exponent == 0) return sign * ldexp(fraction, 1 - f->bias - f->n_fraction);
    return sign * ldexp(fraction + (1 << f->n_fraction), exponent - f->bias - f->n_fraction);
}

uint8_t fet_narrow_from_f64(enum fet_dtype d, double v, bool saturates)
{
    const struct format *const f = format_of(d);
    const int sign = signbit(v) ? 1 << (f->n_bits - 1) : 0;
    if (isnan(v)) return (uint8_t)f->nan;
    int e = 0;
    (void)frexp(v, &e); /* |v| in [2^(e-1), 2^e) */
    /* The unit of the last place; below the smallest normal number it stays the same. */
    const int exponent = v == 0 || e - 1 < 1 - f->bias ? 1 - f->bias : e - 1;
    const double units = isinf(v) ? 1e9 : nearbyint(ldexp(fabs(v), f->n_fraction - exponent));
    /* A normal number has its leading one at n_fraction, which the exponent field absorbs. */
    const double code = ldexp(exponent + f->bias - 1, f->n_fraction) + units;
    if (code <= f->most) {
        const int c = (int)code;
        return (uint8_t)(c == 0 && !f->has_negative_zero ? 0 : c | sign);
    }
    if (saturates || d == FET_F4_E2M1) return (uint8_t)(f->most | sign);
    return (uint8_t)(f->has_infinity ? (f->most + 1) | sign : f->nan);
}
