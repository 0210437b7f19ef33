/* A package to a .fettle file. All members but the first are made in memory, then model.json, which
 * holds their SHA-256, then everything is written in one go. docs/format/model.md has the format.
 */
#include "package_file.h"

#include "safetensors.h"
#include "zip_file.h"

#include <assert.h>
#include <string.h>

/* The members in the order of the file; model.json stays free until the others are there. */
struct draft {
    struct fet_zip_member *members; /* in the arena */
    int n_members;
    struct fet_arena arena; /* members, names and small texts */
    uint8_t *weights;       /* owned */
    size_t n_weights;
};

static void member_add(struct draft *d, const char *name, const void *bytes, size_t n)
{
    d->members[d->n_members++] = (struct fet_zip_member){.name = name, .bytes = bytes, .n = n};
}

/* A JSON value as a member; NULL is an empty object. */
static fet_status json_member_add(struct draft *d, const char *name, const json_t *json)
{
    char *printed = NULL;
    json_t *empty = json == NULL ? json_object() : NULL;
    if (json == NULL && empty == NULL) return FET_FAIL_MEMORY(name, 1);
    const fet_status st = fet_json_print(json == NULL ? empty : json, true, &printed);
    json_decref(empty);
    if (st != FET_OK) return st;
    const char *kept = fet_arena_strdup(&d->arena, printed);
    fet_free(printed);
    if (kept == NULL) return FET_FAIL_MEMORY(name, 1);
    member_add(d, name, kept, strlen(kept));
    return FET_OK;
}

static fet_status goldens_add(struct draft *d, const struct fet_package *p)
{
    fet_status st = FET_OK;
    json_t *answers = json_object();
    for (int i = 0; i < p->n_goldens; i++) {
        const struct fet_package_golden *g = &p->goldens[i];
        if (json_object_get(answers, g->name) != NULL || strchr(g->name, '/') != NULL ||
            strcmp(g->name, "answers.json") == 0) {
            st = FET_FAIL(FET_ARGUMENT, "'%.100s' cannot name a golden example, or names two",
                          g->name);
            goto out;
        }
        FET_TRY_OUT(fet_json_set(answers, g->name, json_incref(g->answer)));
    }
    if (answers == NULL) {
        st = FET_FAIL_MEMORY(FET_MEMBER_ANSWERS, 1);
        goto out;
    }
    FET_TRY_OUT(json_member_add(d, FET_MEMBER_ANSWERS, answers));
    for (int i = 0; i < p->n_goldens; i++) {
        const struct fet_package_golden *g = &p->goldens[i];
        const char *name = fet_path_join(&d->arena, FET_MEMBER_GOLDENS, g->name);
        if (name == NULL) {
            st = FET_FAIL_MEMORY("golden example", 1);
            goto out;
        }
        member_add(d, name, g->bytes, g->n_bytes);
    }
out:
    json_decref(answers);
    return st;
}

/* {member: SHA-256} of all but the first. */
static fet_status digests_make(const struct draft *d, json_t *digests)
{
    char hex[65];
    for (int i = 1; i < d->n_members; i++) {
        const struct fet_digest digest = fet_digest_of(d->members[i].bytes, d->members[i].n);
        fet_digest_hex(&digest, hex);
        FET_TRY(fet_json_set(digests, d->members[i].name, json_string(hex)));
    }
    return FET_OK;
}

static json_t *object_or_empty(json_t *json)
{
    return json == NULL ? json_object() : json_incref(json);
}

/* model.json into the first place. */
static fet_status head_add(struct draft *d, const struct fet_package *p)
{
    fet_status st = FET_OK;
    json_t *head = json_object(), *digests = json_object();
    FET_TRY_OUT(digests_make(d, digests));
    FET_TRY_OUT(fet_json_set(head, "format", json_integer(FET_MODEL_FORMAT)));
    FET_TRY_OUT(fet_json_set(head, "task", json_string(p->task)));
    FET_TRY_OUT(fet_json_set(head, "options", object_or_empty(p->options)));
    FET_TRY_OUT(fet_json_set(head, "state", object_or_empty(p->state)));
    FET_TRY_OUT(fet_json_set(head, "training", object_or_empty(p->training)));
    FET_TRY_OUT(fet_json_set(head, "members", json_incref(digests)));
    const int n_members = d->n_members;
    d->n_members = 0;
    FET_TRY_OUT(json_member_add(d, FET_MEMBER_HEAD, head));
    d->n_members = n_members;
out:
    json_decref(digests);
    json_decref(head);
    return st;
}

static fet_status draft_make(struct draft *d, const struct fet_package *p)
{
    enum { N_FIXED = 6 };
    char *sbom = NULL;
    d->members = fet_arena_alloc(&d->arena, p->n_goldens + N_FIXED, sizeof *d->members);
    if (d->members == NULL) return FET_FAIL_MEMORY("model file", p->n_goldens);
    member_add(d, FET_MEMBER_HEAD, NULL, 0);
    FET_TRY(fet_safetensors_print(&p->tensors, &d->weights, &d->n_weights));
    member_add(d, FET_MEMBER_WEIGHTS, d->weights, d->n_weights);
    const char *card = p->card == NULL ? "" : p->card;
    member_add(d, FET_MEMBER_CARD, card, strlen(card));
    FET_TRY(json_member_add(d, FET_MEMBER_REFERENCE, p->reference));
    FET_TRY(goldens_add(d, p));
    FET_TRY(fet_sbom_print(&sbom));
    const char *kept = fet_arena_strdup(&d->arena, sbom);
    fet_free(sbom);
    if (kept == NULL) return FET_FAIL_MEMORY(FET_MEMBER_SBOM, 1);
    member_add(d, FET_MEMBER_SBOM, kept, strlen(kept));
    assert(d->n_members == p->n_goldens + N_FIXED);
    return head_add(d, p);
}

/* What fet_package_read would refuse must not be written. */
static fet_status package_check(const struct fet_package *p)
{
    const json_t *const objects[] = {p->options, p->state, p->training, p->reference};
    if (p->task == NULL) return FET_FAIL(FET_ARGUMENT, "a model without a task");
    if (p->n_goldens > FET_MAX_GOLDENS) {
        return FET_FAIL(FET_LIMIT, "%d golden examples, at most %d are possible", p->n_goldens,
                        FET_MAX_GOLDENS);
    }
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        if (objects[i] != NULL && !json_is_object(objects[i])) {
            return FET_FAIL(FET_ARGUMENT,
                            "options, state, training and reference are JSON objects");
        }
    }
    for (int i = 0; i < p->n_goldens; i++) {
        if (json_is_object(p->goldens[i].answer)) continue;
        return FET_FAIL(FET_ARGUMENT, "the answer of golden example '%.100s' is no JSON object",
                        p->goldens[i].name);
    }
    return FET_OK;
}

fet_status fet_package_write(const struct fet_package *p, const char *path)
{
    struct draft d = {0};
    fet_status st = package_check(p);
    if (st == FET_OK) st = draft_make(&d, p);
    st = fet_status_add(path, st);
    /* The file's own sentences name the path already. */
    if (st == FET_OK) st = fet_zip_write(d.members, d.n_members, path);
    fet_free(d.weights);
    fet_arena_deinit(&d.arena);
    return st;
}
