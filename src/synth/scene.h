/* The material maps of one part, before light and camera: what a family draws and a defect changes.
 * Drawn at the working size (the picture's size plus a margin for the camera), in single floats.
 * Drawing helpers (noise, shapes, writing, stands) are in draw.h. */
#ifndef FET_SCENE_H
#define FET_SCENE_H

#include "base.h"

/* Where a thing lies: scene = turn(local * scale) + (x, y), in units. The origin of the scene is
 * the middle of the picture, x to the right, y down; the picture shows about -128..128 units. */
struct fet_pose {
    float c, s; /* cosine and sine of the turn */
    float x, y;
    float scale;
};

struct fet_scene {
    int size;           /* maps are [size,size] */
    float *height;      /* surface height in pixels of the final picture, towards the camera */
    float *albedo[3];   /* linear reflectance 0..1, red green blue */
    float *rough;       /* 0 mirror .. 1 matt */
    float *metal;       /* 0 dielectric .. 1 metal (highlights take the albedo's colour) */
    float *part;        /* coverage 0..1: 1 on the part, 0 on the stand behind it */
    float *mask;        /* 0..1: how much a defect changed this pixel */
    float *brush[2];    /* direction of fine grooves, length 0..1 = how strong; NULL without */
    float px_per_unit;  /* pixels per length unit of the design (1 unit = picture width / 256) */
    struct fet_pose at; /* how this part lies: families place the part (not the stand) by it */
    struct fet_arena *arena;    /* maps; reset after each part */
    struct fet_scene_map *idle; /* maps given back by fet_scene_map_free */
};

/* Maps of zeros from the arena, matt grey, pose in the middle; px_per_unit = picture_px / 256. */
FET_CHECKED fet_status fet_scene_init(struct fet_scene *scene, struct fet_arena *arena, int size,
                                      float px_per_unit);
/* Gives the scene brush maps (zeros) when it has none yet. */
FET_CHECKED fet_status fet_scene_add_brush(struct fet_scene *scene);
/* A scratch map [size,size], contents undefined; give it back for the next who needs one. */
FET_CHECKED fet_status fet_scene_map_new(struct fet_scene *scene, float **map);
void fet_scene_map_free(struct fet_scene *scene, float *map); /* accepts NULL */

/* Everything random comes from these. `design` is the same for all parts of a product, `part`
 * differs from part to part; a family must draw design numbers only from `design`. `fault` is for
 * where and how a fault of its own happens: drawn anew when the fault did not show. */
struct fet_synth_chance {
    struct fet_rng design, part, fault;
};

/* Lamps that suit a family; a product gets one of them. */
enum fet_synth_lamp {
    FET_LAMP_SOFTBOX = 1,   /* one or two rectangular soft lights from the side */
    FET_LAMP_RING = 2,      /* a ring around the lens: even, small round reflections */
    FET_LAMP_DOME = 4,      /* light from everywhere but the camera hole */
    FET_LAMP_BAR = 8,       /* a raking bar: relief shows */
    FET_LAMP_DARKFIELD = 16 /* a low ring: flat is dark, edges and scratches shine */
};

/* A family: one file in families/, one name in the table in families.c. */
struct fet_synth_family {
    const char *name, *summary;
    const char *const *defects; /* names of the defects that make sense on it, NULL-terminated */
    bool has_free_pose;         /* lies anywhere at any angle (screw, pin); else small jitter */
    unsigned lamps;             /* fet_synth_lamp bits; 0 = any */
    float grey_share;           /* share of its products that a grey camera looks at */
    /* Fills the maps. May leave out or move a component when told by `fault` ("missing part",
     * "misplaced part", "bend", "thread or weave fault", "print fault"), which only the family
     * itself can make; it then also fills mask. fault NULL = a good part. Numbers drawn from chance
     * must not depend on size or fault, so that the good twin is the same part. */
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
