/* What moves whole groups of channels: concat along channels, and nearest upsampling by whole
 * factors, in layouts whose channels lie in groups (plain is a group of one). */
#include "tape_fast.h"
#include "vector.h"

#include <string.h>

/* The largest group that all values allow and that one of them already has; plain if there is none.
 */
static fet_status common_group(struct fet_tape *t, const int *values, int n, int *group)
{
    *group = 1;
    for (int i = 0; i < n; i++) {
        const struct fet_layout *const l = t->buffers[t->values[values[i]].home].layout;
        int g = 1;
        if (l != NULL) FET_TRY(fet_layout_channel_group(l, &g));
        if (g > *group) *group = g;
    }
    for (int i = 0; i < n; i++)
        if (t->values[values[i]].t.shape.dims[1] % *group != 0) *group = 1;
    return FET_OK;
}

static fet_status group_layout(struct fet_tape *t, int value, int group,
                               const struct fet_layout **layout)
{
    struct fet_layout *made = NULL;
    *layout = NULL;
    if (group == 1) return FET_OK;
    FET_TRY(fet_layout_new_grouped(&t->values[value].t.shape, group, &made));
    FET_TRY(tape_own_layout(t, made));
    *layout = made;
    return FET_OK;
}

/* ---- upsampling ---- */

struct upsample {
    int k, x, y, group;
    const struct fet_layout *src, *dst;
    int64_t planes, H, W, fh, fw; /* planes of H x W groups become fh H x fw W */
};

static bool is_upsample(const struct fet_tape *t, int k)
{
    if (!tape_is_op(t, k, "resize")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const struct fet_shape *const x = &t->values[node->x[0]].t.shape;
    const struct fet_shape *const y = &t->values[node->y[0]].t.shape;
    if (!tape_is_f32(t, node->x[0]) || x->n_dims != 4) return false;
    if (!tape_attr_is_text(node, "mode", "nearest") ||
        !tape_attr_is_text(node, "nearest_mode", "floor") ||
        !tape_attr_is_text(node, "coordinate_transformation_mode", "asymmetric"))
        return false;
    return x->dims[0] == y->dims[0] && x->dims[1] == y->dims[1] && x->dims[2] > 0 &&
           x->dims[3] > 0 && y->dims[2] % x->dims[2] == 0 && y->dims[3] % x->dims[3] == 0;
}

struct planes {
    const struct upsample *u;
    float *x, *y;
};

/* Groups of fixed length, so that their copies become vector moves. */
static void upsample_plane(void *self, int64_t i)
{
    const struct planes *const p = self;
    const struct upsample *const u = p->u;
    const int64_t g = u->group, wide = u->W * u->fw * g;
    const float *x = p->x + i * u->H * u->W * g;
    float *y = p->y + i * u->H * u->fh * wide;
    for (int64_t h = 0; h < u->H; h++, x += u->W * g, y += u->fh * wide) {
        for (int64_t w = 0; w < u->W; w++)
            for (int64_t f = 0; f < u->fw; f++)
                memcpy(y + (w * u->fw + f) * g, x + w * g, (size_t)g * sizeof *y);
        for (int64_t f = 1; f < u->fh; f++) memcpy(y + f * wide, y, (size_t)wide * sizeof *y);
    }
}

static void upsample_plane_back(void *self, int64_t i)
{
    const struct planes *const p = self;
    const struct upsample *const u = p->u;
    const int64_t g = u->group, wide = u->W * u->fw * g;
    float *dx = p->x + i * u->H * u->W * g;
    const float *dy = p->y + i * u->H * u->fh * wide;
    for (int64_t h = 0; h < u->H; h++, dx += u->W * g, dy += u->fh * wide)
        fet_vector_fold(dx, dy, u->W, u->fw, u->fh, wide, g);
}

static fet_status upsample_describe(struct fet_tape *t, int k, int group, struct upsample *u)
{
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const struct fet_shape *const in = &t->values[node->x[0]].t.shape;
    const struct fet_shape *const out = &t->values[node->y[0]].t.shape;
    *u = (struct upsample){.k = k, .x = node->x[0], .y = node->y[0], .group = group};
    u->planes = in->dims[0] * in->dims[1] / group;
    u->H = in->dims[2];
    u->W = in->dims[3];
    u->fh = out->dims[2] / u->H;
    u->fw = out->dims[3] / u->W;
    FET_TRY(group_layout(t, u->x, group, &u->src));
    return group_layout(t, u->y, group, &u->dst);
}

/* ---- concat ---- */

/* A part may be upsampled on its way: the larger picture then is never stored by itself. */

enum { MAX_PARTS = 8 };

struct concat {
    int k, n, y, x[MAX_PARTS];
    const struct fet_layout *parts[MAX_PARTS], *whole; /* NULL = plain */
    int64_t N, sizes[MAX_PARTS], all;                  /* floats per example */
    const struct upsample *up[MAX_PARTS];              /* NULL = as it is */
};

static bool is_concat(const struct fet_tape *t, int k)
{
    if (!tape_is_op(t, k, "concat")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const int rank = t->values[node->x[0]].t.shape.n_dims;
    const int64_t axis = tape_attr(node, "axis")->i;
    for (int i = 0; i < node->n_x; i++)
        for (int j = 0; j < i; j++)
            if (node->x[i] == node->x[j]) return false; /* two parts of one gradient */
    return tape_is_f32(t, node->x[0]) && node->n_x <= MAX_PARTS && rank >= 3 && rank <= 5 &&
           (axis == 1 || axis == 1 - rank);
}

/* A concat, or an upsampling that only a concat reads, all of whose other inputs are there. */
static bool concat_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    if (is_concat(t, k)) return true;
    if (!is_upsample(t, k)) return false;
    const int y = t->g->nodes[k].y[0], next = tape_only_reader(t, y);
    if (next < 0 || !is_concat(t, next)) return false;
    for (int i = 0; i < t->g->nodes[next].n_x; i++) {
        const int x = t->g->nodes[next].x[i];
        if (x != y && t->values[x].home == TAPE_NONE) return false;
    }
    unit->nodes[unit->n_nodes++] = next;
    return true;
}

struct pieces { /* of a running concat */
    const struct concat *c;
    float *parts[MAX_PARTS], *whole;
    bool is_back;
};

static void concat_piece(void *self, int64_t i)
{
    const struct pieces *const p = self;
    const struct concat *const c = p->c;
    const int part = (int)(i % c->n);
    const struct upsample *const u = c->up[part];
    const int64_t example = i / c->n, n = c->sizes[part];
    const int64_t n_one = u != NULL ? n / (u->fh * u->fw) : n;
    float *whole = p->whole + example * c->all, *const one = p->parts[part] + example * n_one;
    for (int k = 0; k < part; k++) whole += c->sizes[k];
    if (u != NULL) {
        struct planes planes = {u, one, whole};
        for (int64_t k = 0; k < u->planes / c->N; k++)
            (p->is_back ? upsample_plane_back : upsample_plane)(&planes, k);
    } else if (!p->is_back)
        memcpy(whole, one, (size_t)n * sizeof *one);
    else
        memcpy(one, whole, (size_t)n * sizeof *one);
}

static void concat_run(struct fet_tape *t, const struct tape_step *s, bool is_back)
{
    const struct concat *const c = s->self;
    struct pieces p = {.c = c, .is_back = is_back, .whole = t->buffers[s->buffers[c->n]].data};
    for (int i = 0; i < c->n; i++) p.parts[i] = t->buffers[s->buffers[i]].data;
    fet_kernel_parallel(t->options.n_threads, c->N * c->n, concat_piece, &p);
}

static fet_status concat_step(struct fet_tape *t, const struct tape_step *s)
{
    concat_run(t, s, false);
    return FET_OK;
}

static fet_status concat_back_step(struct fet_tape *t, const struct tape_step *s)
{
    concat_run(t, s, true);
    return FET_OK;
}

/* What is put together: inputs of the concat, or of an upsampling in front of it. */
static fet_status concat_describe(struct fet_tape *t, const struct tape_unit *unit,
                                  struct concat *c)
{
    const int k = unit->nodes[unit->n_nodes - 1];
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const int enlarged = unit->n_nodes > 1 ? t->g->nodes[unit->nodes[0]].y[0] : FET_GRAPH_NONE;
    int group = 1;
    *c = (struct concat){.k = k, .n = node->n_x, .y = node->y[0]};
    for (int i = 0; i < c->n; i++)
        c->x[i] = node->x[i] == enlarged ? t->g->nodes[unit->nodes[0]].x[0] : node->x[i];
    FET_TRY(common_group(t, c->x, c->n, &group));
    c->N = t->values[c->y].t.shape.dims[0];
    for (int i = 0; i < c->n; i++) {
        const struct fet_shape *const s = &t->values[node->x[i]].t.shape;
        c->sizes[i] = 1;
        for (int d = 1; d < s->n_dims; d++) c->sizes[i] *= s->dims[d];
        c->all += c->sizes[i];
        FET_TRY(group_layout(t, c->x[i], group, &c->parts[i]));
        if (node->x[i] != enlarged) continue;
        struct upsample *const u = tape_alloc(t, 1, sizeof *u);
        if (u == NULL) return FET_FAIL_MEMORY("tape", sizeof *u);
        FET_TRY(upsample_describe(t, unit->nodes[0], group, u));
        c->up[i] = u;
    }
    return group_layout(t, c->y, group, &c->whole);
}

static fet_status concat_forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct concat *const c = tape_alloc(t, 1, sizeof *c);
    int buffers[MAX_PARTS + 1];
    if (c == NULL) return FET_FAIL_MEMORY("tape", sizeof *c);
    FET_TRY(concat_describe(t, unit, c));
    for (int i = 0; i < c->n; i++) FET_TRY(tape_read(t, c->x[i], c->parts[i], &buffers[i]));
    FET_TRY(tape_make(t, c->y, c->whole, &buffers[c->n]));
    struct tape_step s = tape_step_of(t, c->k, unit->n_nodes > 1 ? "upsample, concat" : "concat");
    s.value = c->y;
    s.run = concat_step;
    s.self = unit->self = c;
    s.buffers = buffers;
    s.n_buffers = c->n + 1;
    return tape_emit(t, &s);
}

static fet_status concat_backward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct concat *const c = unit->self;
    struct tape_part parts[MAX_PARTS];
    int buffers[MAX_PARTS + 1];
    FET_TRY(tape_gradient_read(t, c->y, c->whole, &buffers[c->n]));
    if (buffers[c->n] == TAPE_NONE) return FET_OK;
    for (int i = 0; i < c->n; i++) {
        parts[i].value = FET_GRAPH_NONE;
        if (tape_wants(t, c->x[i])) {
            FET_TRY(tape_gradient_begin(t, c->x[i], c->parts[i], false, &parts[i]));
            buffers[i] = parts[i].buffer;
        } else {
            FET_TRY(tape_buffer_like(t, c->x[i], c->parts[i], &buffers[i]));
        }
    }
    struct tape_step s = tape_step_of(t, c->k, "concat");
    s.run = concat_back_step;
    s.self = unit->self;
    s.buffers = buffers;
    s.n_buffers = c->n + 1;
    FET_TRY(tape_emit(t, &s));
    for (int i = 0; i < c->n; i++)
        if (parts[i].value != FET_GRAPH_NONE) FET_TRY(tape_gradient_end(t, &parts[i]));
    return FET_OK;
}

const struct tape_kernel tape_concat = {.name = "concat",
                                        .takes = concat_takes,
                                        .forward = concat_forward,
                                        .backward = concat_backward};

/* ---- upsampling alone ---- */

static fet_status upsample_step(struct fet_tape *t, const struct tape_step *s)
{
    const struct upsample *const u = s->self;
    struct planes p = {u, t->buffers[s->buffers[0]].data, t->buffers[s->buffers[1]].data};
    fet_kernel_parallel(t->options.n_threads, u->planes, upsample_plane, &p);
    return FET_OK;
}

static fet_status upsample_back_step(struct fet_tape *t, const struct tape_step *s)
{
    const struct upsample *const u = s->self;
    struct planes p = {u, t->buffers[s->buffers[0]].data, t->buffers[s->buffers[1]].data};
    fet_kernel_parallel(t->options.n_threads, u->planes, upsample_plane_back, &p);
    return FET_OK;
}

static fet_status emit_upsample(struct fet_tape *t, struct upsample *u, int x, int y, bool is_back)
{
    struct tape_step s = tape_step_of(t, u->k, "upsample");
    s.value = is_back ? -1 : u->y;
    s.run = is_back ? upsample_back_step : upsample_step;
    s.self = u;
    s.buffers = (int[]){x, y};
    s.n_buffers = 2;
    return tape_emit(t, &s);
}

static fet_status upsample_forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct upsample *const u = tape_alloc(t, 1, sizeof *u);
    int x = 0, y = 0, group = 1;
    if (u == NULL) return FET_FAIL_MEMORY("tape", sizeof *u);
    FET_TRY(common_group(t, &t->g->nodes[unit->nodes[0]].x[0], 1, &group));
    FET_TRY(upsample_describe(t, unit->nodes[0], group, u));
    FET_TRY(tape_read(t, u->x, u->src, &x));
    FET_TRY(tape_make(t, u->y, u->dst, &y));
    unit->self = u;
    return emit_upsample(t, u, x, y, false);
}

static fet_status upsample_backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct upsample *const u = unit->self;
    struct tape_part dx;
    int dy = TAPE_NONE;
    FET_TRY(tape_gradient_read(t, u->y, u->dst, &dy));
    if (dy == TAPE_NONE || !tape_wants(t, u->x)) return FET_OK;
    FET_TRY(tape_gradient_begin(t, u->x, u->src, false, &dx));
    FET_TRY(emit_upsample(t, u, dx.buffer, dy, true));
    return tape_gradient_end(t, &dx);
}

static bool upsample_takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    return is_upsample(t, k);
}

const struct tape_kernel tape_upsample = {.name = "upsample",
                                          .takes = upsample_takes,
                                          .forward = upsample_forward,
                                          .backward = upsample_backward};
