/* Head header of room report (F6): pages and pictures from results. Knows no task: it draws what
 * answers, charts and figures say. */
#ifndef FET_REPORT_H
#define FET_REPORT_H

#include "media.h"
#include "model.h"

/* The picture with the heat map over it and the regions outlined, verdict and score in a caption
 * strip. scale: the map value that is drawn as the top colour; threshold: where the colour begins
 * to show. */
struct fet_overlay_style {
    double threshold, scale;
    int max_side_px; /* 0 = 1,024: larger pictures are shrunk */
};
FET_CHECKED fet_status fet_overlay_draw(const struct fet_image *picture, const struct fet_answer *a,
                                        const struct fet_overlay_style *style,
                                        struct fet_image *overlay);

/* One self-contained HTML page: no script from outside, no font, no network. */
struct fet_report {
    const char *title, *subtitle;
    const struct fet_task *task;
    const json_t *figures; /* as printed by test --json */
    const char *sentence;  /* what it means */
    const struct fet_charts *charts;
    const struct fet_example *const *examples;
    const struct fet_answer *answers;
    int64_t n;
    struct fet_overlay_style style;
};
/* Atomic. Gallery: wrong answers first, then review, then by score; at most 60 pictures, evenly
 * over labels, shrunk to thumbnails inside the page. */
FET_CHECKED fet_status fet_report_write(const struct fet_report *r, const char *path,
                                        const struct fet_context *c);

#endif
