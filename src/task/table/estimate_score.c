/* How good are the answers: figures, charts, and what they mean in words. */
#include "estimate_state.h"

#include <math.h>
#include <string.h>

enum { MAX_POINTS = 2000, N_BINS = 10, MAX_BARS = 15 };
static const double confidence = 0.95; /* of the intervals around figures */

struct scoring {
    const struct fet_estimate *m;
    const struct fet_answer *answers;
    int64_t n;
    int32_t *classes; /* truth: [n], or NULL */
    double *numbers;  /* truth: [n], or NULL */
    struct fet_task_score *out;
};

static fet_status set_real(const struct scoring *s, const char *key, double value)
{
    return fet_json_set(s->out->figures, key, fet_json_real(value));
}

static fet_status set_interval(const struct scoring *s, const char *key, struct fet_interval i)
{
    json_t *pair = json_array();
    fet_status st = fet_json_push(pair, fet_json_real(i.low));
    if (st == FET_OK) st = fet_json_push(pair, fet_json_real(i.high));
    if (st != FET_OK) {
        json_decref(pair);
        return st;
    }
    return fet_json_set(s->out->figures, key, pair);
}

/* ---- charts ---- */

/* What the splits on each column won, the strongest first. */
static fet_status add_importance(const struct scoring *s)
{
    const struct fet_estimate *m = s->m;
    const char *labels[MAX_BARS] = {0};
    double values[MAX_BARS] = {0};
    int n = 0;
    for (int i = 0; i < m->plan.n_columns; i++) {
        const double gain = m->inputs[i].gain;
        if (n == MAX_BARS && gain <= values[n - 1]) continue;
        int k = n < MAX_BARS ? n++ : n - 1;
        for (; k > 0 && values[k - 1] < gain; k--) {
            values[k] = values[k - 1];
            labels[k] = labels[k - 1];
        }
        values[k] = gain;
        labels[k] = m->plan.columns[i];
    }
    const struct fet_chart chart = {
        .kind = FET_CHART_BARS,
        .title = "What the model looks at",
        .y_title = "share of the gain",
        .caption =
            "How much the splits on each column gained, of all gain. A high bar says that the "
            "model uses the column, not that the column is a cause.",
        .labels = labels,
        .values = values,
        .n = n};
    return fet_charts_add(&s->out->charts, &chart);
}

static fet_status add_confusion(const struct scoring *s, const int64_t *confusion)
{
    const int64_t n = s->m->plan.n_classes;
    double *values = fet_alloc(n * n, sizeof *values);
    if (values == NULL) return FET_FAIL_MEMORY("chart", n * n * 8);
    for (int64_t i = 0; i < n * n; i++) values[i] = (double)confusion[i];
    const struct fet_chart chart = {.kind = FET_CHART_MATRIX,
                                    .title = "Which class is taken for which",
                                    .x_title = "answer",
                                    .y_title = "truth",
                                    .caption = "Rows of the test, by true class and answer.",
                                    .labels = s->m->plan.classes,
                                    .values = values,
                                    .n = n};
    const fet_status st = fet_charts_add(&s->out->charts, &chart);
    fet_free(values);
    return st;
}

/* Says the model 80 % where 80 % are right? By probability of the answered class. */
static fet_status add_reliability(const struct scoring *s)
{
    double sums[N_BINS] = {0}, hits[N_BINS] = {0}, counts[N_BINS] = {0};
    double x[N_BINS], y[N_BINS], diagonal[2] = {0, 1};
    int n = 0;
    for (int64_t i = 0; i < s->n; i++) {
        const struct fet_answer *a = &s->answers[i];
        int best = 0;
        for (int k = 1; k < a->n_classes; k++)
            if (a->probabilities[k] > a->probabilities[best]) best = k;
        const double p = a->probabilities[best];
        const int bin = p < 1 ? (int)(p * N_BINS) : N_BINS - 1;
        sums[bin] += p;
        hits[bin] += best == s->classes[i];
        counts[bin]++;
    }
    for (int i = 0; i < N_BINS; i++) {
        if (counts[i] < 1) continue;
        x[n] = sums[i] / counts[i];
        y[n++] = hits[i] / counts[i];
    }
    struct fet_chart_series series[2] = {
        {.name = "this model", .x = x, .y = y, .n = n},
        {.name = "stated = found", .x = diagonal, .y = diagonal, .n = 2}};
    const struct fet_chart chart = {
        .kind = FET_CHART_LINE,
        .title = "Do the probabilities mean what they say?",
        .x_title = "stated probability of the answer",
        .y_title = "share of right answers",
        .caption = "On the diagonal, answers given with 80 % are right in 80 % of the rows.",
        .series = series,
        .n_series = 2};
    return fet_charts_add(&s->out->charts, &chart);
}

/* scores, truth: of the second class. */
static fet_status add_roc(const struct scoring *s, const double *scores, const uint8_t *truth)
{
    struct fet_roc_point *points = NULL;
    int64_t n_points = 0, n = 0;
    FET_TRY(fet_roc(scores, truth, s->n, &points, &n_points));
    double x[MAX_POINTS], y[MAX_POINTS];
    const int64_t step = (n_points + MAX_POINTS - 2) / (MAX_POINTS - 1);
    for (int64_t i = 0; i < n_points; i += step) {
        x[n] = points[i].false_positive_rate;
        y[n++] = points[i].true_positive_rate;
    }
    if (n_points > 0) { /* the end point, whatever the step */
        x[n - 1] = points[n_points - 1].false_positive_rate;
        y[n - 1] = points[n_points - 1].true_positive_rate;
    }
    fet_free(points);
    struct fet_chart_series series = {.name = s->m->plan.classes[1], .x = x, .y = y, .n = n};
    const struct fet_chart chart = {.kind = FET_CHART_LINE,
                                    .title = "ROC curve",
                                    .x_title = "false positive rate",
                                    .y_title = "true positive rate",
                                    .caption = "Every trade between false alarms and misses.",
                                    .series = &series,
                                    .n_series = 1};
    return fet_charts_add(&s->out->charts, &chart);
}

static fet_status add_scatter(const struct scoring *s)
{
    double x[MAX_POINTS], y[MAX_POINTS];
    int64_t n = 0;
    const int64_t step = (s->n + MAX_POINTS - 1) / MAX_POINTS;
    for (int64_t i = 0; i < s->n; i += step) {
        x[n] = s->numbers[i];
        y[n++] = s->answers[i].value;
    }
    struct fet_chart_series series = {.name = "rows", .x = x, .y = y, .n = n};
    const struct fet_chart chart = {.kind = FET_CHART_SCATTER,
                                    .title = "Answers beside the truth",
                                    .x_title = "truth",
                                    .y_title = "answer",
                                    .caption = step > 1 ? "Evenly chosen rows of the test."
                                                        : "Every row of the test.",
                                    .series = &series,
                                    .n_series = 1};
    return fet_charts_add(&s->out->charts, &chart);
}

/* ---- classes ---- */

/* One class against the rest. */
static void one_against_rest(const struct scoring *s, int class, double *scores, uint8_t *truth)
{
    for (int64_t i = 0; i < s->n; i++) {
        scores[i] = s->answers[i].probabilities[class];
        truth[i] = s->classes[i] == class;
    }
}

/* Two classes: of the second. More: the mean over the classes that occur. */
static fet_status score_ranking(const struct scoring *s)
{
    const int n_classes = s->m->plan.n_classes;
    fet_status st = FET_OK;
    double *scores = fet_alloc(s->n, sizeof *scores), sum = 0;
    uint8_t *truth = fet_alloc(s->n, sizeof *truth);
    int n_valid = 0;
    if (scores == NULL || truth == NULL) {
        st = FET_FAIL_MEMORY("figures", s->n * 9);
        goto out;
    }
    for (int c = n_classes == 2 ? 1 : 0; c < n_classes; c++) {
        double auroc = NAN;
        one_against_rest(s, c, scores, truth);
        FET_TRY_OUT(fet_auroc(scores, truth, s->n, &auroc));
        if (isnan(auroc)) continue;
        sum += auroc;
        n_valid++;
    }
    FET_TRY_OUT(set_real(s, "auroc", n_valid > 0 ? sum / n_valid : (double)NAN));
    if (n_classes == 2) {
        struct fet_interval interval = {NAN, NAN};
        FET_TRY_OUT(fet_auroc_interval(scores, truth, s->n, confidence, &interval));
        FET_TRY_OUT(set_interval(s, "auroc_ci", interval));
        FET_TRY_OUT(add_roc(s, scores, truth));
    }
out:
    fet_free(scores);
    fet_free(truth);
    return st;
}

static void say_classes(const struct scoring *s, const struct fet_class_figures *f,
                        struct fet_text *t)
{
    const int common = (int)s->m->typical;
    int64_t n_common = 0;
    for (int64_t i = 0; i < s->n; i++) n_common += s->classes[i] == common;
    fet_text_add(
        t,
        "Of %lld rows that the model has never seen, it tells %.1f %% right (95 %% interval "
        "%.1f to %.1f %%); always answering '%s' would be right in %.1f %%.",
        (long long)s->n, 100 * f->accuracy, 100 * f->accuracy_interval.low,
        100 * f->accuracy_interval.high, s->m->plan.classes[common],
        100 * (double)n_common / (double)s->n);
}

static fet_status score_classes(const struct scoring *s, struct fet_text *sentence)
{
    const int32_t n_classes = s->m->plan.n_classes;
    struct fet_class_figures f;
    fet_status st = FET_OK;
    double *p = fet_alloc(s->n * n_classes, sizeof *p);
    int64_t *confusion = fet_alloc((int64_t)n_classes * n_classes, sizeof *confusion);
    if (p == NULL || confusion == NULL) {
        st = FET_FAIL_MEMORY("figures", s->n * n_classes * 8);
        goto out;
    }
    for (int64_t i = 0; i < s->n; i++)
        memcpy(p + i * n_classes, s->answers[i].probabilities, (size_t)n_classes * sizeof *p);
    FET_TRY_OUT(fet_classification(s->classes, p, s->n, n_classes, confidence, &f, confusion));
    FET_TRY_OUT(set_real(s, "accuracy", f.accuracy));
    FET_TRY_OUT(set_interval(s, "accuracy_ci", f.accuracy_interval));
    FET_TRY_OUT(set_real(s, "log_loss", f.log_loss));
    FET_TRY_OUT(score_ranking(s));
    FET_TRY_OUT(set_real(s, "f1_macro", f.f1_macro));
    FET_TRY_OUT(set_real(s, "ece", f.ece));
    FET_TRY_OUT(add_confusion(s, confusion));
    FET_TRY_OUT(add_reliability(s));
    say_classes(s, &f, sentence);
out:
    fet_free(p);
    fet_free(confusion);
    return st;
}

/* ---- numbers ---- */

static void say_numbers(const struct scoring *s, const struct fet_regression_figures *f,
                        double coverage, struct fet_text *t)
{
    double squares = 0;
    for (int64_t i = 0; i < s->n; i++) {
        const double d = s->numbers[i] - s->m->typical;
        squares += d * d / (double)s->n;
    }
    fet_text_add(t, "Over %lld rows that the model has never seen, the typical error is ",
                 (long long)s->n);
    fet_estimate_say_number(t, f->rmse);
    fet_text_add_string(t, " (root mean square; 95 % interval ");
    fet_estimate_say_number(t, f->rmse_interval.low);
    fet_text_add_string(t, " to ");
    fet_estimate_say_number(t, f->rmse_interval.high);
    fet_text_add_string(t, "); always answering the mean would give ");
    fet_estimate_say_number(t, sqrt(squares));
    fet_text_add_string(t, ".");
    if (!isnan(coverage))
        fet_text_add(
            t, " %.1f %% of the true values lie in the stated interval; promised are %.0f %%.",
            100 * coverage, 100 * FET_ESTIMATE_CONFIDENCE);
}

static fet_status score_numbers(const struct scoring *s, struct fet_text *sentence)
{
    struct fet_regression_figures f;
    double *values = fet_alloc(s->n, sizeof *values);
    if (values == NULL) return FET_FAIL_MEMORY("figures", s->n * 8);
    int64_t n_inside = 0;
    for (int64_t i = 0; i < s->n; i++) {
        const struct fet_answer *a = &s->answers[i];
        values[i] = a->value;
        n_inside += s->numbers[i] >= a->low && s->numbers[i] <= a->high;
    }
    const fet_status st = fet_regression(s->numbers, values, s->n, confidence, &f);
    fet_free(values);
    FET_TRY(st);
    const double coverage = isfinite(s->m->radius) ? (double)n_inside / (double)s->n : (double)NAN;
    FET_TRY(set_real(s, "rmse", f.rmse));
    FET_TRY(set_interval(s, "rmse_ci", f.rmse_interval));
    FET_TRY(set_real(s, "mae", f.mae));
    FET_TRY(set_real(s, "r2", f.r2));
    FET_TRY(set_real(s, "interval_coverage", coverage));
    FET_TRY(set_interval(s, "interval_coverage_ci",
                         isnan(coverage) ? (struct fet_interval){NAN, NAN}
                                         : fet_share_interval(n_inside, s->n, confidence)));
    say_numbers(s, &f, coverage, sentence);
    return add_scatter(s);
}

/* ---- the whole ---- */

static fet_status take_truth(struct scoring *s, const struct fet_rows *rows,
                             const struct fet_example *const *x)
{
    const bool is_class = s->m->plan.n_classes > 0;
    if (is_class ? rows->truths.classes == NULL : rows->truths.numbers == NULL)
        return FET_FAIL(FET_DATA, "the table has no column '%s' to compare answers with",
                        s->m->plan.target);
    if (is_class)
        s->classes = fet_alloc(s->n, sizeof *s->classes);
    else
        s->numbers = fet_alloc(s->n, sizeof *s->numbers);
    if (s->classes == NULL && s->numbers == NULL) return FET_FAIL_MEMORY("figures", s->n * 8);
    for (int64_t i = 0; i < s->n; i++) {
        if (is_class)
            s->classes[i] = rows->truths.classes[x[i]->i_row];
        else
            s->numbers[i] = rows->truths.numbers[x[i]->i_row];
    }
    return FET_OK;
}

fet_status fet_estimate_score(const void *state, const struct fet_examples *e,
                              const struct fet_example *const *x, const struct fet_answer *answers,
                              int64_t n, const struct fet_context *c, struct fet_task_score *s)
{
    (void)c;
    fet_status st = FET_OK;
    struct fet_task_score made = {.figures = json_object()};
    struct scoring scoring = {.m = state, .answers = answers, .n = n, .out = &made};
    struct fet_text sentence = {0};
    if (n < 1) {
        st = FET_FAIL(FET_DATA, "no rows to score");
        goto out;
    }
    FET_TRY_OUT(take_truth(&scoring, e->payload, x));
    if (scoring.classes != NULL)
        FET_TRY_OUT(score_classes(&scoring, &sentence));
    else
        FET_TRY_OUT(score_numbers(&scoring, &sentence));
    FET_TRY_OUT(add_importance(&scoring));
    FET_TRY_OUT(fet_text_status(&sentence, "sentence"));
    made.sentence = fet_text_take(&sentence);
    *s = made;
    made = (struct fet_task_score){0};
out:
    fet_text_deinit(&sentence);
    fet_free(scoring.classes);
    fet_free(scoring.numbers);
    fet_task_score_deinit(&made);
    return st;
}
