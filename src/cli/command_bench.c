/* fettle bench: how fast networks run on this machine. */
#include "cli.h"
#include "onnx.h"
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct fet_option options[] = {
    {"runs", FET_OPTION_INT, "50", 1, 100000, NULL, NULL,
     "onnx: How often the model answers, after a tenth as many runs that do not count"},
    {"explain", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "Print step by step what runs, with its times"},
    {"batch", FET_OPTION_INT, "0", 0, 100000, NULL, NULL,
     "train: Pictures per step; 0 is 16 for resnet18, 12 for unet"},
    {"size", FET_OPTION_INT, "0", 0, 100000, NULL, NULL,
     "train: Their height and width; 0 is 128 for resnet18, 160 for unet"},
    {"steps", FET_OPTION_INT, "10", 1, 100000, NULL, NULL,
     "train: Steps to measure, after three that do not count"},
    {"memory", FET_OPTION_INT, "0", 0, 100000000, NULL, NULL,
     "train: Megabytes that a step may need; 0 is any number"},
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_END};

/* ---- onnx ---- */

struct bench {
    struct fet_graph *g;
    struct fet_pool *pool;
    struct fet_plan *plan;
    struct fet_tensor *inputs, *outputs;
    double *ms; /* [n_runs] */
    int64_t n_runs;
};

static void bench_deinit(struct bench *b)
{
    fet_plan_free(b->plan);
    for (int i = 0; b->inputs != NULL && i < b->g->n_inputs; i++) fet_tensor_unref(&b->inputs[i]);
    fet_free(b->inputs);
    fet_free(b->outputs);
    fet_free(b->ms);
    fet_pool_free(b->pool);
    fet_graph_free(b->g);
}

/* Random numbers from 0 to 1 (integers 0) in the declared shape; free dimensions are 1. */
static fet_status make_input(const struct fet_graph *g, int i, struct fet_tensor *t)
{
    const struct fet_graph_value *const v = &g->values[g->inputs[i]];
    struct fet_shape shape = v->shape;
    struct fet_rng rng;
    if (!v->is_typed)
        return FET_FAIL(FET_UNSUPPORTED, "bench: input '%s' does not say its shape", v->name);
    for (int k = 0; k < shape.n_dims; k++)
        if (shape.dims[k] == FET_GRAPH_FREE) shape.dims[k] = 1;
    FET_TRY(fet_tensor_new(v->dtype, shape.n_dims, shape.dims, t));
    if (v->dtype != FET_F32) return FET_OK;
    fet_rng_init(&rng, 1, (uint64_t)i);
    const int64_t n = fet_tensor_count(t);
    for (int64_t k = 0; k < n; k++) fet_tensor_f32(t)[k] = (float)fet_rng_real(&rng);
    return FET_OK;
}

static fet_status bench_init(struct bench *b, const struct cli_args *args)
{
    FET_TRY(fet_onnx_read(args->operands[1], &b->g));
    FET_TRY(fet_pool_new((int)fet_settings_int(args->own, "threads"), &b->pool));
    b->n_runs = fet_settings_int(args->own, "runs");
    b->inputs = fet_alloc(b->g->n_inputs, sizeof *b->inputs);
    b->outputs = fet_alloc(b->g->n_outputs, sizeof *b->outputs);
    b->ms = fet_alloc(b->n_runs, sizeof *b->ms);
    if (b->inputs == NULL || b->outputs == NULL || b->ms == NULL)
        return FET_FAIL_MEMORY("bench", b->n_runs * (int64_t)sizeof *b->ms);
    for (int i = 0; i < b->g->n_inputs; i++) FET_TRY(make_input(b->g, i, &b->inputs[i]));
    const struct fet_plan_options o = {.pool = b->pool,
                                       .has_times = fet_settings_flag(args->own, "explain")};
    return fet_plan_new(b->g, b->inputs, &o, &b->plan);
}

static int compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static fet_status measure(struct bench *b)
{
    for (int64_t i = -(b->n_runs / 10) - 1; i < b->n_runs; i++) {
        const double start = fet_clock_ms();
        FET_TRY(fet_plan_run(b->plan, b->inputs, b->outputs));
        if (i >= 0) b->ms[i] = fet_clock_ms() - start;
    }
    qsort(b->ms, (size_t)b->n_runs, sizeof *b->ms, compare_reals);
    return FET_OK;
}

static fet_status print_onnx(const struct bench *b, const struct cli_args *args)
{
    struct fet_text text = {0};
    const double median_ms = b->ms[b->n_runs / 2], flops = fet_plan_facts(b->plan).flops;
    if (fet_settings_flag(args->own, "explain")) {
        fet_plan_explain(b->plan, &text);
        const fet_status st = fet_text_status(&text, "bench");
        if (st == FET_OK) (void)fputs(fet_text_get(&text), stderr);
        fet_text_deinit(&text);
        FET_TRY(st);
    }
    if (fet_settings_flag(args->own, "json"))
        printf("{\"median_ms\":%.4f,\"min_ms\":%.4f,\"gflops\":%.2f}\n", median_ms, b->ms[0],
               flops / median_ms / 1e6);
    else
        printf("median %.3f ms, least %.3f ms, %.1f GFLOP/s\n", median_ms, b->ms[0],
               flops / median_ms / 1e6);
    return FET_OK;
}

static fet_status bench_onnx(const struct cli_args *args)
{
    struct bench b = {0};
    fet_status st = bench_init(&b, args);
    if (st == FET_OK) st = measure(&b);
    if (st == FET_OK) st = print_onnx(&b, args);
    bench_deinit(&b);
    return st;
}

static int run(const struct cli_args *args)
{
    fet_status st = FET_OK;
    if (strcmp(args->operands[0], "onnx") == 0)
        st = bench_onnx(args);
    else if (strcmp(args->operands[0], "train") == 0)
        st = cli_bench_train(args);
    else
        st = FET_FAIL(FET_ARGUMENT, "bench: wanted onnx or train, got '%s'", args->operands[0]);
    return st != FET_OK ? cli_fail(NULL, st) : CLI_DONE;
}

const struct cli_command cli_bench = {
    .name = "bench",
    .summary = "Measure how fast a network runs here",
    .operands = "onnx MODEL.onnx | train resnet18|unet",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .details =
        "'onnx' plans the model for a batch of one and random inputs, runs it, and prints "
        "the median and the least time of a run and the products and sums per second at the "
        "median. --explain prints to standard error which code each step became and what it "
        "took. 'train' trains a ResNet-18 or a U-Net on random pictures with AdamW, says what "
        "memory a step needs before it begins, and prints pictures and products and sums "
        "per second at the median.",
    .examples = "  fettle bench onnx resnet.onnx --threads 2 --json\n"
                "  fettle bench onnx resnet.onnx --explain\n"
                "  fettle bench train unet --threads 2 --json\n",
    .run = run};
