/* Gradients of values that several nodes read: each reader writes or adds its part. Parts arrive in
 * an order that is fixed when the tape is built, so the sum is always rounded the same way. */
#include "tape_impl.h"

fet_status tape_gradient_read(struct fet_tape *t, int value, const struct fet_layout *layout,
                              int *buffer)
{
    const int g = value == FET_GRAPH_NONE ? TAPE_NONE : t->values[value].gradient;
    int made = TAPE_NONE;
    if (g == TAPE_NONE || tape_same_layout(t->buffers[g].layout, layout)) {
        *buffer = g;
        return FET_OK;
    }
    FET_TRY(tape_buffer_like(t, value, layout, &made));
    FET_TRY(tape_emit_reorder(t, value, g, made));
    *buffer = made;
    return FET_OK;
}

static bool is_kept(const struct fet_tape *t, int buffer)
{
    return t->buffers[buffer].kind == TAPE_KEPT;
}

/* Something is in the gradient's buffer already. */
static bool is_held(const struct fet_tape *t, const struct tape_value *v)
{
    return v->n_parts > 0 || (is_kept(t, v->gradient) && t->options.accumulates);
}

fet_status tape_gradient_begin(struct fet_tape *t, int value, const struct fet_layout *layout,
                               bool can_add, struct tape_part *part)
{
    struct tape_value *const v = &t->values[value];
    *part = (struct tape_part){.value = value};
    if (v->gradient == TAPE_NONE) {
        FET_TRY(tape_buffer_like(t, value, layout, &v->gradient));
        part->buffer = v->gradient;
        return FET_OK;
    }
    const bool is_same = tape_same_layout(t->buffers[v->gradient].layout, layout);
    const bool is_there = is_held(t, v);
    if (is_same && !v->is_shared && (can_add || !is_there)) {
        part->buffer = v->gradient;
        part->is_added = is_there;
        return FET_OK;
    }
    return tape_buffer_like(t, value, layout, &part->buffer);
}

fet_status tape_gradient_begin_in_place(struct fet_tape *t, int value, int y, int buffer,
                                        const struct fet_layout *layout, struct tape_part *part)
{
    struct tape_value *const v = &t->values[value];
    const bool is_own = buffer != t->values[y].gradient || !t->values[y].is_shared;
    if (v->gradient != TAPE_NONE || !is_own || is_kept(t, buffer))
        return tape_gradient_begin(t, value, layout, false, part);
    v->gradient = buffer;
    *part = (struct tape_part){.value = value, .buffer = buffer};
    return FET_OK;
}

/* A buffer whose elements lie as those of `like`: itself, or a reordered copy. */
static fet_status match(struct fet_tape *t, int value, int like, int *buffer)
{
    const struct fet_layout *const layout = t->buffers[like].layout;
    int made = TAPE_NONE;
    if (tape_same_layout(t->buffers[*buffer].layout, layout)) return FET_OK;
    FET_TRY(tape_buffer_like(t, value, layout, &made));
    FET_TRY(tape_emit_reorder(t, value, *buffer, made));
    *buffer = made;
    return FET_OK;
}

/* Adds a part that lies in a buffer of its own. */
static fet_status merge(struct fet_tape *t, int value, int buffer, bool is_buffer_shared)
{
    struct tape_value *const v = &t->values[value];
    if (!is_held(t, v)) return tape_emit_reorder(t, value, buffer, v->gradient);
    FET_TRY(match(t, value, v->gradient, &buffer));
    if (!v->is_shared) return tape_emit_add(t, value, buffer, v->gradient);
    int sum = buffer;
    if (is_buffer_shared) {
        FET_TRY(tape_buffer_like(t, value, t->buffers[buffer].layout, &sum));
        FET_TRY(tape_emit_reorder(t, value, buffer, sum));
    }
    FET_TRY(tape_emit_add(t, value, v->gradient, sum));
    v->gradient = sum;
    v->is_shared = false;
    return FET_OK;
}

fet_status tape_gradient_end(struct fet_tape *t, const struct tape_part *part)
{
    struct tape_value *const v = &t->values[part->value];
    if (part->buffer != v->gradient) FET_TRY(merge(t, part->value, part->buffer, false));
    v->n_parts++;
    return FET_OK;
}

fet_status tape_gradient_pass(struct fet_tape *t, int value, int buffer)
{
    struct tape_value *const v = &t->values[value];
    if (v->gradient == TAPE_NONE) {
        v->gradient = buffer;
        v->is_shared = true;
    } else {
        FET_TRY(merge(t, value, buffer, true));
    }
    v->n_parts++;
    return FET_OK;
}
