/* Networks against PyTorch: scores, loss, every gradient within 1e-4 of the tensor's largest
 * element, and the losses of 20 AdamW steps within 1e-3. The files are made by
 * tests/golden/nn/make_golden.py; FET_GOLDEN names another folder with files of the same names. */
#include "check.h"

#include "nn.h"
#include "safetensors.h"

struct golden {
    struct fet_tensors list;
    struct fet_graph *g;
    int loss, scores;
    struct fet_tensor inputs[2];
    struct fet_shape shapes[2];
    int64_t config[8];
};

static const struct fet_tensor *get(const struct golden *s, const char *prefix, const char *name)
{
    char full[320];
    fet_text_format(full, sizeof full, "%s%s", prefix, name);
    const struct fet_tensor *const t = fet_tensors_find(&s->list, full);
    if (t == NULL) fail_msg("the golden file has no '%s'", full);
    return t;
}

static void read_file(struct golden *s, const char *name)
{
    char path[512];
    uint8_t *bytes = NULL;
    size_t n = 0;
    const char *const folder = getenv("FET_GOLDEN");
    fet_text_format(path, sizeof path, "%s/%s.safetensors",
                    folder != NULL ? folder : FET_SOURCE_DIR "/tests/golden/nn", name);
    assert_ok(fet_file_read(path, (int64_t)1 << 32, &bytes, &n));
    assert_ok(fet_safetensors_parse(bytes, n, name, NULL, &s->list));
    fet_free(bytes);
    const struct fet_tensor *const config = get(s, "config", "");
    memcpy(s->config, config->data, fet_tensor_bytes(config));
    s->inputs[0] = fet_tensor_ref(get(s, "input.x", ""));
    s->inputs[1] = fet_tensor_ref(get(s, "input.y", ""));
    for (int i = 0; i < 2; i++) s->shapes[i] = s->inputs[i].shape;
}

typedef int build_net(struct fet_nn *n, int x, const int64_t *config);

static int build_mlp(struct fet_nn *n, int x, const int64_t *c)
{
    return fet_nn_mlp(n, x, 4, c);
}

static int build_resnet(struct fet_nn *n, int x, const int64_t *c)
{
    return fet_nn_resnet18(n, x, c[0], c[1], c[2]);
}

static int build_vit(struct fet_nn *n, int x, const int64_t *c)
{
    const struct fet_nn_vit o = {.channels = c[0],
                                 .side = c[1],
                                 .patch = c[2],
                                 .size = c[3],
                                 .depth = c[4],
                                 .heads = c[5],
                                 .classes = c[6]};
    return fet_nn_vit(n, x, &o);
}

/* The network with PyTorch's parameters. */
static void golden_open(struct golden *s, const char *name, build_net *build)
{
    struct fet_nn n;
    *s = (struct golden){0};
    read_file(s, name);
    assert_ok(fet_graph_new(&s->g));
    fet_nn_init(&n, s->g, 1);
    int64_t dims[FET_MAX_DIMS];
    memcpy(dims, s->shapes[0].dims, sizeof dims);
    dims[0] = FET_GRAPH_FREE;
    const int x = fet_nn_input(&n, "x", FET_F32, s->shapes[0].n_dims, dims);
    const int y = fet_nn_input(&n, "y", FET_I64, 1, dims);
    s->scores = build(&n, x, s->config);
    s->loss = fet_nn_cross_entropy(&n, s->scores, y);
    assert_ok(fet_nn_finish(&n));
    assert_ok(fet_graph_add_output(s->g, s->scores));
    for (int i = 0; i < s->g->n_values; i++) {
        const struct fet_graph_value *const v = &s->g->values[i];
        if (!v->is_parameter || v->update != FET_GRAPH_NONE) continue;
        const struct fet_tensor *const t = get(s, "parameter.", v->name);
        assert_true(fet_shape_is_equal(&t->shape, &v->shape));
        memcpy(v->constant.data, t->data, fet_tensor_bytes(t));
    }
}

static void golden_close(struct golden *s)
{
    fet_tensor_unref(&s->inputs[0]);
    fet_tensor_unref(&s->inputs[1]);
    fet_graph_free(s->g);
    fet_tensors_deinit(&s->list);
}

/* |got - wanted| <= 1e-4 of the largest wanted; what is rounding noise in PyTorch (the gradient of
 * a bias in front of a norm is 0) is compared with the size of one. */
static void compare(const char *name, const float *got, const struct fet_tensor *wanted,
                    double floor)
{
    const float *const w = fet_tensor_f32(wanted);
    const int64_t n = fet_tensor_count(wanted);
    double most = floor, worst = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs((double)w[i]));
    for (int64_t i = 0; i < n; i++) worst = fmax(worst, fabs((double)got[i] - (double)w[i]));
    if (!(worst <= 1e-4 * most)) fail_msg("%s: off by %.3g, largest is %.3g", name, worst, most);
}

static void compare_gradients(struct fet_tape *tape, const struct golden *s)
{
    int n = 0, n_compared = 0;
    const struct fet_tape_parameter *const p = fet_tape_parameters(tape, &n);
    for (int i = 0; i < n; i++) {
        if (p[i].gradient == NULL) continue;
        const struct fet_tensor *const wanted = get(s, "gradient.", p[i].name);
        const int64_t count = fet_tensor_count(wanted);
        float *const plain = fet_alloc(count, sizeof *plain);
        assert_non_null(plain);
        assert_ok(fet_tape_to_plain(tape, i, p[i].gradient, plain));
        compare(p[i].name, plain, wanted, 1e-4);
        fet_free(plain);
        n_compared++;
    }
    assert_true(n_compared >= 6);
}

enum way { REFERENCE, FAST, WINOGRAD };

static void check_network(const char *name, build_net *build, enum way way)
{
    struct golden s;
    struct fet_trainer *t = NULL;
    struct fet_tensor scores = {0};
    double loss = 0;
    golden_open(&s, name, build);
    const struct fet_tensor *const losses = get(&s, "losses", "");
    const double *const wanted = losses->data;
    struct fet_trainer_options o = {.tape = {.is_reference = way == REFERENCE,
                                             .allows_winograd = way == WINOGRAD,
                                             .n_threads = 1},
                                    .optimiser = fet_optimiser_usual(FET_ADAMW),
                                    .schedule = {.rate = 1e-3}};
    o.optimiser.decay = 0.01;
    assert_ok(fet_trainer_new(s.g, s.loss, s.shapes, &o, &t));
    struct fet_tape *const tape = fet_trainer_tape(t);
    assert_ok(fet_tape_forward(tape, s.inputs, 0));
    assert_ok(fet_tape_output(tape, 0, &scores));
    compare("scores", scores.data, get(&s, "scores", ""), 0);
    assert_close(fet_tape_loss(tape), wanted[0], 1e-4, 0);
    assert_ok(fet_tape_backward(tape, 1));
    compare_gradients(tape, &s);
    for (int64_t i = 0; i < fet_tensor_count(losses); i++) {
        assert_ok(fet_trainer_step(t, s.inputs, &loss));
        assert_close(loss, wanted[i], 1e-3, 0);
    }
    fet_trainer_free(t);
    golden_close(&s);
}

static void an_mlp_is_pytorchs(void **state)
{
    (void)state;
    check_network("mlp", build_mlp, REFERENCE);
    check_network("mlp", build_mlp, FAST);
}

static void resnet18_is_pytorchs(void **state)
{
    (void)state;
    check_network("resnet18", build_resnet, REFERENCE);
    check_network("resnet18", build_resnet, FAST);
    check_network("resnet18", build_resnet, WINOGRAD);
}

static void a_vision_transformer_is_pytorchs(void **state)
{
    (void)state;
    check_network("vit", build_vit, REFERENCE);
    check_network("vit", build_vit, FAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_mlp_is_pytorchs),
        cmocka_unit_test(resnet18_is_pytorchs),
        cmocka_unit_test(a_vision_transformer_is_pytorchs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
