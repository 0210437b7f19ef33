/* A second set of maps beside the scene: a textured surface is drawn there as if it filled the
 * world, then a shape of it is cut out and laid on the scene. */
#ifndef FET_LAYER_H
#define FET_LAYER_H

#include "patch.h"

/* The scene with fresh maps (zeros, no brush; the mask is the scene's own). Draw into it, lay it,
 * close it. While it is open draw nothing else that takes scratch maps from the scene itself. */
FET_CHECKED fet_status fet_layer_open(struct fet_scene *scene, struct fet_scene *layer);
void fet_layer_close(struct fet_scene *scene, struct fet_scene *layer); /* gives the maps back */

/* Where the patch covers: the layer's material, its height on top of `thick` units that rise over
 * `bevel` units from the edge, and part = 1. */
FET_CHECKED fet_status fet_layer_lay(struct fet_scene *scene, const struct fet_scene *layer,
                                     const struct fet_patch *p, float thick, float bevel,
                                     enum fet_profile profile);

#endif
