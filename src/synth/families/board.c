/* Printed boards: solder mask over copper and glass, pads, vias, silkscreen, soldered components.
 * The plan (board_plan.c) belongs to the product; a part differs in placement tolerance, amount of
 * solder, registration of the print, weave of the glass and dirt. */
#include "board.h"

/* Copper under the mask: traces, pads' surroundings, and the pour between them when there is one.
 */
static fet_status copper_lay(struct fet_scene *layer, const struct fet_board_plan *plan,
                             const struct fet_pose *on, const float *cloud)
{
    struct fet_patch p;
    const float half = plan->half + 20.0f;
    FET_TRY(fet_patch_open(layer, on, -half, -half, half, half, &p));
    p.reach_px = 2.5f + plan->clearance * p.unit;
    for (int i = 0; i < plan->n_traces; i++)
        fet_patch_segment(&p, FET_SDF_JOIN, plan->traces[i].from, plan->traces[i].to,
                          plan->traces[i].half, plan->traces[i].half);
    for (int i = 0; i < plan->n_vias; i++)
        fet_patch_circle(&p, FET_SDF_JOIN, plan->vias[i][0], plan->vias[i][1], 1.75f);
    for (int i = 0; i < plan->n_pads; i++) {
        const struct fet_board_pad *const q = &plan->pads[i];
        fet_patch_box(&p, FET_SDF_JOIN, q->x, q->y, q->half_w + 0.5f, q->half_h + 0.5f, 0.6f);
    }
    const float gap = plan->clearance * p.unit;
    const float rise = 0.28f * layer->px_per_unit;
    for (int y = 0; y < p.h; y++) {
        const int64_t row = (int64_t)(p.y + y) * layer->size + p.x;
        for (int x = 0; x < p.w; x++) {
            const float d = p.d[(int64_t)y * p.w + x];
            const float trace = fet_clamp01(0.5f - 0.8f * d);
            const float pour = plan->has_pour ? fet_clamp01(0.5f + 0.8f * (d - gap)) : 0.0f;
            const float c = fet_fast_max(trace, pour);
            const float k = 1.0f + 0.03f * cloud[row + x];
            for (int i = 0; i < 3; i++)
                layer->albedo[i][row + x] = fet_fast_min(
                    k * fet_fast_mix(plan->dark.albedo[i], plan->light.albedo[i], c), 0.95f);
            layer->height[row + x] += rise * c;
        }
    }
    return FET_OK;
}

static fet_status ground_lay(struct fet_scene *layer, struct fet_synth_chance *chance,
                             const struct fet_board_plan *plan, const struct fet_pose *on)
{
    const struct fet_noise cloud = {.scale_x = 45.0f, .octaves = 5, .gain = 0.6f};
    const struct fet_noise weave = {.scale_x = 3.0f, .octaves = 2};
    float *map;
    fet_scene_flood(layer, &plan->dark, 1.0f);
    FET_TRY(fet_texture_new(layer, &chance->part, &cloud, &map));
    FET_TRY(copper_lay(layer, plan, on, map));
    fet_texture_roughen(layer, map, 0.02f);
    FET_TRY(fet_field_noise(layer, &chance->part, &weave, map));
    fet_field_add(layer, map, 0.05f * layer->px_per_unit, layer->height);
    fet_scene_map_free(layer, map);
    return FET_OK;
}

/* Bare metal and the solder on it, a little different on every part. */
static fet_status pads_lay(struct fet_scene *layer, struct fet_synth_chance *chance,
                           const struct fet_board_plan *plan, const struct fet_pose *on)
{
    const struct fet_material hole = fet_matter_grey(0.08f, 0.8f);
    struct fet_patch p;
    for (int i = 0; i < plan->n_pads; i++) {
        const struct fet_board_pad *const q = &plan->pads[i];
        const float solder = 1.0f + fet_vary(&chance->part, 0.25f);
        const float corner = q->is_hole ? q->half_w : 0.4f;
        FET_TRY(fet_patch_open(layer, on, q->x - q->half_w, q->y - q->half_h, q->x + q->half_w,
                               q->y + q->half_h, &p));
        fet_patch_box(&p, FET_SDF_JOIN, q->x, q->y, q->half_w, q->half_h, corner);
        fet_patch_fill(layer, &p, &plan->pad, 1.0f);
        fet_patch_raise(layer, &p, 0.9f * solder, fet_fast_min(q->half_w, q->half_h),
                        FET_PROFILE_ROUND);
    }
    for (int i = 0; i < plan->n_vias; i++) {
        const float *const v = plan->vias[i];
        FET_TRY(fet_patch_open(layer, on, v[0] - 1.5f, v[1] - 1.5f, v[0] + 1.5f, v[1] + 1.5f, &p));
        fet_patch_circle(&p, FET_SDF_JOIN, v[0], v[1], 1.35f);
        fet_patch_fill(layer, &p, &plan->pad, 0.9f);
        fet_patch_clear(&p);
        fet_patch_circle(&p, FET_SDF_JOIN, v[0], v[1], 0.7f);
        fet_patch_fill(layer, &p, &hole, 1.0f);
        fet_patch_raise(layer, &p, -1.0f, 0.5f, FET_PROFILE_SMOOTH);
    }
    return FET_OK;
}

/* ---- silkscreen ---- */

struct press {
    float x, y;  /* registration */
    bool is_bad; /* a print fault about a place on the board */
    int kind;
    float bad_x, bad_y, reach;
    float shift_x, shift_y;
};

static bool press_hits(const struct press *q, const struct fet_board_plan *plan,
                       const struct fet_pose *on, const struct fet_pose *at)
{
    float x;
    float y;
    fet_pose_local(on, at->x, at->y, &x, &y);
    const float dx = x - q->bad_x;
    const float dy = y - q->bad_y;
    const float reach = q->reach / plan->scale;
    return q->is_bad && dx * dx + dy * dy < reach * reach;
}

static fet_status silk_text(struct fet_scene *layer, const struct fet_board_plan *plan,
                            const struct fet_pose *at, const char *text, const struct press *bad)
{
    struct fet_patch p;
    const float half = 0.5f * fet_letters_length(&plan->letters, text) + 2.0f;
    const float h = plan->letters.height;
    FET_TRY(fet_patch_open(layer, at, -half, -h, half, h, &p));
    fet_letters_line(&p, &plan->letters, text, 0.0f, 0.0f, 0.0f);
    if (bad != NULL && bad->kind == 0) return FET_OK; /* absent */
    if (bad != NULL && bad->kind == 1) {              /* smeared */
        fet_patch_grow(&p, 0.5f);
        fet_patch_fill(layer, &p, &plan->silk, 0.5f);
        fet_patch_grow(&p, 0.6f);
    }
    fet_patch_fill(layer, &p, &plan->silk, bad != NULL && bad->kind == 1 ? 0.5f : 0.92f);
    if (bad == NULL || bad->kind != 2) return FET_OK;
    const struct fet_pose twice = fet_pose_child(at, bad->shift_x, bad->shift_y, 0.0f); /* double */
    FET_TRY(fet_patch_open(layer, &twice, -half, -h, half, h, &p));
    fet_letters_line(&p, &plan->letters, text, 0.0f, 0.0f, 0.0f);
    fet_patch_fill(layer, &p, &plan->silk, 0.8f);
    return FET_OK;
}

static fet_status silk_lay(struct fet_scene *layer, const struct fet_board_plan *plan,
                           const struct fet_pose *on, const struct press *press)
{
    const struct fet_pose shifted = fet_pose_child(on, press->x, press->y, 0.0f);
    for (int i = 0; i < plan->n_parts; i++) {
        const struct fet_board_part *const q = &plan->parts[i];
        const struct fet_pose at = fet_pose_child(&shifted, q->x, q->y, 0.25f * (float)q->quarter);
        const bool all_round = q->kind == FET_BOARD_CHIP4;
        const float w = q->half_w + (all_round ? 8.5f : 1.6f);
        const float h = q->half_h + (all_round ? 8.5f : 1.6f);
        struct fet_patch p;
        FET_TRY(fet_patch_open(layer, &at, -w - 1.0f, -h - 1.0f, w + 1.0f, h + 1.0f, &p));
        p.reach_px = 4.0f;
        fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, w + 0.4f, h + 0.4f, 0.3f);
        fet_patch_box(&p, FET_SDF_CUT, 0.0f, 0.0f, w - 0.4f, h - 0.4f, 0.3f);
        const bool is_bad = press_hits(press, plan, on, &at);
        const float opacity = !is_bad ? 0.9f : press->kind == 0 ? 0.0f : 0.6f;
        if (is_bad && press->kind == 1) fet_patch_grow(&p, 0.5f);
        if (q->kind != FET_BOARD_SMALL) fet_patch_fill(layer, &p, &plan->silk, opacity);
        const float below = h + 0.5f * plan->letters.height + 2.2f;
        const struct fet_pose name = fet_pose_child(&at, 0.0f, below, 0.0f);
        FET_TRY(silk_text(layer, plan, &name, q->name, is_bad ? press : NULL));
    }
    const struct fet_pose title = fet_pose_child(&shifted, plan->title_x, plan->title_y, 0.0f);
    return silk_text(layer, plan, &title, plan->title, NULL);
}

/* ---- parts and their faults ---- */

/* One of the parts that lie inside the picture, or -1. */
static int part_pick(const struct fet_board_plan *plan, struct fet_rng *r)
{
    int seen[FET_BOARD_PARTS];
    int n = 0;
    const float reach = 95.0f / plan->scale;
    for (int i = 0; i < plan->n_parts; i++)
        if (fet_fast_abs(plan->parts[i].x) < reach && fet_fast_abs(plan->parts[i].y) < reach)
            seen[n++] = i;
    return n > 0 ? seen[fet_rng_below(r, (uint32_t)n)] : -1;
}

static fet_status parts_lay(struct fet_scene *layer, struct fet_synth_chance *chance,
                            const struct fet_board_plan *plan, const struct fet_pose *on,
                            struct fet_own *own)
{
    const int i_bad = part_pick(plan, &own->rng);
    const struct fet_material lead = {{0.68f, 0.68f, 0.66f}, 0.32f, 1.0f};
    for (int i = 0; i < plan->n_parts; i++) {
        struct fet_board_part q = plan->parts[i];
        float x = q.x + fet_vary(&chance->part, 0.2f);
        float y = q.y + fet_vary(&chance->part, 0.2f);
        float turns = 0.25f * (float)q.quarter + fet_vary(&chance->part, 0.0015f);
        q.body = fet_matter_vary(&q.body, &chance->part, 0.03f);
        if (i == i_bad && fet_own_is(own, "missing part")) continue;
        if (i == i_bad && fet_own_is(own, "misplaced part")) {
            const float angle = fet_draw_between(&own->rng, 0.0f, 1.0f);
            const float far = fet_draw_between(&own->rng, 0.25f, 0.6f) * (q.half_h + 2.0f);
            x += far * fet_fast_turn(angle);
            y += far * fet_fast_turn(angle + 0.25f);
            turns += fet_draw_between(&own->rng, -0.09f, 0.09f);
        }
        const struct fet_pose at = fet_pose_child(on, x, y, turns);
        FET_TRY(fet_board_part_draw(layer, &q, &at, &lead));
    }
    return FET_OK;
}

static fet_status board_lay(struct fet_scene *layer, struct fet_synth_chance *chance,
                            const struct fet_board_plan *plan, const struct fet_pose *on,
                            struct fet_own *own)
{
    struct press press = {0};
    press.x = fet_vary(&chance->part, 0.25f);
    press.y = fet_vary(&chance->part, 0.25f);
    FET_TRY(ground_lay(layer, chance, plan, on));
    FET_TRY(pads_lay(layer, chance, plan, on));
    if (fet_own_is(own, "print fault")) {
        const float angle = fet_draw_between(&own->rng, 0.0f, 1.0f);
        const int i = part_pick(plan, &own->rng);
        press.is_bad = true;
        press.bad_x = i < 0 ? 0.0f : plan->parts[i].x;
        press.bad_y = i < 0 ? 0.0f : plan->parts[i].y;
        press.reach = fet_draw_between(&own->rng, 15.0f, 55.0f);
        press.kind = fet_rng_int(&own->rng, 0, 2);
        press.shift_x = 1.8f * fet_fast_turn(angle + 0.25f);
        press.shift_y = 1.8f * fet_fast_turn(angle);
    }
    FET_TRY(silk_lay(layer, plan, on, &press));
    return parts_lay(layer, chance, plan, on, own);
}

static fet_status draw_one(struct fet_scene *scene, struct fet_synth_chance *chance,
                           struct fet_own *own)
{
    struct fet_board_plan *plan;
    FET_TRY(fet_board_plan_make(scene, &chance->design, &plan));
    struct fet_pose on = scene->at;
    on.scale *= plan->scale;
    if (!plan->has_edge) return board_lay(scene, chance, plan, &on, own);

    struct fet_scene layer;
    struct fet_patch p;
    FET_TRY(fet_stand_draw_any(scene, chance));
    FET_TRY(fet_layer_open(scene, &layer));
    FET_TRY(board_lay(&layer, chance, plan, &on, own));
    const float half = plan->half;
    const float inset = 7.0f;
    FET_TRY(fet_patch_open(scene, &on, -half, -half, half, half, &p));
    fet_patch_box(&p, FET_SDF_JOIN, 0.0f, 0.0f, half, half, 3.0f);
    for (int i = 0; i < 4; i++)
        fet_patch_circle(&p, FET_SDF_CUT, (i & 1 ? 1.0f : -1.0f) * (half - inset),
                         (i & 2 ? 1.0f : -1.0f) * (half - inset), 3.4f);
    FET_TRY(fet_layer_lay(scene, &layer, &p, 5.0f, 0.6f, FET_PROFILE_BEVEL));
    fet_layer_close(scene, &layer);
    return FET_OK;
}

static fet_status draw(struct fet_scene *scene, struct fet_synth_chance *chance, const char *fault)
{
    return fet_own_make(scene, chance, fault, 2.0f, draw_one);
}

static const char *const defects[] = {"scratch",       "stain", "discolouration",
                                      "contamination", "scuff", NULL};
static const char *const own_faults[] = {"missing part", "misplaced part", "print fault", NULL};

const struct fet_synth_family fet_family_board = {
    .name = "board",
    .summary = "printed board with traces, pads, print and soldered components",
    .defects = defects,
    .draw = draw,
    .own_faults = own_faults,
};
