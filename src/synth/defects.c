/* The table of defects. Those without a function are made by families themselves, because only a
 * family knows its components. */
#include "defects.h"

const struct fet_synth_defect fet_synth_defects[] = {
    {"scratch", "a groove with raised lips, hairline to gouge", fet_defect_scratch},
    {"dent", "a smooth hollow", fet_defect_dent},
    {"crack", "a dark branching line along weak places", fet_defect_crack},
    {"hole", "a pit or a hole right through", fet_defect_hole},
    {"chip", "a bite out of an edge, or a flake", fet_defect_chip},
    {"burr", "ragged material standing out from an edge", fet_defect_burr},
    {"stain", "something dried in with a darker seam", fet_defect_stain},
    {"discolouration", "a soft change of colour", fet_defect_discolouration},
    {"missing part", "a component is not there", NULL},
    {"misplaced part", "a component sits wrong", NULL},
    {"bend", "something straight is not", NULL},
    {"thread or weave fault", "a thread is missing, doubled, loose or cut", NULL},
    {"print fault", "print is blurred, broken, shifted or absent", NULL},
    {"contamination", "fibre, dust, drops, swarf lying on the part", fet_defect_contamination},
    {"scuff", "a rubbed patch of fine parallel scratches", fet_defect_scuff},
    {NULL, NULL, NULL},
};
