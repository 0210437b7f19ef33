/* ONNX's element types and ours. */
#include "onnx_model.h"

static const char *const names[] = {
    "UNDEFINED",      "FLOAT",      "UINT8",          "INT8",       "UINT16",   "INT16",
    "INT32",          "INT64",      "STRING",         "BOOL",       "FLOAT16",  "DOUBLE",
    "UINT32",         "UINT64",     "COMPLEX64",      "COMPLEX128", "BFLOAT16", "FLOAT8E4M3FN",
    "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "UINT4",      "INT4",     "FLOAT4E2M1",
    "FLOAT8E8M0",     "UINT2",      "INT2",
};

enum { N_NAMES = sizeof names / sizeof names[0] };

const char *fet_onnx_type_name(int64_t onnx_type)
{
    return onnx_type > 0 && onnx_type < N_NAMES ? names[onnx_type] : "?";
}

static const struct {
    int type;
    enum fet_dtype dtype;
} ours[] = {
    {FET_ONNX_FLOAT, FET_F32},
    {FET_ONNX_UINT8, FET_U8},
    {FET_ONNX_INT8, FET_I8},
    {FET_ONNX_UINT16, FET_U16},
    {FET_ONNX_INT16, FET_I16},
    {FET_ONNX_INT32, FET_I32},
    {FET_ONNX_INT64, FET_I64},
    {FET_ONNX_BOOL, FET_BOOL},
    {FET_ONNX_FLOAT16, FET_F16},
    {FET_ONNX_DOUBLE, FET_F64},
    {FET_ONNX_UINT32, FET_U32},
    {FET_ONNX_UINT64, FET_U64},
    {FET_ONNX_BFLOAT16, FET_BF16},
    {FET_ONNX_FLOAT8E4M3FN, FET_F8_E4M3},
    {FET_ONNX_FLOAT8E4M3FNUZ, FET_F8_E4M3FNUZ},
    {FET_ONNX_FLOAT8E5M2, FET_F8_E5M2},
    {FET_ONNX_FLOAT8E5M2FNUZ, FET_F8_E5M2FNUZ},
    {FET_ONNX_UINT4, FET_U4},
    {FET_ONNX_INT4, FET_I4},
    {FET_ONNX_FLOAT4E2M1, FET_F4_E2M1},
    {FET_ONNX_UINT2, FET_U2},
    {FET_ONNX_INT2, FET_I2},
};

enum { N_OURS = sizeof ours / sizeof ours[0] };

fet_status fet_onnx_dtype(int64_t onnx_type, enum fet_dtype *dtype)
{
    for (int i = 0; i < N_OURS; i++) {
        if (ours[i].type != onnx_type) continue;
        *dtype = ours[i].dtype;
        return FET_OK;
    }
    if (onnx_type > 0 && onnx_type < N_NAMES)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: element type %s is unsupported", names[onnx_type]);
    return FET_FAIL(FET_FORMAT, "onnx: there is no element type %lld", (long long)onnx_type);
}

int fet_onnx_type_of(enum fet_dtype dtype)
{
    int i = 0;
    while (i < N_OURS - 1 && ours[i].dtype != dtype) i++;
    return ours[i].type;
}
