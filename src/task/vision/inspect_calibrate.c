/* Thresholds from good parts that the model has not learned from, and nothing else. A part counts
 * once, with the highest score of its pictures: frames of one part are no independent witnesses,
 * and a bound that counted them singly would promise too much. */
#include "inspector.h"

#include <math.h>
#include <stdlib.h>

/* Without a part to calibrate with there is nothing but a rule of thumb: so many deviations. */
static const double thumb_reject = 12, thumb_review = 8;

struct scoring {
    const struct fet_inspector *s;
    const struct fet_examples *e;
    const struct fet_example *const *x;
    double *scores;
};

static fet_status score_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct scoring *job = self;
    struct fet_unusual u = {0};
    FET_TRY(fet_inspector_look(job->s, job->e, job->x[i_chunk], NULL, &u));
    job->scores[i_chunk] = u.score;
    fet_unusual_deinit(&u);
    return FET_OK;
}

struct part_score {
    uint64_t part;
    double score;
};

/* By part, the highest score of each first. */
static int compare_parts(const void *a, const void *b)
{
    const struct part_score *x = a, *y = b;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return (x->score < y->score) - (x->score > y->score);
}

/* scores [*n] of pictures x become those of parts, ascending; *n their number. */
static fet_status scores_of_parts(const struct fet_example *const *x, double *scores, int64_t *n)
{
    struct part_score *list = fet_alloc(*n, sizeof *list);
    if (list == NULL) return FET_FAIL_MEMORY("scores", *n * (int64_t)sizeof *list);
    for (int64_t i = 0; i < *n; i++)
        list[i] = (struct part_score){.part = fet_example_part(x[i]), .score = scores[i]};
    qsort(list, (size_t)*n, sizeof *list, compare_parts);
    int64_t n_parts = 0;
    for (int64_t i = 0; i < *n; i++)
        if (i == 0 || list[i].part != list[i - 1].part) scores[n_parts++] = list[i].score;
    fet_free(list);
    qsort(scores, (size_t)n_parts, sizeof *scores, fet_compare_reals);
    *n = n_parts;
    return FET_OK;
}

static fet_status score_all(const struct fet_inspector *s, const struct fet_examples *e,
                            const struct fet_example *const *x, int64_t n,
                            const struct fet_context *c, double *scores)
{
    enum { BATCH = 32 };
    for (int64_t i = 0; i < n; i += BATCH) {
        FET_TRY(fet_context_progress(c, "calibrating", i, n));
        struct scoring job = {.s = s, .e = e, .x = x + i, .scores = scores + i};
        FET_TRY(fet_pool_run(fet_context_pool(c), n - i < BATCH ? n - i : BATCH, score_one, &job));
    }
    return fet_context_progress(c, "calibrating", n, n);
}

/* Nothing is promised: the bound is 1, but how many parts a promise would need is known. */
static fet_status thumb_set(double wished, double confidence, double threshold,
                            struct fet_conformal_threshold *t)
{
    FET_TRY(fet_conformal_threshold(&threshold, 1, wished, confidence, t));
    t->n = 0;
    t->expected = t->bound = 1;
    return FET_OK;
}

fet_status fet_inspector_set_thresholds(struct fet_inspector *s,
                                        const struct fet_settings *settings)
{
    const double confidence = fet_settings_real(settings, "confidence");
    s->wished = fet_settings_real(settings, "false-rejects");
    const double review = fmax(fet_settings_real(settings, "review"), s->wished);
    if (s->n_scores == 0) {
        FET_TRY(thumb_set(s->wished, confidence, thumb_reject, &s->reject));
        return thumb_set(review, confidence, thumb_review, &s->review);
    }
    FET_TRY(fet_conformal_threshold(s->scores, s->n_scores, s->wished, confidence, &s->reject));
    return fet_conformal_threshold(s->scores, s->n_scores, review, confidence, &s->review);
}

fet_status fet_inspector_select_good(struct fet_examples *e, enum fet_split split,
                                     const struct fet_example ***x, int64_t *n)
{
    const struct fet_example **all = NULL;
    int64_t n_all = 0, n_good = 0;
    FET_TRY(fet_examples_select(e, split, &all, &n_all));
    for (int64_t i = 0; i < n_all; i++)
        if (all[i]->truth == FET_TRUTH_GOOD) all[n_good++] = all[i];
    *x = all;
    *n = n_good;
    return FET_OK;
}

fet_status fet_inspector_score_parts(const struct fet_inspector *s, const struct fet_examples *e,
                                     const struct fet_example *const *x, int64_t n,
                                     const struct fet_context *c, double **scores, int64_t *n_parts)
{
    double *made = fet_alloc(n, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("scores", n * 8);
    fet_status st = score_all(s, e, x, n, c, made);
    if (st == FET_OK) st = scores_of_parts(x, made, &n);
    if (st != FET_OK) {
        fet_free(made);
        return st;
    }
    *scores = made;
    *n_parts = n;
    return FET_OK;
}

fet_status fet_inspector_calibrate(void *state, struct fet_examples *e,
                                   const struct fet_task_job *job)
{
    struct fet_inspector *s = state;
    const struct fet_example **x = NULL;
    double *scores = NULL;
    int64_t n = 0, n_parts = 0;
    s->n_folds = fet_examples_folds(e);
    FET_TRY(fet_inspector_select_good(e, FET_SPLIT_CALIBRATE, &x, &n));
    if (s->n_folds > 0)
        FET_TRY(fet_inspector_cross(e, job, &scores, &n_parts));
    else
        FET_TRY(fet_inspector_score_parts(s, e, x, n, job->context, &scores, &n_parts));
    fet_free(s->scores);
    s->scores = scores;
    s->n_scores = n_parts;
    FET_TRY(fet_inspector_set_thresholds(s, job->settings));
    if (!s->bands[0].channels.is_plain) return FET_OK;
    return fet_inspector_remember_more(s, e, x, n, job);
}

enum fet_verdict fet_inspector_judge(const struct fet_inspector *s, double score)
{
    if (score > s->reject.threshold) return FET_VERDICT_REJECT;
    return score > s->review.threshold ? FET_VERDICT_REVIEW : FET_VERDICT_ACCEPT;
}

double fet_inspector_p_value(const struct fet_inspector *s, double score)
{
    return s->n_scores > 0 ? fet_conformal_p_value(s->scores, s->n_scores, score) : (double)NAN;
}
