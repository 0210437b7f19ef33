/* The test in two bars: what became of good parts and of defective ones. */
#include "number.h"
#include "page.h"

enum outcome { RIGHT, REVIEW, WRONG, N_OUTCOMES };

struct row {
    const char *name;
    const char *words[N_OUTCOMES];
    int64_t counts[N_OUTCOMES];
};

static void count(const struct fet_report *r, struct row *good, struct row *defect)
{
    for (int64_t i = 0; i < r->n; i++) {
        const enum fet_verdict v = r->answers[i].verdict;
        const enum fet_truth truth = r->examples[i]->truth;
        if (v == FET_VERDICT_NONE || truth == FET_TRUTH_UNKNOWN) continue;
        struct row *row = truth == FET_TRUTH_GOOD ? good : defect;
        const bool is_right = (v == FET_VERDICT_ACCEPT) == (truth == FET_TRUTH_GOOD);
        row->counts[v == FET_VERDICT_REVIEW ? REVIEW : is_right ? RIGHT : WRONG]++;
    }
}

static void add_row(struct fet_text *t, const struct row *row)
{
    static const char *const classes[] = {"right", "review", "wrong"};
    const int64_t n = row->counts[RIGHT] + row->counts[REVIEW] + row->counts[WRONG];
    char number[FET_NUMBER_BYTES];
    double x = 0;
    if (n == 0) return;
    fet_text_add(t,
                 "<div class=\"outcome\"><h3>%s <small>%s</small></h3>"
                 "<svg viewBox=\"0 0 1000 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                 row->name, fet_number_count(n, number));
    for (int i = 0; i < N_OUTCOMES; i++) {
        const double width = 1000 * (double)row->counts[i] / (double)n;
        if (width > 0)
            fet_text_add(t, "<rect class=\"%s\" x=\"%.2f\" width=\"%.2f\" height=\"16\"/>",
                         classes[i], x, width);
        x += width;
    }
    fet_text_add_string(t, "</svg><ul>");
    for (int i = 0; i < N_OUTCOMES; i++)
        fet_text_add(t, "<li class=\"%s%s\"><b>%s</b> %s</li>", classes[i],
                     row->counts[i] == 0 ? " zero" : "", fet_number_count(row->counts[i], number),
                     row->words[i]);
    fet_text_add_string(t, "</ul></div>");
}

void fet_page_add_outcome(struct fet_text *t, const struct fet_report *r)
{
    struct row good = {.name = "Good", .words = {"accepted", "for review", "rejected"}};
    struct row defect = {.name = "Defective", .words = {"rejected", "for review", "accepted"}};
    count(r, &good, &defect);
    fet_text_add_string(t, "<div class=\"outcomes\">");
    add_row(t, &good);
    add_row(t, &defect);
    fet_text_add_string(t, "</div>");
}
