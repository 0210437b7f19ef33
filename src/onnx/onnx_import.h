/* One node on its way from the file into the graph. Private to the room. */
#ifndef FET_ONNX_IMPORT_H
#define FET_ONNX_IMPORT_H

#include "onnx_model.h"

enum { FET_ONNX_MAX_ATTRS = 32 };

/* What is being imported. */
struct fet_onnx_importer {
    const struct fet_onnx_model *model;
    struct fet_graph *g;
    struct fet_arena arena; /* of the node at hand */
    int64_t opset;          /* of ONNX's own domain */
};

/* The call that a node becomes. Adapters change it before it is added. */
struct fet_onnx_call {
    const struct fet_onnx_node *node;
    const char *type; /* the operator it becomes, in ONNX's words */
    int *x;           /* [room]; values or FET_GRAPH_NONE */
    int n_x, room;
    const char *const *y_names;
    int n_y;
    bool *is_used; /* [node->n_attributes]: an adapter has dealt with it */
    struct fet_attr_value attrs[FET_ONNX_MAX_ATTRS]; /* set by adapters */
    struct fet_tensor tensors[2];                    /* owned: tensors of attributes */
    int n_tensors;
    const struct fet_op *op;
};

/* onnx_adapt.c: makes a node of an older opset say the same in the newest one's words. *is_done
 * true = nothing is left to add. */
FET_CHECKED fet_status fet_onnx_adapt(struct fet_onnx_importer *im, struct fet_onnx_call *call,
                                      bool *is_done);

/* The oldest opset in which fet_onnx_adapt and the operator know its type. */
int fet_onnx_since(const struct fet_op *op);

/* The attribute of that name, or NULL. */
const struct fet_onnx_attribute *fet_onnx_find_attribute(const struct fet_onnx_call *call,
                                                         const char *name, int *index);

/* Looks the operator up, maps the attributes that are left by name, adds the node. */
FET_CHECKED fet_status fet_onnx_add_call(struct fet_onnx_importer *im, struct fet_onnx_call *call);

/* An unnamed constant of integers: a list, or a scalar when n_dims is 0. */
FET_CHECKED fet_status fet_onnx_add_ints(struct fet_onnx_importer *im, int n_dims,
                                         const int64_t *values, int64_t n, int *value);

#endif
