/* PCG32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
 * for Random Number Generation"), seeded through SplitMix64 (Steele, Lea, Flood 2014) so that seeds
 * 1, 2, 3 start far apart. Normals by the polar method (Marsaglia, Bray 1964) with a logarithm of
 * our own: libm may round the last bit differently on another machine, IEEE + - * / sqrt may not.
 */
#include "rng.h"

#include <assert.h>
#include <math.h>

static const uint64_t multiplier = 6364136223846793005u; /* of the PCG paper */

static uint64_t splitmix64(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void fet_rng_init(struct fet_rng *r, uint64_t seed, uint64_t stream)
{
    r->stream = splitmix64(stream ^ 0x5851f42d4c957f2du) | 1u;
    r->state = splitmix64(splitmix64(seed) + stream);
    (void)fet_rng_u32(r);
}

uint32_t fet_rng_u32(struct fet_rng *r)
{
    const uint64_t old = r->state;
    r->state = old * multiplier + (r->stream | 1u); /* odd already after init; {0} works too */
    const uint32_t shifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    const uint32_t turn = (uint32_t)(old >> 59);
    return (shifted >> turn) | (shifted << ((32u - turn) & 31u));
}

uint64_t fet_rng_u64(struct fet_rng *r)
{
    const uint64_t high = fet_rng_u32(r);
    return high << 32 | fet_rng_u32(r);
}

uint32_t fet_rng_below(struct fet_rng *r, uint32_t n)
{
    assert(n >= 1);
    /* The lowest 2^32 mod n values are thrown away: what is left divides evenly. */
    const uint32_t n_rejected = (0u - n) % n;
    uint32_t x = fet_rng_u32(r);
    while (x < n_rejected) x = fet_rng_u32(r);
    return x % n;
}

static uint64_t below_u64(struct fet_rng *r, uint64_t n)
{
    const uint64_t n_rejected = (0u - n) % n;
    uint64_t x = fet_rng_u64(r);
    while (x < n_rejected) x = fet_rng_u64(r);
    return x % n;
}

double fet_rng_real(struct fet_rng *r)
{
    return (double)(fet_rng_u64(r) >> 11) * 0x1p-53;
}

double fet_rng_between(struct fet_rng *r, double low, double high)
{
    const double x = low + (high - low) * fet_rng_real(r);
    return x < high ? x : low; /* rounding may reach high */
}

int fet_rng_int(struct fet_rng *r, int low, int high)
{
    assert(low <= high);
    const uint32_t span = (uint32_t)high - (uint32_t)low;
    const uint32_t step = span == UINT32_MAX ? fet_rng_u32(r) : fet_rng_below(r, span + 1);
    return (int)((int64_t)low + step);
}

/* ln x for x in (0,1): x = m 2^e with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh z with
 * z = (m - 1) / (m + 1), |z| < 0.172. The series stops where a term is below 2^-53. */
static double natural_log(double x)
{
    static const double ln2 = 0x1.62e42fefa39efp-1, sqrt_half = 0x1.6a09e667f3bcdp-1;
    int e = 0;
    double m = frexp(x, &e);
    if (m < sqrt_half) {
        m *= 2;
        e--;
    }
    const double z = (m - 1) / (m + 1), zz = z * z;
    double sum = 0;
    for (int k = 21; k >= 1; k -= 2) sum = sum * zz + 1.0 / k;
    return 2 * z * sum + e * ln2;
}

double fet_rng_normal(struct fet_rng *r)
{
    double u = 0, v = 0, s = 0;
    do {
        u = 2 * fet_rng_real(r) - 1;
        v = 2 * fet_rng_real(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s <= 0);
    /* v would give a second one; keeping it would make the state larger than it is worth. */
    return u * sqrt(-2 * natural_log(s) / s);
}

int fet_rng_chance(struct fet_rng *r, double p)
{
    return fet_rng_real(r) < p;
}

void fet_rng_shuffle(struct fet_rng *r, int64_t *items, int64_t n)
{
    for (int64_t i = n - 1; i > 0; i--) {
        const int64_t j = (int64_t)below_u64(r, (uint64_t)i + 1);
        const int64_t item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}
