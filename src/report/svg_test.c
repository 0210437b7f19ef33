#include "svg.h"

#include "made.h"

/* ---- axes ---- */

static void ticks_are_round_and_hold_the_values(void **state)
{
    (void)state;
    static const double ranges[][2] = {{0, 1},       {0, 97},       {-3, 17},      {0.031, 0.0318},
                                       {1e6, 1.2e6}, {-1e-9, 2e-9}, {1e300, 5e300}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const double low = ranges[i][0], high = ranges[i][1];
        const struct fet_axis a = fet_axis_fit(low, high, 6);
        assert_true(a.low <= low + 1e-6 * a.step && a.high >= high - 1e-6 * a.step);
        const double n = (a.high - a.low) / a.step;
        assert_true(n > 1.5 && n < 9.5);
        const double lead = a.step / pow(10, floor(log10(a.step) + 1e-9));
        assert_true(fabs(lead - 1) < 1e-6 || fabs(lead - 2) < 1e-6 || fabs(lead - 5) < 1e-6);
    }
}

static void a_range_without_width_is_widened(void **state)
{
    (void)state;
    static const double ranges[][2] = {
        {0, 0},     {5, 5},       {-7e8, -7e8}, {1, 1 + 1e-15}, {-1.7e308, 1.7e308},
        {NAN, NAN}, {0, INFINITY}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct fet_axis a = fet_axis_fit(ranges[i][0], ranges[i][1], 6);
        assert_true(isfinite(a.low) && isfinite(a.high));
        assert_true(a.low < a.high && a.step > 0);
    }
}

/* ---- charts ---- */

static char *draw(const struct fet_chart *chart)
{
    struct fet_text t = {0};
    assert_ok(fet_html_chart(&t, chart, "c"));
    assert_ok(fet_text_status(&t, "chart"));
    char *s = fet_text_take(&t);
    assert_well_formed(s);
    assert_null(strstr(s, "nan"));
    assert_null(strstr(s, "inf"));
    return s;
}

static char *draw_series(enum fet_chart_kind kind, const double *x, const double *y, int64_t n)
{
    struct fet_chart_series series[] = {{"one <1>", x, y, n}, {"two", x, y, n > 1 ? n - 1 : n}};
    struct fet_chart_mark marks[] = {{"limit & more", 0.5}, {"far away", 1e9}, {NULL, 0.4}};
    return draw(&(struct fet_chart){.kind = kind,
                                    .title = "T<1>",
                                    .x_title = "x & y",
                                    .y_title = "count <n>",
                                    .caption = "Said \"so\".",
                                    .series = series,
                                    .n_series = 2,
                                    .marks = marks,
                                    .n_marks = 3});
}

static const enum fet_chart_kind series_kinds[] = {FET_CHART_HISTOGRAM, FET_CHART_LINE,
                                                   FET_CHART_SCATTER};

static void charts_without_values_say_so(void **state)
{
    (void)state;
    const double nothing[] = {NAN, INFINITY};
    for (int k = 0; k < 3; k++) {
        char *s = draw_series(series_kinds[k], NULL, NULL, 0);
        assert_non_null(strstr(s, "No values."));
        assert_null(strstr(s, "<svg viewBox=\"0 0 560"));
        fet_free(s);
        s = draw_series(series_kinds[k], nothing, nothing, 2);
        assert_non_null(strstr(s, "No values."));
        assert_non_null(strstr(s, "3 values are not a number and left out."));
        fet_free(s);
    }
    fet_free(draw(&(struct fet_chart){.kind = FET_CHART_BARS}));
    fet_free(draw(&(struct fet_chart){.kind = FET_CHART_MATRIX}));
    fet_free(draw(&(struct fet_chart){.kind = FET_CHART_LINE}));
}

static void charts_of_one_value_are_drawn(void **state)
{
    (void)state;
    const double x = 0.5, y = 7;
    for (int k = 0; k < 3; k++) {
        char *s = draw_series(series_kinds[k], &x, &y, 1);
        assert_non_null(strstr(s, "role=\"img\" aria-labelledby=\"c-title\""));
        assert_non_null(strstr(s, "T&lt;1&gt;"));
        assert_non_null(strstr(s, "limit &amp; more: 0.500</title>"));
        assert_non_null(strstr(s, "Said &quot;so&quot;."));
        assert_null(strstr(s, "far away"));
        fet_free(s);
    }
}

static void a_histogram_counts_every_value_once(void **state)
{
    (void)state;
    double x[1000];
    struct fet_chart_series series = {.name = "v", .x = x, .n = 1000};
    struct fet_rng r;
    fet_rng_init(&r, 1, 1);
    for (int i = 0; i < 1000; i++) x[i] = fet_rng_normal(&r);
    x[17] = (double)NAN;
    char *s = draw(&(struct fet_chart){
        .kind = FET_CHART_HISTOGRAM, .title = "h", .series = &series, .n_series = 1});
    assert_non_null(strstr(s, "1 value is not a number and left out."));
    int64_t n = 0;
    for (const char *at = s; (at = strstr(at, "\nv: ")) != NULL; at++) n += atoll(at + 4);
    assert_int_equal(n, 999);
    fet_free(s);
}

static void a_million_points_make_a_small_drawing(void **state)
{
    (void)state;
    enum { N = 200000 };
    double *x = fet_alloc(N, sizeof *x), *y = fet_alloc(N, sizeof *y);
    struct fet_rng r;
    fet_rng_init(&r, 2, 1);
    for (int i = 0; i < N; i++) {
        x[i] = (double)i / N;
        y[i] = x[i] + 0.01 * fet_rng_real(&r);
    }
    struct fet_chart_series series = {.name = "v", .x = x, .y = y, .n = N};
    struct fet_chart chart = {
        .kind = FET_CHART_SCATTER, .title = "s", .series = &series, .n_series = 1};
    char *s = draw(&chart);
    assert_true(strlen(s) < 200000);
    fet_free(s);
    for (int i = 0; i < N; i++) y[i] = x[i];
    chart.kind = FET_CHART_LINE;
    s = draw(&chart);
    assert_true(strlen(s) < 100000);
    fet_free(s);
    fet_free(x);
    fet_free(y);
}

static void a_line_breaks_where_a_value_is_missing(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3, 4}, y[] = {0, 1, NAN, 3, 4};
    struct fet_chart_series series = {.name = "v", .x = x, .y = y, .n = 5};
    char *s = draw(&(struct fet_chart){.kind = FET_CHART_LINE, .series = &series, .n_series = 1});
    const char *path = strstr(s, "class=\"curve s0\" d=\"");
    assert_non_null(path);
    int n_starts = 0;
    for (path += 20; *path != '"'; path++) n_starts += *path == 'M';
    assert_int_equal(n_starts, 2);
    fet_free(s);
}

static void bars_show_labels_and_values(void **state)
{
    (void)state;
    const char *const labels[] = {"a&b", "a very long label that goes on and on and on", "none",
                                  "below"};
    const double values[] = {0.42, 12.5, NAN, -3};
    const struct fet_chart chart = {
        .kind = FET_CHART_BARS, .title = "b", .labels = labels, .values = values, .n = 4};
    char *s = draw(&chart);
    assert_non_null(strstr(s, "<title>a&amp;b: 0.420</title>"));
    assert_non_null(strstr(s, ">a very long label that goe\xe2\x80\xa6</text>"));
    assert_int_equal(made_count(s, "<rect class=\"bar"), 4);
    fet_free(s);
    const char *many[50];
    double ones[50];
    for (int i = 0; i < 50; i++) many[i] = "x", ones[i] = 1;
    s = draw(&(struct fet_chart){.kind = FET_CHART_BARS, .labels = many, .values = ones, .n = 50});
    assert_non_null(strstr(s, "The first 40 of 50."));
    fet_free(s);
}

static void a_matrix_is_a_table_shaded_by_row(void **state)
{
    (void)state;
    const char *const labels[] = {"cat", "<dog>"};
    const double values[] = {9, 1, 0, NAN};
    char *s = draw(&(struct fet_chart){
        .kind = FET_CHART_MATRIX, .title = "m", .labels = labels, .values = values, .n = 2});
    assert_non_null(strstr(s, "<td class=\"h9 right\" title=\"cat \xe2\x86\x92 cat: 90.0"));
    assert_non_null(strstr(s, "<td class=\"h1\""));
    assert_non_null(strstr(s, "<td class=\"h0\" title=\"&lt;dog&gt; \xe2\x86\x92 cat"));
    assert_non_null(strstr(s, ">\xe2\x80\x93</td>"));
    fet_free(s);
    static const char *many[60];
    static double zeros[3600];
    for (int i = 0; i < 60; i++) many[i] = "class";
    s = draw(
        &(struct fet_chart){.kind = FET_CHART_MATRIX, .labels = many, .values = zeros, .n = 60});
    assert_non_null(strstr(s, "The first 40 of 60 rows and columns."));
    fet_free(s);
}

static fet_status draw_and_drop(enum fet_chart_kind kind)
{
    const double x[] = {1, 2, 3}, y[] = {1, 4, 9};
    struct fet_chart_series series = {.name = "v", .x = x, .y = y, .n = 3};
    struct fet_text t = {0};
    fet_status st = fet_html_chart(
        &t, &(struct fet_chart){.kind = kind, .series = &series, .n_series = 1}, "c");
    if (st == FET_OK) st = fet_text_status(&t, "chart");
    fet_text_deinit(&t);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) check_fault_sweep(FET_FAULT_ALLOC, draw_and_drop(series_kinds[k]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_and_hold_the_values),
        cmocka_unit_test(a_range_without_width_is_widened),
        cmocka_unit_test(charts_without_values_say_so),
        cmocka_unit_test(charts_of_one_value_are_drawn),
        cmocka_unit_test(a_histogram_counts_every_value_once),
        cmocka_unit_test(a_million_points_make_a_small_drawing),
        cmocka_unit_test(a_line_breaks_where_a_value_is_missing),
        cmocka_unit_test(bars_show_labels_and_values),
        cmocka_unit_test(a_matrix_is_a_table_shaded_by_row),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
