#include "tape_fast.h"

#include <string.h>

static fet_status grow(void **array, int n, int *cap, size_t size)
{
    if (n < *cap) return FET_OK;
    const int more = *cap > 0 ? 2 * *cap : 64;
    void *const grown = fet_realloc(*array, *cap, more, size);
    if (grown == NULL) return FET_FAIL_MEMORY("tape", more * (int64_t)size);
    *array = grown;
    *cap = more;
    return FET_OK;
}

fet_status tape_own_block(struct fet_tape *t, struct fet_block *b)
{
    void *blocks = t->blocks;
    const fet_status st = grow(&blocks, t->n_blocks, &t->cap_blocks, sizeof(struct fet_block *));
    t->blocks = blocks;
    if (st == FET_OK)
        t->blocks[t->n_blocks++] = b;
    else
        fet_block_free(b);
    return st;
}

fet_status tape_own_layout(struct fet_tape *t, struct fet_layout *l)
{
    void *layouts = t->layouts;
    const fet_status st =
        grow(&layouts, t->n_layouts, &t->cap_layouts, sizeof(struct fet_layout *));
    t->layouts = layouts;
    if (st == FET_OK)
        t->layouts[t->n_layouts++] = l;
    else
        fet_layout_free(l);
    return st;
}

const struct fet_layout *tape_layout_of(const struct fet_block *b, enum fet_block_arg arg)
{
    const struct fet_layout *const l = fet_block_layout(b, arg);
    return l == NULL || fet_layout_is_plain(l) ? NULL : l;
}

fet_status tape_wish(struct fet_tape *t, int value, const struct fet_layout *layout,
                     const struct fet_layout **wish)
{
    struct fet_layout *made = NULL;
    *wish = layout;
    if (layout != NULL) return FET_OK;
    FET_TRY(fet_layout_new_plain(t->values[value].t.dtype, &t->values[value].t.shape, &made));
    FET_TRY(tape_own_layout(t, made));
    *wish = made;
    return FET_OK;
}

/* ---- blocks as steps ---- */

struct block_step {
    struct fet_block *block;
    enum fet_block_arg args[FET_BLOCK_N_ARGS];
};

static fet_status block_run(struct fet_tape *t, const struct tape_step *s)
{
    const struct block_step *const b = s->self;
    void *args[FET_BLOCK_N_ARGS] = {0};
    for (int i = 0; i < s->n_buffers; i++) args[b->args[i]] = t->buffers[s->buffers[i]].data;
    return fet_status_add(s->name, fet_block_run(b->block, args));
}

fet_status tape_emit_block(struct fet_tape *t, const struct tape_step *like, struct fet_block *b,
                           const struct tape_arg *args, int n)
{
    int buffers[FET_BLOCK_N_ARGS];
    struct tape_step s = *like;
    struct block_step *const self = tape_alloc(t, 1, sizeof *self);
    if (self == NULL) return FET_FAIL_MEMORY("tape", sizeof *self);
    self->block = b;
    for (int i = 0; i < n; i++) {
        if (args[i].buffer == TAPE_NONE) continue;
        self->args[s.n_buffers] = args[i].arg;
        buffers[s.n_buffers++] = args[i].buffer;
    }
    const struct fet_layout *const scratch = fet_block_layout(b, FET_BLOCK_SCRATCHPAD);
    if (scratch != NULL) {
        self->args[s.n_buffers] = FET_BLOCK_SCRATCHPAD;
        FET_TRY(tape_buffer_new(t, TAPE_PLANNED, (int64_t)fet_layout_bytes(scratch), NULL,
                                &buffers[s.n_buffers++]));
    }
    s.kernel = fet_block_name(b);
    s.run = block_run;
    s.self = self;
    s.buffers = buffers;
    return tape_emit(t, &s);
}

/* ---- questions about the graph ---- */

int tape_only_reader(const struct fet_tape *t, int value)
{
    if (value == FET_GRAPH_NONE || t->values[value].n_readers != 1) return -1;
    for (int k = 0; k < t->g->n_nodes; k++)
        for (int i = 0; i < t->g->nodes[k].n_x; i++)
            if (t->g->nodes[k].x[i] == value) return t->is_done[k] ? -1 : k;
    return -1;
}

bool tape_is_op(const struct fet_tape *t, int node, const char *name)
{
    return node >= 0 && strcmp(t->g->nodes[node].op->name, name) == 0;
}

bool tape_is_f32(const struct fet_tape *t, int value)
{
    return value != FET_GRAPH_NONE && t->values[value].t.dtype == FET_F32;
}

bool tape_same_shape(const struct fet_tape *t, int a, int b)
{
    return fet_shape_is_equal(&t->values[a].t.shape, &t->values[b].t.shape);
}

struct tape_step tape_step_of(const struct fet_tape *t, int node, const char *kernel)
{
    return (struct tape_step){.kernel = kernel, .name = t->g->nodes[node].name, .value = -1};
}

const struct fet_attr_value *tape_attr(const struct fet_graph_node *node, const char *name)
{
    const struct fet_op_call c = {.op = node->op, .attrs = node->attrs};
    return fet_op_attr(&c, name);
}

bool tape_attr_is_text(const struct fet_graph_node *node, const char *name, const char *text)
{
    const struct fet_attr_value *const a = tape_attr(node, name);
    return a->is_set && a->text != NULL && strcmp(a->text, text) == 0;
}

/* ---- windows ---- */

/* Element i of a list of n, or what stands for an unset one. */
static int64_t item(const struct fet_attr_value *a, int i, int64_t standard)
{
    return a->is_set && i < a->n ? a->ints[i] : standard;
}

bool tape_window_find(const struct fet_tape *t, const struct fet_graph_node *node,
                      const int64_t *kernel, struct tape_window *w)
{
    const struct fet_shape *const x = &t->values[node->x[0]].t.shape;
    const struct fet_shape *const y = &t->values[node->y[0]].t.shape;
    const struct fet_attr_value *const pads = tape_attr(node, "pads");
    *w = (struct tape_window){.n = x->n_dims - 2};
    if (w->n < 1 || w->n > FET_BLOCK_MAX_SPATIAL) return false;
    if (!tape_attr_is_text(node, "auto_pad", "NOTSET")) return false;
    for (int i = 0; i < w->n; i++) {
        w->in[i] = x->dims[2 + i];
        w->out[i] = y->dims[2 + i];
        w->kernel[i] = kernel[i];
        w->stride[i] = item(tape_attr(node, "strides"), i, 1);
        w->dilation[i] = item(tape_attr(node, "dilations"), i, 1);
        w->begin[i] = item(pads, i, 0);
        w->end[i] = item(pads, w->n + i, 0);
        const int64_t reach = w->dilation[i] * (kernel[i] - 1) + 1;
        const int64_t out = (w->in[i] + w->begin[i] + w->end[i] - reach) / w->stride[i] + 1;
        if (out != w->out[i] || w->begin[i] < 0 || w->end[i] < 0 || w->in[i] < 1) return false;
    }
    return true;
}
