/* One answer as a card: pictures, verdict, score and name; opened, it fills the row, the pictures
 * grow and the rest is told. Only HTML and CSS: <details> does the opening. */
#include "number.h"
#include "page.h"

#include <math.h>
#include <string.h>

enum { MAX_REGIONS = 5, MAX_CLASSES = 3 };

/* ---- pictures ---- */

static void add_picture(struct fet_text *t, const struct fet_thumbnail *th,
                        const struct fet_text *base64, const char *name, const char *what)
{
    fet_text_add(t, "<img width=\"%d\" height=\"%d\" decoding=\"async\" alt=\"", th->width,
                 th->height);
    fet_text_add_html(t, name);
    fet_text_add(t, "%s\" src=\"data:image/jpeg;base64,", what);
    fet_text_add_bytes(t, fet_text_get(base64), base64->n);
    fet_text_add_string(t, "\">");
}

static void add_pictures(struct fet_text *t, const struct fet_thumbnail *th, const char *name)
{
    if (th->width == 0) {
        fet_text_add_string(t, "<span class=\"trouble\">");
        fet_text_add_html(t, th->trouble[0] ? th->trouble : "No picture");
        fet_text_add_string(t, "</span>");
        return;
    }
    fet_text_add_string(t, "<span class=\"pair\">");
    if (th->marked.n > 0) add_picture(t, th, &th->marked, name, ", suspicious places coloured");
    add_picture(t, th, &th->plain, name,
                th->has_truth ? ", true defect outlined" : ", as it was taken");
    fet_text_add_string(t, "</span>");
}

/* ---- facts ---- */

static void open_fact(struct fet_text *t, const char *name)
{
    fet_text_add(t, "<div><dt>%s</dt><dd>", name);
}

static void close_fact(struct fet_text *t)
{
    fet_text_add_string(t, "</dd></div>");
}

static void add_text_fact(struct fet_text *t, const char *name, const char *value)
{
    if (value == NULL || *value == 0) return;
    open_fact(t, name);
    fet_text_add_html(t, value);
    close_fact(t);
}

static void add_real_fact(struct fet_text *t, const char *name, double value)
{
    char number[FET_NUMBER_BYTES];
    if (isnan(value)) return;
    open_fact(t, name);
    fet_text_add_string(t, fet_number_real(value, number));
    close_fact(t);
}

static void add_regions(struct fet_text *t, const struct fet_answer *a)
{
    char number[FET_NUMBER_BYTES];
    if (a->n_regions == 0) return;
    open_fact(t, "Regions");
    for (int i = 0; i < a->n_regions && i < MAX_REGIONS; i++) {
        const struct fet_region *r = &a->regions[i];
        fet_text_add(t, "%s%d \xc3\x97 %d px at %d, %d", i > 0 ? "<br>" : "", r->w, r->h, r->x,
                     r->y);
        if (isfinite(r->score)) fet_text_add(t, ": %s", fet_number_real(r->score, number));
    }
    if (a->n_regions > MAX_REGIONS) fet_text_add(t, "<br>and %d more", a->n_regions - MAX_REGIONS);
    close_fact(t);
}

/* The most probable classes; equal ones in the order of the classes. */
static void add_probabilities(struct fet_text *t, const struct fet_answer *a)
{
    char share[FET_NUMBER_BYTES];
    if (a->probabilities == NULL || a->n_classes == 0) return;
    open_fact(t, "Probabilities");
    double last = INFINITY;
    int i_last = -1;
    for (int k = 0; k < MAX_CLASSES && k < a->n_classes; k++) {
        int best = -1;
        for (int i = 0; i < a->n_classes; i++) {
            const double p = a->probabilities[i];
            const bool is_below = p < last || (!(p > last) && i > i_last);
            if (is_below && (best < 0 || p > a->probabilities[best])) best = i;
        }
        if (best < 0) break;
        if (k > 0) fet_text_add_string(t, "<br>");
        fet_text_add_html(t, a->classes[best]);
        fet_text_add(t, " %s", fet_number_share(a->probabilities[best], share));
        last = a->probabilities[best];
        i_last = best;
    }
    close_fact(t);
}

static void add_facts(struct fet_text *t, const struct fet_report *r, const struct fet_example *x,
                      const struct fet_answer *a)
{
    fet_text_add_string(t, "<dl class=\"facts\">");
    add_text_fact(t, "File", x->path);
    add_text_fact(t, "Truth", fet_truth_label(x));
    add_text_fact(t, "Answer", a->label);
    add_real_fact(t, "Score", a->score);
    if (isfinite(a->score)) add_real_fact(t, "Threshold", r->style.threshold);
    add_real_fact(t, "p-value", a->p_value);
    add_real_fact(t, "Value", a->value);
    add_real_fact(t, "Error", fet_truth_error(x, a));
    add_regions(t, a);
    add_probabilities(t, a);
    fet_text_add_string(t, "</dl>");
}

/* ---- card ---- */

static void add_card(struct fet_text *t, const struct fet_report *r, const struct fet_example *x,
                     const struct fet_answer *a, const struct fet_thumbnail *th)
{
    const char *name = x->path ? fet_path_base(x->path) : "", *label = fet_truth_label(x);
    char number[FET_NUMBER_BYTES];
    fet_text_add_string(t, "<details class=\"card\"><summary>");
    add_pictures(t, th, name);
    fet_text_add_string(t, "<span class=\"line\">");
    if (a->verdict != FET_VERDICT_NONE) fet_page_add_chip(t, a->verdict);
    if (a->label != NULL) {
        fet_text_add_string(t, "<span class=\"answer\">");
        fet_text_add_html(t, a->label);
        fet_text_add_string(t, "</span>");
    }
    if (isfinite(a->score))
        fet_text_add(t, "<span class=\"score\">%s</span>", fet_number_real(a->score, number));
    fet_text_add_string(t, "</span><span class=\"line\">");
    if (*label) {
        fet_text_add_string(t, "<span class=\"truth\">");
        fet_text_add_html(t, label);
        fet_text_add_string(t, "</span>");
    }
    fet_text_add_string(t, "<span class=\"name\">");
    fet_text_add_html(t, name);
    fet_text_add_string(t, "</span></span></summary>");
    add_facts(t, r, x, a);
    fet_text_add_string(t, "</details>");
}

void fet_page_add_cards(struct fet_text *t, const struct fet_report *r, const int64_t *items,
                        const struct fet_thumbnail *thumbnails, int64_t n)
{
    fet_text_add_string(t, "<div class=\"cards\">");
    for (int64_t i = 0; i < n; i++)
        add_card(t, r, r->examples[items[i]], &r->answers[items[i]], &thumbnails[i]);
    fet_text_add_string(t, "</div>");
}
