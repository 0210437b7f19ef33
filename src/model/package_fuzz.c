/* Any bytes as a model file. */
#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct fet_package p = {0};
    (void)!fet_package_parse(bytes, n, "fuzz", &p);
    fet_package_deinit(&p);
    return 0;
}
