#include "inspect_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RADIUS = 3 };

/* exp(-k^2/2 deviation^2), cut at RADIUS and summing to 1. */
static void bell_fill(double deviation, float bell[RADIUS + 1])
{
    double values[RADIUS + 1], sum = 0;
    for (int k = 0; k <= RADIUS; k++) {
        values[k] = exp(-k * k / (2 * deviation * deviation));
        sum += (k == 0 ? 1 : 2) * values[k];
    }
    for (int k = 0; k <= RADIUS; k++) bell[k] = (float)(values[k] / sum);
}

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

void fet_map_smooth(float *map, int w, int h, double deviation, float *scratch)
{
    float bell[RADIUS + 1];
    if (!(deviation > 0.1)) return; /* the neighbours would weigh nothing */
    bell_fill(deviation, bell);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float sum = 0;
            for (int k = -RADIUS; k <= RADIUS; k++)
                sum += bell[abs(k)] * map[(int64_t)y * w + clamp(x + k, w)];
            scratch[(int64_t)y * w + x] = sum;
        }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float sum = 0;
            for (int k = -RADIUS; k <= RADIUS; k++)
                sum += bell[abs(k)] * scratch[(int64_t)clamp(y + k, h) * w + x];
            map[(int64_t)y * w + x] = sum;
        }
}

double fet_map_score(const float *map, int64_t n)
{
    float highest = -INFINITY;
    for (int64_t i = 0; i < n; i++) highest = map[i] > highest ? map[i] : highest;
    return (double)highest;
}

static int compare_regions(const void *a, const void *b)
{
    const struct fet_region *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    if (x->y != y->y) return x->y < y->y ? -1 : 1;
    return (x->x > y->x) - (x->x < y->x);
}

/* A box in cells (ends included) becomes a box in pixels. */
static struct fet_region to_pixels(const struct fet_region *box, const struct fet_map_frame *f)
{
    struct fet_region r = {.score = box->score};
    r.x = clamp((int)floor(box->x * f->cell_w), f->picture_w);
    r.y = clamp((int)floor(box->y * f->cell_h), f->picture_h);
    const int right = (int)ceil((box->w + 1) * f->cell_w);
    const int bottom = (int)ceil((box->h + 1) * f->cell_h);
    r.w = (right < f->picture_w ? right : f->picture_w) - r.x;
    r.h = (bottom < f->picture_h ? bottom : f->picture_h) - r.y;
    return r;
}

/* Boxes as x, y (first) and w, h (last) in cells, with the highest value inside. */
static void boxes_measure(const float *map, const int32_t *labels, const struct fet_map_frame *f,
                          struct fet_region *boxes, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        boxes[i] = (struct fet_region){.x = f->w, .y = f->h, .score = -INFINITY};
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < f->w; x++) {
            const int64_t i = (int64_t)y * f->w + x;
            if (labels[i] == 0) continue;
            struct fet_region *b = &boxes[labels[i] - 1];
            if (x < b->x) b->x = x;
            if (y < b->y) b->y = y;
            if (x > b->w) b->w = x;
            if (y > b->h) b->h = y;
            if ((double)map[i] > b->score) b->score = (double)map[i];
        }
}

fet_status fet_map_regions(const float *map, const struct fet_map_frame *f, double threshold,
                           struct fet_arena *arena, struct fet_region **regions, int *n_regions)
{
    fet_status st = FET_OK;
    const int64_t n_cells = (int64_t)f->w * f->h;
    struct fet_region *boxes = NULL, *made = NULL;
    int32_t n = 0;
    uint8_t *above = fet_alloc(n_cells, 1);
    int32_t *labels = fet_alloc(n_cells, sizeof *labels);
    if (above == NULL || labels == NULL) {
        st = FET_FAIL_MEMORY("regions", n_cells * 5);
        goto out;
    }
    for (int64_t i = 0; i < n_cells; i++) above[i] = (double)map[i] > threshold;
    FET_TRY_OUT(fet_connected_regions(above, f->w, f->h, labels, &n));
    boxes = fet_alloc(n, sizeof *boxes);
    const int n_kept = n < FET_MAX_REGIONS ? n : FET_MAX_REGIONS;
    made = fet_arena_alloc(arena, n_kept, sizeof *made);
    if (boxes == NULL || made == NULL) {
        st = FET_FAIL_MEMORY("regions", n * (int64_t)sizeof *boxes);
        goto out;
    }
    boxes_measure(map, labels, f, boxes, n);
    qsort(boxes, (size_t)n, sizeof *boxes, compare_regions);
    for (int i = 0; i < n_kept; i++) made[i] = to_pixels(&boxes[i], f);
    *regions = made;
    *n_regions = n_kept;
out:
    fet_free(above);
    fet_free(labels);
    fet_free(boxes);
    return st;
}
