/* Shapes in small windows: what families draw components with. Where a map as large as the scene
 * (fet_sdf_ in draw.h) suits one large shape, a patch suits hundreds of small ones.
 *
 * A shape is a signed distance field in a small window (negative inside, pixels), joined from
 * circles, boxes, segments and polygons; then it is filled with material, raised or sunk. Distances
 * instead of masks give anti-aliased edges and bevels of any width for free.
 * One thread at a time per scene; all memory comes from the scene's arena. */
#ifndef FET_PATCH_H
#define FET_PATCH_H

#include "draw.h"

/* A window with a distance field, in pixels of the scene; starts as "far outside" everywhere. */
struct fet_patch {
    int x, y, w, h;
    struct fet_pose at;              /* local coordinates of its shapes */
    float middle, px_per_unit, unit; /* of the scene; pixels per local unit */
    float reach_px; /* how far from a joined or cut shape distances are exact (bevels!); 4 units */
    float *d;       /* [h,w]; borrowed from the scene's arena */
};

/* The window around the local box, clipped to the scene (w or h may be 0: drawing is then a no-op).
 * FET_MEMORY. */
FET_CHECKED fet_status fet_patch_open(struct fet_scene *scene, const struct fet_pose *at, float x0,
                                      float y0, float x1, float y1, struct fet_patch *patch);
void fet_patch_clear(struct fet_patch *p);

/* Shapes in local units. */
void fet_patch_circle(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float r);
void fet_patch_ellipse(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float rx,
                       float ry);
void fet_patch_ring(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float r,
                    float half_width);
void fet_patch_box(struct fet_patch *p, enum fet_sdf_op op, float x, float y, float half_w,
                   float half_h, float corner);
/* A line with round ends whose radius goes from r0 to r1. */
void fet_patch_segment(struct fet_patch *p, enum fet_sdf_op op, const float from[2],
                       const float to[2], float r0, float r1);
/* n >= 3 corners x0 y0 x1 y1 ..., any orientation, not self-crossing. */
void fet_patch_polygon(struct fet_patch *p, enum fet_sdf_op op, const float *corners, int n);
/* A toothed wheel: root and tip radius, n teeth that fill `share[0]` of the pitch at the root and
 * share[1] at the tip; tooth number i_missing (0..n-1, -1 none) is broken off. */
void fet_patch_gear(struct fet_patch *p, enum fet_sdf_op op, const float radii[2], int n,
                    const float share[2], int i_missing);
/* A disc whose edge is a wave of n periods and amplitude a: knurls, flutes, scallops. */
void fet_patch_wave(struct fet_patch *p, enum fet_sdf_op op, float r, int n, float a);
/* All points with x*nx + y*ny < offset; (nx,ny) of length 1. */
void fet_patch_half(struct fet_patch *p, enum fet_sdf_op op, float nx, float ny, float offset);
/* Moves the edge in and out by amount units times a map of the scene (noise of deviation 1). */
void fet_patch_disturb(const struct fet_scene *scene, struct fet_patch *p, const float *map,
                       float amount);
/* Grows the shape by that many units. */
void fet_patch_grow(struct fet_patch *p, float by);

/* Lays material over the shape. opacity 0..1. */
void fet_patch_fill(struct fet_scene *scene, const struct fet_patch *p,
                    const struct fet_material *material, float opacity);
/* Multiplies the albedo under the shape by 1 + (factor - 1) * coverage, soft over edge units. */
void fet_patch_shade(struct fet_scene *scene, const struct fet_patch *p, float factor, float edge);
/* The shape belongs to the part (or, with part 0, shows the stand again). */
void fet_patch_own(struct fet_scene *scene, const struct fet_patch *p, float part);

enum fet_profile {
    FET_PROFILE_BEVEL,  /* straight ramp over the edge */
    FET_PROFILE_ROUND,  /* quarter circle: a pillow, a pill, solder */
    FET_PROFILE_SMOOTH, /* soft on both ends: moulded, pressed */
};
/* Adds amount (units; negative sinks) inside the shape, reached over edge units from its border. */
void fet_patch_raise(struct fet_scene *scene, const struct fet_patch *p, float amount, float edge,
                     enum fet_profile profile);
/* Replaces the height inside the shape by level (units). */
void fet_patch_level(struct fet_scene *scene, const struct fet_patch *p, float level);

/* Covers the whole scene, part included. */
void fet_scene_flood(struct fet_scene *scene, const struct fet_material *material, float part);

/* Small numbers. */
static inline float fet_clamp01(float t)
{
    return fet_fast_clamp(t, 0.0f, 1.0f);
}
/* Normal, cut at 2.5 deviations: tolerances. */
static inline float fet_vary(struct fet_rng *rng, float deviation)
{
    return deviation * fet_fast_clamp(fet_draw_normal(rng, 0.0f, 1.0f), -2.5f, 2.5f);
}

#endif
