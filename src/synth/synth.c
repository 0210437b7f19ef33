/* One part from an order: who is asked for, seeds, exposure, drawing, defect, light, camera.
 *
 * Every purpose has its own stream of random numbers, so that a defective part, its good twin and
 * the same part at another size share shape, dirt, light, pose and noise. The exposure is set on a
 * thumbnail of a good part of the product under the rig at rest, as a person does when a station is
 * set up; afterwards it stays but for small jitter. */
#include "synth.h"

#include "camera.h"
#include "draw.h"
#include "light.h"

enum stream {
    STREAM_DESIGN = 1,
    STREAM_RIG,
    STREAM_CAMERA,
    STREAM_METER,
    STREAM_SETUP_PART,
    STREAM_PART,
    STREAM_POSE,
    STREAM_RIG_JITTER,
    STREAM_CAMERA_JITTER,
    STREAM_NOISE,
    STREAM_DEFECT /* plus the number of the attempt */
};

#define ATTEMPTS 12
#define CLEAR_CHANGE 0.035f /* of the way from black to white, as the eye sees it */
#define SETUP_PX 64
#define SHOWS_WELL 8.0f /* changed pixels of a picture of 256 that make a defect */

/* Everything that one part needs while it is made. */
struct job {
    const struct fet_synth_order *order;
    const struct fet_synth_family *family;
    const struct fet_synth_defect *defect; /* NULL = good */
    uint64_t product_key, part_key;
    struct fet_arena *arena;
    struct fet_scene scene;
    struct fet_rig rig;
    struct fet_camera camera;
    float *good[3], *shown[3]; /* radiance without and with the defect */
};

/* ---- tables ---- */

static const struct fet_synth_family *family_find(const char *name)
{
    for (int i = 0; fet_synth_families[i] != NULL; i++)
        if (strcmp(fet_synth_families[i]->name, name) == 0) return fet_synth_families[i];
    return NULL;
}

static const struct fet_synth_defect *defect_find(const char *name)
{
    for (int i = 0; fet_synth_defects[i].name != NULL; i++)
        if (strcmp(fet_synth_defects[i].name, name) == 0) return &fet_synth_defects[i];
    return NULL;
}

static bool is_listed(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

const char *fet_synth_family_name(int i_family)
{
    for (int i = 0; fet_synth_families[i] != NULL; i++)
        if (i == i_family) return fet_synth_families[i]->name;
    return NULL;
}

const char *fet_synth_family_summary(int i_family)
{
    for (int i = 0; fet_synth_families[i] != NULL; i++)
        if (i == i_family) return fet_synth_families[i]->summary;
    return NULL;
}

const char *fet_synth_defect_name(int i_defect)
{
    for (int i = 0; fet_synth_defects[i].name != NULL; i++)
        if (i == i_defect) return fet_synth_defects[i].name;
    return NULL;
}

const char *fet_synth_defect_summary(int i_defect)
{
    for (int i = 0; fet_synth_defects[i].name != NULL; i++)
        if (i == i_defect) return fet_synth_defects[i].summary;
    return NULL;
}

bool fet_synth_has_defect(const char *family, const char *defect)
{
    const struct fet_synth_family *const f = family_find(family);
    return f != NULL && (is_listed(f->defects, defect) || is_listed(f->own_faults, defect));
}

const char *fet_synth_family_defect(const char *family, int i)
{
    for (int d = 0; fet_synth_defect_name(d) != NULL; d++)
        if (fet_synth_has_defect(family, fet_synth_defect_name(d)) && i-- == 0)
            return fet_synth_defect_name(d);
    return NULL;
}

/* ---- who is asked for ---- */

static fet_status fail_family(const char *name)
{
    struct fet_text names = {0};
    for (int i = 0; fet_synth_families[i] != NULL; i++)
        fet_text_add(&names, "%s%s", i > 0 ? ", " : "", fet_synth_families[i]->name);
    fet_status_set(FET_NOT_FOUND, "synth: there is no family '%s'; there are: %s", name,
                   fet_text_get(&names));
    fet_text_deinit(&names);
    return FET_NOT_FOUND;
}

static fet_status fail_defect(const char *name)
{
    struct fet_text names = {0};
    for (int i = 0; fet_synth_defects[i].name != NULL; i++)
        fet_text_add(&names, "%s%s", i > 0 ? ", " : "", fet_synth_defects[i].name);
    fet_status_set(FET_NOT_FOUND, "synth: there is no defect '%s'; there are: %s", name,
                   fet_text_get(&names));
    fet_text_deinit(&names);
    return FET_NOT_FOUND;
}

static fet_status order_check(const struct fet_synth_order *o, struct job *job)
{
    job->family = family_find(o->family);
    if (job->family == NULL) return fail_family(o->family);
    if (o->defect != NULL) {
        job->defect = defect_find(o->defect);
        if (job->defect == NULL) return fail_defect(o->defect);
        if (!fet_synth_has_defect(o->family, o->defect))
            return FET_FAIL(FET_DATA, "synth: family '%s' has no defect '%s'", o->family,
                            o->defect);
    }
    if (o->size_px < 64 || o->size_px > 2048)
        return FET_FAIL(FET_ARGUMENT, "synth: size %d is not within 64..2048 pixels", o->size_px);
    if (o->index < 0)
        return FET_FAIL(FET_ARGUMENT, "synth: part number %lld is below 0", (long long)o->index);
    if (!(o->variation >= 0.0 && o->variation <= 1.0))
        return FET_FAIL(FET_ARGUMENT, "synth: variation %g is not within 0..1", o->variation);
    return FET_OK;
}

fet_status fet_synth_check(const struct fet_synth_order *order)
{
    struct job job = {0};
    return order_check(order, &job);
}

/* ---- seeds ---- */

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014) over both numbers. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a * 0x9e3779b97f4a7c15u + b + 0x632be59bd9b4e019u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t name_hash(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *name != '\0'; name++) h = (h ^ (uint8_t)*name) * 0x100000001b3u;
    return h;
}

static struct fet_rng stream(uint64_t key, uint64_t purpose)
{
    struct fet_rng rng;
    fet_rng_init(&rng, key, purpose);
    return rng;
}

/* ---- a scene and its light ---- */

static int margin_of(int size_px)
{
    return size_px / 16 > 6 ? size_px / 16 : 6;
}

/* attempt: which draw of the fault. */
static fet_status scene_draw(const struct job *job, int size_px, struct fet_pose at,
                             struct fet_rng part, const char *fault, int attempt,
                             struct fet_scene *scene)
{
    FET_TRY(fet_scene_init(scene, job->arena, size_px + 2 * margin_of(size_px),
                           (float)size_px / 256.0f));
    scene->at = at;
    struct fet_synth_chance chance = {stream(job->product_key, STREAM_DESIGN), part,
                                      stream(job->part_key, (uint64_t)(STREAM_DEFECT + attempt))};
    return job->family->draw(scene, &chance, fault);
}

static fet_status radiance_new(struct fet_scene *scene, float *radiance[3])
{
    for (int c = 0; c < 3; c++) FET_TRY(fet_scene_map_new(scene, &radiance[c]));
    return FET_OK;
}

/* Sets the exposure on a thumbnail; see the head of this file. */
static fet_status exposure_set(struct job *job)
{
    struct fet_scene scene;
    FET_TRY(scene_draw(job, SETUP_PX, fet_pose_make(0.0f, 0.0f, 0.0f, 1.0f),
                       stream(job->product_key, STREAM_SETUP_PART), NULL, 0, &scene));
    struct fet_shade shade;
    FET_TRY(fet_shade_make(&scene, &shade));
    float *radiance[3];
    FET_TRY(radiance_new(&scene, radiance));
    FET_TRY(fet_light_render(&scene, &job->rig, &shade, 0, scene.size, radiance));
    struct fet_rng rng = stream(job->product_key, STREAM_METER);
    job->camera.exposure *= fet_camera_meter(&scene, radiance, &rng);
    return FET_OK;
}

static struct fet_pose pose_draw(const struct job *job)
{
    struct fet_rng rng = stream(job->part_key, STREAM_POSE);
    const float v = (float)job->order->variation;
    if (job->family->has_free_pose) {
        const float u = fet_draw_between(&rng, -22.0f, 22.0f);
        const float w = fet_draw_between(&rng, -22.0f, 22.0f);
        return fet_pose_make(u, w, fet_draw_between(&rng, 0.0f, 1.0f), 1.0f);
    }
    const float turns = fet_fast_clamp(fet_draw_normal(&rng, 0.0f, 0.009f * v), -0.02f, 0.02f);
    const float x = fet_fast_clamp(fet_draw_normal(&rng, 0.0f, 5.0f * v), -8.0f, 8.0f);
    const float y = fet_fast_clamp(fet_draw_normal(&rng, 0.0f, 5.0f * v), -8.0f, 8.0f);
    return fet_pose_make(x, y, turns, 1.0f);
}

/* ---- a defect that shows ---- */

/* The maps that a defect may change, to try again from. */
#define KEPT_MAX 9
struct kept {
    float *now[KEPT_MAX], *copy[KEPT_MAX];
    int n;
};

static fet_status maps_keep(struct fet_scene *scene, struct kept *kept)
{
    float *const maps[KEPT_MAX] = {scene->height,    scene->albedo[0], scene->albedo[1],
                                   scene->albedo[2], scene->rough,     scene->metal,
                                   scene->part,      scene->brush[0],  scene->brush[1]};
    kept->n = scene->brush[0] == NULL ? KEPT_MAX - 2 : KEPT_MAX;
    for (int i = 0; i < kept->n; i++) {
        kept->now[i] = maps[i];
        FET_TRY(fet_scene_map_new(scene, &kept->copy[i]));
        fet_field_copy(scene, maps[i], kept->copy[i]);
    }
    return FET_OK;
}

static void maps_restore(struct fet_scene *scene, const struct kept *kept)
{
    for (int i = 0; i < kept->n; i++) fet_field_copy(scene, kept->copy[i], kept->now[i]);
    fet_field_fill(scene, scene->mask, 0.0f);
}

/* First and behind the last row that the mask touches; false when empty. */
static bool mask_rows(const struct fet_scene *scene, int *y0, int *y1)
{
    const int n = scene->size;
    *y0 = n;
    *y1 = 0;
    for (int y = 0; y < n; y++) {
        const float *const row = scene->mask + (size_t)y * (size_t)n;
        float most = 0.0f;
        for (int x = 0; x < n; x++) most = fet_fast_max(most, row[x]);
        if (most <= 0.3f) continue;
        if (y < *y0) *y0 = y;
        *y1 = y + 1;
    }
    return *y0 < *y1;
}

/* The number of marked pixels within the picture. */
static float mask_area(const struct fet_scene *scene, int border)
{
    const int n = scene->size;
    int64_t sum = 0;
    for (int y = border; y < n - border; y++)
        for (int x = border; x < n - border; x++)
            sum += scene->mask[(size_t)y * (size_t)n + (size_t)x] > 0.5f;
    return (float)sum;
}

/* How much the picture changes at each pixel, about as the eye sees it: 1 = black to white. */
static void change_measure(const struct job *job, int y0, int y1, float *restrict change)
{
    const struct fet_scene *const scene = &job->scene;
    const size_t n = (size_t)scene->size;
    const float e = job->camera.exposure;
    fet_field_fill(scene, change, 0.0f);
    for (size_t i = (size_t)y0 * n; i < (size_t)y1 * n; i++) {
        float most = 0.0f;
        for (int c = 0; c < 3; c++) {
            const float a = sqrtf(fet_fast_clamp(e * job->good[c][i], 0.0f, 1.0f));
            const float b = sqrtf(fet_fast_clamp(e * job->shown[c][i], 0.0f, 1.0f));
            most = fet_fast_max(most, fet_fast_abs(a - b));
        }
        change[i] = most;
    }
}

/* Lights the scene with its defect where it can differ, and returns how well it shows: the number
 * of picture pixels (at 256) that clearly change. Trims from the mask what does not show. */
static fet_status defect_look(struct job *job, struct fet_shade *shade, float *shows)
{
    struct fet_scene *const scene = &job->scene;
    const int n = scene->size;
    *shows = 0.0f;
    int y0, y1;
    if (!mask_rows(scene, &y0, &y1)) return FET_OK;
    const int reach = (int)(28.0f * scene->px_per_unit);
    y0 = y0 - reach < 0 ? 0 : y0 - reach;
    y1 = y1 + reach > n ? n : y1 + reach;
    FET_TRY(fet_shade_update(scene, shade));
    for (int c = 0; c < 3; c++) fet_field_copy(scene, job->good[c], job->shown[c]);
    FET_TRY(fet_light_render(scene, &job->rig, shade, y0, y1, job->shown));
    float *change;
    FET_TRY(fet_scene_map_new(scene, &change));
    change_measure(job, y0, y1, change);
    FET_TRY(fet_field_blur(scene, change, 0.8f));
    double sum = 0.0;
    const int border = margin_of(job->order->size_px);
    for (int y = border; y < n - border; y++)
        for (int x = border; x < n - border; x++) {
            const size_t i = (size_t)y * (size_t)n + (size_t)x;
            if (scene->mask[i] <= 0.5f) continue;
            const float clear = fet_fast_min(change[i] * (1.0f / CLEAR_CHANGE), 1.0f);
            sum += (double)(clear * clear * clear);
        }
    *shows = (float)sum / (scene->px_per_unit * scene->px_per_unit);
    /* a wider look: the inside of a ring belongs to it, an invisible far end does not */
    FET_TRY(fet_field_blur(scene, change, 2.5f));
    for (size_t i = 0; i < (size_t)n * (size_t)n; i++)
        scene->mask[i] *= fet_fast_step(0.003f, 0.009f, change[i]);
    fet_scene_map_free(scene, change);
    return FET_OK;
}

static fet_status defect_try(struct job *job, struct fet_shade *shade, const struct kept *kept,
                             int attempt, float *shows)
{
    maps_restore(&job->scene, kept);
    struct fet_rng rng = stream(job->part_key, (uint64_t)(STREAM_DEFECT + attempt));
    FET_TRY(job->defect->apply(&job->scene, &rng));
    return defect_look(job, shade, shows);
}

static fet_status fail_hidden(const struct job *job)
{
    return FET_FAIL(FET_DATA, "synth: '%s' does not show on part %lld of family '%s'",
                    job->defect->name, (long long)job->order->index, job->family->name);
}

static bool is_marked(const struct fet_image *mask)
{
    const uint8_t *const p = mask->pixels;
    return memchr(p, 255, fet_image_bytes(mask)) != NULL;
}

/* Draws the defect again elsewhere until it shows; else takes the best of all attempts. */
static fet_status defect_add(struct job *job, struct fet_shade *shade)
{
    struct kept kept;
    FET_TRY(maps_keep(&job->scene, &kept));
    FET_TRY(radiance_new(&job->scene, job->shown));
    float best = 0.0f, shows = 0.0f;
    int i_best = 0;
    for (int i = 0; i < ATTEMPTS; i++) {
        FET_TRY(defect_try(job, shade, &kept, i, &shows));
        if (shows >= SHOWS_WELL) return FET_OK;
        if (shows > best) {
            best = shows;
            i_best = i;
        }
    }
    if (best <= 0.0f) return fail_hidden(job);
    return defect_try(job, shade, &kept, i_best, &shows);
}

/* ---- the whole ---- */

/* Draws the part. A fault of the family's own is drawn again until it marks enough. */
static fet_status part_draw(struct job *job, bool is_own)
{
    const struct fet_synth_order *const o = job->order;
    const float enough = SHOWS_WELL * (float)(o->size_px * o->size_px) / (256.0f * 256.0f);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        fet_arena_reset(job->arena);
        FET_TRY(scene_draw(job, o->size_px, pose_draw(job), stream(job->part_key, STREAM_PART),
                           is_own ? o->defect : NULL, attempt, &job->scene));
        if (!is_own || mask_area(&job->scene, margin_of(o->size_px)) > enough) break;
    }
    return FET_OK;
}

static fet_status part_shoot(struct job *job, struct fet_synth_part *part)
{
    struct fet_scene *const scene = &job->scene;
    const struct fet_synth_order *const o = job->order;
    const bool is_own = job->defect != NULL && is_listed(job->family->own_faults, o->defect);
    FET_TRY(part_draw(job, is_own));
    struct fet_shade shade;
    FET_TRY(fet_shade_make(scene, &shade));
    FET_TRY(radiance_new(scene, job->good));
    FET_TRY(fet_light_render(scene, &job->rig, &shade, 0, scene->size, job->good));
    const bool is_applied = job->defect != NULL && !is_own;
    if (is_applied) FET_TRY(defect_add(job, &shade));
    fet_shade_free(scene, &shade);
    if (job->defect == NULL) fet_field_fill(scene, scene->mask, 0.0f);
    struct fet_synth_part made = {0};
    FET_TRY(fet_camera_mask(scene, &job->camera, scene->mask, o->size_px, &made.mask));
    if (job->defect != NULL && !is_marked(&made.mask)) {
        fet_synth_part_deinit(&made);
        return fail_hidden(job);
    }
    struct fet_rng noise = stream(job->part_key, STREAM_NOISE);
    const fet_status st = fet_camera_shoot(scene, &job->camera, is_applied ? job->shown : job->good,
                                           fet_rng_u64(&noise), o->size_px, &made.picture);
    if (st != FET_OK) {
        fet_synth_part_deinit(&made);
        return st;
    }
    *part = made;
    return FET_OK;
}

fet_status fet_synth_make_in(const struct fet_synth_order *order, struct fet_arena *arena,
                             struct fet_synth_part *part)
{
    struct job job = {.order = order, .arena = arena};
    FET_TRY(order_check(order, &job));
    const float v = (float)order->variation;
    job.product_key = mix(name_hash(order->family), order->product);
    job.part_key = mix(mix(job.product_key, order->seed), (uint64_t)order->index);
    struct fet_rng rng = stream(job.product_key, STREAM_RIG);
    fet_rig_design(&rng, job.family->lamps, &job.rig);
    rng = stream(job.product_key, STREAM_CAMERA);
    fet_camera_design(&rng, job.family->grey_share, &job.camera);
    fet_arena_reset(arena);
    FET_TRY(exposure_set(&job));
    rng = stream(job.part_key, STREAM_RIG_JITTER);
    fet_rig_jitter(&rng, v, &job.rig);
    rng = stream(job.part_key, STREAM_CAMERA_JITTER);
    fet_camera_jitter(&rng, v, &job.camera);
    return part_shoot(&job, part);
}

fet_status fet_synth_make(const struct fet_synth_order *order, struct fet_synth_part *part)
{
    struct fet_arena arena = {0};
    const fet_status st = fet_synth_make_in(order, &arena, part);
    fet_arena_deinit(&arena);
    return st;
}

void fet_synth_part_deinit(struct fet_synth_part *part)
{
    if (part == NULL) return;
    fet_image_deinit(&part->picture);
    fet_image_deinit(&part->mask);
}
