/* A sum that does not lose small terms beside large ones: Kahan's idea as Neumaier wrote it (1974).
 * The order of the additions is the caller's, so results repeat. */
#ifndef FET_TOTAL_H
#define FET_TOTAL_H

#include <math.h>

struct fet_total {
    double sum, lost; /* {0} is an empty total */
};

static inline void fet_total_add(struct fet_total *t, double x)
{
    const double sum = t->sum + x;
    t->lost += fabs(t->sum) >= fabs(x) ? (t->sum - sum) + x : (x - sum) + t->sum;
    t->sum = sum;
}

static inline double fet_total_get(const struct fet_total *t)
{
    return t->sum + t->lost;
}

#endif
