/* Learning from good parts. Pictures are read once, some at a time; of each a sample of its cells
 * is kept, so memory does not grow with the number of pictures. From the sample the bands learn
 * their whitening, whether the place in the picture counts, and their memory. */
#include "inspector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_PX = 256,     /* longer side that pictures are shrunk to, but for */
    LARGE_PX = 1024,    /* those longer than this */
    N_SAMPLE = 24000,   /* cells kept of all pictures together, when they have */
    USUAL_CELLS = 1024, /* so many; of larger ones more in proportion, but */
    MOST_SAMPLES = 4,   /* no more than so many times as many */
    N_PROBED = 64,      /* pictures whose headers decide about size and colours */
    N_WITNESSES = 2000, /* of the sample, that the first whitening is refined with */
    BATCH = 32          /* pictures between two looks at the clock and the observer */
};

/* Above this share of cells that find their like at the same place, parts lie in place. */
static const double placed_share = 0.5;

struct sample {
    float *x;       /* [n,row_length] */
    float *places;  /* [n,2] */
    int32_t *parts; /* [n] */
    int64_t n, row_length;
};

static void sample_deinit(struct sample *s)
{
    fet_free(s->x);
    fet_free(s->places);
    fet_free(s->parts);
    *s = (struct sample){0};
}

/* ---- which pictures, how large, what colours ---- */

static fet_status find_good(struct fet_examples *e, const struct fet_example ***x, int64_t *n)
{
    FET_TRY(fet_inspector_select_good(e, FET_SPLIT_FIT, x, n));
    if (*n == 0)
        return FET_FAIL(FET_DATA,
                        "%s: no picture of a good part to learn from (a folder named good, or a "
                        "folder of good parts alone, is wanted)",
                        e->root ? e->root : "examples");
    return FET_OK;
}

static int compare_ints(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static fet_status probe(const struct fet_examples *e, const struct fet_example *x,
                        struct fet_image_info *info)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_picture_bytes(e, x, &bytes, &n));
    const fet_status st = fet_image_probe(bytes, n, x->path, NULL, info);
    fet_free(bytes);
    return st;
}

/* Usual size and colours of the first pictures (their order is that of their content). */
static fet_status sizes_find(struct fet_inspector *s, const struct fet_examples *e,
                             const struct fet_example *const *x, int64_t n)
{
    int widths[N_PROBED], heights[N_PROBED], n_probed = n < N_PROBED ? (int)n : N_PROBED;
    s->look.n_colours = 1;
    for (int i = 0; i < n_probed; i++) {
        struct fet_image_info info;
        FET_TRY(probe(e, x[i], &info));
        widths[i] = info.width;
        heights[i] = info.height;
        if (info.channels >= 3) s->look.n_colours = 3;
    }
    qsort(widths, (size_t)n_probed, sizeof *widths, compare_ints);
    qsort(heights, (size_t)n_probed, sizeof *heights, compare_ints);
    s->usual_w = widths[n_probed / 2];
    s->usual_h = heights[n_probed / 2];
    return FET_OK;
}

/* The extractor takes one size, and pictures come larger than it. */
static void exact_note(const struct fet_inspector *s, const struct fet_context *c)
{
    const double w = (double)s->usual_w / s->look.exact_w, h = (double)s->usual_h / s->look.exact_h;
    const double shrinking = w > h ? w : h;
    if (shrinking > 1)
        fet_context_note(c,
                         "Pictures of about %d x %d pixels become %d x %d, for which the network "
                         "was made; a defect smaller than %.0f pixels may vanish. --resolution 0 "
                         "looks at every pixel and takes about %.0f times as long.",
                         s->usual_w, s->usual_h, s->look.exact_w, s->look.exact_h,
                         ceil(2 * shrinking), ceil(w * h));
}

/* A defect of 20 pixels is found in a picture of 4,190 at half its size, not at 256. */
static double scale_choose(const struct fet_inspector *s, const struct fet_settings *settings,
                           int longest)
{
    const bool is_free = fet_settings_is_word(settings, "resolution");
    const int64_t wished = is_free ? USUAL_PX : fet_settings_int(settings, "resolution");
    if (is_free && longest > LARGE_PX && s->extractor.most_shrinking > 0)
        return 1 / s->extractor.most_shrinking;
    return wished > 0 && wished < longest ? (double)wished / longest : 1;
}

static fet_status look_decide(struct fet_inspector *s, const struct fet_examples *e,
                              const struct fet_example *const *x, int64_t n,
                              const struct fet_task_job *job)
{
    FET_TRY(sizes_find(s, e, x, n));
    const struct fet_extractor *const extractor = &s->extractor;
    const bool is_free = fet_settings_is_word(job->settings, "resolution");
    s->look.scale =
        scale_choose(s, job->settings, s->usual_w > s->usual_h ? s->usual_w : s->usual_h);
    if (is_free && extractor->made_w > 0) {
        s->look.scale = 1;
        s->look.exact_w = extractor->made_w;
        s->look.exact_h = extractor->made_h;
        exact_note(s, job->context);
    } else if (s->look.scale < 1)
        fet_context_note(job->context,
                         "Pictures of about %d x %d pixels are shrunk to %.0f x %.0f (by a factor "
                         "of %.3g) to be looked at; a defect smaller than %.0f pixels may vanish. "
                         "--resolution 0 looks at every pixel and takes about %.0f times as long.",
                         s->usual_w, s->usual_h, s->usual_w * s->look.scale,
                         s->usual_h * s->look.scale, 1 / s->look.scale, ceil(2 / s->look.scale),
                         1 / (s->look.scale * s->look.scale));
    const char *roi = fet_settings_text(job->settings, "roi");
    return roi[0] ? fet_look_read_roi(&s->look, roi) : FET_OK;
}

/* ---- the sample ---- */

void fet_inspector_gather(const struct fet_inspector *s, const struct fet_feature_map *map,
                          int64_t cell, float *row)
{
    for (int b = 0; b < s->n_bands; b++) {
        const struct fet_extractor_band *const band = &s->bands[b].channels;
        fet_feature_map_gather(map, (int)(cell % map->w), (int)(cell / map->w), band, row);
        row += fet_extractor_band_numbers(band);
    }
}

struct reading {
    const struct fet_inspector *s;
    const struct fet_examples *e;
    const struct fet_example *const *x; /* of the batch */
    int64_t i_first;                    /* of the batch's first picture */
    int64_t quota;                      /* cells of one picture */
    uint64_t seed;
    struct sample *sample; /* rows of picture i begin at i * quota */
    int64_t *n_taken;      /* [n pictures] */
};

/* Cells inside the region of interest, the first `quota` of them in an order drawn for this
 * picture. *cells owned by the caller. */
static fet_status cells_draw(const struct reading *r, const struct fet_picture *p,
                             const struct fet_feature_map *map, uint64_t key, int64_t **cells,
                             int64_t *n)
{
    const int64_t n_cells = (int64_t)map->w * map->h;
    int64_t *list = fet_alloc(n_cells, sizeof *list), count = 0;
    uint8_t *inside = fet_alloc(n_cells, 1);
    if (list == NULL || inside == NULL) {
        fet_free(list);
        fet_free(inside);
        return FET_FAIL_MEMORY("cells", n_cells * 9);
    }
    fet_look_cells(&r->s->look, p->image.width, p->image.height, r->s->extractor.stride_px, inside);
    for (int64_t i = 0; i < n_cells; i++)
        if (inside[i]) list[count++] = i;
    fet_free(inside);
    struct fet_rng rng;
    fet_rng_init(&rng, r->seed, key);
    fet_rng_shuffle(&rng, list, count);
    *cells = list;
    *n = count < r->quota ? count : r->quota;
    return FET_OK;
}

static fet_status picture_sample(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct reading *r = self;
    const struct fet_example *x = r->x[i_chunk];
    const int64_t first = (r->i_first + i_chunk) * r->quota;
    struct fet_picture picture = {0};
    struct fet_feature_map map = {0};
    int64_t *cells = NULL, n = 0;
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_picture_read(&r->s->look, r->e, x, &picture));
    FET_TRY_OUT(r->s->extractor.kind->extract(&r->s->extractor, &picture.image, NULL, &map));
    FET_TRY_OUT(cells_draw(r, &picture, &map, x->key, &cells, &n));
    const int32_t part = (int32_t)(fet_example_part(x) >> 33);
    for (int64_t i = 0; i < n; i++) {
        const int cx = (int)(cells[i] % map.w), cy = (int)(cells[i] / map.w);
        fet_inspector_gather(r->s, &map, cells[i],
                             r->sample->x + (first + i) * r->sample->row_length);
        r->sample->places[2 * (first + i)] = ((float)cx + 0.5f) / (float)map.w;
        r->sample->places[2 * (first + i) + 1] = ((float)cy + 0.5f) / (float)map.h;
        r->sample->parts[first + i] = part;
    }
    r->n_taken[r->i_first + i_chunk] = n;
out:
    fet_free(cells);
    fet_feature_map_deinit(&map);
    fet_picture_deinit(&picture);
    return st;
}

/* Large pictures show more kinds of cells, at their borders for one; a description that is plain
 * is longer, and its pictures come in one size. */
static int64_t sample_size(const struct fet_inspector *s)
{
    const double stride_px = s->extractor.stride_px;
    const double n_cells = round(s->usual_w * s->look.scale / stride_px) *
                           round(s->usual_h * s->look.scale / stride_px);
    const double share = n_cells / USUAL_CELLS;
    if (s->bands[0].channels.is_plain || share < 1) return N_SAMPLE;
    return (int64_t)(N_SAMPLE * (share < MOST_SAMPLES ? share : MOST_SAMPLES));
}

static fet_status sample_alloc(struct sample *s, const struct fet_inspector *inspector, int64_t n)
{
    s->row_length = 0;
    for (int b = 0; b < inspector->n_bands; b++)
        s->row_length += fet_extractor_band_numbers(&inspector->bands[b].channels);
    s->x = fet_alloc(n * s->row_length, sizeof *s->x);
    s->places = fet_alloc(2 * n, sizeof *s->places);
    s->parts = fet_alloc(n, sizeof *s->parts);
    if (s->x == NULL || s->places == NULL || s->parts == NULL)
        return FET_FAIL_MEMORY("sample", n * s->row_length * 4);
    return FET_OK;
}

/* Closes the gaps that small pictures left, and makes parts of the quarters of a single part. */
static fet_status sample_close(struct sample *s, const int64_t *n_taken, int64_t n_pictures,
                               int64_t quota)
{
    bool has_others = false;
    for (int64_t i = 0; i < n_pictures; i++) {
        const int64_t from = i * quota, n = n_taken[i];
        memmove(s->x + s->n * s->row_length, s->x + from * s->row_length,
                (size_t)(n * s->row_length) * sizeof *s->x);
        memmove(s->places + 2 * s->n, s->places + 2 * from, (size_t)(2 * n) * sizeof *s->places);
        memmove(s->parts + s->n, s->parts + from, (size_t)n * sizeof *s->parts);
        s->n += n;
    }
    if (s->n == 0)
        return FET_FAIL(FET_DATA,
                        "the region of interest is too thin: no cell of the map lies at least "
                        "half inside");
    for (int64_t i = 1; i < s->n; i++) has_others |= s->parts[i] != s->parts[0];
    for (int64_t i = 0; i < s->n && !has_others; i++)
        s->parts[i] = (s->places[2 * i] > 0.5f) + 2 * (s->places[2 * i + 1] > 0.5f);
    return FET_OK;
}

static fet_status sample_read(const struct fet_inspector *s, const struct fet_examples *e,
                              const struct fet_example *const *x, int64_t n,
                              const struct fet_task_job *job, struct sample *sample)
{
    fet_status st = FET_OK;
    const int64_t n_sample = sample_size(s);
    if (n > n_sample) n = n_sample; /* one cell of each is the least; the order is by content */
    const int64_t quota = n_sample / n;
    int64_t *n_taken = fet_alloc(n, sizeof *n_taken);
    if (n_taken == NULL) return FET_FAIL_MEMORY("sample", n * 8);
    FET_TRY_OUT(sample_alloc(sample, s, n * quota));
    for (int64_t i = 0; i < n; i += BATCH) {
        FET_TRY_OUT(fet_context_progress(job->context, "looking at good parts", i, n));
        struct reading r = {.s = s,
                            .e = e,
                            .x = x + i,
                            .i_first = i,
                            .quota = quota,
                            .seed = job->seed,
                            .sample = sample,
                            .n_taken = n_taken};
        FET_TRY_OUT(fet_pool_run(fet_context_pool(job->context), n - i < BATCH ? n - i : BATCH,
                                 picture_sample, &r));
    }
    st = sample_close(sample, n_taken, n, quota);
out:
    fet_free(n_taken);
    return st;
}

/* ---- learning ---- */

/* The columns of one band. */
static struct fet_band_sample band_columns(const struct fet_inspector *s,
                                           const struct sample *sample, int i_band)
{
    int64_t first = 0;
    for (int b = 0; b < i_band; b++) first += fet_extractor_band_numbers(&s->bands[b].channels);
    return (struct fet_band_sample){.x = sample->x + first,
                                    .places = sample->places,
                                    .parts = sample->parts,
                                    .n = sample->n,
                                    .row_length = sample->row_length};
}

/* A network sees far enough around a cell to know its place by itself. */
static void place_decide(struct fet_inspector *s, const struct fet_task_job *job)
{
    const bool is_plain = s->bands[0].channels.is_plain;
    const char *position = fet_settings_text(job->settings, "position");
    s->is_placed = strcmp(position, "on") == 0 || (strcmp(position, "auto") == 0 && !is_plain &&
                                                   s->same_place > placed_share && s->n_fit > 1);
}

/* So many entries in each band that all together stay within the budget. */
static int64_t entries_afford(const struct fet_inspector *s, const struct fet_task_job *job)
{
    const double budget = fet_settings_real(job->settings, "memory") * 1e6;
    size_t bytes = 0;
    for (int b = 0; b < s->n_bands; b++)
        bytes += fet_memory_bytes(1, fet_band_numbers(&s->bands[b], s->is_placed));
    const int64_t n = (int64_t)(budget / (double)bytes);
    return n < 1 ? 1 : n;
}

/* The memory leaves room for the parts that calibrate, see fet_inspector_remember_more. */
static int64_t entries_for_fit(const struct fet_inspector *s, const struct fet_examples *e,
                               int64_t n_entries)
{
    int64_t n_later = 0;
    if (!s->bands[0].channels.is_plain) return n_entries;
    for (int64_t i = 0; i < e->n; i++)
        n_later += e->items[i].split == FET_SPLIT_CALIBRATE && e->items[i].truth == FET_TRUTH_GOOD;
    const int64_t n = n_entries * s->n_fit / (s->n_fit + n_later);
    return n < 1 ? 1 : n;
}

static fet_status bands_learn(struct fet_inspector *s, const struct fet_examples *e,
                              const struct sample *sample, const struct fet_task_job *job)
{
    struct fet_pool *pool = fet_context_pool(job->context);
    double same_place = 0;
    for (int b = 0; b < s->n_bands; b++) {
        FET_TRY(fet_context_progress(job->context, "learning what varies", b, s->n_bands));
        const struct fet_band_sample columns = band_columns(s, sample, b);
        double share = 0;
        FET_TRY(fet_band_whiten(&s->bands[b], &columns, N_WITNESSES, pool, &share));
        same_place += share / s->n_bands;
    }
    s->same_place = same_place;
    place_decide(s, job);
    const int64_t n_entries = entries_for_fit(s, e, entries_afford(s, job));
    for (int b = 0; b < s->n_bands; b++) {
        FET_TRY(fet_context_progress(job->context, "choosing what to remember", b, s->n_bands));
        const struct fet_band_sample columns = band_columns(s, sample, b);
        FET_TRY(fet_band_remember(&s->bands[b], &columns, n_entries, s->is_placed, pool));
    }
    return fet_context_progress(job->context, "choosing what to remember", s->n_bands, s->n_bands);
}

static void bands_name(struct fet_inspector *s)
{
    struct fet_extractor_band bands[FET_MAX_BANDS];
    s->n_bands = s->extractor.kind->bands(&s->extractor, s->look.n_colours, bands);
    for (int b = 0; b < s->n_bands; b++) s->bands[b].channels = bands[b];
}

fet_status fet_inspector_fit(struct fet_examples *e, const struct fet_task_job *job, void **state)
{
    fet_status st = FET_OK;
    const struct fet_example **x = NULL;
    int64_t n = 0;
    struct sample sample = {0};
    struct fet_inspector *s = fet_alloc(1, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("inspector", sizeof *s);
    FET_TRY_OUT(fet_extractor_open(job->settings, &s->extractor));
    s->look.stride_px = s->extractor.stride_px;
    FET_TRY_OUT(find_good(e, &x, &n));
    s->n_fit = n;
    FET_TRY_OUT(look_decide(s, e, x, n, job));
    bands_name(s);
    FET_TRY_OUT(sample_read(s, e, x, n, job, &sample));
    FET_TRY_OUT(bands_learn(s, e, &sample, job));
    sample_deinit(&sample);
    if (!s->bands[0].channels.is_plain) FET_TRY_OUT(fet_inspector_discriminate(s, e, x, n, job));
    *state = s;
    s = NULL;
out:
    sample_deinit(&sample);
    fet_inspector_free(s);
    return st;
}

/* Later entries of a band when n_later pictures were remembered later: in proportion to those of
 * the pictures learned from, but no more than so many times as many. */
static int64_t later_entries(const struct fet_inspector *s, const struct fet_band *band,
                             int64_t n_later)
{
    const int64_t most = FET_INSPECTOR_GROWTH * s->n_fit;
    return band->memory.n * (n_later < most ? n_later : most) / s->n_fit;
}

fet_status fet_inspector_remember_more(struct fet_inspector *s, const struct fet_examples *e,
                                       const struct fet_example *const *x, int64_t n,
                                       const struct fet_task_job *job)
{
    struct sample sample = {0};
    if (n == 0) return FET_OK;
    fet_status st = sample_read(s, e, x, n, job, &sample);
    for (int b = 0; b < s->n_bands && st == FET_OK; b++) {
        const struct fet_band_sample columns = band_columns(s, &sample, b);
        st = fet_band_remember_more(&s->bands[b], &columns,
                                    later_entries(s, &s->bands[b], s->n_later + n));
    }
    if (st == FET_OK) s->n_later += n;
    sample_deinit(&sample);
    return st;
}

void fet_inspector_free(struct fet_inspector *s)
{
    if (s == NULL) return;
    fet_look_deinit(&s->look);
    fet_extractor_close(&s->extractor);
    for (int b = 0; b < s->n_bands; b++) fet_band_deinit(&s->bands[b]);
    fet_discriminator_deinit(&s->discriminator);
    fet_free(s->scores);
    fet_free(s);
}
