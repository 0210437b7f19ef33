/* The answers by group, with a filter made of radio buttons and CSS, so no script is needed. */
#include "page.h"

#include "number.h"

enum { MAX_SHOWN = 60 };

static const struct {
    const char *class, *title, *meaning;
} groups[FET_N_GROUPS] = {
    [FET_GROUP_MISSED] = {"missed", "Missed defects", "Defective, but accepted."},
    [FET_GROUP_FALSE_REJECT] = {"false-reject", "False rejects", "Good, but rejected."},
    [FET_GROUP_WRONG_LABEL] = {"wrong-label", "Wrong class", "Taken for another class."},
    [FET_GROUP_OUTSIDE] = {"outside", "Outside the interval",
                           "The true value is not in the promised interval."},
    [FET_GROUP_REVIEW] = {"for-review", "For review", "Not clear enough: left to a person."},
    [FET_GROUP_RIGHT] = {"is-right", "Right answers", "A sample, evenly over the labels."},
    [FET_GROUP_UNKNOWN] = {"unknown", "Answers", "Nothing is known of the truth."}};

bool fet_page_has_pictures(const struct fet_report *r)
{
    for (int64_t i = 0; i < r->n; i++)
        if (r->answers[i].picture_w > 0) return true;
    return false;
}

static int count_groups(const struct fet_choice *choice)
{
    int n = 0;
    for (int g = 0; g < FET_N_GROUPS; g++) n += choice->n_shown[g] > 0;
    return n;
}

static void add_filter(struct fet_text *t, const struct fet_choice *choice)
{
    char number[FET_NUMBER_BYTES];
    if (count_groups(choice) < 2) return;
    fet_text_add_string(t, "<input type=\"radio\" name=\"show\" id=\"show-all\" checked>"
                           "<label for=\"show-all\">All</label>");
    for (int g = 0; g < FET_N_GROUPS; g++)
        if (choice->n_shown[g] > 0)
            fet_text_add(t,
                         "<input type=\"radio\" name=\"show\" id=\"show-%s\">"
                         "<label for=\"show-%s\">%s <small>%s</small></label>",
                         groups[g].class, groups[g].class, groups[g].title,
                         fet_number_count(choice->n_total[g], number));
}

/* What the lines and colours on the pictures mean, as far as there are any. */
static void add_legend(struct fet_text *t, const struct fet_thumbnail *thumbnails, int64_t n)
{
    bool has_marks = false, has_truth = false;
    for (int64_t i = 0; i < n; i++) {
        has_marks = has_marks || thumbnails[i].marked.n > 0;
        has_truth = has_truth || thumbnails[i].has_truth;
    }
    fet_text_add(t, "<p class=\"legend\">%s%sOpen a picture for more.</p>",
                 has_marks ? "Coloured inside a white line: what the model found suspicious. " : "",
                 has_truth ? "Inside a blue line: the true defect. " : "");
}

static void open_group(struct fet_text *t, const struct fet_choice *choice, int g)
{
    char shown[FET_NUMBER_BYTES], total[FET_NUMBER_BYTES];
    fet_number_count(choice->n_shown[g], shown);
    fet_number_count(choice->n_total[g], total);
    fet_text_add(t, "<section class=\"group %s\"><h3>%s <small>", groups[g].class, groups[g].title);
    if (choice->n_shown[g] < choice->n_total[g])
        fet_text_add(t, "%s of %s", shown, total);
    else
        fet_text_add_string(t, total);
    fet_text_add(t, "</small></h3><p>%s</p>", groups[g].meaning);
}

fet_status fet_page_add_gallery(struct fet_text *t, const struct fet_report *r,
                                const struct fet_context *c)
{
    struct fet_choice choice = {0};
    struct fet_thumbnail *thumbnails = NULL;
    const bool is_pictures = fet_page_has_pictures(r);
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_choice_make(r, MAX_SHOWN, &choice));
    if (is_pictures) FET_TRY_OUT(fet_thumbnails_make(r, &choice, c, &thumbnails));
    fet_text_add(t,
                 "<section id=\"answers\"><h2>%s</h2><div class=\"gallery\" role=\"group\" "
                 "aria-label=\"Answers by outcome\">",
                 is_pictures ? "Pictures" : "Answers");
    if (is_pictures) add_legend(t, thumbnails, choice.n);
    add_filter(t, &choice);
    for (int64_t g = 0, at = 0; g < FET_N_GROUPS; at += choice.n_shown[g], g++) {
        if (choice.n_shown[g] == 0) continue;
        open_group(t, &choice, (int)g);
        if (is_pictures)
            fet_page_add_cards(t, r, choice.items + at, thumbnails + at, choice.n_shown[g]);
        else
            fet_page_add_rows(t, r, choice.items + at, choice.n_shown[g], groups[g].title);
        fet_text_add_string(t, "</section>");
    }
    if (choice.n == 0) fet_text_add_string(t, "<p class=\"none\">No answers.</p>");
    fet_text_add_string(t, "</div></section>");
out:
    fet_thumbnails_free(thumbnails, choice.n);
    fet_choice_deinit(&choice);
    return st;
}
