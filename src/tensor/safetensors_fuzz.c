/* Any bytes as a file of tensors; what is accepted is read to its last byte and printed again. */
#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct fet_tensors p = {0};
    uint8_t *printed = NULL;
    size_t n_printed = 0;
    if (fet_safetensors_parse(bytes, n, "fuzz", NULL, &p) == FET_OK) {
        (void)!fet_safetensors_print(&p, &printed, &n_printed);
    }
    fet_free(printed);
    fet_tensors_deinit(&p);
    return 0;
}
