/* A network that knows made parts: ResNet-18 or MobileNetV2 trained here to name the family of a
 * part, and written as ONNX. What int8 costs is measured on networks that know what they see; an
 * untrained one, or one that was trained on dogs, has outputs that lie close together.
 *
 *     train_families resnet18|mobilenet OUT.onnx [STEPS [BATCH [SIZE [N_THREADS]]]]
 *                                                       default: 300 16 224 2
 *
 * Every picture is made once, another product each; values from -1 to 1, as fettle bench onnx gives
 * them. Prints the mean loss, as it is before each step. */
#include "nn.h"
#include "onnx.h"
#include "pixels.h"
#include "synth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_TOLD = 25 }; /* steps of a printed mean */

struct work {
    int64_t n_steps, n_batch, size;
    int n_families;
    struct fet_graph *g;
    struct fet_trainer *trainer;
    struct fet_pool *pool;
    struct fet_arena *scratch;   /* one per worker */
    struct fet_tensor inputs[2]; /* [N,3,size,size], [N] */
    int64_t first;               /* the number of the batch's first picture */
    int scores;
};

/* Picture i of the batch and its family. */
static fet_status make_one(void *self, int64_t i, int worker)
{
    const struct work *const w = self;
    const int64_t number = w->first + i, n = 3 * w->size * w->size;
    const int family = (int)(number % w->n_families);
    const struct fet_synth_order order = {.family = fet_synth_family_name(family),
                                          .product = (uint64_t)(1000000 + number),
                                          .seed = 7,
                                          .index = number,
                                          .size_px = (int)w->size,
                                          .variation = 0.5};
    struct fet_synth_part part;
    FET_TRY(fet_synth_make_in(&order, &w->scratch[worker], &part));
    float *const x = fet_tensor_f32(&w->inputs[0]) + i * n;
    fet_image_to_planes(&part.picture, x);
    for (int64_t k = 0; k < n; k++) x[k] = 2 * x[k] - 1;
    ((int64_t *)w->inputs[1].data)[i] = family;
    fet_synth_part_deinit(&part);
    return FET_OK;
}

static fet_status build(struct work *w, bool is_resnet)
{
    struct fet_nn n;
    FET_TRY(fet_graph_new(&w->g));
    fet_nn_init(&n, w->g, 1);
    const int x = fet_nn_input(&n, "input", FET_F32, 4,
                               (const int64_t[]){FET_GRAPH_FREE, 3, w->size, w->size});
    const int y = fet_nn_input(&n, "family", FET_I64, 1, (const int64_t[]){FET_GRAPH_FREE});
    w->scores = is_resnet ? fet_nn_resnet18(&n, x, 3, 64, w->n_families)
                          : fet_nn_mobilenet_v2(&n, x, 3, 1.0, w->n_families);
    const int loss = fet_nn_cross_entropy(&n, w->scores, y);
    FET_TRY(fet_nn_finish(&n));
    FET_TRY(fet_graph_add_output(w->g, w->scores));
    FET_TRY(fet_tensor_new(FET_F32, 4, (const int64_t[]){w->n_batch, 3, w->size, w->size},
                           &w->inputs[0]));
    FET_TRY(fet_tensor_new(FET_I64, 1, &w->n_batch, &w->inputs[1]));
    const struct fet_shape shapes[] = {w->inputs[0].shape, w->inputs[1].shape};
    const struct fet_trainer_options o = {
        .optimiser = fet_optimiser_usual(FET_ADAMW),
        .schedule = {.kind = FET_SCHEDULE_ONE_CYCLE,
                     .rate = 1e-3,
                     .last = 1e-4,
                     .n_steps = w->n_steps},
        .tape = {.n_threads = fet_pool_threads(w->pool), .allows_winograd = true}};
    return fet_trainer_new(w->g, loss, shapes, &o, &w->trainer);
}

static fet_status train(struct work *w)
{
    double sum = 0;
    for (int64_t step = 0; step < w->n_steps; step++) {
        double loss = 0;
        w->first = step * w->n_batch;
        FET_TRY(fet_pool_run(w->pool, w->n_batch, make_one, w));
        FET_TRY(fet_trainer_step(w->trainer, w->inputs, &loss));
        sum += loss;
        if ((step + 1) % N_TOLD != 0) continue;
        printf("step %lld: loss %.4f\n", (long long)step + 1, sum / N_TOLD);
        (void)fflush(stdout);
        sum = 0;
    }
    return fet_tape_store(fet_trainer_tape(w->trainer));
}

static fet_status write_network(const struct work *w, const char *path)
{
    struct fet_graph *cut = NULL;
    FET_TRY(fet_graph_cut(w->g, &w->scores, 1, &cut));
    const fet_status st = fet_onnx_write(cut, 0, path);
    fet_graph_free(cut);
    return st;
}

static int64_t number_of(int argc, char **argv, int i, int64_t standard)
{
    return argc > i ? strtoll(argv[i], NULL, 10) : standard;
}

static fet_status run(struct work *w, int argc, char **argv)
{
    const bool is_resnet = argc > 1 && strcmp(argv[1], "resnet18") == 0;
    if (argc < 3 || (!is_resnet && strcmp(argv[1], "mobilenet") != 0))
        return FET_FAIL(FET_ARGUMENT, "wanted resnet18|mobilenet OUT.onnx");
    w->n_steps = number_of(argc, argv, 3, 300);
    w->n_batch = number_of(argc, argv, 4, 16);
    w->size = number_of(argc, argv, 5, 224);
    while (fet_synth_family_name(w->n_families) != NULL) w->n_families++;
    FET_TRY(fet_pool_new((int)number_of(argc, argv, 6, 2), &w->pool));
    w->scratch = fet_alloc(fet_pool_threads(w->pool), sizeof *w->scratch);
    if (w->scratch == NULL) return FET_FAIL_MEMORY("scratch", fet_pool_threads(w->pool));
    FET_TRY(build(w, is_resnet));
    FET_TRY(train(w));
    return write_network(w, argv[2]);
}

int main(int argc, char **argv)
{
    struct work w = {0};
    const fet_status st = run(&w, argc, argv);
    if (st != FET_OK) fprintf(stderr, "train_families: %s\n", fet_status_message());
    fet_trainer_free(w.trainer);
    for (int i = 0; i < 2; i++) fet_tensor_unref(&w.inputs[i]);
    fet_graph_free(w.g);
    for (int i = 0; w.scratch != NULL && i < fet_pool_threads(w.pool); i++)
        fet_arena_deinit(&w.scratch[i]);
    fet_free(w.scratch);
    fet_pool_free(w.pool);
    return st == FET_OK ? 0 : 1;
}
