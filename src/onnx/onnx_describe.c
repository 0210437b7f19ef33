/* What an ONNX file says of itself, for people: also when it cannot be imported. */
#include <string.h>

#include "onnx.h"
#include "onnx_model.h"

static void add_values(struct fet_text *text, const char *title, const struct fet_onnx_value *v,
                       int64_t n)
{
    fet_text_add(text, "\n%s\n", title);
    for (int64_t i = 0; i < n; i++) {
        char shape[128] = "any shape";
        if (v[i].has_shape) fet_shape_text(&v[i].shape, shape);
        fet_text_add_string(text, "  ");
        fet_text_add_utf8(text, v[i].name);
        if (strcmp(v[i].kind, "tensor") == 0)
            fet_text_add(text, "  %s %s\n", fet_onnx_type_name(v[i].type), shape);
        else
            fet_text_add(text, "  %s\n", v[i].kind);
    }
}

/* Each operator once, in the order of appearance, with how often it appears. */
static fet_status add_operators(struct fet_text *text, const struct fet_onnx_graph *g,
                                struct fet_arena *a)
{
    int64_t n = 0;
    int64_t *const counts = fet_arena_alloc(a, g->n_nodes, sizeof *counts);
    const char **const types = fet_arena_alloc(a, g->n_nodes, sizeof *types);
    if (counts == NULL || types == NULL) return FET_FAIL_MEMORY("onnx", g->n_nodes);
    for (int64_t i = 0; i < g->n_nodes; i++) {
        int64_t k = 0;
        while (k < n && strcmp(types[k], g->nodes[i].type) != 0) k++;
        if (k == n) types[n++] = g->nodes[i].type;
        counts[k]++;
    }
    fet_text_add(text, "\nOperators\n");
    for (int64_t k = 0; k < n; k++) {
        fet_text_add(text, "  %6lld  ", (long long)counts[k]);
        fet_text_add_utf8(text, types[k]);
        fet_text_add(text, "%s\n",
                     fet_op_find_onnx(types[k]) == NULL && strcmp(types[k], "Constant")
                         ? "  (not in fettle's table)"
                         : "");
    }
    return FET_OK;
}

static fet_status describe(const struct fet_onnx_model *m, struct fet_arena *a,
                           struct fet_text *text)
{
    fet_text_add(text, "ONNX model, format %lld", (long long)m->ir_version);
    if (m->producer[0] != '\0') {
        fet_text_add_string(text, ", made by ");
        fet_text_add_utf8(text, m->producer);
        fet_text_add_string(text, " ");
        fet_text_add_utf8(text, m->producer_version);
    }
    for (int64_t i = 0; i < m->n_opsets; i++) {
        fet_text_add_string(text, i == 0 ? "\nOpset " : ", ");
        fet_text_add_utf8(text, m->opsets[i].domain[0] ? m->opsets[i].domain : "ai.onnx");
        fet_text_add(text, " %lld", (long long)m->opsets[i].version);
    }
    fet_text_add(text, "\n%lld nodes, %lld constants\n", (long long)m->graph.n_nodes,
                 (long long)m->graph.n_initializers);
    add_values(text, "Inputs", m->graph.inputs, m->graph.n_inputs);
    add_values(text, "Outputs", m->graph.outputs, m->graph.n_outputs);
    FET_TRY(add_operators(text, &m->graph, a));
    return fet_text_status(text, "onnx");
}

fet_status fet_onnx_describe(const char *path, struct fet_text *text)
{
    struct fet_onnx_model m = {0};
    struct fet_arena a = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_file_read(path, INT32_MAX, &bytes, &n));
    fet_status st = fet_onnx_model_parse(bytes, n, &m);
    if (st == FET_OK) st = describe(&m, &a, text);
    fet_onnx_model_deinit(&m);
    fet_arena_deinit(&a);
    fet_free(bytes);
    return fet_status_add(path, st);
}
