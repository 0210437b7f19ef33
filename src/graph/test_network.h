/* Small networks with drawn weights, for tests. */
#ifndef FET_TEST_NETWORK_H
#define FET_TEST_NETWORK_H

#include "check.h"

#include "graph.h"
#include "test_sample.h"

/* A graph being built; inputs and weights are drawn. */
struct maker {
    struct fet_graph *g;
    struct fet_rng rng;
    struct fet_tensor inputs[4];
    int n_inputs;
};

static inline void maker_init(struct maker *m)
{
    *m = (struct maker){0};
    fet_rng_init(&m->rng, 5, 0);
    assert_ok(fet_graph_new(&m->g));
}

static inline void maker_deinit(struct maker *m)
{
    for (int i = 0; i < m->n_inputs; i++) fet_tensor_unref(&m->inputs[i]);
    fet_graph_free(m->g);
}

static inline struct fet_tensor drawn(struct maker *m, const char *shape, double low, double high)
{
    struct fet_arena a = {0};
    struct fet_tensor like = {0}, t = {0};
    char word[128];
    fet_text_format(word, sizeof word, "f32%s", shape);
    assert_ok(fet_op_parse_tensor(word, &a, &like));
    assert_ok(fet_tensor_new(FET_F32, like.shape.n_dims, like.shape.dims, &t));
    fet_arena_deinit(&a);
    for (int64_t i = 0; i < fet_tensor_count(&t); i++)
        fet_tensor_f32(&t)[i] = (float)fet_rng_between(&m->rng, low, high);
    return t;
}

static inline int input(struct maker *m, const char *shape)
{
    int value = 0;
    struct fet_tensor *const t = &m->inputs[m->n_inputs++];
    *t = drawn(m, shape, -1, 1);
    assert_ok(fet_graph_add_input(m->g, NULL, FET_F32, t->shape.n_dims, t->shape.dims, &value));
    return value;
}

static inline int constant(struct maker *m, const char *shape, double low, double high)
{
    int value = 0;
    struct fet_tensor t = drawn(m, shape, low, high);
    assert_ok(fet_graph_add_constant(m->g, NULL, &t, &value));
    fet_tensor_unref(&t);
    return value;
}

/* One node with up to five inputs, END behind the last. */
enum { END = -7 };

static inline int node(struct maker *m, const char *op, const char *attrs, const int *x)
{
    struct fet_arena a = {0};
    struct fet_attr_value values[N_ATTRS];
    int n_x = 0, y = 0;
    while (x[n_x] != END) n_x++;
    const struct fet_op *const found = fet_op_find(op);
    assert_non_null(found);
    assert_ok(fet_op_parse_attrs(found, attrs, &a, values));
    assert_ok(fet_graph_add_node(
        m->g, &(struct fet_graph_call){.op = found, .attrs = values, .x = x, .n_x = n_x, .n_y = 1},
        &y));
    fet_arena_deinit(&a);
    return y;
}

#define NODE(m, op, attrs, ...) node((m), (op), (attrs), (const int[]){__VA_ARGS__, END})

static inline int batch_norm(struct maker *m, int x, const char *shape)
{
    const int scale = constant(m, shape, 0.5, 1.5), shift = constant(m, shape, -1, 1);
    const int mean = constant(m, shape, -1, 1), variance = constant(m, shape, 0.5, 2);
    return NODE(m, "batch_norm", "", x, scale, shift, mean, variance);
}

static inline int conv(struct maker *m, int x, const char *weights, const char *attrs)
{
    return NODE(m, "conv", attrs, x, constant(m, weights, -0.3, 0.3));
}

/* conv, norm, relu; a block with and one without a convolution beside it; pooling; linear. */
static inline void build_residual(struct maker *m)
{
    maker_init(m);
    int x = input(m, "[2,3,17,16]");
    x = NODE(m, "relu", "",
             batch_norm(m, conv(m, x, "[16,3,7,7]", "strides=2,2 pads=3,3,3,3"), "[16]"));
    x = NODE(m, "max_pool", "kernel_shape=3,3 strides=2,2 pads=1,1,1,1", x);
    for (int i = 0; i < 2; i++) {
        const char *const first = i == 0 ? "[16,16,3,3]" : "[24,16,3,3]";
        const char *const second = i == 0 ? "[16,16,3,3]" : "[24,24,3,3]";
        const char *const n = i == 0 ? "[16]" : "[24]";
        const char *const step = i == 0 ? "pads=1,1,1,1" : "pads=1,1,1,1 strides=2,2";
        int y = NODE(m, "relu", "", batch_norm(m, conv(m, x, first, step), n));
        y = batch_norm(m, conv(m, y, second, "pads=1,1,1,1"), n);
        if (i == 1) x = batch_norm(m, conv(m, x, "[24,16,1,1]", "strides=2,2"), n);
        x = NODE(m, "relu", "", NODE(m, "add", "", i == 0 ? y : x, i == 0 ? x : y));
    }
    x = NODE(m, "flatten", "", NODE(m, "global_average_pool", "", x));
    x = NODE(m, "gemm", "transB=1", x, constant(m, "[10,24]", -1, 1), constant(m, "[10]", -1, 1));
    assert_ok(fet_graph_add_output(m->g, NODE(m, "softmax", "", x)));
}

static inline void build_mobile(struct maker *m)
{
    maker_init(m);
    int zero = 0, six = 0;
    struct fet_tensor t = {0};
    assert_ok(fet_tensor_new(FET_F32, 0, NULL, &t));
    assert_ok(fet_graph_add_constant(m->g, NULL, &t, &zero));
    fet_tensor_unref(&t);
    assert_ok(fet_tensor_new(FET_F32, 0, NULL, &t));
    fet_tensor_f32(&t)[0] = 0.5f;
    assert_ok(fet_graph_add_constant(m->g, NULL, &t, &six));
    fet_tensor_unref(&t);
    int x = input(m, "[1,3,9,9]");
    x = NODE(m, "conv", "auto_pad=SAME_UPPER strides=2,2", x, constant(m, "[8,3,3,3]", -1, 1),
             constant(m, "[8]", -1, 1));
    for (int i = 0; i < 2; i++) {
        const int before = x;
        x = NODE(m, "clip", "", conv(m, x, "[20,8,1,1]", ""), zero, six);
        x = NODE(m, "clip", "", conv(m, x, "[20,1,3,3]", "group=20 pads=1,1,1,1"), zero, six);
        x = NODE(m, "add", "", before, conv(m, x, "[8,20,1,1]", ""));
    }
    assert_ok(fet_graph_add_output(m->g, x));
}

#endif
