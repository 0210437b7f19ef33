/* What fast kernels of a tape share: blocks as steps, windows, parallel loops. Private to the room.
 */
#ifndef FET_TAPE_FAST_H
#define FET_TAPE_FAST_H

#include "tape_impl.h"

#include "block_training.h"

/* The tape frees it. On failure it is freed here. */
FET_CHECKED fet_status tape_own_block(struct fet_tape *t, struct fet_block *b);
FET_CHECKED fet_status tape_own_layout(struct fet_tape *t, struct fet_layout *l);
/* As buffers name it: NULL = plain. */
const struct fet_layout *tape_layout_of(const struct fet_block *b, enum fet_block_arg arg);
/* For wishes: that of a buffer, as blocks name it; a plain one is made for the value's shape. */
FET_CHECKED fet_status tape_wish(struct fet_tape *t, int value, const struct fet_layout *layout,
                                 const struct fet_layout **wish);

struct tape_arg {
    enum fet_block_arg arg;
    int buffer;
};
/* Emits a run of a block that the tape owns. Scratch memory is added. */
FET_CHECKED fet_status tape_emit_block(struct fet_tape *t, const struct tape_step *like,
                                       struct fet_block *b, const struct tape_arg *args, int n);

/* The node that alone reads a value, if it comes later and is not run yet; or -1. */
int tape_only_reader(const struct fet_tape *t, int value);
bool tape_is_op(const struct fet_tape *t, int node, const char *name);
bool tape_is_f32(const struct fet_tape *t, int value);
bool tape_same_shape(const struct fet_tape *t, int a, int b);
/* The step of a node, to be filled in. */
struct tape_step tape_step_of(const struct fet_tape *t, int node, const char *kernel);

/* Attributes of a node. */
const struct fet_attr_value *tape_attr(const struct fet_graph_node *node, const char *name);
bool tape_attr_is_text(const struct fet_graph_node *node, const char *name, const char *text);

struct tape_window {
    int n;
    int64_t in[FET_BLOCK_MAX_SPATIAL], out[FET_BLOCK_MAX_SPATIAL], kernel[FET_BLOCK_MAX_SPATIAL];
    int64_t stride[FET_BLOCK_MAX_SPATIAL], dilation[FET_BLOCK_MAX_SPATIAL];
    int64_t begin[FET_BLOCK_MAX_SPATIAL], end[FET_BLOCK_MAX_SPATIAL];
};
/* Of conv and the pools; false when blocks do not know it (auto_pad, rounding up). */
bool tape_window_find(const struct fet_tape *t, const struct fet_graph_node *node,
                      const int64_t *kernel, struct tape_window *w);

extern const struct tape_kernel tape_conv, tape_linear, tape_norm, tape_pool, tape_sum, tape_relu,
    tape_clip, tape_layer_norm, tape_attention, tape_eltwise, tape_view, tape_concat, tape_upsample,
    tape_bce;

#endif
