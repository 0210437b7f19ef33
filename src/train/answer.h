/* The answer to one example. One struct for all tasks; a task fills what it declares. */
#ifndef FET_ANSWER_H
#define FET_ANSWER_H

#include "base.h"

enum fet_verdict { FET_VERDICT_NONE, FET_VERDICT_ACCEPT, FET_VERDICT_REVIEW, FET_VERDICT_REJECT };
const char *fet_verdict_name(enum fet_verdict v);

struct fet_region { /* in pixels of the picture as the user sees it */
    int x, y, w, h;
    double score;
};

struct fet_answer {
    const char *path;         /* of the example */
    enum fet_verdict verdict; /* NONE = this task gives none */
    double score, p_value;    /* NaN = none; score: higher is worse */
    struct fet_region *regions;
    int n_regions;
    float *map; /* [map_h,map_w] anomaly map over the whole picture, coarser than it;
                   same units as score; NULL = none. fet_answer_draw_map enlarges it */
    int map_w, map_h;
    int picture_w, picture_h;   /* 0 = not a picture */
    const char *label;          /* predicted class; NULL = none */
    const char *const *classes; /* borrowed from the task's state */
    double *probabilities;      /* [n_classes]; NULL = none */
    int n_classes;
    double value, low, high; /* predicted number with its interval; NaN = none */
    double ms;               /* wall time of the answer, decode included; set by the caller */
    struct fet_arena arena;  /* owns path, regions, map, label, probabilities */
};

void fet_answer_init(struct fet_answer *a);   /* NaNs and zeroes */
void fet_answer_deinit(struct fet_answer *a); /* accepts NULL */

/* The map at picture size (or any other), bilinear: out [h,w], the caller's memory. Needs a map. */
FET_CHECKED fet_status fet_answer_draw_map(const struct fet_answer *a, int w, int h, float *out);

/* The members that a task's answers have, by JSON name, NULL-terminated: "verdict", "score",
 * "p_value", "regions", "label", "probabilities", "value", "interval". path and ms always come. */
/* {path, members in the declared order, ms}. The one printer of answers. has_ms false leaves ms out
 * (golden answers). */
FET_CHECKED fet_status fet_answer_to_json(const struct fet_answer *a, const char *const *members,
                                          bool has_ms, json_t **json);
/* Are two printed answers equal within a relative tolerance on numbers? The sentence names the
 * member. */
FET_CHECKED fet_status fet_answer_compare(const json_t *wanted, const json_t *found,
                                          double tolerance);

#endif
