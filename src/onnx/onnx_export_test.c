#include "check.h"

#include "onnx.h"
#include "onnx_model.h"

/* A graph of one input x [free,3] under construction. */
static struct fet_graph *graph_new(int *x)
{
    struct fet_graph *g = NULL;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_input(g, "x", FET_F32, 2, (const int64_t[]){FET_GRAPH_FREE, 3}, x));
    return g;
}

/* One node more; attributes as text; the result has no name. */
static int add(struct fet_graph *g, const char *op_name, const char *attrs, const int *x, int n_x)
{
    const struct fet_op *const op = fet_op_find(op_name);
    struct fet_arena a = {0};
    struct fet_attr_value values[32];
    int y = 0;
    assert_non_null(op);
    assert_ok(fet_op_parse_attrs(op, attrs, &a, values));
    const struct fet_graph_call call = {.op = op, .attrs = values, .x = x, .n_x = n_x, .n_y = 1};
    assert_ok(fet_graph_add_node(g, &call, &y));
    fet_arena_deinit(&a);
    return y;
}

static int ints(struct fet_graph *g, int64_t n, const int64_t *values)
{
    struct fet_tensor t = {0};
    int value = 0;
    assert_ok(fet_tensor_new(FET_I64, 1, &n, &t));
    memcpy(t.data, values, fet_tensor_bytes(&t));
    assert_ok(fet_graph_add_constant(g, NULL, &t, &value));
    fet_tensor_unref(&t);
    return value;
}

/* Exports, and parses what was written. The caller deinits both. */
static void export_and_parse(const struct fet_graph *g, int opset, struct fet_text *bytes,
                             struct fet_onnx_model *m)
{
    assert_ok(fet_onnx_export(g, opset, bytes));
    assert_ok(fet_onnx_model_parse((const uint8_t *)bytes->s, bytes->n, m));
}

/* [n], all of them r */
static int reals(struct fet_graph *g, int64_t n, float r)
{
    struct fet_tensor t = {0};
    int value = 0;
    assert_ok(fet_tensor_new(FET_F32, 1, &n, &t));
    for (int64_t i = 0; i < n; i++) fet_tensor_f32(&t)[i] = r;
    assert_ok(fet_graph_add_constant(g, NULL, &t, &value));
    fet_tensor_unref(&t);
    return value;
}

/* x = {1,2,3; 4,5,6} gives the same through the graph and through the file; 0 = bit for bit. */
static void check_answers(const struct fet_graph *g, int opset, double tolerance)
{
    struct fet_text bytes = {0};
    struct fet_graph *again = NULL;
    struct fet_tensor x = {0}, y[4] = {0}, z[4] = {0};
    assert_ok(fet_tensor_new(FET_F32, 2, (const int64_t[]){2, 3}, &x));
    for (int i = 0; i < 6; i++) fet_tensor_f32(&x)[i] = (float)i + 1;
    assert_ok(fet_onnx_export(g, opset, &bytes));
    assert_ok(fet_onnx_import((const uint8_t *)bytes.s, bytes.n, &again));
    fet_text_deinit(&bytes);
    assert_int_equal(again->n_outputs, g->n_outputs);
    assert_ok(fet_graph_run(g, &x, y, NULL));
    assert_ok(fet_graph_run(again, &x, z, NULL));
    for (int i = 0; i < g->n_outputs; i++) {
        assert_true(fet_shape_is_equal(&y[i].shape, &z[i].shape));
        assert_int_equal(y[i].dtype, z[i].dtype);
        if (tolerance == 0) assert_memory_equal(y[i].data, z[i].data, fet_tensor_bytes(&y[i]));
        for (int64_t k = 0; tolerance > 0 && k < fet_tensor_count(&y[i]); k++)
            assert_close(fet_tensor_f32(&z[i])[k], fet_tensor_f32(&y[i])[k], tolerance, tolerance);
        fet_tensor_unref(&y[i]);
        fet_tensor_unref(&z[i]);
    }
    fet_tensor_unref(&x);
    fet_graph_free(again);
}

static void check_same_answers(const struct fet_graph *g, int opset)
{
    check_answers(g, opset, 0);
}

static void a_written_graph_answers_the_same(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    const int sum = add(g, "add", "", (const int[]){x, x}, 2);
    const int soft = add(g, "softmax", "axis=0", &sum, 1);
    assert_ok(fet_graph_add_output(g, add(g, "leaky_relu", "alpha=0.25", &soft, 1)));
    for (int opset = FET_ONNX_OLDEST; opset <= FET_ONNX_NEWEST; opset++)
        check_same_answers(g, opset);
    fet_graph_free(g);
}

static void outputs_that_no_node_makes_pass_through(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    const int y = add(g, "neg", "", &x, 1), c = ints(g, 2, (const int64_t[]){7, 8});
    assert_ok(fet_graph_add_output(g, y));
    assert_ok(fet_graph_add_output(g, x));
    assert_ok(fet_graph_add_output(g, c));
    assert_ok(fet_graph_add_output(g, y));
    check_same_answers(g, 0);
    fet_graph_free(g);
}

static void free_dimensions_have_names_and_follow(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    struct fet_text bytes = {0};
    struct fet_onnx_model m = {0};
    assert_ok(fet_graph_add_output(g, add(g, "transpose", "", &x, 1)));
    export_and_parse(g, 0, &bytes, &m);
    assert_int_equal(fet_onnx_model_opset(&m, ""), FET_ONNX_STANDARD);
    assert_int_equal(m.graph.n_outputs, 1);
    assert_int_equal(m.graph.outputs[0].type, FET_ONNX_FLOAT);
    assert_int_equal(m.graph.outputs[0].shape.dims[0], 3);
    assert_int_equal(m.graph.outputs[0].shape.dims[1], FET_GRAPH_FREE);
    assert_non_null(memmem(bytes.s, bytes.n, "x_0", 3));
    fet_onnx_model_deinit(&m);
    fet_text_deinit(&bytes);
    fet_graph_free(g);
}

/* Axes of ReduceMean: an attribute up to opset 17, an input since. */
static void inputs_become_attributes_again(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    struct fet_text bytes = {0};
    struct fet_onnx_model m = {0};
    const int axes = ints(g, 1, (const int64_t[]){1});
    assert_ok(
        fet_graph_add_output(g, add(g, "reduce_mean", "keepdims=0", (const int[]){x, axes}, 2)));
    export_and_parse(g, 17, &bytes, &m);
    assert_int_equal(m.graph.nodes[0].n_inputs, 1);
    assert_int_equal(m.graph.nodes[0].n_attributes, 2);
    assert_int_equal(m.graph.n_initializers, 1); /* read by no node, and harmless */
    fet_onnx_model_deinit(&m);
    m = (struct fet_onnx_model){0};
    export_and_parse(g, 18, &bytes, &m);
    assert_int_equal(m.graph.nodes[0].n_inputs, 2);
    assert_int_equal(m.graph.nodes[0].n_attributes, 1);
    fet_onnx_model_deinit(&m);
    fet_text_deinit(&bytes);
    check_same_answers(g, 13);
    check_same_answers(g, 18);
    fet_graph_free(g);
}

static void an_opset_without_words_is_refused_and_the_next_one_chosen(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    const int pair[] = {ints(g, 1, (const int64_t[]){1}),
                        ints(g, 4, (const int64_t[]){1, 1, 2, 2})};
    struct fet_text bytes = {0};
    struct fet_onnx_model m = {0};
    assert_ok(fet_graph_add_output(g, add(g, "affine_grid", "", pair, 2)));
    assert_fails(fet_onnx_export(g, 12, &bytes), FET_ARGUMENT, "opset 12, 13 to 22 can be");
    assert_fails(fet_onnx_export(g, 23, &bytes), FET_ARGUMENT, "opset 23, 13 to 22 can be");
    assert_fails(fet_onnx_export(g, 19, &bytes), FET_UNSUPPORTED,
                 "node 'affine_grid' (affine_grid): needs opset 20, 19 is the newest");
    export_and_parse(g, 0, &bytes, &m);
    assert_int_equal(fet_onnx_model_opset(&m, ""), 20);
    fet_onnx_model_deinit(&m);
    fet_text_deinit(&bytes);
    fet_graph_free(g);
}

static void attributes_and_types_decide_too(void **state)
{
    (void)state;
    int x = 0, small = 0;
    struct fet_graph *const g = graph_new(&x);
    struct fet_text bytes = {0};
    const int shape = ints(g, 2, (const int64_t[]){-1, 3});
    const int pair[] = {x, shape};
    assert_ok(fet_graph_add_output(g, add(g, "reshape", "", pair, 2)));
    check_same_answers(g, 13);
    assert_ok(fet_graph_add_input(g, "small", FET_U8, 1, (const int64_t[]){3}, &small));
    assert_ok(fet_graph_add_output(g, add(g, "add", "", (const int[]){small, small}, 2)));
    assert_fails(fet_onnx_export(g, 13, &bytes), FET_UNSUPPORTED, "needs opset 14");
    fet_graph_free(g);
    struct fet_graph *const other = graph_new(&x);
    const int again[] = {x, ints(other, 2, (const int64_t[]){-1, 3})};
    assert_ok(fet_graph_add_output(other, add(other, "reshape", "allowzero=1", again, 2)));
    assert_fails(fet_onnx_export(other, 13, &bytes), FET_UNSUPPORTED, "needs opset 14");
    check_same_answers(other, 14);
    fet_graph_free(other);
}

static fet_status infer_nothing(const struct fet_op_call *c)
{
    return FET_FAIL(FET_UNSUPPORTED, "%s: has no shape", c->op->name);
}

static void what_onnx_does_not_have_is_named(void **state)
{
    (void)state;
    const struct fet_op odd = {
        .name = "odd", .min_x = 1, .max_x = 1, .n_y = 1, .infer = infer_nothing};
    struct fet_graph *g = NULL;
    struct fet_text bytes = {0};
    int x = 0, y = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_untyped_input(g, "x", &x));
    assert_fails(fet_onnx_export(g, 0, &bytes), FET_UNSUPPORTED, "input 'x' has no type");
    const struct fet_graph_call call = {.op = &odd, .x = &x, .n_x = 1, .n_y = 1};
    assert_ok(fet_graph_add_node(g, &call, &y));
    assert_ok(fet_graph_add_output(g, y));
    g->values[x].is_typed = true; /* a scalar */
    assert_fails(fet_onnx_export(g, 0, &bytes), FET_UNSUPPORTED,
                 "node 'odd' (odd): ONNX has no operator for odd");
    fet_graph_free(g);
}

/* Operators of newer opsets in older words: the same answers up to rounding. */
static void newer_operators_are_said_in_older_ones(void **state)
{
    (void)state;
    static const struct {
        const char *op, *attrs;
        int opset;
    } cases[] = {
        {"gelu", "", 13},       {"gelu", "approximate=tanh", 19},
        {"mish", "", 13},       {"hard_swish", "", 13},
        {"swish", "", 22},      {"swish", "alpha=2", 13},
        {"layer_norm", "", 13}, {"layer_norm", "axis=0 epsilon=0.5", 16},
        {"rms_norm", "", 22},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int x = 0;
        struct fet_graph *const g = graph_new(&x);
        const int in[] = {x, reals(g, 3, 1.5F)};
        const int n_x = strstr(cases[i].op, "_norm") != NULL ? 2 : 1;
        assert_ok(fet_graph_add_output(g, add(g, cases[i].op, cases[i].attrs, in, n_x)));
        check_answers(g, cases[i].opset, 1e-6);
        fet_graph_free(g);
    }
}

/* Six numbers as two heads of one, over three places, with and without a mask. */
static void attention_is_said_in_products(void **state)
{
    (void)state;
    static const char *const attrs[] = {"q_num_heads=2 kv_num_heads=2",
                                        "q_num_heads=2 kv_num_heads=2 scale=0.5"};
    for (int i = 0; i < 2; i++) {
        int x = 0;
        struct fet_graph *const g = graph_new(&x);
        struct fet_text bytes = {0};
        g->values[x].shape.dims[0] = 2; /* a mask is for a fixed number of places */
        const int doubled = add(g, "concat", "axis=0", (const int[]){x, x}, 2);
        const int shape = ints(g, 3, (const int64_t[]){1, -1, 2});
        const int tokens = add(g, "reshape", "", (const int[]){doubled, shape}, 2);
        const int in[] = {tokens, tokens, tokens, reals(g, 6, -0.5F)};
        const int y = add(g, "attention", attrs[i], in, i == 0 ? 3 : 4);
        assert_ok(fet_graph_add_output(g, y));
        check_answers(g, 13, 1e-6);
        check_answers(g, 0, 1e-6);
        const int causal = add(g, "attention", "is_causal=1 q_num_heads=2 kv_num_heads=2", in, 3);
        assert_ok(fet_graph_add_output(g, causal));
        assert_fails(fet_onnx_export(g, 22, &bytes), FET_UNSUPPORTED,
                     "node 'attention' (attention): only plain attention");
        fet_graph_free(g);
    }
}

/* Without smoothing the loss is written; with it the file would give another one. */
static void a_smoothed_loss_is_refused(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    struct fet_text bytes = {0};
    const char *const loss = "softmax_cross_entropy_loss";
    g->values[x].shape.dims[0] = 2;
    const int in[] = {x, ints(g, 2, (const int64_t[]){0, 2})};
    assert_ok(fet_graph_add_output(g, add(g, loss, "label_smoothing=0", in, 2)));
    check_same_answers(g, 0);
    assert_ok(fet_graph_add_output(g, add(g, loss, "label_smoothing=0.1", in, 2)));
    for (int opset = FET_ONNX_OLDEST; opset <= FET_ONNX_NEWEST; opset++)
        assert_fails(fet_onnx_export(g, opset, &bytes), FET_UNSUPPORTED,
                     "ONNX has no label_smoothing for SoftmaxCrossEntropyLoss");
    fet_graph_free(g);
}

static fet_status export_whole(const struct fet_graph *g)
{
    struct fet_text bytes = {0};
    FET_TRY(fet_onnx_export(g, 0, &bytes));
    fet_text_deinit(&bytes);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int x = 0;
    struct fet_graph *const g = graph_new(&x);
    const int axes = ints(g, 1, (const int64_t[]){1});
    assert_ok(fet_graph_add_output(g, add(g, "reduce_max", "", (const int[]){x, axes}, 2)));
    assert_ok(fet_graph_add_output(g, x));
    check_fault_sweep(FET_FAULT_ALLOC, export_whole(g));
    fet_graph_free(g);
}

static void a_file_is_written_whole_or_not_at_all(void **state)
{
    (void)state;
    char folder[64], path[128];
    int x = 0;
    struct fet_graph *const g = graph_new(&x), *again = NULL;
    assert_ok(fet_graph_add_output(g, add(g, "exp", "", &x, 1)));
    check_folder_make(folder, "onnx_export");
    (void)snprintf(path, sizeof path, "%s/m.onnx", folder);
    assert_ok(fet_onnx_write(g, 0, path));
    assert_ok(fet_onnx_read(path, &again));
    assert_string_equal(again->values[again->inputs[0]].name, "x");
    fet_graph_free(again);
    check_fault_sweep(FET_FAULT_WRITE, fet_onnx_write(g, 0, path));
    assert_ok(fet_folder_remove(folder));
    fet_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_graph_answers_the_same),
        cmocka_unit_test(outputs_that_no_node_makes_pass_through),
        cmocka_unit_test(free_dimensions_have_names_and_follow),
        cmocka_unit_test(inputs_become_attributes_again),
        cmocka_unit_test(an_opset_without_words_is_refused_and_the_next_one_chosen),
        cmocka_unit_test(attributes_and_types_decide_too),
        cmocka_unit_test(what_onnx_does_not_have_is_named),
        cmocka_unit_test(newer_operators_are_said_in_older_ones),
        cmocka_unit_test(attention_is_said_in_products),
        cmocka_unit_test(a_smoothed_loss_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
