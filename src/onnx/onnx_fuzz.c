/* Any bytes as a model, as a tensor and as an .npy file. What can be imported and written must be
 * importable again. */
#include <assert.h>

#include "onnx.h"
#include "onnx_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void write_and_read(const struct fet_graph *g)
{
    struct fet_text bytes = {0};
    struct fet_graph *again = NULL;
    if (fet_onnx_export(g, 0, &bytes) != FET_OK) return;
    const fet_status st = fet_onnx_import((const uint8_t *)bytes.s, bytes.n, &again);
    assert(st == FET_OK);
    (void)st;
    fet_graph_free(again);
    fet_text_deinit(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct fet_graph *g = NULL;
    struct fet_tensor t = {0};
    struct fet_arena a = {0};
    if (fet_onnx_import(bytes, n, &g) == FET_OK) {
        write_and_read(g);
        fet_graph_free(g);
    }
    if (fet_onnx_tensor_parse((struct fet_pb){bytes, n}, &a, NULL, &t) == FET_OK)
        fet_tensor_unref(&t);
    if (fet_npy_parse(bytes, n, &t) == FET_OK) fet_tensor_unref(&t);
    fet_arena_deinit(&a);
    return 0;
}
