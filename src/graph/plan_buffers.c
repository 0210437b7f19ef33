/* Buffers, and the reorders between layouts. A value has one buffer for each layout in which
 * somebody wants it, so that no two readers reorder twice. */
#include <assert.h>
#include <string.h>

#include "plan_buffers.h"

fet_status fet_plan_make_room(struct fet_plan *p)
{
    int64_t n = p->n_values + 2 * (int64_t)p->g->n_outputs;
    for (int k = 0; k < p->n_nodes; k++) n += 2 * p->nodes[k].n_x + p->nodes[k].n_y + 8;
    if (n > INT32_MAX / 4) return FET_FAIL(FET_LIMIT, "plan: the graph is too large");
    p->max_buffers = p->max_layouts = (int)(2 * n);
    p->max_steps = p->max_constants = (int)n;
    p->buffers = fet_arena_alloc(&p->memory, p->max_buffers, sizeof *p->buffers);
    p->layouts = fet_arena_alloc(&p->memory, p->max_layouts, sizeof *p->layouts);
    p->steps = fet_arena_alloc(&p->memory, p->max_steps, sizeof *p->steps);
    p->constants = fet_arena_alloc(&p->memory, p->max_constants, sizeof *p->constants);
    if (p->buffers == NULL || p->layouts == NULL || p->steps == NULL || p->constants == NULL)
        return FET_FAIL_MEMORY("plan", n * (int64_t)sizeof *p->steps);
    return FET_OK;
}

struct fet_block_common fet_plan_common(const struct fet_plan *p)
{
    return (struct fet_block_common){.direction = FET_BLOCK_INFERENCE, .n_threads = p->n_threads};
}

fet_status fet_plan_plain_layout(struct fet_plan *p, enum fet_dtype dtype,
                                 const struct fet_shape *shape, const struct fet_layout **layout)
{
    struct fet_layout *made = NULL;
    if (p->n_layouts == p->max_layouts) return FET_FAIL(FET_INTERNAL, "plan: too many layouts");
    *layout = NULL;
    if (fet_plan_count(shape) == 0) return FET_OK;
    const fet_status st = fet_layout_new_plain(dtype, shape, &made);
    if (st == FET_UNSUPPORTED) return FET_OK;
    FET_TRY(st);
    p->layouts[p->n_layouts++] = made;
    *layout = made;
    return FET_OK;
}

int fet_plan_add_buffer(struct fet_plan *p, const struct fet_layout *layout, size_t n_bytes)
{
    assert(p->n_buffers < p->max_buffers);
    p->buffers[p->n_buffers] =
        (struct fet_plan_buffer){.place = PLAN_ARENA,
                                 .layout = layout,
                                 .n_bytes = layout != NULL ? fet_layout_bytes(layout) : n_bytes,
                                 .root = PLAN_NONE,
                                 .first = INT32_MAX,
                                 .last = -1};
    return p->n_buffers++;
}

static int root_of(const struct fet_plan *p, int buffer)
{
    return p->buffers[buffer].root != PLAN_NONE ? p->buffers[buffer].root : buffer;
}

int fet_plan_add_alias(struct fet_plan *p, int buffer, const struct fet_layout *layout)
{
    const int made = fet_plan_add_buffer(p, layout, p->buffers[buffer].n_bytes);
    const struct fet_plan_buffer *const from = &p->buffers[buffer];
    struct fet_plan_buffer *const b = &p->buffers[made];
    b->place = from->place;
    b->data = from->data;
    b->i_input = from->i_input;
    b->root = root_of(p, buffer);
    return made;
}

void fet_plan_set_made(struct fet_plan *p, int value, int buffer)
{
    p->values[value].versions[0] = buffer;
    p->values[value].n_versions = 1;
}

/* Inputs and constants come in row-major. */
fet_status fet_plan_home(struct fet_plan *p, int value, int *buffer)
{
    struct fet_plan_value *const v = &p->values[value];
    const struct fet_layout *layout = NULL;
    if (v->n_versions == 0) {
        FET_TRY(fet_plan_plain_layout(p, v->dtype, &v->shape, &layout));
        const size_t n_bytes = (size_t)fet_plan_count(&v->shape) * fet_dtype_bytes(v->dtype);
        const int made = fet_plan_add_buffer(p, layout, n_bytes);
        struct fet_plan_buffer *const b = &p->buffers[made];
        b->place = v->constant.data != NULL ? PLAN_CONSTANT : PLAN_INPUT;
        b->data = v->constant.data;
        b->i_input = v->i_input;
        fet_plan_set_made(p, value, made);
    }
    *buffer = v->versions[0];
    return FET_OK;
}

/* ---- reorders ---- */

static fet_status new_reorder(const struct fet_plan *p, const struct fet_layout *from,
                              const struct fet_layout *to, float scale, struct fet_block **block)
{
    struct fet_block_reorder d = {.common = fet_plan_common(p), .scale = scale};
    d.common.src = from;
    d.common.dst = to;
    return fet_block_reorder_new(&d, block);
}

static fet_status reorder_step(struct fet_plan *p, int value, int from, int to)
{
    struct fet_block *block = NULL;
    struct fet_plan_step *step = NULL;
    const struct fet_layout *const source = p->buffers[from].layout, *const l =
                                                                         p->buffers[to].layout;
    const bool was_float = fet_layout_dtype(source) == FET_F32;
    const bool is_float = fet_layout_dtype(l) == FET_F32;
    const float scale = p->values[value].scale;
    const float factor = was_float == is_float ? 1 : is_float ? scale : 1 / scale;
    FET_TRY(new_reorder(p, source, l, factor, &block));
    FET_TRY(fet_plan_add_step(p, NULL, block, &step));
    step->what = "reorder";
    step->name = p->values[value].name;
    step->shape = p->values[value].shape;
    step->is_reorder = true;
    step->buffers[FET_BLOCK_SRC] = from;
    step->buffers[FET_BLOCK_DST] = to;
    return FET_OK;
}

/* Runs a reorder now, into bytes that the plan owns. */
static fet_status reorder_now(struct fet_plan *p, const struct fet_layout *from, void *data,
                              const struct fet_layout *to, void **made)
{
    struct fet_block *block = NULL;
    void *args[FET_BLOCK_N_ARGS] = {[FET_BLOCK_SRC] = data};
    fet_status st = FET_OK;
    FET_TRY(new_reorder(p, from, to, 1, &block));
    const struct fet_layout *const scratch = fet_block_layout(block, FET_BLOCK_SCRATCHPAD);
    const size_t n_scratch = scratch != NULL ? fet_layout_bytes(scratch) : 0;
    args[FET_BLOCK_SCRATCHPAD] = fet_alloc((int64_t)n_scratch, 1);
    args[FET_BLOCK_DST] = fet_alloc((int64_t)fet_layout_bytes(to), 1);
    if (args[FET_BLOCK_SCRATCHPAD] == NULL || args[FET_BLOCK_DST] == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("plan", fet_layout_bytes(to)));
    FET_TRY_OUT(fet_block_run(block, args));
    *made = args[FET_BLOCK_DST];
    args[FET_BLOCK_DST] = NULL;
out:
    fet_free(args[FET_BLOCK_SCRATCHPAD]);
    fet_free(args[FET_BLOCK_DST]);
    fet_block_free(block);
    return st;
}

fet_status fet_plan_need_constant(struct fet_plan *p, int value, const struct fet_shape *as,
                                  const struct fet_layout *layout, int *buffer)
{
    const struct fet_plan_value *const v = &p->values[value];
    const struct fet_layout *plain = NULL;
    void *data = v->constant.data;
    FET_TRY(fet_plan_plain_layout(p, v->dtype, as, &plain));
    if (plain == NULL || p->n_constants == p->max_constants)
        return FET_FAIL(FET_UNSUPPORTED, "plan: no layout for a constant");
    if (!fet_layout_is_equal(plain, layout)) {
        FET_TRY(reorder_now(p, plain, v->constant.data, layout, &data));
        p->constants[p->n_constants++] = data;
        p->constant_bytes += fet_layout_bytes(layout);
    }
    *buffer = fet_plan_add_buffer(p, layout, 0);
    p->buffers[*buffer].place = PLAN_CONSTANT;
    p->buffers[*buffer].data = data;
    return FET_OK;
}

/* Where a reorder starts: where the value was made, or, when both order and type change, in the new
 * order first: a picture of 224x224 takes oneDNN 0.14 ms at once, 0.07 ms one after the other. */
static fet_status source_of(struct fet_plan *p, int value, const struct fet_layout *layout,
                            int *buffer)
{
    struct fet_layout *made = NULL;
    *buffer = p->values[value].versions[0];
    const struct fet_layout *const home = p->buffers[*buffer].layout;
    if (fet_layout_dtype(home) == fet_layout_dtype(layout) || !fet_layout_is_plain(home) ||
        fet_layout_is_plain(layout) || p->n_layouts == p->max_layouts)
        return FET_OK;
    const fet_status st = fet_layout_new_retyped(layout, fet_layout_dtype(home), &made);
    if (st == FET_UNSUPPORTED) return FET_OK;
    FET_TRY(st);
    p->layouts[p->n_layouts++] = made;
    const int between = fet_plan_add_buffer(p, made, 0);
    FET_TRY(reorder_step(p, value, *buffer, between));
    *buffer = between;
    return FET_OK;
}

static fet_status add_version(struct fet_plan *p, int value, const struct fet_layout *layout,
                              int *buffer)
{
    struct fet_plan_value *const v = &p->values[value];
    int from = 0;
    if (p->buffers[v->versions[0]].layout == NULL)
        return FET_FAIL(FET_UNSUPPORTED, "plan: no layout for %s", fet_dtype_name(v->dtype));
    if (v->constant.data != NULL) {
        FET_TRY(fet_plan_need_constant(p, value, &v->shape, layout, buffer));
    } else {
        FET_TRY(source_of(p, value, layout, &from));
        *buffer = fet_plan_add_buffer(p, layout, 0);
        FET_TRY(reorder_step(p, value, from, *buffer));
    }
    if (v->n_versions < PLAN_MAX_VERSIONS) v->versions[v->n_versions++] = *buffer;
    return FET_OK;
}

fet_status fet_plan_need(struct fet_plan *p, int value, const struct fet_layout *layout,
                         int *buffer)
{
    int home = 0;
    FET_TRY(fet_plan_home(p, value, &home));
    const struct fet_plan_value *const v = &p->values[value];
    for (int i = 0; i < v->n_versions; i++) {
        const struct fet_layout *const l = p->buffers[v->versions[i]].layout;
        if (l == NULL || !fet_layout_is_equal(l, layout)) continue;
        *buffer = v->versions[i];
        return FET_OK;
    }
    return add_version(p, value, layout, buffer);
}

/* Bytes in row-major order: declared so, or with a single dimension that is not 1 and no padding,
 * where every order is the same. */
static bool is_row_major(const struct fet_plan *p, const struct fet_plan_value *v, int buffer)
{
    const struct fet_layout *const l = p->buffers[buffer].layout;
    int n_long = 0;
    if (l == NULL) return true;
    if (fet_layout_dtype(l) != v->dtype) return false; /* int8 for float */
    if (fet_layout_is_plain(l)) return true;
    for (int i = 0; i < v->shape.n_dims; i++) n_long += v->shape.dims[i] != 1;
    const size_t n_bytes = (size_t)fet_plan_count(&v->shape) * fet_dtype_bytes(v->dtype);
    return n_long <= 1 && fet_layout_bytes(l) == n_bytes;
}

fet_status fet_plan_need_plain(struct fet_plan *p, int value, int *buffer)
{
    int home = 0;
    const struct fet_layout *layout = NULL;
    FET_TRY(fet_plan_home(p, value, &home));
    const struct fet_plan_value *const v = &p->values[value];
    for (int i = 0; i < v->n_versions; i++) {
        if (!is_row_major(p, v, v->versions[i])) continue;
        *buffer = v->versions[i];
        return FET_OK;
    }
    FET_TRY(fet_plan_plain_layout(p, v->dtype, &v->shape, &layout));
    return add_version(p, value, layout, buffer);
}

fet_status fet_plan_float_home(struct fet_plan *p, int value, int *buffer,
                               const struct fet_layout **layout)
{
    struct fet_layout *made = NULL;
    FET_TRY(fet_plan_home(p, value, buffer));
    const struct fet_layout *const home = p->buffers[*buffer].layout;
    *layout = home;
    if (home == NULL) return FET_FAIL(FET_UNSUPPORTED, "plan: no layout for a block");
    if (fet_layout_dtype(home) == FET_F32) return FET_OK;
    if (p->n_layouts == p->max_layouts) return FET_FAIL(FET_INTERNAL, "plan: too many layouts");
    const fet_status st = fet_layout_new_retyped(home, FET_F32, &made);
    if (st == FET_UNSUPPORTED)
        FET_TRY(fet_plan_plain_layout(p, FET_F32, &p->values[value].shape, layout));
    else if (st != FET_OK)
        return st;
    if (made != NULL) p->layouts[p->n_layouts++] = made;
    if (made != NULL) *layout = made;
    return fet_plan_need(p, value, *layout, buffer);
}

/* ---- writing over ---- */

bool fet_plan_is_last_use(const struct fet_plan *p, int node, int buffer)
{
    const int root = root_of(p, buffer);
    if (p->buffers[root].place != PLAN_ARENA) return false;
    for (int i = 0; i < p->n_values; i++) {
        const struct fet_plan_value *const v = &p->values[i];
        for (int j = 0; j < v->n_versions; j++)
            if (root_of(p, v->versions[j]) == root && v->last_reader > node) return false;
    }
    return true;
}

fet_status fet_plan_need_own(struct fet_plan *p, int node, int value,
                             const struct fet_layout *layout, int *buffer)
{
    FET_TRY(fet_plan_need(p, value, layout, buffer));
    if (fet_plan_is_last_use(p, node, *buffer)) return FET_OK;
    const int copy = fet_plan_add_buffer(p, layout, 0);
    FET_TRY(reorder_step(p, value, *buffer, copy));
    *buffer = copy;
    return FET_OK;
}

/* ---- steps ---- */

fet_status fet_plan_add_step(struct fet_plan *p, const struct fet_plan_node *node,
                             struct fet_block *block, struct fet_plan_step **step)
{
    if (p->n_steps == p->max_steps) {
        fet_block_free(block);
        return FET_FAIL(FET_INTERNAL, "plan: more than %d steps", p->max_steps);
    }
    struct fet_plan_step *const s = &p->steps[p->n_steps++];
    *s = (struct fet_plan_step){
        .what = "", .name = "", .fused = "", .block = block, .value = PLAN_NONE, .node = PLAN_NONE};
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) s->buffers[i] = PLAN_NONE;
    if (node != NULL) {
        s->what = node->op->name;
        s->name = node->name;
        s->fused = node->fused;
        s->shape = p->values[node->y[0]].shape;
        s->value = node->y[0];
        s->node = (int)(node - p->nodes);
        s->is_int8 = node->is_int8;
    }
    const struct fet_layout *const scratch =
        block != NULL ? fet_block_layout(block, FET_BLOCK_SCRATCHPAD) : NULL;
    if (scratch != NULL) s->buffers[FET_BLOCK_SCRATCHPAD] = fet_plan_add_buffer(p, scratch, 0);
    *step = s;
    return FET_OK;
}
