/* What every family's file includes, and the families themselves. */
#ifndef FET_FAMILY_H
#define FET_FAMILY_H

#include "layer.h"
#include "letters.h"
#include "matter.h"
#include "own.h"
#include "patch.h"
#include "texture.h"

/* Surfaces that fill the picture. */
extern const struct fet_synth_family fet_family_brushed_metal;
extern const struct fet_synth_family fet_family_cast_metal;
extern const struct fet_synth_family fet_family_fabric;
extern const struct fet_synth_family fet_family_wood;
extern const struct fet_synth_family fet_family_tile;
extern const struct fet_synth_family fet_family_leather;
extern const struct fet_synth_family fet_family_board;
extern const struct fet_synth_family fet_family_weld;
/* Things on a stand. */
extern const struct fet_synth_family fet_family_ring;
extern const struct fet_synth_family fet_family_screw;
extern const struct fet_synth_family fet_family_cap;
extern const struct fet_synth_family fet_family_plastic;
extern const struct fet_synth_family fet_family_biscuit;
extern const struct fet_synth_family fet_family_component;
extern const struct fet_synth_family fet_family_tablet;
extern const struct fet_synth_family fet_family_cable;
extern const struct fet_synth_family fet_family_label;
extern const struct fet_synth_family fet_family_mesh;

#endif
