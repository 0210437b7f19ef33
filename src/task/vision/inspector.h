/* The state of the task `inspect` and the one path from a picture to its score, which fit,
 * calibrate, answer and test all take. */
#ifndef FET_INSPECTOR_H
#define FET_INSPECTOR_H

#include "band.h"
#include "discriminator.h"
#include "picture.h"
#include "train.h"

/* Changed by fit and calibrate, read-only after. */
struct fet_inspector {
    struct fet_extractor extractor;
    struct fet_look look;
    struct fet_band bands[FET_MAX_BANDS];
    int n_bands;
    struct fet_discriminator discriminator; /* n_in 0 = the memory judges alone */
    bool is_placed;                         /* does the place in the picture count? */
    double same_place;                      /* why: see fet_band_whiten */
    int usual_w, usual_h; /* of the pictures it learned from, as shown: the median */
    int64_t n_fit;        /* pictures it learned from */
    int64_t n_later;      /* that it remembered later */
    int n_folds;          /* of the pictures it learned from, that calibrated; 0 = others did */

    double *scores;   /* owned [n_scores] ascending: of the calibration parts */
    int64_t n_scores; /* 0 = no part was left to calibrate with: nothing is promised */
    double wished;    /* false rejects */
    struct fet_conformal_threshold reject, review;
};

void fet_inspector_free(struct fet_inspector *s); /* accepts NULL */

/* Fit, calibrate and update, as in fet_task. */
FET_CHECKED fet_status fet_inspector_fit(struct fet_examples *e, const struct fet_task_job *job,
                                         void **state);
FET_CHECKED fet_status fet_inspector_calibrate(void *state, struct fet_examples *e,
                                               const struct fet_task_job *job);
FET_CHECKED fet_status fet_inspector_update(void *state, struct fet_examples *e,
                                            const struct fet_task_job *job);

/* The good parts of a split: borrowed, in key order. */
FET_CHECKED fet_status fet_inspector_select_good(struct fet_examples *e, enum fet_split split,
                                                 const struct fet_example ***x, int64_t *n);
/* Scores of pictures x [n], one for each part, its highest: *scores [*n_parts] ascending, owned by
 * the caller (fet_free). Parallel. */
FET_CHECKED fet_status fet_inspector_score_parts(const struct fet_inspector *s,
                                                 const struct fet_examples *e,
                                                 const struct fet_example *const *x, int64_t n,
                                                 const struct fet_context *c, double **scores,
                                                 int64_t *n_parts);
/* The same of the parts in folds, each judged by an inspector that learned from the other folds. */
FET_CHECKED fet_status fet_inspector_cross(struct fet_examples *e, const struct fet_task_job *job,
                                           double **scores, int64_t *n_parts);
/* Both thresholds from the scores that s holds and the options about rates. */
FET_CHECKED fet_status fet_inspector_set_thresholds(struct fet_inspector *s,
                                                    const struct fet_settings *settings);

/* Remembers pictures x [n] of good parts beyond those that were learned from: that can only make a
 * part less unusual (fet_band_remember_more), so what the thresholds promise of good parts holds.
 * A network remembers the parts that calibrated so, once the thresholds stand; filters do not:
 * their standards are narrow, and the thresholds would be too wide for what is left of the scores.
 * The memory grows in proportion to the pictures, up to FET_INSPECTOR_GROWTH times what it was. */
enum { FET_INSPECTOR_GROWTH = 3 };
FET_CHECKED fet_status fet_inspector_remember_more(struct fet_inspector *s,
                                                   const struct fet_examples *e,
                                                   const struct fet_example *const *x, int64_t n,
                                                   const struct fet_task_job *job);

/* What cell number `cell` of a map and its neighbours say in all bands, one after the other, before
 * any whitening. */
void fet_inspector_gather(const struct fet_inspector *s, const struct fet_feature_map *map,
                          int64_t cell, float *row);
/* Numbers of a cell's description in all bands, whitened: what the discriminator reads. */
int fet_inspector_numbers(const struct fet_inspector *s);
/* What the memory says of each cell, and, unless odds is NULL, what the discriminator says, which
 * there must be: both [h,w] of the features, not smoothed, in deviations of good parts. */
FET_CHECKED fet_status fet_inspector_map(const struct fet_inspector *s,
                                         const struct fet_feature_map *features,
                                         struct fet_pool *pool, float *unusual, float *odds);

/* Teaches the discriminator with defects made in pictures x [n] of good parts, of which the bands
 * have been learned; with as many as --effort says, which may be none. */
FET_CHECKED fet_status fet_inspector_discriminate(struct fet_inspector *s,
                                                  const struct fet_examples *e,
                                                  const struct fet_example *const *x, int64_t n,
                                                  const struct fet_task_job *job);

/* How unusual a picture is, cell by cell. */
struct fet_unusual {
    float *map;               /* owned [h,w], smoothed, in deviations of good parts */
    int w, h;                 /* cells */
    double score;             /* of the highest cell */
    int picture_w, picture_h; /* as the user sees it */
    double cells_w, cells_h;  /* size of the picture in cells: at most w x h */
};

void fet_unusual_deinit(struct fet_unusual *u); /* accepts {0} */
FET_CHECKED fet_status fet_inspector_look(const struct fet_inspector *s,
                                          const struct fet_examples *e, const struct fet_example *x,
                                          struct fet_pool *pool, struct fet_unusual *u);

/* accept, review or reject; and the share of good parts that look at least as odd (NaN when nothing
 * was calibrated). */
enum fet_verdict fet_inspector_judge(const struct fet_inspector *s, double score);
double fet_inspector_p_value(const struct fet_inspector *s, double score);

/* As the members of fet_task that bear these names. */
FET_CHECKED fet_status fet_inspector_describe(const void *state, json_t **json);
FET_CHECKED fet_status fet_inspector_explain(const void *state, struct fet_text *text);
FET_CHECKED fet_status fet_inspector_save(const void *state, struct fet_package *p);
FET_CHECKED fet_status fet_inspector_load(const struct fet_package *p,
                                          const struct fet_settings *settings, void **state);

#endif
