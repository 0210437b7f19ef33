/* Private to the table reader: numbers as they stand in files, whatever the locale says. Accepts
 * [+-] digits [. digits] [e [+-] digits] with at least one digit before the exponent. Thread-safe.
 */
#ifndef FET_DECIMAL_H
#define FET_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* Are the n bytes such a number, and one that a double can hold? */
bool fet_decimal_is_finite(const uint8_t *s, int64_t n);

/* Its value, correctly rounded; NaN if fet_decimal_is_finite says no. */
double fet_decimal_value(const uint8_t *s, int64_t n);

#endif
