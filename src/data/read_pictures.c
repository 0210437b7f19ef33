/* Reading what was found: every file once, on the pool. The digest of its bytes becomes the key.
 * The picture is decoded to the end, so that a cut-off file is found out here and not in the
 * middle of learning; what remains of it is its detail, for the search for near-duplicates. Of a
 * mask the header must fit. */
#include "reading.h"

#include "fingerprint.h"

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
    struct outcome *outcomes;    /* owned [findings->n]; each written by one chunk */
    struct fet_details *details; /* owned; by finding */
    int64_t first;               /* of the batch in hand */
};

/* Turns a failure into a kept sentence; a lack of memory stays a failure. */
static fet_status keep_trouble(fet_status st, char **trouble)
{
    if (st == FET_OK || st == FET_MEMORY) return st;
    *trouble = fet_strdup(fet_status_message());
    return *trouble != NULL ? FET_OK : FET_FAIL_MEMORY("message", 0);
}

static fet_status picture_read(const char *path, uint64_t *key, int8_t detail[], int *width,
                               int *height)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image image = {0};
    FET_TRY(fet_file_read(path, max_file_bytes, &bytes, &n));
    fet_status st = fet_image_decode(bytes, n, path, NULL, &image);
    if (st == FET_OK) st = fet_detail_make(&image, detail);
    if (st == FET_OK) {
        const struct fet_digest digest = fet_digest_of(bytes, n);
        *key = fet_digest_u64(&digest);
        *width = image.width;
        *height = image.height;
    }
    fet_image_deinit(&image);
    fet_free(bytes);
    return st;
}

static fet_status mask_probe(const char *path, int width, int height)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image_info mask = {0};
    FET_TRY(fet_file_read(path, max_file_bytes, &bytes, &n));
    const fet_status st = fet_image_probe(bytes, n, path, NULL, &mask);
    fet_free(bytes);
    if (st != FET_OK) return st;
    if (mask.width != width || mask.height != height)
        return FET_FAIL(FET_SHAPE, "%s: the mask has %d x %d pixels, its picture %d x %d", path,
                        mask.width, mask.height, width, height);
    return FET_OK;
}

static fet_status read_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct reading *r = self;
    const int64_t i = r->first + i_chunk;
    const struct fet_found *found = &r->findings->items[i];
    struct outcome *o = &r->outcomes[i];
    int width = 0, height = 0;
    FET_TRY(keep_trouble(picture_read(found->path, &o->key,
                                      &r->details->pixels[i * FET_DETAIL_SIZE], &width, &height),
                         &o->trouble));
    if (o->trouble != NULL || found->mask_path == NULL) return FET_OK;
    return keep_trouble(mask_probe(found->mask_path, width, height), &o->mask_trouble);
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
            .i_row = i,
        };
    }
    e->items = items;
    e->n = n;
    return FET_OK;
}

static fet_status reading_init(const struct fet_findings *f, struct reading *r)
{
    *r = (struct reading){.findings = f};
    r->outcomes = fet_alloc(f->n, sizeof *r->outcomes);
    r->details = fet_alloc(1, sizeof *r->details);
    if (r->details != NULL) r->details->pixels = fet_alloc(f->n, FET_DETAIL_SIZE);
    if (r->outcomes == NULL || r->details == NULL || r->details->pixels == NULL)
        return FET_FAIL_MEMORY("pictures", f->n * FET_DETAIL_SIZE);
    r->details->n = f->n;
    return FET_OK;
}

static void reading_deinit(struct reading *r)
{
    for (int64_t i = 0; r->outcomes != NULL && i < r->findings->n; i++) {
        fet_free(r->outcomes[i].trouble);
        fet_free(r->outcomes[i].mask_trouble);
    }
    fet_free(r->outcomes);
    fet_details_free(r->details);
}

fet_status fet_findings_read(const struct fet_findings *f, const struct fet_context *c,
                             struct fet_examples *e)
{
    struct reading r;
    fet_status st = reading_init(f, &r);
    if (st == FET_OK) st = read_all(&r, c);
    if (st == FET_OK) st = keep_usable(&r, e);
    if (st == FET_OK) {
        e->payload = r.details;
        e->payload_free = fet_details_free;
        r.details = NULL;
    }
    reading_deinit(&r);
    return st;
}
