/* With z the logarithm of a cell's distance from the nearest remembered cell and z0 its mean over
 * the good cells of the episode (products differ in how much they vary, and an inspector calibrates
 * itself anyway), the cell is called defective with log-odds a (z - z0 - c); a and c are learned.
 * The loss is the cross-entropy, the same weight on good and bad; that of good cells is squared
 * besides, because one loud cell spoils a good picture. */
#include "judge.h"

#include "eye.h"

#include <string.h>

/* A cell counts as defective from this share of its pixels on, as good only without any. */
static const float least_share = 0.2f;
static const double least_distance = 1e-3;

static int sum(struct fet_nn *n, int x, const char *attrs, int64_t axis)
{
    return fet_nn_apply(n, NULL, "reduce_sum", attrs, 2,
                        (int[]){x, fet_nn_constant_ints(n, 1, &axis)});
}

/* The loss from the log-odds [Q] and the weights. */
static int weigh(struct fet_nn *n, int odds, int good, int bad)
{
    const int loud = fet_nn_unary(n, "softplus", odds);
    const int missed = fet_nn_unary(n, "softplus", fet_nn_unary(n, "neg", odds));
    const int alarms = fet_nn_binary(n, "add", loud, fet_nn_binary(n, "mul", loud, loud));
    const int of_good =
        fet_nn_binary(n, "mul", fet_nn_constant_real(n, 0.5),
                      sum(n, fet_nn_binary(n, "mul", good, alarms), "keepdims=0", 0));
    const int of_bad = sum(n, fet_nn_binary(n, "mul", bad, missed), "keepdims=0", 0);
    return fet_nn_binary(n, "add", of_good, of_bad);
}

static int build(struct fet_nn *n, int64_t size_px)
{
    const int64_t side = size_px / FET_EYE_STRIDE_PX, one = 1, memory_cells = FET_JUDGE_MEMORY;
    const int64_t query_cells = FET_EPISODE_QUERIES * side * side;
    const int64_t first = FET_EPISODE_REFERENCES * side * side, last = first + query_cells;
    const int64_t zero = 0;
    const int pictures = fet_nn_input(n, "pictures", FET_F32, 4,
                                      (const int64_t[]){FET_EPISODE_PICTURES, 3, size_px, size_px});
    const int memory = fet_nn_input(n, "memory", FET_I64, 1, &memory_cells);
    const int good = fet_nn_input(n, "good", FET_F32, 1, &query_cells);
    const int bad = fet_nn_input(n, "bad", FET_F32, 1, &query_cells);

    const int map = fet_eye_add(n, pictures);
    const int cells = fet_nn_reshape(n, fet_nn_apply(n, NULL, "transpose", "perm=0,2,3,1", 1, &map),
                                     2, (const int64_t[]){-1, FET_EYE_NUMBERS});
    const int m = fet_nn_apply(n, NULL, "gather", "axis=0", 2, (int[]){cells, memory});
    const int q =
        fet_nn_apply(n, NULL, "slice", "", 4,
                     (int[]){cells, fet_nn_constant_ints(n, 1, &first),
                             fet_nn_constant_ints(n, 1, &last), fet_nn_constant_ints(n, 1, &zero)});
    const int squared = fet_nn_binary(n, "max", fet_nn_binary(n, "nearest_distance", q, m),
                                      fet_nn_constant_real(n, least_distance * least_distance));
    const int z =
        fet_nn_binary(n, "mul", fet_nn_constant_real(n, 0.5), fet_nn_unary(n, "log", squared));
    const int usual = sum(n, fet_nn_binary(n, "mul", good, z), "keepdims=1", 0);
    const int slope = fet_nn_parameter(n, "judge", "slope", FET_NN_ONES, 0, 1, &one);
    const int offset = fet_nn_parameter(n, "judge", "offset", FET_NN_ZEROS, 0, 1, &one);
    const int beyond = fet_nn_binary(n, "sub", fet_nn_binary(n, "sub", z, usual),
                                     fet_nn_binary(n, "add", offset, fet_nn_constant_real(n, 0.5)));
    const int odds =
        fet_nn_binary(n, "mul", fet_nn_binary(n, "mul", slope, fet_nn_constant_real(n, 3)), beyond);
    return weigh(n, odds, good, bad);
}

fet_status fet_judge_new(int64_t size_px, uint64_t seed, struct fet_graph **g, int *loss)
{
    struct fet_graph *made = NULL;
    struct fet_nn n;
    FET_TRY(fet_graph_new(&made));
    fet_nn_init(&n, made, seed);
    const int value = build(&n, size_px);
    fet_status st = fet_nn_finish(&n);
    if (st == FET_OK) st = fet_graph_add_output(made, value);
    if (st != FET_OK) {
        fet_graph_free(made);
        return st;
    }
    *g = made;
    *loss = value;
    return FET_OK;
}

void fet_judge_inputs(const float *shares, int64_t size_px, uint64_t seed, int64_t step,
                      int64_t *memory, float *good, float *bad)
{
    const int64_t side = size_px / FET_EYE_STRIDE_PX, n = FET_EPISODE_QUERIES * side * side;
    struct fet_rng rng;
    int64_t n_good = 0, n_bad = 0;
    fet_rng_init(&rng, seed, (uint64_t)step + 0x6d000000);
    for (int i = 0; i < FET_JUDGE_MEMORY; i++)
        memory[i] = fet_rng_below(&rng, (uint32_t)(FET_EPISODE_REFERENCES * side * side));
    for (int64_t i = 0; i < n; i++) {
        n_good += shares[i] <= 0;
        n_bad += shares[i] > least_share;
    }
    for (int64_t i = 0; i < n; i++) {
        good[i] = shares[i] <= 0 ? 1 / (float)n_good : 0;
        bad[i] = shares[i] > least_share ? 1 / (float)n_bad : 0;
    }
}
