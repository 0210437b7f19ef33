/* The way in: a path of any kind to a set of examples. What is found depends on names and bytes
 * only; nothing is written, renamed or moved. */
#include "folder.h"

#include "manifest.h"
#include "media.h"
#include "reading.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char looked_for[] = ".jpg .jpeg .png .tif .tiff .bmp .pgm .ppm";
static const int64_t max_manifest_bytes = INT64_C(1) << 28;

/* ---- folders ---- */

/* The name of the folder itself, also for "." and "a/..". */
static fet_status find_root_name(const char *path, struct fet_arena *a, const char **name)
{
    char resolved[PATH_MAX];
    const char *full = realpath(path, resolved);
    *name = fet_arena_strdup(a, fet_path_base(full != NULL ? full : path));
    return *name != NULL ? FET_OK : FET_FAIL_MEMORY(path, strlen(path));
}

/* A folder of one split is read alone: its masks lie in ground_truth beside it. */
static fet_status add_masks_beside(const char *path, struct fet_examples *e, struct fet_walk *walk)
{
    const char *beside = fet_path_join(&e->arena, path, "../ground_truth");
    if (beside == NULL) return FET_FAIL_MEMORY(path, strlen(path));
    if (fet_file_kind_of(beside) != FET_FILE_FOLDER) return FET_OK;
    const int64_t first = walk->n;
    FET_TRY(fet_walk_folder(beside, e, walk));
    for (int64_t i = first; i < walk->n; i++) {
        walk->files[i] = fet_path_join(&e->arena, "../ground_truth", walk->files[i]);
        if (walk->files[i] == NULL) return FET_FAIL_MEMORY(path, strlen(path));
    }
    return FET_OK;
}

static fet_status find_in_folder(const char *path, struct fet_examples *e, struct fet_findings *f,
                                 int64_t *n_folders)
{
    struct fet_walk walk = {0};
    const char *root_name = NULL;
    FET_TRY(find_root_name(path, &e->arena, &root_name));
    fet_status st = fet_walk_folder(path, e, &walk);
    *n_folders = walk.n_folders;
    const enum fet_split own = fet_folder_split(fet_folder_meaning_of(root_name));
    if (st == FET_OK && own != FET_SPLIT_NONE) st = add_masks_beside(path, e, &walk);
    if (st == FET_OK) st = fet_layout_apply(path, root_name, &walk, e, f);
    fet_walk_deinit(&walk);
    return st;
}

/* ---- manifests ---- */

static bool is_good_label(const char *label)
{
    return label != NULL && fet_folder_meaning_of(label) == FET_FOLDER_GOOD;
}

/* A path of a manifest is relative to the manifest. */
static fet_status resolve(const char *manifest, const char *path, struct fet_arena *a,
                          const char **resolved)
{
    const size_t n_folder = (size_t)(fet_path_base(manifest) - manifest);
    *resolved = path;
    if (n_folder == 0 || path[0] == '/') return FET_OK;
    const char *folder = fet_arena_strndup(a, manifest, n_folder);
    if (folder != NULL) *resolved = fet_path_join(a, folder, path);
    return folder != NULL && *resolved != NULL ? FET_OK : FET_FAIL_MEMORY(path, strlen(path));
}

static fet_status row_add(const char *manifest, const struct fet_manifest_row *row, bool has_labels,
                          bool has_good, struct fet_examples *e, struct fet_findings *f)
{
    struct fet_found found = {.label = row->label, .group = row->group, .split = row->split};
    if (is_good_label(row->label) || (!has_labels && row->split != FET_SPLIT_TEST)) {
        found.truth = FET_TRUTH_GOOD;
        found.label = "good";
    } else if (row->label != NULL && has_good) {
        found.truth = FET_TRUTH_DEFECT;
    }
    FET_TRY(resolve(manifest, row->path, &e->arena, &found.path));
    if (row->mask != NULL && found.truth != FET_TRUTH_GOOD)
        FET_TRY(resolve(manifest, row->mask, &e->arena, &found.mask_path));
    return fet_findings_add(f, &found);
}

static int row_compare(const void *a, const void *b)
{
    const struct fet_manifest_row *x = *(const struct fet_manifest_row *const *)a;
    const struct fet_manifest_row *y = *(const struct fet_manifest_row *const *)b;
    const int order = strcmp(x->path, y->path);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* A picture that is listed twice counts once: the later line is ignored (its path becomes NULL). */
static fet_status ignore_repeated(const char *manifest, struct fet_manifest *m,
                                  struct fet_examples *e)
{
    struct fet_manifest_row **sorted = fet_alloc(m->n, sizeof *sorted);
    if (sorted == NULL) return FET_FAIL_MEMORY(manifest, m->n * (int64_t)sizeof *sorted);
    for (int64_t i = 0; i < m->n; i++) sorted[i] = &m->rows[i];
    qsort(sorted, (size_t)m->n, sizeof *sorted, row_compare);
    const struct fet_manifest_row *first = NULL;
    for (int64_t i = 0; i < m->n; i++) {
        if (first != NULL && strcmp(first->path, sorted[i]->path) == 0) {
            fet_examples_ignore(e, "%s:%lld: %s is listed on line %lld already", manifest,
                                (long long)sorted[i]->line, first->path, (long long)first->line);
            sorted[i]->path = NULL;
        } else {
            first = sorted[i];
        }
    }
    fet_free(sorted);
    return FET_OK;
}

static fet_status find_in_manifest(const char *path, enum fet_manifest_format format,
                                   struct fet_examples *e, struct fet_findings *f)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_manifest m = {0};
    bool has_good = false;
    FET_TRY(fet_file_read(path, max_manifest_bytes, &bytes, &n));
    fet_status st = fet_manifest_parse(bytes, n, path, format, &e->arena, &m);
    fet_free(bytes);
    if (st == FET_OK) st = ignore_repeated(path, &m, e);
    for (int64_t i = 0; i < m.n; i++) has_good = has_good || is_good_label(m.rows[i].label);
    for (int64_t i = 0; i < m.n && st == FET_OK; i++)
        if (m.rows[i].path != NULL) st = row_add(path, &m.rows[i], m.has_labels, has_good, e, f);
    fet_manifest_deinit(&m);
    e->layout = "a manifest";
    return st;
}

/* ---- all together ---- */

static fet_status find_pictures(const char *path, struct fet_examples *e, struct fet_findings *f,
                                int64_t *n_folders)
{
    enum fet_manifest_format format = FET_MANIFEST_CSV;
    const enum fet_file_kind kind = fet_file_kind_of(path);
    if (kind == FET_FILE_ABSENT) return FET_FAIL(FET_NOT_FOUND, "%s: no such file or folder", path);
    if (kind == FET_FILE_FOLDER) return find_in_folder(path, e, f, n_folders);
    if (fet_manifest_is_name(path, &format)) return find_in_manifest(path, format, e, f);
    e->layout = "one picture";
    const struct fet_found found = {.path = e->root, .label = "good", .truth = FET_TRUTH_GOOD};
    return fet_findings_add(f, &found);
}

/* Why a set is empty, in one sentence. */
static fet_status fail_empty(const struct fet_examples *e, int64_t n_folders)
{
    const char *ignored = fet_text_get(&e->ignored);
    const int n_first = (int)strcspn(ignored, "\n"); /* of the first line */
    char where[64];
    fet_text_format(where, sizeof where, " in %lld folder%s", (long long)n_folders,
                    n_folders == 1 ? "" : "s");
    if (e->n_ignored == 0)
        return FET_FAIL(FET_DATA, "%s: no pictures found; looked for %s%s", e->root, looked_for,
                        n_folders > 0 ? where : "");
    return FET_FAIL(
        FET_DATA, "%s: no pictures found; looked for %s%s; %lld ignored, the first: %.*s", e->root,
        looked_for, n_folders > 0 ? where : "", (long long)e->n_ignored, n_first, ignored);
}

fet_status fet_folder_read(const char *path, const struct fet_context *c, struct fet_examples *e)
{
    struct fet_examples made = {0};
    struct fet_findings f = {0};
    int64_t n_folders = 0;
    fet_status st = FET_OK;
    made.root = fet_arena_strdup(&made.arena, path);
    if (made.root == NULL) return FET_FAIL_MEMORY(path, strlen(path));
    FET_TRY_OUT(find_pictures(path, &made, &f, &n_folders));
    FET_TRY_OUT(fet_findings_read(&f, c, &made));
    FET_TRY_OUT(fet_text_status(&made.ignored, "list of ignored files"));
    if (made.n == 0) {
        st = fail_empty(&made, n_folders);
        goto out;
    }
    *e = made;
    made = (struct fet_examples){0};
out:
    fet_findings_deinit(&f);
    fet_examples_deinit(&made);
    return st;
}

/* ---- exactly these files ---- */

static fet_status add_files(const char *path, struct fet_examples *e, struct fet_findings *f,
                            int64_t *n_folders)
{
    const enum fet_file_kind kind = fet_file_kind_of(path);
    if (kind == FET_FILE_ABSENT) return FET_FAIL(FET_NOT_FOUND, "%s: no such file or folder", path);
    if (!fet_text_is_utf8(path, strlen(path)))
        return FET_FAIL(FET_ARGUMENT, "%s: the name is not UTF-8", path);
    if (kind != FET_FILE_FOLDER) {
        const struct fet_found found = {.path = fet_arena_strdup(&e->arena, path)};
        if (found.path == NULL) return FET_FAIL_MEMORY(path, strlen(path));
        return fet_findings_add(f, &found);
    }
    struct fet_walk walk = {0};
    fet_status st = fet_walk_folder(path, e, &walk);
    *n_folders += walk.n_folders;
    for (int64_t i = 0; i < walk.n && st == FET_OK; i++) {
        if (!fet_image_is_name(walk.files[i])) {
            fet_examples_ignore(e, "%s: its name is not that of a picture", walk.files[i]);
            continue;
        }
        const struct fet_found found = {.path = fet_path_join(&e->arena, path, walk.files[i])};
        if (found.path != NULL)
            st = fet_findings_add(f, &found);
        else
            st = FET_FAIL_MEMORY(path, strlen(path));
    }
    fet_walk_deinit(&walk);
    return st;
}

fet_status fet_files_read(const char *const *paths, int64_t n_paths, const struct fet_context *c,
                          struct fet_examples *e)
{
    struct fet_examples made = {.layout = "files", .root = ""};
    struct fet_findings f = {0};
    int64_t n_folders = 0;
    fet_status st = FET_OK;
    for (int64_t i = 0; i < n_paths; i++) {
        FET_TRY_OUT(fet_context_progress(c, "finding pictures", i, n_paths));
        FET_TRY_OUT(add_files(paths[i], &made, &f, &n_folders));
    }
    made.root = fet_arena_strdup(&made.arena, n_paths == 1 ? paths[0] : "the files given");
    made.items = fet_arena_alloc(&made.arena, f.n, sizeof *made.items);
    if (made.root == NULL || made.items == NULL) {
        st = FET_FAIL_MEMORY("examples", f.n * (int64_t)sizeof *made.items);
        goto out;
    }
    for (int64_t i = 0; i < f.n; i++) made.items[made.n++].path = f.items[i].path;
    FET_TRY_OUT(fet_text_status(&made.ignored, "list of ignored files"));
    if (made.n == 0) {
        st = fail_empty(&made, n_folders);
        goto out;
    }
    *e = made;
    made = (struct fet_examples){0};
out:
    fet_findings_deinit(&f);
    fet_examples_deinit(&made);
    return st;
}

/* ---- recognising ---- */

/* Is the first row of this manifest a picture? A table with a column "file" is no manifest; a
 * manifest with a mistake further down is one. */
static bool lists_pictures(const char *path, enum fet_manifest_format format)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_arena arena = {0};
    const char *first = NULL;
    const bool is_list = fet_file_read(path, max_manifest_bytes, &bytes, &n) == FET_OK &&
                         fet_manifest_glance(bytes, n, format, &arena, &first) == FET_OK &&
                         first != NULL && fet_image_is_name(first);
    fet_arena_deinit(&arena);
    fet_free(bytes);
    return is_list;
}

static int recognise_folder(const char *path)
{
    struct fet_examples e = {.root = path};
    struct fet_findings f = {0};
    int64_t n_folders = 0;
    int score = 0;
    if (find_in_folder(path, &e, &f, &n_folders) == FET_OK && f.n > 0) {
        bool has_good = false;
        for (int64_t i = 0; i < f.n; i++) has_good = has_good || f.items[i].truth == FET_TRUTH_GOOD;
        score = has_good ? 95 : 70;
    }
    fet_findings_deinit(&f);
    fet_examples_deinit(&e);
    return score;
}

int fet_folder_recognise(const char *path)
{
    enum fet_manifest_format format = FET_MANIFEST_CSV;
    const enum fet_file_kind kind = fet_file_kind_of(path);
    if (kind == FET_FILE_FOLDER) return recognise_folder(path);
    if (kind != FET_FILE_REGULAR) return 0;
    if (fet_manifest_is_name(path, &format)) return lists_pictures(path, format) ? 95 : 0;
    return fet_image_is_name(path) ? 60 : 0;
}
