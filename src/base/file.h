/* Files and folders. Writing is all or nothing: a temporary file beside the target, fsync, rename,
 * fsync of the folder; a failure or a cancel leaves the old file as it was and no temporary behind.
 * Every sentence names the path. */
#ifndef FET_FILE_H
#define FET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "status.h"

/* The whole file, plus a NUL after it. FET_LIMIT when larger than max_bytes, before reading it.
 * *bytes is owned by the caller (fet_free). */
FET_CHECKED fet_status fet_file_read(const char *path, int64_t max_bytes, uint8_t **bytes,
                                     size_t *n);

FET_CHECKED fet_status fet_file_write(const char *path, const void *bytes, size_t n);

/* The same, in pieces. */
struct fet_file_writer;
FET_CHECKED fet_status fet_file_writer_open(const char *path, struct fet_file_writer **w);
FET_CHECKED fet_status fet_file_writer_write(struct fet_file_writer *w, const void *bytes,
                                             size_t n);
FET_CHECKED fet_status fet_file_writer_commit(struct fet_file_writer *w); /* frees w in any case */
void fet_file_writer_cancel(
    struct fet_file_writer *w); /* frees w, removes the temporary; accepts NULL */

/* For calls of the system elsewhere: returns FET_NOT_FOUND for ENOENT and ENOTDIR, else FET_IO, and
 * says "path: cannot <action>: <what the system calls the error>". */
FET_CHECKED fet_status fet_file_fail(const char *path, const char *action, int error);

enum fet_file_kind { FET_FILE_ABSENT, FET_FILE_REGULAR, FET_FILE_FOLDER, FET_FILE_OTHER };
enum fet_file_kind fet_file_kind_of(const char *path); /* follows links */

/* Names (not paths) of what lies in a folder, sorted bytewise, without "." and "..", hidden ones
 * included. Memory from the arena. */
struct fet_file_list {
    const char **names;
    enum fet_file_kind *kinds;
    int64_t n;
};
FET_CHECKED fet_status fet_folder_list(const char *path, struct fet_arena *a,
                                       struct fet_file_list *list);
FET_CHECKED fet_status
fet_folder_make(const char *path); /* with parents; an existing one is fine */
FET_CHECKED fet_status
fet_folder_remove(const char *path); /* with all in it; an absent one is fine */

/* "a/b" of "a" and "b"; arena memory; NULL when memory is out. */
char *fet_path_join(struct fet_arena *a, const char *folder, const char *name);
const char *fet_path_base(const char *path); /* borrowed: behind the last '/' */
/* Does the name end in .ext (ext without dot), ignoring ASCII case? */
bool fet_path_has_extension(const char *path, const char *ext);

#endif
