/* CLOCK_MONOTONIC: never set back by an administrator or by NTP. */
#include "clock.h"

#include <time.h>

double fet_clock_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail on Linux with this clock */
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}
