/* One chart as a figure: heading, legend, drawing, caption, and what was left out. */
#include "svg.h"

#include "number.h"

#include <math.h>
#include <string.h>

static bool has_two_axes(const struct fet_chart *chart)
{
    return chart->kind == FET_CHART_LINE || chart->kind == FET_CHART_SCATTER;
}

static bool has_series(const struct fet_chart *chart)
{
    return chart->kind == FET_CHART_HISTOGRAM || has_two_axes(chart);
}

/* How many values can be drawn and how many cannot. */
static void count_values(const struct fet_chart *chart, int64_t *n_drawn, int64_t *n_left_out)
{
    double low, high;
    *n_drawn = *n_left_out = 0;
    if (!has_series(chart)) {
        const int64_t n = chart->kind == FET_CHART_MATRIX ? chart->n * chart->n : chart->n;
        *n_left_out = fet_range_of(chart->values, n, &low, &high);
        *n_drawn = n - *n_left_out;
        return;
    }
    for (int k = 0; k < chart->n_series; k++) {
        const struct fet_chart_series *s = &chart->series[k];
        for (int64_t i = 0; i < s->n; i++) {
            const bool is_drawn = isfinite(s->x[i]) && (!has_two_axes(chart) || isfinite(s->y[i]));
            *n_drawn += is_drawn;
            *n_left_out += !is_drawn;
        }
    }
}

static void add_legend(struct fet_text *t, const struct fet_chart *chart)
{
    char number[FET_NUMBER_BYTES];
    if (!has_series(chart) || chart->n_series < 2) return;
    fet_text_add_string(t, "<ul class=\"legend\">");
    for (int k = 0; k < chart->n_series; k++) {
        fet_text_add(t,
                     "<li class=\"s%d\"><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">"
                     "<rect width=\"14\" height=\"14\" rx=\"3\"/></svg>",
                     k % 6);
        fet_text_add_html(t, chart->series[k].name ? chart->series[k].name : "");
        if (chart->kind == FET_CHART_HISTOGRAM)
            fet_text_add(t, " <small>%s</small>", fet_number_count(chart->series[k].n, number));
        fet_text_add_string(t, "</li>");
    }
    fet_text_add_string(t, "</ul>");
}

static fet_status add_drawing(struct fet_text *t, const struct fet_chart *chart, const char *id)
{
    switch (chart->kind) {
    case FET_CHART_HISTOGRAM:
        return fet_svg_histogram(t, chart, id);
    case FET_CHART_LINE:
    case FET_CHART_SCATTER:
        return fet_svg_xy(t, chart, id);
    case FET_CHART_BARS:
        fet_svg_bars(t, chart, id);
        return FET_OK;
    case FET_CHART_MATRIX:
        fet_html_matrix(t, chart, id);
        return FET_OK;
    }
    return FET_OK;
}

/* A matrix that would not fit into half of the page. */
static bool is_wide(const struct fet_chart *chart)
{
    size_t n_characters = 0;
    if (chart->kind != FET_CHART_MATRIX) return false;
    for (int64_t i = 0; i < chart->n; i++) n_characters += 4 + strlen(chart->labels[i]);
    return n_characters > 40;
}

fet_status fet_html_chart(struct fet_text *t, const struct fet_chart *chart, const char *id)
{
    int64_t n_drawn, n_left_out;
    char number[FET_NUMBER_BYTES];
    count_values(chart, &n_drawn, &n_left_out);
    fet_text_add(t, "<figure class=\"chart%s\"><h3 id=\"%s-title\">", is_wide(chart) ? " wide" : "",
                 id);
    fet_text_add_html(t, chart->title ? chart->title : "");
    fet_text_add_string(t, "</h3>");
    if (n_drawn > 0) {
        add_legend(t, chart);
        FET_TRY(add_drawing(t, chart, id));
    } else {
        fet_text_add_string(t, "<p class=\"none\">No values.</p>");
    }
    if (chart->caption != NULL || n_left_out > 0) {
        fet_text_add_string(t, "<figcaption>");
        fet_text_add_html(t, chart->caption ? chart->caption : "");
        if (n_left_out > 0)
            fet_text_add(t, "%s%s %s not a number and left out.", chart->caption ? " " : "",
                         fet_number_count(n_left_out, number),
                         n_left_out == 1 ? "value is" : "values are");
        fet_text_add_string(t, "</figcaption>");
    }
    fet_text_add_string(t, "</figure>");
    return FET_OK;
}
