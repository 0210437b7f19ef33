/* Labelled values as horizontal bars: labels stay readable however many there are. */
#include "svg.h"

#include "number.h"

#include <math.h>

enum { WIDTH = 560, ROW_PX = 28, BAR_PX = 16, MAX_BARS = 40, MAX_LABEL = 26, MAX_LABEL_PX = 208 };

/* At most MAX_LABEL characters, on a character's border; whole in the tooltip. */
static void add_label(struct fet_text *t, const char *label)
{
    size_t n = 0;
    int n_characters = 0;
    while (label[n] != 0 && n_characters < MAX_LABEL) {
        n++;
        while (((unsigned char)label[n] & 0xc0) == 0x80) n++;
        n_characters++;
    }
    char cut[4 * MAX_LABEL + 1];
    if (label[n] == 0 || n >= sizeof cut) {
        fet_text_add_html(t, label);
        return;
    }
    fet_text_format(cut, sizeof cut, "%.*s", (int)n, label);
    fet_text_add_html(t, cut);
    fet_text_add_string(t, "\xe2\x80\xa6");
}

struct bars {
    int64_t n;          /* shown */
    double low, high;   /* of the values and zero */
    double left, right; /* of the plot */
};

static struct bars bars_of(const struct fet_chart *chart)
{
    struct bars b = {.n = chart->n < MAX_BARS ? chart->n : MAX_BARS};
    (void)fet_range_of(chart->values, b.n, &b.low, &b.high);
    b.low = fmin(b.low, 0), b.high = fmax(b.high, 0);
    if (b.low == b.high) b.high = 1;
    double widest = 0;
    for (int64_t i = 0; i < b.n; i++) widest = fmax(widest, fet_svg_width(chart->labels[i]));
    b.left = 12 + fmin(widest, MAX_LABEL_PX) + (b.low < 0 ? 56 : 0);
    b.right = WIDTH - 64;
    return b;
}

static void add_bar(struct fet_text *t, const struct fet_chart *chart, const struct bars *b,
                    int64_t i)
{
    char value[FET_NUMBER_BYTES];
    const double v = chart->values[i], top = (double)i * ROW_PX + 6;
    const double scale = (b->right - b->left) / (b->high - b->low);
    const double zero = b->left - b->low * scale;
    const double width = isfinite(v) ? fabs(v) * scale : 0;
    const double x = v < 0 ? zero - width : zero, text_y = top + BAR_PX / 2.0 + 4.5;
    fet_text_add_string(t, "<g><title>");
    fet_text_add_html(t, chart->labels[i]);
    fet_number_real(v, value);
    fet_text_add(t, ": %s</title><text x=\"4\" y=\"%.1f\">", value, text_y);
    add_label(t, chart->labels[i]);
    fet_text_add(t,
                 "</text><rect class=\"bar s0\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
                 "rx=\"2\"/>",
                 x, top, width, BAR_PX);
    fet_text_add(t, "<text class=\"value%s\" x=\"%.1f\" y=\"%.1f\">%s</text></g>",
                 v < 0 ? " end" : "", v < 0 ? x - 6 : x + width + 6, text_y, value);
}

void fet_svg_bars(struct fet_text *t, const struct fet_chart *chart, const char *id)
{
    const struct bars b = bars_of(chart);
    const double height = (double)b.n * ROW_PX + 4;
    const double zero = b.left - b.low * (b.right - b.left) / (b.high - b.low);
    if (chart->y_title != NULL || chart->x_title != NULL) {
        fet_text_add_string(t, "<p class=\"axes\">");
        fet_text_add_html(t, chart->x_title ? chart->x_title : "");
        if (chart->y_title != NULL && chart->x_title != NULL) fet_text_add_string(t, " \xc2\xb7 ");
        fet_text_add_html(t, chart->y_title ? chart->y_title : "");
        fet_text_add_string(t, "</p>");
    }
    fet_text_add(
        t, "<svg class=\"bars\" viewBox=\"0 0 %d %.0f\" role=\"img\" aria-labelledby=\"%s-title\">",
        WIDTH, height, id);
    for (int64_t i = 0; i < b.n; i++) add_bar(t, chart, &b, i);
    fet_text_add(t, "<path class=\"axis\" d=\"M%.1f 0V%.0f\"/></svg>", zero, height);
    if (chart->n > b.n)
        fet_text_add(t, "<p class=\"axes\">The first %lld of %lld.</p>", (long long)b.n,
                     (long long)chart->n);
}
