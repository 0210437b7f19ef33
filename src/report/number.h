/* Numbers as people read them: few digits, but never rounded to 0, 1 or 100 % when they are not.
 * Thousands are set apart by a narrow no-break space. out holds the text and its NUL. */
#ifndef FET_NUMBER_H
#define FET_NUMBER_H

#include <stdint.h>

enum { FET_NUMBER_BYTES = 48 };

const char *fet_number_real(double v, char out[FET_NUMBER_BYTES]);  /* "0.983", "12.3", "4 520" */
const char *fet_number_share(double v, char out[FET_NUMBER_BYTES]); /* 0.975 -> "97.5 %" */
const char *fet_number_count(int64_t v, char out[FET_NUMBER_BYTES]);
/* One of several ticks `step` apart: as many decimals as the step needs. */
const char *fet_number_tick(double v, double step, char out[FET_NUMBER_BYTES]);

#endif
