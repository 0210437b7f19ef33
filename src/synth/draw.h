/* What families and defects draw with: chance, noise fields, shapes by signed distance, paint.
 * Lengths are in units (picture width / 256) in scene coordinates unless said otherwise; heights
 * are in pixels. A function that takes a rng draws exactly one number from it whatever the size of
 * the scene, so that a product is the same at every size. One thread at a time per scene. */
#ifndef FET_DRAW_H
#define FET_DRAW_H

#include "fast.h"
#include "scene.h"

/* ---- chance ---- */

static inline float fet_draw_between(struct fet_rng *rng, float low, float high)
{
    return (float)fet_rng_between(rng, (double)low, (double)high);
}

/* low .. high with even chance per octave: sizes. low > 0. */
float fet_draw_size(struct fet_rng *rng, float low, float high);
float fet_draw_normal(struct fet_rng *rng, float mean, float deviation);
/* A paint colour: hue 0..1 (in turns from red), saturation and linear lightness 0..1. */
void fet_draw_colour(float hue, float saturation, float lightness, float rgb[3]);

/* ---- where ---- */

/* The scene coordinate of pixel i (its centre) and back. */
static inline float fet_draw_unit(const struct fet_scene *s, float i)
{
    return (i + 0.5f - 0.5f * (float)s->size) / s->px_per_unit;
}

static inline float fet_draw_pixel(const struct fet_scene *s, float unit)
{
    return unit * s->px_per_unit + 0.5f * (float)s->size - 0.5f;
}

struct fet_pose fet_pose_make(float x, float y, float turns, float scale);
/* A pose given in the coordinates of parent. */
struct fet_pose fet_pose_child(const struct fet_pose *parent, float x, float y, float turns);
static inline void fet_pose_local(const struct fet_pose *p, float x, float y, float *u, float *v)
{
    const float dx = (x - p->x) / p->scale, dy = (y - p->y) / p->scale;
    *u = p->c * dx + p->s * dy;
    *v = p->c * dy - p->s * dx;
}

static inline void fet_pose_scene(const struct fet_pose *p, float u, float v, float *x, float *y)
{
    *x = p->x + p->scale * (p->c * u - p->s * v);
    *y = p->y + p->scale * (p->s * u + p->c * v);
}

/* ---- fields: noise over the whole map, mean about 0, deviation about 1 ---- */

struct fet_noise {
    float scale_x, scale_y;    /* size of the largest features; scale_y 0 = scale_x */
    float turns;               /* direction of scale_x; 0 is the fast way */
    int octaves;               /* 1..8, each half as large; those below a pixel are left out */
    float gain;                /* weight of each octave against the one before, 0 = 0.5 */
    const struct fet_pose *at; /* moves and turns with this pose; NULL = the scene */
};
FET_CHECKED fet_status fet_field_noise(struct fet_scene *scene, struct fet_rng *rng,
                                       const struct fet_noise *noise, float *out);
/* White, per pixel. */
void fet_field_grain(const struct fet_scene *scene, struct fet_rng *rng, float *out);
/* Rings about (x, y) of the pose as turning leaves them: noise of the radius with features of
 * width units, blurred along the ring; also sets the brush when the scene has brush maps. */
FET_CHECKED fet_status fet_field_turned(struct fet_scene *scene, struct fet_rng *rng,
                                        const struct fet_pose *at, float width, float *out);
/* Cells about scattered points (Worley 1996), cell units across: distance to the nearest and the
 * second nearest point (in cells) and a number 0..1 of the cell. Each may be NULL. */
struct fet_cells {
    float *near, *second, *id;
};
FET_CHECKED fet_status fet_field_cells(struct fet_scene *scene, struct fet_rng *rng, float cell,
                                       const struct fet_pose *at, const struct fet_cells *out);
/* Gaussian blur in place (three box blurs for large sigma). */
FET_CHECKED fet_status fet_field_blur(struct fet_scene *scene, float *map, float sigma_units);
void fet_field_fill(const struct fet_scene *scene, float *map, float value);
void fet_field_copy(const struct fet_scene *scene, const float *src, float *dst);
/* map += weight * src */
void fet_field_add(const struct fet_scene *scene, const float *src, float weight, float *map);

/* ---- shapes: signed distance in units, negative inside; beyond FET_SDF_FAR only "far" ---- */

#define FET_SDF_FAR 24.0f

enum fet_sdf_op {
    FET_SDF_JOIN, /* inside when inside either */
    FET_SDF_CUT,  /* taken away */
    FET_SDF_MEET  /* inside when inside both */
};

/* Everything outside. JOIN and CUT touch only the shape's surroundings: small shapes are cheap. */
void fet_sdf_clear(const struct fet_scene *scene, float *d);
void fet_sdf_circle(const struct fet_scene *scene, const struct fet_pose *at, float radius,
                    enum fet_sdf_op op, float *d);
/* Half sides, corner radius (0..smaller half side). */
void fet_sdf_box(const struct fet_scene *scene, const struct fet_pose *at, float half_x,
                 float half_y, float corner, enum fet_sdf_op op, float *d);
/* From (x0,y0) to (x1,y1) in the pose's coordinates with round ends; radius r0 to r1. */
void fet_sdf_stroke(const struct fet_scene *scene, const struct fet_pose *at, const float from[2],
                    const float to[2], float r0, float r1, enum fet_sdf_op op, float *d);
/* The strokes of one letter on a grid of 5 x 7: pairs of digits column (0..4) and row (0..6 from
 * the top), a space lifts the pen; "" for what has no letter. */
const char *fet_letter_path(char letter);

/* Antialiased coverage of a signed distance; blur_px (>= 1) is the width of the edge. */
static inline float fet_sdf_cover(float d, float px_per_unit, float blur_px)
{
    return fet_fast_clamp(0.5f - d * px_per_unit / blur_px, 0.0f, 1.0f);
}

/* ---- paint ---- */

struct fet_material {
    float albedo[3];
    float rough, metal;
};

/* Covers what lies in d with a material; edge_px >= 1 is the softness of the outline. */
void fet_paint_shape(struct fet_scene *scene, const float *d, float edge_px,
                     const struct fet_material *material);
/* height += lift inside d (in units, scaled to pixels), rounded off over bevel units at the edge.
 */
void fet_paint_lift(struct fet_scene *scene, const float *d, float lift, float bevel);
/* part = max(part, coverage). */
void fet_paint_part(struct fet_scene *scene, const float *d);
/* part = 1 everywhere: a surface that fills the picture. */
void fet_paint_part_all(struct fet_scene *scene);

/* What parts lie on. Fills all maps but part; the look is drawn from design, dirt and place from
 * part. */
enum fet_stand {
    FET_STAND_PAPER,      /* light matt card or foam */
    FET_STAND_PLATE,      /* ground or painted steel */
    FET_STAND_BELT,       /* dark woven conveyor belt */
    FET_STAND_LIGHT,      /* backlit pane */
    FET_STAND_BLACK,      /* black cloth or anodised fixture */
    FET_STAND_TRAY,       /* moulded plastic with ribs */
    FET_STAND_PERFORATED, /* steel with rows of holes */
    FET_STAND_FOAM,       /* open pores, blue, grey or black */
    FET_STAND_MAT,        /* rubber with a fine grain, often with a printed grid */
    FET_STAND_COUNT
};
FET_CHECKED fet_status fet_stand_draw(struct fet_scene *scene, struct fet_synth_chance *chance,
                                      enum fet_stand stand);
FET_CHECKED fet_status fet_stand_draw_any(struct fet_scene *scene, struct fet_synth_chance *chance);

#endif
