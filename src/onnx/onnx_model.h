/* What an ONNX file says, read field by field and not yet understood: onnx_import.c makes a graph
 * of it. Everything points into the file's bytes or the arena. */
#ifndef FET_ONNX_MODEL_H
#define FET_ONNX_MODEL_H

#include "graph.h"
#include "protobuf.h"

/* Numbers of the format (onnx.proto): element types, kinds of attributes. */
enum fet_onnx_type {
    FET_ONNX_FLOAT = 1,
    FET_ONNX_UINT8 = 2,
    FET_ONNX_INT8 = 3,
    FET_ONNX_UINT16 = 4,
    FET_ONNX_INT16 = 5,
    FET_ONNX_INT32 = 6,
    FET_ONNX_INT64 = 7,
    FET_ONNX_STRING = 8,
    FET_ONNX_BOOL = 9,
    FET_ONNX_FLOAT16 = 10,
    FET_ONNX_DOUBLE = 11,
    FET_ONNX_UINT32 = 12,
    FET_ONNX_UINT64 = 13,
    FET_ONNX_BFLOAT16 = 16,
    FET_ONNX_FLOAT8E4M3FN = 17,
    FET_ONNX_FLOAT8E4M3FNUZ = 18,
    FET_ONNX_FLOAT8E5M2 = 19,
    FET_ONNX_FLOAT8E5M2FNUZ = 20,
    FET_ONNX_UINT4 = 21,
    FET_ONNX_INT4 = 22,
    FET_ONNX_FLOAT4E2M1 = 23,
    FET_ONNX_UINT2 = 25,
    FET_ONNX_INT2 = 26
};

enum fet_onnx_attribute_type {
    FET_ONNX_ATTR_FLOAT = 1,
    FET_ONNX_ATTR_INT = 2,
    FET_ONNX_ATTR_STRING = 3,
    FET_ONNX_ATTR_TENSOR = 4,
    FET_ONNX_ATTR_GRAPH = 5,
    FET_ONNX_ATTR_FLOATS = 6,
    FET_ONNX_ATTR_INTS = 7,
    FET_ONNX_ATTR_STRINGS = 8
};

struct fet_onnx_attribute {
    const char *name;
    int type; /* enum fet_onnx_attribute_type, or another number of the format */
    int64_t i;
    double r;
    const char *text;
    const int64_t *ints; /* [n] */
    const double *reals; /* [n] */
    int64_t n;
    struct fet_pb tensor; /* TensorProto; see fet_onnx_tensor_parse */
};

struct fet_onnx_node {
    const char *name;    /* may be "" */
    const char *type;    /* "Conv" */
    const char *domain;  /* "" is ONNX's own */
    const char **inputs; /* "" = left out */
    int64_t n_inputs;
    const char **outputs;
    int64_t n_outputs;
    struct fet_onnx_attribute *attributes;
    int64_t n_attributes;
};

/* An input or output of the graph, or an initializer. */
struct fet_onnx_value {
    const char *name;
    const char *kind; /* "tensor", "sequence", "optional", "sparse tensor", "map", "" = not said */
    int type;         /* enum fet_onnx_type, 0 = not said */
    bool has_shape;
    struct fet_shape shape; /* FET_GRAPH_FREE where the file leaves it open */
    struct fet_pb tensor;   /* initializers only: TensorProto */
};

struct fet_onnx_graph {
    const char *name;
    struct fet_onnx_node *nodes;
    int64_t n_nodes;
    struct fet_onnx_value *inputs, *outputs, *initializers;
    int64_t n_inputs, n_outputs, n_initializers;
    bool has_sparse_initializer;
};

struct fet_onnx_opset {
    const char *domain;
    int64_t version;
};

struct fet_onnx_model {
    struct fet_arena arena;
    int64_t ir_version;
    const char *producer, *producer_version; /* "" if not said */
    struct fet_onnx_opset *opsets;
    int64_t n_opsets;
    bool has_functions;
    struct fet_onnx_graph graph;
};

/* bytes are borrowed until deinit. FET_FORMAT: no ONNX model. *m must be {0}; on failure too it is
 * to be deinited. */
FET_CHECKED fet_status fet_onnx_model_parse(const uint8_t *bytes, size_t n,
                                            struct fet_onnx_model *m);
void fet_onnx_model_deinit(struct fet_onnx_model *m);

/* The version of a domain ("" = ONNX's own), 0 if the model does not import it. */
int64_t fet_onnx_model_opset(const struct fet_onnx_model *m, const char *domain);

/* A TensorProto with its elements; *name (may be NULL) gets arena memory. FET_UNSUPPORTED: external
 * data, strings, element types that fettle does not have. The caller unrefs *t. */
FET_CHECKED fet_status fet_onnx_tensor_parse(struct fet_pb message, struct fet_arena *a,
                                             const char **name, struct fet_tensor *t);

/* onnx_type.c: FET_UNSUPPORTED with the type's name, FET_FORMAT if ONNX has no such type. */
FET_CHECKED fet_status fet_onnx_dtype(int64_t onnx_type, enum fet_dtype *dtype);
const char *fet_onnx_type_name(int64_t onnx_type); /* "FLOAT"; "?" if unknown */
int fet_onnx_type_of(enum fet_dtype dtype);

/* Text of a bytes field in the arena; FET_FORMAT if it holds a NUL. */
FET_CHECKED fet_status fet_onnx_text(const struct fet_pb_field *f, const char *field,
                                     struct fet_arena *a, const char **text);

#endif
