#include "check.h"

#include "chart.h"

static fet_status add_all(struct fet_charts *charts)
{
    const double x[3] = {1, 2, 3}, y[3] = {4, 5, 6}, counts[4] = {7, 8, 9, 10};
    const char *const labels[2] = {"good", "bad"};
    struct fet_chart_series series = {.name = "s", .x = x, .y = y, .n = 3};
    struct fet_chart_mark mark = {.name = "threshold", .x = 2};
    const struct fet_chart line = {.kind = FET_CHART_LINE,
                                   .title = "ROC",
                                   .series = &series,
                                   .n_series = 1,
                                   .marks = &mark,
                                   .n_marks = 1};
    const struct fet_chart matrix = {
        .kind = FET_CHART_MATRIX, .title = "confusion", .labels = labels, .values = counts, .n = 2};
    for (int i = 0; i < 6; i++) {
        FET_TRY(fet_charts_add(charts, &line));
        FET_TRY(fet_charts_add(charts, &matrix));
    }
    return FET_OK;
}

static void a_chart_is_a_deep_copy(void **state)
{
    (void)state;
    struct fet_charts charts = {0};
    assert_ok(add_all(&charts));
    assert_int_equal(charts.n, 12);
    assert_string_equal(charts.items[10].series[0].name, "s");
    assert_close(charts.items[10].series[0].y[2], 6, 0, 0);
    assert_close(charts.items[10].marks[0].x, 2, 0, 0);
    assert_string_equal(charts.items[11].labels[1], "bad");
    assert_close(charts.items[11].values[3], 10, 0, 0);
    fet_charts_deinit(&charts);
}

static fet_status add_and_drop(void)
{
    struct fet_charts charts = {0};
    const fet_status st = add_all(&charts);
    fet_charts_deinit(&charts);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, add_and_drop());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chart_is_a_deep_copy),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
