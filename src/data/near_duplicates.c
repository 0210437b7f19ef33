/* Which pictures show the same part?
 *
 * Different parts of one product look very much alike, and how much so depends on the product: two
 * transistors in a socket share nearly everything, two cookies nearly nothing. So likeness is
 * measured against what is usual in the set:
 *
 *   1. m = median correlation of the details of 256 pairs drawn at random, laid over each other.
 *   2. For a pair with correlation c, kappa = (c - m) / (1 - m) is the share of the detail that
 *      ordinary pairs do not have in common and this pair has (as Cohen 1960 corrects agreement for
 *      chance). Above 0.65 + 0.2 m it shows one part: the more ordinary pairs have in common, the
 *      more they differ in how much, so the more is asked.
 *
 * All pairs are too many for laying pictures over each other. Candidates come from the magnitudes
 * of low frequencies, which a shift does not change, with mean and deviation over the set taken out
 * at each frequency: what the product has in common is gone there, too. The 12 most correlated
 * pictures of each one are tried, the most correlated first; pairs that are in one group already
 * are not. Fixed point and fixed order make the result the same with any number of threads.
 *
 * Pictures that the layout put on different sides (learning, calibrating, testing) are not joined,
 * only counted: those sides were somebody's decision. What was measured stands in the README. */
#include "detail_match.h"
#include "grouping.h"
#include "split.h"

#include <math.h>
#include <stdlib.h>

enum {
    N_NEIGHBOURS = 12,
    N_RANDOM = 256, /* pairs that tell what is usual */
    N_TELLING = 8,  /* fewer pictures do not tell what is usual */
    N_FEW = 48,     /* so few are all compared: their frequencies have no mean worth the name */
    N_MOST = 50000, /* the time grows with the square */
    ROWS_PER_CHUNK = 32,
    PAIRS_PER_BATCH = 256
};

static const double usual_of_few = 0.8;                  /* m of fewer than N_TELLING pictures */
static const int32_t least_alike = 8192 / 10 * 8192 * 3; /* correlation 0.3 makes a candidate */

struct pair {
    int64_t i, j; /* examples */
    double match;
};

struct search {
    struct fet_examples *e;
    const struct fet_context *context;
    const struct fet_details *details;
    int64_t n;
    int64_t *order;      /* owned [n]: examples by key, so that names do not matter; a "place" below
                            is an index into it */
    float *spectra;      /* owned [n,FET_SPECTRUM_SIZE], by place */
    int16_t *fixed;      /* owned, the same standardised; unit length = 8192 */
    int64_t *neighbours; /* owned [n,N_NEIGHBOURS] places, the most alike first; -1 = none */
    struct fet_match_scratch *scratch; /* owned, one a thread */
    struct pair *pairs;                /* owned [PAIRS_PER_BATCH] */
    struct fet_grouping groups;
    double usual;     /* m */
    double same_part; /* the match from which on a pair shows one part */
    double enough;    /* matches below it need not be exact */
    bool *is_across;  /* owned [n]: shows a part that another side shows, too; of a pair the later
                         side */
};

static fet_status search_init(struct fet_examples *e, const struct fet_context *c, struct search *s)
{
    *s = (struct search){.e = e, .context = c, .details = fet_details_of(e), .n = e->n};
    s->order = fet_alloc(s->n, sizeof *s->order);
    s->is_across = fet_alloc(s->n, sizeof *s->is_across);
    if (s->order == NULL || s->is_across == NULL)
        return FET_FAIL_MEMORY("near-duplicates", s->n * (int64_t)sizeof *s->order);
    return fet_grouping_init(e, &s->groups);
}

/* What comparing takes and joining equal files does not. */
static fet_status search_grow(struct search *s)
{
    const int n_threads = fet_pool_threads(fet_context_pool(s->context));
    s->spectra = fet_alloc(s->n * FET_SPECTRUM_SIZE, sizeof *s->spectra);
    s->fixed = fet_alloc(s->n * FET_SPECTRUM_SIZE, sizeof *s->fixed);
    s->neighbours = fet_alloc(s->n * N_NEIGHBOURS, sizeof *s->neighbours);
    s->scratch = fet_alloc(n_threads, sizeof *s->scratch);
    s->pairs = fet_alloc(PAIRS_PER_BATCH, sizeof *s->pairs);
    if (s->spectra == NULL || s->fixed == NULL || s->neighbours == NULL || s->scratch == NULL ||
        s->pairs == NULL)
        return FET_FAIL_MEMORY("near-duplicates", s->n * FET_SPECTRUM_SIZE * 6);
    return FET_OK;
}

static void search_deinit(struct search *s)
{
    fet_free(s->order);
    fet_free(s->is_across);
    fet_free(s->spectra);
    fet_free(s->fixed);
    fet_free(s->neighbours);
    fet_free(s->scratch);
    fet_free(s->pairs);
    fet_grouping_deinit(&s->groups);
}

/* ---- equal bytes ---- */

struct keyed {
    uint64_t key;
    int64_t i;
};

static int keyed_compare(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

static enum fet_split side_of(const struct fet_example *x)
{
    return x->split == FET_SPLIT_NONE ? FET_SPLIT_FIT : x->split;
}

/* Two examples show one part. */
static void join(struct search *s, int64_t i, int64_t j)
{
    if (side_of(&s->e->items[i]) == side_of(&s->e->items[j]))
        fet_grouping_join(&s->groups, i, j);
    else
        s->is_across[side_of(&s->e->items[i]) > side_of(&s->e->items[j]) ? i : j] = true;
}

/* Fills order; pictures with the same bytes are joined. */
static fet_status line_up(struct search *s)
{
    struct keyed *keyed = fet_alloc(s->n, sizeof *keyed);
    if (keyed == NULL) return FET_FAIL_MEMORY("near-duplicates", s->n * (int64_t)sizeof *keyed);
    for (int64_t i = 0; i < s->n; i++) keyed[i] = (struct keyed){s->e->items[i].key, i};
    qsort(keyed, (size_t)s->n, sizeof *keyed, keyed_compare);
    for (int64_t i = 0; i < s->n; i++) {
        s->order[i] = keyed[i].i;
        if (i > 0 && keyed[i].key == keyed[i - 1].key) join(s, keyed[i - 1].i, keyed[i].i);
    }
    fet_free(keyed);
    return FET_OK;
}

static const int8_t *detail_of(const struct search *s, int64_t i_example)
{
    return &s->details->pixels[s->e->items[i_example].i_row * FET_DETAIL_SIZE];
}

/* ---- matching pairs ---- */

static fet_status match_one(void *self, int64_t i_chunk, int worker)
{
    const struct search *s = self;
    struct pair *p = &s->pairs[i_chunk];
    p->match =
        fet_detail_match(detail_of(s, p->i), detail_of(s, p->j), s->enough, &s->scratch[worker]);
    return FET_OK;
}

static fet_status match_batch(struct search *s, int64_t n_pairs)
{
    return fet_pool_run(fet_context_pool(s->context), n_pairs, match_one, s);
}

/* m: what pairs of the set usually share. Pairs are drawn by content. */
static fet_status find_usual(struct search *s)
{
    struct fet_rng rng;
    double matches[N_RANDOM];
    const int64_t n_all = s->n * (s->n - 1) / 2;
    const int n = n_all < N_RANDOM ? (int)n_all : N_RANDOM;
    s->usual = usual_of_few;
    if (s->n < N_TELLING) return FET_OK;
    s->enough = -1;
    fet_rng_init(&rng, 1, 0);
    for (int k = 0; k < n; k++) {
        const int64_t i = fet_rng_below(&rng, (uint32_t)s->n);
        const int64_t j = fet_rng_below(&rng, (uint32_t)s->n - 1);
        s->pairs[k] = (struct pair){s->order[i], s->order[j < i ? j : j + 1], 0};
    }
    FET_TRY(match_batch(s, n));
    for (int k = 0; k < n; k++) matches[k] = s->pairs[k].match;
    qsort(matches, (size_t)n, sizeof *matches, fet_compare_reals);
    s->usual = fmax(matches[n / 2], 0);
    return FET_OK;
}

/* Matches the pairs that were collected and joins those of one part. */
static fet_status try_batch(struct search *s, int64_t n_pairs)
{
    FET_TRY(match_batch(s, n_pairs));
    for (int64_t k = 0; k < n_pairs; k++)
        if (s->pairs[k].match >= s->same_part) join(s, s->pairs[k].i, s->pairs[k].j);
    return FET_OK;
}

/* Collects a pair, unless it is in one group already; a full batch is tried. */
static fet_status try_pair(struct search *s, int64_t i, int64_t j, int64_t *n_pairs)
{
    if (fet_grouping_is_joined(&s->groups, i, j)) return FET_OK;
    s->pairs[(*n_pairs)++] = (struct pair){i, j, 0};
    if (*n_pairs < PAIRS_PER_BATCH) return FET_OK;
    *n_pairs = 0;
    return try_batch(s, PAIRS_PER_BATCH);
}

static fet_status try_all(struct search *s)
{
    int64_t n_pairs = 0;
    for (int64_t i = 0; i < s->n; i++)
        for (int64_t j = i + 1; j < s->n; j++)
            FET_TRY(try_pair(s, s->order[i], s->order[j], &n_pairs));
    return try_batch(s, n_pairs);
}

/* ---- candidates ---- */

static fet_status spectra_chunk(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct search *s = self;
    const int64_t first = i_chunk * ROWS_PER_CHUNK;
    for (int64_t k = first; k < first + ROWS_PER_CHUNK && k < s->n; k++)
        fet_spectrum_make(detail_of(s, s->order[k]), &s->spectra[k * FET_SPECTRUM_SIZE]);
    return FET_OK;
}

/* Takes mean and deviation over the set out of each frequency and scales to fixed point. */
static void standardise(struct search *s)
{
    enum { N = FET_SPECTRUM_SIZE };
    double mean[N] = {0}, deviation[N] = {0};
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < N; k++) mean[k] += (double)s->spectra[i * N + k] / (double)s->n;
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < N; k++) {
            const double d = (double)s->spectra[i * N + k] - mean[k];
            deviation[k] += d * d / (double)s->n;
        }
    for (int k = 0; k < N; k++) deviation[k] = sqrt(deviation[k]) + 1e-6;
    for (int64_t i = 0; i < s->n; i++) {
        double row[N], squares = 0;
        for (int k = 0; k < N; k++) {
            row[k] = ((double)s->spectra[i * N + k] - mean[k]) / deviation[k];
            squares += row[k] * row[k];
        }
        const double scale = squares > 0 ? 8192 / sqrt(squares) : 0;
        for (int k = 0; k < N; k++) s->fixed[i * N + k] = (int16_t)lrint(row[k] * scale);
    }
}

/* 8192^2 times the correlation; a sum of whole numbers, so in any order the same. */
static int32_t product(const int16_t *a, const int16_t *b)
{
    int32_t sum = 0;
    for (int k = 0; k < FET_SPECTRUM_SIZE; k++) sum += a[k] * b[k];
    return sum;
}

/* The most alike of one picture, by insertion; equal ones in the order of places. */
static void find_neighbours(const struct search *s, int64_t i)
{
    int32_t best[N_NEIGHBOURS];
    int64_t *places = &s->neighbours[i * N_NEIGHBOURS];
    int n = 0;
    for (int64_t j = 0; j < s->n; j++) {
        const int32_t likeness =
            product(&s->fixed[i * FET_SPECTRUM_SIZE], &s->fixed[j * FET_SPECTRUM_SIZE]);
        if (j == i || likeness < least_alike) continue;
        if (n == N_NEIGHBOURS && likeness <= best[n - 1]) continue;
        int k = n < N_NEIGHBOURS ? n++ : n - 1;
        for (; k > 0 && best[k - 1] < likeness; k--) {
            best[k] = best[k - 1];
            places[k] = places[k - 1];
        }
        best[k] = likeness;
        places[k] = j;
    }
    for (; n < N_NEIGHBOURS; n++) places[n] = -1;
}

static fet_status neighbours_chunk(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct search *s = self;
    const int64_t first = i_chunk * ROWS_PER_CHUNK;
    for (int64_t i = first; i < first + ROWS_PER_CHUNK && i < s->n; i++) find_neighbours(s, i);
    return FET_OK;
}

/* At which rank is j among the neighbours of i? N_NEIGHBOURS when it is none. */
static int rank_of(const struct search *s, int64_t i, int64_t j)
{
    int rank = 0;
    while (rank < N_NEIGHBOURS && s->neighbours[i * N_NEIGHBOURS + rank] != j) rank++;
    return rank;
}

static fet_status try_neighbours(struct search *s)
{
    struct fet_pool *pool = fet_context_pool(s->context);
    const int64_t n_chunks = (s->n + ROWS_PER_CHUNK - 1) / ROWS_PER_CHUNK;
    FET_TRY(fet_pool_run(pool, n_chunks, spectra_chunk, s));
    standardise(s);
    FET_TRY(fet_pool_run(pool, n_chunks, neighbours_chunk, s));
    for (int rank = 0; rank < N_NEIGHBOURS; rank++) {
        FET_TRY(
            fet_context_progress(s->context, "looking for near-duplicates", rank, N_NEIGHBOURS));
        int64_t n_pairs = 0;
        for (int64_t i = 0; i < s->n; i++) {
            const int64_t j = s->neighbours[i * N_NEIGHBOURS + rank];
            if (j < 0) continue;
            const int other = rank_of(s, j, i); /* each pair once, at its better rank */
            if (other < rank || (other == rank && j < i)) continue;
            FET_TRY(try_pair(s, s->order[i], s->order[j], &n_pairs));
        }
        FET_TRY(try_batch(s, n_pairs)); /* the next rank sees who has been joined */
    }
    return FET_OK;
}

/* ---- all together ---- */

static fet_status search_run(struct search *s)
{
    FET_TRY(fet_context_progress(s->context, "looking for near-duplicates", 0, N_NEIGHBOURS));
    FET_TRY(line_up(s));
    if (s->n > N_MOST) {
        fet_context_note(s->context,
                         "Of more than %d pictures only those with the same bytes are joined.",
                         (int)N_MOST);
        return FET_OK;
    }
    FET_TRY(search_grow(s));
    FET_TRY(find_usual(s));
    const double kappa = 0.65 + 0.2 * s->usual;
    s->same_part = s->usual + kappa * (1 - s->usual);
    s->enough = s->usual + (kappa - 0.2) * (1 - s->usual);
    FET_TRY(s->n <= N_FEW ? try_all(s) : try_neighbours(s));
    return fet_context_progress(s->context, "looking for near-duplicates", N_NEIGHBOURS,
                                N_NEIGHBOURS);
}

static void tell(const struct search *s, int64_t n_groups, int64_t n_members)
{
    int64_t n_across = 0;
    for (int64_t i = 0; i < s->n; i++) n_across += s->is_across[i];
    if (n_groups > 0)
        fet_context_note(
            s->context,
            "Pictures that show one part: %lld of %lld, in groups: %lld. A group stays "
            "on one side of the split.",
            (long long)n_members, (long long)s->n, (long long)n_groups);
    if (n_across > 0)
        fet_context_note(s->context,
                         "Pictures kept for testing of a part that is learned from, too: %lld. The "
                         "test will flatter.",
                         (long long)n_across);
}

fet_status fet_near_duplicates_group(struct fet_examples *e, const struct fet_context *c)
{
    struct search s = {0};
    int64_t n_groups = 0, n_members = 0;
    fet_status st = FET_OK;
    if (e->n > 0 && fet_details_of(e) == NULL)
        return FET_FAIL(FET_ARGUMENT, "near-duplicates: %s was not read as pictures",
                        e->root ? e->root : "the set");
    FET_TRY_OUT(search_init(e, c, &s));
    FET_TRY_OUT(search_run(&s));
    FET_TRY_OUT(fet_grouping_apply(&s.groups, &n_groups, &n_members));
    tell(&s, n_groups, n_members);
out:
    search_deinit(&s);
    return st;
}
