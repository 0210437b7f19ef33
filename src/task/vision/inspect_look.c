/* From a picture to its map and score: prepare, extract, compare every cell with the memory of each
 * band, add what the discriminator says of it, smooth, take the highest. Cells are compared in
 * blocks that run in parallel; a cell's value does not depend on which thread had it. */
#include "inspector.h"

#include "inspect_map.h"

#include <math.h>

struct look_job {
    const struct fet_inspector *s;
    const struct fet_feature_map *features;
    float *map, *odds; /* [h,w]; odds may be NULL */
    float **scratch;   /* [n_threads] */
    int64_t n_band_scratch;
};

int fet_inspector_numbers(const struct fet_inspector *s)
{
    int n = 0;
    for (int b = 0; b < s->n_bands; b++) n += s->bands[b].whitening.n_out;
    return n;
}

static fet_status look_block(void *self, int64_t i_chunk, int worker)
{
    const struct look_job *job = self;
    const struct fet_inspector *const s = job->s;
    const int64_t n_cells = (int64_t)job->features->w * job->features->h;
    struct fet_band_cells cells = {.map = job->features, .first = i_chunk * FET_MEMORY_BLOCK};
    const int64_t left = n_cells - cells.first;
    cells.n = left < FET_MEMORY_BLOCK ? left : FET_MEMORY_BLOCK;
    const int n_numbers = fet_inspector_numbers(s);
    float *const whitened = job->scratch[worker] + job->n_band_scratch;
    int first_number = 0;
    for (int b = 0; b < s->n_bands; b++) {
        FET_TRY(
            fet_band_add_unusual(&s->bands[b], &cells, job->scratch[worker], job->map + cells.first,
                                 job->odds != NULL ? whitened + first_number : NULL, n_numbers));
        first_number += s->bands[b].whitening.n_out;
    }
    const float scale = 1.0f / sqrtf((float)s->n_bands);
    for (int64_t i = cells.first; i < cells.first + cells.n; i++) job->map[i] *= scale;
    if (job->odds == NULL) return FET_OK;
    return fet_discriminator_add(&s->discriminator, whitened, cells.n, job->scratch[worker],
                                 job->odds + cells.first);
}

/* Floats that one thread works in. */
static int64_t scratch_of(const struct fet_inspector *s, bool has_odds, int64_t *n_band_scratch)
{
    int64_t most = has_odds ? FET_DISCRIMINATOR_SCRATCH : 0;
    for (int b = 0; b < s->n_bands; b++) {
        const int64_t n = fet_band_scratch(&s->bands[b]);
        if (n > most) most = n;
    }
    *n_band_scratch = most;
    return most + (has_odds ? FET_MEMORY_BLOCK * (int64_t)fet_inspector_numbers(s) : 0);
}

fet_status fet_inspector_map(const struct fet_inspector *s, const struct fet_feature_map *features,
                             struct fet_pool *pool, float *unusual, float *odds)
{
    fet_status st = FET_OK;
    const int n_threads = fet_pool_threads(pool);
    const int64_t n_cells = (int64_t)features->w * features->h;
    struct look_job job = {.s = s, .features = features, .map = unusual, .odds = odds};
    const int64_t n_scratch = scratch_of(s, odds != NULL, &job.n_band_scratch);
    for (int64_t i = 0; i < n_cells; i++) {
        unusual[i] = 0;
        if (odds != NULL) odds[i] = 0;
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
    FET_TRY_OUT(fet_inspector_map(s, &features, pool, made.map,
                                  s->discriminator.n_in > 0 ? scratch : NULL));
    for (int64_t i = 0; i < n_cells && s->discriminator.n_in > 0; i++) made.map[i] += scratch[i];
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
