/* Fuzz target: any bytes as PNG. */
#include "fuzz_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    fuzz_picture(bytes, n, FET_IMAGE_PNG);
    return 0;
}
