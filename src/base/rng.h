/* Seeded generators that give the same numbers on every machine: integer arithmetic (PCG32, O'Neill
 * 2014) and, for reals, only IEEE operations that are exact everywhere (no libm call whose last bit
 * varies). One thread at a time; give each chunk of work its own stream. */
#ifndef FET_RNG_H
#define FET_RNG_H

#include <stdint.h>

struct fet_rng {
    uint64_t state, stream;
};

/* Different streams of one seed are independent; so are neighbouring seeds. */
void fet_rng_init(struct fet_rng *r, uint64_t seed, uint64_t stream);
uint32_t fet_rng_u32(struct fet_rng *r);
uint64_t fet_rng_u64(struct fet_rng *r);
uint32_t fet_rng_below(struct fet_rng *r, uint32_t n); /* 0..n-1 without bias; n >= 1 */
double fet_rng_real(struct fet_rng *r);                /* [0,1) */
double fet_rng_between(struct fet_rng *r, double low, double high); /* [low,high) */
int fet_rng_int(struct fet_rng *r, int low, int high);              /* low..high, both possible */
double fet_rng_normal(struct fet_rng *r);                           /* mean 0, deviation 1 */
int fet_rng_chance(struct fet_rng *r, double p); /* 1 with probability p, else 0 */
void fet_rng_shuffle(struct fet_rng *r, int64_t *items, int64_t n); /* Fisher-Yates */

#endif
