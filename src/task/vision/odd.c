/* Each row's distance to the nearest of rows of other parts; of each part the largest, its oddest
 * place. Good parts have odd places too, so what counts is how odd those usually are: beyond the
 * median of parts by so many deviations (by the median of absolute deviations, which a third of
 * defective parts does not move, Hampel 1974) a place is not remembered. Only the place goes: the
 * rest of the part is as good as any. */
#include "odd.h"

#include <math.h>
#include <stdlib.h>

enum { N_WITNESSES = 3000 };
/* Deviations of good parts' oddest places, and what makes deviations of the median of them. */
static const double n_deviations = 3;
static const double of_median = 1.4826;

static float median_of(float *x, int64_t n)
{
    qsort(x, (size_t)n, sizeof *x, fet_compare_floats);
    return n % 2 == 1 ? x[n / 2] : 0.5f * (x[n / 2 - 1] + x[n / 2]);
}

static float distance_between(const float *a, const float *b, int n)
{
    float sum = 0;
    for (int k = 0; k < n; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sqrtf(sum);
}

struct place {
    int32_t part;
    float distance;
};

/* By part, the oddest first. */
static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return (x->distance < y->distance) - (x->distance > y->distance);
}

/* places [n] are sorted; oddest [n] is scratch. */
static float limit_of(struct place *places, int64_t n, float *oddest)
{
    int64_t n_parts = 0;
    qsort(places, (size_t)n, sizeof *places, compare_places);
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || places[i].part != places[i - 1].part) oddest[n_parts++] = places[i].distance;
    if (n_parts < FET_ODD_PARTS) return INFINITY;
    const float usual = median_of(oddest, n_parts);
    for (int64_t p = 0; p < n_parts; p++) oddest[p] = fabsf(oddest[p] - usual);
    const double deviation = of_median * (double)median_of(oddest, n_parts);
    return (float)((double)usual + n_deviations * deviation);
}

fet_status fet_odd_find(const struct fet_memory_sample *s, struct fet_pool *pool, bool *is_odd,
                        float *limit)
{
    fet_status st = FET_OK;
    const int64_t n_witnesses = s->n < N_WITNESSES ? s->n : N_WITNESSES;
    int64_t *witnesses = fet_alloc(n_witnesses, sizeof *witnesses);
    int64_t *nearest = fet_alloc(s->n, sizeof *nearest);
    struct place *places = fet_alloc(s->n, sizeof *places);
    float *distance = fet_alloc(2 * s->n, sizeof *distance);
    if (witnesses == NULL || nearest == NULL || places == NULL || distance == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("odd places", s->n * 24));
    for (int64_t i = 0; i < n_witnesses; i++) witnesses[i] = i * s->n / n_witnesses;
    FET_TRY_OUT(fet_memory_match(s, witnesses, n_witnesses, pool, nearest));
    for (int64_t i = 0; i < s->n; i++) {
        distance[i] = distance_between(s->z + i * s->n_numbers, s->z + nearest[i] * s->n_numbers,
                                       s->n_numbers);
        places[i] = (struct place){.part = s->parts[i], .distance = distance[i]};
    }
    const float most = limit_of(places, s->n, distance + s->n);
    for (int64_t i = 0; i < s->n; i++) is_odd[i] = distance[i] > most;
    *limit = most;
out:
    fet_free(witnesses);
    fet_free(nearest);
    fet_free(places);
    fet_free(distance);
    return st;
}
