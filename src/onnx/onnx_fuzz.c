/* Any bytes as a model, as a tensor and as an .npy file. */
#include "onnx.h"
#include "onnx_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct fet_graph *g = NULL;
    struct fet_tensor t = {0};
    struct fet_arena a = {0};
    if (fet_onnx_import(bytes, n, &g) == FET_OK) fet_graph_free(g);
    if (fet_onnx_tensor_parse((struct fet_pb){bytes, n}, &a, NULL, &t) == FET_OK)
        fet_tensor_unref(&t);
    if (fet_npy_parse(bytes, n, &t) == FET_OK) fet_tensor_unref(&t);
    fet_arena_deinit(&a);
    return 0;
}
