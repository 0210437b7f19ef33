#include "check.h"

#include "graph.h"

/* a = -x; b = a + w; c = exp(z). */
static struct fet_graph *build(void)
{
    static const char *const names[] = {"a", "b", "c"};
    struct fet_graph *g = NULL;
    struct fet_tensor t = {0};
    int x = 0, z = 0, w = 0, a = 0, b = 0, c = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_input(g, "x", FET_F32, 1, (const int64_t[]){2}, &x));
    assert_ok(fet_graph_add_untyped_input(g, "z", &z));
    assert_ok(fet_tensor_new(FET_F32, 0, NULL, &t));
    *fet_tensor_f32(&t) = 5;
    assert_ok(fet_graph_add_constant(g, "w", &t, &w));
    fet_tensor_unref(&t);
    const struct fet_graph_call first = {
        .op = fet_op_find("neg"), .x = &x, .n_x = 1, .y_names = &names[0], .n_y = 1};
    assert_ok(fet_graph_add_node(g, &first, &a));
    const int pair[] = {a, w};
    const struct fet_graph_call second = {
        .op = fet_op_find("add"), .x = pair, .n_x = 2, .y_names = &names[1], .n_y = 1};
    assert_ok(fet_graph_add_node(g, &second, &b));
    const struct fet_graph_call third = {
        .op = fet_op_find("exp"), .x = &z, .n_x = 1, .y_names = &names[2], .n_y = 1};
    assert_ok(fet_graph_add_node(g, &third, &c));
    assert_ok(fet_graph_add_output(g, c));
    return g;
}

static void a_cut_holds_what_its_outputs_need_and_no_more(void **state)
{
    (void)state;
    struct fet_graph *g = build(), *cut = NULL;
    const int wanted[] = {fet_graph_find_value(g, "b"), fet_graph_find_value(g, "a")};
    assert_ok(fet_graph_cut(g, wanted, 2, &cut));
    fet_graph_free(g);
    assert_int_equal(cut->n_inputs, 1);
    assert_int_equal(cut->n_nodes, 2);
    assert_int_equal(fet_graph_find_value(cut, "c"), FET_GRAPH_NONE);
    struct fet_tensor x = {0}, y[2] = {0};
    assert_ok(fet_tensor_new(FET_F32, 1, (const int64_t[]){2}, &x));
    fet_tensor_f32(&x)[1] = 3;
    assert_ok(fet_graph_run(cut, &x, y, NULL));
    assert_close(fet_tensor_f32(&y[0])[1], 2, 0, 0);
    assert_close(fet_tensor_f32(&y[1])[1], -3, 0, 0);
    fet_tensor_unref(&x);
    fet_tensor_unref(&y[0]);
    fet_tensor_unref(&y[1]);
    fet_graph_free(cut);
}

static void an_input_alone_may_be_cut_out(void **state)
{
    (void)state;
    struct fet_graph *g = build(), *cut = NULL;
    const int z = fet_graph_find_value(g, "z"), nowhere = 99;
    assert_ok(fet_graph_cut(g, &z, 1, &cut));
    assert_int_equal(cut->n_nodes, 0);
    assert_int_equal(cut->n_inputs, 1);
    fet_graph_free(cut);
    assert_fails(fet_graph_cut(g, &nowhere, 1, &cut), FET_ARGUMENT, "output 99 is no value");
    fet_graph_free(g);
}

static fet_status cut_whole(const struct fet_graph *g)
{
    struct fet_graph *cut = NULL;
    const int b = fet_graph_find_value(g, "b");
    FET_TRY(fet_graph_cut(g, &b, 1, &cut));
    fet_graph_free(cut);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_graph *const g = build();
    check_fault_sweep(FET_FAULT_ALLOC, cut_whole(g));
    fet_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_holds_what_its_outputs_need_and_no_more),
        cmocka_unit_test(an_input_alone_may_be_cut_out),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
