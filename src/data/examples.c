/* A set of examples: freeing, counting, choosing, and telling what is in it. */
#include "examples.h"

#include "reading.h"

#include <stdlib.h>
#include <string.h>

const char *fet_split_name(enum fet_split split)
{
    switch (split) {
    case FET_SPLIT_FIT:
        return "fit";
    case FET_SPLIT_CALIBRATE:
        return "calibrate";
    case FET_SPLIT_TEST:
        return "test";
    case FET_SPLIT_NONE:
        break;
    }
    return "none";
}

void fet_examples_deinit(struct fet_examples *e)
{
    if (e == NULL) return;
    if (e->payload_free != NULL) e->payload_free(e->payload);
    fet_text_deinit(&e->ignored);
    fet_arena_deinit(&e->arena);
    *e = (struct fet_examples){0};
}

int64_t fet_examples_count(const struct fet_examples *e, enum fet_split split)
{
    int64_t n = 0;
    for (int64_t i = 0; i < e->n; i++) n += e->items[i].split == split;
    return n;
}

int fet_examples_folds(const struct fet_examples *e)
{
    int n = 0;
    for (int64_t i = 0; i < e->n; i++) n = e->items[i].fold > n ? e->items[i].fold : n;
    return n;
}

/* By content first. Equal contents differ in nothing that a model can see; the rest of the order
 * is there so that it is one. */
static int example_compare(const void *a, const void *b)
{
    const struct fet_example *x = *(const struct fet_example *const *)a;
    const struct fet_example *y = *(const struct fet_example *const *)b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->truth != y->truth) return x->truth < y->truth ? -1 : 1;
    const int order = strcmp(x->label ? x->label : "", y->label ? y->label : "");
    if (order != 0) return order;
    if (x->i_row != y->i_row) return x->i_row < y->i_row ? -1 : 1;
    return strcmp(x->path ? x->path : "", y->path ? y->path : "");
}

fet_status fet_examples_select(struct fet_examples *e, enum fet_split split,
                               const struct fet_example ***items, int64_t *n)
{
    const bool is_all = split == FET_SPLIT_NONE;
    const int64_t n_wanted = is_all ? e->n : fet_examples_count(e, split);
    const struct fet_example **chosen = fet_arena_alloc(&e->arena, n_wanted, sizeof *chosen);
    if (chosen == NULL) return FET_FAIL_MEMORY("examples", n_wanted * (int64_t)sizeof *chosen);
    int64_t k = 0;
    for (int64_t i = 0; i < e->n; i++)
        if (is_all || e->items[i].split == split) chosen[k++] = &e->items[i];
    qsort(chosen, (size_t)k, sizeof *chosen, example_compare);
    *items = chosen;
    *n = k;
    return FET_OK;
}

uint64_t fet_example_part(const struct fet_example *x)
{
    if (x->group == NULL) return x->key;
    const struct fet_digest digest = fet_digest_of(x->group, strlen(x->group));
    return fet_digest_u64(&digest);
}

void fet_examples_ignore(struct fet_examples *e, const char *format, ...)
{
    char line[1536];
    va_list args;
    va_start(args, format);
    fet_text_format_list(line, sizeof line, format, args);
    va_end(args);
    const bool is_utf8 = fet_text_is_utf8(line, strlen(line));
    for (char *c = line; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 127 || (!is_utf8 && (unsigned char)*c > 127)) *c = '?';
    fet_text_add(&e->ignored, "%s\n", line);
    e->n_ignored++;
}

fet_status fet_findings_add(struct fet_findings *f, const struct fet_found *item)
{
    if (f->n == f->cap) {
        const int64_t cap = f->cap == 0 ? 256 : 2 * f->cap;
        struct fet_found *items = fet_realloc(f->items, f->cap, cap, sizeof *items);
        if (items == NULL) return FET_FAIL_MEMORY("pictures", cap * (int64_t)sizeof *items);
        f->items = items;
        f->cap = cap;
    }
    f->items[f->n++] = *item;
    return FET_OK;
}

void fet_findings_deinit(struct fet_findings *f)
{
    fet_free(f->items);
    *f = (struct fet_findings){0};
}
