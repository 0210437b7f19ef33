/* What defects share: where they go, irregular outlines, lines of varying width. Private to the
 * room. Lengths in units. */
#ifndef FET_DEFECTS_H
#define FET_DEFECTS_H

#include "draw.h"

/* A place on the part at least margin from its outline, inside the picture; false if none. */
bool fet_defect_place(const struct fet_scene *scene, struct fet_rng *rng, float margin, float *x,
                      float *y);
/* A place on the part's outline and the outward direction there; false if it has none. */
bool fet_defect_place_edge(const struct fet_scene *scene, struct fet_rng *rng, float at[2],
                           float out[2]);
/* Mean albedo of the part about (x, y). */
void fet_defect_albedo(const struct fet_scene *scene, float x, float y, float rgb[3]);
bool fet_defect_is_part(const struct fet_scene *scene, float x, float y);
/* A map of a scene at (x, y), nearest pixel. */
float fet_defect_sample(const struct fet_scene *scene, const float *map, float x, float y);

/* Pixels that a defect may touch. */
struct fet_window {
    int x0, y0, x1, y1;
};
struct fet_window fet_window_about(const struct fet_scene *scene, float x, float y, float reach);

/* An irregular patch: depth(x, y) > 0 inside, in units from its outline. */
struct fet_blob {
    struct fet_pose at;
    float half_x, half_y;
    float ragged; /* share of the size by which the outline wanders */
    float grain;  /* size of the outline's features */
    uint32_t seed;
};
/* At (x, y), turned anyhow; half_x is 1..longest times half. */
struct fet_blob fet_blob_make(struct fet_rng *rng, float x, float y, float half, float longest,
                              float ragged);
float fet_blob_depth(const struct fet_blob *blob, float x, float y);
float fet_blob_reach(const struct fet_blob *blob);

/* A line drawn by many short pieces: for each pixel the distance to the nearest piece in its own
 * half widths and that piece's strength. */
struct fet_line {
    float *off, *strength;    /* scratch maps; off 99 = far away */
    struct fet_window window; /* what was touched */
};
FET_CHECKED fet_status fet_line_new(struct fet_scene *scene, struct fet_line *line);
void fet_line_free(struct fet_scene *scene, struct fet_line *line);
/* From a to b; half widths and strengths at the ends; reach: how many half widths matter. */
void fet_line_piece(const struct fet_scene *scene, struct fet_line *line, const float a[2],
                    const float b[2], const float half_widths[2], const float strengths[2],
                    float reach);

/* mask = max(mask, cover) */
static inline void fet_defect_mark(struct fet_scene *scene, size_t i, float cover)
{
    scene->mask[i] = fet_fast_max(scene->mask[i], cover);
}

/* The generic defects (see fet_synth_defect.apply). */
fet_status fet_defect_scratch(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_scuff(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_dent(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_crack(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_hole(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_chip(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_burr(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_stain(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_discolouration(struct fet_scene *scene, struct fet_rng *rng);
fet_status fet_defect_contamination(struct fet_scene *scene, struct fet_rng *rng);

#endif
