/* Finding and running operators; what every call is checked for before its operator sees it. */
#include "op.h"

#include <assert.h>
#include <string.h>

const struct fet_op *fet_op_find(const char *name)
{
    for (int i = 0; fet_ops[i] != NULL; i++) {
        if (strcmp(fet_ops[i]->name, name) == 0) return fet_ops[i];
    }
    return NULL;
}

const struct fet_op *fet_op_find_onnx(const char *onnx_type)
{
    for (int i = 0; fet_ops[i] != NULL; i++) {
        if (fet_ops[i]->onnx_type == NULL) continue;
        if (strcmp(fet_ops[i]->onnx_type, onnx_type) == 0) return fet_ops[i];
    }
    return NULL;
}

int fet_op_n_attrs(const struct fet_op *op)
{
    int n = 0;
    while (op->attrs != NULL && op->attrs[n].name != NULL) n++;
    return n;
}

const struct fet_attr_value *fet_op_attr(const struct fet_op_call *c, const char *name)
{
    for (int i = 0; i < fet_op_n_attrs(c->op); i++) {
        if (strcmp(c->op->attrs[i].name, name) == 0) return &c->attrs[i];
    }
    assert(false && "the operator has no such attribute");
    return NULL;
}

fet_status fet_op_infer(const struct fet_op_call *c)
{
    const struct fet_op *op = c->op;
    if (c->n_x < op->min_x) {
        return FET_FAIL(FET_ARGUMENT, "%s: %d inputs given, at least %d wanted", op->name, c->n_x,
                        op->min_x);
    }
    if (op->max_x >= 0 && c->n_x > op->max_x) {
        return FET_FAIL(FET_ARGUMENT, "%s: %d inputs given, at most %d wanted", op->name, c->n_x,
                        op->max_x);
    }
    for (int i = 0; i < op->min_x; i++) {
        if (c->x[i] != NULL) continue;
        return FET_FAIL(FET_ARGUMENT, "%s: input %d was left out", op->name, i);
    }
    const int n_visible = c->n_y - op->n_saved;
    if (op->n_y >= 0 ? n_visible != op->n_y : n_visible < 1) {
        return FET_FAIL(FET_ARGUMENT, "%s: room for %d outputs, %d wanted", op->name, n_visible,
                        op->n_y >= 0 ? op->n_y : 1);
    }
    FET_TRY(op->infer(c));
    for (int i = 0; i < c->n_y; i++) {
        int64_t count = 0;
        FET_TRY(fet_status_add(op->name, fet_shape_count(&c->y[i]->shape, &count)));
    }
    return FET_OK;
}

fet_status fet_op_run(const struct fet_op_call *c)
{
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_op_infer(c));
    for (int i = 0; i < c->n_y; i++) {
        struct fet_tensor t = {0};
        FET_TRY_OUT(fet_tensor_new(c->y[i]->dtype, c->y[i]->shape.n_dims, c->y[i]->shape.dims, &t));
        *c->y[i] = t;
    }
    FET_TRY_OUT(c->op->forward(c));
out:
    for (int i = 0; st != FET_OK && i < c->n_y; i++) fet_tensor_unref(c->y[i]);
    return st;
}
