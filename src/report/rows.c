/* Answers as rows of a table, for examples that are not pictures. A column that would be empty in
 * all answers is left out, so the tables of all groups have the same columns. */
#include "number.h"
#include "page.h"

#include <math.h>

struct shown {
    bool has_truth, has_score, has_p_value, has_error;
};

static struct shown shown_of(const struct fet_report *r)
{
    struct shown s = {0};
    for (int64_t i = 0; i < r->n; i++) {
        const struct fet_example *x = r->examples[i];
        const struct fet_answer *a = &r->answers[i];
        s.has_truth = s.has_truth || *fet_truth_label(x) != 0;
        s.has_score = s.has_score || !isnan(a->score);
        s.has_p_value = s.has_p_value || !isnan(a->p_value);
        s.has_error = s.has_error || !isnan(fet_truth_error(x, a));
    }
    return s;
}

static void add_real(struct fet_text *t, bool is_shown, double v)
{
    char number[FET_NUMBER_BYTES];
    if (is_shown) fet_text_add(t, "<td class=\"real\">%s</td>", fet_number_real(v, number));
}

static void add_answer(struct fet_text *t, const struct fet_answer *a)
{
    char number[FET_NUMBER_BYTES], low[FET_NUMBER_BYTES], high[FET_NUMBER_BYTES];
    const double p = fet_answer_confidence(a);
    fet_text_add_string(t, "<td>");
    if (a->verdict != FET_VERDICT_NONE) fet_page_add_chip(t, a->verdict);
    if (a->label != NULL) fet_text_add_html(t, a->label);
    if (!isnan(p)) fet_text_add(t, " <small>%s</small>", fet_number_share(p, number));
    if (!isnan(a->value)) fet_text_add_string(t, fet_number_real(a->value, number));
    if (!isnan(a->low) && !isnan(a->high))
        fet_text_add(t, " <small>%s to %s</small>", fet_number_real(a->low, low),
                     fet_number_real(a->high, high));
    fet_text_add_string(t, "</td>");
}

static void add_head(struct fet_text *t, const struct shown *s, const char *caption)
{
    fet_text_add(t,
                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>"
                 "<caption class=\"unseen\">%s</caption><thead><tr><th scope=\"col\">Example</th>",
                 caption, caption);
    if (s->has_truth) fet_text_add_string(t, "<th scope=\"col\">Truth</th>");
    fet_text_add_string(t, "<th scope=\"col\">Answer</th>");
    if (s->has_error) fet_text_add_string(t, "<th scope=\"col\" class=\"real\">Error</th>");
    if (s->has_score) fet_text_add_string(t, "<th scope=\"col\" class=\"real\">Score</th>");
    if (s->has_p_value) fet_text_add_string(t, "<th scope=\"col\" class=\"real\">p-value</th>");
    fet_text_add_string(t, "</tr></thead><tbody>");
}

void fet_page_add_rows(struct fet_text *t, const struct fet_report *r, const int64_t *items,
                       int64_t n, const char *caption)
{
    const struct shown s = shown_of(r);
    add_head(t, &s, caption);
    for (int64_t i = 0; i < n; i++) {
        const struct fet_example *x = r->examples[items[i]];
        const struct fet_answer *a = &r->answers[items[i]];
        fet_text_add_string(t, "<tr><th scope=\"row\">");
        fet_text_add_html(t, x->path ? fet_path_base(x->path) : "");
        fet_text_add_string(t, "</th>");
        if (s.has_truth) {
            fet_text_add_string(t, "<td>");
            fet_text_add_html(t, fet_truth_label(x));
            fet_text_add_string(t, "</td>");
        }
        add_answer(t, a);
        add_real(t, s.has_error, fet_truth_error(x, a));
        add_real(t, s.has_score, a->score);
        add_real(t, s.has_p_value, a->p_value);
        fet_text_add_string(t, "</tr>");
    }
    fet_text_add_string(t, "</tbody></table></div>");
}
