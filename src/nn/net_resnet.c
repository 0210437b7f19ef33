/* ResNet-18: four stages of two blocks; a block adds its input, or a 1x1 convolution of it where
 * the size changes, to two convolutions of 3x3. */
#include "networks.h"

static int conv_norm(struct fet_nn *n, const char *scope, int i, int x, const struct fet_nn_conv *o)
{
    char name[128];
    fet_text_format(name, sizeof name, "%s%sconv%d", scope, scope[0] != '\0' ? "." : "", i);
    x = fet_nn_conv(n, name, x, o);
    fet_text_format(name, sizeof name, "%s%sbn%d", scope, scope[0] != '\0' ? "." : "", i);
    return fet_nn_batch_norm(n, name, x, o->out);
}

static int block(struct fet_nn *n, const char *name, int x, int64_t in, int64_t out, int stride)
{
    char part[128];
    const struct fet_nn_conv first = {
        .in = in, .out = out, .kernel = 3, .stride = stride, .pad = 1};
    const struct fet_nn_conv second = {.in = out, .out = out, .kernel = 3, .pad = 1};
    int y = fet_nn_unary(n, "relu", conv_norm(n, name, 1, x, &first));
    y = conv_norm(n, name, 2, y, &second);
    if (in != out || stride != 1) {
        fet_text_format(part, sizeof part, "%s.downsample.0", name);
        x = fet_nn_conv(n, part, x,
                        &(struct fet_nn_conv){.in = in, .out = out, .kernel = 1, .stride = stride});
        fet_text_format(part, sizeof part, "%s.downsample.1", name);
        x = fet_nn_batch_norm(n, part, x, out);
    }
    return fet_nn_unary(n, "relu", fet_nn_binary(n, "add", y, x));
}

int fet_nn_resnet18(struct fet_nn *n, int x, int64_t channels, int64_t width, int64_t classes)
{
    char name[64];
    const struct fet_nn_conv stem = {
        .in = channels, .out = width, .kernel = 7, .stride = 2, .pad = 3};
    int64_t in = width;
    x = fet_nn_unary(n, "relu", conv_norm(n, "", 1, x, &stem));
    x = fet_nn_max_pool(n, "maxpool", x, 3, 2, 1);
    for (int stage = 0; stage < 4; stage++) {
        const int64_t out = width << stage;
        for (int i = 0; i < 2; i++) {
            fet_text_format(name, sizeof name, "layer%d.%d", stage + 1, i);
            x = block(n, name, x, in, out, stage > 0 && i == 0 ? 2 : 1);
            in = out;
        }
    }
    x = fet_nn_apply(n, "avgpool", "global_average_pool", "", 1, &x);
    x = fet_nn_apply(n, "flatten", "flatten", "", 1, &x);
    return fet_nn_linear(n, "fc", x, in, classes, true);
}
