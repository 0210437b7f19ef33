/* Pictures with answers on them, for this room: what fet_overlay_draw and the page share. */
#ifndef FET_OVERLAY_H
#define FET_OVERLAY_H

#include "report.h"

/* As fet_overlay_draw; is_captioned false leaves out the strip below and the scores of regions, so
 * the result has the shape of the picture. is_marked false gives the plain picture at that size. */
struct fet_overlay_parts {
    bool is_marked, is_captioned;
};
FET_CHECKED fet_status fet_overlay_paint(const struct fet_image *picture,
                                         const struct fet_answer *a,
                                         const struct fet_overlay_style *style,
                                         struct fet_overlay_parts parts, struct fet_image *overlay);

/* Is there anything to mark: a map above the threshold or a region? */
bool fet_overlay_has_marks(const struct fet_answer *a, const struct fet_overlay_style *style);

#endif
