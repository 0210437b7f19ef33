#include "check.h"

#include "golden.h"
#include "measure.h"

static void agrees_with_scikit_learn_and_delong_by_pairs(void **state)
{
    (void)state;
    json_t *cases = golden_load("ranking.json");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        int64_t n = 0, n_curve = 0, n_points = 0;
        double *scores = golden_reals(c, "scores", &n);
        uint8_t *truth = golden_bytes(c, "truth", &n);
        double *fpr = golden_reals(c, "fpr", &n_curve), *tpr = golden_reals(c, "tpr", &n_curve);
        double *at = golden_reals(c, "at", &n_curve);
        double auroc = 0, ap = 0;
        struct fet_interval interval = {0};
        struct fet_roc_point *points = NULL;
        assert_ok(fet_auroc(scores, truth, n, &auroc));
        assert_close(auroc, golden_real(c, "auroc"), 1e-14, 0);
        assert_ok(fet_average_precision(scores, truth, n, &ap));
        assert_close(ap, golden_real(c, "ap"), 1e-14, 0);
        assert_ok(fet_auroc_interval(scores, truth, n, golden_real(c, "confidence"), &interval));
        assert_close(interval.low, golden_at(json_object_get(c, "interval"), 0), 1e-12, 0);
        assert_close(interval.high, golden_at(json_object_get(c, "interval"), 1), 1e-12, 0);
        assert_ok(fet_roc(scores, truth, n, &points, &n_points));
        assert_int_equal(n_points, n_curve + 1);
        assert_true(isinf(points[0].threshold));
        for (int64_t j = 0; j < n_points; j++) {
            assert_close(points[j].false_positive_rate, fpr[j], 1e-14, 0);
            assert_close(points[j].true_positive_rate, tpr[j], 1e-14, 0);
            if (j > 0) assert_true(points[j].threshold == at[j - 1]);
        }
        fet_free(scores);
        fet_free(truth);
        fet_free(fpr);
        fet_free(tpr);
        fet_free(at);
        fet_free(points);
    }
    json_decref(cases);
}

static void counts_ties_as_half(void **state)
{
    (void)state;
    const double scores[] = {1, 1, 1, 1};
    const uint8_t truth[] = {0, 1, 0, 1};
    double auroc = 0, ap = 0;
    assert_ok(fet_auroc(scores, truth, 4, &auroc));
    assert_true(auroc == 0.5);
    assert_ok(fet_average_precision(scores, truth, 4, &ap));
    assert_true(ap == 0.5);
}

static void takes_infinite_scores_but_not_nan(void **state)
{
    (void)state;
    const double scores[] = {-(double)INFINITY, 3, (double)INFINITY}, bad[] = {1, (double)NAN};
    const uint8_t truth[] = {0, 0, 1};
    double x = 7;
    struct fet_interval interval = {0};
    struct fet_roc_point *points = NULL;
    int64_t n = 0;
    assert_ok(fet_auroc(scores, truth, 3, &x));
    assert_true(x == 1);
    x = 7;
    assert_fails(fet_auroc(bad, truth, 2, &x), FET_ARGUMENT, "score 1 is not a number");
    assert_fails(fet_average_precision(bad, truth, 2, &x), FET_ARGUMENT, "score 1");
    assert_fails(fet_roc(bad, truth, 2, &points, &n), FET_ARGUMENT, "score 1");
    assert_fails(fet_auroc_interval(bad, truth, 2, 0.9, &interval), FET_ARGUMENT, "score 1");
    assert_fails(fet_auroc_interval(scores, truth, 3, 1, &interval), FET_ARGUMENT, "confidence 1");
    assert_fails(fet_auroc(scores, truth, -1, &x), FET_ARGUMENT, "-1 scores");
    assert_true(x == 7);
}

static void has_no_meaning_when_a_class_is_missing(void **state)
{
    (void)state;
    const double scores[] = {1, 2};
    const uint8_t good[] = {0, 0}, bad[] = {1, 1};
    double auroc = 0, ap = 0;
    struct fet_interval interval = {0};
    assert_ok(fet_auroc(scores, good, 2, &auroc));
    assert_true(isnan(auroc));
    assert_ok(fet_auroc(scores, bad, 2, &auroc));
    assert_true(isnan(auroc));
    assert_ok(fet_auroc(NULL, NULL, 0, &auroc));
    assert_true(isnan(auroc));
    assert_ok(fet_average_precision(scores, good, 2, &ap));
    assert_true(isnan(ap));
    assert_ok(fet_auroc_interval(scores, bad, 2, 0.95, &interval));
    assert_true(isnan(interval.low) && isnan(interval.high));
    struct fet_roc_point *points = NULL;
    int64_t n = 0;
    assert_ok(fet_roc(scores, bad, 2, &points, &n));
    assert_int_equal(n, 3);
    assert_true(isnan(points[2].false_positive_rate) && points[2].true_positive_rate == 1);
    fet_free(points);
    assert_ok(fet_roc(NULL, NULL, 0, &points, &n));
    assert_int_equal(n, 1);
    fet_free(points);
}

/* k = 20 pairs of which all are in order: theta >= 0.025^(1/20). */
static void a_perfect_order_still_leaves_doubt(void **state)
{
    (void)state;
    double scores[50];
    uint8_t truth[50];
    for (int i = 0; i < 50; i++) {
        scores[i] = i;
        truth[i] = i >= 30;
    }
    struct fet_interval interval = {0};
    assert_ok(fet_auroc_interval(scores, truth, 50, 0.95, &interval));
    assert_close(interval.low, pow(0.025, 1.0 / 20), 1e-12, 0);
    assert_true(interval.high == 1);
    for (int i = 0; i < 50; i++) truth[i] = i < 30;
    assert_ok(fet_auroc_interval(scores, truth, 50, 0.95, &interval));
    assert_true(interval.low == 0);
    assert_close(interval.high, 1 - pow(0.025, 1.0 / 20), 1e-12, 0);
}

static void the_interval_is_never_empty(void **state)
{
    (void)state;
    const double same[] = {2, 2, 2, 2, 2}, one[] = {1, 3, 2, 4, 5};
    const uint8_t truth[] = {0, 1, 0, 1, 0}, single[] = {0, 0, 1, 0, 0};
    struct fet_interval interval = {0};
    assert_ok(fet_auroc_interval(same, truth, 5, 0.95, &interval));
    assert_true(interval.low < 0.2 && interval.high > 0.8);
    assert_ok(fet_auroc_interval(one, single, 5, 0.95, &interval));
    assert_true(interval.low < 0.05 && interval.high > 0.9);
}

/* Property: over many draws the interval holds the true area about as often as it says. */
static void the_interval_covers_as_often_as_it_says(void **state)
{
    (void)state;
    enum { N_DRAWS = 2000, M = 40, N = 80 };
    struct fet_rng rng;
    fet_rng_init(&rng, 5, 0);
    int n_held = 0;
    for (int i = 0; i < N_DRAWS; i++) {
        double scores[M + N];
        uint8_t truth[M + N];
        for (int j = 0; j < M + N; j++) {
            truth[j] = j < M;
            scores[j] = fet_rng_normal(&rng) + (j < M ? 1.8 : 0);
        }
        struct fet_interval interval = {0};
        assert_ok(fet_auroc_interval(scores, truth, M + N, 0.9, &interval));
        const double area = 0.898454; /* Phi(1.8 / sqrt 2) */
        n_held += interval.low <= area && area <= interval.high;
    }
    /* Three standard deviations of 2,000 draws are 0.02. */
    assert_close((double)n_held / N_DRAWS, 0.9, 0, 0.025);
}

static fet_status rank_all(void)
{
    const double scores[] = {1, 2, 2, 3};
    const uint8_t truth[] = {0, 1, 0, 1};
    double x = 0;
    struct fet_interval interval = {0};
    struct fet_roc_point *points = NULL;
    int64_t n = 0;
    FET_TRY(fet_auroc(scores, truth, 4, &x));
    FET_TRY(fet_average_precision(scores, truth, 4, &x));
    FET_TRY(fet_auroc_interval(scores, truth, 4, 0.9, &interval));
    FET_TRY(fet_roc(scores, truth, 4, &points, &n));
    fet_free(points);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, rank_all());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn_and_delong_by_pairs),
        cmocka_unit_test(counts_ties_as_half),
        cmocka_unit_test(takes_infinite_scores_but_not_nan),
        cmocka_unit_test(has_no_meaning_when_a_class_is_missing),
        cmocka_unit_test(a_perfect_order_still_leaves_doubt),
        cmocka_unit_test(the_interval_is_never_empty),
        cmocka_unit_test(the_interval_covers_as_often_as_it_says),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
