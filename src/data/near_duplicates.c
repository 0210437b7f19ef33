/* Pictures with equal bytes go into one group. */
#include "split.h"

#include "grouping.h"

#include <stdlib.h>

struct keyed {
    uint64_t key;
    int64_t i;
};

static int keyed_compare(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

fet_status fet_near_duplicates_group(struct fet_examples *e, const struct fet_context *c)
{
    struct fet_grouping g = {0};
    int64_t n_groups = 0, n_members = 0;
    struct keyed *keyed = fet_alloc(e->n, sizeof *keyed);
    if (keyed == NULL) return FET_FAIL_MEMORY("groups", e->n * (int64_t)sizeof *keyed);
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_grouping_init(e, &g));
    for (int64_t i = 0; i < e->n; i++) keyed[i] = (struct keyed){e->items[i].key, i};
    qsort(keyed, (size_t)e->n, sizeof *keyed, keyed_compare);
    for (int64_t i = 1; i < e->n; i++)
        if (keyed[i].key == keyed[i - 1].key) fet_grouping_join(&g, keyed[i - 1].i, keyed[i].i);
    FET_TRY_OUT(fet_grouping_apply(&g, &n_groups, &n_members));
    if (n_groups > 0)
        fet_context_note(c, "%lld pictures are alike and stay together in %lld groups.",
                         (long long)n_members, (long long)n_groups);
out:
    fet_grouping_deinit(&g);
    fet_free(keyed);
    return st;
}
