/* The table of families: each is one file in families/ that defines fet_family_<name>. */
#include "families/family.h"

/* clang-format off: one name a line, so that two people can add one each */
const struct fet_synth_family *const fet_synth_families[] = {
    &fet_family_brushed_metal,
    &fet_family_cast_metal,
    &fet_family_fabric,
    &fet_family_wood,
    &fet_family_tile,
    &fet_family_board,
    &fet_family_ring,
    &fet_family_screw,
    &fet_family_cap,
    &fet_family_plastic,
    &fet_family_biscuit,
    &fet_family_component,
    &fet_family_tablet,
    &fet_family_leather,
    &fet_family_cable,
    &fet_family_weld,
    &fet_family_label,
    &fet_family_mesh,
    NULL,
};
/* clang-format on */
