/* Figures that depend on the order of scores only: AUROC, average precision, the ROC curve.
 *
 * All of them walk the sorted scores in groups of equal score, because examples that a model cannot
 * tell apart must not be put in an order by accident of their position.
 *
 * Fawcett 2006, "An introduction to ROC analysis"; Hanley & McNeil 1982 for the equality of the
 * area with the Mann-Whitney statistic. */
#include "ranking.h"

#include <math.h>
#include <stdlib.h>

#include "measure.h"
#include "total.h"

static int compare_scored(const void *a, const void *b)
{
    const double x = ((const struct fet_scored *)a)->score;
    const double y = ((const struct fet_scored *)b)->score;
    return (x > y) - (x < y);
}

fet_status fet_ranking_init(const char *what, const double *scores, const uint8_t *truth, int64_t n,
                            struct fet_ranking *r)
{
    if (n < 0) return FET_FAIL(FET_ARGUMENT, "%s: %lld scores", what, (long long)n);
    struct fet_scored *items = fet_alloc(n, sizeof *items);
    if (items == NULL) return FET_FAIL_MEMORY(what, n * (int64_t)sizeof *items);
    int64_t n_positive = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(scores[i])) {
            fet_free(items);
            return FET_FAIL(FET_ARGUMENT, "%s: score %lld is not a number", what, (long long)i);
        }
        items[i] = (struct fet_scored){scores[i], truth[i] != 0};
        n_positive += items[i].is_positive;
    }
    qsort(items, (size_t)n, sizeof *items, compare_scored);
    *r = (struct fet_ranking){items, n, n_positive, n - n_positive};
    return FET_OK;
}

void fet_ranking_deinit(struct fet_ranking *r)
{
    fet_free(r->items);
    *r = (struct fet_ranking){0};
}

static void tie_add(struct fet_tie *tie, const struct fet_scored *item)
{
    tie->n_positive += item->is_positive;
    tie->n_negative += !item->is_positive;
}

bool fet_ranking_next_up(const struct fet_ranking *r, struct fet_tie *tie)
{
    if (tie->end >= r->n) return false;
    *tie = (struct fet_tie){.first = tie->end, .end = tie->end};
    const double score = r->items[tie->first].score;
    while (tie->end < r->n && r->items[tie->end].score == score)
        tie_add(tie, &r->items[tie->end++]);
    return true;
}

bool fet_ranking_next_down(const struct fet_ranking *r, struct fet_tie *tie)
{
    const int64_t end = tie->end == 0 ? r->n : tie->first;
    if (end == 0) return false;
    *tie = (struct fet_tie){.first = end, .end = end};
    const double score = r->items[end - 1].score;
    while (tie->first > 0 && r->items[tie->first - 1].score == score)
        tie_add(tie, &r->items[--tie->first]);
    return true;
}

double fet_ranking_auroc(const struct fet_ranking *r)
{
    if (r->n_positive == 0 || r->n_negative == 0) return (double)NAN;
    /* Twice the number of ordered pairs, in integers: no rounding below 4e9 examples. */
    int64_t twice = 0, n_below = 0;
    for (struct fet_tie tie = {0}; fet_ranking_next_up(r, &tie);) {
        twice += tie.n_positive * (2 * n_below + tie.n_negative);
        n_below += tie.n_negative;
    }
    return (double)twice / 2 / ((double)r->n_positive * (double)r->n_negative);
}

fet_status fet_auroc(const double *scores, const uint8_t *truth, int64_t n, double *auroc)
{
    struct fet_ranking r;
    FET_TRY(fet_ranking_init("AUROC", scores, truth, n, &r));
    *auroc = fet_ranking_auroc(&r);
    fet_ranking_deinit(&r);
    return FET_OK;
}

fet_status fet_average_precision(const double *scores, const uint8_t *truth, int64_t n, double *ap)
{
    struct fet_ranking r;
    FET_TRY(fet_ranking_init("average precision", scores, truth, n, &r));
    /* AP = sum over distinct scores of precision * gain in recall; no interpolation. */
    struct fet_total total = {0};
    int64_t n_hits = 0, n_seen = 0;
    for (struct fet_tie tie = {0}; fet_ranking_next_down(&r, &tie);) {
        n_hits += tie.n_positive;
        n_seen += tie.end - tie.first;
        fet_total_add(&total, (double)n_hits / (double)n_seen * (double)tie.n_positive);
    }
    *ap = r.n_positive > 0 ? fet_total_get(&total) / (double)r.n_positive : (double)NAN;
    fet_ranking_deinit(&r);
    return FET_OK;
}

fet_status fet_roc(const double *scores, const uint8_t *truth, int64_t n,
                   struct fet_roc_point **points, int64_t *n_points)
{
    struct fet_ranking r;
    FET_TRY(fet_ranking_init("ROC", scores, truth, n, &r));
    int64_t n_distinct = 0;
    for (struct fet_tie tie = {0}; fet_ranking_next_down(&r, &tie);) n_distinct++;
    struct fet_roc_point *p = fet_alloc(n_distinct + 1, sizeof *p);
    if (p == NULL) {
        fet_ranking_deinit(&r);
        return FET_FAIL_MEMORY("ROC", (n_distinct + 1) * (int64_t)sizeof *p);
    }
    /* 0/0 is the NaN that the header promises when a class is missing. */
    const double n_positive = (double)r.n_positive, n_negative = (double)r.n_negative;
    int64_t n_true = 0, n_false = 0, i = 0;
    p[i++] = (struct fet_roc_point){0 / n_negative, 0 / n_positive, (double)INFINITY};
    for (struct fet_tie tie = {0}; fet_ranking_next_down(&r, &tie);) {
        n_true += tie.n_positive;
        n_false += tie.n_negative;
        p[i++] = (struct fet_roc_point){(double)n_false / n_negative, (double)n_true / n_positive,
                                        r.items[tie.first].score};
    }
    fet_ranking_deinit(&r);
    *points = p;
    *n_points = i;
    return FET_OK;
}
