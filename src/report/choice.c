/* Every example becomes a candidate with group, label and badness; one sort puts candidates of one
 * group and label side by side, worst first. Then places are dealt: first to groups, then to labels
 * inside a group. */
#include "choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RIGHT = 24 };

const char *fet_truth_label(const struct fet_example *x)
{
    if (x->label != NULL) return x->label;
    if (x->truth == FET_TRUTH_GOOD) return "good";
    return x->truth == FET_TRUTH_DEFECT ? "defect" : "";
}

/* The label as a number, for tasks that answer with one; else NaN. */
static double true_number(const struct fet_example *x, const struct fet_answer *a)
{
    double truth;
    const bool is_number =
        isfinite(a->value) && x->label != NULL && fet_text_to_real(x->label, &truth);
    return is_number ? truth : (double)NAN;
}

double fet_truth_error(const struct fet_example *x, const struct fet_answer *a)
{
    return a->value - true_number(x, a);
}

double fet_answer_confidence(const struct fet_answer *a)
{
    for (int i = 0; a->label != NULL && a->probabilities != NULL && i < a->n_classes; i++)
        if (strcmp(a->classes[i], a->label) == 0) return a->probabilities[i];
    return NAN;
}

enum fet_group fet_group_of(const struct fet_example *x, const struct fet_answer *a)
{
    if (a->verdict == FET_VERDICT_ACCEPT && x->truth == FET_TRUTH_DEFECT) return FET_GROUP_MISSED;
    if (a->verdict == FET_VERDICT_REJECT && x->truth == FET_TRUTH_GOOD)
        return FET_GROUP_FALSE_REJECT;
    const double truth = true_number(x, a);
    if (a->label != NULL && x->label != NULL && strcmp(a->label, x->label) != 0)
        return FET_GROUP_WRONG_LABEL;
    if (truth < a->low || truth > a->high) return FET_GROUP_OUTSIDE;
    if (a->verdict == FET_VERDICT_REVIEW) return FET_GROUP_REVIEW;
    const bool is_judged = a->verdict != FET_VERDICT_NONE && x->truth != FET_TRUTH_UNKNOWN;
    const bool is_named = a->label != NULL && x->label != NULL;
    return is_judged || is_named || isfinite(truth) ? FET_GROUP_RIGHT : FET_GROUP_UNKNOWN;
}

struct candidate {
    enum fet_group group;
    const char *label;
    double badness;
    uint64_t key;
    int64_t i;
    int64_t rank; /* in its label: the places go to low ranks first */
};

static double badness_of(const struct fet_example *x, const struct fet_answer *a,
                         enum fet_group group)
{
    double b = a->score;
    if (group == FET_GROUP_MISSED) b = -a->score;
    if (group == FET_GROUP_WRONG_LABEL) b = fet_answer_confidence(a);
    if (isfinite(fet_truth_error(x, a))) b = fabs(fet_truth_error(x, a));
    return isnan(b) ? -(double)INFINITY : b;
}

/* Numbers are no labels: nearly all of them differ. */
static const char *label_of(const struct fet_example *x, const struct fet_answer *a)
{
    return isnan(true_number(x, a)) ? fet_truth_label(x) : "";
}

static int compare_badness(const struct candidate *a, const struct candidate *b)
{
    if (a->badness != b->badness) return a->badness > b->badness ? -1 : 1;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->i > b->i) - (a->i < b->i);
}

/* Group, label, badness: for dealing the places, and for showing right ones. */
static int compare_by_label(const void *p, const void *q)
{
    const struct candidate *a = p, *b = q;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    const int order = strcmp(a->label, b->label);
    return order != 0 ? order : compare_badness(a, b);
}

/* Group, rank, label: the first ones get a place. */
static int compare_by_rank(const void *p, const void *q)
{
    const struct candidate *a = p, *b = q;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return compare_by_label(p, q);
}

/* Group, then the worst first whatever the label; right ones stay together by label. */
static int compare_for_page(const void *p, const void *q)
{
    const struct candidate *a = p, *b = q;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    return a->group == FET_GROUP_RIGHT ? compare_by_label(p, q) : compare_badness(a, b);
}

/* Ranks inside one run of n candidates of one group and label, worst first. Right ones: `wanted`
 * evenly spaced ones, ends included, come before all others. */
static void rank_run(struct candidate *c, int64_t n, int64_t wanted)
{
    for (int64_t k = 0; k < n; k++) c[k].rank = k;
    if (c->group != FET_GROUP_RIGHT || wanted >= n) return;
    for (int64_t k = 0; k < n; k++) c[k].rank = wanted + k;
    for (int64_t k = 0; k < wanted; k++)
        c[wanted > 1 ? k * (n - 1) / (wanted - 1) : n / 2].rank = k;
}

static void rank_all(struct candidate *c, int64_t n, const int64_t n_shown[FET_N_GROUPS])
{
    int64_t n_labels = 0;
    for (int64_t i = 0; i < n; i++)
        n_labels += c[i].group == FET_GROUP_RIGHT && (i == 0 || c[i - 1].group != FET_GROUP_RIGHT ||
                                                      strcmp(c[i - 1].label, c[i].label) != 0);
    const int64_t places = n_shown[FET_GROUP_RIGHT];
    const int64_t wanted = n_labels > 0 ? (places + n_labels - 1) / n_labels : 0;
    for (int64_t begin = 0, end = 0; begin < n; begin = end) {
        while (end < n && c[end].group == c[begin].group &&
               strcmp(c[end].label, c[begin].label) == 0)
            end++;
        rank_run(c + begin, end - begin, wanted);
    }
}

/* One place to each group that can still use one, in turn, until none is left. */
static void deal_places(const int64_t n_total[FET_N_GROUPS], int64_t limit,
                        int64_t n_shown[FET_N_GROUPS])
{
    bool has_moved = true;
    memset(n_shown, 0, FET_N_GROUPS * sizeof *n_shown);
    while (has_moved) {
        has_moved = false;
        for (int g = 0; g < FET_N_GROUPS && limit > 0; g++) {
            const bool is_full = g == FET_GROUP_RIGHT && n_shown[g] >= MOST_RIGHT;
            if (n_shown[g] >= n_total[g] || is_full) continue;
            n_shown[g]++;
            limit--;
            has_moved = true;
        }
    }
}

fet_status fet_choice_make(const struct fet_report *r, int64_t limit, struct fet_choice *choice)
{
    struct fet_choice made = {0};
    struct candidate *c = fet_alloc(r->n, sizeof *c);
    if (c == NULL) return FET_FAIL_MEMORY("gallery", r->n * (int64_t)sizeof *c);
    for (int64_t i = 0; i < r->n; i++) {
        const enum fet_group group = fet_group_of(r->examples[i], &r->answers[i]);
        c[i] = (struct candidate){.group = group,
                                  .label = label_of(r->examples[i], &r->answers[i]),
                                  .badness = badness_of(r->examples[i], &r->answers[i], group),
                                  .key = r->examples[i]->key,
                                  .i = i};
        made.n_total[group]++;
    }
    deal_places(made.n_total, limit, made.n_shown);
    qsort(c, (size_t)r->n, sizeof *c, compare_by_label);
    rank_all(c, r->n, made.n_shown);
    qsort(c, (size_t)r->n, sizeof *c, compare_by_rank);

    /* Keep the first ones of each group, then put them in the order of the page. */
    int64_t n_kept = 0;
    for (int64_t i = 0, begin = 0; i < r->n; i++) {
        if (c[i].group != c[begin].group) begin = i;
        if (i - begin < made.n_shown[c[i].group]) c[n_kept++] = c[i];
    }
    qsort(c, (size_t)n_kept, sizeof *c, compare_for_page);
    made.items = fet_alloc(n_kept, sizeof *made.items);
    if (made.items == NULL) {
        fet_free(c);
        return FET_FAIL_MEMORY("gallery", n_kept * (int64_t)sizeof *made.items);
    }
    for (int64_t i = 0; i < n_kept; i++) made.items[i] = c[i].i;
    made.n = n_kept;
    fet_free(c);
    *choice = made;
    return FET_OK;
}

void fet_choice_deinit(struct fet_choice *choice)
{
    if (choice == NULL) return;
    fet_free(choice->items);
    *choice = (struct fet_choice){0};
}
