/* Charts as SVG inside the page. Colours come from the page's style sheet by class (s0 to s5 for
 * series), so one drawing serves light, dark and print. Values that are NaN or infinite are left
 * out. All text is escaped. */
#ifndef FET_SVG_H
#define FET_SVG_H

#include "report.h"

/* ---- axes ---- */

struct fet_axis {
    double low, high, step; /* low and high are multiples of step; low < high */
};
/* Round ends and ticks (1, 2 or 5 times a power of ten) for values from low to high, about n_ticks
 * of them. Equal or missing ends are widened. */
struct fet_axis fet_axis_fit(double low, double high, int n_ticks);

struct fet_plot {
    double width, height;            /* of the drawing */
    double left, right, top, bottom; /* edges of the plot in it */
    struct fet_axis x, y;
};
double fet_plot_x(const struct fet_plot *p, double v); /* value to drawing */
double fet_plot_y(const struct fet_plot *p, double v);

/* About how wide a text is in the drawing's letter size, a little generously. NULL counts as "". */
double fet_svg_width(const char *s);

/* The frame for a chart with these axes: margins for labels and for the chart's marks. */
struct fet_plot fet_plot_fit(const struct fet_chart *chart, struct fet_axis x, struct fet_axis y);

/* Opens the svg element, draws grid, ticks and axis titles. id makes element ids unique. */
void fet_svg_open(struct fet_text *t, const struct fet_chart *chart, const struct fet_plot *p,
                  const char *id);
void fet_svg_marks(struct fet_text *t, const struct fet_chart *chart, const struct fet_plot *p);
void fet_svg_close(struct fet_text *t);

/* The smallest and largest finite value; both NaN when there is none. Returns how many values are
 * not finite. */
int64_t fet_range_of(const double *v, int64_t n, double *low, double *high);

/* ---- charts ---- each adds one svg or table */

FET_CHECKED fet_status fet_svg_histogram(struct fet_text *t, const struct fet_chart *chart,
                                         const char *id);
FET_CHECKED fet_status fet_svg_xy(struct fet_text *t, const struct fet_chart *chart,
                                  const char *id); /* LINE, SCATTER */
void fet_svg_bars(struct fet_text *t, const struct fet_chart *chart, const char *id);
void fet_html_matrix(struct fet_text *t, const struct fet_chart *chart, const char *id);

/* The whole figure: title, legend, drawing, caption. A chart without values says so. */
FET_CHECKED fet_status fet_html_chart(struct fet_text *t, const struct fet_chart *chart,
                                      const char *id);

#endif
