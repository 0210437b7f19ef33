/* MobileNetV2: inverted residual blocks, which widen by 1x1, filter each channel by 3x3, and narrow
 * by 1x1 without an activation. */
#include "networks.h"

/* The multiple of 8 that is nearest, but never more than a tenth below. */
static int64_t in_eights(double channels)
{
    int64_t c = (int64_t)(channels + 4) / 8 * 8;
    if (c < 8) c = 8;
    return (double)c < 0.9 * channels ? c + 8 : c;
}

static int conv_norm(struct fet_nn *n, const char *scope, const char *conv, const char *norm, int x,
                     const struct fet_nn_conv *o)
{
    char name[128];
    fet_text_format(name, sizeof name, "%s.%s", scope, conv);
    x = fet_nn_conv(n, name, x, o);
    fet_text_format(name, sizeof name, "%s.%s", scope, norm);
    return fet_nn_batch_norm(n, name, x, o->out);
}

static int relu6(struct fet_nn *n, int x)
{
    struct fet_tensor t = {0};
    int ends[2] = {FET_GRAPH_NONE, FET_GRAPH_NONE};
    for (int i = 0; n->status == FET_OK && i < 2; i++) {
        n->status = fet_tensor_new(FET_F32, 0, NULL, &t);
        if (n->status != FET_OK) break;
        *fet_tensor_f32(&t) = i == 0 ? 0 : 6;
        n->status = fet_graph_add_constant(n->g, NULL, &t, &ends[i]);
        fet_tensor_unref(&t);
    }
    if (n->status != FET_OK && n->sentence[0] == '\0')
        fet_text_format(n->sentence, sizeof n->sentence, "%s", fet_status_message());
    return fet_nn_apply(n, NULL, "clip", "", 3, (int[]){x, ends[0], ends[1]});
}

/* expand times wider inside. */
static int block(struct fet_nn *n, int index, int x, int64_t in, int64_t out, int stride,
                 int expand)
{
    char name[64], conv[16], norm[16];
    const int64_t wide = in * expand;
    int y = x, i = 0;
    fet_text_format(name, sizeof name, "features.%d.conv", index);
    if (expand > 1) {
        y = relu6(n, conv_norm(n, name, "0.0", "0.1", y,
                               &(struct fet_nn_conv){.in = in, .out = wide, .kernel = 1}));
        i = 1;
    }
    const struct fet_nn_conv deep = {
        .in = wide, .out = wide, .kernel = 3, .stride = stride, .pad = 1, .groups = (int)wide};
    fet_text_format(conv, sizeof conv, "%d.0", i);
    fet_text_format(norm, sizeof norm, "%d.1", i);
    y = relu6(n, conv_norm(n, name, conv, norm, y, &deep));
    fet_text_format(conv, sizeof conv, "%d", i + 1);
    fet_text_format(norm, sizeof norm, "%d", i + 2);
    y = conv_norm(n, name, conv, norm, y,
                  &(struct fet_nn_conv){.in = wide, .out = out, .kernel = 1});
    return stride == 1 && in == out ? fet_nn_binary(n, "add", x, y) : y;
}

int fet_nn_mobilenet_v2(struct fet_nn *n, int x, int64_t channels, double width, int64_t classes)
{
    static const struct {
        int expand, channels, repeats, stride;
    } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                  {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    const struct fet_nn_conv stem = {
        .in = channels, .out = in_eights(32 * width), .kernel = 3, .stride = 2, .pad = 1};
    int64_t in = stem.out;
    int index = 1;
    x = relu6(n, conv_norm(n, "features.0", "0", "1", x, &stem));
    for (size_t s = 0; s < sizeof stages / sizeof stages[0]; s++) {
        const int64_t out = in_eights(stages[s].channels * width);
        for (int i = 0; i < stages[s].repeats; i++) {
            x = block(n, index++, x, in, out, i == 0 ? stages[s].stride : 1, stages[s].expand);
            in = out;
        }
    }
    const struct fet_nn_conv head = {
        .in = in, .out = in_eights(1280 * (width > 1 ? width : 1)), .kernel = 1};
    x = relu6(n, conv_norm(n, "features.18", "0", "1", x, &head));
    x = fet_nn_apply(n, "avgpool", "global_average_pool", "", 1, &x);
    x = fet_nn_apply(n, "flatten", "flatten", "", 1, &x);
    return fet_nn_linear(n, "classifier.1", x, head.out, classes, true);
}
