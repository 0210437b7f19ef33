/* The camera, in the order of a real one: lens (geometry, focus, glare, vignette), sensor (mosaic,
 * shot and read noise), processing (demosaicing, colour, sharpening, tone curve), JPEG.
 *
 * Everything up to the tone curve is linear light. All planes carry a border of PAD pixels, so that
 * filters need no special cases; the border is cut off at the end. */
#include "camera.h"

#include "draw.h"
#include "filter.h"
#include "sensor.h"

#define PAD FET_SENSOR_PAD

/* ---- geometry ---- */

/* The rows of a warp: where each pixel of one row looks. */
struct look {
    int32_t *at;  /* index of the upper left of four pixels */
    float *u, *v; /* weights of right and lower */
};

static void look_row(const struct fet_scene *scene, const struct fet_camera *camera, int size_px,
                     int side, int y, float scale, const struct look *look)
{
    const int32_t n = scene->size;
    const float half = 0.5f * (float)size_px, radius2 = 2.0f * half * half;
    const float middle = 0.5f * (float)scene->size - 0.5f, last = (float)scene->size - 1.001f;
    const float c = fet_fast_turn(camera->turns + 0.25f), s = fet_fast_turn(camera->turns);
    const float py = (float)(y - PAD) + 0.5f - half, k = scale / camera->zoom;
    const float tx = camera->shift[0] * scene->px_per_unit + middle;
    const float ty = camera->shift[1] * scene->px_per_unit + middle;
    const float barrel = camera->barrel / radius2;
    float *const restrict wu = look->u, *const restrict wv = look->v;
    int32_t *const restrict at = look->at;
    for (int x = 0; x < side; x++) {
        const float px = (float)(x - PAD) + 0.5f - half;
        const float f = k * (1.0f + barrel * (px * px + py * py));
        const float u = fet_fast_clamp(f * (c * px - s * py) + tx, 0.0f, last);
        const float v = fet_fast_clamp(f * (s * px + c * py) + ty, 0.0f, last);
        const int32_t iu = (int32_t)u, iv = (int32_t)v;
        wu[x] = u - (float)iu;
        wv[x] = v - (float)iv;
        at[x] = iv * n + iu;
    }
}

static void look_fetch(const struct fet_scene *scene, const struct look *look, int side,
                       const float *src, float *restrict out)
{
    const size_t n = (size_t)scene->size;
    for (int x = 0; x < side; x++) {
        const float *const p = src + look->at[x];
        const float top = p[0] + (p[1] - p[0]) * look->u[x];
        const float low = p[n] + (p[n + 1] - p[n]) * look->u[x];
        out[x] = top + (low - top) * look->v[x];
    }
}

static struct look look_of(float *lines, int side)
{
    return (struct look){.at = (int32_t *)(void *)lines, .u = lines + side, .v = lines + 2 * side};
}

/* ---- optics ---- */

#define GLARE_CELL 4

/* dst cells [small,small] = means of GLARE_CELL squares. */
static void glare_shrink(int side, int small, const float *plane, float *cells)
{
    for (int i = 0; i < small * small; i++) cells[i] = 0.0f;
    for (int y = 0; y < small * GLARE_CELL; y++) {
        const float *const row = plane + (size_t)y * (size_t)side;
        float *const to = cells + y / GLARE_CELL * small;
        for (int x = 0; x < small; x++)
            to[x] += (row[4 * x] + row[4 * x + 1] + row[4 * x + 2] + row[4 * x + 3]) *
                     (1.0f / (GLARE_CELL * GLARE_CELL));
    }
}

/* Mixes the cells, between their centres, into the plane. */
static void glare_mix(int side, int small, float share, const float *cells, float *plane)
{
    for (int y = 0; y < side; y++) {
        const float v =
            fet_fast_clamp(((float)y + 0.5f) / GLARE_CELL - 0.5f, 0.0f, (float)small - 1.001f);
        const int iv = (int)v;
        const float *const a = cells + iv * small, *const b = a + small;
        float *const row = plane + (size_t)y * (size_t)side;
        for (int x = 0; x < side; x++) {
            const float u =
                fet_fast_clamp(((float)x + 0.5f) / GLARE_CELL - 0.5f, 0.0f, (float)small - 1.001f);
            const int iu = (int)u;
            const float fu = u - (float)iu, fv = v - (float)iv;
            const float veil = fet_fast_mix(fet_fast_mix(a[iu], a[iu + 1], fu),
                                            fet_fast_mix(b[iu], b[iu + 1], fu), fv);
            row[x] += share * (veil - row[x]);
        }
    }
}

/* A little of the light is scattered in the lens: bright spots bleed, dark parts beside them turn
 * grey. The scattered light is smooth, so a quarter of the resolution is enough. */
static void glare_add(const struct fet_camera *camera, int side, float *plane,
                      float *const scratch[2])
{
    const int small = side / GLARE_CELL;
    float *const cells = scratch[0], *const work = scratch[1];
    glare_shrink(side, small, plane, cells);
    float mean = 0.0f;
    for (int i = 0; i < small * small; i++) mean += cells[i];
    mean /= (float)(small * small);
    fet_filter_blur(small, 2.2f * (float)side / 264.0f, cells, work, work + small * small);
    for (int i = 0; i < small * small; i++) cells[i] = 0.6f * cells[i] + 0.4f * mean;
    glare_mix(side, small, camera->glare, cells, plane);
}

/* ---- the whole ---- */

/* Looks at three maps through the lens: planes [side,side] out. */
static void lens_look(const struct fet_scene *scene, const struct fet_camera *camera, int size_px,
                      float *const radiance[3], float *const planes[3], float *lines)
{
    const int side = size_px + 2 * PAD;
    const struct look look = look_of(lines, side);
    for (int y = 0; y < side; y++) {
        const size_t at = (size_t)y * (size_t)side;
        for (int c = 0; c < 3; c++) {
            const float scale = 1.0f + camera->fringe * (float)(1 - c);
            if (c == 0 || camera->fringe != 0.0f)
                look_row(scene, camera, size_px, side, y, scale, &look);
            look_fetch(scene, &look, side, radiance[c], planes[c] + at);
        }
    }
}

static fet_status through_jpeg(int quality, struct fet_image *picture)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_image_encode_jpeg(picture, quality, &bytes, &n));
    struct fet_image again = {0};
    const fet_status st = fet_image_decode(bytes, n, "synthetic picture", NULL, &again);
    fet_free(bytes);
    if (st != FET_OK) return st;
    fet_image_deinit(picture);
    *picture = again;
    return FET_OK;
}

fet_status fet_camera_shoot(struct fet_scene *scene, const struct fet_camera *camera,
                            float *const radiance[3], uint64_t noise_seed, int size_px,
                            struct fet_image *picture)
{
    const int side = size_px + 2 * PAD;
    struct fet_image made = {0};
    float *planes[3] = {NULL, NULL, NULL}, *lines = NULL;
    fet_status st;
    for (int c = 0; c < 3; c++) FET_TRY_OUT(fet_scene_map_new(scene, &planes[c]));
    FET_TRY_OUT(fet_scene_map_new(scene, &lines));
    lens_look(scene, camera, size_px, radiance, planes, lines);
    float *const scratch[2] = {radiance[0], radiance[1]};
    const float blur = camera->blur_px * (float)size_px / 256.0f;
    for (int c = 0; c < 3; c++) {
        fet_filter_blur(side, fet_fast_max(blur, 0.35f), planes[c], scratch[0], lines);
        fet_filter_smear(side, camera->motion_px, camera->is_motion_x, planes[c], scratch[0],
                         lines);
        if (camera->glare > 0.0f) glare_add(camera, side, planes[c], scratch);
    }
    fet_sensor_expose(camera, side, planes, noise_seed, scratch);
    FET_TRY_OUT(fet_image_new(size_px, size_px, 3, 8, &made));
    fet_sensor_develop(camera, side, planes, scratch, &made);
    if (camera->jpeg_quality > 0) FET_TRY_OUT(through_jpeg(camera->jpeg_quality, &made));
    *picture = made;
    made = (struct fet_image){0};
out:
    fet_image_deinit(&made);
    fet_scene_map_free(scene, lines);
    for (int c = 0; c < 3; c++) fet_scene_map_free(scene, planes[c]);
    return st;
}

#define MASK_PIXELS_MIN 4

/* Looks at a map through the lens: levels [size_px,size_px] out, the number above 0.5 and the
 * highest. */
static int mask_look(const struct fet_scene *scene, const struct fet_camera *camera,
                     const float *map, int size_px, float *lines, float *levels, float *highest)
{
    const int side = size_px + 2 * PAD;
    const struct look look = look_of(lines, side);
    float *const line = lines + 3 * (size_t)side;
    int n_above = 0;
    float most = 0.0f;
    for (int y = 0; y < size_px; y++) {
        look_row(scene, camera, size_px, side, y + PAD, 1.0f, &look);
        look_fetch(scene, &look, side, map, line);
        float *const to = levels + (size_t)y * (size_t)size_px;
        for (int x = 0; x < size_px; x++) {
            to[x] = line[x + PAD];
            n_above += to[x] > 0.5f;
            most = fet_fast_max(most, to[x]);
        }
    }
    *highest = most;
    return n_above;
}

fet_status fet_camera_mask(struct fet_scene *scene, const struct fet_camera *camera,
                           const float *map, int size_px, struct fet_image *mask)
{
    struct fet_image made = {0};
    float *lines = NULL, *levels = NULL;
    fet_status st;
    FET_TRY_OUT(fet_scene_map_new(scene, &lines));
    FET_TRY_OUT(fet_scene_map_new(scene, &levels));
    FET_TRY_OUT(fet_image_new(size_px, size_px, 1, 8, &made));
    float highest;
    const int n_above = mask_look(scene, camera, map, size_px, lines, levels, &highest);
    /* what is thinner than a pixel never covers a half: its best pixels stand for it */
    const float limit = n_above >= MASK_PIXELS_MIN ? 0.5f : fet_fast_max(0.5f * highest, 0.01f);
    uint8_t *const out = made.pixels;
    for (int i = 0; i < size_px * size_px; i++) out[i] = levels[i] > limit ? 255 : 0;
    *mask = made;
out:
    fet_scene_map_free(scene, levels);
    fet_scene_map_free(scene, lines);
    return st;
}

/* ---- which camera ---- */

void fet_camera_design(struct fet_rng *rng, float grey_share, struct fet_camera *camera)
{
    struct fet_camera k = {.zoom = 1.0f};
    k.is_grey = fet_rng_chance(rng, (double)grey_share);
    k.is_mosaic = fet_rng_chance(rng, 0.6);
    k.barrel = fet_draw_normal(rng, 0.0f, 0.008f);
    k.fringe = fet_rng_chance(rng, 0.35) ? fet_draw_normal(rng, 0.0f, 0.0015f) : 0.0f;
    k.blur_px = fet_draw_size(rng, 0.4f, 1.25f);
    k.vignette = fet_draw_between(rng, 0.03f, 0.4f);
    k.glare = fet_draw_size(rng, 0.005f, 0.045f);
    k.exposure = 1.0f;
    /* white balance errs from warm to cold, hardly from green to purple */
    const float warm = fet_draw_normal(rng, 0.0f, 0.05f);
    k.white[0] = 1.0f + warm;
    k.white[1] = 1.0f + fet_draw_normal(rng, 0.0f, 0.012f);
    k.white[2] = 1.0f - warm;
    k.shot = fet_draw_size(rng, 0.00003f, 0.0012f);
    k.read = fet_draw_size(rng, 0.001f, 0.006f);
    k.saturation = fet_draw_between(rng, 0.75f, 1.15f);
    k.sharpen = fet_rng_chance(rng, 0.5) ? fet_draw_between(rng, 0.2f, 1.0f) : 0.0f;
    k.contrast = fet_draw_between(rng, 0.0f, 0.95f);
    k.black = fet_draw_between(rng, 0.0f, 0.02f);
    k.is_motion_x = fet_rng_chance(rng, 0.5);
    k.jpeg_quality = fet_rng_chance(rng, 0.35) ? fet_rng_int(rng, 60, 96) : 0;
    *camera = k;
}

void fet_camera_jitter(struct fet_rng *rng, float variation, struct fet_camera *camera)
{
    const float v = variation;
    camera->turns += fet_fast_clamp(fet_draw_normal(rng, 0.0f, 0.005f * v), -0.006f, 0.006f);
    camera->zoom *= 1.0f + fet_fast_clamp(fet_draw_normal(rng, 0.0f, 0.012f * v), -0.02f, 0.02f);
    for (int i = 0; i < 2; i++)
        camera->shift[i] += fet_fast_clamp(fet_draw_normal(rng, 0.0f, 3.0f * v), -4.0f, 4.0f);
    camera->blur_px *= fet_fast_exp2(fet_draw_normal(rng, 0.0f, 0.35f * v));
    camera->exposure *= fet_fast_exp2(fet_draw_normal(rng, 0.0f, 0.35f * v));
    const float warm = fet_draw_normal(rng, 0.0f, 0.02f * v);
    camera->white[0] *= 1.0f + warm;
    camera->white[2] *= 1.0f - warm;
    if (fet_rng_chance(rng, 0.06 * (double)v))
        camera->motion_px = fet_draw_between(rng, 1.5f, 5.0f);
    if (camera->jpeg_quality > 0) camera->jpeg_quality += fet_rng_int(rng, -3, 3);
}

#define METER_BINS 128

/* The light level that a share of the counted pixels stays below. Eight bins an octave, 2^-12 ..
 * 2^4. */
static float meter_level(const int bins[METER_BINS], int n_counted, float share)
{
    int i = 0, below = bins[0];
    const int want = (int)(share * (float)n_counted);
    while (i < METER_BINS - 1 && below <= want) below += bins[++i];
    return fet_fast_exp2(((float)i + 0.5f) * 0.125f - 12.0f);
}

float fet_camera_meter(const struct fet_scene *scene, float *const radiance[3], struct fet_rng *rng)
{
    const float target = fet_draw_size(rng, 0.18f, 0.7f);
    int all[METER_BINS] = {0}, part[METER_BINS] = {0}, n_all = 0, n_part = 0;
    const int n = scene->size, border = n / 18;
    for (int y = border; y < n - border; y++) {
        for (int x = border; x < n - border; x++) {
            const size_t i = (size_t)y * (size_t)n + (size_t)x;
            const float light =
                0.3f * radiance[0][i] + 0.59f * radiance[1][i] + 0.11f * radiance[2][i];
            const float bin = 8.0f * (fet_fast_log2(fet_fast_max(light, 1e-6f)) + 12.0f);
            const int i_bin = (int)fet_fast_clamp(bin, 0.0f, (float)METER_BINS - 1.0f);
            all[i_bin]++;
            n_all++;
            if (scene->part[i] <= 0.5f) continue;
            part[i_bin]++;
            n_part++;
        }
    }
    /* the part decides, but the picture as a whole is not burnt out for a dark part */
    const float whole = 0.75f / meter_level(all, n_all, 0.6f);
    if (n_part == 0) return target * whole;
    return fet_fast_min(target / meter_level(part, n_part, 0.88f), whole);
}
