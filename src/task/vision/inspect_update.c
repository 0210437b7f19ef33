/* Learning more from new good parts, without beginning anew: some are remembered beside the first
 * (fet_inspector_remember_more), the others tell, after that, where the thresholds belong. What the
 * model sees with, whitens by and measures by stays.
 *
 * The thresholds are set anew from the scores of all parts that ever calibrated: those that the
 * model holds, and those of the new ones. The old scores were taken before the new parts were
 * remembered, and remembering can only lower a score: taken again, each would be the same or lower.
 * So the threshold, the same place in the line of all scores, is at or above the one that exact
 * scores would give; good parts are rejected at most as often as by that one, and the bound is a
 * bound still. What it promises concerns good parts as they come in all the calibrating parts
 * together, old and new in proportion to their numbers: that the proportion is fixed and not drawn
 * makes the number of rejected parts less variable than the bound supposes, not more (Hoeffding
 * 1956, "On the distribution of the number of successes in independent trials"). */
#include "inspector.h"

#include <stdlib.h>
#include <string.h>

/* The good parts of e, and to FET_SPLIT_NONE with all that is no good part or kept for a test. */
static fet_status good_take(struct fet_examples *e, const struct fet_context *c,
                            const struct fet_example *const **remembered, int64_t *n_remembered,
                            const struct fet_example *const **calibrating, int64_t *n_calibrating)
{
    const struct fet_example **a = NULL, **b = NULL;
    int64_t n_unused = 0;
    for (int64_t i = 0; i < e->n; i++) {
        struct fet_example *const x = &e->items[i];
        const bool is_used = x->truth == FET_TRUTH_GOOD &&
                             (x->split == FET_SPLIT_FIT || x->split == FET_SPLIT_CALIBRATE);
        if (!is_used) x->split = FET_SPLIT_NONE;
        n_unused += !is_used;
    }
    FET_TRY(fet_inspector_select_good(e, FET_SPLIT_FIT, &a, n_remembered));
    FET_TRY(fet_inspector_select_good(e, FET_SPLIT_CALIBRATE, &b, n_calibrating));
    *remembered = a;
    *calibrating = b;
    if (*n_remembered + *n_calibrating == 0)
        return FET_FAIL(FET_DATA,
                        "%s: no new picture of a good part to learn from (a folder named good, or "
                        "a folder of good parts alone, is wanted)",
                        e->root ? e->root : "examples");
    if (n_unused > 0)
        fet_context_note(c,
                         "%lld of %lld pictures are not used: an update learns from good parts, "
                         "and not from those that are kept for a test.",
                         (long long)n_unused, (long long)e->n);
    return FET_OK;
}

/* The scores that s holds and more [n] become one ascending line. */
static fet_status scores_merge(struct fet_inspector *s, const double *more, int64_t n)
{
    const int64_t n_all = s->n_scores + n;
    double *all = fet_alloc(n_all, sizeof *all);
    if (all == NULL) return FET_FAIL_MEMORY("scores", n_all * 8);
    if (s->n_scores > 0) memcpy(all, s->scores, (size_t)s->n_scores * sizeof *all);
    if (n > 0) memcpy(all + s->n_scores, more, (size_t)n * sizeof *all);
    qsort(all, (size_t)n_all, sizeof *all, fet_compare_reals);
    fet_free(s->scores);
    s->scores = all;
    s->n_scores = n_all;
    return FET_OK;
}

/* The memory has its limit, and then remembers nothing. */
static void fullness_note(const struct fet_inspector *s, const struct fet_context *c)
{
    if (s->n_later < FET_INSPECTOR_GROWTH * s->n_fit) return;
    fet_context_note(c,
                     "The memory is full: it learned from %lld pictures and has since been given "
                     "%lld more. Only the thresholds still learn; train anew with all pictures.",
                     (long long)s->n_fit, (long long)s->n_later);
}

fet_status fet_inspector_update(void *state, struct fet_examples *e, const struct fet_task_job *job)
{
    struct fet_inspector *const s = state;
    const struct fet_example *const *remembered = NULL, *const *calibrating = NULL;
    double *scores = NULL;
    int64_t n_remembered = 0, n_calibrating = 0, n_parts = 0;
    FET_TRY(good_take(e, job->context, &remembered, &n_remembered, &calibrating, &n_calibrating));
    fullness_note(s, job->context);
    FET_TRY(fet_inspector_remember_more(s, e, remembered, n_remembered, job));
    FET_TRY(fet_inspector_score_parts(s, e, calibrating, n_calibrating, job->context, &scores,
                                      &n_parts));
    const fet_status st = scores_merge(s, scores, n_parts);
    fet_free(scores);
    if (st != FET_OK) return st;
    FET_TRY(fet_inspector_set_thresholds(s, job->settings));
    if (!s->bands[0].channels.is_plain) return FET_OK;
    return fet_inspector_remember_more(s, e, calibrating, n_calibrating, job);
}
