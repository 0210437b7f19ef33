/* Leather and its imitations: creases between grain cells, pores, folds, a two-tone finish, and a
 * seam of stitches. The grain is the hide's, so new on every part; the seam is the product's. */
#include "family.h"

struct look {
    struct fet_material hide;
    float dark[3];
    float cell, crease, relief, fold;
    float shine;
    float seam_x, seam_turns, stitch, gap, thread_r;
    int n_rows;
    struct fet_material thread;
    bool has_fold_over; /* one side of the seam lies on top */
};

static struct look look_invent(struct fet_rng *d)
{
    struct look l = {.hide = fet_matter_dye(d)};
    const int tone = fet_rng_int(d, 0, 5);
    if (tone <= 2) /* browns */
        l.hide =
            fet_matter_between(d, (const float[6]){0.02f, 0.09f, 0.4f, 0.75f, 0.15f, 0.6f}, 0.6f);
    if (tone == 3) l.hide = fet_matter_grey(fet_draw_between(d, 0.08f, 0.3f), 0.6f);
    l.shine = fet_draw_between(d, 0.35f, 0.7f);
    l.hide.rough = l.shine;
    const float deep = fet_draw_between(d, 0.4f, 0.75f);
    for (int k = 0; k < 3; k++) l.dark[k] = deep * l.hide.albedo[k];
    l.cell = fet_draw_size(d, 4.0f, 13.0f);
    l.crease = fet_draw_between(d, 0.10f, 0.3f);
    l.relief = fet_draw_size(d, 0.25f, 0.9f);
    l.fold = fet_draw_size(d, 0.5f, 2.5f);
    l.seam_x = fet_draw_between(d, -75.0f, 75.0f);
    l.seam_turns = fet_rng_chance(d, 0.6) ? 0.25f * (float)fet_rng_int(d, 0, 1)
                                          : fet_draw_between(d, 0.0f, 0.5f);
    l.stitch = fet_draw_between(d, 6.0f, 13.0f);
    l.gap = fet_draw_between(d, 4.5f, 7.0f);
    l.thread_r = fet_draw_between(d, 1.3f, 2.3f);
    l.n_rows = fet_rng_int(d, 1, 2);
    l.thread = fet_matter_dye(d);
    const bool is_tonal = fet_rng_chance(d, 0.35) != 0;
    const float lift = fet_matter_light(&l.hide) < 0.2f ? 1.8f : 0.6f;
    for (int k = 0; k < 3 && is_tonal; k++)
        l.thread.albedo[k] = fet_fast_min(l.hide.albedo[k] * lift + 0.03f, 0.9f);
    l.has_fold_over = fet_rng_chance(d, 0.6) != 0;
    return l;
}

static fet_status hide_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l)
{
    const struct fet_material hide = fet_matter_vary(&l->hide, part, 0.025f);
    const struct fet_noise fold = {.scale_x = 75.0f, .octaves = 4, .gain = 0.5f};
    const struct fet_noise pore = {.scale_x = 1.6f, .octaves = 1};
    const int64_t n = (int64_t)s->size * s->size;
    struct fet_cells cells = {0};
    float *bend;
    float *skin;
    FET_TRY(fet_texture_new(s, part, &fold, &bend));
    FET_TRY(fet_texture_new(s, part, &pore, &skin));
    FET_TRY(fet_scene_map_new(s, &cells.near));
    FET_TRY(fet_scene_map_new(s, &cells.second));
    FET_TRY(fet_field_cells(s, part, l->cell, NULL, &cells));
    fet_scene_flood(s, &hide, 1.0f);
    for (int64_t i = 0; i < n; i++) {
        const float edge = cells.second[i] - cells.near[i];
        const float wide = l->crease * (1.0f + 0.35f * bend[i]);
        const float flat = fet_fast_step(0.0f, fet_fast_max(wide, 0.05f), edge);
        const float low = 1.0f - flat;
        for (int k = 0; k < 3; k++)
            s->albedo[k][i] = fet_fast_min(fet_fast_mix(hide.albedo[k], l->dark[k], 0.8f * low) *
                                               (1.0f + 0.05f * bend[i] + 0.03f * skin[i]),
                                           0.95f);
        s->rough[i] = fet_fast_clamp(l->shine + 0.15f * low + 0.03f * skin[i], 0.1f, 1.0f);
        const float pillow = 0.5f * (1.0f - cells.near[i]);
        s->height[i] =
            s->px_per_unit * (l->relief * (flat + pillow + 0.08f * skin[i]) + l->fold * bend[i]);
    }
    fet_scene_map_free(s, cells.near);
    fet_scene_map_free(s, cells.second);
    fet_scene_map_free(s, bend);
    fet_scene_map_free(s, skin);
    return FET_OK;
}

/* The upper hide ends beside the seam, and the thread pulls a furrow. */
static fet_status seam_lay(struct fet_scene *s, const struct look *l, const struct fet_pose *at)
{
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, at, -190.0f, -190.0f, 190.0f, 190.0f, &p));
    p.reach_px = 1e5f;
    if (l->has_fold_over) {
        fet_patch_half(&p, FET_SDF_JOIN, 1.0f, 0.0f, -1.2f * l->gap - 2.0f);
        fet_patch_clear(&p);
        fet_patch_box(&p, FET_SDF_JOIN, -200.0f, 0.0f, 200.0f - 1.2f * l->gap - 2.0f, 400.0f, 0.0f);
        fet_patch_raise(s, &p, 3.0f, 2.5f, FET_PROFILE_ROUND);
        fet_patch_clear(&p);
        fet_patch_box(&p, FET_SDF_JOIN, -1.2f * l->gap - 1.2f, 0.0f, 0.7f, 400.0f, 0.0f);
        fet_patch_shade(s, &p, 0.45f, 1.5f);
        fet_patch_clear(&p);
    }
    for (int row = 0; row < l->n_rows; row++)
        fet_patch_box(&p, FET_SDF_JOIN, 2.2f * l->gap * (float)row, 0.0f, 1.2f, 400.0f, 0.0f);
    fet_patch_raise(s, &p, -1.6f, 3.5f, FET_PROFILE_SMOOTH);
    return FET_OK;
}

static fet_status stitch_draw(struct fet_scene *s, const struct look *l, const struct fet_pose *at,
                              float x, float y, float slant, float length)
{
    const float half = 0.5f * length;
    const float from[2] = {x - slant, y - half};
    const float to[2] = {x + slant, y + half};
    const struct fet_material hole = fet_matter_grey(0.08f, 0.9f);
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, at, x - 3.0f, y - half - 3.0f, x + 3.0f, y + half + 3.0f, &p));
    p.reach_px = 3.0f;
    fet_patch_circle(&p, FET_SDF_JOIN, from[0], from[1], 0.9f * l->thread_r);
    fet_patch_circle(&p, FET_SDF_JOIN, to[0], to[1], 0.9f * l->thread_r);
    fet_patch_fill(s, &p, &hole, 0.8f);
    fet_patch_raise(s, &p, -0.8f, 0.8f, FET_PROFILE_SMOOTH);
    fet_patch_clear(&p);
    fet_patch_segment(&p, FET_SDF_JOIN, from, to, l->thread_r, l->thread_r);
    fet_patch_fill(s, &p, &l->thread, 1.0f);
    fet_patch_raise(s, &p, 1.3f * l->thread_r, l->thread_r, FET_PROFILE_ROUND);
    return FET_OK;
}

/* A thread that came loose: an arc over the hide. */
static fet_status loop_draw(struct fet_scene *s, const struct look *l, const struct fet_pose *at,
                            float y, struct fet_rng *r)
{
    const float way = fet_draw_between(r, 9.0f, 24.0f);
    struct fet_patch p;
    FET_TRY(fet_patch_open(s, at, -4.0f, y - 30.0f, way + 6.0f, y + 30.0f, &p));
    p.reach_px = 3.0f;
    float last[2] = {0.0f, y - l->stitch};
    for (int i = 1; i <= 10; i++) {
        const float t = (float)i / 10.0f;
        const float next[2] = {way * fet_fast_turn(0.5f * t), y + l->stitch * (2.0f * t - 1.0f)};
        fet_patch_segment(&p, FET_SDF_JOIN, last, next, l->thread_r, l->thread_r);
        last[0] = next[0];
        last[1] = next[1];
    }
    fet_patch_fill(s, &p, &l->thread, 1.0f);
    fet_patch_raise(s, &p, 2.0f * l->thread_r, l->thread_r, FET_PROFILE_ROUND);
    return FET_OK;
}

static fet_status stitches_lay(struct fet_scene *s, struct fet_rng *part, const struct look *l,
                               const struct fet_pose *at, struct fet_own *own)
{
    const bool is_bad = fet_own_is(own, "thread or weave fault");
    const float bad_y = fet_draw_between(&own->rng, -60.0f, 60.0f);
    const int n_bad = fet_rng_int(&own->rng, 1, 4);
    const bool has_loop = fet_rng_chance(&own->rng, 0.5) != 0;
    const float step = l->stitch + l->gap;
    const float phase = fet_draw_between(part, 0.0f, step);
    for (int row = 0; row < l->n_rows; row++) {
        const float x = 2.2f * l->gap * (float)row;
        for (int i = -16; i * (double)step < 190.0; i++) {
            const float y = phase + step * (float)i;
            const float slant = fet_vary(part, 0.35f);
            const float length = l->stitch * (1.0f + fet_vary(part, 0.05f));
            const bool is_gone = is_bad && row == 0 && y > bad_y - 0.5f * step &&
                                 y < bad_y + ((float)n_bad - 0.5f) * step;
            if (!is_gone) FET_TRY(stitch_draw(s, l, at, x, y, slant, length));
        }
    }
    return is_bad && has_loop ? loop_draw(s, l, at, bad_y, &own->rng) : FET_OK;
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    const struct look l = look_invent(&chance->design);
    const struct fet_pose turned = fet_pose_child(&scene->at, 0.0f, 0.0f, l.seam_turns);
    const struct fet_pose at =
        fet_pose_child(&turned, l.seam_x + fet_vary(&chance->part, 2.0f), 0.0f, 0.0f);
    FET_TRY(hide_lay(scene, &chance->part, &l));
    FET_TRY(seam_lay(scene, &l, &at));
    return stitches_lay(scene, &chance->part, &l, &at, own);
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 5.0f, draw_one);
}

static const char *const defects[] = {"scratch",        "dent",          "crack", "hole", "stain",
                                      "discolouration", "contamination", "scuff", NULL};
static const char *const own_faults[] = {"thread or weave fault", NULL};

const struct fet_synth_family fet_family_leather = {
    .name = "leather",
    .summary = "leather with grain, folds and a stitched seam",
    .defects = defects,
    .grey_share = 0.1f,
    .draw = draw,
    .own_faults = own_faults,
};
