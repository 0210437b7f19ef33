#include "check.h"

#include "learner.h"

#include <xgboost/c_api.h>

enum { ROWS = 400, INPUTS = 4 };

static float matrix[ROWS * INPUTS], numbers[ROWS], twos[ROWS], threes[ROWS];

static void make_data(void)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 3, 0);
    for (int i = 0; i < ROWS; i++) {
        float *x = matrix + i * INPUTS;
        for (int k = 0; k < INPUTS; k++)
            x[k] = fet_rng_chance(&rng, 0.1) ? NAN : (float)fet_rng_normal(&rng);
        const double signal = (isnan(x[0]) ? 1.5 : (double)x[0]) - (x[1] > 0 ? 2 : 0);
        numbers[i] = (float)(signal + 0.1 * fet_rng_normal(&rng));
        twos[i] = signal > 0;
        threes[i] = signal < -1 ? 0 : signal < 0.5 ? 1 : 2;
    }
}

static struct fet_learner_order order_of(int n_classes)
{
    return (struct fet_learner_order){.x = matrix,
                                      .y = n_classes == 0   ? numbers
                                           : n_classes == 2 ? twos
                                                            : threes,
                                      .n_rows = ROWS,
                                      .n_inputs = INPUTS,
                                      .n_classes = n_classes,
                                      .n_rounds = 20,
                                      .depth = 4,
                                      .rate = 0.3,
                                      .seed = 1};
}

/* XGBoost's own margins for all rows, by a booster that is set up here once more. */
static void ask_xgboost(const struct fet_learner_order *o, int n_outputs, float *margins)
{
    DMatrixHandle d = NULL;
    BoosterHandle b = NULL;
    const bst_ulong *shape;
    bst_ulong n_dims;
    const float *found;
    assert_int_equal(XGDMatrixCreateFromMat(o->x, ROWS, INPUTS, NAN, &d), 0);
    assert_int_equal(XGDMatrixSetFloatInfo(d, "label", o->y, ROWS), 0);
    assert_int_equal(XGBoosterCreate(&d, 1, &b), 0);
    const char *const objective = o->n_classes == 0   ? "reg:squarederror"
                                  : o->n_classes == 2 ? "binary:logistic"
                                                      : "multi:softprob";
    const char *const options[][2] = {{"objective", objective},
                                      {"verbosity", "0"},
                                      {"tree_method", "hist"},
                                      {"nthread", "1"},
                                      {"eta", "0.3"},
                                      {"max_depth", "4"},
                                      {"base_score", o->n_classes == 2 ? "0.5" : "0"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        assert_int_equal(XGBoosterSetParam(b, options[i][0], options[i][1]), 0);
    if (o->n_classes > 2) assert_int_equal(XGBoosterSetParam(b, "num_class", "3"), 0);
    for (int i = 0; i < o->n_rounds; i++) assert_int_equal(XGBoosterUpdateOneIter(b, i, d), 0);
    assert_int_equal(
        XGBoosterPredictFromDMatrix(b, d,
                                    "{\"type\":1,\"training\":false,\"iteration_begin\":0,"
                                    "\"iteration_end\":0,\"strict_shape\":true}",
                                    &shape, &n_dims, &found),
        0);
    memcpy(margins, found, (size_t)ROWS * (size_t)n_outputs * sizeof *margins);
    (void)XGBoosterFree(b);
    (void)XGDMatrixFree(d);
}

/* The outside reference: the walk says what XGBoost itself says, to the precision of its floats. */
static void answers_are_those_of_xgboost(void **state)
{
    (void)state;
    const int kinds[] = {0, 2, 3};
    for (int i = 0; i < 3; i++) {
        const struct fet_learner_order o = order_of(kinds[i]);
        const int n_outputs = kinds[i] > 2 ? kinds[i] : 1;
        struct fet_forest f = {0};
        double gains[INPUTS], out[3];
        static float margins[ROWS * 3];
        assert_ok(fet_learner_fit(&o, NULL, &f, gains));
        assert_int_equal(f.n_trees, o.n_rounds * n_outputs);
        ask_xgboost(&o, n_outputs, margins);
        for (int row = 0; row < ROWS; row++) {
            fet_forest_answer(&f, matrix + row * INPUTS, out);
            for (int k = 0; k < n_outputs; k++)
                assert_close(out[k], margins[row * n_outputs + k], 1e-5, 2e-6);
        }
        assert_true(gains[0] > gains[2] && gains[1] > gains[3]);
        fet_forest_deinit(&f);
    }
}

static void the_same_order_gives_the_same_bytes(void **state)
{
    (void)state;
    const struct fet_learner_order o = order_of(3);
    struct fet_forest a = {0}, b = {0};
    double gains[INPUTS];
    assert_ok(fet_learner_fit(&o, NULL, &a, gains));
    assert_ok(fet_learner_fit(&o, NULL, &b, gains));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(fet_tensor_bytes(&a.tensors[i]), fet_tensor_bytes(&b.tensors[i]));
        assert_memory_equal(a.tensors[i].data, b.tensors[i].data, fet_tensor_bytes(&a.tensors[i]));
    }
    fet_forest_deinit(&a);
    fet_forest_deinit(&b);
}

static bool is_cancelled(void *self)
{
    return --*(int *)self < 0;
}

static void it_can_be_stopped_between_rounds(void **state)
{
    (void)state;
    const struct fet_learner_order o = order_of(0);
    for (int left = 0; left < 40; left += 13) {
        int n = left;
        const struct fet_observer observer = {.self = &n, .is_cancelled = is_cancelled};
        const struct fet_context c = {.observer = &observer};
        struct fet_forest f = {0};
        double gains[INPUTS];
        assert_fails(fet_learner_fit(&o, &c, &f, gains), FET_CANCELLED, "");
        assert_null(f.roots);
    }
}

static void what_xgboost_refuses_is_told_in_one_line(void **state)
{
    (void)state;
    struct fet_learner_order o = order_of(2);
    struct fet_forest f = {0};
    double gains[INPUTS];
    o.y = numbers; /* not 0 or 1 */
    assert_fails(fet_learner_fit(&o, NULL, &f, gains), FET_INTERNAL, "XGBoost: ");
    assert_null(strchr(fet_status_message(), '\n'));
}

static fet_status fit_and_drop(void)
{
    struct fet_learner_order o = order_of(0);
    struct fet_forest f = {0};
    double gains[INPUTS];
    o.n_rounds = 2;
    FET_TRY(fet_learner_fit(&o, NULL, &f, gains));
    fet_forest_deinit(&f);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, fit_and_drop());
}

int main(void)
{
    make_data();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_xgboost),
        cmocka_unit_test(the_same_order_gives_the_same_bytes),
        cmocka_unit_test(it_can_be_stopped_between_rounds),
        cmocka_unit_test(what_xgboost_refuses_is_told_in_one_line),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
