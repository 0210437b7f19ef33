/* Buffers, steps, and the walk over the graph that emits them. */
#include "tape_impl.h"

#include <string.h>

void *tape_alloc(struct fet_tape *t, int64_t n, size_t size)
{
    return fet_arena_alloc(&t->arena, n, size);
}

/* Room for one more in a growing array. */
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

#define GROW(t, items, n, cap)                                          \
    do {                                                                \
        void *grow_p_ = (t)->items;                                     \
        FET_TRY(grow(&grow_p_, (t)->n, &(t)->cap, sizeof *(t)->items)); \
        (t)->items = grow_p_;                                           \
    } while (0)

fet_status tape_buffer_new(struct fet_tape *t, enum tape_kind kind, int64_t bytes,
                           const struct fet_layout *layout, int *buffer)
{
    GROW(t, buffers, n_buffers, cap_buffers);
    t->buffers[t->n_buffers] = (struct tape_buffer){
        .kind = kind, .bytes = bytes, .first = INT32_MAX, .last = -1, .layout = layout};
    *buffer = t->n_buffers++;
    return FET_OK;
}

fet_status tape_bind(struct fet_tape *t, struct fet_tensor *tensor, int buffer)
{
    GROW(t, bindings, n_bindings, cap_bindings);
    t->bindings[t->n_bindings++] = (struct tape_binding){tensor, buffer};
    return FET_OK;
}

static void use(struct fet_tape *t, int buffer, int step)
{
    if (buffer == TAPE_NONE) return;
    struct tape_buffer *const b = &t->buffers[buffer];
    if (step < b->first) b->first = step;
    if (step > b->last) b->last = step;
}

static int *copy_ints(struct fet_tape *t, const int *from, int n)
{
    int *const copy = tape_alloc(t, n, sizeof *copy);
    if (copy != NULL && n > 0) memcpy(copy, from, (size_t)n * sizeof *copy);
    return copy;
}

fet_status tape_emit(struct fet_tape *t, const struct tape_step *step)
{
    GROW(t, steps, n_steps, cap_steps);
    struct tape_step s = *step;
    s.buffers = copy_ints(t, step->buffers, step->n_buffers);
    s.zeroed = copy_ints(t, step->zeroed, step->n_zeroed);
    if (s.buffers == NULL || s.zeroed == NULL) return FET_FAIL_MEMORY("tape", step->n_buffers);
    for (int i = 0; i < s.n_buffers; i++) use(t, s.buffers[i], t->n_steps);
    for (int i = 0; i < s.n_zeroed; i++) use(t, s.zeroed[i], t->n_steps);
    t->steps[t->n_steps++] = s;
    return FET_OK;
}

/* ---- values ---- */

static int64_t bytes_of(const struct fet_tensor *t, const struct fet_layout *layout)
{
    if (layout != NULL) return tape_layout_bytes(layout);
    int64_t n = (int64_t)fet_dtype_bytes(t->dtype);
    for (int i = 0; i < t->shape.n_dims; i++) n *= t->shape.dims[i];
    return n;
}

fet_status tape_buffer_like(struct fet_tape *t, int value, const struct fet_layout *layout,
                            int *buffer)
{
    return tape_buffer_new(t, TAPE_PLANNED, bytes_of(&t->values[value].t, layout), layout, buffer);
}

fet_status tape_make(struct fet_tape *t, int value, const struct fet_layout *layout, int *buffer)
{
    struct tape_value *const v = &t->values[value];
    FET_TRY(tape_buffer_new(t, TAPE_PLANNED, bytes_of(&v->t, layout), layout, &v->home));
    *buffer = v->home;
    return FET_OK;
}

static fet_status add_variant(struct fet_tape *t, struct tape_value *v, int buffer)
{
    if (v->n_variants == v->cap_variants) {
        int *const grown = tape_alloc(t, v->n_variants + 4, sizeof *grown);
        if (grown == NULL) return FET_FAIL_MEMORY("tape", v->n_variants);
        if (v->n_variants > 0) memcpy(grown, v->variants, (size_t)v->n_variants * sizeof *grown);
        v->variants = grown;
        v->cap_variants = v->n_variants + 4;
    }
    v->variants[v->n_variants++] = buffer;
    return FET_OK;
}

fet_status tape_read(struct fet_tape *t, int value, const struct fet_layout *layout, int *buffer)
{
    struct tape_value *const v = &t->values[value];
    int made = TAPE_NONE;
    if (tape_same_layout(t->buffers[v->home].layout, layout)) {
        *buffer = v->home;
        return FET_OK;
    }
    for (int i = 0; i < v->n_variants; i++) {
        if (!tape_same_layout(t->buffers[v->variants[i]].layout, layout)) continue;
        *buffer = v->variants[i];
        return FET_OK;
    }
    FET_TRY(tape_buffer_new(t, TAPE_PLANNED, bytes_of(&v->t, layout), layout, &made));
    FET_TRY(tape_emit_reorder(t, value, v->home, made));
    FET_TRY(add_variant(t, v, made));
    *buffer = made;
    return FET_OK;
}

void tape_settle(struct fet_tape *t, int value, const struct fet_layout *layout)
{
    struct tape_buffer *const b = &t->buffers[t->values[value].home];
    if (b->kind != TAPE_KEPT || b->layout != NULL || b->last >= 0) return;
    b->layout = layout;
    b->bytes = bytes_of(&t->values[value].t, layout);
    if (t->values[value].gradient == TAPE_NONE) return;
    struct tape_buffer *const d = &t->buffers[t->values[value].gradient];
    d->layout = layout;
    d->bytes = b->bytes;
}

/* Inputs, constants and parameters have a buffer from the beginning. A parameter's gradient too:
 * what arrives there is `added`, see tape_gradient.c. */
static fet_status make_sources(struct fet_tape *t)
{
    const struct fet_graph *const g = t->g;
    for (int i = 0; i < g->n_inputs; i++) {
        struct tape_value *const v = &t->values[g->inputs[i]];
        FET_TRY(tape_buffer_new(t, TAPE_FED, bytes_of(&v->t, NULL), NULL, &v->home));
    }
    for (int n = 0; n < g->n_values; n++) {
        struct tape_value *const v = &t->values[n];
        if (v->is_known) {
            FET_TRY(tape_buffer_new(t, TAPE_KNOWN, bytes_of(&v->t, NULL), NULL, &v->home));
            t->buffers[v->home].data = v->t.data;
        } else if (g->values[n].is_parameter) {
            FET_TRY(tape_buffer_new(t, TAPE_KEPT, bytes_of(&v->t, NULL), NULL, &v->home));
            if (tape_wants(t, n))
                FET_TRY(tape_buffer_new(t, TAPE_KEPT, bytes_of(&v->t, NULL), NULL, &v->gradient));
        }
    }
    return FET_OK;
}

/* ---- units ---- */

/* The node adds to the loss, an output, or what follows a parameter. */
static void mark_live(const struct fet_tape *t, bool *is_live, bool *is_wanted)
{
    const struct fet_graph *const g = t->g;
    is_wanted[t->loss] = true;
    for (int i = 0; i < g->n_outputs; i++) is_wanted[g->outputs[i]] = true;
    for (int n = 0; n < g->n_values; n++)
        if (g->values[n].update != FET_GRAPH_NONE) is_wanted[g->values[n].update] = true;
    for (int k = g->n_nodes - 1; k >= 0; k--) {
        const struct fet_graph_node *const node = &g->nodes[k];
        for (int i = 0; i < node->n_y; i++)
            if (node->y[i] != FET_GRAPH_NONE && is_wanted[node->y[i]]) is_live[k] = true;
        for (int i = 0; is_live[k] && i < node->n_x; i++)
            if (node->x[i] != FET_GRAPH_NONE) is_wanted[node->x[i]] = true;
    }
}

/* Chooses the fastest kernel that takes node k. */
static fet_status unit_forward(struct fet_tape *t, int k, struct tape_unit *unit)
{
    for (int i = 0; !t->options.is_reference && tape_kernels[i] != NULL; i++) {
        *unit = (struct tape_unit){.kernel = tape_kernels[i], .nodes = {k}, .n_nodes = 1};
        if (!unit->kernel->takes(t, k, unit)) continue;
        const fet_status st = unit->kernel->forward(t, unit);
        for (int n = 0; st == FET_OK && n < unit->n_nodes; n++) t->is_done[unit->nodes[n]] = true;
        if (st != FET_UNSUPPORTED) return st;
    }
    *unit = (struct tape_unit){.kernel = &tape_reference, .nodes = {k}, .n_nodes = 1};
    return tape_reference.forward(t, unit);
}

static fet_status forward_all(struct fet_tape *t)
{
    for (int k = 0; k < t->g->n_nodes; k++) {
        if (t->is_done[k]) continue;
        FET_TRY(fet_status_add(t->g->nodes[k].name, unit_forward(t, k, &t->units[t->n_units++])));
    }
    return FET_OK;
}

static fet_status nothing(struct fet_tape *t, const struct tape_step *s)
{
    (void)t;
    (void)s;
    return FET_OK;
}

/* Steps that only use: what the caller reads must live until here. */
static fet_status keep_until_here(struct fet_tape *t, const char *name)
{
    int plain = TAPE_NONE;
    struct tape_step s = {.kernel = "end", .name = name, .value = -1, .run = nothing};
    s.buffers = &plain;
    s.n_buffers = 1;
    FET_TRY(tape_read(t, t->loss, NULL, &plain));
    FET_TRY(tape_emit(t, &s));
    for (int i = 0; i < t->g->n_outputs; i++) {
        FET_TRY(tape_read(t, t->g->outputs[i], NULL, &plain));
        t->outputs[i] = plain;
        FET_TRY(tape_emit(t, &s));
    }
    for (int n = 0; n < t->g->n_values; n++) {
        if (t->g->values[n].update == FET_GRAPH_NONE) continue;
        FET_TRY(tape_read(t, t->g->values[n].update, NULL, &plain));
        FET_TRY(tape_emit(t, &s));
    }
    return FET_OK;
}

static fet_status seed_run(struct fet_tape *t, const struct tape_step *s)
{
    void *const d = t->buffers[s->buffers[0]].data;
    if (t->values[t->loss].t.dtype == FET_F32)
        *(float *)d = (float)t->scale;
    else
        *(double *)d = t->scale;
    return FET_OK;
}

static fet_status backward_all(struct fet_tape *t)
{
    struct tape_value *const loss = &t->values[t->loss];
    FET_TRY(tape_buffer_new(t, TAPE_PLANNED, bytes_of(&loss->t, NULL), NULL, &loss->gradient));
    FET_TRY(tape_emit(t, &(struct tape_step){.kernel = "seed",
                                             .name = "loss",
                                             .value = -1,
                                             .run = seed_run,
                                             .buffers = &loss->gradient,
                                             .n_buffers = 1}));
    for (int i = t->n_units - 1; i >= 0; i--) {
        struct tape_unit *const unit = &t->units[i];
        const char *const name = t->g->nodes[unit->nodes[0]].name;
        FET_TRY(fet_status_add(name, unit->kernel->backward(t, unit)));
    }
    return keep_until_here(t, "end");
}

fet_status tape_build(struct fet_tape *t)
{
    const struct fet_graph *const g = t->g;
    bool *const is_live = tape_alloc(t, g->n_nodes, sizeof *is_live);
    bool *const is_wanted = tape_alloc(t, g->n_values, sizeof *is_wanted);
    t->units = tape_alloc(t, g->n_nodes, sizeof *t->units);
    t->outputs = tape_alloc(t, g->n_outputs, sizeof *t->outputs);
    if (is_live == NULL || is_wanted == NULL || t->units == NULL || t->outputs == NULL)
        return FET_FAIL_MEMORY("tape", g->n_nodes);
    for (int n = 0; n < g->n_values; n++) t->values[n].home = t->values[n].gradient = TAPE_NONE;
    mark_live(t, is_live, is_wanted);
    for (int k = 0; k < g->n_nodes; k++) t->is_done[k] = t->is_done[k] || !is_live[k];
    FET_TRY(make_sources(t));
    FET_TRY(forward_all(t));
    FET_TRY(keep_until_here(t, "end of forward"));
    t->n_forward = t->n_steps;
    return backward_all(t);
}
