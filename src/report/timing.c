/* Time per answer, from the answers themselves. */
#include "number.h"
#include "page.h"
#include "svg.h"

#include "measure.h"

#include <math.h>

static void add_time(struct fet_text *t, const char *name, double ms, const char *help)
{
    char number[FET_NUMBER_BYTES];
    fet_text_add(t,
                 "<div class=\"tile\"><h3>%s</h3><p class=\"number\">%s\xe2\x80\xaf<span "
                 "class=\"unit\">ms</span></p><p class=\"help\">%s</p></div>",
                 name, fet_number_real(ms, number), help);
}

static fet_status add_times(struct fet_text *t, double *ms, int64_t n)
{
    const double median = fet_quantile(ms, n, 0.5), late = fet_quantile(ms, n, 0.99);
    struct fet_chart_series series = {.name = "answers", .x = ms, .n = n};
    struct fet_chart_mark mark = {.name = "median", .x = median};
    const struct fet_chart chart = {.kind = FET_CHART_HISTOGRAM,
                                    .title = "Time per answer",
                                    .x_title = "milliseconds",
                                    .y_title = "answers",
                                    .series = &series,
                                    .n_series = 1,
                                    .marks = &mark,
                                    .n_marks = 1};
    fet_text_add_string(
        t, "<section id=\"timing\"><h2>Timing</h2><div class=\"beside\"><div class=\"tiles\">");
    add_time(t, "Median", median, "Half of the answers were faster; decoding is included");
    add_time(t, "99th percentile", late, "One answer in a hundred took longer");
    add_time(t, "Slowest", fet_quantile(ms, n, 1), "The slowest answer of this test");
    fet_text_add_string(t, "</div>");
    FET_TRY(fet_html_chart(t, &chart, "timing-chart"));
    fet_text_add_string(t, "</div></section>");
    return FET_OK;
}

bool fet_page_has_timing(const struct fet_report *r)
{
    for (int64_t i = 0; i < r->n; i++)
        if (isfinite(r->answers[i].ms)) return true;
    return false;
}

fet_status fet_page_add_timing(struct fet_text *t, const struct fet_report *r)
{
    if (!fet_page_has_timing(r)) return FET_OK;
    int64_t n = 0;
    double *ms = fet_alloc(r->n, sizeof *ms);
    if (ms == NULL) return FET_FAIL_MEMORY("timing", r->n * (int64_t)sizeof *ms);
    for (int64_t i = 0; i < r->n; i++)
        if (isfinite(r->answers[i].ms)) ms[n++] = r->answers[i].ms;
    const fet_status st = add_times(t, ms, n);
    fet_free(ms);
    return st;
}
