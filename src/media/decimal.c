/* Most cells have few digits: their value is digits times or divided by a power of ten, both exact
 * doubles, so that one IEEE operation rounds correctly (Clinger 1990, "How to read floating point
 * numbers accurately", section 3). The rest goes to the C library. */
#include "decimal.h"

#include <math.h>
#include <string.h>

#include "base.h"

struct decimal {
    uint64_t digits; /* the first 19 significant ones */
    int64_t power;   /* value = digits * 10^power, unless digits were dropped */
    int n_digits;    /* how many digits holds; dropped ones went into power */
    bool is_negative, is_cut;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(struct decimal *d, uint8_t c, bool is_fraction)
{
    if (d->n_digits < 19) {
        d->digits = d->digits * 10 + (uint64_t)(c - '0');
        if (d->digits > 0) d->n_digits++;
        d->power -= is_fraction;
    } else {
        d->is_cut = true;
        d->power += !is_fraction;
    }
}

/* [+-] digits at i up to the end; saturates far outside what a double can hold. */
static bool scan_exponent(const uint8_t *s, int64_t n, int64_t i, int64_t *power)
{
    const bool is_negative = i < n && s[i] == '-';
    if (i < n && (s[i] == '+' || s[i] == '-')) i++;
    if (i == n) return false;
    int64_t value = 0;
    for (; i < n; i++) {
        if (!is_digit(s[i])) return false;
        if (value < 1000000) value = value * 10 + (s[i] - '0');
    }
    *power += is_negative ? -value : value;
    return true;
}

static bool scan(const uint8_t *s, int64_t n, struct decimal *d)
{
    *d = (struct decimal){0};
    int64_t i = 0;
    bool has_digit = false;
    if (n > 0 && (s[0] == '-' || s[0] == '+')) d->is_negative = s[i++] == '-';
    for (; i < n && is_digit(s[i]); i++, has_digit = true) add_digit(d, s[i], false);
    if (i < n && s[i] == '.')
        for (i++; i < n && is_digit(s[i]); i++, has_digit = true) add_digit(d, s[i], true);
    if (!has_digit) return false;
    if (i == n) return true;
    if (s[i] != 'e' && s[i] != 'E') return false;
    return scan_exponent(s, n, i + 1, &d->power);
}

/* By the C library; NaN when the text is absurdly long or the value too large. */
static double value_by_library(const uint8_t *s, int64_t n)
{
    char text[512];
    double value = (double)NAN;
    if (n >= (int64_t)sizeof text) return value;
    memcpy(text, s, (size_t)n);
    text[n] = '\0';
    return fet_text_to_real(text, &value) ? value : (double)NAN;
}

static double value_of(const struct decimal *d, const uint8_t *s, int64_t n)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->digits == 0 && !d->is_cut) return d->is_negative ? -0.0 : 0.0;
    if (d->is_cut || d->digits > (UINT64_C(1) << 53) || d->power < -22 || d->power > 22)
        return value_by_library(s, n);
    const double digits = (double)d->digits;
    const double value = d->power < 0 ? digits / powers[-d->power] : digits * powers[d->power];
    return d->is_negative ? -value : value;
}

bool fet_decimal_is_finite(const uint8_t *s, int64_t n)
{
    struct decimal d;
    if (!scan(s, n, &d)) return false;
    /* Far from the largest double there is no need to compute the value. */
    if (n < 200 && d.power + d.n_digits < 300) return true;
    return isfinite(value_of(&d, s, n));
}

double fet_decimal_value(const uint8_t *s, int64_t n)
{
    struct decimal d;
    return scan(s, n, &d) ? value_of(&d, s, n) : (double)NAN;
}
