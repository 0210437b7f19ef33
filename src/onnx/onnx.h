/* Head header of room onnx (F3): models of the Open Neural Network Exchange format, opset 1 to 27,
 * and opset 13 to 22 written. An imported model is a graph of the graph room; nothing of the file
 * is needed any more. */
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

/* ---- onnx_export.c ---- */

enum { FET_ONNX_OLDEST = 13, FET_ONNX_STANDARD = 17, FET_ONNX_NEWEST = 22 };

/* The graph as the bytes or the file of an ONNX model of that opset, FET_ONNX_OLDEST to
 * FET_ONNX_NEWEST; 0 = FET_ONNX_STANDARD, or the oldest after it that has all that the graph needs.
 * FET_UNSUPPORTED: the opset has no words for a node (named in the sentence), or an input has no
 * declared type. bytes is replaced; the caller deinits it. Nodes that no output needs are left out,
 * and training is: a batch norm is written as it answers. Imported again the graph gives the same
 * answers, bit for bit but where a newer operator had to be said in older ones. */
FET_CHECKED fet_status fet_onnx_export(const struct fet_graph *g, int opset,
                                       struct fet_text *bytes);
FET_CHECKED fet_status fet_onnx_write(const struct fet_graph *g, int opset, const char *path);

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

struct fet_onnx_test_options {
    struct fet_pool *pool; /* may be NULL */
    bool is_rewritten; /* the model is written by fet_onnx_export and read again before it runs */
};

/* Runs model.onnx on every test_data_set_N and compares number, type, shape and elements of the
 * outputs: |got - wanted| <= atol + rtol |wanted|, 1e-7 and 1e-3 unless data.json says otherwise;
 * NaN equals NaN, integers are exact. Every outcome is a result; a status is given only when memory
 * runs out. options NULL = {0}. */
FET_CHECKED fet_status fet_onnx_test_run(const char *folder,
                                         const struct fet_onnx_test_options *options,
                                         struct fet_onnx_test *test);

#endif
