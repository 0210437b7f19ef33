/* Folders and paths. Nothing here recurses: fts walks with a list of its own. */
#include "file.h"

#include "alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static enum fet_file_kind kind_of_mode(mode_t mode)
{
    if (S_ISREG(mode)) return FET_FILE_REGULAR;
    if (S_ISDIR(mode)) return FET_FILE_FOLDER;
    return FET_FILE_OTHER;
}

enum fet_file_kind fet_file_kind_of(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) return FET_FILE_ABSENT;
    return kind_of_mode(info.st_mode);
}

/* Listing. */

struct entry {
    char *name; /* in the arena */
    enum fet_file_kind kind;
};

struct entries {
    struct entry *items; /* owned */
    int64_t n, cap;
};

static int entry_compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static fet_status entry_add(struct entries *e, int fd, const struct dirent *d, struct fet_arena *a)
{
    struct stat info;
    if (e->n == e->cap) {
        const int64_t cap = e->cap == 0 ? 64 : 2 * e->cap;
        struct entry *items = fet_realloc(e->items, e->n, cap, sizeof *items);
        if (items == NULL) return FET_FAIL_MEMORY("folder", cap);
        e->items = items;
        e->cap = cap;
    }
    struct entry *x = &e->items[e->n];
    x->name = fet_arena_strdup(a, d->d_name);
    if (x->name == NULL) return FET_FAIL_MEMORY("folder", strlen(d->d_name));
    if (d->d_type == DT_REG) {
        x->kind = FET_FILE_REGULAR;
    } else if (d->d_type == DT_DIR) {
        x->kind = FET_FILE_FOLDER;
    } else { /* a link, or a file system that does not tell */
        const int error = fstatat(fd, d->d_name, &info, 0);
        x->kind = error != 0 ? FET_FILE_ABSENT : kind_of_mode(info.st_mode);
    }
    e->n++;
    return FET_OK;
}

static fet_status entries_read(struct entries *e, DIR *dir, const char *path, struct fet_arena *a)
{
    for (;;) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (d == NULL && errno != 0) return fet_file_fail(path, "read", errno);
        if (d == NULL) return FET_OK;
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) continue;
        FET_TRY(entry_add(e, dirfd(dir), d, a));
    }
}

fet_status fet_folder_list(const char *path, struct fet_arena *a, struct fet_file_list *list)
{
    fet_status st = FET_OK;
    struct entries e = {0};
    DIR *dir = opendir(path);
    if (dir == NULL) return fet_file_fail(path, "read", errno);
    FET_TRY_OUT(entries_read(&e, dir, path, a));
    if (e.n > 0) qsort(e.items, (size_t)e.n, sizeof *e.items, entry_compare);

    const char **names = fet_arena_alloc(a, e.n, sizeof *names);
    enum fet_file_kind *kinds = fet_arena_alloc(a, e.n, sizeof *kinds);
    if (names == NULL || kinds == NULL) {
        st = FET_FAIL_MEMORY(path, e.n);
        goto out;
    }
    for (int64_t i = 0; i < e.n; i++) {
        names[i] = e.items[i].name;
        kinds[i] = e.items[i].kind;
    }
    *list = (struct fet_file_list){.names = names, .kinds = kinds, .n = e.n};
out:
    (void)closedir(dir);
    fet_free(e.items);
    return st;
}

/* Making and removing. */

fet_status fet_folder_make(const char *path)
{
    fet_status st = FET_OK;
    char *part = fet_strdup(path);
    if (part == NULL) return FET_FAIL_MEMORY(path, strlen(path));
    /* "a/b/c": a, then a/b, then a/b/c. */
    for (char *p = part;; p++) {
        if (*p != '/' && *p != '\0') continue;
        const char end = *p;
        *p = '\0';
        if (part[0] != '\0' && mkdir(part, 0777) != 0 &&
            fet_file_kind_of(part) != FET_FILE_FOLDER) {
            st = fet_file_fail(path, "make the folder", errno);
            break;
        }
        *p = end;
        if (end == '\0') break;
    }
    fet_free(part);
    return st;
}

static fet_status walk_remove(FTS *walk, const char *path)
{
    for (;;) {
        errno = 0;
        const FTSENT *e = fts_read(walk);
        if (e == NULL && errno != 0) return fet_file_fail(path, "remove", errno);
        if (e == NULL) return FET_OK;
        int error = 0;
        switch (e->fts_info) {
        case FTS_D:
            break; /* on the way down */
        case FTS_DP:
            error = rmdir(e->fts_accpath) == 0 ? 0 : errno;
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            error = e->fts_errno;
            break;
        default:
            error = unlink(e->fts_accpath) == 0 ? 0 : errno;
        }
        if (error != 0 && error != ENOENT) return fet_file_fail(e->fts_path, "remove", error);
    }
}

fet_status fet_folder_remove(const char *path)
{
    char *root = fet_strdup(path);
    if (root == NULL) return FET_FAIL_MEMORY(path, strlen(path));
    char *const roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const fet_status st =
        walk == NULL ? fet_file_fail(path, "remove", errno) : walk_remove(walk, path);
    if (walk != NULL) (void)fts_close(walk);
    fet_free(root);
    return st;
}

/* Paths. */

char *fet_path_join(struct fet_arena *a, const char *folder, const char *name)
{
    const size_t n_folder = strlen(folder), n_name = strlen(name);
    const bool has_slash = n_folder == 0 || folder[n_folder - 1] == '/';
    char *path = fet_arena_alloc(a, (int64_t)(n_folder + n_name) + 2, 1);
    if (path == NULL) return NULL;
    memcpy(path, folder, n_folder);
    if (!has_slash) path[n_folder] = '/';
    memcpy(path + n_folder + (has_slash ? 0 : 1), name, n_name);
    return path;
}

const char *fet_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool fet_path_has_extension(const char *path, const char *ext)
{
    const char *base = fet_path_base(path);
    const char *dot = strrchr(base, '.');
    return dot != NULL && dot != base && strcasecmp(dot + 1, ext) == 0;
}
