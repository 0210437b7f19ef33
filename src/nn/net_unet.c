/* U-Net: two convolutions on each level down; on the way up the level below, twice as large, beside
 * what the way down kept, and one convolution. */
#include "networks.h"

static int conv_norm(struct fet_nn *n, const char *name, int i, int x, int64_t in, int64_t out)
{
    char part[64];
    fet_text_format(part, sizeof part, "%s.%d.0", name, i);
    x = fet_nn_conv(n, part, x, &(struct fet_nn_conv){.in = in, .out = out, .kernel = 3, .pad = 1});
    fet_text_format(part, sizeof part, "%s.%d.1", name, i);
    return fet_nn_unary(n, "relu", fet_nn_batch_norm(n, part, x, out));
}

int fet_nn_unet(struct fet_nn *n, int x, const struct fet_nn_unet *o)
{
    enum { MAX_LEVELS = 8 };
    int kept[MAX_LEVELS] = {0};
    char name[64];
    int64_t in = o->in;
    if (n->status == FET_OK && (o->n_levels < 1 || o->n_levels > MAX_LEVELS)) {
        n->status = FET_ARGUMENT;
        fet_text_format(n->sentence, sizeof n->sentence, "unet: %d levels, 1 to %d are possible",
                        o->n_levels, MAX_LEVELS);
    }
    if (n->status != FET_OK) return FET_GRAPH_NONE;
    for (int i = 0; i < o->n_levels; i++) {
        if (i > 0) x = fet_nn_max_pool(n, NULL, x, 2, 2, 0);
        fet_text_format(name, sizeof name, "down.%d", i);
        x = conv_norm(n, name, 0, x, in, o->channels[i]);
        x = conv_norm(n, name, 1, x, o->channels[i], o->channels[i]);
        kept[i] = x;
        in = o->channels[i];
    }
    for (int i = o->n_levels - 2; i >= 0; i--) {
        fet_text_format(name, sizeof name, "up.%d", o->n_levels - 2 - i);
        x = fet_nn_upsample(n, name, x, 2);
        x = fet_nn_apply(n, name, "concat", "axis=1", 2, (int[]){x, kept[i]});
        x = conv_norm(n, name, 0, x, in + o->channels[i], o->channels[i]);
        in = o->channels[i];
    }
    return fet_nn_conv(
        n, "out", x, &(struct fet_nn_conv){.in = in, .out = o->out, .kernel = 1, .has_bias = true});
}
