#include "band.h"

#include "odd.h"

#include <math.h>
#include <string.h>

/* Two places are nearly the same when they differ by less than this share of the picture. */
static const float near_place = 0.1f;
/* The weight of the place: the whole width counts as much as this share of the whole variation. */
static const double place_share = 0.5;
/* Of a sample that nothing is refined by: so many tell how many lie in place. */
enum { N_FEW = 4000 };

void fet_band_deinit(struct fet_band *band)
{
    fet_whitening_deinit(&band->whitening);
    fet_memory_deinit(&band->memory);
    fet_memory_deinit(&band->later);
    *band = (struct fet_band){0};
}

int fet_band_numbers(const struct fet_band *band, bool is_placed)
{
    return band->whitening.n_out + (is_placed ? 2 : 0);
}

/* z [n,n_numbers], places weighed and put behind when the band has a weight for them. */
static fet_status sample_whiten(const struct fet_band *band, const struct fet_band_sample *s,
                                int n_numbers, float *z)
{
    enum { BLOCK = 256 };
    const int n_in = band->whitening.n_in, n_out = band->whitening.n_out;
    float *scratch = fet_alloc((int64_t)BLOCK * n_in, sizeof *scratch);
    if (scratch == NULL) return FET_FAIL_MEMORY("band", (int64_t)BLOCK * n_in * 4);
    fet_status st = FET_OK;
    for (int64_t i = 0; i < s->n && st == FET_OK; i += BLOCK)
        st = fet_whitening_apply(&band->whitening, s->x + i * s->row_length, s->row_length,
                                 s->n - i < BLOCK ? s->n - i : BLOCK, z + i * n_numbers, n_numbers,
                                 scratch);
    fet_free(scratch);
    for (int64_t i = 0; i < s->n && n_numbers > n_out; i++)
        for (int k = 0; k < 2; k++)
            z[i * n_numbers + n_out + k] = band->place_weight * s->places[2 * i + k];
    return st;
}

/* Rows of the sample next to each other, for the whitening. */
static float *sample_pack(const struct fet_band_sample *s, int n_in)
{
    float *x = fet_alloc(s->n * n_in, sizeof *x);
    for (int64_t i = 0; x != NULL && i < s->n; i++)
        memcpy(x + i * n_in, s->x + i * s->row_length, (size_t)n_in * sizeof *x);
    return x;
}

static double share_of_same_place(const struct fet_band_sample *s, const int64_t *nearest)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++) {
        const float *a = s->places + 2 * i, *b = s->places + 2 * nearest[i];
        n += fabsf(a[0] - b[0]) < near_place && fabsf(a[1] - b[1]) < near_place;
    }
    return (double)n / (double)s->n;
}

/* Matches each description to its like on another part and stretches the whitening by what is
 * between them. */
static fet_status refine(struct fet_band *band, const struct fet_band_sample *s,
                         int64_t n_witnesses, struct fet_pool *pool, double *same_place)
{
    fet_status st = FET_OK;
    if (n_witnesses > s->n) n_witnesses = s->n;
    const int n_out = band->whitening.n_out;
    float *z = fet_alloc(s->n * n_out, sizeof *z), *d = fet_alloc(s->n * n_out, sizeof *d);
    int64_t *witnesses = fet_alloc(n_witnesses, sizeof *witnesses);
    int64_t *nearest = fet_alloc(s->n, sizeof *nearest);
    if (z == NULL || d == NULL || witnesses == NULL || nearest == NULL) {
        st = FET_FAIL_MEMORY("band", s->n * n_out * 8);
        goto out;
    }
    FET_TRY_OUT(sample_whiten(band, s, n_out, z));
    for (int64_t i = 0; i < n_witnesses; i++) witnesses[i] = i * s->n / n_witnesses;
    const struct fet_memory_sample sample = {
        .z = z, .parts = s->parts, .n = s->n, .n_numbers = n_out};
    FET_TRY_OUT(fet_memory_match(&sample, witnesses, n_witnesses, pool, nearest));
    *same_place = share_of_same_place(s, nearest);
    if (band->channels.is_plain) goto out;
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < n_out; k++)
            d[i * n_out + k] = z[i * n_out + k] - z[nearest[i] * n_out + k];
    st = fet_whitening_refine(&band->whitening, d, s->n);
out:
    fet_free(z);
    fet_free(d);
    fet_free(witnesses);
    fet_free(nearest);
    return st;
}

fet_status fet_band_whiten(struct fet_band *band, const struct fet_band_sample *s,
                           int64_t n_witnesses, struct fet_pool *pool, double *same_place)
{
    const int n_in = fet_extractor_band_numbers(&band->channels);
    float *x = sample_pack(s, n_in);
    if (x == NULL) return FET_FAIL_MEMORY("band", s->n * n_in * 4);
    const fet_status st = (band->channels.is_plain ? fet_whitening_project : fet_whitening_learn)(
        x, s->n, n_in, band->channels.n_numbers, &band->whitening);
    fet_free(x);
    if (st != FET_OK) return st;
    struct fet_band_sample few = *s; /* of random pictures; all that is wanted is a share */
    if (band->channels.is_plain && few.n > N_FEW) few.n = N_FEW;
    return refine(band, &few, n_witnesses, pool, same_place);
}

/* The root of the summed variance of z: how far apart descriptions lie. */
static double variation_of(const float *z, int64_t n, int n_numbers, int n_out)
{
    double total = 0;
    for (int k = 0; k < n_out; k++) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            const double v = (double)z[i * n_numbers + k];
            sum += v;
            squares += v * v;
        }
        total += squares / (double)n - (sum / (double)n) * (sum / (double)n);
    }
    return sqrt(total > 0 ? total : 0);
}

/* Leaves out of the sample, which is z and parts [*n], what no other part has the like of. */
static fet_status odd_leave_out(const struct fet_memory_sample *sample, struct fet_pool *pool,
                                float *z, int32_t *parts, int64_t *n, float *limit)
{
    bool *is_odd = fet_alloc(sample->n, sizeof *is_odd);
    if (is_odd == NULL) return FET_FAIL_MEMORY("band", sample->n);
    const fet_status st = fet_odd_find(sample, pool, is_odd, limit);
    int64_t n_kept = 0;
    for (int64_t i = 0; i < sample->n && st == FET_OK; i++) {
        if (is_odd[i]) continue;
        memmove(z + n_kept * sample->n_numbers, z + i * sample->n_numbers,
                (size_t)sample->n_numbers * sizeof *z);
        parts[n_kept++] = parts[i];
    }
    fet_free(is_odd);
    if (st == FET_OK) *n = n_kept;
    return st;
}

/* z [n,n_numbers] of the sample, with its places when they count. */
static fet_status sample_describe(struct fet_band *band, const struct fet_band_sample *s,
                                  bool is_placed, float *z)
{
    const int n_out = band->whitening.n_out, n_numbers = fet_band_numbers(band, is_placed);
    FET_TRY(sample_whiten(band, s, n_numbers, z));
    if (!is_placed) return FET_OK;
    band->place_weight = (float)(place_share * variation_of(z, s->n, n_numbers, n_out));
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < 2; k++)
            z[i * n_numbers + n_out + k] = band->place_weight * s->places[2 * i + k];
    return FET_OK;
}

fet_status fet_band_remember(struct fet_band *band, const struct fet_band_sample *s,
                             int64_t n_entries, bool is_placed, struct fet_pool *pool)
{
    const int n_numbers = fet_band_numbers(band, is_placed);
    fet_status st = FET_OK;
    float *z = fet_alloc(s->n * n_numbers, sizeof *z);
    int32_t *parts = fet_alloc(s->n, sizeof *parts);
    if (z == NULL || parts == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("band", s->n * n_numbers * 4));
    FET_TRY_OUT(sample_describe(band, s, is_placed, z));
    struct fet_memory_sample sample = {.z = z,
                                       .parts = parts,
                                       .n = s->n,
                                       .n_numbers = n_numbers,
                                       .has_one_standard = band->channels.is_plain};
    memcpy(parts, s->parts, (size_t)s->n * sizeof *parts);
    band->odd_limit = INFINITY;
    if (band->channels.is_plain)
        FET_TRY_OUT(odd_leave_out(&sample, pool, z, parts, &sample.n, &band->odd_limit));
    st = fet_memory_learn(&sample, n_entries, pool, &band->memory);
out:
    fet_free(z);
    fet_free(parts);
    return st;
}

fet_status fet_band_remember_more(struct fet_band *band, const struct fet_band_sample *s,
                                  int64_t n_entries)
{
    const int n_numbers = band->memory.n_numbers;
    float *z = fet_alloc(s->n * n_numbers, sizeof *z);
    if (z == NULL) return FET_FAIL_MEMORY("band", s->n * n_numbers * 4);
    const struct fet_memory_sample sample = {.z = z, .n = s->n, .n_numbers = n_numbers};
    fet_status st = sample_whiten(band, s, n_numbers, z);
    if (st == FET_OK)
        st = fet_memory_learn_later(&band->memory, &sample, n_entries, band->odd_limit,
                                    &band->later);
    fet_free(z);
    return st;
}

int64_t fet_band_scratch(const struct fet_band *band)
{
    const int64_t n = fet_memory_scratch(&band->memory), n_later = fet_memory_scratch(&band->later);
    return FET_MEMORY_BLOCK * (2 * (int64_t)band->whitening.n_in + band->memory.n_numbers + 1) +
           (n > n_later ? n : n_later);
}

/* Adds how unusual descriptions z [n] are. */
static fet_status unusual_add(const struct fet_band *band, float *z, int64_t n, float *scratch,
                              float *unusual)
{
    float values[FET_MEMORY_BLOCK], squares[FET_MEMORY_BLOCK];
    FET_TRY(fet_memory_unusual(&band->memory, z, n, scratch, values, squares));
    if (band->later.n > 0)
        FET_TRY(fet_memory_unusual_later(&band->later, z, n, scratch, squares, values));
    for (int64_t i = 0; i < n; i++) unusual[i] += values[i];
    return FET_OK;
}

fet_status fet_band_add_unusual(const struct fet_band *band, const struct fet_band_cells *cells,
                                float *scratch, float *unusual, float *whitened, int64_t ld)
{
    const struct fet_feature_map *const map = cells->map;
    const int n_in = band->whitening.n_in, n_out = band->whitening.n_out;
    const int n_numbers = band->memory.n_numbers, wide = n_numbers + 1;
    float *x = scratch, *centred = x + FET_MEMORY_BLOCK * (int64_t)n_in;
    float *z = centred + FET_MEMORY_BLOCK * (int64_t)n_in;
    float *brackets = z + FET_MEMORY_BLOCK * (int64_t)wide;
    for (int64_t i = 0; i < cells->n; i++) {
        const int64_t cell = cells->first + i;
        const int cx = (int)(cell % map->w), cy = (int)(cell / map->w);
        fet_feature_map_gather(map, cx, cy, &band->channels, x + i * n_in);
        if (n_numbers == n_out) continue;
        z[i * wide + n_out] = band->place_weight * ((float)cx + 0.5f) / (float)map->w;
        z[i * wide + n_out + 1] = band->place_weight * ((float)cy + 0.5f) / (float)map->h;
    }
    FET_TRY(fet_whitening_apply(&band->whitening, x, n_in, cells->n, z, wide, centred));
    for (int64_t i = 0; i < cells->n && whitened != NULL; i++)
        memcpy(whitened + i * ld, z + i * wide, (size_t)n_out * sizeof *z);
    return unusual_add(band, z, cells->n, brackets, unusual);
}
