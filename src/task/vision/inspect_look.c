/* From a picture to its map and score: prepare, extract, compare every cell with the memory of each
 * band, smooth, take the highest. Cells are compared in blocks that run in parallel; a cell's value
 * does not depend on which thread had it. */
#include "inspector.h"

#include "inspect_map.h"

#include <math.h>

struct look_job {
    const struct fet_inspector *s;
    const struct fet_feature_map *features;
    float *map;      /* [h,w] */
    float **scratch; /* [n_threads] */
};

static fet_status look_block(void *self, int64_t i_chunk, int worker)
{
    const struct look_job *job = self;
    const int64_t n_cells = (int64_t)job->features->w * job->features->h;
    const int64_t first = i_chunk * FET_MEMORY_BLOCK;
    const int64_t n = n_cells - first < FET_MEMORY_BLOCK ? n_cells - first : FET_MEMORY_BLOCK;
    for (int b = 0; b < job->s->n_bands; b++)
        FET_TRY(fet_band_add_unusual(&job->s->bands[b], job->features, first, n,
                                     job->scratch[worker], job->map + first));
    const float scale = 1.0f / sqrtf((float)job->s->n_bands);
    for (int64_t i = first; i < first + n; i++) job->map[i] *= scale;
    return FET_OK;
}

static fet_status map_fill(const struct fet_inspector *s, const struct fet_feature_map *features,
                           struct fet_pool *pool, float *map)
{
    fet_status st = FET_OK;
    const int n_threads = fet_pool_threads(pool);
    struct look_job job = {.s = s, .features = features, .map = map};
    int64_t n_scratch = 0;
    for (int b = 0; b < s->n_bands; b++) {
        const int64_t n = fet_band_scratch(&s->bands[b]);
        if (n > n_scratch) n_scratch = n;
    }
    job.scratch = fet_alloc(n_threads, sizeof *job.scratch);
    if (job.scratch == NULL) return FET_FAIL_MEMORY("looking", n_threads * 8);
    for (int i = 0; i < n_threads; i++) {
        job.scratch[i] = fet_alloc(n_scratch, sizeof **job.scratch);
        if (job.scratch[i] == NULL) {
            st = FET_FAIL_MEMORY("looking", n_scratch * 4);
            goto out;
        }
    }
    const int64_t n_cells = (int64_t)features->w * features->h;
    st = fet_pool_run(pool, (n_cells + FET_MEMORY_BLOCK - 1) / FET_MEMORY_BLOCK, look_block, &job);
out:
    for (int i = 0; i < n_threads; i++) fet_free(job.scratch[i]);
    fet_free(job.scratch);
    return st;
}

/* Cells outside the region of interest become as usual as the most usual cell inside. */
static fet_status hush_outside(const struct fet_inspector *s, const struct fet_picture *p,
                               float *map, int64_t n_cells)
{
    if (s->look.roi == NULL) return FET_OK;
    uint8_t *inside = fet_alloc(n_cells, 1);
    if (inside == NULL) return FET_FAIL_MEMORY("region of interest", n_cells);
    fet_look_cells(&s->look, p->image.width, p->image.height, s->extractor.stride_px, inside);
    float least = INFINITY;
    for (int64_t i = 0; i < n_cells; i++)
        if (inside[i] && map[i] < least) least = map[i];
    for (int64_t i = 0; i < n_cells; i++)
        if (!inside[i]) map[i] = least;
    fet_free(inside);
    return FET_OK;
}

void fet_unusual_deinit(struct fet_unusual *u)
{
    fet_free(u->map);
    *u = (struct fet_unusual){0};
}

fet_status fet_inspector_look(const struct fet_inspector *s, const struct fet_examples *e,
                              const struct fet_example *x, struct fet_pool *pool,
                              struct fet_unusual *u)
{
    fet_status st = FET_OK;
    struct fet_picture picture = {0};
    struct fet_feature_map features = {0};
    struct fet_unusual made = {0};
    float *scratch = NULL;
    FET_TRY_OUT(fet_picture_read(&s->look, e, x, &picture));
    FET_TRY_OUT(s->extractor.kind->extract(&s->extractor, &picture.image, pool, &features));
    made.w = features.w;
    made.h = features.h;
    made.picture_w = picture.shown_w;
    made.picture_h = picture.shown_h;
    made.cells_w = (double)picture.image.width / s->extractor.stride_px;
    made.cells_h = (double)picture.image.height / s->extractor.stride_px;
    const int64_t n_cells = (int64_t)made.w * made.h;
    made.map = fet_alloc(n_cells, sizeof *made.map);
    scratch = fet_alloc(n_cells, sizeof *scratch);
    if (made.map == NULL || scratch == NULL) {
        st = FET_FAIL_MEMORY("map", n_cells * 8);
        goto out;
    }
    FET_TRY_OUT(map_fill(s, &features, pool, made.map));
    FET_TRY_OUT(hush_outside(s, &picture, made.map, n_cells));
    fet_map_smooth(made.map, made.w, made.h, s->extractor.smoothing_cells, scratch);
    made.score = fet_map_score(made.map, n_cells);
    *u = made;
    made = (struct fet_unusual){0};
out:
    fet_free(scratch);
    fet_unusual_deinit(&made);
    fet_feature_map_deinit(&features);
    fet_picture_deinit(&picture);
    return st;
}
