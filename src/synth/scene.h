/* The material maps of one part, before light and camera: what a family draws and a defect changes.
 * Drawn at the working size (the picture's size plus a margin for pose), in single floats. */
#ifndef FET_SCENE_H
#define FET_SCENE_H

#include "base.h"

struct fet_scene {
    int size;          /* maps are [size,size] */
    float *height;     /* surface height in pixels of the final picture, towards the camera */
    float *albedo[3];  /* linear reflectance 0..1, red green blue */
    float *rough;      /* 0 mirror .. 1 matt */
    float *metal;      /* 0 dielectric .. 1 metal (highlights take the albedo's colour) */
    float *part;       /* coverage 0..1: 1 on the part, 0 on the stand behind it */
    float *mask;       /* 0..1: how much a defect changed this pixel */
    float px_per_unit; /* pixels per length unit of the design (1 unit = picture width / 256) */
    struct fet_arena *arena; /* scratch and maps; reset after each part */
};

/* Everything random comes from these. `design` is the same for all parts of a product, `part`
 * differs from part to part; a family must draw design numbers only from `design`. */
struct fet_synth_chance {
    struct fet_rng design, part;
};

/* A family: one file in families/, one name in the table in families.c. */
struct fet_synth_family {
    const char *name, *summary;
    const char *const *defects; /* names of the defects that make sense on it, NULL-terminated */
    bool has_free_pose;         /* lies anywhere at any angle (screw, pin); else small jitter */
    /* Fills the maps (zeroed before). May leave out or move a component when told by `fault`
     * ("missing part", "misplaced part", "bend", "thread or weave fault", "print fault"), which
     * only the family itself can make; it then also fills mask. fault NULL = a good part. */
    fet_status (*draw)(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault);
    const char *const *own_faults; /* which defects draw() makes itself, NULL-terminated */
};

/* A defect that works on any surface: one function in defects*.c, one name in the table. */
struct fet_synth_defect {
    const char *name, *summary;
    /* Changes the maps where part > 0.5 and adds to mask what it changed. NULL for faults that only
     * a family can make. */
    fet_status (*apply)(struct fet_scene *scene, struct fet_rng *rng);
};

extern const struct fet_synth_family *const fet_synth_families[]; /* NULL-terminated */
extern const struct fet_synth_defect fet_synth_defects[];         /* name NULL behind the last */

#endif
