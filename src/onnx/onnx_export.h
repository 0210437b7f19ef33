/* One node on its way from the graph into a file. Private to the room. */
#ifndef FET_ONNX_EXPORT_H
#define FET_ONNX_EXPORT_H

#include "onnx.h"

/* What is written of a node besides its outputs and those of its attributes that are not at their
 * defaults. Borrows from the graph. */
struct fet_onnx_saying {
    int n_x;               /* inputs that are written */
    const char *list_name; /* an attribute that newer opsets have as an input; NULL = none */
    const int64_t *list;
    int64_t n_list;
    const char *int_name; /* an attribute that the graph does without; NULL = none */
    int64_t i;
};

/* onnx_restate.c: how to say the node in that opset, and the oldest opset from FET_ONNX_OLDEST on
 * in which it can be said at all. values: what fet_graph_infer knows, or NULL. FET_UNSUPPORTED: in
 * none up to FET_ONNX_NEWEST. */
void fet_onnx_restate(const struct fet_graph *g, const struct fet_graph_node *node, int opset,
                      struct fet_onnx_saying *s);
FET_CHECKED fet_status fet_onnx_said_since(const struct fet_graph *g,
                                           const struct fet_graph_node *node,
                                           const struct fet_tensor *values, int *since);

/* The text of an attribute as that opset spells it. */
const char *fet_onnx_respell(const struct fet_op *op, const char *attribute, const char *text,
                             int opset);

/* Is the attribute what its operator takes when nothing is said? */
FET_CHECKED fet_status fet_onnx_is_standard(const struct fet_op *op, int i,
                                            const struct fet_attr_value *value, bool *is_standard);

/* onnx_export.c: what fet_graph_infer knows with the first or second choice of the free sizes
 * (which 0 or 1): what differs is free. *known gets [n_values] in the arena, whose tensors the
 * caller unrefs; it stays NULL when the graph does not take these sizes. */
FET_CHECKED fet_status fet_onnx_probe(const struct fet_graph *g, int which, struct fet_arena *a,
                                      struct fet_tensor **known);

/* onnx_lower.c: the part of the graph that its outputs need, with nothing that came after the opset
 * `limit`. FET_UNSUPPORTED names the node that has no older words. */
FET_CHECKED fet_status fet_onnx_lower(const struct fet_graph *g, int limit,
                                      struct fet_graph **lowered);

#endif
