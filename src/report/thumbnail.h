/* Small pictures inside the page, as JPEG in base64. */
#ifndef FET_THUMBNAIL_H
#define FET_THUMBNAIL_H

#include "choice.h"

enum { FET_THUMBNAIL_SIDE_PX = 320 };

struct fet_thumbnail {
    int width, height;             /* of both; 0 = there is none */
    struct fet_text plain, marked; /* base64; marked is empty when there is nothing to mark */
    bool has_truth;                /* the true defect is outlined on the plain one */
    char trouble[256];             /* why there is none; "" = it was no picture */
};

/* One per chosen example, in order. A picture that cannot be read gives its reason instead and is
 * no failure. Pictures are decoded in parallel when the context has a pool. */
FET_CHECKED fet_status fet_thumbnails_make(const struct fet_report *r,
                                           const struct fet_choice *choice,
                                           const struct fet_context *c,
                                           struct fet_thumbnail **thumbnails);
void fet_thumbnails_free(struct fet_thumbnail *thumbnails, int64_t n); /* accepts NULL */

void fet_base64_add(struct fet_text *t, const uint8_t *bytes, size_t n); /* RFC 4648, padded */

#endif
