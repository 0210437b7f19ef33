#include "memory.h"

#include "coreset.h"

#include <math.h>
#include <string.h>

/* Good parts around an entry: its standard is taken from so many of the sample. */
enum { N_AROUND = 16, N_STANDARD = 3000 };
/* A spread below this share of the mean distance of all good parts is an accident of the sample. */
static const double least_spread = 0.09;

void fet_memory_deinit(struct fet_memory *m)
{
    fet_free(m->entries);
    fet_free(m->usual);
    fet_free(m->spread);
    fet_nearest_deinit(&m->search);
    *m = (struct fet_memory){0};
}

size_t fet_memory_bytes(int64_t n, int n_numbers)
{
    return (size_t)n * ((size_t)n_numbers + 3) * sizeof(float);
}

static float squared_length(const float *z, int n)
{
    float sum = 0;
    for (int k = 0; k < n; k++) sum += z[k] * z[k];
    return sum;
}

/* Entries as they are searched: [n,n_numbers + 1] with the squared length behind. */
static void entry_set(float *entry, const float *z, int n_numbers)
{
    memcpy(entry, z, (size_t)n_numbers * sizeof *z);
    entry[n_numbers] = squared_length(z, n_numbers);
}

static fet_status memory_alloc(struct fet_memory *m, int64_t n)
{
    m->entries = fet_alloc(n * (m->n_numbers + 1), sizeof *m->entries);
    m->usual = fet_alloc(n, sizeof *m->usual);
    m->spread = fet_alloc(n, sizeof *m->spread);
    if (m->entries == NULL || m->usual == NULL || m->spread == NULL)
        return FET_FAIL_MEMORY("memory", fet_memory_bytes(n, m->n_numbers));
    return FET_OK;
}

fet_status fet_memory_prepare(struct fet_memory *m)
{
    struct fet_nearest made = {0};
    FET_TRY(fet_nearest_init(m->entries, m->n, m->n_numbers, &made));
    fet_nearest_deinit(&m->search);
    m->search = made;
    return FET_OK;
}

int64_t fet_memory_scratch(const struct fet_memory *m)
{
    return m->n == 0 ? 0
                     : FET_MEMORY_BLOCK * m->n + fet_nearest_scratch(&m->search, FET_MEMORY_BLOCK);
}

/* How unusual the distance from entry e is. */
static float unusual_from(const struct fet_memory *m, int64_t e, float square)
{
    return (sqrtf(square > 0 ? square : 0) - m->usual[e]) / m->spread[e];
}

fet_status fet_memory_unusual(const struct fet_memory *m, float *z, int64_t n, float *scratch,
                              float *unusual, float *squares)
{
    float *const brackets = scratch, *const few = brackets + FET_MEMORY_BLOCK * m->n;
    FET_TRY(fet_nearest_brackets(&m->search, z, n, few, brackets));
    for (int64_t i = 0; i < n; i++) {
        const int64_t e = fet_nearest_pick(&m->search, z + i * (m->n_numbers + 1),
                                           brackets + i * m->n, &squares[i]);
        unusual[i] = unusual_from(m, e, squares[i]);
    }
    return FET_OK;
}

fet_status fet_memory_unusual_later(const struct fet_memory *later, float *z, int64_t n,
                                    float *scratch, const float *squares, float *unusual)
{
    const struct fet_nearest *const search = &later->search;
    float *const brackets = scratch, *const few = brackets + FET_MEMORY_BLOCK * later->n;
    FET_TRY(fet_nearest_brackets(search, z, n, few, brackets));
    for (int64_t i = 0; i < n; i++) {
        const float *const one = z + i * (later->n_numbers + 1), *const b = brackets + i * later->n;
        float square = squares[i];
        for (int64_t e = fet_nearest_closer(search, one, b, 0, &square); e < later->n;
             e = fet_nearest_closer(search, one, b, e + 1, &square)) {
            const float value = unusual_from(later, e, square);
            if (value < unusual[i]) unusual[i] = value;
        }
    }
    return FET_OK;
}

/* ---- matching a sample to entries of other parts ---- */

struct match {
    const struct fet_memory_sample *sample;
    const int64_t *rows; /* [n_entries] of the sample */
    int64_t n_entries;
    struct fet_nearest search;
    int64_t step;     /* every so many-th of the sample is matched */
    int64_t n;        /* matched */
    int64_t *nearest; /* out [n]: index into rows */
    float *distance;  /* out [n]; may be NULL */
    bool has_others;  /* more than one part */
};

static fet_status match_block(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct match *m = self;
    const struct fet_memory_sample *s = m->sample;
    const int64_t first = i_chunk * FET_MEMORY_BLOCK;
    const int64_t n = m->n - first < FET_MEMORY_BLOCK ? m->n - first : FET_MEMORY_BLOCK;
    const int wide = s->n_numbers + 1;
    const int64_t n_floats =
        n * (wide + m->n_entries) + fet_nearest_scratch(&m->search, FET_MEMORY_BLOCK);
    float *z = fet_alloc(n_floats, sizeof *z);
    if (z == NULL) return FET_FAIL_MEMORY("matching", n_floats * 4);
    float *const brackets = z + n * wide, *const few = brackets + n * m->n_entries;
    for (int64_t i = 0; i < n; i++)
        memcpy(z + i * wide, s->z + (first + i) * m->step * s->n_numbers,
               (size_t)(wide - 1) * sizeof *z);
    const fet_status st = fet_nearest_brackets(&m->search, z, n, few, brackets);
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        float *b = brackets + i * m->n_entries, square = 0;
        if (m->has_others)
            for (int64_t e = 0; e < m->n_entries; e++)
                if (s->parts[m->rows[e]] == s->parts[(first + i) * m->step]) b[e] = INFINITY;
        m->nearest[first + i] = fet_nearest_pick(&m->search, z + i * wide, b, &square);
        if (m->distance == NULL) continue;
        m->distance[first + i] = isfinite(square) && square > 0 ? sqrtf(square) : 0;
    }
    fet_free(z);
    return st;
}

static fet_status match_run(struct match *m, struct fet_pool *pool)
{
    const struct fet_memory_sample *s = m->sample;
    m->n = (s->n + m->step - 1) / m->step;
    m->has_others = false;
    for (int64_t i = 1; i < s->n; i++) m->has_others |= s->parts[i] != s->parts[0];
    float *entries = fet_alloc(m->n_entries * (s->n_numbers + 1), sizeof *entries);
    if (entries == NULL) return FET_FAIL_MEMORY("matching", m->n_entries * (s->n_numbers + 1) * 4);
    for (int64_t e = 0; e < m->n_entries; e++)
        entry_set(entries + e * (s->n_numbers + 1), s->z + m->rows[e] * s->n_numbers, s->n_numbers);
    const int64_t n_chunks = (m->n + FET_MEMORY_BLOCK - 1) / FET_MEMORY_BLOCK;
    fet_status st = fet_nearest_init(entries, m->n_entries, s->n_numbers, &m->search);
    if (st == FET_OK) st = fet_pool_run(pool, n_chunks, match_block, m);
    fet_nearest_deinit(&m->search);
    fet_free(entries);
    return st;
}

fet_status fet_memory_match(const struct fet_memory_sample *sample, const int64_t *entries,
                            int64_t n_entries, struct fet_pool *pool, int64_t *nearest)
{
    struct match m = {
        .sample = sample, .rows = entries, .n_entries = n_entries, .step = 1, .nearest = nearest};
    FET_TRY(match_run(&m, pool));
    for (int64_t i = 0; i < sample->n; i++) nearest[i] = entries[nearest[i]];
    return FET_OK;
}

/* ---- the standard of each entry ---- */

struct standard {
    const struct fet_memory_sample *sample;
    const float *sample_wide; /* [n,n_numbers + 1], as entries are searched */
    const float *distance;    /* [n]: of each sampled description to entries of other parts */
    double mean;              /* of distance */
    struct fet_memory *m;
};

/* The positions of the N_AROUND smallest of n, in no order; all when there are fewer. */
static int around_find(const float *x, int64_t n, int64_t at[N_AROUND])
{
    int count = 0, worst = 0;
    for (int64_t i = 0; i < n; i++) {
        if (count < N_AROUND) {
            at[count++] = i;
        } else if (x[i] < x[at[worst]]) {
            at[worst] = i;
        } else {
            continue;
        }
        worst = 0;
        for (int k = 1; k < count; k++)
            if (x[at[k]] > x[at[worst]]) worst = k;
    }
    return count;
}

static fet_status standard_block(void *self, int64_t i_chunk, int worker)
{
    enum { BLOCK = 16 };
    (void)worker;
    const struct standard *t = self;
    struct fet_memory *m = t->m;
    const int64_t first = i_chunk * BLOCK, n = m->n - first < BLOCK ? m->n - first : BLOCK;
    const int wide = m->n_numbers + 1;
    float *z = fet_alloc(n * (wide + t->sample->n), sizeof *z);
    if (z == NULL) return FET_FAIL_MEMORY("memory", n * (wide + t->sample->n) * 4);
    float *brackets = z + n * wide;
    memcpy(z, m->entries + first * wide, (size_t)(n * wide) * sizeof *z);
    /* The nearest few are wanted, not the one: all numbers of all rows are looked at. */
    const struct fet_nearest all = {.rows = t->sample_wide,
                                    .n = t->sample->n,
                                    .n_numbers = m->n_numbers,
                                    .n_leading = m->n_numbers};
    const fet_status st = fet_nearest_brackets(&all, z, n, NULL, brackets);
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        int64_t at[N_AROUND];
        const int count = around_find(brackets + i * t->sample->n, t->sample->n, at);
        double sum = 0, squares = 0;
        for (int k = 0; k < count; k++) {
            const double d = (double)t->distance[at[k]];
            sum += d;
            squares += d * d;
        }
        const double mean = sum / count, variance = squares / count - mean * mean;
        m->usual[first + i] = (float)mean;
        m->spread[first + i] = (float)(sqrt(variance > 0 ? variance : 0) + least_spread * t->mean);
    }
    fet_free(z);
    return st;
}

/* One standard for all entries: ranks are those of the plain distance. */
static void standard_share(const float *distance, int64_t n, struct fet_memory *m)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (double)distance[i];
        squares += (double)distance[i] * (double)distance[i];
    }
    const double mean = sum / (double)n, variance = squares / (double)n - mean * mean;
    const double least = least_spread * (mean > 1e-3 ? mean : 1e-3);
    for (int64_t e = 0; e < m->n; e++) {
        m->usual[e] = (float)mean;
        m->spread[e] = (float)(sqrt(variance > 0 ? variance : 0) + least);
    }
}

static fet_status standard_learn(const struct fet_memory_sample *s, const float *distance,
                                 struct fet_pool *pool, struct fet_memory *m)
{
    const int wide = s->n_numbers + 1;
    float *sample_wide = fet_alloc(s->n * wide, sizeof *sample_wide);
    if (sample_wide == NULL) return FET_FAIL_MEMORY("memory", s->n * wide * 4);
    double mean = 0;
    for (int64_t i = 0; i < s->n; i++) {
        entry_set(sample_wide + i * wide, s->z + i * s->n_numbers, s->n_numbers);
        mean += (double)distance[i];
    }
    mean /= (double)s->n;
    /* Equal pictures lie at distance 0; any difference at all is then unusual, but finite. */
    struct standard t = {.sample = s,
                         .sample_wide = sample_wide,
                         .distance = distance,
                         .mean = mean > 1e-3 ? mean : 1e-3,
                         .m = m};
    const fet_status st = fet_pool_run(pool, (m->n + 15) / 16, standard_block, &t);
    fet_free(sample_wide);
    return st;
}

fet_status fet_memory_learn(const struct fet_memory_sample *s, int64_t n_entries,
                            struct fet_pool *pool, struct fet_memory *m)
{
    fet_status st = FET_OK;
    struct fet_memory made = {.n_numbers = s->n_numbers};
    if (n_entries > s->n) n_entries = s->n;
    const int wide = s->n_numbers + 1;
    int64_t *rows = fet_alloc(n_entries, sizeof *rows), *nearest = fet_alloc(s->n, sizeof *nearest);
    float *distance = fet_alloc(s->n, sizeof *distance);
    if (rows == NULL || nearest == NULL || distance == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("memory", s->n * 20));
    FET_TRY_OUT(memory_alloc(&made, n_entries));
    FET_TRY_OUT(fet_coreset_choose(s, 1, n_entries, rows, &made.n));
    for (int64_t e = 0; e < made.n; e++)
        entry_set(made.entries + e * wide, s->z + rows[e] * s->n_numbers, s->n_numbers);
    /* One standard for all needs few witnesses. */
    struct match match = {.sample = s,
                          .rows = rows,
                          .n_entries = made.n,
                          .step = s->has_one_standard ? (s->n + N_STANDARD - 1) / N_STANDARD : 1,
                          .nearest = nearest,
                          .distance = distance};
    FET_TRY_OUT(match_run(&match, pool));
    if (s->has_one_standard)
        standard_share(distance, match.n, &made);
    else
        FET_TRY_OUT(standard_learn(s, distance, pool, &made));
    FET_TRY_OUT(fet_memory_prepare(&made));
    *m = made;
    made = (struct fet_memory){0};
out:
    fet_free(rows);
    fet_free(nearest);
    fet_free(distance);
    fet_memory_deinit(&made);
    return st;
}

/* ---- more good parts ---- */

/* Rows of the sample within `limit` of an entry, to z [*n_kept,n_numbers], and to entries [*n_kept]
 * the entries nearest to them. */
static fet_status near_take(const struct fet_memory *m, const struct fet_memory_sample *s,
                            float limit, float *z, int64_t *entries, int64_t *n_kept)
{
    const int wide = m->n_numbers + 1;
    const size_t row = (size_t)m->n_numbers * sizeof *z;
    const int64_t n_floats = FET_MEMORY_BLOCK * wide + fet_memory_scratch(m);
    float *block = fet_alloc(n_floats, sizeof *block);
    if (block == NULL) return FET_FAIL_MEMORY("memory", n_floats * 4);
    float *const brackets = block + FET_MEMORY_BLOCK * wide;
    float *const few = brackets + FET_MEMORY_BLOCK * m->n;
    fet_status st = FET_OK;
    int64_t kept = 0;
    for (int64_t first = 0; first < s->n && st == FET_OK; first += FET_MEMORY_BLOCK) {
        const int64_t n = s->n - first < FET_MEMORY_BLOCK ? s->n - first : FET_MEMORY_BLOCK;
        for (int64_t i = 0; i < n; i++)
            memcpy(block + i * wide, s->z + (first + i) * m->n_numbers, row);
        st = fet_nearest_brackets(&m->search, block, n, few, brackets);
        for (int64_t i = 0; i < n && st == FET_OK; i++) {
            float square = 0;
            const int64_t e =
                fet_nearest_pick(&m->search, block + i * wide, brackets + i * m->n, &square);
            if (square > limit * limit) continue;
            memcpy(z + kept * m->n_numbers, block + i * wide, row);
            entries[kept++] = e;
        }
    }
    fet_free(block);
    *n_kept = kept;
    return st;
}

/* z [n,n_numbers]: the entries of a memory without their squared lengths. */
static void entries_unpack(const struct fet_memory *m, float *z)
{
    for (int64_t e = 0; e < m->n; e++)
        memcpy(z + e * m->n_numbers, m->entries + e * (m->n_numbers + 1),
               (size_t)m->n_numbers * sizeof *z);
}

/* Entry number e of `made` becomes row z with the standard of `from`. */
static void entry_add(struct fet_memory *made, const float *z, const struct fet_memory *from,
                      int64_t i_from)
{
    const int64_t e = made->n++;
    entry_set(made->entries + e * (made->n_numbers + 1), z, made->n_numbers);
    made->usual[e] = from->usual[i_from];
    made->spread[e] = from->spread[i_from];
}

fet_status fet_memory_learn_later(const struct fet_memory *m, const struct fet_memory_sample *s,
                                  int64_t n_entries, float limit, struct fet_memory *later)
{
    fet_status st = FET_OK;
    const int d = m->n_numbers;
    const int64_t n_known = m->n + later->n;
    int64_t n_near = 0, n_chosen = 0, n_most = n_known + s->n;
    struct fet_memory made = {.n_numbers = d};
    if (n_entries <= later->n) return FET_OK;
    if (m->n + n_entries < n_most) n_most = m->n + n_entries;
    int64_t *rows = fet_alloc(n_most, sizeof *rows);
    int64_t *nearest = fet_alloc(s->n, sizeof *nearest);
    float *z = fet_alloc((n_known + s->n) * d, sizeof *z);
    if (rows == NULL || nearest == NULL || z == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("memory", (n_known + s->n) * d * 4));
    FET_TRY_OUT(memory_alloc(&made, n_most - m->n));
    entries_unpack(m, z);
    entries_unpack(later, z + m->n * d);
    FET_TRY_OUT(near_take(m, s, limit, z + n_known * d, nearest, &n_near));
    if (n_near == 0) goto out;
    const struct fet_memory_sample all = {.z = z, .n = n_known + n_near, .n_numbers = d};
    if (n_most > all.n) n_most = all.n;
    FET_TRY_OUT(fet_coreset_choose(&all, n_known, n_most, rows, &n_chosen));
    for (int64_t e = 0; e < later->n; e++) entry_add(&made, z + (m->n + e) * d, later, e);
    for (int64_t i = n_known; i < n_chosen; i++)
        entry_add(&made, z + rows[i] * d, m, nearest[rows[i] - n_known]);
    if (made.n == 0) goto out;
    FET_TRY_OUT(fet_memory_prepare(&made));
    fet_memory_deinit(later);
    *later = made;
    made = (struct fet_memory){0};
out:
    fet_free(rows);
    fet_free(nearest);
    fet_free(z);
    fet_memory_deinit(&made);
    return st;
}
