/* Private to data: what passes between finding pictures (walk, layout, manifest) and reading them.
 */
#ifndef FET_READING_H
#define FET_READING_H

#include "examples.h"

/* One file that may become an example. Strings are borrowed from the arena of the examples. */
struct fet_found {
    const char *path;                      /* to open it, and what the example will show */
    const char *label, *mask_path, *group; /* NULL = none */
    enum fet_truth truth;
    enum fet_split split;
};

struct fet_findings {
    struct fet_found *items; /* owned (fet_free) */
    int64_t n, cap;
};

FET_CHECKED fet_status fet_findings_add(struct fet_findings *f, const struct fet_found *item);
void fet_findings_deinit(struct fet_findings *f); /* accepts {0} */

/* One line "name: why" to e->ignored, the name as it is below the root; what would break the line
 * is replaced by '?'. Sticky like any fet_text: ask fet_text_status at the end. */
void fet_examples_ignore(struct fet_examples *e, const char *format, ...) FET_PRINTF(2, 3);

/* Reads every file on the pool: digest, picture, its mask's header. What cannot be used goes to
 * e->ignored; the rest becomes e->items, in the order of the findings, with the pictures' details
 * as payload. */
FET_CHECKED fet_status fet_findings_read(const struct fet_findings *f, const struct fet_context *c,
                                         struct fet_examples *e);

/* What a folder is called, for people who look at names: see folder_name.c. */
enum fet_folder_meaning {
    FET_FOLDER_OTHER,
    FET_FOLDER_GOOD,      /* good, ok, normal, 0_good, no-defect, ... */
    FET_FOLDER_FIT,       /* train, training, fit */
    FET_FOLDER_CALIBRATE, /* val, validation, calibrate, ... */
    FET_FOLDER_TEST,
    FET_FOLDER_MASKS, /* ground_truth */
    FET_FOLDER_NUMBER /* four digits or more and nothing else: a date, a batch */
};
enum fet_folder_meaning fet_folder_meaning_of(const char *name);
/* The split that a FIT, CALIBRATE or TEST folder stands for; FET_SPLIT_NONE for the others. */
enum fet_split fet_folder_split(enum fet_folder_meaning meaning);

/* All files below a folder, as paths relative to it, folder by folder in the order of their names.
 * Links are followed, but no folder is entered twice; hidden files, and names that are not UTF-8,
 * are ignored with the reason, as are folders that cannot be read (but for the first). */
struct fet_walk {
    const char **files; /* owned array (fet_free) of strings in the arena */
    int64_t n, cap, n_folders;
};
FET_CHECKED fet_status fet_walk_folder(const char *root, struct fet_examples *e,
                                       struct fet_walk *walk);
void fet_walk_deinit(struct fet_walk *walk); /* accepts {0} */

/* Finds out what the names of the files mean and says so in e->layout. root_name is the name of
 * the folder itself: "test" makes everything a test. Opens nothing. */
FET_CHECKED fet_status fet_layout_apply(const char *root, const char *root_name,
                                        const struct fet_walk *walk, struct fet_examples *e,
                                        struct fet_findings *f);

#endif
