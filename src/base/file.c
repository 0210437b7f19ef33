/* Reading whole files, and writing them so that a crash or a full disk leaves the old one in place.
 */
#include "file.h"

#include "alloc.h"
#include "fault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

fet_status fet_file_fail(const char *path, const char *action, int error)
{
    char buffer[128];
    const char *reason = strerror_r(error, buffer, sizeof buffer); /* the GNU one */
    const fet_status code = error == ENOENT || error == ENOTDIR ? FET_NOT_FOUND : FET_IO;
    return FET_FAIL(code, "%s: cannot %s: %s", path, action, reason);
}

/* Reading. */

/* read, whatever signal comes; -1 with errno. */
static ssize_t bytes_read(int fd, void *bytes, size_t n)
{
    ssize_t n_read = 0;
    do {
        n_read = read(fd, bytes, n);
    } while (n_read < 0 && errno == EINTR);
    return n_read;
}

static fet_status too_large(const char *path, int64_t max_bytes)
{
    return FET_FAIL(FET_LIMIT, "%s: larger than the limit of %lld bytes", path,
                    (long long)max_bytes);
}

/* From fd to its end. The size that the system told is only where to begin: files in /proc tell 0,
 * and a file may grow while it is read. */
static fet_status descriptor_read(int fd, const char *path, int64_t size, int64_t max_bytes,
                                  uint8_t **bytes, size_t *n)
{
    fet_status st = FET_OK;
    int64_t cap = (size > 0 ? size : 4096) + 2; /* the NUL, and one byte to see the end */
    int64_t used = 0;
    uint8_t *buffer = fet_alloc(cap, 1);
    if (buffer == NULL) return FET_FAIL_MEMORY(path, cap);
    for (;;) {
        const ssize_t n_read = bytes_read(fd, buffer + used, (size_t)(cap - 1 - used));
        if (n_read < 0) {
            st = fet_file_fail(path, "read", errno);
            goto out;
        }
        if (n_read == 0) break;
        used += n_read;
        if (used > max_bytes) {
            st = too_large(path, max_bytes);
            goto out;
        }
        if (used < cap - 1) continue;
        uint8_t *larger = fet_realloc(buffer, used, 2 * cap, 1);
        if (larger == NULL) {
            st = FET_FAIL_MEMORY(path, 2 * cap);
            goto out;
        }
        buffer = larger;
        cap *= 2;
    }
    buffer[used] = '\0';
    *bytes = buffer;
    *n = (size_t)used;
    buffer = NULL;
out:
    fet_free(buffer);
    return st;
}

fet_status fet_file_read(const char *path, int64_t max_bytes, uint8_t **bytes, size_t *n)
{
    struct stat info;
    fet_status st = FET_OK;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fet_file_fail(path, "read", errno);
    if (fstat(fd, &info) != 0) {
        st = fet_file_fail(path, "read", errno);
    } else if (S_ISDIR(info.st_mode)) {
        st = fet_file_fail(path, "read", EISDIR);
    } else if (info.st_size > max_bytes) {
        st = too_large(path, max_bytes);
    } else {
        st = descriptor_read(fd, path, info.st_size, max_bytes, bytes, n);
    }
    (void)close(fd);
    return st;
}

/* Writing. */

enum { BUFFER_BYTES = 64 * 1024 };

struct fet_file_writer {
    char *path, *temp; /* owned; the target and the temporary beside it */
    int fd;
    bool is_temp_made;
    size_t n_buffer;
    uint8_t buffer[BUFFER_BYTES]; /* small pieces gather here */
};

/* Tells this temporary from those of other writers in this process. */
static atomic_uint n_temps;

/* Every step that can fail on a full or broken disk asks here first, so that tests can fail it. */
static bool is_write_refused(void)
{
    if (!fet_fault_is_due(FET_FAULT_WRITE)) return false;
    errno = ENOSPC;
    return true;
}

/* The file that a link points to, so that the link stays a link; else the path itself. */
static char *target_find(const char *path)
{
    char resolved[PATH_MAX];
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISLNK(info.st_mode) && realpath(path, resolved) != NULL) {
        return fet_strdup(resolved);
    }
    return fet_strdup(path);
}

/* Creates "<folder>/.fettle-PID-COUNTER.tmp" with the rights of the old file, if there is one. */
static fet_status temp_make(struct fet_file_writer *w)
{
    const size_t n_folder = (size_t)(fet_path_base(w->path) - w->path);
    const size_t n_temp = n_folder + 64;
    struct stat info;
    w->temp = fet_alloc((int64_t)n_temp, 1);
    if (w->temp == NULL) return FET_FAIL_MEMORY(w->path, n_temp);
    memcpy(w->temp, w->path, n_folder);
    do {
        (void)snprintf(w->temp + n_folder, 64, ".fettle-%ld-%u.tmp", (long)getpid(),
                       atomic_fetch_add(&n_temps, 1));
        w->fd = is_write_refused()
                    ? -1
                    : open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    } while (w->fd < 0 && errno == EEXIST); /* left by a process that was killed */
    if (w->fd < 0) return fet_file_fail(w->path, "write", errno);
    w->is_temp_made = true;
    if (stat(w->path, &info) == 0) (void)fchmod(w->fd, info.st_mode & 0777);
    return FET_OK;
}

fet_status fet_file_writer_open(const char *path, struct fet_file_writer **writer)
{
    fet_status st = FET_OK;
    switch (fet_file_kind_of(path)) {
    case FET_FILE_FOLDER:
        return fet_file_fail(path, "write", EISDIR);
    case FET_FILE_OTHER:
        return FET_FAIL(FET_IO, "%s: cannot write: not a regular file", path);
    case FET_FILE_ABSENT:
    case FET_FILE_REGULAR:
        break;
    }
    struct fet_file_writer *w = fet_alloc(1, sizeof *w);
    if (w == NULL) return FET_FAIL_MEMORY(path, sizeof *w);
    w->fd = -1;
    w->path = target_find(path);
    if (w->path == NULL) {
        st = FET_FAIL_MEMORY(path, strlen(path));
    } else {
        st = temp_make(w);
    }
    if (st != FET_OK) {
        fet_file_writer_cancel(w);
        return st;
    }
    *writer = w;
    return FET_OK;
}

static fet_status bytes_write(const struct fet_file_writer *w, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t n_written = is_write_refused() ? -1 : write(w->fd, bytes, n);
        if (n_written < 0 && errno == EINTR) continue;
        if (n_written < 0) return fet_file_fail(w->path, "write", errno);
        bytes += n_written;
        n -= (size_t)n_written;
    }
    return FET_OK;
}

static fet_status buffer_flush(struct fet_file_writer *w)
{
    FET_TRY(bytes_write(w, w->buffer, w->n_buffer));
    w->n_buffer = 0;
    return FET_OK;
}

fet_status fet_file_writer_write(struct fet_file_writer *w, const void *bytes, size_t n)
{
    if (n > BUFFER_BYTES - w->n_buffer) FET_TRY(buffer_flush(w));
    if (n > BUFFER_BYTES) return bytes_write(w, bytes, n);
    if (n > 0) memcpy(w->buffer + w->n_buffer, bytes, n);
    w->n_buffer += n;
    return FET_OK;
}

/* The new name must survive a power cut too. Some file systems cannot sync a folder, and one may
 * lack the right to open it; only a true I/O error counts. */
static fet_status folder_sync(const struct fet_file_writer *w)
{
    fet_status st = FET_OK;
    char *end = w->temp + (fet_path_base(w->temp) - w->temp);
    end[0] = '\0'; /* the temporary has got its final name: only its folder is of use now */
    const int fd = open(end == w->temp ? "." : w->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return FET_OK;
    if (fsync(fd) != 0 && errno == EIO) st = fet_file_fail(w->path, "write", errno);
    (void)close(fd);
    return st;
}

fet_status fet_file_writer_commit(struct fet_file_writer *w)
{
    fet_status st = buffer_flush(w);
    if (st != FET_OK) goto out;
    if (is_write_refused() || fsync(w->fd) != 0) {
        st = fet_file_fail(w->path, "write", errno);
        goto out;
    }
    const int fd = w->fd;
    w->fd = -1;
    if (close(fd) != 0 || is_write_refused() || rename(w->temp, w->path) != 0) {
        st = fet_file_fail(w->path, "write", errno);
        goto out;
    }
    w->is_temp_made = false;
    st = folder_sync(w);
out:
    fet_file_writer_cancel(w);
    return st;
}

void fet_file_writer_cancel(struct fet_file_writer *w)
{
    if (w == NULL) return;
    if (w->fd >= 0) (void)close(w->fd);
    if (w->is_temp_made) (void)unlink(w->temp);
    fet_free(w->temp);
    fet_free(w->path);
    fet_free(w);
}

fet_status fet_file_write(const char *path, const void *bytes, size_t n)
{
    struct fet_file_writer *w = NULL;
    FET_TRY(fet_file_writer_open(path, &w));
    const fet_status st = fet_file_writer_write(w, bytes, n);
    if (st != FET_OK) {
        fet_file_writer_cancel(w);
        return st;
    }
    return fet_file_writer_commit(w);
}
