/* The same elements in another order, and sums of buffers. */
#include "tape_impl.h"

#include <string.h>

bool tape_same_layout(const struct fet_layout *a, const struct fet_layout *b)
{
    return a == b;
}

static fet_status copy_step(struct fet_tape *t, const struct tape_step *s)
{
    const struct tape_buffer *const from = &t->buffers[s->buffers[0]];
    memcpy(t->buffers[s->buffers[1]].data, from->data, (size_t)from->bytes);
    return FET_OK;
}

fet_status tape_emit_reorder(struct fet_tape *t, int value, int from, int to)
{
    return tape_emit(t, &(struct tape_step){.kernel = "copy",
                                            .name = t->g->values[value].name,
                                            .value = -1,
                                            .run = copy_step,
                                            .buffers = (int[]){from, to},
                                            .n_buffers = 2});
}

static fet_status add_step(struct fet_tape *t, const struct tape_step *s)
{
    const struct tape_buffer *const from = &t->buffers[s->buffers[0]];
    const float *const x = from->data;
    float *const sum = t->buffers[s->buffers[1]].data;
    for (int64_t i = 0; i < from->bytes / 4; i++) sum[i] += x[i];
    return FET_OK;
}

fet_status tape_emit_add(struct fet_tape *t, int value, int from, int to)
{
    return tape_emit(t, &(struct tape_step){.kernel = "add",
                                            .name = t->g->values[value].name,
                                            .value = -1,
                                            .run = add_step,
                                            .buffers = (int[]){from, to},
                                            .n_buffers = 2});
}
