/* Head header of room onnx (F5): models of the Open Neural Network Exchange format, opset 1 to 27.
 * An imported model is a graph of the graph room; nothing of the file is needed any more. */
#ifndef FET_ONNX_H
#define FET_ONNX_H

#include "graph.h"

/* Reads a file or bytes. FET_FORMAT: damaged or no ONNX model. FET_UNSUPPORTED: a sound model with
 * something that fettle does not have; the sentence names the node and the operator or feature.
 * The caller frees *g. */
FET_CHECKED fet_status fet_onnx_read(const char *path, struct fet_graph **g);
FET_CHECKED fet_status fet_onnx_import(const uint8_t *bytes, size_t n, struct fet_graph **g);

/* For people: what a file says of itself, one paragraph per thing, whether or not it can be
 * imported. */
FET_CHECKED fet_status fet_onnx_describe(const char *path, struct fet_text *text);

/* ---- onnx_npy.c: NumPy's .npy files, for the command line ---- */

/* C order only; version 1 to 3. The caller unrefs *t. */
FET_CHECKED fet_status fet_npy_parse(const uint8_t *bytes, size_t n, struct fet_tensor *t);
FET_CHECKED fet_status fet_npy_read(const char *path, struct fet_tensor *t);
FET_CHECKED fet_status fet_npy_write(const char *path, const struct fet_tensor *t);

/* ---- onnx_test_runner.c: a folder in the layout of the standard's tests ---- */

enum fet_onnx_outcome { FET_ONNX_PASSED, FET_ONNX_FAILED, FET_ONNX_UNSUPPORTED };

struct fet_onnx_test {
    enum fet_onnx_outcome outcome;
    char operator_name[64]; /* of the first node, "?" when the model cannot be read */
    char reason[512];       /* why it failed or what is missing; "" when it passed */
};

/* Runs model.onnx on every test_data_set_N and compares number, type, shape and elements of the
 * outputs: |got - wanted| <= atol + rtol |wanted|, 1e-7 and 1e-3 unless data.json says otherwise;
 * NaN equals NaN, integers are exact. Every outcome is a result; a status is given only when memory
 * runs out. */
FET_CHECKED fet_status fet_onnx_test_run(const char *folder, struct fet_pool *pool,
                                         struct fet_onnx_test *test);

#endif
