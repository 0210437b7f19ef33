#include "check.h"

#include "graph.h"

static int add(struct fet_graph *g, const char *op, const int *x, int n_x, const char *name)
{
    int y = 0;
    const char *const names[] = {name};
    assert_ok(fet_graph_add_node(
        g,
        &(struct fet_graph_call){
            .op = fet_op_find(op), .x = x, .n_x = n_x, .y_names = names, .n_y = 1},
        &y));
    return y;
}

/* y = x [free,free] reshaped to its own shape; z = the x that are not zero. */
static struct fet_graph *build(void)
{
    struct fet_graph *g = NULL;
    int x = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_input(g, "x", FET_F32, 2,
                                  (const int64_t[]){FET_GRAPH_FREE, FET_GRAPH_FREE}, &x));
    const int s = add(g, "shape", (const int[]){x}, 1, "s");
    assert_ok(fet_graph_add_output(g, add(g, "reshape", (const int[]){x, s}, 2, "y")));
    const int z = add(g, "non_zero", (const int[]){x}, 1, "z");
    assert_ok(fet_graph_add_output(g, add(g, "neg", (const int[]){z}, 1, "minus_z")));
    return g;
}

static void computed_sizes_are_known_and_those_that_data_decide_are_not(void **state)
{
    (void)state;
    struct fet_graph *const g = build();
    struct fet_tensor v[8] = {0};
    const struct fet_shape shape = {2, {3, 5}};
    assert_ok(fet_graph_infer(g, &shape, v));
    const struct fet_tensor *const y = &v[fet_graph_find_value(g, "y")];
    assert_true(fet_graph_has_shape(y));
    assert_true(fet_shape_is_equal(&y->shape, &shape));
    assert_null(y->data);
    const struct fet_tensor *const s = &v[fet_graph_find_value(g, "s")];
    assert_int_equal(((const int64_t *)s->data)[1], 5);
    const struct fet_tensor *const z = &v[fet_graph_find_value(g, "minus_z")];
    assert_false(fet_graph_has_shape(z));
    assert_true(fet_graph_has_type(z));
    assert_int_equal(z->dtype, FET_I64);
    for (int i = 0; i < g->n_values; i++) fet_tensor_unref(&v[i]);
    fet_graph_free(g);
}

static void what_does_not_fit_names_the_node(void **state)
{
    (void)state;
    struct fet_graph *const g = build();
    struct fet_tensor v[8] = {0};
    const struct fet_shape wrong = {3, {3, 5, 2}};
    assert_fails(fet_graph_infer(g, &wrong, v), FET_SHAPE, "input 'x' has shape [3,5,2]");
    const int x = fet_graph_find_value(g, "x");
    (void)add(g, "matmul", (const int[]){x, x}, 2, "product");
    assert_fails(fet_graph_infer(g, &(struct fet_shape){2, {3, 5}}, v), FET_SHAPE, "node 'matmul'");
    fet_graph_free(g);
}

static void an_untyped_input_is_unknown(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor v[2] = {0};
    int x = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_untyped_input(g, "x", &x));
    (void)add(g, "neg", (const int[]){x}, 1, "y");
    assert_ok(fet_graph_infer(g, &(struct fet_shape){0}, v));
    assert_false(fet_graph_has_type(&v[0]));
    assert_false(fet_graph_has_type(&v[1]));
    fet_graph_free(g);
}

static fet_status infer_whole(const struct fet_graph *g)
{
    struct fet_tensor v[8] = {0};
    FET_TRY(fet_graph_infer(g, &(struct fet_shape){2, {3, 5}}, v));
    for (int i = 0; i < g->n_values; i++) fet_tensor_unref(&v[i]);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_graph *const g = build();
    check_fault_sweep(FET_FAULT_ALLOC, infer_whole(g));
    fet_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computed_sizes_are_known_and_those_that_data_decide_are_not),
        cmocka_unit_test(what_does_not_fit_names_the_node),
        cmocka_unit_test(an_untyped_input_is_unknown),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
