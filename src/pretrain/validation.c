#include "validation.h"

#include "eye.h"
#include "measure.h"
#include "plan.h"
#include "synth.h"

#include <math.h>
#include <string.h>

enum {
    N_REFERENCES = 10,
    N_GOOD = 10,
    N_BAD = 20,
    N_PICTURES = N_REFERENCES + N_GOOD + N_BAD,
    ROWS = 256 /* of the matrix of distances at a time */
};

/* Products of training are below 2^32. */
static const uint64_t first_product = (uint64_t)1 << 40;

/* One product: its pictures, then their descriptions. */
struct product {
    const char *family;
    uint64_t number;
    int64_t size_px, n_cells; /* of one picture */
    float *pictures;          /* [N_PICTURES,3,size,size] */
    float *cells;             /* [N_PICTURES,n_cells,FET_EYE_NUMBERS] */
};

/* Kinds in turn. */
static const char *defect_of(const char *family, int i)
{
    int n = 0;
    while (fet_synth_family_defect(family, n) != NULL) n++;
    return n > 0 ? fet_synth_family_defect(family, i % n) : NULL;
}

static fet_status picture_make(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct product *const p = self;
    const int i_bad = (int)i_chunk - N_REFERENCES - N_GOOD;
    const int64_t n_pixels = p->size_px * p->size_px;
    struct fet_synth_part part = {0};
    const struct fet_synth_order order = {.family = p->family,
                                          .product = p->number,
                                          .seed = p->number,
                                          .index = i_chunk,
                                          .defect = i_bad >= 0 ? defect_of(p->family, i_bad) : NULL,
                                          .size_px = (int)p->size_px,
                                          .variation = 0.5};
    FET_TRY(fet_synth_make(&order, &part));
    const uint8_t *const pixels = part.picture.pixels;
    float *const out = p->pictures + i_chunk * 3 * n_pixels;
    for (int64_t i = 0; i < n_pixels; i++)
        for (int ch = 0; ch < 3; ch++)
            out[ch * n_pixels + i] = (float)pixels[3 * i + ch] / 127.5f - 1;
    fet_synth_part_deinit(&part);
    return FET_OK;
}

/* From [D,cells] to [cells,D]. */
static void cells_store(const float *map, int64_t n_cells, float *cells)
{
    for (int64_t i = 0; i < n_cells; i++)
        for (int k = 0; k < FET_EYE_NUMBERS; k++)
            cells[i * FET_EYE_NUMBERS + k] = map[k * n_cells + i];
}

static fet_status describe(struct product *p, struct fet_plan *plan)
{
    for (int i = 0; i < N_PICTURES; i++) {
        struct fet_tensor picture, map = {0};
        FET_TRY(fet_tensor_borrow(FET_F32, 4, (const int64_t[]){1, 3, p->size_px, p->size_px},
                                  p->pictures + i * 3 * p->size_px * p->size_px, NULL, NULL,
                                  &picture));
        const fet_status st = fet_plan_run(plan, &picture, &map);
        fet_tensor_unref(&picture);
        if (st != FET_OK) return st;
        cells_store(fet_tensor_f32(&map), p->n_cells, p->cells + i * p->n_cells * FET_EYE_NUMBERS);
    }
    return FET_OK;
}

static float squares(const float *x)
{
    float total = 0;
    for (int k = 0; k < FET_EYE_NUMBERS; k++) total += x[k] * x[k];
    return total;
}

/* Distances of the cells of picture i from the memory, which lies in front. products: scratch
 * [ROWS,N_REFERENCES * n_cells]; norms the squares of the memory. */
static fet_status distances(const struct product *p, int i, const float *norms, float *products,
                            float *map)
{
    const int64_t n_memory = N_REFERENCES * p->n_cells;
    const float *const cells = p->cells + i * p->n_cells * FET_EYE_NUMBERS;
    for (int64_t first = 0; first < p->n_cells; first += ROWS) {
        const int64_t n = p->n_cells - first < ROWS ? p->n_cells - first : ROWS;
        const struct fet_matmul m = {.M = n,
                                     .N = n_memory,
                                     .K = FET_EYE_NUMBERS,
                                     .a = cells + first * FET_EYE_NUMBERS,
                                     .b = p->cells,
                                     .c = products,
                                     .lda = FET_EYE_NUMBERS,
                                     .ldb = FET_EYE_NUMBERS,
                                     .ldc = n_memory,
                                     .b_is_transposed = true,
                                     .alpha = 1};
        FET_TRY(fet_kernel_matmul(&m));
        for (int64_t r = 0; r < n; r++) {
            float least = INFINITY;
            for (int64_t k = 0; k < n_memory; k++) {
                const float d = norms[k] - 2 * products[r * n_memory + k];
                least = d < least ? d : least;
            }
            least += squares(cells + (first + r) * FET_EYE_NUMBERS);
            map[first + r] = sqrtf(least > 0 ? least : 0);
        }
    }
    return FET_OK;
}

/* The highest mean of 3 x 3 cells. */
static double score_of(const float *map, int64_t side)
{
    double highest = -INFINITY;
    for (int64_t y = 1; y + 1 < side; y++)
        for (int64_t x = 1; x + 1 < side; x++) {
            double mean = 0;
            for (int64_t k = 0; k < 9; k++)
                mean += (double)map[(y + k / 3 - 1) * side + x + k % 3 - 1] / 9;
            highest = mean > highest ? mean : highest;
        }
    return highest;
}

static fet_status product_auroc(struct product *p, float *scratch, double *auroc)
{
    const int64_t side = p->size_px / FET_EYE_STRIDE_PX, n_memory = N_REFERENCES * p->n_cells;
    float *const norms = scratch, *const map = norms + n_memory, *const products = map + p->n_cells;
    double scores[N_GOOD + N_BAD];
    uint8_t truth[N_GOOD + N_BAD];
    for (int64_t k = 0; k < n_memory; k++) norms[k] = squares(p->cells + k * FET_EYE_NUMBERS);
    for (int i = 0; i < N_GOOD + N_BAD; i++) {
        FET_TRY(distances(p, N_REFERENCES + i, norms, products, map));
        scores[i] = score_of(map, side);
        truth[i] = i >= N_GOOD;
    }
    return fet_auroc(scores, truth, N_GOOD + N_BAD, auroc);
}

static fet_status product_validate(struct product *p, struct fet_plan *plan, struct fet_pool *pool,
                                   float *scratch, double *auroc)
{
    FET_TRY(fet_pool_run(pool, N_PICTURES, picture_make, p));
    FET_TRY(describe(p, plan));
    return product_auroc(p, scratch, auroc);
}

fet_status fet_validate(const struct fet_graph *eye, const int *families, int n_families,
                        int n_products, int64_t size_px, const struct fet_context *c, double *auroc)
{
    fet_status st = FET_OK;
    struct fet_plan *plan = NULL;
    const int64_t side = size_px / FET_EYE_STRIDE_PX, n_cells = side * side;
    struct product p = {.size_px = size_px, .n_cells = n_cells};
    const struct fet_tensor picture = {.dtype = FET_F32,
                                       .shape = {.n_dims = 4, .dims = {1, 3, size_px, size_px}}};
    const struct fet_plan_options options = {.pool = fet_context_pool(c)};
    double total = 0;
    const int64_t n_scratch = (N_REFERENCES + 1 + (int64_t)ROWS * N_REFERENCES) * n_cells;
    float *const scratch = fet_alloc(n_scratch, sizeof *scratch);
    p.pictures = fet_alloc(N_PICTURES * 3 * size_px * size_px, sizeof *p.pictures);
    p.cells = fet_alloc(N_PICTURES * n_cells * FET_EYE_NUMBERS, sizeof *p.cells);
    if (scratch == NULL || p.pictures == NULL || p.cells == NULL) {
        st = FET_FAIL_MEMORY("validation", n_scratch * 4);
        goto out;
    }
    FET_TRY_OUT(fet_plan_new(eye, &picture, &options, &plan));
    for (int i = 0; i < n_families * n_products; i++) {
        double one = 0;
        p.family = fet_synth_family_name(families[i / n_products]);
        p.number = first_product + (uint64_t)(i % n_products);
        FET_TRY_OUT(fet_context_progress(c, "validating", i, n_families * n_products));
        FET_TRY_OUT(product_validate(&p, plan, options.pool, scratch, &one));
        total += one;
    }
    *auroc = n_families * n_products > 0 ? total / (n_families * n_products) : (double)NAN;
out:
    fet_plan_free(plan);
    fet_free(scratch);
    fet_free(p.pictures);
    fet_free(p.cells);
    return st;
}
