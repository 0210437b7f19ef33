/* Fast kernels against every operator's own backward, and what a step allocates. */
#include "check.h"

#include "tape.h"

#include <malloc.h>

struct net {
    struct fet_graph *g;
    struct fet_rng rng;
    int n_names, loss;
    struct fet_tensor inputs[2];
    struct fet_shape shapes[2];
};

static int apply_all(struct net *n, const char *op, const char *attrs, int n_x, const int *x,
                     int n_y, int *y)
{
    struct fet_arena a = {0};
    struct fet_attr_value values[16] = {0};
    const struct fet_op *const found = fet_op_find(op);
    assert_non_null(found);
    assert_ok(fet_op_parse_attrs(found, attrs, &a, values));
    const struct fet_graph_call call = {
        .op = found, .attrs = values, .x = x, .n_x = n_x, .n_y = n_y};
    assert_ok(fet_graph_add_node(n->g, &call, y));
    fet_arena_deinit(&a);
    return y[0];
}

static int apply(struct net *n, const char *op, const char *attrs, int n_x, const int *x)
{
    int y = 0;
    return apply_all(n, op, attrs, n_x, x, 1, &y);
}

static int parameter(struct net *n, int n_dims, const int64_t *dims, double low, double high)
{
    struct fet_tensor t = {0};
    char name[16];
    int v = 0;
    fet_text_format(name, sizeof name, "p%d", n->n_names++);
    assert_ok(fet_tensor_new(FET_F32, n_dims, dims, &t));
    for (int64_t i = 0; i < fet_tensor_count(&t); i++)
        fet_tensor_f32(&t)[i] = (float)fet_rng_between(&n->rng, low, high);
    assert_ok(fet_graph_add_parameter(n->g, name, &t, &v));
    fet_tensor_unref(&t);
    return v;
}

static int conv(struct net *n, int x, const char *attrs, int64_t M, int64_t C, int64_t k, bool bias)
{
    const int w = parameter(n, 4, (int64_t[]){M, C, k, k}, -0.3, 0.3);
    const int b = bias ? parameter(n, 1, &M, -1, 1) : FET_GRAPH_NONE;
    return apply(n, "conv", attrs, bias ? 3 : 2, (int[]){x, w, b});
}

static int norm(struct net *n, int x, int64_t C)
{
    int y[3] = {0};
    const int in[] = {x, parameter(n, 1, &C, 0.5, 1.5), parameter(n, 1, &C, -1, 1),
                      parameter(n, 1, &C, -1, 1), parameter(n, 1, &C, 0.5, 1.5)};
    (void)apply_all(n, "batch_norm", "", 5, in, 3, y);
    assert_ok(fet_graph_set_update(n->g, in[3], y[1]));
    assert_ok(fet_graph_set_update(n->g, in[4], y[2]));
    return y[0];
}

static int scales(struct net *n, float h, float w)
{
    struct fet_tensor t = {0};
    int v = 0;
    assert_ok(fet_tensor_new(FET_F32, 1, (int64_t[]){4}, &t));
    const float values[] = {1, 1, h, w};
    memcpy(t.data, values, sizeof values);
    assert_ok(fet_graph_add_constant(n->g, NULL, &t, &v));
    fet_tensor_unref(&t);
    return v;
}

static int real(struct net *n, float r)
{
    struct fet_tensor t = {0};
    int v = 0;
    assert_ok(fet_tensor_new(FET_F32, 0, NULL, &t));
    *fet_tensor_f32(&t) = r;
    assert_ok(fet_graph_add_constant(n->g, NULL, &t, &v));
    fet_tensor_unref(&t);
    return v;
}

static const char *const upsample =
    "mode=nearest coordinate_transformation_mode=asymmetric nearest_mode=floor";

/* Everything that has a fast kernel, with values that several nodes read: a residual block, a skip
 * through concat, groups, an odd number of channels. */
static void net_make(struct net *n, int64_t C)
{
    *n = (struct net){0};
    fet_rng_init(&n->rng, 5, 1);
    assert_ok(fet_graph_new(&n->g));
    int x = 0, y = 0;
    assert_ok(fet_graph_add_input(n->g, "x", FET_F32, 4, (int64_t[]){2, 3, 12, 8}, &x));
    assert_ok(fet_graph_add_input(n->g, "y", FET_I64, 1, (int64_t[]){2}, &y));
    const int stem = norm(n, conv(n, x, "pads=1,1,1,1", C, 3, 3, false), C);
    const int a = apply(n, "relu", "", 1, &stem);
    const int inner = norm(n, conv(n, a, "pads=1,1,1,1", C, C, 3, false), C);
    const int b = apply(n, "clip", "", 3, (int[]){inner, real(n, 0), FET_GRAPH_NONE});
    const int sum = apply(n, "add", "", 2, (int[]){b, a});
    const int r = apply(n, "relu", "", 1, &sum);
    const int low = apply(n, "max_pool", "kernel_shape=3,3 strides=2,2 pads=1,1,1,1", 1, &r);
    const int deep = conv(n, low, "group=4 pads=1,1,1,1", C, C / 4, 3, true);
    const int again = apply(n, "add", "", 2, (int[]){deep, low});
    const int up = apply(n, "resize", upsample, 3, (int[]){again, FET_GRAPH_NONE, scales(n, 2, 2)});
    const int both = apply(n, "concat", "axis=1", 2, (int[]){up, r});
    const int mixed = conv(n, both, "", 5, 2 * C, 1, true);
    const int soft = apply(n, "gelu", "", 1, &mixed);
    const int lively = apply(n, "clip", "", 3, (int[]){soft, real(n, -0.125f), real(n, 0.5f)});
    const int large =
        apply(n, "resize", upsample, 3, (int[]){lively, FET_GRAPH_NONE, scales(n, 3, 1)});
    const int mean = apply(n, "average_pool", "kernel_shape=2,2 strides=2,2", 1, &large);
    const int all = apply(n, "global_average_pool", "", 1, &mean);
    const int flat = apply(n, "flatten", "", 1, &all);
    const int w = parameter(n, 2, (int64_t[]){4, 5}, -1, 1);
    const int bias = parameter(n, 1, (int64_t[]){4}, -1, 1);
    const int scores = apply(n, "gemm", "transB=1", 3, (int[]){flat, w, bias});
    n->loss = apply(n, "softmax_cross_entropy_loss", "", 2, (int[]){scores, y});
    assert_ok(fet_graph_add_output(n->g, r));
    assert_ok(fet_tensor_new(FET_F32, 4, (int64_t[]){2, 3, 12, 8}, &n->inputs[0]));
    assert_ok(fet_tensor_new(FET_I64, 1, (int64_t[]){2}, &n->inputs[1]));
    for (int i = 0; i < 576; i++)
        fet_tensor_f32(&n->inputs[0])[i] = (float)fet_rng_between(&n->rng, -1, 1);
    ((int64_t *)n->inputs[1].data)[1] = 3;
    for (int i = 0; i < 2; i++) n->shapes[i] = n->inputs[i].shape;
}

static void net_free(struct net *n)
{
    fet_tensor_unref(&n->inputs[0]);
    fet_tensor_unref(&n->inputs[1]);
    fet_graph_free(n->g);
}

static float *plain(const struct fet_tape *t, int i, const float *from, int64_t *n)
{
    int n_parameters = 0;
    struct fet_tape_parameter *const p =
        fet_tape_parameters((struct fet_tape *)(uintptr_t)t, &n_parameters);
    *n = 1;
    for (int d = 0; d < p[i].shape.n_dims; d++) *n *= p[i].shape.dims[d];
    float *const made = fet_alloc(*n, sizeof *made);
    assert_non_null(made);
    assert_ok(fet_tape_to_plain(t, i, from, made));
    return made;
}

static void compare(const char *name, const float *a, const float *b, int64_t n)
{
    double most = 1e-3, worst = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs((double)b[i]));
    for (int64_t i = 0; i < n; i++) worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    if (!(worst <= 1e-4 * most)) fail_msg("%s: off by %.3g of %.3g", name, worst, most);
}

static void compare_tapes(struct fet_tape *fast, struct fet_tape *slow)
{
    int n = 0;
    const struct fet_tape_parameter *const p = fet_tape_parameters(fast, &n);
    const struct fet_tape_parameter *const q = fet_tape_parameters(slow, &n);
    for (int i = 0; i < n; i++) {
        int64_t count = 0;
        const bool is_learned = p[i].gradient != NULL;
        assert_int_equal(is_learned, q[i].gradient != NULL);
        float *const a = plain(fast, i, is_learned ? p[i].gradient : p[i].data, &count);
        float *const b = plain(slow, i, is_learned ? q[i].gradient : q[i].data, &count);
        compare(p[i].name, a, b, count);
        fet_free(a);
        fet_free(b);
    }
}

static void check_channels(int64_t C, int n_threads, bool accumulates, bool allows_winograd)
{
    struct net n;
    struct fet_tape *fast = NULL, *slow = NULL;
    struct fet_tensor a = {0}, b = {0};
    net_make(&n, C);
    struct fet_tape_options o = {
        .n_threads = n_threads, .accumulates = accumulates, .allows_winograd = allows_winograd};
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &fast));
    o.is_reference = true;
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &slow));
    for (int round = 0; round < 2; round++) {
        assert_ok(fet_tape_forward(fast, n.inputs, 0));
        assert_ok(fet_tape_forward(slow, n.inputs, 0));
        assert_close(fet_tape_loss(fast), fet_tape_loss(slow), 1e-5, 0);
        assert_ok(fet_tape_output(fast, 0, &a));
        assert_ok(fet_tape_output(slow, 0, &b));
        compare("output", a.data, b.data, fet_tensor_count(&b));
        assert_ok(fet_tape_backward(fast, 1));
        assert_ok(fet_tape_backward(slow, 1));
        compare_tapes(fast, slow);
    }
    fet_tape_free(fast);
    fet_tape_free(slow);
    net_free(&n);
}

static void fast_gradients_are_those_of_the_operators(void **state)
{
    (void)state;
    check_channels(16, 1, false, false);
    check_channels(32, 2, false, false);
    check_channels(32, 1, false, true);
    check_channels(12, 1, false, false); /* no whole groups */
    check_channels(16, 1, true, false);
}

/* One step there and back by fast kernels and by operators, which must agree; the fast tape, to be
 * freed by the caller. */
static struct fet_tape *tapes_agree(struct net *n)
{
    struct fet_tape *tapes[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        const struct fet_tape_options o = {.n_threads = 2, .is_reference = i == 1};
        n->shapes[0] = n->inputs[0].shape;
        n->shapes[1] = n->inputs[1].shape;
        assert_ok(fet_tape_new(n->g, n->loss, n->shapes, &o, &tapes[i]));
        assert_ok(fet_tape_forward(tapes[i], n->inputs, 0));
        assert_ok(fet_tape_backward(tapes[i], 1));
    }
    assert_close(fet_tape_loss(tapes[0]), fet_tape_loss(tapes[1]), 1e-6, 0);
    compare_tapes(tapes[0], tapes[1]);
    fet_tape_free(tapes[1]);
    return tapes[0];
}

/* Functions of elements in a row, with values that others read too: gradients of several parts. */
static void every_function_has_the_operators_gradient(void **state)
{
    (void)state;
    static const char *const functions[][2] = {{"gelu", ""},
                                               {"gelu", "approximate=tanh"},
                                               {"sigmoid", ""},
                                               {"swish", "alpha=1.5"},
                                               {"tanh", ""}};
    struct net n = {0};
    int x = 0, y = 0;
    fet_rng_init(&n.rng, 5, 1);
    assert_ok(fet_graph_new(&n.g));
    assert_ok(fet_graph_add_input(n.g, "x", FET_F32, 2, (int64_t[]){9, 24}, &x));
    assert_ok(fet_graph_add_input(n.g, "y", FET_I64, 1, (int64_t[]){9}, &y));
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        const int w = parameter(&n, 2, (int64_t[]){24, 24}, -1, 1);
        const int bias = parameter(&n, 1, (int64_t[]){24}, -1, 1);
        const int z = apply(&n, "gemm", "transB=1", 3, (int[]){x, w, bias});
        const int f = apply(&n, functions[i][0], functions[i][1], 1, &z);
        x = apply(&n, "add", "", 2, (int[]){f, z});
        /* Ends on one side of 0 go another way, and none at all as well. */
        const int low = i == 0 ? real(&n, 0.25f) : FET_GRAPH_NONE;
        if (i < 2) x = apply(&n, "clip", "", 2, (int[]){x, low});
    }
    n.loss = apply(&n, "softmax_cross_entropy_loss", "", 2, (int[]){x, y});
    assert_ok(fet_tensor_new(FET_F32, 2, (int64_t[]){9, 24}, &n.inputs[0]));
    assert_ok(fet_tensor_new(FET_I64, 1, (int64_t[]){9}, &n.inputs[1]));
    for (int i = 0; i < 216; i++)
        fet_tensor_f32(&n.inputs[0])[i] = (float)fet_rng_between(&n.rng, -2, 2);
    fet_tape_free(tapes_agree(&n));
    net_free(&n);
}

/* Steps that run by their operators. */
static int count_references(const struct fet_tape *t)
{
    struct fet_text text = {0};
    int n = 0;
    fet_tape_explain(t, &text);
    for (const char *s = fet_text_get(&text); (s = strstr(s, " reference")) != NULL; s++) n++;
    fet_text_deinit(&text);
    return n;
}

/* A block of a transformer of three heads; more tokens than are looked at together, a norm without
 * bias, and one over two dimensions. */
static void transformers_have_the_operators_gradient(void **state)
{
    (void)state;
    enum { B = 2, T = 70, W = 24 };
    struct net n = {0};
    int x = 0, y = 0, part[3];
    fet_rng_init(&n.rng, 5, 1);
    assert_ok(fet_graph_new(&n.g));
    assert_ok(fet_graph_add_input(n.g, "x", FET_F32, 3, (int64_t[]){B, T, W}, &x));
    assert_ok(fet_graph_add_input(n.g, "y", FET_I64, 2, (int64_t[]){B, W}, &y));
    x = apply(&n, "add", "", 2, (int[]){x, parameter(&n, 3, (int64_t[]){B, T, W}, -1, 1)});
    const int scale = parameter(&n, 1, (int64_t[]){W}, 0.5, 1.5);
    const int bias = parameter(&n, 1, (int64_t[]){W}, -1, 1);
    x = apply(&n, "layer_norm", "", 3, (int[]){x, scale, bias});
    for (int i = 0; i < 3; i++) {
        const int w = parameter(&n, 2, (int64_t[]){W, i < 2 ? W : 12}, -0.7, 0.7);
        part[i] = apply(&n, "matmul", "", 2, (int[]){x, w});
    }
    x = apply(&n, "attention", "q_num_heads=3 kv_num_heads=3", 3, part);
    x = apply(&n, "matmul", "", 2, (int[]){x, parameter(&n, 2, (int64_t[]){12, W}, -1, 1)});
    x = apply(&n, "layer_norm", "axis=1 epsilon=0.01", 2,
              (int[]){x, parameter(&n, 2, (int64_t[]){T, W}, 0.5, 1.5)});
    n.loss = apply(&n, "softmax_cross_entropy_loss", "", 2, (int[]){x, y});
    assert_ok(fet_tensor_new(FET_F32, 3, (int64_t[]){B, T, W}, &n.inputs[0]));
    assert_ok(fet_tensor_new(FET_I64, 2, (int64_t[]){B, W}, &n.inputs[1]));
    for (int i = 0; i < B * T * W; i++)
        fet_tensor_f32(&n.inputs[0])[i] = (float)fet_rng_between(&n.rng, -2, 2);
    struct fet_tape *const fast = tapes_agree(&n);
    assert_int_equal(count_references(fast), 2 + 8); /* the loss and four matmul, there and back */
    fet_tape_free(fast);
    net_free(&n);
}

static void pixels_have_the_operators_loss(void **state)
{
    (void)state;
    struct net n = {0};
    int x = 0, y = 0;
    fet_rng_init(&n.rng, 5, 1);
    assert_ok(fet_graph_new(&n.g));
    const int64_t dims[] = {2, 1, 70, 90};
    assert_ok(fet_graph_add_input(n.g, "x", FET_F32, 4, dims, &x));
    assert_ok(fet_graph_add_input(n.g, "y", FET_F32, 4, dims, &y));
    const int scores = conv(&n, x, "pads=1,1,1,1", 1, 1, 3, true);
    n.loss = apply(&n, "bce_with_logits_loss", "", 2, (int[]){scores, y});
    for (int i = 0; i < 2; i++) {
        assert_ok(fet_tensor_new(FET_F32, 4, dims, &n.inputs[i]));
        for (int k = 0; k < 12600; k++)
            fet_tensor_f32(&n.inputs[i])[k] = (float)fet_rng_between(&n.rng, 0, 1);
    }
    fet_tape_free(tapes_agree(&n));
    net_free(&n);
}

static void the_fast_kernels_are_there(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    net_make(&n, 16);
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    assert_int_equal(count_references(t), 2); /* the loss, there and back */
    fet_tape_free(t);
    net_free(&n);
}

static void the_same_step_gives_the_same_bytes(void **state)
{
    (void)state;
    struct net n;
    net_make(&n, 16);
    struct fet_tape *t[2] = {0};
    const struct fet_tape_options o = {.n_threads = 2};
    const struct fet_tape_parameter *p[2] = {0};
    int n_parameters = 0;
    for (int i = 0; i < 2; i++) {
        assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &t[i]));
        assert_ok(fet_tape_forward(t[i], n.inputs, 0));
        assert_ok(fet_tape_backward(t[i], 1));
        p[i] = fet_tape_parameters(t[i], &n_parameters);
    }
    for (int i = 0; i < n_parameters; i++)
        if (p[0][i].gradient != NULL)
            assert_memory_equal(p[0][i].gradient, p[1][i].gradient,
                                (size_t)p[0][i].n * sizeof(float));
    fet_tape_free(t[0]);
    fet_tape_free(t[1]);
    net_free(&n);
}

/* The hook of fet_alloc sees ours; mallinfo2 sees what any library keeps. */
static void a_step_allocates_nothing(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    net_make(&n, 16);
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    assert_ok(fet_tape_forward(t, n.inputs, 0));
    assert_ok(fet_tape_backward(t, 1));
    const size_t before = mallinfo2().uordblks;
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    const fet_status forward = fet_tape_forward(t, n.inputs, 1);
    const fet_status backward = fet_tape_backward(t, 1);
    const bool has_allocated = fet_fault_has_fired(FET_FAULT_ALLOC);
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_ok(forward);
    assert_ok(backward);
    assert_false(has_allocated);
    assert_int_equal(mallinfo2().uordblks, before);
    fet_tape_free(t);
    net_free(&n);
}

static fet_status make_and_run(const struct net *n)
{
    struct fet_tape *t = NULL;
    FET_TRY(fet_tape_new(n->g, n->loss, n->shapes, NULL, &t));
    fet_status st = fet_tape_forward(t, n->inputs, 0);
    if (st == FET_OK) st = fet_tape_backward(t, 1);
    fet_tape_free(t);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct net n;
    net_make(&n, 16);
    check_fault_sweep(FET_FAULT_ALLOC, make_and_run(&n));
    net_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_gradients_are_those_of_the_operators),
        cmocka_unit_test(every_function_has_the_operators_gradient),
        cmocka_unit_test(transformers_have_the_operators_gradient),
        cmocka_unit_test(pixels_have_the_operators_loss),
        cmocka_unit_test(the_fast_kernels_are_there),
        cmocka_unit_test(the_same_step_gives_the_same_bytes),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
