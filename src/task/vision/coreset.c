/* Greedy k-centre: each new centre is the row farthest from all chosen so far, and every row that
 * is nearer to it than to its own centre becomes its. Most are not, which is seen cheaply, and
 * exactly:
 *
 * 1. a row at distance d from its centre is not nearer to one that lies 2 d or more from that
 *    centre (the triangle inequality; Elkan 2003, "Using the triangle inequality to accelerate
 *    k-means"). Rows are kept by centre with the largest of their distances, so that most centres
 *    are passed by with all their rows;
 * 2. nor to one that is farther than d in the few leading numbers alone (nearest.h), which are kept
 *    apart so that a choice reads little. They are also what the distances of centres are bounded
 *    by.
 *
 * What is left is so little that threads would spend longer waiting for each other. */
#include "coreset.h"

#include <math.h>
#include <string.h>

/* Squares of 2 d and of d, with room for rounding errors. */
static const float no_nearer = 4.0001f;

enum { NONE = -1 };

struct cover {
    const struct fet_memory_sample *sample;
    int n_leading;
    float *leading;  /* [n,n_leading] */
    float *distance; /* [n] squared, to the nearest centre */
    int64_t *next;   /* [n] another row of the same centre, or NONE */
    /* Of each centre [n_entries]: */
    float *centres;    /* [n_entries,n_leading] */
    int64_t *first;    /* its first row */
    int64_t *farthest; /* of its rows the one farthest from it */
    int64_t n;
};

/* Four floats that the compiler keeps in one register on every machine. */
typedef float four_floats __attribute__((vector_size(16)));

static inline float squared_distance(const float *a, const float *b, int n)
{
    four_floats lanes = {0, 0, 0, 0};
    float sum = 0;
    int k = 0;
    for (; k + 4 <= n; k += 4) {
        four_floats x, y;
        memcpy(&x, a + k, sizeof x);
        memcpy(&y, b + k, sizeof y);
        lanes += (x - y) * (x - y);
    }
    for (; k < n; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum + ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
}

/* Puts row i to the rows of centre e. */
static void row_put(struct cover *c, int64_t i, int64_t e)
{
    const int64_t f = c->farthest[e];
    c->next[i] = c->first[e];
    c->first[e] = i;
    if (f == NONE || c->distance[i] > c->distance[f] || (c->distance[i] == c->distance[f] && i < f))
        c->farthest[e] = i;
}

/* Row i lies d (squared) from its centre: is it nearer to `row`? If so that is its distance now. */
static bool is_nearer(struct cover *c, int64_t i, int64_t row)
{
    const int n_numbers = c->sample->n_numbers, l = c->n_leading;
    const float *const z = c->sample->z + i * n_numbers, *const to = c->sample->z + row * n_numbers;
    float square = squared_distance(c->leading + i * l, c->leading + row * l, l);
    if (!(square < c->distance[i])) return false;
    square += squared_distance(z + l, to + l, n_numbers - l);
    if (!(square < c->distance[i])) return false;
    c->distance[i] = square;
    return true;
}

/* The row becomes a centre; others move to it. */
static void centre_add(struct cover *c, int64_t row)
{
    const int l = c->n_leading;
    const float *const centre = c->leading + row * l;
    const int64_t newest = c->n++;
    c->first[newest] = c->farthest[newest] = NONE;
    memcpy(c->centres + newest * l, centre, (size_t)l * sizeof *centre);
    for (int64_t e = 0; e < newest; e++) {
        if (c->first[e] == NONE) continue; /* it was given and equals one given before */
        const float apart = squared_distance(c->centres + e * l, centre, l);
        if (apart >= no_nearer * c->distance[c->farthest[e]]) continue;
        int64_t i = c->first[e];
        c->first[e] = c->farthest[e] = NONE;
        while (i != NONE) {
            const int64_t next = c->next[i];
            const bool is_moved = apart < no_nearer * c->distance[i] && is_nearer(c, i, row);
            row_put(c, i, is_moved ? newest : e);
            i = next;
        }
    }
}

/* The row farthest from all centres. */
static int64_t farthest_find(const struct cover *c)
{
    int64_t best = c->farthest[0];
    for (int64_t e = 1; e < c->n; e++) {
        const int64_t i = c->farthest[e];
        if (i == NONE) continue;
        if (c->distance[i] > c->distance[best] || (c->distance[i] == c->distance[best] && i < best))
            best = i;
    }
    return best;
}

static void cover_deinit(struct cover *c)
{
    fet_free(c->leading);
    fet_free(c->distance);
    fet_free(c->next);
    fet_free(c->centres);
    fet_free(c->first);
    fet_free(c->farthest);
}

/* The first row is the first centre, and all rows are its. */
static fet_status cover_init(struct cover *c, int64_t n_entries)
{
    const struct fet_memory_sample *const s = c->sample;
    const int l = fet_leading_numbers(s->z, s->n, s->n_numbers, s->n_numbers);
    c->n_leading = l;
    c->leading = fet_alloc(s->n * l, sizeof *c->leading);
    c->distance = fet_alloc(s->n, sizeof *c->distance);
    c->next = fet_alloc(s->n, sizeof *c->next);
    c->centres = fet_alloc(n_entries * l, sizeof *c->centres);
    c->first = fet_alloc(n_entries, sizeof *c->first);
    c->farthest = fet_alloc(n_entries, sizeof *c->farthest);
    if (c->leading == NULL || c->distance == NULL || c->next == NULL || c->centres == NULL ||
        c->first == NULL || c->farthest == NULL)
        return FET_FAIL_MEMORY("coreset", (s->n + n_entries) * (l + 4) * 4);
    for (int64_t i = 0; i < s->n; i++)
        memcpy(c->leading + i * l, s->z + i * s->n_numbers, (size_t)l * sizeof *c->leading);
    centre_add(c, 0);
    for (int64_t i = s->n - 1; i >= 0; i--) {
        c->distance[i] = INFINITY;
        (void)is_nearer(c, i, 0);
        row_put(c, i, 0);
    }
    return FET_OK;
}

fet_status fet_coreset_choose(const struct fet_memory_sample *s, int64_t n_given, int64_t n_entries,
                              int64_t *rows, int64_t *n_chosen)
{
    struct cover c = {.sample = s};
    const fet_status st = cover_init(&c, n_entries);
    if (st == FET_OK) {
        rows[0] = 0;
        while (c.n < n_entries) {
            const int64_t row = c.n < n_given ? c.n : farthest_find(&c);
            if (c.n >= n_given && !(c.distance[row] > 0)) break;
            rows[c.n] = row;
            centre_add(&c, row);
        }
        *n_chosen = c.n;
    }
    cover_deinit(&c);
    return st;
}
