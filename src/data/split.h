/* Splits that depend on content and seed only, and never cut through a group. */
#ifndef FET_SPLIT_H
#define FET_SPLIT_H

#include "examples.h"

enum { FET_SPLIT_MAX_FOLDS = 32 };

struct fet_split_shares {
    double calibrate,
        test;    /* shares of the examples without a split of their own; the rest is fit */
    int64_t few; /* when fewer are left beside the test, no share of them calibrates: */
    int n_folds; /* all are fit, and dealt into so many folds (fet_example), one for each group at
                  * most; 0 = never */
};

/* Gives every example that has FET_SPLIT_NONE or FET_SPLIT_FIT a split; those that the layout put
 * in test or calibrate stay.
 *
 * Where some examples are good, thresholds come from good ones alone: undecided defects go to test.
 * A group goes where a decided member is (test before calibrate), else where a defect in it must.
 * What is left is drawn by a hash of (seed, smallest key in the group), so that adding one example
 * moves no other except at the cut: round(share * n) examples where groups allow, but always one
 * for calibrate when its share is above 0 and n >= 2, and one for fit. Folds are dealt in the same
 * order, each group to the fold that has the fewest examples yet. When the layout has a test
 * (or calibrate) split, that share is taken as 0. FET_ARGUMENT when the shares are no shares
 * or the folds too many. */
FET_CHECKED fet_status fet_split_assign(struct fet_examples *e, struct fet_split_shares shares,
                                        uint64_t seed);

/* Pictures as fet_folder_read left them: puts near-duplicates (same part re-encoded, shifted a
 * little, re-exposed) and frames of one part into one group; how, says near_duplicates.c. Groups
 * that are there already grow. Pictures that the layout put into different splits are never joined,
 * but such pictures are counted in a note: the test will flatter. Notes how many were found. Time
 * grows with the square of n: 20,000 pictures take about a minute; over 50,000 only equal files are
 * joined, with a note. FET_ARGUMENT for examples of another kind. */
FET_CHECKED fet_status fet_near_duplicates_group(struct fet_examples *e,
                                                 const struct fet_context *c);

#endif
