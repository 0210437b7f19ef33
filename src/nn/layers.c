/* The builder: each call adds what it names to the graph, unless something failed before. */
#include "layers.h"

#include <math.h>
#include <string.h>

void fet_nn_init(struct fet_nn *n, struct fet_graph *g, uint64_t seed)
{
    *n = (struct fet_nn){.g = g};
    fet_rng_init(&n->rng, seed, 0x6e6e);
}

fet_status fet_nn_finish(struct fet_nn *n)
{
    const fet_status st = n->status;
    fet_arena_deinit(&n->arena);
    n->arena = (struct fet_arena){0};
    if (st == FET_OK) return FET_OK;
    return FET_FAIL(st, "%s", n->sentence);
}

/* Keeps the first failure; returns the value or FET_GRAPH_NONE. */
static int keep(struct fet_nn *n, fet_status st, int value)
{
    if (st == FET_OK) return value;
    if (n->status == FET_OK) {
        n->status = st;
        fet_text_format(n->sentence, sizeof n->sentence, "%s", fet_status_message());
    }
    return FET_GRAPH_NONE;
}

/* ---- sources ---- */

int fet_nn_input(struct fet_nn *n, const char *name, enum fet_dtype dtype, int n_dims,
                 const int64_t *dims)
{
    int v = FET_GRAPH_NONE;
    if (n->status != FET_OK) return v;
    const fet_status st = fet_graph_add_input(n->g, name, dtype, n_dims, dims, &v);
    return keep(n, st, v);
}

static int add_constant(struct fet_nn *n, struct fet_tensor *t, const void *values)
{
    int v = FET_GRAPH_NONE;
    if (fet_tensor_bytes(t) > 0) memcpy(t->data, values, fet_tensor_bytes(t));
    const fet_status st = fet_graph_add_constant(n->g, NULL, t, &v);
    fet_tensor_unref(t);
    return keep(n, st, v);
}

int fet_nn_constant_ints(struct fet_nn *n, int64_t count, const int64_t *values)
{
    struct fet_tensor t = {0};
    if (n->status != FET_OK) return FET_GRAPH_NONE;
    const fet_status st = fet_tensor_new(FET_I64, 1, &count, &t);
    return st == FET_OK ? add_constant(n, &t, values) : keep(n, st, 0);
}

static int constant_reals(struct fet_nn *n, int n_dims, int64_t count, const float *values)
{
    struct fet_tensor t = {0};
    if (n->status != FET_OK) return FET_GRAPH_NONE;
    const fet_status st = fet_tensor_new(FET_F32, n_dims, &count, &t);
    return st == FET_OK ? add_constant(n, &t, values) : keep(n, st, 0);
}

int fet_nn_constant_real(struct fet_nn *n, double value)
{
    return constant_reals(n, 0, 1, (const float[]){(float)value});
}

static double draw(struct fet_rng *r, enum fet_nn_start start, double scale)
{
    double z = 0;
    switch (start) {
    case FET_NN_ZEROS:
        return 0;
    case FET_NN_ONES:
        return 1;
    case FET_NN_NORMAL:
    case FET_NN_KAIMING_NORMAL:
        return scale * fet_rng_normal(r);
    case FET_NN_TRUNCATED:
        do z = fet_rng_normal(r);
        while (fabs(z) > 2);
        return scale * z;
    case FET_NN_UNIFORM:
    case FET_NN_KAIMING_UNIFORM:
    case FET_NN_XAVIER_UNIFORM:
        break;
    }
    return fet_rng_between(r, -scale, scale);
}

static double scale_of(enum fet_nn_start start, double scale, const struct fet_shape *s)
{
    double fan_in = 1, fan_out = s->n_dims > 0 ? (double)s->dims[0] : 1;
    for (int i = 1; i < s->n_dims; i++) fan_in *= (double)s->dims[i];
    for (int i = 2; i < s->n_dims; i++) fan_out *= (double)s->dims[i];
    if (start == FET_NN_KAIMING_NORMAL) return sqrt(2 / fmax(fan_in, 1));
    if (start == FET_NN_KAIMING_UNIFORM) return sqrt(1 / fmax(fan_in, 1));
    if (start == FET_NN_XAVIER_UNIFORM) return sqrt(6 / fmax(fan_in + fan_out, 1));
    return scale;
}

int fet_nn_parameter(struct fet_nn *n, const char *scope, const char *name, enum fet_nn_start start,
                     double scale, int n_dims, const int64_t *dims)
{
    struct fet_tensor t = {0};
    char full[256];
    int v = FET_GRAPH_NONE;
    if (n->status != FET_OK) return v;
    fet_text_format(full, sizeof full, "%s%s%s", scope, scope[0] != '\0' ? "." : "", name);
    fet_status st = fet_tensor_new(FET_F32, n_dims, dims, &t);
    if (st != FET_OK) return keep(n, st, v);
    const double width = scale_of(start, scale, &t.shape);
    const int64_t count = fet_tensor_count(&t);
    for (int64_t i = 0; i < count; i++) fet_tensor_f32(&t)[i] = (float)draw(&n->rng, start, width);
    st = fet_graph_add_parameter(n->g, full, &t, &v);
    fet_tensor_unref(&t);
    return keep(n, st, v);
}

/* ---- nodes ---- */

static fet_status apply(struct fet_nn *n, const char *name, const char *op, const char *attrs,
                        int n_x, const int *x, int n_y, int *y)
{
    const struct fet_op *const found = fet_op_find(op);
    if (found == NULL) return FET_FAIL(FET_ARGUMENT, "nn: there is no operator '%s'", op);
    struct fet_attr_value *const values =
        fet_arena_alloc(&n->arena, fet_op_n_attrs(found) + 1, sizeof *values);
    if (values == NULL) return FET_FAIL_MEMORY("nn", fet_op_n_attrs(found));
    FET_TRY(fet_op_parse_attrs(found, attrs, &n->arena, values));
    const struct fet_graph_call call = {
        .name = name, .op = found, .attrs = values, .x = x, .n_x = n_x, .n_y = n_y};
    return fet_graph_add_node(n->g, &call, y);
}

int fet_nn_apply(struct fet_nn *n, const char *name, const char *op, const char *attrs, int n_x,
                 const int *x)
{
    int y = FET_GRAPH_NONE;
    if (n->status != FET_OK) return y;
    const fet_status st = apply(n, name, op, attrs, n_x, x, 1, &y);
    return keep(n, st, y);
}

int fet_nn_unary(struct fet_nn *n, const char *op, int x)
{
    return fet_nn_apply(n, NULL, op, "", 1, &x);
}

int fet_nn_binary(struct fet_nn *n, const char *op, int a, int b)
{
    return fet_nn_apply(n, NULL, op, "", 2, (int[]){a, b});
}

int fet_nn_reshape(struct fet_nn *n, int x, int n_dims, const int64_t *dims)
{
    return fet_nn_binary(n, "reshape", x, fet_nn_constant_ints(n, n_dims, dims));
}

int fet_nn_upsample(struct fet_nn *n, const char *name, int x, double scale)
{
    const float s = (float)scale;
    const int scales = constant_reals(n, 1, 4, (const float[]){1, 1, s, s});
    return fet_nn_apply(n, name, "resize",
                        "mode=nearest coordinate_transformation_mode=asymmetric nearest_mode=floor",
                        3, (int[]){x, FET_GRAPH_NONE, scales});
}

int fet_nn_max_pool(struct fet_nn *n, const char *name, int x, int kernel, int stride, int pad)
{
    char attrs[128];
    fet_text_format(attrs, sizeof attrs, "kernel_shape=%d,%d strides=%d,%d pads=%d,%d,%d,%d",
                    kernel, kernel, stride, stride, pad, pad, pad, pad);
    return fet_nn_apply(n, name, "max_pool", attrs, 1, &x);
}

int fet_nn_dropout(struct fet_nn *n, const char *name, int x, double ratio)
{
    const int r = fet_nn_constant_real(n, ratio);
    return fet_nn_apply(n, name, "dropout", "", 2, (int[]){x, r});
}

/* ---- layers ---- */

/* "1,1" for two dimensions. */
static void repeat(char out[64], int value, int times)
{
    out[0] = '\0';
    for (int i = 0; i < times; i++) {
        const size_t at = strlen(out);
        fet_text_format(out + at, 64 - at, "%s%d", i > 0 ? "," : "", value);
    }
}

int fet_nn_conv(struct fet_nn *n, const char *name, int x, const struct fet_nn_conv *o)
{
    char attrs[256], strides[64], pads[64];
    const int d = o->n_spatial > 0 ? o->n_spatial : 2, groups = o->groups > 0 ? o->groups : 1;
    int64_t dims[FET_MAX_DIMS] = {o->out, o->in / groups}, fan_in = o->in / groups,
            fan_out = o->out / groups;
    for (int i = 0; i < d; i++) {
        dims[2 + i] = o->kernel;
        fan_in *= o->kernel;
        fan_out *= o->kernel;
    }
    repeat(strides, o->stride > 0 ? o->stride : 1, d);
    repeat(pads, o->pad, 2 * d);
    fet_text_format(attrs, sizeof attrs, "strides=%s pads=%s group=%d", strides, pads, groups);
    const double scale = sqrt(2 / fmax((double)fan_out, 1));
    const int w = fet_nn_parameter(n, name, "weight",
                                   o->is_plain_start ? FET_NN_KAIMING_UNIFORM : FET_NN_NORMAL,
                                   scale, 2 + d, dims);
    int b = FET_GRAPH_NONE;
    if (o->has_bias)
        b = fet_nn_parameter(n, name, "bias", FET_NN_UNIFORM, sqrt(1 / fmax((double)fan_in, 1)), 1,
                             &o->out);
    return fet_nn_apply(n, name, "conv", attrs, o->has_bias ? 3 : 2, (int[]){x, w, b});
}

int fet_nn_batch_norm(struct fet_nn *n, const char *name, int x, int64_t channels)
{
    int y[3] = {FET_GRAPH_NONE, FET_GRAPH_NONE, FET_GRAPH_NONE};
    const int in[] = {x, fet_nn_parameter(n, name, "weight", FET_NN_ONES, 0, 1, &channels),
                      fet_nn_parameter(n, name, "bias", FET_NN_ZEROS, 0, 1, &channels),
                      fet_nn_parameter(n, name, "running_mean", FET_NN_ZEROS, 0, 1, &channels),
                      fet_nn_parameter(n, name, "running_var", FET_NN_ONES, 0, 1, &channels)};
    if (n->status != FET_OK) return FET_GRAPH_NONE;
    fet_status st = apply(n, name, "batch_norm", "", 5, in, 3, y);
    if (st == FET_OK) st = fet_graph_set_update(n->g, in[3], y[1]);
    if (st == FET_OK) st = fet_graph_set_update(n->g, in[4], y[2]);
    return keep(n, st, y[0]);
}

int fet_nn_layer_norm(struct fet_nn *n, const char *name, int x, int64_t size)
{
    const int w = fet_nn_parameter(n, name, "weight", FET_NN_ONES, 0, 1, &size);
    const int b = fet_nn_parameter(n, name, "bias", FET_NN_ZEROS, 0, 1, &size);
    return fet_nn_apply(n, name, "layer_norm", "", 3, (int[]){x, w, b});
}

int fet_nn_linear(struct fet_nn *n, const char *name, int x, int64_t in, int64_t out, bool has_bias)
{
    const int w = fet_nn_parameter(n, name, "weight", FET_NN_KAIMING_UNIFORM, 0, 2,
                                   (const int64_t[]){out, in});
    int b = FET_GRAPH_NONE;
    if (has_bias)
        b = fet_nn_parameter(n, name, "bias", FET_NN_UNIFORM, sqrt(1 / fmax((double)in, 1)), 1,
                             &out);
    return fet_nn_apply(n, name, "gemm", "transB=1", has_bias ? 3 : 2, (int[]){x, w, b});
}

int fet_nn_linear_tokens(struct fet_nn *n, const char *name, int x, int64_t tokens, int64_t in,
                         int64_t out)
{
    const int rows = fet_nn_reshape(n, x, 2, (const int64_t[]){-1, in});
    const int y = fet_nn_linear(n, name, rows, in, out, true);
    return fet_nn_reshape(n, y, 3, (const int64_t[]){-1, tokens, out});
}

int fet_nn_embedding(struct fet_nn *n, const char *name, int indices, int64_t count, int64_t size)
{
    const int table =
        fet_nn_parameter(n, name, "weight", FET_NN_NORMAL, 1, 2, (const int64_t[]){count, size});
    return fet_nn_apply(n, name, "gather", "axis=0", 2, (int[]){table, indices});
}

int fet_nn_attention(struct fet_nn *n, const char *name, int x, int64_t tokens, int64_t size,
                     int64_t heads)
{
    char part[256], attrs[96];
    int y[3] = {FET_GRAPH_NONE, FET_GRAPH_NONE, FET_GRAPH_NONE};
    fet_text_format(part, sizeof part, "%s.qkv", name);
    const int all = fet_nn_linear_tokens(n, part, x, tokens, size, 3 * size);
    const int sizes = fet_nn_constant_ints(n, 3, (const int64_t[]){size, size, size});
    if (n->status != FET_OK) return FET_GRAPH_NONE;
    const fet_status st = apply(n, name, "split", "axis=2", 2, (int[]){all, sizes}, 3, y);
    if (st != FET_OK) return keep(n, st, 0);
    fet_text_format(attrs, sizeof attrs, "q_num_heads=%lld kv_num_heads=%lld", (long long)heads,
                    (long long)heads);
    const int mixed = fet_nn_apply(n, name, "attention", attrs, 3, y);
    fet_text_format(part, sizeof part, "%s.proj", name);
    return fet_nn_linear_tokens(n, part, mixed, tokens, size, size);
}

int fet_nn_graph_conv(struct fet_nn *n, const char *name, int adjacency, int x, int64_t in,
                      int64_t out)
{
    return fet_nn_binary(n, "matmul", adjacency, fet_nn_linear(n, name, x, in, out, true));
}

/* ---- losses ---- */

int fet_nn_cross_entropy(struct fet_nn *n, int scores, int targets)
{
    return fet_nn_apply(n, "loss", "softmax_cross_entropy_loss", "", 2, (int[]){scores, targets});
}

int fet_nn_binary_cross_entropy(struct fet_nn *n, int scores, int targets)
{
    return fet_nn_apply(n, "loss", "bce_with_logits_loss", "", 2, (int[]){scores, targets});
}
