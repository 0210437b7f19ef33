/* A fixed bank of filters at three scales.
 *
 * The picture is split into brightness and two opponent colours. At each level of a Gaussian
 * pyramid (Burt & Adelson 1983) the first and second derivatives of a Gaussian (sigma 1 pixel) are
 * taken; being steerable (Freeman & Adelson 1991) they give the odd and even response in any
 * direction, and the root of the sum of their squares is a local energy that does not care where in
 * the wave it stands. Four directions are kept for brightness, so that the direction of a texture
 * survives; for the colours only the sum over directions. Energies are averaged over each cell and
 * compressed by a square root. Mean and deviation of the pixels themselves are kept too, so that
 * brightness and colour survive as well.
 *
 * The work is cut into strips of 16 rows of cells with a margin as wide as the filters reach:
 * memory does not grow with the picture's height, and strips run in parallel. */
#include "extractor.h"

#include <math.h>
#include <string.h>

enum {
    STRIDE = 8,
    LEVELS = 3,
    DIRECTIONS = 4,
    RADIUS = 3,                    /* of every filter, in pixels of its level */
    STRIP_CELLS = 16,              /* rows of cells in a strip */
    STRIP = STRIP_CELLS * STRIDE,  /* rows of pixels */
    MARGIN = 24,                   /* >= 3 + 6 + 12, what three levels reach; a multiple of 4 */
    MAX_ROWS = STRIP + 2 * MARGIN, /* rows of pixels of a strip with its margins */
    MAX_COLOURS = 3
};

/* Half of each filter, from the centre outwards: the others follow by symmetry (d1: antisymmetry).
 * exp(-k^2/2) for sigma 1 cut at 3; smooth sums to 1, the magnitudes of d1 and d2 sum to 1, d2 has
 * mean 0. */
static const float smooth[RADIUS + 1] = {0.39905028f, 0.24203623f, 0.05400558f, 0.00443305f};
static const float d1[RADIUS + 1] = {0.0f, 0.33306527f, 0.14863382f, 0.01830091f};
static const float d2[RADIUS + 1] = {-0.5f, 0.00073281f, 0.20403326f, 0.04523392f};

struct job {
    const struct fet_image *picture;
    struct fet_feature_map *map;
    int n_colours;
    int width; /* of the strip: the picture's, padded to whole cells */
};

/* Floats that one strip works in. */
struct strip {
    const struct job *job;
    int width, rows;            /* of planes, now: they halve from level to level */
    int i_first_cell, n_cells;  /* rows of cells that this strip answers for */
    int margin;                 /* rows above the first cell's, now */
    float *planes[MAX_COLOURS]; /* [rows,width] at the present level */
    float *padded[3];           /* smooth, d1, d2 down the columns: [RADIUS + width + RADIUS] */
    float *across[5];           /* dx dy dxx dyy dxy of one row [width] */
    float *energy[DIRECTIONS];  /* of one row [width] */
    float *sums;                /* [n_cells,map width,DIRECTIONS] of one plane */
    float *halved;              /* [rows / 2,width / 2] */
    float *floats;              /* owned: all of the above */
};

static int channels_of(int n_colours)
{
    return LEVELS * (DIRECTIONS + n_colours - 1) + 2 * n_colours;
}

/* A description: a cell with its neighbours, cut to so many numbers: more remembers noise, fewer
 * forgets defects. */
enum { N_CELLS = 9, N_NUMBERS = 32 };

static int filters_bands(const struct fet_extractor *x, int n_colours,
                         struct fet_extractor_band *bands)
{
    static const char *const names[LEVELS + 1] = {"fine", "middle", "coarse", "colour"};
    (void)x;
    const int per_level = DIRECTIONS + n_colours - 1;
    int first = 0;
    for (int l = 0; l <= LEVELS; l++) {
        const int n = l == LEVELS ? n_colours
                                  : per_level + (l == 0 ? n_colours : 0); /* with the deviations */
        bands[l] = (struct fet_extractor_band){
            .name = names[l], .first = first, .n = n, .n_cells = N_CELLS, .n_numbers = N_NUMBERS};
        first += n;
    }
    return LEVELS + 1;
}

/* First channel of a level; the deviations follow the energies of level 0, the means come last. */
static int level_channel(int n_colours, int level)
{
    return level * (DIRECTIONS + n_colours - 1) + (level > 0 ? n_colours : 0);
}

/* ---- pixels to planes ---- */

static inline void split_colours(const float rgb[3], int n_colours, float *const out[], int64_t i)
{
    if (n_colours == 1) {
        out[0][i] = rgb[0];
        return;
    }
    out[0][i] = (rgb[0] + rgb[1] + rgb[2]) * (1.0f / 3.0f);
    out[1][i] = rgb[0] - rgb[1];
    out[2][i] = (rgb[0] + rgb[1]) * 0.5f - rgb[2];
}

static void row_read8(const struct fet_image *p, int y, int64_t i, struct strip *s)
{
    const uint8_t *in = fet_image_row8(p, y);
    const int c = p->channels;
    for (int x = 0; x < p->width; x++) {
        float rgb[3];
        for (int k = 0; k < c; k++) rgb[k] = (float)in[x * c + k] * (1.0f / 255.0f);
        split_colours(rgb, c, s->planes, i + x);
    }
}

static void row_read16(const struct fet_image *p, int y, int64_t i, struct strip *s)
{
    const uint16_t *in = fet_image_row16(p, y);
    const int c = p->channels;
    for (int x = 0; x < p->width; x++) {
        float rgb[3];
        for (int k = 0; k < c; k++) rgb[k] = (float)in[x * c + k] * (1.0f / 65535.0f);
        split_colours(rgb, c, s->planes, i + x);
    }
}

/* Rows of the strip; beyond the picture the border is repeated. */
static void strip_read(struct strip *s, int y_first)
{
    const struct fet_image *p = s->job->picture;
    for (int r = 0; r < s->rows; r++) {
        int y = y_first + r;
        if (y >= p->height) y = p->height - 1;
        const int64_t i = (int64_t)r * s->width;
        if (p->depth == 8)
            row_read8(p, y, i, s);
        else
            row_read16(p, y, i, s);
        for (int c = 0; c < s->job->n_colours; c++)
            for (int x = p->width; x < s->width; x++)
                s->planes[c][i + x] = s->planes[c][i + p->width - 1];
    }
}

/* ---- filters ---- */

/* The smooth, d1 and d2 filters down the columns at row y, with the borders repeated. */
static void row_filter_down(struct strip *s, const float *plane, int y)
{
    const float *r[2 * RADIUS + 1];
    for (int k = -RADIUS; k <= RADIUS; k++) {
        int v = y + k;
        if (v < 0) v = 0;
        if (v >= s->rows) v = s->rows - 1;
        r[k + RADIUS] = plane + (int64_t)v * s->width;
    }
    float *v0 = s->padded[0] + RADIUS, *v1 = s->padded[1] + RADIUS, *v2 = s->padded[2] + RADIUS;
    for (int x = 0; x < s->width; x++) {
        const float a1 = r[4][x] + r[2][x], b1 = r[4][x] - r[2][x];
        const float a2 = r[5][x] + r[1][x], b2 = r[5][x] - r[1][x];
        const float a3 = r[6][x] + r[0][x], b3 = r[6][x] - r[0][x];
        v0[x] = smooth[0] * r[3][x] + smooth[1] * a1 + smooth[2] * a2 + smooth[3] * a3;
        v1[x] = d1[1] * b1 + d1[2] * b2 + d1[3] * b3;
        v2[x] = d2[0] * r[3][x] + d2[1] * a1 + d2[2] * a2 + d2[3] * a3;
    }
    for (int i = 0; i < 3; i++)
        for (int k = 1; k <= RADIUS; k++) {
            s->padded[i][RADIUS - k] = s->padded[i][RADIUS];
            s->padded[i][RADIUS + s->width - 1 + k] = s->padded[i][RADIUS + s->width - 1];
        }
}

static void even_across(const float *restrict in, const float *restrict f, int n,
                        float *restrict out)
{
    const float f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
    for (int x = 0; x < n; x++)
        out[x] = f0 * in[x + 3] + f1 * (in[x + 2] + in[x + 4]) + f2 * (in[x + 1] + in[x + 5]) +
                 f3 * (in[x] + in[x + 6]);
}

static void odd_across(const float *restrict in, int n, float *restrict out)
{
    const float f1 = d1[1], f2 = d1[2], f3 = d1[3];
    for (int x = 0; x < n; x++)
        out[x] =
            f1 * (in[x + 4] - in[x + 2]) + f2 * (in[x + 5] - in[x + 1]) + f3 * (in[x + 6] - in[x]);
}

static const float least_energy = 1e-6f; /* squared: keeps the root away from noise at 0 */

/* Four directions from the five derivatives: odd c*dx + s*dy, even c^2*dxx + 2cs*dxy + s^2*dyy. */
static void row_energies(struct strip *s)
{
    const float *dx = s->across[0], *dy = s->across[1], *dxx = s->across[2];
    const float *dyy = s->across[3], *dxy = s->across[4];
    float *e0 = s->energy[0], *e1 = s->energy[1], *e2 = s->energy[2], *e3 = s->energy[3];
    for (int x = 0; x < s->width; x++) {
        const float sum = dx[x] + dy[x], difference = dy[x] - dx[x];
        const float half = 0.5f * (dxx[x] + dyy[x]);
        const float even1 = half + dxy[x], even3 = half - dxy[x];
        e0[x] = sqrtf(dx[x] * dx[x] + dxx[x] * dxx[x] + least_energy);
        e1[x] = sqrtf(0.5f * sum * sum + even1 * even1 + least_energy);
        e2[x] = sqrtf(dy[x] * dy[x] + dyy[x] * dyy[x] + least_energy);
        e3[x] = sqrtf(0.5f * difference * difference + even3 * even3 + least_energy);
    }
}

/* All directions at once, for the colours. */
static void row_energy_sum(struct strip *s)
{
    const float *dx = s->across[0], *dy = s->across[1], *dxx = s->across[2], *dyy = s->across[3];
    for (int x = 0; x < s->width; x++)
        s->energy[0][x] =
            sqrtf(dx[x] * dx[x] + dy[x] * dy[x] + dxx[x] * dxx[x] + dyy[x] * dyy[x] + least_energy);
}

static void row_filter_across(struct strip *s, bool is_brightness)
{
    const int n = s->width;
    odd_across(s->padded[0], n, s->across[0]);
    even_across(s->padded[1], smooth, n, s->across[1]);
    even_across(s->padded[0], d2, n, s->across[2]);
    even_across(s->padded[2], smooth, n, s->across[3]);
    if (is_brightness) {
        odd_across(s->padded[1], n, s->across[4]);
        row_energies(s);
    } else {
        row_energy_sum(s);
    }
}

/* Energies of one plane at one level, averaged over cells, into the map from `channel` on. */
static void plane_measure(struct strip *s, int i_colour, int level, int channel)
{
    struct fet_feature_map *map = s->job->map;
    const int cell = STRIDE >> level, n_energies = i_colour == 0 ? DIRECTIONS : 1;
    const size_t n_sums = (size_t)s->n_cells * (size_t)map->w * (size_t)n_energies;
    memset(s->sums, 0, n_sums * sizeof *s->sums);
    for (int y = s->margin; y < s->margin + s->n_cells * cell; y++) {
        row_filter_down(s, s->planes[i_colour], y);
        row_filter_across(s, i_colour == 0);
        float *sums = s->sums + (int64_t)((y - s->margin) / cell) * map->w * n_energies;
        for (int k = 0; k < n_energies; k++)
            for (int x = 0; x < map->w; x++) {
                float sum = 0;
                for (int i = 0; i < cell; i++) sum += s->energy[k][x * cell + i];
                sums[x * n_energies + k] += sum;
            }
    }
    const float share = 1.0f / (float)(cell * cell);
    float *out = map->values + (int64_t)s->i_first_cell * map->w * map->n_channels + channel;
    for (int64_t i = 0; i < (int64_t)s->n_cells * map->w; i++)
        for (int k = 0; k < n_energies; k++)
            out[i * map->n_channels + k] = sqrtf(s->sums[i * n_energies + k] * share);
}

/* Mean and deviation of the pixels of each cell. */
static void plane_average(struct strip *s, int i_colour, int i_mean, int i_deviation)
{
    struct fet_feature_map *map = s->job->map;
    for (int cy = 0; cy < s->n_cells; cy++)
        for (int cx = 0; cx < map->w; cx++) {
            float sum = 0, squares = 0;
            for (int y = 0; y < STRIDE; y++) {
                const float *in = s->planes[i_colour] +
                                  (int64_t)(s->margin + cy * STRIDE + y) * s->width + cx * STRIDE;
                for (int x = 0; x < STRIDE; x++) {
                    sum += in[x];
                    squares += in[x] * in[x];
                }
            }
            const float share = 1.0f / (STRIDE * STRIDE), mean = sum * share;
            const float variance = squares * share - mean * mean;
            float *cell =
                map->values + ((int64_t)(s->i_first_cell + cy) * map->w + cx) * map->n_channels;
            cell[i_mean] = mean;
            cell[i_deviation] = sqrtf(variance > 0 ? variance : 0);
        }
}

/* To the next level: smoothed, every second pixel of every second row. */
static void plane_halve(struct strip *s, float *plane)
{
    const int w = s->width / 2, h = s->rows / 2;
    for (int y = 0; y < h; y++) {
        row_filter_down(s, plane, 2 * y);
        float *out = s->halved + (int64_t)y * w;
        for (int x = 0; x < w; x++) {
            const float *p = s->padded[0] + 2 * (int64_t)x;
            out[x] = smooth[0] * p[3] + smooth[1] * (p[2] + p[4]) + smooth[2] * (p[1] + p[5]) +
                     smooth[3] * (p[0] + p[6]);
        }
    }
    memcpy(plane, s->halved, (size_t)w * (size_t)h * sizeof *plane);
}

/* ---- one strip ---- */

static fet_status strip_alloc(struct strip *s)
{
    const int64_t w = s->width, plane = w * MAX_ROWS, padded = w + 2 * RADIUS;
    const int64_t n_sums = (int64_t)STRIP_CELLS * s->job->map->w * DIRECTIONS;
    const int64_t n =
        s->job->n_colours * plane + plane / 4 + 3 * padded + (5 + DIRECTIONS) * w + n_sums;
    s->floats = fet_alloc(n, sizeof *s->floats);
    if (s->floats == NULL) return FET_FAIL_MEMORY("filters", n * (int64_t)sizeof *s->floats);
    float *p = s->floats;
    for (int i = 0; i < s->job->n_colours; i++, p += plane) s->planes[i] = p;
    for (int i = 0; i < 3; i++, p += padded) s->padded[i] = p;
    for (int i = 0; i < 5; i++, p += w) s->across[i] = p;
    for (int i = 0; i < DIRECTIONS; i++, p += w) s->energy[i] = p;
    s->sums = p;
    s->halved = p + n_sums;
    return FET_OK;
}

static fet_status strip_extract(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct job *job = self;
    const int n_colours = job->n_colours, n_rows_px = job->map->h * STRIDE;
    struct strip s = {.job = job, .width = job->width, .i_first_cell = (int)i_chunk * STRIP_CELLS};
    s.n_cells = job->map->h - s.i_first_cell;
    if (s.n_cells > STRIP_CELLS) s.n_cells = STRIP_CELLS;
    s.margin = s.i_first_cell > 0 ? MARGIN : 0;
    const int y_first = s.i_first_cell * STRIDE - s.margin;
    s.rows = s.margin + s.n_cells * STRIDE + MARGIN;
    if (y_first + s.rows > n_rows_px) s.rows = n_rows_px - y_first;
    FET_TRY(strip_alloc(&s));
    strip_read(&s, y_first);
    const int i_mean = channels_of(n_colours) - n_colours;
    for (int c = 0; c < n_colours; c++)
        plane_average(&s, c, i_mean + c, DIRECTIONS + n_colours - 1 + c);
    for (int level = 0; level < LEVELS; level++) {
        const int first = level_channel(n_colours, level);
        for (int c = 0; c < n_colours; c++)
            plane_measure(&s, c, level, first + (c == 0 ? 0 : DIRECTIONS + c - 1));
        if (level + 1 == LEVELS) break;
        for (int c = 0; c < n_colours; c++) plane_halve(&s, s.planes[c]);
        s.width /= 2;
        s.rows /= 2;
        s.margin /= 2;
    }
    fet_free(s.floats);
    return FET_OK;
}

static fet_status filters_extract(const struct fet_extractor *x, const struct fet_image *picture,
                                  struct fet_pool *pool, struct fet_feature_map *map)
{
    (void)x;
    if (picture->channels != 1 && picture->channels != 3)
        return FET_FAIL(FET_ARGUMENT, "filters: a picture of 1 or 3 channels wanted, got %d",
                        picture->channels);
    if (picture->width < 1 || picture->height < 1)
        return FET_FAIL(FET_SHAPE, "filters: an empty picture");
    struct fet_feature_map made = {.w = (picture->width + STRIDE - 1) / STRIDE,
                                   .h = (picture->height + STRIDE - 1) / STRIDE,
                                   .n_channels = channels_of(picture->channels)};
    const int64_t n = (int64_t)made.w * made.h * made.n_channels;
    made.values = fet_alloc(n, sizeof *made.values);
    if (made.values == NULL) return FET_FAIL_MEMORY("features", n * (int64_t)sizeof(float));
    struct job job = {
        .picture = picture, .map = &made, .n_colours = picture->channels, .width = made.w * STRIDE};
    const fet_status st =
        fet_pool_run(pool, (made.h + STRIP_CELLS - 1) / STRIP_CELLS, strip_extract, &job);
    if (st != FET_OK) {
        fet_feature_map_deinit(&made);
        return st;
    }
    *map = made;
    return FET_OK;
}

static fet_status filters_open(const struct fet_settings *settings, struct fet_extractor *x)
{
    (void)settings;
    *x = (struct fet_extractor){.kind = &fet_extractor_filters,
                                .stride_px = STRIDE,
                                .most_shrinking = 2,
                                .smoothing_cells = 1};
    return FET_OK;
}

static fet_status filters_load(const struct fet_package *p, struct fet_extractor *x)
{
    (void)p;
    return filters_open(NULL, x);
}

const struct fet_extractor_kind fet_extractor_filters = {.name = "filters",
                                                         .open = filters_open,
                                                         .bands = filters_bands,
                                                         .extract = filters_extract,
                                                         .load = filters_load};
