/* Reading what was found: every file once, on the pool. The digest of its bytes becomes the key;
 * the header tells whether it is a picture at all and, with its mask's header, whether they fit. */
#include "reading.h"

#include "media.h"

#include <string.h>

enum { FILES_PER_BATCH = 64 }; /* between two reports of progress */

static const int64_t max_file_bytes = INT64_C(1) << 30;

struct outcome {
    uint64_t key;
    char *trouble;      /* owned; why the picture cannot be used; NULL = it can */
    char *mask_trouble; /* owned; the same for its mask */
};

struct reading {
    const struct fet_findings *findings;
    struct outcome *outcomes; /* owned [findings->n]; each written by one chunk */
    int64_t first;            /* of the batch in hand */
};

/* Turns a failure into a kept sentence; a lack of memory stays a failure. */
static fet_status keep_trouble(fet_status st, char **trouble)
{
    if (st == FET_OK || st == FET_MEMORY) return st;
    *trouble = fet_strdup(fet_status_message());
    return *trouble != NULL ? FET_OK : FET_FAIL_MEMORY("message", 0);
}

static fet_status picture_probe(const char *path, uint64_t *key, struct fet_image_info *info)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_file_read(path, max_file_bytes, &bytes, &n));
    const fet_status st = fet_image_probe(bytes, n, path, NULL, info);
    if (st == FET_OK && key != NULL) {
        const struct fet_digest digest = fet_digest_of(bytes, n);
        *key = fet_digest_u64(&digest);
    }
    fet_free(bytes);
    return st;
}

static fet_status mask_probe(const char *path, const struct fet_image_info *picture)
{
    struct fet_image_info mask = {0};
    FET_TRY(picture_probe(path, NULL, &mask));
    if (mask.width != picture->width || mask.height != picture->height)
        return FET_FAIL(FET_SHAPE, "%s: the mask has %d x %d pixels, its picture %d x %d", path,
                        mask.width, mask.height, picture->width, picture->height);
    return FET_OK;
}

static fet_status read_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct reading *r = self;
    const struct fet_found *found = &r->findings->items[r->first + i_chunk];
    struct outcome *o = &r->outcomes[r->first + i_chunk];
    struct fet_image_info info = {0};
    FET_TRY(keep_trouble(picture_probe(found->path, &o->key, &info), &o->trouble));
    if (o->trouble != NULL || found->mask_path == NULL) return FET_OK;
    return keep_trouble(mask_probe(found->mask_path, &info), &o->mask_trouble);
}

static fet_status read_all(struct reading *r, const struct fet_context *c)
{
    const int64_t n = r->findings->n;
    for (; r->first < n; r->first += FILES_PER_BATCH) {
        FET_TRY(fet_context_progress(c, "reading pictures", r->first, n));
        const int64_t left = n - r->first;
        FET_TRY(fet_pool_run(fet_context_pool(c), left < FILES_PER_BATCH ? left : FILES_PER_BATCH,
                             read_one, r));
    }
    return fet_context_progress(c, "reading pictures", n, n);
}

/* Sentences begin with the path as it was opened; below the root is enough for the reader. */
static const char *below_root(const struct fet_examples *e, const char *sentence)
{
    const size_t n = strlen(e->root);
    const bool is_below = strncmp(sentence, e->root, n) == 0 && sentence[n] == '/';
    return is_below ? sentence + n + 1 : sentence;
}

/* What was read becomes examples; what could not, lines. */
static fet_status keep_usable(const struct reading *r, struct fet_examples *e)
{
    const struct fet_findings *f = r->findings;
    struct fet_example *items = fet_arena_alloc(&e->arena, f->n, sizeof *items);
    if (items == NULL) return FET_FAIL_MEMORY("examples", f->n * (int64_t)sizeof *items);
    int64_t n = 0;
    for (int64_t i = 0; i < f->n; i++) {
        const struct fet_found *found = &f->items[i];
        const struct outcome *o = &r->outcomes[i];
        if (o->trouble != NULL) {
            fet_examples_ignore(e, "%s", below_root(e, o->trouble));
            continue;
        }
        if (o->mask_trouble != NULL) fet_examples_ignore(e, "%s", below_root(e, o->mask_trouble));
        items[n++] = (struct fet_example){
            .path = found->path,
            .label = found->label,
            .mask_path = o->mask_trouble == NULL ? found->mask_path : NULL,
            .group = found->group,
            .truth = found->truth,
            .split = found->split,
            .key = o->key,
        };
    }
    e->items = items;
    e->n = n;
    return FET_OK;
}

fet_status fet_findings_read(const struct fet_findings *f, const struct fet_context *c,
                             struct fet_examples *e)
{
    struct reading r = {.findings = f};
    r.outcomes = fet_alloc(f->n, sizeof *r.outcomes);
    if (r.outcomes == NULL) return FET_FAIL_MEMORY("pictures", f->n * (int64_t)sizeof *r.outcomes);
    fet_status st = read_all(&r, c);
    if (st == FET_OK) st = keep_usable(&r, e);
    for (int64_t i = 0; i < f->n; i++) {
        fet_free(r.outcomes[i].trouble);
        fet_free(r.outcomes[i].mask_trouble);
    }
    fet_free(r.outcomes);
    return st;
}
