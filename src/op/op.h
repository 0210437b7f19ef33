/* Head header of room op (F2): what an operator is. One file per operator (softmax.c, conv.c, ...)
 * holds, top to bottom: formula and paper, infer, forward, backward, its cases, the struct. The
 * build file lists the names and generates the table.
 *
 * Everything here works on plain dense row-major tensors and is exact and simple: it is the
 * reference that faster kernels are compared with, and never removed. Planning, fusing, blocked
 * layouts and memory reuse are the graph room's business. */
#ifndef FET_OP_H
#define FET_OP_H

#include "kernel.h"

/* ---- attributes: declared data, read by the graph, ONNX and the documents ---- */

enum fet_attr_type {
    FET_ATTR_INT,
    FET_ATTR_REAL,
    FET_ATTR_TEXT,
    FET_ATTR_INTS,
    FET_ATTR_REALS,
    FET_ATTR_TENSOR
};

struct fet_attr {
    const char *name; /* as ONNX spells it; NULL ends a table */
    enum fet_attr_type type;
    const char *standard; /* the default as text: "1", "0.01", "NOTSET", "1,1"; NULL = must be
                             given, "" = unset */
    const char *help;
};

/* The values of one call, in the order of the operator's table. */
struct fet_attr_value {
    bool is_set; /* false = unset: the operator does what its documents say */
    int64_t i;
    double r;
    const char *text;    /* borrowed */
    const int64_t *ints; /* borrowed; [n] */
    const double *reals; /* borrowed; [n] */
    int64_t n;
    const struct fet_tensor *tensor; /* borrowed */
};

/* ---- one application of an operator ---- */

struct fet_op_call {
    const struct fet_op *op;
    const struct fet_attr_value *attrs; /* [number of attributes of op] */
    /* Inputs: NULL = an optional one was left out. While shapes are inferred, data may be NULL: the
     * values are not known yet (they are for constants). Read-only. */
    const struct fet_tensor *const *x;
    int n_x;
    /* Outputs: infer fills dtype and shape; forward fills data, which the caller allocated. Behind
     * the outputs that users see come op->n_saved more, kept for backward (means, indices, masks).
     * None is NULL: all are computed, the caller drops what it does not want. */
    struct fet_tensor *const *y;
    int n_y; /* with the saved ones */
    /* Backward only. dy[i] NULL = no gradient arrives there; dx[i] NULL = nobody wants it. */
    const struct fet_tensor *const *dy;
    struct fet_tensor *const *dx;
    struct fet_pool *pool; /* may be NULL; results do not depend on it */
    bool is_training;      /* batch norm, dropout */
    uint64_t seed;         /* dropout and other chance */
};

const struct fet_attr_value *fet_op_attr(const struct fet_op_call *c,
                                         const char *name); /* asserts */

/* ---- an operator ---- */

/* One case of the generic test: inputs are drawn from a seed (or given), forward is compared with
 * the values given, gradients with central differences. */
struct fet_op_case {
    const char *name;
    const char *attrs; /* "axis=1 keepdims=0"; "" = all defaults */
    /* One word per input: "f32[2,3] f64[4]:0.5..2 i64[3]={0,1,2} - !f32[1]={2}". Without values
     * they are drawn from the range (default -1..1, integers -5..5); - = left out; ! = the gradient
     * does not go there. */
    const char *inputs;
    /* One word per output that users see; NULL = only the gradient and invariants are checked. A
     * word without values checks type and shape; - = this output is not looked at. */
    const char *wanted;
    bool has_gradient;   /* check backward by central difference on the float inputs */
    const char *refusal; /* not NULL: infer must refuse, and the sentence holds this text */
    int n_y;             /* where op->n_y is -1 and wanted is NULL */
    bool is_training;
    double tolerance; /* relative and absolute, of wanted; 0 = 2e-6 */
};

struct fet_op {
    const char *name;  /* lower_snake: "conv", "layer_norm" */
    const char *paper; /* "Ba 2016"; NULL when it is arithmetic */
    const struct fet_attr *attrs;
    int min_x, max_x; /* inputs; max_x -1 = any number */
    int n_y;          /* outputs that users see; -1 = any number (split) */
    int n_saved;      /* outputs kept for backward, behind them */
    /* Shapes and types of all outputs; the only place that rejects, with the operator's name in the
     * sentence. FET_UNSUPPORTED "... needs the value of input k" when data decides a shape. */
    fet_status (*infer)(const struct fet_op_call *c);
    fet_status (*forward)(const struct fet_op_call *c);
    /* ADDS into dx[i]. NULL = not differentiable. */
    fet_status (*backward)(const struct fet_op_call *c);
    const char *onnx_type; /* "Softmax"; NULL = has no ONNX operator of its own */
    /* The oldest opset whose meaning this is, once attributes that later became inputs are inputs.
     */
    int onnx_since;
    const struct fet_op_case *cases;
    int n_cases;
};

extern const struct fet_op *const fet_ops[];        /* generated; NULL-terminated, sorted by name */
const struct fet_op *fet_op_find(const char *name); /* NULL if absent */
const struct fet_op *fet_op_find_onnx(const char *onnx_type); /* NULL if absent */

/* Checks counts, runs infer: what the graph calls while it plans. */
FET_CHECKED fet_status fet_op_infer(const struct fet_op_call *c);

/* Infers, allocates the outputs, runs forward. For tests, constant folding and the interpreter; the
 * graph plans memory itself. y[i] are zeroed structs that become the caller's; zeroed on failure.
 */
FET_CHECKED fet_status fet_op_run(const struct fet_op_call *c);

/* Attribute values from text ("axis=1 pads=0,1,0,1"), defaults filled in. values [number of
 * attributes]; memory from the arena. */
FET_CHECKED fet_status fet_op_parse_attrs(const struct fet_op *op, const char *text,
                                          struct fet_arena *a, struct fet_attr_value *values);

/* One tensor from text: "f32[2,2]={1,2,3,nan}", "i64[]={7}", "bool[0]={}". Bytes from the arena,
 * storage NULL. Without values zeroed. */
FET_CHECKED fet_status fet_op_parse_tensor(const char *text, struct fet_arena *a,
                                           struct fet_tensor *t);
int fet_op_n_attrs(const struct fet_op *op);

#endif
