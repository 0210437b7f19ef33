/* Head header of room report (F6): pages and pictures from results. Knows no task: it draws what
 * answers, charts and figures say. */
#ifndef FET_REPORT_H
#define FET_REPORT_H

#include "media.h"
#include "model.h"

/* The picture, RGB 8, with the heat map over it and the regions outlined, verdict and score in a
 * caption strip below. scale: the map value that is drawn as the top colour; threshold: where the
 * colour begins to show, also printed; what is not finite is taken from the map. Large pictures are
 * shrunk, tiny ones enlarged by a whole factor, so that the caption can be read. Thread-safe. */
struct fet_overlay_style {
    double threshold, scale;
    int max_side_px; /* 0 = 1,024: larger pictures are shrunk */
};
FET_CHECKED fet_status fet_overlay_draw(const struct fet_image *picture, const struct fet_answer *a,
                                        const struct fet_overlay_style *style,
                                        struct fet_image *overlay);

/* One self-contained HTML page: no script, no font, no network. All pointers are borrowed. */
struct fet_report {
    const char *title, *subtitle; /* subtitle NULL = none */
    const struct fet_task *task;
    const json_t *figures; /* as printed by test --json; NULL = none */
    const char *sentence;  /* what it means; NULL = none */
    const struct fet_charts *charts;
    const struct fet_example *const *examples; /* [n], in the order of answers */
    const struct fet_answer *answers;          /* [n] */
    int64_t n;
    struct fet_overlay_style style;
};
/* Atomic; the same input gives the same bytes. Gallery: wrong answers first, then review, then
 * right ones; at most 60 examples, evenly over labels, as thumbnails inside the page. A picture
 * that cannot be read any more leaves its reason in the page. */
FET_CHECKED fet_status fet_report_write(const struct fet_report *r, const char *path,
                                        const struct fet_context *c);

#endif
