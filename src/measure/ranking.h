/* Private to measure: scores with their truth, sorted, and walked in groups of equal score. */
#ifndef FET_RANKING_H
#define FET_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "base.h"

struct fet_scored {
    double score;
    bool is_positive;
};

struct fet_ranking {
    struct fet_scored *items; /* owned; ascending by score */
    int64_t n, n_positive, n_negative;
};

/* FET_ARGUMENT when a score is NaN (infinite ones are fine). */
FET_CHECKED fet_status fet_ranking_init(const char *what, const double *scores,
                                        const uint8_t *truth, int64_t n, struct fet_ranking *r);
void fet_ranking_deinit(struct fet_ranking *r); /* accepts {0} */

/* Examples of one score: items first..end-1. Start with {0}; false when there are no more. */
struct fet_tie {
    int64_t first, end, n_positive, n_negative;
};
bool fet_ranking_next_up(const struct fet_ranking *r, struct fet_tie *tie);
/* The same from the highest score down. Start with {0} too. */
bool fet_ranking_next_down(const struct fet_ranking *r, struct fet_tie *tie);

/* P(a positive scores higher than a negative) + half of P(equal), exact up to one rounding; NaN
 * when one of the two is missing. */
double fet_ranking_auroc(const struct fet_ranking *r);

#endif
