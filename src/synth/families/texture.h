/* Short forms of what every family does with noise: make a map, colour with it, roughen with it. */
#ifndef FET_TEXTURE_H
#define FET_TEXTURE_H

#include "patch.h"

/* A scratch map of noise, deviation 1; give it back with fet_scene_map_free. */
FET_CHECKED fet_status fet_texture_new(struct fet_scene *scene, struct fet_rng *rng,
                                       const struct fet_noise *noise, float **map);
/* White noise. */
FET_CHECKED fet_status fet_texture_grain(struct fet_scene *scene, struct fet_rng *rng, float **map);

/* Marks of turning about a pose: fine ones of that width with a few broad ones below; deviation
 * about 1. Sets the brush where the scene has brush maps. */
FET_CHECKED fet_status fet_texture_turned(struct fet_scene *scene, struct fet_rng *rng,
                                          const struct fet_pose *at, float width, float **map);

/* albedo *= 1 + amount * map, all three colours, kept within 0..0.97. */
void fet_texture_shade(struct fet_scene *scene, const float *map, float amount);
/* albedo -> tint where the map is above level, softly over width. */
void fet_texture_tint(struct fet_scene *scene, const float *map, float level, float width,
                      const float tint[3], float strength);
/* rough += amount * map, kept within 0.04..1. */
void fet_texture_roughen(struct fet_scene *scene, const float *map, float amount);

#endif
