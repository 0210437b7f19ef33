/* Layers: calls that add nodes and parameters to a graph. See nn.h. Values are numbers of graph
 * values; shapes are [N,C,H,W] for pictures, [N,T,D] for tokens. */
#ifndef FET_LAYERS_H
#define FET_LAYERS_H

#include "graph.h"

struct fet_nn {
    struct fet_graph *g; /* borrowed */
    struct fet_rng rng;  /* initial weights */
    struct fet_arena arena;
    fet_status status; /* the first failure */
    char sentence[512];
};

void fet_nn_init(struct fet_nn *n, struct fet_graph *g, uint64_t seed);
/* Frees what building needed; the first failure, with its sentence. */
FET_CHECKED fet_status fet_nn_finish(struct fet_nn *n);

/* ---- sources ---- */

int fet_nn_input(struct fet_nn *n, const char *name, enum fet_dtype dtype, int n_dims,
                 const int64_t *dims);
int fet_nn_constant_ints(struct fet_nn *n, int64_t count, const int64_t *values); /* I64 [count] */
int fet_nn_constant_real(struct fet_nn *n, double value);                         /* F32 [] */

/* How a parameter starts. fan = elements of one output: the product of all dimensions but the
 * first. */
enum fet_nn_start {
    FET_NN_ZEROS,
    FET_NN_ONES,
    FET_NN_NORMAL,          /* deviation `scale` */
    FET_NN_TRUNCATED,       /* the same, drawn again beyond two deviations */
    FET_NN_UNIFORM,         /* -scale .. scale */
    FET_NN_KAIMING_NORMAL,  /* deviation sqrt(2 / fan), He 2015 */
    FET_NN_KAIMING_UNIFORM, /* +- sqrt(1 / fan): what PyTorch's layers do unasked */
    FET_NN_XAVIER_UNIFORM   /* +- sqrt(6 / (fan in + fan out)), Glorot 2010 */
};

/* Named SCOPE.NAME. */
int fet_nn_parameter(struct fet_nn *n, const char *scope, const char *name, enum fet_nn_start start,
                     double scale, int n_dims, const int64_t *dims);

/* ---- nodes ---- */

/* The first output of an operator; attrs as in fet_op_parse_attrs; name may be NULL. */
int fet_nn_apply(struct fet_nn *n, const char *name, const char *op, const char *attrs, int n_x,
                 const int *x);
int fet_nn_unary(struct fet_nn *n, const char *op, int x); /* "relu", "gelu", ... */
int fet_nn_binary(struct fet_nn *n, const char *op, int a, int b);
int fet_nn_reshape(struct fet_nn *n, int x, int n_dims, const int64_t *dims); /* -1 = the rest */
/* scale times larger in both directions, by repeating pixels. */
int fet_nn_upsample(struct fet_nn *n, const char *name, int x, double scale);
/* kernel, stride and padding alike in both directions. */
int fet_nn_max_pool(struct fet_nn *n, const char *name, int x, int kernel, int stride, int pad);
int fet_nn_dropout(struct fet_nn *n, const char *name, int x, double ratio);

/* ---- layers ---- */

struct fet_nn_conv {
    int64_t in, out;
    int kernel, n_spatial;   /* n_spatial 0 = 2 */
    int stride, pad, groups; /* 0 = 1, 0, 1 */
    bool has_bias;
    bool is_plain_start; /* KAIMING_UNIFORM instead of KAIMING_NORMAL over what leaves */
};
int fet_nn_conv(struct fet_nn *n, const char *name, int x, const struct fet_nn_conv *o);
/* Over channels; running statistics are parameters that follow. */
int fet_nn_batch_norm(struct fet_nn *n, const char *name, int x, int64_t channels);
int fet_nn_layer_norm(struct fet_nn *n, const char *name, int x, int64_t size); /* the last */
int fet_nn_linear(struct fet_nn *n, const char *name, int x, int64_t in, int64_t out,
                  bool has_bias); /* x [N,in] */
/* The same for tokens [N,T,in]. */
int fet_nn_linear_tokens(struct fet_nn *n, const char *name, int x, int64_t tokens, int64_t in,
                         int64_t out);
/* Rows of a table [count,size] by index. */
int fet_nn_embedding(struct fet_nn *n, const char *name, int indices, int64_t count, int64_t size);
/* Self-attention of tokens [N,T,size]. Vaswani 2017. */
int fet_nn_attention(struct fet_nn *n, const char *name, int x, int64_t tokens, int64_t size,
                     int64_t heads);
/* relu-free graph convolution: adjacency [V,V] (normalised by the caller) times x [V,in] times
 * weights. Kipf 2017. */
int fet_nn_graph_conv(struct fet_nn *n, const char *name, int adjacency, int x, int64_t in,
                      int64_t out);

/* ---- losses, means over the batch ---- */

int fet_nn_cross_entropy(struct fet_nn *n, int scores, int targets); /* targets I64 */
int fet_nn_binary_cross_entropy(struct fet_nn *n, int scores, int targets);

#endif
