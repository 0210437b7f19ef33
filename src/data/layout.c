/* From the names of files to what is known of them. Nothing is opened here; a user who wonders why
 * a picture counts as good finds the whole answer in this file and in folder_name.c.
 *
 *   1. A folder that everything lies in and that means nothing is passed through (an unpacked
 *      archive).
 *   2. train/, val/, test/ on top give the split; ground_truth/ beside them gives masks.
 *   3. The next folder is the class: a name for good, else a kind of defect, provided that good
 *      parts are somewhere else (in a good folder, or loose beside the defect folders).
 *   4. Folders below the class mean nothing.
 *   5. Loose pictures are good, except in test/, where nothing is known of them. */
#include "reading.h"

#include "media.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct class
{
    const char *name; /* in the arena */
    enum fet_folder_meaning meaning;
    bool is_learnt; /* a folder of that name lies outside the test split */
};

struct item {             /* one picture */
    const char *relative; /* to the root */
    const char *below;    /* from the class on; points into relative */
    int64_t i_class;      /* -1 = loose */
    enum fet_split split;
    bool is_mask;
};

struct mask {
    char *stem;           /* "dent/003": below ground_truth, without extension and "_mask" */
    const char *relative; /* to the root */
    bool has_suffix;      /* "_mask" stood there; preferred over one that has not */
    bool is_used;
};

struct layout {
    const char *root;
    struct item *items; /* owned */
    int64_t n;
    struct class *classes; /* owned */
    int64_t n_classes, cap_classes;
    struct mask *masks; /* owned; sorted by stem */
    int64_t n_masks;
    bool has_splits, has_good;
    bool has_loose; /* pictures without a class folder, outside the test split */
    bool has_words; /* a class folder that is not just a number, outside the test split */
};

/* Length of the first folder of a path; 0 when the file lies in none. */
static size_t first_folder(const char *path)
{
    const char *slash = strchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

static enum fet_folder_meaning meaning_of(const char *path, size_t n)
{
    char name[256];
    if (n == 0 || n >= sizeof name) return FET_FOLDER_OTHER;
    memcpy(name, path, n);
    name[n] = '\0';
    return fet_folder_meaning_of(name);
}

/* Reached from the root through "..": the masks beside a test folder that is read alone. */
static bool is_above(const struct item *x)
{
    return strncmp(x->relative, "../", 3) == 0;
}

/* ---- 1: folders that mean nothing ---- */

/* Do all pictures begin with the same n bytes at that place? */
static bool is_shared(const struct layout *l, size_t at, const char *start, size_t n)
{
    for (int64_t i = 0; i < l->n; i++)
        if (is_above(&l->items[i]) || strncmp(l->items[i].relative + at, start, n) != 0)
            return false;
    return true;
}

/* Bytes of the prefix that all pictures share and that can be passed through. */
static size_t find_wrapper(const struct layout *l)
{
    size_t at = 0;
    while (l->n > 0) {
        const char *first = l->items[0].relative + at;
        const size_t n = first_folder(first);
        const enum fet_folder_meaning meaning = meaning_of(first, n);
        if (n == 0 || (meaning != FET_FOLDER_OTHER && meaning != FET_FOLDER_NUMBER)) break;
        if (!is_shared(l, at, first, n + 1)) break;
        at += n + 1;
    }
    return at;
}

/* ---- 2: splits ---- */

static bool has_split_folders(const struct layout *l, size_t at)
{
    for (int64_t i = 0; i < l->n; i++) {
        const char *path = l->items[i].relative + at;
        if (!is_above(&l->items[i]) &&
            fet_folder_split(meaning_of(path, first_folder(path))) != FET_SPLIT_NONE)
            return true;
    }
    return false;
}

/* ---- 3: classes ---- */

/* The class of that name, made if it is new. */
static fet_status class_find(struct layout *l, const char *name, size_t n, struct fet_arena *a,
                             int64_t *i_class)
{
    /* Files come folder by folder: nearly always the last one again. */
    for (int64_t i = l->n_classes - 1; i >= 0; i--) {
        if (strncmp(l->classes[i].name, name, n) != 0 || l->classes[i].name[n] != '\0') continue;
        *i_class = i;
        return FET_OK;
    }
    if (l->n_classes == l->cap_classes) {
        const int64_t cap = l->cap_classes == 0 ? 32 : 2 * l->cap_classes;
        struct class *classes = fet_realloc(l->classes, l->cap_classes, cap, sizeof *classes);
        if (classes == NULL) return FET_FAIL_MEMORY("classes", cap);
        l->classes = classes;
        l->cap_classes = cap;
    }
    struct class *c = &l->classes[l->n_classes];
    c->name = fet_arena_strndup(a, name, n);
    if (c->name == NULL) return FET_FAIL_MEMORY("class", n);
    c->meaning = fet_folder_meaning_of(c->name);
    *i_class = l->n_classes++;
    return FET_OK;
}

/* Reads split and class off one path. *is_beside: it lies beside the split folders. */
static fet_status item_place(struct layout *l, struct item *x, size_t at, enum fet_split whole,
                             struct fet_arena *a, bool *is_beside)
{
    x->below = x->relative + (is_above(x) ? 3 : at);
    x->split = whole;
    x->i_class = -1;
    size_t n = first_folder(x->below);
    const enum fet_folder_meaning meaning = meaning_of(x->below, n);
    x->is_mask = meaning == FET_FOLDER_MASKS;
    *is_beside = l->has_splits && !x->is_mask && fet_folder_split(meaning) == FET_SPLIT_NONE;
    if (*is_beside) return FET_OK;
    if (x->is_mask || l->has_splits) {
        if (!x->is_mask) x->split = fet_folder_split(meaning);
        x->below += n + 1;
        n = first_folder(x->below);
    }
    if (n > 0 && !x->is_mask) return class_find(l, x->below, n, a, &x->i_class);
    return FET_OK;
}

/* Gives every item its place; those beside the split folders are ignored and leave the list. */
static fet_status items_place(struct layout *l, const char *root_name, struct fet_examples *e,
                              enum fet_split *whole)
{
    size_t at = find_wrapper(l);
    l->has_splits = has_split_folders(l, at);
    const enum fet_split own = fet_folder_split(fet_folder_meaning_of(root_name));
    *whole = l->has_splits ? FET_SPLIT_NONE : own;
    if (*whole != FET_SPLIT_NONE) at = 0; /* test/dent/ alone: dent is a class, not a wrapper */
    int64_t n = 0;
    for (int64_t i = 0; i < l->n; i++) {
        struct item x = l->items[i];
        bool is_beside = false;
        FET_TRY(item_place(l, &x, at, *whole, &e->arena, &is_beside));
        if (is_beside)
            fet_examples_ignore(e, "%s: lies beside the train and test folders", x.relative);
        else
            l->items[n++] = x;
    }
    l->n = n;
    return FET_OK;
}

static void layout_look(struct layout *l)
{
    for (int64_t i = 0; i < l->n_classes; i++)
        l->has_good = l->has_good || l->classes[i].meaning == FET_FOLDER_GOOD;
    for (int64_t i = 0; i < l->n; i++) {
        const struct item *x = &l->items[i];
        if (x->is_mask || x->split == FET_SPLIT_TEST) continue;
        if (x->i_class < 0) {
            l->has_loose = true;
            continue;
        }
        l->classes[x->i_class].is_learnt = true;
        if (l->classes[x->i_class].meaning != FET_FOLDER_NUMBER) l->has_words = true;
    }
}

static void item_judge(const struct layout *l, const struct item *x, struct fet_found *found)
{
    const struct class *c = x->i_class < 0 ? NULL : &l->classes[x->i_class];
    const bool is_test = x->split == FET_SPLIT_TEST;
    const bool is_flat = !l->has_good && !l->has_words && !is_test;
    if (is_flat || (c == NULL && !is_test) || (c != NULL && c->meaning == FET_FOLDER_GOOD)) {
        found->truth = FET_TRUTH_GOOD;
        found->label = "good";
    } else if (c != NULL) {
        /* A class that the fit folder holds too, where nothing is good, is to be learnt. */
        const bool is_defect = l->has_good || l->has_loose || (is_test && !c->is_learnt);
        found->truth = is_defect ? FET_TRUTH_DEFECT : FET_TRUTH_UNKNOWN;
        found->label = c->name;
    }
}

static const char *layout_name(const struct layout *l, enum fet_split whole)
{
    if (l->has_splits) return "MVTec folders";
    if (whole != FET_SPLIT_NONE) return "a folder of one split";
    if (l->has_good || (l->has_loose && l->has_words)) return "good parts beside defect folders";
    return l->has_words ? "folders by class, none named good" : "one flat folder";
}

/* ---- masks ---- */

/* Length of the path without its extension and, in a mask, without "_mask" (*has_suffix). */
static size_t find_stem(const char *path, bool is_mask, bool *has_suffix)
{
    const char *dot = strrchr(path, '.');
    const size_t n = dot != NULL ? (size_t)(dot - path) : strlen(path);
    *has_suffix = is_mask && n > 5 && strncasecmp(path + n - 5, "_mask", 5) == 0;
    return *has_suffix ? n - 5 : n;
}

static int mask_compare(const void *a, const void *b)
{
    const struct mask *x = a, *y = b;
    const int order = strcmp(x->stem, y->stem);
    return order != 0 ? order : (int)y->has_suffix - (int)x->has_suffix;
}

static fet_status masks_collect(struct layout *l, struct fet_arena *a)
{
    for (int64_t i = 0; i < l->n; i++) l->n_masks += l->items[i].is_mask;
    l->masks = fet_alloc(l->n_masks, sizeof *l->masks);
    if (l->masks == NULL) return FET_FAIL_MEMORY("masks", l->n_masks);
    int64_t k = 0;
    for (int64_t i = 0; i < l->n; i++) {
        const struct item *x = &l->items[i];
        if (!x->is_mask) continue;
        struct mask *m = &l->masks[k++];
        const size_t n = find_stem(x->below, true, &m->has_suffix);
        m->relative = x->relative;
        m->stem = fet_arena_strndup(a, x->below, n);
        if (m->stem == NULL) return FET_FAIL_MEMORY("masks", n);
    }
    qsort(l->masks, (size_t)l->n_masks, sizeof *l->masks, mask_compare);
    return FET_OK;
}

/* The mask of a picture, or NULL. All masks of its stem count as used. */
static const struct mask *mask_find(const struct layout *l, const char *below)
{
    bool has_suffix = false;
    const size_t n = find_stem(below, false, &has_suffix);
    int64_t low = 0, high = l->n_masks;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (strncmp(l->masks[middle].stem, below, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* Of the stems that begin like this the shortest, which is the exact one, stands first. */
    const struct mask *first = NULL;
    for (int64_t i = low; i < l->n_masks && strncmp(l->masks[i].stem, below, n) == 0; i++) {
        if (l->masks[i].stem[n] != '\0') break;
        l->masks[i].is_used = true;
        if (first == NULL) first = &l->masks[i];
    }
    return first;
}

/* ---- all together ---- */

static fet_status items_collect(const struct fet_walk *walk, struct layout *l,
                                struct fet_examples *e)
{
    l->items = fet_alloc(walk->n, sizeof *l->items);
    if (l->items == NULL) return FET_FAIL_MEMORY("pictures", walk->n);
    for (int64_t i = 0; i < walk->n; i++) {
        if (fet_image_is_name(walk->files[i]))
            l->items[l->n++].relative = walk->files[i];
        else
            fet_examples_ignore(e, "%s: its name is not that of a picture", walk->files[i]);
    }
    return FET_OK;
}

static fet_status item_add(const struct layout *l, const struct item *x, struct fet_examples *e,
                           struct fet_findings *f)
{
    struct fet_found found = {.split = x->split};
    item_judge(l, x, &found);
    found.path = fet_path_join(&e->arena, l->root, x->relative);
    if (found.path == NULL) return FET_FAIL_MEMORY(x->relative, strlen(x->relative));
    const struct mask *mask = mask_find(l, x->below);
    /* A good part has no defect to show, whatever its (usually black) mask says. */
    if (mask != NULL && found.truth != FET_TRUTH_GOOD) {
        found.mask_path = fet_path_join(&e->arena, l->root, mask->relative);
        if (found.mask_path == NULL) return FET_FAIL_MEMORY(mask->relative, strlen(mask->relative));
    }
    return fet_findings_add(f, &found);
}

fet_status fet_layout_apply(const char *root, const char *root_name, const struct fet_walk *walk,
                            struct fet_examples *e, struct fet_findings *f)
{
    struct layout l = {.root = root};
    enum fet_split whole = FET_SPLIT_NONE;
    fet_status st = FET_OK;
    FET_TRY_OUT(items_collect(walk, &l, e));
    FET_TRY_OUT(items_place(&l, root_name, e, &whole));
    layout_look(&l);
    FET_TRY_OUT(masks_collect(&l, &e->arena));
    for (int64_t i = 0; i < l.n; i++)
        if (!l.items[i].is_mask) FET_TRY_OUT(item_add(&l, &l.items[i], e, f));
    for (int64_t i = 0; i < l.n_masks; i++)
        if (!l.masks[i].is_used)
            fet_examples_ignore(e, "%s: a mask of no picture", l.masks[i].relative);
    e->layout = layout_name(&l, whole);
out:
    fet_free(l.items);
    fet_free(l.classes);
    fet_free(l.masks);
    return st;
}
