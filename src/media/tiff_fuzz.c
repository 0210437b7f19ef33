/* Fuzz target: any bytes as TIFF. */
#include "fuzz_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    fuzz_picture(bytes, n, FET_IMAGE_TIFF);
    return 0;
}
