/* How a family makes its own faults (missing part, bend, print fault ...): it draws the part twice
 * from the same chances, once good and once faulty, and the mask is where the two differ. So the
 * mask holds exactly what the fault changed: where a thing should be and where it is. */
#ifndef FET_OWN_H
#define FET_OWN_H

#include "draw.h"

struct fet_own {
    const char *fault;  /* NULL: a good part */
    struct fet_rng rng; /* for everything about the fault; the part's own numbers never shift */
};

static inline bool fet_own_is(const struct fet_own *own, const char *fault)
{
    return own->fault != NULL && strcmp(own->fault, fault) == 0;
}

/* Draws one part; takes the same numbers from chance whether own says good or faulty. */
typedef fet_status fet_own_draw(struct fet_scene *scene, struct fet_synth_chance *chance,
                                struct fet_own *own);

/* What a family's draw() calls. Gaps in the mask up to `gap` units wide are filled. FET_MEMORY, and
 * what draw returns. */
FET_CHECKED fet_status fet_own_make(struct fet_scene *scene, struct fet_synth_chance *chance,
                                    const char *fault, float gap, fet_own_draw *draw);

#endif
