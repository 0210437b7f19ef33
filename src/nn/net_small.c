/* The small networks: several linear layers, a graph net, speech. */
#include "networks.h"

int fet_nn_mlp(struct fet_nn *n, int x, int n_sizes, const int64_t *sizes)
{
    char name[16];
    for (int i = 0; i + 1 < n_sizes; i++) {
        if (i > 0) x = fet_nn_unary(n, "relu", x);
        fet_text_format(name, sizeof name, "%d", 2 * i);
        x = fet_nn_linear(n, name, x, sizes[i], sizes[i + 1], true);
    }
    return x;
}

int fet_nn_graph_net(struct fet_nn *n, int x, int adjacency, int64_t in, int64_t hidden,
                     int64_t classes)
{
    x = fet_nn_unary(n, "relu", fet_nn_graph_conv(n, "conv1", adjacency, x, in, hidden));
    return fet_nn_graph_conv(n, "conv2", adjacency, x, hidden, classes);
}

int fet_nn_speech_net(struct fet_nn *n, int x, int64_t in, int64_t width, int64_t classes)
{
    char name[32];
    const struct fet_nn_conv first = {
        .in = in, .out = width, .kernel = 5, .n_spatial = 1, .stride = 2, .pad = 2};
    const struct fet_nn_conv deep = {
        .in = width, .out = width, .kernel = 5, .n_spatial = 1, .pad = 2, .groups = (int)width};
    const struct fet_nn_conv point = {.in = width, .out = width, .kernel = 1, .n_spatial = 1};
    const struct fet_nn_conv last = {
        .in = width, .out = classes, .kernel = 1, .n_spatial = 1, .has_bias = true};
    x = fet_nn_conv(n, "0.conv", x, &first);
    x = fet_nn_unary(n, "relu", fet_nn_batch_norm(n, "0.norm", x, width));
    for (int i = 1; i <= 2; i++) {
        fet_text_format(name, sizeof name, "%d.deep", i);
        int y = fet_nn_conv(n, name, x, &deep);
        fet_text_format(name, sizeof name, "%d.point", i);
        y = fet_nn_conv(n, name, y, &point);
        fet_text_format(name, sizeof name, "%d.norm", i);
        y = fet_nn_batch_norm(n, name, y, width);
        x = fet_nn_unary(n, "relu", fet_nn_binary(n, "add", x, y));
    }
    x = fet_nn_conv(n, "out", x, &last);
    x = fet_nn_apply(n, NULL, "transpose", "perm=2,0,1", 1, &x);
    return fet_nn_apply(n, NULL, "log_softmax", "axis=2", 1, &x);
}
