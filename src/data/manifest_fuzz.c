/* Any bytes as a CSV and as a JSONL manifest: a status with a sentence, or rows with a path each.
 */
#include "manifest.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    for (int format = FET_MANIFEST_CSV; format <= FET_MANIFEST_JSONL; format++) {
        struct fet_arena a = {0};
        struct fet_manifest m = {0};
        const fet_status st =
            fet_manifest_parse(bytes, n, "input", (enum fet_manifest_format)format, &a, &m);
        if (st != FET_OK) assert(strlen(fet_status_message()) > 0 && m.rows == NULL);
        for (int64_t i = 0; i < m.n; i++)
            assert(m.rows[i].path[0] != '\0' && m.rows[i].line > 0 &&
                   fet_text_is_utf8(m.rows[i].path, strlen(m.rows[i].path)));
        const char *first = NULL;
        const fet_status glance =
            fet_manifest_glance(bytes, n, (enum fet_manifest_format)format, &a, &first);
        if (st == FET_OK) assert(glance == FET_OK && (first != NULL) == (m.n > 0));
        fet_manifest_deinit(&m);
        fet_arena_deinit(&a);
    }
    return 0;
}
