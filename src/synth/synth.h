/* Head header of room synth (F3): a world of parts made by mathematics.
 *
 * One part is made in four steps: a FAMILY lays out material maps (scene.h), DEFECTS change those
 * maps and mark a mask, LIGHT turns maps into radiance, the CAMERA turns radiance into a picture
 * (pose, focus, exposure, noise, JPEG). The same (family, product, seed, index) gives the same
 * bytes on every machine of one type. */
#ifndef FET_SYNTH_H
#define FET_SYNTH_H

#include "media.h"

/* What is to be made. A product is one design of a family (its shape, colours, print, stand):
 * all parts of a product look alike but for what varies from part to part and shot to shot. */
struct fet_synth_order {
    const char *family; /* name from fet_synth_family_name */
    uint64_t product;   /* which design */
    uint64_t seed;      /* which series of parts */
    int64_t index;      /* which part of the series */
    const char *defect; /* NULL = good; a name from fet_synth_defect_name */
    int size_px;        /* width = height, 64..2048 */
    double variation;   /* 0..1, how much light, pose, focus, exposure vary; 0.5 = a normal line */
};

struct fet_synth_part {
    struct fet_image picture; /* RGB 8 */
    struct fet_image
        mask; /* grey 8: 255 where the defect is visible, else 0; all 0 for good parts */
};

/* FET_NOT_FOUND lists the names. FET_DATA when the family has no such defect. */
FET_CHECKED fet_status fet_synth_make(const struct fet_synth_order *order,
                                      struct fet_synth_part *part);
/* The same with the caller's scratch memory, which is reset first: for making many. */
FET_CHECKED fet_status fet_synth_make_in(const struct fet_synth_order *order,
                                         struct fet_arena *arena, struct fet_synth_part *part);
/* Would that order be accepted? Fails as fet_synth_make does before it makes anything. */
FET_CHECKED fet_status fet_synth_check(const struct fet_synth_order *order);
void fet_synth_part_deinit(struct fet_synth_part *part);

/* The tables: names in order, NULL behind the last. */
const char *fet_synth_family_name(int i_family);
const char *fet_synth_family_summary(int i_family);
const char *fet_synth_defect_name(int i_defect);
const char *fet_synth_defect_summary(int i_defect);
bool fet_synth_has_defect(const char *family, const char *defect);
/* Defect i of those that the family has; NULL behind the last. */
const char *fet_synth_family_defect(const char *family, int i);

/* A folder in the MVTec layout: train/good, test/good, test/<defect>, ground_truth/<defect>.
 * In parallel over parts; the same bytes whatever the number of threads. Blanks in names of defects
 * become underscores. */
struct fet_synth_set {
    const char *family;
    uint64_t product, seed;
    int n_train, n_test_good, n_per_defect; /* per kind of defect that the family has */
    int size_px;
    double variation;
    bool is_jpeg; /* else PNG */
};
/* The folder must be absent or empty. All or nothing: after a failure it is gone. */
FET_CHECKED fet_status fet_synth_write_set(const struct fet_synth_set *set, const char *folder,
                                           const struct fet_context *c);
/* One picture with n_columns x n_rows parts, good ones first, then each defect with its outline. */
FET_CHECKED fet_status fet_synth_contact_sheet(const struct fet_synth_set *set, int n_columns,
                                               int n_rows, struct fet_image *sheet);

#endif
