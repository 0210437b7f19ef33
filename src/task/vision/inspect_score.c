#include "inspect_score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double interval_confidence = 0.95;

/* ---- the parts of known truth ---- */

static void results_deinit(struct fet_inspect_results *r)
{
    fet_free(r->x);
    fet_free(r->answers);
    fet_free(r->scores);
    fet_free(r->truth);
}

static fet_status results_init(const struct fet_inspector *s, const struct fet_example *const *x,
                               const struct fet_answer *answers, int64_t n,
                               struct fet_inspect_results *r)
{
    *r = (struct fet_inspect_results){.s = s};
    r->x = fet_alloc(n, sizeof(struct fet_example *));
    r->answers = fet_alloc(n, sizeof(struct fet_answer *));
    r->scores = fet_alloc(n, sizeof *r->scores);
    r->truth = fet_alloc(n, sizeof *r->truth);
    if (r->x == NULL || r->answers == NULL || r->scores == NULL || r->truth == NULL)
        return FET_FAIL_MEMORY("scores", n * 25);
    for (int64_t i = 0; i < n; i++) {
        if (x[i]->truth == FET_TRUTH_UNKNOWN) continue;
        const bool is_defect = x[i]->truth == FET_TRUTH_DEFECT;
        r->x[r->n] = x[i];
        r->answers[r->n] = &answers[i];
        r->scores[r->n] = answers[i].score;
        r->truth[r->n++] = is_defect;
        r->n_defects += is_defect;
    }
    r->n_good = r->n - r->n_defects;
    return FET_OK;
}

int64_t fet_inspect_count(const struct fet_inspect_results *r, uint8_t is_defect, const char *label,
                          enum fet_verdict verdict)
{
    int64_t n = 0;
    for (int64_t i = 0; i < r->n; i++) {
        if (r->truth[i] != is_defect || r->answers[i]->verdict != verdict) continue;
        n += label == NULL || (r->x[i]->label != NULL && strcmp(r->x[i]->label, label) == 0);
    }
    return n;
}

static double share_of(int64_t n, int64_t of)
{
    return of > 0 ? (double)n / (double)of : (double)NAN;
}

/* ---- ranking ---- */

static fet_status ranking_print(const struct fet_inspect_results *r, json_t *figures)
{
    double auroc = 0, ap = 0;
    struct fet_interval ci;
    if (r->n_good == 0 || r->n_defects == 0) return FET_OK;
    FET_TRY(fet_auroc(r->scores, r->truth, r->n, &auroc));
    FET_TRY(fet_auroc_interval(r->scores, r->truth, r->n, interval_confidence, &ci));
    FET_TRY(fet_average_precision(r->scores, r->truth, r->n, &ap));
    FET_TRY(fet_json_set(figures, "auroc", fet_json_real(auroc)));
    json_t *pair = json_array();
    fet_status st = fet_json_push(pair, fet_json_real(ci.low));
    if (st == FET_OK) st = fet_json_push(pair, fet_json_real(ci.high));
    if (st != FET_OK) {
        json_decref(pair);
        return st;
    }
    FET_TRY(fet_json_set(figures, "auroc_ci", pair));
    return fet_json_set(figures, "average_precision", fet_json_real(ap));
}

/* ---- kinds of defect ---- */

/* AUROC of one kind of defect against all good parts. scores and truth: scratch [n]. */
static fet_status kind_print(const struct fet_inspect_results *r, const char *label, double *scores,
                             uint8_t *truth, json_t *kinds)
{
    int64_t n = 0, n_kind = 0;
    for (int64_t i = 0; i < r->n; i++) {
        if (r->truth[i] && (r->x[i]->label == NULL || strcmp(r->x[i]->label, label) != 0)) continue;
        scores[n] = r->scores[i];
        truth[n++] = r->truth[i];
        n_kind += r->truth[i];
    }
    double auroc = (double)NAN;
    if (r->n_good > 0) FET_TRY(fet_auroc(scores, truth, n, &auroc));
    const int64_t n_caught = fet_inspect_count(r, 1, label, FET_VERDICT_REJECT);
    fet_status st = FET_OK;
    json_t *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "n", json_integer(n_kind)));
    FET_TRY_OUT(fet_json_set(o, "auroc", fet_json_real(auroc)));
    FET_TRY_OUT(fet_json_set(o, "caught", fet_json_real(share_of(n_caught, n_kind))));
    st = fet_json_set(kinds, label, json_incref(o));
out:
    json_decref(o);
    return st;
}

static fet_status kinds_print(const struct fet_inspect_results *r, json_t *figures)
{
    fet_status st = FET_OK;
    int64_t n = 0;
    json_t *kinds = json_object();
    const char **labels = fet_alloc(r->n, sizeof(const char *));
    double *scores = fet_alloc(r->n, sizeof *scores);
    uint8_t *truth = fet_alloc(r->n, sizeof *truth);
    if (labels == NULL || scores == NULL || truth == NULL) {
        st = FET_FAIL_MEMORY("kinds of defect", r->n * 17);
        goto out;
    }
    for (int64_t i = 0; i < r->n; i++)
        if (r->truth[i] && r->x[i]->label != NULL) labels[n++] = r->x[i]->label;
    qsort(labels, (size_t)n, sizeof(const char *), fet_compare_texts);
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || strcmp(labels[i - 1], labels[i]) != 0)
            FET_TRY_OUT(kind_print(r, labels[i], scores, truth, kinds));
    st = fet_json_set(figures, "by_defect", json_incref(kinds));
out:
    json_decref(kinds);
    fet_free(labels);
    fet_free(scores);
    fet_free(truth);
    return st;
}

/* ---- verdicts ---- */

static fet_status rates_print(const struct fet_inspect_results *r, json_t *figures)
{
    const int64_t n_false = fet_inspect_count(r, 0, NULL, FET_VERDICT_REJECT);
    const int64_t n_caught = fet_inspect_count(r, 1, NULL, FET_VERDICT_REJECT);
    const int64_t n_review = fet_inspect_count(r, 0, NULL, FET_VERDICT_REVIEW) +
                             fet_inspect_count(r, 1, NULL, FET_VERDICT_REVIEW);
    if (r->n_good > 0)
        FET_TRY(fet_json_set(figures, "false_reject_rate",
                             fet_json_real(share_of(n_false, r->n_good))));
    if (r->n_defects > 0)
        FET_TRY(
            fet_json_set(figures, "catch_rate", fet_json_real(share_of(n_caught, r->n_defects))));
    return fet_json_set(figures, "review_rate", fet_json_real(share_of(n_review, r->n)));
}

static char *sentence_make(const struct fet_inspect_results *r, const json_t *figures)
{
    struct fet_text t = {0};
    const int64_t n_false = fet_inspect_count(r, 0, NULL, FET_VERDICT_REJECT);
    const int64_t n_caught = fet_inspect_count(r, 1, NULL, FET_VERDICT_REJECT);
    const int64_t n_doubt = fet_inspect_count(r, 1, NULL, FET_VERDICT_REVIEW);
    if (r->n_defects > 0)
        fet_text_add(&t, "Of %lld defective part%s %lld %s rejected and %lld sent to review. ",
                     (long long)r->n_defects, r->n_defects == 1 ? "" : "s", (long long)n_caught,
                     n_caught == 1 ? "is" : "are", (long long)n_doubt);
    if (r->n_good > 0) {
        const struct fet_interval ci = fet_share_interval(n_false, r->n_good, interval_confidence);
        fet_text_add(&t,
                     "Of %lld good part%s %lld %s rejected by mistake; on the line that may be "
                     "%.1f to %.1f %%.",
                     (long long)r->n_good, r->n_good == 1 ? "" : "s", (long long)n_false,
                     n_false == 1 ? "is" : "are", ci.low * 100, ci.high * 100);
    }
    const json_t *auroc = json_object_get(figures, "auroc");
    if (auroc != NULL)
        fet_text_add(&t, " A defective part scores higher than a good one in %.1f %% of all pairs.",
                     json_number_value(auroc) * 100);
    return fet_text_take(&t);
}

fet_status fet_inspect_score(const void *state, const struct fet_examples *e,
                             const struct fet_example *const *x, const struct fet_answer *answers,
                             int64_t n, const struct fet_context *c, struct fet_task_score *score)
{
    (void)e;
    fet_status st = FET_OK;
    struct fet_inspect_results r;
    struct fet_task_score made = {.figures = json_object()};
    FET_TRY_OUT(results_init(state, x, answers, n, &r));
    if (r.n == 0) {
        st = FET_FAIL(FET_DATA, "of none of the %lld pictures is known whether the part is good",
                      (long long)n);
        goto out;
    }
    FET_TRY_OUT(ranking_print(&r, made.figures));
    FET_TRY_OUT(kinds_print(&r, made.figures));
    FET_TRY_OUT(fet_inspect_pixels(&r, c, made.figures));
    FET_TRY_OUT(rates_print(&r, made.figures));
    FET_TRY_OUT(fet_inspect_charts(&r, &made.charts));
    made.sentence = sentence_make(&r, made.figures);
    if (made.sentence == NULL) {
        st = FET_FAIL_MEMORY("sentence", 0);
        goto out;
    }
    *score = made;
    made = (struct fet_task_score){0};
out:
    results_deinit(&r);
    fet_task_score_deinit(&made);
    return st;
}
