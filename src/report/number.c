#include "number.h"

#include "base.h"

#include <math.h>
#include <string.h>

static const char *const narrow_space = "\xe2\x80\xaf", *const minus = "\xe2\x88\x92",
                         *const dash = "\xe2\x80\x93";

const char *fet_number_count(int64_t v, char out[FET_NUMBER_BYTES])
{
    char digits[24];
    fet_text_format(digits, sizeof digits, "%llu",
                    v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v);
    const size_t n = strlen(digits);
    size_t used = 0;
    fet_text_format(out, FET_NUMBER_BYTES, "%s", v < 0 ? minus : "");
    used = strlen(out);
    for (size_t i = 0; i < n; i++) {
        /* Four digits stay together: "4520", but "12 345". */
        const bool is_border = n > 4 && i > 0 && (n - i) % 3 == 0;
        fet_text_format(out + used, FET_NUMBER_BYTES - used, "%s%c", is_border ? narrow_space : "",
                        digits[i]);
        used += strlen(out + used);
    }
    return out;
}

/* v with that many decimals and a true minus sign. */
static const char *fixed(double v, int decimals, const char *behind, char out[FET_NUMBER_BYTES])
{
    char digits[32];
    fet_text_format(digits, sizeof digits, "%.*f", decimals, fabs(v));
    const bool is_negative = v < 0 && strspn(digits, "0.") != strlen(digits);
    fet_text_format(out, FET_NUMBER_BYTES, "%s%s%s", is_negative ? minus : "", digits, behind);
    return out;
}

const char *fet_number_real(double v, char out[FET_NUMBER_BYTES])
{
    const double size = fabs(v);
    if (!isfinite(v)) {
        fet_text_format(out, FET_NUMBER_BYTES, "%s",
                        isnan(v) ? dash
                        : v > 0  ? "infinite"
                                 : "\xe2\x88\x92infinite");
        return out;
    }
    if (size == 0) return fixed(0, 0, "", out);
    if (size >= 1e15 || size < 1e-4) {
        fet_text_format(out, FET_NUMBER_BYTES, "%.2g", v);
        return out;
    }
    if (size >= 999.5) return fet_number_count((int64_t)llround(v), out);
    if (size >= 99.95) return fixed(v, 0, "", out);
    if (size >= 9.995) return fixed(v, 1, "", out);
    if (size > 1) return fixed(v, 2, "", out);
    if (size > 0.9995 && size < 1) return fixed(v, size > 0.99995 ? 6 : 4, "", out);
    if (size >= 0.0995) return fixed(v, 3, "", out);
    return fixed(v, size >= 0.00995 ? 4 : 5, "", out);
}

const char *fet_number_share(double v, char out[FET_NUMBER_BYTES])
{
    const double percent = 100 * v, size = fabs(percent);
    if (!isfinite(v)) return fet_number_real(v, out);
    const bool is_whole = size == 0 || size == 100;
    const bool is_close = size < 0.05 || (size >= 99.95 && size < 100);
    return fixed(percent, is_whole ? 0 : is_close ? 2 : 1, "\xe2\x80\xaf%", out);
}

const char *fet_number_tick(double v, double step, char out[FET_NUMBER_BYTES])
{
    if (!isfinite(v) || !(step > 0)) return fet_number_real(v, out);
    if (step >= 1 && fabs(v) < 1e15 && fabs(v) >= 1e4)
        return fet_number_count((int64_t)llround(v), out);
    const double decimals = ceil(-log10(step) - 1e-9);
    if (decimals > 6 || fabs(v) >= 1e15) {
        fet_text_format(out, FET_NUMBER_BYTES, "%.3g", v);
        return out;
    }
    return fixed(v, decimals > 0 ? (int)decimals : 0, "", out);
}
