/* Splits that depend on content and seed only, and never cut through a group. */
#ifndef FET_SPLIT_H
#define FET_SPLIT_H

#include "examples.h"

struct fet_split_shares {
    double calibrate,
        test; /* shares of the examples without a split of their own; the rest is fit */
};

/* Gives every example that has FET_SPLIT_NONE or FET_SPLIT_FIT a split; those that the layout put
 * in test or calibrate stay. When the layout has a test split, share test is taken as 0. Groups are
 * drawn by a hash of (seed, smallest key in the group), so adding one example moves no other except
 * at the cut. Exactly round(share * n) examples where groups allow; at least 1 in calibrate when
 * n >= 2. */
FET_CHECKED fet_status fet_split_assign(struct fet_examples *e, struct fet_split_shares shares,
                                        uint64_t seed);

/* Pictures only: puts near-duplicates (same part re-encoded, shifted a little, re-exposed) and
 * frames of one part into one group, by comparing small normalised thumbnails. Notes how many were
 * found. */
FET_CHECKED fet_status fet_near_duplicates_group(struct fet_examples *e,
                                                 const struct fet_context *c);

#endif
