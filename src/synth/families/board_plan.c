/* The plan of a printed board: parts are thrown where there is room, pins sit on a grid, traces
 * walk from the pins over free cells: straight, a while at 45 degrees, straight again, the pins of
 * a side together, and end in a via or where the way is blocked. */
#include "board.h"

#include <stdio.h>

static const int step_x[8] = {1, 1, 0, -1, -1, -1, 0, 1};
static const int step_y[8] = {0, 1, 1, 1, 0, -1, -1, -1};

struct grid {
    int n;
    uint8_t *taken; /* [n,n] */
};

static int cell_of(const struct grid *g, float v)
{
    return (int)fet_fast_floor(v / FET_BOARD_CELL + 0.5f * (float)g->n);
}

static float place_of(const struct grid *g, int cell)
{
    return ((float)cell + 0.5f - 0.5f * (float)g->n) * FET_BOARD_CELL;
}

static bool is_free(const struct grid *g, int x, int y)
{
    return x >= 0 && y >= 0 && x < g->n && y < g->n && g->taken[y * g->n + x] == 0;
}

/* Is the box free? Marks it when asked. */
static bool box_take(struct grid *g, const float box[4], bool mark)
{
    const int x0 = cell_of(g, box[0]);
    const int y0 = cell_of(g, box[1]);
    const int x1 = cell_of(g, box[2]);
    const int y1 = cell_of(g, box[3]);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            const bool inside = x >= 0 && y >= 0 && x < g->n && y < g->n;
            if (!mark && inside && g->taken[y * g->n + x] != 0) return false;
            if (mark && inside) g->taken[y * g->n + x] = 1;
        }
    return true;
}

/* ---- parts ---- */

static void part_body(struct fet_board_part *p, struct fet_rng *d)
{
    const float cell = FET_BOARD_CELL;
    p->body = fet_matter_grey(fet_draw_between(d, 0.13f, 0.2f), 0.55f);
    p->accent = fet_matter_grey(0.75f, 0.6f);
    const bool is_small = p->kind <= FET_BOARD_LED;
    const float size = fet_draw_between(d, 0.0f, 1.0f);
    p->pitch = cell * (float)fet_rng_int(d, 2, 3);
    p->n_pins = fet_rng_int(d, 3, 8);
    p->half_w = is_small ? 3.6f + 3.0f * size : 6.0f + 8.0f * size;
    p->half_h = is_small ? 0.55f * p->half_w : p->half_w;
    switch (p->kind) {
    case FET_BOARD_CAPACITOR:
        p->body = fet_matter_hue(0.09f, 0.35f, fet_draw_between(d, 0.45f, 0.7f), 0.45f);
        break;
    case FET_BOARD_LED:
        p->body = fet_matter_hue(0.14f, 0.25f, 0.92f, 0.25f);
        break;
    case FET_BOARD_CHIP2:
        p->half_w = 0.5f * p->pitch * (float)(p->n_pins - 1) + 3.5f;
        p->half_h = fet_draw_between(d, 9.0f, 16.0f);
        break;
    case FET_BOARD_CHIP4:
        p->n_pins += 2;
        p->half_w = p->half_h = 0.5f * p->pitch * (float)(p->n_pins - 1) + 4.5f;
        break;
    case FET_BOARD_SMALL:
        p->half_w = 6.5f;
        p->half_h = 3.6f;
        p->pitch = 2.0f * cell;
        p->n_pins = 2;
        break;
    case FET_BOARD_CAN:
        p->half_w = p->half_h = 9.0f + 8.0f * size;
        p->body = fet_matter_grey(0.8f, 0.3f);
        p->body.metal = 1.0f;
        break;
    case FET_BOARD_TANTAL:
        p->half_h = 0.6f * p->half_w;
        p->body = fet_matter_hue(fet_draw_between(d, 0.06f, 0.13f), 0.8f, 0.8f, 0.5f);
        p->accent = fet_matter_hue(0.05f, 0.7f, 0.35f, 0.5f);
        break;
    case FET_BOARD_QUARTZ:
        p->half_w = 12.0f + 6.0f * size;
        p->half_h = 0.42f * p->half_w;
        p->body = (struct fet_material){{0.62f, 0.61f, 0.59f}, 0.25f, 1.0f};
        break;
    case FET_BOARD_HEADER:
        p->pitch = 4.0f * cell;
        p->half_w = 0.5f * p->pitch * (float)p->n_pins;
        p->half_h = 0.5f * p->pitch;
        if (fet_rng_chance(d, 0.3)) p->body = fet_matter_grey(0.9f, 0.5f);
        break;
    default:
        break;
    }
}

/* The room that a part takes with its pads, as half sides before turning. */
static void part_room(const struct fet_board_part *p, float *half_x, float *half_y)
{
    const bool all_round = p->kind == FET_BOARD_CHIP4;
    const bool ends = p->kind <= FET_BOARD_LED || p->kind == FET_BOARD_CAN ||
                      p->kind == FET_BOARD_TANTAL || p->kind == FET_BOARD_COIL;
    *half_x = p->half_w + (all_round || ends ? 6.5f : 2.5f);
    *half_y = p->half_h + (ends || p->kind == FET_BOARD_HEADER ? 2.5f : 7.5f);
}

static void pad_add(struct fet_board_plan *plan, int i_part, float u, float v, float half_u,
                    float half_v, int direction)
{
    if (plan->n_pads >= (int)(sizeof plan->pads / sizeof plan->pads[0])) return;
    const struct fet_board_part *const p = &plan->parts[i_part];
    static const float c[4] = {1.0f, 0.0f, -1.0f, 0.0f};
    static const float s[4] = {0.0f, 1.0f, 0.0f, -1.0f};
    const int q = p->quarter & 3;
    struct fet_board_pad pad = {.i_part = i_part};
    pad.x = p->x + c[q] * u - s[q] * v;
    pad.y = p->y + s[q] * u + c[q] * v;
    pad.half_w = q % 2 == 0 ? half_u : half_v;
    pad.half_h = q % 2 == 0 ? half_v : half_u;
    pad.direction = (direction + 2 * q) & 7;
    pad.is_hole = p->kind == FET_BOARD_HEADER;
    plan->pads[plan->n_pads++] = pad;
}

static void part_pads(struct fet_board_plan *plan, int i)
{
    const struct fet_board_part *const p = &plan->parts[i];
    const float first = -0.5f * p->pitch * (float)(p->n_pins - 1);
    const bool two = p->kind == FET_BOARD_CHIP2 || p->kind == FET_BOARD_CHIP4;
    if (p->kind == FET_BOARD_SMALL) {
        pad_add(plan, i, -0.5f * p->pitch, p->half_h + 2.4f, 1.5f, 2.4f, 2);
        pad_add(plan, i, 0.5f * p->pitch, p->half_h + 2.4f, 1.5f, 2.4f, 2);
        pad_add(plan, i, 0.0f, -p->half_h - 2.4f, 1.5f, 2.4f, 6);
        return;
    }
    if (!two && p->kind != FET_BOARD_HEADER && p->kind != FET_BOARD_QUARTZ) {
        const float half_v = fet_fast_min(0.9f * p->half_h, 5.0f);
        pad_add(plan, i, -p->half_w - 0.3f, 0.0f, 2.6f, half_v, 4);
        pad_add(plan, i, p->half_w + 0.3f, 0.0f, 2.6f, half_v, 0);
        return;
    }
    for (int k = 0; k < p->n_pins; k++) {
        const float u = first + p->pitch * (float)k;
        const float half = fet_fast_min(0.3f * p->pitch, 2.0f);
        if (p->kind == FET_BOARD_HEADER) pad_add(plan, i, u, 0.0f, 3.1f, 3.1f, 2 + 4 * (k & 1));
        if (!two) continue;
        pad_add(plan, i, u, p->half_h + 3.6f, half, 3.2f, 2);
        pad_add(plan, i, u, -p->half_h - 3.6f, half, 3.2f, 6);
        if (p->kind != FET_BOARD_CHIP4) continue;
        pad_add(plan, i, p->half_w + 3.6f, u, 3.2f, half, 0);
        pad_add(plan, i, -p->half_w - 3.6f, u, 3.2f, half, 4);
    }
}

static enum fet_board_kind kind_pick(struct fet_rng *d, int i)
{
    static const enum fet_board_kind large[] = {FET_BOARD_CHIP2, FET_BOARD_CHIP4,  FET_BOARD_CAN,
                                                FET_BOARD_COIL,  FET_BOARD_QUARTZ, FET_BOARD_HEADER,
                                                FET_BOARD_CHIP2};
    static const enum fet_board_kind small[] = {
        FET_BOARD_RESISTOR, FET_BOARD_CAPACITOR, FET_BOARD_RESISTOR, FET_BOARD_CAPACITOR,
        FET_BOARD_LED,      FET_BOARD_SMALL,     FET_BOARD_TANTAL};
    const uint32_t k = fet_rng_below(d, 7);
    return i < 6 || i % 8 == 0 ? large[k] : small[k];
}

static void part_throw(struct fet_board_plan *plan, struct grid *g, struct fet_rng *d, int i)
{
    static const char letters[FET_BOARD_N_KINDS] = {'R', 'C', 'D', 'U', 'U', 'Q',
                                                    'C', 'C', 'L', 'Y', 'J'};
    struct fet_board_part p = {.kind = kind_pick(d, i)};
    part_body(&p, d);
    p.quarter = fet_rng_int(d, 0, 3);
    (void)snprintf(p.name, sizeof p.name, "%c%d", letters[p.kind], fet_rng_int(d, 1, 99));
    fet_word_code(d, p.mark);
    float room[2];
    part_room(&p, &room[0], &room[1]);
    const float half_x = room[p.quarter & 1];
    const float half_y = room[1 - (p.quarter & 1)];
    /* the first parts stay where the picture shows them */
    const float reach = i < 8 ? 0.62f * plan->half : plan->half;
    for (int attempt = 0; attempt < 20; attempt++) {
        p.x = place_of(g, cell_of(g, fet_draw_between(d, -reach, reach)));
        p.y = place_of(g, cell_of(g, fet_draw_between(d, -reach, reach)));
        const float box[4] = {p.x - half_x, p.y - half_y, p.x + half_x, p.y + half_y};
        if (!box_take(g, box, false)) continue;
        (void)box_take(g, box, true);
        plan->parts[plan->n_parts] = p;
        part_pads(plan, plan->n_parts++);
        return;
    }
}

/* ---- traces ---- */

struct walk {
    int x, y, direction;
    float half;
};

static void trace_add(struct fet_board_plan *plan, const struct grid *g, int x0, int y0, int x1,
                      int y1, float half)
{
    if (plan->n_traces >= (int)(sizeof plan->traces / sizeof plan->traces[0])) return;
    plan->traces[plan->n_traces++] =
        (struct fet_board_trace){.from = {place_of(g, x0), place_of(g, y0)},
                                 .to = {place_of(g, x1), place_of(g, y1)},
                                 .half = half};
}

/* Goes up to n cells; stops at what is taken. Returns how many. */
static int walk_on(struct fet_board_plan *plan, struct grid *g, struct walk *w, int n)
{
    const int x0 = w->x;
    const int y0 = w->y;
    const int dx = step_x[w->direction];
    const int dy = step_y[w->direction];
    int i = 0;
    for (; i < n; i++) {
        const int x = w->x + dx;
        const int y = w->y + dy;
        if (!is_free(g, x, y)) break;
        if (dx != 0 && dy != 0 && !is_free(g, x, w->y) && !is_free(g, w->x, y)) break;
        g->taken[y * g->n + x] = 1;
        w->x = x;
        w->y = y;
    }
    if (i > 0) trace_add(plan, g, x0, y0, w->x, w->y, w->half);
    return i;
}

static void via_add(struct fet_board_plan *plan, struct grid *g, const struct walk *w)
{
    if (plan->n_vias >= (int)(sizeof plan->vias / sizeof plan->vias[0])) return;
    plan->vias[plan->n_vias][0] = place_of(g, w->x);
    plan->vias[plan->n_vias][1] = place_of(g, w->y);
    plan->n_vias++;
    const float box[4] = {place_of(g, w->x - 1), place_of(g, w->y - 1), place_of(g, w->x + 1),
                          place_of(g, w->y + 1)};
    (void)box_take(g, box, true);
}

/* Out of the room of its part first, then as planned for that side of the part. */
static void pad_route(struct fet_board_plan *plan, struct grid *g, struct fet_rng *d,
                      const struct fet_board_pad *pad)
{
    struct walk w = {.x = cell_of(g, pad->x), .y = cell_of(g, pad->y)};
    w.direction = pad->direction;
    w.half = fet_rng_chance(d, 0.15) ? 1.3f : 0.62f;
    const int x0 = w.x;
    const int y0 = w.y;
    for (int i = 0; i < 6 && !is_free(g, w.x + step_x[w.direction], w.y + step_y[w.direction]);
         i++) {
        w.x += step_x[w.direction];
        w.y += step_y[w.direction];
    }
    if (!is_free(g, w.x + step_x[w.direction], w.y + step_y[w.direction])) return;
    trace_add(plan, g, x0, y0, w.x, w.y, w.half);
    struct fet_rng side; /* the same numbers for all pins of one side */
    fet_rng_init(&side,
                 (uint64_t)(pad->i_part * 8 + pad->direction) + plan->parts[pad->i_part].kind,
                 (uint64_t)plan->title[0]);
    const int turn = fet_rng_chance(&side, 0.5) ? 1 : 7;
    static const int longest[3] = {9, 16, 40};
    int gone = 0;
    for (int leg = 0; leg < 3; leg++) {
        const int n = fet_rng_int(&side, leg + 1, longest[leg]);
        const int went = walk_on(plan, g, &w, n);
        gone += went;
        if (went < n) break;
        w.direction = (w.direction + (leg == 0 ? turn : leg == 1 ? 8 - turn : 0)) & 7;
    }
    if (gone > 0 && fet_rng_chance(d, 0.85)) via_add(plan, g, &w);
}

/* ---- the whole ---- */

static void colours_invent(struct fet_board_plan *p, struct fet_rng *d)
{
    static const float hues[] = {0.38f, 0.36f, 0.42f, 0.60f, 0.62f, 0.0f, 0.78f};
    const int kind = fet_rng_int(d, 0, 10);
    const float value = fet_draw_between(d, 0.22f, 0.42f);
    const float rough = fet_draw_between(d, 0.25f, 0.5f);
    if (kind <= 6)
        p->dark = fet_matter_hue(hues[kind], fet_draw_between(d, 0.65f, 0.9f), value, rough);
    else if (kind == 7)
        p->dark = fet_matter_grey(0.88f, rough);
    else if (kind <= 9)
        p->dark = fet_matter_grey(0.13f, rough);
    else /* no mask: bare glass fibre */
        p->dark = fet_matter_hue(0.13f, 0.35f, 0.7f, 0.6f);
    p->light = p->dark;
    const float more = kind == 7 ? 0.9f : fet_draw_between(d, 1.5f, 2.6f);
    for (int k = 0; k < 3; k++)
        p->light.albedo[k] =
            fet_fast_min(p->dark.albedo[k] * more + (kind == 7 ? 0.0f : 0.01f), 0.9f);
    const struct fet_material finishes[3] = {{{0.72f, 0.72f, 0.70f}, 0.3f, 1.0f},
                                             {{0.85f, 0.66f, 0.33f}, 0.3f, 1.0f},
                                             {{0.82f, 0.50f, 0.36f}, 0.35f, 1.0f}};
    p->pad = finishes[fet_rng_below(d, 3)];
    p->silk = kind == 7 ? fet_matter_grey(0.12f, 0.6f) : fet_matter_grey(0.88f, 0.65f);
    p->has_pour = fet_rng_chance(d, 0.45) != 0;
    p->has_edge = fet_rng_chance(d, 0.3) != 0;
    p->clearance = fet_draw_between(d, 0.9f, 1.6f);
}

fet_status fet_board_plan_make(struct fet_scene *scene, struct fet_rng *design,
                               struct fet_board_plan **plan)
{
    struct fet_board_plan *const p = fet_arena_alloc(scene->arena, 1, sizeof *p);
    struct grid g = {.n = FET_BOARD_GRID};
    g.taken = fet_arena_alloc(scene->arena, (int64_t)g.n * g.n, 1);
    if (p == NULL || g.taken == NULL) return FET_FAIL_MEMORY("synth board", sizeof *p);
    colours_invent(p, design);
    p->scale = fet_draw_size(design, 0.9f, 2.4f);
    p->half = (p->has_edge ? 108.0f : 150.0f) / p->scale;
    g.n = (int)(2.0f * p->half / FET_BOARD_CELL);
    if (g.n > FET_BOARD_GRID) g.n = FET_BOARD_GRID;
    fet_word_name(design, 3, p->title);
    p->letters = fet_letters_invent(design, fet_draw_between(design, 5.0f, 7.0f));
    const int wanted = fet_rng_int(design, 16, FET_BOARD_PARTS);
    const bool wants_large = fet_rng_chance(design, 0.85) != 0;
    for (int i = 0; i < wanted; i++) part_throw(p, &g, design, wants_large ? i : i + 5);
    const float length = fet_letters_length(&p->letters, p->title);
    p->title_x = fet_draw_between(design, -0.5f, 0.5f) * p->half;
    p->title_y = fet_draw_between(design, -0.6f, 0.6f) * p->half;
    const float box[4] = {p->title_x - 0.5f * length - 2.0f, p->title_y - 6.0f,
                          p->title_x + 0.5f * length + 2.0f, p->title_y + 6.0f};
    if (!box_take(&g, box, false)) p->title[0] = '\0';
    for (int i = 0; i < p->n_pads; i++) pad_route(p, &g, design, &p->pads[i]);
    *plan = p;
    return FET_OK;
}
