/* Which examples a page shows, and under which heading. */
#ifndef FET_CHOICE_H
#define FET_CHOICE_H

#include "report.h"

/* In the order of the page: what went wrong first. */
enum fet_group {
    FET_GROUP_MISSED,       /* a defect that was accepted */
    FET_GROUP_FALSE_REJECT, /* a good part that was rejected */
    FET_GROUP_WRONG_LABEL,  /* another class than the true one */
    FET_GROUP_OUTSIDE,      /* the true number is outside the promised interval */
    FET_GROUP_REVIEW,       /* left to a person */
    FET_GROUP_RIGHT,
    FET_GROUP_UNKNOWN, /* nothing is known of the truth */
    FET_N_GROUPS
};

enum fet_group fet_group_of(const struct fet_example *x, const struct fet_answer *a);

/* What the truth says of an example in one word: its label, else "good" or "defect", else "". */
const char *fet_truth_label(const struct fet_example *x);
/* The true number and how far the answer is from it; NaN when the example has none. */
double fet_truth_error(const struct fet_example *x, const struct fet_answer *a);
/* The probability of the answer's own class; NaN when it has none. */
double fet_answer_confidence(const struct fet_answer *a);

struct fet_choice {
    int64_t *items; /* owned: indices of answers, one group after the other, worst first */
    int64_t n;
    int64_t n_shown[FET_N_GROUPS], n_total[FET_N_GROUPS];
};

/* At most `limit` examples. Groups share the places evenly as far as they can use them, right ones
 * get 24 at most; within a group the places go round the labels, in each label to the worst first
 * (right ones: evenly from the highest to the lowest score). Depends on content, not on names. */
FET_CHECKED fet_status fet_choice_make(const struct fet_report *r, int64_t limit,
                                       struct fet_choice *choice);
void fet_choice_deinit(struct fet_choice *choice); /* accepts NULL and {0} */

#endif
