/* A manifest: a list of pictures with what is known of them, as CSV or JSON lines. */
#ifndef FET_MANIFEST_H
#define FET_MANIFEST_H

#include "examples.h"

struct fet_manifest_row { /* strings in the arena; NULL = not given */
    const char *path, *label, *mask, *group;
    enum fet_split split;
    int64_t line; /* in the file, from 1 */
};

struct fet_manifest {
    struct fet_manifest_row *rows; /* owned (fet_free) */
    int64_t n, cap;
    bool has_labels; /* there is a label column, or a label somewhere */
};

enum fet_manifest_format { FET_MANIFEST_CSV, FET_MANIFEST_JSONL };

/* CSV: RFC 4180 with a header line; the separator is the one of , ; tab that the header has most
 * of; quotes double inside quotes; a line break inside quotes is refused. JSONL: one object a
 * line. Column names, ASCII case ignored: path (or file, filename, image), label (class), mask
 * (mask_path), split (set), group; others are ignored. FET_FORMAT names the line. */
FET_CHECKED fet_status fet_manifest_parse(const void *bytes, size_t n, const char *name,
                                          enum fet_manifest_format format, struct fet_arena *a,
                                          struct fet_manifest *m);
/* The path in the first row, or NULL when there is none; later mistakes are not looked for. */
FET_CHECKED fet_status fet_manifest_glance(const void *bytes, size_t n,
                                           enum fet_manifest_format format, struct fet_arena *a,
                                           const char **path);
void fet_manifest_deinit(struct fet_manifest *m); /* accepts {0} */

/* By extension: .csv, .tsv; .jsonl, .ndjson. */
bool fet_manifest_is_name(const char *path, enum fet_manifest_format *format);

#endif
