/* The exact interval of a share, by Clopper & Pearson (1934): the shares that a binomial test does
 * not reject. Never too narrow; a little wide for small n, which is the honest side for a promise.
 */
#include <math.h>

#include "measure.h"

struct fet_interval fet_share_interval(int64_t hits, int64_t n, double confidence)
{
    if (hits < 0 || hits > n || !(confidence > 0 && confidence < 1))
        return (struct fet_interval){(double)NAN, (double)NAN};
    const double k = (double)hits, misses = (double)(n - hits), tail = (1 - confidence) / 2;
    return (struct fet_interval){
        .low = hits == 0 ? 0 : fet_beta_quantile(tail, k, misses + 1),
        .high = hits == n ? 1 : 1 - fet_beta_quantile(tail, misses, k + 1),
    };
}
