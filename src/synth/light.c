/* From material maps to radiance, one row at a time.
 *
 * Normals come from height differences. Light that enters the surface leaves by Lambert's law. What
 * the surface reflects at once is the environment seen along the reflected ray: lamps are areas of
 * constant radiance, blurred by roughness. The blur of a box under a heavy-tailed kernel has a
 * closed form - differences of x / sqrt(1 + x^2) - so that a soft box, a bar or a ring costs a few
 * square roots instead of a sum of samples; the tails are close to those of GGX (Walter et al.
 * 2007), whose slope width is roughness squared. Fresnel by Schlick (1994). Fine grooves widen the
 * blur across their direction, which gives ground and turned metal its streaks and fans.
 *
 * Occlusion and cast shadows compare a pixel's height with blurred heights, here and in the lamp's
 * direction: not exact, but soft where real ones are soft. */
#include "light.h"

#include "draw.h"

/* One row's quantities: each points to size floats. */
struct row {
    float *nx, *ny, *nz, *rx, *ry, *open, *lit, *seen, *blur;
    float *diffuse[3], *mirror[3];
};
#define ROW_LINES 15

fet_status fet_shade_update(struct fet_scene *scene, struct fet_shade *shade)
{
    fet_field_copy(scene, scene->height, shade->near);
    FET_TRY(fet_field_blur(scene, shade->near, 2.0f));
    fet_field_copy(scene, shade->near, shade->wide);
    return fet_field_blur(scene, shade->wide, 8.0f);
}

fet_status fet_shade_make(struct fet_scene *scene, struct fet_shade *shade)
{
    struct fet_shade s = {0};
    fet_status st;
    FET_TRY_OUT(fet_scene_map_new(scene, &s.near));
    FET_TRY_OUT(fet_scene_map_new(scene, &s.wide));
    FET_TRY_OUT(fet_shade_update(scene, &s));
    *shade = s;
    return FET_OK;
out:
    fet_shade_free(scene, &s);
    return st;
}

void fet_shade_free(struct fet_scene *scene, struct fet_shade *shade)
{
    fet_scene_map_free(scene, shade->near);
    fet_scene_map_free(scene, shade->wide);
    *shade = (struct fet_shade){0};
}

/* ---- geometry of a row ---- */

static void row_normals(const struct fet_scene *scene, const struct fet_rig *rig, int y,
                        const struct row *r)
{
    const int n = scene->size;
    const size_t stride = (size_t)n;
    const float *const restrict here = scene->height + (size_t)y * stride;
    const float *const restrict up = y > 0 ? here - stride : here;
    const float *const restrict down = y < n - 1 ? here + stride : here;
    float *const restrict nx = r->nx, *const restrict ny = r->ny, *const restrict nz = r->nz;
    nx[0] = here[1] - here[0];
    for (int x = 1; x < n - 1; x++) nx[x] = 0.5f * (here[x + 1] - here[x - 1]);
    nx[n - 1] = here[n - 1] - here[n - 2];
    const float view_y = rig->view * fet_draw_unit(scene, (float)y) * (1.0f / 128.0f);
    const float view_step = rig->view / (128.0f * scene->px_per_unit);
    const float view_x = rig->view * fet_draw_unit(scene, 0.0f) * (1.0f / 128.0f);
    float *const restrict rx = r->rx, *const restrict ry = r->ry;
    for (int x = 0; x < n; x++) {
        const float gx = nx[x] + rig->lean[0], gy = 0.5f * (down[x] - up[x]) + rig->lean[1];
        const float z = 1.0f / sqrtf(1.0f + gx * gx + gy * gy);
        nx[x] = -gx * z;
        ny[x] = -gy * z;
        nz[x] = z;
        rx[x] = 2.0f * z * nx[x] + view_x + (float)x * view_step;
        ry[x] = 2.0f * z * ny[x] + view_y;
    }
}

/* How open the sky is, and the width of the mirror blur. */
static void row_open(const struct fet_scene *scene, const struct fet_shade *shade, int y,
                     const struct row *r)
{
    const int n = scene->size;
    const size_t at = (size_t)y * (size_t)n;
    const float *const restrict h = scene->height + at;
    const float *const restrict near = shade->near + at, *const restrict wide = shade->wide + at;
    const float *const restrict rough = scene->rough + at;
    float *const restrict open = r->open, *const restrict blur = r->blur;
    const float k = 1.0f / scene->px_per_unit;
    for (int x = 0; x < n; x++) {
        const float deep = fet_fast_max(near[x] - h[x], 0.0f) * 0.2f * k +
                           fet_fast_max(wide[x] - h[x], 0.0f) * 0.09f * k;
        open[x] = 1.0f / (1.0f + deep);
        blur[x] = 0.025f + 2.0f * rough[x] * rough[x];
    }
}

/* What part of a lamp reaches each pixel past the heights between them. */
static void row_shadow(const struct fet_scene *scene, const struct fet_shade *shade,
                       const struct fet_lamp *lamp, int y, float *restrict lit)
{
    const int n = scene->size;
    for (int x = 0; x < n; x++) lit[x] = 1.0f;
    if (lamp->shadow <= 0.0f) return;
    const float flat = sqrtf(lamp->to[0] * lamp->to[0] + lamp->to[1] * lamp->to[1]) + 1e-4f;
    const float rise = lamp->to[2] / flat;
    const float *const restrict h = scene->height + (size_t)y * (size_t)n;
    static const float steps[3] = {2.5f, 7.0f, 16.0f};
    for (int k = 0; k < 3; k++) {
        const float reach = steps[k] * scene->px_per_unit;
        const int dx = (int)fet_fast_floor(lamp->to[0] / flat * reach + 0.5f);
        const int dy = (int)fet_fast_floor(lamp->to[1] / flat * reach + 0.5f);
        const int row = y + dy < 0 ? 0 : y + dy >= n ? n - 1 : y + dy;
        const float *const restrict from = shade->near + (size_t)row * (size_t)n;
        const float soft = lamp->shadow / (scene->px_per_unit * (1.0f + 0.35f * steps[k]));
        const float limit = reach * rise;
        const int x0 = dx < 0 ? -dx : 0, x1 = dx > 0 ? n - dx : n;
        for (int x = x0; x < x1; x++) {
            const float over = (from[x + dx] - h[x] - limit) * soft;
            lit[x] = fet_fast_min(lit[x], fet_fast_clamp(1.0f - over, 0.15f, 1.0f));
        }
    }
}

/* ---- lamps ---- */

/* The heavy-tailed step: 0 far left, 1 far right. */
static inline float soft_step(float x)
{
    return 0.5f + 0.5f * x / sqrtf(1.0f + x * x);
}

static void row_box(const struct fet_scene *scene, const struct fet_lamp *lamp, int y,
                    const struct row *r, float *restrict seen)
{
    const int n = scene->size;
    const float ax = lamp->axis[0], ay = lamp->axis[1];
    const float hu = lamp->half[0], hv = lamp->half[1];
    const float *const restrict rx = r->rx, *const restrict ry = r->ry;
    const float *const restrict blur = r->blur;
    if (scene->brush[0] == NULL) {
        for (int x = 0; x < n; x++) {
            const float dx = rx[x] - lamp->middle[0], dy = ry[x] - lamp->middle[1];
            const float u = dx * ax + dy * ay, v = dy * ax - dx * ay, k = 1.0f / blur[x];
            seen[x] = (soft_step((u + hu) * k) - soft_step((u - hu) * k)) *
                      (soft_step((v + hv) * k) - soft_step((v - hv) * k));
        }
        return;
    }
    const float *const restrict bx = scene->brush[0] + (size_t)y * (size_t)n;
    const float *const restrict by = scene->brush[1] + (size_t)y * (size_t)n;
    for (int x = 0; x < n; x++) {
        const float dx = rx[x] - lamp->middle[0], dy = ry[x] - lamp->middle[1];
        const float u = dx * ax + dy * ay, v = dy * ax - dx * ay;
        /* grooves scatter across themselves: (-by, bx) */
        const float su = 0.45f * (bx[x] * ay - by[x] * ax), sv = 0.45f * (bx[x] * ax + by[x] * ay);
        const float b2 = blur[x] * blur[x];
        const float ku = 1.0f / sqrtf(b2 + su * su), kv = 1.0f / sqrtf(b2 + sv * sv);
        seen[x] = (soft_step((u + hu) * ku) - soft_step((u - hu) * ku)) *
                  (soft_step((v + hv) * kv) - soft_step((v - hv) * kv));
    }
}

static void row_ring(const struct fet_scene *scene, const struct fet_lamp *lamp, int y,
                     const struct row *r, float *restrict seen)
{
    const int n = scene->size;
    const float inner = lamp->half[0], outer = lamp->half[1];
    const float *const restrict rx = r->rx, *const restrict ry = r->ry;
    const float *const restrict blur = r->blur;
    const bool has_brush = scene->brush[0] != NULL;
    const float *const restrict bx = has_brush ? scene->brush[0] + (size_t)y * (size_t)n : rx;
    const float *const restrict by = has_brush ? scene->brush[1] + (size_t)y * (size_t)n : ry;
    const float spread = has_brush ? 0.45f : 0.0f;
    for (int x = 0; x < n; x++) {
        const float dx = rx[x] - lamp->middle[0], dy = ry[x] - lamp->middle[1];
        const float rho = sqrtf(dx * dx + dy * dy) + 1e-4f;
        const float s = spread * (bx[x] * dy - by[x] * dx) / rho;
        const float b2 = blur[x] * blur[x] + s * s, k = 1.0f / sqrtf(b2);
        /* a blur wider than the ring fills the middle: share of the disc that the kernel sees */
        const float fill = (outer * outer - inner * inner) / (outer * outer + b2);
        const float near = soft_step((rho - inner) * k) - soft_step((rho - outer) * k);
        seen[x] = fet_fast_mix(near, fill, b2 / (b2 + inner * inner + 0.02f));
    }
}

/* Adds a lamp's light to the row: what enters and what is mirrored. seen holds what a mirror sees
 * of the lamp; lit is used up. */
static void row_add_lamp(const struct fet_scene *scene, const struct fet_lamp *lamp, int y,
                         const struct row *r, float *restrict seen)
{
    const int n = scene->size;
    const float v = fet_draw_unit(scene, (float)y) * (1.0f / 128.0f);
    const float u0 = fet_draw_unit(scene, 0.0f) * (1.0f / 128.0f);
    const float du = 1.0f / (128.0f * scene->px_per_unit);
    const float base = 1.0f + lamp->fall[1] * v;
    /* light from all around is shut out like the sky, light from one side less */
    const float shut = lamp->is_ring ? 1.0f : 0.35f;
    const float *const restrict nx = r->nx, *const restrict ny = r->ny, *const restrict nz = r->nz;
    const float *const restrict open = r->open;
    float *const restrict lit = r->lit;
    for (int x = 0; x < n; x++) {
        const float fall = fet_fast_max(base + lamp->fall[0] * (u0 + (float)x * du), 0.05f);
        const float here = fall * lit[x];
        const float sky = 1.0f - shut + shut * open[x];
        const float cosine = nx[x] * lamp->to[0] + ny[x] * lamp->to[1] + nz[x] * lamp->to[2];
        seen[x] *= here * (0.4f + 0.6f * open[x]);
        /* area lamps light a little past the horizon */
        lit[x] = here * sky * fet_fast_max(0.9f * cosine + 0.1f * lamp->to[2], 0.0f);
    }
    for (int c = 0; c < 3; c++) {
        float *const restrict diffuse = r->diffuse[c], *const restrict mirror = r->mirror[c];
        const float kd = lamp->diffuse[c] / lamp->to[2], ks = lamp->radiance[c];
        for (int x = 0; x < n; x++) {
            diffuse[x] += kd * lit[x];
            mirror[x] += ks * seen[x];
        }
    }
}

static void row_start(const struct fet_scene *scene, const struct fet_rig *rig, const struct row *r)
{
    const int n = scene->size;
    const float *const restrict open = r->open, *const restrict nz = r->nz;
    const float *const restrict rx = r->rx, *const restrict ry = r->ry;
    float *const restrict stray = r->lit, *const restrict room = r->seen;
    for (int x = 0; x < n; x++) {
        stray[x] = open[x] * (0.6f + 0.4f * nz[x]);
        const float tilt = 1.0f + rig->room_tilt[0] * rx[x] + rig->room_tilt[1] * ry[x];
        room[x] = fet_fast_max(tilt, 0.1f) * open[x];
    }
    for (int c = 0; c < 3; c++) {
        float *const restrict diffuse = r->diffuse[c], *const restrict mirror = r->mirror[c];
        for (int x = 0; x < n; x++) {
            diffuse[x] = rig->ambient[c] * stray[x];
            mirror[x] = rig->room[c] * room[x];
        }
    }
}

static void row_finish(const struct fet_scene *scene, int y, const struct row *r,
                       float *const radiance[3])
{
    const int n = scene->size;
    const size_t at = (size_t)y * (size_t)n;
    const float *const restrict metal = scene->metal + at;
    const float *const restrict rough = scene->rough + at;
    const float *const restrict nz = r->nz;
    float *const restrict fresnel = r->seen;
    for (int x = 0; x < n; x++) {
        const float g = 1.0f - nz[x], g2 = g * g;
        fresnel[x] = g2 * g2 * g * (1.0f - 0.85f * rough[x]);
    }
    for (int c = 0; c < 3; c++) {
        const float *const restrict albedo = scene->albedo[c] + at;
        const float *const restrict diffuse = r->diffuse[c], *const restrict mirror = r->mirror[c];
        float *const restrict out = radiance[c] + at;
        for (int x = 0; x < n; x++) {
            const float f0 = fet_fast_mix(0.04f, albedo[x], metal[x]);
            const float f = f0 + (1.0f - f0) * fresnel[x];
            out[x] = albedo[x] * (1.0f - metal[x]) * diffuse[x] + f * mirror[x];
        }
    }
}

fet_status fet_light_render(struct fet_scene *scene, const struct fet_rig *rig,
                            const struct fet_shade *shade, int y0, int y1, float *const radiance[3])
{
    float *lines;
    FET_TRY(fet_scene_map_new(scene, &lines));
    const size_t n = (size_t)scene->size;
    struct row r;
    float **const slots[ROW_LINES] = {&r.nx,        &r.ny,         &r.nz,         &r.rx,
                                      &r.ry,        &r.seen,       &r.open,       &r.lit,
                                      &r.blur,      &r.diffuse[0], &r.diffuse[1], &r.diffuse[2],
                                      &r.mirror[0], &r.mirror[1],  &r.mirror[2]};
    for (size_t i = 0; i < ROW_LINES; i++) *slots[i] = lines + i * n;
    for (int y = y0; y < y1; y++) {
        row_normals(scene, rig, y, &r);
        row_open(scene, shade, y, &r);
        row_start(scene, rig, &r);
        for (int i = 0; i < rig->n_lamps; i++) {
            const struct fet_lamp *const lamp = &rig->lamps[i];
            row_shadow(scene, shade, lamp, y, r.lit);
            if (lamp->is_ring)
                row_ring(scene, lamp, y, &r, r.seen);
            else
                row_box(scene, lamp, y, &r, r.seen);
            row_add_lamp(scene, lamp, y, &r, r.seen);
        }
        row_finish(scene, y, &r, radiance);
    }
    fet_scene_map_free(scene, lines);
    return FET_OK;
}
