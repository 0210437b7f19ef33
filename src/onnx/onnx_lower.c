/* A graph made ready to be written: what no output needs is left out, and operators that came after
 * the newest opset allowed are said in older ones. Each rule is the operator's definition; the
 * answers agree up to rounding. */
#include <math.h>
#include <string.h>

#include "onnx_export.h"

enum { MAX_ATTRS = 32 };

struct lowering {
    const struct fet_graph *from;
    struct fet_graph *to;
    int limit;                   /* the newest opset allowed */
    bool *is_needed;             /* [n_values of from] */
    int *moved;                  /* [n_values of from]: the value's number in `to` */
    struct fet_tensor *known[2]; /* [n_values of from], or NULL; see fet_onnx_probe */
    struct fet_arena arena;      /* of the node at hand */
    struct fet_arena probes;     /* what known points to */
};

/* ---- building in the new graph ---- */

struct value {
    fet_status st; /* sticky: what is built from a failure fails alike */
    int n;
};

/* One node; attributes as text; name NULL = the value is nobody's outside. */
static struct value emit(struct lowering *l, const char *op_name, const char *attrs, int n_x,
                         const struct value *x, const char *name)
{
    const struct fet_op *const op = fet_op_find(op_name);
    struct fet_attr_value values[MAX_ATTRS];
    const char *const names[] = {name != NULL ? name : ""};
    int in[4] = {0};
    struct value y = {.st = FET_OK};
    for (int i = 0; i < n_x; i++) {
        if (x[i].st != FET_OK) return x[i];
        in[i] = x[i].n;
    }
    y.st = fet_op_parse_attrs(op, attrs, &l->arena, values);
    const struct fet_graph_call call = {
        .op = op, .attrs = values, .x = in, .n_x = n_x, .y_names = names, .n_y = 1};
    if (y.st == FET_OK) y.st = fet_graph_add_node(l->to, &call, &y.n);
    return y;
}

static struct value unary(struct lowering *l, const char *op, struct value x)
{
    return emit(l, op, "", 1, &x, NULL);
}

static struct value binary(struct lowering *l, const char *op, struct value a, struct value b)
{
    return emit(l, op, "", 2, (const struct value[]){a, b}, NULL);
}

static struct value constant(struct lowering *l, enum fet_dtype dtype, int n_dims, int64_t n,
                             const void *elements)
{
    struct fet_tensor t = {0};
    struct value y = {.st = fet_tensor_new(dtype, n_dims, &n, &t)};
    if (y.st != FET_OK) return y;
    memcpy(t.data, elements, fet_tensor_bytes(&t));
    y.st = fet_graph_add_constant(l->to, NULL, &t, &y.n);
    fet_tensor_unref(&t);
    return y;
}

static struct value real(struct lowering *l, double r)
{
    const float f = (float)r;
    return constant(l, FET_F32, 0, 1, &f);
}

static struct value ints(struct lowering *l, int64_t n, const int64_t *values)
{
    return constant(l, FET_I64, 1, n, values);
}

static struct value scaled(struct lowering *l, struct value x, double factor)
{
    return binary(l, "mul", x, real(l, factor));
}

/* ---- what a rule knows of its node ---- */

struct subject {
    const struct fet_graph_node *node;
    struct value x[3]; /* the first inputs, in the new graph */
};

static double real_attr(const struct subject *s, const char *name)
{
    const struct fet_op_call call = {.op = s->node->op, .attrs = s->node->attrs};
    return fet_op_attr(&call, name)->r;
}

static const struct fet_attr_value *attr_of(const struct subject *s, const char *name)
{
    const struct fet_op_call call = {.op = s->node->op, .attrs = s->node->attrs};
    return fet_op_attr(&call, name);
}

static bool has_input(const struct subject *s, int i)
{
    return i < s->node->n_x && s->node->x[i] != FET_GRAPH_NONE;
}

/* Dimension of an input, or FET_GRAPH_FREE while it is not fixed. */
static int64_t dim_of(const struct lowering *l, const struct subject *s, int i, int axis)
{
    const struct fet_tensor *t[2];
    for (int k = 0; k < 2; k++) {
        if (l->known[k] == NULL) return FET_GRAPH_FREE;
        t[k] = &l->known[k][s->node->x[i]];
        if (!fet_graph_has_shape(t[k]) || axis >= t[k]->shape.n_dims) return FET_GRAPH_FREE;
    }
    const int64_t dim = t[0]->shape.dims[axis];
    return dim == t[1]->shape.dims[axis] ? dim : FET_GRAPH_FREE;
}

static int rank_of(const struct lowering *l, const struct subject *s, int i)
{
    return l->known[0] != NULL && fet_graph_has_shape(&l->known[0][s->node->x[i]])
               ? l->known[0][s->node->x[i]].shape.n_dims
               : -1;
}

static bool is_f32(const struct lowering *l, const struct subject *s)
{
    return l->known[0] != NULL && fet_graph_has_type(&l->known[0][s->node->x[0]]) &&
           l->known[0][s->node->x[0]].dtype == FET_F32;
}

/* ---- the rules: the node's first output, or nothing when the case is not one of theirs ---- */

typedef struct value rule(struct lowering *l, const struct subject *s);

static struct value no_rule(const char *why)
{
    return (struct value){.st = FET_FAIL(FET_UNSUPPORTED, "%s", why)};
}

static struct value lower_swish(struct lowering *l, const struct subject *s)
{
    const double alpha = real_attr(s, "alpha");
    const struct value x = s->x[0];
    return binary(l, "mul", x, unary(l, "sigmoid", alpha == 1 ? x : scaled(l, x, alpha)));
}

static struct value lower_mish(struct lowering *l, const struct subject *s)
{
    return binary(l, "mul", s->x[0], unary(l, "tanh", unary(l, "softplus", s->x[0])));
}

static struct value lower_hard_swish(struct lowering *l, const struct subject *s)
{
    const struct value gate = emit(l, "hard_sigmoid", "alpha=0.16666667 beta=0.5", 1, s->x, NULL);
    return binary(l, "mul", s->x[0], gate);
}

/* x/2 (1 + erf(x / sqrt 2)), or with tanh(sqrt(2/pi) (x + 0.044715 x^3)). */
static struct value lower_gelu(struct lowering *l, const struct subject *s)
{
    const struct value x = s->x[0];
    struct value curve;
    if (strcmp(attr_of(s, "approximate")->text, "tanh") == 0) {
        const struct value cube = binary(l, "mul", x, binary(l, "mul", x, x));
        const struct value inner = binary(l, "add", x, scaled(l, cube, 0.044715));
        curve = unary(l, "tanh", scaled(l, inner, sqrt(2 / acos(-1))));
    } else {
        curve = unary(l, "erf", scaled(l, x, sqrt(0.5)));
    }
    return binary(l, "mul", scaled(l, x, 0.5), binary(l, "add", curve, real(l, 1)));
}

/* Mean over the axes from `axis` on. */
static struct value mean_behind(struct lowering *l, struct value x, int rank, int64_t axis)
{
    int64_t axes[FET_MAX_DIMS];
    int n = 0;
    for (int64_t k = axis < 0 ? axis + rank : axis; k < rank; k++) axes[n++] = k;
    return binary(l, "reduce_mean", x, ints(l, n, axes));
}

/* (x - mean) / sqrt(mean of its square + epsilon) scale + bias; the mean is not taken off in the
 * root-mean-square form. */
static struct value lower_norm(struct lowering *l, const struct subject *s)
{
    const int rank = rank_of(l, s, 0);
    const int64_t axis = attr_of(s, "axis")->i;
    struct value x = s->x[0];
    if (rank < 0) return no_rule("the rank of its input is not known");
    if (strcmp(s->node->op->name, "layer_norm") == 0)
        x = binary(l, "sub", x, mean_behind(l, x, rank, axis));
    const struct value square = mean_behind(l, binary(l, "mul", x, x), rank, axis);
    const struct value deviation =
        unary(l, "sqrt", binary(l, "add", square, real(l, real_attr(s, "epsilon"))));
    struct value y = binary(l, "mul", binary(l, "div", x, deviation), s->x[1]);
    if (has_input(s, 2)) y = binary(l, "add", y, s->x[2]);
    return y;
}

/* [B,S,H D] to [B,H,S,D], or to [B,H,D,S] for keys. Four dimensions are heads already. */
static struct value to_heads(struct lowering *l, struct value x, int rank, int64_t heads,
                             bool is_key)
{
    if (rank == 4) return is_key ? emit(l, "transpose", "perm=0,1,3,2", 1, &x, NULL) : x;
    const struct value shape = ints(l, 4, (const int64_t[]){0, 0, heads, -1});
    const struct value parts = binary(l, "reshape", x, shape);
    return emit(l, "transpose", is_key ? "perm=0,2,3,1" : "perm=0,2,1,3", 1, &parts, NULL);
}

/* A mask of numbers for every key: a shorter one hides the rest, which older words do not say. */
static bool is_plain_mask(const struct lowering *l, const struct subject *s, int rank)
{
    for (int k = 0; k < 2; k++) {
        if (l->known[k] == NULL) return false;
        const struct fet_tensor *const mask = &l->known[k][s->node->x[3]];
        const struct fet_tensor *const keys = &l->known[k][s->node->x[1]];
        if (!fet_graph_has_shape(mask) || !fet_graph_has_shape(keys)) return false;
        if (mask->dtype != FET_F32 || mask->shape.n_dims < 1) return false;
        if (mask->shape.dims[mask->shape.n_dims - 1] != keys->shape.dims[rank - 2]) return false;
    }
    return true;
}

/* softmax(Q K' scale + mask) V */
static struct value lower_attention(struct lowering *l, const struct subject *s)
{
    const int rank = rank_of(l, s, 0);
    const int64_t heads = rank == 3 ? attr_of(s, "q_num_heads")->i : dim_of(l, s, 0, 1);
    const int64_t others = rank == 3 ? attr_of(s, "kv_num_heads")->i : dim_of(l, s, 1, 1);
    const int64_t width = dim_of(l, s, 0, rank - 1);
    if (rank < 3 || heads < 1 || width < 1 || heads != others)
        return no_rule("heads and their size must be fixed, and as many of keys as of queries");
    if (s->node->n_x > 4 || attr_of(s, "is_causal")->i != 0 || real_attr(s, "softcap") > 0 ||
        attr_of(s, "left_window_size")->i >= 0 || attr_of(s, "right_window_size")->i >= 0)
        return no_rule("only plain attention has older words: no past, window, cap or causal mask");
    const double size = (double)width / (rank == 3 ? (double)heads : 1);
    const double scale = attr_of(s, "scale")->is_set ? real_attr(s, "scale") : 1 / sqrt(size);
    const struct value q = to_heads(l, s->x[0], rank, heads, false);
    const struct value k = to_heads(l, s->x[1], rank, heads, true);
    const struct value v = to_heads(l, s->x[2], rank, heads, false);
    struct value scores = binary(l, "matmul", scaled(l, q, scale), k);
    if (has_input(s, 3)) {
        if (!is_plain_mask(l, s, rank)) return no_rule("only a mask of numbers has older words");
        scores = binary(l, "add", scores, (struct value){.n = l->moved[s->node->x[3]]});
    }
    const struct value weights = emit(l, "softmax", "axis=-1", 1, &scores, NULL);
    const struct value mixed = binary(l, "matmul", weights, v);
    if (rank == 4) return mixed;
    const struct value turned = emit(l, "transpose", "perm=0,2,1,3", 1, &mixed, NULL);
    return binary(l, "reshape", turned, ints(l, 3, (const int64_t[]){0, 0, -1}));
}

static const struct {
    const char *op;
    rule *apply;
} rules[] = {
    {"attention", lower_attention}, {"gelu", lower_gelu}, {"hard_swish", lower_hard_swish},
    {"layer_norm", lower_norm},     {"mish", lower_mish}, {"rms_norm", lower_norm},
    {"swish", lower_swish},
};

/* ---- the walk ---- */

static bool is_node_needed(const struct lowering *l, const struct fet_graph_node *node)
{
    for (int i = 0; i < node->n_y; i++)
        if (node->y[i] != FET_GRAPH_NONE && l->is_needed[node->y[i]]) return true;
    return false;
}

static void mark_needed(struct lowering *l)
{
    const struct fet_graph *const g = l->from;
    for (int i = 0; i < g->n_outputs; i++) l->is_needed[g->outputs[i]] = true;
    for (int k = g->n_nodes - 1; k >= 0; k--) {
        if (!is_node_needed(l, &g->nodes[k])) continue;
        for (int i = 0; i < g->nodes[k].n_x; i++)
            if (g->nodes[k].x[i] != FET_GRAPH_NONE) l->is_needed[g->nodes[k].x[i]] = true;
    }
}

/* All inputs, the constants that are needed; parameters are constants to others. */
static fet_status move_values(struct lowering *l)
{
    const struct fet_graph *const g = l->from;
    for (int i = 0; i < g->n_inputs; i++) {
        const int n = g->inputs[i];
        const struct fet_graph_value *const v = &g->values[n];
        if (!v->is_typed)
            return FET_FAIL(FET_UNSUPPORTED, "onnx: input '%s' has no type of its own", v->name);
        FET_TRY(fet_graph_add_input(l->to, v->name, v->dtype, v->shape.n_dims, v->shape.dims,
                                    &l->moved[n]));
    }
    for (int n = 0; n < g->n_values; n++)
        if (g->values[n].is_constant && l->is_needed[n])
            FET_TRY(fet_graph_add_constant(l->to, g->values[n].name, &g->values[n].constant,
                                           &l->moved[n]));
    return FET_OK;
}

/* What is left of the name when a node becomes several: the last one makes the value. */
static fet_status apply_rule(struct lowering *l, const struct fet_graph_node *node, rule *apply)
{
    struct subject s = {.node = node};
    for (int i = 1; i < node->n_y; i++)
        if (node->y[i] != FET_GRAPH_NONE && l->is_needed[node->y[i]])
            return FET_FAIL(FET_UNSUPPORTED, "only its first output has older words");
    if (!is_f32(l, &s)) return FET_FAIL(FET_UNSUPPORTED, "only F32 has older words");
    for (int i = 0; i < 3 && i < node->n_x; i++)
        if (node->x[i] != FET_GRAPH_NONE) s.x[i].n = l->moved[node->x[i]];
    const struct value made = apply(l, &s);
    const struct value y = emit(l, "identity", "", 1, &made, l->from->values[node->y[0]].name);
    if (y.st == FET_OK) l->moved[node->y[0]] = y.n;
    return y.st;
}

static fet_status lower_node(struct lowering *l, const struct fet_graph_node *node)
{
    int since = 0;
    fet_arena_reset(&l->arena);
    FET_TRY(fet_onnx_said_since(l->from, node, l->known[0], &since));
    if (since <= l->limit)
        return fet_graph_copy_node(l->from, node, l->is_needed, &l->arena, l->to, l->moved);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].op, node->op->name) == 0) return apply_rule(l, node, rules[i].apply);
    return FET_FAIL(FET_UNSUPPORTED, "needs opset %d, %d is the newest to be written", since,
                    l->limit);
}

static fet_status lower_graph(struct lowering *l)
{
    const struct fet_graph *const g = l->from;
    for (int k = 0; k < 2; k++) FET_TRY(fet_onnx_probe(g, k, &l->probes, &l->known[k]));
    mark_needed(l);
    FET_TRY(move_values(l));
    for (int k = 0; k < g->n_nodes; k++) {
        char prefix[256];
        if (!is_node_needed(l, &g->nodes[k])) continue;
        const fet_status st = lower_node(l, &g->nodes[k]);
        if (st == FET_OK) continue;
        fet_text_format(prefix, sizeof prefix, "onnx: node '%s' (%s)", g->nodes[k].name,
                        g->nodes[k].op->name);
        return fet_status_add(prefix, st);
    }
    for (int i = 0; i < g->n_outputs; i++)
        FET_TRY(fet_graph_add_output(l->to, l->moved[g->outputs[i]]));
    return FET_OK;
}

fet_status fet_onnx_lower(const struct fet_graph *g, int limit, struct fet_graph **lowered)
{
    struct lowering l = {.from = g, .limit = limit};
    fet_status st = FET_OK;
    l.is_needed = fet_alloc(g->n_values, sizeof *l.is_needed);
    l.moved = fet_alloc(g->n_values, sizeof *l.moved);
    if (l.is_needed == NULL || l.moved == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("onnx", g->n_values));
    FET_TRY_OUT(fet_graph_new(&l.to));
    FET_TRY_OUT(lower_graph(&l));
    *lowered = l.to;
    l.to = NULL;
out:
    fet_graph_free(l.to);
    for (int k = 0; k < 2; k++)
        for (int n = 0; l.known[k] != NULL && n < g->n_values; n++)
            fet_tensor_unref(&l.known[k][n]);
    fet_arena_deinit(&l.arena);
    fet_arena_deinit(&l.probes);
    fet_free(l.is_needed);
    fet_free(l.moved);
    return st;
}
