/* Private to data: how much detail do two pictures share, once laid over each other? */
#ifndef FET_DETAIL_MATCH_H
#define FET_DETAIL_MATCH_H

#include "fingerprint.h"

struct fet_match_scratch {
    float a[FET_DETAIL_SIZE], b[FET_DETAIL_SIZE], warped[FET_DETAIL_SIZE], mask[FET_DETAIL_SIZE];
};

/* The correlation of the two details over their common area after the best shift (up to an eighth
 * of the side), turn and stretch (8 % at most): -1..1, 0 for a picture without detail. Nearly
 * symmetric. When it is below `enough` already at half size, where it is nearly always higher, that
 * is the answer; -1 = never. scratch: the caller's, one a thread. About a millisecond. */
double fet_detail_match(const int8_t a[], const int8_t b[], double enough,
                        struct fet_match_scratch *scratch);

#endif
