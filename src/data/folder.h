/* A folder (or a manifest, or single pictures) to examples, without being told the layout:
 *   MVTec        train/good, test/<defect>, ground_truth/<defect>/<name>_mask.png
 *   good beside  good/ (or ok, normal, pass) beside folders named after defects
 *   flat         one folder of pictures: all taken as good
 *   manifest     .csv or .jsonl with path,label,mask,split,group (only path is needed)
 * In a test folder given alone (test/<defect>) everything is FET_SPLIT_TEST. */
#ifndef FET_FOLDER_H
#define FET_FOLDER_H

#include "examples.h"

/* Reads names, sizes and bytes (for the key), decodes headers only. Damaged or foreign files are
 * ignored with the reason; an empty result is FET_DATA with a sentence that says what was looked
 * for. Progress and cancel by the context. */
FET_CHECKED fet_status fet_folder_read(const char *path, const struct fet_context *c,
                                       struct fet_examples *e);
/* Exactly these files (predict): folders are walked; no truth is guessed. */
FET_CHECKED fet_status fet_files_read(const char *const *paths, int64_t n_paths,
                                      const struct fet_context *c, struct fet_examples *e);
/* How sure is this a folder of pictures, 0..100; reads names only. */
int fet_folder_recognise(const char *path);

#endif
