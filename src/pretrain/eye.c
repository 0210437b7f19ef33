/* Four stages of residual blocks (He 2016), each half as large as the one before, and one map of
 * descriptions at an eighth of the picture, to which a finer and a coarser stage add what they see
 * (Lin 2017). 0.4 G multiplications for 256 x 256 pixels. */
#include "eye.h"

#include <string.h>

static const int64_t widths[] = {16, 32, 64, 96};

static int conv_norm(struct fet_nn *n, const char *name, int x, int64_t in, int64_t out, int stride)
{
    char part[96];
    fet_text_format(part, sizeof part, "%s.conv", name);
    x = fet_nn_conv(
        n, part, x,
        &(struct fet_nn_conv){.in = in, .out = out, .kernel = 3, .stride = stride, .pad = 1});
    fet_text_format(part, sizeof part, "%s.norm", name);
    return fet_nn_batch_norm(n, part, x, out);
}

static int residual(struct fet_nn *n, const char *name, int x, int64_t width)
{
    char part[80];
    fet_text_format(part, sizeof part, "%s.a", name);
    int y = fet_nn_unary(n, "relu", conv_norm(n, part, x, width, width, 1));
    fet_text_format(part, sizeof part, "%s.b", name);
    y = conv_norm(n, part, y, width, width, 1);
    return fet_nn_unary(n, "relu", fet_nn_binary(n, "add", x, y));
}

/* Halves the map, then n_blocks residual blocks. */
static int stage(struct fet_nn *n, int i, int x, int n_blocks)
{
    char name[64];
    fet_text_format(name, sizeof name, "eye.stage%d.down", i);
    x = conv_norm(n, name, x, i == 0 ? 3 : widths[i - 1], widths[i], 2);
    x = fet_nn_unary(n, "relu", x);
    for (int k = 0; k < n_blocks; k++) {
        fet_text_format(name, sizeof name, "eye.stage%d.block%d", i, k);
        x = residual(n, name, x, widths[i]);
    }
    return x;
}

static int project(struct fet_nn *n, const char *name, int x, int64_t in, int kernel, int stride)
{
    return fet_nn_conv(n, name, x,
                       &(struct fet_nn_conv){.in = in,
                                             .out = FET_EYE_NUMBERS,
                                             .kernel = kernel,
                                             .stride = stride,
                                             .pad = kernel / 2,
                                             .has_bias = true,
                                             .is_plain_start = true});
}

int fet_eye_add(struct fet_nn *n, int pictures)
{
    const int fine = stage(n, 1, stage(n, 0, pictures, 0), 1);
    const int middle = stage(n, 2, fine, 2);
    const int coarse = stage(n, 3, middle, 2);
    int y = project(n, "eye.middle", middle, widths[2], 1, 1);
    y = fet_nn_binary(n, "add", y, project(n, "eye.fine", fine, widths[1], 3, 2));
    y = fet_nn_binary(
        n, "add", y,
        fet_nn_upsample(n, "eye.larger", project(n, "eye.coarse", coarse, widths[3], 1, 1), 2));
    const int z = project(n, "eye.mixed", fet_nn_unary(n, "relu", y), FET_EYE_NUMBERS, 3, 1);
    return fet_nn_binary(n, "add", y, z);
}

static fet_status parameters_copy(const struct fet_graph *from, struct fet_graph *to)
{
    for (int i = 0; i < to->n_values; i++) {
        struct fet_graph_value *const v = &to->values[i];
        if (!v->is_parameter) continue;
        const int k = fet_graph_find_value(from, v->name);
        if (k == FET_GRAPH_NONE || !fet_shape_is_equal(&from->values[k].shape, &v->shape))
            return FET_FAIL(FET_ARGUMENT, "eye: there is no parameter '%s' of its shape", v->name);
        memcpy(v->constant.data, from->values[k].constant.data, fet_tensor_bytes(&v->constant));
    }
    return FET_OK;
}

fet_status fet_eye_new(const struct fet_graph *from, struct fet_graph **eye)
{
    struct fet_graph *whole = NULL;
    struct fet_nn n;
    FET_TRY(fet_graph_new(&whole));
    fet_nn_init(&n, whole, 0);
    const int x =
        fet_nn_input(&n, "picture", FET_F32, 4,
                     (const int64_t[]){FET_GRAPH_FREE, 3, FET_GRAPH_FREE, FET_GRAPH_FREE});
    const int y = fet_nn_apply(&n, "descriptions", "identity", "", 1, (int[]){fet_eye_add(&n, x)});
    fet_status st = fet_nn_finish(&n);
    if (st == FET_OK) st = parameters_copy(from, whole);
    /* Cut free of the running statistics' updates. */
    if (st == FET_OK) st = fet_graph_cut(whole, &y, 1, eye);
    fet_graph_free(whole);
    return st;
}
