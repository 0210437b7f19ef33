/* Which data sets a benchmark runs on. The task recognises them, by names alone. */
#include "benchmark.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* How sure a task must be: a folder of pictures in which nothing is named good, as a folder of data
 * sets looks from above, is below this. */
enum { SURE = 90 };

static bool is_set(const struct fet_benchmark *b, const char *path)
{
    return b->task->recognise(path) >= SURE;
}

fet_status fet_benchmark_skip(struct fet_benchmark *b, const char *path, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    fet_text_format_list(message, sizeof message, format, args);
    va_end(args);
    struct fet_benchmark_skip *skip = fet_arena_alloc(&b->arena, 1, sizeof *skip);
    if (skip == NULL) return FET_FAIL_MEMORY("benchmark", sizeof *skip);
    skip->path = fet_arena_strdup(&b->arena, path);
    skip->message = fet_arena_strdup(&b->arena, message);
    if (skip->path == NULL || skip->message == NULL)
        return FET_FAIL_MEMORY("benchmark", strlen(path) + strlen(message));
    if (b->last_skip != NULL)
        b->last_skip->next = skip;
    else
        b->skips = skip;
    b->last_skip = skip;
    const struct fet_context c = {.observer = b->order.train.observer};
    fet_context_note(&c, "Passed over: %s", message);
    return FET_OK;
}

/* ---- names ---- */

static const struct fet_benchmark_set *find_set(const struct fet_benchmark *b, const char *name)
{
    for (int64_t i = 0; i < b->n_sets; i++)
        if (strcmp(b->sets[i].name, name) == 0) return &b->sets[i];
    return NULL;
}

static bool has_real_path(const struct fet_benchmark *b, const char *real_path)
{
    for (int64_t i = 0; i < b->n_sets; i++)
        if (strcmp(b->sets[i].real_path, real_path) == 0) return true;
    return false;
}

/* "caps", or "caps-2" when there is one already: a model file is named after it. */
static fet_status name_make(struct fet_benchmark *b, const char *wished, const char **name)
{
    char text[PATH_MAX];
    fet_text_format(text, sizeof text, "%s", wished);
    for (int i = 2; find_set(b, text) != NULL; i++)
        fet_text_format(text, sizeof text, "%s-%d", wished, i);
    *name = fet_arena_strdup(&b->arena, text);
    return *name != NULL ? FET_OK : FET_FAIL_MEMORY(wished, strlen(wished));
}

/* ---- sets ---- */

/* name NULL = what the path is called, also for "." and "a/..". A set that is given twice counts
 * once. */
static fet_status set_add(struct fet_benchmark *b, const char *path, const char *name)
{
    char resolved[PATH_MAX];
    const char *real_path = realpath(path, resolved) != NULL ? resolved : path;
    if (has_real_path(b, real_path)) return FET_OK;
    if (b->n_sets == b->cap_sets) {
        const int64_t cap = b->cap_sets == 0 ? 16 : 2 * b->cap_sets;
        struct fet_benchmark_set *sets = fet_realloc(b->sets, b->cap_sets, cap, sizeof *sets);
        if (sets == NULL) return FET_FAIL_MEMORY("data sets", cap);
        b->sets = sets;
        b->cap_sets = cap;
    }
    struct fet_benchmark_set s = {0};
    FET_TRY(name_make(b, name != NULL ? name : fet_path_base(real_path), &s.name));
    s.path = fet_arena_strdup(&b->arena, path);
    s.real_path = fet_arena_strdup(&b->arena, real_path);
    s.runs = fet_arena_alloc(&b->arena, (int64_t)b->order.n_seeds * b->n_figures, sizeof *s.runs);
    if (s.path == NULL || s.real_path == NULL || s.runs == NULL)
        return FET_FAIL_MEMORY(path, strlen(path));
    b->sets[b->n_sets++] = s;
    return FET_OK;
}

/* The folders in a folder, by name: those that are data sets are added. *n_found counts them.
 * What is none is told only when another one is. */
static fet_status sets_add_below(struct fet_benchmark *b, const char *path,
                                 const struct fet_file_list *list, int64_t *n_found)
{
    const char **others = fet_arena_alloc(&b->arena, list->n, sizeof *others);
    int64_t n_others = 0;
    if (others == NULL) return FET_FAIL_MEMORY(path, list->n);
    *n_found = 0;
    for (int64_t i = 0; i < list->n; i++) {
        if (list->kinds[i] != FET_FILE_FOLDER || list->names[i][0] == '.') continue;
        const char *below = fet_path_join(&b->arena, path, list->names[i]);
        if (below == NULL) return FET_FAIL_MEMORY(path, strlen(list->names[i]));
        if (!is_set(b, below)) {
            others[n_others++] = below;
            continue;
        }
        FET_TRY(set_add(b, below, list->names[i]));
        ++*n_found;
    }
    for (int64_t i = 0; *n_found > 0 && i < n_others; i++)
        FET_TRY(fet_benchmark_skip(b, others[i], "%s is no data set for the task %s", others[i],
                                   b->task->name));
    return FET_OK;
}

static fet_status path_add(struct fet_benchmark *b, const char *path)
{
    const enum fet_file_kind kind = fet_file_kind_of(path);
    int64_t n_found = 0;
    if (kind == FET_FILE_ABSENT) return FET_FAIL(FET_NOT_FOUND, "%s: no such file or folder", path);
    if (is_set(b, path)) return set_add(b, path, NULL);
    if (kind == FET_FILE_FOLDER) {
        struct fet_file_list list;
        FET_TRY(fet_folder_list(path, &b->arena, &list));
        FET_TRY(sets_add_below(b, path, &list, &n_found));
    }
    if (n_found > 0) return FET_OK;
    return fet_benchmark_skip(
        b, path, "%s is no data set for the task %s, nor does it hold folders that are", path,
        b->task->name);
}

fet_status fet_benchmark_find_sets(struct fet_benchmark *b)
{
    for (int64_t i = 0; i < b->order.n_paths; i++) FET_TRY(path_add(b, b->order.paths[i]));
    if (b->n_sets > 0) return FET_OK;
    return FET_FAIL(FET_DATA, "nothing to measure: %s",
                    b->skips != NULL ? b->skips->message : "no data set was given");
}
