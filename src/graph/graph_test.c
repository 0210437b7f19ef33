#include "check.h"

#include "graph.h"

static struct fet_tensor f32(int n_dims, const int64_t *dims, const float *values)
{
    struct fet_tensor t = {0};
    assert_ok(fet_tensor_new(FET_F32, n_dims, dims, &t));
    memcpy(t.data, values, fet_tensor_bytes(&t));
    return t;
}

/* softmax(x + w), x [free,2], w constant [2]. */
static fet_status build(struct fet_graph **out, const struct fet_tensor *w_tensor)
{
    struct fet_graph *g = NULL;
    int x = 0, w = 0, sum = 0, y = 0;
    FET_TRY(fet_graph_new(&g));
    fet_status st = FET_OK;
    const int64_t dims[] = {FET_GRAPH_FREE, 2};
    const char *const sum_name[] = {"sum"}, *const y_name[] = {"y"};
    FET_TRY_OUT(fet_graph_add_input(g, "x", FET_F32, 2, dims, &x));
    FET_TRY_OUT(fet_graph_add_constant(g, "w", w_tensor, &w));
    const int pair[] = {x, w};
    FET_TRY_OUT(fet_graph_add_node(
        g,
        &(struct fet_graph_call){
            .op = fet_op_find("add"), .x = pair, .n_x = 2, .y_names = sum_name, .n_y = 1},
        &sum));
    const int one[] = {sum};
    FET_TRY_OUT(fet_graph_add_node(g,
                                   &(struct fet_graph_call){.name = "last",
                                                            .op = fet_op_find("softmax"),
                                                            .x = one,
                                                            .n_x = 1,
                                                            .y_names = y_name,
                                                            .n_y = 1},
                                   &y));
    FET_TRY_OUT(fet_graph_add_output(g, y));
    FET_TRY_OUT(fet_graph_add_output(g, sum));
    *out = g;
    g = NULL;
out:
    fet_graph_free(g);
    return st;
}

static struct fet_tensor weights(void)
{
    return f32(1, (const int64_t[]){2}, (const float[]){1, 2});
}

static void a_graph_runs_with_any_batch(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor w = weights();
    assert_ok(build(&g, &w));
    for (int64_t n = 0; n < 4; n++) {
        const float zeros[8] = {0};
        struct fet_tensor x = f32(2, (const int64_t[]){n, 2}, zeros), y[2] = {0};
        assert_ok(fet_graph_run(g, &x, y, NULL));
        assert_int_equal(y[0].shape.dims[0], n);
        for (int64_t i = 0; i < n; i++) {
            const double p = 1 / (1 + exp(-1.0));
            assert_close(fet_tensor_f32(&y[0])[2 * i + 1], p, 1e-6, 0);
            assert_close(fet_tensor_f32(&y[1])[2 * i + 1], 2, 0, 0);
        }
        fet_tensor_unref(&x);
        fet_tensor_unref(&y[0]);
        fet_tensor_unref(&y[1]);
    }
    fet_graph_free(g);
    fet_tensor_unref(&w);
}

static void what_is_fed_must_fit_the_declaration(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor w = weights(), y[2] = {0}, wrong = {0};
    assert_ok(build(&g, &w));
    assert_ok(fet_tensor_new(FET_F64, 2, (const int64_t[]){1, 2}, &wrong));
    assert_fails(fet_graph_run(g, &wrong, y, NULL), FET_ARGUMENT, "'x' is F64, wanted F32");
    fet_tensor_unref(&wrong);
    assert_ok(fet_tensor_new(FET_F32, 2, (const int64_t[]){1, 3}, &wrong));
    assert_fails(fet_graph_run(g, &wrong, y, NULL), FET_SHAPE, "[1,3], wanted [-1,2]");
    fet_tensor_unref(&wrong);
    assert_ok(fet_tensor_new(FET_F32, 1, (const int64_t[]){2}, &wrong));
    assert_fails(fet_graph_run(g, &wrong, y, NULL), FET_SHAPE, "[2], wanted [-1,2]");
    fet_tensor_unref(&wrong);
    fet_graph_free(g);
    fet_tensor_unref(&w);
}

static void contradictions_are_refused_when_they_are_added(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor w = weights();
    assert_ok(build(&g, &w));
    const int n_values = g->n_values;
    int v = 77;
    const int64_t dims[] = {1, -2};
    assert_fails(fet_graph_add_input(g, "x", FET_F32, 1, dims, &v), FET_ARGUMENT, "called 'x'");
    assert_fails(fet_graph_add_input(g, "z", FET_F32, 2, dims, &v), FET_SHAPE, "dimension -2");
    assert_fails(fet_graph_add_input(g, "z", FET_F32, 9, dims, &v), FET_SHAPE, "9 dimensions");
    assert_fails(fet_graph_add_output(g, n_values), FET_ARGUMENT, "no value");
    const struct fet_op *const add = fet_op_find("add");
    const int x[] = {0, n_values, FET_GRAPH_NONE};
    struct fet_graph_call call = {.op = add, .x = x, .n_x = 1, .n_y = 1};
    assert_fails(fet_graph_add_node(g, &call, &v), FET_ARGUMENT, "1 inputs, wanted 2 to 2");
    call.n_x = 2;
    assert_fails(fet_graph_add_node(g, &call, &v), FET_ARGUMENT, "input 1 is no value");
    call.x = x + 1;
    assert_fails(fet_graph_add_node(g, &call, &v), FET_ARGUMENT, "input 0 is no value");
    call.x = (const int[]){0, FET_GRAPH_NONE};
    assert_fails(fet_graph_add_node(g, &call, &v), FET_ARGUMENT, "lacks input 1");
    call.x = (const int[]){0, 0};
    call.n_y = 2;
    assert_fails(fet_graph_add_node(g, &call, &v), FET_ARGUMENT, "2 outputs, wanted 1 to 1");
    call.n_y = 1;
    call.y_names = (const char *const[]){"sum"};
    assert_fails(fet_graph_add_node(g, &call, &v), FET_ARGUMENT, "called 'sum'");
    assert_int_equal(v, 77);
    assert_int_equal(g->n_values, n_values);
    assert_int_equal(fet_graph_find_value(g, "sum"), 2);
    fet_graph_free(g);
    fet_tensor_unref(&w);
}

static void a_failing_node_is_named(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor t = weights();
    int x = 0, y = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_untyped_input(g, "x", &x));
    assert_ok(fet_graph_add_node(g,
                                 &(struct fet_graph_call){.name = "the sum",
                                                          .op = fet_op_find("add"),
                                                          .x = (const int[]){x, x},
                                                          .n_x = 2,
                                                          .n_y = 1},
                                 &y));
    assert_ok(fet_graph_add_constant(g, NULL, &t, &x));
    struct fet_tensor out = {0};
    assert_ok(fet_graph_add_output(g, y));
    assert_ok(fet_graph_run(g, &t, &out, NULL));
    assert_close(fet_tensor_f32(&out)[1], 4, 0, 0);
    fet_tensor_unref(&out);
    assert_ok(fet_graph_add_node(g,
                                 &(struct fet_graph_call){.name = "the misfit",
                                                          .op = fet_op_find("add"),
                                                          .x = (const int[]){0, x},
                                                          .n_x = 2,
                                                          .n_y = 1},
                                 &y));
    struct fet_tensor three = f32(1, (const int64_t[]){3}, (const float[]){1, 2, 3});
    assert_fails(fet_graph_run(g, &three, &out, NULL), FET_SHAPE, "node 'the misfit': add:");
    assert_null(out.data);
    fet_tensor_unref(&three);
    fet_tensor_unref(&t);
    fet_graph_free(g);
}

static void values_are_found_by_name_among_many(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    int v = 0;
    char name[32];
    assert_ok(fet_graph_new(&g));
    assert_int_equal(fet_graph_find_value(g, "v0"), FET_GRAPH_NONE);
    for (int i = 0; i < 1000; i++) {
        fet_text_format(name, sizeof name, "v%d", i);
        assert_ok(fet_graph_add_untyped_input(g, name, &v));
    }
    for (int i = 0; i < 1000; i++) {
        fet_text_format(name, sizeof name, "v%d", i);
        assert_int_equal(fet_graph_find_value(g, name), i);
    }
    assert_int_equal(fet_graph_find_value(g, "v1000"), FET_GRAPH_NONE);
    assert_int_equal(fet_graph_find_value(g, ""), FET_GRAPH_NONE);
    fet_graph_free(g);
}

static fet_status build_and_run(void)
{
    struct fet_graph *g = NULL;
    struct fet_tensor w = {0}, x = {0}, y[2] = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_tensor_new(FET_F32, 1, (const int64_t[]){2}, &w));
    FET_TRY_OUT(fet_tensor_new(FET_F32, 2, (const int64_t[]){3, 2}, &x));
    FET_TRY_OUT(build(&g, &w));
    FET_TRY_OUT(fet_graph_run(g, &x, y, NULL));
out:
    fet_tensor_unref(&w);
    fet_tensor_unref(&x);
    fet_tensor_unref(&y[0]);
    fet_tensor_unref(&y[1]);
    fet_graph_free(g);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, build_and_run());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_runs_with_any_batch),
        cmocka_unit_test(what_is_fed_must_fit_the_declaration),
        cmocka_unit_test(contradictions_are_refused_when_they_are_added),
        cmocka_unit_test(a_failing_node_is_named),
        cmocka_unit_test(values_are_found_by_name_among_many),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
