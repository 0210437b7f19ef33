/* Shapes by signed distance in maps as large as the scene (Quilez's forms; the distances are exact
 * for circle, box and stroke with equal radii). A shape only visits the pixels within FET_SDF_FAR
 * of its bounds. Families draw their many small parts with families/patch.h. */
#include "draw.h"

/* Pixels [x0,x1) x [y0,y1) that a shape touches. */
struct window {
    int x0, y0, x1, y1;
};

static int pixel_clamp(const struct fet_scene *scene, float unit)
{
    const float p = fet_draw_pixel(scene, unit);
    return (int)fet_fast_clamp(p, 0.0f, (float)scene->size);
}

/* The window about a circle of reach units (in pose scale) around (u, v) of the pose. */
static struct window window_of(const struct fet_scene *scene, const struct fet_pose *at, float u,
                               float v, float reach, enum fet_sdf_op op)
{
    if (op == FET_SDF_MEET) return (struct window){0, 0, scene->size, scene->size};
    float x, y;
    fet_pose_scene(at, u, v, &x, &y);
    const float r = reach * at->scale + FET_SDF_FAR;
    return (struct window){pixel_clamp(scene, x - r), pixel_clamp(scene, y - r),
                           pixel_clamp(scene, x + r + 2.0f / scene->px_per_unit),
                           pixel_clamp(scene, y + r + 2.0f / scene->px_per_unit)};
}

static inline float combine(float old, float d, enum fet_sdf_op op)
{
    if (op == FET_SDF_JOIN) return fet_fast_min(old, d);
    return op == FET_SDF_CUT ? fet_fast_max(old, -d) : fet_fast_max(old, d);
}

/* Runs an expression of (u, v) over the window; made once per shape so that it becomes a vector. */
#define SDF_SWEEP(area, expression)                                                             \
    do {                                                                                        \
        const struct window w_ = (area);                                                        \
        const float step_ = 1.0f / (scene->px_per_unit * at->scale);                            \
        const float du_ = step_ * at->c, dv_ = -step_ * at->s;                                  \
        for (int y_ = w_.y0; y_ < w_.y1; y_++) {                                                \
            float u0_, v0_;                                                                     \
            fet_pose_local(at, fet_draw_unit(scene, (float)w_.x0),                              \
                           fet_draw_unit(scene, (float)y_), &u0_, &v0_);                        \
            float *restrict const line_ = d + (size_t)y_ * (size_t)scene->size + (size_t)w_.x0; \
            for (int x_ = 0; x_ < w_.x1 - w_.x0; x_++) {                                        \
                const float u = u0_ + (float)x_ * du_, v = v0_ + (float)x_ * dv_;               \
                line_[x_] = combine(line_[x_], at->scale * (expression), op);                   \
            }                                                                                   \
        }                                                                                       \
    } while (0)

void fet_sdf_clear(const struct fet_scene *scene, float *d)
{
    fet_field_fill(scene, d, FET_SDF_FAR);
}

void fet_sdf_circle(const struct fet_scene *scene, const struct fet_pose *at, float radius,
                    enum fet_sdf_op op, float *d)
{
    SDF_SWEEP(window_of(scene, at, 0.0f, 0.0f, radius, op), sqrtf(u * u + v * v) - radius);
}

static inline float box_distance(float u, float v, float half_x, float half_y, float corner)
{
    const float qx = fet_fast_abs(u) - half_x + corner, qy = fet_fast_abs(v) - half_y + corner;
    const float ox = fet_fast_max(qx, 0.0f), oy = fet_fast_max(qy, 0.0f);
    return sqrtf(ox * ox + oy * oy) + fet_fast_min(fet_fast_max(qx, qy), 0.0f) - corner;
}

void fet_sdf_box(const struct fet_scene *scene, const struct fet_pose *at, float half_x,
                 float half_y, float corner, enum fet_sdf_op op, float *d)
{
    const float reach = sqrtf(half_x * half_x + half_y * half_y);
    SDF_SWEEP(window_of(scene, at, 0.0f, 0.0f, reach, op),
              box_distance(u, v, half_x, half_y, corner));
}

static inline float stroke_distance(float u, float v, const float *const from, float dx, float dy,
                                    float inverse, float r0, float r1)
{
    const float pu = u - from[0], pv = v - from[1];
    const float t = fet_fast_clamp((pu * dx + pv * dy) * inverse, 0.0f, 1.0f);
    const float eu = pu - t * dx, ev = pv - t * dy;
    return sqrtf(eu * eu + ev * ev) - fet_fast_mix(r0, r1, t);
}

void fet_sdf_stroke(const struct fet_scene *scene, const struct fet_pose *at, const float from[2],
                    const float to[2], float r0, float r1, enum fet_sdf_op op, float *d)
{
    const float dx = to[0] - from[0], dy = to[1] - from[1];
    const float length2 = dx * dx + dy * dy;
    const float inverse = length2 > 0.0f ? 1.0f / length2 : 0.0f;
    const float reach = 0.5f * sqrtf(length2) + fet_fast_max(r0, r1);
    SDF_SWEEP(window_of(scene, at, 0.5f * (from[0] + to[0]), 0.5f * (from[1] + to[1]), reach, op),
              stroke_distance(u, v, from, dx, dy, inverse, r0, r1));
}
