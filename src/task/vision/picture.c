/* From a file or bytes to what the extractor sees: decode, colours, size, region of interest. */
#include "picture.h"

#include <math.h>
#include <string.h>

enum { MAX_FILE_BYTES = 1 << 30 };

void fet_look_deinit(struct fet_look *look)
{
    fet_free(look->roi);
    *look = (struct fet_look){0};
}

void fet_picture_deinit(struct fet_picture *p)
{
    if (p == NULL) return;
    fet_image_deinit(&p->image);
    *p = (struct fet_picture){0};
}

/* ---- bytes in place of a file ---- */

struct payload {
    uint8_t *bytes; /* owned */
    size_t n;
};

static void payload_free(void *self)
{
    struct payload *p = self;
    fet_free(p->bytes);
    fet_free(p);
}

/* The bytes of a set made by fet_picture_set_new; NULL when the pictures are files. */
static const struct payload *payload_of(const struct fet_examples *e)
{
    return e->payload_free == payload_free ? e->payload : NULL;
}

fet_status fet_picture_set_new(const void *bytes, size_t n, const char *name,
                               struct fet_examples *e)
{
    struct fet_examples made = {0};
    struct payload *p = fet_alloc(1, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY(name, sizeof *p);
    made.payload = p;
    made.payload_free = payload_free;
    p->n = n;
    p->bytes = fet_alloc((int64_t)n, 1);
    made.items = fet_arena_alloc(&made.arena, 1, sizeof *made.items);
    const char *path = fet_arena_strdup(&made.arena, name);
    if (p->bytes == NULL || made.items == NULL || path == NULL) {
        fet_examples_deinit(&made);
        return FET_FAIL_MEMORY(name, n);
    }
    if (n > 0) memcpy(p->bytes, bytes, n);
    const struct fet_digest digest = fet_digest_of(p->bytes, n);
    made.items[0] = (struct fet_example){.path = path, .key = fet_digest_u64(&digest)};
    made.n = 1;
    made.layout = "one picture";
    made.root = path;
    *e = made;
    return FET_OK;
}

fet_status fet_picture_bytes(const struct fet_examples *e, const struct fet_example *x,
                             uint8_t **bytes, size_t *n)
{
    const struct payload *p = payload_of(e);
    if (p == NULL) return fet_file_read(x->path, MAX_FILE_BYTES, bytes, n);
    uint8_t *copy = fet_alloc((int64_t)p->n, 1);
    if (copy == NULL) return FET_FAIL_MEMORY(x->path, p->n);
    if (p->n > 0) memcpy(copy, p->bytes, p->n);
    *bytes = copy;
    *n = p->n;
    return FET_OK;
}

static fet_status picture_decode(const struct fet_examples *e, const struct fet_example *x,
                                 struct fet_image *image)
{
    const struct payload *p = payload_of(e);
    if (p != NULL) return fet_image_decode(p->bytes, p->n, x->path, NULL, image);
    return fet_image_read(x->path, NULL, image);
}

/* ---- preparation ---- */

/* Replaces *image by what `make` makes of it. */
static fet_status to_colours(struct fet_image *image, int n_colours)
{
    if (image->channels == n_colours) return FET_OK;
    struct fet_image converted = {0};
    FET_TRY(fet_image_convert(image, n_colours, image->depth, &converted));
    fet_image_deinit(image);
    *image = converted;
    return FET_OK;
}

/* Shrunk to whole cells of the extractor, so that the map covers the picture exactly. */
static int shrunk(int size, double scale, int stride_px)
{
    const long n_cells = lround(size * scale / stride_px);
    return n_cells < 1 ? stride_px : (int)n_cells * stride_px;
}

static fet_status to_size(const struct fet_look *look, struct fet_image *image)
{
    const bool is_exact = look->exact_w > 0;
    if (!is_exact && look->scale >= 1) return FET_OK;
    struct fet_image made = {0};
    const int w = is_exact ? look->exact_w : shrunk(image->width, look->scale, look->stride_px);
    const int h = is_exact ? look->exact_h : shrunk(image->height, look->scale, look->stride_px);
    if (w == image->width && h == image->height) return FET_OK;
    FET_TRY(fet_image_resize(image, w, h, FET_RESIZE_BILINEAR, &made));
    fet_image_deinit(image);
    *image = made;
    return FET_OK;
}

/* The pixel of the region that lies under the centre of a prepared picture's pixel. */
static bool is_in_roi(const struct fet_look *look, int x, int y, int w, int h)
{
    const int64_t u = ((2 * (int64_t)x + 1) * look->roi_w) / (2 * (int64_t)w);
    const int64_t v = ((2 * (int64_t)y + 1) * look->roi_h) / (2 * (int64_t)h);
    return look->roi[v * look->roi_w + u] != 0;
}

/* What lies outside must not be seen by filters that reach across the border. */
static void blacken_outside(const struct fet_look *look, struct fet_image *image)
{
    const size_t pixel = (size_t)image->channels * (image->depth == 8 ? 1 : 2);
    uint8_t *p = image->pixels;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++, p += pixel)
            if (!is_in_roi(look, x, y, image->width, image->height)) memset(p, 0, pixel);
}

fet_status fet_picture_read(const struct fet_look *look, const struct fet_examples *e,
                            const struct fet_example *x, struct fet_picture *p)
{
    struct fet_picture made = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(picture_decode(e, x, &made.image));
    made.shown_w = made.image.width;
    made.shown_h = made.image.height;
    if (look->roi != NULL && (made.shown_w != look->roi_w || made.shown_h != look->roi_h)) {
        st = FET_FAIL(FET_SHAPE, "%s is %d x %d pixels, the region of interest %d x %d", x->path,
                      made.shown_w, made.shown_h, look->roi_w, look->roi_h);
        goto out;
    }
    FET_TRY_OUT(to_colours(&made.image, look->n_colours));
    FET_TRY_OUT(to_size(look, &made.image));
    if (look->roi != NULL) blacken_outside(look, &made.image);
    *p = made;
    return FET_OK;
out:
    fet_picture_deinit(&made);
    return st;
}

/* ---- region of interest ---- */

fet_status fet_look_read_roi(struct fet_look *look, const char *path)
{
    struct fet_image mask = {0}, grey = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_image_read(path, NULL, &mask));
    FET_TRY_OUT(fet_image_convert(&mask, 1, 8, &grey));
    const uint8_t *p = grey.pixels;
    const int64_t n = (int64_t)grey.width * grey.height;
    int64_t n_inside = 0;
    for (int64_t i = 0; i < n; i++) n_inside += p[i] != 0;
    if (n_inside == 0) {
        st = FET_FAIL(FET_DATA, "%s: every pixel is black: nothing is left to look at", path);
        goto out;
    }
    fet_free(look->roi);
    look->roi_w = grey.width;
    look->roi_h = grey.height;
    look->roi = grey.pixels; /* taken: one byte per pixel, rows dense */
    grey = (struct fet_image){0};
out:
    fet_image_deinit(&mask);
    fet_image_deinit(&grey);
    return st;
}

void fet_look_cells(const struct fet_look *look, int w, int h, int stride_px, uint8_t *out)
{
    const int cw = (w + stride_px - 1) / stride_px, ch = (h + stride_px - 1) / stride_px;
    for (int cy = 0; cy < ch; cy++)
        for (int cx = 0; cx < cw; cx++) {
            int n = 0, n_inside = 0;
            for (int y = cy * stride_px; y < (cy + 1) * stride_px && y < h; y++)
                for (int x = cx * stride_px; x < (cx + 1) * stride_px && x < w; x++, n++)
                    n_inside += look->roi == NULL || is_in_roi(look, x, y, w, h);
            *out++ = 2 * n_inside >= n;
        }
}
