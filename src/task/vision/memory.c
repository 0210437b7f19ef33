#include "memory.h"

#include "kernel.h"

#include <math.h>
#include <string.h>

/* Good parts around an entry: its standard is taken from so many of the sample. */
enum { N_AROUND = 16 };
/* A spread below this share of the mean distance of all good parts is an accident of the sample. */
static const double least_spread = 0.09;

void fet_memory_deinit(struct fet_memory *m)
{
    fet_free(m->entries);
    fet_free(m->usual);
    fet_free(m->spread);
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

/* ---- distances in blocks: |q - e|^2 = |q|^2 + (|e|^2 - 2 q e), the bracket by one product ---- */

/* Entries as they are searched: [n,n_numbers + 1] with the squared length behind. */
static void entry_set(float *entry, const float *z, int n_numbers)
{
    memcpy(entry, z, (size_t)n_numbers * sizeof *z);
    entry[n_numbers] = squared_length(z, n_numbers);
}

/* brackets [n,n_entries] for z [n,n_numbers + 1], whose last column is overwritten. */
static fet_status find_brackets(const float *entries, int64_t n_entries, int n_numbers, float *z,
                                int64_t n, float *brackets)
{
    /* -2 z against the numbers and 1 against the length: scaled by -2, the column is -1/2. */
    for (int64_t i = 0; i < n; i++) z[i * (n_numbers + 1) + n_numbers] = -0.5f;
    const struct fet_matmul m = {.M = n,
                                 .N = n_entries,
                                 .K = n_numbers + 1,
                                 .a = z,
                                 .b = entries,
                                 .c = brackets,
                                 .lda = n_numbers + 1,
                                 .ldb = n_numbers + 1,
                                 .ldc = n_entries,
                                 .b_is_transposed = true,
                                 .alpha = -2};
    return fet_kernel_matmul(&m);
}

/* Four floats that the compiler keeps in one register on every machine. */
typedef float four_floats __attribute__((vector_size(16)));
typedef int32_t four_masks __attribute__((vector_size(16)));

static four_floats smaller_of(four_floats a, four_floats b)
{
    const four_masks is_a = a < b;
    return (four_floats)(((four_masks)a & is_a) | ((four_masks)b & ~is_a));
}

static four_floats four_load(const float *x)
{
    four_floats v;
    memcpy(&v, x, sizeof v);
    return v;
}

/* The smallest of 16 n floats. */
static float smallest_value(const float *x, int64_t n)
{
    const four_floats top = {INFINITY, INFINITY, INFINITY, INFINITY};
    four_floats a = top, b = top, c = top, d = top;
    for (int64_t i = 0; i < 16 * n; i += 16) {
        a = smaller_of(four_load(x + i), a);
        b = smaller_of(four_load(x + i + 4), b);
        c = smaller_of(four_load(x + i + 8), c);
        d = smaller_of(four_load(x + i + 12), d);
    }
    a = smaller_of(smaller_of(a, b), smaller_of(c, d));
    float best = a[0];
    for (int l = 1; l < 4; l++) best = a[l] < best ? a[l] : best;
    return best;
}

/* Where the smallest of n stands (the first of equals): the smallest of each 256 first, then the
 * place in the best of those, because this search is a third of an answer's time. */
static int64_t smallest_find(const float *x, int64_t n)
{
    enum { STEP = 256 };
    float best = INFINITY;
    int64_t first = 0, i = 0;
    for (; i + STEP <= n; i += STEP) {
        const float value = smallest_value(x + i, STEP / 16);
        if (!(value < best)) continue;
        best = value;
        first = i;
    }
    for (; i < n; i++) {
        if (!(x[i] < best)) continue;
        best = x[i];
        first = i;
    }
    while (first < n - 1 && !(x[first] == best)) first++;
    return first;
}

fet_status fet_memory_add_unusual(const struct fet_memory *m, float *z, int64_t n, float *scratch,
                                  float *unusual)
{
    FET_TRY(find_brackets(m->entries, m->n, m->n_numbers, z, n, scratch));
    for (int64_t i = 0; i < n; i++) {
        const float *brackets = scratch + i * m->n;
        const int64_t e = smallest_find(brackets, m->n);
        const float square = squared_length(z + i * (m->n_numbers + 1), m->n_numbers) + brackets[e];
        const float distance = sqrtf(square > 0 ? square : 0);
        unusual[i] += (distance - m->usual[e]) / m->spread[e];
    }
    return FET_OK;
}

/* ---- matching a sample to entries of other parts ---- */

struct match {
    const struct fet_memory_sample *sample;
    const int64_t *rows; /* [n_entries] of the sample */
    int64_t n_entries;
    float *entries;   /* [n_entries,n_numbers + 1] */
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
    const int64_t n = s->n - first < FET_MEMORY_BLOCK ? s->n - first : FET_MEMORY_BLOCK;
    const int wide = s->n_numbers + 1;
    float *z = fet_alloc(n * (wide + m->n_entries), sizeof *z);
    if (z == NULL) return FET_FAIL_MEMORY("matching", n * (wide + m->n_entries) * 4);
    float *brackets = z + n * wide;
    for (int64_t i = 0; i < n; i++)
        entry_set(z + i * wide, s->z + (first + i) * s->n_numbers, s->n_numbers);
    const fet_status st = find_brackets(m->entries, m->n_entries, s->n_numbers, z, n, brackets);
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        float *b = brackets + i * m->n_entries;
        if (m->has_others)
            for (int64_t e = 0; e < m->n_entries; e++)
                if (s->parts[m->rows[e]] == s->parts[first + i]) b[e] = INFINITY;
        const int64_t e = smallest_find(b, m->n_entries);
        m->nearest[first + i] = e;
        if (m->distance == NULL) continue;
        const float square = squared_length(z + i * wide, s->n_numbers) + b[e];
        m->distance[first + i] = isfinite(square) && square > 0 ? sqrtf(square) : 0;
    }
    fet_free(z);
    return st;
}

static fet_status match_run(struct match *m, struct fet_pool *pool)
{
    const struct fet_memory_sample *s = m->sample;
    m->has_others = false;
    for (int64_t i = 1; i < s->n; i++) m->has_others |= s->parts[i] != s->parts[0];
    m->entries = fet_alloc(m->n_entries * (s->n_numbers + 1), sizeof *m->entries);
    if (m->entries == NULL)
        return FET_FAIL_MEMORY("matching", m->n_entries * (s->n_numbers + 1) * 4);
    for (int64_t e = 0; e < m->n_entries; e++)
        entry_set(m->entries + e * (s->n_numbers + 1), s->z + m->rows[e] * s->n_numbers,
                  s->n_numbers);
    const int64_t n_chunks = (s->n + FET_MEMORY_BLOCK - 1) / FET_MEMORY_BLOCK;
    const fet_status st = fet_pool_run(pool, n_chunks, match_block, m);
    fet_free(m->entries);
    return st;
}

fet_status fet_memory_match(const struct fet_memory_sample *sample, const int64_t *entries,
                            int64_t n_entries, struct fet_pool *pool, int64_t *nearest)
{
    struct match m = {
        .sample = sample, .rows = entries, .n_entries = n_entries, .nearest = nearest};
    FET_TRY(match_run(&m, pool));
    for (int64_t i = 0; i < sample->n; i++) nearest[i] = entries[nearest[i]];
    return FET_OK;
}

/* ---- coreset: greedy k-centre ---- */

enum { COVER_BLOCK = 2048 };

struct cover {
    const struct fet_memory_sample *sample;
    int64_t newest;    /* row that was chosen last */
    float *distance;   /* [n] squared, to the nearest chosen */
    int64_t *farthest; /* [n blocks] row of each block */
};

static fet_status cover_block(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct cover *c = self;
    const int k_max = c->sample->n_numbers;
    const float *centre = c->sample->z + c->newest * k_max;
    const int64_t first = i_chunk * COVER_BLOCK;
    const int64_t end = first + COVER_BLOCK < c->sample->n ? first + COVER_BLOCK : c->sample->n;
    int64_t farthest = first;
    for (int64_t i = first; i < end; i++) {
        const float *z = c->sample->z + i * k_max;
        float lanes[4] = {0}, sum = 0;
        int k = 0;
        for (; k + 4 <= k_max; k += 4)
            for (int l = 0; l < 4; l++) {
                const float d = z[k + l] - centre[k + l];
                lanes[l] += d * d;
            }
        for (; k < k_max; k++) sum += (z[k] - centre[k]) * (z[k] - centre[k]);
        sum += (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        if (sum < c->distance[i]) c->distance[i] = sum;
        if (c->distance[i] > c->distance[farthest]) farthest = i;
    }
    c->farthest[i_chunk] = farthest;
    return FET_OK;
}

/* rows [n_entries], the first n chosen; *n_chosen is smaller when the sample has fewer distinct
 * descriptions. */
static fet_status coreset_choose(const struct fet_memory_sample *s, int64_t n_entries,
                                 struct fet_pool *pool, int64_t *rows, int64_t *n_chosen)
{
    fet_status st = FET_OK;
    const int64_t n_blocks = (s->n + COVER_BLOCK - 1) / COVER_BLOCK;
    struct cover c = {.sample = s};
    c.distance = fet_alloc(s->n, sizeof *c.distance);
    c.farthest = fet_alloc(n_blocks, sizeof *c.farthest);
    if (c.distance == NULL || c.farthest == NULL) {
        st = FET_FAIL_MEMORY("coreset", s->n * 4);
        goto out;
    }
    for (int64_t i = 0; i < s->n; i++) c.distance[i] = INFINITY;
    int64_t n = 0;
    while (n < n_entries) {
        rows[n++] = c.newest;
        FET_TRY_OUT(fet_pool_run(pool, n_blocks, cover_block, &c));
        for (int64_t b = 0; b < n_blocks; b++)
            if (b == 0 || c.distance[c.farthest[b]] > c.distance[c.newest])
                c.newest = c.farthest[b];
        if (!(c.distance[c.newest] > 0)) break;
    }
    *n_chosen = n;
out:
    fet_free(c.distance);
    fet_free(c.farthest);
    return st;
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
    const fet_status st = find_brackets(t->sample_wide, t->sample->n, m->n_numbers, z, n, brackets);
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
    made.entries = fet_alloc(n_entries * wide, sizeof *made.entries);
    made.usual = fet_alloc(n_entries, sizeof *made.usual);
    made.spread = fet_alloc(n_entries, sizeof *made.spread);
    if (rows == NULL || nearest == NULL || distance == NULL || made.entries == NULL ||
        made.usual == NULL || made.spread == NULL) {
        st = FET_FAIL_MEMORY("memory", fet_memory_bytes(n_entries, s->n_numbers));
        goto out;
    }
    FET_TRY_OUT(coreset_choose(s, n_entries, pool, rows, &made.n));
    for (int64_t e = 0; e < made.n; e++)
        entry_set(made.entries + e * wide, s->z + rows[e] * s->n_numbers, s->n_numbers);
    struct match match = {
        .sample = s, .rows = rows, .n_entries = made.n, .nearest = nearest, .distance = distance};
    FET_TRY_OUT(match_run(&match, pool));
    if (s->has_one_standard)
        standard_share(distance, s->n, &made);
    else
        FET_TRY_OUT(standard_learn(s, distance, pool, &made));
    *m = made;
    made = (struct fet_memory){0};
out:
    fet_free(rows);
    fet_free(nearest);
    fet_free(distance);
    fet_memory_deinit(&made);
    return st;
}
