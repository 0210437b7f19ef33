/* Reading what zip_write.c writes, and nothing else. The directory gives name, size, checksum and
 * place of each member; from these every header is printed again by the writer's own functions and
 * compared with the file byte for byte, and the members must follow each other without a gap. So
 * there is no byte that may hold something unexpected, no two ways to read a file, nothing
 * compressed that could grow, and a damaged byte is found wherever it lies. */
#include "zip_file.h"

#include <assert.h>
#include <string.h>

enum { CENTRAL_BYTES = 46 };

static uint32_t u16_get(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32_get(const uint8_t *p)
{
    return u16_get(p) | u16_get(p + 2) << 16;
}

/* The directory's place and the number of members, from the last 22 bytes. */
static fet_status end_parse(const uint8_t *bytes, size_t n, int *n_members, uint32_t *offset,
                            uint32_t *n_directory)
{
    static const uint8_t begin[] = {'P', 'K', 3, 4};
    uint8_t wanted[FET_ZIP_END];
    if (n < sizeof begin || memcmp(bytes, begin, sizeof begin) != 0) {
        return FET_FAIL(FET_FORMAT, "not a model file: it does not begin like a ZIP archive");
    }
    if (n > UINT32_MAX) return FET_FAIL(FET_FORMAT, "not a model file: larger than 4 GiB");
    const uint8_t *end = n < FET_ZIP_END ? NULL : bytes + n - FET_ZIP_END;
    if (end == NULL || u32_get(end) != 0x06054b50) {
        return FET_FAIL(FET_FORMAT, "the end is not where it should be: the file was cut short or "
                                    "something was added to it");
    }
    const uint32_t count = u16_get(end + 8);
    *n_directory = u32_get(end + 12);
    *offset = u32_get(end + 16);
    if (count > FET_ZIP_MAX_MEMBERS) {
        return FET_FAIL(FET_FORMAT, "%u members, at most %d are possible", (unsigned)count,
                        FET_ZIP_MAX_MEMBERS);
    }
    *n_members = (int)count;
    fet_zip_end_print(*n_members, *offset, *n_directory, wanted);
    if (memcmp(end, wanted, sizeof wanted) != 0 ||
        (uint64_t)*offset + *n_directory + FET_ZIP_END != n) {
        return FET_FAIL(FET_FORMAT, "the end record is damaged");
    }
    return FET_OK;
}

/* One entry of the directory at p, of which n_left bytes are left; *n_used of it. The name goes
 * into the arena. */
static fet_status central_parse(const uint8_t *p, size_t n_left, struct fet_arena *a,
                                struct fet_zip_entry *e, size_t *n_used)
{
    uint8_t wanted[FET_ZIP_MAX_CENTRAL];
    if (n_left < CENTRAL_BYTES || u32_get(p) != 0x02014b50) {
        return FET_FAIL(FET_FORMAT, "the directory of members is damaged");
    }
    const size_t n_name = u16_get(p + 28);
    if (n_name > FET_ZIP_MAX_NAME || n_name > n_left - CENTRAL_BYTES) {
        return FET_FAIL(FET_FORMAT, "the directory of members is damaged: a name of %zu bytes",
                        n_name);
    }
    const char *name = fet_arena_strndup(a, (const char *)p + CENTRAL_BYTES, n_name);
    if (name == NULL) return FET_FAIL_MEMORY("model file", n_name);
    if (strlen(name) != n_name || !fet_zip_name_is_plain(name)) {
        return FET_FAIL(FET_FORMAT, "a member has a name that no part of a model has");
    }
    if (u16_get(p + 10) != 0) {
        return FET_FAIL(FET_FORMAT, "member %s is compressed, those of a model never are", name);
    }
    *e = (struct fet_zip_entry){
        .name = name,
        .crc = u32_get(p + 16),
        .n_bytes = u32_get(p + 20),
        .offset = u32_get(p + 42),
    };
    *n_used = fet_zip_central_print(e, wanted);
    if (memcmp(p, wanted, *n_used) != 0) {
        return FET_FAIL(FET_FORMAT, "the directory entry of member %s is damaged", name);
    }
    return FET_OK;
}

/* The member of entry e, which must begin at *offset; moves *offset behind it. limit is where the
 * directory begins. */
static fet_status member_parse(const uint8_t *bytes, uint32_t limit, const struct fet_zip_entry *e,
                               uint64_t *offset, struct fet_zip_member *m)
{
    uint8_t wanted[FET_ZIP_MAX_LOCAL];
    const size_t n_header = fet_zip_local_print(e, wanted);
    if (e->offset != *offset || *offset + n_header + e->n_bytes > limit) {
        return FET_FAIL(FET_FORMAT, "member %s does not lie where the one before it ends", e->name);
    }
    if (memcmp(bytes + *offset, wanted, n_header) != 0) {
        return FET_FAIL(FET_FORMAT, "the header of member %s is damaged", e->name);
    }
    const uint8_t *data = bytes + *offset + n_header;
    if (fet_zip_crc(data, e->n_bytes) != e->crc) {
        return FET_FAIL(FET_FORMAT, "member %s is damaged: its checksum is wrong", e->name);
    }
    *m = (struct fet_zip_member){.name = e->name, .bytes = data, .n = e->n_bytes};
    *offset += n_header + e->n_bytes;
    return FET_OK;
}

static fet_status members_parse(const uint8_t *bytes, int n_members, uint32_t directory,
                                uint32_t n_directory, struct fet_zip *z)
{
    uint64_t offset = 0; /* of the next member */
    size_t used = 0;     /* of the directory */
    for (int i = 0; i < n_members; i++) {
        struct fet_zip_entry e = {0};
        size_t n_entry = 0;
        FET_TRY(
            central_parse(bytes + directory + used, n_directory - used, &z->arena, &e, &n_entry));
        if (fet_zip_find(z, e.name) != NULL) {
            return FET_FAIL(FET_FORMAT, "member %s is there twice", e.name);
        }
        FET_TRY(member_parse(bytes, directory, &e, &offset, &z->members[i]));
        z->n_members = i + 1;
        used += n_entry;
    }
    if (used != n_directory || offset != directory) {
        return FET_FAIL(FET_FORMAT, "there are bytes that belong to no member");
    }
    return FET_OK;
}

fet_status fet_zip_parse(const uint8_t *bytes, size_t n, struct fet_zip *z)
{
    struct fet_zip fresh = {0};
    int n_members = 0;
    uint32_t directory = 0, n_directory = 0;
    FET_TRY(end_parse(bytes, n, &n_members, &directory, &n_directory));
    fresh.members = fet_arena_alloc(&fresh.arena, n_members, sizeof *fresh.members);
    if (fresh.members == NULL) return FET_FAIL_MEMORY("model file", n_members);
    const fet_status st = members_parse(bytes, n_members, directory, n_directory, &fresh);
    if (st != FET_OK) {
        fet_zip_deinit(&fresh);
        return st;
    }
    *z = fresh;
    return FET_OK;
}

const struct fet_zip_member *fet_zip_find(const struct fet_zip *z, const char *name)
{
    for (int i = 0; i < z->n_members; i++) {
        if (strcmp(z->members[i].name, name) == 0) return &z->members[i];
    }
    return NULL;
}

void fet_zip_deinit(struct fet_zip *z)
{
    fet_arena_deinit(&z->arena);
    *z = (struct fet_zip){0};
}
