/* Lamps of a station and what a surface shows under them. */
#ifndef FET_LIGHT_H
#define FET_LIGHT_H

#include "scene.h"

#define FET_LAMPS_MAX 4

/* A lamp is an area of constant radiance in the space of reflected directions: a mirror whose
 * reflected ray has the horizontal components (x, y) sees the lamp when (x, y) lies in the area. */
struct fet_lamp {
    bool is_ring;      /* a ring between two radii, else a box */
    float middle[2];   /* box: centre; ring: centre, near 0 */
    float axis[2];     /* box: direction of the first half side */
    float half[2];     /* box: half sides; ring: inner and outer radius */
    float radiance[3]; /* what a mirror shows */
    float diffuse[3];  /* what flat white paper shows */
    float to[3];       /* direction that most of its light comes from (unit) */
    float fall[2];     /* change of irradiance from the middle to the edge of the picture */
    float shadow;      /* 0 none .. 1 hard */
};

struct fet_rig {
    struct fet_lamp lamps[FET_LAMPS_MAX];
    int n_lamps;
    float ambient[3];   /* stray light on white paper */
    float room[3];      /* what a mirror shows between the lamps */
    float room_tilt[2]; /* how the room brightens towards a side */
    float view;         /* slant of the view at the picture's edge: 0 telecentric .. 0.4 wide */
    float lean[2];      /* the part's slight tilt, in slopes */
};

/* The product's rig: lamp bits as in fet_synth_family. */
void fet_rig_design(struct fet_rng *rng, unsigned lamps, struct fet_rig *rig);
/* Small changes from shot to shot; variation 0..1. */
void fet_rig_jitter(struct fet_rng *rng, float variation, struct fet_rig *rig);

/* Occlusion maps of a scene: heights blurred at two widths. */
struct fet_shade {
    float *near, *wide;
};
FET_CHECKED fet_status fet_shade_make(struct fet_scene *scene, struct fet_shade *shade);
/* The same maps again after the heights have changed. */
FET_CHECKED fet_status fet_shade_update(struct fet_scene *scene, struct fet_shade *shade);
void fet_shade_free(struct fet_scene *scene, struct fet_shade *shade);

/* Rows y0 <= y < y1 of the scene's radiance; 1 = white paper in full light. */
FET_CHECKED fet_status fet_light_render(struct fet_scene *scene, const struct fet_rig *rig,
                                        const struct fet_shade *shade, int y0, int y1,
                                        float *const radiance[3]);

#endif
