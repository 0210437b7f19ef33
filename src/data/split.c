/* Splitting by content. Groups stand in a line in the order of a hash of (seed, smallest key); the
 * test split is cut from the front of the line and the calibrate split from its end, so that an
 * added example moves only what stands at a cut. */
#include "split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct group {
    uint64_t hash, key; /* key: the smallest in the group */
    int64_t first, n;   /* members */
    enum fet_split split;
    int fold;
    bool is_open; /* still to be split by share */
};

struct line {
    struct fet_example **members; /* owned [n]; those of one group next to each other */
    int64_t n;
    struct group *groups; /* owned [n_groups]; in the order of the line */
    int64_t n_groups;
};

/* Named groups first; the others are alone. Within a group by key. */
static int member_compare(const void *a, const void *b)
{
    const struct fet_example *x = *(struct fet_example *const *)a;
    const struct fet_example *y = *(struct fet_example *const *)b;
    if ((x->group == NULL) != (y->group == NULL)) return x->group == NULL ? 1 : -1;
    const int order = x->group == NULL ? 0 : strcmp(x->group, y->group);
    if (order != 0) return order;
    return (x->key > y->key) - (x->key < y->key);
}

static int group_compare(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static bool is_same_group(const struct fet_example *x, const struct fet_example *y)
{
    return x->group != NULL && y->group != NULL && strcmp(x->group, y->group) == 0;
}

static fet_status line_init(struct fet_examples *e, uint64_t seed, struct line *l)
{
    l->n = e->n;
    l->members = fet_alloc(e->n, sizeof(struct fet_example *));
    l->groups = fet_alloc(e->n, sizeof *l->groups);
    if (l->members == NULL || l->groups == NULL)
        return FET_FAIL_MEMORY("split", e->n * (int64_t)sizeof *l->groups);
    for (int64_t i = 0; i < e->n; i++) l->members[i] = &e->items[i];
    qsort(l->members, (size_t)l->n, sizeof(struct fet_example *), member_compare);
    for (int64_t i = 0; i < l->n; i++) {
        if (i == 0 || !is_same_group(l->members[i - 1], l->members[i])) {
            struct fet_rng rng;
            fet_rng_init(&rng, seed, l->members[i]->key);
            l->groups[l->n_groups++] =
                (struct group){.hash = fet_rng_u64(&rng), .key = l->members[i]->key, .first = i};
        }
        l->groups[l->n_groups - 1].n++;
    }
    qsort(l->groups, (size_t)l->n_groups, sizeof *l->groups, group_compare);
    return FET_OK;
}

static void line_deinit(struct line *l)
{
    fet_free(l->members);
    fet_free(l->groups);
}

/* Where a group must go because of its members, or nowhere (is_open). */
static void group_judge(const struct line *l, struct group *g, bool has_good)
{
    g->split = FET_SPLIT_FIT;
    bool has_test = false, has_calibrate = false, has_defect = false;
    for (int64_t i = g->first; i < g->first + g->n; i++) {
        const struct fet_example *x = l->members[i];
        has_test = has_test || x->split == FET_SPLIT_TEST;
        has_calibrate = has_calibrate || x->split == FET_SPLIT_CALIBRATE;
        has_defect = has_defect || x->truth == FET_TRUTH_DEFECT;
    }
    if (has_test || (has_defect && has_good && !has_calibrate))
        g->split = FET_SPLIT_TEST;
    else if (has_calibrate)
        g->split = FET_SPLIT_CALIBRATE;
    else
        g->is_open = true;
}

/* Gives groups from one end of the line to a split while they fit into n examples. */
static int64_t cut(struct line *l, enum fet_split split, bool is_from_end, int64_t n)
{
    int64_t n_taken = 0;
    for (int64_t k = 0; k < l->n_groups && n_taken < n; k++) {
        struct group *g = &l->groups[is_from_end ? l->n_groups - 1 - k : k];
        if (!g->is_open || g->n > n - n_taken) continue;
        g->split = split;
        g->is_open = false;
        n_taken += g->n;
    }
    return n_taken;
}

/* When no group was small enough: the smallest goes to calibrate, if another is left for fit. */
static void give_smallest(struct line *l)
{
    struct group *smallest = NULL;
    int64_t n_open = 0;
    for (int64_t i = 0; i < l->n_groups; i++) {
        struct group *g = &l->groups[i];
        if (!g->is_open) continue;
        n_open++;
        if (smallest == NULL || g->n <= smallest->n) smallest = g;
    }
    if (n_open > 1) smallest->split = FET_SPLIT_CALIBRATE;
}

/* Open groups become folds; false when there are not two. */
static bool folds_deal(struct line *l, int n_folds)
{
    int64_t n_open = 0, sizes[FET_SPLIT_MAX_FOLDS] = {0};
    for (int64_t i = 0; i < l->n_groups; i++) n_open += l->groups[i].is_open;
    if (n_folds > n_open) n_folds = (int)n_open;
    if (n_folds < 2) return false;
    for (int64_t i = 0; i < l->n_groups; i++) {
        struct group *const g = &l->groups[i];
        int least = 0;
        if (!g->is_open) continue;
        for (int k = 1; k < n_folds; k++)
            if (sizes[k] < sizes[least]) least = k;
        g->fold = least + 1;
        sizes[least] += g->n;
    }
    return true;
}

static void assign(struct line *l, struct fet_split_shares shares)
{
    int64_t n = 0;
    for (int64_t i = 0; i < l->n_groups; i++) n += l->groups[i].is_open ? l->groups[i].n : 0;
    int64_t n_test = llround(shares.test * (double)n);
    int64_t n_calibrate = llround(shares.calibrate * (double)n);
    if (shares.calibrate > 0 && n_calibrate == 0 && n >= 2) n_calibrate = 1;
    if (n_calibrate > n - 1 && n > 0)
        n_calibrate = n - 1; /* something must be left to learn from */
    if (n_test > n - 1 - n_calibrate) n_test = n > n_calibrate + 1 ? n - 1 - n_calibrate : 0;
    n -= cut(l, FET_SPLIT_TEST, false, n_test);
    if (shares.calibrate > 0 && n < shares.few && folds_deal(l, shares.n_folds)) return;
    const int64_t n_given = cut(l, FET_SPLIT_CALIBRATE, true, n_calibrate);
    if (n_calibrate > 0 && n_given == 0) give_smallest(l);
}

fet_status fet_split_assign(struct fet_examples *e, struct fet_split_shares shares, uint64_t seed)
{
    if (shares.n_folds < 0 || shares.n_folds > FET_SPLIT_MAX_FOLDS)
        return FET_FAIL(FET_ARGUMENT, "split: %d folds; 0 to %d wanted", shares.n_folds,
                        FET_SPLIT_MAX_FOLDS);
    if (!(shares.test >= 0 && shares.calibrate >= 0 && shares.test + shares.calibrate <= 1))
        return FET_FAIL(FET_ARGUMENT,
                        "split: shares %g to calibrate and %g to test; 0 to 1 together wanted",
                        shares.calibrate, shares.test);
    struct line l = {0};
    const fet_status st = line_init(e, seed, &l);
    if (st != FET_OK) {
        line_deinit(&l);
        return st;
    }
    if (fet_examples_count(e, FET_SPLIT_TEST) > 0) shares.test = 0;
    if (fet_examples_count(e, FET_SPLIT_CALIBRATE) > 0) shares.calibrate = 0;
    bool has_good = false;
    for (int64_t i = 0; i < e->n; i++) has_good = has_good || e->items[i].truth == FET_TRUTH_GOOD;
    for (int64_t i = 0; i < l.n_groups; i++) group_judge(&l, &l.groups[i], has_good);
    assign(&l, shares);
    for (int64_t i = 0; i < l.n_groups; i++) {
        const struct group *g = &l.groups[i];
        for (int64_t k = g->first; k < g->first + g->n; k++) {
            l.members[k]->fold = g->fold;
            if (l.members[k]->split == FET_SPLIT_NONE || l.members[k]->split == FET_SPLIT_FIT)
                l.members[k]->split = g->split;
        }
    }
    line_deinit(&l);
    return FET_OK;
}
