/* Any bytes as JSON; what is accepted must survive printing and reading again. */
#include "alloc.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    json_t *first = NULL, *second = NULL;
    char *printed = NULL;
    if (fet_json_parse(bytes, n, "fuzz", &first) != FET_OK) return 0;
    if (fet_json_print(first, n % 2 == 0, &printed) != FET_OK) abort();
    if (fet_json_parse(printed, strlen(printed), "printed", &second) != FET_OK) abort();
    if (!json_equal(first, second)) abort();
    fet_free(printed);
    json_decref(first);
    json_decref(second);
    return 0;
}
