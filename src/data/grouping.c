#include "grouping.h"

#include <stdlib.h>
#include <string.h>

static int64_t find_root(int64_t *parents, int64_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]]; /* halve the path */
        i = parents[i];
    }
    return i;
}

void fet_grouping_join(struct fet_grouping *g, int64_t i, int64_t j)
{
    i = find_root(g->parents, i);
    j = find_root(g->parents, j);
    if (i < j) g->parents[j] = i;
    if (j < i) g->parents[i] = j;
}

bool fet_grouping_is_joined(struct fet_grouping *g, int64_t i, int64_t j)
{
    return find_root(g->parents, i) == find_root(g->parents, j);
}

static int named_compare(const void *a, const void *b)
{
    const struct fet_example *x = *(struct fet_example *const *)a;
    const struct fet_example *y = *(struct fet_example *const *)b;
    const int order = strcmp(x->group, y->group);
    return order != 0 ? order : (x > y) - (x < y);
}

fet_status fet_grouping_init(struct fet_examples *e, struct fet_grouping *g)
{
    int64_t n = 0;
    struct fet_example **named = fet_alloc(e->n, sizeof(struct fet_example *));
    int64_t *parents = fet_alloc(e->n, sizeof *parents);
    if (named == NULL || parents == NULL) {
        fet_free(named);
        fet_free(parents);
        return FET_FAIL_MEMORY("groups", e->n * (int64_t)sizeof *parents);
    }
    *g = (struct fet_grouping){.e = e, .parents = parents};
    for (int64_t i = 0; i < e->n; i++) {
        parents[i] = i;
        if (e->items[i].group != NULL) named[n++] = &e->items[i];
    }
    qsort(named, (size_t)n, sizeof(struct fet_example *), named_compare);
    for (int64_t i = 1; i < n; i++)
        if (strcmp(named[i - 1]->group, named[i]->group) == 0)
            fet_grouping_join(g, named[i - 1] - e->items, named[i] - e->items);
    fet_free(named);
    return FET_OK;
}

void fet_grouping_deinit(struct fet_grouping *g)
{
    fet_free(g->parents);
    *g = (struct fet_grouping){0};
}

struct summary { /* of one group, at the index of its root */
    const char *name;
    uint64_t key;
    int64_t n;
};

static void summarise(struct fet_grouping *g, struct summary *s)
{
    for (int64_t i = 0; i < g->e->n; i++) {
        const struct fet_example *x = &g->e->items[i];
        struct summary *group = &s[find_root(g->parents, i)];
        if (group->n++ == 0 || x->key < group->key) group->key = x->key;
        if (x->group != NULL && (group->name == NULL || strcmp(x->group, group->name) < 0))
            group->name = x->group;
    }
}

fet_status fet_grouping_apply(struct fet_grouping *g, int64_t *n_groups, int64_t *n_members)
{
    const int64_t n = g->e->n;
    int64_t groups = 0, members = 0;
    struct summary *s = fet_alloc(n, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("groups", n * (int64_t)sizeof *s);
    summarise(g, s);
    for (int64_t i = 0; i < n; i++) {
        if (s[i].n < 2 || s[i].name != NULL) continue;
        char name[40];
        fet_text_format(name, sizeof name, "alike-%016llx", (unsigned long long)s[i].key);
        s[i].name = fet_arena_strdup(&g->e->arena, name);
        if (s[i].name == NULL) {
            fet_free(s);
            return FET_FAIL_MEMORY("groups", sizeof name);
        }
        groups++;
        members += s[i].n;
    }
    for (int64_t i = 0; i < n; i++) {
        const struct summary *group = &s[find_root(g->parents, i)];
        if (group->n >= 2) g->e->items[i].group = group->name;
    }
    fet_free(s);
    *n_groups = groups;
    *n_members = members;
    return FET_OK;
}
