/* A .fettle file to a package. The order of checks: the container (zip_read.c), the format version,
 * the SHA-256 of every member, and only then what the members say. */
#include "package_file.h"

#include "safetensors.h"
#include "zip_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One file being read. */
struct opened {
    struct fet_zip zip;
    json_t *head;                              /* owned; model.json */
    const struct fet_safetensors_owner *owner; /* of the bytes; NULL = copy the tensors */
};

static fet_status member_find(const struct opened *f, const char *name,
                              const struct fet_zip_member **m)
{
    *m = fet_zip_find(&f->zip, name);
    return *m == NULL ? FET_FAIL(FET_FORMAT, "member %s is missing", name) : (int)FET_OK;
}

/* A member that holds one JSON object; the caller owns it. */
static fet_status object_parse(const struct opened *f, const char *name, json_t **object)
{
    const struct fet_zip_member *m = NULL;
    json_t *json = NULL;
    FET_TRY(member_find(f, name, &m));
    FET_TRY(fet_json_parse(m->bytes, m->n, name, &json));
    if (!json_is_object(json)) {
        json_decref(json);
        return FET_FAIL(FET_FORMAT, "%s is not a JSON object", name);
    }
    *object = json;
    return FET_OK;
}

static fet_status version_check(const json_t *head)
{
    int64_t format = 0;
    FET_TRY(fet_json_get_int(head, "format", &format));
    if (format > FET_MODEL_FORMAT) {
        return FET_FAIL(FET_FORMAT,
                        "made in model format %lld by a newer fettle, this one reads up to %d",
                        (long long)format, FET_MODEL_FORMAT);
    }
    if (format < 1) return FET_FAIL(FET_FORMAT, "there is no model format %lld", (long long)format);
    return FET_OK;
}

/* Every member but model.json is listed there with its digest, and nothing else is. */
static fet_status digests_check(const struct opened *f)
{
    json_t *listed = NULL;
    char hex[65];
    FET_TRY(fet_json_get_object(f->head, "members", &listed));
    for (int i = 0; i < f->zip.n_members; i++) {
        const struct fet_zip_member *m = &f->zip.members[i];
        if (strcmp(m->name, FET_MEMBER_HEAD) == 0) continue;
        const json_t *wanted = json_object_get(listed, m->name);
        if (!json_is_string(wanted)) {
            return FET_FAIL(FET_FORMAT, "member %s is not listed in model.json", m->name);
        }
        const struct fet_digest digest = fet_digest_of(m->bytes, m->n);
        fet_digest_hex(&digest, hex);
        if (strcmp(json_string_value(wanted), hex) != 0) {
            return FET_FAIL(FET_FORMAT,
                            "member %s is not the one that model.json lists: its "
                            "SHA-256 differs",
                            m->name);
        }
    }
    if (json_object_size(listed) + 1 != (size_t)f->zip.n_members) {
        return FET_FAIL(FET_FORMAT, "model.json lists %zu members, there are %d",
                        json_object_size(listed), f->zip.n_members - 1);
    }
    return FET_OK;
}

static fet_status golden_add(const struct opened *f, const char *name, json_t *answer,
                             struct fet_package *p)
{
    char path[FET_ZIP_MAX_NAME + 1];
    const struct fet_zip_member *m = NULL;
    if (strlen(name) > 100 || strchr(name, '/') != NULL || !json_is_object(answer)) {
        return FET_FAIL(FET_FORMAT, FET_MEMBER_ANSWERS ": '%.100s' is not a golden example", name);
    }
    fet_text_format(path, sizeof path, FET_MEMBER_GOLDENS "%s", name);
    FET_TRY(member_find(f, path, &m));
    uint8_t *bytes = fet_alloc((int64_t)m->n, 1);
    if (bytes == NULL) return FET_FAIL_MEMORY(path, m->n);
    if (m->n > 0) memcpy(bytes, m->bytes, m->n);
    return fet_package_add_golden(p, name, bytes, m->n, json_incref(answer));
}

static fet_status goldens_parse(const struct opened *f, struct fet_package *p)
{
    fet_status st = FET_OK;
    json_t *answers = NULL, *answer = NULL;
    const char *name = NULL;
    FET_TRY(object_parse(f, FET_MEMBER_ANSWERS, &answers));
    if (json_object_size(answers) > FET_MAX_GOLDENS) {
        st = FET_FAIL(FET_FORMAT, "%zu golden examples, at most %d are possible",
                      json_object_size(answers), FET_MAX_GOLDENS);
    }
    json_object_foreach(answers, name, answer)
    {
        if (st == FET_OK) st = golden_add(f, name, answer, p);
    }
    json_decref(answers);
    return st;
}

/* A copy of head[key]; the caller owns it. */
static fet_status object_take(const json_t *head, const char *key, json_t **object)
{
    json_t *found = NULL;
    FET_TRY(fet_json_get_object(head, key, &found));
    *object = json_incref(found);
    return FET_OK;
}

static fet_status contents_parse(const struct opened *f, struct fet_package *p)
{
    const struct fet_zip_member *m = NULL;
    const char *task = NULL;
    FET_TRY(fet_json_get_string(f->head, "task", &task));
    p->task = fet_strdup(task);
    if (p->task == NULL) return FET_FAIL_MEMORY("task", strlen(task));
    FET_TRY(object_take(f->head, "options", &p->options));
    FET_TRY(object_take(f->head, "state", &p->state));
    FET_TRY(object_take(f->head, "training", &p->training));
    FET_TRY(object_parse(f, FET_MEMBER_REFERENCE, &p->reference));
    FET_TRY(member_find(f, FET_MEMBER_CARD, &m));
    if (!fet_text_is_utf8((const char *)m->bytes, m->n) || memchr(m->bytes, 0, m->n) != NULL) {
        return FET_FAIL(FET_FORMAT, FET_MEMBER_CARD " is not UTF-8 text");
    }
    p->card = fet_strndup((const char *)m->bytes, m->n);
    if (p->card == NULL) return FET_FAIL_MEMORY(FET_MEMBER_CARD, m->n);
    FET_TRY(member_find(f, FET_MEMBER_WEIGHTS, &m));
    FET_TRY(fet_safetensors_parse(m->bytes, m->n, FET_MEMBER_WEIGHTS, f->owner, &p->tensors));
    return goldens_parse(f, p);
}

static fet_status package_extract(const uint8_t *bytes, size_t n,
                                  const struct fet_safetensors_owner *owner, struct fet_package *p)
{
    fet_status st = FET_OK;
    struct opened f = {.owner = owner};
    struct fet_package fresh = {0};
    FET_TRY_OUT(fet_zip_parse(bytes, n, &f.zip));
    FET_TRY_OUT(object_parse(&f, FET_MEMBER_HEAD, &f.head));
    FET_TRY_OUT(version_check(f.head));
    FET_TRY_OUT(digests_check(&f));
    FET_TRY_OUT(contents_parse(&f, &fresh));
    *p = fresh;
    fresh = (struct fet_package){0};
out:
    fet_package_deinit(&fresh);
    json_decref(f.head);
    fet_zip_deinit(&f.zip);
    return st;
}

fet_status fet_package_parse(const void *bytes, size_t n, const char *name, struct fet_package *p)
{
    return fet_status_add(name, package_extract(bytes, n, NULL, p));
}

/* A mapped file, unmapped when its last tensor is gone. */
struct mapping {
    atomic_long n_refs;
    void *bytes;
    size_t n;
};

static void mapping_retain(void *self)
{
    struct mapping *m = self;
    (void)atomic_fetch_add_explicit(&m->n_refs, 1, memory_order_relaxed);
}

static void mapping_release(void *self)
{
    struct mapping *m = self;
    if (atomic_fetch_sub_explicit(&m->n_refs, 1, memory_order_acq_rel) > 1) return;
    if (m->bytes != NULL) (void)munmap(m->bytes, m->n);
    fet_free(m);
}

static fet_status file_map(int fd, struct mapping *m)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return FET_FAIL(FET_IO, "cannot read: the file has no size");
    if (!S_ISREG(info.st_mode)) return FET_FAIL(FET_FORMAT, "not a model file: not even a file");
    if (info.st_size == 0) return FET_FAIL(FET_FORMAT, "not a model file: empty");
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        return FET_FAIL(FET_MEMORY, "cannot map %lld bytes", (long long)info.st_size);
    }
    m->bytes = bytes;
    m->n = (size_t)info.st_size;
    return FET_OK;
}

fet_status fet_package_read(const char *path, struct fet_package *p)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* never waits for a pipe */
    if (fd < 0) return fet_file_fail(path, "read", errno);
    struct mapping *m = fet_alloc(1, sizeof *m);
    if (m == NULL) {
        (void)close(fd);
        return FET_FAIL_MEMORY(path, sizeof *m);
    }
    atomic_init(&m->n_refs, 1);
    const struct fet_safetensors_owner owner = {
        .retain = mapping_retain, .release = mapping_release, .self = m};
    fet_status st = file_map(fd, m);
    (void)close(fd); /* the mapping stays */
    if (st == FET_OK) st = package_extract(m->bytes, m->n, &owner, p);
    mapping_release(m);
    return fet_status_add(path, st);
}
