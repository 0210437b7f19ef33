/* Time. Thread-safe. */
#ifndef FET_CLOCK_H
#define FET_CLOCK_H

double fet_clock_ms(void); /* monotonic, from an arbitrary start */

#endif
