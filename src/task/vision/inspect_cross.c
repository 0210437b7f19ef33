/* Calibrating with the parts that are learned from. Where there are few, none can be spared: each
 * fold of them is judged by an inspector that learned from the other folds alone, in the same way
 * as the whole one did from all. Its scores stand for those that the whole one would give to parts
 * that it has not seen (Vovk 2015, "Cross-conformal predictors"; Barber, Candes, Ramdas &
 * Tibshirani 2021, "Predictive inference with the jackknife+"). The whole one knows more good parts
 * than any of the others, so that a good part looks more usual to it, if anything. */
#include "inspector.h"

#include <stdlib.h>
#include <string.h>

/* ---- one progress bar for all folds ---- */

enum { N_STAGES = 7 }; /* of fitting and judging; they need not take equally long */

struct folds_told {
    const struct fet_context *c;
    int64_t i_fold, n_folds;
    const char *stage; /* of the fold; NULL = none yet */
    int i_stage;
};

/* In percent of all folds. */
static void told_progress(void *self, const char *stage, int64_t done, int64_t total)
{
    struct folds_told *const told = self;
    const struct fet_observer *const o = told->c->observer;
    if (o->progress == NULL) return;
    if (told->stage != NULL && strcmp(told->stage, stage) != 0 && told->i_stage < N_STAGES - 1)
        told->i_stage++;
    told->stage = stage;
    const double of_stage = total > 0 ? (double)done / (double)total : 0;
    const double of_fold = (told->i_stage + of_stage) / N_STAGES;
    const double share = ((double)told->i_fold + of_fold) / (double)told->n_folds;
    o->progress(o->self, "calibrating", (int64_t)(100 * share), 100);
}

static bool told_is_cancelled(void *self)
{
    const struct folds_told *const told = self;
    const struct fet_observer *const o = told->c->observer;
    return o->is_cancelled != NULL && o->is_cancelled(o->self);
}

/* ---- folds ---- */

/* The examples of a fold calibrate, those of the others fit. Fold 0: all fit again. */
static void fold_keep_aside(struct fet_examples *e, int fold)
{
    for (int64_t i = 0; i < e->n; i++)
        if (e->items[i].fold > 0)
            e->items[i].split = e->items[i].fold == fold ? FET_SPLIT_CALIBRATE : FET_SPLIT_FIT;
}

/* Scores of the parts that are kept aside. */
static fet_status fold_judge(struct fet_examples *e, const struct fet_task_job *job,
                             double **scores, int64_t *n)
{
    const struct fet_example **x = NULL;
    void *state = NULL;
    int64_t n_x = 0;
    FET_TRY(fet_inspector_select_good(e, FET_SPLIT_CALIBRATE, &x, &n_x));
    FET_TRY(fet_inspector_fit(e, job, &state));
    const fet_status st = fet_inspector_score_parts(state, e, x, n_x, job->context, scores, n);
    fet_inspector_free(state);
    return st;
}

/* scores [all good parts of the folds], fold by fold; *n their number. */
static fet_status folds_judge(struct fet_examples *e, struct fet_task_job job,
                              struct folds_told *told, double *scores, int64_t *n)
{
    const struct fet_observer observer = {
        .self = told, .progress = told_progress, .is_cancelled = told_is_cancelled};
    const bool is_heard = told->c != NULL && told->c->observer != NULL;
    const struct fet_context context = {.pool = fet_context_pool(told->c),
                                        .observer = is_heard ? &observer : NULL};
    job.context = &context; /* notes were made when all parts were learned from */
    for (int fold = 1; fold <= told->n_folds; fold++) {
        double *more = NULL;
        int64_t n_more = 0;
        told->i_fold = fold - 1;
        told->stage = NULL;
        told->i_stage = 0;
        fold_keep_aside(e, fold);
        FET_TRY(fold_judge(e, &job, &more, &n_more));
        if (n_more > 0) memcpy(scores + *n, more, (size_t)n_more * sizeof *scores);
        *n += n_more;
        fet_free(more);
    }
    return FET_OK;
}

fet_status fet_inspector_cross(struct fet_examples *e, const struct fet_task_job *job,
                               double **scores, int64_t *n_parts)
{
    struct folds_told told = {.c = job->context, .n_folds = fet_examples_folds(e)};
    int64_t n = 0;
    double *const all = fet_alloc(e->n, sizeof *all);
    if (all == NULL) return FET_FAIL_MEMORY("scores", e->n * 8);
    fet_status st = folds_judge(e, *job, &told, all, &n);
    fold_keep_aside(e, 0);
    if (st == FET_OK) st = fet_context_progress(job->context, "calibrating", 100, 100);
    if (st != FET_OK) {
        fet_free(all);
        return st;
    }
    qsort(all, (size_t)n, sizeof *all, fet_compare_reals);
    *scores = all;
    *n_parts = n;
    return FET_OK;
}
