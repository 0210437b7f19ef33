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

fet_status fet_onnx_dtype(int64_t onnx_type, enum fet_dtype *dtype)
{
    switch (onnx_type) {
    case FET_ONNX_FLOAT:
        *dtype = FET_F32;
        return FET_OK;
    case FET_ONNX_UINT8:
        *dtype = FET_U8;
        return FET_OK;
    case FET_ONNX_INT8:
        *dtype = FET_I8;
        return FET_OK;
    case FET_ONNX_UINT16:
        *dtype = FET_U16;
        return FET_OK;
    case FET_ONNX_INT16:
        *dtype = FET_I16;
        return FET_OK;
    case FET_ONNX_INT32:
        *dtype = FET_I32;
        return FET_OK;
    case FET_ONNX_INT64:
        *dtype = FET_I64;
        return FET_OK;
    case FET_ONNX_BOOL:
        *dtype = FET_BOOL;
        return FET_OK;
    case FET_ONNX_FLOAT16:
        *dtype = FET_F16;
        return FET_OK;
    case FET_ONNX_DOUBLE:
        *dtype = FET_F64;
        return FET_OK;
    case FET_ONNX_UINT32:
        *dtype = FET_U32;
        return FET_OK;
    case FET_ONNX_UINT64:
        *dtype = FET_U64;
        return FET_OK;
    case FET_ONNX_BFLOAT16:
        *dtype = FET_BF16;
        return FET_OK;
    default:
        break;
    }
    if (onnx_type > 0 && onnx_type < N_NAMES)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: element type %s is unsupported", names[onnx_type]);
    return FET_FAIL(FET_FORMAT, "onnx: there is no element type %lld", (long long)onnx_type);
}
