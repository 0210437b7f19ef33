#include "thumbnail.h"

#include "heat.h"
#include "overlay.h"

enum {
    MOST_BYTES = 32768, /* of one JPEG: 120 of them, in base64, are 5 MiB */
    BATCH = 8           /* pictures between two looks at the observer */
};

void fet_base64_add(struct fet_text *t, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char block[1024];
    size_t used = 0;
    for (size_t i = 0; i < n; i += 3) {
        const uint32_t b1 = i + 1 < n ? bytes[i + 1] : 0, b2 = i + 2 < n ? bytes[i + 2] : 0;
        const uint32_t v = (uint32_t)bytes[i] << 16 | b1 << 8 | b2;
        block[used++] = digits[v >> 18];
        block[used++] = digits[v >> 12 & 63];
        block[used++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
        block[used++] = i + 2 < n ? digits[v & 63] : '=';
        if (used == sizeof block) {
            fet_text_add_bytes(t, block, used);
            used = 0;
        }
    }
    fet_text_add_bytes(t, block, used);
}

/* The best quality that stays below MOST_BYTES, or the last one tried. */
static fet_status encode(const struct fet_image *picture, struct fet_text *base64)
{
    static const int qualities[] = {84, 72, 58, 40};
    enum { N_QUALITIES = sizeof qualities / sizeof *qualities };
    uint8_t *bytes = NULL;
    size_t n = 0;
    for (int i = 0; i < N_QUALITIES && (i == 0 || n > MOST_BYTES); i++) {
        fet_free(bytes);
        bytes = NULL;
        FET_TRY(fet_image_encode_jpeg(picture, qualities[i], &bytes, &n));
    }
    fet_base64_add(base64, bytes, n);
    fet_free(bytes);
    return fet_text_status(base64, "thumbnail");
}

/* Is it the file's fault, so that the page can do without? */
static bool is_about_file(fet_status st)
{
    return st == FET_NOT_FOUND || st == FET_IO || st == FET_FORMAT || st == FET_LIMIT ||
           st == FET_UNSUPPORTED;
}

/* The mask as a plane of the picture's size, 0..1. */
static fet_status read_mask(const char *path, int width, int height, float **plane)
{
    struct fet_image mask = {0}, grey = {0}, sized = {0};
    float *made = NULL;
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_image_read(path, NULL, &mask));
    FET_TRY_OUT(fet_image_convert(&mask, 1, 8, &grey));
    FET_TRY_OUT(fet_image_resize(&grey, width, height, FET_RESIZE_BILINEAR, &sized));
    made = fet_alloc((int64_t)width * height, sizeof *made);
    if (made == NULL) {
        st = FET_FAIL_MEMORY("mask", (int64_t)width * height * (int64_t)sizeof *made);
        goto out;
    }
    fet_image_to_planes(&sized, made);
    *plane = made;
out:
    fet_image_deinit(&mask);
    fet_image_deinit(&grey);
    fet_image_deinit(&sized);
    return st;
}

/* A mask that cannot be read is left out. */
static fet_status outline_truth(const char *mask_path, struct fet_image *picture, bool *has_truth)
{
    static const struct fet_rgb dark = {0, 0, 0}, blue = {64, 200, 255};
    struct fet_ink ink = {0};
    float *mask = NULL;
    fet_status st = FET_OK;
    if (mask_path == NULL) return FET_OK;
    st = read_mask(mask_path, picture->width, picture->height, &mask);
    if (is_about_file(st)) return FET_OK;
    if (st != FET_OK) return st;
    FET_TRY_OUT(fet_ink_new(picture->width, picture->height, &ink));
    for (int pass = 0; pass < 2; pass++) {
        fet_heat_outline(mask, picture->width, picture->height, 0.25, pass == 0 ? 3.5 : 1.8, &ink);
        fet_ink_pour(&ink, pass == 0 ? dark : blue, pass == 0 ? 0.5 : 1, picture);
    }
    *has_truth = true;
out:
    fet_ink_deinit(&ink);
    fet_free(mask);
    return st;
}

static fet_status draw(const struct fet_image *picture, const struct fet_example *x,
                       const struct fet_answer *a, const struct fet_overlay_style *style,
                       struct fet_thumbnail *thumbnail)
{
    const struct fet_overlay_parts plain = {0}, marked = {.is_marked = true};
    struct fet_overlay_style small = *style;
    struct fet_image shrunk = {0}, drawn = {0};
    fet_status st = FET_OK;
    small.max_side_px = FET_THUMBNAIL_SIDE_PX;
    FET_TRY_OUT(fet_overlay_paint(picture, a, &small, plain, &shrunk));
    thumbnail->width = shrunk.width;
    thumbnail->height = shrunk.height;
    if (fet_overlay_has_marks(a, &small)) {
        FET_TRY_OUT(fet_overlay_paint(&shrunk, a, &small, marked, &drawn));
        FET_TRY_OUT(encode(&drawn, &thumbnail->marked));
    }
    FET_TRY_OUT(outline_truth(x->mask_path, &shrunk, &thumbnail->has_truth));
    FET_TRY_OUT(encode(&shrunk, &thumbnail->plain));
out:
    fet_image_deinit(&shrunk);
    fet_image_deinit(&drawn);
    return st;
}

struct batch {
    const struct fet_report *report;
    const struct fet_choice *choice;
    struct fet_thumbnail *thumbnails;
    int64_t begin;
};

static fet_status make_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct batch *b = self;
    const int64_t i = b->choice->items[b->begin + i_chunk];
    const struct fet_answer *a = &b->report->answers[i];
    struct fet_thumbnail *thumbnail = &b->thumbnails[b->begin + i_chunk];
    struct fet_image picture = {0};
    if (a->picture_w <= 0) return FET_OK;
    const fet_status st = fet_image_read(b->report->examples[i]->path, NULL, &picture);
    if (is_about_file(st)) {
        fet_text_format(thumbnail->trouble, sizeof thumbnail->trouble, "%s", fet_status_message());
        return FET_OK;
    }
    if (st != FET_OK) return st;
    const fet_status drawn =
        draw(&picture, b->report->examples[i], a, &b->report->style, thumbnail);
    fet_image_deinit(&picture);
    return drawn;
}

fet_status fet_thumbnails_make(const struct fet_report *r, const struct fet_choice *choice,
                               const struct fet_context *c, struct fet_thumbnail **thumbnails)
{
    struct batch b = {.report = r, .choice = choice};
    fet_status st = FET_OK;
    b.thumbnails = fet_alloc(choice->n, sizeof *b.thumbnails);
    if (b.thumbnails == NULL) return FET_FAIL_MEMORY("thumbnails", choice->n);
    for (; b.begin < choice->n; b.begin += BATCH) {
        const int64_t left = choice->n - b.begin;
        FET_TRY_OUT(fet_context_progress(c, "drawing thumbnails", b.begin, choice->n));
        FET_TRY_OUT(fet_pool_run(fet_context_pool(c), left < BATCH ? left : BATCH, make_one, &b));
    }
    FET_TRY_OUT(fet_context_progress(c, "drawing thumbnails", choice->n, choice->n));
    *thumbnails = b.thumbnails;
    b.thumbnails = NULL;
out:
    fet_thumbnails_free(b.thumbnails, choice->n);
    return st;
}

void fet_thumbnails_free(struct fet_thumbnail *thumbnails, int64_t n)
{
    for (int64_t i = 0; thumbnails != NULL && i < n; i++) {
        fet_text_deinit(&thumbnails[i].plain);
        fet_text_deinit(&thumbnails[i].marked);
    }
    fet_free(thumbnails);
}
