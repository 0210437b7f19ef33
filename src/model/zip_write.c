/* Writing a stored ZIP (PKWARE APPNOTE 6.3). By hand and not by libzip, because libzip cannot place
 * a member: here every member begins at a multiple of 64, so that weights can be mapped and used
 * where they lie. The price is small, since nothing is compressed and no header depends on anything
 * but name, size and content: no time, no user, no host. See docs/adr/0003-model-container.md. */
#include "zip_file.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

enum {
    VERSION = 10,          /* of the ZIP format: 1.0, stored files */
    DATE = 0x0021,         /* 1980-01-01, the first day that ZIP knows */
    LOCAL_BYTES = 30,      /* without name and extra field */
    CENTRAL_BYTES = 46,    /* without name */
    EXTRA_ID = 0xd935,     /* the alignment field that Android's tools use too */
    EXTRA_LEAST_BYTES = 6, /* id, size, alignment */
};

bool fet_zip_name_is_plain(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
    const size_t n = strnlen(name, FET_ZIP_MAX_NAME + 1);
    if (n == 0 || n > FET_ZIP_MAX_NAME || strspn(name, allowed) != n) return false;
    for (const char *part = name;;) {
        const size_t n_part = strcspn(part, "/");
        if (n_part == 0) return false;
        if (strspn(part, ".") >= n_part) return false; /* ".", "..", "..." */
        if (part[n_part] == '\0') return true;
        part += n_part + 1;
    }
}

uint32_t fet_zip_crc(const uint8_t *bytes, size_t n)
{
    return (uint32_t)crc32_z(0, bytes, n);
}

static uint8_t *u16_put(uint8_t *out, unsigned value)
{
    out[0] = (uint8_t)(value & 255u);
    out[1] = (uint8_t)(value >> 8 & 255u);
    return out + 2;
}

static uint8_t *u32_put(uint8_t *out, uint32_t value)
{
    return u16_put(u16_put(out, value & 65535u), value >> 16);
}

/* What local and central header have in common: version to crc, sizes, length of the name. */
static uint8_t *common_put(uint8_t *out, const struct fet_zip_entry *e)
{
    out = u16_put(out, VERSION);
    out = u16_put(out, 0); /* flags */
    out = u16_put(out, 0); /* method: stored */
    out = u16_put(out, 0); /* time */
    out = u16_put(out, DATE);
    out = u32_put(out, e->crc);
    out = u32_put(out, e->n_bytes); /* stored */
    out = u32_put(out, e->n_bytes); /* and true size */
    return u16_put(out, (unsigned)strlen(e->name));
}

size_t fet_zip_local_print(const struct fet_zip_entry *e, uint8_t out[FET_ZIP_MAX_LOCAL])
{
    const size_t n_name = strlen(e->name);
    assert(n_name <= FET_ZIP_MAX_NAME);
    const size_t unaligned = (e->offset + LOCAL_BYTES + n_name) % FET_ZIP_ALIGNMENT;
    size_t n_extra = (FET_ZIP_ALIGNMENT - unaligned) % FET_ZIP_ALIGNMENT;
    if (n_extra > 0 && n_extra < EXTRA_LEAST_BYTES) n_extra += FET_ZIP_ALIGNMENT;

    uint8_t *p = u32_put(out, 0x04034b50);
    p = common_put(p, e);
    p = u16_put(p, (unsigned)n_extra);
    memcpy(p, e->name, n_name);
    p += n_name;
    if (n_extra > 0) {
        memset(p, 0, n_extra);
        uint8_t *field = u16_put(p, EXTRA_ID);
        field = u16_put(field, (unsigned)n_extra - 4);
        (void)u16_put(field, FET_ZIP_ALIGNMENT);
    }
    return LOCAL_BYTES + n_name + n_extra;
}

size_t fet_zip_central_print(const struct fet_zip_entry *e, uint8_t out[FET_ZIP_MAX_CENTRAL])
{
    const size_t n_name = strlen(e->name);
    assert(n_name <= FET_ZIP_MAX_NAME);
    uint8_t *p = u32_put(out, 0x02014b50);
    p = u16_put(p, VERSION); /* made by */
    p = common_put(p, e);
    p = u16_put(p, 0); /* extra field */
    p = u16_put(p, 0); /* comment */
    p = u16_put(p, 0); /* disk */
    p = u16_put(p, 0); /* internal attributes */
    p = u32_put(p, 0); /* external attributes */
    p = u32_put(p, e->offset);
    memcpy(p, e->name, n_name);
    return CENTRAL_BYTES + n_name;
}

void fet_zip_end_print(int n_members, uint32_t offset, uint32_t n_bytes, uint8_t out[FET_ZIP_END])
{
    uint8_t *p = u32_put(out, 0x06054b50);
    p = u32_put(p, 0); /* disks */
    p = u16_put(p, (unsigned)n_members);
    p = u16_put(p, (unsigned)n_members);
    p = u32_put(p, n_bytes);
    p = u32_put(p, offset);
    (void)u16_put(p, 0); /* comment */
}

/* Places every member; FET_LIMIT when the last byte would lie above 4 GiB. */
static fet_status entries_place(const struct fet_zip_member *members, int n_members,
                                struct fet_zip_entry *entries, uint32_t *end)
{
    uint8_t header[FET_ZIP_MAX_LOCAL];
    uint64_t offset = 0, n_directory = FET_ZIP_END;
    for (int i = 0; i < n_members; i++) {
        const struct fet_zip_member *m = &members[i];
        if (!fet_zip_name_is_plain(m->name)) {
            return FET_FAIL(FET_ARGUMENT,
                            "'%.200s' cannot name a part of a model: letters, digits and . _ - "
                            "are possible",
                            m->name);
        }
        n_directory += FET_ZIP_MAX_CENTRAL;
        if (m->n > UINT32_MAX || offset + m->n + FET_ZIP_MAX_LOCAL + n_directory > UINT32_MAX) {
            return FET_FAIL(FET_LIMIT, "a model file ends at 4 GiB, %s does not fit", m->name);
        }
        entries[i] = (struct fet_zip_entry){
            .name = m->name,
            .crc = fet_zip_crc(m->bytes, m->n),
            .n_bytes = (uint32_t)m->n,
            .offset = (uint32_t)offset,
        };
        offset += fet_zip_local_print(&entries[i], header) + m->n;
    }
    *end = (uint32_t)offset;
    return FET_OK;
}

static fet_status members_write(const struct fet_zip_member *members, int n_members,
                                const struct fet_zip_entry *entries, uint32_t offset,
                                struct fet_file_writer *w)
{
    uint8_t header[FET_ZIP_MAX_LOCAL];
    for (int i = 0; i < n_members; i++) {
        const size_t n_header = fet_zip_local_print(&entries[i], header);
        FET_TRY(fet_file_writer_write(w, header, n_header));
        FET_TRY(fet_file_writer_write(w, members[i].bytes, members[i].n));
    }
    uint32_t n_directory = 0;
    for (int i = 0; i < n_members; i++) {
        const size_t n_header = fet_zip_central_print(&entries[i], header);
        FET_TRY(fet_file_writer_write(w, header, n_header));
        n_directory += (uint32_t)n_header;
    }
    fet_zip_end_print(n_members, offset, n_directory, header);
    return fet_file_writer_write(w, header, FET_ZIP_END);
}

fet_status fet_zip_write(const struct fet_zip_member *members, int n_members, const char *path)
{
    static_assert((int)FET_ZIP_MAX_CENTRAL <= (int)FET_ZIP_MAX_LOCAL, "one buffer for both");
    fet_status st = FET_OK;
    struct fet_file_writer *w = NULL;
    uint32_t end = 0;
    if (n_members > FET_ZIP_MAX_MEMBERS) {
        return FET_FAIL(FET_LIMIT, "a model file has at most %d parts, %d are wanted",
                        FET_ZIP_MAX_MEMBERS, n_members);
    }
    struct fet_zip_entry *entries = fet_alloc(n_members, sizeof *entries);
    if (entries == NULL) return FET_FAIL_MEMORY("model file", n_members);
    FET_TRY_OUT(entries_place(members, n_members, entries, &end));
    FET_TRY_OUT(fet_file_writer_open(path, &w));
    FET_TRY_OUT(members_write(members, n_members, entries, end, w));
    st = fet_file_writer_commit(w);
    w = NULL;
out:
    fet_file_writer_cancel(w);
    fet_free(entries);
    return st;
}
