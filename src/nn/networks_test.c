#include "check.h"

#include "nn.h"

/* A network with inputs of given shapes; the loss is a mean over squares unless it has its own. */
struct net {
    struct fet_graph *g;
    int loss, scores;
    struct fet_tensor inputs[4];
    struct fet_shape shapes[4];
};

static int input(struct fet_nn *n, struct net *s, enum fet_dtype dtype, int n_dims,
                 const int64_t *dims)
{
    const int i = s->g->n_inputs;
    char name[8];
    struct fet_rng r;
    fet_rng_init(&r, 3, (uint64_t)i);
    fet_text_format(name, sizeof name, "in%d", i);
    assert_ok(fet_tensor_new(dtype, n_dims, dims, &s->inputs[i]));
    s->shapes[i] = s->inputs[i].shape;
    for (int64_t k = 0; k < fet_tensor_count(&s->inputs[i]); k++)
        if (dtype == FET_F32)
            fet_tensor_f32(&s->inputs[i])[k] = (float)fet_rng_normal(&r);
        else
            ((int64_t *)s->inputs[i].data)[k] = fet_rng_int(&r, 1, 2);
    return fet_nn_input(n, name, dtype, n_dims, dims);
}

static void mean_of_squares(struct fet_nn *n, struct net *s)
{
    const int squares = fet_nn_binary(n, "mul", s->scores, s->scores);
    s->loss = fet_nn_apply(n, "loss", "reduce_mean", "keepdims=0", 1, &squares);
}

/* The mean loss of n steps. */
static double mean_loss(struct fet_trainer *t, const struct net *s, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double loss = 0;
        assert_ok(fet_trainer_step(t, s->inputs, &loss));
        sum += loss;
    }
    return sum / n;
}

/* Builds with n started, trains some steps, and compares the scores' shape. AdamW's first steps go
 * by the signs of the gradients, so the loss may rise between two of them, on one processor and not
 * on another: several are compared with several. */
static void net_check(struct fet_nn *n, struct net *s, int n_dims, const int64_t *dims)
{
    struct fet_trainer *t = NULL;
    struct fet_tensor scores = {0};
    assert_ok(fet_nn_finish(n));
    assert_ok(fet_graph_add_output(s->g, s->scores));
    const struct fet_trainer_options o = {.optimiser = fet_optimiser_usual(FET_ADAMW),
                                          .schedule = {.rate = 1e-3}};
    assert_ok(fet_trainer_new(s->g, s->loss, s->shapes, &o, &t));
    const double first = mean_loss(t, s, 3);
    (void)mean_loss(t, s, 4);
    const double last = mean_loss(t, s, 3);
    assert_true(last < first);
    assert_ok(fet_tape_forward(fet_trainer_tape(t), s->inputs, 0));
    assert_ok(fet_tape_output(fet_trainer_tape(t), 0, &scores));
    const struct fet_shape wanted = {n_dims, {dims[0], dims[1], dims[2], n_dims > 3 ? dims[3] : 0}};
    assert_true(fet_shape_is_equal(&scores.shape, &wanted));
    fet_trainer_free(t);
    for (int i = 0; i < 4; i++) fet_tensor_unref(&s->inputs[i]);
    fet_graph_free(s->g);
}

static void net_start(struct fet_nn *n, struct net *s)
{
    *s = (struct net){0};
    assert_ok(fet_graph_new(&s->g));
    fet_nn_init(n, s->g, 1);
}

static void a_mobilenet_learns(void **state)
{
    (void)state;
    struct net s;
    struct fet_nn n;
    net_start(&n, &s);
    /* The last batch norms see a 32nd of the picture each way: of two pictures of 32x32 two
     * numbers, which every norm makes 1 and -1. Here it is sixteen. */
    const int x = input(&n, &s, FET_F32, 4, (int64_t[]){4, 3, 64, 64});
    s.scores = fet_nn_mobilenet_v2(&n, x, 3, 0.1, 4);
    mean_of_squares(&n, &s);
    net_check(&n, &s, 2, (int64_t[]){4, 4, 0});
}

static void a_unet_learns(void **state)
{
    (void)state;
    struct net s;
    struct fet_nn n;
    const struct fet_nn_unet o = {1, 1, (const int64_t[]){4, 6, 8}, 3};
    net_start(&n, &s);
    const int x = input(&n, &s, FET_F32, 4, (int64_t[]){2, 1, 8, 12});
    s.scores = fet_nn_unet(&n, x, &o);
    mean_of_squares(&n, &s);
    net_check(&n, &s, 4, (int64_t[]){2, 1, 8, 12});
}

static void a_graph_net_learns(void **state)
{
    (void)state;
    struct net s;
    struct fet_nn n;
    net_start(&n, &s);
    const int x = input(&n, &s, FET_F32, 2, (int64_t[]){7, 5});
    const int adjacency = input(&n, &s, FET_F32, 2, (int64_t[]){7, 7});
    const int y = input(&n, &s, FET_I64, 1, (int64_t[]){7});
    s.scores = fet_nn_graph_net(&n, x, adjacency, 5, 8, 3);
    s.loss = fet_nn_cross_entropy(&n, s.scores, y);
    net_check(&n, &s, 2, (int64_t[]){7, 3, 0});
}

static void a_speech_net_learns(void **state)
{
    (void)state;
    struct net s;
    struct fet_nn n;
    net_start(&n, &s);
    const int x = input(&n, &s, FET_F32, 3, (int64_t[]){2, 5, 24});
    const int y = input(&n, &s, FET_I64, 2, (int64_t[]){2, 4});
    s.scores = fet_nn_speech_net(&n, x, 5, 8, 4);
    s.loss = fet_nn_apply(&n, "loss", "ctc_loss", "", 2, (int[]){s.scores, y});
    net_check(&n, &s, 3, (int64_t[]){12, 2, 4});
}

static void words_have_rows_of_a_table(void **state)
{
    (void)state;
    struct net s;
    struct fet_nn n;
    net_start(&n, &s);
    const int x = input(&n, &s, FET_I64, 2, (int64_t[]){3, 4});
    s.scores = fet_nn_layer_norm(&n, "norm", fet_nn_embedding(&n, "words", x, 5, 6), 6);
    mean_of_squares(&n, &s);
    net_check(&n, &s, 3, (int64_t[]){3, 4, 6});
}

static void weights_start_as_they_should(void **state)
{
    (void)state;
    static const struct {
        enum fet_nn_start start;
        double deviation;
    } starts[] = {{FET_NN_NORMAL, 0.5},
                  {FET_NN_TRUNCATED, 0.5 * 0.8796},
                  {FET_NN_UNIFORM, 0.5 / 1.7320508},
                  {FET_NN_KAIMING_NORMAL, 0.1414214},  /* sqrt(2 / 100) */
                  {FET_NN_KAIMING_UNIFORM, 0.0577350}, /* 0.1 / sqrt(3) */
                  {FET_NN_XAVIER_UNIFORM, 0.0942809}}; /* sqrt(6 / 225) / sqrt(3) */
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct net s;
        struct fet_nn n;
        double sum = 0;
        net_start(&n, &s);
        const int w =
            fet_nn_parameter(&n, "a", "w", starts[i].start, 0.5, 2, (int64_t[]){125, 100});
        assert_ok(fet_nn_finish(&n));
        const float *const v = fet_tensor_f32(&s.g->values[w].constant);
        for (int k = 0; k < 12500; k++) sum += (double)v[k] * (double)v[k];
        assert_close(sqrt(sum / 12500), starts[i].deviation, 0.03, 0);
        assert_int_equal(fet_graph_find_value(s.g, "a.w"), w);
        fet_graph_free(s.g);
    }
}

static void the_first_failure_is_kept(void **state)
{
    (void)state;
    struct net s;
    struct fet_nn n;
    net_start(&n, &s);
    const int x = fet_nn_input(&n, "x", FET_F32, 2, (int64_t[]){2, 3});
    const int y = fet_nn_apply(&n, NULL, "nonsense", "", 1, &x);
    assert_int_equal(y, FET_GRAPH_NONE);
    assert_int_equal(fet_nn_linear(&n, "a", y, 3, 4, true), FET_GRAPH_NONE);
    assert_int_equal(fet_nn_resnet18(&n, x, 3, 4, 5), FET_GRAPH_NONE);
    assert_fails(fet_nn_finish(&n), FET_ARGUMENT, "no operator 'nonsense'");
    fet_graph_free(s.g);
    net_start(&n, &s);
    const struct fet_nn_unet o = {1, 1, (const int64_t[]){4}, 0};
    assert_int_equal(fet_nn_unet(&n, 0, &o), FET_GRAPH_NONE);
    assert_fails(fet_nn_finish(&n), FET_ARGUMENT, "unet: 0 levels");
    fet_graph_free(s.g);
}

static fet_status build_some(void)
{
    struct fet_graph *g = NULL;
    struct fet_nn n;
    FET_TRY(fet_graph_new(&g));
    fet_nn_init(&n, g, 1);
    const int x = fet_nn_input(&n, "x", FET_F32, 4, (int64_t[]){2, 3, 8, 8});
    const struct fet_nn_vit o = {3, 8, 4, 6, 1, 2, 3};
    (void)fet_nn_vit(&n, x, &o);
    (void)fet_nn_mobilenet_v2(&n, x, 3, 0.1, 2);
    const fet_status st = fet_nn_finish(&n);
    fet_graph_free(g);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, build_some());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mobilenet_learns),
        cmocka_unit_test(a_unet_learns),
        cmocka_unit_test(a_graph_net_learns),
        cmocka_unit_test(a_speech_net_learns),
        cmocka_unit_test(words_have_rows_of_a_table),
        cmocka_unit_test(weights_start_as_they_should),
        cmocka_unit_test(the_first_failure_is_kept),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
