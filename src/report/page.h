/* The sections of the page. Each adds its HTML to t; text that came from outside is escaped. */
#ifndef FET_PAGE_H
#define FET_PAGE_H

#include "thumbnail.h"

/* The style sheet, in pieces; NULL behind the last. */
extern const char *const fet_page_styles[];

/* "image_auroc" -> "Image AUROC". */
void fet_page_add_name(struct fet_text *t, const char *key);
/* A JSON scalar as people read it; unit as in fet_metric, NULL = none. */
void fet_page_add_value(struct fet_text *t, const json_t *value, const char *unit);
void fet_page_add_chip(struct fet_text *t, enum fet_verdict verdict);

/* How good and bad parts were judged, as two bars; nothing when there are no verdicts with truth.
 */
void fet_page_add_outcome(struct fet_text *t, const struct fet_report *r);
/* Tiles for the task's metrics, tables for figures by name. */
void fet_page_add_figures(struct fet_text *t, const struct fet_report *r);
/* All that no tile or table says. */
void fet_page_add_facts(struct fet_text *t, const struct fet_report *r);
FET_CHECKED fet_status fet_page_add_charts(struct fet_text *t, const struct fet_report *r);
/* Figures and histogram of the time per answer; nothing when no answer has one. */
bool fet_page_has_timing(const struct fet_report *r);
FET_CHECKED fet_status fet_page_add_timing(struct fet_text *t, const struct fet_report *r);

/* The answers by group: cards with pictures, or a table when no answer is about a picture. */
bool fet_page_has_pictures(const struct fet_report *r);
FET_CHECKED fet_status fet_page_add_gallery(struct fet_text *t, const struct fet_report *r,
                                            const struct fet_context *c);
void fet_page_add_cards(struct fet_text *t, const struct fet_report *r, const int64_t *items,
                        const struct fet_thumbnail *thumbnails, int64_t n);
void fet_page_add_rows(struct fet_text *t, const struct fet_report *r, const int64_t *items,
                       int64_t n, const char *caption);

#endif
