/* Axes with round ticks (Heckbert 1990, "Nice numbers for graph labels"), grid and marks. */
#include "svg.h"

#include "number.h"

#include <math.h>

enum {
    WIDTH = 560,
    PLOT_HEIGHT = 220,
    CHAR_PX = 8,      /* of a digit at the drawing's letter size, with some to spare */
    MARK_ROW_PX = 18, /* height of a row of mark names */
    FLAG_PX = 6,      /* from a mark's line to its name */
    MAX_MARKS = 8
};

struct fet_axis fet_axis_fit(double low, double high, int n_ticks)
{
    if (!isfinite(low) || !isfinite(high)) low = 0, high = 1;
    low = fmin(fmax(low, -1e307), 1e307), high = fmin(fmax(high, -1e307), 1e307);
    if (!(high - low > 1e-9 * fmax(fabs(low), fabs(high)))) {
        high = low;
        const double spread = low == 0 ? 1 : 0.1 * fabs(low);
        low -= spread, high += spread;
    }
    const double rough = (high - low) / n_ticks;
    const double power = pow(10, floor(log10(rough)));
    const double lead = rough / power;
    const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    return (struct fet_axis){.low = floor(low / step + 1e-9) * step,
                             .high = ceil(high / step - 1e-9) * step,
                             .step = step};
}

static int tick_count(const struct fet_axis *a)
{
    const double n = round((a->high - a->low) / a->step);
    return n >= 1 && n < 100 ? (int)n + 1 : 2;
}

static double tick(const struct fet_axis *a, int i)
{
    const double v = a->low + i * a->step;
    return fabs(v) < 1e-9 * a->step ? 0 : v;
}

double fet_plot_x(const struct fet_plot *p, double v)
{
    return p->left + (v - p->x.low) / (p->x.high - p->x.low) * (p->right - p->left);
}

double fet_plot_y(const struct fet_plot *p, double v)
{
    return p->bottom - (v - p->y.low) / (p->y.high - p->y.low) * (p->bottom - p->top);
}

double fet_svg_width(const char *s)
{
    double n = 0;
    for (; s != NULL && *s; s++) n += ((unsigned char)*s & 0xc0) != 0x80;
    return CHAR_PX * n;
}

/* ---- marks ---- names stand above the plot like flags on their lines, in as many rows as needed
 */

struct placed_mark {
    const struct fet_chart_mark *mark;
    double x, left, right; /* of the line; of the name */
    int row;
};

static bool is_inside(const struct fet_chart_mark *m, const struct fet_axis *a)
{
    return m->x >= a->low && m->x <= a->high;
}

/* To the right of its line; to the left when another mark stands to the right or there is no
 * room. */
static double name_left(const struct fet_chart *chart, const struct fet_plot *p,
                        const struct fet_chart_mark *m, double width)
{
    const double x = fet_plot_x(p, m->x);
    bool is_last = true;
    for (int i = 0; i < chart->n_marks; i++)
        if (chart->marks[i].x > m->x && is_inside(&chart->marks[i], &p->x)) is_last = false;
    const bool fits_right = x + FLAG_PX + width <= p->width;
    const bool fits_left = x - FLAG_PX - width >= 0;
    return fits_right && (is_last || !fits_left) ? x + FLAG_PX : fmax(x - FLAG_PX - width, 0);
}

/* The first row in which no other name is in the way. */
static int free_row(const struct placed_mark *placed, int n, double left, double right)
{
    int row = 0;
    for (int i = 0; i < n; i++)
        if (placed[i].row == row && left < placed[i].right + CHAR_PX &&
            right > placed[i].left - CHAR_PX) {
            row++;
            i = -1; /* look at all of them again */
        }
    return row;
}

static int place_marks(const struct fet_chart *chart, const struct fet_plot *p,
                       struct placed_mark placed[MAX_MARKS], int *n_rows)
{
    int n = 0;
    *n_rows = 0;
    for (int i = 0; i < chart->n_marks && n < MAX_MARKS; i++) {
        const struct fet_chart_mark *m = &chart->marks[i];
        if (!is_inside(m, &p->x)) continue;
        const double width = fet_svg_width(m->name);
        const double left = name_left(chart, p, m, width);
        const int row = free_row(placed, n, left, left + width);
        placed[n++] = (struct placed_mark){
            .mark = m, .x = fet_plot_x(p, m->x), .left = left, .right = left + width, .row = row};
        if (row >= *n_rows) *n_rows = row + 1;
    }
    return n;
}

void fet_svg_marks(struct fet_text *t, const struct fet_chart *chart, const struct fet_plot *p)
{
    struct placed_mark placed[MAX_MARKS];
    int n_rows;
    const int n = place_marks(chart, p, placed, &n_rows);
    for (int i = 0; i < n; i++) {
        const struct placed_mark *m = &placed[i];
        char value[FET_NUMBER_BYTES];
        const bool is_left = m->left < m->x;
        const double y = p->top - 8 - MARK_ROW_PX * (n_rows - 1 - m->row);
        fet_text_add(t,
                     "<g class=\"mark\"><path d=\"M%.1f %.1fV%.1f\"/>"
                     "<text%s x=\"%.1f\" y=\"%.1f\">",
                     m->x, y - 10, p->bottom, is_left ? " class=\"end\"" : "",
                     is_left ? m->right : m->left, y);
        fet_text_add_html(t, m->mark->name ? m->mark->name : "");
        fet_text_add(t, "</text><title>");
        fet_text_add_html(t, m->mark->name ? m->mark->name : "");
        fet_text_add(t, ": %s</title></g>", fet_number_real(m->mark->x, value));
    }
}

/* ---- frame ---- */

struct fet_plot fet_plot_fit(const struct fet_chart *chart, struct fet_axis x, struct fet_axis y)
{
    struct fet_plot p = {.width = WIDTH, .right = WIDTH - 16, .left = 24, .x = x, .y = y};
    for (int i = 0; i < tick_count(&y); i++) {
        char label[FET_NUMBER_BYTES];
        fet_number_tick(tick(&y, i), y.step, label);
        p.left = fmax(p.left, 16 + fet_svg_width(label));
    }
    struct placed_mark placed[MAX_MARKS];
    int n_rows;
    (void)place_marks(chart, &p, placed, &n_rows);
    p.top = 10 + (chart->y_title ? 22 : 0) + MARK_ROW_PX * n_rows;
    p.bottom = p.top + PLOT_HEIGHT;
    p.height = p.bottom + 26 + (chart->x_title ? 24 : 0);
    return p;
}

static void add_ticks(struct fet_text *t, const struct fet_plot *p)
{
    char label[FET_NUMBER_BYTES];
    fet_text_add_string(t, "<g class=\"grid\">");
    for (int i = 0; i < tick_count(&p->y); i++)
        fet_text_add(t, "<path d=\"M%.1f %.1fH%.1f\"/>", p->left, fet_plot_y(p, tick(&p->y, i)),
                     p->right);
    fet_text_add_string(t, "</g><g class=\"ticks end\">");
    for (int i = 0; i < tick_count(&p->y); i++)
        fet_text_add(t, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", p->left - 8,
                     fet_plot_y(p, tick(&p->y, i)) + 4.5,
                     fet_number_tick(tick(&p->y, i), p->y.step, label));
    fet_text_add_string(t, "</g><g class=\"ticks middle\">");
    for (int i = 0; i < tick_count(&p->x); i++)
        fet_text_add(t, "<path d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>",
                     fet_plot_x(p, tick(&p->x, i)), p->bottom, fet_plot_x(p, tick(&p->x, i)),
                     p->bottom + 20, fet_number_tick(tick(&p->x, i), p->x.step, label));
    fet_text_add(t, "</g><path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>", p->left, p->bottom,
                 p->right);
}

void fet_svg_open(struct fet_text *t, const struct fet_chart *chart, const struct fet_plot *p,
                  const char *id)
{
    fet_text_add(t, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"%s-title\">",
                 p->width, p->height, id);
    add_ticks(t, p);
    if (chart->y_title != NULL) {
        fet_text_add_string(t, "<text class=\"title\" x=\"4\" y=\"14\">");
        fet_text_add_html(t, chart->y_title);
        fet_text_add_string(t, "</text>");
    }
    if (chart->x_title != NULL) {
        fet_text_add(t, "<text class=\"title end\" x=\"%.1f\" y=\"%.1f\">", p->right,
                     p->height - 6);
        fet_text_add_html(t, chart->x_title);
        fet_text_add_string(t, "</text>");
    }
}

void fet_svg_close(struct fet_text *t)
{
    fet_text_add_string(t, "</svg>");
}

int64_t fet_range_of(const double *v, int64_t n, double *low, double *high)
{
    int64_t n_left_out = 0;
    *low = *high = NAN;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(v[i])) {
            n_left_out++;
            continue;
        }
        *low = fmin(*low, v[i]); /* fmin and fmax pass over NaN */
        *high = fmax(*high, v[i]);
    }
    return n_left_out;
}
