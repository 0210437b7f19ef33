#include "check.h"

#include "golden.h"
#include "measure.h"

static void agrees_with_scikit_learn_and_scipy(void **state)
{
    (void)state;
    json_t *cases = golden_load("classification.json");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        const int32_t n_classes = golden_int(c, "n_classes");
        int64_t n = 0, n_p = 0, n_cells = 0, confusion[36] = {0};
        int32_t *truth = golden_ints(c, "truth", &n);
        int32_t *wanted = golden_ints(c, "confusion", &n_cells);
        double *p = golden_reals(c, "p", &n_p);
        struct fet_class_figures f = {0}, without = {0};
        assert_int_equal(n_p, n * n_classes);
        assert_ok(fet_classification(truth, p, n, n_classes, 0.95, &f, confusion));
        assert_close(f.accuracy, golden_real(c, "accuracy"), 1e-14, 0);
        assert_close(f.log_loss, golden_real(c, "log_loss"), 1e-13, 0);
        assert_close(f.f1_macro, golden_real(c, "f1_macro"), 1e-14, 0);
        assert_close(f.ece, golden_real(c, "ece"), 1e-12, 0);
        assert_close(f.accuracy_interval.low, golden_at(json_object_get(c, "interval"), 0), 1e-10,
                     0);
        assert_close(f.accuracy_interval.high, golden_at(json_object_get(c, "interval"), 1), 1e-10,
                     0);
        for (int64_t j = 0; j < n_cells; j++) assert_int_equal(confusion[j], wanted[j]);
        assert_ok(fet_classification(truth, p, n, n_classes, 0.95, &without, NULL));
        assert_memory_equal(&f, &without, sizeof f);
        fet_free(truth);
        fet_free(wanted);
        fet_free(p);
    }
    json_decref(cases);
}

static void a_sure_mistake_costs_a_finite_amount(void **state)
{
    (void)state;
    const int32_t truth[] = {0};
    const double p[] = {0, 1};
    struct fet_class_figures f = {0};
    assert_ok(fet_classification(truth, p, 1, 2, 0.9, &f, NULL));
    assert_close(f.log_loss, -log(1e-15), 1e-14, 0);
    assert_true(f.accuracy == 0 && f.f1_macro == 0 && f.ece == 1);
}

static void limits(void **state)
{
    (void)state;
    const int32_t truth[] = {0, 0}, foreign[] = {2}, negative[] = {-1};
    const double p[] = {1, 1}, zeroes[] = {0, 0}, bad[] = {(double)NAN, 2};
    struct fet_class_figures f = {0};
    int64_t confusion[1] = {9};
    assert_ok(fet_classification(truth, p, 2, 1, 0.9, &f, confusion));
    assert_true(f.accuracy == 1 && f.log_loss == 0 && f.f1_macro == 1 && f.ece == 0);
    assert_int_equal(confusion[0], 2);
    assert_ok(fet_classification(truth, zeroes, 1, 2, 0.9, &f, NULL)); /* all zero: bin 0 */
    assert_ok(fet_classification(NULL, NULL, 0, 1, 0.9, &f, confusion));
    assert_true(isnan(f.accuracy) && isnan(f.ece) && isnan(f.accuracy_interval.low));
    assert_int_equal(confusion[0], 0);
    assert_fails(fet_classification(foreign, p, 1, 2, 0.9, &f, NULL), FET_ARGUMENT, "class 2 of 2");
    assert_fails(fet_classification(negative, p, 1, 2, 0.9, &f, NULL), FET_ARGUMENT, "class -1");
    assert_fails(fet_classification(truth, bad, 1, 2, 0.9, &f, NULL), FET_ARGUMENT, "probability");
    assert_fails(fet_classification(truth, bad + 1, 1, 1, 0.9, &f, NULL), FET_ARGUMENT, "has 2");
    assert_fails(fet_classification(truth, p, 1, 1, 2, &f, NULL), FET_ARGUMENT, "confidence 2");
    assert_fails(fet_classification(truth, p, 1, 0, 0.9, &f, NULL), FET_ARGUMENT, "0 classes");
}

static fet_status classify_one(void)
{
    const int32_t truth[] = {0};
    const double p[] = {1};
    struct fet_class_figures f;
    return fet_classification(truth, p, 1, 1, 0.9, &f, NULL);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, classify_one());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn_and_scipy),
        cmocka_unit_test(a_sure_mistake_costs_a_finite_amount),
        cmocka_unit_test(limits),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
