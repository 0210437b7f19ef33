#include "schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* From a at share 0 to b at share 1. */
static double along_cosine(double a, double b, double share)
{
    if (share < 0) share = 0;
    if (share > 1) share = 1;
    return b + (a - b) * 0.5 * (1 + cos(pi * share));
}

double fet_schedule_rate(const struct fet_schedule *s, int64_t step)
{
    const double at = (double)step, n = (double)s->n_steps, warmup = (double)s->n_warmup;
    if (s->kind == FET_SCHEDULE_ONE_CYCLE) {
        const double top = 0.3 * n - 1;
        if (at <= top) return along_cosine(s->rate / 25, s->rate, at / fmax(top, 1));
        return along_cosine(s->rate, s->rate * s->last, (at - top) / fmax(n - 1 - top, 1));
    }
    if (step < s->n_warmup) return s->rate * (at + 1) / warmup;
    if (s->kind == FET_SCHEDULE_CONSTANT) return s->rate;
    return along_cosine(s->rate, s->rate * s->last, (at - warmup) / fmax(n - warmup, 1));
}
