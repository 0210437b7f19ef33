#include "check.h"

#include "onnx.h"
#include "onnx_model.h"
#include "test_model.h"

static const int64_t free_by_2[] = {-1, 2, 0};

static struct message model_with(const struct message *node, int64_t opset)
{
    struct message graph = {0};
    const struct message x = value_info("x", 1, free_by_2), y = value_info("y", 1, free_by_2);
    put(&graph, 1, node);
    put(&graph, 11, &x);
    put(&graph, 12, &y);
    return model_of(&graph, opset);
}

static fet_status import(const struct message *m)
{
    struct fet_graph *g = NULL;
    const fet_status st = fet_onnx_import(m->bytes, m->n, &g);
    if (st == FET_OK) fet_graph_free(g);
    return st;
}

static void a_model_becomes_a_graph_that_runs(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor x = {0}, y = {0};
    const struct message m = sum_model();
    assert_ok(fet_onnx_import(m.bytes, m.n, &g));
    assert_int_equal(g->n_inputs, 1);
    assert_ok(fet_tensor_new(FET_F32, 2, (const int64_t[]){3, 2}, &x));
    assert_ok(fet_graph_run(g, &x, &y, NULL));
    assert_close(fet_tensor_f32(&y)[4], 1, 0, 0);
    assert_close(fet_tensor_f32(&y)[5], 2, 0, 0);
    fet_tensor_unref(&x);
    fet_tensor_unref(&y);
    fet_graph_free(g);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    struct message node = node_of("Frobnicate", "x", NULL, "y", NULL, 0);
    struct message m = model_with(&node, 22);
    assert_fails(import(&m), FET_UNSUPPORTED, "node 'y' (Frobnicate): operator Frobnicate");
    node = node_of("Softmax", "x", NULL, "y", "beam", 3);
    m = model_with(&node, 22);
    assert_fails(import(&m), FET_UNSUPPORTED, "attribute 'beam' is unsupported");
    put_text(&node, 7, "com.example");
    m = model_with(&node, 22);
    assert_fails(import(&m), FET_FORMAT, "does not import domain 'com.example'");
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    struct message node = node_of("Add", "x", "nowhere", "y", NULL, 0);
    struct message m = model_with(&node, 22);
    assert_fails(import(&m), FET_FORMAT, "input 'nowhere' is made by nothing before it");
    node = node_of("Add", "x", "x", "z", NULL, 0);
    m = model_with(&node, 22);
    assert_fails(import(&m), FET_FORMAT, "output 'y' is made by no node");
    node = node_of("Add", "x", "x", "x", NULL, 0);
    m = model_with(&node, 22);
    assert_fails(import(&m), FET_ARGUMENT, "two values are called 'x'");
    m = (struct message){0};
    assert_fails(import(&m), FET_FORMAT, "no graph");
}

/* Softmax of opset 11 along axis 1 of [N,2,...] is that of opset 13 on the flattened rows. */
static void the_axis_of_an_old_softmax_flattens(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    const struct message node = node_of("Softmax", "x", NULL, "y", "axis", 0);
    const struct message m = model_with(&node, 11);
    assert_ok(fet_onnx_import(m.bytes, m.n, &g));
    struct fet_tensor x = {0}, y = {0};
    assert_ok(fet_tensor_new(FET_F32, 2, (const int64_t[]){2, 2}, &x));
    assert_ok(fet_graph_run(g, &x, &y, NULL));
    for (int i = 0; i < 4; i++) assert_close(fet_tensor_f32(&y)[i], 0.25, 1e-6, 0);
    fet_tensor_unref(&x);
    fet_tensor_unref(&y);
    fet_graph_free(g);
}

static void statistics_of_old_batch_norms_are_of_channels(void **state)
{
    (void)state;
    for (int spatial = 0; spatial < 2; spatial++) {
        struct message node = node_of("BatchNormalization", "x", "x", "y", "spatial", spatial);
        for (int i = 0; i < 3; i++) put_text(&node, 1, "x");
        const struct message m = model_with(&node, 8);
        if (spatial == 1) assert_ok(import(&m));
        if (spatial == 0) assert_fails(import(&m), FET_UNSUPPORTED, "'spatial' of 0");
    }
}

static void small_elements_are_unpacked(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_tensor t = {0};
    struct message four = {0}, two = {0};
    put_int(&four, 1, 3);
    put_int(&four, 2, 22); /* INT4 */
    put_bytes(&four, 9, (const uint8_t[]){0x8f, 0xf7}, 2);
    assert_ok(fet_onnx_tensor_parse((struct fet_pb){four.bytes, four.n}, &a, NULL, &t));
    assert_memory_equal(t.data, ((const int8_t[]){-1, -8, 7}), 3);
    fet_tensor_unref(&t);
    put_int(&two, 1, 5);
    put_int(&two, 2, 25); /* UINT2 */
    put_int(&two, 5, 0xe4);
    put_int(&two, 5, 0x02);
    assert_ok(fet_onnx_tensor_parse((struct fet_pb){two.bytes, two.n}, &a, NULL, &t));
    assert_memory_equal(t.data, ((const uint8_t[]){0, 1, 2, 3, 2}), 5);
    fet_tensor_unref(&t);
    put_int(&four, 1, 4); /* [3,4] */
    assert_fails(fet_onnx_tensor_parse((struct fet_pb){four.bytes, four.n}, &a, NULL, &t),
                 FET_FORMAT, "12 elements");
    fet_arena_deinit(&a);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    const struct message whole = sum_model();
    for (size_t n = 0; n < whole.n; n++) {
        struct fet_graph *g = NULL;
        uint8_t *const part = fet_alloc((int64_t)n, 1); /* its own block: ASan sees one byte more */
        if (n > 0) memcpy(part, whole.bytes, n);
        assert_int_not_equal(fet_onnx_import(part, n, &g), FET_OK);
        fet_free(part);
    }
}

static void every_flipped_byte_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < sum_model().n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct message m = sum_model();
            m.bytes[i] ^= (uint8_t)(1 << bit);
            (void)!import(&m);
        }
    }
}

static void tensors_refuse_what_does_not_fit(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_tensor t = {0};
    const float values[] = {1, 2, 3};
    struct message m = tensor_f32("t", values, 3);
    assert_ok(fet_onnx_tensor_parse((struct fet_pb){m.bytes, m.n}, &a, NULL, &t));
    assert_close(fet_tensor_f32(&t)[2], 3, 0, 0);
    fet_tensor_unref(&t);
    put_int(&m, 1, 2);
    assert_fails(fet_onnx_tensor_parse((struct fet_pb){m.bytes, m.n}, &a, NULL, &t), FET_FORMAT,
                 "24 bytes holds 12");
    put_int(&m, 1, 1000000);
    assert_fails(fet_onnx_tensor_parse((struct fet_pb){m.bytes, m.n}, &a, NULL, &t), FET_FORMAT,
                 "6000000 elements");
    put_int(&m, 2, 8);
    assert_fails(fet_onnx_tensor_parse((struct fet_pb){m.bytes, m.n}, &a, NULL, &t),
                 FET_UNSUPPORTED, "element type STRING");
    put_int(&m, 2, 99);
    assert_fails(fet_onnx_tensor_parse((struct fet_pb){m.bytes, m.n}, &a, NULL, &t), FET_FORMAT,
                 "no element type 99");
    put_int(&m, 14, 1);
    assert_fails(fet_onnx_tensor_parse((struct fet_pb){m.bytes, m.n}, &a, NULL, &t),
                 FET_UNSUPPORTED, "external data");
    fet_arena_deinit(&a);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const struct message m = sum_model();
    check_fault_sweep(FET_FAULT_ALLOC, import(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_becomes_a_graph_that_runs),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(the_axis_of_an_old_softmax_flattens),
        cmocka_unit_test(statistics_of_old_batch_norms_are_of_channels),
        cmocka_unit_test(small_elements_are_unpacked),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(every_flipped_byte_is_survived),
        cmocka_unit_test(tensors_refuse_what_does_not_fit),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
