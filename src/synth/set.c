/* Folders of parts in the MVTec layout. Each part is one chunk of work with its own number in the
 * series, so the files are the same whatever the number of threads. */
#include "set.h"

#define BATCH 64 /* parts between two reports of progress */

struct writer {
    const struct fet_synth_set *set;
    const char *folder;
    const char **kinds; /* names of the defects that the family has */
    int n_kinds;
    struct fet_arena *scratch; /* one per worker */
    int64_t first;             /* number of the batch's first part */
};

static int64_t part_count(const struct writer *w)
{
    const struct fet_synth_set *const s = w->set;
    return (int64_t)s->n_train + s->n_test_good + (int64_t)w->n_kinds * s->n_per_defect;
}

/* Names may hold spaces; folders do not. */
static void folder_name(const char *kind, char out[64])
{
    fet_text_format(out, 64, "%s", kind);
    for (char *p = out; *p != '\0'; p++)
        if (*p == ' ') *p = '_';
}

/* What part i is, and its number within its folder. kind NULL = good. */
static void part_of(const struct writer *w, int64_t i, const char **kind, const char **split,
                    int64_t *number)
{
    const struct fet_synth_set *const s = w->set;
    *kind = NULL;
    *split = i < s->n_train ? "train" : "test";
    *number = i < s->n_train ? i : i - s->n_train;
    if (i < (int64_t)s->n_train + s->n_test_good) return;
    const int64_t k = i - s->n_train - s->n_test_good;
    *kind = w->kinds[k / s->n_per_defect];
    *number = k % s->n_per_defect;
}

struct fet_synth_order fet_set_order(const struct fet_synth_set *s, int64_t i, const char *kind)
{
    return (struct fet_synth_order){.family = s->family,
                                    .product = s->product,
                                    .seed = s->seed,
                                    .index = i,
                                    .defect = kind,
                                    .size_px = s->size_px,
                                    .variation = s->variation};
}

static fet_status part_write(const struct writer *w, int64_t i, const struct fet_synth_part *part)
{
    const char *kind, *split;
    int64_t number;
    part_of(w, i, &kind, &split, &number);
    char folder[64];
    folder_name(kind == NULL ? "good" : kind, folder);
    struct fet_text path = {0};
    fet_text_add(&path, "%s/%s/%s/%03lld.%s", w->folder, split, folder, (long long)number,
                 w->set->is_jpeg ? "jpg" : "png");
    fet_status st = fet_text_status(&path, "path of a picture");
    if (st == FET_OK) st = fet_image_write(&part->picture, fet_text_get(&path));
    fet_text_deinit(&path);
    if (st != FET_OK || kind == NULL) return st;
    fet_text_add(&path, "%s/ground_truth/%s/%03lld_mask.png", w->folder, folder, (long long)number);
    st = fet_text_status(&path, "path of a mask");
    if (st == FET_OK) st = fet_image_write(&part->mask, fet_text_get(&path));
    fet_text_deinit(&path);
    return st;
}

static fet_status part_run(void *self, int64_t i_chunk, int worker)
{
    const struct writer *const w = self;
    const int64_t i = w->first + i_chunk;
    const char *kind, *split;
    int64_t number;
    part_of(w, i, &kind, &split, &number);
    const struct fet_synth_order order = fet_set_order(w->set, i, kind);
    struct fet_synth_part part;
    FET_TRY(fet_synth_make_in(&order, &w->scratch[worker], &part));
    const fet_status st = part_write(w, i, &part);
    fet_synth_part_deinit(&part);
    return st;
}

static fet_status folder_make(struct fet_arena *a, const char *root, const char *split,
                              const char *kind)
{
    char name[64];
    folder_name(kind, name);
    const char *const outer = fet_path_join(a, root, split);
    const char *const path = outer == NULL ? NULL : fet_path_join(a, outer, name);
    if (path == NULL) return FET_FAIL_MEMORY("path of a folder", 0);
    return fet_folder_make(path);
}

static fet_status folders_make(const struct writer *w, struct fet_arena *a)
{
    FET_TRY(folder_make(a, w->folder, "train", "good"));
    FET_TRY(folder_make(a, w->folder, "test", "good"));
    for (int i = 0; i < w->n_kinds && w->set->n_per_defect > 0; i++) {
        FET_TRY(folder_make(a, w->folder, "test", w->kinds[i]));
        FET_TRY(folder_make(a, w->folder, "ground_truth", w->kinds[i]));
    }
    return FET_OK;
}

fet_status fet_set_kinds(const char *family, struct fet_arena *a, const char ***kinds, int *n_kinds)
{
    int n = 0;
    while (fet_synth_family_defect(family, n) != NULL) n++;
    const char **const names = fet_arena_alloc(a, n + 1, sizeof *names);
    if (names == NULL) return FET_FAIL_MEMORY("names of defects", n);
    for (int i = 0; i < n; i++) names[i] = fet_synth_family_defect(family, i);
    *kinds = names;
    *n_kinds = n;
    return FET_OK;
}

static fet_status folder_check(const char *folder, struct fet_arena *a)
{
    const enum fet_file_kind kind = fet_file_kind_of(folder);
    if (kind == FET_FILE_ABSENT) return FET_OK;
    if (kind != FET_FILE_FOLDER)
        return FET_FAIL(FET_ARGUMENT, "synth: '%s' is there and is not a folder", folder);
    struct fet_file_list list;
    FET_TRY(fet_folder_list(folder, a, &list));
    if (list.n > 0)
        return FET_FAIL(FET_ARGUMENT, "synth: folder '%s' is not empty; name a new one", folder);
    return FET_OK;
}

fet_status fet_set_check(const struct fet_synth_set *s)
{
    if (s->n_train < 0 || s->n_test_good < 0 || s->n_per_defect < 0)
        return FET_FAIL(FET_ARGUMENT, "synth: numbers of parts (%d, %d, %d) must not be negative",
                        s->n_train, s->n_test_good, s->n_per_defect);
    /* the other members are checked as an order before anything is written */
    const struct fet_synth_order order = fet_set_order(s, 0, NULL);
    return fet_synth_check(&order);
}

static fet_status parts_run(struct writer *w, const struct fet_context *c)
{
    const int64_t n = part_count(w);
    for (w->first = 0; w->first < n; w->first += BATCH) {
        FET_TRY(fet_context_progress(c, "making parts", w->first, n));
        const int64_t left = n - w->first;
        FET_TRY(fet_pool_run(fet_context_pool(c), left < BATCH ? left : BATCH, part_run, w));
    }
    return fet_context_progress(c, "making parts", n, n);
}

fet_status fet_synth_write_set(const struct fet_synth_set *set, const char *folder,
                               const struct fet_context *c)
{
    FET_TRY(fet_set_check(set));
    struct fet_arena names = {0};
    struct writer w = {.set = set, .folder = folder};
    const int n_workers = fet_pool_threads(fet_context_pool(c));
    fet_status st;
    FET_TRY_OUT(folder_check(folder, &names));
    FET_TRY_OUT(fet_set_kinds(set->family, &names, &w.kinds, &w.n_kinds));
    w.scratch = fet_alloc(n_workers, sizeof *w.scratch);
    if (w.scratch == NULL) {
        st = FET_FAIL_MEMORY("scratch of workers", n_workers);
        goto out;
    }
    st = folders_make(&w, &names);
    if (st == FET_OK) st = parts_run(&w, c);
    if (st != FET_OK) {
        /* all or nothing; the sentence of the failure is kept */
        struct fet_text why = {0};
        fet_text_add_string(&why, fet_status_message());
        if (fet_folder_remove(folder) != FET_OK || !why.has_failed)
            fet_status_set(st, "%s", fet_text_get(&why));
        fet_text_deinit(&why);
    }
out:
    for (int i = 0; w.scratch != NULL && i < n_workers; i++) fet_arena_deinit(&w.scratch[i]);
    fet_free(w.scratch);
    fet_arena_deinit(&names);
    return st;
}
