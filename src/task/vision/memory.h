/* What good parts look like, as a bank of examples of bounded size, and how far good parts usually
 * lie from it. PatchCore's memory (Roth et al. 2022) with one thing added: every entry knows the
 * distance at which good parts are found around it, so that a lively spot of the part and a calm
 * one are measured each by its own standard. */
#ifndef FET_MEMORY_H
#define FET_MEMORY_H

#include "nearest.h"

struct fet_memory {
    int64_t n;                 /* entries */
    int n_numbers;             /* of a description */
    float *entries;            /* owned [n,n_numbers + 1]: the numbers, then their squared length */
    float *usual;              /* owned [n]: mean distance of good parts around this entry */
    float *spread;             /* owned [n]: its deviation, never 0 */
    struct fet_nearest search; /* among the entries; fet_memory_prepare */
};

void fet_memory_deinit(struct fet_memory *m); /* accepts {0} */
size_t fet_memory_bytes(int64_t n, int n_numbers);

/* A sample of descriptions of good parts. */
struct fet_memory_sample {
    const float *z;       /* [n,n_numbers] */
    const int32_t *parts; /* [n]: which part each comes from; one part does not count as a witness
                             for itself */
    int64_t n;
    int n_numbers;
    bool has_one_standard; /* all entries are measured by the distances of all good parts */
};

/* Chooses at most n_entries (>= 1) of the sample so that every other lies close to one of them
 * (greedy k-centre, Gonzalez 1985), starting from the first row, and measures the distances of each
 * sampled description to the entries of other parts. Parallel; the result does not depend on the
 * number of threads. */
FET_CHECKED fet_status fet_memory_learn(const struct fet_memory_sample *sample, int64_t n_entries,
                                        struct fet_pool *pool, struct fet_memory *m);

/* Remembers of a sample of more good parts, in a memory of its own, what lies farthest from the
 * entries of m and from what `later` (which may be {0}) holds already: later grows to at most
 * n_entries. Each new entry takes over the standard of the entry of m nearest to it. Rows farther
 * than `limit` from all entries of m are passed over. */
FET_CHECKED fet_status fet_memory_learn_later(const struct fet_memory *m,
                                              const struct fet_memory_sample *sample,
                                              int64_t n_entries, float limit,
                                              struct fet_memory *later);

/* To be called once after entries were loaded; learning does so itself. */
FET_CHECKED fet_status fet_memory_prepare(struct fet_memory *m);

/* For each sampled description its nearest entry among rows `entries` of other parts (or of any,
 * when there is only one part): nearest [n] row numbers. For fet_whitening_refine. */
FET_CHECKED fet_status fet_memory_match(const struct fet_memory_sample *sample,
                                        const int64_t *entries, int64_t n_entries,
                                        struct fet_pool *pool, int64_t *nearest);

/* How unusual n descriptions z [n,n_numbers + 1] are, in deviations of good parts:
 * (distance - usual) / spread of the nearest entry, to unusual [n]; squares [n]: of that distance.
 * The last column of z is scratch. n <= FET_MEMORY_BLOCK; scratch [fet_memory_scratch(m)]. */
enum { FET_MEMORY_BLOCK = 64 };
int64_t fet_memory_scratch(const struct fet_memory *m); /* floats; 0 for an empty memory */
FET_CHECKED fet_status fet_memory_unusual(const struct fet_memory *m, float *z, int64_t n,
                                          float *scratch, float *unusual, float *squares);
/* Lowers unusual [n] to what the entries of `later` say, as far as they may: entries are asked in
 * the order in which they were remembered, and one may speak that is nearer than squares [n] and
 * than all entries before it. So a later entry only judges what is more like it than like anything
 * remembered earlier; and since all that spoke keep what they said, entries that are added can only
 * lower a value, whatever their standard. */
FET_CHECKED fet_status fet_memory_unusual_later(const struct fet_memory *later, float *z, int64_t n,
                                                float *scratch, const float *squares,
                                                float *unusual);

#endif
