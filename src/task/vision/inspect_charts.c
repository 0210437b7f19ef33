/* What a test of an inspector wants drawn. */
#include "inspect_score.h"

/* Scores or times of the good parts, then of the defects, in values [n]. */
static void series_split(const struct fet_inspect_results *r, bool is_time, double *values,
                         struct fet_chart_series series[2])
{
    int64_t n = 0;
    for (int k = 0; k < 2; k++) {
        const int64_t first = n;
        for (int64_t i = 0; i < r->n; i++)
            if (r->truth[i] == k) values[n++] = is_time ? r->answers[i]->ms : r->scores[i];
        series[k] = (struct fet_chart_series){
            .name = k ? "defects" : "good parts", .x = values + first, .n = n - first};
    }
}

static fet_status scores_draw(const struct fet_inspect_results *r, double *values,
                              struct fet_charts *charts)
{
    struct fet_chart_series series[2];
    struct fet_chart_mark marks[2] = {{.name = "reject", .x = r->s->reject.threshold},
                                      {.name = "review", .x = r->s->review.threshold}};
    series_split(r, false, values, series);
    const struct fet_chart chart = {
        .kind = FET_CHART_HISTOGRAM,
        .title = "Scores",
        .x_title = "score (deviations of good parts)",
        .y_title = "parts",
        .caption = "How odd each part looks. Right of the reject line parts are rejected; between "
                   "the lines a person looks.",
        .series = series,
        .n_series = 2,
        .marks = marks,
        .n_marks = r->s->review.threshold < r->s->reject.threshold ? 2 : 1};
    return fet_charts_add(charts, &chart);
}

static fet_status roc_draw(const struct fet_inspect_results *r, struct fet_charts *charts)
{
    struct fet_roc_point *points = NULL;
    int64_t n = 0;
    if (r->n_good == 0 || r->n_defects == 0) return FET_OK;
    FET_TRY(fet_roc(r->scores, r->truth, r->n, &points, &n));
    double *xy = fet_alloc(2 * n, sizeof *xy);
    fet_status st = FET_OK;
    if (xy == NULL) {
        st = FET_FAIL_MEMORY("ROC", n * 16);
        goto out;
    }
    for (int64_t i = 0; i < n; i++) {
        xy[i] = points[i].false_positive_rate;
        xy[n + i] = points[i].true_positive_rate;
    }
    struct fet_chart_series series = {.name = "this model", .x = xy, .y = xy + n, .n = n};
    const struct fet_chart chart = {
        .kind = FET_CHART_LINE,
        .title = "Defects caught against good parts rejected",
        .x_title = "good parts rejected",
        .y_title = "defects caught",
        .caption = "Every threshold is one point: the nearer the curve comes to the top left "
                   "corner, the better.",
        .series = &series,
        .n_series = 1};
    st = fet_charts_add(charts, &chart);
out:
    fet_free(points);
    fet_free(xy);
    return st;
}

static fet_status confusion_draw(const struct fet_inspect_results *r, struct fet_charts *charts)
{
    static const char *const labels[] = {"accept", "review", "reject"};
    static const char *const rows[] = {"good", "defect"};
    static const enum fet_verdict verdicts[] = {FET_VERDICT_ACCEPT, FET_VERDICT_REVIEW,
                                                FET_VERDICT_REJECT};
    for (uint8_t k = 0; k < 2; k++) {
        if ((k ? r->n_defects : r->n_good) == 0) continue;
        double values[3];
        for (int v = 0; v < 3; v++) values[v] = (double)fet_inspect_count(r, k, NULL, verdicts[v]);
        char title[64];
        fet_text_format(title, sizeof title, "Verdicts on %s", k ? "defects" : "good parts");
        const struct fet_chart chart = {.kind = FET_CHART_BARS,
                                        .title = title,
                                        .x_title = rows[k],
                                        .y_title = "parts",
                                        .labels = labels,
                                        .values = values,
                                        .n = 3};
        FET_TRY(fet_charts_add(charts, &chart));
    }
    return FET_OK;
}

static fet_status times_draw(const struct fet_inspect_results *r, double *values,
                             struct fet_charts *charts)
{
    struct fet_chart_series series[2];
    series_split(r, true, values, series);
    struct fet_chart_series all = {.name = "pictures", .x = values, .n = r->n};
    const struct fet_chart chart = {.kind = FET_CHART_HISTOGRAM,
                                    .title = "Time per picture",
                                    .x_title = "ms, decoding included",
                                    .y_title = "pictures",
                                    .series = &all,
                                    .n_series = 1};
    return fet_charts_add(charts, &chart);
}

fet_status fet_inspect_charts(const struct fet_inspect_results *r, struct fet_charts *charts)
{
    double *values = fet_alloc(r->n, sizeof *values);
    if (values == NULL) return FET_FAIL_MEMORY("charts", r->n * 8);
    fet_status st = scores_draw(r, values, charts);
    if (st == FET_OK) st = roc_draw(r, charts);
    if (st == FET_OK) st = confusion_draw(r, charts);
    if (st == FET_OK) st = times_draw(r, values, charts);
    fet_free(values);
    return st;
}
