/* Histogram: all series share the bins, each is a translucent step shape, and over every bin lies
 * an invisible column that tells the counts. The width of bins follows Freedman & Diaconis (1981):
 * twice the interquartile range over the cube root of the count, of the narrowest series, rounded
 * up to 1, 2 or 5 times a power of ten. */
#include "svg.h"

#include "measure.h"
#include "number.h"

#include <math.h>

enum { MIN_BINS = 24, MAX_BINS = 80 };

struct bins {
    double low, width;
    int n;
    int64_t *counts; /* owned: [n_series, n] */
};

/* The finite values of one series; values has room for all. */
static int64_t gather(const struct fet_chart_series *s, double *values)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++)
        if (isfinite(s->x[i])) values[n++] = s->x[i];
    return n;
}

/* The narrowest width that a series asks for; infinite when none has a spread. */
static fet_status choose_width(const struct fet_chart *chart, double *width)
{
    *width = INFINITY;
    for (int s = 0; s < chart->n_series; s++) {
        double *values = fet_alloc(chart->series[s].n, sizeof *values);
        if (values == NULL) return FET_FAIL_MEMORY("histogram", chart->series[s].n);
        const int64_t n = gather(&chart->series[s], values);
        if (n > 0) {
            const double low = fet_quantile(values, n, 0.25), high = fet_quantile(values, n, 0.75);
            if (high > low) *width = fmin(*width, 2 * (high - low) / cbrt((double)n));
        }
        fet_free(values);
    }
    return FET_OK;
}

static fet_status choose_bins(const struct fet_chart *chart, struct bins *b)
{
    double low = NAN, high = NAN, width;
    for (int s = 0; s < chart->n_series; s++) {
        double from, to;
        (void)fet_range_of(chart->series[s].x, chart->series[s].n, &from, &to);
        low = fmin(low, from), high = fmax(high, to);
    }
    FET_TRY(choose_width(chart, &width));
    if (low == high) high = low + (low == 0 ? 1 : 0.1 * fabs(low));
    const double wanted = fmin(fmax((high - low) / width, MIN_BINS), MAX_BINS);
    const struct fet_axis a = fet_axis_fit(low, high, (int)wanted);
    *b = (struct bins){.low = a.low, .width = a.step, .n = (int)round((a.high - a.low) / a.step)};
    return FET_OK;
}

static fet_status count(const struct fet_chart *chart, struct bins *b)
{
    b->counts = fet_alloc((int64_t)chart->n_series * b->n, sizeof *b->counts);
    if (b->counts == NULL) return FET_FAIL_MEMORY("histogram", b->n);
    for (int s = 0; s < chart->n_series; s++)
        for (int64_t i = 0; i < chart->series[s].n; i++) {
            const double v = chart->series[s].x[i];
            if (!isfinite(v)) continue;
            int bin = (int)floor((v - b->low) / b->width);
            if (bin < 0) bin = 0;
            if (bin >= b->n) bin = b->n - 1; /* the upper end belongs to the last bin */
            b->counts[(int64_t)s * b->n + bin]++;
        }
    return FET_OK;
}

static double bin_edge(const struct bins *b, int i)
{
    return b->low + i * b->width;
}

/* One closed shape along the tops of a series' bins. */
static void add_steps(struct fet_text *t, const struct bins *b, int i_series,
                      const struct fet_plot *p)
{
    const int64_t *counts = b->counts + (int64_t)i_series * b->n;
    fet_text_add(t, "<path class=\"steps s%d\" d=\"M%.1f %.1f", i_series % 6, fet_plot_x(p, b->low),
                 p->bottom);
    for (int i = 0; i < b->n; i++) {
        if (i == 0 || counts[i] != counts[i - 1])
            fet_text_add(t, "V%.1f", fet_plot_y(p, (double)counts[i]));
        if (i + 1 == b->n || counts[i] != counts[i + 1])
            fet_text_add(t, "H%.1f", fet_plot_x(p, bin_edge(b, i + 1)));
    }
    fet_text_add(t, "V%.1fZ\"/>", p->bottom);
}

static void add_tooltips(struct fet_text *t, const struct fet_chart *chart, const struct bins *b,
                         const struct fet_plot *p)
{
    char from[FET_NUMBER_BYTES], to[FET_NUMBER_BYTES], number[FET_NUMBER_BYTES];
    fet_text_add_string(t, "<g class=\"hover\">");
    for (int i = 0; i < b->n; i++) {
        int64_t n_here = 0;
        for (int s = 0; s < chart->n_series; s++) n_here += b->counts[(int64_t)s * b->n + i];
        if (n_here == 0) continue;
        const double left = fet_plot_x(p, bin_edge(b, i));
        fet_text_add(t,
                     "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s to %s",
                     left, p->top, fet_plot_x(p, bin_edge(b, i + 1)) - left, p->bottom - p->top,
                     fet_number_tick(bin_edge(b, i), b->width, from),
                     fet_number_tick(bin_edge(b, i + 1), b->width, to));
        for (int s = 0; s < chart->n_series; s++) {
            fet_text_add_string(t, "\n");
            fet_text_add_html(t, chart->series[s].name ? chart->series[s].name : "count");
            fet_text_add(t, ": %s", fet_number_count(b->counts[(int64_t)s * b->n + i], number));
        }
        fet_text_add_string(t, "</title></rect>");
    }
    fet_text_add_string(t, "</g>");
}

/* The axis covers the bins and every mark near them. */
static struct fet_axis axis_of(const struct fet_chart *chart, const struct bins *b)
{
    double low = b->low, high = bin_edge(b, b->n);
    const double reach = high - low;
    for (int i = 0; i < chart->n_marks; i++) {
        const double x = chart->marks[i].x;
        if (x > low - reach && x < low) low = x;
        if (x < high + reach && x > high) high = x;
    }
    return fet_axis_fit(low, high, 8);
}

fet_status fet_svg_histogram(struct fet_text *t, const struct fet_chart *chart, const char *id)
{
    struct bins b = {0};
    int64_t most = 1;
    fet_status st = FET_OK;
    FET_TRY_OUT(choose_bins(chart, &b));
    FET_TRY_OUT(count(chart, &b));
    for (int64_t i = 0; i < (int64_t)chart->n_series * b.n; i++)
        if (b.counts[i] > most) most = b.counts[i];
    struct fet_axis y = fet_axis_fit(0, (double)most, 5);
    if (y.step < 1) y = (struct fet_axis){.low = 0, .high = ceil(y.high), .step = 1};
    const struct fet_plot p = fet_plot_fit(chart, axis_of(chart, &b), y);
    fet_svg_open(t, chart, &p, id);
    for (int s = 0; s < chart->n_series; s++) add_steps(t, &b, s, &p);
    add_tooltips(t, chart, &b, &p);
    fet_svg_marks(t, chart, &p);
    fet_svg_close(t);
out:
    fet_free(b.counts);
    return st;
}
