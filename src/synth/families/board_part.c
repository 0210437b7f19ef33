/* Components as they look from above: bodies, terminals, leads, marks. */
#include "board.h"

/* A box of material on the board: its own coordinates, rising over `edge`. */
static fet_status block(struct fet_scene *scene, const struct fet_pose *at, const float box[4],
                        float corner, const struct fet_material *m, float rise, float edge)
{
    struct fet_patch p;
    const float x = 0.5f * (box[0] + box[2]);
    const float y = 0.5f * (box[1] + box[3]);
    FET_TRY(fet_patch_open(scene, at, box[0], box[1], box[2], box[3], &p));
    fet_patch_box(&p, FET_SDF_JOIN, x, y, 0.5f * (box[2] - box[0]), 0.5f * (box[3] - box[1]),
                  corner);
    fet_patch_fill(scene, &p, m, 1.0f);
    fet_patch_raise(scene, &p, rise, edge, FET_PROFILE_BEVEL);
    return FET_OK;
}

static fet_status disc(struct fet_scene *scene, const struct fet_pose *at, float x, float y,
                       float r, const struct fet_material *m, float rise, float edge)
{
    struct fet_patch p;
    FET_TRY(fet_patch_open(scene, at, x - r, y - r, x + r, y + r, &p));
    fet_patch_circle(&p, FET_SDF_JOIN, x, y, r);
    fet_patch_fill(scene, &p, m, 1.0f);
    fet_patch_raise(scene, &p, rise, edge, FET_PROFILE_ROUND);
    return FET_OK;
}

static fet_status mark(struct fet_scene *scene, const struct fet_pose *at, const char *text,
                       float y, float space, const struct fet_material *ink, float opacity)
{
    struct fet_letters l = {.height = 1.0f, .width = 0.62f, .gap = 0.3f};
    const float per_height = fet_letters_length(&l, text);
    const float h = fet_fast_clamp(space / fet_fast_max(per_height, 1.0f), 2.2f, 7.0f);
    l = (struct fet_letters){
        .height = h, .width = 0.62f * h, .gap = 0.3f * h, .stroke = 0.075f * h};
    struct fet_patch p;
    const float half = 0.5f * fet_letters_length(&l, text) + 1.0f;
    FET_TRY(fet_patch_open(scene, at, -half, y - h, half, y + h, &p));
    fet_letters_line(&p, &l, text, 0.0f, y, 0.0f);
    fet_patch_fill(scene, &p, ink, opacity);
    return FET_OK;
}

/* Resistors, capacitors, LEDs, tantalum: a body between two terminals. */
static fet_status two_ended(struct fet_scene *scene, const struct fet_board_part *q,
                            const struct fet_pose *at, const struct fet_material *lead)
{
    const float w = q->half_w;
    const float h = q->half_h;
    const float end = 0.3f * w;
    const float body[4] = {-w, -h, w, h};
    const float left[4] = {-w, -h, -w + end, h};
    const float right[4] = {w - end, -h, w, h};
    const bool is_tantal = q->kind == FET_BOARD_TANTAL;
    FET_TRY(block(scene, at, body, 0.4f, &q->body, is_tantal ? 6.0f : 2.6f, 0.8f));
    if (is_tantal) {
        const float stripe[4] = {-w + 1.0f, -h + 0.6f, -w + 4.0f, h - 0.6f};
        FET_TRY(block(scene, at, stripe, 0.2f, &q->accent, 0.0f, 1.0f));
        return mark(scene, at, q->mark, 0.0f, 1.1f * w, &q->accent, 0.9f);
    }
    FET_TRY(block(scene, at, left, 0.4f, lead, 0.25f, 0.8f));
    FET_TRY(block(scene, at, right, 0.4f, lead, 0.25f, 0.8f));
    if (q->kind == FET_BOARD_LED) {
        const struct fet_material glow = fet_matter_hue(0.13f, 0.6f, 0.9f, 0.15f);
        return disc(scene, at, 0.0f, 0.0f, 0.72f * h, &glow, 0.8f, 0.7f * h);
    }
    if (q->kind == FET_BOARD_RESISTOR && q->half_w > 4.5f) {
        const char text[4] = {(char)('1' + q->name[1] % 8), '0', (char)('1' + q->mark[0] % 4),
                              '\0'};
        return mark(scene, at, text, 0.0f, 1.1f * w, &q->accent, 0.85f);
    }
    return FET_OK;
}

/* One gull-wing lead from the body outwards (v to larger v in a frame turned to its side). */
static fet_status lead_draw(struct fet_scene *scene, const struct fet_pose *side, float u, float v,
                            float half, const struct fet_material *lead)
{
    const float high[4] = {u - half, v - 0.5f, u + half, v + 2.4f};
    const float foot[4] = {u - half, v + 1.2f, u + half, v + 5.4f};
    FET_TRY(block(scene, side, foot, 0.3f, lead, 0.9f, 0.8f));
    return block(scene, side, high, 0.3f, lead, 1.6f, 1.4f);
}

static fet_status chip(struct fet_scene *scene, const struct fet_board_part *q,
                       const struct fet_pose *at, const struct fet_material *lead)
{
    const int n_sides = q->kind == FET_BOARD_CHIP4 ? 4 : 2;
    const float first = -0.5f * q->pitch * (float)(q->n_pins - 1);
    const float half = fet_fast_min(0.2f * q->pitch, 1.3f);
    for (int s = 0; s < n_sides; s++) {
        const float turns = n_sides == 4 ? 0.25f * (float)s : 0.5f * (float)s;
        const struct fet_pose side = fet_pose_child(at, 0.0f, 0.0f, turns);
        for (int k = 0; k < q->n_pins; k++)
            FET_TRY(lead_draw(scene, &side, first + q->pitch * (float)k, q->half_h, half, lead));
    }
    const float w = q->half_w;
    const float h = q->half_h;
    const float body[4] = {-w, -h, w, h};
    const struct fet_material dimple = fet_matter_grey(0.1f, 0.35f);
    const struct fet_material laser = fet_matter_grey(0.55f, 0.7f);
    FET_TRY(block(scene, at, body, 0.8f, &q->body, 4.5f, 1.3f));
    FET_TRY(disc(scene, at, -w + 3.6f, h - 3.6f, 1.5f, &dimple, -0.5f, 0.6f));
    FET_TRY(mark(scene, at, q->mark, -0.25f * h, 1.3f * w, &laser, 0.8f));
    return mark(scene, at, q->name, 0.4f * h, 0.7f * w, &laser, 0.7f);
}

static fet_status small(struct fet_scene *scene, const struct fet_board_part *q,
                        const struct fet_pose *at, const struct fet_material *lead)
{
    const struct fet_pose back = fet_pose_child(at, 0.0f, 0.0f, 0.5f);
    FET_TRY(lead_draw(scene, at, -0.5f * q->pitch, q->half_h - 1.0f, 1.1f, lead));
    FET_TRY(lead_draw(scene, at, 0.5f * q->pitch, q->half_h - 1.0f, 1.1f, lead));
    FET_TRY(lead_draw(scene, &back, 0.0f, q->half_h - 1.0f, 1.1f, lead));
    const float body[4] = {-q->half_w, -q->half_h, q->half_w, q->half_h};
    const struct fet_material laser = fet_matter_grey(0.5f, 0.7f);
    FET_TRY(block(scene, at, body, 0.5f, &q->body, 3.6f, 1.2f));
    return mark(scene, at, q->name, 0.0f, 1.2f * q->half_w, &laser, 0.8f);
}

static fet_status can(struct fet_scene *scene, const struct fet_board_part *q,
                      const struct fet_pose *at)
{
    const float r = q->half_w;
    const float base[4] = {-r, -r, r, r};
    const struct fet_material plastic = fet_matter_grey(0.14f, 0.5f);
    const struct fet_material ink = fet_matter_grey(0.12f, 0.5f);
    FET_TRY(block(scene, at, base, 0.2f * r, &plastic, 2.0f, 0.8f));
    FET_TRY(disc(scene, at, 0.0f, 0.0f, 0.93f * r, &q->body, 11.0f, 2.0f));
    struct fet_patch p; /* the minus mark: a segment of the circle */
    FET_TRY(fet_patch_open(scene, at, -r, -r, r, r, &p));
    fet_patch_circle(&p, FET_SDF_JOIN, 0.0f, 0.0f, 0.84f * r);
    fet_patch_half(&p, FET_SDF_MEET, 1.0f, 0.0f, -0.36f * r);
    fet_patch_fill(scene, &p, &ink, 0.95f);
    return mark(scene, at, q->mark, 0.2f * r, 1.0f * r, &ink, 0.85f);
}

static fet_status coil(struct fet_scene *scene, const struct fet_board_part *q,
                       const struct fet_pose *at)
{
    const float r = q->half_w;
    const float body[4] = {-r, -r, r, r};
    const struct fet_material ferrite = fet_matter_grey(0.22f, 0.8f);
    const struct fet_material wire = {{0.72f, 0.36f, 0.22f}, 0.3f, 0.9f};
    FET_TRY(block(scene, at, body, 0.35f * r, &ferrite, 5.0f, 1.2f));
    if (q->mark[0] % 2 == 0) return mark(scene, at, q->mark, 0.0f, 1.2f * r, &q->accent, 0.9f);
    struct fet_patch p;
    FET_TRY(fet_patch_open(scene, at, -r, -r, r, r, &p));
    for (int i = 0; i < 4; i++)
        fet_patch_ring(&p, FET_SDF_JOIN, 0.0f, 0.0f, r * (0.82f - 0.13f * (float)i), 0.045f * r);
    fet_patch_fill(scene, &p, &wire, 1.0f);
    fet_patch_raise(scene, &p, 0.8f, 0.06f * r, FET_PROFILE_ROUND);
    return disc(scene, at, 0.0f, 0.0f, 0.34f * r, &ferrite, 1.0f, 1.0f);
}

static fet_status quartz(struct fet_scene *scene, const struct fet_board_part *q,
                         const struct fet_pose *at)
{
    const float w = q->half_w;
    const float h = q->half_h;
    const float base[4] = {-w, -h, w, h};
    const float top[4] = {-w + 1.6f, -h + 1.6f, w - 1.6f, h - 1.6f};
    const struct fet_material ink = fet_matter_grey(0.25f, 0.6f);
    FET_TRY(block(scene, at, base, h, &q->body, 1.2f, 0.6f));
    FET_TRY(block(scene, at, top, h, &q->body, 6.0f, 1.6f));
    return mark(scene, at, q->mark, 0.0f, 1.2f * w, &ink, 0.8f);
}

static fet_status header(struct fet_scene *scene, const struct fet_board_part *q,
                         const struct fet_pose *at, const struct fet_material *lead)
{
    const float first = -0.5f * q->pitch * (float)(q->n_pins - 1);
    const float body[4] = {-q->half_w, -q->half_h, q->half_w, q->half_h};
    FET_TRY(block(scene, at, body, 1.2f, &q->body, 5.0f, 1.0f));
    for (int k = 0; k < q->n_pins; k++) {
        const float u = first + q->pitch * (float)k;
        const float hole[4] = {u - 2.6f, -2.6f, u + 2.6f, 2.6f};
        const float pin[4] = {u - 1.3f, -1.3f, u + 1.3f, 1.3f};
        FET_TRY(block(scene, at, hole, 0.4f, &q->body, -1.2f, 0.8f));
        FET_TRY(block(scene, at, pin, 0.2f, lead, 6.0f, 0.9f));
    }
    return FET_OK;
}

fet_status fet_board_part_draw(struct fet_scene *scene, const struct fet_board_part *part,
                               const struct fet_pose *at, const struct fet_material *lead)
{
    switch (part->kind) {
    case FET_BOARD_CHIP2:
    case FET_BOARD_CHIP4:
        return chip(scene, part, at, lead);
    case FET_BOARD_SMALL:
        return small(scene, part, at, lead);
    case FET_BOARD_CAN:
        return can(scene, part, at);
    case FET_BOARD_COIL:
        return coil(scene, part, at);
    case FET_BOARD_QUARTZ:
        return quartz(scene, part, at);
    case FET_BOARD_HEADER:
        return header(scene, part, at, lead);
    case FET_BOARD_RESISTOR:
    case FET_BOARD_CAPACITOR:
    case FET_BOARD_LED:
    case FET_BOARD_TANTAL:
    case FET_BOARD_N_KINDS:
    default:
        return two_ended(scene, part, at, lead);
    }
}
