/* A matrix of counts as a heat table: real rows and columns, so that it can be read aloud, copied
 * and scrolled. The shade is the share of the row, in ten steps. */
#include "svg.h"

#include "number.h"

#include <math.h>

enum { MAX_SIDE = 40 };

static void add_head(struct fet_text *t, const struct fet_chart *chart, int64_t side)
{
    fet_text_add_string(t, "<thead><tr><td class=\"corner\">");
    fet_text_add_html(t, chart->y_title ? chart->y_title : "truth");
    fet_text_add_string(t, " \xe2\x86\x93 \xc2\xb7 ");
    fet_text_add_html(t, chart->x_title ? chart->x_title : "answer");
    fet_text_add_string(t, " \xe2\x86\x92</td>");
    for (int64_t k = 0; k < side; k++) {
        fet_text_add_string(t, "<th scope=\"col\" title=\"");
        fet_text_add_html(t, chart->labels[k]);
        fet_text_add_string(t, "\">");
        fet_text_add_html(t, chart->labels[k]);
        fet_text_add_string(t, "</th>");
    }
    fet_text_add_string(t, "</tr></thead>");
}

static void add_cell(struct fet_text *t, const struct fet_chart *chart, int64_t i, int64_t k,
                     double row_sum)
{
    const double v = chart->values[i * chart->n + k];
    const double share = row_sum > 0 && v > 0 ? v / row_sum : 0;
    char number[FET_NUMBER_BYTES], percent[FET_NUMBER_BYTES];
    fet_text_add(t, "<td class=\"h%d%s\" title=\"", (int)ceil(share * 10 - 1e-9),
                 i == k ? " right" : "");
    fet_text_add_html(t, chart->labels[i]);
    fet_text_add_string(t, " \xe2\x86\x92 ");
    fet_text_add_html(t, chart->labels[k]);
    if (!isfinite(v))
        fet_number_real(NAN, number);
    else if (v == round(v) && fabs(v) < 1e15)
        fet_number_count((int64_t)v, number);
    else
        fet_number_real(v, number);
    fet_text_add(t, ": %s of the row\">%s</td>", fet_number_share(share, percent), number);
}

void fet_html_matrix(struct fet_text *t, const struct fet_chart *chart, const char *id)
{
    const int64_t side = chart->n < MAX_SIDE ? chart->n : MAX_SIDE;
    fet_text_add(
        t,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s-title\">"
        "<table class=\"matrix\">",
        id);
    add_head(t, chart, side);
    fet_text_add_string(t, "<tbody>");
    for (int64_t i = 0; i < side; i++) {
        double row_sum = 0;
        for (int64_t k = 0; k < chart->n; k++) {
            const double v = chart->values[i * chart->n + k];
            if (isfinite(v) && v > 0) row_sum += v;
        }
        fet_text_add_string(t, "<tr><th scope=\"row\" title=\"");
        fet_text_add_html(t, chart->labels[i]);
        fet_text_add_string(t, "\">");
        fet_text_add_html(t, chart->labels[i]);
        fet_text_add_string(t, "</th>");
        for (int64_t k = 0; k < side; k++) add_cell(t, chart, i, k, row_sum);
        fet_text_add_string(t, "</tr>");
    }
    fet_text_add_string(t, "</tbody></table></div>");
    if (chart->n > side)
        fet_text_add(t, "<p class=\"axes\">The first %lld of %lld rows and columns.</p>",
                     (long long)side, (long long)chart->n);
}
