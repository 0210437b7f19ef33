/* Lines and scattered points. Points that fall on the same spot are drawn once, so that a curve
 * with a million points makes a page no larger than one with a thousand. */
#include "svg.h"

#include "number.h"

#include <math.h>
#include <string.h>

enum {
    CELL_PX = 2,       /* scatter: one point a cell of this size */
    MAX_TOOLTIPS = 400 /* more points than this are drawn without */
};

static bool is_drawn(const struct fet_chart_series *s, int64_t i)
{
    return isfinite(s->x[i]) && isfinite(s->y[i]);
}

/* Values that all lie in 0..1 and use half of it are shares: their axis is 0..1. */
static struct fet_axis axis_of(double low, double high)
{
    if (low >= 0 && high <= 1 && high - low >= 0.5) low = 0, high = 1;
    return fet_axis_fit(low, high, 6);
}

static struct fet_plot plot_of(const struct fet_chart *chart)
{
    double x_low = NAN, x_high = NAN, y_low = NAN, y_high = NAN;
    for (int k = 0; k < chart->n_series; k++) {
        const struct fet_chart_series *s = &chart->series[k];
        for (int64_t i = 0; i < s->n; i++) {
            if (!is_drawn(s, i)) continue;
            x_low = fmin(x_low, s->x[i]), x_high = fmax(x_high, s->x[i]);
            y_low = fmin(y_low, s->y[i]), y_high = fmax(y_high, s->y[i]);
        }
    }
    return fet_plot_fit(chart, axis_of(x_low, x_high), axis_of(y_low, y_high));
}

static void add_tooltip(struct fet_text *t, const struct fet_chart_series *s, int64_t i)
{
    char x[FET_NUMBER_BYTES], y[FET_NUMBER_BYTES];
    fet_text_add_string(t, "<title>");
    if (s->name != NULL) fet_text_add_html(t, s->name);
    fet_text_add(t, "%s%s, %s</title>", s->name ? ": " : "", fet_number_real(s->x[i], x),
                 fet_number_real(s->y[i], y));
}

static void add_point(struct fet_text *t, const struct fet_chart_series *s, int64_t i,
                      const char *class, int i_series, const struct fet_plot *p)
{
    static const char *const shapes[] = {/* circle, square, triangle, diamond, cross, bar */
                                         "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
                                         "m-3.5 -3.5h7v7h-7z",
                                         "m0 -4.5l4.5 8h-9z",
                                         "m0 -5l5 5l-5 5l-5 -5z",
                                         "m-1.5 -4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
                                         "m-5 -2h10v4h-10z"};
    fet_text_add(t, "<path class=\"%s s%d\" d=\"M%.1f %.1f%s\">", class, i_series % 6,
                 fet_plot_x(p, s->x[i]), fet_plot_y(p, s->y[i]), shapes[i_series % 6]);
    if (s->n <= MAX_TOOLTIPS) add_tooltip(t, s, i);
    fet_text_add_string(t, "</path>");
}

/* A gap where a value is missing; a step below a quarter of a pixel is not drawn. */
static void add_line(struct fet_text *t, const struct fet_chart_series *s, int i_series,
                     const struct fet_plot *p)
{
    double last_x = NAN, last_y = NAN;
    bool is_down = false;
    fet_text_add(t, "<path class=\"curve s%d\" d=\"", i_series % 6);
    for (int64_t i = 0; i < s->n; i++) {
        if (!is_drawn(s, i)) {
            is_down = false;
            continue;
        }
        const double x = fet_plot_x(p, s->x[i]), y = fet_plot_y(p, s->y[i]);
        const bool is_last = i + 1 == s->n || !is_drawn(s, i + 1);
        if (is_down && !is_last && fabs(x - last_x) < 0.25 && fabs(y - last_y) < 0.25) continue;
        fet_text_add(t, "%c%.1f %.1f", is_down ? 'L' : 'M', x, y);
        is_down = true;
        last_x = x, last_y = y;
    }
    fet_text_add_string(t, "\"/>");
    if (s->n > MAX_TOOLTIPS) return;
    /* Few points are shown as such; more only answer to the pointer. */
    for (int64_t i = 0; i < s->n; i++)
        if (is_drawn(s, i))
            add_point(t, s, i, s->n > 2 && s->n <= 24 ? "point" : "hover", i_series, p);
}

static fet_status add_scatter(struct fet_text *t, const struct fet_chart_series *s, int i_series,
                              const struct fet_plot *p)
{
    const int columns = (int)(p->width / CELL_PX) + 1, rows = (int)(p->height / CELL_PX) + 1;
    uint8_t *is_taken = fet_alloc((int64_t)columns * rows, 1);
    if (is_taken == NULL) return FET_FAIL_MEMORY("scatter", (int64_t)columns * rows);
    for (int64_t i = 0; i < s->n; i++) {
        if (!is_drawn(s, i)) continue;
        const int column = (int)(fet_plot_x(p, s->x[i]) / CELL_PX);
        const int row = (int)(fet_plot_y(p, s->y[i]) / CELL_PX);
        uint8_t *cell = &is_taken[(int64_t)row * columns + column];
        if (s->n > MAX_TOOLTIPS && *cell) continue;
        *cell = 1;
        add_point(t, s, i, "point", i_series, p);
    }
    fet_free(is_taken);
    return FET_OK;
}

fet_status fet_svg_xy(struct fet_text *t, const struct fet_chart *chart, const char *id)
{
    const struct fet_plot p = plot_of(chart);
    fet_svg_open(t, chart, &p, id);
    fet_svg_marks(t, chart, &p);
    for (int k = 0; k < chart->n_series; k++) {
        if (chart->kind == FET_CHART_LINE)
            add_line(t, &chart->series[k], k, &p);
        else
            FET_TRY(add_scatter(t, &chart->series[k], k, &p));
    }
    fet_svg_close(t);
    return FET_OK;
}
