/* What makes an episode: one product, its parts, and one way of looking that all of its pictures
 * share (turned by quarters, mirrored, colours exchanged or gone, brighter or darker), because a
 * product is always looked at in the same way. Queries get defects made in the picture besides
 * those of the made world: more cells to learn from in the same picture. */
#include "episode.h"

#include "eye.h"
#include "forge.h"
#include "synth.h"

#include <math.h>

enum { N_GOOD_QUERIES = 2, MAX_FORGED = 3 };
static const double forging_chance = 0.6;

/* How all pictures of the episode are looked at. */
struct view {
    int n_quarters; /* turns */
    bool is_mirrored;
    int channels[3]; /* which of the picture's becomes which */
    bool is_grey;
    float gain, offset; /* of values in -1..1 */
};

struct episode {
    const struct fet_episodes *from;
    const char *family;
    uint64_t product, series;
    struct view view;
    int64_t i;
    float *pictures, *shares;
};

static struct view view_draw(struct fet_rng *rng)
{
    struct view v = {.n_quarters = (int)fet_rng_below(rng, 4), .channels = {0, 1, 2}};
    v.is_mirrored = fet_rng_chance(rng, 0.5);
    if (fet_rng_chance(rng, 0.3)) {
        int64_t order[] = {0, 1, 2};
        fet_rng_shuffle(rng, order, 3);
        for (int c = 0; c < 3; c++) v.channels[c] = (int)order[c];
    }
    v.is_grey = fet_rng_chance(rng, 0.25);
    v.gain = (float)fet_rng_between(rng, 0.7, 1.3);
    v.offset = (float)fet_rng_between(rng, -0.2, 0.2);
    return v;
}

/* Where the pixel (x,y) of a turned and mirrored square comes from. */
static void view_source(const struct view *v, int n, int x, int y, int *from_x, int *from_y)
{
    if (v->is_mirrored) x = n - 1 - x;
    for (int k = 0; k < v->n_quarters; k++) {
        const int t = x;
        x = y;
        y = n - 1 - t;
    }
    *from_x = x;
    *from_y = y;
}

static void pixels_view(const struct view *v, const struct fet_image *picture, float *out)
{
    const int n = picture->width;
    const int64_t n_pixels = (int64_t)n * n;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            int from_x, from_y;
            view_source(v, n, x, y, &from_x, &from_y);
            const uint8_t *const p = fet_image_row8(picture, from_y) + 3 * from_x;
            const float grey = (float)(p[0] + p[1] + p[2]) / 3;
            for (int c = 0; c < 3; c++) {
                const float level = v->is_grey ? grey : (float)p[v->channels[c]];
                out[c * n_pixels + (int64_t)y * n + x] = (level / 127.5f - 1) * v->gain + v->offset;
            }
        }
}

static void mask_view(const struct view *v, const struct fet_image *mask, float *shares)
{
    const int n = mask->width, n_cells = n / FET_EYE_STRIDE_PX;
    const float pixel = 1.0f / (FET_EYE_STRIDE_PX * FET_EYE_STRIDE_PX);
    for (int i = 0; i < n_cells * n_cells; i++) shares[i] = 0;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            int from_x, from_y;
            view_source(v, n, x, y, &from_x, &from_y);
            if (fet_image_row8(mask, from_y)[from_x] >= FET_FORGE_PLAIN)
                shares[y / FET_EYE_STRIDE_PX * n_cells + x / FET_EYE_STRIDE_PX] += pixel;
        }
}

/* One of the kinds of defect that the family has. */
static const char *defect_draw(const char *family, struct fet_rng *rng)
{
    uint32_t n = 0;
    while (fet_synth_family_defect(family, (int)n) != NULL) n++;
    return n > 0 ? fet_synth_family_defect(family, (int)fet_rng_below(rng, n)) : NULL;
}

static fet_status picture_make(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct episode *const e = self;
    const int64_t size = e->from->size_px, n_cells = size / FET_EYE_STRIDE_PX;
    const int64_t i_query = i_chunk - FET_EPISODE_REFERENCES;
    struct fet_rng rng;
    struct fet_synth_part part = {0};
    fet_rng_init(&rng, e->from->seed, (uint64_t)(e->i * FET_EPISODE_PICTURES + i_chunk) + 1);
    const struct fet_synth_order order = {
        .family = e->family,
        .product = e->product,
        .seed = e->series,
        .index = i_chunk,
        .defect = i_query >= N_GOOD_QUERIES ? defect_draw(e->family, &rng) : NULL,
        .size_px = (int)size,
        .variation = 0.5};
    FET_TRY(fet_synth_make(&order, &part));
    fet_status st = FET_OK;
    if (i_query >= 0 && fet_rng_chance(&rng, forging_chance)) {
        const int n = fet_rng_int(&rng, 1, MAX_FORGED);
        for (int k = 0; k < n && st == FET_OK; k++)
            st = fet_forge_defect(&part.picture, &part.mask, NULL, &rng);
    }
    pixels_view(&e->view, &part.picture, e->pictures + i_chunk * 3 * size * size);
    if (i_query >= 0) mask_view(&e->view, &part.mask, e->shares + i_query * n_cells * n_cells);
    fet_synth_part_deinit(&part);
    return st;
}

fet_status fet_episode_make(const struct fet_episodes *from, int64_t i, struct fet_pool *pool,
                            float *pictures, float *shares)
{
    struct fet_rng rng;
    fet_rng_init(&rng, from->seed, (uint64_t)i * FET_EPISODE_PICTURES + 0x65000000);
    const int family = from->families[fet_rng_below(&rng, (uint32_t)from->n_families)];
    struct episode e = {.from = from,
                        .family = fet_synth_family_name(family),
                        .product = fet_rng_u32(&rng),
                        .series = fet_rng_u32(&rng),
                        .view = view_draw(&rng),
                        .i = i,
                        .pictures = pictures,
                        .shares = shares};
    return fet_pool_run(pool, FET_EPISODE_PICTURES, picture_make, &e);
}
