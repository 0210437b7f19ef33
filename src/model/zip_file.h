/* The ZIP container of a model: stored members, each beginning at a multiple of 64. Private to the
 * room. Sentences do not name the file: the caller adds it. */
#ifndef FET_ZIP_FILE_H
#define FET_ZIP_FILE_H

#include "base.h"

enum {
    FET_ZIP_ALIGNMENT = 64,
    FET_ZIP_MAX_MEMBERS = 1024,
    FET_ZIP_MAX_NAME = 128 /* bytes */
};

struct fet_zip_member {
    const char *name;
    const uint8_t *bytes;
    size_t n;
};

/* Letters, digits, and . _ - between slashes; no absolute path, no empty, "." or ".." part. */
bool fet_zip_name_is_plain(const char *name);

/* Writes the members in their order; atomic. FET_LIMIT above 4 GiB or 1,024 members, FET_ARGUMENT
 * for a name that is not plain. The same members give the same bytes. */
FET_CHECKED fet_status fet_zip_write(const struct fet_zip_member *members, int n_members,
                                     const char *path);

struct fet_zip {
    struct fet_zip_member *members; /* bytes borrowed from what was parsed */
    int n_members;
    struct fet_arena arena; /* owns members and names */
};

/* Accepts exactly what fet_zip_write writes: any other byte is FET_FORMAT. */
FET_CHECKED fet_status fet_zip_parse(const uint8_t *bytes, size_t n, struct fet_zip *z);
const struct fet_zip_member *fet_zip_find(const struct fet_zip *z, const char *name); /* or NULL */
void fet_zip_deinit(struct fet_zip *z); /* accepts {0} */

/* One member's headers, as both directions need them: what is written, and what a file must hold.
 */
enum {
    FET_ZIP_MAX_LOCAL = 30 + FET_ZIP_MAX_NAME + 5 + FET_ZIP_ALIGNMENT,
    FET_ZIP_MAX_CENTRAL = 46 + FET_ZIP_MAX_NAME,
    FET_ZIP_END = 22
};

struct fet_zip_entry {
    const char *name;
    uint32_t crc, n_bytes, offset; /* offset of the local header in the file */
};

size_t fet_zip_local_print(const struct fet_zip_entry *e, uint8_t out[FET_ZIP_MAX_LOCAL]);
size_t fet_zip_central_print(const struct fet_zip_entry *e, uint8_t out[FET_ZIP_MAX_CENTRAL]);
void fet_zip_end_print(int n_members, uint32_t offset, uint32_t n_bytes, uint8_t out[FET_ZIP_END]);
uint32_t fet_zip_crc(const uint8_t *bytes, size_t n);

#endif
