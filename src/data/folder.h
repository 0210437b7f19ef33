/* A folder (or a manifest, or a single picture) to examples, without being told the layout:
 *   MVTec        train/good, test/<defect>, ground_truth/<defect>/<name>_mask.png or <name>.png;
 *                good may be called ok, normal, pass, 0_good, ...; val/ is calibrate
 *   good beside  good/ (or another name for it, or loose pictures) beside folders named after
 *                defects
 *   flat         one folder of pictures: all taken as good
 *   by class     folders of which none is named good: labels without truth
 *   manifest     .csv or .jsonl with path,label,mask,split,group (only path is needed)
 * In a test folder given alone (test/<defect>) everything is FET_SPLIT_TEST. Folders below the one
 * that names the class mean nothing. */
#ifndef FET_FOLDER_H
#define FET_FOLDER_H

#include "examples.h"

/* Reads names and bytes (for the key) and decodes each picture once. Damaged or foreign files,
 * hidden ones, masks without a picture or of another size are ignored with the reason; an empty
 * result is FET_DATA with a sentence that says what was looked for. FET_NOT_FOUND when there is no
 * such path. Progress and cancel by the context. *e is replaced; it need not be initialised. */
FET_CHECKED fet_status fet_folder_read(const char *path, const struct fet_context *c,
                                       struct fet_examples *e);
/* Exactly these files (predict), in the order given; folders are walked for names of pictures; no
 * truth is guessed. Nothing is opened: keys are 0, and a damaged file shows when it is answered. */
FET_CHECKED fet_status fet_files_read(const char *const *paths, int64_t n_paths,
                                      const struct fet_context *c, struct fet_examples *e);
/* How sure is this a folder of pictures, 0..100; reads names, and of a manifest the text. */
int fet_folder_recognise(const char *path);

#endif
