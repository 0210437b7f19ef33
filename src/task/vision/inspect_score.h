/* How well an inspector did on parts whose truth is known. */
#ifndef FET_INSPECT_SCORE_H
#define FET_INSPECT_SCORE_H

#include "inspector.h"

/* What was answered to parts of known truth, in the order of the answers. */
struct fet_inspect_results {
    const struct fet_inspector *s;
    const struct fet_example **x;      /* owned [n]; borrowed examples */
    const struct fet_answer **answers; /* owned [n]; borrowed */
    double *scores;                    /* owned [n] */
    uint8_t *truth;                    /* owned [n]: 1 = defect */
    int64_t n, n_good, n_defects;
};

/* As fet_task.score. */
FET_CHECKED fet_status fet_inspect_score(const void *state, const struct fet_examples *e,
                                         const struct fet_example *const *x,
                                         const struct fet_answer *answers, int64_t n,
                                         const struct fet_context *c, struct fet_task_score *score);

/* How many of the good parts (is_defect 0) or defects (1) got that verdict; label NULL = of any
 * kind. */
int64_t fet_inspect_count(const struct fet_inspect_results *r, uint8_t is_defect, const char *label,
                          enum fet_verdict verdict);

/* Adds pixel_auroc and au_pro when defects have masks. FET_SHAPE names a mask of another size than
 * its picture. */
FET_CHECKED fet_status fet_inspect_pixels(const struct fet_inspect_results *r,
                                          const struct fet_context *c, json_t *figures);

/* Histogram of scores, ROC, confusion, times. */
FET_CHECKED fet_status fet_inspect_charts(const struct fet_inspect_results *r,
                                          struct fet_charts *charts);

#endif
