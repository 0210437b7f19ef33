#include "check.h"

#include "tape.h"

/* ---- small graphs ---- */

static int node(struct fet_graph *g, const char *op, const char *attrs, int n_x, const int *x,
                int n_y, int *y)
{
    struct fet_arena a = {0};
    struct fet_attr_value values[16] = {0};
    const struct fet_op *const found = fet_op_find(op);
    assert_non_null(found);
    assert_ok(fet_op_parse_attrs(found, attrs, &a, values));
    const struct fet_graph_call call = {
        .op = found, .attrs = values, .x = x, .n_x = n_x, .n_y = n_y};
    assert_ok(fet_graph_add_node(g, &call, y));
    fet_arena_deinit(&a);
    return y[0];
}

static int apply(struct fet_graph *g, const char *op, const char *attrs, int n_x, const int *x)
{
    int y = 0;
    return node(g, op, attrs, n_x, x, 1, &y);
}

static int parameter(struct fet_graph *g, const char *name, struct fet_rng *r, int n_dims,
                     const int64_t *dims)
{
    struct fet_tensor t = {0};
    int v = 0;
    assert_ok(fet_tensor_new(FET_F32, n_dims, dims, &t));
    for (int64_t i = 0; i < fet_tensor_count(&t); i++)
        fet_tensor_f32(&t)[i] = (float)fet_rng_between(r, -1, 1);
    assert_ok(fet_graph_add_parameter(g, name, &t, &v));
    fet_tensor_unref(&t);
    return v;
}

struct net {
    struct fet_graph *g;
    int loss, x, w, w2, b;
    struct fet_tensor inputs[2];
    struct fet_shape shapes[2];
};

/* mean((tanh(x w) w2 + h w2' ...)^2) with h = tanh(x w) read three times, w2 twice. */
static void net_make(struct net *n)
{
    struct fet_rng r;
    *n = (struct net){0};
    fet_rng_init(&r, 3, 1);
    assert_ok(fet_graph_new(&n->g));
    struct fet_graph *const g = n->g;
    assert_ok(fet_graph_add_input(g, "x", FET_F32, 2, (int64_t[]){FET_GRAPH_FREE, 4}, &n->x));
    n->w = parameter(g, "first.w", &r, 2, (int64_t[]){4, 3});
    n->w2 = parameter(g, "second.w", &r, 2, (int64_t[]){3, 3});
    n->b = parameter(g, "second.b", &r, 1, (int64_t[]){3});
    const int product = apply(g, "matmul", "", 2, (int[]){n->x, n->w});
    const int h = apply(g, "tanh", "", 1, &product);
    const int up = apply(g, "matmul", "", 2, (int[]){h, n->w2});
    const int sum = apply(g, "add", "", 2, (int[]){up, n->b});
    const int again = apply(g, "matmul", "", 2, (int[]){sum, n->w2});
    const int twice = apply(g, "mul", "", 2, (int[]){h, h});
    const int all = apply(g, "add", "", 2, (int[]){again, twice});
    const int squares = apply(g, "mul", "", 2, (int[]){all, sum});
    n->loss = apply(g, "reduce_mean", "keepdims=0", 1, &squares);
    assert_ok(fet_graph_add_output(g, all));
    assert_ok(fet_tensor_new(FET_F32, 2, (int64_t[]){5, 4}, &n->inputs[0]));
    for (int i = 0; i < 20; i++)
        fet_tensor_f32(&n->inputs[0])[i] = (float)fet_rng_between(&r, -1, 1);
    n->shapes[0] = n->inputs[0].shape;
}

static void net_free(struct net *n)
{
    fet_tensor_unref(&n->inputs[0]);
    fet_tensor_unref(&n->inputs[1]);
    fet_graph_free(n->g);
}

static double loss_of(struct fet_tape *t, const struct net *n)
{
    assert_ok(fet_tape_forward(t, n->inputs, 0));
    return fet_tape_loss(t);
}

/* Central differences of every element of every parameter. */
static void check_gradients(struct fet_tape *t, const struct net *n, double h, double tolerance)
{
    int n_parameters = 0;
    struct fet_tape_parameter *const p = fet_tape_parameters(t, &n_parameters);
    for (int i = 0; i < n_parameters; i++) {
        for (int64_t k = 0; p[i].gradient != NULL && k < p[i].n; k++) {
            const float kept = p[i].data[k];
            p[i].data[k] = (float)((double)kept + h);
            const double up = (double)p[i].data[k], above = loss_of(t, n);
            p[i].data[k] = (float)((double)kept - h);
            const double down = (double)p[i].data[k], below = loss_of(t, n);
            p[i].data[k] = kept;
            assert_close(p[i].gradient[k], (above - below) / (up - down), tolerance, tolerance);
        }
    }
}

/* ---- tests ---- */

static void gradients_are_those_of_differences(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    net_make(&n);
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    (void)loss_of(t, &n);
    assert_ok(fet_tape_backward(t, 1));
    check_gradients(t, &n, 1e-2, 2e-3);
    fet_tape_free(t);
    net_free(&n);
}

/* The last bit of the fast kernels' tanh is another on aarch64. */
#ifdef __aarch64__
static const double last_bits = 1e-6;
#else
static const double last_bits = 0;
#endif

static void the_loss_and_outputs_are_those_of_the_interpreter(void **state)
{
    (void)state;
    struct net n;
    struct fet_tensor wanted[2] = {0};
    net_make(&n);
    for (int i = 0; i < 2; i++) {
        const struct fet_tape_options o = {.is_reference = i == 1};
        const double tolerance = o.is_reference ? 0 : last_bits;
        struct fet_tape *t = NULL;
        struct fet_tensor got = {0};
        assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &t));
        assert_fails(fet_tape_output(t, 0, &got), FET_ARGUMENT, "has not run");
        if (i == 0) {
            assert_ok(fet_graph_add_output(n.g, n.loss));
            assert_ok(fet_graph_run(n.g, n.inputs, wanted, NULL));
        }
        const float loss = (float)loss_of(t, &n);
        assert_close(loss, *fet_tensor_f32(&wanted[1]), tolerance, tolerance);
        assert_ok(fet_tape_output(t, 0, &got));
        if (tolerance <= 0) assert_memory_equal(got.data, wanted[0].data, fet_tensor_bytes(&got));
        for (int64_t k = 0; k < fet_tensor_count(&got); k++)
            assert_close(fet_tensor_f32(&got)[k], fet_tensor_f32(&wanted[0])[k], tolerance,
                         tolerance);
        fet_tape_free(t);
    }
    fet_tensor_unref(&wanted[0]);
    fet_tensor_unref(&wanted[1]);
    net_free(&n);
}

static void gradients_accumulate_when_asked_to(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL, *sum = NULL;
    int n_parameters = 0;
    net_make(&n);
    const struct fet_tape_options adding = {.accumulates = true};
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &adding, &sum));
    const struct fet_tape_parameter *const p = fet_tape_parameters(t, &n_parameters);
    const struct fet_tape_parameter *const q = fet_tape_parameters(sum, &n_parameters);
    assert_int_equal(n_parameters, 3);
    for (int round = 1; round <= 3; round++) {
        (void)loss_of(t, &n);
        assert_ok(fet_tape_backward(t, 1));
        (void)loss_of(sum, &n);
        assert_ok(fet_tape_backward(sum, 0.5));
        for (int i = 0; i < n_parameters; i++)
            for (int64_t k = 0; k < p[i].n; k++)
                assert_close(q[i].gradient[k], 0.5 * round * (double)p[i].gradient[k], 1e-5, 1e-6);
    }
    fet_tape_zero_gradients(sum);
    assert_true(q[0].gradient[0] == 0);
    fet_tape_free(t);
    fet_tape_free(sum);
    net_free(&n);
}

static void frozen_parameters_get_no_gradient(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL, *all = NULL;
    int n_parameters = 0;
    net_make(&n);
    const struct fet_tape_options o = {.frozen = (const char *const[]){"first", NULL}};
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &t));
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &all));
    const struct fet_tape_parameter *const p = fet_tape_parameters(t, &n_parameters);
    const struct fet_tape_parameter *const q = fet_tape_parameters(all, &n_parameters);
    assert_null(p[0].gradient);
    (void)loss_of(t, &n);
    (void)loss_of(all, &n);
    assert_ok(fet_tape_backward(t, 1));
    assert_ok(fet_tape_backward(all, 1));
    assert_memory_equal(p[1].gradient, q[1].gradient, 9 * sizeof(float));
    fet_tape_free(t);
    fet_tape_free(all);
    const struct fet_tape_options none = {.frozen =
                                              (const char *const[]){"first.w", "second", NULL}};
    assert_fails(fet_tape_new(n.g, n.loss, n.shapes, &none, &t), FET_ARGUMENT, "no parameter");
    net_free(&n);
}

static void what_is_not_finite_is_named(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    int n_parameters = 0;
    net_make(&n);
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    struct fet_tape_parameter *const p = fet_tape_parameters(t, &n_parameters);
    const float kept = fet_tensor_f32(&n.inputs[0])[7];
    fet_tensor_f32(&n.inputs[0])[7] = NAN;
    assert_fails(fet_tape_forward(t, n.inputs, 0), FET_DATA, "from input 'x'");
    fet_tensor_f32(&n.inputs[0])[7] = kept;
    p[1].data[2] = INFINITY;
    assert_fails(fet_tape_forward(t, n.inputs, 0), FET_DATA, "from parameter 'second.w'");
    p[1].data[2] = 1e30f; /* what is multiplied with it overflows */
    assert_fails(fet_tape_forward(t, n.inputs, 0), FET_DATA, "from node 'mul'");
    p[1].data[2] = 0;
    assert_ok(fet_tape_forward(t, n.inputs, 0));
    assert_ok(fet_tape_backward(t, 1));
    assert_ok(fet_tape_check_gradients(t));
    p[2].gradient[1] = -INFINITY;
    assert_fails(fet_tape_check_gradients(t), FET_DATA, "gradient of 'second.b'");
    fet_tape_free(t);
    net_free(&n);
}

static void memory_is_refused_in_one_sentence(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    net_make(&n);
    struct fet_tape_options o = {.n_parameter_copies = 2};
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &t));
    /* Gradients of 12 + 9 + 3 floats take one line of 64 bytes each; the graph has 24 floats. */
    o.memory_limit = fet_tape_bytes(t) + 2 * 3 * 64 + 24 * 4;
    fet_tape_free(t);
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, &o, &t));
    fet_tape_free(t);
    o.memory_limit--;
    assert_fails(fet_tape_new(n.g, n.loss, n.shapes, &o, &t), FET_LIMIT, "MB are allowed");
    net_free(&n);
}

static void what_cannot_be_learned_is_refused(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    net_make(&n);
    const struct fet_shape wrong = {2, {5, 3}};
    assert_fails(fet_tape_new(n.g, n.loss, &wrong, NULL, &t), FET_SHAPE,
                 "'x' has shape [5,3], wanted [-1,4]");
    assert_fails(fet_tape_new(n.g, 999, n.shapes, NULL, &t), FET_ARGUMENT, "no value");
    assert_fails(fet_tape_new(n.g, n.x, n.shapes, NULL, &t), FET_ARGUMENT, "20 elements of F32");
    const int rounded = apply(n.g, "ceil", "", 1, &n.loss);
    assert_fails(fet_tape_new(n.g, rounded, n.shapes, NULL, &t), FET_UNSUPPORTED,
                 "ceil has no gradient");
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    struct fet_tensor other = {0};
    assert_ok(fet_tensor_new(FET_F32, 2, (int64_t[]){6, 4}, &other));
    assert_fails(fet_tape_forward(t, &other, 0), FET_SHAPE, "made for F32 [5,4]");
    assert_fails(fet_tape_backward(t, 1), FET_ARGUMENT, "has not run");
    fet_tensor_unref(&other);
    fet_tape_free(t);
    net_free(&n);
}

/* y = batch_norm(x w); the running statistics follow. */
static void running_statistics_follow(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    struct fet_rng r;
    int y[3] = {0}, n_parameters = 0;
    fet_rng_init(&r, 1, 1);
    net_make(&n);
    struct fet_graph *const g = n.g;
    const int product = apply(g, "matmul", "", 2, (int[]){n.x, n.w});
    const int scale = parameter(g, "scale", &r, 1, (int64_t[]){3});
    const int bias = parameter(g, "bias", &r, 1, (int64_t[]){3});
    const int mean = parameter(g, "mean", &r, 1, (int64_t[]){3});
    const int variance = parameter(g, "variance", &r, 1, (int64_t[]){3});
    (void)node(g, "batch_norm", "momentum=0.5", 5, (int[]){product, scale, bias, mean, variance}, 3,
               y);
    assert_ok(fet_graph_set_update(g, mean, y[1]));
    assert_ok(fet_graph_set_update(g, variance, y[2]));
    assert_fails(fet_graph_set_update(g, y[0], mean), FET_ARGUMENT, "no parameter");
    const int cubes = apply(g, "mul", "", 2, (int[]){y[0], product});
    const int loss = apply(g, "reduce_mean", "keepdims=0", 1, &cubes);
    assert_ok(fet_tape_new(g, loss, n.shapes, NULL, &t));
    const struct fet_tape_parameter *const p = fet_tape_parameters(t, &n_parameters);
    assert_int_equal(n_parameters, 7);
    assert_string_equal(p[5].name, "mean");
    assert_null(p[5].gradient);
    const float before = p[5].data[0];
    float batch = 0;
    (void)loss_of(t, &n);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 4; k++)
            batch += fet_tensor_f32(&n.inputs[0])[4 * i + k] * p[0].data[3 * k] / 5;
    assert_close(p[5].data[0], 0.5 * ((double)before + (double)batch), 1e-5, 1e-6);
    assert_ok(fet_tape_backward(t, 1));
    check_gradients(t, &n, 1e-2, 5e-3);
    assert_ok(fet_tape_store(t));
    assert_true(fet_tensor_f32(&g->values[mean].constant)[0] == p[5].data[0]);
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
    net_make(&n);
    check_fault_sweep(FET_FAULT_ALLOC, make_and_run(&n));
    net_free(&n);
}

static void the_steps_are_explained(void **state)
{
    (void)state;
    struct net n;
    struct fet_tape *t = NULL;
    struct fet_text text = {0};
    net_make(&n);
    assert_ok(fet_tape_new(n.g, n.loss, n.shapes, NULL, &t));
    fet_tape_set_timing(t, true);
    (void)loss_of(t, &n);
    fet_tape_explain(t, &text);
    assert_non_null(strstr(fet_text_get(&text), "tanh"));
    assert_non_null(strstr(fet_text_get(&text), " ms"));
    fet_text_deinit(&text);
    fet_tape_free(t);
    fet_tape_free(NULL);
    net_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_differences),
        cmocka_unit_test(the_loss_and_outputs_are_those_of_the_interpreter),
        cmocka_unit_test(gradients_accumulate_when_asked_to),
        cmocka_unit_test(frozen_parameters_get_no_gradient),
        cmocka_unit_test(what_is_not_finite_is_named),
        cmocka_unit_test(memory_is_refused_in_one_sentence),
        cmocka_unit_test(what_cannot_be_learned_is_refused),
        cmocka_unit_test(running_statistics_follow),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_steps_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
