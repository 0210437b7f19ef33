/* The reference networks of room nn by name, at their usual sizes, for `fettle onnx export`. */
#include <string.h>

#include "cli.h"
#include "nn.h"

/* An input of pictures: batch free. */
static int pictures(struct fet_nn *n, int64_t channels, int64_t side)
{
    return fet_nn_input(n, "pixels", FET_F32, 4,
                        (const int64_t[]){FET_GRAPH_FREE, channels, side, side});
}

static int build_mlp(struct fet_nn *n)
{
    const int x = fet_nn_input(n, "x", FET_F32, 2, (const int64_t[]){FET_GRAPH_FREE, 784});
    return fet_nn_mlp(n, x, 4, (const int64_t[]){784, 256, 128, 10});
}

static int build_resnet18(struct fet_nn *n)
{
    return fet_nn_resnet18(n, pictures(n, 3, 224), 3, 64, 1000);
}

static int build_mobilenet_v2(struct fet_nn *n)
{
    return fet_nn_mobilenet_v2(n, pictures(n, 3, 224), 3, 1, 1000);
}

static int build_unet(struct fet_nn *n)
{
    static const int64_t channels[] = {16, 32, 48, 64, 96};
    const struct fet_nn_unet o = {1, 1, channels, 5};
    return fet_nn_unet(n, pictures(n, 1, 160), &o);
}

static int build_vit_tiny(struct fet_nn *n)
{
    const struct fet_nn_vit o = {3, 224, 16, 192, 12, 3, 1000};
    return fet_nn_vit(n, pictures(n, 3, 224), &o);
}

/* A network of papers (Cora's size): 2,708 nodes of 1,433 words, 7 classes. */
static int build_graph_net(struct fet_nn *n)
{
    const int x = fet_nn_input(n, "x", FET_F32, 2, (const int64_t[]){2708, 1433});
    const int adjacency = fet_nn_input(n, "adjacency", FET_F32, 2, (const int64_t[]){2708, 2708});
    return fet_nn_graph_net(n, x, adjacency, 1433, 16, 7);
}

/* 80 mel bands over 4 s, 28 letters and the blank. */
static int build_speech_net(struct fet_nn *n)
{
    const int x =
        fet_nn_input(n, "features", FET_F32, 3, (const int64_t[]){FET_GRAPH_FREE, 80, 400});
    return fet_nn_speech_net(n, x, 80, 256, 29);
}

static const struct {
    const char *name;
    int (*build)(struct fet_nn *n); /* the scores */
} networks[] = {
    {"mlp", build_mlp},
    {"resnet18", build_resnet18},
    {"mobilenet_v2", build_mobilenet_v2},
    {"unet", build_unet},
    {"vit_tiny", build_vit_tiny},
    {"graph_net", build_graph_net},
    {"speech_net", build_speech_net},
};

fet_status cli_network_make(const char *name, struct fet_graph **g)
{
    struct fet_graph *made = NULL;
    struct fet_nn n;
    size_t i = 0;
    while (i < sizeof networks / sizeof *networks && strcmp(networks[i].name, name) != 0) i++;
    if (i == sizeof networks / sizeof *networks) {
        *g = NULL;
        return FET_OK;
    }
    FET_TRY(fet_graph_new(&made));
    fet_nn_init(&n, made, 1);
    const int scores = networks[i].build(&n);
    fet_status st = fet_nn_finish(&n);
    if (st == FET_OK) st = fet_graph_add_output(made, scores);
    if (st != FET_OK) {
        fet_graph_free(made);
        return st;
    }
    *g = made;
    return FET_OK;
}
