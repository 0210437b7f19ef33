/* fettle bench train: steps of training of two reference networks on random pictures. */
#include "cli.h"
#include "nn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_WARM = 3 };

struct bench {
    struct fet_graph *g;
    struct fet_trainer *trainer;
    struct fet_tensor inputs[2];
    double *ms; /* [n_steps] */
    int64_t batch, size, n_steps;
    int n_threads, loss;
    bool is_resnet;
};

static void bench_deinit(struct bench *b)
{
    fet_trainer_free(b->trainer);
    fet_graph_free(b->g);
    for (int i = 0; i < 2; i++) fet_tensor_unref(&b->inputs[i]);
    fet_free(b->ms);
}

/* The networks of a usual size: ResNet-18 with 1000 classes; a U-Net of one channel in and out. */
static fet_status build(struct bench *b)
{
    static const int64_t channels[] = {16, 32, 48, 64, 96};
    static const struct fet_nn_unet unet = {1, 1, channels, 5};
    const int64_t dims[] = {FET_GRAPH_FREE, b->is_resnet ? 3 : 1, b->size, b->size};
    struct fet_nn n;
    FET_TRY(fet_graph_new(&b->g));
    fet_nn_init(&n, b->g, 1);
    const int x = fet_nn_input(&n, "x", FET_F32, 4, dims);
    if (b->is_resnet) {
        const int y = fet_nn_input(&n, "y", FET_I64, 1, dims);
        b->loss = fet_nn_cross_entropy(&n, fet_nn_resnet18(&n, x, 3, 64, 1000), y);
    } else {
        const int y = fet_nn_input(&n, "y", FET_F32, 4, dims);
        b->loss = fet_nn_binary_cross_entropy(&n, fet_nn_unet(&n, x, &unet), y);
    }
    return fet_nn_finish(&n);
}

/* Normal pictures; random classes, or a tenth of the pixels marked. */
static fet_status draw(struct bench *b)
{
    struct fet_rng rng;
    const int64_t dims[] = {b->batch, b->is_resnet ? 3 : 1, b->size, b->size};
    fet_rng_init(&rng, 1, 0);
    FET_TRY(fet_tensor_new(FET_F32, 4, dims, &b->inputs[0]));
    FET_TRY(b->is_resnet ? fet_tensor_new(FET_I64, 1, dims, &b->inputs[1])
                         : fet_tensor_new(FET_F32, 4, dims, &b->inputs[1]));
    for (int64_t i = 0; i < fet_tensor_count(&b->inputs[0]); i++)
        fet_tensor_f32(&b->inputs[0])[i] = (float)fet_rng_normal(&rng);
    for (int64_t i = 0; i < fet_tensor_count(&b->inputs[1]); i++)
        if (b->is_resnet)
            ((int64_t *)b->inputs[1].data)[i] = fet_rng_int(&rng, 0, 999);
        else
            fet_tensor_f32(&b->inputs[1])[i] = (float)fet_rng_chance(&rng, 0.1);
    return FET_OK;
}

static fet_status bench_init(struct bench *b, const struct cli_args *args, struct fet_pool *pool)
{
    char text[256];
    const struct fet_shape shapes[2] = {b->inputs[0].shape, b->inputs[1].shape};
    struct fet_trainer_options o = {
        .tape = {.pool = pool,
                 .n_threads = b->n_threads,
                 .allows_winograd = !fet_settings_flag(args->own, "exact"),
                 .memory_limit = (int64_t)fet_settings_int(args->own, "memory") * 1000000},
        .optimiser = fet_optimiser_usual(FET_ADAMW),
        .schedule = {.rate = 1e-3}};
    o.optimiser.decay = 0.01;
    o.optimiser.n_threads = b->n_threads;
    b->ms = fet_alloc(b->n_steps, sizeof *b->ms);
    if (b->ms == NULL) return FET_FAIL_MEMORY("bench", b->n_steps * (int64_t)sizeof *b->ms);
    FET_TRY(fet_trainer_new(b->g, b->loss, shapes, &o, &b->trainer));
    fet_tape_explain_memory(fet_trainer_tape(b->trainer), text);
    (void)fprintf(stderr, "%s\n", text);
    return FET_OK;
}

static fet_status measure(struct bench *b)
{
    double loss = 0;
    for (int64_t i = -N_WARM; i < b->n_steps; i++) {
        const double start = fet_clock_ms();
        FET_TRY(fet_trainer_step(b->trainer, b->inputs, &loss));
        if (i >= 0) b->ms[i] = fet_clock_ms() - start;
    }
    qsort(b->ms, (size_t)b->n_steps, sizeof *b->ms, fet_compare_reals);
    return FET_OK;
}

/* Some more steps, with a clock behind each of their parts. */
static fet_status explain(struct bench *b)
{
    struct fet_text text = {0};
    double loss = 0;
    fet_tape_set_timing(fet_trainer_tape(b->trainer), true);
    for (int64_t i = 0; i < b->n_steps; i++)
        FET_TRY(fet_trainer_step(b->trainer, b->inputs, &loss));
    fet_tape_explain(fet_trainer_tape(b->trainer), &text);
    const fet_status st = fet_text_status(&text, "bench");
    if (st == FET_OK) (void)fputs(fet_text_get(&text), stderr);
    fet_text_deinit(&text);
    return st;
}

static void print_result(const struct bench *b, bool is_json)
{
    const double ms = b->ms[b->n_steps / 2], images_per_s = 1000.0 * (double)b->batch / ms;
    const double gflops = fet_tape_flops(fet_trainer_tape(b->trainer)) / ms / 1e6;
    if (is_json)
        printf("{\"images_per_s\":%.3f,\"gflops\":%.2f}\n", images_per_s, gflops);
    else
        printf("%.2f images/s, %.1f GFLOP/s, median step %.1f ms\n", images_per_s, gflops, ms);
}

fet_status cli_bench_train(const struct cli_args *args)
{
    const char *const name = args->operands[1];
    struct bench b = {.is_resnet = strcmp(name, "resnet18") == 0};
    struct fet_pool *pool = NULL;
    fet_status st = FET_OK;
    if (!b.is_resnet && strcmp(name, "unet") != 0)
        return FET_FAIL(FET_ARGUMENT, "bench train: wanted resnet18 or unet, got '%s'", name);
    b.batch = fet_settings_int(args->own, "batch");
    b.size = fet_settings_int(args->own, "size");
    b.n_steps = fet_settings_int(args->own, "steps");
    if (b.batch == 0) b.batch = b.is_resnet ? 16 : 12;
    if (b.size == 0) b.size = b.is_resnet ? 128 : 160;
    FET_TRY(fet_pool_new((int)fet_settings_int(args->own, "threads"), &pool));
    b.n_threads = fet_pool_threads(pool);
    FET_TRY_OUT(build(&b));
    FET_TRY_OUT(draw(&b));
    FET_TRY_OUT(bench_init(&b, args, pool));
    FET_TRY_OUT(measure(&b));
    if (fet_settings_flag(args->own, "explain")) FET_TRY_OUT(explain(&b));
    print_result(&b, fet_settings_flag(args->own, "json"));
out:
    bench_deinit(&b);
    fet_pool_free(pool);
    return st;
}
