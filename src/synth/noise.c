/* Noise fields. Lattice values come from a hash of the lattice point, never from a running
 * generator, so that a field is the same at every picture size and its loops are vectors.
 *
 * Upright fields interpolate random values with cubic B-splines, columns first: smooth, without the
 * squares of bilinear value noise, and cheap because a lattice row is spread once, not once per
 * row. Turned fields use gradient noise (Perlin 1985) with the quintic fade of Perlin 2002. Cells
 * are Worley's basis (1996). */
#include "draw.h"
#include "lattice.h"

/* Deviation 1: a uniform value has 0.5774, the B-spline leaves 151/315 of it in two dimensions. */
#define SPLINE_GAIN 3.613f

/* ---- upright: B-splines ---- */

/* One octave: a lattice with a cell of cell_x, cell_y units, shifted by a phase. */
struct octave {
    float cell_x, cell_y, phase_x, phase_y, weight;
    uint32_t seed;
};

/* Column tables and the four lattice rows about the current picture row, each already spread over
 * the columns; carved from one scratch map. */
struct spline {
    const float *w[4];    /* [size] weights of the four lattice columns */
    const int32_t *first; /* [size] the leftmost of them */
    float *rows[4];       /* [size] lattice rows top..top+3 */
    float *lattice;       /* [n_columns] */
    int32_t left, top;    /* lattice index of column 0, of rows[0] */
    int n_columns;
};

static inline void spline_weights(float t, float w[4])
{
    const float u = 1.0f - t;
    w[0] = u * u * u * (1.0f / 6.0f);
    w[1] = (4.0f + t * t * (3.0f * t - 6.0f)) * (1.0f / 6.0f);
    w[2] = (4.0f + u * u * (3.0f * u - 6.0f)) * (1.0f / 6.0f);
    w[3] = t * t * t * (1.0f / 6.0f);
}

static void spline_prepare(const struct fet_scene *scene, const struct octave *o, float *scratch,
                           struct spline *s)
{
    const int n = scene->size;
    int32_t *const first = (int32_t *)(void *)scratch;
    float *const w = scratch + n;
    const float x0 = fet_draw_unit(scene, 0.0f) / o->cell_x + o->phase_x;
    const float dx = 1.0f / (scene->px_per_unit * o->cell_x);
    s->left = (int32_t)fet_fast_floor(x0);
    s->n_columns = (int)((float)n * dx) + 6;
    for (int x = 0; x < n; x++) {
        const float u = x0 + (float)x * dx, whole = fet_fast_floor(u);
        float four[4];
        spline_weights(u - whole, four);
        first[x] = (int32_t)whole - s->left;
        for (int k = 0; k < 4; k++) w[k * n + x] = four[k];
    }
    s->first = first;
    for (int k = 0; k < 4; k++) s->w[k] = w + k * n;
    for (int k = 0; k < 4; k++) s->rows[k] = scratch + (5 + k) * n;
    s->lattice = scratch + 9 * n;
    s->top = INT32_MIN;
}

/* Spreads lattice row y over the columns. */
static void spline_spread(const struct octave *o, const struct spline *s, int n, int32_t y,
                          float *restrict row)
{
    float *const restrict lattice = s->lattice;
    for (int i = 0; i < s->n_columns; i++)
        lattice[i] = o->weight * fet_lattice_value(fet_lattice_hash((uint32_t)(s->left + i),
                                                                    (uint32_t)y, o->seed));
    for (int x = 0; x < n; x++) {
        const float *const from = lattice + s->first[x];
        row[x] = s->w[0][x] * from[0] + s->w[1][x] * from[1] + s->w[2][x] * from[2] +
                 s->w[3][x] * from[3];
    }
}

/* Makes rows[0..3] the lattice rows top..top+3, keeping those that it has. */
static void spline_roll(const struct octave *o, struct spline *s, int n, int32_t top)
{
    if (top == s->top) return;
    const bool is_next = s->top != INT32_MIN && top == s->top + 1;
    if (is_next) {
        float *const oldest = s->rows[0];
        for (int k = 0; k < 3; k++) s->rows[k] = s->rows[k + 1];
        s->rows[3] = oldest;
    }
    for (int k = is_next ? 3 : 0; k < 4; k++) spline_spread(o, s, n, top + k, s->rows[k]);
    s->top = top;
}

static void spline_add(const struct fet_scene *scene, const struct octave *o, float *scratch,
                       float *restrict out)
{
    struct spline s;
    spline_prepare(scene, o, scratch, &s);
    const int n = scene->size;
    const float y0 = fet_draw_unit(scene, 0.0f) / o->cell_y + o->phase_y;
    const float dy = 1.0f / (scene->px_per_unit * o->cell_y);
    for (int y = 0; y < n; y++) {
        const float v = y0 + (float)y * dy, whole = fet_fast_floor(v);
        float w[4];
        spline_weights(v - whole, w);
        spline_roll(o, &s, n, (int32_t)whole);
        const float *const restrict a = s.rows[0], *const restrict b = s.rows[1];
        const float *const restrict c = s.rows[2], *const restrict d = s.rows[3];
        float *const restrict line = out + (size_t)y * (size_t)n;
        for (int x = 0; x < n; x++)
            line[x] += w[0] * a[x] + w[1] * b[x] + w[2] * c[x] + w[3] * d[x];
    }
}

/* ---- turned: gradients ---- */

static void gradient_add(const struct fet_scene *scene, const struct octave *o,
                         const struct fet_pose *at, float *restrict out)
{
    const int n = scene->size;
    const float step = 1.0f / (scene->px_per_unit * at->scale);
    const float du = step * at->c / o->cell_x, dv = -step * at->s / o->cell_y;
    for (int y = 0; y < n; y++) {
        float u0, v0;
        fet_pose_local(at, fet_draw_unit(scene, 0.0f), fet_draw_unit(scene, (float)y), &u0, &v0);
        u0 = u0 / o->cell_x + o->phase_x;
        v0 = v0 / o->cell_y + o->phase_y;
        float *const restrict line = out + (size_t)y * (size_t)n;
        for (int x = 0; x < n; x++)
            line[x] +=
                o->weight * fet_lattice_noise(u0 + (float)x * du, v0 + (float)x * dv, o->seed);
    }
}

fet_status fet_field_noise(struct fet_scene *scene, struct fet_rng *rng,
                           const struct fet_noise *noise, float *out)
{
    const uint64_t seed = fet_rng_u64(rng);
    struct fet_rng own;
    fet_rng_init(&own, seed, 0);
    const bool is_upright = noise->at == NULL && noise->turns == 0.0f;
    const struct fet_pose still = {.c = 1.0f, .scale = 1.0f};
    const struct fet_pose at =
        fet_pose_child(noise->at == NULL ? &still : noise->at, 0.0f, 0.0f, noise->turns);
    float *scratch;
    FET_TRY(fet_scene_map_new(scene, &scratch));
    fet_field_fill(scene, out, 0.0f);
    const float gain = noise->gain > 0.0f ? noise->gain : 0.5f;
    const float smallest = 1.0f / scene->px_per_unit;
    struct octave o = {.cell_x = noise->scale_x,
                       .cell_y = noise->scale_y > 0.0f ? noise->scale_y : noise->scale_x};
    float weight = 1.0f, power = 0.0f;
    for (int i = 0; i < noise->octaves; i++, weight *= gain) power += weight * weight;
    weight = (is_upright ? SPLINE_GAIN : FET_LATTICE_GAIN) / sqrtf(power);
    for (int i = 0; i < noise->octaves; i++, weight *= gain) {
        o.weight = weight;
        o.seed = fet_rng_u32(&own);
        o.phase_x = fet_draw_between(&own, 1000.0f, 1001.0f);
        o.phase_y = fet_draw_between(&own, 1000.0f, 1001.0f);
        if (i > 0 && o.cell_x < smallest && o.cell_y < smallest) break;
        o.cell_x = fet_fast_max(o.cell_x, smallest);
        o.cell_y = fet_fast_max(o.cell_y, smallest);
        if (is_upright)
            spline_add(scene, &o, scratch, out);
        else
            gradient_add(scene, &o, &at, out);
        o.cell_x *= 0.5f;
        o.cell_y *= 0.5f;
    }
    fet_scene_map_free(scene, scratch);
    return FET_OK;
}

void fet_field_grain(const struct fet_scene *scene, struct fet_rng *rng, float *out)
{
    const uint32_t seed = (uint32_t)fet_rng_u64(rng);
    const int64_t n = (int64_t)scene->size * scene->size;
    for (int64_t i = 0; i < n; i++) out[i] = fet_fast_normal(fet_fast_hash((uint32_t)i ^ seed));
}

/* ---- turned rings ---- */

/* A line of smooth noise: cells of cell steps. */
static void line_noise(uint32_t seed, float cell, int n, float *out)
{
    for (int i = 0; i < n; i++) {
        const float u = (float)i / cell, whole = fet_fast_floor(u);
        float w[4];
        spline_weights(u - whole, w);
        float sum = 0.0f;
        for (uint32_t k = 0; k < 4; k++)
            sum +=
                w[k] * fet_lattice_value(fet_lattice_hash((uint32_t)(int32_t)whole + k, 7u, seed));
        out[i] = 2.5f * sum; /* 1 / (0.5774 * sqrt(0.479)) */
    }
}

static void turned_row(const struct fet_scene *scene, const struct fet_pose *at, int y,
                       const float *const lines[2], float per_unit, float *restrict out)
{
    const int n = scene->size, n_line = 4 * n;
    float *const bx = scene->brush[0] == NULL ? NULL : scene->brush[0] + (size_t)y * (size_t)n;
    float *const by = bx == NULL ? NULL : scene->brush[1] + (size_t)y * (size_t)n;
    const float dy = fet_draw_unit(scene, (float)y) - at->y;
    for (int x = 0; x < n; x++) {
        const float dx = fet_draw_unit(scene, (float)x) - at->x;
        const float r = sqrtf(dx * dx + dy * dy) + 1e-3f;
        const float cx = dx / r, cy = dy / r;
        const int i = (int)fet_fast_min(r * per_unit, (float)(n_line - 1));
        /* the two lines take turns around the ring, so that no ring is perfect */
        const float share = 0.5f + 0.5f * (cx * at->c + cy * at->s);
        out[x] = fet_fast_mix(lines[0][i], lines[1][i], share);
        if (bx != NULL) {
            bx[x] = -cy;
            by[x] = cx;
        }
    }
}

fet_status fet_field_turned(struct fet_scene *scene, struct fet_rng *rng, const struct fet_pose *at,
                            float width, float *out)
{
    const uint64_t seed = fet_rng_u64(rng);
    const int n = scene->size, n_line = 4 * n;
    float *const lines = fet_arena_alloc(scene->arena, 3 * (int64_t)n_line, sizeof(float));
    if (lines == NULL) return FET_FAIL_MEMORY("turned rings", 12 * (int64_t)n_line);
    const float per_unit = 2.0f * scene->px_per_unit; /* two steps a pixel */
    float *const shared = lines + 2 * (size_t)n_line;
    const float cell = fet_fast_max(width * at->scale * per_unit, 2.0f);
    line_noise((uint32_t)(seed >> 32), cell, n_line, shared);
    for (uint32_t k = 0; k < 2; k++) {
        float *const line = lines + k * (uint32_t)n_line;
        line_noise((uint32_t)seed + k, cell, n_line, line);
        for (int i = 0; i < n_line; i++) line[i] = 0.45f * line[i] + 0.89f * shared[i];
    }
    const float *const both[2] = {lines, lines + n_line};
    for (int y = 0; y < n; y++)
        turned_row(scene, at, y, both, per_unit, out + (size_t)y * (size_t)n);
    return FET_OK;
}

/* ---- cells ---- */

struct cell_row {
    float u0, v0, du, dv;
    uint32_t seed;
};

static void cells_row(const struct cell_row *r, int n, float *restrict near, float *restrict second,
                      float *restrict id)
{
    for (int x = 0; x < n; x++) {
        const float u = r->u0 + (float)x * r->du, v = r->v0 + (float)x * r->dv;
        const float wu = fet_fast_floor(u), wv = fet_fast_floor(v);
        const float fu = u - wu, fv = v - wv;
        float best = 9.0f, next = 9.0f, who = 0.0f;
        for (int k = 0; k < 9; k++) {
            const int ox = k % 3 - 1, oy = k / 3 - 1;
            const uint32_t h = fet_lattice_hash((uint32_t)((int32_t)wu + ox),
                                                (uint32_t)((int32_t)wv + oy), r->seed);
            const float px = (float)ox + (float)(int32_t)(h & 1023u) * (1.0f / 1024.0f) - fu;
            const float py =
                (float)oy + (float)(int32_t)((h >> 10) & 1023u) * (1.0f / 1024.0f) - fv;
            const float d = px * px + py * py;
            const float worse = fet_fast_max(best, d);
            next = fet_fast_min(next, worse);
            who = d < best ? (float)(int32_t)(h >> 20) : who;
            best = fet_fast_min(best, d);
        }
        near[x] = sqrtf(best);
        second[x] = sqrtf(next);
        id[x] = who * (1.0f / 4096.0f);
    }
}

fet_status fet_field_cells(struct fet_scene *scene, struct fet_rng *rng, float cell,
                           const struct fet_pose *at, const struct fet_cells *out)
{
    const uint32_t seed = (uint32_t)fet_rng_u64(rng);
    const struct fet_pose still = {.c = 1.0f, .scale = 1.0f};
    if (at == NULL) at = &still;
    float *scratch;
    FET_TRY(fet_scene_map_new(scene, &scratch));
    const int n = scene->size;
    const float step = 1.0f / (scene->px_per_unit * at->scale * cell);
    struct cell_row r = {.du = step * at->c, .dv = -step * at->s, .seed = seed};
    for (int y = 0; y < n; y++) {
        const size_t row = (size_t)y * (size_t)n;
        fet_pose_local(at, fet_draw_unit(scene, 0.0f), fet_draw_unit(scene, (float)y), &r.u0,
                       &r.v0);
        r.u0 = r.u0 / cell + 1000.0f;
        r.v0 = r.v0 / cell + 1000.0f;
        cells_row(&r, n, out->near == NULL ? scratch : out->near + row,
                  out->second == NULL ? scratch + n : out->second + row,
                  out->id == NULL ? scratch + 2 * (size_t)n : out->id + row);
    }
    fet_scene_map_free(scene, scratch);
    return FET_OK;
}
