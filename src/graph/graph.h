/* Head header of room graph (F2): operators put together. A graph is built by plain calls, each of
 * which checks what it adds, so that a graph that exists is valid: every node stands behind the
 * nodes whose values it reads, names are unique, attributes have the types of their operator.
 *
 *     struct fet_graph *g;
 *     fet_graph_new(&g);
 *     fet_graph_add_input(g, "x", FET_F32, 2, (int64_t[]){FET_GRAPH_FREE, 4}, &x);
 *     fet_graph_add_constant(g, "w", &weights, &w);
 *     fet_graph_add_node(g, &(struct fet_graph_call){.op = fet_op_find("matmul"),
 *                                                    .x = (int[]){x, w}, .n_x = 2, .n_y = 1}, &y);
 *     fet_graph_add_output(g, y);
 *     fet_graph_run(g, inputs, outputs, NULL);
 *
 * Building is for one thread; a finished graph is read-only and may be run by several. */
#ifndef FET_GRAPH_H
#define FET_GRAPH_H

#include "op.h"

enum {
    FET_GRAPH_FREE = -1, /* a dimension that each run decides: the batch */
    FET_GRAPH_NONE = -1  /* an optional input that is left out */
};

/* Something that nodes read: an input, a constant, or an output of a node. */
struct fet_graph_value {
    const char *name;           /* never NULL; unique unless "" */
    bool is_typed;              /* dtype and shape are declared: inputs and constants */
    enum fet_dtype dtype;       /* valid if is_typed */
    struct fet_shape shape;     /* valid if is_typed; FET_GRAPH_FREE where a run decides */
    struct fet_tensor constant; /* data NULL = not a constant; owned reference */
    bool is_constant;
    bool is_parameter; /* a constant whose elements change between runs */
    int update;        /* a parameter's: the value that follows it, or FET_GRAPH_NONE */
    int node;          /* the node that makes it, or -1 */
};

struct fet_graph_node {
    const char *name; /* never NULL; for sentences */
    const struct fet_op *op;
    struct fet_attr_value *attrs; /* in the order of op->attrs; owned with all they point to */
    int *x;                       /* values read; FET_GRAPH_NONE = left out */
    int n_x;
    int *y; /* values made; FET_GRAPH_NONE = nobody wants it */
    int n_y;
};

struct fet_graph {
    struct fet_arena arena; /* names, attributes, indices */
    struct fet_graph_value *values;
    int n_values;
    struct fet_graph_node *nodes; /* in an order in which they can run */
    int n_nodes;
    int *slots; /* [n_slots], a power of two: value + 1 by hash of name, 0 = free */
    int n_slots;
    int *inputs; /* values, in the order of a run's arguments */
    int n_inputs;
    int *outputs; /* values; one may appear twice */
    int n_outputs;
};

FET_CHECKED fet_status fet_graph_new(struct fet_graph **g);
void fet_graph_free(struct fet_graph *g); /* accepts NULL */

/* ---- building; *value is the number of the new value ---- */

/* dims: >= 0, or FET_GRAPH_FREE. A name may be "" (or NULL), else it must be new. */
FET_CHECKED fet_status fet_graph_add_input(struct fet_graph *g, const char *name,
                                           enum fet_dtype dtype, int n_dims, const int64_t *dims,
                                           int *value);

/* As above, with nothing known: the first run decides type and shape. */
FET_CHECKED fet_status fet_graph_add_untyped_input(struct fet_graph *g, const char *name,
                                                   int *value);

/* Takes another reference of t; its elements must not change afterwards. */
FET_CHECKED fet_status fet_graph_add_constant(struct fet_graph *g, const char *name,
                                              const struct fet_tensor *t, int *value);

/* A constant that training changes: F32, with a name. Its elements may change between runs, never
 * during one. */
FET_CHECKED fet_status fet_graph_add_parameter(struct fet_graph *g, const char *name,
                                               const struct fet_tensor *t, int *value);

/* The parameter is not learned: behind each forward run of training it takes the elements of a
 * value, as running statistics do. */
FET_CHECKED fet_status fet_graph_set_update(struct fet_graph *g, int parameter, int value);

/* One node to be added. */
struct fet_graph_call {
    const char *name; /* for sentences; NULL = the operator's */
    const struct fet_op *op;
    /* [number of attributes of op], copied; NULL = all unset or at their defaults. An unset
     * attribute takes its default; one without a default must be set. */
    const struct fet_attr_value *attrs;
    const int *x; /* values, or FET_GRAPH_NONE */
    int n_x;
    const char *const *y_names; /* [n_y]; NULL = no names; y_names[i] NULL = nobody wants it */
    int n_y;                    /* 1 to the operator's outputs; any if it has any number */
};

/* y [call->n_y] gets the values made, FET_GRAPH_NONE for those that nobody wants. */
FET_CHECKED fet_status fet_graph_add_node(struct fet_graph *g, const struct fet_graph_call *call,
                                          int *y);

FET_CHECKED fet_status fet_graph_add_output(struct fet_graph *g, int value);

int fet_graph_find_value(const struct fet_graph *g,
                         const char *name); /* FET_GRAPH_NONE if absent */

/* ---- asking ---- */

/* Type and shape of every value when the inputs have these shapes [n_inputs]; nothing large is
 * computed. values [n_values] gets tensors that the caller unrefs; data NULL = the elements are not
 * known. Shapes that only data decide stay unknown, with all that follow from them. */
FET_CHECKED fet_status fet_graph_infer(const struct fet_graph *g, const struct fet_shape *inputs,
                                       struct fet_tensor *values);
bool fet_graph_has_type(const struct fet_tensor *value);
bool fet_graph_has_shape(const struct fet_tensor *value); /* and a type */

/* A graph that makes only the values named, in that order, from the inputs that they need: the
 * other nodes, constants and inputs are left out. Constants and parameters are shared; a
 * parameter's update is not kept. */
FET_CHECKED fet_status fet_graph_cut(const struct fet_graph *g, const int *outputs, int n_outputs,
                                     struct fet_graph **cut);

/* Adds node, which belongs to `from`, to another graph. moved [from->n_values] says which value of
 * `to` each value that it reads has become, and gets those that it makes, of which is_wanted
 * [from->n_values] names the wanted ones. Scratch from the arena. */
FET_CHECKED fet_status fet_graph_copy_node(const struct fet_graph *from,
                                           const struct fet_graph_node *node, const bool *is_wanted,
                                           struct fet_arena *arena, struct fet_graph *to,
                                           int *moved);

/* ---- running ---- */

/* Does t fit what input i declares? */
FET_CHECKED fet_status fet_graph_check_input(const struct fet_graph *g, int i,
                                             const struct fet_tensor *t);

struct fet_graph_options {
    struct fet_pool *pool; /* NULL = this thread; the result does not depend on it */
    bool is_training;
    uint64_t seed;
};

/* Runs every node through its reference kernel, inferring shapes on the way; a value is freed after
 * its last use. inputs [n_inputs] must have the declared types and shapes. outputs [n_outputs] gets
 * tensors that the caller unrefs; untouched on failure. The sentence names the node. options NULL =
 * {0}. */
FET_CHECKED fet_status fet_graph_run(const struct fet_graph *g, const struct fet_tensor *inputs,
                                     struct fet_tensor *outputs,
                                     const struct fet_graph_options *options);

#endif
