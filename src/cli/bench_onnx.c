/* fettle bench onnx: a model planned, in float or int8, and measured. */
#include "cli.h"
#include "int8.h"
#include "onnx.h"
#include "pixels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench {
    struct fet_graph *g;
    struct fet_pool *pool;
    struct fet_plan *plan;
    struct fet_tensor *samples; /* [n_samples * g->n_inputs]; the first are measured */
    int64_t n_samples;
    struct fet_tensor *outputs;
    struct fet_plan_ranges *ranges; /* NULL = float */
    struct fet_int8_report report;
    double *ms; /* [n_runs] */
    int64_t n_runs;
};

static void bench_deinit(struct bench *b)
{
    fet_plan_free(b->plan);
    fet_plan_ranges_free(b->ranges);
    for (int64_t i = 0; b->samples != NULL && i < b->n_samples * b->g->n_inputs; i++)
        fet_tensor_unref(&b->samples[i]);
    fet_free(b->samples);
    fet_free(b->outputs);
    fet_free(b->ms);
    fet_pool_free(b->pool);
    fet_graph_free(b->g);
}

/* ---- inputs ---- */

/* The declared shape; free dimensions are 1. */
static fet_status new_input(const struct fet_graph *g, int i, struct fet_tensor *t)
{
    const struct fet_graph_value *const v = &g->values[g->inputs[i]];
    struct fet_shape shape = v->shape;
    if (!v->is_typed)
        return FET_FAIL(FET_UNSUPPORTED, "bench: input '%s' does not say its shape", v->name);
    for (int k = 0; k < shape.n_dims; k++)
        if (shape.dims[k] == FET_GRAPH_FREE) shape.dims[k] = 1;
    return fet_tensor_new(v->dtype, shape.n_dims, shape.dims, t);
}

/* Random numbers from 0 to 1; integers stay 0. */
static fet_status random_samples(struct bench *b)
{
    for (int64_t s = 0; s < b->n_samples; s++) {
        for (int i = 0; i < b->g->n_inputs; i++) {
            struct fet_tensor *const t = &b->samples[s * b->g->n_inputs + i];
            struct fet_rng rng;
            FET_TRY(new_input(b->g, i, t));
            if (t->dtype != FET_F32) continue;
            fet_rng_init(&rng, 1, (uint64_t)(s * b->g->n_inputs + i));
            const int64_t n = fet_tensor_count(t);
            for (int64_t k = 0; k < n; k++) fet_tensor_f32(t)[k] = (float)fet_rng_real(&rng);
        }
    }
    return FET_OK;
}

/* A picture as t [1,channels,height,width], from -1 to 1. */
static fet_status picture_to_input(const char *path, struct fet_tensor *t)
{
    const int64_t *const dims = t->shape.dims;
    struct fet_image read = {0}, colour = {0}, sized = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_image_read(path, NULL, &read));
    FET_TRY_OUT(fet_image_convert(&read, (int)dims[1], 8, &colour));
    FET_TRY_OUT(fet_image_resize(&colour, (int)dims[3], (int)dims[2], FET_RESIZE_BILINEAR, &sized));
    float *const v = fet_tensor_f32(t);
    fet_image_to_planes(&sized, v);
    const int64_t n = fet_tensor_count(t);
    for (int64_t i = 0; i < n; i++) v[i] = 2 * v[i] - 1;
out:
    fet_image_deinit(&read);
    fet_image_deinit(&colour);
    fet_image_deinit(&sized);
    return st;
}

static bool takes_pictures(const struct fet_graph *g)
{
    if (g->n_inputs != 1 || !g->values[g->inputs[0]].is_typed) return false;
    const struct fet_graph_value *const v = &g->values[g->inputs[0]];
    const int64_t *const dims = v->shape.dims;
    return v->dtype == FET_F32 && v->shape.n_dims == 4 && (dims[0] == 1 || dims[0] < 0) &&
           (dims[1] == 1 || dims[1] == 3) && dims[2] > 0 && dims[3] > 0;
}

static fet_status picture_samples(struct bench *b, const char *folder)
{
    struct fet_arena a = {0};
    struct fet_file_list list = {0};
    fet_status st = FET_OK;
    if (!takes_pictures(b->g))
        return FET_FAIL(FET_UNSUPPORTED,
                        "bench: the model does not take one picture of known size");
    FET_TRY_OUT(fet_folder_list(folder, &a, &list));
    b->samples = fet_alloc(list.n, sizeof *b->samples);
    if (b->samples == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("bench", list.n));
    for (int64_t i = 0; i < list.n; i++) {
        if (list.kinds[i] == FET_FILE_FOLDER) continue;
        const char *const path = fet_path_join(&a, folder, list.names[i]);
        if (path == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("bench", strlen(folder)));
        FET_TRY_OUT(new_input(b->g, 0, &b->samples[b->n_samples++]));
        FET_TRY_OUT(picture_to_input(path, &b->samples[b->n_samples - 1]));
    }
    if (b->n_samples < 2)
        FET_TRY_OUT(FET_FAIL(FET_NOT_FOUND, "bench: %s holds fewer than 2 pictures", folder));
out:
    fet_arena_deinit(&a);
    return st;
}

/* ---- int8 ---- */

/* A sixth of the samples, at most 64, calibrates; the others are compared with float. */
static fet_status quantize(struct bench *b, double agreement)
{
    const struct fet_int8_options o = {.least_agreement = agreement, .most_error = 1e30};
    const int64_t sixth = (b->n_samples + 5) / 6, n = sixth < 64 ? sixth : 64;
    FET_TRY(fet_int8_calibrate(b->g, b->pool, b->samples, n, &b->ranges));
    return fet_int8_gate(b->g, b->pool, b->samples + n * b->g->n_inputs, b->n_samples - n, &o,
                         b->ranges, &b->report);
}

/* ---- all ---- */

static fet_status make_samples(struct bench *b, const struct cli_args *args)
{
    enum { N_RANDOM = 12 };
    const char *const folder = fet_settings_text(args->own, "pictures");
    if (folder[0] != '\0') return picture_samples(b, folder);
    b->n_samples = fet_settings_flag(args->own, "int8") ? N_RANDOM : 1;
    b->samples = fet_alloc(b->n_samples * b->g->n_inputs, sizeof *b->samples);
    if (b->samples == NULL) return FET_FAIL_MEMORY("bench", b->n_samples * 64);
    return random_samples(b);
}

static fet_status bench_init(struct bench *b, const struct cli_args *args)
{
    FET_TRY(fet_onnx_read(args->operands[1], &b->g));
    FET_TRY(fet_pool_new((int)fet_settings_int(args->own, "threads"), &b->pool));
    b->n_runs = fet_settings_int(args->own, "runs");
    b->outputs = fet_alloc(b->g->n_outputs, sizeof *b->outputs);
    b->ms = fet_alloc(b->n_runs, sizeof *b->ms);
    if (b->outputs == NULL || b->ms == NULL) return FET_FAIL_MEMORY("bench", b->n_runs * 8);
    FET_TRY(make_samples(b, args));
    if (fet_settings_flag(args->own, "int8"))
        FET_TRY(quantize(b, fet_settings_real(args->own, "agreement")));
    const struct fet_plan_options o = {
        .pool = b->pool, .has_times = fet_settings_flag(args->own, "explain"), .int8 = b->ranges};
    return fet_plan_new(b->g, b->samples, &o, &b->plan);
}

static fet_status measure(struct bench *b)
{
    for (int64_t i = -(b->n_runs / 10) - 1; i < b->n_runs; i++) {
        const double start = fet_clock_ms();
        FET_TRY(fet_plan_run(b->plan, b->samples, b->outputs));
        if (i >= 0) b->ms[i] = fet_clock_ms() - start;
    }
    qsort(b->ms, (size_t)b->n_runs, sizeof *b->ms, fet_compare_reals);
    return FET_OK;
}

static fet_status explain(const struct bench *b)
{
    struct fet_text text = {0};
    fet_plan_explain(b->plan, &text);
    const fet_status st = fet_text_status(&text, "bench");
    if (st == FET_OK) (void)fputs(fet_text_get(&text), stderr);
    fet_text_deinit(&text);
    return st;
}

static void print_json(const struct bench *b, double gflops)
{
    const struct fet_int8_report *const r = &b->report;
    printf("{\"median_ms\":%.4f,\"min_ms\":%.4f,\"gflops\":%.2f", b->ms[b->n_runs / 2], b->ms[0],
           gflops);
    if (b->ranges != NULL)
        printf(",\"agreement\":%.4f,\"error\":%.5f,\"int8\":%d,\"float\":%d,\"share\":%.4f",
               r->agreement, r->error, r->n_int8, r->n_float, r->share);
    printf("}\n");
}

static void print_words(const struct bench *b, double gflops)
{
    const struct fet_int8_report *const r = &b->report;
    printf("median %.3f ms, least %.3f ms, %.1f GFLOP/s\n", b->ms[b->n_runs / 2], b->ms[0], gflops);
    if (b->ranges == NULL) return;
    printf("%d products in int8 (%.0f %% of the arithmetic), %d in float: the largest output is "
           "the same for %.1f %%, the "
           "relative error is %.4f\n",
           r->n_int8, 100 * r->share, r->n_float, 100 * r->agreement, r->error);
    if (r->worst_name[0] != '\0')
        printf("all in int8: %.1f %%, %.4f; the most harm alone did '%s': %.4f\n",
               100 * r->full_agreement, r->full_error, r->worst_name, r->worst_error);
}

fet_status cli_bench_onnx(const struct cli_args *args)
{
    struct bench b = {0};
    fet_status st = bench_init(&b, args);
    if (st == FET_OK) st = measure(&b);
    if (st == FET_OK && fet_settings_flag(args->own, "explain")) st = explain(&b);
    if (st == FET_OK) {
        const double gflops = fet_plan_facts(b.plan).flops / b.ms[b.n_runs / 2] / 1e6;
        if (fet_settings_flag(args->own, "json"))
            print_json(&b, gflops);
        else
            print_words(&b, gflops);
    }
    bench_deinit(&b);
    return st;
}
