/* Pictures of good parts, prepared and held in memory: as many at a time as a budget allows, so
 * that many looks at a picture cost one decoding, whatever the number and size of the pictures. */
#ifndef FET_ALBUM_H
#define FET_ALBUM_H

#include "picture.h"

struct fet_album {
    const struct fet_look *look; /* borrowed, as e and x */
    const struct fet_examples *e;
    const struct fet_example *const *x;
    int64_t n;               /* pictures in all */
    int64_t first, n_held;   /* the page that is open */
    int64_t n_bytes, budget; /* held; a page is full when they reach the budget */
    struct fet_image *held;  /* owned [n]: picture first + i at i, 8 bit, colours of the look */
};

/* The budget, which a test may lower before the first page. */
enum { FET_ALBUM_BYTES = 96 << 20 };
FET_CHECKED fet_status fet_album_open(const struct fet_look *look, const struct fet_examples *e,
                                      const struct fet_example *const *x, int64_t n,
                                      struct fet_album *a);
void fet_album_close(struct fet_album *a); /* accepts {0} */

/* Closes the page and begins the next with the picture behind its last; nothing is held yet. False
 * when there is none. */
bool fet_album_turn(struct fet_album *a);
bool fet_album_is_full(const struct fet_album *a); /* or all pictures have been read */
/* Reads a few pictures more, in parallel. Pages do not depend on the number of threads. */
FET_CHECKED fet_status fet_album_read(struct fet_album *a, struct fet_pool *pool);

#endif
