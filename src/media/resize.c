/* Resizing with an antialiasing filter, separable: rows first, then columns. The filter is
 * stretched by the shrinking factor, so that every source pixel counts (Heckbert 1989,
 * "Fundamentals of texture mapping and image warping"; Turkowski 1990, "Filters for common
 * resampling tasks").
 *
 * The semantics are Pillow's, since the networks of the field are trained on its pictures: for
 * 8 bit fixed-point weights of 22 bits and a picture of 8 bit between the two passes, which makes
 * the result equal to Pillow's; 16 bit and float planes run in single floats. Alpha weighs the
 * colours: pictures with alpha are premultiplied before and divided behind. */
#include "pixels.h"

#include "alpha.h"

#include <math.h>
#include <string.h>

/* ---- weights ---- */

enum { WEIGHT_BITS = 22, WEIGHT_HALF = 1 << (WEIGHT_BITS - 1) };

/* What each target position takes from the source: n_max weights per position, of which the first
 * `n` count, for the source positions from `first` on. */
struct weights {
    int *first, *n; /* owned, [size] */
    int32_t *fixed; /* owned, [size,n_max]; for 8 bit */
    float *real;    /* owned, [size,n_max]; for the rest */
    int n_max;
};

static void weights_deinit(struct weights *w)
{
    fet_free(w->first);
    fet_free(w->n);
    fet_free(w->fixed);
    fet_free(w->real);
}

static double filter_support(enum fet_resize filter)
{
    return filter == FET_RESIZE_BOX ? 0.5 : filter == FET_RESIZE_BILINEAR ? 1.0 : 3.0;
}

static double sinc(double x)
{
    static const double pi = 3.14159265358979323846;
    return x == 0.0 ? 1.0 : sin(pi * x) / (pi * x);
}

static double filter_value(enum fet_resize filter, double x)
{
    switch (filter) {
    case FET_RESIZE_BOX:
        return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case FET_RESIZE_BILINEAR:
        return fabs(x) < 1.0 ? 1.0 - fabs(x) : 0.0;
    default: /* Lanczos of three lobes */
        return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
    }
}

static fet_status weights_alloc(struct weights *w, int size, int n_max)
{
    const int64_t n = (int64_t)size * n_max;
    w->n_max = n_max;
    w->first = fet_alloc(size, sizeof *w->first);
    w->n = fet_alloc(size, sizeof *w->n);
    w->fixed = fet_alloc(n, sizeof *w->fixed);
    w->real = fet_alloc(n, sizeof *w->real);
    if (w->first == NULL || w->n == NULL || w->fixed == NULL || w->real == NULL)
        return FET_FAIL_MEMORY("resize weights", 8 * n);
    return FET_OK;
}

/* One position: the weights, made to sum to 1. `row` is scratch of n_max. */
static void weights_fill(struct weights *w, int i, double centre, double stretch,
                         enum fet_resize filter, int src_size, double *row)
{
    const double support = filter_support(filter) * stretch;
    int first = (int)(centre - support + 0.5);
    int end = (int)(centre + support + 0.5);
    if (first < 0) first = 0;
    if (end > src_size) end = src_size;
    double sum = 0.0;
    for (int k = first; k < end; k++) {
        row[k - first] = filter_value(filter, (k - centre + 0.5) / stretch);
        sum += row[k - first];
    }
    const size_t base = (size_t)i * (size_t)w->n_max;
    for (int k = 0; k < end - first; k++) {
        const double weight = sum != 0.0 ? row[k] / sum : row[k];
        w->real[base + (size_t)k] = (float)weight;
        w->fixed[base + (size_t)k] = (int32_t)lround(weight * (1 << WEIGHT_BITS));
    }
    w->first[i] = first;
    w->n[i] = end - first;
}

static fet_status weights_make(struct weights *w, int src_size, int dst_size,
                               enum fet_resize filter)
{
    const double scale = (double)src_size / dst_size;
    const double stretch = scale > 1.0 ? scale : 1.0;
    const int n_max = (int)ceil(filter_support(filter) * stretch) * 2 + 1;
    FET_TRY(weights_alloc(w, dst_size, n_max));
    double *row = fet_alloc(n_max, sizeof *row);
    if (row == NULL) return FET_FAIL_MEMORY("resize weights", 8LL * n_max);
    for (int i = 0; i < dst_size; i++)
        weights_fill(w, i, (i + 0.5) * scale, stretch, filter, src_size, row);
    fet_free(row);
    return FET_OK;
}

/* ---- 8 bit ---- */

static uint8_t round_fixed(int32_t sum)
{
    const int32_t v = sum >> WEIGHT_BITS;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* One row to its new width. `channels` is a constant at every call, so that the loop over it is
 * unrolled and the sums stay in registers. */
static inline void row8_shrink(const uint8_t *in, uint8_t *out, int width, int channels,
                               const struct weights *w)
{
    for (int x = 0; x < width; x++) {
        const int32_t *weight = w->fixed + (size_t)x * (size_t)w->n_max;
        const uint8_t *p = in + (size_t)w->first[x] * (size_t)channels;
        const int n = w->n[x];
        int32_t sum[4] = {WEIGHT_HALF, WEIGHT_HALF, WEIGHT_HALF, WEIGHT_HALF};
        for (int k = 0; k < n; k++) {
            for (int c = 0; c < channels; c++) sum[c] += p[c] * weight[k];
            p += channels;
        }
        for (int c = 0; c < channels; c++) out[c] = round_fixed(sum[c]);
        out += channels;
    }
}

static void row8_resize(const uint8_t *in, uint8_t *out, int width, int channels,
                        const struct weights *w)
{
    switch (channels) {
    case 1:
        row8_shrink(in, out, width, 1, w);
        break;
    case 2:
        row8_shrink(in, out, width, 2, w);
        break;
    case 3:
        row8_shrink(in, out, width, 3, w);
        break;
    default:
        row8_shrink(in, out, width, 4, w);
        break;
    }
}

/* One target row out of n rows that lie n_row apart. sums: scratch of n_row. */
static void column8_resize(const uint8_t *in, uint8_t *out, int64_t n_row, const int32_t *weight,
                           int n, int32_t *sums)
{
    for (int64_t i = 0; i < n_row; i++) sums[i] = WEIGHT_HALF;
    for (int k = 0; k < n; k++) {
        const int32_t wk = weight[k];
        const uint8_t *row = in + (int64_t)k * n_row;
        for (int64_t i = 0; i < n_row; i++) sums[i] += row[i] * wk;
    }
    for (int64_t i = 0; i < n_row; i++) out[i] = round_fixed(sums[i]);
}

static fet_status resize8(const struct fet_image *src, const struct weights *wx,
                          const struct weights *wy, struct fet_image *dst)
{
    fet_status st = FET_OK;
    struct fet_image wide = {0}; /* new width, old height */
    const int64_t n_row = (int64_t)dst->width * dst->channels;
    int32_t *sums = fet_alloc(n_row, sizeof *sums);
    if (sums == NULL) {
        st = FET_FAIL_MEMORY("resize row", 4 * n_row);
        goto out;
    }
    FET_TRY_OUT(fet_image_new(dst->width, src->height, src->channels, 8, &wide));
    for (int y = 0; y < src->height; y++)
        row8_resize(fet_image_row8(src, y), fet_image_row8(&wide, y), dst->width, src->channels,
                    wx);
    for (int y = 0; y < dst->height; y++)
        column8_resize(fet_image_row8(&wide, wy->first[y]), fet_image_row8(dst, y), n_row,
                       wy->fixed + (size_t)y * (size_t)wy->n_max, wy->n[y], sums);
out:
    fet_image_deinit(&wide);
    fet_free(sums);
    return st;
}

/* ---- floats: planes and 16 bit ---- */

/* Where float rows come from and go to; `self` is the first argument of both. */
struct rows {
    void *self;
    int src_w, src_h, dst_w, dst_h, channels;
    const float *(*get)(void *self, int y); /* borrowed until the next call */
    void (*set)(void *self, int y, const float *row);
};

static inline void row_shrink(const float *in, float *out, int width, int channels,
                              const struct weights *w)
{
    for (int x = 0; x < width; x++) {
        const float *weight = w->real + (size_t)x * (size_t)w->n_max;
        const float *p = in + (size_t)w->first[x] * (size_t)channels;
        const int n = w->n[x];
        for (int c = 0; c < channels; c++) {
            float sum = 0.0f;
            for (int k = 0; k < n; k++)
                sum += p[(size_t)k * (size_t)channels + (size_t)c] * weight[k];
            out[c] = sum;
        }
        out += channels;
    }
}

static void column_resize(const float *in, float *out, int64_t n_row, const float *weight, int n)
{
    for (int64_t i = 0; i < n_row; i++) out[i] = in[i] * weight[0];
    for (int k = 1; k < n; k++) {
        const float wk = weight[k];
        const float *row = in + (int64_t)k * n_row;
        for (int64_t i = 0; i < n_row; i++) out[i] += row[i] * wk;
    }
}

static fet_status rows_resize(const struct rows *r, enum fet_resize filter)
{
    fet_status st = FET_OK;
    struct weights wx = {0};
    struct weights wy = {0};
    float *wide = NULL; /* [src_h,dst_w,channels] */
    float *row = NULL;
    const int64_t n_row = (int64_t)r->dst_w * r->channels;
    int64_t n_wide = 0;
    if (!fet_mul_size(n_row, r->src_h, &n_wide)) {
        st = FET_FAIL(FET_LIMIT, "resize: %d rows of %lld values", r->src_h, (long long)n_row);
        goto out;
    }
    FET_TRY_OUT(weights_make(&wx, r->src_w, r->dst_w, filter));
    FET_TRY_OUT(weights_make(&wy, r->src_h, r->dst_h, filter));
    wide = fet_alloc(n_wide, sizeof *wide);
    row = fet_alloc(n_row, sizeof *row);
    if (wide == NULL || row == NULL) {
        st = FET_FAIL_MEMORY("resize rows", 4 * (n_wide + n_row));
        goto out;
    }
    for (int y = 0; y < r->src_h; y++)
        row_shrink(r->get(r->self, y), wide + y * n_row, r->dst_w, r->channels, &wx);
    for (int y = 0; y < r->dst_h; y++) {
        column_resize(wide + wy.first[y] * n_row, row, n_row,
                      wy.real + (size_t)y * (size_t)wy.n_max, wy.n[y]);
        r->set(r->self, y, row);
    }
out:
    fet_free(row);
    fet_free(wide);
    weights_deinit(&wy);
    weights_deinit(&wx);
    return st;
}

struct plane_rows {
    const float *src;
    float *dst;
    int src_w, dst_w;
};

static const float *plane_get(void *self, int y)
{
    const struct plane_rows *p = self;
    return p->src + (int64_t)y * p->src_w;
}

static void plane_set(void *self, int y, const float *row)
{
    const struct plane_rows *p = self;
    memcpy(p->dst + (int64_t)y * p->dst_w, row, (size_t)p->dst_w * sizeof *row);
}

fet_status fet_plane_resize(const float *src, int src_w, int src_h, float *dst, int dst_w,
                            int dst_h)
{
    if (src_w < 1 || src_h < 1 || dst_w < 1 || dst_h < 1)
        return FET_FAIL(FET_ARGUMENT, "resize: %d x %d to %d x %d has a side below 1", src_w, src_h,
                        dst_w, dst_h);
    struct plane_rows plane = {.src = src, .dst = dst, .src_w = src_w, .dst_w = dst_w};
    const struct rows rows = {.self = &plane,
                              .src_w = src_w,
                              .src_h = src_h,
                              .dst_w = dst_w,
                              .dst_h = dst_h,
                              .channels = 1,
                              .get = plane_get,
                              .set = plane_set};
    return rows_resize(&rows, FET_RESIZE_BILINEAR);
}

struct image_rows {
    const struct fet_image *src, *dst;
    float *row; /* [src width * channels] */
};

static const float *image_get(void *self, int y)
{
    const struct image_rows *p = self;
    const uint16_t *from = fet_image_row16(p->src, y);
    const int64_t n = (int64_t)p->src->width * p->src->channels;
    for (int64_t i = 0; i < n; i++) p->row[i] = (float)from[i];
    return p->row;
}

static void image_set(void *self, int y, const float *row)
{
    const struct image_rows *p = self;
    uint16_t *to = fet_image_row16(p->dst, y);
    const int64_t n = (int64_t)p->dst->width * p->dst->channels;
    for (int64_t i = 0; i < n; i++) {
        const float v = row[i] + 0.5f;
        to[i] = (uint16_t)(v < 0.0f ? 0.0f : v > 65535.0f ? 65535.0f : v);
    }
}

static fet_status resize16(const struct fet_image *src, enum fet_resize filter,
                           struct fet_image *dst)
{
    const int64_t n_row = (int64_t)src->width * src->channels;
    struct image_rows image = {.src = src, .dst = dst, .row = fet_alloc(n_row, sizeof(float))};
    if (image.row == NULL) return FET_FAIL_MEMORY("resize row", 4 * n_row);
    const struct rows rows = {.self = &image,
                              .src_w = src->width,
                              .src_h = src->height,
                              .dst_w = dst->width,
                              .dst_h = dst->height,
                              .channels = src->channels,
                              .get = image_get,
                              .set = image_set};
    const fet_status st = rows_resize(&rows, filter);
    fet_free(image.row);
    return st;
}

/* ---- the call ---- */

static void resize_nearest(const struct fet_image *src, const struct fet_image *dst)
{
    const size_t n = (size_t)src->channels * (size_t)(src->depth / 8);
    uint8_t *to = dst->pixels;
    for (int y = 0; y < dst->height; y++) {
        const int64_t sy = (2 * (int64_t)y + 1) * src->height / (2 * (int64_t)dst->height);
        const uint8_t *row = (const uint8_t *)src->pixels + (size_t)(sy * src->width) * n;
        for (int x = 0; x < dst->width; x++, to += n) {
            const int64_t sx = (2 * (int64_t)x + 1) * src->width / (2 * (int64_t)dst->width);
            memcpy(to, row + (size_t)sx * n, n);
        }
    }
}

static fet_status resize_filtered(const struct fet_image *src, enum fet_resize filter,
                                  struct fet_image *dst)
{
    if (src->depth == 16) return resize16(src, filter, dst);
    fet_status st = FET_OK;
    struct weights wx = {0};
    struct weights wy = {0};
    FET_TRY_OUT(weights_make(&wx, src->width, dst->width, filter));
    FET_TRY_OUT(weights_make(&wy, src->height, dst->height, filter));
    FET_TRY_OUT(resize8(src, &wx, &wy, dst));
out:
    weights_deinit(&wy);
    weights_deinit(&wx);
    return st;
}

static fet_status resize_alpha(const struct fet_image *src, enum fet_resize filter,
                               struct fet_image *dst)
{
    struct fet_image weighted = {0};
    FET_TRY(fet_image_convert(src, src->channels, src->depth, &weighted));
    fet_alpha_multiply(&weighted);
    const fet_status st = resize_filtered(&weighted, filter, dst);
    if (st == FET_OK) fet_alpha_divide(dst);
    fet_image_deinit(&weighted);
    return st;
}

fet_status fet_image_resize(const struct fet_image *src, int width, int height,
                            enum fet_resize filter, struct fet_image *dst)
{
    if (filter < FET_RESIZE_NEAREST || filter > FET_RESIZE_LANCZOS)
        return FET_FAIL(FET_ARGUMENT, "resize: %d is none of the four filters", (int)filter);
    if (width == src->width && height == src->height)
        return fet_image_convert(src, src->channels, src->depth, dst);
    struct fet_image made = {0};
    fet_status st = FET_OK;
    FET_TRY(fet_image_new(width, height, src->channels, src->depth, &made));
    if (filter == FET_RESIZE_NEAREST)
        resize_nearest(src, &made);
    else if (src->channels % 2 == 0)
        FET_TRY_OUT(resize_alpha(src, filter, &made));
    else
        FET_TRY_OUT(resize_filtered(src, filter, &made));
    *dst = made;
    return FET_OK;
out:
    fet_image_deinit(&made);
    return st;
}
