/* Walking a folder without recursion. Every folder is remembered by device and inode, so a link to
 * a folder above ends there, and links that cross cannot multiply the walk. */
#include "reading.h"

#include <string.h>
#include <sys/stat.h>

enum { MAX_DEPTH = 64 };

struct place {            /* a folder still to be read, or already read */
    const char *path;     /* to open */
    const char *relative; /* "" for the root */
    int depth;
    dev_t device;
    ino_t inode;
};

struct places {
    struct place *items; /* owned */
    int64_t n, cap;
};

static fet_status places_add(struct places *p, const struct place *place)
{
    if (p->n == p->cap) {
        const int64_t cap = p->cap == 0 ? 64 : 2 * p->cap;
        struct place *items = fet_realloc(p->items, p->cap, cap, sizeof *items);
        if (items == NULL) return FET_FAIL_MEMORY("folders", cap);
        p->items = items;
        p->cap = cap;
    }
    p->items[p->n++] = *place;
    return FET_OK;
}

static bool places_has(const struct places *p, dev_t device, ino_t inode)
{
    for (int64_t i = 0; i < p->n; i++)
        if (p->items[i].device == device && p->items[i].inode == inode) return true;
    return false;
}

static fet_status files_add(struct fet_walk *w, const char *relative)
{
    if (w->n == w->cap) {
        const int64_t cap = w->cap == 0 ? 256 : 2 * w->cap;
        const char **files = fet_realloc(w->files, w->cap, cap, sizeof *files);
        if (files == NULL) return FET_FAIL_MEMORY("list of files", cap);
        w->files = files;
        w->cap = cap;
    }
    w->files[w->n++] = relative;
    return FET_OK;
}

/* Notes a folder for later, unless it was seen. */
static fet_status folder_add(const struct place *parent, const char *name, const char *relative,
                             struct places *places, struct fet_examples *e)
{
    struct stat info;
    char *path = fet_path_join(&e->arena, parent->path, name);
    if (path == NULL) return FET_FAIL_MEMORY(name, strlen(name));
    if (stat(path, &info) != 0) {
        fet_examples_ignore(e, "%s: cannot be read", relative);
        return FET_OK;
    }
    if (places_has(places, info.st_dev, info.st_ino)) {
        fet_examples_ignore(e, "%s: a link to a folder that is already read", relative);
        return FET_OK;
    }
    if (parent->depth >= MAX_DEPTH) {
        fet_examples_ignore(e, "%s: more than %d folders deep", relative, MAX_DEPTH);
        return FET_OK;
    }
    const struct place place = {path, relative, parent->depth + 1, info.st_dev, info.st_ino};
    return places_add(places, &place);
}

static fet_status entry_add(const struct place *place, const char *name, enum fet_file_kind kind,
                            struct places *places, struct fet_examples *e, struct fet_walk *w)
{
    const char *relative =
        place->relative[0] == '\0' ? name : fet_path_join(&e->arena, place->relative, name);
    if (relative == NULL) return FET_FAIL_MEMORY(name, strlen(name));
    if (name[0] == '.' || strcmp(name, "__MACOSX") == 0) {
        fet_examples_ignore(e, "%s: hidden", relative);
    } else if (!fet_text_is_utf8(name, strlen(name))) {
        fet_examples_ignore(e, "%s: its name is not UTF-8", relative);
    } else if (kind == FET_FILE_FOLDER) {
        return folder_add(place, name, relative, places, e);
    } else if (kind == FET_FILE_REGULAR) {
        return files_add(w, relative);
    } else {
        fet_examples_ignore(e, "%s: %s", relative,
                            kind == FET_FILE_ABSENT ? "a link to nothing" : "not a file");
    }
    return FET_OK;
}

/* Lists the i-th place. Its folders are appended to places, so the walk goes level by level. */
static fet_status place_read(int64_t i, struct places *places, struct fet_examples *e,
                             struct fet_walk *w)
{
    const struct place place = places->items[i]; /* the array may move */
    struct fet_file_list list = {0};
    const fet_status st = fet_folder_list(place.path, &e->arena, &list);
    if (st != FET_OK && (st == FET_MEMORY || i == 0)) return st;
    if (st != FET_OK) {
        fet_examples_ignore(e, "%s", fet_status_message());
        return FET_OK;
    }
    for (int64_t k = 0; k < list.n; k++)
        FET_TRY(entry_add(&place, list.names[k], list.kinds[k], places, e, w));
    return FET_OK;
}

fet_status fet_walk_folder(const char *root, struct fet_examples *e, struct fet_walk *walk)
{
    struct places places = {0};
    struct stat info = {0};
    fet_status st = FET_OK;
    if (stat(root, &info) != 0) return FET_FAIL(FET_NOT_FOUND, "%s: no such folder", root);
    const struct place first = {root, "", 0, info.st_dev, info.st_ino};
    FET_TRY_OUT(places_add(&places, &first));
    for (int64_t i = 0; i < places.n; i++) FET_TRY_OUT(place_read(i, &places, e, walk));
    walk->n_folders += places.n;
out:
    fet_free(places.items);
    return st;
}

void fet_walk_deinit(struct fet_walk *walk)
{
    fet_free(walk->files);
    *walk = (struct fet_walk){0};
}
