/* Defects that change the shape: crack, hole, chip, burr. */
#include "defects.h"
#include "lattice.h"

/* ---- crack ---- */

/* What a growing crack prefers: dark and low places, as grain borders and pores are. */
static float weakness_at(const struct fet_scene *scene, uint32_t seed, float x, float y)
{
    const float grain = fet_lattice_fractal(x * 0.15f, y * 0.15f, seed);
    const float dark = fet_defect_sample(scene, scene->albedo[1], x, y);
    return 0.35f * grain + 2.0f * dark;
}

struct branch {
    float at[2], turns, left, half;
};

#define BRANCHES_MAX 12

/* Grows one branch; new branches are appended to the queue. */
static void crack_grow(struct fet_scene *scene, struct fet_rng *rng, struct fet_line *line,
                       struct branch *queue, int *n_queue, int i_branch)
{
    struct branch b = queue[i_branch];
    const uint32_t seed = fet_rng_u32(rng);
    const float whole = b.left, step = 2.2f;
    float heading = b.turns;
    while (b.left > 0.0f) {
        float best = 1e9f, turns = heading;
        for (int k = -2; k <= 2; k++) {
            const float t = heading + 0.055f * (float)k + fet_draw_normal(rng, 0.0f, 0.02f);
            const float ahead = weakness_at(scene, seed, b.at[0] + 5.0f * fet_fast_turn(t + 0.25f),
                                            b.at[1] + 5.0f * fet_fast_turn(t));
            const float cost = ahead + 0.12f * (float)(k * k);
            if (cost < best) {
                best = cost;
                turns = t;
            }
        }
        heading = 0.6f * turns + 0.4f * b.turns; /* stress keeps the general direction */
        const float to[2] = {b.at[0] + step * fet_fast_turn(turns + 0.25f),
                             b.at[1] + step * fet_fast_turn(turns)};
        if (!fet_defect_is_part(scene, to[0], to[1])) return;
        const float w0 = b.half * (0.35f + 0.65f * b.left / whole);
        const float w1 = w0 * fet_draw_between(rng, 0.7f, 1.25f);
        const float widths[2] = {w0, w1}, strengths[2] = {1.0f, 1.0f};
        fet_line_piece(scene, line, b.at, to, widths, strengths, 2.5f);
        b.at[0] = to[0];
        b.at[1] = to[1];
        b.left -= step;
        if (*n_queue < BRANCHES_MAX && b.left > 8.0f && fet_rng_chance(rng, 0.05)) {
            const float side = fet_rng_chance(rng, 0.5) ? 1.0f : -1.0f;
            queue[*n_queue] = b;
            queue[*n_queue].turns = heading + side * fet_draw_between(rng, 0.07f, 0.18f);
            queue[*n_queue].left = b.left * fet_draw_between(rng, 0.25f, 0.7f);
            queue[*n_queue].half = 0.7f * b.half;
            (*n_queue)++;
        }
    }
}

fet_status fet_defect_crack(struct fet_scene *scene, struct fet_rng *rng)
{
    struct branch queue[BRANCHES_MAX];
    struct branch first = {.turns = fet_draw_between(rng, 0.0f, 1.0f)};
    float out[2];
    /* most cracks start at an edge, where stress is highest */
    if (fet_rng_chance(rng, 0.5) && fet_defect_place_edge(scene, rng, first.at, out)) {
        first.turns = fet_fast_angle(-out[1], -out[0]) + fet_draw_normal(rng, 0.0f, 0.08f);
        first.at[0] -= 1.5f * out[0];
        first.at[1] -= 1.5f * out[1];
    } else if (!fet_defect_place(scene, rng, 5.0f, &first.at[0], &first.at[1])) {
        return FET_OK;
    }
    first.left = fet_draw_size(rng, 16.0f, 140.0f);
    first.half = fet_draw_size(rng, 0.4f, 1.5f);
    struct fet_line line;
    FET_TRY(fet_line_new(scene, &line));
    queue[0] = first;
    int n_queue = 1;
    if (fet_rng_chance(rng, 0.4)) { /* it also runs the other way */
        queue[1] = first;
        queue[1].turns += 0.5f + fet_draw_normal(rng, 0.0f, 0.04f);
        queue[1].left *= fet_draw_between(rng, 0.3f, 1.0f);
        n_queue = 2;
    }
    for (int i = 0; i < n_queue; i++) crack_grow(scene, rng, &line, queue, &n_queue, i);
    const float dark = fet_draw_between(rng, 0.05f, 0.4f);
    const float deep = fet_draw_between(rng, 1.0f, 3.0f) * scene->px_per_unit;
    const float flare = fet_draw_between(rng, 0.0f, 0.12f); /* lifted edges catch light */
    for (int y = line.window.y0; y < line.window.y1; y++) {
        for (int x = line.window.x0; x < line.window.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float off = line.off[i], part = scene->part[i];
            if (off >= 2.5f || part <= 0.0f) continue;
            const float in = fet_fast_clamp(1.25f - off, 0.0f, 1.0f) * part;
            scene->height[i] -=
                deep * (in - flare * fet_fast_max(1.0f - fet_fast_abs(off - 1.6f), 0));
            for (int c = 0; c < 3; c++) scene->albedo[c][i] *= fet_fast_mix(1.0f, dark, in);
            scene->rough[i] = fet_fast_mix(scene->rough[i], 0.9f, in);
            scene->metal[i] *= 1.0f - 0.8f * in;
            fet_defect_mark(scene, i, fet_fast_clamp(2.0f - off, 0.0f, 1.0f) * part);
        }
    }
    fet_line_free(scene, &line);
    return FET_OK;
}

/* ---- hole ---- */

static void hole_sink(struct fet_scene *scene, const struct fet_blob *blob, float deep, float dark,
                      float bevel)
{
    const struct fet_window w =
        fet_window_about(scene, blob->at.x, blob->at.y, 1.4f * fet_blob_reach(blob) + 3.0f);
    const float edge = 1.0f / scene->px_per_unit;
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float d = fet_blob_depth(blob, fet_draw_unit(scene, (float)x), v);
            if (d < -bevel - edge || scene->part[i] <= 0.0f) continue;
            const float part = scene->part[i];
            const float in = fet_fast_clamp(0.5f + d / edge, 0.0f, 1.0f) * part;
            /* the rim is rounded, the wall falls steeply, little light comes back from the ground
             */
            const float rim = fet_fast_clamp(1.0f + d / bevel, 0.0f, 1.0f);
            const float wall = fet_fast_clamp(d / (0.25f * blob->half_x + edge), 0.0f, 1.0f);
            scene->height[i] -= part * (0.12f * deep * rim * rim + deep * wall);
            const float k = fet_fast_mix(1.0f, dark, in * fet_fast_mix(0.55f, 1.0f, wall));
            for (int c = 0; c < 3; c++) scene->albedo[c][i] *= k;
            scene->rough[i] = fet_fast_mix(scene->rough[i], 0.85f, in);
            scene->metal[i] *= 1.0f - 0.7f * in;
            fet_defect_mark(scene, i,
                            fet_fast_clamp(0.5f + (d + 0.5f * bevel) / edge, 0, 1) * part);
        }
    }
}

fet_status fet_defect_hole(struct fet_scene *scene, struct fet_rng *rng)
{
    const int n = fet_rng_chance(rng, 0.25) ? fet_rng_int(rng, 2, 7) : 1;
    const float half = fet_draw_size(rng, 1.0f, n > 1 ? 4.0f : 12.0f);
    float x0, y0;
    if (!fet_defect_place(scene, rng, half + 2.0f, &x0, &y0)) return FET_OK;
    const float dark = fet_draw_size(rng, 0.03f, 0.3f),
                ragged = fet_draw_between(rng, 0.02f, 0.22f);
    for (int i = 0; i < n; i++) {
        const float own = i == 0 ? half : half * fet_draw_between(rng, 0.35f, 1.0f);
        const float x = x0 + (i == 0 ? 0.0f : fet_draw_normal(rng, 0.0f, 14.0f));
        const float y = y0 + (i == 0 ? 0.0f : fet_draw_normal(rng, 0.0f, 14.0f));
        struct fet_blob blob = fet_blob_make(rng, x, y, own, 1.5f, ragged);
        blob.grain = 1.2f * own;
        const float deep = fet_draw_between(rng, 0.8f, 2.0f) * (own + 1.0f) * scene->px_per_unit;
        if (fet_defect_is_part(scene, x, y))
            hole_sink(scene, &blob, deep, dark, fet_draw_between(rng, 0.4f, 1.4f));
    }
    return FET_OK;
}

/* ---- chip ---- */

/* What lies beside the part, seen where a piece broke out: the stand, mirrored across the edge. */
static void chip_open(struct fet_scene *scene, size_t i, size_t from, float k)
{
    for (int c = 0; c < 3; c++)
        scene->albedo[c][i] = fet_fast_mix(scene->albedo[c][i], scene->albedo[c][from], k);
    scene->height[i] = fet_fast_mix(scene->height[i], scene->height[from], k);
    scene->rough[i] = fet_fast_mix(scene->rough[i], scene->rough[from], k);
    scene->metal[i] = fet_fast_mix(scene->metal[i], scene->metal[from], k);
    scene->part[i] *= 1.0f - k;
}

struct chip {
    struct fet_blob blob;
    float out[2];    /* outwards */
    bool is_through; /* the stand shows; else a broken face */
    float deep;      /* pixels */
    float bare[3];   /* the broken face */
    float bared;
};

static void chip_break(struct fet_scene *scene, const struct chip *chip)
{
    const struct fet_blob *const b = &chip->blob;
    const float reach = fet_blob_reach(b), edge = 1.0f / scene->px_per_unit;
    const struct fet_window w = fet_window_about(scene, b->at.x, b->at.y, reach);
    const float away = 2.0f * reach + 3.0f;
    for (int y = w.y0; y < w.y1; y++) {
        const float v = fet_draw_unit(scene, (float)y);
        for (int x = w.x0; x < w.x1; x++) {
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const float u = fet_draw_unit(scene, (float)x), d = fet_blob_depth(b, u, v);
            if (d < -edge || scene->part[i] <= 0.0f) continue;
            const float in = fet_fast_clamp(0.5f + d / edge, 0.0f, 1.0f) * scene->part[i];
            /* a broken face: facets from coarse noise, falling off outwards */
            const float facet = fet_fast_abs(fet_lattice_noise(u * 0.45f, v * 0.45f, b->seed + 3u));
            const float fall = fet_fast_clamp(d / (0.6f * b->half_y), 0.0f, 1.0f);
            const float px = fet_draw_pixel(scene, u + away * chip->out[0]);
            const float py = fet_draw_pixel(scene, v + away * chip->out[1]);
            const float last = (float)scene->size - 1.0f;
            const size_t from = (size_t)fet_fast_clamp(py, 0.0f, last) * (size_t)scene->size +
                                (size_t)fet_fast_clamp(px, 0.0f, last);
            if (chip->is_through && scene->part[from] < 0.2f) {
                chip_open(scene, i, from, in);
            } else {
                scene->height[i] -= in * chip->deep * (0.25f + 0.5f * fall + 0.9f * facet);
                const float k = chip->bared * in * (0.8f + 0.4f * facet);
                for (int c = 0; c < 3; c++)
                    scene->albedo[c][i] =
                        fet_fast_clamp(fet_fast_mix(scene->albedo[c][i], chip->bare[c], k), 0, 1);
                scene->rough[i] = fet_fast_mix(scene->rough[i], 0.75f, in);
            }
            fet_defect_mark(scene, i, in);
        }
    }
}

fet_status fet_defect_chip(struct fet_scene *scene, struct fet_rng *rng)
{
    struct chip chip = {.is_through = fet_rng_chance(rng, 0.5)};
    float at[2];
    const float half = fet_draw_size(rng, 2.0f, 15.0f);
    if (!fet_defect_place_edge(scene, rng, at, chip.out)) {
        /* a surface without an edge in sight: a flake */
        chip.is_through = false;
        if (!fet_defect_place(scene, rng, 0.5f * half, &at[0], &at[1])) return FET_OK;
        const float t = fet_draw_between(rng, 0.0f, 1.0f);
        chip.out[0] = fet_fast_turn(t + 0.25f);
        chip.out[1] = fet_fast_turn(t);
    } else {
        const float in = half * fet_draw_between(rng, -0.1f, 0.5f);
        at[0] -= in * chip.out[0];
        at[1] -= in * chip.out[1];
    }
    const float along = fet_fast_angle(chip.out[1], chip.out[0]) + 0.25f;
    const float ragged = fet_draw_between(rng, 0.1f, 0.25f);
    chip.blob = fet_blob_make(rng, at[0], at[1], half, 2.0f, ragged);
    chip.blob.at = fet_pose_make(at[0], at[1], along, 1.0f);
    chip.deep = half * fet_draw_between(rng, 0.3f, 0.9f) * scene->px_per_unit;
    float rgb[3];
    fet_defect_albedo(scene, at[0] - 3.0f * chip.out[0], at[1] - 3.0f * chip.out[1], rgb);
    const float lift = fet_draw_between(rng, 0.6f, 1.7f);
    for (int c = 0; c < 3; c++) chip.bare[c] = fet_fast_clamp(rgb[c] * lift + 0.03f, 0.01f, 0.85f);
    chip.bared = fet_draw_between(rng, 0.4f, 1.0f);
    chip_break(scene, &chip);
    return FET_OK;
}

/* ---- burr ---- */

struct burr {
    float at[2], out[2];
    float half_length, reach, lift; /* along the edge, outwards, height in pixels */
    float coarse;
    uint32_t seed;
};

/* How far the ragged seam stands out at t along the edge, in units. */
static float burr_reach(const struct burr *b, float t)
{
    const float q = t / b->half_length;
    const float swell = fet_fast_max(1.0f - q * q, 0.0f);
    const float teeth = 0.55f + 0.8f * fet_lattice_noise(t / b->coarse, 0.5f, b->seed) +
                        0.5f * fet_lattice_noise(2.7f * t / b->coarse, 8.5f, b->seed);
    return b->reach * swell * fet_fast_max(teeth, 0.05f);
}

static void burr_grow(struct fet_scene *scene, const struct burr *b)
{
    const struct fet_window w =
        fet_window_about(scene, b->at[0], b->at[1], b->half_length + 2.0f * b->reach + 4.0f);
    const float inside = 1.2f + 0.35f * b->reach;
    for (int y = w.y0; y < w.y1; y++) {
        for (int x = w.x0; x < w.x1; x++) {
            const float u = fet_draw_unit(scene, (float)x), v = fet_draw_unit(scene, (float)y);
            const float du = u - b->at[0], dv = v - b->at[1];
            const float along = dv * b->out[0] - du * b->out[1];
            if (fet_fast_abs(along) >= b->half_length) continue;
            const float reach = burr_reach(b, along);
            if (reach < 0.15f) continue;
            /* the edge may be curved: look inwards for the part from here */
            const size_t i = (size_t)y * (size_t)scene->size + (size_t)x;
            const bool is_in = scene->part[i] > 0.5f;
            const float probe = is_in ? inside : -reach;
            const float pu = u + probe * b->out[0], pv = v + probe * b->out[1];
            if (fet_defect_is_part(scene, pu, pv) == is_in) continue;
            const size_t last = (size_t)scene->size - 1;
            const float bx = fet_draw_pixel(scene, u - (reach + 1.5f) * b->out[0]);
            const float by = fet_draw_pixel(scene, v - (reach + 1.5f) * b->out[1]);
            const size_t from =
                (size_t)fet_fast_clamp(by, 0.0f, (float)last) * (size_t)scene->size +
                (size_t)fet_fast_clamp(bx, 0.0f, (float)last);
            const float grain = fet_lattice_noise(u * 0.9f, v * 0.9f, b->seed + 5u);
            if (!is_in) {
                for (int c = 0; c < 3; c++) scene->albedo[c][i] = scene->albedo[c][from];
                scene->rough[i] = 0.6f * scene->rough[from];
                scene->metal[i] = scene->metal[from];
                scene->height[i] = scene->height[from];
            }
            /* torn material stands up and curls: steep, uneven, catches the light */
            scene->height[i] += b->lift * (0.5f + 1.4f * grain);
            scene->rough[i] = fet_fast_clamp(scene->rough[i] * 0.8f, 0.12f, 1.0f);
            fet_defect_mark(scene, i, 1.0f);
        }
    }
}

fet_status fet_defect_burr(struct fet_scene *scene, struct fet_rng *rng)
{
    struct burr b = {.seed = fet_rng_u32(rng)};
    if (!fet_defect_place_edge(scene, rng, b.at, b.out)) return FET_OK;
    b.half_length = fet_draw_size(rng, 5.0f, 34.0f);
    b.reach = fet_draw_size(rng, 1.2f, 5.0f);
    b.lift = fet_draw_between(rng, 1.0f, 3.5f) * scene->px_per_unit;
    b.coarse = fet_draw_between(rng, 1.5f, 5.0f);
    burr_grow(scene, &b);
    return FET_OK;
}
