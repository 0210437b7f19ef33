#include "check.h"

#include <stdio.h>

#include "int8.h"
#include "test_network.h"

enum { N_SAMPLES = 6 };

/* Samples like the network's only input; the caller drops them. */
static void draw_samples(struct maker *m, const char *shape, struct fet_tensor *samples)
{
    for (int i = 0; i < N_SAMPLES; i++) samples[i] = drawn(m, shape, -1, 1);
}

static void drop_samples(struct fet_tensor *samples)
{
    for (int i = 0; i < N_SAMPLES; i++) fet_tensor_unref(&samples[i]);
}

/* The relative error of int8 on the samples, and what the plan is made of. */
static double error_of(const struct fet_graph *g, const struct fet_tensor *samples,
                       const struct fet_plan_ranges *r, struct fet_plan_facts *facts)
{
    struct fet_plan *plan = NULL;
    double difference = 0, size = 0;
    assert_ok(fet_plan_new(g, samples, &(struct fet_plan_options){.int8 = r}, &plan));
    for (int i = 0; i < N_SAMPLES; i++) {
        struct fet_tensor wanted = {0}, got = {0};
        assert_ok(fet_graph_run(g, &samples[i], &wanted, NULL));
        assert_ok(fet_plan_run(plan, &samples[i], &got));
        for (int64_t k = 0; k < fet_tensor_count(&wanted); k++) {
            const double w = (double)fet_tensor_f32(&wanted)[k];
            const double d = (double)fet_tensor_f32(&got)[k] - w;
            difference += d * d;
            size += w * w;
        }
        fet_tensor_unref(&wanted);
    }
    *facts = fet_plan_facts(plan);
    fet_plan_free(plan);
    return sqrt(difference / size);
}

static void networks_in_int8_stay_close_to_float(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct maker m;
        struct fet_tensor samples[N_SAMPLES];
        struct fet_plan_ranges *r = NULL;
        struct fet_plan_facts f;
        if (kind == 0) build_residual(&m);
        if (kind == 1) build_mobile(&m);
        draw_samples(&m, kind == 0 ? "[2,3,17,16]" : "[1,3,9,9]", samples);
        assert_ok(fet_int8_calibrate(m.g, NULL, samples, N_SAMPLES, &r));
        const double error = error_of(m.g, samples, r, &f);
        assert_true(error < 0.05 && error > 1e-6);
        assert_int_equal(f.n_int8, kind == 0 ? 6 + 1 + 1 : 7); /* convolutions, pooling, linear */
        for (int k = 0; k < r->n_nodes; k++) r->is_float[k] = true;
        assert_true(error_of(m.g, samples, r, &f) < 1e-5);
        assert_int_equal(f.n_int8, 0);
        for (int k = 0; k < r->n_nodes; k++) r->is_float[k] = k % 2 == 0;
        assert_true(error_of(m.g, samples, r, &f) < 0.05);
        fet_plan_ranges_free(r);
        drop_samples(samples);
        maker_deinit(&m);
    }
}

/* A tail that is no straight line, sums of different signs, a product behind a view. */
static void tails_and_residuals_of_every_kind_are_right(void **state)
{
    (void)state;
    struct maker m;
    struct fet_tensor samples[N_SAMPLES];
    struct fet_plan_ranges *r = NULL;
    struct fet_plan_facts f;
    maker_init(&m);
    int x = input(&m, "[1,8,6,6]");
    const int signed_one = conv(&m, x, "[16,8,1,1]", "");
    const int natural = NODE(&m, "relu", "", conv(&m, x, "[16,8,1,1]", ""));
    const int a = NODE(&m, "swish", "", conv(&m, natural, "[16,16,3,3]", "pads=1,1,1,1"));
    const int b = NODE(&m, "add", "", conv(&m, a, "[16,16,1,1]", ""), signed_one);
    const int c =
        NODE(&m, "relu", "", NODE(&m, "add", "", conv(&m, b, "[16,16,1,1]", ""), natural));
    x = NODE(&m, "leaky_relu", "alpha=0.25", conv(&m, c, "[16,1,3,3]", "group=16"));
    x = NODE(&m, "add", "", NODE(&m, "max_pool", "kernel_shape=2,2 strides=2,2", x),
             NODE(&m, "average_pool", "kernel_shape=2,2 strides=2,2", x));
    x = NODE(&m, "gemm", "", NODE(&m, "flatten", "", x), constant(&m, "[64,5]", -1, 1));
    assert_ok(fet_graph_add_output(m.g, x));
    draw_samples(&m, "[1,8,6,6]", samples);
    assert_ok(fet_int8_calibrate(m.g, NULL, samples, N_SAMPLES, &r));
    assert_true(error_of(m.g, samples, r, &f) < 0.05);
    assert_true(f.n_int8 >= 6);
    fet_plan_ranges_free(r);
    drop_samples(samples);
    maker_deinit(&m);
}

/* A product that adds up: what each weight is rounded by comes together in the sums. */
static void build_product(struct maker *m, int kind)
{
    maker_init(m);
    if (kind == 0) {
        const int x = input(m, "[1,32,6,6]");
        assert_ok(fet_graph_add_output(m->g, conv(m, x, "[16,32,1,1]", "")));
    } else if (kind == 1) {
        const int x = input(m, "[2,32,9,7]");
        const int y = conv(m, x, "[32,16,3,3]", "group=2 pads=1,1,1,0 strides=2,1");
        assert_ok(fet_graph_add_output(m->g, y));
    } else { /* more than are looked at together */
        const int x = input(m, "[2,1500]");
        const int y = NODE(m, "gemm", "", x, constant(m, "[1500,5]", -1, 1));
        assert_ok(fet_graph_add_output(m->g, y));
    }
}

static void weights_make_up_for_each_other(void **state)
{
    (void)state;
    static const char *const shapes[] = {"[1,32,6,6]", "[2,32,9,7]", "[2,1500]"};
    for (int kind = 0; kind < 3; kind++) {
        struct maker m;
        struct fet_tensor samples[N_SAMPLES];
        struct fet_plan_ranges *r = NULL;
        struct fet_plan_facts f;
        build_product(&m, kind);
        for (int i = 0; i < N_SAMPLES; i++) samples[i] = drawn(&m, shapes[kind], 0.5, 1);
        assert_ok(fet_int8_calibrate(m.g, NULL, samples, N_SAMPLES, &r));
        const double together = error_of(m.g, samples, r, &f);
        assert_int_equal(f.n_int8, 1);
        for (int k = 0; k < r->n_nodes; k++) {
            fet_free(r->rounded[k].weights);
            r->rounded[k].weights = NULL;
        }
        const double alone = error_of(m.g, samples, r, &f);
        assert_true(together < 0.6 * alone);
        fet_plan_ranges_free(r);
        drop_samples(samples);
        maker_deinit(&m);
    }
}

static void the_gate_puts_the_worst_back_into_float(void **state)
{
    (void)state;
    struct maker m;
    struct fet_tensor samples[N_SAMPLES];
    struct fet_plan_ranges *r = NULL;
    struct fet_int8_report report;
    build_mobile(&m);
    draw_samples(&m, "[1,3,9,9]", samples);
    assert_ok(fet_int8_calibrate(m.g, NULL, samples, N_SAMPLES, &r));
    const struct fet_int8_options easy = {.least_agreement = 0, .most_error = 0.1};
    assert_ok(fet_int8_gate(m.g, NULL, samples, N_SAMPLES, &easy, r, &report));
    assert_int_equal(report.n_int8, 7);
    assert_int_equal(report.n_float, 0);
    assert_string_equal(report.worst_name, "");
    const struct fet_int8_options hard = {.least_agreement = 0, .most_error = report.error * 0.7};
    assert_ok(fet_int8_gate(m.g, NULL, samples, N_SAMPLES, &hard, r, &report));
    assert_true(report.n_float >= 1 && report.n_int8 >= 1 && report.error <= hard.most_error);
    assert_string_equal(report.worst_name, "conv");
    assert_true(report.worst_error > 0);
    const struct fet_int8_options exact = {.least_agreement = 1, .most_error = 0};
    assert_ok(fet_int8_gate(m.g, NULL, samples, N_SAMPLES, &exact, r, &report));
    assert_int_equal(report.n_int8, 0);
    fet_plan_ranges_free(r);
    drop_samples(samples);
    maker_deinit(&m);
}

static fet_status calibrate_and_gate(const struct maker *m, const struct fet_tensor *samples)
{
    struct fet_plan_ranges *r = NULL;
    struct fet_int8_report report;
    const struct fet_int8_options o = {.least_agreement = 0, .most_error = 1};
    FET_TRY(fet_int8_calibrate(m->g, NULL, samples, 1, &r));
    const fet_status st = fet_int8_gate(m->g, NULL, samples, 1, &o, r, &report);
    fet_plan_ranges_free(r);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct maker m;
    build_mobile(&m);
    check_fault_sweep(FET_FAULT_ALLOC, calibrate_and_gate(&m, m.inputs));
    maker_deinit(&m);
}

static void nothing_to_learn_from_is_refused(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan_ranges *r = NULL;
    build_mobile(&m);
    assert_fails(fet_int8_calibrate(m.g, NULL, m.inputs, 0, &r), FET_ARGUMENT, "nothing");
    maker_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_in_int8_stay_close_to_float),
        cmocka_unit_test(tails_and_residuals_of_every_kind_are_right),
        cmocka_unit_test(weights_make_up_for_each_other),
        cmocka_unit_test(the_gate_puts_the_worst_back_into_float),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(nothing_to_learn_from_is_refused),
    };
    if (!fet_kernel_has_int8()) {
        puts("skipped: this processor has no exact int8 products");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
