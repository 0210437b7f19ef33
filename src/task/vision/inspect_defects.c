/* Learning from made defects. Good pictures that the bands were learned from are looked at again,
 * three of four with defects made in them, and the discriminator learns to tell their cells apart.
 * It reads whitened descriptions, not distances: those of pictures that the memory has seen would
 * be too small.
 *
 * Then its answers are brought to the unit of the memory's: over good pictures, the highest of a
 * thousand cells shall stand out by as much in both maps. Their sum decides. */
#include "inspector.h"

#include "album.h"
#include "forge.h"
#include "inspect_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_CELLS = 80,     /* kept of a look, */
    N_BAD_CELLS = 30, /* of which at most so many show a defect */
    N_WEIGHED = 100,  /* pictures that the unit is found by, */
    N_WEIGHED_CELLS = 512,
    MAX_DEFECTS = 4,
    N_ROUNDS = 42,       /* so often each description is learned from, */
    N_LEAST_STEPS = 200, /* but in so many steps at least */
    WINDOW_PX = 320,     /* of a larger picture one look sees a window of this size, */
    MARGIN_CELLS = 4,    /* and not the cells at its border, which would look otherwise inside */
    BATCH = 32           /* looks between two looks at the observer */
};

/* The number of looks: more know more kinds of defects, but not of a handful of pictures. */
static const struct {
    const char *effort;
    int64_t n_looks, n_per_picture;
} efforts[] = {{"memory", 0, 0}, {"fast", 500, 25}, {"normal", 3000, 150}, {"best", 8000, 400}};

/* A cell shows a defect from this share of its pixels on, and none only without any. */
static const float least_share = 0.25f;
static const double defect_chance = 0.75, another_defect = 0.4; /* of the first, of one more */
/* Of the time that may be taken; learning from the pictures takes about as long as making them. */
static const double share_of_making = 0.5;

/* Looks are numbered round by round, each round through all pictures of the album; what a look sees
 * follows from its number. They are taken page by page of the album: on a page, every look at a
 * picture of it, at a donor of it. */
struct looks {
    const struct fet_inspector *s;
    struct fet_album album; /* owned */
    uint64_t seed;
    int64_t n_looks, n_done;                 /* in all; on earlier pages */
    double ms_allowed;                       /* for all of them */
    int64_t first;                           /* of the batch, on this page */
    struct fet_discriminator_sample *sample; /* cells of look i begin at i * N_CELLS */
    int64_t *n_taken;                        /* [n_looks] */
};

/* ---- a picture with defects ---- */

/* One side of a window. */
struct side {
    int at, size;   /* where it begins in the picture, whole cells; pixels */
    int first, end; /* cells of it that are taken: none of the margin inside the picture */
};

/* What one look sees: a picture of a good part, or a window of it. */
struct view {
    struct fet_image picture;
    struct side x, y;
    int w, h; /* of the whole picture */
};

/* A window in a side of size pixels. Drawn from beyond both ends, so that the border of the picture
 * is seen as often as what lies inside. */
static struct side side_draw(int size, int stride_px, struct fet_rng *rng)
{
    const int half = WINDOW_PX / stride_px / 2, last = (size - WINDOW_PX) / stride_px;
    struct side s = {.size = size, .end = (size + stride_px - 1) / stride_px};
    if (size <= WINDOW_PX) return s;
    int cell = fet_rng_int(rng, -half, last + half);
    cell = cell < 0 ? 0 : cell > last ? last : cell;
    s.at = cell * stride_px;
    s.size = cell == last ? size - s.at : WINDOW_PX;
    s.first = cell == 0 ? 0 : MARGIN_CELLS;
    s.end = (s.size + stride_px - 1) / stride_px - (cell == last ? 0 : MARGIN_CELLS);
    return s;
}

static fet_status view_cut(const struct fet_image *whole, int stride_px, struct fet_rng *rng,
                           struct view *v)
{
    v->w = whole->width;
    v->h = whole->height;
    v->x = side_draw(v->w, stride_px, rng);
    v->y = side_draw(v->h, stride_px, rng);
    return fet_image_crop(whole, v->x.at, v->y.at, v->x.size, v->y.size, &v->picture);
}

/* A view of held picture i in RGB 8. */
static fet_status view_draw(const struct looks *l, int64_t i, struct fet_rng *rng, struct view *v)
{
    struct view cut = {0};
    FET_TRY(view_cut(&l->album.held[i], l->s->extractor.stride_px, rng, &cut));
    *v = cut;
    v->picture = (struct fet_image){0};
    const fet_status st = fet_image_convert(&cut.picture, 3, 8, &v->picture);
    fet_image_deinit(&cut.picture);
    return st;
}

static fet_status defects_make(const struct looks *l, struct fet_rng *rng, struct view *v,
                               struct fet_image *mask)
{
    struct view donor = {0};
    int n = 1;
    FET_TRY(view_draw(l, fet_rng_below(rng, (uint32_t)l->album.n_held), rng, &donor));
    while (n < MAX_DEFECTS && fet_rng_chance(rng, another_defect)) n++;
    fet_status st = FET_OK;
    for (int k = 0; k < n && st == FET_OK; k++)
        st = fet_forge_defect(&v->picture, mask, &donor.picture, rng);
    fet_image_deinit(&donor.picture);
    return st;
}

/* ---- its cells ---- */

/* The share of the cell's pixels that show a defect. */
static float share_of(const struct fet_image *mask, int stride_px, int cx, int cy)
{
    const uint8_t *const pixels = mask->pixels;
    int sum = 0;
    for (int y = cy * stride_px; y < (cy + 1) * stride_px && y < mask->height; y++)
        for (int x = cx * stride_px; x < (cx + 1) * stride_px && x < mask->width; x++)
            sum += pixels[(int64_t)y * mask->width + x];
    return (float)sum / (255.0f * (float)(stride_px * stride_px));
}

/* Of the cells in list [n_inside], in the order drawn, those to be kept, with a defect first: the
 * first *n of the list, *n_bad with a defect. */
static void cells_choose(const struct fet_image *mask, int stride_px, int w, int64_t n_inside,
                         int64_t *list, int64_t *n_bad, int64_t *n)
{
    int64_t bad = 0, kept = 0;
    for (int64_t i = 0; i < n_inside; i++) {
        const int64_t cell = list[i];
        const float share = share_of(mask, stride_px, (int)(cell % w), (int)(cell / w));
        const bool is_bad = share > least_share;
        if ((is_bad && bad == N_BAD_CELLS) || (!is_bad && share > 0)) continue;
        list[kept++] = cell;
        if (!is_bad) continue;
        list[kept - 1] = list[bad];
        list[bad++] = cell;
    }
    *n_bad = bad;
    *n = kept < N_CELLS ? kept : N_CELLS;
}

/* The whitened descriptions of n cells, band by band: out [n,fet_inspector_numbers]. */
static fet_status rows_whiten(const struct fet_inspector *s, const int64_t *cells, int64_t n,
                              const struct fet_feature_map *map, float *out)
{
    int n_in = 0;
    const int n_out = fet_inspector_numbers(s);
    if (n == 0) return FET_OK; /* a window may lie outside the region of interest */
    for (int b = 0; b < s->n_bands; b++) n_in += s->bands[b].whitening.n_in;
    float *const x = fet_alloc(2 * n * n_in, sizeof *x), *const scratch = x + n * n_in;
    if (x == NULL) return FET_FAIL_MEMORY("cells", 2 * n * n_in * 4);
    fet_status st = FET_OK;
    for (int64_t i = 0; i < n; i++) fet_inspector_gather(s, map, cells[i], x + i * n_in);
    for (int b = 0, first_in = 0, first_out = 0; b < s->n_bands && st == FET_OK; b++) {
        const struct fet_whitening *const w = &s->bands[b].whitening;
        st = fet_whitening_apply(w, x + first_in, n_in, n, out + first_out, n_out, scratch);
        first_in += w->n_in;
        first_out += w->n_out;
    }
    fet_free(x);
    return st;
}

/* Lists the cells [map] that may be kept: inside the region of interest, and inside the margin of a
 * window. inside: scratch of a byte for each cell of the whole picture. */
static int64_t cells_list(const struct looks *l, const struct view *v,
                          const struct fet_feature_map *map, uint8_t *inside, int64_t *list)
{
    const int stride_px = l->s->extractor.stride_px, whole_w = (v->w + stride_px - 1) / stride_px;
    int64_t n = 0;
    fet_look_cells(&l->s->look, v->w, v->h, stride_px, inside);
    for (int y = v->y.first; y < v->y.end; y++)
        for (int x = v->x.first; x < v->x.end; x++)
            if (inside[(int64_t)(y + v->y.at / stride_px) * whole_w + x + v->x.at / stride_px])
                list[n++] = (int64_t)y * map->w + x;
    return n;
}

static fet_status cells_keep(const struct looks *l, int64_t i_look, const struct view *v,
                             const struct fet_image *mask, const struct fet_feature_map *map,
                             struct fet_rng *rng)
{
    const int stride_px = l->s->extractor.stride_px;
    const int64_t first = i_look * N_CELLS, n_cells = (int64_t)map->w * map->h;
    const int64_t n_whole =
        (int64_t)((v->w + stride_px - 1) / stride_px) * ((v->h + stride_px - 1) / stride_px);
    int64_t *const list = fet_alloc(n_cells, sizeof *list);
    uint8_t *const inside = fet_alloc(n_whole, 1);
    int64_t n_bad = 0, n = 0;
    fet_status st = FET_OK;
    if (list == NULL || inside == NULL) {
        st = FET_FAIL_MEMORY("cells", n_cells * 8 + n_whole);
        goto out;
    }
    const int64_t n_listed = cells_list(l, v, map, inside, list);
    fet_rng_shuffle(rng, list, n_listed);
    cells_choose(mask, stride_px, map->w, n_listed, list, &n_bad, &n);
    for (int64_t i = 0; i < n; i++) l->sample->is_bad[first + i] = i < n_bad;
    st = rows_whiten(l->s, list, n, map, l->sample->x + first * l->sample->n_in);
    l->n_taken[i_look] = n;
out:
    fet_free(list);
    fet_free(inside);
    return st;
}

/* Look i of the page that is open. */
static int64_t look_number(const struct looks *l, int64_t i)
{
    const struct fet_album *const a = &l->album;
    return i / a->n_held * a->n + a->first + i % a->n_held;
}

static int64_t looks_of_page(const struct looks *l)
{
    const struct fet_album *const a = &l->album;
    int64_t last = l->n_looks % a->n - a->first; /* of the round that is not whole */
    if (last < 0) last = 0;
    return l->n_looks / a->n * a->n_held + (last < a->n_held ? last : a->n_held);
}

static fet_status look_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct looks *const l = self;
    const int64_t i = look_number(l, l->first + i_chunk);
    struct fet_rng rng;
    struct view v = {0};
    struct fet_image mask = {0}, seen = {0};
    struct fet_feature_map map = {0};
    fet_status st = FET_OK;
    fet_rng_init(&rng, l->seed, (uint64_t)i + 0x64000000);
    FET_TRY_OUT(view_draw(l, i % l->album.n - l->album.first, &rng, &v));
    FET_TRY_OUT(fet_image_new(v.picture.width, v.picture.height, 1, 8, &mask));
    if (fet_rng_chance(&rng, defect_chance)) FET_TRY_OUT(defects_make(l, &rng, &v, &mask));
    FET_TRY_OUT(fet_image_convert(&v.picture, l->s->look.n_colours, 8, &seen));
    FET_TRY_OUT(l->s->extractor.kind->extract(&l->s->extractor, &seen, NULL, &map));
    st = cells_keep(l, i, &v, &mask, &map, &rng);
out:
    fet_feature_map_deinit(&map);
    fet_image_deinit(&seen);
    fet_image_deinit(&mask);
    fet_image_deinit(&v.picture);
    return st;
}

/* Closes the gaps that small pictures left. */
static void sample_close(struct fet_discriminator_sample *s, const int64_t *n_taken,
                         int64_t n_looks)
{
    for (int64_t i = 0; i < n_looks; i++) {
        const int64_t from = i * N_CELLS;
        memmove(s->x + s->n * s->n_in, s->x + from * s->n_in,
                (size_t)(n_taken[i] * s->n_in) * sizeof *s->x);
        memmove(s->is_bad + s->n, s->is_bad + from, (size_t)n_taken[i]);
        s->n += n_taken[i];
    }
}

static fet_status page_read(struct looks *l, const struct fet_context *c)
{
    while (!fet_album_is_full(&l->album)) {
        FET_TRY(fet_context_progress(c, "making defects", l->n_done, l->n_looks));
        FET_TRY(fet_album_read(&l->album, fet_context_pool(c)));
    }
    return FET_OK;
}

/* Fewer looks, when as many as wished would take longer than allowed: the first BATCH took ms. */
static void looks_limit(struct looks *l, double ms, const struct fet_context *c)
{
    const int64_t n_wished = l->n_looks;
    const double n_allowed = floor(l->ms_allowed * BATCH / fmax(ms, 1e-3));
    if (n_allowed >= (double)n_wished || n_wished <= BATCH) return;
    l->n_looks = n_allowed > BATCH ? (int64_t)n_allowed : BATCH;
    fet_context_note(
        c,
        "Time (--minutes) is enough to make defects in %lld pictures, %lld were wished for; how "
        "many depends on the machine, and so does the model.",
        (long long)l->n_looks, (long long)n_wished);
}

/* All looks at the pictures of the page that is open. */
static fet_status page_look(struct looks *l, const struct fet_context *c)
{
    for (l->first = 0; l->first < looks_of_page(l); l->first += BATCH) {
        const int64_t left = looks_of_page(l) - l->first;
        const double start = fet_clock_ms();
        FET_TRY(fet_context_progress(c, "making defects", l->n_done + l->first, l->n_looks));
        FET_TRY(fet_pool_run(fet_context_pool(c), left < BATCH ? left : BATCH, look_one, l));
        if (l->n_done + l->first == 0) looks_limit(l, fet_clock_ms() - start, c);
    }
    l->n_done += looks_of_page(l);
    return FET_OK;
}

static fet_status sample_make(struct looks *l, const struct fet_context *c)
{
    struct fet_discriminator_sample *const s = l->sample;
    s->n_in = fet_inspector_numbers(l->s);
    s->x = fet_alloc(l->n_looks * N_CELLS * s->n_in, sizeof *s->x);
    s->is_bad = fet_alloc(l->n_looks * N_CELLS, 1);
    l->n_taken = fet_alloc(l->n_looks, sizeof *l->n_taken);
    if (s->x == NULL || s->is_bad == NULL || l->n_taken == NULL)
        return FET_FAIL_MEMORY("made defects", l->n_looks * N_CELLS * s->n_in * 4);
    /* When time is short there may be fewer looks than pictures. */
    while (fet_album_turn(&l->album) && l->album.first < l->n_looks) {
        FET_TRY(page_read(l, c));
        FET_TRY(page_look(l, c));
    }
    sample_close(s, l->n_taken, l->n_looks);
    return fet_context_progress(c, "making defects", l->n_looks, l->n_looks);
}

/* ---- the unit ---- */

struct weighing {
    const struct fet_inspector *s;
    const struct fet_examples *e;
    const struct fet_example *const *x;
    uint64_t seed;
    int64_t first;         /* of the batch */
    float *unusual, *odds; /* [n,N_WEIGHED_CELLS] smoothed, cells evenly spaced */
};

/* Cells evenly spaced, none of the margin. */
static void cells_thin(float *map, const struct fet_feature_map *f, const struct view *v,
                       double smoothing, float *scratch, float *out)
{
    const int64_t w = v->x.end - v->x.first, n = w * (v->y.end - v->y.first);
    fet_map_smooth(map, f->w, f->h, smoothing, scratch);
    for (int64_t i = 0; i < N_WEIGHED_CELLS; i++) {
        const int64_t cell = i * n / N_WEIGHED_CELLS;
        out[i] = map[(cell / w + v->y.first) * f->w + cell % w + v->x.first];
    }
}

static fet_status weigh_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct weighing *const w = self;
    const struct fet_inspector *const s = w->s;
    const int64_t i = w->first + i_chunk, first = i * N_WEIGHED_CELLS;
    struct fet_rng rng;
    struct fet_picture picture = {0};
    struct view v = {0};
    struct fet_feature_map f = {0};
    float *maps = NULL;
    fet_status st = FET_OK;
    fet_rng_init(&rng, w->seed, (uint64_t)i + 0x65000000);
    FET_TRY_OUT(fet_picture_read(&s->look, w->e, w->x[i], &picture));
    FET_TRY_OUT(view_cut(&picture.image, s->extractor.stride_px, &rng, &v));
    FET_TRY_OUT(s->extractor.kind->extract(&s->extractor, &v.picture, NULL, &f));
    const int64_t n = (int64_t)f.w * f.h;
    maps = fet_alloc(3 * n, sizeof *maps);
    if (maps == NULL) {
        st = FET_FAIL_MEMORY("map", 3 * n * 4);
        goto out;
    }
    FET_TRY_OUT(fet_inspector_map(s, &f, NULL, maps, maps + n));
    const double smoothing = s->extractor.smoothing_cells;
    cells_thin(maps, &f, &v, smoothing, maps + 2 * n, w->unusual + first);
    cells_thin(maps + n, &f, &v, smoothing, maps + 2 * n, w->odds + first);
out:
    fet_free(maps);
    fet_feature_map_deinit(&f);
    fet_image_deinit(&v.picture);
    fet_picture_deinit(&picture);
    return st;
}

static fet_status weigh_all(struct weighing *w, int64_t n, const struct fet_context *c)
{
    for (w->first = 0; w->first < n; w->first += BATCH) {
        const int64_t left = n - w->first;
        FET_TRY(fet_context_progress(c, "weighing made defects", w->first, n));
        FET_TRY(fet_pool_run(fet_context_pool(c), left < BATCH ? left : BATCH, weigh_one, w));
    }
    return fet_context_progress(c, "weighing made defects", n, n);
}

/* How far the highest of a thousand cells stand out from the middle one. Sorts. */
static double reach_of(float *x, int64_t n, double *middle)
{
    qsort(x, (size_t)n, sizeof *x, fet_compare_floats);
    *middle = (double)x[n / 2];
    return (double)x[n - 1 - n / 1000] - *middle;
}

static fet_status unit_find(struct fet_inspector *s, const struct fet_examples *e,
                            const struct fet_example *const *x, int64_t n_pictures,
                            const struct fet_task_job *job)
{
    const int64_t n = n_pictures < N_WEIGHED ? n_pictures : N_WEIGHED;
    const int64_t n_cells = n * N_WEIGHED_CELLS;
    float *const values = fet_alloc(2 * n_cells, sizeof *values);
    if (values == NULL) return FET_FAIL_MEMORY("map", 2 * n_cells * 4);
    struct weighing w = {
        .s = s, .e = e, .x = x, .seed = job->seed, .unusual = values, .odds = values + n_cells};
    const fet_status st = weigh_all(&w, n, job->context);
    if (st == FET_OK) {
        double usual, middle;
        const double reach = reach_of(w.unusual, n_cells, &usual);
        const double spread = reach_of(w.odds, n_cells, &middle);
        /* Pictures without a texture do not vary: then a unit of each counts alike. */
        const double gain = reach > 1e-3 && spread > 1e-3 ? reach / spread : 1;
        fet_discriminator_scale(&s->discriminator, middle, gain);
    }
    fet_free(values);
    return st;
}

/* Pictures of a few cells may have none without a defect, or none with: the memory judges alone. */
static bool has_both_kinds(const struct fet_discriminator_sample *s)
{
    int64_t n_bad = 0;
    for (int64_t i = 0; i < s->n; i++) n_bad += s->is_bad[i];
    return n_bad > 0 && n_bad < s->n;
}

static int64_t steps_of(const struct fet_discriminator_sample *s)
{
    const int64_t n = s->n * N_ROUNDS / FET_DISCRIMINATOR_BATCH;
    return n > N_LEAST_STEPS ? n : N_LEAST_STEPS;
}

static int64_t looks_of(const char *effort, int64_t n_pictures)
{
    int64_t n = 0;
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++) {
        if (strcmp(effort, efforts[i].effort) != 0) continue;
        n = efforts[i].n_per_picture * n_pictures;
        if (n > efforts[i].n_looks) n = efforts[i].n_looks;
    }
    return n;
}

fet_status fet_inspector_discriminate(struct fet_inspector *s, const struct fet_examples *e,
                                      const struct fet_example *const *x, int64_t n,
                                      const struct fet_task_job *job)
{
    struct fet_discriminator_sample sample = {0};
    struct looks l = {.s = s, .seed = job->seed, .sample = &sample};
    l.n_looks = looks_of(fet_settings_text(job->settings, "effort"), n);
    l.ms_allowed = share_of_making * 60e3 * fet_settings_real(job->settings, "minutes") /
                   (1 + fet_examples_folds(e)); /* each fold takes as long */
    if (l.n_looks == 0) return FET_OK;
    FET_TRY(fet_album_open(&s->look, e, x, n < l.n_looks ? n : l.n_looks, &l.album));
    fet_status st = sample_make(&l, job->context);
    fet_album_close(&l.album);
    const bool has_both = st == FET_OK && has_both_kinds(&sample);
    if (has_both)
        st = fet_discriminator_learn(&sample, steps_of(&sample), job->seed, job->context,
                                     &s->discriminator);
    fet_free(sample.x);
    fet_free(sample.is_bad);
    fet_free(l.n_taken);
    return has_both && st == FET_OK ? unit_find(s, e, x, n, job) : st;
}
