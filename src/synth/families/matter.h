/* What things are made of: reflectances of real materials, and colours that products come in.
 * All choices are drawn from the generator given (a design's), all values are linear light. */
#ifndef FET_MATTER_H
#define FET_MATTER_H

#include "patch.h"

/* Hue in turns, saturation and value as a painter sees them (sRGB). */
struct fet_material fet_matter_hue(float hue, float saturation, float value, float rough);
/* The same drawn: low and high of hue, of saturation, of value, in this order (the order in which C
 * evaluates arguments is open, so draws must not stand side by side in a call). */
struct fet_material fet_matter_between(struct fet_rng *r, const float spans[6], float rough);
struct fet_material fet_matter_grey(float value, float rough); /* value as in sRGB */

struct fet_material fet_matter_metal(struct fet_rng *r);   /* steel, aluminium, brass, copper ... */
struct fet_material fet_matter_steel(struct fet_rng *r);   /* plain, stainless, zinc, blackened */
struct fet_material fet_matter_plastic(struct fet_rng *r); /* black, white, grey, bright, natural */
struct fet_material fet_matter_dye(struct fet_rng *r);     /* yarns and leather */
struct fet_material fet_matter_ink(struct fet_rng *r,
                                   const struct fet_material *under); /* stands out */

float fet_matter_light(const struct fet_material *m); /* luminance of the albedo */
/* Slight change from part to part: brightness and tint, deviation amount. */
struct fet_material fet_matter_vary(const struct fet_material *m, struct fet_rng *r, float amount);

#endif
