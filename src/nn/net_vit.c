/* Vision transformer: patches as tokens, a class token in front, learned positions, blocks of
 * attention and a two-layer network, both behind a layer norm and added to their input. */
#include "networks.h"

static int block(struct fet_nn *n, int i, int x, int64_t tokens, const struct fet_nn_vit *o)
{
    char name[64];
    fet_text_format(name, sizeof name, "blocks.%d.norm1", i);
    int y = fet_nn_layer_norm(n, name, x, o->size);
    fet_text_format(name, sizeof name, "blocks.%d.attn", i);
    x = fet_nn_binary(n, "add", x, fet_nn_attention(n, name, y, tokens, o->size, o->heads));
    fet_text_format(name, sizeof name, "blocks.%d.norm2", i);
    y = fet_nn_layer_norm(n, name, x, o->size);
    fet_text_format(name, sizeof name, "blocks.%d.mlp.fc1", i);
    y = fet_nn_unary(n, "gelu", fet_nn_linear_tokens(n, name, y, tokens, o->size, 4 * o->size));
    fet_text_format(name, sizeof name, "blocks.%d.mlp.fc2", i);
    return fet_nn_binary(n, "add", x,
                         fet_nn_linear_tokens(n, name, y, tokens, 4 * o->size, o->size));
}

/* Patches [N,T,D] to [N,T+1,D]. The batch is free, so the token cannot be repeated N times and put
 * in front; instead a zero row is put there, and the token is added to it by broadcasting. */
static int with_class_token(struct fet_nn *n, int patches, const struct fet_nn_vit *o,
                            int64_t n_patches)
{
    const int pads = fet_nn_constant_ints(n, 6, (const int64_t[]){0, 1, 0, 0, 0, 0});
    const int moved = fet_nn_apply(n, NULL, "pad", "", 2, (int[]){patches, pads});
    const int token = fet_nn_parameter(n, "", "cls_token", FET_NN_TRUNCATED, 0.02, 3,
                                       (const int64_t[]){1, 1, o->size});
    const int behind = fet_nn_constant_ints(n, 6, (const int64_t[]){0, 0, 0, 0, n_patches, 0});
    const int place = fet_nn_apply(n, NULL, "pad", "", 2, (int[]){token, behind});
    return fet_nn_binary(n, "add", moved, place);
}

int fet_nn_vit(struct fet_nn *n, int x, const struct fet_nn_vit *o)
{
    const int64_t n_patches = (o->side / o->patch) * (o->side / o->patch), tokens = n_patches + 1;
    const struct fet_nn_conv patches = {.in = o->channels,
                                        .out = o->size,
                                        .kernel = (int)o->patch,
                                        .stride = (int)o->patch,
                                        .has_bias = true,
                                        .is_plain_start = true};
    x = fet_nn_conv(n, "patch_embed.proj", x, &patches);
    x = fet_nn_reshape(n, x, 3, (const int64_t[]){-1, o->size, n_patches});
    x = fet_nn_apply(n, NULL, "transpose", "perm=0,2,1", 1, &x);
    x = with_class_token(n, x, o, n_patches);
    x = fet_nn_binary(n, "add", x,
                      fet_nn_parameter(n, "", "pos_embed", FET_NN_TRUNCATED, 0.02, 3,
                                       (const int64_t[]){1, tokens, o->size}));
    for (int i = 0; i < (int)o->depth; i++) x = block(n, i, x, tokens, o);
    x = fet_nn_layer_norm(n, "norm", x, o->size);
    const int first = fet_nn_constant_ints(n, 1, (const int64_t[]){0});
    x = fet_nn_apply(n, NULL, "gather", "axis=1", 2, (int[]){x, first});
    x = fet_nn_reshape(n, x, 2, (const int64_t[]){-1, o->size});
    return fet_nn_linear(n, "head", x, o->size, o->classes, true);
}
