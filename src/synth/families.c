/* The table of families: each is one file in families/ that defines fet_family_<name>. */
#include "scene.h"

const struct fet_synth_family *const fet_synth_families[] = {NULL};
